"""What a week of war does beyond the two armies: incidents, nuclear use, neighbours, the home fronts, the ways out.

Composes `incidents`, `nuclear`, `neighbours`, `home` and `diplomacy` and keeps their accounts. Rare events are not
sampled: a path carries the probability that they have happened, added up while at risk, so that probabilities far
below one over the number of replicates keep their digits. Agreements and their end, and incidents that escalate,
are sampled: the world goes on after them. Order: home fronts, incidents, nuclear use, neighbours, endings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world import diplomacy, home, incidents, neighbours, nuclear
from excomm.world.parameters import Ground, Home, WorldParameters
from excomm.world.setting import Attributes, Setting
from excomm.world.sides import Sides, each
from excomm.world.state import Origin, State, WeekNoise

__all__ = ["Crisis", "Situation", "advance", "home_fronts"]

WEEKS_OF_YEAR = 52.0
HALF_YEAR = 26.0
INCIDENT_WEEKS = 1.0  # combat that an escalated incident stands for in the risk of inadvertent use; judgement


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Situation:
    """What the war of this week hands to the crisis; shape (options, draws, replicates).

    fighting: 1 without a ceasefire; shield: share of the shield in operation; stabilising: allied force over its
    realised size; fights: 1 where allied troops are in combat; area: gained by the host [km2], area_lost: lost by
    it this week; rout: collapse of a sector of the adversary; log_ratio: log of (adversary / host effective
    strength) less its value at the outset; stalemate: index less its value at the outset; dark: demand not
    served, killed: soldiers since the information date.
    """

    fighting: Array
    shield: Array
    stabilising: Array
    fights: Array
    area: Array
    area_lost: Array
    rout: Array
    log_ratio: Array
    stalemate: Array
    dark: Sides[Array]
    killed: Sides[Array]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Crisis:
    """Hazards of the week that the weekly record and the payoffs need; probabilities."""

    use: Array
    incident: Array
    agreement: Array


def home_fronts(
    parameters: WorldParameters,
    origin: Origin,
    *,
    year: Array | float,
    dark: Sides[Array],
    killed: Sides[Array],
    area: Array,
    price: Array,
) -> tuple[Sides[Array], Sides[Array]]:
    """Output of the economy and support for the war of both sides; 1 at the outset."""
    clock = origin.clock
    reach = jnp.clip(area / (clock.steps(HALF_YEAR) * parameters.front.max_gain), -1.0, 1.0)
    outputs = each(
        lambda economy, outset, dark: home.output(
            economy, year=jnp.asarray(year), dark=dark - outset.unserved, price=price
        ),
        parameters.economy,
        origin.sides,
        dark,
    )

    def felt(front: Home, ground: Ground, killed: Array, output: Array, success: Array) -> Array:
        usual = jnp.maximum(clock.steps(WEEKS_OF_YEAR) * ground.casualties * ground.killed_share, 1.0)
        return home.support(front, killed=killed, usual_killed=usual, output=output, success=success)

    supports = each(
        felt, parameters.home, parameters.ground, killed, outputs, Sides(host=reach, adversary=-reach)
    )
    return outputs, supports


def advance(
    parameters: WorldParameters,
    setting: Setting,
    origin: Origin,
    state: State,
    held: Attributes,
    noise: WeekNoise,
    now: Situation,
    *,
    week: Array,
    year: Array,
) -> tuple[dict[str, Any], Crisis]:
    """Fields of the state that change, and the hazards of the week."""
    p = parameters
    soil = held.strikes_territory
    presence = jnp.minimum(now.stabilising, 1.0)
    clash = jnp.maximum(now.fights * held.engaged, held.strikes_forces * presence)
    alarm = jnp.minimum(clash + soil, 1.0)
    quiet = incidents.quiet_share(p.escalation, state.ceasefire)
    regained = jnp.maximum(now.area, 0.0) / p.front.occupied_area

    price = neighbours.energy_next(
        p.energy, state.energy, horizontal=held.horizontal, clash=alarm, noise=noise.energy
    )
    _, support = home_fronts(
        p, origin, year=year, dark=now.dark, killed=now.killed, area=now.area, price=price
    )
    lost_support = each(lambda support: 1.0 - support, support)

    # Incidents and inadvertent use
    encounters = quiet * incidents.encounters(
        p.escalation,
        shield=p.shield.encounters * now.shield,
        deployed=p.deployment.encounters * now.stabilising,
        presence=presence,
        entrapment=p.coalition.entrapment,
    )
    incident_hazard = incidents.incident_hazard(p.escalation, encounters)
    incident = (noise.incident < incident_hazard).astype(jnp.float32)
    anchor = setting.postures.adversary_rung[setting.adversary_start]
    inadvertent = incidents.inadvertent_hazard(
        p.escalation,
        p.nuclear,
        rungs=held.rung - anchor,
        clash=clash,
        strikes_territory=soil,
        # Whatever the step, an escalated incident weighs as much as a week of combat.
        incident=origin.clock.steps(INCIDENT_WEEKS) * incident_hazard,
    )

    # Deliberate use, signal, general exchange
    gain = nuclear.gain_of_use(
        p.nuclear,
        regained=regained + now.rout,
        regime=jnp.clip(lost_support.adversary, 0.0, 1.0),
        clash=clash,
        strikes_territory=soil,
    )
    deliberate = nuclear.use_probability(p.nuclear, gain) * quiet
    signal = nuclear.signal_probability(p.nuclear, deliberate)
    use = deliberate + (1.0 - deliberate) * inadvertent
    general = use * nuclear.general_given_use(p.nuclear, strikes_territory=soil)
    no_nuclear = 1.0 - (state.deliberate + state.inadvertent)

    # Neighbours and patrons
    drawn_in = neighbours.neighbour_hazard(
        p.neighbour, horizontal=held.horizontal * now.fighting, presence=presence, clash=alarm
    )
    materiel = neighbours.patron_materiel_next(
        p.patron, state.materiel, commitment=0.5 * (presence + now.fights * held.engaged)
    )
    refugees = neighbours.refugees_next(
        p.neighbour,
        state.refugees,
        dark=now.dark.host - origin.sides.host.unserved,
        area_lost=now.area_lost,
        ceasefire=state.ceasefire,
    )

    # Endings: agreements are sampled, the others are carried as probabilities while the war goes on
    promised = jnp.maximum(setting.commitments.on_ceasefire * held.presence, presence)
    guaranteed = origin.guarantee * promised
    room = diplomacy.bargaining_room(
        p.diplomacy, burden=lost_support.host + lost_support.adversary, guaranteed=guaranteed
    )
    intensity = diplomacy.agreement_hazard(
        p.diplomacy,
        talks=held.talks,
        stalemate=now.stalemate,
        regained=regained,
        room=room + diplomacy.mediation_gain(p.diplomacy, alarm=alarm),
    )
    ends = diplomacy.endings(
        p.diplomacy,
        agreement=intensity,
        log_ratio=now.log_ratio,
        loss_host=lost_support.host,
        loss_adversary=lost_support.adversary,
    )
    withdrawal = now.fighting * diplomacy.withdrawal_hazard(p.diplomacy, log_ratio=-now.log_ratio)
    agree = now.fighting * (noise.agreement < ends.agreement)
    settlement = diplomacy.settlement_share(p.diplomacy, room)
    # One uniform decides both: within the agreements, the lowest share of it are settlements.
    settles = agree * (noise.agreement < ends.agreement * settlement)
    breaks = state.ceasefire * (
        noise.relapse
        < diplomacy.relapse_hazard(
            p.diplomacy,
            presence=presence,
            guaranteed=origin.guarantee * presence,
            settled=state.settled,
        )
    )
    rare_ends = state.victory_host + state.victory_adversary + state.regime_host + state.regime_adversary
    first_war = (state.ceasefire_first >= week) * 1.0  # the horizon, until a first agreement is reached
    at_risk = jnp.maximum(1.0 - rare_ends, 0.0) * first_war * now.fighting
    # Where no agreement was drawn this week, the other endings share what is left in their proportion.
    left = at_risk * (1.0 - agree) / jnp.maximum(1.0 - ends.agreement, 1e-6)

    changes: dict[str, Any] = {
        "energy": price,
        "materiel": materiel,
        "refugees": refugees,
        "incident": jnp.maximum(state.incident, incident),
        "signal": state.signal + (1.0 - state.signal) * signal,
        "deliberate": state.deliberate + no_nuclear * deliberate,
        "inadvertent": state.inadvertent + no_nuclear * (1.0 - deliberate) * inadvertent,
        "general": state.general + (1.0 - state.general) * general,
        "neighbour": state.neighbour + (1.0 - state.neighbour) * drawn_in,
        "withdrawal": state.withdrawal + (1.0 - state.withdrawal) * withdrawal,
        # First passage into a direct clash, counted by its hazard while it has not happened: an escalated
        # incident, or a state of fighting that the moves (in the engine's epoch) have not yet accounted for.
        "clash": state.clash + (1.0 - state.clashed) * incident_hazard,
        "clashed": jnp.maximum(state.clashed, incident),
        "ceasefire": state.ceasefire + agree - breaks,
        "ceasefire_start": jnp.where(agree > 0, week, state.ceasefire_start),
        "ceasefire_first": jnp.where(
            agree > 0, jnp.minimum(state.ceasefire_first, week), state.ceasefire_first
        ),
        "settled": jnp.where(agree > 0, settles, state.settled),
        "settlement": state.settlement + at_risk * settles,
        "victory_host": state.victory_host + left * ends.victory_host,
        "victory_adversary": state.victory_adversary + left * ends.victory_adversary,
        "regime_host": state.regime_host + left * ends.regime_host,
        "regime_adversary": state.regime_adversary + left * ends.regime_adversary,
    }
    return changes, Crisis(use=use, incident=incident_hazard, agreement=ends.agreement * now.fighting)
