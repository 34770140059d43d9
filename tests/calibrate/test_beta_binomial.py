"""The exact hierarchical fit: a published example, calibration by simulation, limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from excomm.calibrate.beta_binomial import fit_beta_binomial

# Tumours in 71 groups of control rats (Tarone 1982; Gelman et al. 2013, table 5.1).
TUMOURS = (
    [0] * 14 + [1] * 8 + [2] * 9 + [1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10] + [4] * 7 + [10] + [4] * 3
    + [5, 11, 12, 5, 5, 6, 5, 6, 6, 6, 6, 16, 15, 15, 9, 4]
)  # fmt: skip
RATS = (
    [20] * 7 + [19] * 4 + [18] * 2 + [17] + [20] * 4 + [19] * 2 + [18] * 2 + [25, 24, 23] + [20] * 6
    + [10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50] + [20] * 7 + [48] + [19] * 3
    + [22, 46, 49, 20, 20, 23, 19, 22, 20, 20, 20, 52, 46, 47, 24, 14]
)  # fmt: skip


def test_the_published_rat_tumour_posterior() -> None:
    assert len(TUMOURS) == len(RATS) == 71
    posterior = fit_beta_binomial(TUMOURS, RATS, ratio_range=(-2.6, -1.0), size_range=(1.0, 5.0))
    ratio, size = posterior.mode()
    assert ratio == pytest.approx(-1.8, abs=0.08)
    assert size == pytest.approx(2.8, abs=0.15)
    a, b = posterior.shapes()
    assert float(posterior.weight @ a) == pytest.approx(2.4, abs=0.15)
    assert float(posterior.weight @ b) == pytest.approx(14.3, abs=0.9)
    # The last group, 4 of 14: drawn from .286 towards the others.
    assert posterior.group_mean(4, 14) == pytest.approx(0.21, abs=0.01)


def test_simulation_based_calibration() -> None:
    """Ranks of the true mean share are uniform (Talts et al. 2018); chi-square, false alarm 1 in 1,000."""
    rng = np.random.default_rng(11)
    ranges = {"ratio_range": (-3.0, 1.0), "size_range": (0.5, 4.0), "steps": 40}
    prior = fit_beta_binomial([], [], **ranges)  # type: ignore[arg-type]
    a, b = prior.shapes()
    ranks = []
    for _ in range(300):
        place = int(rng.choice(prior.weight.size, p=prior.weight))
        share = rng.beta(a[place], b[place], size=8)
        counts = rng.binomial(20, share)
        posterior = fit_beta_binomial(counts, [20] * 8, **ranges)  # type: ignore[arg-type]
        truth, values = prior.log_ratio[place], posterior.log_ratio
        below = float(posterior.weight[values < truth - 1e-9].sum())
        equal = float(posterior.weight[np.abs(values - truth) <= 1e-9].sum())
        ranks.append(below + rng.random() * equal)
    counts = np.histogram(ranks, bins=10, range=(0, 1))[0]
    assert chisquare(counts).pvalue > 1e-3


def test_groups_without_data_follow_the_others() -> None:
    posterior = fit_beta_binomial([30, 32, 28, 31], [100, 100, 100, 100])
    mean, size = posterior.parameters()
    assert mean.p50 == pytest.approx(0.30, abs=0.04)
    assert size.p50 > 20  # groups are alike
    assert posterior.group_mean(0, 0) == pytest.approx(mean.mean, abs=1e-9)
