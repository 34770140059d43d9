"""Simulation of a chunk of draws under all options at once, on common random numbers.

Every four weeks both sides move by their policies and update what they believe of each other; in between the
world advances week by week. All options share draws and noise, so differences between options are paired.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from excomm.engine.noise import Noise
from excomm.game.policy import EPOCH_WEEKS, PolicyTables
from excomm.world.parameters import WorldParameters
from excomm.world.setting import Setting, attributes
from excomm.world.state import Origin, State
from excomm.world.step import start, step

__all__ = ["ChunkResult", "Trace", "simulate_chunk"]

KEPT = (
    "area_change", "front_gain", "losses_host", "losses_adversary", "killed_alliance", "civilian_deaths_host",
    "drones_launched", "missiles_launched", "drones_leaked", "missiles_leaked", "power_host", "unserved_host",
    "interceptors_host", "troops_alliance", "ceasefire", "morale_host",
)  # fmt: skip


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Trace:
    """Postures (levels) and beliefs over time; shape (options, draws, replicates)."""

    alliance: Array
    adversary: Array
    adversary_max: Array
    belief_alliance: Array
    belief_adversary: Array
    below_start: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class ChunkResult:
    """Final state, final trace and weekly series of a chunk; series have a leading axis of weeks."""

    state: State
    trace: Trace
    weekly: dict[str, Array]


def _move(level: Array, uniform: Array, lower: Array, rise: Array) -> Array:
    return level - (uniform < lower).astype(level.dtype) + (uniform >= 1.0 - rise).astype(level.dtype)


def _likelihood(lower: Array, rise: Array, change: Array) -> Array:
    """Probability of the move that was made, under the policy with these probabilities."""
    return jnp.where(change < 0, lower, jnp.where(change > 0, rise, 1.0 - lower - rise))


def _bayes(belief: Array, likelihood_resolved: Array, likelihood_other: Array) -> Array:
    joint = belief * likelihood_resolved
    return joint / jnp.maximum(joint + (1.0 - belief) * likelihood_other, 1e-12)


@partial(jax.jit, static_argnames=("weeks",))
def simulate_chunk(
    parameters: WorldParameters,
    setting: Setting,
    origin: Origin,
    policy: PolicyTables,
    noise: Noise,
    *,
    weeks: int,
) -> ChunkResult:
    """Simulate the draws and replicates of `noise` under all options for `weeks` weeks."""
    epochs = -(-weeks // EPOCH_WEEKS)
    options = origin.force_realised.shape[0]
    shape = (options, noise.aid_cut.shape[0], noise.aid_cut.shape[1])
    tables = setting.postures
    levels_adversary = tables.front.shape[0]
    levels = tables.aid.shape[0] * levels_adversary

    resolved_alliance = (noise.type_alliance[None] < policy.prior_alliance).astype(jnp.int32)
    resolved_adversary = (noise.type_adversary[None] < policy.prior_adversary).astype(jnp.int32)
    aid_cut = (noise.aid_cut[None] < parameters.aid.cut_probability).astype(jnp.float32)

    has_force = (origin.force_realised > 0) & (setting.commitments.on_ceasefire == 0)

    def in_clash(alliance: Array, adversary: Array) -> Array:
        fights = (tables.engaged[alliance] > 0) & (parameters.deployment.engaged_share > 0)
        struck = (tables.strikes_forces[adversary] > 0) & (tables.presence[alliance] > 0)
        return (has_force & (fights | struck)) | (tables.strikes_territory[adversary] > 0)

    def look_up(
        table: Array, type_alliance: Array, type_adversary: Array, place: Array
    ) -> tuple[Array, Array]:
        """Probabilities of lowering and raising; table (options, draws, 4 * levels, 2)."""
        index = (2 * type_alliance + type_adversary) * levels + place
        both = jnp.take_along_axis(table, index[..., None], axis=2)
        return both[..., 0], both[..., 1]

    def moved(alliance_moves: bool, state, trace, table, uniform):  # type: ignore[no-untyped-def]
        """One actor moves; the other side updates its belief; first passages are counted by their hazard."""
        place = trace.alliance * levels_adversary + trace.adversary
        lower, rise = look_up(table, resolved_alliance, resolved_adversary, place)
        level = trace.alliance if alliance_moves else trace.adversary
        following = _move(level, uniform, lower, rise)
        change = following - level
        own = resolved_alliance if alliance_moves else resolved_adversary
        if alliance_moves:
            other_type = look_up(table, 1 - own, resolved_adversary, place)
            up = (trace.alliance + 1, trace.adversary)
            down = (trace.alliance - 1, trace.adversary)
        else:
            other_type = look_up(table, resolved_alliance, 1 - own, place)
            up = (trace.alliance, trace.adversary + 1)
            down = (trace.alliance, trace.adversary - 1)
        mine, theirs = _likelihood(lower, rise, change), _likelihood(*other_type, change)
        likely = jnp.where(own == 1, mine, theirs)
        unlikely = jnp.where(own == 1, theirs, mine)

        def bounded(pair: tuple[Array, Array]) -> tuple[Array, Array]:
            return (
                jnp.clip(pair[0], 0, tables.aid.shape[0] - 1),
                jnp.clip(pair[1], 0, levels_adversary - 1),
            )

        enters = rise * in_clash(*bounded(up)) + lower * in_clash(*bounded(down))
        strikes = tables.strikes_territory > 0
        strikes_next = rise * strikes[bounded(up)[1]] + lower * strikes[bounded(down)[1]]
        state = replace(
            state,
            clash=state.clash + (1.0 - state.clashed) * enters,
            territory_strike=state.territory_strike + (1.0 - state.struck) * strikes_next,
        )
        if alliance_moves:
            trace = replace(
                trace,
                alliance=following,
                belief_alliance=_bayes(trace.belief_alliance, likely, unlikely),
                below_start=jnp.maximum(trace.below_start, (following < setting.commitments.start) * 1.0),
            )
        else:
            trace = replace(
                trace,
                adversary=following,
                adversary_max=jnp.maximum(trace.adversary_max, following),
                belief_adversary=_bayes(trace.belief_adversary, likely, unlikely),
            )
        state = replace(
            state,
            clashed=jnp.maximum(state.clashed, in_clash(trace.alliance, trace.adversary) * 1.0),
            struck=jnp.maximum(state.struck, strikes[trace.adversary] * 1.0),
        )
        return state, trace

    def epoch(carry, inputs):  # type: ignore[no-untyped-def]
        state, trace = carry
        number, week_noise, move_alliance, move_adversary, alliance_table, adversary_table = inputs

        # An incident that escalated since the last moves has pulled the adversary up by one posture.
        pulled = jnp.minimum(trace.adversary + state.incident.astype(jnp.int32), levels_adversary - 1)
        struck = (tables.strikes_territory[pulled] > 0) * 1.0
        state = replace(
            state,
            territory_strike=state.territory_strike + (1.0 - state.struck) * struck,
            struck=jnp.maximum(state.struck, struck),
            incident=jnp.zeros_like(state.incident),
        )
        trace = replace(trace, adversary=pulled, adversary_max=jnp.maximum(trace.adversary_max, pulled))
        state, trace = moved(True, state, trace, alliance_table, move_alliance)
        state, trace = moved(False, state, trace, adversary_table, move_adversary)
        held = attributes(tables, trace.alliance, trace.adversary)

        def week(inner, inputs):  # type: ignore[no-untyped-def]
            week_number, noise_now = inputs
            following, record = step(
                parameters, setting, origin, inner, held, noise_now, week=week_number, aid_cut=aid_cut
            )
            return following, {name: getattr(record, name) for name in KEPT}

        numbers = number * EPOCH_WEEKS + jnp.arange(1, EPOCH_WEEKS + 1, dtype=jnp.float32)
        state, records = jax.lax.scan(week, state, (numbers, week_noise))
        postures = {"alliance_posture": trace.alliance * 1.0, "adversary_posture": trace.adversary * 1.0}
        records |= {name: jnp.broadcast_to(level, (EPOCH_WEEKS, *shape)) for name, level in postures.items()}
        return (state, trace), records

    integer = jnp.zeros(shape, dtype=jnp.int32)
    trace = Trace(
        alliance=integer + setting.commitments.start,
        adversary=integer + setting.adversary_start,
        adversary_max=integer + setting.adversary_start,
        belief_alliance=jnp.zeros(shape) + policy.prior_alliance,
        belief_adversary=jnp.zeros(shape) + policy.prior_adversary,
        below_start=jnp.zeros(shape),
    )
    state = start(parameters, origin, shape, weeks)
    at_start = in_clash(trace.alliance, trace.adversary) * 1.0
    state = replace(state, clash=at_start, clashed=at_start)
    per_epoch = jax.tree.map(lambda x: x.reshape(epochs, EPOCH_WEEKS, *x.shape[1:]), noise.weekly)
    inputs = (
        jnp.arange(epochs, dtype=jnp.float32),
        per_epoch,
        noise.move_alliance,
        noise.move_adversary,
        policy.alliance,
        policy.adversary,
    )
    (state, trace), weekly = jax.lax.scan(epoch, (state, trace), inputs)
    joined = {name: series.reshape(epochs * EPOCH_WEEKS, *shape) for name, series in weekly.items()}
    return ChunkResult(state=state, trace=trace, weekly=joined)
