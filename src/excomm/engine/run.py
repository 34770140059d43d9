"""A run: the outcomes of all options, what they were computed from, and how well.

A run never changes. It is named by its content: case, reports, options, seed, numbers and versions give the id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from excomm.case.model import Case
from excomm.game.reading import OptionReading
from excomm.quantities import OUTCOMES, SERIES

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table

__all__ = ["QUANTILES", "GameReport", "Plausibility", "Run", "summarise_outcomes", "summarise_weekly"]

_FIRST_COLUMN = 32  # width of the names of outcomes in a terminal
_COLUMN = 22  # width of an option there, with its frame: "−12,000 to −10,000" fits
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
Floats = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Plausibility:
    """One published figure beside what the reference option gives. Unit as in the case file."""

    id: str
    text: str
    value: float
    p05: float
    p95: float
    low: float
    high: float
    unit: str
    ok: bool
    source: str


@dataclass(frozen=True)
class GameReport:
    """How the games of all draws and options were solved.

    solved, failed, turned: numbers of games; max_residual: largest among the solved ones [log-odds]. failed_draws:
    numbers of the draws that are left out because a game of theirs is not solved. distinct: games after equal ones are
    taken once. readings: what the games say about each option, from the first draws.
    """

    solved: int
    failed: int
    turned: int
    max_residual: float
    failed_draws: tuple[int, ...] = ()
    distinct: int = 0
    readings: tuple[OptionReading, ...] = ()


@dataclass(frozen=True, repr=False)
class Run:
    """The result of `excomm.assess`.

    outcomes: dataset with dimensions (option, draw) and, for each outcome id, the mean over replicates
    (`<id>`) and the variance between replicates (`<id>__random`).
    summary: dataset (outcome, option) with mean, median, p05, p95 (over draws and replicates for amounts, over
    draws for probabilities), mcse, epistemic_var, random_var, grade.
    differences: dataset (outcome, option), paired with the reference: mean, p05, p95, prob_higher.
    weekly: dataset (option, week, quantile). parameters: dataset (option, draw), one variable a parameter.
    propositions, plausibility, game, timing, warnings: as reported. files: paths of the stored run, if any.
    """

    id: str
    case: Case
    seed: int
    draws: int
    replicates: int
    perspective: str
    outcomes: xr.Dataset
    summary: xr.Dataset
    differences: xr.Dataset
    weekly: xr.Dataset
    parameters: xr.Dataset
    propositions: tuple[Any, ...]
    claims: tuple[Any, ...]
    reports: tuple[Any, ...]
    plausibility: tuple[Plausibility, ...]
    game: GameReport
    timing: Mapping[str, float]
    warnings: tuple[str, ...]
    files: Mapping[str, Path]

    def __repr__(self) -> str:
        return (
            f"<Run {self.id}: {len(self.options)} options, {self.draws} draws x {self.replicates} replicates>"
        )

    @property
    def options(self) -> tuple[str, ...]:
        """Ids of the options, in the order of the case."""
        return tuple(str(name) for name in self.summary["option"].values)

    def table(self) -> Table:
        """The options table for a terminal: headline outcomes with 90 % intervals and grades.

        Each cell holds the mean and the grade above the interval; the unit stands below the name of the outcome.
        """
        return self._part(self.options)

    def _part(self, chosen: Sequence[str]) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table(title=f"{self.case.title}, {self.case.as_of}", title_justify="left")
        table.add_column("Outcome (to the horizon)", width=_FIRST_COLUMN)
        for name in chosen:
            table.add_column(self.case.option(name).name, justify="right", max_width=_COLUMN - 3)
        for label, unit, cells in self._headline(chosen):
            told = [f"{main} {grade}\n{interval}".strip() for main, interval, grade in cells]
            # Texts of a case and units are data: never read as markup.
            table.add_row(*(Text(text) for text in (f"{label}\n  {unit}".rstrip(), *told)))
        grades = "A scored on unseen data, B fitted to analogues, C judgement"
        table.caption = f"Mean and grade ({grades}),\nand the 90% interval below."
        table.caption_justify = "left"
        return table

    def tables(self, width: int) -> tuple[Table, ...]:
        """The options table in as many parts, side by side no more, as a terminal of this width can hold."""
        room = max((width - _FIRST_COLUMN - 4) // _COLUMN, 1)
        parts = -(-len(self.options) // room)
        size = -(-len(self.options) // parts)
        return tuple(self._part(self.options[at : at + size]) for at in range(0, len(self.options), size))

    def _headline(self, options: Sequence[str]) -> Iterator[tuple[str, str, list[tuple[str, str, str]]]]:
        """Rows of the table: label, unit, and for each option mean, interval and grade."""
        from excomm.engine.wording import row_wording

        fields = ("mean", "p05", "p95", "mcse")
        for outcome in OUTCOMES.values():
            if not outcome.headline:
                continue
            row = self.summary.sel(outcome=outcome.id)
            numbers = {
                name: [float(row[field].sel(option=name)) for field in fields] for name in self.options
            }
            wording = row_wording(
                outcome, ((mean, p05, p95, mcse) for mean, p05, p95, mcse in numbers.values())
            )
            cells = []
            for name in options:
                if outcome.paired and self.case.option(name).is_reference:
                    cells.append(("–", "", ""))
                    continue
                spoken = wording.say(*numbers[name][:3])
                cells.append((spoken.main, spoken.interval, str(row["grade"].sel(option=name).item())))
            yield outcome.label, wording.unit, cells

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.tables(options.max_width)

    def _repr_html_(self) -> str:
        from html import escape

        head = "".join(f"<th>{escape(self.case.option(name).name)}</th>" for name in self.options)
        rows = []
        for label, unit, cells in self._headline(self.options):
            shown = "".join(
                f"<td>{escape(f'{main} ({interval})' if interval else main)} <small>{escape(grade)}</small></td>"
                for main, interval, grade in cells
            )
            title = f"{label} [{unit}]" if unit else label
            rows.append(f"<tr><th>{escape(title)}</th>{shown}</tr>")
        return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def summarise_outcomes(
    outcomes: Mapping[str, Floats],
    options: tuple[str, ...],
    grades: Mapping[tuple[str, str], str],
    reference: int,
) -> tuple[xr.Dataset, xr.Dataset, xr.Dataset]:
    """Datasets (per draw, summary, differences) from outcomes of shape (options, draws, replicates)."""
    names = list(outcomes)
    first = outcomes[names[0]]
    number_options, draws, replicates = first.shape
    per_draw: dict[str, Any] = {}
    fields = ("mean", "median", "p05", "p95", "mcse", "epistemic_var", "random_var")
    table = {field: np.empty((len(names), number_options)) for field in fields}
    change = {
        field: np.empty((len(names), number_options)) for field in ("mean", "p05", "p95", "prob_higher")
    }
    for row, name in enumerate(names):
        values = outcomes[name].astype(np.float64)
        mean = values.mean(axis=2)
        if OUTCOMES[name].kind == "probability":
            # Sums of hazards while at risk are unbiased, but in a few replicates can pass one near certainty.
            mean = np.clip(mean, 0.0, 1.0)
        random = values.var(axis=2, ddof=1) if replicates > 1 else np.zeros_like(mean)
        per_draw[name] = (("option", "draw"), mean.astype(np.float32))
        per_draw[f"{name}__random"] = (("option", "draw"), random.astype(np.float32))
        spread = mean.var(axis=1, ddof=1) if draws > 1 else np.zeros(number_options)
        within = random.mean(axis=1)
        # A probability is a property of the draw; an amount differs between replicates too.
        sample = mean if OUTCOMES[name].kind == "probability" else values.reshape(number_options, -1)
        table["mean"][row] = mean.mean(axis=1)
        table["median"][row], table["p05"][row], table["p95"][row] = np.quantile(
            sample, (0.5, 0.05, 0.95), axis=1
        )
        table["mcse"][row] = np.sqrt(spread / draws)
        # Nested analysis of variance: the spread of draw means holds a share of the random variance.
        table["epistemic_var"][row] = np.maximum(spread - within / replicates, 0.0)
        table["random_var"][row] = within
        paired = mean - mean[reference]
        change["mean"][row] = paired.mean(axis=1)
        change["p05"][row], change["p95"][row] = np.quantile(paired, (0.05, 0.95), axis=1)
        ties = (paired == 0).mean(axis=1)
        change["prob_higher"][row] = (paired > 0).mean(axis=1) + 0.5 * ties
    coordinates = {"outcome": names, "option": list(options)}
    graded = np.array([[grades[name, option] for option in options] for name in names])
    summary = xr.Dataset(
        {field: (("outcome", "option"), table[field]) for field in fields}
        | {"grade": (("outcome", "option"), graded)},
        coords=coordinates,
    )
    differences = xr.Dataset(
        {field: (("outcome", "option"), change[field]) for field in change}, coords=coordinates
    )
    dataset = xr.Dataset(per_draw, coords={"option": list(options), "draw": np.arange(draws)})
    return dataset, summary, differences


def summarise_weekly(weekly: Mapping[str, Floats], options: tuple[str, ...]) -> xr.Dataset:
    """Quantiles over draws and replicates of series of shape (weeks, options, draws, replicates)."""
    variables = {}
    for name, series in weekly.items():
        weeks, number_options = series.shape[:2]
        flat = series.reshape(weeks, number_options, -1)
        if name in ("ceasefire", "warning"):  # an indicator: its mean is the share, quantiles say nothing
            values = np.repeat(flat.mean(axis=2)[None], len(QUANTILES), axis=0)
        else:
            values = np.quantile(flat, QUANTILES, axis=2)
        variables[name] = (("option", "week", "quantile"), values.transpose(2, 1, 0).astype(np.float32))
    first = next(iter(weekly.values()))
    return xr.Dataset(
        variables,
        coords={
            "option": list(options),
            "week": np.arange(1, first.shape[0] + 1),
            "quantile": list(QUANTILES),
        },
        attrs={name: SERIES[name].unit for name in variables},
    )
