"""Dot-and-interval strips: where a value and its interval lie on a scale that a row shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Scale", "Strip", "linear_scale", "log_scale"]

WIDTH = 132.0
MARGIN = 6.0


@dataclass(frozen=True)
class Strip:
    """Places on a strip of `WIDTH` units: value, interval, reference value and zero where they are shown.

    cut_low: the interval goes on below the scale.
    """

    value: float
    low: float
    high: float
    reference: float | None
    zero: float | None
    cut_low: bool = False


@dataclass(frozen=True)
class Scale:
    """A scale shared by a row; ends in the unit of the outcome."""

    low: float
    high: float
    is_log: bool = False

    def place(self, value: float) -> float:
        """Place of a value on the strip."""
        if self.is_log:
            clipped = min(max(value, self.low), self.high)
            share = math.log(clipped / self.low) / math.log(self.high / self.low)
        else:
            share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(MARGIN + share * (WIDTH - 2 * MARGIN), 1)

    def strip(self, value: float, low: float, high: float, reference: float | None = None) -> Strip:
        """Strip of a value with its interval, and a tick for the reference."""
        inside = not self.is_log and self.low < 0 < self.high
        return Strip(
            value=self.place(value),
            low=self.place(low),
            high=self.place(high),
            reference=None if reference is None else self.place(reference),
            zero=self.place(0.0) if inside else None,
            cut_low=self.is_log and low < self.low,
        )


def _rounded_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 4, 5, 6, 8, 10 times a power of ten."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    step = next(step for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value * (1 - 1e-9))
    return step * power


def linear_scale(values: Sequence[float], *, whole: bool = False) -> Scale:
    """Scale that holds all values and zero, with round ends; `whole`: 0 to 1."""
    finite = [value for value in values if math.isfinite(value)]
    if whole:
        return Scale(0.0, 1.0)
    low = 0.0 - _rounded_up(-min([*finite, 0.0]))
    high = _rounded_up(max([*finite, 0.0]))
    return Scale(low, high) if high > low else Scale(0.0, 1.0)


def log_scale(values: Sequence[float], *, floor: float = 1e-6) -> Scale:
    """Logarithmic scale between powers of ten for probabilities; it starts at `floor` or above."""
    positive = [value for value in values if value > 0 and math.isfinite(value)]
    if not positive:
        return Scale(floor, 1.0, is_log=True)
    # At least a third of a decade below the smallest value, so that its mark does not stand at the very end.
    low = max(floor, 10.0 ** math.floor(math.log10(min(positive) / 2) + 1e-9))
    high = min(1.0, 10.0 ** math.ceil(math.log10(max(positive)) - 1e-9))
    return Scale(min(low, high / 10), high, is_log=True)
