from __future__ import annotations

import numpy as np
import pytest

from excomm.analysis.given_data import enough_draws, first_order, prepare, region_drivers, worst_region
from excomm.errors import AnalysisError, UsageError


def ishigami(angles: np.ndarray) -> np.ndarray:
    first, second, third = angles.T
    return np.sin(first) + 7 * np.sin(second) ** 2 + 0.1 * third**4 * np.sin(first)


def test_first_order_shares_of_ishigami_match_the_closed_form() -> None:
    chance = np.random.default_rng(1)
    angles = chance.uniform(-np.pi, np.pi, (8192, 3))
    result = first_order(angles, ishigami(angles), ["a", "b", "c"])
    assert result.share == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert result.leading(3)[:2] == ("b", "a")
    assert "b (43% of the variance" in result.sentence


@pytest.mark.parametrize("shape", ["normal", "heavy"])
def test_the_interval_of_a_parameter_that_does_nothing_covers_0(shape: str) -> None:
    """Should hold in 95% of trials; at least 183 of 200 fails to hold by chance once in 100 suites."""
    covered = 0
    estimates = []
    for seed in range(200):
        chance = np.random.default_rng(seed)
        inputs = chance.lognormal(size=(512, 2))
        outcome = np.log(inputs[:, 0]) + chance.normal(size=512)
        if shape == "heavy":
            outcome = np.exp(1.5 * outcome)
        result = first_order(inputs, outcome, ["drives", "idle"])
        covered += result.low[1] <= 0 <= result.high[1]
        estimates.append(result.estimate[1])
    assert covered >= 183
    assert np.mean(estimates) == pytest.approx(0, abs=0.003)


def test_intervals_cover_the_true_share() -> None:
    """Nominal 90% in 200 trials; fewer than 165 would be a rarer accident than 1 in 1,000 at 90%."""
    covered = 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        inputs = chance.uniform(size=(512, 2))
        outcome = np.sqrt(2) * np.sin(2 * np.pi * inputs[:, 0]) + np.sqrt(12) * (inputs[:, 1] - 0.5)
        result = first_order(inputs, outcome, ["wave", "line"])
        covered += result.low[0] <= 0.5 <= result.high[0]
    assert covered >= 165


def test_replicate_noise_is_taken_out() -> None:
    chance = np.random.default_rng(3)
    inputs = chance.normal(size=(2000, 2))
    outcome = inputs[:, 0] + inputs[:, 1] + chance.normal(scale=np.sqrt(2), size=2000)
    result = first_order(inputs, outcome, ["a", "b"], noise_variance=np.full(2000, 2.0))
    assert result.noise_share == pytest.approx(0.5, abs=0.05)
    assert result.share == pytest.approx([0.5, 0.5], abs=0.06)


def test_parameters_made_ready_once_give_the_same_shares() -> None:
    chance = np.random.default_rng(9)
    inputs = chance.normal(size=(200, 3))
    outcome = inputs[:, 0] + chance.normal(size=200)
    ready = prepare(inputs, ["a", "b", "c"])
    once, anew = first_order(ready, outcome, ["a", "b", "c"]), first_order(inputs, outcome, ["a", "b", "c"])
    assert once.share.tolist() == anew.share.tolist()
    assert once.low.tolist() == anew.low.tolist()
    assert once.direction.tolist() == anew.direction.tolist()


def test_a_switch_counts_like_any_parameter() -> None:
    chance = np.random.default_rng(4)
    form = chance.integers(3, size=1000)
    outcome = np.array([0.0, 5.0, 1.0])[form] + chance.normal(size=1000)
    result = first_order(np.column_stack([form, chance.normal(size=1000)]), outcome, ["form", "other"])
    between = np.var([0, 5, 1])
    assert result.share[0] == pytest.approx(between / (between + 1), abs=0.03)


def test_a_constant_parameter_or_outcome_explains_nothing() -> None:
    chance = np.random.default_rng(5)
    inputs = np.column_stack([np.ones(100), chance.normal(size=100)])
    assert first_order(inputs, inputs[:, 1], ["constant", "all"]).share == pytest.approx([0.0, 1.0])
    flat = first_order(inputs, np.ones(100), ["constant", "all"])
    assert flat.share.tolist() == [0.0, 0.0]
    assert "No single parameter" in flat.sentence


