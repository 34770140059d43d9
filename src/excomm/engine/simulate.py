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

from excomm.engine.moves import Play, Trace, begin_trace
from excomm.engine.noise import Noise
from excomm.game.periods import EPOCH_WEEKS
from excomm.game.policy import PolicyTables
from excomm.world.parameters import WorldParameters
from excomm.world.persistence import persist
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
class ChunkResult:
    """Final state, final trace, weekly area of all replicates, and weekly series of those whose series are kept.

    Area and series have a leading axis of weeks.
    """

    state: State
    trace: Trace
    area: Array
    weekly: dict[str, Array]


@partial(jax.jit, static_argnames=("weeks", "kept", "alliance_first"))
def simulate_chunk(
    parameters: WorldParameters,
    setting: Setting,
    origin: Origin,
    policy: PolicyTables,
    noise: Noise,
    *,
    weeks: int,
    kept: int,
    alliance_first: bool,
) -> ChunkResult:
    """Simulate the draws and replicates of `noise` under all options for `weeks` weeks.

    kept: number of replicates whose weekly series are kept. alliance_first: who moves first in each epoch.
    """
    epochs = -(-weeks // EPOCH_WEEKS)
    options = origin.force_realised.shape[0]
    shape = (options, noise.aid_cut.shape[0], noise.aid_cut.shape[1])
    tables = setting.postures
    aid_cut = (noise.aid_cut[None] < parameters.aid.cut_probability).astype(jnp.float32)
    resolved = (noise.type_adversary[None] < policy.prior).astype(jnp.int32)
    play = Play(parameters, setting, origin, policy, resolved)

    def epoch(carry, inputs):  # type: ignore[no-untyped-def]
        state, trace = carry
        number, week_noise, uniforms, alliance_table, adversary_table, limits = inputs
        state, trace = play.after_incident(state, trace)
        moves = [
            partial(play.move_alliance, table=alliance_table, limits=limits, uniform=uniforms[0]),
            partial(play.move_adversary, table=adversary_table, limits=limits, uniform=uniforms[1]),
        ]
        for move in moves if alliance_first else reversed(moves):
            state, trace = move(state, trace)
        held = attributes(tables, trace.alliance, trace.adversary)

        def week(inner, inputs):  # type: ignore[no-untyped-def]
            week_number, noise_now = inputs
            following, record = step(
                parameters, setting, origin, inner, held, noise_now, week=week_number, aid_cut=aid_cut
            )
            series = {name: getattr(record, name)[..., :kept] for name in KEPT}
            return following, (record.area_change, series)

        numbers = number * EPOCH_WEEKS + jnp.arange(1, EPOCH_WEEKS + 1, dtype=jnp.float32)
        before = state
        state, records = jax.lax.scan(week, state, (numbers, week_noise))
        trace = play.count_noise(before, state, trace)
        held_now = {
            "alliance_posture": trace.alliance,
            "adversary_posture": trace.adversary,
            "warning": trace.warned,
            "belief_adversary": trace.belief,
        }
        return (state, trace), (records, {name: level[..., :kept] * 1.0 for name, level in held_now.items()})

    trace = begin_trace(setting, policy, shape)
    state = start(parameters, origin, shape, weeks)
    at_start = play.in_clash(trace.alliance, trace.adversary) * 1.0
    state = replace(state, clash=at_start, clashed=at_start)
    waves = persist(noise.weekly, parameters)
    per_epoch = jax.tree.map(lambda x: x.reshape(epochs, EPOCH_WEEKS, *x.shape[1:]), waves)
    inputs = (
        jnp.arange(epochs, dtype=jnp.float32),
        per_epoch,
        (noise.move_alliance, noise.move_adversary),
        policy.alliance,
        policy.adversary,
        policy.limits,
    )
    (state, trace), ((area, weekly), by_epoch) = jax.lax.scan(epoch, (state, trace), inputs)

    def joined(series: Array) -> Array:
        return series.reshape(epochs * EPOCH_WEEKS, *series.shape[2:])

    series = {name: joined(values) for name, values in weekly.items()}
    series |= {name: jnp.repeat(levels, EPOCH_WEEKS, axis=0) for name, levels in by_epoch.items()}
    return ChunkResult(state=state, trace=trace, area=joined(area), weekly=series)
