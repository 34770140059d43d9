"""What decides the matter: parameters, tipping points, regret, and the weights that favour each option.

No option is announced as the best. A preference is stated as the share of draws, or of value weights, that
supports it, for each perspective of the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from excomm.brief.drivers import Pair, columns_of, in_short, separate
from excomm.brief.figures import Figures
from excomm.brief.further import Further, look_further
from excomm.brief.palette import Mark, mark_of
from excomm.brief.words import listed

if TYPE_CHECKING:
    from excomm.analysis.perspectives import PerspectiveView
    from excomm.analysis.values import Values

__all__ = [
    "Deciders",
    "Support",
    "SupportCell",
    "Triangle",
    "Worth",
    "deciders",
    "in_short",
]

Floats = np.ndarray[Any, Any]


@dataclass(frozen=True)
class SupportCell:
    """Support of one option: share of draws in which it comes first, share of all weights and draws, regret."""

    option: str
    name: str
    mark: Mark
    stated: float
    weights: float
    regret: float
    regret_p95: float


@dataclass(frozen=True)
class Support:
    """One perspective's view: support of each option, and which shift of weight would change the lead."""

    actor: str
    perspective: str
    source: str
    weights: tuple[tuple[str, str, float], ...]
    cells: tuple[SupportCell, ...]
    leader: str
    turn: str


@dataclass(frozen=True)
class Triangle:
    """Which option has the highest expected value at each mix of three groups of criteria (rows add up to 1)."""

    corners: tuple[str, str, str]
    mixes: Floats
    leaders: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Worth:
    """What it would be worth to know a parameter: gain in expected value on the 0 to 1 scale."""

    parameter: str
    meaning: str
    proposition: str
    value: float
    low: float
    high: float
    share: float | None


@dataclass(frozen=True)
class Deciders:
    """Everything that the section says."""

    perspective: str
    support: tuple[Support, ...]
    pair: Pair | None
    regions: tuple[tuple[Mark, str], ...]
    triangle: Triangle | None
    worth: tuple[Worth, ...]
    further: Further | None
    paragraph: str


def _turn(view: PerspectiveView) -> str:
    """The smallest shift of weight to one criterion that puts another option ahead in expected value."""
    shifts = [
        (share, rival, criterion)
        for share, rival, criterion in zip(view.turns, view.turns_to, view.criteria, strict=True)
        if share is not None
    ]
    if not shifts:
        return f"No shift of weight to a single outcome takes the highest average value from {view.leader}."
    share, rival, criterion = min(shifts)
    return (
        f"{view.leader} has the highest average value with these weights; {rival} would have it if {share:.0%} of "
        f"the weight moved to {criterion}."
    )


def _supports(figures: Figures, everyone: Sequence[Values]) -> tuple[Support, ...]:
    from excomm.analysis.perspectives import perspective_views
    from excomm.analysis.robustness import robustness
    from excomm.analysis.weights import rank_acceptability

    names = [option.name for option in figures.options]
    ids = list(figures.run.options)
    supports = []
    for values in everyone:
        held = rank_acceptability(values.worth, ids, values.criteria, samples=20_000, seed=figures.run.seed)
        view = perspective_views(
            values.worth, names, [label.lower() for label in values.labels], {values.name: values.weights}
        )[0]
        regret = robustness(values.scores, ids, better="higher").regret
        supports.append(
            Support(
                actor=values.actor,
                perspective=values.name,
                source=values.source,
                weights=tuple(
                    (label, "more is better" if way == "higher" else "less is better", float(weight))
                    for label, way, weight in zip(
                        values.labels, values.directions, values.weights, strict=True
                    )
                ),
                cells=tuple(
                    SupportCell(
                        option=option.id,
                        name=option.name,
                        mark=mark_of(figures.case, option.id),
                        stated=float(view.first[place]),
                        weights=float(held.acceptability[place, 0]),
                        regret=float(regret[place].mean()),
                        regret_p95=float(np.quantile(regret[place], 0.95)),
                    )
                    for place, option in enumerate(figures.options)
                ),
                leader=view.leader,
                turn=_turn(view),
            )
        )
    return tuple(supports)


def _triangle(figures: Figures, values: Values) -> Triangle | None:
    """Groups of the criteria as corners: lives, escalation, and all the rest."""
    from excomm.analysis.answers.weighing import triangle_of

    drawn = triangle_of(figures.study, values)
    if drawn is None:
        return None
    found, rest = drawn
    ids = list(figures.run.options)
    return Triangle(
        corners=found.corners,
        mixes=found.mixes,
        leaders=tuple(ids[int(place)] for place in found.leader),
        sentence=f"{found.sentence} “Everything else” is {rest}.",
    )


