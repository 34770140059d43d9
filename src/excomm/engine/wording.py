"""Numbers as people read them: as many digits as they deserve, rare events in natural frequencies.

One rule for one row: all numbers of an outcome that stand side by side are counted in the same cases and end at the
same digit. `row_wording` makes the rule; brief, terminal, explanation and explorer follow it (`words.js` repeats it).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from excomm.quantities import Outcome

__all__ = [
    "RowWording",
    "Spoken",
    "frequency_base",
    "from_to",
    "number_text",
    "plain_unit",
    "row_wording",
    "signed",
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
}

_ONE = {
    "weeks": "week",
    "people": "person",
    "members": "member",
    "weapons": "weapon",
    "warnings": "warning",
    "interceptors": "interceptor",
}


def number_text(value: float, spread: float | None = None) -> str:
    """A number with two or three significant digits, or as many as its `spread` allows; 12,300 and 0.034."""
    if value is None or math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    scale = abs(spread) if spread else abs(value) / 10
    exponent = math.floor(math.log10(max(scale, abs(value) * 1e-3, 1e-300)))
    digits = max(-exponent, 0)
    rounded = round(value, -exponent)
    if rounded == 0:
        return "0"
    text = f"{rounded:,.{min(digits, 12)}f}"
    return text.replace("-", "−")


def plain_unit(unit: str) -> str:
    """A unit as a reader says it; nothing for shares, probabilities and indices."""
    return _UNITS.get(unit, unit)


def signed(text: str) -> str:
    """A number text with a plus sign where it is positive."""
    return text if text.startswith(("−", "+", "<")) or not text.strip("0.,%") else f"+{text}"


@dataclass(frozen=True)
class Spoken:
    """A number with its 90 % interval, as text: "2,700" and "500 to 4,600", and the unit that both share."""

    main: str
    interval: str
    unit: str

    @property
    def amount(self) -> str:
        """The number with its unit: "2,700 people", "+1 week"."""
        unit = _ONE.get(self.unit, self.unit) if self.main.lstrip("+−<") == "1" else self.unit
        return f"{self.main} {unit}".rstrip()

    def __str__(self) -> str:
        return f"{self.amount} ({self.interval})" if self.interval else self.amount


def frequency_base(probabilities: Iterable[float]) -> int:
    """Number of cases that a row of rare probabilities is counted in: 100, 1,000 … 1,000,000.

    The smallest that brings the middle one of the positive probabilities to about one case.
    """
    positive = [value for value in probabilities if value > 0 and math.isfinite(value)]
    middle = _middle(positive) if positive else 1.0
    for base in (100, 1_000, 10_000, 100_000):
        if middle * base >= 0.95:
            return base
    return 1_000_000


@dataclass(frozen=True)
class RowWording:
    """How the numbers of one row are written.

    factor: by which a value is multiplied (cases, percent, points); unit: what all cells share; sign: what follows each
    number; last: power of ten of the last digit. is_count: cases, of which ten or more are whole numbers.
    """

    factor: float
    unit: str
    sign: str
    last: int
    is_count: bool = False

    def number(self, value: float, *, one_sided: bool = False) -> str:
        """One value. one_sided: it cannot be below 0, so that one too small to show is told from none ("<0.1")."""
        if value is None or math.isnan(value):
            return "–"
        amount = value * self.factor
        if amount == 0:
            return f"0{self.sign}"
        if math.isinf(amount):
            return "∞" if amount > 0 else "−∞"
        last = 0 if self.is_count and amount >= 9.5 else self.last
        rounded = round(amount, -last)
        if rounded == 0:
            least = f"<{10.0**last:,.{max(-last, 0)}f}"
            return f"{least if one_sided and amount > 0 else '0'}{self.sign}"
        return f"{rounded:,.{min(max(-last, 0), 12)}f}{self.sign}".replace("-", "−")

    def error(self, value: float) -> str:
        """What an error comes to, to its own first digit, with the unit: "0.3%", "0.04 in 100", "20 people"."""
        amount = value * self.factor
        return f"{number_text(amount, amount)}{self.sign} {self.unit}".rstrip()

    def say(self, mean: float, p05: float, p95: float) -> Spoken:
        """A mean with its interval; no interval where all three are the same."""
        texts = [self.number(value, one_sided=p05 >= 0) for value in (mean, p05, p95)]
        return self._spoken(texts, flat=p05 == mean == p95)

    def say_change(self, mean: float, p05: float, p95: float) -> Spoken:
        """A difference with its interval, all with signs."""
        return self._spoken([signed(self.number(value)) for value in (mean, p05, p95)], flat=p05 == p95)

    def _spoken(self, texts: list[str], *, flat: bool) -> Spoken:
        main, low, high = texts
        span = "" if flat else f"{low.removesuffix(self.sign) if self.sign else low} to {high}"
        return Spoken(main, span, self.unit)


def row_wording(
    outcome: Outcome,
    cells: Iterable[tuple[float, float, float, float]],
    *,
    base: int | None = None,
    changes: bool = False,
) -> RowWording:
    """The rule for a row of cells, each (mean, p05, p95, Monte Carlo error of the mean), in the outcome's unit.

    The last digit is that of the middle cell: a twentieth of its interval (an eighth for changes), or its Monte Carlo
    error where that is larger; cells that are the same in every draw have no say, and no cell gets more than one digit
    beyond its own. base: cases that rare probabilities
    are counted in, by default those of the row.
    """
    found = [cell for cell in cells if all(math.isfinite(value) for value in cell)]
    is_rare = outcome.kind == "probability" and outcome.rare
    if is_rare:
        base = base or frequency_base(cell[0] for cell in found)
        unit, factor, sign = f"in {base:,}", float(base), ""
    elif outcome.kind in ("probability", "share"):
        unit, factor, sign = ("points", 100.0, "") if changes else ("", 100.0, "%")
    else:
        unit, factor, sign = plain_unit(outcome.unit), 1.0, ""
    if not changes and is_rare:
        errors = [factor * cell[3] for cell in found if cell[0] > 0]
        return RowWording(factor, unit, sign, -1 if not errors or _middle(errors) < 0.5 else 0, is_count=True)
    if not changes and sign:
        sizes = [max(abs(cell[0]), abs(cell[2])) for cell in found if cell[0] or cell[2]]
        return RowWording(
            factor, unit, sign, -1 if outcome.kind == "share" and sizes and _middle(sizes) < 0.1 else 0
        )
    parts = 8 if changes else 20
    wide = [cell for cell in found if cell[1] < cell[2]] or [cell for cell in found if cell[3] > 0]
    spreads = [max((cell[2] - cell[1]) / parts, cell[3]) for cell in wide]
    largest = max((abs(cell[0]) for cell in found), default=0.0)
    # Where nothing varies, two significant digits.
    spread = (
        _middle(spreads) if spreads else _middle([abs(cell[0]) for cell in found if cell[0]] or [1.0]) / 10
    )
    last = math.floor(math.log10(max(factor * spread, factor * largest * 1e-3, 1e-300)))
    if spreads:  # beside cells that hardly vary, one that does gets one digit more than its own, not three
        last = max(last, math.floor(math.log10(factor * max(spreads))) - 1)
    return RowWording(factor, unit, sign, last)


def from_to(outcome: Outcome, before: float, after: float) -> str:
    """Two values of an outcome, to as many digits as tell them apart: "from 1.3 to 1.5 in 100".

    At most two digits beyond that of the row; where those are the same, "stays at 42%".
    """
    pair = [(before, before, before, 0.0), (after, after, after, 0.0)]
    wording = row_wording(outcome, pair)
    is_one_sided = min(before, after) >= 0
    for last in range(wording.last, wording.last - 3, -1):
        finer = replace(wording, last=last)
        texts = [finer.number(value, one_sided=is_one_sided) for value in (before, after)]
        if texts[0] != texts[1] and wording.factor * abs(after - before) >= 10.0**last:
            return f"from {texts[0]} to {texts[1]} {wording.unit}".rstrip()
    return f"stays at {wording.number(after, one_sided=is_one_sided)} {wording.unit}".rstrip()


def _middle(values: list[float]) -> float:
    """The middle value, the lower one of two."""
    return sorted(values)[(len(values) - 1) // 2]
