"""Units of parameters and their conversions.

A unit is a numerator and any number of denominators, each one an entry of the table, with a scale word
before it where wanted: `troops`, `thousand troops`, `bn USD/week`, `GW/hit`, `1/week`.
`per` may stand for the slash, and `per cent` or `%` for a hundredth of a share or of a probability.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from excomm.errors import CaseError
from excomm.units import (
    DAYS_PER_WEEK,
    WEEKS_PER_MONTH,
    WEEKS_PER_YEAR,
    hazard_from_probability,
    probability_from_hazard,
)

__all__ = ["SCALES", "TABLE", "Conversion", "Unit", "conversion", "convert", "nearest_unit", "parse_unit"]

SCALES = {"thousand": 1e3, "million": 1e6, "bn": 1e9, "billion": 1e9}

_SPANS = {"day": 1.0 / DAYS_PER_WEEK, "week": 1.0, "month": WEEKS_PER_MONTH, "year": WEEKS_PER_YEAR}
_COUNTED = (
    "troops soldier soldiers|deaths death|wounded|casualties casualty|people person persons|missiles missile"
    "|drones drone|interceptors interceptor|hits hit|leakers leaker|incidents incident"
    "|encounters encounter|attacks attack"
    "|strikes strike|warnings warning|weapons weapon|aircraft|vehicles vehicle|brigades brigade"
    "|batteries battery|states state|members member|rounds round|sorties sortie"
    "|exchanges exchange|volleys volley|shells shell"
    "|talks|rung rungs|epochs epoch|levels level"
)
_COUNTED_FIRST = frozenset(group.split()[0] for group in _COUNTED.split("|"))
_PLAIN = "share probability ratio utility index logit nat log-odds point rank"


def _table() -> dict[str, tuple[str, float]]:
    """Name -> (dimension, size in the dimension's first unit)."""
    table: dict[str, tuple[str, float]] = {}
    for group in _COUNTED.split("|"):
        first, *others = group.split()
        table |= dict.fromkeys([first, *others], (first, 1.0))
    table |= {name: (name, 1.0) for name in _PLAIN.split()}
    for name, weeks in _SPANS.items():
        table |= {name: ("time", weeks), f"{name}s": ("time", weeks)}
    table |= {"km2": ("area", 1.0), "ha": ("area", 0.01), "km": ("length", 1.0), "m": ("length", 0.001)}
    table |= {"GW": ("power", 1.0), "MW": ("power", 1e-3), "kW": ("power", 1e-6)}
    table |= {
        "GWh": ("energy", 1.0),
        "MWh": ("energy", 1e-3),
        "TWh": ("energy", 1e3),
        "t": ("mass", 1.0),
        "kt": ("yield", 1.0),
    }
    table |= {
        "USD": ("USD", 1.0),
        "EUR": ("EUR", 1.0),
        "percent": ("fraction", 0.01),
        "1": ("", 1.0),
        "1,000": ("", 1e3),
        "1000": ("", 1e3),
    }
    return table


TABLE = _table()


@dataclass(frozen=True)
class Unit:
    """A unit: as written, its size in first units of its dimensions, and the dimensions with their powers."""

    text: str
    size: float
    dimensions: tuple[tuple[str, int], ...]

    @property
    def is_fraction(self) -> bool:
        """Whether its values lie between 0 and 1: a share, or a probability (also one per span of time)."""
        powers = dict(self.dimensions)
        powers.pop("time", None) if "probability" in powers else None
        return powers in ({"share": 1}, {"probability": 1})

    @property
    def is_percent(self) -> bool:
        """Whether its values are hundredths."""
        return "per cent" in self.text

    @property
    def is_plain(self) -> bool:
        """Whether a bare number can only be meant in this unit (a share, a ratio, an index, a logit …)."""
        return (
            len(self.dimensions) == 1
            and self.dimensions[0][0] in _PLAIN.split()
            and self.dimensions[0][1] == 1
        )

    @property
    def is_count(self) -> bool:
        """Whether its values are numbers of things or people, one by one: `troops`, not `thousand troops`."""
        return self.size == 1.0 and self.dimensions in {((name, 1),) for name in _COUNTED_FIRST}

    @property
    def weeks(self) -> float | None:
        """Span [weeks] of a probability or a rate per span of time; None for any other unit."""
        powers = dict(self.dimensions)
        if powers in ({"probability": 1, "time": -1}, {"time": -1}):
            return 1.0 / self.size
        return None


@dataclass(frozen=True)
class Conversion:
    """From one unit to another; `factor` where that is a plain multiplication, else None."""

    source: Unit
    target: Unit
    factor: float | None
    apply: Callable[[float], float]


@cache
def parse_unit(text: str) -> Unit:
    """Read a unit; `CaseError` that names the close ones where it is unknown."""
    size, powers = 1.0, dict[str, int]()
    for place, part in enumerate(_normalise(text).split("/")):
        sign = 1 if place == 0 else -1
        *scales, name = part.split() or ["1" if place == 0 else ""]
        # "bn USD" is one name of two words; "GW hit" is not a unit.
        if not text.strip() or name not in TABLE or not all(scale in SCALES for scale in scales):
            raise _unknown(text, part)
        dimension, factor = TABLE[name]
        for scale in scales:
            factor *= SCALES[scale]
        size *= factor**sign
        if dimension:
            powers[dimension] = powers.get(dimension, 0) + sign
    dimensions = tuple(sorted((name, power) for name, power in powers.items() if power))
    return Unit(_display(text), size, dimensions)


def _normalise(text: str) -> str:
    tidy = re.sub(r"\s+", " ", text.strip()).replace("km²", "km2").replace("km^2", "km2")
    tidy = re.sub(r"per ?cent\b|%", "percent", tidy)
    tidy = re.sub(r"(^|\s)per ", "/", tidy)
    return re.sub(r"\s*/\s*", "/", tidy)


def _display(text: str) -> str:
    tidy = _normalise(text).replace("percent", "per cent")
    return f"1{tidy}" if tidy.startswith("/") else tidy


def _unknown(text: str, part: str) -> CaseError:
    meant = nearest_unit(text)
    return CaseError(
        f'"{text.strip()}" is not a unit that ExComm knows.',
        expected=f"a unit such as {meant or 'troops, km2, share, probability, weeks, GW, USD'}, with / for per",
        next_step=f'Write {meant} in place of "{text.strip()}".'
        if meant
        else f'Write a unit in place of "{part or text.strip()}"; the reference of parameters lists them.',
    )


# What people write for a unit of the table.
_SAID = {
    "dollars": "USD", "dollar": "USD", "$": "USD", "euros": "EUR", "euro": "EUR", "€": "EUR",
    "men": "troops", "personnel": "troops", "fighters": "troops", "tanks": "vehicles", "tank": "vehicles",
    "planes": "aircraft", "plane": "aircraft", "jets": "aircraft", "dead": "deaths", "killed": "deaths",
    "fatalities": "deaths", "civilians": "people", "refugees": "people", "rockets": "missiles", "rocket": "missiles",
    "sqkm": "km2", "kilometres": "km", "kilometers": "km", "hectares": "ha", "tons": "t", "tonnes": "t",
    "pct": "per cent", "percentage": "per cent", "annum": "year", "yr": "year", "wk": "week",
}  # fmt: skip
_SCALE_SAID = {
    "thousands": "thousand", "k": "thousand", "millions": "million", "mn": "million", "m": "million", "billions": "bn"
}  # fmt: skip


def nearest_unit(text: str) -> str | None:
    """The unit that an unknown one probably stands for; None where nothing is close enough to be worth saying."""
    tidy = re.sub(r"(?i)\bsq(?:uare)?\.? ?(?:km|kilomet(?:re|er)s?)\b", "km2", _normalise(text))
    tidy = re.sub(r"(?i)\bof\s+", "", tidy)
    parts = []
    for part in tidy.split("/"):
        *scales, name = part.split() or [""]
        scales = [_SCALE_SAID.get(scale.lower(), scale.lower()) for scale in scales]
        meant = name if name in TABLE else _SAID.get(name.lower()) or _spelt_nearly(name)
        if not scales and (name.lower() in SCALES or name.lower() in _SCALE_SAID) and name not in TABLE:
            scales, meant = [_SCALE_SAID.get(name.lower(), name.lower())], "troops"
        if meant is None or not all(scale in SCALES for scale in scales):
            return None
        parts.append(" ".join([*scales, meant]))
    return "/".join(parts).replace("percent", "per cent")


def _spelt_nearly(name: str) -> str | None:
    folded = {known.lower(): known for known in TABLE if known not in ("1", "1,000", "1000")}
    # Below 0.75 words of another meaning come in: tanks for talks, men for month.
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.75)
    return folded[close[0]] if close else None


