"""The whole-game path: lambda is the outer loop, one full backward induction at each level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from excomm.game.solve import node
from excomm.game.solve.compiler import program
from excomm.game.solve.interpolation import Spline, belief_grid, grid_log_odds, refinement_matrix, spline
from excomm.game.solve.markov import Step
from excomm.game.solve.uniqueness import is_unique


class StepTables(NamedTuple):
    """The arrays of a step on the device; `None` where a step has no such part."""

    legal: jax.Array
    successor: jax.Array
    payoff: jax.Array
    branch_probability: jax.Array | None
    chance: jax.Array | None


@dataclass(frozen=True)
class Tolerances:
    """How a path is followed.

    residual: largest error of the node equations [log-odds] at which the iteration stops at the last level.
    accepted: largest error that counts as solved. on_the_way: error at which it stops at the levels before.
    largest_correction: Newton may move a node so far (log-odds) from its guess before the careful follower takes over.
    iterations: Newton steps per level, and of a leap to the final lambdas; most_strides: steps of the careful follower
        per level.
    """

    residual: float = 1e-10
    accepted: float = 1e-8
    on_the_way: float = 1e-2
    largest_correction: float = 0.75
    iterations: int = 8
    leap_iterations: int = 12
    most_strides: int = 600


def device_step(step: Step) -> StepTables:
    """The arrays of a step, moved to the device."""
    successor = step.successor if step.successor.ndim == 3 else step.successor[:, :, None]

    def put(array: Any) -> jax.Array | None:
        return None if array is None else jnp.asarray(array)

    return StepTables(
        jnp.asarray(step.legal), jnp.asarray(successor), jnp.asarray(step.payoff),
        put(step.branch_probability), put(step.chance),
    )  # fmt: skip


def seen_by(table: jax.Array, mover: int) -> jax.Array:
    """Turn the four last axes (types 0, types 1, beliefs 0, beliefs 1) into (other, own, other, own), or back."""
    return table if mover == 1 else table.swapaxes(-4, -3).swapaxes(-2, -1)


def expected_after(after: jax.Array, tables: StepTables) -> jax.Array:
    """Expectation over the chance after a step of values (D, S, 2, types, types, points, points)."""
    if tables.chance is None:
        return after
    draws, states = after.shape[:2]
    return (tables.chance @ after.reshape(draws, states, -1)).reshape(after.shape)


def after_action(after: jax.Array, tables: StepTables, action: int) -> jax.Array:
    """What `after` (D, S, ...) is worth after an action."""
    if tables.branch_probability is None:
        return after[:, tables.successor[:, action, 0]]
    law = tables.branch_probability[:, :, action]
    law = law.reshape(*law.shape, *(1,) * (after.ndim - 2))
    return node.total(
        law[:, :, branch] * after[:, tables.successor[:, action, branch]] for branch in range(law.shape[2])
    )


def type_weights(points: int) -> jax.Array:
    """Probability of each type at each grid point, (types, points)."""
    if points == 1:
        return jnp.ones((1, 1))
    high = jnp.asarray(belief_grid(points))
    return jnp.stack([1.0 - high, high])


def scaled_by_lambda(worth: jax.Array, mover: int, kind: int, lam: jax.Array) -> jax.Array:
    """Lambda times the mover's expected value, (D, S, N, M), from worth (D, S, 2, H, T, N, M) seen by the mover."""
    weights = type_weights(worth.shape[-2])
    own = worth[:, :, mover, :, kind]
    if own.shape[2] == 1:
        return lam[:, None, None, None] * own[:, :, 0]
    expected = node.total(own[:, :, h] * weights[h][:, None] for h in range(own.shape[2]))
    return lam[:, None, None, None] * expected


def laid_out(strategy: jax.Array, mover: int) -> jax.Array:
    """From (D, S, T, N, M, A), as seen by the mover, to (D, S, T, points 0, points 1, A), or back."""
    return strategy if mover == 1 else strategy.swapaxes(3, 4)


