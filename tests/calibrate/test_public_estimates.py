"""Pooling and conversion of public estimates against closed forms and published pools."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from excomm.calibrate.public_estimates import event_rate, extremise, over_span, pool
from excomm.case import defaults

PUBLISHED = (0.0140, 0.0221, 0.0039, 0.0040)  # yearly probability of nuclear war, four sources of one review


def test_the_published_pool_of_four_estimates() -> None:
    assert np.mean(PUBLISHED) == pytest.approx(0.0110, abs=1e-6)
    found = pool(PUBLISHED)
    assert found.probability == pytest.approx(0.0083576, abs=5e-8)
    odds = np.array(PUBLISHED) / (1 - np.array(PUBLISHED))
    geometric = float(np.exp(np.log(odds).mean()))
    assert found.probability == pytest.approx(geometric / (1 + geometric), rel=1e-12)
    assert found.low < min(PUBLISHED)
    assert found.high > max(PUBLISHED)


def test_extremising_a_rare_event_around_one_half_destroys_it() -> None:
    assert extremise(PUBLISHED, 2.5) == pytest.approx(6.52e-6, abs=5e-9)
    assert extremise(PUBLISHED, 2.5, base_rate=0.01) == pytest.approx(0.0064, abs=3e-4)
    assert extremise(PUBLISHED, 1.0, base_rate=0.3) == pytest.approx(pool(PUBLISHED).probability)


@pytest.mark.parametrize(
    ("probability", "weeks", "weekly"),
    [(0.0035, 52, 6.74e-5), (0.0109, 52, 2.11e-4), (0.05, 52, 9.86e-4), (0.5, 12, 0.0561)],
)
def test_weekly_equivalents(probability: float, weeks: float, weekly: float) -> None:
    found = over_span(probability, weeks, to=1)
    assert found == pytest.approx(weekly, rel=2e-3)
    assert over_span(found, 1, to=weeks) == pytest.approx(probability, rel=1e-9)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(1e-6, 0.99), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_a_pool_lies_between_its_members_whatever_their_order(values: list[float], random) -> None:  # type: ignore[no-untyped-def]
    found = pool(values)
    assert min(values) * (1 - 1e-9) <= found.probability <= max(values) * (1 + 1e-9)
    assert 0 <= found.low <= found.probability <= found.high <= 1
    mixed = list(values)
    random.shuffle(mixed)
    assert pool(mixed).probability == pytest.approx(found.probability)
    turned = pool([1 - value for value in values])
    assert turned.probability == pytest.approx(1 - found.probability, abs=1e-9)


def test_what_makes_no_sense_is_refused() -> None:
    for wrong in ([], [0.0], [1.0, 0.5]):
        with pytest.raises(ValueError, match="strictly"):
            pool(wrong)
    with pytest.raises(ValueError, match="span"):
        over_span(1.0, 52, to=1)


def test_the_default_of_a_lethal_encounter_spans_what_a_decade_without_war_allows() -> None:
    """About 4,000 scrambles against Russian aircraft in ten years (judgement on published yearly figures).

    One aircraft shot down (Turkey, November 2015) or none, depending on what is counted: both within the default.
    """
    prior = defaults()["escalation.lethal"].prior
    low, high = (float(x) for x in prior.ppf(np.array([0.05, 0.95])))
    for events in (0, 1):
        _, middle, _ = event_rate(4000, events)
        assert low < middle < high
    assert event_rate(4000, 1)[2] < high
    # Jeffreys' interval of 2 in 24 in print: .01772 to .24140 is central 95 %.
    assert 0.01772 < event_rate(24, 2)[0] < event_rate(24, 2)[2] < 0.24140


def test_the_default_of_nuclear_use_spans_the_public_estimates() -> None:
    """Per year: Metaculus Pro 2022 (.35 % full scale), Rodriguez (1.1 % any, .38 % US-Russia), ONN 2024 (5 % by
    2045 catastrophe). The default is for one war with a nuclear power in it, so its range must hold them all."""
    yearly = [0.0035, 0.0109, 0.0038, over_span(0.05, 21, to=1)]
    prior = defaults()["nuclear.baseline"].prior
    low, high = (over_span(float(x), 1, to=52.18) for x in prior.ppf(np.array([0.05, 0.95])))
    assert low < pool(yearly).probability < high
    assert low < min(yearly) < max(yearly) < high