@cache
def conversion(source: str, target: str) -> Conversion:
    """How values in `source` become values in `target`; `CaseError` where they cannot.

    Counts, areas, money, power, time and shares are multiplied. A probability per span compounds over another
    span, 1 - (1 - p)^n, and a rate gives the probability of at least one event, 1 - exp(-rate).
    """
    given, wanted = parse_unit(source), parse_unit(target)
    if dict(given.dimensions).get("fraction") == 1:
        given = _take_fraction(given, wanted)
    elif dict(wanted.dimensions).get("fraction") == 1:
        wanted = _take_fraction(wanted, given)
    if given.dimensions == wanted.dimensions:
        powers = dict(given.dimensions)
        same_span = abs(given.size / wanted.size - 1.0) < 1e-12
        if powers == {"probability": 1, "time": -1} and not same_span:
            return _compounding(given, wanted)
        factor = given.size * _hundredth(given) / (wanted.size * _hundredth(wanted))
        factor = 1.0 if abs(factor - 1.0) < 1e-15 else factor
        return Conversion(given, wanted, factor, lambda value: value * factor)
    pair = (dict(given.dimensions), dict(wanted.dimensions))
    rate, chance = {"time": -1}, {"probability": 1, "time": -1}
    if pair in ((rate, chance), (chance, rate)):
        return _compounding(given, wanted)
    raise _inconvertible(given, wanted)


