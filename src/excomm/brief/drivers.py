"""What separates two options: drivers of their difference, and where each driver tips it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from excomm.brief.figures import Figures
from excomm.case.model import Option, Parameter
from excomm.engine.wording import number_text

if TYPE_CHECKING:
    from excomm.analysis.values import Values

__all__ = ["Column", "Driver", "Pair", "columns_of", "in_short", "separate"]

Floats = np.ndarray[Any, Any]
_LEADING = 8
_MARK_UNITS = {"share", "ratio", "probability", "logit", "index"}


@dataclass(frozen=True)
class Driver:
    """A parameter that separates two options: share of the variance of their difference, with 90 % interval."""

    parameter: str
    meaning: str
    under: str
    share: float
    low: float
    high: float
    favours: str
    tipping: str
    prior: str
    source: str
    grade: str


@dataclass(frozen=True)
class Pair:
    """The two options that come first most often in one perspective, and what separates them."""

    first: Option
    second: Option
    drivers: tuple[Driver, ...]
    note: str


def in_short(parameter: Parameter) -> str:
    """A parameter for use within a sentence: its id as words, and what it means."""
    text = parameter.meaning.split(";")[0].split(": ")[0].split(" (")[0].strip().rstrip(".")
    meaning = text if text[1:2].isupper() or not text else text[0].lower() + text[1:]
    room, _, rest = parameter.id.partition(".")
    name = f"{room}: {rest.replace('.', ' ').replace('_', ' ')}"
    return f"“{name}” ({meaning})" if meaning else f"“{name}”"


def _with_unit(value: float, unit: str, spread: float | None = None) -> str:
    text = number_text(value, spread)
    return text if unit in _MARK_UNITS else f"{text} {unit}"


@dataclass(frozen=True)
class Column:
    """Draws of a parameter; `option`: whose patch it is where the options differ."""

    parameter: Parameter
    option: Option | None
    draws: Floats

    @property
    def key(self) -> str:
        """Name that tells columns of the same parameter apart."""
        return self.parameter.id if self.option is None else f"{self.parameter.id}@{self.option.id}"


def columns_of(figures: Figures, options: Sequence[Option]) -> list[Column]:
    """Varying parameters under some options; one column for each that tells more than the others."""
    known = {option.id: option for option in options}
    return [
        Column(
            figures.case.parameter(each.stated.id, known[each.option] if each.option else options[0]),
            known[each.option] if each.option else None,
            each.draws,
        )
        for each in figures.study.columns([option.id for option in options])
    ]


def _tipping(column: Column, difference: Floats, first: str, second: str, seed: int) -> str:
    """Where the average difference changes sign, with its 90 % interval; or that it does not."""
    from excomm.analysis.tipping import tipping_points
    from excomm.errors import AnalysisError

    try:
        (point,) = tipping_points(column.draws[:, None], difference, [column.key], seed=seed)
    except AnalysisError as error:
        return f"where it tips cannot be told: {error.message}"
    if point.value is None:
        ahead = first if difference.mean() > 0 else second
        return f"no value within the draws reliably turns the lead; on average {ahead} is ahead"
    unit, spread = column.parameter.unit, None
    above, below = (first, second) if point.direction == "above" else (second, first)
    if point.low is None and point.high is None:
        ends = "the draws do not bound it"
    elif point.low is None:
        ends = f"90% interval up to {number_text(point.high or 0.0)}"
    elif point.high is None:
        ends = f"90% interval from {number_text(point.low)}"
    else:
        spread = abs(point.high - point.low) / 2 or None
        ends = f"90% interval {number_text(point.low, spread)} to {number_text(point.high, spread)}"
    again = "; it turns more than once" if point.others else ""
    value = _with_unit(point.value, unit, spread)
    return f"above about {value} ({ends}) {above} is ahead on average, below it {below}{again}"


def separate(figures: Figures, values: Values, first: Option, second: Option) -> Pair:
    """What separates two options in the eyes of a perspective, from the draws of the run."""
    from excomm.analysis.given_data import first_order
    from excomm.errors import AnalysisError

    places = [figures.run.options.index(option.id) for option in (first, second)]
    difference = values.scores[places[0]] - values.scores[places[1]]
    if np.ptp(difference) <= 1e-12:
        return Pair(first, second, (), "These two options have the same value in every draw.")
    columns = columns_of(figures, (first, second))
    if not columns:
        return Pair(first, second, (), "No parameter varies under these options.")
    inputs = np.column_stack([column.draws for column in columns])
    try:
        shares = first_order(inputs, difference, [column.key for column in columns])
    except AnalysisError as error:
        return Pair(first, second, (), f"{error.message}; run more draws to see what separates them.")
    limit = 0.05 / len(columns)
    drivers = []
    for place in shares.order[:_LEADING]:
        if shares.p_value[place] > limit or shares.low[place] <= 0:
            continue
        column = columns[place]
        drivers.append(
            Driver(
                parameter=column.parameter.id,
                meaning=in_short(column.parameter),
                under="" if column.option is None else column.option.name,
                share=float(shares.share[place]),
                low=float(shares.low[place]),
                high=float(shares.high[place]),
                favours=first.name if shares.direction[place] > 0 else second.name,
                tipping=_tipping(column, difference, first.name, second.name, figures.run.seed),
                prior=column.parameter.text,
                source=column.parameter.source,
                grade=column.parameter.grade,
            )
        )
    note = (
        f"Share of the variance of the difference in value between {first.name} and {second.name} that would go "
        f"if the parameter were known; first order, {figures.run.draws:,} draws, {len(columns)} parameters tried."
    )
    if not drivers:
        note = (
            f"No single parameter explains more of the difference between {first.name} and {second.name} than "
            f"chance alone would in {figures.run.draws:,} draws."
        )
    return Pair(first, second, tuple(drivers), note)
