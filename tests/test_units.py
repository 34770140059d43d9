"""Conversions between rates and probabilities: published equivalents, inverses, edges."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excomm.units import (
    WEEKS_PER_MONTH,
    WEEKS_PER_YEAR,
    hazard_from_probability,
    probability_from_hazard,
    weekly_probability,
)

PROBABILITIES = st.floats(min_value=1e-12, max_value=0.999)
SPANS = st.floats(min_value=0.1, max_value=1000.0)


# Weekly equivalents of yearly probabilities, computed by 1 - (1 - p)^(1/52).
@pytest.mark.parametrize(
    ("probability", "weeks", "weekly"),
    [(0.0035, 52, 6.74e-5), (0.0109, 52, 2.11e-4), (0.05, 52, 9.86e-4), (0.50, 12, 0.0561)],
)
def test_weekly_equivalents_of_published_estimates(probability: float, weeks: float, weekly: float) -> None:
    assert weekly_probability(probability, weeks) == pytest.approx(weekly, rel=1.5e-3)
    assert weekly_probability(probability, weeks) == pytest.approx(1 - (1 - probability) ** (1 / weeks))


@given(PROBABILITIES, SPANS)
def test_hazard_and_probability_are_inverse(probability: float, weeks: float) -> None:
    hazard = hazard_from_probability(probability, weeks)
    assert probability_from_hazard(hazard, weeks) == pytest.approx(probability, rel=1e-9)


@given(PROBABILITIES, st.integers(min_value=1, max_value=208))
def test_a_weekly_probability_compounds_to_the_whole(probability: float, weeks: int) -> None:
    weekly = weekly_probability(probability, weeks)
    assert -math.expm1(weeks * math.log1p(-weekly)) == pytest.approx(probability, rel=1e-9)


@given(PROBABILITIES, PROBABILITIES, SPANS)
def test_a_likelier_event_has_the_higher_hazard(first: float, second: float, weeks: float) -> None:
    low, high = sorted((first, second))
    assert hazard_from_probability(low, weeks) <= hazard_from_probability(high, weeks)


def test_nothing_stays_nothing() -> None:
    assert hazard_from_probability(0.0, 52) == 0.0
    assert probability_from_hazard(0.0, 52) == 0.0


@pytest.mark.parametrize("probability", [1.0, 1.5, -0.01, math.nan])
def test_certain_and_impossible_probabilities_have_no_hazard(probability: float) -> None:
    with pytest.raises(ValueError, match="probability below 1"):
        hazard_from_probability(probability, 52)


@pytest.mark.parametrize("weeks", [0.0, -1.0])
def test_a_span_must_last(weeks: float) -> None:
    with pytest.raises(ValueError, match="positive span"):
        hazard_from_probability(0.1, weeks)


def test_weeks_of_a_year_and_a_month() -> None:
    assert math.isclose(WEEKS_PER_YEAR * 7, 365.25)
    assert math.isclose(WEEKS_PER_MONTH * 12, WEEKS_PER_YEAR)
