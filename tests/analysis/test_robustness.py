from __future__ import annotations

import numpy as np
import pytest

from excomm.analysis.robustness import info_gap_horizon, info_gap_linear, robustness, satisficing_sentence
from excomm.errors import AnalysisError, UsageError

TABLE = np.array([[5.0, 5, 5], [9, 4, 2], [7, 6, 3]])


def test_the_table_of_three_options_and_three_scenarios() -> None:
    result = robustness(TABLE, ["A", "B", "C"], better="higher", requirement=5, unit="points")
    assert result.worst_case.tolist() == [5, 2, 3]
    assert result.best_case.tolist() == [5, 9, 7]
    assert result.average == pytest.approx([5, 5, 16 / 3])
    assert result.regret.tolist() == [[4, 1, 0], [0, 2, 3], [2, 0, 2]]
    assert result.max_regret.tolist() == [4, 3, 2]
    assert result.mean_regret == pytest.approx([5 / 3, 5 / 3, 4 / 3])
    assert result.hurwicz == pytest.approx([5, 5.5, 5])
    assert result.satisficing == pytest.approx([1, 1 / 3, 2 / 3])
    leaders = result.leaders
    assert leaders["worst case"] == ("A",)
    assert leaders["average"] == ("C",)
    assert leaders["largest regret"] == ("C",)
    assert "depends on the measure" in result.sentence
    assert "The smallest largest regret is 2.00 points (C)" in result.sentence
    assert satisficing_sentence(result).endswith("A in 100%, C in 67% and B in 33%.")


def test_less_is_better_mirrors_more_is_better() -> None:
    more = robustness(TABLE, ["A", "B", "C"], better="higher", requirement=5, optimism=0.3)
    less = robustness(-TABLE, ["A", "B", "C"], better="lower", requirement=-5, optimism=0.3)
    for name in ("worst_case", "best_case", "hurwicz", "average"):
        assert getattr(less, name) == pytest.approx(-getattr(more, name))
    for name in (
        "max_regret",
        "regret_p90",
        "satisficing",
        "mean_variance",
        "shortfall",
        "skew",
        "tail_weight",
    ):
        assert getattr(less, name) == pytest.approx(getattr(more, name))
    assert less.leaders == more.leaders


def test_summaries_of_a_known_distribution() -> None:
    values = np.vstack([np.arange(101.0), np.arange(101.0) ** 2])
    result = robustness(values, ["even", "skewed"], better="higher")
    assert result.skew == pytest.approx([0, (8100 + 100 - 2 * 2500) / 8000])
    assert result.tail_weight == pytest.approx([80 / 50, 8000 / 5000])
    assert result.shortfall[0] == pytest.approx(np.maximum(50 - np.arange(101), 0).mean())
    assert result.regret_p90[0] == pytest.approx(np.quantile(np.arange(101.0) ** 2 - np.arange(101.0), 0.9))
    assert result.leaders["largest regret"] == ("skewed",)


def test_one_option_that_leads_by_everything() -> None:
    result = robustness([[3.0, 4.0], [1.0, 2.0]], ["good", "bad"], better="higher")
    assert result.sentence.startswith("good comes first by every measure of robustness")


def test_info_gap_of_a_linear_reward_is_exact() -> None:
    result = info_gap_linear(
        [10.0, 8.0], [[1.0, -2.0], [0.5, 0.5]], [1.0, 2.0], [5.0, 7.5, 11.0], ["bold", "calm"]
    )
    assert result.horizon == pytest.approx(np.array([[1.0, 0.5, 0.0], [2.0, 1 / 3, 0.0]]))
    assert result.sentence.endswith(
        "bold 0.5; calm 0.33. Which option tolerates most error changes with the requirement: at 5.00, the lowest "
        "tried, it is calm (2)."
    )
    assert "none for bold and calm, whose means are not above it" in result.sentence_at(11.0)
    flat = info_gap_linear([10.0], [[0.0]], [1.0], [5.0, 12.0], ["flat"])
    assert flat.horizon.tolist() == [[np.inf, 0.0]]


def test_info_gap_by_bisection_meets_the_closed_form() -> None:
    assert info_gap_horizon(lambda error: 10 - 5 * error, 5.0) == pytest.approx(1.0, abs=1e-8)
    assert info_gap_horizon(lambda error: 10 - error**2, 1.0) == pytest.approx(3.0, abs=1e-7)
    assert info_gap_horizon(lambda error: 1 - error, 2.0) == 0
    assert info_gap_horizon(lambda error: 10.0 + 0 * error, 2.0) == np.inf
    with pytest.raises(AnalysisError, match="rises"):
        info_gap_horizon(lambda error: 10 + error if error < 9 else 0.0, 5.0)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="optimism"):
        robustness(TABLE, ["A", "B", "C"], better="higher", optimism=2)
    with pytest.raises(UsageError, match="no requirement"):
        satisficing_sentence(robustness(TABLE, ["A", "B", "C"], better="higher"))
