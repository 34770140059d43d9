"""Diagnostics against theory, and the sampled fits against known truth."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.stats import chisquare

from excomm.calibrate import models
from excomm.calibrate.posterior import Fit, effective_size, round_to, split_rhat, summarise_draws
from excomm.calibrate.sampling import require_numpyro, sample_posterior
from excomm.errors import UsageError


def test_effective_size_of_independent_and_of_slow_draws() -> None:
    rng = np.random.default_rng(1)
    free = rng.standard_normal((4, 4000))
    assert effective_size(free) == pytest.approx(16_000, rel=0.15)
    slow = np.zeros((4, 4000))
    for step in range(1, 4000):
        slow[:, step] = 0.9 * slow[:, step - 1] + free[:, step]
    assert effective_size(slow) == pytest.approx(16_000 / 19, rel=0.25)  # (1 - .9) / (1 + .9)


def test_rhat_sees_chains_that_disagree_and_chains_that_drift() -> None:
    rng = np.random.default_rng(2)
    free = rng.standard_normal((2, 1000))
    assert split_rhat(free) < 1.01
    assert split_rhat(free + np.array([[0.0], [2.0]])) > 1.3
    assert split_rhat(free + np.linspace(0, 3, 1000)) > 1.3


def test_problems_name_what_falls_short() -> None:
    rng = np.random.default_rng(3)
    bad = summarise_draws("x", "ratio", "x", rng.standard_normal((2, 100)) + np.array([[0.0], [1.0]]))
    fit = Fit("t", "g", "m", "NUTS", "2024-01-01", "2024-06-30", 10, (bad,), 3, 200, 2, {"SD": 0.999})
    found = " ".join(fit.problems())
    assert "R-hat" in found
    assert "effective draws" in found
    assert "divergent" in found
    assert "does not reproduce the SD" in found
    assert fit.to_json()["parameters"]["x"]["unit"] == "ratio"
    assert round_to(123456.0) == 123500.0


def test_a_missing_sampler_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpyro", None)
    with pytest.raises(UsageError, match="NumPyro") as error:
        require_numpyro()
    assert "excomm[calibrate]" in str(error.value)


@pytest.fixture(scope="module")
def weeks() -> np.ndarray:
    return np.arange(26) - 25.0


def made_counts(
    rng: np.random.Generator, weeks: np.ndarray, log_now: float, growth: float, size: float
) -> np.ndarray:
    mean = np.exp(log_now + growth * weeks)
    return np.asarray(rng.poisson(rng.gamma(size, mean / size)))


def test_the_sampler_recovers_made_launches(weeks: np.ndarray) -> None:
    """Each truth lies inside the central 99 % of its posterior (fixed seed)."""
    pytest.importorskip("numpyro")
    counts = made_counts(np.random.default_rng(4), weeks, 5.0, 0.03, 8.0)
    draws = sample_posterior(models.launches, counts, weeks, seed=1, warmup=300, draws=400)
    assert draws.divergences == 0
    for name, truth in (("log_now", 5.0), ("growth", 0.03), ("log_size", np.log(8.0))):
        low, high = np.quantile(draws.sites[name], [0.005, 0.995])
        assert low < truth < high
        assert split_rhat(draws.sites[name]) < 1.03
        assert effective_size(draws.sites[name]) > 200


def test_the_filter_agrees_with_the_joint_normal_density() -> None:
    """One method against another: the Kalman likelihood and the dense covariance of the same process."""
    import jax
    from scipy.stats import multivariate_normal

    observed = np.random.default_rng(6).standard_normal(30)
    memory, persistent, noise = 0.8, 1.3, 0.7
    lag = np.abs(np.arange(30)[:, None] - np.arange(30)[None, :])
    dense = multivariate_normal(np.zeros(30), persistent**2 * memory**lag + noise**2 * np.eye(30))
    with jax.enable_x64(True):
        step = persistent**2 * (1 - memory**2)
        total, _, left = models._filtered(observed, memory, step, noise**2, 0.0, persistent**2)
        assert float(total) == pytest.approx(float(dense.logpdf(observed)), abs=1e-9)
        assert 0 < float(left) < noise**2


@pytest.mark.long
def test_simulation_based_calibration_of_the_launches_fit(weeks: np.ndarray) -> None:
    """Ranks of the growth under its own prior are uniform; chi-square over 5 bins, false alarm 1 in 1,000."""
    pytest.importorskip("numpyro")
    rng = np.random.default_rng(5)
    ranks = []
    for trial in range(60):
        truth = rng.normal(0.0, 0.05)
        log_middle, size = rng.normal(3.0, 3.0), np.exp(rng.normal(1.0, 1.5))
        counts = made_counts(rng, weeks - weeks.mean(), log_middle, truth, size)
        draws = sample_posterior(models.launches, counts, weeks, seed=trial, warmup=300, draws=300)
        ranks.append(float((draws.sites["growth"] < truth).mean()))
    assert chisquare(np.histogram(ranks, bins=5, range=(0, 1))[0]).pvalue > 1e-3
