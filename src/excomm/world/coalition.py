"""Who takes part in a deployment, how much is realised, who carries it, and how support at home moves.

Participation is a threshold game: a member joins with a probability that rises with public support, proximity,
a mandate and the weighted share of members already in, and falls with combat, risk, an aim beyond defence and an
election ahead. The reply function is monotone, so iterating it from nobody and from everybody gives its lowest and
highest fixed points; where they differ, coordination decides, and the draw mixes them. Under an alliance framework
nobody may object: without consensus only those come who would come first (the lowest fixed point).
Limits: members decide once, on the option as announced; later only support at home moves. Source: Granovetter
(1978) for thresholds, Olson and Zeckhauser (1966) for burdens; coefficients are judgement.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Coalition, Deployment

__all__ = ["Members", "Participation", "Scope", "burden_shares", "participation", "support_next"]

ITERATIONS = 40
SUPPORT_STEP = 0.02  # change of public support over which the slope of participation is taken
HIGHEST_RUNG = 7.0


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Members:
    """Public facts about the members of the alliance; shape (members,).

    weight: share of the alliance's GDP; forces: active soldiers; border: 1 at the theatre's border; support:
    share of the public in favour of sending troops; election: 1 with an election or a change of government within
    half a year of the information date, by the calendar.
    """

    weight: Array
    forces: Array
    border: Array
    support: Array
    election: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Scope:
    """What members are asked to join; shape (options, 1, 1) or (options, draws, 1).

    combat: share of the scope that is combat (0 rear or air, 1 fighting); on_ceasefire: 1 where troops come only
    after a ceasefire; roll_back: 1 where the aim is to change what is, not to keep it; rung: of the posture with
    which the option begins; consensus: 1 where the framework is the alliance, in which anybody can object.
    """

    combat: Array
    on_ceasefire: Array
    roll_back: Array
    rung: Array
    consensus: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Participation:
    """Result; shape (options, draws, 1).

    realised, sustained, pool: troops; members: expected number; gap: members between the fixed points; support:
    of the public, weighted by contribution; consensus: probability that nobody objects; largest: share of the
    largest contributor; abandonment: share of the force lost per unit of public support lost, contributors who
    leave because others leave included.
    """

    realised: Array
    sustained: Array
    pool: Array
    members: Array
    gap: Array
    support: Array
    consensus: Array
    largest: Array
    abandonment: Array


def burden_shares(available: Array, weight: Array, total: Array) -> Array:
    """Contributions that add up to `total`, in proportion to `weight` but at most what is available.

    available, weight: (..., members); total: (..., 1), at most the sum of what is available. Found by bisection
    on the common factor, which every contribution follows until it reaches its limit.
    """
    safe = jnp.maximum(weight, 1e-9)
    high = jnp.max(available / safe, axis=-1, keepdims=True)

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = 0.5 * (low + high)
        short = jnp.sum(jnp.minimum(available, middle * safe), axis=-1, keepdims=True) < total
        return jnp.where(short, middle, low), jnp.where(short, high, middle)

    _, factor = jax.lax.fori_loop(0, ITERATIONS, halve, (jnp.zeros_like(high), high))
    return jnp.minimum(available, factor * safe)


def participation(
    coalition: Coalition, deployment: Deployment, members: Members, scope: Scope
) -> Participation:
    """Who joins, what comes of the requested size, and how it would shrink as support at home falls."""
    utility = (
        coalition.base
        + coalition.support_effect * (members.support - 0.5)
        + coalition.proximity_effect * members.border
        + coalition.mandate_shift * coalition.mandate
        - coalition.combat_shift * scope.combat
        + coalition.ceasefire_shift * scope.on_ceasefire
        - coalition.roll_back_shift * scope.roll_back
        - coalition.risk_effect * scope.rung / HIGHEST_RUNG
        - coalition.election_shift * members.election
    )

    def reply(join: Array, utility: Array) -> Array:
        inside = jnp.sum(join * members.weight, axis=-1, keepdims=True)
        return jax.nn.sigmoid(utility + coalition.peer_effect * inside)

    def ends(utility: Array) -> tuple[Array, Array]:
        def once(_: int, both: tuple[Array, Array]) -> tuple[Array, Array]:
            return reply(both[0], utility), reply(both[1], utility)

        first = jnp.zeros_like(utility), jnp.ones_like(utility)
        low, high = jax.lax.fori_loop(0, ITERATIONS, once, first)
        return low, high

    low, high = ends(utility)
    mixed = low + coalition.coordination * (high - low)

    # Consensus: consenting is easier than sending; objections of like-minded members are not independent.
    inside = jnp.sum(mixed * members.weight, axis=-1, keepdims=True)
    consent = jax.nn.log_sigmoid(utility + coalition.peer_effect * inside + coalition.consent_shift)
    number = members.weight.shape[0]
    vetoes = 1.0 + (number - 1.0) * (1.0 - coalition.unity)
    consensus = jnp.exp(vetoes * jnp.mean(consent, axis=-1, keepdims=True))
    agreed = (scope.consensus == 0) | (coalition.coordination >= 1.0 - consensus)
    join = jnp.where(agreed, mixed, low)

    available = members.forces * coalition.deployable_share
    pool = jnp.sum(available * join, axis=-1, keepdims=True)
    enough = (deployment.size_requested > 0) & (pool >= coalition.quorum * deployment.size_requested)
    realised = jnp.where(enough, jnp.minimum(deployment.size_requested, pool), 0.0)
    # Rotation: a force that stays needs others preparing and recovering, so a fraction of the pool can be held.
    sustained = jnp.minimum(realised, pool / deployment.rotation)
    burden = join * jnp.exp(coalition.burden_exponent * jnp.log(jnp.maximum(members.weight, 1e-9)))
    carried = burden_shares(available * join, burden, realised)
    weight = join * members.forces
    public = jnp.sum(weight * members.support, axis=-1, keepdims=True) / jnp.maximum(
        jnp.sum(weight, axis=-1, keepdims=True), 1e-9
    )
    lower, higher = ends(utility - coalition.support_effect * SUPPORT_STEP)
    colder = jnp.where(agreed, lower + coalition.coordination * (higher - lower), lower)
    left = jnp.sum(available * colder, axis=-1, keepdims=True)
    slope = (pool - left) / (SUPPORT_STEP * jnp.maximum(pool, 1e-6))
    return Participation(
        realised=realised,
        sustained=sustained,
        pool=jnp.sum(available * jnp.ones_like(join), axis=-1, keepdims=True),
        members=jnp.sum(join, axis=-1, keepdims=True),
        gap=jnp.sum(high - low, axis=-1, keepdims=True),
        support=public,
        consensus=consensus,
        largest=jnp.max(carried, axis=-1, keepdims=True) / jnp.maximum(realised, 1.0),
        abandonment=jnp.clip(slope, 0.0, 1.0 / SUPPORT_STEP),
    )


def support_next(coalition: Coalition, support: Array, *, abandonment: Array, dead: Array) -> Array:
    """Share of the initial contribution that survives at home after `dead` more allied soldiers have died.

    dead_effect: percentage points of public support lost per 100 dead (Mueller 1973 and later work find a
    fall with cumulative deaths; the size is judgement). abandonment: see `Participation`.
    """
    lost = coalition.dead_effect / 100.0 * dead / 100.0
    return jnp.clip(support - lost * abandonment, 0.0, 1.0)
