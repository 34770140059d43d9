from __future__ import annotations

import re

import numpy as np
import pytest

from excomm.analysis.correlated import correlated_shares
from excomm.analysis.gradients import gradient_effects
from excomm.analysis.sobol import correlated_blocks, design, sobol_indices, sobol_steps
from excomm.errors import UsageError

FIRST = [0.313905, 0.442411, 0.0]  # Ishigami, a = 7, b = 0.1: closed form
TOTAL = [0.557589, 0.442411, 0.243684]


def ishigami(points: np.ndarray) -> np.ndarray:
    first, second, third = ((2 * points - 1) * np.pi).T
    return np.sin(first) + 7 * np.sin(second) ** 2 + 0.1 * third**4 * np.sin(first)


def g_function(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.prod((np.abs(4 * points - 2) + weights) / (1 + weights), axis=1)


def test_ishigami_is_within_two_hundredths_of_the_closed_form() -> None:
    plan = design({"a": [0], "b": [1], "c": [2]}, 8192, seed=0)
    result = sobol_indices(ishigami(plan.points), plan.groups, base=8192)
    assert result.first == pytest.approx(FIRST, abs=0.02)
    assert result.total == pytest.approx(TOTAL, abs=0.02)
    assert result.variance == pytest.approx(13.844588, rel=0.01)
    assert "a (total 56%, alone 31%)" in result.sentence
    assert ((result.first_low <= FIRST) & (result.first_high >= FIRST)).all()
    assert ((result.total_low <= TOTAL) & (result.total_high >= TOTAL)).all()


def test_the_g_function_is_within_two_hundredths_of_the_closed_form() -> None:
    weights = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])
    parts = 1 / (3 * (1 + weights) ** 2)
    whole = np.prod(1 + parts) - 1
    plan = design({f"x{place}": [place] for place in range(8)}, 8192, seed=1)
    result = sobol_indices(g_function(plan.points, weights), plan.groups, base=8192)
    assert result.first == pytest.approx(parts / whole, abs=0.02)
    total = parts * np.array([np.prod(np.delete(1 + parts, place)) for place in range(8)]) / whole
    assert result.total == pytest.approx(total, abs=0.02)


def test_a_group_explains_what_its_members_explain_together() -> None:
    plan = design({"a and c": [0, 2], "b": [1]}, 4096, seed=2)
    assert plan.points.shape == (4 * 4096, 3)
    result = sobol_indices(ishigami(plan.points), plan.groups, base=4096)
    assert result.first == pytest.approx([FIRST[0] + 0.243684, FIRST[1]], abs=0.02)
    assert result.first == pytest.approx(result.total, abs=0.02)


def test_the_error_falls_faster_than_for_random_points() -> None:
    """64 times the points: independent ones would gain a factor of 8; measured 91."""
    errors = []
    for base in (64, 4096):
        trials = []
        for seed in range(8):
            plan = design({"a": [0], "b": [1], "c": [2]}, base, seed=seed)
            result = sobol_indices(ishigami(plan.points), plan.groups, base=base, resamples=2)
            trials.append(np.abs(result.total - TOTAL).max())
        errors.append(np.mean(trials))
    assert errors[1] < errors[0] / 16


def test_what_interacts_has_an_interval_that_holds() -> None:
    """90% intervals of what no group explains alone: 78 to 98 of 100 hold the truth in 99.9% of suites."""
    truth, held = 1 - sum(FIRST), 0
    for seed in range(100):
        both = np.random.default_rng(seed).uniform(size=(2, 256, 3))
        points = [both[0], both[1], *(both[0].copy() for _ in range(3))]
        for place in range(3):
            points[2 + place][:, place] = both[1][:, place]
        result = sobol_indices(ishigami(np.concatenate(points)), ["a", "b", "c"], base=256, seed=seed)
        held += result.interactions_low <= truth <= result.interactions_high
    assert 78 <= held <= 98


def test_the_sentence_says_how_well_interactions_are_known() -> None:
    plan = design({"a": [0], "b": [1], "c": [2]}, 1024, seed=0)
    told = sobol_indices(ishigami(plan.points), plan.groups, base=1024).sentence
    assert re.search(r"interactions make up about 2\d% of the variance \(1\d% to 3\d%\)\.$", told)
    straight = sobol_indices(plan.points.sum(axis=1), plan.groups, base=1024).sentence
    assert re.search(r"interactions make up at most \d% of the variance\.$", straight)


