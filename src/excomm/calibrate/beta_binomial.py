"""Shares that differ between groups: hierarchical beta-binomial, exact on a grid.

    k_j ~ Binomial(n_j, theta_j),  theta_j ~ Beta(a, b),  p(a, b) proportional to (a + b)^(-5/2)

The prior is flat in (a / (a + b), (a + b)^(-1/2)) (Gelman et al. 2013, section 5.3). Given (a, b) each group is
conjugate, so the posterior needs one two-dimensional sum and no sampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, expit

from excomm.calibrate.posterior import Parameter

__all__ = ["BetaBinomialPosterior", "fit_beta_binomial"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BetaBinomialPosterior:
    """Posterior over the grid of (ln(a/b), ln(a+b)); weights sum to 1, shape (grid,)."""

    log_ratio: Array
    log_size: Array
    weight: Array

    def mode(self) -> tuple[float, float]:
        """The most probable (ln(a/b), ln(a+b)) on the grid."""
        best = int(self.weight.argmax())
        return float(self.log_ratio[best]), float(self.log_size[best])

    def shapes(self) -> tuple[Array, Array]:
        """(a, b) at every grid point."""
        size = np.exp(self.log_size)
        return expit(self.log_ratio) * size, (1 - expit(self.log_ratio)) * size

    def group_mean(self, successes: float, trials: float) -> float:
        """Posterior mean share of a group with these observations."""
        a, b = self.shapes()
        return float(self.weight @ ((a + successes) / (a + b + trials)))

    def sample(self, draws: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draws of (mean share of groups, share of a new group), each of shape (draws,)."""
        place = rng.choice(self.weight.size, size=draws, p=self.weight)
        a, b = (shape[place] for shape in self.shapes())
        return a / (a + b), rng.beta(a, b)

    def parameters(self) -> tuple[Parameter, ...]:
        """Mean share of the groups and the equivalent number of trials a + b."""
        rows = []
        for name, unit, meaning, values in (
            ("mean_share", "share", "mean share over groups", expit(self.log_ratio)),
            ("prior_trials", "trials", "a + b: how alike groups are, in trials", np.exp(self.log_size)),
        ):
            order = np.argsort(values)
            level = np.cumsum(self.weight[order])
            low, middle, high = (float(values[order][np.searchsorted(level, q)]) for q in (0.05, 0.5, 0.95))
            mean = float(self.weight @ values)
            sd = float(np.sqrt(self.weight @ (values - mean) ** 2))
            rows.append(Parameter(name, unit, meaning, mean, sd, low, middle, high))
        return tuple(rows)


def fit_beta_binomial(
    successes: npt.ArrayLike,
    trials: npt.ArrayLike,
    *,
    ratio_range: tuple[float, float] = (-6.0, 4.0),
    size_range: tuple[float, float] = (-1.0, 8.0),
    steps: int = 160,
) -> BetaBinomialPosterior:
    """Posterior of (a, b) from counts by group; the ranges are of ln(a/b) and ln(a+b)."""
    k: Array = np.asarray(successes, dtype=float)
    n: Array = np.asarray(trials, dtype=float)
    ratios, sizes = np.linspace(*ratio_range, steps), np.linspace(*size_range, steps)
    ratio: Array = np.repeat(ratios, steps)
    size: Array = np.tile(sizes, steps)
    total = np.exp(size)
    a, b = expit(ratio) * total, (1 - expit(ratio)) * total
    # (a+b)^(-5/2) times the Jacobian a b of the change to (ln(a/b), ln(a+b)).
    log_weight: Any = -2.5 * size + np.log(a) + np.log(b)
    for place in range(k.size):
        log_weight = log_weight + betaln(a + k[place], b + n[place] - k[place]) - betaln(a, b)
    weight = np.exp(log_weight - log_weight.max())
    return BetaBinomialPosterior(ratio, size, np.asarray(weight / weight.sum()))
