"""A week of battle: who attacks, who rules the air, who stands in the rear; both forms of movement; shorter steps."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from shorter_steps import in_steps
from test_world_accounts import PARTICIPATION, setting
from worlds import middle, world

from excomm.world import step as weekly
from excomm.world.battle import Forces, fight
from excomm.world.clock import WEEKLY, Clock
from excomm.world.parameters import pack
from excomm.world.path import quiet
from excomm.world.setting import Attributes
from excomm.world.sides import Sides

SHAPE = (1, 1, 1)
ZERO = jnp.zeros(SHAPE)
AT_REST = Attributes(**dict.fromkeys(Attributes.__dataclass_fields__, ZERO))
AS_NOW = replace(AT_REST, front=ZERO + 1.0, aid=ZERO + 1.0)


@partial(jax.jit, static_argnames=("weeks", "clock"))
def battles(p, forces, *, weeks: int = 1, clock: Clock = WEEKLY):
    """Results of some weeks (steps of the clock) without noise, with a leading axis of weeks."""
    origin = weekly.originate(p, setting(), PARTICIPATION, clock)
    state = weekly.start(p, origin, SHAPE, weeks)
    dark = Sides(origin.sides.host.unserved, origin.sides.adversary.unserved)

    def week(state, _):
        found = fight(p, origin, state, AS_NOW, quiet(), forces, dark, fighting=ZERO + 1.0, year=ZERO)
        state = replace(
            state, sides=found.sides, area=found.area, front_noise=found.front_noise,
            gain_memory=found.gain_memory, air_control=found.air_control,
        )  # fmt: skip
        return state, found

    return jax.lax.scan(week, state, None, length=weeks)[1]


def forces(
    engaged: float = 0.0, rear: float = 0.0, patron: float = 0.0, air: float = 0.0, aid: float = 1.0
) -> Forces:
    return Forces(*(ZERO + value for value in (engaged, rear, patron, air, aid, 1.0)))


def last(array) -> float:
    return float(np.asarray(array)[-1, 0, 0, 0])


CALM = {
    "patron__troops_present": 0.0, "front__initial_gain": 40.0, "front__max_gain": 400.0, "front__sensitivity": 1.5,
    "ground__host__casualties": 200.0, "ground__adversary__casualties": 310.0, "front__break_level": -20.0,
    "airpower__host": 1.0, "front__occupied_area": 1e6,
}  # fmt: skip


@pytest.mark.parametrize("form", [0.0, 1.0])
def test_a_first_week_without_change_repeats_the_outset(form: float) -> None:
    found = battles(world(front__form=form, **CALM), forces())
    assert last(found.lost.host) == pytest.approx(200.0, rel=0.01)
    assert last(found.lost.adversary) == pytest.approx(310.0, rel=0.01)
    assert last(found.gain) == pytest.approx(40.0, rel=0.01)
    assert last(found.air_control) == pytest.approx(0.0, abs=1e-6)


def exchange(found) -> float:
    return last(found.lost.adversary) / last(found.lost.host)


def test_the_exchange_turns_against_the_side_that_goes_over_to_the_attack() -> None:
    """Under the logarithmic law losses do not answer to strength: what is left is who attacks."""
    ratios = []
    for factor in (1.0, 1.25):
        p = world(**CALM, attrition__form=2.0, attrition__attacker_factor=factor, deployment__quality=1.0,
                  deployment__structural=1.0)  # fmt: skip
        assert (np.asarray(p.attrition.attacker_factor) == np.float32(factor)).all()
        ratios.append(exchange(battles(p, forces(engaged=300_000.0), weeks=5)))
    # From full attack of the adversary to full attack of the host the factor goes over twice.
    assert ratios[1] / ratios[0] == pytest.approx(1.25**-4, rel=0.05)


@pytest.mark.parametrize("form", [0.0, 1.0])
def test_allied_air_power_moves_losses_and_front_towards_the_host(form: float) -> None:
    p = world(**CALM, front__form=form, airpower__allied=3.0, airpower__lag=4.0, attrition__attacker_factor=1.0,
              airpower__attrition_effect=0.3, airpower__drift_effect=0.3)  # fmt: skip
    without, held = battles(p, forces(), weeks=20), battles(p, forces(air=1.0), weeks=20)
    assert last(held.air_control) > last(without.air_control) + 0.7
    assert exchange(held) > 1.4 * exchange(without)
    assert last(held.area) > last(without.area) + 100


def test_soldiers_in_the_rear_free_soldiers_for_the_front_up_to_a_limit() -> None:
    p = world(**CALM, deployment__relief=0.2, deployment__relief_limit=0.05, front__form=0.0)
    gains = [last(battles(p, forces(rear=rear)).gain) for rear in (0.0, 1000.0, 1e6, 1e7)]
    assert gains[0] > gains[1] > gains[2]
    assert gains[2] == pytest.approx(gains[3])
    idle = world(**CALM, deployment__relief=0.0, front__form=0.0)
    assert last(battles(idle, forces(rear=1e6)).gain) == pytest.approx(gains[0])


def test_posture_matters_rear_line_and_fighting_are_not_the_same() -> None:
    """The same 20,000 soldiers: nothing, some relief, or a fighting force."""
    p = world(**CALM, deployment__relief=0.1, deployment__relief_limit=0.05, front__form=0.0)
    away, rear, fighting = (
        battles(p, forces(**given)) for given in ({}, {"rear": 2e4}, {"rear": 5e3, "engaged": 1.5e4})
    )
    assert last(away.gain) > last(rear.gain) > last(fighting.gain)
    assert last(rear.allied_lost) == 0.0 < last(fighting.allied_lost)


# ---- shorter steps -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [0.0, 1.0])
@pytest.mark.parametrize("attrition", [0.0, 1.0, 2.0, 3.0])
def test_halving_the_step_changes_a_year_by_little(form: float, attrition: float) -> None:
    """A year in 52 steps and in 104: accounts within 3 %, area within 1 % of the largest gain of a year.

    Allies fight from the first week and aid falls, so that everything is in motion.
    """
    values = dict(middle()) | {name.replace("__", "."): value for name, value in CALM.items()}
    values |= {"front.form": form, "attrition.form": attrition, "airpower.allied": 1.0}
    given = forces(engaged=5_000.0, air=0.5, aid=0.7)

    def year(clock: Clock):
        stated = in_steps({name: np.full((1, 1), value) for name, value in values.items()}, clock)
        return battles(pack(stated), given, weeks=52 * clock.per_week, clock=clock)

    whole, parts = year(WEEKLY), year(Clock(2))
    for name in ("strength", "killed", "wounded", "pool", "skill", "morale"):
        for side in ("host", "adversary"):
            one, two = (last(getattr(getattr(run.sides, side), name)) for run in (whole, parts))
            assert two == pytest.approx(one, rel=0.03), (name, side)
    assert np.abs(np.asarray(whole.area)).max() > 90
    assert last(parts.area) == pytest.approx(last(whole.area), abs=0.01 * 52 * values["front.max_gain"])
