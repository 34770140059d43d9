"""How good a set of yes-or-no forecasts is: decompositions, reliability, pooling of several forecasters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.special import expit, logit

__all__ = ["Corp", "Murphy", "corp", "murphy", "pool"]

Array = npt.NDArray[np.float64]
_EDGE = 1e-6
_MOST_GROUPS = 10


@dataclass(frozen=True)
class Murphy:
    """Brier = reliability - resolution + uncertainty + within (Murphy 1973; Stephenson et al. 2008).

    within: what the spread of the forecasts inside a group adds; 0 where a group is one forecast value.
    groups: (mean forecast, share that came true, number of forecasts), ascending.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float = 0.0
    groups: tuple[tuple[float, float, int], ...] = ()


@dataclass(frozen=True)
class Corp:
    """Brier = miscalibration - discrimination + uncertainty, by isotonic regression (Dimitriadis et al. 2021).

    points: (forecast, recalibrated probability, number of forecasts), ascending: the reliability diagram.
    """

    brier: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    points: tuple[tuple[float, float, int], ...]

    def blocks(self) -> list[tuple[float, float, float, int]]:
        """Neighbouring points with one recalibrated probability: (lowest, highest forecast, probability, number)."""
        found: list[tuple[float, float, float, int]] = []
        for forecast, fitted, count in self.points:
            if found and abs(found[-1][2] - fitted) < 1e-12:
                low, _, _, before = found[-1]
                found[-1] = (low, forecast, fitted, before + count)
            else:
                found.append((forecast, forecast, fitted, count))
        return found


def murphy(probabilities: npt.ArrayLike, outcomes: npt.ArrayLike) -> Murphy:
    """Decomposition over the distinct forecast values; over tenths where there are more than ten of them.

    With a group for every forecast, reliability would be the Brier score and resolution the uncertainty.
    """
    p = np.asarray(probabilities, dtype=float)
    y = np.asarray(outcomes, dtype=float)
    values, place = np.unique(p, return_inverse=True)
    if values.size > _MOST_GROUPS:
        place = np.minimum((p * _MOST_GROUPS).astype(int), _MOST_GROUPS - 1)
    overall = float(y.mean())
    reliability = resolution = 0.0
    groups = []
    for group in np.unique(place):
        here, given = y[place == group], p[place == group]
        reliability += here.size * (given.mean() - here.mean()) ** 2
        resolution += here.size * (here.mean() - overall) ** 2
        groups.append((float(given.mean()), float(here.mean()), int(here.size)))
    brier = float(np.mean((p - y) ** 2))
    reliability, resolution = float(reliability / y.size), float(resolution / y.size)
    uncertainty = overall * (1 - overall)
    within = brier - (reliability - resolution + uncertainty)
    return Murphy(brier, reliability, resolution, uncertainty, within, tuple(groups))


def corp(probabilities: npt.ArrayLike, outcomes: npt.ArrayLike) -> Corp:
    """The reliability diagram and decomposition that need no bins."""
    p = np.asarray(probabilities, dtype=float)
    y = np.asarray(outcomes, dtype=float)
    values, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    means = np.bincount(place, y) / counts
    fitted = np.asarray(isotonic_regression(means, weights=counts.astype(float)).x)
    overall = float(y.mean())
    brier = float(np.mean((p - y) ** 2))
    recalibrated = float(np.mean((fitted[place] - y) ** 2))
    climate = float(np.mean((overall - y) ** 2))
    points = tuple((float(v), float(f), int(n)) for v, f, n in zip(values, fitted, counts, strict=True))
    return Corp(brier, brier - recalibrated, climate - recalibrated, climate, points)


def pool(
    probabilities: npt.ArrayLike,
    *,
    base_rate: float = 0.5,
    exponent: float = 1.0,
    weights: npt.ArrayLike | None = None,
) -> float:
    """Pool of several forecasters in log-odds, extremised relative to the base rate.

    logit p = logit b + exponent (mean logit p_i - logit b). With exponent 1, the geometric mean of the odds; an
    exponent above 1 is for forecasters with independent information, and moves away from the *base rate*: away
    from one half it would turn four rare-event forecasts of 1 % into 7 in a million.
    """
    p = np.clip(np.asarray(probabilities, dtype=float), _EDGE, 1 - _EDGE)
    share = np.ones(p.size) if weights is None else np.asarray(weights, dtype=float)
    centre = float(logit(base_rate))
    mean = float(share @ logit(p) / share.sum())
    return float(expit(centre + exponent * (mean - centre)))
