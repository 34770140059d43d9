"""The tornado: how far an outcome moves, on average, from the low to the high end of each parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from excomm.analysis.given_data import Prepared, prepare
from excomm.analysis.samples import Z90, Floats, finite
from excomm.analysis.smoothing import smooth_one
from excomm.analysis.wording import frequency, joined, number
from excomm.engine.wording import plain_unit
from excomm.errors import UsageError

__all__ = ["Swings", "swings"]

_ENDS = (0.05, 0.95)
_WINDOW = 0.025


@dataclass(frozen=True, eq=False)
class Swings:
    """Expected outcome near the 5% and the 95% point of each parameter, the others varying as they do.

    at_low, at_high: (parameters,), in the outcome's unit, with standard errors low_error, high_error; low, high:
    the 5% and 95% points themselves, in the parameter's unit; mean: expected outcome over all draws. is_logarithmic:
    the outcome is the logarithm of a rare probability; the sentence gives the geometric mean in natural frequencies.
    """

    parameters: tuple[str, ...]
    unit: str
    mean: float
    low: Floats
    high: Floats
    at_low: Floats
    at_high: Floats
    low_error: Floats
    high_error: Floats
    draws: int
    is_logarithmic: bool = False

    @property
    def swing(self) -> Floats:
        """Change from the low to the high end, (parameters,)."""
        return np.asarray(self.at_high - self.at_low)

    @property
    def order(self) -> NDArray[np.intp]:
        """Places of the parameters, the largest swing first."""
        return np.argsort(-np.abs(self.swing), kind="stable")

    @property
    def average(self) -> str:
        """What the expected outcomes are on the outcome's own scale."""
        return "geometric mean" if self.is_logarithmic else "mean"

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        error = np.hypot(self.low_error, self.high_error)
        leading = [place for place in self.order[:3] if abs(self.swing[place]) > Z90 * error[place]]
        if not leading:
            return f"No parameter moves the mean by more than the {self.draws:,} draws leave open."
        parts = [
            f"{self.parameters[place]} (from {self.told(self.at_low[place], self.low_error[place])} at "
            f"{number(float(self.low[place]))} to {self.told(self.at_high[place], self.high_error[place])} at "
            f"{number(float(self.high[place]))})"
            for place in leading
        ]
        mean = f"mean ({plain_unit(self.unit)})" if self.unit else self.average
        return f"From the 5% to the 95% point, the {mean} moves most with {joined(parts)}."

    def told(self, value: np.float64, error: np.float64 | None = None) -> str:
        """An expected outcome as a reader says it: an amount, or the natural frequency of a rare event."""
        if self.is_logarithmic:
            return frequency(float(np.exp(value)))
        return number(float(value), None if error is None else float(error))


def swings(
    parameters: ArrayLike | Prepared,
    outcome: ArrayLike,
    ids: Sequence[str],
    *,
    only: Sequence[int] | None = None,
    unit: str = "",
    is_logarithmic: bool = False,
) -> Swings:
    """Swings of an outcome (draws,) with each parameter of (draws, parameters), or with the places in `only`.

    The curve that predicts left-out draws best is averaged over the draws within 2.5 points of each end, so
    that a step or a bend is followed and no single draw decides. A parameter with few levels is read at its
    lowest and highest level.
    """
    values = finite(outcome, "outcome", 1)
    ready = parameters if isinstance(parameters, Prepared) else prepare(parameters, ids)
    if len(values) != len(ready.inputs):
        raise UsageError(
            f"{len(ready.inputs)} draws of parameters, {len(values)} of the outcome",
            expected="the same draws",
        )
    places = list(range(len(ready.ids)) if only is None else only)
    found = np.array([_ends(ready.inputs[:, at], ready.curves[at], values) for at in places]).reshape(-1, 6)
    return Swings(
        parameters=tuple(ready.ids[place] for place in places),
        unit=unit,
        mean=float(values.mean()),
        low=found[:, 0],
        high=found[:, 1],
        at_low=found[:, 2],
        at_high=found[:, 3],
        low_error=found[:, 4],
        high_error=found[:, 5],
        draws=len(values),
        is_logarithmic=is_logarithmic,
    )


def _ends(column: Floats, curve: Floats, values: Floats) -> tuple[float, ...]:
    smoother = smooth_one(curve, values[None])
    fitted = smoother.fit(values)
    spare = max(len(values) - 1 - smoother.freedom, 1.0)
    noise = float(((values - fitted) ** 2).sum()) / spare
    ends, means, errors = [], [], []
    for level in _ENDS:
        near = np.quantile(column, [max(level - _WINDOW, 0), min(level + _WINDOW, 1)])
        inside = (column >= near[0]) & (column <= near[1])
        direction = smoother.directions[inside].mean(axis=0)
        ends.append(float(np.quantile(column, level)))
        means.append(float(fitted[inside].mean()))
        errors.append(float(np.sqrt(noise * (1 / len(values) + direction @ direction))))
    return (*ends, *means, *errors)
