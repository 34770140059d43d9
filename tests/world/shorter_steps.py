"""The world in steps shorter than a week: parameters converted by their units, and a run along the mean path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from excomm.case import defaults
from excomm.world.air import unserved
from excomm.world.clock import WEEKS_PER_YEAR, Clock
from excomm.world.coalition import participation
from excomm.world.crisis import home_fronts
from excomm.world.diplomacy import relapse_hazard
from excomm.world.front import break_probability
from excomm.world.parameters import declared_ids
from excomm.world.path import quiet
from excomm.world.setting import attributes
from excomm.world.sides import SIDES, each
from excomm.world.step import originate, start, step

Floats = np.ndarray[Any, np.dtype[np.float64]]

# Without a unit of time in their unit, and yet by the week: what they become in steps.
MEMORIES = {
    "front.noise_memory", "energy.memory", "attrition.intensity_memory",
    *(f"air.{side}.{name}" for side in ("host", "adversary") for name in ("drone_memory", "kill_drone_memory")),
}  # fmt: skip
SHARES_PER_WEEK = {"neighbour.return_share"}
LOG_ODDS_PER_WEEK = {"front.break_level"}
# Their meaning speaks of weeks, and they stay: spreads of what chance does in a week (the mean path has none of it, and
# the mean of a share whose log-odds spread does not depend on the step), shares of time, ratios of two weekly numbers.
STAY = {
    "attrition.intensity_sd", "attrition.intensity_carry", "shield.kill_sd", "front.break_slope", "front.break_factor",
    "front.adaptation", "front.prosecution_threshold",
    *(f"air.{side}.{name}" for side in ("host", "adversary") for name in (
        "drone_dispersion", "missile_dispersion", "drone_carry", "kill_drone_sd", "kill_drone_carry",
        "kill_missile_sd", "failure", "failure_kill",
    )),
}  # fmt: skip


ABROAD = 100.0  # thousand refugees at the beginning of a ceasefire


def in_step(name: str, value: Floats, clock: Clock) -> Floats:
    """A parameter of the world, stated by the week, for the steps of a clock."""
    known, number = defaults()[name], clock.per_week
    if "/week" in known.unit:
        return value / number
    if known.unit == "weeks":
        return value * number
    if name in MEMORIES:
        return np.asarray(value ** (1.0 / number))
    if name in SHARES_PER_WEEK:
        return np.asarray(1.0 - (1.0 - value) ** (1.0 / number))
    if name in LOG_ODDS_PER_WEEK:
        odds = np.log1p(np.exp(value)) / number  # the hazard, of which a step has its part
        return np.asarray(np.log(np.expm1(odds)))
    return value


def in_steps(values: Mapping[str, Floats], clock: Clock) -> dict[str, Floats]:
    """All parameters of the world for the steps of a clock."""
    return {name: in_step(name, np.asarray(values[name]), clock) for name in declared_ids()}


def _ever(hazard):
    """Probability that it happens in one of the steps."""
    return -jnp.expm1(jnp.log1p(-hazard).sum(axis=0))


@partial(jax.jit, static_argnames=("clock", "weeks"))
def mean_run(parameters, setting, contributors, asked, adversary, peace, *, clock: Clock, weeks: int):
    """What the mean path adds up to and where it ends, by name; arrays (options, draws, pairs).

    The parameters are by the step of the clock, the results by the week or in weeks. The alliance holds the posture
    with which the option begins, the adversary those of `adversary`, shape (pairs,); where `peace`, of the same shape,
    is 1 a ceasefire begins with the path and lasts.
    """
    p = parameters
    force = participation(p.coalition, p.deployment, contributors, asked)
    origin = originate(p, setting, force, clock)
    shape = (*p.front.initial_gain.shape[:2], adversary.shape[0])
    held = attributes(setting.postures, setting.commitments.start, adversary[None, None, :])
    first = start(p, origin, shape, weeks * clock.per_week)
    # Somebody must be abroad for somebody to return.
    first = replace(first, ceasefire=first.ceasefire + peace, refugees=first.refugees + ABROAD * peace)

    def advance(state, number):
        state, record = step(
            p, setting, origin, state, held, quiet(), week=number, aid_cut=p.aid.cut_probability
        )
        return state, (record, each(lambda side: break_probability(p.front, side.loss_memory), state.sides))

    numbers = jnp.arange(1, weeks * clock.per_week + 1, dtype=jnp.float32)
    last, (record, breaks) = jax.lax.scan(advance, first, numbers)
    dark = each(
        lambda power, now: unserved(power, now.power, setting.week_of_year + weeks), p.power, last.sides
    )
    output, support = home_fronts(
        p, origin, year=numbers[-1] / clock.steps(WEEKS_PER_YEAR), dark=dark,
        killed=each(lambda side: side.killed, last.sides), area=last.area, price=last.energy,
    )  # fmt: skip
    relapse = relapse_hazard(
        p.diplomacy,
        presence=jnp.minimum(last.troops, 1.0),
        guaranteed=origin.guarantee,
        settled=jnp.zeros(()),
    )
    found = {
        f"{side}.{name}": value for side in SIDES for name, value in vars(getattr(last.sides, side)).items()
    }
    found |= {name: value for name, value in vars(last).items() if name != "sides"}
    for name in ("gain_memory", "front_noise"):
        found[name] = found[name] * clock.per_week
    for name in ("ceasefire_start", "ceasefire_first"):
        found[name] = clock.weeks(found[name])
    for side in SIDES:
        found[f"{side}.output"], found[f"{side}.home_support"] = getattr(output, side), getattr(support, side)
        found[f"{side}.broken"] = _ever(getattr(breaks, side))
    found |= {
        "nuclear": _ever(record.nuclear_hazard),
        "incident_ever": _ever(record.incident_hazard),
        "agreement": _ever(record.agreement_hazard),
        "holds_52": (1.0 - relapse) ** clock.steps(52.0),
        "lost": record.losses_host.sum(axis=0) + record.losses_adversary.sum(axis=0),
        "launched": record.drones_launched.sum(axis=0) + record.missiles_launched.sum(axis=0),
        "leaked_missiles": record.missiles_leaked.sum(axis=0),
        "troop_weeks": clock.weeks(record.troops_alliance.sum(axis=0)),
    }
    return {name: jnp.broadcast_to(value, shape) for name, value in found.items()}
