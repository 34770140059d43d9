"""Moves of both sides in the simulation: read from the policies at the public belief, which follows by Bayes' rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
from jax import Array

from excomm.game.policy import PolicyTables
from excomm.world.parameters import WorldParameters
from excomm.world.setting import Setting, at_level
from excomm.world.state import Origin, State

__all__ = ["Play", "Trace", "begin_trace"]

# A move counts as choice noise where the mover holds it for less than a twentieth as probable as its most probable one;
# judgement: a move that a side makes so seldom is an error and not a decision.
NOISE_RATIO = 0.05


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Trace:
    """Postures (levels), warnings and beliefs over time; shape (options, draws, replicates).

    belief: public belief that the adversary is resolved. warned: 1 while a warning is outstanding; warnings, executed,
    ignored: numbers of warnings given, carried out, and neither heeded nor carried out. noisy_alliance,
    noisy_adversary: 1 while the side stands in a posture that it reached by choice noise; noise_deliberate and
    noise_inadvertent: probability of nuclear use met meanwhile.
    """

    alliance: Array
    adversary: Array
    adversary_max: Array
    belief: Array
    below_start: Array
    warned: Array
    warnings: Array
    executed: Array
    ignored: Array
    noisy_alliance: Array
    noisy_adversary: Array
    noise_deliberate: Array
    noise_inadvertent: Array


def begin_trace(setting: Setting, policy: PolicyTables, shape: tuple[int, ...]) -> Trace:
    """Both sides at their postures at the outset, no warning outstanding."""
    integer = jnp.zeros(shape, dtype=jnp.int32)
    none = jnp.zeros(shape)
    return Trace(
        alliance=integer + setting.commitments.start,
        adversary=integer + setting.adversary_start,
        adversary_max=integer + setting.adversary_start,
        belief=none + policy.prior,
        below_start=none,
        warned=integer,
        warnings=none,
        executed=none,
        ignored=none,
        noisy_alliance=none,
        noisy_adversary=none,
        noise_deliberate=none,
        noise_inadvertent=none,
    )


@dataclass(frozen=True)
class Play:
    """What both sides know and do in one chunk. resolved: type of the adversary, 0 or 1."""

    parameters: WorldParameters
    setting: Setting
    origin: Origin
    policy: PolicyTables
    resolved: Array

    @property
    def levels(self) -> int:
        """Number of the adversary's postures."""
        return int(self.setting.postures.front.shape[0])

    def strikes_territory(self, adversary: Array) -> Array:
        """Does the adversary strike alliance territory in this posture?"""
        return at_level(self.setting.postures.strikes_territory > 0, adversary)

    def in_clash(self, alliance: Array, adversary: Array) -> Array:
        """Do alliance and adversary fight each other in these postures?"""
        tables = self.setting.postures
        has_force = (self.origin.force_realised > 0) & (self.setting.commitments.on_ceasefire == 0)
        can_fight = has_force & (self.parameters.deployment.engaged_share > 0)
        fights = can_fight & at_level(tables.engaged > 0, alliance)
        is_struck = at_level(tables.strikes_forces > 0, adversary) & at_level(tables.presence > 0, alliance)
        return fights | (has_force & is_struck) | self.strikes_territory(adversary)

    def after_incident(self, state: State, trace: Trace) -> tuple[State, Trace]:
        """An incident that escalated since the last moves has pulled the adversary up by one posture.

        A warning that was outstanding is thereby carried out.
        """
        happened = state.incident.astype(jnp.int32)
        pulled = jnp.minimum(trace.adversary + happened, self.levels - 1)
        struck = self.strikes_territory(pulled) * 1.0
        state = replace(
            state,
            territory_strike=state.territory_strike + (1.0 - state.struck) * struck,
            struck=jnp.maximum(state.struck, struck),
            incident=jnp.zeros_like(state.incident),
        )
        trace = replace(
            trace,
            adversary=pulled,
            adversary_max=jnp.maximum(trace.adversary_max, pulled),
            executed=trace.executed + trace.warned * happened,
            warned=trace.warned * (1 - happened),
        )
        return state, trace

    def _look_up(self, table: Array, limits: Array, state: State, trace: Trace) -> Callable[[int], Array]:
        """Probabilities by column at the public state and belief."""
        points = self.policy.points
        front = jnp.zeros_like(trace.alliance)
        for border in range(self.policy.fronts - 1):
            front = front + (state.area > limits[border])
        number = (trace.alliance * self.levels + trace.adversary) * self.policy.fronts + front
        root, other = jnp.sqrt(trace.belief), jnp.sqrt(1.0 - trace.belief)
        scaled = root / (root + other) * (points - 1)
        low = jnp.minimum(scaled.astype(jnp.int32), points - 2)
        part = (scaled - low)[..., None]
        row = ((number * 2 + trace.warned) * points + low)[..., None]
        below = jnp.take_along_axis(table, row, axis=2).astype(jnp.float32)
        above = jnp.take_along_axis(table, row + 1, axis=2).astype(jnp.float32)
        found = below + part * (above - below)
        return lambda column: found[..., column]

    def _count(self, state: State, trace: Trace, lower: Array, rise: Array, up: tuple[int, int]) -> State:
        """First passages are counted by the probability of the move that brings them."""

        def there(sign: int) -> tuple[Array, Array]:
            return trace.alliance + sign * up[0], trace.adversary + sign * up[1]

        enters = rise * self.in_clash(*there(1)) + lower * self.in_clash(*there(-1))
        strikes = rise * self.strikes_territory(there(1)[1]) + lower * self.strikes_territory(there(-1)[1])
        return replace(
            state,
            clash=state.clash + (1.0 - state.clashed) * enters,
            territory_strike=state.territory_strike + (1.0 - state.struck) * strikes,
        )

    def _note(self, state: State, trace: Trace) -> State:
        return replace(
            state,
            clashed=jnp.maximum(state.clashed, self.in_clash(trace.alliance, trace.adversary) * 1.0),
            struck=jnp.maximum(state.struck, self.strikes_territory(trace.adversary) * 1.0),
        )

    def move_alliance(
        self, state: State, trace: Trace, table: Array, limits: Array, uniform: Array
    ) -> tuple[State, Trace]:
        """The alliance lowers, holds or raises; stepping down, or staying at the lowest, heeds a warning."""
        column = self._look_up(table, limits, state, trace)
        lower, rise = column(0), column(1)
        goes_down, goes_up = uniform < lower, uniform >= 1.0 - rise
        state = self._count(state, trace, lower, rise, (1, 0))
        heeds = goes_down | ((trace.alliance == 0) & ~goes_up)
        following = trace.alliance - goes_down + goes_up
        is_noise = goes_up & (rise < NOISE_RATIO * jnp.maximum(lower, 1.0 - lower - rise))
        trace = replace(
            trace,
            alliance=following,
            below_start=jnp.maximum(trace.below_start, (following < self.setting.commitments.start) * 1.0),
            warned=jnp.where(heeds, 0, trace.warned),
            noisy_alliance=jnp.where(goes_down, 0.0, jnp.maximum(trace.noisy_alliance, is_noise * 1.0)),
        )
        return self._note(state, trace), trace

    def move_adversary(
        self, state: State, trace: Trace, table: Array, limits: Array, uniform: Array
    ) -> tuple[State, Trace]:
        """The adversary lowers, holds, raises or warns; the public belief follows."""
        column = self._look_up(table, limits, state, trace)
        bluffing, resolved = (tuple(column(first + move) for move in range(3)) for first in (0, 3))
        lower, rise, warn = (
            jnp.where(self.resolved == 1, one, other) for one, other in zip(resolved, bluffing, strict=True)
        )
        goes_down, goes_up = uniform < lower, uniform >= 1.0 - rise
        warns = ~goes_down & (uniform < lower + warn) & ~goes_up

        def likelihood(moves: tuple[Array, ...]) -> Array:
            """Probability of the move that was made, under the policy of a type."""
            hold = 1.0 - moves[0] - moves[1] - moves[2]
            loud = jnp.where(goes_up, moves[1], jnp.where(warns, moves[2], hold))
            return jnp.where(goes_down, moves[0], loud)

        joint = trace.belief * likelihood(resolved)
        belief = joint / jnp.maximum(joint + (1.0 - trace.belief) * likelihood(bluffing), 1e-12)
        state = self._count(state, trace, lower, rise, (0, 1))
        following = trace.adversary - goes_down + goes_up
        most = jnp.maximum(jnp.maximum(lower, warn), 1.0 - lower - rise - warn)
        is_noise = goes_up & (rise < NOISE_RATIO * most)
        trace = replace(
            trace,
            adversary=following,
            adversary_max=jnp.maximum(trace.adversary_max, following),
            belief=jnp.clip(belief, 0.0, 1.0),
            warned=warns.astype(jnp.int32),
            warnings=trace.warnings + warns,
            executed=trace.executed + trace.warned * goes_up,
            ignored=trace.ignored + trace.warned * ~goes_up,
            noisy_adversary=jnp.where(goes_down, 0.0, jnp.maximum(trace.noisy_adversary, is_noise * 1.0)),
        )
        return self._note(state, trace), trace

    def count_noise(self, before: State, after: State, trace: Trace) -> Trace:
        """Book the nuclear use of an epoch on choice noise where a side stands in a posture reached by it."""
        noisy = jnp.maximum(trace.noisy_alliance, trace.noisy_adversary)
        return replace(
            trace,
            noise_deliberate=trace.noise_deliberate + noisy * (after.deliberate - before.deliberate),
            noise_inadvertent=trace.noise_inadvertent + noisy * (after.inadvertent - before.inadvertent),
        )
