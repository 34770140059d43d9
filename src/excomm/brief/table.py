"""The options table: options as columns, outcomes as rows, every cell with its interval, strip and grade."""

from __future__ import annotations

from dataclasses import dataclass

from excomm.brief.figures import Figures
from excomm.brief.palette import Mark, mark_of
from excomm.brief.strips import Scale, Strip, linear_scale, log_scale, with_distribution
from excomm.case.model import Option
from excomm.engine.wording import RowWording, Spoken, frequency_base, row_wording
from excomm.quantities import GROUPS, OUTCOMES, Outcome

__all__ = ["Cell", "Column", "Group", "OptionsTable", "Row", "base_of", "options_table", "say", "say_change"]

_GRADES = {"A": "scored on data it has not seen", "B": "fitted to analogues", "C": "judgement"}


@dataclass(frozen=True)
class Column:
    """Head of a column: the option with its mark."""

    id: str
    name: str
    mark: Mark
    is_reference: bool


@dataclass(frozen=True)
class Cell:
    """One outcome under one option. `change` is the paired difference from the reference, None for itself.

    higher: in how many of the draws the option has more of the outcome than the reference.
    """

    option: str
    mark: Mark
    text: Spoken
    grade: str
    grade_meaning: str
    strip: Strip | None
    change: Spoken | None
    higher: str


@dataclass(frozen=True)
class Row:
    """One outcome; `scale_text` says where the strip begins and ends."""

    id: str
    label: str
    unit: str
    definition: str
    scale_text: str
    is_headline: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Group:
    """Rows that belong together."""

    id: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class OptionsTable:
    """All outcomes; `headline` holds those that stand on the first screen."""

    columns: tuple[Column, ...]
    headline: tuple[Group, ...]
    groups: tuple[Group, ...]
    reference: str


def base_of(figures: Figures, outcome: Outcome) -> int:
    """Number of cases in which a row of a rare outcome counts."""
    return frequency_base(figures.cell(outcome.id, option).mean for option in figures.options)


def _wording(figures: Figures, outcome: Outcome) -> RowWording:
    cells = (figures.cell(outcome.id, option) for option in figures.options)
    return row_wording(outcome, ((cell.mean, cell.p05, cell.p95, cell.mcse) for cell in cells))


def _wording_of_changes(figures: Figures, outcome: Outcome) -> RowWording:
    changes = (figures.change(outcome.id, option) for option in figures.others)
    return row_wording(
        outcome,
        ((change.mean, change.p05, change.p95, 0.0) for change in changes),
        base=base_of(figures, outcome),
        changes=True,
    )


def say(figures: Figures, outcome_id: str, option: Option) -> Spoken:
    """An outcome under an option, as text, as in its row of the table."""
    cell = figures.cell(outcome_id, option)
    return _wording(figures, OUTCOMES[outcome_id]).say(cell.mean, cell.p05, cell.p95)


def say_change(figures: Figures, outcome_id: str, option: Option) -> Spoken:
    """The difference from the reference, as text, as in its row of the table."""
    change = figures.change(outcome_id, option)
    return _wording_of_changes(figures, OUTCOMES[outcome_id]).say_change(change.mean, change.p05, change.p95)


def _scale(figures: Figures, outcome: Outcome) -> Scale:
    cells = [figures.cell(outcome.id, option) for option in figures.options]
    means = [cell.mean for cell in cells]
    ends = [end for cell in cells for end in (cell.p05, cell.p95)]
    if outcome.kind == "probability" and outcome.rare:
        # Lower ends may be as good as nil: the scale reaches at most a decade or so below the smallest mean.
        floor = max(1e-6, min((value for value in means if value > 0), default=1e-4) / 20)
        return log_scale([*means, *(end for end in ends if end >= floor)])
    whole = outcome.kind == "probability" or outcome.unit == "probability"
    return linear_scale([*means, *ends], whole=whole)


def _scale_text(outcome: Outcome, scale: Scale) -> str:
    if scale.is_log:
        ends = [f"1 in {round(1 / end):,}" if end < 1 else "certain" for end in (scale.low, scale.high)]
        return f"{ends[0]} to {ends[1]}, log scale"
    if outcome.kind in ("probability", "share"):
        return f"{scale.low:.0%} to {scale.high:.0%}"
    low, high = (f"{end:,.10g}".replace("-", "−") for end in (scale.low, scale.high))
    return f"{low} to {high}"


def _higher(prob_higher: float, draws: int) -> str:
    count = prob_higher * draws
    if count <= 0:
        return f"higher in none of {draws:,} draws"
    if count >= draws:
        return f"higher in all {draws:,} draws"
    return f"higher in {min(max(prob_higher, 0.01), 0.99):.0%} of draws"


def _row(figures: Figures, outcome: Outcome) -> Row:
    scale = _scale(figures, outcome)
    reference = figures.cell(outcome.id, figures.reference)
    wording, wording_of_changes = _wording(figures, outcome), _wording_of_changes(figures, outcome)
    cells = []
    draws = figures.draws(outcome.id)
    histories = figures.noise(outcome.id) * (figures.run.replicates if outcome.kind != "probability" else 0.0)
    for place, option in enumerate(figures.options):
        cell = figures.cell(outcome.id, option)
        change = figures.change(outcome.id, option)
        is_reference = option.id == figures.reference.id
        undefined = outcome.paired and is_reference
        cells.append(
            Cell(
                option=option.id,
                mark=mark_of(figures.case, option.id),
                text=Spoken("–", "", "") if undefined else wording.say(cell.mean, cell.p05, cell.p95),
                grade="" if undefined else cell.grade,
                grade_meaning=_GRADES.get(cell.grade, ""),
                strip=None
                if undefined
                else with_distribution(
                    scale.strip(
                        cell.mean,
                        cell.p05,
                        cell.p95,
                        None if is_reference or outcome.paired else reference.mean,
                    ),
                    scale,
                    draws[place],
                    histories[place],
                ),
                change=None
                if is_reference or outcome.paired
                else wording_of_changes.say_change(change.mean, change.p05, change.p95),
                higher="" if change.is_nil else _higher(change.prob_higher, figures.run.draws),
            )
        )
    return Row(
        id=outcome.id,
        label=outcome.label,
        unit=wording.unit,
        definition=outcome.definition,
        scale_text=_scale_text(outcome, scale),
        is_headline=outcome.headline,
        cells=tuple(cells),
    )


def options_table(figures: Figures) -> OptionsTable:
    """The whole table and its headline rows."""
    groups = tuple(
        Group(
            id=group,
            title=title,
            rows=tuple(
                _row(figures, outcome)
                for outcome in OUTCOMES.values()
                if outcome.group == group and figures.has(outcome.id)
            ),
        )
        for group, title in GROUPS.items()
    )
    headline = tuple(
        Group(group.id, group.title, tuple(row for row in group.rows if row.is_headline)) for group in groups
    )
    return OptionsTable(
        columns=tuple(
            Column(
                option.id, option.name, mark_of(figures.case, option.id), option.id == figures.reference.id
            )
            for option in figures.options
        ),
        headline=tuple(group for group in headline if group.rows),
        groups=tuple(group for group in groups if group.rows),
        reference=figures.reference.name,
    )
