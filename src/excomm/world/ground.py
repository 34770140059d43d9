"""Forces of a side: effective strength, weekly losses, skill of its soldiers, morale.

Weekly losses follow the Lanchester family (`lanchester.py`) in a normalised form: with E the opponent's effective
strength and N one's own soldiers in contact, losses begin a week at

    rate = casualties * tempo * (E / E at the outset)^p * (N / N at the outset)^q * tactical factor * noise

and the week is integrated from there. (p, q) is the form: square (1, 0), linear (1, 1), logarithmic (0, 1) or
mixed (1/2, 1/2); the coefficient is the weekly loss at the outset, which can be read in reports. Lucas and Turkes
(2004, Naval Research Logistics) find that combat data hardly tell the forms apart, so the form is drawn, not chosen.
Limits: one homogeneous force a side, no terrain, no reserves; weeks to a year.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from excomm.world.lanchester import FORMS
from excomm.world.parameters import Attrition, Front, Ground, Morale

__all__ = [
    "attack_role",
    "effective_strength",
    "exponents",
    "loss_rate",
    "morale_next",
    "skill_next",
    "skill_usual",
]

LOSS_CAP = 0.25  # largest share of a force lost in a week; guards the integration, judgement
MORALE_BOUNDS = (0.3, 1.2)  # judgement


def exponents(attrition: Attrition) -> tuple[Array, Array]:
    """Exponents (p, q) of the opponent's and one's own strength for the drawn form (0..3)."""
    forms = list(FORMS.values())
    opponent = sum(jnp.where(attrition.form == place, form.opponent, 0.0) for place, form in enumerate(forms))
    own = sum(jnp.where(attrition.form == place, form.own, 0.0) for place, form in enumerate(forms))
    return jnp.asarray(opponent), jnp.asarray(own)


def effective_strength(
    ground: Ground,
    strength: Array,
    morale: Array,
    logistics: Array,
    materiel: Array,
    skill: Array,
    foreign: Array,
) -> Array:
    """Effective strength of a side [soldiers of reference quality].

    strength: own soldiers; logistics, materiel and skill: factors, 1 is full supply and the skill of the outset;
    foreign: effective strength of engaged contingents from abroad.
    """
    return strength * ground.quality * morale * logistics * materiel * skill + foreign


def skill_usual(ground: Ground) -> Array:
    """Mean skill at which the replacement of the outset keeps a force, 1 being a force of trained soldiers."""
    joining = ground.recruits / ground.strength
    learning = 1.0 / ground.training_weeks
    return (learning + joining * ground.recruit_skill) / (learning + joining)


def skill_next(ground: Ground, skill: Array, *, joining: Array) -> Array:
    """Mean skill next week: recruits bring their own and learn; joining: recruits over strength."""
    mixed = skill + jnp.minimum(joining, 1.0) * (ground.recruit_skill - skill)
    return mixed + (1.0 - mixed) / ground.training_weeks


def attack_role(front: Front, gain: Array) -> Array:
    """Who attacks, from 1 (adversary) to -1 (host), by the recent weekly gain of the adversary [km2/week]."""
    usual = jnp.maximum(jnp.abs(front.initial_gain), 0.1 * front.max_gain)
    return jnp.clip(gain / usual, -1.0, 1.0)


def loss_rate(
    ground: Ground,
    attrition: Attrition,
    *,
    strength: Array,
    opponent_ratio: Array,
    tempo: Array,
    shared: Array,
    cap: float = LOSS_CAP,
) -> Array:
    """Loss of a side at the beginning of a week, as a share of its strength and week, before noise.

    opponent_ratio: opponent's effective strength over that at the outset; shared: share of the fighting that
    one's own soldiers do (the rest is done by contingents from abroad). At most `cap`.
    """
    opponent_exponent, own_exponent = exponents(attrition)
    own_ratio = strength / ground.strength
    # x^p by exp and log: both ratios are positive, and XLA's generic power is slower.
    scale = jnp.exp(
        opponent_exponent * jnp.log(jnp.maximum(opponent_ratio, 1e-6))
        + own_exponent * jnp.log(jnp.maximum(own_ratio, 1e-6))
    )
    return jnp.minimum(ground.casualties * tempo * scale * shared / strength, cap)


def morale_next(
    morale: Morale, now: Array, *, relative_losses: Array, dark: Array, aid: Array, success: Array
) -> Array:
    """Morale of a side next week (1 is the outset), bounded.

    relative_losses: loss fraction over that at the outset, less 1; dark: unserved share of electricity less
    that at the outset; aid: effective aid less 1 (host only); success: own weekly gain less that at the outset,
    in units of the largest gain.
    """
    change = (
        morale.recovery * (1.0 - now)
        - morale.loss_effect * relative_losses
        - morale.dark_effect * dark
        + morale.aid_effect * aid
        + morale.success_effect * success
    )
    return jnp.clip(now + change, *MORALE_BOUNDS)
