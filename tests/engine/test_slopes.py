"""Slopes by reverse differentiation against differences of the same path, for every outcome and every parameter."""

from __future__ import annotations

import numpy as np
import pytest
from small_runs import drawn

from excomm.case.model import Case
from excomm.engine.slopes import BLOCK, PATH_OUTCOMES, WorldPath
from excomm.quantities import OUTCOMES
from excomm.world.parameters import declared_ids, pack, unpack

OPTION = "intervention"  # troops that fight: more of the world is awake than under current aid
STEP = 0.005  # of the standard deviation over draws


@pytest.fixture(scope="module")
def path(strait: Case) -> WorldPath:
    return WorldPath(strait, drawn(strait, number=BLOCK), OPTION)


@pytest.fixture(scope="module")
def slopes(path: WorldPath) -> dict[str, dict[str, np.ndarray]]:
    return {outcome: path.slopes(outcome)[1] for outcome in PATH_OUTCOMES}


def test_slopes_are_those_of_small_differences(
    strait: Case, path: WorldPath, slopes: dict[str, dict[str, np.ndarray]]
) -> None:
    """All that varies, 13 outcomes, 64 draws: within 2% and the rounding of the path.

    The path is computed in single precision (6e-8 of a value, added up over 52 weeks): a difference is known to some
    5e-6 of the largest value, 1 to 10% of what a step of .005 of a standard deviation does to an outcome that hardly
    depends on the parameter. Where a cap, a stock that runs out or a bend of the interception (one shot more) lies
    within the step in one of the weeks, the difference mixes both sides: so 6 of the 64 draws may differ for a
    parameter, and 1 in 100 over all (.4% measured); a wrong slope differs in all draws.
    """
    draws = drawn(strait, number=BLOCK)
    place = draws.options.index(OPTION)
    base = path.values()
    counted, differing, without = 0, 0, set()
    for name in declared_ids():
        given = draws.values[name][place]
        step = STEP * given.std()
        if step == 0:
            continue
        # The step as single precision takes it.
        ends = [(given + way * step).astype(np.float32).astype(np.float64) for way in (1.0, -1.0)]
        above, below = (path.values({name: end}) for end in ends)
        for outcome, values in base.items():
            found = above[outcome] - below[outcome]
            wanted = slopes[outcome][name] * (ends[0] - ends[1])
            rounding = 5e-6 * np.abs(values).max()
            if not wanted.any():
                if (np.abs(found) > rounding).any():
                    without.add(name)
                continue
            wrong = np.abs(found - wanted) > 0.02 * np.abs(wanted) + rounding
            assert wrong.sum() <= 6, (outcome, name, found[wrong], wanted[wrong])
            counted += 1
            differing += wrong.sum()
    assert counted > 500
    assert differing <= counted * BLOCK / 100
    assert without == {"aid.review_week"}  # reached in a week or not: no other parameter acts by a step alone


def test_every_slope_is_a_number_and_every_parameter_has_one(
    slopes: dict[str, dict[str, np.ndarray]],
) -> None:
    for outcome, found in slopes.items():
        assert set(found) == set(declared_ids())
        assert all(each.shape == (BLOCK,) and np.isfinite(each).all() for each in found.values()), outcome
        assert any(each.any() for each in found.values()), outcome


def test_what_the_path_does_not_read_has_slope_0(slopes: dict[str, dict[str, np.ndarray]]) -> None:
    idle = [name for name in declared_ids() if name.startswith(("nuclear.", "diplomacy.", "credibility."))]
    assert len(idle) > 12
    assert not any(slopes["leakers_host"][name].any() for name in idle)
    assert slopes["nuclear_use_probability"]["nuclear.baseline"].all()


def test_a_cost_that_is_proportional_has_its_ratio_as_slope(strait: Case, path: WorldPath) -> None:
    """Aid costs `aid.cost` a week times a factor that the price does not change: value at 0 plus slope x price."""
    price = drawn(strait, number=BLOCK).values["aid.cost"][0]
    values, found = path.slopes("cost_alliance")
    free = path.values({"aid.cost": 0.0 * price})["cost_alliance"]
    assert values - free == pytest.approx(found["aid.cost"] * price, rel=1e-4)


def test_neither_the_number_of_draws_nor_their_block_shows(strait: Case, path: WorldPath) -> None:
    many = drawn(strait, number=BLOCK)
    more = {name: np.concatenate([each, each[:, :6]], axis=1) for name, each in many.values.items()}
    longer = WorldPath(strait, type(many)(more, many.options, many.percentiles, many.truths), OPTION)
    values, found = longer.slopes("area_change")
    short_values, short = path.slopes("area_change")
    assert values.shape == (BLOCK + 6,)
    assert (values[:BLOCK] == short_values).all()
    assert (values[BLOCK:] == short_values[:6]).all()
    assert (found["aid.level"][BLOCK:] == short["aid.level"][:6]).all()


def test_path_outcomes_are_outcomes_and_unpack_undoes_pack(strait: Case) -> None:
    assert set(PATH_OUTCOMES) <= set(OUTCOMES)
    values = drawn(strait, number=4).values
    again = unpack(pack({name: values[name] for name in declared_ids()}))
    assert set(again) == set(declared_ids())
    assert all((again[name][..., 0] == values[name].astype(np.float32)).all() for name in again)
