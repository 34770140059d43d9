"""Scores against published numbers, closed forms, an independent library and their own definition."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom, norm

from excomm.hindcast import scores


@pytest.mark.parametrize(("observed", "expected"), [(0.0, 0.2336950), (1.0, 0.6024414)])
def test_normal_crps_has_its_published_values(observed: float, expected: float) -> None:
    assert scores.crps_normal(0, 1, observed) == pytest.approx(expected, abs=5e-8)


def test_the_ensemble_converges_to_the_closed_form() -> None:
    """Error of quantile members falls at least as fast as 1/n."""
    errors = []
    for n in (50, 500, 5000):
        members = norm.ppf((np.arange(n) + 0.5) / n)
        errors.append(abs(scores.crps_ensemble(members, 0.7) - scores.crps_normal(0, 1, 0.7)))
    assert errors[1] < errors[0] / 5
    assert errors[2] < errors[1] / 5


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=30), st.floats(-60, 60))
@settings(max_examples=60, deadline=None)
def test_ensemble_crps_agrees_with_an_independent_library(members: list[float], observed: float) -> None:
    theirs = float(scoringrules.crps_ensemble(observed, np.array(members), estimator="nrg"))
    assert scores.crps_ensemble(members, observed) == pytest.approx(theirs, abs=1e-8)


def test_weights_are_repetitions() -> None:
    whole = scores.crps_ensemble([1.0, 1.0, 1.0, 4.0], 2.5)
    assert scores.crps_ensemble([1.0, 4.0], 2.5, weights=[3, 1]) == pytest.approx(whole)


@pytest.mark.parametrize("observed", [0, 3, 10])
def test_count_crps_equals_the_ensemble_on_the_same_distribution(observed: int) -> None:
    pmf = scores.beta_binomial_pmf(10, 1.3, 4.0)
    weighted = scores.crps_ensemble(np.arange(11), observed, weights=pmf)
    assert scores.crps_counts(pmf, observed) == pytest.approx(weighted, abs=1e-12)


def test_beta_binomial_agrees_with_scipy() -> None:
    np.testing.assert_allclose(
        scores.beta_binomial_pmf(40, 0.7, 5.2), betabinom.pmf(np.arange(41), 40, 0.7, 5.2), atol=1e-12
    )


def test_quantile_crps_approaches_the_closed_form() -> None:
    levels = (np.arange(999) + 1) / 1000
    value = scores.crps_quantiles(levels.tolist(), norm.ppf(levels).tolist(), 0.3)
    assert value == pytest.approx(scores.crps_normal(0, 1, 0.3), abs=2e-3)


def test_ranked_probability_by_hand() -> None:
    # Cumulative .2, .5, .9 against 0, 1, 1.
    assert scores.ranked_probability([0.2, 0.3, 0.4, 0.1], 1) == pytest.approx(0.04 + 0.25 + 0.01)


def test_crps_is_proper_for_a_shifted_forecast() -> None:
    """Under outcomes from N(0, 1) the true forecast has the lowest mean (fixed seed; paired, over 6 SE apart)."""
    outcomes = np.random.default_rng(1).standard_normal(1500)
    right = np.mean([scores.crps_normal(0, 1, y) for y in outcomes])
    for mean, sd in ((0.4, 1.0), (0.0, 1.6), (0.0, 0.6)):
        assert right < np.mean([scores.crps_normal(mean, sd, y) for y in outcomes]) - 0.01


def test_coin_baseline_and_log_score() -> None:
    assert float(scores.brier(0.5, 1)) == 0.25
    assert float(scores.log_score(0.5)) == pytest.approx(np.log(2))
    assert np.isfinite(scores.log_score(0.0))
