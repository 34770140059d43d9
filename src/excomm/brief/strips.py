"""Dot-and-interval strips: where a value, its interval and its distribution lie on a scale that a row shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

__all__ = ["Scale", "Strip", "linear_scale", "log_scale", "with_distribution"]

WIDTH = 132.0
MARGIN = 6.0
_BASE, _TOP, _POINTS = 8.0, 1.0, 31


@dataclass(frozen=True)
class Strip:
    """Places on a strip of `WIDTH` units: value, interval, reference value and zero where they are shown.

    cut_low: the interval goes on below the scale. outline: path of the distribution above the line, "" for none.
    """

    value: float
    low: float
    high: float
    reference: float | None
    zero: float | None
    cut_low: bool = False
    outline: str = ""


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


def with_distribution(strip: Strip, scale: Scale, draws: Any, noise: Any) -> Strip:
    """The strip with the outline of a distribution: draws (draws,), each with the variance `noise` of one history.

    Every draw adds a bell as wide as chance makes one history (or, for a probability, whose noise is 0, as wide as
    a kernel needs to be). Each outline has the same height: it shows the shape, the interval shows the width.
    """
    inside = WIDTH - 2 * MARGIN
    values = np.asarray(draws, dtype=np.float64)
    if np.ptp(values) == 0 and not np.any(noise):
        return strip
    if scale.is_log:
        span = math.log(scale.high / scale.low)
        at = MARGIN + np.log(np.clip(values, scale.low, scale.high) / scale.low) / span * inside
        wide = np.zeros_like(at)
    else:
        at = MARGIN + (values - scale.low) / (scale.high - scale.low) * inside
        wide = np.sqrt(np.maximum(noise, 0.0)) / (scale.high - scale.low) * inside
    kernel = max(0.9 * min(float(at.std()), inside / 4) * len(at) ** -0.2, 0.8)
    wide = np.hypot(wide, kernel)
    grid = np.linspace(MARGIN, WIDTH - MARGIN, _POINTS)
    height = (np.exp(-0.5 * ((grid[:, None] - at) / wide) ** 2) / wide).sum(axis=1)
    if height.max() <= 0:
        return strip
    up = _BASE - (_BASE - _TOP) * height / height.max()
    shown = np.flatnonzero(up < _BASE - 0.15)
    first, last = max(int(shown[0]) - 1, 0), min(int(shown[-1]) + 1, _POINTS - 1)
    points = "L".join(
        f"{x:.0f},{y:.1f}" for x, y in zip(grid[first : last + 1], up[first : last + 1], strict=True)
    )
    return replace(strip, outline=f"M{grid[first]:.0f},8L{points}L{grid[last]:.0f},8z")
