"""Numbers as a reader says them: probability words with their numbers, natural frequencies, honest digits."""

from __future__ import annotations

import math
from collections.abc import Sequence

from excomm.errors import AnalysisError

__all__ = [
    "chance",
    "frequency",
    "interval",
    "joined",
    "likely_that",
    "line_in",
    "natural_base",
    "number",
    "percent",
    "probability_word",
    "upper_first",
]

# Upper ends of the ranges of ICD-203 (Intelligence Community Directive 203, Analytic Standards).
_WORDS = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even"),
    (0.80, "likely"),
    (0.95, "very likely"),
    (1.00, "almost certain"),
)


def probability_word(probability: float) -> str:
    """ICD-203 word of a probability. A range holds its upper end; 0 to 1% counts as "almost no chance"."""
    if not 0 <= probability <= 1:
        raise AnalysisError(f"{probability} is not a probability", expected="a number from 0 to 1")
    return next(word for upper, word in _WORDS if probability <= upper)


def natural_base(probability: float, least: float = 1.0) -> int:
    """100, 1,000 and so on, up to 1,000,000,000: the first of which the probability is `least` or more."""
    base = 100
    while base < 10**9 and round(probability * base, 9) < least:
        base *= 10
    return base


def frequency(probability: float) -> str:
    """A rare event in natural frequencies: 0.0032 is "about 3 in 1,000", 0.0013 "about 1.3 in 1,000"."""
    if probability <= 0:
        return "0 in 1,000,000"
    base = natural_base(probability, 0.95)
    cases = probability * base
    # Rounded to one digit, 1.3 and 1.5 would seem a whole case apart, or the same.
    return f"about {f'{cases:.0f}' if cases >= 2.95 else f'{cases:.1f}'.removesuffix('.0')} in {base:,}"


def line_in(probability: float) -> str:
    """A probability that somebody stated, in natural frequencies and as stated: 0.015 is "1.5 in 100"."""
    base = natural_base(probability)
    return f"{probability * base:.6g} in {base:,}"


def percent(probability: float) -> str:
    """Whole percent where that says enough, natural frequencies below 1%, "more than 99%" above."""
    if probability <= 0:
        return "0%"
    if probability < 0.01:
        return frequency(probability)
    if probability > 0.99:
        return "more than 99%" if probability < 1 else "100%"
    return f"{100 * probability:.0f}%"


def chance(probability: float, draws: int | None = None) -> str:
    """Word and number together: "likely (68%)". With `draws`, 0 and 1 name the draws they rest on."""
    word = probability_word(probability)
    if draws is not None and probability <= 0:
        return f"{word} (in none of {draws:,} draws)"
    if draws is not None and probability >= 1:
        return f"{word} (in all {draws:,} draws)"
    return f"{word} ({percent(probability)})"


def likely_that(probability: float, draws: int | None = None) -> str:
    """The beginning of a sentence: "It is likely (68%) that", "There is almost no chance (2%) that"."""
    told = chance(probability, draws)
    if told.startswith("almost no chance"):
        return f"There is {told} that"
    if told.startswith("roughly even"):
        return f"The chances are {told} that"
    return f"It is {told} that"


def number(value: float, error: float | None = None) -> str:
    """As many digits as the Monte Carlo `error` allows (its leading digit), else three significant ones."""
    if not math.isfinite(value):
        return "not finite"
    if error is not None and math.isfinite(error) and error > 0:
        place = -math.floor(math.log10(error))
    elif value == 0:
        return "0"
    else:
        place = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, place)
    return f"{rounded + 0.0:,.{min(max(place, 0), 12)}f}".replace("-", "−")


def interval(low: float, high: float, unit: str = "", error: float | None = None) -> str:
    """A 90% interval: "3.1 to 4.8 weeks"."""
    text = f"{number(low, error)} to {number(high, error)}"
    return f"{text} {unit}" if unit else text


def upper_first(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def joined(names: Sequence[str]) -> str:
    """A list in a sentence: "a", "a and b", "a, b and c"."""
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
