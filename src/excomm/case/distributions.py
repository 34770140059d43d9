"""Simple priors: a family, its numbers, its quantile function.

Every prior maps u in (0, 1) to a value by its quantile function, so that quasi-random points and
correlations work the same for all of them. An interval
"10 to 40" is the 5th and the 95th percentile, reproduced exactly.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "Z95",
    "Beta",
    "Fixed",
    "FloatArray",
    "LogNormal",
    "LogitNormal",
    "Normal",
    "Prior",
    "Triangular",
    "Uniform",
    "spell_number",
]

FloatArray: TypeAlias = npt.NDArray[np.float64]

Z95 = 1.6448536269514722
"""95th percentile of the standard normal distribution."""


def spell_number(value: float) -> str:
    """Short text of a number that reads back to it within 1 in 100,000: 800000, 0.035, 1e-07."""
    if value == int(value) and abs(value) < 1e15 if math.isfinite(value) else False:
        return f"{value:.0f}" if value else "0"
    return f"{value:.6g}"


class Prior(ABC):
    """A distribution given by its quantile function."""

    @abstractmethod
    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """Quantiles at u in (0, 1); same shape as u, never decreasing in u."""

    @abstractmethod
    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Probability of a value of at most x; same shape as x."""

    @property
    @abstractmethod
    def text(self) -> str:
        """One line in the grammar of a case file, without the unit."""

    def text_in(self, unit: str) -> str:
        """The line with its unit."""
        return f"{self.text} {unit}"

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Lowest and highest possible value."""

    @property
    def mean(self) -> float:
        """Expected value, by the trapezoid rule over normal scores."""
        score, weight = _normal_grid()
        return float(np.sum(self.ppf(_ndtr(score)) * weight))

    @property
    def median(self) -> float:
        """50th percentile."""
        return float(self.ppf(0.5))

    @property
    def p05(self) -> float:
        """5th percentile."""
        return float(self.ppf(0.05))

    @property
    def p95(self) -> float:
        """95th percentile."""
        return float(self.ppf(0.95))

    @property
    def is_fixed(self) -> bool:
        """Whether only one value is possible."""
        return self.support[0] == self.support[1]

    def to_json(self) -> dict[str, Any]:
        """Kind and numbers in full precision, for content addressing."""
        return {"kind": type(self).__name__} | {
            name: _plain(getattr(self, name))
            for name in self.__dataclass_fields__  # type: ignore[attr-defined]
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Prior):
        return value.to_json()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, str | int | float | bool) else str(value)


def _ndtri(u: npt.ArrayLike) -> FloatArray:
    from scipy.special import ndtri  # imported here: loading a case needs no SciPy

    return np.asarray(ndtri(np.asarray(u, dtype=np.float64)), dtype=np.float64)


def _ndtr(x: npt.ArrayLike) -> FloatArray:
    from scipy.special import ndtr

    return np.asarray(ndtr(np.asarray(x, dtype=np.float64)), dtype=np.float64)


def _normal_grid() -> tuple[FloatArray, FloatArray]:
    score = np.linspace(-8.2, 8.2, 16401)
    weight = np.exp(-0.5 * score**2)
    return score, weight / weight.sum()


@dataclass(frozen=True)
class Fixed(Prior):
    """One value, known or assumed."""

    value: float

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """The value, in the shape of u."""
        return np.full(np.shape(u), self.value)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Step at the value."""
        return (np.asarray(x) >= self.value).astype(np.float64)

    @property
    def mean(self) -> float:
        """The value."""
        return self.value

    @property
    def p05(self) -> float:
        """The value."""
        return self.value

    @property
    def p95(self) -> float:
        """The value."""
        return self.value

    @property
    def text(self) -> str:
        """`120`."""
        return spell_number(self.value)

    @property
    def support(self) -> tuple[float, float]:
        """The value twice."""
        return self.value, self.value


