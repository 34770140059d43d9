"""Proper scores of forecasts: lower is better for all of them.

CRPS   integral of (F(x) - 1{x >= y})^2           forecasts of a number (Matheson and Winkler 1976)
Brier  (p - y)^2, one-sided                        a yes-or-no question (two-category form is double)
log    -ln of the probability given to what came   any outcome of a finite set
RPS    sum of squared differences of the cumulative probabilities, ordered classes (not divided by K - 1)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln
from scipy.stats import norm

__all__ = [
    "beta_binomial_pmf",
    "brier",
    "covered",
    "crps_counts",
    "crps_ensemble",
    "crps_normal",
    "crps_quantiles",
    "log_score",
    "pmf_quantiles",
    "ranked_probability",
]

Array = npt.NDArray[np.float64]
_SMALLEST_PROBABILITY = 1e-6


def crps_ensemble(members: npt.ArrayLike, observed: float, weights: npt.ArrayLike | None = None) -> float:
    """CRPS of the empirical distribution of `members` (optionally weighted), in the unit of the outcome.

    mean |X - y| - 1/2 mean |X - X'|: the distribution as it stands, not the "fair" version that corrects for
    a small ensemble.
    """
    values = np.asarray(members, dtype=float).ravel()
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    if weights is None:
        share = np.full(ranked.size, 1.0 / ranked.size)
    else:
        share = np.asarray(weights, dtype=float).ravel()[order]
        share = share / share.sum()
    # The integral of (F - step)^2 between neighbouring support points, exact for a step function.
    points = np.concatenate([ranked, [observed]])
    inside = np.sort(points)
    level = np.concatenate([[0.0], np.cumsum(share)])
    below = level[np.searchsorted(ranked, inside[:-1], side="right")]
    reached = (inside[:-1] >= observed).astype(float)
    return float(np.sum(np.diff(inside) * (below - reached) ** 2))


def crps_normal(mean: float, sd: float, observed: float) -> float:
    """CRPS of a normal distribution (closed form, Gneiting et al. 2005)."""
    if sd <= 0:
        return abs(observed - mean)
    z = (observed - mean) / sd
    return float(sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi)))


def crps_counts(pmf: npt.ArrayLike, observed: float) -> float:
    """CRPS of a distribution on the counts 0, 1, ..., K given as probabilities; equals the discrete RPS."""
    cumulative = np.cumsum(np.asarray(pmf, dtype=float))
    counts = np.arange(cumulative.size)
    beyond = max(0.0, observed - (cumulative.size - 1))
    return float(np.sum((cumulative[:-1] - (counts[:-1] >= observed)) ** 2) + beyond)


def crps_quantiles(levels: Sequence[float], values: Sequence[float], observed: float) -> float:
    """CRPS of a forecast given by quantiles: twice the mean pinball loss, weighted by the levels' spacing."""
    tau = np.asarray(levels, dtype=float)
    q = np.asarray(values, dtype=float)
    edges = np.concatenate([[0.0], (tau[1:] + tau[:-1]) / 2, [1.0]])
    loss = np.where(observed >= q, tau * (observed - q), (1 - tau) * (q - observed))
    return float(2 * np.sum(np.diff(edges) * loss))


def brier(probability: npt.ArrayLike, happened: npt.ArrayLike) -> Array:
    """(p - y)^2 per question."""
    return np.asarray((np.asarray(probability, dtype=float) - np.asarray(happened, dtype=float)) ** 2)


def log_score(probability: npt.ArrayLike) -> Array:
    """-ln of the probability that was given to what happened [nats], at most -ln(1e-6)."""
    return np.asarray(-np.log(np.clip(np.asarray(probability, dtype=float), _SMALLEST_PROBABILITY, 1.0)))


def ranked_probability(probabilities: npt.ArrayLike, outcome: int) -> float:
    """Ranked probability score of ordered classes (probabilities over K classes; outcome from 0)."""
    cumulative = np.cumsum(np.asarray(probabilities, dtype=float))
    step = (np.arange(cumulative.size) >= outcome).astype(float)
    return float(np.sum((cumulative[:-1] - step[:-1]) ** 2))


def beta_binomial_pmf(total: int, alpha: float, beta: float) -> Array:
    """Probabilities of 0 ... total successes when the chance itself is Beta(alpha, beta)."""
    k = np.arange(total + 1)
    ln = (
        gammaln(total + 1) - gammaln(k + 1) - gammaln(total - k + 1)
        + gammaln(k + alpha) + gammaln(total - k + beta) - gammaln(total + alpha + beta)
        - gammaln(alpha) - gammaln(beta) + gammaln(alpha + beta)
    )  # fmt: skip
    pmf = np.exp(ln)
    return np.asarray(pmf / pmf.sum())


def pmf_quantiles(pmf: npt.ArrayLike, levels: Sequence[float]) -> list[int]:
    """Smallest counts whose cumulative probability reaches each level."""
    cumulative = np.cumsum(np.asarray(pmf, dtype=float))
    return [min(int(np.searchsorted(cumulative, level - 1e-12)), cumulative.size - 1) for level in levels]


def covered(low: float, high: float, observed: float) -> bool:
    """Whether the outcome lies in the closed interval."""
    return bool(low <= observed <= high)
