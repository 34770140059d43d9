"""How a crisis runs under solved policies: the distribution over public states, beliefs and types, epoch by epoch.

No sampling: probability flows through moves and chance. A belief between two grid points is split between them so that
its mean stays, so public beliefs remain a martingale exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from excomm.game.solve import MarkovGame

__all__ = ["Flow", "flow"]

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Flow:
    """What happens in a crisis of each draw. e: epochs, s: states, k: grid beliefs, t: types of the adversary.

    moves: joint probability of node, type and move, one array a step, (d, s, k, t, moves), before the move.
    mass: probability of state, belief and type at the start of each epoch and at the end, (e + 1, d, s, k, t).
    beliefs: public belief at the grid points, (k,).
    """

    moves: tuple[Floats, ...]
    mass: Floats
    beliefs: Floats


def split_belief(belief: Floats, grid: Floats) -> tuple[np.ndarray[Any, np.dtype[np.int64]], Floats]:
    """Lower grid point of each belief, and the share that goes to the upper one, such that the mean stays."""
    low = np.clip(np.searchsorted(grid, belief, side="right") - 1, 0, grid.size - 2)
    return low, np.clip((belief - grid[low]) / (grid[low + 1] - grid[low]), 0.0, 1.0)


def _revealed(part: Floats, grid: Floats) -> Floats:
    """The mass (d, s, k, types) of those who made a move, at the beliefs that it leads to."""
    draws, states, points, _ = part.shape
    total = part.sum(axis=-1)
    belief = np.where(total > 0, part[..., 1] / np.where(total > 0, total, 1.0), 0.0)
    low, upper = split_belief(belief, grid)
    row = np.arange(draws * states).reshape(draws, states, 1) * points
    moved = np.zeros_like(part)
    for place, share in ((low, 1.0 - upper), (low + 1, upper)):
        for kind, odds in ((0, 1.0 - grid[place]), (1, grid[place])):
            summed = np.bincount((row + place).ravel(), (total * share * odds).ravel(), minlength=total.size)
            moved[..., kind] += summed.reshape(total.shape)
    return moved


def flow(game: MarkovGame, strategies: tuple[Floats, ...], grid: Floats, start: int, prior: Floats) -> Flow:
    """Follow all draws from one public state.

    strategies: one table a step, as in `DynamicSolution`. grid: the beliefs of its points. prior: belief that the
    adversary is resolved, (draws,).
    """
    draws, states, points = game.draws, game.states, grid.size
    mass = np.zeros((draws, states, points, 2))
    low, upper = split_belief(prior, grid)
    rows = np.arange(draws)
    for place, share in ((low, 1.0 - upper), (low + 1, upper)):
        mass[rows, start, place, 0] += share * (1.0 - grid[place])
        mass[rows, start, place, 1] += share * grid[place]
    recorded, course = [], [mass]
    for number, step in enumerate(game.steps):
        table = strategies[number][:, :, :, 0]  # (d, s, types, k, moves)
        chosen = np.moveaxis(table, 2, 3)  # (d, s, k, types, moves)
        joint = mass[..., None] * chosen
        recorded.append(joint)
        mass = np.zeros_like(mass)
        successor = step.successor if step.successor.ndim == 2 else step.successor[..., 0]
        for move in np.flatnonzero(step.legal.any(axis=0)):
            part = joint[..., move]
            if step.mover == 1:
                part = _revealed(part, grid)
            leads = np.zeros((states, states))
            leads[successor[:, move], np.arange(states)] = 1.0
            mass += (leads @ part.reshape(draws, states, -1)).reshape(mass.shape)
        if step.chance is not None:
            mass = np.einsum(
                "dst,dskx->dtkx", np.broadcast_to(step.chance, (draws, states, states)), mass, optimize=True
            )
            course.append(mass)
    return Flow(tuple(recorded), np.stack(course), grid)