def _regions(figures: Figures, values: Values) -> tuple[tuple[Mark, str], ...]:
    from excomm.analysis.weights import weight_regions

    labels = [label.lower() for label in values.labels]
    names = [option.name for option in figures.options]
    found = weight_regions(values.worth, names, labels, samples=10_000, seed=figures.run.seed)
    return tuple(
        (mark_of(figures.case, option.id), region.sentence.replace(" 0 in 1,000,000 ", " under 1 in 10,000 "))
        for option, region in zip(figures.options, found, strict=True)
    )


def _worth(figures: Figures, further: Further | None) -> tuple[Worth, ...]:
    """Value of knowing each parameter that the draws show to be worth anything, best first; then what reports move."""
    if further is None or further.information is None:
        return ()
    columns = {column.key: column for column in columns_of(figures, figures.options)}
    linked = {each.parameter: each for each in figures.case.propositions if each.parameter}
    found = []
    for known in further.information.results["parameters"]:
        column = columns[known.name]
        proposition = linked.get(column.parameter.id)
        if known.value <= 0 and proposition is None:
            continue
        found.append(
            Worth(
                parameter=column.parameter.id,
                meaning=in_short(column.parameter)
                + (f" under {column.option.name}" if column.option is not None else ""),
                proposition=proposition.text if proposition else "",
                value=known.value,
                low=known.low,
                high=known.high,
                share=known.share,
            )
        )
    return tuple(found)


def _ranked(support: Support) -> list[SupportCell]:
    """Cells by how often the option comes first, most often first."""
    return sorted(support.cells, key=lambda cell: (-cell.stated, -cell.weights))


def _elsewhere(others: Sequence[Support]) -> str:
    """Who else puts which option first, and how often."""
    parts = []
    for support in others:
        most = max(cell.stated for cell in support.cells)
        names = [cell.name for cell in support.cells if cell.stated == most]
        parts.append(
            f"{listed(names)} for {support.perspective} ({most:.0%}{' each' if len(names) > 1 else ''})"
        )
    if not parts:
        return ""
    return f" With other stated weights, first most often: {'; '.join(parts)}."


def _paragraph(main: Support, others: Sequence[Support], pair: Pair | None, worth: Sequence[Worth]) -> str:
    first, second = _ranked(main)[:2]
    text = (
        f"With the weights stated for {main.perspective}, {first.name} comes first in {first.stated:.0%} of draws and "
        f"{second.name} in {second.stated:.0%}."
    )
    text += _elsewhere(others)
    if pair and pair.drivers:
        driver = pair.drivers[0]
        text += (
            f" What separates the first two most is {driver.meaning}, {driver.share:.0%} of the variance of their "
            f"difference (90% interval {driver.low:.0%} to {driver.high:.0%}): {driver.tipping}."
        )
    elif pair:
        text += f" {pair.note}"
    text += f" {main.turn}"
    known = pair.drivers[0].parameter if pair and pair.drivers else ""
    if worth and worth[0].low > 0 and worth[0].parameter != known:
        text += f" Worth most to know: {worth[0].proposition or worth[0].meaning}."
    return text


def deciders(figures: Figures) -> Deciders:
    """The section, with the perspective of the run first."""
    from excomm.analysis.values import all_values

    everyone = all_values(figures.study)
    if not everyone:
        return Deciders(
            perspective="",
            support=(),
            pair=None,
            regions=(),
            triangle=None,
            worth=(),
            further=None,
            paragraph="The case states no value weights, or one option alone: the table stands without a weighing.",
        )
    supports = _supports(figures, everyone)
    leading = [figures.case.option(cell.option) for cell in _ranked(supports[0])[:2]]
    pair = separate(figures, everyone[0], leading[0], leading[1])
    further = look_further(figures.study, everyone[0].actor, leading[0].id, leading[1].id)
    worth = _worth(figures, further)
    return Deciders(
        perspective=supports[0].perspective,
        support=supports,
        pair=pair,
        regions=_regions(figures, everyone[0]),
        triangle=_triangle(figures, everyone[0]),
        worth=worth,
        further=further,
        paragraph=_paragraph(supports[0], supports[1:], pair, worth) + further.caution,
    )
