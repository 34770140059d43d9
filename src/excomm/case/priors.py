"""Priors: what the user believes about a parameter before the reports are read.

The simple families stand in `distributions`; here are those that combine, bound, convert or condition them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from excomm.case.distributions import (
    Z95,
    Beta,
    Fixed,
    FloatArray,
    LogitNormal,
    LogNormal,
    Normal,
    Prior,
    Triangular,
    Uniform,
    spell_number,
)

__all__ = [
    "Z95",
    "Beta",
    "Choice",
    "Conditional",
    "Converted",
    "Fixed",
    "LogNormal",
    "LogitNormal",
    "Mixture",
    "Normal",
    "Prior",
    "Triangular",
    "Truncated",
    "Uniform",
    "spell_number",
    "truncate",
]


@dataclass(frozen=True)
class Choice(Prior):
    """A few values with weights; values in increasing order, weights that sum to 1."""

    values: tuple[float, ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, weights: dict[float, float]) -> Choice:
        """From value -> positive weight, in any order and of any sum."""
        total = sum(weights.values())
        values = tuple(sorted(weights))
        return cls(values, tuple(weights[value] / total for value in values))

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """The first value whose cumulative weight reaches u."""
        reached = np.cumsum(self.weights)[:-1]
        return np.asarray(self.values, dtype=np.float64)[np.searchsorted(reached, np.asarray(u), side="left")]

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Cumulative weight."""
        reached = np.concatenate([[0.0], np.cumsum(self.weights)[:-1], [1.0]])
        return np.asarray(
            reached[np.searchsorted(self.values, np.asarray(x), side="right")], dtype=np.float64
        )

    @property
    def mean(self) -> float:
        """Weighted mean."""
        return math.fsum(value * weight for value, weight in zip(self.values, self.weights, strict=True))

    @property
    def text(self) -> str:
        """`choice(0: 0.25, 10: 0.75)`."""
        pairs = zip(self.values, self.weights, strict=True)
        listed = [f"{spell_number(value)}: {spell_number(weight)}" for value, weight in pairs]
        return f"choice({', '.join(listed)})"

    @property
    def support(self) -> tuple[float, float]:
        """First and last value."""
        return self.values[0], self.values[-1]


_HALVINGS = 54


@dataclass(frozen=True)
class Mixture(Prior):
    """One of several priors holds, with the given weights (which sum to 1)."""

    weights: tuple[float, ...]
    parts: tuple[Prior, ...]

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """Bisection of the cdf between the lowest and the highest quantile of the parts."""
        point = np.asarray(u, dtype=np.float64)
        quantiles = np.stack([part.ppf(point) for part in self.parts])
        low, high = quantiles.min(axis=0), quantiles.max(axis=0)
        at_low = self.cdf(low) >= point
        high = np.where(at_low, low, high)
        width = 4.0 * (high - low) * 0.5**_HALVINGS
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            reached = self.cdf(middle) >= point
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        # Halving comes close to an atom; the value itself is wanted.
        for atom in self._atoms():
            high = np.where(np.abs(high - atom) <= width, atom, high)
        return np.asarray(high, dtype=np.float64)

    def _atoms(self) -> list[float]:
        found: list[float] = []
        for part in self.parts:
            found += part.values if isinstance(part, Choice) else [part.support[0]] if part.is_fixed else []
        return found

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Weighted cdf of the parts."""
        total = sum(weight * part.cdf(x) for weight, part in zip(self.weights, self.parts, strict=True))
        return np.asarray(total, dtype=np.float64)

    @property
    def mean(self) -> float:
        """Weighted mean of the parts' means."""
        return math.fsum(weight * part.mean for weight, part in zip(self.weights, self.parts, strict=True))

    @property
    def text(self) -> str:
        """`mixture(0.7: 10 to 20; 0.3: 50 to 80)`."""
        pairs = zip(self.weights, self.parts, strict=True)
        return f"mixture({'; '.join(f'{spell_number(weight)}: {part.text}' for weight, part in pairs)})"

    @property
    def support(self) -> tuple[float, float]:
        """From the lowest to the highest of the parts."""
        return min(part.support[0] for part in self.parts), max(part.support[1] for part in self.parts)


