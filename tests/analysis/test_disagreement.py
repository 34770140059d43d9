from __future__ import annotations

import numpy as np
import pytest

from excomm.analysis.disagreement import attribute
from excomm.errors import AnalysisError, UsageError

STEPS = {"resolve": 3.0, "air": -1.0, "ground": 0.5}


def test_an_additive_difference_is_divided_exactly() -> None:
    result = attribute(
        lambda chosen: 10 + sum(STEPS[name] for name in chosen),
        list(STEPS),
        conclusion="the risk",
        unit="points",
        sides=("hawk", "dove"),
    )
    assert result.distance == pytest.approx(2.5)
    assert result.effect == pytest.approx(list(STEPS.values()))
    assert result.alone == pytest.approx(list(STEPS.values()))
    assert result.evaluations == 8
    assert result.sentence.startswith(
        "Dove differs from hawk by 2.50 points in the risk; most of it comes from"
    )
    assert result.sentence.endswith("air pulls the other way.")


def test_an_interaction_is_shared_and_the_parts_add_up() -> None:
    def product(chosen: frozenset[str]) -> float:
        return float({"a", "b"} <= chosen) * 4 + float("c" in chosen)

    result = attribute(product, ["a", "b", "c"])
    assert result.effect == pytest.approx([2, 2, 1])
    assert result.alone == pytest.approx([0, 0, 1])
    assert result.effect.sum() == pytest.approx(result.distance)
    assert result.share.sum() == pytest.approx(1)


def test_common_random_numbers_give_a_standard_error() -> None:
    noise = np.random.default_rng(0).normal(size=400)
    tilt = np.random.default_rng(1).normal(1, 0.5, size=400)

    def conclusion(chosen: frozenset[str]) -> np.ndarray:
        return 100 * noise + tilt * ("a" in chosen)

    result = attribute(conclusion, ["a", "idle"])
    assert result.effect[0] == pytest.approx(1, abs=3 * result.error[0])
    assert result.error[0] == pytest.approx(0.5 / 20, rel=0.2)
    assert result.effect[1] == pytest.approx(0, abs=1e-9)


def test_two_identical_files_do_not_disagree() -> None:
    result = attribute(lambda chosen: np.arange(5.0), ["a", "b"], sides=("one", "other"))
    assert result.distance == 0
    assert result.share.tolist() == [0, 0]
    assert (
        result.sentence
        == "One and other come to the same result for the conclusion within the error of the draws."
    )


def test_many_groups_are_sampled_and_still_add_up() -> None:
    names = [f"g{place}" for place in range(12)]
    weights = np.arange(12.0)

    def conclusion(chosen: frozenset[str]) -> float:
        total = sum(weights[names.index(name)] for name in chosen)
        return float(total + 10 * ({"g0", "g1"} <= chosen))

    result = attribute(conclusion, names, orders=100)
    assert result.effect.sum() == pytest.approx(result.distance)
    assert result.effect[2:] == pytest.approx(weights[2:])
    assert result.effect[:2] == pytest.approx([5, 6], abs=4 * max(result.error[0], 0.01))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError):
        attribute(lambda chosen: 0.0, [])
    with pytest.raises(AnalysisError, match="gave no number"):
        attribute(lambda chosen: float("nan"), ["a"])
