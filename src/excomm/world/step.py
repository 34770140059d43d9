"""One week of the world: composes the submodels in a fixed order and keeps the accounts.

Order: aid and the allied force, air war, electricity, ground war and front, morale, harm to civilians, incidents
and rare hazards, ceasefire and relapse. Moves of the actors are inputs (`Attributes`), made every four weeks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world import air as air_war
from excomm.world import escalation as risk
from excomm.world import ground as ground_war
from excomm.world.coalition import Participation, support_next
from excomm.world.parameters import WorldParameters
from excomm.world.setting import Attributes, Setting
from excomm.world.state import Origin, State, WeekNoise

__all__ = ["WeekRecord", "originate", "start", "step"]

WEEKS_PER_YEAR = 52.18
GAIN_MEMORY = 0.75  # weekly weight of the past in the remembered gain (about four weeks); judgement
ROUT_MEMORY = 0.6  # a broken sector is restored within about a month; judgement


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


def _logistics(parameters: WorldParameters, unserved: Array) -> Array:
    return 1.0 - parameters.power.logistics_effect * unserved


def _materiel(parameters: WorldParameters, aid: Array) -> Array:
    """Materiel factor per side: the host fights with aid^elasticity, the adversary with its own."""
    host = jnp.exp(parameters.aid.elasticity * jnp.log(jnp.maximum(aid, 0.02)))
    return jnp.stack([host, jnp.ones_like(host)])


def _foreign(parameters: WorldParameters, engaged: Array, patron: Array) -> Array:
    """Effective strength of engaged contingents from abroad, per side."""
    ground = parameters.ground
    host = engaged * parameters.deployment.quality * ground.quality[0]
    adversary = patron * parameters.patron.quality * ground.quality[1]
    host, adversary = jnp.broadcast_arrays(host, adversary)
    return jnp.stack([host, adversary])


def originate(parameters: WorldParameters, setting: Setting, force: Participation) -> Origin:
    """Values at the information date, from the parameters alone."""
    ground = parameters.ground
    dark = air_war.unserved(parameters.power, parameters.power.capacity, setting.week_of_year)
    one = jnp.ones_like(parameters.aid.level)
    foreign = _foreign(parameters, jnp.zeros_like(one), parameters.patron.troops_present)
    strength = ground_war.effective_strength(
        ground,
        ground.strength,
        jnp.ones_like(ground.strength),
        _logistics(parameters, dark),
        _materiel(parameters, one),
        foreign,
    )
    return Origin(
        strength=strength,
        # Later losses are compared with these; a side without losses at the outset must not divide by zero.
        loss_fraction=jnp.maximum(ground.casualties, 1e-3) / ground.strength,
        unserved=dark,
        force_realised=force.realised,
        force_sustained=force.sustained,
        force_pool=force.pool,
        members=force.members,
        public_support=force.support,
    )


def start(parameters: WorldParameters, origin: Origin, shape: tuple[int, int, int], horizon: int) -> State:
    """State at the information date; shape = (options, draws, replicates)."""
    zero = jnp.zeros(shape, dtype=jnp.float32)
    one = zero + 1.0
    both = jnp.zeros((2, *shape), dtype=jnp.float32)
    return State(
        strength=both + parameters.ground.strength,
        recovering=both,
        pool=both + parameters.ground.pool,
        killed=both,
        wounded=both,
        morale=both + 1.0,
        loss_memory=both + 4.0 * origin.loss_fraction,
        rout=both,
        interceptors=both + parameters.air.interceptors,
        power=both + parameters.power.capacity,
        civilian_dead=both,
        support=one,
        allied_killed=zero,
        allied_wounded=zero,
        troops=zero,
        troops_peak=zero,
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
        leaked=zero,
        unserved=zero,
        displaced=zero,
        allied_interceptors=zero,
        cost=zero,
        rung_max=zero,
        horizontal_weeks=zero,
    )


def _ramp(elapsed: Array, midpoint: Array, spread: Array | float) -> Array:
    """Logistic arrival from 0 at the trigger to 1, half of it there at the midpoint [weeks]."""
    spread = jnp.maximum(jnp.asarray(spread), 0.25)
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
    """Advance one week. week: 1 for the first; aid_cut: 1 where the review of aid ends in a cut."""
    p = parameters
    fighting = 1.0 - state.ceasefire
    year = week / WEEKS_PER_YEAR
    season = setting.week_of_year + week

    # Aid and the allied force
    reviewed = jnp.where(week >= p.aid.review_week, aid_cut * p.aid.cut_size, 0.0)
    target = held.aid * p.aid.level * (1.0 - reviewed)
    aid = state.aid + (target - state.aid) / jnp.maximum(p.aid.lag, 1.0)
    on_ceasefire = setting.commitments.on_ceasefire
    elapsed = jnp.where(on_ceasefire > 0, (week - state.ceasefire_start) * state.ceasefire, week)
    arrived = _ramp(elapsed, p.deployment.midpoint, p.deployment.spread)
    # The size falls from what is realised towards what rotation sustains within about half a year.
    rotated = jnp.clip((elapsed - 26.0) / 26.0, 0.0, 1.0)
    size = origin.force_realised + rotated * (origin.force_sustained - origin.force_realised)
    troops = size * arrived * held.presence * state.support
    engaged = troops * p.deployment.engaged_share * held.engaged * fighting
    stabilising = troops / jnp.maximum(origin.force_realised, 1.0)
    fights_alliance = (engaged > 0).astype(jnp.float32)
    patron = p.patron.troops_present + p.patron.troops_surge * _ramp(week, p.patron.surge_midpoint, 4.0) * (
        1.0 + p.patron.escalation_response * held.engaged * (origin.force_realised > 0)
    )

    # Air war
    shield_on = held.shield * jnp.clip(week / jnp.maximum(p.shield.delay, 1.0), 0.0, 1.0)
    air_tempo = jnp.stack([fighting, fighting * held.air])
    week_strikes = air_war.strikes(
        p.air,
        p.shield,
        year=year,
        tempo=air_tempo,
        shield_on=shield_on,
        interceptors=state.interceptors,
        noise_drone=noise.drone[:, None],
        noise_missile=noise.missile[:, None],
        noise_kill_drone=noise.intercept_drone[:, None],
        noise_kill_missile=noise.intercept_missile[:, None],
    )
    leaked_drones = jnp.flip(week_strikes.drones_leaked, axis=0)  # by the side that is hit
    leaked_missiles = jnp.flip(week_strikes.missiles_leaked, axis=0)
    aided = jnp.stack([p.aid.interceptors * aid, jnp.zeros_like(aid)])
    interceptors = jnp.maximum(
        state.interceptors + p.air.interceptor_production + aided - week_strikes.spent, 0.0
    )

    # Electricity
    repair = jnp.stack([aid, jnp.ones_like(aid)])
    power = air_war.power_next(
        p.power, state.power, missiles=leaked_missiles, drones=leaked_drones, repair_factor=repair
    )
    dark = air_war.unserved(p.power, power, season)

    # Ground war
    effective = ground_war.effective_strength(
        p.ground,
        state.strength,
        state.morale,
        _logistics(p, dark),
        _materiel(p, aid),
        _foreign(p, engaged, patron),
    )
    relative = effective / origin.strength
    tempo = held.front * fighting
    own_share = jnp.stack([state.strength[0] / (state.strength[0] + engaged), jnp.ones_like(engaged)])
    intensity = jnp.exp(
        p.attrition.intensity_sd * noise.intensity[:, None] - 0.5 * p.attrition.intensity_sd**2
    )
    lost = intensity * ground_war.losses(
        p.ground,
        p.attrition,
        strength=state.strength,
        strength_outset=p.ground.strength,
        opponent_ratio=jnp.flip(relative, axis=0),
        tempo=tempo,
        shared=own_share,
    )
    lost = jnp.minimum(lost, ground_war.LOSS_CAP * state.strength)
    killed = lost * p.ground.killed_share
    wounded = lost - killed
    returning = state.recovering / 10.0  # mean stay of ten weeks
    opponent_abroad = jnp.stack([jnp.zeros_like(fights_alliance), fights_alliance])
    mobilised = jnp.minimum(p.ground.recruits + p.ground.surge * opponent_abroad, state.pool)
    strength = jnp.maximum(state.strength - lost + returning + mobilised, 1.0)
    recovering = state.recovering - returning + p.ground.return_share * wounded

    combat_rate = p.deployment.combat_casualties / 1000.0 * tempo * relative[1] * intensity[0]
    rear_rate = p.deployment.rear_casualties / 1000.0 * held.strikes_forces
    allied_lost = jnp.minimum(
        engaged * combat_rate + (troops - engaged) * rear_rate, ground_war.LOSS_CAP * troops
    )
    allied_killed = allied_lost * p.deployment.killed_share
    support = support_next(
        p.coalition, state.support, public_support=origin.public_support, dead=allied_killed
    )

    # Front
    log_ratio = jnp.log(jnp.maximum(relative[1], 1e-6) / jnp.maximum(relative[0], 1e-6))
    memory = p.front.noise_memory
    shock = jnp.sqrt(1.0 - memory**2) * p.front.noise_sd * noise.front
    front_noise = memory * state.front_noise + shock
    four_week = GAIN_MEMORY * state.loss_memory + (1.0 - GAIN_MEMORY) * 4.0 * lost / state.strength
    broken = (noise.broken[:, None] < ground_war.break_probability(p.front, four_week) * fighting).astype(
        jnp.float32
    )
    rout = jnp.maximum(ROUT_MEMORY * state.rout, broken)
    gain = ground_war.front_gain(p.front, log_ratio, front_noise, tempo)
    gain = gain + p.front.break_factor * p.front.max_gain * (rout[0] - rout[1]) * tempo
    area = jnp.minimum(state.area - gain, p.front.occupied_area)
    gain = state.area - area
    gain_memory = GAIN_MEMORY * state.gain_memory + (1.0 - GAIN_MEMORY) * gain

    # Morale
    own_gain = jnp.stack([-gain, gain])
    usual = jnp.stack([-p.front.initial_gain, p.front.initial_gain])
    aid_change = jnp.stack([aid - 1.0, jnp.zeros_like(aid)])
    morale = ground_war.morale_next(
        p.morale,
        state.morale,
        relative_losses=lost / state.strength / origin.loss_fraction - 1.0,
        dark=dark - origin.unserved,
        aid=aid_change,
        success=(own_gain - usual * tempo) / p.front.max_gain,
    )

    civilians = air_war.civilian_deaths(
        p.civil, drones=leaked_drones, missiles=leaked_missiles, front_tempo=tempo
    )

    # Incidents, nuclear use, neighbours
    encounters = (
        p.escalation.encounters_base + p.shield.encounters * shield_on + p.deployment.encounters * stabilising
    ) * (fighting + 0.1 * state.ceasefire)  # a tenth of the encounters remains under a ceasefire; judgement
    incident_hazard = risk.incident_hazard(p.escalation, encounters)
    incident = (noise.incident < incident_hazard).astype(jnp.float32)
    strikes_forces = held.strikes_forces * jnp.minimum(stabilising, 1.0)
    clash = jnp.maximum(fights_alliance * held.engaged, strikes_forces)
    regained = jnp.maximum(area, 0.0) / p.front.occupied_area + rout[1]
    deliberate = risk.deliberate_hazard(
        p.nuclear, regained=regained, clash=clash, strikes_territory=held.strikes_territory
    ) * (fighting + 0.1 * state.ceasefire)
    inadvertent = risk.inadvertent_hazard(
        p.escalation, clash=clash, strikes_territory=held.strikes_territory, incident=incident_hazard
    )
    use = deliberate + (1.0 - deliberate) * inadvertent
    no_nuclear = 1.0 - (state.deliberate + state.inadvertent)
    general = use * risk.general_given_use(p.nuclear, strikes_territory=held.strikes_territory)
    neighbour = risk.neighbour_hazard(
        p.neighbour, horizontal=held.horizontal * fighting, presence=jnp.minimum(stabilising, 1.0)
    )
    withdrawal = fighting * risk.withdrawal_hazard(p.diplomacy, log_ratio=-log_ratio)

    # First passage into a direct clash, counted by its hazard while it has not happened: an escalated
    # incident, or a state of fighting that the moves (in the engine's epoch) have not yet accounted for.
    at_risk = 1.0 - state.clashed
    clash_sum = state.clash + at_risk * incident_hazard
    clashed = jnp.maximum(state.clashed, incident)

    # Ceasefire and relapse
    stalemate = jnp.tanh(1.0) - jnp.tanh(
        jnp.abs(gain_memory) / jnp.maximum(jnp.abs(p.front.initial_gain), 1.0)
    )
    agreement_hazard = risk.agreement_hazard(p.diplomacy, talks=held.talks, stalemate=stalemate)
    agree = fighting * (noise.agreement < agreement_hazard)
    breaks = state.ceasefire * (
        noise.relapse < risk.relapse_hazard(p.diplomacy, presence=jnp.minimum(stabilising, 1.0))
    )
    ceasefire = state.ceasefire + agree - breaks
    ceasefire_start = jnp.where(agree > 0, week, state.ceasefire_start)
    ceasefire_first = jnp.where(agree > 0, jnp.minimum(state.ceasefire_first, week), state.ceasefire_first)

    cost = p.aid.cost * aid + p.shield.cost * shield_on + p.deployment.cost * troops / 1000.0
    dark_host = dark[0]
    lost_host = lost[0]
    following = replace(
        state,
        strength=strength,
        recovering=recovering,
        pool=state.pool - mobilised,
        killed=state.killed + killed,
        wounded=state.wounded + wounded,
        morale=morale,
        loss_memory=four_week,
        rout=rout,
        interceptors=interceptors,
        power=power,
        civilian_dead=state.civilian_dead + civilians,
        support=support,
        allied_killed=state.allied_killed + allied_killed,
        allied_wounded=state.allied_wounded + allied_lost - allied_killed,
        troops=troops,
        troops_peak=jnp.maximum(state.troops_peak, troops),
        aid=aid,
        area=area,
        front_noise=front_noise,
        gain_memory=gain_memory,
        ceasefire=ceasefire,
        ceasefire_start=ceasefire_start,
        ceasefire_first=ceasefire_first,
        incident=jnp.maximum(state.incident, incident),
        deliberate=state.deliberate + no_nuclear * deliberate,
        inadvertent=state.inadvertent + no_nuclear * (1.0 - deliberate) * inadvertent,
        general=state.general + (1.0 - state.general) * general,
        neighbour=state.neighbour + (1.0 - state.neighbour) * neighbour,
        withdrawal=state.withdrawal + (1.0 - state.withdrawal) * withdrawal,
        clash=clash_sum,
        clashed=clashed,
        leaked=state.leaked + leaked_drones[0] + leaked_missiles[0],
        unserved=state.unserved + dark_host,
        displaced=state.displaced
        + p.civil.displaced_unserved[0] * jnp.maximum(dark_host - origin.unserved[0], 0.0),
        allied_interceptors=state.allied_interceptors + week_strikes.allied_spent,
        cost=state.cost + cost,
        rung_max=jnp.maximum(state.rung_max, held.rung),
        horizontal_weeks=state.horizontal_weeks + held.horizontal,
    )
    record = WeekRecord(
        area_change=area,
        front_gain=gain,
        losses_host=lost_host,
        losses_adversary=lost[1],
        killed_alliance=allied_killed,
        civilian_deaths_host=civilians[0],
        drones_launched=week_strikes.drones[1],
        missiles_launched=week_strikes.missiles[1],
        drones_leaked=leaked_drones[0],
        missiles_leaked=leaked_missiles[0],
        power_host=power[0],
        unserved_host=dark_host,
        interceptors_host=interceptors[0],
        troops_alliance=troops,
        ceasefire=ceasefire,
        morale_host=morale[0],
        dead_host=killed[0] + civilians[0],
        dead_adversary=killed[1],
        cost=cost,
        nuclear_hazard=use,
        incident_hazard=incident_hazard,
        agreement_hazard=agreement_hazard * fighting,
    )
    return following, record