def test_correlated_parameters_are_said_to_overlap() -> None:
    chance = np.random.default_rng(6)
    first = chance.normal(size=500)
    second = 0.8 * first + 0.6 * chance.normal(size=500)
    result = first_order(np.column_stack([first, second]), first, ["a", "b"])
    assert result.share[1] == pytest.approx(0.64, abs=0.08)
    assert "overlap" in result.sentence


def test_one_extreme_draw_makes_no_driver() -> None:
    """An outcome with one huge value where a parameter that does nothing happens to be highest."""
    random = np.random.default_rng(3)
    inputs = random.normal(size=(256, 5))
    outcome = 1.5 * inputs[:, 0] + random.normal(size=256)
    outcome[inputs[:, 3].argmax()] += 30.0
    shares = first_order(inputs, outcome, list("abcde"))
    assert shares.leading() == ("a",)
    assert shares.low[3] == 0.0
    # A straight line through the amounts alone would call it one: F above 6.7, of which 1 in 100 is chance.
    squared = np.corrcoef(inputs[:, 3], outcome)[0, 1] ** 2
    assert squared * 254 / (1 - squared) > 6.7


def test_what_drives_the_bad_tail() -> None:
    chance = np.random.default_rng(7)
    inputs = chance.normal(size=(1000, 10))
    outcome = np.maximum(inputs[:, 3], 0) ** 3 - inputs[:, 6] + chance.normal(size=1000)
    inside = worst_region(outcome, better="lower", share=0.1)
    assert inside.sum() == 100
    assert outcome[inside].min() >= outcome[~inside].max()
    result = region_drivers(inputs, inside, [f"p{place}" for place in range(10)], region="the worst tenth")
    assert result.order[0] == 3
    assert result.effect[3] > 0.8
    assert result.effect[6] < 0.5
    assert result.sentence.startswith("In the worst tenth (100 of 1,000 draws), p3 is higher than elsewhere")


def test_a_region_at_random_has_no_drivers() -> None:
    """Family-wise 5% by Holm: in 100 trials at most 11 false alarms, but for 1 suite in 100."""
    alarms = 0
    for seed in range(100):
        chance = np.random.default_rng(seed)
        inside = np.arange(300) < 30
        result = region_drivers(chance.normal(size=(300, 5)), inside, list("abcde"))
        alarms += bool((result.p_value < 0.05).any())
    assert alarms <= 11


def test_region_effect_is_the_probability_of_a_higher_value() -> None:
    inputs = np.arange(12.0)[:, None]
    inside = np.arange(12) >= 6
    result = region_drivers(inputs, inside, ["x"])
    assert result.effect[0] == 1
    assert result.distance[0] == 1
    with pytest.raises(AnalysisError, match="holds 2 of 12"):
        region_drivers(inputs, np.arange(12) < 2, ["x"])


def test_convergence_says_how_many_draws_are_needed() -> None:
    chance = np.random.default_rng(8)
    inputs = chance.normal(size=(400, 3))
    outcome = 2 * inputs[:, 0] + inputs[:, 1] + chance.normal(size=400)
    tight = enough_draws(inputs, outcome, ["a", "b", "c"], tolerance=0.01)
    assert not tight.enough
    assert tight.needed > 400
    assert "draws are needed" in tight.sentence
    loose = enough_draws(inputs, outcome, ["a", "b", "c"], tolerance=0.1)
    assert loose.enough
    assert loose.parameters[0] == "a"
    assert (np.diff(loose.half_width[:, 0]) < 0).all()


def test_mismatched_draws_are_refused() -> None:
    with pytest.raises(UsageError, match="20 draws of parameters, 19"):
        first_order(np.ones((20, 1)), np.ones(19), ["a"])
    with pytest.raises(AnalysisError, match="too few"):
        first_order(np.ones((9, 1)), np.ones(9), ["a"])
