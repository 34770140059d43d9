"""What separates two options: drivers of their difference, and where each driver tips it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from excomm.brief.figures import Figures
from excomm.brief.values import Values
from excomm.case.model import Option, Parameter
from excomm.engine.wording import number_text

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


def _with_unit(value: float, unit: str) -> str:
    text = number_text(value)
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
    """Varying parameters under some options; one column where they share it, else one an option that sets it."""
    places = [figures.run.options.index(option.id) for option in options]
    columns = []
    for name, values in figures.parameters.items():
        chosen = values[places]
        if name not in figures.case.parameters(options[0]):
            continue
        if np.array_equal(chosen, np.broadcast_to(chosen[:1], chosen.shape)):
            if chosen[0].min() < chosen[0].max():
                columns.append(Column(figures.case.parameter(name, options[0]), None, chosen[0]))
            continue
        for option, draws in zip(options, chosen, strict=True):
            if draws.min() < draws.max():
                columns.append(Column(figures.case.parameter(name, option), option, draws))
    return columns


def _tipping(column: Column, difference: Floats, first: str, second: str) -> str:
    """Where the average difference changes sign as the parameter varies between its 5 and 95 % points."""
    from excomm.analysis.smoothing import basis, default_terms, smooth_one

    order = np.argsort(column.draws, kind="stable")
    draws = column.draws[order]
    columns = basis(column.draws, min(default_terms(len(draws)), 4))
    fitted = smooth_one(columns, difference[None]).fit(difference[None])[0][order]
    low, high = np.quantile(draws, (0.05, 0.95))
    inside = (draws >= low) & (draws <= high)
    draws, fitted = draws[inside], fitted[inside]
    turns = np.flatnonzero(np.sign(fitted[1:]) != np.sign(fitted[:-1]))
    unit = column.parameter.unit
    if len(turns) != 1:
        ahead = first if fitted.mean() > 0 else second
        return (
            f"{ahead} stays ahead on average from end to end"
            if not len(turns)
            else "the lead changes more than once"
        )
    at = int(turns[0])
    value = float((draws[at] + draws[at + 1]) / 2)
    above, below = (first, second) if fitted[-1] > 0 else (second, first)
    return f"above about {_with_unit(value, unit)} {above} is ahead on average, below it {below}"


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
                tipping=_tipping(column, difference, first.name, second.name),
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