def test_convergence_is_shown() -> None:
    plan = design({"a": [0], "b": [1], "c": [2]}, 4096, seed=3)
    values = ishigami(plan.points)
    assert sobol_steps(values, plan.groups, base=4096, tolerance=0.06).enough
    short = sobol_steps(values, plan.groups, base=4096, tolerance=0.005)
    assert not short.enough
    assert "are needed for 0.005" in short.sentence
    assert short.total[-1] == pytest.approx(TOTAL, abs=0.03)


def test_a_design_covers_every_parameter_once() -> None:
    with pytest.raises(UsageError, match="cover every parameter once"):
        design({"a": [0], "b": [0]}, 64, seed=0)
    with pytest.raises(UsageError, match="a base of 100"):
        design({"a": [0]}, 100, seed=0)
    with pytest.raises(UsageError, match="9 outcomes for 1 groups"):
        sobol_indices(np.ones(9), ["a"], base=4)
    again = design({"a": [0]}, 64, seed=0)
    assert (design({"a": [0]}, 64, seed=0).points == again.points).all()
    assert not (design({"a": [0]}, 64, seed=1).points == again.points).all()


def test_an_outcome_that_does_not_vary() -> None:
    result = sobol_indices(np.ones(64 * 3), ["a"], base=64)
    assert result.total.tolist() == [0.0]
    assert result.sentence == "The outcome does not vary."


def test_correlated_parameters_are_put_into_one_group() -> None:
    correlation = np.eye(4)
    correlation[0, 2] = correlation[2, 0] = -0.5
    correlation[2, 3] = correlation[3, 2] = 0.3
    assert correlated_blocks(correlation, list("abcd")) == {"a + c + d": (0, 2, 3), "b": (1,)}


def test_shapley_shares_of_a_linear_model_match_the_closed_form() -> None:
    """Y = X1 + X2 + 2 X3, X1 and X2 correlated by r: fair shares (1 + r, 1 + r, 4) of 2 + 2r + 4."""
    chance = np.random.default_rng(0)
    inputs = chance.normal(size=(2000, 5))
    inputs[:, 1] = 0.6 * inputs[:, 0] + 0.8 * inputs[:, 1]
    outcome = inputs[:, 0] + inputs[:, 1] + 2 * inputs[:, 2]
    result = correlated_shares(inputs, outcome, list("abcde"))
    assert result.fair == pytest.approx(np.array([1.6, 1.6, 4, 0, 0]) / 7.2, abs=0.03)
    assert result.alone[:3] == pytest.approx(np.array([1.6**2, 1.6**2, 4]) / 7.2, abs=0.04)
    assert result.last[:3] == pytest.approx(np.array([0.64, 0.64, 4]) / 7.2, abs=0.03)
    assert result.explained > 0.99
    assert "divided evenly" in result.sentence
    grouped = correlated_shares(inputs, outcome, list("abcde"), groups={"both": [0, 1], "rest": [2, 3, 4]})
    assert grouped.fair == pytest.approx(np.array([3.2, 4]) / 7.2, abs=0.03)
    assert grouped.alone == pytest.approx(grouped.last, abs=0.03)


def test_an_interaction_is_found_and_shared_by_both() -> None:
    chance = np.random.default_rng(1)
    inputs = chance.normal(size=(600, 20))
    outcome = inputs[:, 4] * inputs[:, 9] + inputs[:, 0]
    result = correlated_shares(inputs, outcome, [f"p{place}" for place in range(20)])
    assert result.fair[[0, 4, 9]] == pytest.approx([0.5, 0.25, 0.25], abs=0.08)
    assert result.last[[4, 9]] == pytest.approx([0.5, 0.5], abs=0.1)
    assert result.alone[[4, 9]] == pytest.approx([0, 0], abs=0.03)


