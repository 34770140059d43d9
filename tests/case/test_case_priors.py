"""Priors: closed forms against SciPy, exact intervals, quantile functions that never decrease."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from excomm.case.prior_text import parse_prior
from excomm.case.priors import (
    Beta,
    Choice,
    Conditional,
    Converted,
    Fixed,
    LogitNormal,
    LogNormal,
    Mixture,
    Normal,
    Prior,
    Triangular,
    Truncated,
    Uniform,
    truncate,
)

U = np.linspace(0.0005, 0.9995, 1999)

PRIORS: list[Prior] = [
    Fixed(3.0),
    Normal(2.0, 4.0),
    Normal.from_interval(-5.0, 10.0),
    LogNormal.from_interval(10.0, 40.0),
    LogNormal(1.0, 2.0, 9.0),
    LogitNormal(0.1, 0.5),
    Uniform(-2.0, 3.0),
    Beta(2.0, 8.0),
    Triangular(1.0, 2.0, 5.0),
    Triangular(1.0, 1.0, 5.0),
    Choice.of({0.0: 1.0, 10.0: 3.0, -4.0: 2.0}),
    Mixture((0.7, 0.3), (LogNormal.from_interval(10.0, 20.0), Uniform(50.0, 80.0))),
    Mixture((0.25, 0.75), (Fixed(0.0), Normal(0.0, 1.0))),
    Truncated(Normal(0.0, 2.0), 0.0, 5.0),
    Truncated(LogNormal.from_interval(10.0, 40.0), 0.0, 60.0),
    Converted(Uniform(1.0, 5.0), "per cent/year", "probability/week"),
    Conditional("troops", LogNormal.from_interval(1000.0, 4000.0), Fixed(0.0), 0.3),
]


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.text)
def test_quantiles_rise_and_keep_their_shape(prior: Prior) -> None:
    values = prior.ppf(U)
    assert values.shape == U.shape
    assert np.all(np.isfinite(values))
    assert np.all(np.diff(values) >= 0)
    assert prior.ppf(U[:6].reshape(2, 3)).shape == (2, 3)
    assert np.shape(prior.ppf(0.5)) == ()
    assert prior.support[0] <= values[0]
    assert values[-1] <= prior.support[1]


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.text)
def test_the_summary_agrees_with_the_quantiles(prior: Prior) -> None:
    np.testing.assert_allclose(
        [prior.p05, prior.median, prior.p95], prior.ppf([0.05, 0.5, 0.95]), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.text)
def test_the_cdf_undoes_the_quantiles(prior: Prior) -> None:
    # Where a prior has an atom, the cdf at the quantile is at least u; just below it, at most u.
    values = prior.ppf(U)
    tolerance = 1e-9
    assert np.all(prior.cdf(values) >= U - tolerance)
    below = values - 1e-7 * (1.0 + np.abs(values))
    assert np.all(prior.cdf(below) <= U + tolerance)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.text)
def test_the_mean_is_that_of_many_points(prior: Prior) -> None:
    # Midpoints of 40,000 equal slices; the slices at the ends leave out less than 2e-3 of the spread.
    points = prior.ppf((np.arange(40_000) + 0.5) / 40_000)
    assert prior.mean == pytest.approx(points.mean(), abs=2e-3 * max(points.std(), 1e-12), rel=1e-9)


@pytest.mark.parametrize(
    ("prior", "reference"),
    [
        (Normal(2.0, 4.0), scipy.stats.norm(2, 4)),
        (LogNormal.from_sigma(3.0, 0.5), scipy.stats.lognorm(0.5, scale=3)),
        (Uniform(-2.0, 3.0), scipy.stats.uniform(-2, 5)),
        (Beta(2.0, 8.0), scipy.stats.beta(2, 8)),
        (Triangular(1.0, 2.0, 5.0), scipy.stats.triang(0.25, loc=1, scale=4)),
        (Truncated(Normal(0.0, 2.0), 1.0, 5.0), scipy.stats.truncnorm(0.5, 2.5, scale=2)),
    ],
    ids=["normal", "lognormal", "uniform", "beta", "triangular", "truncated"],
)
def test_families_agree_with_scipy(prior: Prior, reference) -> None:
    np.testing.assert_allclose(prior.ppf(U), reference.ppf(U), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(prior.cdf(prior.ppf(U)), U, atol=1e-9)
    assert prior.mean == pytest.approx(reference.mean(), rel=1e-6)


def test_a_mixture_with_an_atom_returns_the_atom() -> None:
    prior = Mixture((0.25, 0.75), (Fixed(5.0), Uniform(0.0, 10.0)))
    # Below 5 lie 0.375; the atom fills 0.375 to 0.625.
    np.testing.assert_allclose(prior.ppf([0.3751, 0.5, 0.6249]), 5.0, rtol=1e-12)
    assert float(prior.ppf(0.3)) == pytest.approx(4.0)


def test_a_conditional_prior_follows_the_truth() -> None:
    prior = Conditional("troops", Uniform(10.0, 20.0), Fixed(0.0), 0.3)
    np.testing.assert_array_equal(prior.given([True, False, True], [0.5, 0.5, 0.1]), [15.0, 0.0, 11.0])
    assert prior.mean == pytest.approx(4.5)
    assert float(prior.ppf(0.69)) == 0.0


def test_truncation_draws_in_the_tails_and_leaves_the_interval() -> None:
    prior = truncate(LogNormal.from_interval(10.0, 40.0), 5.0, 50.0)
    assert (prior.p05, prior.p95) == (10.0, 40.0)
    np.testing.assert_allclose(
        prior.ppf([0.05, 0.3, 0.95]), LogNormal.from_interval(10.0, 40.0).ppf([0.05, 0.3, 0.95])
    )
    assert 5.0 <= float(prior.ppf(1e-9)) < float(prior.ppf(1 - 1e-9)) <= 50.0


def test_truncation_refuses_what_lies_beyond() -> None:
    inside = Uniform(1.0, 2.0)
    assert truncate(inside, 0.0, 5.0) is inside
    for low, high in [(3.0, 5.0), (-5.0, 0.5), (1.99, 5.0)]:
        with pytest.raises(ValueError, match="beyond"):
            truncate(inside, low, high)


positive = st.floats(1e-6, 1e9)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.tuples(positive, positive).map(sorted).filter(lambda ends: ends[1] > ends[0] * 1.000001))
def test_an_interval_of_a_positive_quantity_is_exact(ends: list[float]) -> None:
    prior = parse_prior(f"{ends[0]!r} to {ends[1]!r} troops", "troops")
    np.testing.assert_allclose(prior.ppf([0.05, 0.95]), ends, rtol=1e-12)
    assert float(prior.ppf(0.5)) == pytest.approx(math.sqrt(ends[0]) * math.sqrt(ends[1]), rel=1e-9)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.tuples(st.floats(1e-9, 1 - 1e-9), st.floats(1e-9, 1 - 1e-9))
    .map(sorted)
    .filter(lambda e: e[1] - e[0] > 1e-7)
)
def test_an_interval_of_a_probability_is_exact_and_stays_inside(ends: list[float]) -> None:
    prior = parse_prior(f"{ends[0]!r} to {ends[1]!r}", "probability")
    np.testing.assert_allclose(prior.ppf([0.05, 0.95]), ends, rtol=1e-7)
    values = prior.ppf(U)
    assert np.all((values >= 0) & (values <= 1))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
    .map(sorted)
    .filter(lambda e: e[0] <= 0 and e[1] - e[0] > 1e-3)
)
def test_an_interval_that_reaches_below_zero_is_exact(ends: list[float]) -> None:
    prior = parse_prior(f"{ends[0]!r} to {ends[1]!r} ratio", "ratio")
    np.testing.assert_allclose(prior.ppf([0.05, 0.95]), ends, rtol=1e-9, atol=1e-9 * (ends[1] - ends[0]))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.floats(0.01, 50),
    st.floats(1.01, 20),
    st.sampled_from([(-math.inf, math.inf), (0, 100), (0, 1e4), (0.5, 60)]),
)
def test_quantiles_rise_whatever_the_bounds(low: float, ratio: float, bounds: tuple[float, float]) -> None:
    try:
        prior = truncate(LogNormal.from_interval(low, low * ratio), *bounds)
    except ValueError:
        return
    values = prior.ppf(U)
    assert np.all(np.diff(values) >= 0)
    assert bounds[0] <= values[0]
    assert values[-1] <= bounds[1]
