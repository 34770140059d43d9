"""Implicit derivatives against central differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from excomm.game.efg.solver import differentiate_tree, solve_tree
from excomm.game.efg.tree import GameTree

STEP = 1e-5


@pytest.mark.parametrize("name", ["signal", "centipede-4", "trust", "absent-minded-driver", "three-voters"])
def test_derivatives_equal_central_differences(game: Callable[[str], GameTree], name: str) -> None:
    tree, lam = game(name), 1.3
    found = differentiate_tree(solve_tree(tree, lam))
    above, below = solve_tree(tree, lam + STEP), solve_tree(tree, lam - STEP)
    by_lambda = (above.log_probabilities - below.log_probabilities) / (2 * STEP)
    assert np.abs(by_lambda - found.log_probability_by_lambda).max() < 1e-7
    assert np.abs((above.payoffs - below.payoffs) / (2 * STEP) - found.payoff_by_lambda).max() < 1e-7
    for outcome in range(len(tree.outcomes)):
        for player in range(len(tree.players)):
            both = []
            for sign in (1.0, -1.0):
                payoff = tree.payoff.copy()
                payoff[tree.outcome == outcome, player] += sign * STEP
                both.append(solve_tree(replace(tree, payoff=payoff), lam))
            slope = (both[0].log_probabilities - both[1].log_probabilities) / (2 * STEP)
            assert np.abs(slope - found.log_probability_by_payoff[:, outcome, player]).max() < 1e-7
            gain = (both[0].payoffs - both[1].payoffs) / (2 * STEP)
            assert np.abs(gain - found.payoff_by_payoff[:, outcome, player]).max() < 1e-7
