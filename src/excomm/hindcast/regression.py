"""Two small Bayesian regressions with a Gaussian prior on the slopes, by Laplace approximation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

__all__ = ["OrderedLogit", "RidgeLogit", "fit_ordered_logit", "fit_ridge_logit"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RidgeLogit:
    """Posterior of a logistic regression: mean and covariance of (intercept, slopes)."""

    mean: Array
    covariance: Array

    def probability(self, features: Array) -> Array:
        """Probability of 1 with the posterior's width taken into account (MacKay 1992), shape (rows,)."""
        design = np.column_stack([np.ones(len(features)), features])
        centre = design @ self.mean
        variance = np.einsum("ij,jk,ik->i", design, self.covariance, design)
        return np.asarray(expit(centre / np.sqrt(1 + np.pi * variance / 8)))


def fit_ridge_logit(
    features: Array, outcome: Array, *, slope_sd: float, weight: Array | None = None
) -> RidgeLogit:
    """Newton's method; prior N(0, slope_sd^2) on slopes and N(0, 2^2) on the intercept [logit]."""
    design = np.column_stack([np.ones(len(features)), features])
    share = np.ones(len(outcome)) if weight is None else weight
    precision = np.full(design.shape[1], slope_sd**-2.0)
    precision[0] = 0.25
    beta = np.zeros(design.shape[1])
    hessian = np.diag(precision)
    for _ in range(50):
        p = expit(design @ beta)
        gradient = design.T @ (share * (outcome - p)) - precision * beta
        hessian = (design * (share * p * (1 - p))[:, None]).T @ design + np.diag(precision)
        step = np.linalg.solve(hessian, gradient)
        beta = beta + step
        if float(np.abs(step).max()) < 1e-9:
            break
    return RidgeLogit(beta, np.linalg.inv(hessian))


@dataclass(frozen=True)
class OrderedLogit:
    """Proportional odds: P(class <= k) = logistic(cut[k] - slopes . x)."""

    cuts: Array
    slopes: Array

    def probabilities(self, features: Array) -> Array:
        """Shape (rows, classes)."""
        edges = expit(self.cuts[None, :] - (features @ self.slopes)[:, None])
        full = np.column_stack([np.zeros(len(features)), edges, np.ones(len(features))])
        return np.asarray(np.diff(full, axis=1))


def fit_ordered_logit(
    features: Array,
    outcome: npt.NDArray[np.int64],
    classes: int,
    *,
    slope_sd: float,
    weight: Array | None = None,
) -> OrderedLogit:
    """Posterior mode; prior N(0, slope_sd^2) on the slopes, N(0, 3^2) on the first cut and the log gaps."""
    share = np.ones(len(outcome)) if weight is None else weight
    rows = np.arange(len(outcome))

    def split(theta: Array) -> tuple[Array, Array]:
        cuts = theta[0] + np.concatenate([[0.0], np.cumsum(np.exp(theta[1 : classes - 1]))])
        return cuts, theta[classes - 1 :]

    def loss(theta: Array) -> tuple[float, Array]:
        cuts, slopes = split(theta)
        inner = cuts[None, :] - (features @ slopes)[:, None]
        edges = np.column_stack([np.zeros(len(rows)), expit(inner), np.ones(len(rows))])
        density = edges * (1 - edges)
        chance = np.maximum(edges[rows, outcome + 1] - edges[rows, outcome], 1e-12)
        upper, lower = density[rows, outcome + 1] / chance, density[rows, outcome] / chance
        by_cut = np.zeros(classes - 1)
        np.add.at(by_cut, np.minimum(outcome, classes - 2), share * upper * (outcome < classes - 1))
        np.subtract.at(by_cut, np.maximum(outcome - 1, 0), share * lower * (outcome > 0))
        by_theta = np.empty_like(theta)
        by_theta[0] = by_cut.sum()
        tail = np.cumsum(by_cut[::-1])[::-1]
        by_theta[1 : classes - 1] = tail[1:] * np.exp(theta[1 : classes - 1])
        by_theta[classes - 1 :] = -(share * (upper - lower)) @ features
        prior = np.concatenate([theta[: classes - 1] / 9.0, theta[classes - 1 :] / slope_sd**2])
        value = -(share @ np.log(chance)) + 0.5 * float(theta @ prior)
        return float(value), prior - by_theta

    start = np.zeros(classes - 1 + features.shape[1])
    start[0] = -0.5
    found = minimize(loss, start, jac=True, method="L-BFGS-B")
    return OrderedLogit(*split(np.asarray(found.x)))
