# ruff: noqa: E501 - a table is read line by line
"""The grammar of priors: what is understood, in which unit, and what the refusals say."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from excomm.case.prior_text import parse_interval, parse_prior
from excomm.case.priors import Converted, Fixed, LogitNormal, LogNormal, Mixture, Normal, Truncated
from excomm.errors import CaseError


@pytest.mark.parametrize(
    ("text", "unit", "p05", "p95"),
    [
        ("120 km2/week", "km2/week", 120, 120),
        ("10 to 40 km2/week", "km2/week", 10, 40),
        ("10 to 40 km2/day", "km2/week", 70, 280),
        ("10 to 40 thousand troops", "troops", 10_000, 40_000),
        ("5 to 10 per cent", "share", 0.05, 0.10),
        ("5 to 10%", "share", 0.05, 0.10),
        ("0.1 to 0.5", "probability", 0.1, 0.5),
        ("-5 to 10 ratio", "ratio", -5, 10),
        ("0 to 800000 troops", "troops", 0, 800_000),
        ("uniform(0, 100) km2", "km2", 5, 95),
        ("uniform(low=0, high=100) km2", "km2", 5, 95),
        ("lognormal(p05=1, p50=2, p95=9) weeks", "weeks", 1, 9),
        ("choice(0: 0.5, 5: 0.5) thousand troops", "troops", 0, 5000),
        ("0.5/week", "1/week", 0.5, 0.5),
        (0.3, "probability", 0.3, 0.3),
        (3, "ratio", 3, 3),
    ],
)
def test_forms(text: str | float, unit: str, p05: float, p95: float) -> None:
    prior = parse_prior(text, unit)
    assert (prior.p05, prior.p95) == pytest.approx((p05, p95), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "unit", "family"),
    [
        ("10 to 10 troops", "troops", Fixed),
        ("10 to 40 troops", "troops", LogNormal),
        ("-10 to 40 ratio", "ratio", Normal),
        ("0.1 to 0.4", "share", LogitNormal),
        ("0.01 to 0.04 probability/week", "probability/week", LogitNormal),
        ("uniform(1, 5) per cent per year", "probability/week", Converted),
        ("mixture(0.7: 10 to 20; 0.3: uniform(50, 80)) km2/week", "km2/week", Mixture),
    ],
)
def test_the_family_follows_form_and_unit(text: str, unit: str, family: type) -> None:
    assert isinstance(parse_prior(text, unit), family)


def test_a_probability_per_year_compounds_point_by_point() -> None:
    prior = parse_prior("uniform(1, 5) per cent per year", "probability/week")
    yearly = 1 - (1 - prior.ppf([0.25, 0.75])) ** (365.25 / 7)
    np.testing.assert_allclose(yearly, [0.02, 0.04], rtol=1e-9)


def test_the_unit_may_stand_apart() -> None:
    assert parse_prior("10 to 40", "troops", stated_unit="thousand troops").p95 == 40_000
    assert parse_prior(5, "troops", stated_unit="troops").mean == 5
    with pytest.raises(CaseError, match="but `unit` says"):
        parse_prior("10 to 40 troops", "troops", stated_unit="thousand troops")


@pytest.mark.parametrize(
    ("text", "unit", "says"),
    [
        (
            "up to 800k troops",
            "troops",
            '"up to 800k troops" is not a quantity. Write "0 to 800000 troops", or "800000 troops" for a fixed size.',
        ),
        (
            "up to 800k",
            "troops",
            '"up to 800k" is not a quantity. Write "0 to 800000 troops", or "800000 troops" for a fixed size.',
        ),
        ("800k troops", "troops", '"800k troops" is not a quantity. Write "800000 troops".'),
        ("800,000 troops", "troops", '"800,000 troops" is not a quantity. Write "800000 troops".'),
        ("about 500 troops", "troops", 'Write "400 to 600 troops" or how wide it is, or "500 troops"'),
        ("at least 500 troops", "troops", 'Write "500 to 1000 troops" or where your upper end is'),
        ("10-40 troops", "troops", 'Write "10 to 40 troops".'),
        ("40k to 60k", "troops", 'Write "40000 to 60000 troops".'),
        ("40k to 60k troops", "troops", 'Write "40000 to 60000 troops".'),
        ("40,000 to 60,000 troops", "troops", 'Write "40000 to 60000 troops".'),
        ("40 to 60 thousand", "troops", 'Write "40 to 60 thousand troops".'),
        ("5 to 10k troops", "troops", 'Write "5000 to 10000 troops".'),
        ("between 40000 and 60000 troops", "troops", 'Write "40000 to 60000 troops".'),
        ("40000 ± 5000 troops", "troops", 'Write "35000 to 45000 troops".'),
        ("50 000 troops", "troops", 'Write "50000 troops".'),
        ("40000 bis 60000 troops", "troops", 'such as "10 to 40 troops".'),
        ("50 to 150 percent", "ratio", 'Write "0.5 to 1.5 ratio".'),
        ("50%", "ratio", 'Write "0.5 ratio".'),
        ("50 to 150 percent", "share", "Check which number is meant: the whole is 100."),
        ("30 percent", "probability/week", '"30 percent/year"'),
        ("1 in 4 per year", "probability/week", 'Write "0.25 probability/year".'),
        ("1 in 4", "share", 'Write "0.25 share".'),
        ("5 to 10 per 100", "share", 'such as "0.1 to 0.4 share".'),
        ("$5 bn", "bn USD", 'Write "5 bn USD".'),
        ("5 bn", "bn USD", 'Write "5 bn USD".'),
        ("5 to 10 billion dollars", "bn USD/week", '"5 to 10 billion USD/week"'),
        ("400 men", "troops", 'Write "400 troops".'),
        ("50 tanks", "troops", 'stated in troops: write "50 troops" if that is meant.'),
        ("10 km2", "km2/week", '"10 km2/week"'),
        ("5% to 10%", "share", 'Write the unit once, at the end: "5 to 10 per cent"'),
        ("nonsense", "troops", '"nonsense" is not a quantity.'),
        ("", "troops", "is not a quantity"),
        ("gamma(2, 3) troops", "troops", '"gamma" is not a form of prior.'),
        ("unifrm(2, 3) troops", "troops", "Write uniform(…)."),
        ("1" * 400 + " troops", "troops", "too large"),
        ("1000", "troops", 'has no unit. Expected a unit such as troops. Write "1000 troops".'),
        ("1.5", "probability", "1.5 is an impossible probability. Expected a probability between 0 and 1."),
        ("15 to 20", "share", '"15 per cent"'),
        ("-0.1 to 0.2", "share", "-0.1 is an impossible share"),
        ("120 per cent", "share", "120 is an impossible share. Expected a share between 0 and 100."),
        ("150 per cent per year", "probability/week", "150 is an impossible probability"),
        ("uniform(0.5, 1.5)", "probability", "1.5 is an impossible probability"),
        (
            "40 to 10 troops",
            "troops",
            'runs downwards. Expected the 5th percentile first, then the 95th. Write "10 to 40".',
        ),
        ("uniform(5, 2) troops", "troops", "low end above its high end"),
        ("triangular(1, 9, 5) troops", "troops", "low <= mode <= high"),
        ("normal(3, -1) troops", "troops", "sd above 0"),
        ("lognormal(p05=3, p50=2, p95=9) troops", "troops", "0 < p05 < p50 < p95"),
        ("lognormal(median=3, sigma=900) troops", "troops", "at most 10"),
        ("lognormal(3, 4, 5, 6) troops", "troops", "does not have the right numbers"),
        ("uniform(a, b) troops", "troops", "does not have the right numbers"),
        ("beta(0, 2)", "share", "a and b above 0"),
        ("beta(1, 2) troops", "troops", "is a share or a probability"),
        ("beta(1, 2) per cent", "share", 'Write "beta(1, 2) share".'),
        ("choice(1, 2) troops", "troops", "does not list values with weights"),
        ("choice(1: 1, 1: 2) troops", "troops", "each value once"),
        ("mixture(10 to 20) troops", "troops", "does not list weighted priors"),
        ("mixture(0.5: 10 to 20 troops; 0.5: 1 to 2) troops", "troops", "the unit follows the mixture"),
        ("10 to 40 km2", "km2/week", "km2 does not convert to km2/week."),
        ("10 to 40 wombats", "troops", "is not a unit that ExComm knows"),
        ("12 bn EUR", "bn USD", "exchange rate"),
    ],
)
def test_refusals(text: str, unit: str, says: str) -> None:
    with pytest.raises(CaseError) as caught:
        parse_prior(text, unit)
    assert says in str(caught.value)
    assert caught.value.expected
    assert caught.value.next_step


def test_tails_beyond_the_bounds_are_drawn_in() -> None:
    assert parse_prior("0 to 10 ratio", "ratio", bounds=(0, 100)).support == (0, 100)
    prior = parse_prior("0 to 60 thousand people/week", "people/week", bounds=(0, 5e6))
    assert isinstance(prior, Truncated)
    assert prior.cut == 0.0
    assert prior.p95 == pytest.approx(60_000)


@pytest.mark.parametrize(
    ("text", "unit", "bounds", "says"),
    [
        ("10 to 40 troops", "troops", (0, 5), "beyond the bounds of this parameter. Expected values between 0 and 5 troops."),
        ("-5 to 10 ratio", "ratio", (0, 100), 'reaches below 0 ratio, the least that this parameter can be. Expected values between 0 and 100 ratio. Write "0 to 10 ratio"'),
        ("-5 to 10 ratio", "ratio", (0, math.inf), "Expected values of at least 0 ratio."),
        ("-5 to 10 ratio", "ratio", (-math.inf, 9), 'above 9 ratio, the most that this parameter can be. Expected values of at most 9 ratio. Write "-5 to 9 ratio"'),
        ("-40 to 60 thousand troops", "troops", (100, 1e7), 'reaches below 100 troops, the least that this parameter can be. Expected values between 100 and 10000000 troops. Write "100 to 60000 troops"'),
        ("50.000 troops", "troops", (0, 1e7), 'counts with three decimals. Expected whole numbers without a point between thousands. Write "50000 troops" if'),
        ("1.250.000 troops", "troops", (0, 1e7), "is not a quantity"),
        ("40.000 to 60.000 troops", "troops", (0, 1e7), 'Write "40000 to 60000 troops"'),
        ("120 troops", "troops", (0, 100), "beyond the bounds"),
        ("uniform(-1, 5) ratio", "ratio", (0, 10), "reaches below 0 ratio"),
        ("triangular(1, 2, 50) ratio", "ratio", (0, 10), "reaches above 10 ratio"),
        ("choice(-1: 0.1, 5: 0.9) ratio", "ratio", (0, 10), "reaches below 0 ratio"),
        ("lognormal(p05=1, p50=5, p95=12) ratio", "ratio", (0, 10), "reaches above 10 ratio"),
        ("normal(-1, 3) ratio", "ratio", (0, 10), "reaches below 0 ratio"),
        ("lognormal(median=11, sigma=1) ratio", "ratio", (0, 10), "reaches above 10 ratio"),
        ("mixture(0.5: 1 to 5; 0.5: -2 to 5) ratio", "ratio", (0, 10), "reaches below 0 ratio"),
        ("mixture(0.5: 1 to 5; 0.5: 8 to 12) ratio", "ratio", (0, 10), "reaches above 10 ratio"),
        ("0.1 to 0.4", "share", (0.2, 1.0), "reaches below 0.2 share"),
    ],
)  # fmt: skip
def test_what_is_written_beyond_the_bounds_is_refused(
    text: str, unit: str, bounds: tuple[float, float], says: str
) -> None:
    with pytest.raises(CaseError) as caught:
        parse_prior(text, unit, bounds=bounds)
    assert says in str(caught.value)
    assert caught.value.next_step


@pytest.mark.parametrize(
    "text", ["0 to 10 ratio", "uniform(0, 10) ratio", "10", "lognormal(p05=0.1, p50=1, p95=10) ratio", "normal(5, 9) ratio"]
)  # fmt: skip
def test_what_reaches_a_bound_is_accepted(text: str) -> None:
    assert parse_prior(text, "ratio", bounds=(0, 10)).support[1] <= 10


def test_an_end_that_a_conversion_rounds_is_accepted() -> None:
    # 0.1 + 0.2 of a share is a little more than 0.3.
    assert parse_prior("10 to 30.000000000000004 per cent", "share", bounds=(0, 0.3)).p95 == pytest.approx(
        0.3
    )


def test_three_decimals_are_read_where_nothing_is_counted() -> None:
    assert parse_prior("1.250 thousand troops", "troops") == Fixed(1250.0)
    assert parse_prior("1.250 missiles/week", "missiles/week") == Fixed(1.25)
    assert parse_prior("0.125 troops", "troops") == Fixed(0.125)


def test_an_interval_with_its_unit() -> None:
    assert parse_interval("20 to 60 km2/day", "km2/week") == (140, 420, "km2/week")
    assert parse_interval("5000 troops") == (5000, 5000, "troops")
    for text in ("5000", "up to 3 troops", "9 to 2 troops"):
        with pytest.raises(CaseError):
            parse_interval(text, "troops")


numbers = st.floats(1e-3, 1e6).map(lambda value: float(f"{value:.6g}"))
forms = st.one_of(
    numbers.map(lambda a: f"{a!r}"),
    st.tuples(numbers, numbers).map(lambda ends: f"{min(ends)!r} to {max(ends) + 1!r}"),
    st.tuples(numbers, numbers).map(lambda ends: f"uniform({min(ends)!r}, {max(ends) + 1!r})"),
    st.tuples(numbers, numbers).map(lambda ends: f"normal({ends[0]!r}, {ends[1]!r})"),
    st.tuples(numbers, numbers, numbers)
    .map(sorted)
    .map(lambda e: f"triangular({e[0]!r}, {e[1]!r}, {e[2] + 1!r})"),
    st.tuples(numbers, numbers).map(lambda e: f"choice({e[0]!r}: 0.25, {e[0] + e[1]!r}: 0.75)"),
    st.tuples(numbers, numbers).map(
        lambda e: f"mixture(0.25: {e[0]!r}; 0.75: uniform({e[1]!r}, {2 * e[1]!r}))"
    ),
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(forms)
def test_the_text_of_a_prior_reads_back_to_it(form: str) -> None:
    prior = parse_prior(f"{form} troops", "troops")
    again = parse_prior(f"{prior.text} troops", "troops")
    points = [0.05, 0.3, 0.5, 0.9]
    np.testing.assert_allclose(again.ppf(points), prior.ppf(points), rtol=1e-3, atol=1e-2)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(
    st.text(alphabet=st.sampled_from(list("0159.,:;()=+-eE %/ktobumxlgnar")), max_size=40),
    st.sampled_from(["troops", "share", "probability/week", "km2/week"]),
)
def test_no_text_breaks_the_grammar(text: str, unit: str) -> None:
    try:
        prior = parse_prior(text, unit)
    except CaseError:
        return
    assert np.all(np.isfinite(prior.ppf([0.05, 0.5, 0.95])))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("40k to 60k", "troops"), ("40,000 to 60,000 troops", "troops"), ("between 40000 and 60000", "troops"),
        ("about 500", "troops"), ("up to 800k troops", "troops"), ("40 to 60 thousand", "thousand people/week"),
        ("5 bn", "bn USD"), ("$5 bn", "bn USD"), ("5% to 10%", "share"), ("50 to 150 percent", "ratio"),
        ("1 in 4 per year", "probability/week"), ("30 percent", "probability/week"), ("10..40", "km2/week"),
    ],
)  # fmt: skip
def test_what_is_proposed_is_a_prior(text: str, unit: str) -> None:
    """Everything in quotes in the next step, numbers and unit, can be written as it stands."""
    with pytest.raises(CaseError) as caught:
        parse_prior(text, unit)
    proposals = re.findall(r'"([^"]+)"', caught.value.next_step or "")
    assert proposals
    for proposal in proposals:
        parse_prior(proposal, unit)


@pytest.mark.parametrize(
    "text", ["324.562 interceptors", "1.125 to 2.0 interceptors", "2.375 to 4.125 interceptors"]
)
def test_three_decimals_without_a_last_zero_are_decimals(text: str) -> None:
    low, _, high = text.removesuffix(" interceptors").partition(" to ")
    prior = parse_prior(text, "interceptors")
    assert prior.p05 == pytest.approx(float(low))
    assert prior.p95 == pytest.approx(float(high or low))


@pytest.mark.parametrize(
    ("text", "meant"),
    [("5.000 troops", "5000"), ("12.500 troops", "12500"), ("12.345 to 20.000 troops", "12345 to 20000")],
)
def test_a_last_zero_of_three_decimals_means_thousands(text: str, meant: str) -> None:
    with pytest.raises(CaseError) as caught:
        parse_prior(text, "troops")
    assert caught.value.next_step == f'Write "{meant} troops" if thousands are meant, else fewer decimals.'
