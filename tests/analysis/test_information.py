from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, qmc

from excomm.analysis.information import evpi, evppi, evppi_table, evsi, simulated_measurement
from excomm.analysis.report_value import report_value
from excomm.errors import AnalysisError, UsageError


def normals(draws: int, dimensions: int, seed: int) -> np.ndarray:
    """Standard normal draws as a run makes them: scrambled Sobol points through the quantile function."""
    return norm.ppf(qmc.Sobol(dimensions, rng=seed).random_base2(int(np.ceil(np.log2(draws))))[:draws])


def two_options(mean: float, known: float, rest: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    drawn = normals(20_000, 2, seed)
    gain = mean + known * drawn[:, 0] + rest * drawn[:, 1]
    return np.stack([np.zeros_like(gain), gain]), drawn[:, 0]


def worth(mean: float, spread: float) -> float:
    """Closed form for two options whose difference is normal."""
    return float(spread * norm.pdf(mean / spread) - abs(mean) * norm.cdf(-abs(mean) / spread))


def test_the_closed_form_is_the_published_one() -> None:
    assert worth(0, 1) == pytest.approx(0.3989423, abs=1e-6)
    assert worth(1, 2) == pytest.approx(0.3955931, abs=1e-6)
    assert worth(1, 1) == pytest.approx(0.0833155, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("mean", "known", "rest"), [(0.0, 1.0, 0.0), (1.0, 2.0, 0.0), (1.0, 1.0, 3**0.5), (0.0, 0.5, 0.75**0.5)]
)
def test_normal_benefits_within_three_percent(mean: float, known: float, rest: float, seed: int) -> None:
    benefit, parameter = two_options(mean, known, rest, seed)
    assert evpi(benefit).value == pytest.approx(worth(mean, np.hypot(known, rest)), rel=0.03)
    result = evppi(benefit, parameter)
    assert result.value == pytest.approx(worth(mean, known), rel=0.03)
    assert result.left_out == pytest.approx(result.value, abs=3 * result.error)
    assert not result.fragile


def test_two_parameters_together_are_worth_all_that_they_explain() -> None:
    drawn = normals(20_000, 3, 0)
    gain = 0.5 + drawn @ [1.0, 1.0, 1.0]
    result = evppi(np.stack([0 * gain, gain]), drawn[:, :2])
    assert result.value == pytest.approx(worth(0.5, 2**0.5), rel=0.03)


def test_an_interaction_is_worth_something_only_together() -> None:
    drawn = normals(4000, 2, 1)
    gain = drawn[:, 0] * drawn[:, 1]
    benefit = np.stack([0 * gain, gain])
    exact = float(np.abs(drawn[:, 0]).mean() * np.abs(drawn[:, 1]).mean() / 2)
    assert evppi(benefit, drawn).value == pytest.approx(exact, rel=0.06)
    assert evppi(benefit, drawn[:, 0]).value < 0.05 * exact


def test_idle_information_is_worth_nothing_in_95_percent_of_200_trials() -> None:
    """At least 183 of 200, which fails by chance in fewer than 1 suite in 100 at 95%."""
    covered, values, everything = 0, [], []
    for seed in range(200):
        chance = np.random.default_rng(seed)
        benefit = chance.normal(size=(4, 256))
        result = evppi(benefit, chance.normal(size=256))
        covered += result.low == 0
        values.append(result.value)
        everything.append(evpi(benefit).value)
    assert covered >= 183
    assert np.mean(values) < 0.02 * np.mean(everything)


def test_an_idle_group_is_worth_nothing_in_95_percent_of_100_trials() -> None:
    """At least 90 of 100, which fails by chance in fewer than 2 suites in 100 at 95%."""
    covered = 0
    for seed in range(100):
        chance = np.random.default_rng(seed)
        covered += evppi(chance.normal(size=(3, 256)), chance.normal(size=(256, 3))).low == 0
    assert covered >= 90


def test_standard_errors_cover_the_truth() -> None:
    """Nominal 90% on independent draws, 100 trials: 82 or more in 99% of suites."""
    covered = 0
    for seed in range(100):
        chance = np.random.default_rng(seed)
        known, rest = chance.normal(size=(2, 1000))
        gain = 0.5 + known + rest
        result = evppi(np.stack([0 * gain, gain]), known)
        covered += result.low <= worth(0.5, 1.0) <= result.high
    assert covered >= 82


def test_replicate_noise_makes_no_information() -> None:
    chance = np.random.default_rng(2)
    gain = chance.normal(0.5, 1, size=4000)
    clean = np.stack([0 * gain, gain])
    noisy = clean + np.sqrt(0.2) * chance.normal(size=clean.shape)
    naive = evpi(noisy).value
    corrected = evpi(noisy, noise_variance=np.full(clean.shape, 0.2)).value
    truth = evpi(clean).value
    assert truth == pytest.approx(worth(0.5, 1.0), rel=0.1)
    assert naive > 1.25 * truth
    assert corrected == pytest.approx(truth, rel=0.1)


def test_a_measurement_is_worth_less_than_the_truth_and_meets_the_closed_form() -> None:
    drawn = normals(20_000, 1, 3)[:, 0]
    gain = 0.5 + drawn
    benefit = np.stack([0 * gain, gain])
    values = []
    for error in (0.25, 0.5, 2.0):
        findings = simulated_measurement(drawn, error, name="survey", seed=1)
        result = evsi(benefit, findings, name="of a survey")
        assert result.value == pytest.approx(worth(0.5, 1 / np.hypot(1, error)), abs=2.5 * result.error)
        assert result.error < 0.004
        values.append(result.value)
    assert values == sorted(values, reverse=True)
    assert "The collection of a survey is worth" in result.sentence


def test_the_table_puts_the_information_worth_most_first() -> None:
    drawn = normals(1000, 5, 4)
    gain = 0.2 + 2 * drawn[:, 3] + 0.7 * drawn[:, 1]
    table = evppi_table(
        np.stack([0 * gain, gain]), drawn, list("abcde"), groups={"front": [1, 3]}, unit="points of value"
    )
    assert [value.name for value in table[:3]] == ["front", "d", "b"]
    assert table[0].share == pytest.approx(1, abs=0.05)
    assert "of the value of knowing everything" in table[1].sentence
    assert "would not change which option" in table[-1].sentence


def test_identical_options_leave_nothing_to_find_out() -> None:
    gain = normals(200, 1, 5)[:, 0]
    assert evpi(np.stack([gain, gain])).value == 0
    assert evppi(np.stack([gain, gain]), gain).value == 0


def test_a_report_worked_by_hand() -> None:
    """True in 40%: a gains 10 then and loses 5 otherwise, b gains nothing. Now a leads, with 1 on average."""
    truth = np.array([True] * 40 + [False] * 60)
    benefit = np.stack([np.where(truth, 10.0, -5.0), np.zeros(100)])
    perfect = report_value(benefit, truth, ["a", "b"], resamples=2000)
    assert perfect.value + perfect.bias == pytest.approx(0.4 * 10 - 1)
    assert (perfect.then_confirmed, perfect.then_denied) == ("a", "b")
    assert perfect.if_denied == pytest.approx(5)
    assert perfect.posterior_confirmed == 1
    noisy = report_value(benefit, truth, ["a", "b"], hit=0.8, false_alarm=0.1)
    # Denied: 0.08 true x 10 - 0.54 false x 5 = -1.9, avoided by b.
    assert noisy.value + noisy.bias == pytest.approx(1.9)
    assert noisy.probability_confirmed == pytest.approx(0.38)
    assert noisy.posterior_confirmed == pytest.approx(0.32 / 0.38)
    assert noisy.posterior_denied == pytest.approx(0.08 / 0.62)
    assert "denial (very unlikely (13%)) would turn the lead from a to b" in noisy.sentence
    useless = report_value(benefit, truth, ["a", "b"], hit=0.5, false_alarm=0.5)
    assert useless.value == pytest.approx(0, abs=1e-9)
    assert "neither confirmation nor denial would change that a leads" in useless.sentence


def test_regression_and_reweighting_agree_on_a_yes_or_no_question() -> None:
    chance = np.random.default_rng(6)
    truth = chance.random(2000) < 0.3
    gain = np.where(truth, 1.0, -0.6) + chance.normal(size=2000)
    benefit = np.stack([0 * gain, gain])
    answer = report_value(benefit, truth, ["wait", "act"])
    assert evppi(benefit, truth.astype(float)).value == pytest.approx(answer.value, abs=0.01)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="one option"):
        evpi(np.ones((1, 10)))
    with pytest.raises(AnalysisError, match="too few"):
        evppi(np.ones((2, 10)), np.ones(10))
    with pytest.raises(AnalysisError, match="holds in 2 of 100 draws"):
        report_value(np.ones((2, 100)), np.arange(100) < 2, ["a", "b"])
