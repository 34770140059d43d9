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
from excomm.world.persistence import persist
from excomm.world.setting import Setting, at_level, attributes
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
    """Final state, final trace, weekly area of all replicates, and weekly series of those whose series are kept.

    Area and series have a leading axis of weeks.
    """

    state: State
    trace: Trace
    area: Array
    weekly: dict[str, Array]


def _move(level: Array, uniform: Array, lower: Array, rise: Array) -> Array:
    return level - (uniform < lower).astype(level.dtype) + (uniform >= 1.0 - rise).astype(level.dtype)


def _likelihood(lower: Array, rise: Array, change: Array) -> Array:
    """Probability of the move that was made, under the policy with these probabilities."""
    return jnp.where(change < 0, lower, jnp.where(change > 0, rise, 1.0 - lower - rise))


def _bayes(belief: Array, likelihood_resolved: Array, likelihood_other: Array) -> Array:
    joint = belief * likelihood_resolved
    return joint / jnp.maximum(joint + (1.0 - belief) * likelihood_other, 1e-12)


@partial(jax.jit, static_argnames=("weeks", "kept"))
def simulate_chunk(
    parameters: WorldParameters,
    setting: Setting,
    origin: Origin,
    policy: PolicyTables,
    noise: Noise,
    *,
    weeks: int,
    kept: int,
) -> ChunkResult:
    """Simulate the draws and replicates of `noise` under all options for `weeks` weeks.

    kept: number of replicates whose weekly series are kept.
    """
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
    can_fight = has_force & (parameters.deployment.engaged_share > 0)

    def strikes_territory(adversary: Array) -> Array:
        return at_level(tables.strikes_territory > 0, adversary)

    def in_clash(alliance: Array, adversary: Array) -> Array:
        fights = can_fight & at_level(tables.engaged > 0, alliance)
        is_struck = at_level(tables.strikes_forces > 0, adversary) & at_level(tables.presence > 0, alliance)
        return fights | (has_force & is_struck) | strikes_territory(adversary)

    def moved(alliance_moves: bool, state, trace, table, uniform):  # type: ignore[no-untyped-def]
        """One actor moves; the other side updates its belief; first passages are counted by their hazard."""
        own, other = resolved_alliance, resolved_adversary
        level, up, down = trace.alliance, (1, 0), (-1, 0)
        if not alliance_moves:
            own, other = other, own
            level, up, down = trace.adversary, (0, 1), (0, -1)
        place = other * levels + trace.alliance * levels_adversary + trace.adversary
        found = jnp.take_along_axis(table, place[..., None], axis=2)
        bluffing, resolved = (found[..., 0], found[..., 1]), (found[..., 2], found[..., 3])
        lower, rise = (jnp.where(own == 1, one, two) for one, two in zip(resolved, bluffing, strict=True))
        following = _move(level, uniform, lower, rise)
        change = following - level
        likely, unlikely = _likelihood(*resolved, change), _likelihood(*bluffing, change)

        def there(step: tuple[int, int]) -> tuple[Array, Array]:
            return trace.alliance + step[0], trace.adversary + step[1]

        enters = rise * in_clash(*there(up)) + lower * in_clash(*there(down))
        strikes = rise * strikes_territory(there(up)[1]) + lower * strikes_territory(there(down)[1])
        state = replace(
            state,
            clash=state.clash + (1.0 - state.clashed) * enters,
            territory_strike=state.territory_strike + (1.0 - state.struck) * strikes,
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
            struck=jnp.maximum(state.struck, strikes_territory(trace.adversary) * 1.0),
        )
        return state, trace

    def epoch(carry, inputs):  # type: ignore[no-untyped-def]
        state, trace = carry
        number, week_noise, move_alliance, move_adversary, alliance_table, adversary_table = inputs

        # An incident that escalated since the last moves has pulled the adversary up by one posture.
        pulled = jnp.minimum(trace.adversary + state.incident.astype(jnp.int32), levels_adversary - 1)
        struck = strikes_territory(pulled) * 1.0
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
            series = {name: getattr(record, name)[..., :kept] for name in KEPT}
            return following, (record.area_change, series)

        numbers = number * EPOCH_WEEKS + jnp.arange(1, EPOCH_WEEKS + 1, dtype=jnp.float32)
        state, records = jax.lax.scan(week, state, (numbers, week_noise))
        postures = {"alliance_posture": trace.alliance, "adversary_posture": trace.adversary}
        return (state, trace), (records, {name: level[..., :kept] * 1.0 for name, level in postures.items()})

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
    waves = persist(noise.weekly, parameters)
    per_epoch = jax.tree.map(lambda x: x.reshape(epochs, EPOCH_WEEKS, *x.shape[1:]), waves)
    inputs = (
        jnp.arange(epochs, dtype=jnp.float32),
        per_epoch,
        noise.move_alliance,
        noise.move_adversary,
        policy.alliance,
        policy.adversary,
    )
    (state, trace), ((area, weekly), postures) = jax.lax.scan(epoch, (state, trace), inputs)

    def joined(series: Array) -> Array:
        return series.reshape(epochs * EPOCH_WEEKS, *series.shape[2:])

    series = {name: joined(values) for name, values in weekly.items()}
    series |= {name: jnp.repeat(levels, EPOCH_WEEKS, axis=0) for name, levels in postures.items()}
    return ChunkResult(state=state, trace=trace, area=joined(area), weekly=series)
