"""Hidden Markov chains, against the sum over all sequences of states."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from excomm.audit.chain import carried


@pytest.mark.parametrize(("steps", "states"), [(1, 2), (2, 3), (5, 2), (4, 3)])
def test_beliefs_are_sums_over_all_sequences(steps: int, states: int) -> None:
    dice = np.random.default_rng(steps * 10 + states)
    likely = dice.uniform(0.1, 2.0, size=(steps, states))
    moves = dice.dirichlet(np.ones(states), size=states)
    first = dice.dirichlet(np.ones(states))
    belief, beside = np.zeros((2, steps, states))
    expected = np.zeros((states, states))
    total = 0.0
    for path in product(range(states), repeat=steps):
        prior = first[path[0]] * np.prod([moves[a, b] for a, b in pairwise(path)])
        seen = np.array([likely[at, state] for at, state in enumerate(path)])
        total += prior * seen.prod()
        for at, state in enumerate(path):
            belief[at, state] += prior * seen.prod()
            beside[at, state] += prior * np.delete(seen, at).prod()
        for a, b in pairwise(path):
            expected[a, b] += prior * seen.prod()
    found = carried(likely, moves, first)
    assert np.allclose(found[0], belief / total)
    assert np.allclose(found[1], beside / beside.sum(axis=1, keepdims=True))
    assert np.allclose(found[2], expected / total)


def test_long_sequences_stay_finite() -> None:
    likely = np.full((5000, 2), 1e-200)
    belief, beside, expected = carried(likely, np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0.5, 0.5]))
    assert np.isfinite(belief).all()
    assert np.allclose(belief[2500], [2 / 3, 1 / 3])  # what the chain comes to when nothing is seen
    assert np.allclose(beside, belief)
    assert expected.sum() == pytest.approx(4999)
