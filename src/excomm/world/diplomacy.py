"""How a war ends: competing risks of agreement, victory and change of regime; how long a ceasefire holds.

Every week of fighting each way of ending has an intensity; the probability that the war ends in one of them is
1 - exp(-sum), shared out in proportion, so the probabilities never sum to more than one. An agreement comes sooner
where both sides bear more (the bargaining range widens), where third parties mediate, and where fear of a broken
promise is less: a force that can fight takes away a share of that fear, by its strength against the adversary's.
The same fear shortens a ceasefire. An agreement is a settlement or a bare ceasefire; the first holds longer.
Limits: no terms; mediators answer by rule; victories and changes of regime are hazards and are not simulated
further. Source: Fearon (1995), Weisiger (2013), Reiter and Poast (2021); coefficients are judgement.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Diplomacy

__all__ = [
    "Endings",
    "agreement_hazard",
    "bargaining_room",
    "endings",
    "guarantee",
    "mediation_gain",
    "relapse_hazard",
    "settlement_share",
    "withdrawal_hazard",
]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Endings:
    """Probabilities per week of fighting, in competition; their sum is at most 1."""

    agreement: Array
    victory_host: Array
    victory_adversary: Array
    regime_host: Array
    regime_adversary: Array


def guarantee(diplomacy: Diplomacy, *, force: Array, opposed: Array) -> Array:
    """Share of the fear of a broken promise that a force takes away when all of it is there, 0 to 1.

    force, opposed: effective strengths of the force and of the adversary. Half of the fear is gone where the
    force is `guarantee_ratio` of the adversary: a tripwire reassures little, strength that can fight does.
    """
    return force / jnp.maximum(force + diplomacy.guarantee_ratio * opposed, 1e-6)


def bargaining_room(diplomacy: Diplomacy, *, burden: Array, guaranteed: Array) -> Array:
    """Room for a bargain over that of the information date, on the logarithm of the intensity of agreement.

    burden: support lost at home, both sides together; guaranteed: share of the fear that is taken away.
    """
    trust = diplomacy.fear_effect * diplomacy.commitment_problem * guaranteed
    return diplomacy.burden_effect * burden + trust


def mediation_gain(diplomacy: Diplomacy, *, alarm: Array) -> Array:
    """Gain from third parties that step in as a war grows, on the logarithm; alarm: combat and strikes, 0 to 1."""
    return jnp.log(diplomacy.mediation_ratio) * diplomacy.mediation_rise * alarm


def agreement_hazard(
    diplomacy: Diplomacy, *, talks: Array, stalemate: Array, regained: Array, room: Array
) -> Array:
    """Intensity of an agreement [1/week], before it competes with the other endings.

    talks: 1 while the adversary talks; stalemate: index less its value at the outset; regained: share of the
    occupied area that the host has won back; room: bargaining room and gain from mediation. At most ln 10, a
    probability of 0.9 a week.
    """
    log_factor = jnp.log(diplomacy.talks_ratio) * talks + diplomacy.stalemate_effect * stalemate + room
    log_factor = log_factor + diplomacy.liberation_effect * regained
    rate = diplomacy.ceasefire * diplomacy.agreement_ratio * jnp.exp(log_factor)
    return jnp.minimum(rate, jnp.log(10.0))


def endings(
    diplomacy: Diplomacy, *, agreement: Array, log_ratio: Array, loss_host: Array, loss_adversary: Array
) -> Endings:
    """Competing probabilities of a week of fighting.

    agreement: its intensity; log_ratio: log of (adversary / host effective strength) less its value at the
    outset; loss_host, loss_adversary: support at home lost (1 - support).
    """
    advantage = jnp.exp(jnp.clip(diplomacy.victory_effect * log_ratio, -5.0, 5.0))
    of_adversary = diplomacy.victory * advantage
    of_host = diplomacy.victory / advantage
    regime_host = diplomacy.regime * jnp.exp(diplomacy.regime_effect * loss_host)
    regime_adversary = diplomacy.regime * jnp.exp(diplomacy.regime_effect * loss_adversary)
    total = agreement + of_adversary + of_host + regime_host + regime_adversary
    share = -jnp.expm1(-total) / jnp.maximum(total, 1e-30)
    return Endings(
        agreement=agreement * share,
        victory_host=of_host * share,
        victory_adversary=of_adversary * share,
        regime_host=regime_host * share,
        regime_adversary=regime_adversary * share,
    )


def settlement_share(diplomacy: Diplomacy, room: Array) -> Array:
    """Probability that an agreement is a settlement and not a bare ceasefire: its odds grow with the room."""
    odds = diplomacy.settlement_share / (1.0 - diplomacy.settlement_share) * jnp.exp(room)
    return odds / (1.0 + odds)


def relapse_hazard(diplomacy: Diplomacy, *, presence: Array, guaranteed: Array, settled: Array) -> Array:
    """Probability per week that a ceasefire breaks down.

    presence: share of a stabilising force that is there; guaranteed: share of the fear that it takes away;
    settled: 1 where the agreement was a settlement.
    """
    rate = diplomacy.relapse * (1.0 + (diplomacy.relapse_ratio - 1.0) * presence)
    rate = rate * (1.0 + (diplomacy.settlement_ratio - 1.0) * settled)
    trust = diplomacy.fear_effect * diplomacy.commitment_problem * guaranteed
    return -jnp.expm1(-rate * jnp.exp(-trust))


def withdrawal_hazard(diplomacy: Diplomacy, *, log_ratio: Array) -> Array:
    """Probability per week that the adversary withdraws without combat.

    log_ratio: log of (host / adversary effective strength) less its value at the outset.
    """
    return -jnp.expm1(
        -diplomacy.withdrawal * jnp.exp(jnp.clip(diplomacy.withdrawal_effect * log_ratio, -5, 5))
    )
