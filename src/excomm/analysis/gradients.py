"""Sensitivity from the gradients of a differentiable model: what a small step in each parameter does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from excomm.analysis.samples import Floats, checked_ids, finite, resample_counts
from excomm.analysis.wording import joined, number, percent
from excomm.errors import UsageError

__all__ = ["GradientEffects", "gradient_effects"]

_RESAMPLES = 400
_ENDS = [0.05, 0.95]


@dataclass(frozen=True, eq=False)
class GradientEffects:
    """Effect of each parameter on an outcome per standard deviation of its prior, shape (parameters,).

    mean: average slope x standard deviation, in the outcome's unit; low, high: its 90% Monte Carlo interval from
    bootstrap resamples of the draws; rising: share of draws in which more of the parameter means more of the outcome;
    linear: E[slope]² x variance / variance of the outcome, less what chance adds to a square; bound: E[slope²] x
    variance / variance of the outcome, and its 90% interval. For independent, normally distributed parameters `linear`
    is part of the first Sobol index (the coefficient of the first Hermite polynomial) and `bound` is an upper bound of
    the total index (Kucherenko and Sobol 2009, from Poincaré's inequality); for others both are a guide.
    is_logarithmic: the outcome is a logarithm, so that effects are told as factors.
    """

    parameters: tuple[str, ...]
    mean: Floats
    low: Floats
    high: Floats
    rising: Floats
    linear: Floats
    bound: Floats
    bound_low: Floats
    bound_high: Floats
    unit: str
    draws: int
    is_logarithmic: bool = False

    @property
    def order(self) -> NDArray[np.intp]:
        """Places of the parameters, the largest bound first."""
        return np.argsort(-self.bound, kind="stable")

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        moving = [place for place in self.order[:3] if self.bound[place] > 0]
        if not moving:
            return "No small step in any parameter moves it."
        parts = []
        for place in moving:
            between = f"{percent(float(self.linear[place]))} to {percent(min(float(self.bound[place]), 1.0))}"
            parts.append(
                f"{self.parameters[place]} {self._effect(int(place))} (upwards in "
                f"{percent(float(self.rising[place]))} of draws; {between} of the variance)"
            )
        return f"Per standard deviation, {joined(parts)}."

    def _effect(self, place: int) -> str:
        mean, low, high = (float(each[place]) for each in (self.mean, self.low, self.high))
        if self.is_logarithmic:
            return f"multiplies it by {number(float(np.exp(mean)))} ({_between(np.exp(low), np.exp(high))})"
        return f"moves it by {number(mean)} {self.unit}".strip() + f" ({_between(low, high)})"


def _between(low: float, high: float) -> str:
    return f"{number(float(low))} to {number(float(high))}"


def gradient_effects(
    gradients: ArrayLike,
    parameters: ArrayLike,
    outcome: ArrayLike,
    ids: Sequence[str],
    *,
    unit: str = "",
    is_logarithmic: bool = False,
    seed: int = 0,
) -> GradientEffects:
    """Summarise gradients d outcome / d parameter at the draws, shape (draws, parameters).

    Raises UsageError where shapes differ or a number is not finite.
    """
    slopes, inputs = finite(gradients, "gradients", 2), finite(parameters, "parameters", 2)
    values = finite(outcome, "outcome", 1)
    if slopes.shape != inputs.shape or len(values) != len(inputs):
        raise UsageError(
            "gradients, parameters and outcome differ in shape",
            expected="(draws, parameters) twice and (draws,)",
        )
    names = checked_ids(ids, inputs.shape[1], "parameters")
    spread = inputs.std(axis=0, ddof=1)
    effects = slopes * spread
    number_of_draws = len(values)
    variance = float(values.var(ddof=1))
    scale = 1.0 / variance if variance > 0 else 0.0
    mean, square = effects.mean(axis=0), (effects**2).mean(axis=0)
    # The square of a mean of n draws is too large by its variance.
    linear = np.maximum(mean**2 - effects.var(axis=0, ddof=1) / number_of_draws, 0.0)
    bound = square * scale

    weights = resample_counts(number_of_draws, _RESAMPLES, seed, "gradients") / number_of_draws
    means, squares = weights @ effects, weights @ effects**2
    centred = values - values.mean()
    variances = weights @ centred**2 - (weights @ centred) ** 2
    bounds = squares / np.where(variances > 0, variances, np.inf)[:, None]
    low, high = np.quantile(means, _ENDS, axis=0)
    bound_low, bound_high = np.quantile(bounds, _ENDS, axis=0)
    return GradientEffects(
        parameters=names,
        mean=mean,
        low=low,
        high=high,
        rising=(slopes > 0).mean(axis=0),
        # Of the sample: where nothing else varies, chance could take it above all there is.
        linear=np.minimum(linear * scale, np.minimum(bound, 1.0)),
        bound=bound,
        bound_low=bound_low,
        bound_high=bound_high,
        unit=unit,
        draws=number_of_draws,
        is_logarithmic=is_logarithmic,
    )
