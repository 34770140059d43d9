"""The whole world in half weeks ends where it ends in weeks, and a wrong conversion of one parameter would show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from shorter_steps import LOG_ODDS_PER_WEEK, MEMORIES, SHARES_PER_WEEK, STAY, Floats, in_steps, mean_run

from excomm.beliefs.draws import draw
from excomm.case import defaults, load
from excomm.engine.setup import build_setting, members, review_week, scope
from excomm.world.clock import WEEKLY, Clock
from excomm.world.parameters import declared_ids, pack

HALF = Clock(2)
DRAWS, WEEKS = 16, 52
# Aid alone, allies that fight, a force on a ceasefire, a shield.
OPTIONS = {
    "strait": ("current-aid", "intervention", "monitors-on-ceasefire", "air-shield"),
    "ukraine-2024": (
        "current-aid",
        "direct-intervention",
        "stabilisation-on-ceasefire",
        "air-defence-shield",
    ),
}
CASES = ("strait", pytest.param("ukraine-2024", marks=pytest.mark.long))

# Largest change by halving the step, as a share of the outcome's size, mean over the draws, in any option and pair of
# postures: what is not named .006. The last are small differences of large numbers.
TOLERANCES = {
    0.0125: ("killed", "wounded", "recovering", "loss_memory", "allied_killed", "allied_wounded", "allied_interceptors",
             "troop_weeks", "regime_host", "regime_adversary", "victory_host", "victory_adversary", "withdrawal"),
    0.025: ("interceptors", "broken", "agreement", "nuclear", "deliberate", "general"),
    0.05: ("area", "gain_memory", "refugees"),
    0.1: ("retreat", "displaced", "unserved"),
}  # fmt: skip


def tolerance(name: str) -> float:
    """Tolerance of an outcome; those of a side by the name without it."""
    return next((most for most, names in TOLERANCES.items() if name.split(".")[-1] in names), 0.006)


@cache
def given(name: str) -> tuple[dict[str, Floats], Any, Any]:
    """Values by id (options, draws), what a case fixes beside them, and postures of the adversary with peace or not.

    Postures: that of the information date and the highest, in war and under a ceasefire that has just begun.
    """
    case = load(name)
    every = tuple(option.id for option in case.options)
    draws = review_week(case, draw(case, options=every, number=DRAWS, seed=0))
    places = [draws.options.index(option) for option in OPTIONS[name]]
    chosen = [case.option(option) for option in OPTIONS[name]]
    setting = build_setting(case, chosen)
    start, top = int(setting.adversary_start), len(case.postures["adversary"]) - 1
    pairs = jnp.asarray([start, top, start, top]), jnp.asarray([0.0, 0.0, 1.0, 1.0])
    values = {name: draws.values[name][places] for name in declared_ids()}
    return values, (setting, members(case), scope(case, chosen)), pairs


def run(name: str, stated: Mapping[str, Floats], clock: Clock) -> dict[str, Floats]:
    """Results by name; stated: parameters by the step of the clock."""
    _, about, pairs = given(name)
    found = mean_run(pack(stated), *about, *pairs, clock=clock, weeks=WEEKS)
    return {name: np.asarray(value, dtype=float) for name, value in found.items()}


def sizes(weekly: Mapping[str, Floats], values: Mapping[str, Floats]) -> dict[str, Floats]:
    """What a change is measured by: mean size over the draws, at least a tenth of that over options and postures.

    Interceptors are measured by the stock at the outset: where it is used up, what a step leaves is its delivery.
    """
    found = {
        name: np.maximum(np.abs(value).mean(axis=1), 0.1 * np.abs(value).mean()) + (not value.any())
        for name, value in weekly.items()
    }
    for side in ("host", "adversary"):
        found[f"{side}.interceptors"] = values[f"air.{side}.interceptors"].mean(axis=1)[:, None]
    return found


def changes(
    one: Mapping[str, Floats], two: Mapping[str, Floats], size: Mapping[str, Floats]
) -> dict[str, float]:
    """Mean change over the draws over its size, the largest of all options and postures, by outcome."""
    return {name: float((np.abs(two[name] - one[name]).mean(axis=1) / size[name]).max()) for name in one}


def beyond(found: Mapping[str, float]) -> dict[str, float]:
    """Changes beyond their tolerance; so is what is no number."""
    return {name: change for name, change in found.items() if not change <= tolerance(name)}


@pytest.mark.parametrize("name", CASES)
def test_half_weeks_end_where_weeks_end(name: str) -> None:
    """Every account and every field of the state after a year, along the mean path with postures held."""
    values, _, _ = given(name)
    weekly = run(name, values, WEEKLY)
    found = changes(weekly, run(name, in_steps(values, HALF), HALF), sizes(weekly, values))
    assert not beyond(found)
    still = {name for name, value in weekly.items() if not value.any()}
    assert still <= {
        # Nothing of this without chance or without moves.
        "front_noise", "host.rout", "adversary.rout", "ceasefire_start", "incident", "clashed", "struck", "settled",
        "settlement", "territory_strike",
    }  # fmt: skip
    assert sum(change > 1e-4 for change in found.values()) > 40  # the two runs are not one


@pytest.mark.long
@pytest.mark.parametrize("name", list(OPTIONS))
def test_halving_again_changes_about_half_as_much(name: str) -> None:
    """The error is of first order; a rate taken for a probability or a forgotten span would leave it as it was."""
    values, _, _ = given(name)
    weekly, half, quarter = (run(name, in_steps(values, clock), clock) for clock in (WEEKLY, HALF, Clock(4)))
    size = sizes(weekly, values)
    first, second = changes(weekly, half, size), changes(half, quarter, size)
    assert not {
        name: (first[name], second[name]) for name in first if second[name] > 0.7 * first[name] + 1e-3
    }


# Read only by chance, of which a mean path has none, and by nothing.
UNSEEN = MEMORIES - {"energy.memory"} | {"front.noise_sd", "civil.adversary.displaced_unserved"}


def scarce(values: Mapping[str, Floats]) -> dict[str, Floats]:
    """The same with channels and lift that bind, and with allied air power that counts."""
    found = dict(values)
    for side, other in (("host", "adversary"), ("adversary", "host")):
        missiles = values[f"air.{other}.cruise"] + values[f"air.{other}.ballistic"]
        found[f"air.{side}.channels"] = 0.5 * missiles
        found[f"air.{side}.drone_channels"] = 0.5 * values[f"air.{other}.drones"]
    found["shield.channels"] = 0.1 * values["air.adversary.drones"]
    found["deployment.lift"] = values["deployment.size_requested"] / 30.0
    found["airpower.allied"] = 0.0 * values["airpower.allied"] + 1.0
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_parameter_that_stays_by_the_week_would_show(name: str) -> None:
    """The same check with each parameter in turn left as it is by the week finds each that the mean path reads."""
    values = scarce(given(name)[0])
    weekly, stated = run(name, values, WEEKLY), in_steps(values, HALF)
    size = sizes(weekly, values)

    def found(parameters: Mapping[str, Floats]) -> set[str]:
        return set(beyond(changes(weekly, run(name, parameters, HALF), size)))

    rightly = found(stated)
    assert len(rightly) <= 2  # the tolerances are those of the cases; here the air over the front moves more
    by_week = [name for name in declared_ids() if not np.array_equal(stated[name], values[name])]
    assert len(by_week) > 60
    missed = {left for left in by_week if not found({**stated, left: values[left]}) - rightly}
    assert missed == UNSEEN & set(by_week)


def test_every_parameter_by_the_week_is_known_as_such() -> None:
    """Where the unit says nothing of weeks and the meaning does, the parameter stands in one of the lists."""
    known = defaults()
    listed = MEMORIES | SHARES_PER_WEEK | LOG_ODDS_PER_WEEK | STAY
    assert listed <= set(declared_ids())
    for name in declared_ids():
        by_unit = "week" in known[name].unit
        if by_unit or not re.search(r"\bweek", known[name].meaning.lower()):
            continue
        assert name in listed, (name, known[name].meaning)
