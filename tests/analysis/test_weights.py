from __future__ import annotations

import numpy as np
import pytest

from excomm.analysis.perspectives import acceptable_risk, perspective_views
from excomm.analysis.weights import rank_acceptability, scale_values, weight_regions, weight_triangle
from excomm.errors import AnalysisError, UsageError

# Two criteria: a is ahead while the first criterion weighs more than 1/3.
TWO = np.repeat(np.array([[[2.0, 0.0]], [[0.0, 1.0]]]) / 2, 50, axis=1)


def test_values_run_from_the_worst_to_the_best() -> None:
    amounts = np.array([[[10.0, 5.0], [20.0, 1.0]]])
    values = scale_values(amounts, ["higher", "lower"], worst=[0, 11], best=[20, 1])
    assert values[0] == pytest.approx(np.array([[0.5, 0.6], [1.0, 1.0]]))
    with pytest.raises(UsageError, match="no better than its worst"):
        scale_values(amounts, ["higher", "lower"], worst=[0, 1], best=[20, 11])
    pooled = scale_values(np.random.default_rng(0).normal(size=(2, 500, 1)), ["lower"])
    assert np.quantile(pooled, [0.05, 0.95]) == pytest.approx([0, 1])


def test_acceptability_of_a_case_that_can_be_worked_by_hand() -> None:
    result = rank_acceptability(TWO, ["a", "b"], ["x", "y"])
    assert result.acceptability[:, 0] == pytest.approx([2 / 3, 1 / 3], abs=4 * float(result.error[0]))
    assert result.acceptability.sum(axis=0) == pytest.approx([1, 1])
    assert result.acceptability.sum(axis=1) == pytest.approx([1, 1])
    assert result.central_weights == pytest.approx(np.array([[2 / 3, 1 / 3], [1 / 6, 5 / 6]]), abs=0.01)
    assert result.confidence.tolist() == [1.0, 1.0]
    assert "a in 67% and b in 33%" in result.sentence


def test_identical_options_share_every_rank() -> None:
    values = np.random.default_rng(0).normal(size=(1, 200, 3)).repeat(2, axis=0)
    result = rank_acceptability(values, ["a", "b"], ["x", "y", "z"])
    assert result.acceptability == pytest.approx(np.full((2, 2), 0.5))
    assert [region.share for region in weight_regions(values, ["a", "b"], ["x", "y", "z"])] == [0.5, 0.5]


def test_a_dominated_option_is_never_first() -> None:
    values = np.array([[[1.0, 1.0]], [[0.5, 0.9]]])
    result = rank_acceptability(values, ["good", "worse"], ["x", "y"])
    assert result.acceptability[:, 0].tolist() == [1.0, 0.0]
    assert np.isnan(result.central_weights[1]).all()
    assert result.sentence.endswith("No weights put worse first.")
    region = weight_regions(values, ["good", "worse"], ["x", "y"])[1]
    assert region.low is None
    assert region.sentence == "No value weights give worse the highest expected value."


def test_the_ends_of_a_region_are_exact() -> None:
    first, second = weight_regions(TWO, ["a", "b"], ["x", "y"])
    assert first.low is not None
    assert first.high is not None
    assert second.high is not None
    assert first.low == pytest.approx([1 / 3, 0])
    assert first.high == pytest.approx([1, 2 / 3])
    assert second.high == pytest.approx([1 / 3, 1])
    assert first.share == pytest.approx(2 / 3, abs=4 * first.error)
    assert "at least 33% on x" in first.sentence
    assert "at most 67% on y" in first.sentence


def test_a_region_too_thin_to_be_sampled_is_still_found() -> None:
    values = np.array([[[1.0, 0.0]], [[0.0, 1.0]], [[0.5, 0.5]]])
    middle = weight_regions(values, ["a", "b", "tie"], ["x", "y"], samples=500)[2]
    assert middle.low is not None
    assert middle.low == pytest.approx([0.5, 0.5])
    assert middle.centre == pytest.approx([0.5, 0.5])


def test_a_perspective_says_how_far_its_view_holds() -> None:
    view = perspective_views(TWO, ["a", "b"], ["x", "y"], {"host": [3.0, 1.0]})[0]
    assert view.weights == pytest.approx([0.75, 0.25])
    assert view.leader == "a"
    # (1 - t) x (0.75, 0.25) + t x (0, 1): x weighs 1/3 at t = 5/9.
    assert view.turns == (None, pytest.approx(5 / 9))
    assert view.turns_to == (None, "b")
    assert "b leads once 56% of the weight moves to y" in view.sentence
    assert "almost certain (in all 50 draws)" in view.sentence
    with pytest.raises(UsageError, match="weights of host"):
        perspective_views(TWO, ["a", "b"], ["x", "y"], {"host": [-1.0, 1.0]})


def test_a_triangle_of_weights() -> None:
    values = np.eye(3)[:, None, :]
    triangle = weight_triangle(values, ["a", "b", "c"], {"x": [0], "y": [1], "z": [2]}, steps=10)
    assert triangle.mixes.sum(axis=1) == pytest.approx(1)
    assert len(triangle.mixes) == 66
    corner = triangle.mixes.argmax(axis=1)
    clear = triangle.margin > 1e-9
    assert (triangle.leader[clear] == corner[clear]).all()
    with pytest.raises(UsageError):
        weight_triangle(values, ["a", "b", "c"], {"x": [0]})


def test_catastrophe_is_held_against_its_own_line() -> None:
    risk = np.array([[0.0005, 0.0005, 0.0005, 0.02], [0.0001] * 4])
    result = acceptable_risk(risk, ["bold", "calm"], line=0.001, event="Nuclear use")
    assert result.above.tolist() == [0.25, 0.0]
    assert result.worst_draw.tolist() == [0.02, 0.0001]
    assert result.sentence.startswith(
        "Nuclear use: is the risk above 1 in 1,000? bold unlikely (25%), mean 54 in 10,000, "
        "90% interval 5.0 to 171; calm"
    )
    assert "almost no chance (in none of 4 draws)" in result.sentence
    with pytest.raises(AnalysisError):
        acceptable_risk([[1.2]], ["x"], line=0.1)
    with pytest.raises(UsageError):
        acceptable_risk(risk, ["bold", "calm"], line=0)