@dataclass(frozen=True)
class Truncated(Prior):
    """A prior held within hard limits.

    Where the limits lie outside the 5-95 % interval, the interval stays as stated and only the tails are
    drawn in; otherwise the whole distribution is rescaled to what lies within the limits.
    """

    inner: Prior
    low: float
    high: float

    @cached_property
    def _knots(self) -> tuple[FloatArray, FloatArray]:
        """Points (u of this prior, u of the inner one) with straight lines between."""
        below = float(self.inner.cdf(np.nextafter(self.low, -math.inf)))
        upto = float(self.inner.cdf(self.high))
        if below <= 0.05 + 1e-12 and upto >= 0.95 - 1e-12:
            return np.array([0.0, 0.05, 0.95, 1.0]), np.array([below, 0.05, 0.95, upto])
        return np.array([0.0, 1.0]), np.array([below, upto])

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """Quantile of the inner prior at the matching point."""
        outer, inner = self._knots
        return np.clip(
            self.inner.ppf(np.interp(np.asarray(u, dtype=np.float64), outer, inner)), self.low, self.high
        )

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Inverse of `ppf`; 0 below and 1 from the upper limit on."""
        outer, inner = self._knots
        point = np.asarray(x, dtype=np.float64)
        within = np.interp(self.inner.cdf(point), inner, outer)
        return np.asarray(np.where(point < self.low, 0.0, np.where(point >= self.high, 1.0, within)))

    @property
    def cut(self) -> float:
        """Share of the inner prior that is lost beyond the limits; 0 where they leave its 5-95 % interval."""
        _, inner = self._knots
        return 0.0 if len(inner) > 2 else float(inner[0] + 1.0 - inner[1])

    @property
    def p05(self) -> float:
        """5th percentile, as stated where the limits leave it."""
        return self.inner.p05 if self._leaves_interval else float(self.ppf(0.05))

    @property
    def p95(self) -> float:
        """95th percentile, as stated where the limits leave it."""
        return self.inner.p95 if self._leaves_interval else float(self.ppf(0.95))

    @property
    def _leaves_interval(self) -> bool:
        return self.low <= self.inner.p05 and self.inner.p95 <= self.high

    @property
    def text(self) -> str:
        """Text of the inner prior: the limits are the parameter's bounds."""
        return self.inner.text

    def text_in(self, unit: str) -> str:
        """Text of the inner prior with the unit."""
        return self.inner.text_in(unit)

    @property
    def support(self) -> tuple[float, float]:
        """What the limits leave of the inner prior."""
        low, high = self.inner.support
        return max(low, self.low), min(high, self.high)


@dataclass(frozen=True)
class Converted(Prior):
    """A prior stated in a unit that takes more than a multiplication (a probability per year)."""

    inner: Prior
    source: str
    target: str

    def _forward(self) -> Callable[[FloatArray], FloatArray]:
        from excomm.case.units_table import conversion

        return np.vectorize(conversion(self.source, self.target).apply, otypes=[np.float64])

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """Converted quantiles: the conversion is increasing."""
        return np.asarray(self._forward()(self.inner.ppf(u)), dtype=np.float64)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Inner cdf at the value converted back."""
        from excomm.case.units_table import conversion

        back = np.vectorize(conversion(self.target, self.source).apply, otypes=[np.float64])
        low, high = self.support
        point = np.asarray(x, dtype=np.float64)
        inside = back(np.clip(point, low, min(high, np.nextafter(1.0, 0.0))))
        return np.asarray(np.where(point < low, 0.0, np.where(point >= high, 1.0, self.inner.cdf(inside))))

    @property
    def text(self) -> str:
        """Inner text with its own unit."""
        return self.inner.text_in(self.source)

    def text_in(self, unit: str) -> str:  # noqa: ARG002 - the stated unit replaces it
        """As stated, in the unit in which it was stated."""
        return self.inner.text_in(self.source)

    @property
    def support(self) -> tuple[float, float]:
        """Converted ends."""
        low, high = (float(self._forward()(np.asarray(end))) for end in self.inner.support)
        return low, high


@dataclass(frozen=True)
class Conditional(Prior):
    """One prior where a proposition is true, another where it is false.

    `probability` is the proposition's prior mean: it weighs the two where the truth is not known.
    """

    proposition: str
    if_true: Prior
    if_false: Prior
    probability: float

    @property
    def marginal(self) -> Mixture:
        """The prior as it looks before the reports are read."""
        return Mixture((self.probability, 1.0 - self.probability), (self.if_true, self.if_false))

    def given(self, is_true: npt.ArrayLike, u: npt.ArrayLike) -> FloatArray:
        """Quantiles at u where the proposition's truth is known draw by draw (shapes broadcast)."""
        return np.where(np.asarray(is_true, dtype=bool), self.if_true.ppf(u), self.if_false.ppf(u))

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """Quantiles of the marginal."""
        return self.marginal.ppf(u)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Probability under the marginal."""
        return self.marginal.cdf(x)

    @property
    def mean(self) -> float:
        """Mean of the marginal."""
        return self.marginal.mean

    @property
    def text(self) -> str:
        """`10000 to 15000 if foreign-troops, else 0`."""
        return f"{self.if_true.text} if {self.proposition}, else {self.if_false.text}"

    def text_in(self, unit: str) -> str:
        """Both with their unit."""
        return f"{self.if_true.text_in(unit)} if {self.proposition}, else {self.if_false.text_in(unit)}"

    @property
    def support(self) -> tuple[float, float]:
        """Of both together."""
        return self.marginal.support


def truncate(prior: Prior, low: float, high: float) -> Prior:
    """The prior within [low, high]; itself where it reaches no further.

    Raises
    ------
    ValueError
        Less than a twentieth of it lies within the limits, so that it lies beyond them.
    """
    bottom, top = prior.support
    if low <= bottom and top <= high:
        return prior
    if top < low or bottom > high or prior.p95 < low or prior.p05 > high:
        raise ValueError(f"lies beyond {spell_number(low)} to {spell_number(high)}")
    return Truncated(prior, low, high)
