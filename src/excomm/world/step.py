"""One week of the world: composes the submodels in a fixed order and keeps the accounts.

Order: aid, patrons and the allied force, air war, electricity, ground war and front, morale, harm to civilians,
then the crisis around the two armies (`crisis`). Moves of the actors are inputs (`Attributes`), made every four
weeks before it; within a week nothing waits for another actor.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world import air as air_war
from excomm.world import crisis, diplomacy
from excomm.world import front as front_war
from excomm.world import ground as ground_war
from excomm.world.airpower import control_settled
from excomm.world.battle import LOSS_WEEKS, Forces, fight, strengths
from excomm.world.clock import WEEKLY, WEEKS_PER_YEAR, Clock
from excomm.world.coalition import Participation, support_next
from excomm.world.parameters import Air, Ground, Power, WorldParameters
from excomm.world.setting import Attributes, Setting
from excomm.world.sides import Sides, each
from excomm.world.state import Origin, SideNoise, SideOrigin, SideState, State, WeekNoise

__all__ = ["WeekRecord", "originate", "start", "step"]

# A force stays in full so long, and falls to what rotation sustains in as long again; judgement.
ROTATION_WEEKS = 26.0
SURGE_SPREAD = 4.0  # spread of the arrival of a patron's troops [weeks]; judgement
SHARPEST_ARRIVAL = 0.25  # least spread of an arrival [weeks]; guards the division
STANDSTILL = 1.0  # a front that gained less a week at the outset stood still [km2/week]; judgement


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class WeekRecord:
    """What one week adds to the weekly series and to the payoffs; shape (options, draws, replicates).

    Names as in `quantities.SERIES`; in addition the hazards of the week (nuclear use, escalating incident,
    agreement), the dead of the host (soldiers and civilians) and of the adversary (soldiers), and the cost of
    the week [bn USD].
    """

    area_change: Array
    front_gain: Array
    losses_host: Array
    losses_adversary: Array
    killed_alliance: Array
    civilian_deaths_host: Array
    drones_launched: Array
    missiles_launched: Array
    drones_leaked: Array
    missiles_leaked: Array
    power_host: Array
    unserved_host: Array
    interceptors_host: Array
    troops_alliance: Array
    ceasefire: Array
    morale_host: Array
    dead_host: Array
    dead_adversary: Array
    cost: Array
    nuclear_hazard: Array
    incident_hazard: Array
    agreement_hazard: Array


def originate(
    parameters: WorldParameters, setting: Setting, force: Participation, clock: Clock = WEEKLY
) -> Origin:
    """Values at the information date, from the parameters alone; clock: the step that the weeks after it take."""
    p = parameters
    one, zero = jnp.ones_like(p.aid.level), jnp.zeros_like(p.aid.level)
    dark = each(lambda power: air_war.unserved(power, power.capacity, setting.week_of_year), p.power)
    skill = each(ground_war.skill_usual, p.ground)
    forces = Forces(
        engaged=zero, rear=zero, patron=p.patron.troops_present, air=zero, aid=one, patron_materiel=one
    )
    outset = each(
        lambda ground, dark, skill, direction: SideOrigin(
            strength=ground.strength,
            # Later losses are compared with these; no loss at the outset must not divide by zero.
            loss_fraction=jnp.maximum(ground.casualties, 1e-3) / ground.strength,
            unserved=dark,
            skill=skill,
            retreat=front_war.withdrawal_usual(p.front, direction),
        ),
        p.ground,
        dark,
        skill,
        Sides(host=1.0, adversary=-1.0),
    )
    first = each(_placed, p.ground, p.air, p.power, outset, clock=clock)
    effective = strengths(p, first, skill, dark, forces)
    return Origin(
        sides=each(lambda outset, strength: replace(outset, strength=strength), outset, effective),
        force_realised=force.realised,
        force_sustained=force.sustained,
        force_pool=force.pool,
        members=force.members,
        public_support=force.support,
        members_gap=force.gap,
        consensus=force.consensus,
        largest_share=force.largest,
        abandonment=force.abandonment,
        guarantee=diplomacy.guarantee(
            parameters.diplomacy,
            force=force.realised * parameters.deployment.quality * p.ground.host.quality,
            opposed=effective.adversary,
        ),
        clock=clock,
    )


def _placed(
    ground: Ground, air: Air, power: Power, outset: SideOrigin, *, clock: Clock = WEEKLY
) -> SideState:
    """A side at the information date; shape (options, draws, 1)."""
    zero = jnp.zeros_like(ground.strength)
    return SideState(
        strength=zero + ground.strength,
        recovering=zero,
        pool=zero + ground.pool,
        killed=zero,
        wounded=zero,
        morale=zero + 1.0,
        loss_memory=clock.steps(LOSS_WEEKS) * outset.loss_fraction,
        rout=zero,
        interceptors=zero + air.interceptors,
        power=zero + power.capacity,
        civilian_dead=zero,
        skill=zero + outset.skill,
        retreat=zero + outset.retreat,
        prosecution=zero + 1.0,
    )


def start(parameters: WorldParameters, origin: Origin, shape: tuple[int, int, int], horizon: int) -> State:
    """State at the information date; shape = (options, draws, replicates), horizon in steps."""
    zero = jnp.zeros(shape, dtype=jnp.float32)
    one = zero + 1.0

    sides = each(
        _placed, parameters.ground, parameters.air, parameters.power, origin.sides, clock=origin.clock
    )
    return State(
        sides=jax.tree.map(lambda value: zero + value, sides),
        support=one,
        allied_killed=zero,
        allied_wounded=zero,
        troops=zero,
        troops_peak=zero,
        air_control=zero + control_settled(parameters.airpower, 0.0),
        aid=one,
        area=zero,
        front_noise=zero,
        gain_memory=zero + parameters.front.initial_gain,
        ceasefire=zero,
        ceasefire_start=zero,
        ceasefire_first=zero + float(horizon),
        incident=zero,
        deliberate=zero,
        inadvertent=zero,
        general=zero,
        neighbour=zero,
        withdrawal=zero,
        clash=zero,
        territory_strike=zero,
        clashed=zero,
        struck=zero,
        signal=zero,
        settled=zero,
        settlement=zero,
        victory_host=zero,
        victory_adversary=zero,
        regime_host=zero,
        regime_adversary=zero,
        materiel=one,
        energy=zero,
        refugees=zero,
        leaked=zero,
        unserved=zero,
        displaced=zero,
        allied_interceptors=zero,
        cost=zero,
        rung_max=zero,
        horizontal_weeks=zero,
    )


def _ramp(
    elapsed: Array, midpoint: Array, spread: Array | float, *, sharpest: float = SHARPEST_ARRIVAL
) -> Array:
    """Logistic arrival from 0 at the trigger to 1, half of it there at the midpoint [weeks]."""
    spread = jnp.maximum(jnp.asarray(spread), sharpest)
    at_start = jax.nn.sigmoid(-midpoint / spread)
    value = (jax.nn.sigmoid((elapsed - midpoint) / spread) - at_start) / (1.0 - at_start)
    return jnp.where(elapsed > 0, value, 0.0)


def step(
    parameters: WorldParameters,
    setting: Setting,
    origin: Origin,
    state: State,
    held: Attributes,
    noise: WeekNoise,
    *,
    week: Array,
    aid_cut: Array,
) -> tuple[State, WeekRecord]:
    """Advance one week. week: 1 for the first; aid_cut: 1 where the review of aid ends in a cut.

    With a clock of shorter steps in `origin`, `week` numbers the steps and parameters are by the step.
    """
    p, clock = parameters, origin.clock
    fighting = 1.0 - state.ceasefire
    year = week / clock.steps(WEEKS_PER_YEAR)
    season = setting.week_of_year + clock.weeks(week)
    sharpest = clock.steps(SHARPEST_ARRIVAL)

    # Aid and the allied force
    reviewed = jnp.where(week >= p.aid.review_week, aid_cut * p.aid.cut_size, 0.0)
    target = held.aid * p.aid.level * (1.0 - reviewed)
    aid = state.aid + (target - state.aid) / jnp.maximum(p.aid.lag, 1.0)
    on_ceasefire = setting.commitments.on_ceasefire
    elapsed = jnp.where(on_ceasefire > 0, (week - state.ceasefire_start) * state.ceasefire, week)
    elapsed = elapsed - p.deployment.approval_delay
    arrived = _ramp(elapsed, p.deployment.midpoint, p.deployment.spread, sharpest=sharpest)
    rotation = clock.steps(ROTATION_WEEKS)
    rotated = jnp.clip((elapsed - rotation) / rotation, 0.0, 1.0)
    size = origin.force_realised + rotated * (origin.force_sustained - origin.force_realised)
    landed = jnp.minimum(size * arrived, p.deployment.lift * jnp.maximum(elapsed, 0.0))
    troops = landed * held.presence * state.support
    engaged = troops * p.deployment.engaged_share * held.engaged * fighting
    stabilising = troops / jnp.maximum(origin.force_realised, 1.0)
    fights_alliance = (engaged > 0).astype(jnp.float32)
    surge = _ramp(week, p.patron.surge_midpoint, clock.steps(SURGE_SPREAD), sharpest=sharpest)
    patron = p.patron.troops_present + p.patron.troops_surge * surge * (
        1.0 + p.patron.escalation_response * held.engaged * (origin.force_realised > 0)
    )

    # Air war
    now = state.sides
    chance = noise.sides
    shield_on = held.shield * jnp.clip(week / jnp.maximum(p.shield.delay, 1.0), 0.0, 1.0)

    def strikes(own: Air, facing: Air, mine: SideNoise, theirs: SideNoise, **given: Any) -> air_war.Strikes:
        return air_war.strikes(
            own,
            facing,
            # What grows through the year is launched at the rate of the middle of the week: with that of its end, the
            # week would stand half a week ahead of shorter steps.
            year=(week - 0.5) / clock.steps(WEEKS_PER_YEAR),
            noise_drone=mine.drone,
            noise_missile=mine.missile,
            noise_kill_drone=theirs.intercept_drone,
            noise_kill_missile=theirs.intercept_missile,
            # Without chance: the probability stands for what it makes on average.
            fails=facing.failure
            if theirs.failure is None
            else (theirs.failure < facing.failure).astype(jnp.float32),
            **given,
        )

    # By the side that is struck.
    struck = Sides(
        host=strikes(
            p.air.adversary, p.air.host, chance.adversary, chance.host,
            tempo=fighting * held.air, interceptors=now.host.interceptors, shield=p.shield, shield_on=shield_on,
        ),
        adversary=strikes(
            p.air.host, p.air.adversary, chance.host, chance.adversary,
            tempo=fighting, interceptors=now.adversary.interceptors,
        ),
    )  # fmt: skip
    one = jnp.ones(())
    aided = Sides(host=p.aid.interceptors * aid, adversary=jnp.zeros(()))
    interceptors = each(
        lambda air, now, struck, aided: jnp.maximum(
            now.interceptors + air.interceptor_production + aided - struck.spent, 0.0
        ),
        p.air,
        now,
        struck,
        aided,
    )

    # Electricity
    power = each(
        lambda power, now, struck, repair: air_war.power_next(
            power,
            now.power,
            missiles=struck.missiles_leaked,
            drones=struck.drones_leaked,
            repair_factor=repair,
        ),
        p.power,
        now,
        struck,
        Sides(host=aid, adversary=one),
    )
    dark = each(lambda power, capacity: air_war.unserved(power, capacity, season), p.power, power)

    # Ground war
    forces = Forces(
        engaged=engaged,
        rear=troops - engaged,
        patron=patron,
        air=held.engaged * p.deployment.engaged_share * arrived * (origin.force_realised > 0),
        aid=aid,
        patron_materiel=state.materiel,
    )
    battle = fight(p, origin, state, held, noise, forces, dark, fighting=fighting, year=year)
    tempo = held.front * fighting
    area, log_ratio, gain_memory = battle.area, battle.log_ratio, battle.gain_memory
    allied_killed = battle.allied_lost * p.deployment.killed_share
    support = support_next(p.coalition, state.support, abandonment=origin.abandonment, dead=allied_killed)

    civilians = each(
        lambda civil, struck: air_war.civilian_deaths(
            civil, drones=struck.drones_leaked, missiles=struck.missiles_leaked, front_tempo=tempo
        ),
        p.civil,
        struck,
    )

    # The crisis around the two armies
    stalemate = jnp.tanh(1.0) - jnp.tanh(
        jnp.abs(gain_memory) / jnp.maximum(jnp.abs(p.front.initial_gain), clock.weeks(STANDSTILL))
    )
    situation = crisis.Situation(
        fighting=fighting,
        shield=shield_on,
        stabilising=stabilising,
        fights=fights_alliance,
        area=area,
        area_lost=jnp.maximum(battle.gain, 0.0),
        rout=battle.sides.adversary.rout,
        log_ratio=log_ratio,
        stalemate=stalemate,
        dark=dark,
        killed=each(lambda side: side.killed, battle.sides),
    )
    changes, hazards = crisis.advance(p, setting, origin, state, held, noise, situation, week=week, year=year)

    cost = p.aid.cost * aid + p.shield.cost * shield_on + p.deployment.cost * troops / 1000.0

    sides = each(
        lambda fought, interceptors, power, dead: replace(
            fought, interceptors=interceptors, power=power, civilian_dead=fought.civilian_dead + dead
        ),
        battle.sides,
        interceptors,
        power,
        civilians,
    )
    following = replace(
        state,
        sides=sides,
        support=support,
        allied_killed=state.allied_killed + allied_killed,
        allied_wounded=state.allied_wounded + battle.allied_lost - allied_killed,
        troops=troops,
        troops_peak=jnp.maximum(state.troops_peak, troops),
        air_control=battle.air_control,
        aid=aid,
        area=area,
        front_noise=battle.front_noise,
        gain_memory=gain_memory,
        leaked=state.leaked + struck.host.drones_leaked + struck.host.missiles_leaked,
        unserved=state.unserved + clock.weeks(dark.host),
        displaced=state.displaced
        + p.civil.host.displaced_unserved * jnp.maximum(dark.host - origin.sides.host.unserved, 0.0),
        allied_interceptors=state.allied_interceptors + struck.host.allied_spent,
        cost=state.cost + cost,
        rung_max=jnp.maximum(state.rung_max, held.rung),
        horizontal_weeks=state.horizontal_weeks + clock.weeks(held.horizontal),
        **changes,
    )
    record = WeekRecord(
        area_change=area,
        front_gain=battle.gain,
        losses_host=battle.lost.host,
        losses_adversary=battle.lost.adversary,
        killed_alliance=allied_killed,
        civilian_deaths_host=civilians.host,
        drones_launched=struck.host.drones,
        missiles_launched=struck.host.missiles,
        drones_leaked=struck.host.drones_leaked,
        missiles_leaked=struck.host.missiles_leaked,
        power_host=power.host,
        unserved_host=dark.host,
        interceptors_host=interceptors.host,
        troops_alliance=troops,
        ceasefire=following.ceasefire,
        morale_host=sides.host.morale,
        dead_host=battle.killed.host + civilians.host,
        dead_adversary=battle.killed.adversary,
        cost=cost,
        nuclear_hazard=hazards.use,
        incident_hazard=hazards.incident,
        agreement_hazard=hazards.agreement,
    )
    return following, record
