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

from excomm.world.parameters import WorldParameters
from excomm.world.path import mean_path
from excomm.world.setting import Setting
from excomm.world.state import Origin

__all__ = ["EPOCH_WEEKS", "PERIOD_FIELDS", "Periods", "periods"]

EPOCH_WEEKS = 4
Periods = dict[str, Array]

# Fields of the weekly record that payoffs and transitions need.
PERIOD_FIELDS = (
    "front_gain", "killed_alliance", "dead_host", "dead_adversary", "cost", "nuclear_hazard", "incident_hazard",
    "agreement_hazard", "troops_alliance",
)  # fmt: skip


@partial(jax.jit, static_argnames=("weeks",))
def periods(
    parameters: WorldParameters, setting: Setting, origin: Origin, aid_cut: Array, nodes: Array, *, weeks: int
) -> Periods:
    """Sums over each period; arrays (options, draws, epochs, alliance, adversary, front bins).

    nodes: place of each bin at the end of each period, (epochs, options, draws, fronts) [km2].
    In addition, of the same shape as the sums, `area`: the host's change of area since the outset at the end of each
    period [km2], and `break_host`, `break_adversary`: expected collapses of a sector of either side.
    """
    grid = (setting.postures.aid.shape[0], setting.postures.front.shape[0], nodes.shape[-1])
    alliance, adversary, place = (jnp.asarray(part.reshape(-1)) for part in np.indices(grid))
    # Better for the host means a smaller gain of the adversary. Within a period the push is steady.
    pushes = jnp.diff(-nodes, axis=0, prepend=jnp.zeros_like(nodes[:1]))[..., place] / EPOCH_WEEKS
    path = mean_path(
        parameters, setting, origin, alliance, adversary, weeks=weeks, aid_cut=aid_cut,
        push=jnp.repeat(pushes, EPOCH_WEEKS, axis=0),
    )  # fmt: skip
    pushed = setting.postures.front[adversary] * path.front_noise
    options, draws = origin.force_realised.shape[:2]

    def per_epoch(series: Array) -> Array:
        series = jnp.broadcast_to(series, (weeks, options, draws, alliance.shape[0]))
        summed = series.reshape(weeks // EPOCH_WEEKS, EPOCH_WEEKS, *series.shape[1:]).sum(axis=1)
        return jnp.moveaxis(summed, 0, 2).reshape(options, draws, weeks // EPOCH_WEEKS, *grid)

    found = {name: per_epoch(getattr(path.records, name)) for name in PERIOD_FIELDS}
    found["area"] = -jnp.cumsum(found["front_gain"], axis=2)
    found["front_gain"] = found["front_gain"] - per_epoch(pushed)
    found["break_host"], found["break_adversary"] = (
        per_epoch(path.breaks.host),
        per_epoch(path.breaks.adversary),
    )
    return found