class Reply(NamedTuple):
    """A move by an actor of one type.

    values: before the move, at beliefs `refine` times as dense as those of the game. strategy: as in `DynamicSolution`.
    sharpness: (D,) four times the largest change of a probability from one belief to the next: about the change of a
    log-odds where play turns.
    """

    values: jax.Array
    strategy: jax.Array
    sharpness: jax.Array


def play_plain(
    after: jax.Array, tables: StepTables, lam: jax.Array, mover: int, refine: int, points: int
) -> Reply:
    """A move by an actor of one type; `points`: beliefs of the game about the other, from 1."""
    later = seen_by(expected_after(after, tables), mover)
    if refine > 1 and later.shape[-2] == points > 1:
        later = jnp.asarray(refinement_matrix(points, refine)) @ later
    payoff = seen_by(tables.payoff[..., None, None], mover)
    worth = [after_action(later, tables, action) + payoff[:, :, action] for action in range(payoff.shape[2])]
    scaled = [scaled_by_lambda(part, mover, 0, lam) for part in worth]
    probabilities, _, _ = node.logit(scaled, node.legal_masks(tables.legal))
    every = refine if points > 1 and later.shape[-2] > 1 else 1
    shown = jnp.stack(probabilities, axis=-1)[:, :, None, ::every]
    change = jnp.abs(jnp.diff(shown, axis=3)).max(axis=(1, 2, 3, 4, 5), initial=0.0)
    return Reply(
        seen_by(node.plain_values(worth, probabilities), mover), laid_out(shown, mover), 4.0 * change
    )


@program("mover", "refine", "points")
def move_plain(
    after: jax.Array, tables: StepTables, lam: jax.Array, *, mover: int, refine: int, points: int
) -> Reply:
    """`play_plain`, compiled."""
    return play_plain(after, tables, lam, mover, refine, points)


class Informed(NamedTuple):
    """An informed move in the making: worth of each action, and the same scaled by type."""

    worth: tuple[node.Worth, ...]
    low: tuple[Spline, ...]
    high: tuple[Spline, ...]


class Played(NamedTuple):
    """An informed move at given shifts.

    values: before the move, (D, S, 2, types 0, types 1, points 0, points 1). strategy: as in `DynamicSolution`.
    residual, drift: (D,) largest error of the node equations and of the mean posterior.
    """

    values: jax.Array
    strategy: jax.Array
    residual: jax.Array
    drift: jax.Array


def informed_tables(after: jax.Array, tables: StepTables, lam: jax.Array, *, mover: int) -> Informed:
    """Worth of each action to all, and lambda times the mover's expected worth by its type 0 and 1."""
    later = spline(seen_by(expected_after(after, tables), mover))
    payoff = seen_by(tables.payoff[..., None, None], mover)
    worth = tuple(
        node.Worth(
            after_action(later.value, tables, action) + payoff[:, :, action],
            after_action(later.slope, tables, action),
        )
        for action in range(payoff.shape[2])
    )
    low, high = (
        tuple(Spline(*(scaled_by_lambda(part, mover, kind, lam) for part in after)) for after in worth)
        for kind in (0, 1)
    )
    return Informed(worth, low, high)


def _play(move: Informed, shift: node.Actions, state: node.NodeState, lam: jax.Array, mover: int) -> Played:
    odds = jnp.asarray(grid_log_odds(shift[0].shape[-1]))
    values = seen_by(node.informed_values(move, shift, state, odds, lam, mover), mover)
    both = jnp.stack([jnp.stack(state.low, axis=-1), jnp.stack(state.high, axis=-1)], axis=2)
    prior = jax.nn.sigmoid(odds)
    mean = node.total(
        (prior * high + (1.0 - prior) * low) * jax.nn.sigmoid(jnp.clip(odds + part, -700.0, 700.0))
        for low, high, part in zip(state.low, state.high, shift, strict=True)
    )
    every = (1, 2, 3)
    return Played(
        values, laid_out(both, mover), state.size.max(axis=every), jnp.abs(mean - prior).max(axis=every)
    )


