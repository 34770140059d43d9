"""One backward induction at the final lambdas, for the draws that are proved to have one equilibrium only."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from excomm.game.solve import node, path
from excomm.game.solve.markov import Floats, MarkovGame, Step
from excomm.game.solve.report import ChunkSolution, Report, final_values, is_informed

# A lambda of 0 becomes one that moves nothing: values are divided by it again.
SMALLEST_LAMBDA = 1e-200


@dataclass(frozen=True)
class Device:
    """The arrays of a chunk where they are used: tables by `Step` object, lambdas, and the values at the end."""

    tables: dict[int, path.StepTables]
    lambdas: Floats
    final: jax.Array

    @classmethod
    def of(cls, game: MarkovGame, refine: int = 1) -> Device:
        """The arrays of a game; refine: how much finer than its beliefs the values before a reply are kept."""
        lambdas = np.maximum(game.lambdas, SMALLEST_LAMBDA)
        tables = {id(step): path.device_step(step) for step in game.steps}
        return cls(tables, lambdas, final_values(game, refine))

    def of_both(self, fraction: Floats | float) -> tuple[jax.Array, jax.Array]:
        """`fraction` of the lambdas of both actors, (draws,) each."""
        first, second = (jnp.asarray(fraction * self.lambdas[:, actor]) for actor in (0, 1))
        return first, second


def leap_chunk(
    game: MarkovGame, tolerances: path.Tolerances, fraction: float = 1.0, refine: int = 1
) -> tuple[ChunkSolution, NDArray[np.bool_]]:
    """Solve at `fraction` of the lambdas without a path, and which draws, (draws,), are proved to be right.

    Every node starts from the moves of the same actor later in the game. A draw is right where each node is solved
    and proved to have no other solution: then the game has one equilibrium, and it is the principal one.
    """
    device = Device.of(game, refine)
    report = Report(game, refine)
    values = device.final
    fails: list[jax.Array] = []
    lambdas = device.of_both(fraction)
    later: tuple[list[node.Actions], list[node.Actions]] = ([], [])
    for number in range(len(game.steps) - 1, -1, -1):
        step = game.steps[number]
        table, lam = device.tables[id(step)], lambdas[step.mover]
        if not is_informed(game, step.mover):
            reply = path.move_plain(
                values, table, lam, mover=step.mover, refine=refine, points=game.points[1 - step.mover]
            )
            values = reply.values
            report.add_reply(number, reply)
            continue
        moves = later[step.mover]
        leap = path.leap_informed(
            values,
            table,
            lam,
            guess_from_later(game, step, moves),
            mover=step.mover,
            tolerance=tolerances.residual,
            iterations=tolerances.leap_iterations,
        )
        values = leap.played.values
        moves[:] = [*moves[-1:], leap.shift]
        fails.append(leap.fails)
        report.add_played(number, leap.played)
    failed = np.any([np.zeros(game.draws, dtype=bool), *(np.asarray(part) for part in fails)], axis=0)
    report.add_proof(~failed)
    return report.finish(values, np.zeros(game.draws, dtype=int)), ~failed


def guess_from_later(game: MarkovGame, step: Step, moves: list[node.Actions]) -> node.Actions:
    """Shifts to start from: those of the same actor's next moves, the latest first, carried on in a straight line."""
    actions = step.legal.shape[1]
    alike = [move for move in moves if len(move) == actions]
    if not alike:
        own, other = game.points[step.mover], game.points[1 - step.mover]
        nowhere: node.Actions = (jnp.asarray(np.zeros((game.draws, game.states, other, own))),) * actions
        return nowhere
    guess: node.Actions = alike[-1]
    if len(alike) == 2:
        guess = path.extrapolate(guess, alike[0], jnp.asarray(np.ones(game.draws)))
    return guess
