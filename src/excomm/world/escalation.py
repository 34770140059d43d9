"""Incidents between forces, nuclear use, neighbours, and the ways in which a war stops or pauses.

Rare events are not sampled: a replicate carries the probability that the event has not yet happened, the
product of (1 - hazard) along its path, so that probabilities far below one over the number of replicates have a
usable interval. After such an event the world is not simulated further; paths are conditional on it not having
happened, which is what the product needs. Limits: hazards are judgement anchored on public estimates; they are
shown with their range, never as a single number.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Diplomacy, Escalation, Neighbour, Nuclear

__all__ = [
    "agreement_hazard",
    "deliberate_hazard",
    "general_given_use",
    "inadvertent_hazard",
    "incident_hazard",
    "neighbour_hazard",
    "relapse_hazard",
    "withdrawal_hazard",
]


def incident_hazard(escalation: Escalation, encounters: Array) -> Array:
    """Probability per week that an encounter turns lethal *and* escalates; encounters per week."""
    return -jnp.expm1(-encounters * escalation.lethal * escalation.escalates)


def deliberate_hazard(nuclear: Nuclear, *, regained: Array, clash: Array, strikes_territory: Array) -> Array:
    """Probability per week of a decision to use a nuclear weapon.

    regained: share of the occupied area that the adversary has lost, and more where its front collapses;
    clash: intensity of combat between alliance and adversary (0..1); strikes_territory likewise.
    """
    log_factor = (
        nuclear.territory_effect * regained
        + nuclear.clash_effect * clash
        + nuclear.strikes_effect * strikes_territory
        - nuclear.restraint
    )
    return jnp.minimum(-jnp.expm1(-nuclear.baseline * jnp.exp(log_factor)), 0.5)


def inadvertent_hazard(
    escalation: Escalation, *, clash: Array, strikes_territory: Array, incident: Array
) -> Array:
    """Probability per week of nuclear use that nobody decided in calm.

    incident: hazard of an escalating incident; strikes on alliance territory count as clash once more.
    """
    return escalation.clash_nuclear * jnp.minimum(clash + strikes_territory + incident, 2.0)


def general_given_use(nuclear: Nuclear, *, strikes_territory: Array) -> Array:
    """Probability that nuclear use grows into a general exchange: nuclear reply, then no stop.

    Where alliance territory is already under open attack the reply is taken as given.
    """
    reply = nuclear.reply_nuclear + (1.0 - nuclear.reply_nuclear) * jnp.minimum(strikes_territory, 1.0)
    return reply * nuclear.general


def neighbour_hazard(neighbour: Neighbour, *, horizontal: Array, presence: Array) -> Array:
    """Probability per week that a state outside the fighting is drawn in."""
    log_factor = neighbour.pressure_effect * horizontal + neighbour.presence_effect * presence
    return -jnp.expm1(-neighbour.baseline * jnp.exp(log_factor))


def agreement_hazard(diplomacy: Diplomacy, *, talks: Array, stalemate: Array) -> Array:
    """Probability per week that a ceasefire is agreed; stalemate: index less its value at the outset."""
    log_factor = jnp.log(diplomacy.talks_ratio) * talks + diplomacy.stalemate_effect * stalemate
    return jnp.minimum(
        -jnp.expm1(-diplomacy.ceasefire * diplomacy.agreement_ratio * jnp.exp(log_factor)), 0.9
    )


def relapse_hazard(diplomacy: Diplomacy, *, presence: Array) -> Array:
    """Probability per week that a ceasefire breaks down; presence: share of a stabilising force that is there."""
    return -jnp.expm1(-diplomacy.relapse * (1.0 + (diplomacy.relapse_ratio - 1.0) * presence))


def withdrawal_hazard(diplomacy: Diplomacy, *, log_ratio: Array) -> Array:
    """Probability per week that the adversary withdraws without combat.

    log_ratio: log of (host / adversary effective strength) less its value at the outset.
    """
    return -jnp.expm1(
        -diplomacy.withdrawal * jnp.exp(jnp.clip(diplomacy.withdrawal_effect * log_ratio, -5, 5))
    )
