"""Who rules the air over the front: an aggregate state between the sides.

Control runs from -1 (the adversary's) to 1 (the host's and its allies'). It follows the ratio of air strengths, as a
contest under the square law would settle it, with a lag; at the outset it stands where the observed war has it, so
that only a change, which allied air power brings, has effects. Losses and the drift of the front answer to the
change. Limits: one number for all altitudes and all of the front; ground-based defence is within the ratio; losses
of aircraft are not counted. For the air power of an alliance against a large ground-based defence there is no
modern war to fit: the effects are judgement.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Airpower

__all__ = ["control_next", "control_settled"]


def control_settled(airpower: Airpower, committed: Array | float) -> Array:
    """Control at which a contest settles; committed: share of the allied air power that takes part (0..1)."""
    ratio = airpower.host + airpower.allied * committed
    return jnp.asarray((ratio**2 - 1.0) / (ratio**2 + 1.0))


def control_next(airpower: Airpower, now: Array, committed: Array) -> Array:
    """Control next week, on its way to where it settles."""
    return now + (control_settled(airpower, committed) - now) / jnp.maximum(airpower.lag, 1.0)
