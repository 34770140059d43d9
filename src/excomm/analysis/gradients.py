"""Sensitivity from the gradients of a differentiable model: what a small step in each parameter does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from excomm.analysis.samples import Floats, checked_ids, finite
from excomm.analysis.wording import joined, number, percent
from excomm.errors import UsageError

__all__ = ["GradientEffects", "gradient_effects"]


@dataclass(frozen=True, eq=False)
class GradientEffects:
    """Effect of each parameter on an outcome per standard deviation of its prior, shape (parameters,).

    mean: average slope x standard deviation, in the outcome's unit; rising: share of draws in which more of
    the parameter means more of the outcome; bound: E[slope²] x variance / variance of the outcome. For
    independent, normally distributed parameters `bound` is an upper bound of the total Sobol index (Kucherenko
    and Sobol 2009, from Poincaré's inequality); for others it is a guide.
    """

    parameters: tuple[str, ...]
    mean: Floats
    rising: Floats
    bound: Floats
    unit: str
    draws: int

    @property
    def order(self) -> NDArray[np.intp]:
        """Places of the parameters, the largest bound first."""
        return np.argsort(-self.bound, kind="stable")

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        parts = []
        for place in self.order[:3]:
            effect = f"{number(float(self.mean[place]))} {self.unit}".strip()
            parts.append(
                f"{self.parameters[place]} moves it by {effect} (upwards in "
                f"{percent(float(self.rising[place]))} of draws)"
            )
        return f"Per standard deviation, {joined(parts)}."


def gradient_effects(
    gradients: ArrayLike, parameters: ArrayLike, outcome: ArrayLike, ids: Sequence[str], *, unit: str = ""
) -> GradientEffects:
    """Summarise gradients d outcome / d parameter at the draws, shape (draws, parameters)."""
    slopes, inputs = finite(gradients, "gradients", 2), finite(parameters, "parameters", 2)
    values = finite(outcome, "outcome", 1)
    if slopes.shape != inputs.shape or len(values) != len(inputs):
        raise UsageError(
            "gradients, parameters and outcome differ in shape",
            expected="(draws, parameters) twice and (draws,)",
        )
    names = checked_ids(ids, inputs.shape[1], "parameters")
    spread = inputs.std(axis=0, ddof=1)
    variance = float(values.var(ddof=1))
    bound = (slopes**2).mean(axis=0) * spread**2 / variance if variance > 0 else np.zeros(len(names))
    return GradientEffects(
        parameters=names,
        mean=slopes.mean(axis=0) * spread,
        rising=(slopes > 0).mean(axis=0),
        bound=bound,
        unit=unit,
        draws=len(values),
    )
