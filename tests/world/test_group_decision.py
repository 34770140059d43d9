"""Group decision: the published example of a European emission standard, and what any vote must satisfy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import fixed_cases

from excomm.world.group_decision import (
    Group,
    converge,
    pairwise_margin,
    risk_attitudes,
    weighted_mean,
    weighted_median,
)

# Bueno de Mesquita (1994), date of introduction of an emission standard [years]: NL BE LU DE FR IT UK IE DK GR.
EMISSIONS = Group(
    capability=np.array([0.08, 0.08, 0.03, 0.16, 0.16, 0.16, 0.16, 0.05, 0.05, 0.08]),
    position=np.array([4.0, 7, 4, 4, 10, 10, 10, 7, 4, 7]),
    salience=np.array([80.0, 40, 20, 80, 60, 60, 90, 10, 100, 70]) / 100,
)


def test_the_published_example_before_any_bargaining() -> None:
    assert EMISSIONS.weight.sum() == pytest.approx(0.677, abs=1e-9)
    assert weighted_median(EMISSIONS) == 7.0
    assert weighted_mean(EMISSIONS) == pytest.approx(7.389956, abs=1e-6)
    for one, other, margin in ((7, 4, 0.543), (7, 10, 0.015), (10, 4, 0.528)):
        assert pairwise_margin(EMISSIONS, one, other) == pytest.approx(margin, abs=1e-6)
        assert pairwise_margin(EMISSIONS, other, one) == pytest.approx(-margin, abs=1e-6)


def random_group(seed: int) -> Group:
    random = np.random.default_rng(seed)
    number = int(random.integers(3, 9))
    return Group(
        capability=random.uniform(0.01, 1, number),
        position=np.round(random.uniform(0, 10, number), 2),
        salience=random.uniform(0.05, 1, number),
    )


@fixed_cases
@given(st.integers(0, 2**32 - 1))
def test_nothing_beats_the_weighted_median(seed: int) -> None:
    group = random_group(seed)
    middle = weighted_median(group)
    for rival in np.linspace(0, 10, 41):
        assert pairwise_margin(group, middle, rival) >= -1e-9
    mirrored = replace(group, position=10 - group.position)
    assert weighted_mean(mirrored) == pytest.approx(10 - weighted_mean(group))
    assert pairwise_margin(mirrored, 10 - 2.0, 10 - 7.0) == pytest.approx(pairwise_margin(group, 2.0, 7.0))


@fixed_cases
@given(st.integers(0, 2**32 - 1))
def test_bargaining_stays_within_the_positions_held_and_does_not_care_for_direction(seed: int) -> None:
    group = random_group(seed)
    risk = risk_attitudes(group)
    assert ((risk >= 0.5 - 1e-9) & (risk <= 2 + 1e-9)).all()
    rounds = converge(group, rounds=4)
    for after in rounds:
        assert after.position.min() >= group.position.min() - 1e-9
        assert after.position.max() <= group.position.max() + 1e-9
    turned = converge(replace(group, position=10 - group.position), rounds=1)
    assert turned[1].position == pytest.approx(10 - rounds[1].position, abs=1e-6)


def test_the_rounds_move_the_published_example_the_way_of_the_published_forecast() -> None:
    """Up from the median of 7; not as far as the published 8.35 to 9.05, which no two replications agree on."""
    rounds = converge(EMISSIONS, rounds=8)
    assert weighted_mean(rounds[0]) == pytest.approx(7.4, abs=0.05)
    assert weighted_median(rounds[0]) == 7.0
    assert 7.0 < weighted_median(rounds[-1]) < 10.0
    assert np.ptp(rounds[-1].position) < 0.25 * np.ptp(rounds[0].position)


def test_a_group_that_agrees_stays() -> None:
    same = Group(np.array([0.3, 0.7]), np.array([5.0, 5.0]), np.array([0.5, 0.9]))
    assert weighted_median(same) == weighted_mean(same) == 5.0
    assert len(converge(same)) == 2
