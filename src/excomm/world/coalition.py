"""Who takes part in a deployment, how much is realised, and how support at home moves.

Participation is a threshold game: a member joins with a probability that rises with public support, proximity
and the weighted share of members already in, and falls with the risk of the scope. The reply function is
monotone, so iterating it from nobody and from everybody gives its lowest and highest fixed points; where they
differ, coordination decides, and the draw mixes them. Limits: members decide once, on the option as announced.
Source: Granovetter (1978) for thresholds; coefficients are judgement.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Coalition, Deployment

__all__ = ["Members", "Participation", "participation", "support_next"]

ITERATIONS = 40


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Members:
    """Public facts about the members of the alliance; shape (members,).

    weight: share of the alliance's GDP; forces: active soldiers; border: 1 at the theatre's border; support:
    share of the public in favour of sending troops.
    """

    weight: Array
    forces: Array
    border: Array
    support: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Participation:
    """Result; shape (options, draws, 1). Troops, members expected, and the gap between the fixed points."""

    realised: Array
    sustained: Array
    pool: Array
    members: Array
    gap: Array
    support: Array


def participation(
    coalition: Coalition, deployment: Deployment, members: Members, *, combat: Array, on_ceasefire: Array
) -> Participation:
    """Who joins and what comes of the requested size.

    combat: share of the scope that is combat (0 rear or air, 1 fighting); on_ceasefire: 1 where troops come only
    after a ceasefire. Both have shape (options, 1, 1) or (options, draws, 1).
    """
    utility = (
        coalition.base
        + coalition.support_effect * (members.support - 0.5)
        + coalition.proximity_effect * members.border
        - coalition.combat_shift * combat
        + coalition.ceasefire_shift * on_ceasefire
    )

    def reply(join: Array) -> Array:
        inside = jnp.sum(join * members.weight, axis=-1, keepdims=True)
        return jax.nn.sigmoid(utility + coalition.peer_effect * inside)

    low = jax.lax.fori_loop(0, ITERATIONS, lambda _, p: reply(p), jnp.zeros_like(utility))
    high = jax.lax.fori_loop(0, ITERATIONS, lambda _, p: reply(p), jnp.ones_like(utility))
    join = low + coalition.coordination * (high - low)

    available = members.forces * coalition.deployable_share
    pool = jnp.sum(available * join, axis=-1, keepdims=True)
    realised = jnp.minimum(deployment.size_requested, pool)
    # Rotation: a force that stays needs others preparing and recovering, so a fraction of the pool can be held.
    sustained = jnp.minimum(realised, pool / deployment.rotation)
    weight = join * members.forces
    public = jnp.sum(weight * members.support, axis=-1, keepdims=True) / jnp.maximum(
        jnp.sum(weight, axis=-1, keepdims=True), 1e-9
    )
    asked = deployment.size_requested > 0
    return Participation(
        realised=jnp.where(asked, realised, 0.0),
        sustained=jnp.where(asked, sustained, 0.0),
        pool=jnp.sum(available * jnp.ones_like(join), axis=-1, keepdims=True),
        members=jnp.sum(join, axis=-1, keepdims=True),
        gap=jnp.sum(high - low, axis=-1, keepdims=True),
        support=public,
    )


def support_next(coalition: Coalition, support: Array, *, public_support: Array, dead: Array) -> Array:
    """Share of the initial contribution that survives at home after `dead` more allied soldiers have died.

    dead_effect: percentage points of public support lost per 100 dead (Mueller 1973 and later work find a
    fall with cumulative deaths; the size is judgement).
    """
    lost = coalition.dead_effect / 100.0 * dead / 100.0
    return jnp.clip(support - lost / jnp.maximum(public_support, 0.05), 0.0, 1.0)
