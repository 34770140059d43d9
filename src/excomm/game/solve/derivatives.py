"""Derivatives of values and strategies by all payoffs and lambdas, through the fixed points.

The backward induction is run once more as a differentiable function. At an informed node the solved shifts enter as
constants, and one Newton step from them stands in for the solution: its derivative is that of the fixed point, by the
implicit function theorem, and its value differs from the solution by the residual only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from excomm.errors import GameNotSolved
from excomm.game.solve import node, path
from excomm.game.solve.compiler import COMPILER_OPTIONS
from excomm.game.solve.interpolation import grid_log_odds
from excomm.game.solve.markov import Floats, MarkovGame
from excomm.game.solve.solution import DynamicSolution

Measure = Callable[[jax.Array, tuple[jax.Array, ...]], jax.Array]
"""From values and strategies, laid out as in `DynamicSolution`, to one number for each draw."""


@dataclass(frozen=True)
class GameGradient:
    """Derivatives of a measure, each array shaped like the game's own.

    payoffs: one array for each distinct `Step` object of the game, in order of first appearance. Where an array of the
    game is shared by all draws (leading axis 1) its derivative is the sum over the draws.
    """

    measure: Floats
    final_payoff: Floats
    payoffs: tuple[Floats, ...]
    lambdas: Floats


def differentiate(game: MarkovGame, solution: DynamicSolution, measure: Measure) -> GameGradient:
    """Derivatives of `measure(values, strategies)` at a solution. All draws must be solved."""
    if not np.all(solution.is_solved):
        raise GameNotSolved(
            f"{int(np.sum(~solution.is_solved))} draws are not solved",
            expected="a solution of every draw",
            next_step="Take the solved draws with `game.take`.",
        )
    distinct = list({id(step): step for step in game.steps}.values())
    place = {id(step): number for number, step in enumerate(distinct)}
    refine = int(solution.refinement[0])
    if np.any(solution.refinement != refine):
        return _by_refinement(game, solution, measure)
    points = max(game.points)
    with jax.enable_x64(True):
        tables = [path.device_step(step) for step in distinct]
        shifts = [_shifts(game, solution, number) for number in range(len(game.steps))]

        def replay(
            final: jax.Array, payoffs: list[jax.Array], lambdas: jax.Array
        ) -> tuple[jax.Array, jax.Array]:
            shape = (game.draws, game.states, 2, *game.types, *game.points)
            values = jnp.broadcast_to(final[..., None, None], shape)
            strategies: list[jax.Array] = []
            for number in range(len(game.steps) - 1, -1, -1):
                step = game.steps[number]
                at = place[id(step)]
                table = tables[at]._replace(payoff=payoffs[at])
                lam, shift = lambdas[:, step.mover], shifts[number]
                if shift is None:
                    values, strategy, _ = path.play_plain(values, table, lam, step.mover, refine, points)
                else:
                    values, strategy = _informed(values, table, lam, shift, step.mover)
                strategies.append(strategy)
            first, second = (
                refine if have > wanted else 1
                for have, wanted in zip(values.shape[-2:], game.points, strict=True)
            )
            found = measure(values[..., ::first, ::second], tuple(reversed(strategies)))
            return jnp.sum(found), found

        inputs = (
            jnp.asarray(game.final_payoff),
            [table.payoff for table in tables],
            jnp.asarray(game.lambdas),
        )
        gradient = jax.grad(replay, argnums=(0, 1, 2), has_aux=True)
        slopes, found = jax.jit(gradient, compiler_options=COMPILER_OPTIONS)(*inputs)
        final, payoffs, lambdas = slopes
        return GameGradient(
            np.asarray(found),
            np.asarray(final),
            tuple(np.asarray(part) for part in payoffs),
            np.asarray(lambdas),
        )


def _shifts(game: MarkovGame, solution: DynamicSolution, number: int) -> node.Actions | None:
    """Solved shifts of an informed step, as (D, S, other's belief, own belief) for each action."""
    step = game.steps[number]
    if game.types[step.mover] == 1:
        return None
    table = solution.strategies[number] if step.mover == 1 else solution.strategies[number].swapaxes(3, 4)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.nan_to_num(
            np.log(table[:, :, 1]) - np.log(table[:, :, 0]), nan=0.0, posinf=700.0, neginf=-700.0
        )
    return tuple(jnp.asarray(moved[..., action]) for action in range(moved.shape[-1]))


def _by_refinement(game: MarkovGame, solution: DynamicSolution, measure: Measure) -> GameGradient:
    """The draws of each refinement by themselves; slopes by arrays that all draws share add up."""
    parts = []
    for factor in np.unique(solution.refinement):
        draws = np.flatnonzero(solution.refinement == factor)
        parts.append((draws, differentiate(game.take(draws), solution.take(draws), measure)))

    def join(pick: Callable[[GameGradient], Floats], like: Floats) -> Floats:
        whole = np.zeros_like(like, dtype=float)
        for draws, part in parts:
            whole[:] += pick(part) if like.shape[0] == 1 < game.draws else 0.0
            if like.shape[0] == game.draws:
                whole[draws] = pick(part)
        return whole

    distinct = list({id(step): step for step in game.steps}.values())
    payoffs = [
        join(lambda part, at=place: part.payoffs[at], step.payoff)  # type: ignore[misc]
        for place, step in enumerate(distinct)
    ]
    return GameGradient(
        join(lambda part: part.measure, np.zeros(game.draws)),
        join(lambda part: part.final_payoff, game.final_payoff),
        tuple(payoffs),
        join(lambda part: part.lambdas, game.lambdas),
    )


def _informed(
    after: jax.Array, table: path.StepTables, lam: jax.Array, shift: node.Actions, mover: int
) -> tuple[jax.Array, jax.Array]:
    """Values before an informed step and its strategies, laid out as in `DynamicSolution`."""
    move = path.informed_tables(after, table, lam, mover=mover)
    odds = jnp.asarray(grid_log_odds(shift[0].shape[-1]))
    may = node.legal_masks(table.legal)
    solved = node.node_state(shift, move.low, move.high, odds, may)
    moved = tuple(part + step for part, step in zip(shift, solved.correction, strict=True))
    state = node.node_state(moved, move.low, move.high, odds, may)
    values = path.seen_by(node.informed_values(move, moved, state, odds, None, mover), mover)
    both = jnp.stack([jnp.stack(state.low, axis=-1), jnp.stack(state.high, axis=-1)], axis=2)
    return values, path.laid_out(both, mover)
