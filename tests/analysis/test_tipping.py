from __future__ import annotations

import numpy as np
import pytest

from excomm.analysis.stability import SeedFindings, compare_seeds
from excomm.analysis.tipping import tipping_map, tipping_points
from excomm.errors import UsageError


def test_the_turn_is_found_and_its_interval_covers_it() -> None:
    """Nominal 90% in 60 trials; fewer than 47 in less than 1 suite in 100."""
    covered, idle, values = 0, 0, []
    for seed in range(60):
        chance = np.random.default_rng(seed)
        inputs = chance.normal(size=(512, 2))
        gain = inputs[:, 0] - 0.3 + chance.normal(size=512)
        first, second = tipping_points(inputs, gain, ["a", "b"], resamples=150, seed=seed)
        assert first.value is not None
        assert first.direction == "above"
        values.append(first.value)
        covered += (first.low is None or first.low <= 0.3) and (first.high is None or first.high >= 0.3)
        idle += second.value is not None
    assert covered >= 47
    assert np.mean(values) == pytest.approx(0.3, abs=0.04)
    assert idle == 0


def test_no_turn_is_made_out_of_noise() -> None:
    """Measured 1 in 100; more than 6 would be a different method."""
    turns = 0
    for seed in range(100):
        chance = np.random.default_rng(seed)
        point = tipping_points(chance.normal(size=(300, 1)), chance.normal(size=300), ["a"], resamples=100)[0]
        turns += point.value is not None
    assert turns <= 6


def test_a_falling_curve_turns_below() -> None:
    chance = np.random.default_rng(0)
    inputs = chance.uniform(0, 10, size=(800, 1))
    gain = 4 - inputs[:, 0] + 0.1 * chance.normal(size=800)
    point = tipping_points(inputs, gain, ["delay"], units=["weeks"], option="shield", reference="aid")[0]
    assert point.value == pytest.approx(4, abs=0.1)
    assert point.direction == "below"
    assert point.preferred_share == pytest.approx(0.4, abs=0.05)
    assert point.sentence.startswith("shield is preferred to aid where delay is below")
    assert "weeks (90% interval" in point.sentence
    assert np.interp(2.0, point.curve[:, 0], point.curve[:, 1]) == pytest.approx(2, abs=0.1)


def test_an_option_that_always_leads_has_no_turn() -> None:
    chance = np.random.default_rng(1)
    inputs = chance.uniform(size=(200, 1))
    point = tipping_points(inputs, 5 + inputs[:, 0], ["a"], option="x", reference="y")[0]
    assert point.value is None
    assert point.sentence.endswith("x leads.")


def test_a_map_over_two_parameters() -> None:
    chance = np.random.default_rng(2)
    inputs = chance.uniform(-1, 1, size=(2000, 2))
    gain = inputs[:, 0] * inputs[:, 1] + 0.2 * chance.normal(size=2000)
    chart = tipping_map(inputs, gain, ["a", "b"], option="x", reference="y")
    exact = chart.first[:, None] * chart.second[None]
    known = np.isfinite(chart.difference)
    assert known.mean() > 0.95
    assert np.abs(chart.difference - exact)[known].max() < 0.15
    ahead, behind, neither = chart.clear_share
    assert ahead == pytest.approx(behind, abs=0.1)
    assert ahead + behind + neither == pytest.approx(1)
    assert "x clearly leads in" in chart.sentence
    with pytest.raises(UsageError):
        tipping_map(inputs[:, :1], gain, ["a"])


def test_seeds_agree_or_it_is_said_that_they_do_not() -> None:
    same = [
        SeedFindings(
            seed, {"a": 0.6 + 0.01 * seed, "b": 0.4}, ("x", "y"), {"x": (1.0 + 0.01 * seed, 0.8, 1.2)}
        )
        for seed in (1, 2, 3)
    ]
    result = compare_seeds(same)
    assert result.agrees
    assert result.spread == pytest.approx(0.02)
    other = SeedFindings(4, {"a": 0.3, "b": 0.7}, ("x", "z"), {"x": (2.0, 1.5, 2.5)})
    apart = compare_seeds([*same, other])
    assert not apart.agrees
    assert apart.sentence.startswith(
        "Seeds 1, 2, 3 and 4 do not agree on the weight region of a (33 points apart)"
    )
    assert "the leading drivers" in apart.sentence
    assert "the tipping point of x" in apart.sentence
    with pytest.raises(UsageError):
        compare_seeds(same[:1])
