"""Published numbers of the signalling and ladder games on a belief grid."""

from __future__ import annotations

import numpy as np
import pytest

from excomm.game.solve import SolveSettings, read_policy, solve, update_belief

from .conftest import CHEAP_BLUFF, SIGNAL, ladder_game, signal_game

ONE_CHUNK = SolveSettings(chunk=8)


def test_signalling_of_resolve() -> None:
    """Threat by strong and weak, resistance at the posterior, and the posterior itself, prior .4."""
    rows = {
        0.5: (0.546092, 0.494624, 0.562167, 0.423975),
        1.0: (0.588125, 0.471668, 0.614281, 0.453931),
        2.0: (0.676909, 0.414453, 0.674452, 0.521265),
        5.0: (0.899430, 0.350446, 0.689866, 0.631135),
        20.0: (0.999927, 0.279656, 0.654566, 0.704466),
    }
    solution = solve(signal_game(np.array(list(rows)), SIGNAL, beliefs=101), ONE_CHUNK)
    assert solution.is_solved.all()
    for draw, (lam, expected) in enumerate(rows.items()):
        weak, strong = (read_policy(solution, 0, draw, 0, kind, 0.0, 0.4)[0] for kind in (0, 1))
        posterior = update_belief(0.4, weak, strong)
        resist = read_policy(solution, 1, draw, 1, 0, 0.0, posterior)[0]
        tolerance = 1e-6 if lam <= 5.0 else 1e-4  # the reply is a sharp function of belief at lambda 20
        assert (strong, weak, resist, posterior) == pytest.approx(expected, abs=tolerance)


def test_cheap_bluff_stays_on_the_principal_branch() -> None:
    rows = {1.0: 0.555726, 2.0: 0.842841, 3.0: 0.973984, 5.0: 0.998459, 10.0: 0.999998}
    solution = solve(
        signal_game(np.array(list(rows)), CHEAP_BLUFF, beliefs=101), SolveSettings(chunk=8, scan=True)
    )
    for draw, resist in enumerate(rows.values()):
        weak, strong = (read_policy(solution, 0, draw, 0, kind, 0.0, 0.5)[0] for kind in (0, 1))
        found = read_policy(solution, 1, draw, 1, 0, 0.0, update_belief(0.5, weak, strong))[0]
        assert found == pytest.approx(resist, abs=1e-6)
    # one equilibrium at every belief at lambda 1, three at some beliefs at 5 and 10
    assert solution.other_equilibria[0] == 0
    assert np.all(solution.other_equilibria[3:] > 0)
    assert np.all(solution.ambiguity[3:] > 0.5)


def test_ladder_of_four_moves() -> None:
    rows = {0.5: (0.55930693, 0.48545531), 1.0: (0.62121663, 0.47763236), 2.0: (0.75376989, 0.49043764)}
    solution = solve(ladder_game(np.array(list(rows)), 4, beliefs=101), ONE_CHUNK)
    assert solution.residual.max() < 1e-9
    assert solution.martingale_error.max() < 1e-10
    for draw, expected in enumerate(rows.values()):
        found = [read_policy(solution, 0, draw, 0, kind, 0.0, 0.35)[0] for kind in (1, 0)]
        assert found == pytest.approx(expected, abs=1e-6)


def test_interpolation_is_of_fourth_order() -> None:
    """Halving the spacing of the beliefs divides the error by about 16."""
    found_by_grid = []
    for beliefs in (11, 21, 41):
        solution = solve(ladder_game(np.array([2.0]), 4, beliefs=beliefs), ONE_CHUNK)
        found = np.array([solution.strategies[0][0, 0, kind, 0, beliefs // 2, 0] for kind in (1, 0)])
        found_by_grid.append(found)
    rate = (
        np.abs(found_by_grid[0] - found_by_grid[1]).max() / np.abs(found_by_grid[1] - found_by_grid[2]).max()
    )
    assert rate > 8.0
