"""Attrition between two forces, replacement, morale, and the movement of the front.

Weekly losses follow the generalised Lanchester family in a normalised form: with E the opponent's effective
strength and N one's own soldiers in contact,

    losses = casualties * tempo * (E / E at the outset)^p * (N / N at the outset)^q * noise

(p, q) is the form: square (1, 0), linear (1, 1), logarithmic (0, 1) or mixed (1/2, 1/2); the coefficient is
the weekly loss at the outset, which can be read in reports. Lucas and Turkes (2004, Naval Research Logistics)
find that combat data hardly tell the forms apart, so the form is drawn, not chosen.
The front moves by a saturating function of the log ratio of effective strengths, anchored on the gain observed
before the information date, with autocorrelated noise; a side that loses a large share of its force within
four weeks may break. Limits: one homogeneous front, no terrain, no reserves; weeks to a year.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Attrition, Front, Ground, Morale

__all__ = [
    "EXPONENTS",
    "FORMS",
    "break_probability",
    "effective_strength",
    "exponents",
    "front_gain",
    "losses",
    "morale_next",
]

FORMS = ("square", "linear", "logarithmic", "mixed")
EXPONENTS = ((1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.5, 0.5))
LOSS_CAP = 0.25  # largest share of a force lost in a week; guards the integration, judgement
MORALE_BOUNDS = (0.3, 1.2)  # judgement


def exponents(attrition: Attrition) -> tuple[Array, Array]:
    """Exponents (p, q) of the opponent's and one's own strength for the drawn form (0..3)."""
    opponent = sum(jnp.where(attrition.form == k, p, 0.0) for k, (p, _) in enumerate(EXPONENTS))
    own = sum(jnp.where(attrition.form == k, q, 0.0) for k, (_, q) in enumerate(EXPONENTS))
    return jnp.asarray(opponent), jnp.asarray(own)


def effective_strength(
    ground: Ground, strength: Array, morale: Array, logistics: Array, materiel: Array, foreign: Array
) -> Array:
    """Effective strength of a side [soldiers of reference quality].

    strength: own soldiers; logistics and materiel: factors, 1 is full supply; foreign: effective strength of
    engaged contingents from abroad.
    """
    return strength * ground.quality * morale * logistics * materiel + foreign


def losses(
    ground: Ground,
    attrition: Attrition,
    *,
    strength: Array,
    strength_outset: Array,
    opponent_ratio: Array,
    tempo: Array,
    shared: Array,
) -> Array:
    """Weekly losses of a side before noise [people/week].

    opponent_ratio: opponent's effective strength over that at the outset; shared: share of the fighting that
    one's own soldiers do (the rest is done by contingents from abroad).
    """
    opponent_exponent, own_exponent = exponents(attrition)
    own_ratio = strength / strength_outset
    # x^p by exp and log: both ratios are positive, and XLA's generic power is slower.
    scale = jnp.exp(
        opponent_exponent * jnp.log(jnp.maximum(opponent_ratio, 1e-6))
        + own_exponent * jnp.log(jnp.maximum(own_ratio, 1e-6))
    )
    return jnp.minimum(ground.casualties * tempo * scale * shared, LOSS_CAP * strength)


def front_gain(front: Front, log_ratio: Array, noise: Array, tempo: Array) -> Array:
    """Area that the adversary gains in a week [km2/week].

    log_ratio: log of (adversary / host effective strength) less its value at the outset. Equals the observed
    initial gain at log_ratio 0 and saturates at +-max_gain.
    """
    anchor = jnp.arctanh(jnp.clip(front.initial_gain / front.max_gain, -0.95, 0.95))
    return tempo * (front.max_gain * jnp.tanh(front.sensitivity * log_ratio + anchor) + noise)


def break_probability(front: Front, four_week_loss: Array) -> Array:
    """Probability per week that a force's sector collapses, given its loss fraction over four weeks.

    Losses alone predict breaks poorly (Helmbold 1971; McQuie 1987), hence a low base and a shallow slope.
    """
    return 1.0 / (1.0 + jnp.exp(-(front.break_level + front.break_slope * (four_week_loss - 0.10))))


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
