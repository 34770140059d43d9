"""The case once more with one parameter kept within limits: what taking a premise as true means for a new run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from excomm.case.distributions import Fixed, FloatArray, Prior
from excomm.case.frozen import FrozenMap
from excomm.case.model import Case, Parameter
from excomm.case.priors import Conditional

__all__ = ["Restricted", "Sampled", "restricted"]


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


@dataclass(frozen=True)
class Sampled(Prior):
    """The values that a run drew, each alike: for what no prior of the case gives."""

    values: tuple[float, ...]

    def ppf(self, u: npt.ArrayLike) -> FloatArray:
        """The value at that place among all, in order."""
        ordered = np.sort(np.asarray(self.values))
        place = np.minimum((np.asarray(u) * len(ordered)).astype(int), len(ordered) - 1)
        return np.asarray(ordered[place])

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Share of the values up to x."""
        return np.searchsorted(np.sort(np.asarray(self.values)), np.asarray(x), side="right") / len(
            self.values
        )

    @property
    def text(self) -> str:
        """How many values, and their range."""
        return f"{len(self.values)} drawn values from {min(self.values):.3g} to {max(self.values):.3g}"

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return min(self.values), max(self.values)


def _narrowed(
    parameter: Parameter, limits: tuple[float, float], drawn: npt.NDArray[np.float64] | None
) -> Parameter:
    low, high = limits
    prior: Prior
    if low == high:
        prior = Fixed(low)
    elif drawn is not None or isinstance(parameter.prior, Conditional):
        # What the record of warnings or the ledger decides has no prior to cut: the run's own draws are kept.
        values = np.asarray([] if drawn is None else drawn)
        inside = values[(values >= low) & (values <= high)]
        prior = Sampled(tuple(inside.tolist())) if len(inside) else Fixed(_nearest(parameter, low, high))
    else:
        share = float(parameter.prior.cdf(high) - parameter.prior.cdf(np.nextafter(low, -np.inf)))
        # Nothing of the prior lies there: the nearest end is all that the premise leaves.
        prior = (
            Restricted(parameter.prior, low, high) if share > 1e-6 else Fixed(_nearest(parameter, low, high))
        )
    return replace(parameter, prior=prior, source=f"{parameter.source}; kept within {low:g} to {high:g}")


def _nearest(parameter: Parameter, low: float, high: float) -> float:
    return low if parameter.prior.median < low else high


def restricted(
    case: Case,
    parameter: str,
    limits: tuple[float, float],
    drawn: Mapping[str, npt.NDArray[np.float64]] | None = None,
) -> Case:
    """The case with a parameter kept within limits under every option; equal limits fix it.

    drawn: option -> draws of a run, for a parameter whose draws do not come from its stated prior.
    """
    taken = drawn or {}
    reference = taken.get(case.reference.id)
    base = {**case.base_parameters, parameter: _narrowed(case.parameter(parameter), limits, reference)}
    options = tuple(
        replace(
            option,
            parameters=FrozenMap(
                {
                    **option.parameters,
                    parameter: _narrowed(case.parameter(parameter, option), limits, taken.get(option.id)),
                }
            ),
        )
        for option in case.options
    )
    return replace(case, base_parameters=FrozenMap(base), options=options)
