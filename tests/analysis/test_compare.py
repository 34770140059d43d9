from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from excomm.analysis.compare import compare_options, dominance, paired_difference
from excomm.analysis.variance import grade_groups, group_shares, split_variance
from excomm.errors import AnalysisError, UsageError

NORMAL = norm.ppf((np.arange(512) + 0.5) / 512)


def test_paired_difference_of_known_numbers() -> None:
    result = paired_difference([3.0, 5.0, 7.0, 9.0], [2.0, 2.0, 8.0, 2.0], better="higher", unit="km2")
    assert result.mean == pytest.approx(2.5)
    assert result.mcse == pytest.approx(np.std([1, 3, -1, 7], ddof=1) / 2)
    assert result.prob_better == 0.75
    assert result.prob_better_low < 0.75 < result.prob_better_high
    lower = paired_difference([3.0, 5.0, 7.0, 9.0], [2.0, 2.0, 8.0, 2.0], better="lower")
    assert lower.prob_better == 0.25


def test_differences_of_probabilities_are_told_in_natural_frequencies() -> None:
    gain = np.linspace(0.0, 0.004, 101)
    result = paired_difference(
        0.01 + gain, np.full(101, 0.01), better="lower", outcome="war", unit="probability"
    )
    assert "the difference is 2.0 in 1,000 on average (90% interval 0.2 to 3.8 in 1,000)" in result.sentence
    large = paired_difference(0.1 + 50 * gain, np.full(101, 0.1), better="lower", unit="probability")
    assert "the difference is 10.0 in 100 on average (90% interval 1.0 to 19.0 in 100)" in large.sentence


def test_pairing_sees_what_the_averages_hide() -> None:
    chance = np.random.default_rng(0)
    shared = chance.normal(scale=100, size=512)
    result = paired_difference(shared + 1, shared + chance.normal(size=512), better="higher", unit="km2")
    assert result.different
    assert result.mean == pytest.approx(1, abs=0.2)
    assert "very likely (8" in result.sentence or "likely (8" in result.sentence
    assert "90% interval" in result.sentence


def test_what_is_left_open_is_told_at_the_level_of_the_false_alarms() -> None:
    """A few draws far out: nearly every draw is better, the average stays open."""
    gain = np.concatenate([np.full(95, 1.0), np.full(5, -30.0)])
    for false_alarm, level in ((0.01, "99%"), (0.05, "95%"), (0.001, "99.9%")):
        result = paired_difference(gain, np.zeros(100), better="higher", false_alarm=false_alarm)
        assert not result.different
        assert f"({level} interval), nil among them" in result.sentence


def test_identical_options_are_never_called_different() -> None:
    for seed in range(50):
        values = np.random.default_rng(seed).lognormal(size=256)
        result = paired_difference(values, values, better="higher", option="a", reference="b", outcome="cost")
        assert not result.different
        assert result.sentence == "a and b have the same cost in every draw."


def test_the_false_alarm_rate_is_the_one_stated() -> None:
    """Same mean, independent noise, 1% false alarms: at most 11 in 500, but for 1 suite in 100."""
    alarms = 0
    for seed in range(500):
        chance = np.random.default_rng(seed)
        alarms += paired_difference(
            chance.normal(size=100), chance.normal(size=100), better="lower"
        ).different
    assert alarms <= 11


def test_replicate_noise_does_not_blur_the_preference() -> None:
    chance = np.random.default_rng(1)
    gain = chance.normal(1, 0.5, size=4000)
    noisy = gain + chance.normal(scale=0.5, size=4000)
    result = paired_difference(noisy, np.zeros(4000), better="higher", noise_variance=np.full(4000, 0.25))
    assert result.noise_share == pytest.approx(0.5, abs=0.05)
    assert result.prob_better == pytest.approx(norm.cdf(2), abs=0.01)
    assert result.p95 - result.p05 == pytest.approx(0.5 * 2 * 1.645, rel=0.1)


def test_all_options_share_one_error_rate() -> None:
    outcomes = np.random.default_rng(2).normal(size=(3, 200))
    results = compare_options(outcomes, ["a", "b", "c"], reference="b", better="higher")
    assert [result.option for result in results] == ["a", "c"]
    with pytest.raises(UsageError, match="no option 'd'"):
        compare_options(outcomes, ["a", "b", "c"], reference="d", better="higher")
    with pytest.raises(AnalysisError):
        paired_difference([1.0], [2.0], better="higher")


def test_dominance_of_normals() -> None:
    assert dominance(NORMAL + 1, NORMAL, better="higher").order == "first"
    spread = dominance(NORMAL, 2 * NORMAL, better="higher")
    assert spread.order == "second"
    assert spread.first_violation == pytest.approx(0.5, abs=0.01)
    assert spread.second_violation == pytest.approx(0, abs=1e-6)
    assert dominance(2 * NORMAL, NORMAL, better="higher").order is None
    assert dominance(NORMAL - 1, NORMAL, better="lower").order == "first"
    assert dominance(NORMAL, 2 * NORMAL, better="lower").order == "second"