def convert(value: float, source: str, target: str) -> float:
    """`value` [source] in the unit `target`."""
    return conversion(source, target).apply(value)


def _take_fraction(given: Unit, wanted: Unit) -> Unit:
    """Per cent of what the other unit is a fraction of: a share or a probability."""
    kinds = [name for name, power in wanted.dimensions if name in ("share", "probability") and power == 1]
    if not kinds:
        return given
    powers = {kinds[0] if name == "fraction" else name: power for name, power in given.dimensions}
    size = given.size
    if kinds[0] == "probability" and "time" in powers:
        # The hundredth belongs to the value, not to the span: kept apart so that `weeks` stays right.
        size = given.size / 0.01
        return _PerCent(given.text, size, tuple(sorted(powers.items())))
    return Unit(given.text, size, tuple(sorted(powers.items())))


class _PerCent(Unit):
    """A probability per span whose values are stated in hundredths."""


def _hundredth(unit: Unit) -> float:
    return 0.01 if isinstance(unit, _PerCent) else 1.0


def _compounding(given: Unit, wanted: Unit) -> Conversion:
    weeks, span = given.weeks, wanted.weeks
    if weeks is None or span is None:
        raise _inconvertible(given, wanted)
    from_chance, to_chance = (
        any(name == "probability" for name, _ in unit.dimensions) for unit in (given, wanted)
    )

    def apply(value: float) -> float:
        value = value * _hundredth(given)
        if not from_chance:
            hazard = value / weeks
        elif value == 1.0 and to_chance:
            return 1.0 / _hundredth(wanted)
        elif not 0.0 <= value < 1.0:
            raise CaseError(
                f"{value:g} is not a probability that has a rate.",
                expected="a probability between 0 and 1",
                next_step=f"Check the number before {given.text}.",
            )
        else:
            hazard = hazard_from_probability(value, weeks)
        if hazard < 0.0:
            raise CaseError(
                f"{value:g} {given.text} is not a rate.",
                expected="a rate of at least 0",
                next_step="Drop the sign.",
            )
        return (probability_from_hazard(hazard, span) if to_chance else hazard * span) / _hundredth(wanted)

    return Conversion(given, wanted, None, apply)


def _inconvertible(given: Unit, wanted: Unit) -> CaseError:
    powers = dict(given.dimensions)
    reason = ""
    if "EUR" in powers or "EUR" in dict(wanted.dimensions):
        reason = (
            " An exchange rate is a choice of its own: convert the figure and name the rate in the source."
        )
    elif "fraction" in powers:
        reason = " Per cent is read as a share or a probability only; say which number is meant."
    close = [text for text in _close_spans(wanted) if text != wanted.text]
    also = f" (or {', '.join(close)}, which convert)" if close else ""
    return CaseError(
        f"{given.text} does not convert to {wanted.text}.",
        expected=f"{wanted.text}{also}",
        next_step=f"State the number in {wanted.text}.{reason}",
    )


def _close_spans(wanted: Unit) -> list[str]:
    head, _, tail = wanted.text.rpartition("/")
    if tail in _SPANS:
        return [f"{head}/{span}" for span in _SPANS if span != tail][:3]
    if wanted.text in ("share", "probability"):
        return ["per cent"]
    if wanted.text == "troops":
        return ["thousand troops", "million troops"]
    if wanted.text == "bn USD":
        return ["million USD"]
    return []