def test_a_fair_share_of_nothing_covers_0() -> None:
    """90% intervals cover 0 in at least 95% for an idle parameter: at least 91 of 100 in 98% of suites."""
    covered = 0
    for seed in range(100):
        chance = np.random.default_rng(seed)
        inputs = chance.normal(size=(200, 4))
        outcome = inputs[:, 0] + inputs[:, 1] ** 2 + chance.normal(size=200)
        result = correlated_shares(inputs, outcome, list("abcd"), orders=20, resamples=30)
        covered += result.low[3] <= 0
    assert covered >= 91


def test_gradients_bound_the_total_index() -> None:
    chance = np.random.default_rng(2)
    inputs = chance.normal(size=(4000, 3)) * [1.0, 2.0, 1.0]
    outcome = inputs[:, 0] - inputs[:, 1] + inputs[:, 0] ** 2 / 2
    slopes = np.column_stack([1 + inputs[:, 0], -np.ones(4000), np.zeros(4000)])
    result = gradient_effects(slopes, inputs, outcome, ["a", "b", "c"], unit="km2")
    assert result.mean == pytest.approx([1, -2, 0], abs=0.1)
    assert (result.bound >= np.array([1.5, 4, 0]) / 5.5 - 0.02).all()
    assert result.order[0] == 1
    assert result.sentence.startswith("Per standard deviation, b moves it by −2")


def test_gradients_of_a_straight_model_divide_its_variance() -> None:
    """Linear and bound are both the share; a parameter that does nothing has neither and is not named."""
    chance = np.random.default_rng(5)
    inputs = chance.normal(size=(4000, 3))
    slopes = np.tile([3.0, -1.0, 0.0], (4000, 1))
    result = gradient_effects(slopes, inputs, inputs @ [3.0, -1.0, 0.0], ["a", "b", "c"])
    assert result.linear == pytest.approx([0.9, 0.1, 0.0], abs=0.03)
    assert result.bound == pytest.approx([0.9, 0.1, 0.0], abs=0.03)
    assert (result.low, result.high) == (pytest.approx(result.mean), pytest.approx(result.mean))
    assert "c " not in result.sentence


def test_intervals_of_mean_effects_hold() -> None:
    """90% intervals of the mean slope of x² hold 0 in 156 to 193 of 200 trials in 99.9% of suites."""
    held = 0
    for seed in range(200):
        inputs = np.random.default_rng(seed).normal(size=(100, 1))
        result = gradient_effects(2 * inputs, inputs, inputs[:, 0] ** 2, ["a"], seed=seed)
        held += result.low[0] <= 0 <= result.high[0]
    assert 156 <= held <= 193


def test_a_logarithm_is_told_as_a_factor() -> None:
    inputs = np.random.default_rng(6).normal(size=(500, 1))
    slopes = np.full((500, 1), np.log(2.0))
    result = gradient_effects(slopes, inputs, slopes[:, 0] * inputs[:, 0], ["a"], is_logarithmic=True)
    assert "a multiplies it by 2.0" in result.sentence or "a multiplies it by 1.9" in result.sentence
    still = gradient_effects(0 * slopes, inputs, inputs[:, 0], ["a"])
    assert still.sentence == "No small step in any parameter moves it."


@pytest.mark.oracle
def test_beside_salib_on_the_same_sample() -> None:
    """Same points, same outcomes: each lies in the other's interval."""
    sobol = pytest.importorskip("SALib.analyze.sobol")
    sample = pytest.importorskip("SALib.sample.sobol")
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    points = sample.sample(problem, 2048, calc_second_order=False, seed=4)
    values = ishigami(points)
    theirs = sobol.analyze(problem, values, calc_second_order=False, seed=5)
    # SALib interleaves A, AB1..ABk, B for each base point.
    blocks = values.reshape(2048, 5).T
    ours = sobol_indices(blocks[[0, 4, 1, 2, 3]].ravel(), problem["names"], base=2048)
    assert (np.abs(ours.first - theirs["S1"]) <= theirs["S1_conf"] + 1e-9).all()
    assert (np.abs(ours.total - theirs["ST"]) <= theirs["ST_conf"] + 1e-9).all()
    assert ((ours.first_low <= theirs["S1"]) & (theirs["S1"] <= ours.first_high)).all()
    assert ((ours.total_low <= theirs["ST"]) & (theirs["ST"] <= ours.total_high)).all()
