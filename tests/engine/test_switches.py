"""Submodels switched off: what is named stays, the rest does nothing."""

from __future__ import annotations

import numpy as np
import pytest
from small_runs import drawn, same, simulated

from excomm.case.model import Case
from excomm.engine.simulation import Simulation
from excomm.engine.switches import NEUTRAL, switch_off
from excomm.errors import UsageError
from excomm.world.parameters import BLOCKS, declared_ids


def test_neutral_values_belong_to_parameters_of_their_submodel_and_lie_in_bounds(strait: Case) -> None:
    known = set(declared_ids())
    assert set(NEUTRAL) <= set(BLOCKS)
    for submodel, neutral in NEUTRAL.items():
        assert set(neutral) <= known
        for name, value in neutral.items():
            assert name.startswith(f"{submodel}.")
            low, high = strait.base_parameters[name].bounds
            if not low <= value <= high:
                # A share shot down has no neutral value inside its bounds; none is used.
                raise AssertionError(f"{name}: {value} outside {low} to {high}")


def test_all_submodels_named_is_nothing_switched_off(strait: Case, base: Simulation) -> None:
    draws = drawn(strait)
    assert switch_off(draws, None) is draws
    every = switch_off(draws, list(NEUTRAL))
    same(base.outcomes, simulated(strait, draws=every).outcomes)


def test_only_the_ground_war(strait: Case) -> None:
    found = simulated(strait, draws=switch_off(drawn(strait), ["ground", "front", "attrition"][:2])).outcomes
    assert (found["killed_host"] > 100).all()
    assert np.abs(found["area_change"]).min() > 0
    for name in (
        "leakers_host", "deaths_civilian_host", "deaths_civilian_adversary", "troops_realised", "killed_alliance",
        "nuclear_use_probability", "neighbour_probability", "ceasefire_probability", "withdrawal_probability",
        "credibility_elsewhere",
    ):  # fmt: skip
        assert (found[name] == 0).all(), name
    assert (found["morale_host"] == 1).all()


def test_only_the_air_war_leaves_the_front_at_rest(strait: Case) -> None:
    found = simulated(strait, draws=switch_off(drawn(strait), ["air", "power", "civil"])).outcomes
    assert (found["leakers_host"] > 0).all()
    assert (found["deaths_civilian_host"] > 0).all()
    assert (found["killed_host"] < 1).all()


@pytest.mark.parametrize("wrong", ["grond", "", "ground.host", "nuclear "])
def test_a_submodel_that_does_not_exist_is_named_with_those_that_do(strait: Case, wrong: str) -> None:
    with pytest.raises(UsageError) as caught:
        switch_off(drawn(strait), ["ground", wrong])
    assert caught.value.path == "--only"
    assert repr(wrong) in caught.value.message
    assert "diplomacy" in (caught.value.expected or "")
