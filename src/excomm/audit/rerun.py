"""The case once more with one parameter kept within limits: what taking a premise as true means for a new run."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from excomm.case.distributions import Fixed, FloatArray, Prior
from excomm.case.frozen import FrozenMap
from excomm.case.model import Case, Parameter
from excomm.case.priors import Conditional
from excomm.errors import AnalysisError

__all__ = ["Restricted", "restricted"]


@dataclass(frozen=True)
class Restricted(Prior):
    """A prior on condition that the quantity lies within [low, high]."""

    inner: Prior
    low: float
    high: float

    def _ends(self) -> tuple[float, float]:
        below = float(self.inner.cdf(np.nextafter(self.low, -np.inf)))
        return below, float(self.inner.cdf(self.high))

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """Quantile of the inner prior within the limits."""
        bottom, top = self._ends()
        point = bottom + np.asarray(u, dtype=np.float64) * (top - bottom)
        return np.clip(self.inner.ppf(np.clip(point, 1e-12, 1 - 1e-12)), self.low, self.high)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Inverse of `ppf`."""
        bottom, top = self._ends()
        return np.clip((self.inner.cdf(x) - bottom) / (top - bottom), 0.0, 1.0)

    @property
    def text(self) -> str:
        """The inner prior and the limits."""
        return f"{self.inner.text} within {self.low:g} to {self.high:g}"

    @property
    def support(self) -> tuple[float, float]:
        """The limits, or the inner support where it is narrower."""
        low, high = self.inner.support
        return max(low, self.low), min(high, self.high)


def _narrowed(parameter: Parameter, limits: tuple[float, float]) -> Parameter:
    low, high = limits
    prior: Prior
    if low == high:
        prior = Fixed(low)
    elif isinstance(parameter.prior, Conditional):
        raise AnalysisError(
            f"{parameter.id} depends on a proposition and cannot be kept within limits",
            expected="a parameter with a prior of its own",
        )
    else:
        inside = float(parameter.prior.cdf(high) - parameter.prior.cdf(np.nextafter(low, -np.inf)))
        # Nothing of the prior lies there: the nearest end is all that the premise leaves.
        prior = (
            Restricted(parameter.prior, low, high) if inside > 1e-6 else Fixed(_nearest(parameter, low, high))
        )
    return replace(parameter, prior=prior, source=f"{parameter.source}; kept within {low:g} to {high:g}")


def _nearest(parameter: Parameter, low: float, high: float) -> float:
    return low if parameter.prior.median < low else high


def restricted(case: Case, parameter: str, limits: tuple[float, float]) -> Case:
    """The case with a parameter kept within limits under every option; equal limits fix it."""
    base = {**case.base_parameters, parameter: _narrowed(case.parameter(parameter), limits)}
    options = tuple(
        replace(
            option,
            parameters=FrozenMap(
                {**option.parameters, parameter: _narrowed(case.parameter(parameter, option), limits)}
            ),
        )
        for option in case.options
    )
    return replace(case, base_parameters=FrozenMap(base), options=options)
