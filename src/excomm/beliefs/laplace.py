"""Posterior samples of a smooth, unimodal density by its mode and importance weights.

Newton's method finds the mode, a multivariate Student t around it proposes points, and importance weights
correct the approximation; the effective sample size says how well it fits. The random generator is handed in,
so a named stream gives the same points on each call. Limits: some thirty dimensions, one mode, no constraints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from excomm.errors import AnalysisError

__all__ = ["WeightedSample", "find_mode", "importance_sample"]

Floats = np.ndarray[Any, np.dtype[np.float64]]
LogDensity = Callable[[Floats], Floats]  # (points, dimensions) -> (points,)

STEP = 1e-4
ITERATIONS = 200


@dataclass(frozen=True)
class WeightedSample:
    """Points (points, dimensions) with weights (points,) that sum to 1.

    effective: 1 / sum of squared weights; that many equally weighted independent points are worth as much.
    """

    points: Floats
    weights: Floats

    @property
    def effective(self) -> float:
        """Effective sample size."""
        return float(1.0 / np.sum(self.weights**2))

    def mean(self) -> Floats:
        """Weighted mean, shape (dimensions,)."""
        return np.asarray(self.weights @ self.points)

    def covariance(self) -> Floats:
        """Weighted covariance, shape (dimensions, dimensions)."""
        centred = self.points - self.mean()
        return np.asarray((centred * self.weights[:, None]).T @ centred)

    def quantile(self, column: int, probabilities: Floats) -> Floats:
        """Quantiles of one dimension, interpolated between the points."""
        order = np.argsort(self.points[:, column], kind="stable")
        values, weights = self.points[order, column], self.weights[order]
        return np.asarray(np.interp(probabilities, np.cumsum(weights) - 0.5 * weights, values))


def find_mode(log_density: LogDensity, start: Floats) -> tuple[Floats, Floats]:
    """Mode (dimensions,) and the inverse of the negative Hessian there (dimensions, dimensions).

    Raises AnalysisError where no maximum is found.
    """
    point = np.asarray(start, dtype=np.float64)
    value = float(log_density(point[None])[0])
    damping = 0.0
    for _ in range(ITERATIONS):
        gradient, hessian = _derivatives(log_density, point)
        if float(np.max(np.abs(gradient))) < 1e-6:
            break
        step = None
        while step is None:
            try:
                factor = np.linalg.cholesky(-hessian + damping * np.eye(len(point)))
                step = np.linalg.solve(factor.T, np.linalg.solve(factor, gradient))
            except np.linalg.LinAlgError:
                damping = max(4.0 * damping, 1e-3)
        scale = 1.0
        while scale > 1e-8:
            tried = float(log_density((point + scale * step)[None])[0])
            if tried > value - 1e-12:
                break
            scale /= 2.0
        else:
            break
        if np.isclose(tried, value, rtol=0, atol=1e-11) and float(np.max(np.abs(gradient))) < 1e-4:
            break
        point, value, damping = point + scale * step, tried, damping / 4.0
    gradient, hessian = _derivatives(log_density, point)
    smallest = float(np.linalg.eigvalsh(-hessian)[0])
    if not np.isfinite(value) or smallest <= 0.0 or float(np.max(np.abs(gradient))) > 1e-3:
        raise AnalysisError(
            "The posterior has no clear maximum.",
            expected="a smooth density with one mode",
            next_step="Narrow the priors, or check the record for a column that never varies.",
        )
    return point, np.asarray(np.linalg.inv(-hessian), dtype=np.float64)


def importance_sample(
    log_density: LogDensity,
    mode: Floats,
    covariance: Floats,
    number: int,
    random: np.random.Generator,
    *,
    freedom: float = 20.0,
) -> WeightedSample:
    """Weighted points of the density, proposed by a Student t of `freedom` degrees around the mode.

    Points come in antithetic pairs; `number` is rounded up to an even one.
    """
    half = (number + 1) // 2
    dimensions = len(mode)
    normal = random.standard_normal((half, dimensions))
    stretch = np.sqrt(freedom / random.chisquare(freedom, half))[:, None]
    unit = np.concatenate([normal * stretch, -normal * stretch])
    points = mode + unit @ np.linalg.cholesky(covariance).T
    squared = np.sum(unit**2, axis=1)
    log_proposal = -0.5 * (freedom + dimensions) * np.log1p(squared / freedom)
    log_weights = log_density(points) - log_proposal
    weights = np.exp(log_weights - np.max(log_weights))
    return WeightedSample(points, weights / np.sum(weights))


def _derivatives(log_density: LogDensity, point: Floats) -> tuple[Floats, Floats]:
    """Gradient and Hessian by central differences, all points in one call."""
    size = len(point)
    steps = np.eye(size) * STEP
    rows, columns = np.triu_indices(size, 1)
    singles = np.concatenate([point + steps, point - steps, point[None]])
    corners = np.concatenate(
        [
            point + steps[rows] + steps[columns],
            point + steps[rows] - steps[columns],
            point - steps[rows] + steps[columns],
            point - steps[rows] - steps[columns],
        ]
    )
    values = log_density(np.concatenate([singles, corners]))
    up, down, here = values[:size], values[size : 2 * size], values[2 * size]
    gradient = (up - down) / (2.0 * STEP)
    hessian = np.diag((up - 2.0 * here + down) / STEP**2)
    a, b, c, d = values[2 * size + 1 :].reshape(4, -1)
    hessian[rows, columns] = hessian[columns, rows] = (a - b - c + d) / (4.0 * STEP**2)
    return gradient, hessian
