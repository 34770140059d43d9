"""A scan for other fixed points of the informed nodes, the continuation being that of the principal branch."""

from __future__ import annotations

from functools import reduce

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from excomm.game.solve import node
from excomm.game.solve.compiler import program
from excomm.game.solve.interpolation import grid_log_odds
from excomm.game.solve.path import Informed

FAR = 8.0  # starts, in log-odds from no news
ITERATIONS = 30
LONGEST_CORRECTION = 2.0
SAME = 1e-6  # probabilities closer than this are one fixed point


@program()
def _spread_from(move: Informed, start: node.Actions, shift: node.Actions, legal: jax.Array) -> jax.Array:
    """Largest difference of a probability between the node's solution and the one that Newton finds from `start`."""
    odds = jnp.asarray(grid_log_odds(start[0].shape[-1]))
    may = node.legal_masks(legal)
    state = node.node_state(shift, move.low, move.high, odds, may)

    def correct(_: int, shift: node.Actions) -> node.Actions:
        now = node.node_state(shift, move.low, move.high, odds, may)
        return tuple(
            jnp.clip(part + jnp.clip(step, -LONGEST_CORRECTION, LONGEST_CORRECTION), -60.0, 60.0)
            for part, step in zip(shift, now.correction, strict=True)
        )

    end = jax.lax.fori_loop(0, ITERATIONS, correct, start)
    other = node.node_state(end, move.low, move.high, odds, may)
    gaps = [
        jnp.abs(after - before)
        for after, before in zip((*other.low, *other.high), (*state.low, *state.high), strict=True)
    ]
    gap = reduce(jnp.maximum, gaps)
    return jnp.where((other.size < 1e-9) & (gap > SAME), gap, 0.0)


def scan_nodes(
    move: Informed, shift: node.Actions, legal: jax.Array
) -> tuple[NDArray[np.int_], NDArray[np.float64]]:
    """Number of nodes with another fixed point and the largest spread of a probability, both (draws,).

    Starts: one action at a time far up or far down, the rest unmoved. What the starts do not lead to is not found.
    """
    largest = np.zeros(shift[0].shape)
    for action in range(len(shift)):
        for far in (FAR, -FAR):
            start = tuple(
                jnp.full_like(part, far if place == action else 0.0) for place, part in enumerate(shift)
            )
            largest = np.maximum(largest, np.asarray(_spread_from(move, start, shift, legal)))
    return (largest > 0.0).sum(axis=(1, 2, 3)), largest.max(axis=(1, 2, 3))
