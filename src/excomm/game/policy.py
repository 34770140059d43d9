"""Policies of solved crisis games in the layout that the simulation reads, and the rule by which it reads them.

A row of a table belongs to a public state and a point of the belief grid. Between two points the probabilities are
interpolated on a straight line in the *place* of the belief, sqrt(odds) / (1 + sqrt(odds)), on which the grid is even.
Both types are read at the same place, so that beliefs updated from what is read are a martingale exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from excomm.game.solve import DynamicSolution
from excomm.game.states import LOWER, RAISE, WARN, States

__all__ = ["ADVERSARY_COLUMNS", "ALLIANCE_COLUMNS", "PolicyTables", "fill_tables", "held_tables"]

ALLIANCE_COLUMNS = 2  # lower, raise
ADVERSARY_COLUMNS = 6  # lower, raise, warn of a bluffing adversary, then of a resolved one
Halves = np.ndarray[Any, np.dtype[np.float16]]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class PolicyTables:
    """Policies of some draws under all options: probabilities in half precision, the rest in single.

    They are by far the largest arrays of a simulation, and moving them costs more than to play by them.

    alliance: (epochs, options, draws, rows, 2), probabilities of lowering and of raising. adversary: (epochs, options,
    draws, rows, 6), of lowering, raising and warning, for a bluffing and for a resolved one. A row is
    `States.number(...) * points + point of the grid`; rows of postures above an option's ceiling are never read.
    limits: borders between the bins of the front at the start of each epoch, (epochs, borders, options, draws, 1)
    [km2]. prior: public belief at the outset that the adversary is resolved, (options, draws, 1).
    fronts, points: numbers of bins and of grid points.
    """

    alliance: Any
    adversary: Any
    limits: Any
    prior: Any
    fronts: int = field(metadata={"static": True})
    points: int = field(metadata={"static": True})


def fill_tables(
    solution: DynamicSolution,
    places: Sequence[int],
    alliance: Halves,
    adversary: Halves,
    *,
    alliance_first: bool,
) -> None:
    """Write the strategies of the games at `places` into (epochs, games, rows, columns) tables.

    The tables may have more rows than the games have states; those are left as they are.
    """
    for number, strategy in enumerate(solution.strategies):
        epoch, second = divmod(number, 2)
        chosen = strategy[list(places)][:, :, :, 0]  # (games, states, types, points, moves)
        games, states, _, points, _ = chosen.shape
        rows = (states - 1) * points
        if (second == 0) == alliance_first:
            alliance[epoch, :, :rows] = chosen[:, :-1, 0][..., [LOWER, RAISE]].reshape(games, rows, -1)
        else:
            moves = np.moveaxis(chosen[:, :-1][..., [LOWER, RAISE, WARN]], 2, 3)  # types beside moves
            adversary[epoch, :, :rows] = moves.reshape(games, rows, -1)


def held_tables(states: States, points: int, epochs: int, options: int, draws: int) -> tuple[Halves, Halves]:
    """Tables in which nobody ever moves, to be filled."""
    rows = (states.count - 1) * points
    return (
        np.zeros((epochs, options, draws, rows, ALLIANCE_COLUMNS), dtype=np.float16),
        np.zeros((epochs, options, draws, rows, ADVERSARY_COLUMNS), dtype=np.float16),
    )
