"""The engine against an independent, plain NumPy version of the same formulas: every outcome, every week."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_runs import DRAWS, REPLICATES, drawn

from excomm.beliefs.draws import side_actors
from excomm.case.model import Case
from excomm.engine.crisis import BLOCK_DRAWS, Crisis, take_policy
from excomm.engine.noise import draw_noise, streams
from excomm.engine.setup import build_setting
from excomm.engine.simulation import Simulation
from excomm.quantities import OUTCOMES, SERIES

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import plain_numpy


@pytest.fixture(scope="module")
def plain(strait: Case, base: Simulation) -> tuple[dict[str, Any], dict[str, Any]]:
    draws = drawn(strait)
    assert DRAWS <= BLOCK_DRAWS
    numbers = np.minimum(np.arange(BLOCK_DRAWS), DRAWS - 1)
    policy = take_policy(Crisis(strait, draws).solved(numbers).policy, np.arange(DRAWS))
    sides = side_actors(strait)
    noise = draw_noise(
        streams(0, sides["host"], sides["adversary"]),
        np.arange(DRAWS),
        replicates=REPLICATES,
        weeks=52,
        epochs=13,
    )
    inputs = plain_numpy.Inputs(
        values=draws.values, setting=build_setting(strait, strait.options), origin=base.origin, policy=policy,
        weeks=52, reference=0,
    )  # fmt: skip
    return plain_numpy.simulate(inputs, noise, kept=REPLICATES)


def close(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Equal but for rounding in single precision over 52 weeks; small against the largest value counts as equal."""
    scale = np.abs(one).max()
    return np.abs(one - other) <= 2e-4 * np.abs(one) + 1e-5 * scale


@pytest.mark.parametrize("name", list(OUTCOMES))
def test_outcomes_agree(name: str, base: Simulation, plain: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert plain[0][name].dtype == np.float32
    assert close(base.outcomes[name], plain[0][name]).all()


@pytest.mark.parametrize("name", list(SERIES))
def test_weekly_series_agree(
    name: str, base: Simulation, plain: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    assert plain[1][name].shape == base.weekly[name].shape
    assert close(base.weekly[name], plain[1][name]).all()


def test_both_have_the_same_outcomes_and_series(plain: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert set(plain[0]) == set(OUTCOMES)
    assert set(plain[1]) == set(SERIES)
