"""Hidden Markov chains: what each step of a sequence is, given all its steps (Rabiner 1989)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "carried"]

Floats = NDArray[np.float64]


def carried(likely: Floats, moves: Floats, first: Floats) -> tuple[Floats, Floats, Floats]:
    """Belief in each state at each step, what all the other steps say of it, and moves between states as expected.

    likely: shape (steps, states), how likely what is seen at a step is in a state, up to a factor; moves: shape
    (states, states), probability of the next state, one row a state; first: (states,). The beliefs have shape (steps,
    states) and add up to 1 in each row, the expected moves have the shape of `moves` and add up to the steps less one.
    """
    forward, backward = np.empty_like(likely), np.ones_like(likely)
    before = np.empty_like(likely)
    for step, seen in enumerate(likely):
        before[step] = first if step == 0 else forward[step - 1] @ moves
        forward[step] = before[step] * seen
        forward[step] /= forward[step].sum()
    expected = np.zeros_like(moves)
    for step in range(len(likely) - 2, -1, -1):
        later = likely[step + 1] * backward[step + 1]
        pairs = forward[step][:, None] * moves * later
        expected += pairs / pairs.sum()
        backward[step] = moves @ later
        backward[step] /= backward[step].sum()
    beside = before * backward
    belief = forward * backward
    return _scaled(belief), _scaled(beside), expected


def _scaled(rows: Floats) -> Floats:
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))
