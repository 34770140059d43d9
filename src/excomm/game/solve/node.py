"""One move of one actor: logit replies at every public state, belief and draw at once.

Axes of the tables, as seen by the actor who moves ("own" and "other"):

    D draws, S states, H other's type, T own type, N other's belief, M own belief

and a tuple stands for the actions: they are few, and the unrolled loop lets the compiler make one pass over each node.

An actor with one type replies in closed form. An actor with two types (0 and 1) reveals something by each action:
its unknowns are the shifts of the public log-odds, `shift[a] = log p1(a) - log p0(a)`, because the belief after
action `a` has the log-odds of the belief before plus `shift[a]`. With G the mover's values times its lambda,

    shift[a] = G1(a; shift[a]) - G0(a; shift[a]) - (logsum G1 - logsum G0),

whose Jacobian is diagonal plus a matrix of rank one.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp

from excomm.game.solve.interpolation import Spline, evaluate, locate

SMALLEST_DIAGONAL = (
    1e-12  # a diagonal entry of exactly zero would divide by zero; the determinant stays finite
)

LONGEST_CORRECTION = 2.0  # of a leap, in log-odds: far from the solution Newton may overshoot

Actions = tuple[jax.Array, ...]
"""One array for each action."""


class Worth(NamedTuple):
    """What an action leads to: splines over the own belief, (D, S, 2 actors, H, T, N, M)."""

    value: jax.Array
    slope: jax.Array


class NodeState(NamedTuple):
    """The node equations at given shifts; one array (D, S, N, M) for each action where a tuple stands.

    size: largest error of the equations; determinant: of their Jacobian; correction: Newton's;
    low, high: probabilities of the actions by type 0 and type 1; low_values, high_values: their values times lambda.
    """

    size: jax.Array
    determinant: jax.Array
    correction: Actions
    low: Actions
    high: Actions
    low_values: Actions
    high_values: Actions


class Scaled(Protocol):
    """A move with the worth of each action."""

    @property
    def worth(self) -> tuple[Worth, ...]:
        """One for each action."""


class NodeSolution(NamedTuple):
    """Shifts, and for each node (D, S, N, M) the largest error and whether plain Newton is trusted."""

    shift: Actions
    size: jax.Array
    is_easy: jax.Array


def _keep(parts: Any) -> Any:
    """Have intermediate results computed once; left alone, the compiler repeats them for each that needs them."""
    return jax.lax.optimization_barrier(parts)  # type: ignore[no-untyped-call]


def total(parts: Iterable[jax.Array]) -> jax.Array:
    """Sum of some arrays."""
    return reduce(operator.add, parts)


def logit(values: Sequence[jax.Array], legal: Sequence[jax.Array]) -> tuple[Actions, jax.Array, jax.Array]:
    """Logit probabilities, and the parts of the log-sum: it is the second result plus the log of the third."""
    masked = [jnp.where(may, value, -jnp.inf) for value, may in zip(values, legal, strict=True)]
    top = reduce(jnp.maximum, masked)
    weights = [jnp.exp(value - top) for value in masked]
    mass = total(weights)
    share = 1.0 / mass
    return tuple(weight * share for weight in weights), top, mass


def legal_masks(legal: jax.Array) -> Actions:
    """The legality of each action, broadcastable to (D, S, N, M), from (S, A)."""
    return tuple(legal[None, :, action, None, None] for action in range(legal.shape[1]))


def node_state(
    shift: Actions, low: Sequence[Spline], high: Sequence[Spline], odds: jax.Array, may: Actions
) -> NodeState:
    """Error, determinant, Newton correction and probabilities at given shifts.

    low, high: lambda x value of type 0 and type 1 for each action; odds: log-odds before the move, (M,).
    """
    points = low[0].value.shape[-1]
    low_values: list[jax.Array] = []
    low_slopes: list[jax.Array] = []
    high_values: list[jax.Array] = []
    high_slopes: list[jax.Array] = []
    for move, low_table, high_table in zip(shift, low, high, strict=True):
        where = _keep(locate(odds + move, points))
        for table, values, slopes in (
            (low_table, low_values, low_slopes),
            (high_table, high_values, high_slopes),
        ):
            value, slope = evaluate(table, where)
            values.append(value)
            slopes.append(slope)
    low_values, low_slopes, high_values, high_slopes = _keep(
        (low_values, low_slopes, high_values, high_slopes)
    )
    low_p, low_top, low_mass = _keep(logit(low_values, may))
    high_p, high_top, high_mass = _keep(logit(high_values, may))
    between = _keep(high_top - low_top + jnp.log(high_mass / low_mass))
    errors, units, rows, diagonals = [], [], [], []
    for action, move in enumerate(shift):
        error = move - (high_values[action] - low_values[action]) + between
        diagonal = 1.0 - (high_slopes[action] - low_slopes[action])
        diagonal = jnp.where(jnp.abs(diagonal) < SMALLEST_DIAGONAL, SMALLEST_DIAGONAL, diagonal)
        diagonal = jnp.where(may[action], diagonal, 1.0)
        errors.append(jnp.where(may[action], error, 0.0))
        diagonals.append(diagonal)
        units.append(1.0 / diagonal)
        rows.append(high_p[action] * high_slopes[action] - low_p[action] * low_slopes[action])
    errors, units, rows = _keep((errors, units, rows))
    weighted = [row * unit for row, unit in zip(rows, units, strict=True)]
    rank_one = 1.0 + total(weighted)
    share = total(part * error for part, error in zip(weighted, errors, strict=True)) / rank_one
    rank_one, share = _keep((rank_one, share))
    correction = tuple(
        jnp.where(ok, unit * (share - error), 0.0) for ok, unit, error in zip(may, units, errors, strict=True)
    )
    size = reduce(jnp.maximum, (jnp.abs(error) for error in errors))
    determinant = reduce(operator.mul, diagonals) * rank_one
    return NodeState(size, determinant, correction, low_p, high_p, tuple(low_values), tuple(high_values))


def leap_nodes(
    guess: Actions,
    low: Sequence[Spline],
    high: Sequence[Spline],
    odds: jax.Array,
    may: Actions,
    *,
    tolerance: float,
    iterations: int,
) -> tuple[Actions, NodeState]:
    """Newton from `guess` at all nodes together until all have converged or `iterations` are spent."""
    State = tuple[jax.Array, Actions, NodeState]

    def is_open(state: State) -> jax.Array:
        count, _, now = state
        return (count < iterations) & ~jnp.all(now.size <= tolerance)

    def correct(state: State) -> State:
        count, shift, now = state
        moved = tuple(
            part + jnp.clip(step, -LONGEST_CORRECTION, LONGEST_CORRECTION)
            for part, step in zip(shift, now.correction, strict=True)
        )
        return count + 1, moved, node_state(moved, low, high, odds, may)

    start = tuple(jnp.where(ok, part, 0.0) for part, ok in zip(guess, may, strict=True))
    _, shift, state = jax.lax.while_loop(is_open, correct, (jnp.asarray(-1), start, _nothing_known(start)))
    return shift, state


def _nothing_known(shift: Actions) -> NodeState:
    """Before the first evaluation: an endless error and no correction. (One call in the loop compiles faster.)"""
    nowhere = tuple(jnp.zeros_like(part) for part in shift)
    return NodeState(nowhere[0] + jnp.inf, nowhere[0] + 1.0, nowhere, nowhere, nowhere, nowhere, nowhere)


def solve_nodes(
    guess: Actions,
    low: Sequence[Spline],
    high: Sequence[Spline],
    odds: jax.Array,
    may: Actions,
    is_unique: jax.Array,
    *,
    tolerance: float,
    largest_correction: float,
    iterations: int,
) -> tuple[NodeSolution, NodeState]:
    """Newton from `guess` at all nodes together, at least one step.

    A node is easy where Newton converges and the solution is proved to be the only one, or the determinant stays
    positive on the way and the solution lies within `largest_correction` (log-odds) of the guess: there it cannot
    have left its branch unnoticed. The loop stops when only a few nodes (one in 500) are still open; the careful
    follower takes those.
    """
    State = tuple[jax.Array, NodeSolution, NodeState]

    def is_open(state: State) -> jax.Array:
        count, found, _ = state
        is_left = jnp.mean(found.is_easy & (found.size > tolerance)) > 0.002
        return (count < iterations) & ((count < 1) | is_left)

    def correct(state: State) -> State:
        count, found, before = state
        shift = tuple(move + more for move, more in zip(found.shift, before.correction, strict=True))
        now = node_state(shift, low, high, odds, may)
        is_easy = found.is_easy & ((now.determinant > 0.0) | is_unique)
        return count + 1, NodeSolution(shift, now.size, is_easy), now

    first = _nothing_known(guess)
    start = NodeSolution(guess, first.size, first.determinant > 0.0)
    _, found, state = jax.lax.while_loop(is_open, correct, (jnp.asarray(-1), start, first))
    moved = reduce(
        jnp.maximum, (jnp.abs(after - before) for after, before in zip(found.shift, guess, strict=True))
    )
    is_near = (moved <= largest_correction) | is_unique
    is_easy = found.is_easy & (found.size <= tolerance) & is_near
    return NodeSolution(found.shift, found.size, is_easy), state


def informed_values(
    move: Scaled, shift: Actions, state: NodeState, odds: jax.Array, lam: jax.Array | None, mover: int
) -> jax.Array:
    """Values of all actors before an informed move, (D, S, 2, H, 2, N, M).

    With `lam`, which must not be 0, the mover's own are taken from `state`: quicker, but no good for derivatives.
    """
    worth = move.worth
    points = worth[0].value.shape[-1]
    players, others = worth[0].value.shape[2:4]
    places = [locate(odds + part, points) for part in shift]

    def value(player: int, other: int, kind: int) -> jax.Array:
        mixture = state.high if kind else state.low
        if lam is not None and player == mover and others == 1:
            scaled = state.high_values if kind else state.low_values
            return total(p * part for p, part in zip(mixture, scaled, strict=True)) / lam[:, None, None, None]
        return total(
            p * evaluate(Spline(*(part[:, :, player, other, kind] for part in after)), place)[0]
            for p, after, place in zip(mixture, worth, places, strict=True)
        )

    by_player = [
        jnp.stack([jnp.stack([value(p, h, t) for t in (0, 1)], axis=2) for h in range(others)], axis=2)
        for p in range(players)
    ]
    return jnp.stack(by_player, axis=2)


def plain_values(worth: Sequence[jax.Array], probabilities: Actions) -> jax.Array:
    """Values of all actors before a move that reveals nothing, (D, S, 2, H, 1, N, M)."""
    return total(after * p[:, :, None, None, None] for after, p in zip(worth, probabilities, strict=True))