class Leap(NamedTuple):
    """An informed move solved at once: shifts, play, and draws with a node that is not solved or not proved unique."""

    shift: node.Actions
    played: Played
    fails: jax.Array


@program("mover")
def leap_informed(
    after: jax.Array,
    tables: StepTables,
    lam: jax.Array,
    guess: node.Actions,
    *,
    mover: int,
    tolerance: float,
    iterations: int,
) -> Leap:
    """An informed move by plain Newton, to be trusted where each node is proved to have one solution only."""
    move = informed_tables(after, tables, lam, mover=mover)
    odds = jnp.asarray(grid_log_odds(guess[0].shape[-1]))
    may = node.legal_masks(tables.legal)
    shift, state = node.leap_nodes(
        guess, move.low, move.high, odds, may, tolerance=tolerance, iterations=iterations
    )
    proved = is_unique(move.low, move.high, tables.legal)
    fails = ~proved[..., None] | ~(state.size <= tolerance)
    return Leap(shift, _play(move, shift, state, lam, mover), fails.any(axis=(1, 2, 3)))


class Opened(NamedTuple):
    """An informed move at a level of the path: tables, the nodes found, play at the shifts found."""

    move: Informed
    found: node.NodeSolution
    played: Played


@program("mover")
def open_informed(
    after: jax.Array,
    tables: StepTables,
    lam: jax.Array,
    guess: node.Actions,
    *,
    mover: int,
    tolerance: float,
    largest_correction: float,
    iterations: int,
) -> Opened:
    """A move by an actor with two types: worth of each action, the same scaled, and the shifts by plain Newton."""
    move = informed_tables(after, tables, lam, mover=mover)
    odds = jnp.asarray(grid_log_odds(guess[0].shape[-1]))
    found, state = node.solve_nodes(
        guess,
        move.low,
        move.high,
        odds,
        node.legal_masks(tables.legal),
        is_unique(move.low, move.high, tables.legal)[..., None],
        tolerance=tolerance,
        largest_correction=largest_correction,
        iterations=iterations,
    )
    return Opened(move, found, _play(move, found.shift, state, lam, mover))


@program()
def move_uniform(after: jax.Array, tables: StepTables) -> jax.Array:
    """Values before a move at lambda 0, where the legal actions are equally likely."""
    later = expected_after(after, tables)
    share = tables.legal / tables.legal.sum(axis=1, keepdims=True)
    return node.total(
        share[None, :, action, None, None, None, None, None]
        * (after_action(later, tables, action) + tables.payoff[:, :, action, ..., None, None])
        for action in range(share.shape[1])
    )


@program("mover")
def first_shifts(after: jax.Array, tables: StepTables, lam: jax.Array, *, mover: int) -> node.Actions:
    """The shifts to first order in lambda, (D, S, N, M) for each action: where the path begins."""
    later = seen_by(expected_after(after, tables), mover)
    payoff = seen_by(tables.payoff[..., None, None], mover)
    gaps = []
    for action in range(payoff.shape[2]):
        worth = after_action(later, tables, action) + payoff[:, :, action]
        gaps.append(scaled_by_lambda(worth, mover, 1, lam) - scaled_by_lambda(worth, mover, 0, lam))
    masks = [mask * 1.0 for mask in node.legal_masks(tables.legal)]
    mean = node.total(mask * gap for mask, gap in zip(masks, gaps, strict=True)) / node.total(masks)
    return tuple(mask * (gap - mean) for mask, gap in zip(masks, gaps, strict=True))


@program()
def extrapolate(now: node.Actions, earlier: node.Actions, stretch: jax.Array) -> node.Actions:
    """Shifts on a straight line through two earlier ones, `stretch` (draws,) times their distance ahead."""
    ahead = stretch[:, None, None, None]
    return tuple(after + ahead * (after - before) for after, before in zip(now, earlier, strict=True))
