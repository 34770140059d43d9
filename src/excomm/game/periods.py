"""What each pair of postures brings in each period of four weeks, from the world itself along its mean path.

For each pair of postures and each bin of the front the world runs along its mean path with the postures held, by the
very functions that the simulation uses. The middle bin is the mean path; the others run with a steady push at the
front, so sized that the area lies at the nodes of a quadrature of the front's chance at every time. The push itself is
taken off the gain: what a bin tells of the future is what the world makes of the position (morale, strength, hazards).
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from excomm.world import front as moving_front
from excomm.world.battle import ROUT_MEMORY
from excomm.world.parameters import WorldParameters
from excomm.world.path import mean_path
from excomm.world.setting import Setting
from excomm.world.state import Origin

__all__ = ["EPOCH_WEEKS", "FRONT_NODES", "PERIOD_FIELDS", "Periods", "front_scale", "periods"]

EPOCH_WEEKS = 4
Periods = dict[str, Array]

# Best five-point (three-point, ...) stand-ins for a standard normal (Lloyd 1957, Max 1960).
FRONT_NODES: dict[int, tuple[float, ...]] = {
    1: (0.0,),
    3: (-1.2240, 0.0, 1.2240),
    5: (-1.7241, -0.7646, 0.0, 0.7646, 1.7241),
    7: (-2.0334, -1.1881, -0.5606, 0.0, 0.5606, 1.1881, 2.0334),
}

# Fields of the weekly record that payoffs and transitions need.
PERIOD_FIELDS = (
    "front_gain", "killed_alliance", "dead_host", "dead_adversary", "cost", "nuclear_hazard", "incident_hazard",
    "agreement_hazard", "troops_alliance",
)  # fmt: skip


def front_scale(parameters: WorldParameters, origin: Origin) -> tuple[Array, Array]:
    """Standard deviation of a week's chance at the front, in all and from the noise alone [km2 per root week].

    Both as they add up over many weeks: noise with its memory, and collapses of a sector of either side.
    """
    front = parameters.front
    noise = front.noise_sd**2 * (1.0 + front.noise_memory) / (1.0 - front.noise_memory)
    sides = (origin.sides.host, origin.sides.adversary)
    collapse = sum(moving_front.break_probability(front, 4.0 * side.loss_fraction) for side in sides)
    jump = front.break_factor * front.max_gain / (1.0 - ROUT_MEMORY)
    return jnp.sqrt(noise + collapse * jump**2), jnp.sqrt(noise)


@partial(jax.jit, static_argnames=("weeks", "fronts"))
def periods(
    parameters: WorldParameters, setting: Setting, origin: Origin, aid_cut: Array, *, weeks: int, fronts: int
) -> Periods:
    """Sums over each period; arrays (options, draws, epochs, alliance, adversary, front bins).

    In addition `area`, the same for the host's change of area since the outset at the end of each period [km2], and
    `spread`, (options, draws): standard deviation of a period's chance at the front [km2].
    """
    levels_alliance = setting.postures.aid.shape[0]
    levels_adversary = setting.postures.front.shape[0]
    grid = (levels_alliance, levels_adversary, fronts)
    alliance, adversary, place = (jnp.asarray(part.reshape(-1)) for part in np.indices(grid))
    everything, from_noise = front_scale(parameters, origin)
    node = jnp.asarray(FRONT_NODES[fronts], dtype=jnp.float32)[place]
    # A shock of 1 a week pushes by sd * sqrt((1 + m) / (1 - m)), as `front_scale` has it; where a case has no noise at
    # the front nothing can push it. Better for the host means a smaller gain of the adversary.
    push = -node * jnp.where(from_noise > 0, everything / jnp.maximum(from_noise, 1e-6), 0.0)
    records, noise_now = mean_path(
        parameters, setting, origin, alliance, adversary, weeks=weeks, aid_cut=aid_cut, push=push
    )
    pushed = setting.postures.front[adversary] * noise_now
    options, draws = origin.force_realised.shape[:2]

    def per_epoch(series: Array) -> Array:
        series = jnp.broadcast_to(series, (weeks, options, draws, alliance.shape[0]))
        summed = series.reshape(weeks // EPOCH_WEEKS, EPOCH_WEEKS, *series.shape[1:]).sum(axis=1)
        return jnp.moveaxis(summed, 0, 2).reshape(options, draws, weeks // EPOCH_WEEKS, *grid)

    found = {name: per_epoch(getattr(records, name)) for name in PERIOD_FIELDS}
    found["area"] = -jnp.cumsum(found["front_gain"], axis=2)
    found["front_gain"] = found["front_gain"] - per_epoch(pushed)
    found["spread"] = jnp.broadcast_to(
        jnp.sqrt(float(EPOCH_WEEKS)) * everything, origin.force_realised.shape
    )[..., 0]
    return found