@dataclass(frozen=True)
class Normal(Prior):
    """Normal distribution; `low` and `high` are the interval where the case states one."""

    centre: float
    sd: float
    interval: bool = False

    @classmethod
    def from_interval(cls, low: float, high: float) -> Normal:
        """The one with `low` and `high` as 5th and 95th percentile."""
        return cls(0.5 * (low + high), 0.5 * (high - low) / Z95, interval=True)

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """centre + sd z(u)."""
        return self.centre + self.sd * _ndtri(u)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Normal probability."""
        return _ndtr((np.asarray(x) - self.centre) / self.sd)

    @property
    def mean(self) -> float:
        """The centre."""
        return self.centre

    @property
    def p05(self) -> float:
        """5th percentile."""
        return self.centre - Z95 * self.sd

    @property
    def p95(self) -> float:
        """95th percentile."""
        return self.centre + Z95 * self.sd

    @property
    def text(self) -> str:
        """`-5 to 10` or `normal(2.5, 4.56)`."""
        if self.interval:
            # Rounded to the interval's own size: centre and spread give a stated 0 back as some 1e-13.
            ends = [round(end, 9 - math.ceil(math.log10(self.sd))) + 0.0 for end in (self.p05, self.p95)]
            return f"{spell_number(ends[0])} to {spell_number(ends[1])}"
        return f"normal({spell_number(self.centre)}, {spell_number(self.sd)})"

    @property
    def support(self) -> tuple[float, float]:
        """The whole line."""
        return -math.inf, math.inf


@dataclass(frozen=True)
class LogNormal(Prior):
    """Positive quantity whose logarithm is normal on either side of the median."""

    low: float
    middle: float
    high: float

    @classmethod
    def from_interval(cls, low: float, high: float) -> LogNormal:
        """The symmetric one with `low` and `high` as 5th and 95th percentile."""
        return cls(low, math.sqrt(low) * math.sqrt(high), high)

    @classmethod
    def from_sigma(cls, median: float, sigma: float) -> LogNormal:
        """The symmetric one with the median and the standard deviation of the logarithm."""
        return cls(median * math.exp(-Z95 * sigma), median, median * math.exp(Z95 * sigma))

    @property
    def sigmas(self) -> tuple[float, float]:
        """Standard deviations of the logarithm below and above the median."""
        return math.log(self.middle / self.low) / Z95, math.log(self.high / self.middle) / Z95

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """middle * exp(sigma z(u)) with the sigma of the side."""
        below, above = self.sigmas
        z = _ndtri(u)
        return self.middle * np.exp(np.where(z < 0, below, above) * z)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Normal probability of the logarithm, side by side."""
        below, above = self.sigmas
        with np.errstate(divide="ignore"):
            log = np.log(np.maximum(np.asarray(x, dtype=np.float64), 0.0) / self.middle)
        return _ndtr(log / np.where(log < 0, below, above))

    @property
    def mean(self) -> float:
        """Closed form of both halves."""
        below, above = self.sigmas
        left, right = (
            math.exp(0.5 * s * s) * 0.5 * math.erfc(z * s / math.sqrt(2.0))
            for s, z in ((below, 1), (above, -1))
        )
        return self.middle * (left + right)

    @property
    def median(self) -> float:
        """As stated."""
        return self.middle

    @property
    def p05(self) -> float:
        """As stated."""
        return self.low

    @property
    def p95(self) -> float:
        """As stated."""
        return self.high

    @property
    def text(self) -> str:
        """`10 to 40` or `lognormal(p05=10, p50=15, p95=40)`."""
        low, middle, high = (spell_number(value) for value in (self.low, self.middle, self.high))
        if math.isclose(self.middle**2, self.low * self.high, rel_tol=1e-9):
            return f"{low} to {high}"
        return f"lognormal(p05={low}, p50={middle}, p95={high})"

    @property
    def support(self) -> tuple[float, float]:
        """Positive numbers."""
        return 0.0, math.inf


