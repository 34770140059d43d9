from __future__ import annotations

import numpy as np
import pytest

from excomm.analysis.discovery import discover, find_box
from excomm.analysis.tree import grow_tree
from excomm.errors import AnalysisError, UsageError


def boxed(draws: int, dimensions: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    inputs = np.random.default_rng(seed).uniform(size=(draws, dimensions))
    return inputs, (inputs[:, 0] > 0.7) & (inputs[:, 1] < 0.4)


@pytest.mark.parametrize("seed", range(10))
def test_the_published_box_is_recovered(seed: int) -> None:
    inputs, cases = boxed(2000, 5, seed)
    box = find_box(inputs, cases, list("abcde"), resamples=0)
    limits = {limit.parameter: limit for limit in box.limits}
    assert set(limits) == {"a", "b"}
    assert limits["a"].low == pytest.approx(0.7, abs=0.03)
    assert limits["b"].high == pytest.approx(0.4, abs=0.03)
    assert limits["a"].high is None
    assert limits["b"].low is None
    assert box.coverage > 0.9
    assert box.density > 0.9
    assert max(limit.quasi_p for limit in box.limits) < 1e-6


def test_the_box_says_what_it_found_and_how_well() -> None:
    inputs, cases = boxed(2000, 5, 0)
    box = find_box(inputs, cases, list("abcde"), event="the risk exceeds the line")
    assert box.found
    assert all(limit.reproduced == 1 for limit in box.limits)
    assert box.held_density is not None
    assert box.held_density > 0.9
    assert box.sentence.startswith("Where a is above 0.")
    assert "the risk exceeds the line in more than 99% of draws (density; 12% overall)" in box.sentence
    assert "quasi-p below 0.001" in box.sentence
    coverage, density, mass, _ = box.trade_off.T
    assert (np.diff(coverage) <= 0).all()
    assert (np.diff(mass) < 0).all()
    assert density[-1] > density[0]
    assert coverage * cases.mean() == pytest.approx(density * mass)


def test_noise_has_no_box() -> None:
    """No false alarm in 200 trials when measured; here none in 20."""
    for seed in range(20):
        chance = np.random.default_rng(seed)
        box = find_box(
            chance.uniform(size=(300, 10)), chance.random(300) < 0.2, list("abcdefghij"), resamples=4
        )
        assert not box.found
        assert "No box of parameters tells" in box.sentence


def test_noisy_labels_and_idle_parameters_leave_the_box_standing() -> None:
    found = 0
    for seed in range(10):
        chance = np.random.default_rng(seed)
        inputs, inside = boxed(512, 20, seed)
        cases = (inside & (chance.random(512) < 0.9)) | (chance.random(512) < 0.05)
        box = find_box(inputs, cases, [f"p{place}" for place in range(20)], resamples=0)
        names = {limit.parameter for limit in box.limits}
        assert names <= {"p0", "p1"}
        found += names == {"p0", "p1"}
    assert found >= 8


def test_two_boxes_one_after_the_other() -> None:
    inputs = np.random.default_rng(3).uniform(size=(3000, 4))
    cases = (inputs[:, 0] > 0.8) | ((inputs[:, 1] < 0.2) & (inputs[:, 2] < 0.5))
    result = discover(inputs, cases, list("abcd"), resamples=4)
    assert len(result.boxes) == 2
    assert result.coverage > 0.9
    assert {limit.parameter for limit in result.boxes[0].limits} == {"a"}
    assert {limit.parameter for limit in result.boxes[1].limits} == {"b", "c"}
    assert "Together they cover" in result.sentence


def test_a_switch_can_limit_a_box() -> None:
    chance = np.random.default_rng(4)
    inputs = np.column_stack([chance.integers(2, size=600), chance.uniform(size=600)])
    box = find_box(inputs, (inputs[:, 0] == 1) & (inputs[:, 1] > 0.5), ["form", "x"], resamples=0)
    limits = {limit.parameter: limit for limit in box.limits}
    assert limits["form"].low == pytest.approx(0.5)
    assert limits["x"].low == pytest.approx(0.5, abs=0.03)


def test_too_few_cases_are_refused() -> None:
    with pytest.raises(AnalysisError, match="2 of 100 draws"):
        find_box(np.ones((100, 1)), np.arange(100) < 2, ["a"])
    with pytest.raises(UsageError):
        find_box(np.ones((100, 1)), np.ones(99), ["a"])


def test_a_small_tree_finds_the_same_region() -> None:
    inputs, cases = boxed(1000, 5, 5)
    tree = grow_tree(inputs, cases, list("abcde"), event="it reaches NATO")
    assert sum(leaf.mass for leaf in tree.leaves) == pytest.approx(1)
    assert sum(leaf.mass * leaf.rate for leaf in tree.leaves) == pytest.approx(cases.mean())
    assert tree.leaves[0].rate > 0.9
    assert [text.split()[0] for text in tree.leaves[0].conditions] == ["a", "b"]
    assert tree.sentence.startswith("It reaches NATO in")


def test_noise_grows_no_tree() -> None:
    """Nominal 5% (Bonferroni): at most 10 of 100 trials, exceeded in fewer than 2 suites in 100."""
    grown = 0
    for seed in range(100):
        chance = np.random.default_rng(seed)
        tree = grow_tree(chance.normal(size=(300, 6)), chance.random(300) < 0.3, list("abcdef"))
        grown += len(tree.leaves) > 1
    assert grown <= 10


@pytest.mark.oracle
def test_the_ema_workbench_finds_the_same_box() -> None:
    """The same draws, the same truth: limits within .03 of each other, coverage and density within .05."""
    prim = pytest.importorskip("ema_workbench.analysis.prim")
    import pandas as pd

    inputs = np.random.default_rng(5).uniform(size=(2000, 5))
    cases = (inputs[:, 0] > 0.7) & (inputs[:, 1] < 0.4)
    ids = [f"x{place}" for place in range(5)]
    ours = find_box(inputs, cases, ids, resamples=0)
    theirs = prim.Prim(pd.DataFrame(inputs, columns=ids), cases, threshold=0.8).find_box()
    low, high = theirs.box_lims[-1]["x0"][0], theirs.box_lims[-1]["x1"][1]
    limits = {limit.parameter: limit for limit in ours.limits}
    assert set(limits) == {"x0", "x1"}
    assert limits["x0"].low == pytest.approx(float(low), abs=0.03)
    assert limits["x1"].high == pytest.approx(float(high), abs=0.03)
    assert ours.coverage == pytest.approx(float(theirs.coverage), abs=0.05)
    assert ours.density == pytest.approx(float(theirs.density), abs=0.05)
