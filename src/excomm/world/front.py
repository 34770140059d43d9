"""Movement of the front: stochastic drift, or Epstein's adaptive withdrawal; collapse of a sector.

Two forms of movement, drawn and not chosen (`front.form`), because they answer the same change of strength by other
roads. Drift (0): the gain is a saturating function of the log ratio of effective strengths, anchored on the gain
observed before the information date. Adaptive withdrawal (1), after Epstein (1985, 1990): a defender gives ground
when its losses exceed a threshold, which lowers the losses of both; an attacker whose losses exceed its own
threshold slackens. Thresholds and pace are anchored on the outset, at which nothing changes. Both with the same
autocorrelated noise. A side that loses a large share of its force within four weeks may break.
Limits: one front, no terrain, no reserves; the prosecution rule is of the same shape as Epstein's, not his equation.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Front

__all__ = [
    "adaptive_gain",
    "break_probability",
    "contact",
    "drift_gain",
    "prosecution_next",
    "withdrawal_next",
    "withdrawal_usual",
]

LEAST_PROSECUTION = 0.05  # an attacker that has all but stopped can still go on later; judgement


def drift_gain(front: Front, log_ratio: Array) -> Array:
    """Area that the adversary gains in a week at the usual tempo, before noise [km2/week].

    log_ratio: log of (adversary / host effective strength) less its value at the outset. Equals the observed
    initial gain at log_ratio 0 and saturates at +-max_gain.
    """
    anchor = jnp.arctanh(jnp.clip(front.initial_gain / front.max_gain, -0.95, 0.95))
    return front.max_gain * jnp.tanh(front.sensitivity * log_ratio + anchor)


def withdrawal_usual(front: Front, direction: float) -> Array:
    """Rate of withdrawal of a side at the outset, as a share of the largest: what its opponent gains then.

    direction: 1 for the host, -1 for the adversary.
    """
    return jnp.clip(direction * front.initial_gain / front.max_gain, 0.0, 0.95)


def withdrawal_next(front: Front, now: Array, *, loss_fraction: Array, threshold: Array) -> Array:
    """Rate of withdrawal of a defender next week, as a share of the largest, in [0, 1].

    loss_fraction and threshold: its weekly losses as a share of its force, and those it accepts (at the outset).
    """
    pressed = (loss_fraction - threshold) / (1.0 - threshold)
    return jnp.clip(now + front.adaptation * (1.0 - now) * pressed, 0.0, 1.0)


def prosecution_next(front: Front, now: Array, *, loss_fraction: Array, usual: Array) -> Array:
    """How hard an attacker presses next week, 1 at the outset: less while its losses exceed its threshold."""
    accepted = front.prosecution_threshold * usual
    return jnp.clip(
        now * (1.0 + front.prosecution_effect * (accepted - loss_fraction) / accepted), LEAST_PROSECUTION, 1.0
    )


def adaptive_gain(
    front: Front, *, host: Array, adversary: Array, host_presses: Array, adversary_presses: Array
) -> Array:
    """Area that the adversary gains in a week at the usual tempo, before noise [km2/week].

    host, adversary: rates of withdrawal; host_presses, adversary_presses: prosecution.
    """
    return front.max_gain * (host * adversary_presses - adversary * host_presses)


def contact(withdrawal: Array, usual: Array, pressed: Array) -> Array:
    """Losses of both sides in one direction of attack, against the outset: fewer where the defender gives way."""
    return pressed * (1.0 - withdrawal) / (1.0 - usual)


def break_probability(front: Front, four_week_loss: Array) -> Array:
    """Probability per week that a force's sector collapses, given its loss fraction over four weeks.

    Losses alone predict breaks poorly (Helmbold 1971; McQuie 1987), hence a low base and a shallow slope.
    """
    return 1.0 / (1.0 + jnp.exp(-(front.break_level + front.break_slope * (four_week_loss - 0.10))))