@dataclass(frozen=True)
class LogitNormal(Prior):
    """Share or probability whose log-odds are normal."""

    low: float
    high: float

    def _moments(self) -> tuple[float, float]:
        ends = [math.log(p) - math.log1p(-p) for p in (self.low, self.high)]
        return 0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0]) / Z95

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """Logistic function of a normal quantile."""
        from scipy.special import expit

        centre, sd = self._moments()
        return np.asarray(expit(centre + sd * _ndtri(u)), dtype=np.float64)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Normal probability of the log-odds."""
        from scipy.special import logit

        centre, sd = self._moments()
        inside = np.clip(np.asarray(x, dtype=np.float64), 0.0, 1.0)
        return _ndtr((np.asarray(logit(inside)) - centre) / sd)

    @property
    def p05(self) -> float:
        """As stated."""
        return self.low

    @property
    def p95(self) -> float:
        """As stated."""
        return self.high

    @property
    def text(self) -> str:
        """`0.1 to 0.5`."""
        return f"{spell_number(self.low)} to {spell_number(self.high)}"

    @property
    def support(self) -> tuple[float, float]:
        """Between 0 and 1."""
        return 0.0, 1.0


@dataclass(frozen=True)
class Uniform(Prior):
    """Every value between two ends alike."""

    low: float
    high: float

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """Linear in u."""
        return self.low + (self.high - self.low) * np.asarray(u, dtype=np.float64)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Linear between the ends."""
        return np.clip((np.asarray(x, dtype=np.float64) - self.low) / (self.high - self.low), 0.0, 1.0)

    @property
    def mean(self) -> float:
        """Midpoint."""
        return 0.5 * (self.low + self.high)

    @property
    def text(self) -> str:
        """`uniform(2, 5)`."""
        return f"uniform({spell_number(self.low)}, {spell_number(self.high)})"

    @property
    def support(self) -> tuple[float, float]:
        """The two ends."""
        return self.low, self.high


@dataclass(frozen=True)
class Beta(Prior):
    """Share or probability as after a - 1 successes and b - 1 failures."""

    a: float
    b: float

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """Inverse of the incomplete beta function."""
        from scipy.special import betaincinv

        return np.asarray(betaincinv(self.a, self.b, np.asarray(u, dtype=np.float64)), dtype=np.float64)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Incomplete beta function."""
        from scipy.special import betainc

        inside = np.clip(np.asarray(x, dtype=np.float64), 0.0, 1.0)
        return np.asarray(betainc(self.a, self.b, inside), dtype=np.float64)

    @property
    def mean(self) -> float:
        """a / (a + b)."""
        return self.a / (self.a + self.b)

    @property
    def text(self) -> str:
        """`beta(2, 8)`."""
        return f"beta({spell_number(self.a)}, {spell_number(self.b)})"

    @property
    def support(self) -> tuple[float, float]:
        """Between 0 and 1."""
        return 0.0, 1.0


@dataclass(frozen=True)
class Triangular(Prior):
    """Lowest, most likely and highest value, straight lines between."""

    low: float
    mode: float
    high: float

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """Square roots on either side of the mode."""
        point = np.asarray(u, dtype=np.float64)
        width = self.high - self.low
        left = self.low + np.sqrt(point * width * (self.mode - self.low))
        right = self.high - np.sqrt((1.0 - point) * width * (self.high - self.mode))
        return np.where(point * width < self.mode - self.low, left, right)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Squares on either side of the mode."""
        point = np.clip(np.asarray(x, dtype=np.float64), self.low, self.high)
        width = self.high - self.low
        left = (point - self.low) ** 2 / (width * max(self.mode - self.low, 1e-300))
        right = 1.0 - (self.high - point) ** 2 / (width * max(self.high - self.mode, 1e-300))
        return np.where(point < self.mode, left, right)

    @property
    def mean(self) -> float:
        """Mean of the three values."""
        return (self.low + self.mode + self.high) / 3.0

    @property
    def text(self) -> str:
        """`triangular(1, 2, 5)`."""
        return f"triangular({', '.join(spell_number(value) for value in (self.low, self.mode, self.high))})"

    @property
    def support(self) -> tuple[float, float]:
        """The two ends."""
        return self.low, self.high
