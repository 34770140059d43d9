"""Numbers and sentences as the brief says them: probability words with numbers, natural frequencies, honest digits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from excomm.engine.wording import number_text
from excomm.quantities import Outcome

__all__ = [
    "Spoken",
    "chance",
    "day",
    "frequency_base",
    "listed",
    "plain_unit",
    "share_text",
    "signed",
    "speak",
    "speak_change",
    "upper_first",
]

_UNITS = {
    "km2": "km²",
    "km2/week": "km² a week",
    "people/week": "people a week",
    "weapons/week": "weapons a week",
    "share": "",
    "probability": "",
    "index": "",
    "level": "",
    "rung": "",
    "bn USD": "bn USD",
}


@dataclass(frozen=True)
class Spoken:
    """A number with its 90 % interval, as text: "2,700" and "500 to 4,600", and the unit that both share."""

    main: str
    interval: str
    unit: str

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.main}{unit} ({self.interval})" if self.interval else f"{self.main}{unit}"


def plain_unit(unit: str) -> str:
    """A unit as a reader says it; nothing for shares, probabilities and indices."""
    return _UNITS.get(unit, unit)


def frequency_base(probabilities: Iterable[float]) -> int:
    """Number of cases that a row of rare probabilities is counted in: 100, 1,000 … 1,000,000.

    The smallest that brings the middle one of the positive probabilities to about one case.
    """
    positive = sorted(value for value in probabilities if value > 0 and math.isfinite(value))
    middle = positive[(len(positive) - 1) // 2] if positive else 1.0
    for base in (100, 1_000, 10_000, 100_000):
        if middle * base >= 0.95:
            return base
    return 1_000_000


def _count(amount: float, error: float) -> str:
    """Cases out of the base: one decimal below ten, unless the Monte Carlo error is too large for it."""
    if amount < 0.05:
        return "<0.1" if amount > 0 else "0"
    digits = 1 if amount < 9.5 and error < 0.5 else 0
    return f"{amount:,.{digits}f}".removesuffix(".0")


def speak(
    outcome: Outcome, mean: float, p05: float, p95: float, *, error: float = 0.0, base: int = 100
) -> Spoken:
    """An outcome as text. `base`: cases that a rare probability is counted in; `error`: Monte Carlo error."""
    flat = p05 == mean == p95
    if outcome.kind == "probability" and outcome.rare:
        main, low, high = (_count(value * base, error * base) for value in (mean, p05, p95))
        return Spoken(main, "" if flat else f"{low} to {high}", f"in {base:,}")
    if outcome.kind in ("probability", "share"):
        digits = 1 if outcome.kind == "share" and 0 < max(abs(mean), abs(p95)) < 0.1 else 0
        texts = [f"{100 * value:.{digits}f}" for value in (mean, p05, p95)]
        return Spoken(f"{texts[0]}%", "" if flat else f"{texts[1]} to {texts[2]}%", "")
    spread = max(abs(p95 - p05) / 20, error) or None
    main, low, high = (number_text(value, spread) for value in (mean, p05, p95))
    return Spoken(main, "" if flat else f"{low} to {high}", plain_unit(outcome.unit))


def signed(text: str) -> str:
    """A number text with a plus sign where it is positive."""
    return text if text.startswith(("−", "+", "<")) or not text.strip("0.,%") else f"+{text}"


def speak_change(outcome: Outcome, mean: float, p05: float, p95: float, *, base: int = 100) -> Spoken:
    """A difference as text, with signs; probabilities in points, rare ones in cases."""
    unit, factor = plain_unit(outcome.unit), 1.0
    if outcome.kind == "probability" and outcome.rare:
        unit, factor = f"in {base:,}", float(base)
    elif outcome.kind in ("probability", "share"):
        unit, factor = "points", 100.0
    spread = abs(p95 - p05) * factor / 8 or None
    main, low, high = (signed(number_text(value * factor, spread)) for value in (mean, p05, p95))
    return Spoken(main, "" if p05 == p95 else f"{low} to {high}", unit)


def share_text(share: float) -> str:
    """A share of histories or draws as whole percent; "under 1%" where it is not nil but rounds to nothing."""
    if 0 < share < 0.005:
        return "under 1%"
    if 0.995 < share < 1:
        return "over 99%"
    return f"{share:.0%}"


def chance(probability: float) -> str:
    """Word and number together: "likely (68%)"."""
    from excomm.analysis.wording import chance as worded

    return worded(min(max(probability, 0.0), 1.0))


def listed(names: Sequence[str]) -> str:
    """A list in a sentence: "a", "a and b", "a, b and c"."""
    return "".join(names) if len(names) < 2 else f"{', '.join(names[:-1])} and {names[-1]}"


def day(moment: date) -> str:
    """A date as a reader says it: 15 December 2024."""
    return f"{moment.day} {moment:%B %Y}"


def upper_first(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