def test_the_reference_may_be_the_one_that_dominates() -> None:
    worse = dominance(NORMAL - 1, NORMAL, better="higher", option="a", reference="b")
    assert (worse.order, worse.reverse, worse.first_violation) == (None, "first", 1.0)
    assert worse.sentence == (
        "b dominates a at first order: its distribution is better for everyone who prefers higher values (in 100% of "
        "bootstrap resamples too)."
    )
    assert dominance(2 * NORMAL, NORMAL, better="higher").reverse == "second"
    risky = dominance(2 * NORMAL + 1, NORMAL, better="higher", option="a", reference="b")
    assert (risky.order, risky.reverse) == (None, None)
    assert risky.sentence.startswith("Neither a nor b dominates")
    same = dominance(NORMAL, NORMAL, better="higher")
    assert (same.order, same.reverse, same.same) == (None, None, True)


def test_dominance_of_small_tables_is_exact() -> None:
    better = dominance([1.0, 3.0, 5.0], [1.0, 2.0, 5.0], better="higher")
    assert (better.first_violation, better.second_violation) == (0.0, 0.0)
    crossed = dominance([2.0, 3.0, 4.0], [1.0, 3.0, 5.0], better="higher")
    assert crossed.first_violation == pytest.approx(0.5)
    assert crossed.second_violation == 0.0
    same = dominance([2.0, 1.0], [1.0, 2.0], better="higher", option="a", reference="b")
    assert same.order is None
    assert same.sentence == "a and b have the same distribution."


def test_dominance_is_rarely_claimed_of_two_samples_of_one_distribution() -> None:
    """Measured 4 and 1 in 100 for the two ways; more than 10 in 100 would be rarer than 1 in 100 at that rate."""
    claims, reverse = 0, 0
    for seed in range(100):
        chance = np.random.default_rng(seed)
        result = dominance(
            chance.normal(size=256), chance.normal(size=256), better="higher", resamples=100, seed=seed
        )
        claims += result.order is not None
        reverse += result.reverse is not None
    assert claims <= 10
    assert reverse <= 10


def test_epistemic_and_random_variance_are_recovered_without_bias() -> None:
    """True values 4 and 9; the mean of 200 estimates lies within 3 of its standard errors (1 in 300)."""
    epistemic, random, covered = [], [], 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        sample = chance.normal(scale=2, size=(128, 1)) + chance.normal(scale=3, size=(128, 16))
        result = split_variance(sample.mean(axis=1), sample.var(axis=1, ddof=1), replicates=16)
        epistemic.append(result.epistemic)
        random.append(result.random)
        covered += result.low <= 4 / 13 <= result.high
    assert np.mean(epistemic) == pytest.approx(4, abs=3 * np.std(epistemic) / np.sqrt(200))
    assert np.mean(random) == pytest.approx(9, abs=3 * np.std(random) / np.sqrt(200))
    assert covered >= 165
    assert "comes from what is not known" in result.sentence


def test_no_epistemic_spread_is_reported_as_none() -> None:
    result = split_variance(np.ones(50), np.full(50, 2.0), replicates=8)
    assert result.epistemic_share == 0
    with pytest.raises(AnalysisError):
        split_variance([1.0, 2.0], [0.0, 0.0], replicates=1)


def test_share_due_to_judgement_and_to_model_form() -> None:
    chance = np.random.default_rng(3)
    inputs = np.column_stack([chance.normal(size=(1000, 3)), chance.integers(2, size=1000)])
    outcome = inputs[:, 0] + 2 * inputs[:, 1] + 0 * inputs[:, 2] + 2 * inputs[:, 3]
    groups = grade_groups(["a", "b", "c", "form"], ["A", "C", "C", "B"], model_form=["form"])
    assert groups == {"parameters with data": (0,), "judgement": (1, 2), "model form": (3,)}
    result = group_shares(inputs, outcome, groups)
    assert result.share == pytest.approx([1 / 6, 4 / 6, 1 / 6], abs=0.03)
    assert result.share.sum() == pytest.approx(result.explained)
    assert "judgement 6" in result.sentence


def test_correlated_groups_share_fairly() -> None:
    """Linear, standard normal, correlation r: the Shapley shares have a closed form, here 1/2 each."""
    chance = np.random.default_rng(4)
    first = chance.normal(size=4000)
    second = 0.9 * first + np.sqrt(1 - 0.81) * chance.normal(size=4000)
    result = group_shares(np.column_stack([first, second]), first + second, {"a": [0], "b": [1]})
    assert result.alone == pytest.approx([0.95, 0.95], abs=0.01)
    assert result.share == pytest.approx([0.5, 0.5], abs=0.01)
