"""Published numbers of the signalling and ladder games on a belief grid."""

from __future__ import annotations

from dataclasses import replace

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
    for draw, expected in enumerate(rows.values()):
        weak, strong = (read_policy(solution, 0, draw, 0, kind, 0.0, 0.4)[0] for kind in (0, 1))
        posterior = update_belief(0.4, weak, strong)
        resist = read_policy(solution, 1, draw, 1, 0, 0.0, posterior)[0]
        assert (strong, weak, resist, posterior) == pytest.approx(expected, abs=1e-6)
    assert solution.refinement.tolist() == [1, 1, 1, 1, 4]


@pytest.mark.long
def test_values_before_a_sharp_reply_are_kept_more_finely() -> None:
    """The values at lambda 20 with 4 times as many beliefs before the reply equal those of 401 beliefs throughout."""
    coarse, fine = (
        solve(signal_game(np.array([20.0]), SIGNAL, beliefs=points), replace(ONE_CHUNK, refine=refine))
        for points, refine in ((101, 4), (401, 1))
    )
    unrefined = solve(signal_game(np.array([20.0]), SIGNAL, beliefs=101), replace(ONE_CHUNK, refine=1))
    exact = fine.values[..., ::4]
    # at the start: the informed move; in the state "threat" at the first step: nothing happens before the reply
    error = np.abs(coarse.values[:, 0] - exact[:, 0]).max()
    assert error < 2e-6
    assert np.abs(unrefined.values[:, 0] - exact[:, 0]).max() > 10.0 * error


def test_complete_information_reference_game() -> None:
    """L3: escalate or hold, resist or concede, fight or back down; payoffs of (A, D)."""
    rows = {
        0.5: (0.52758825, 0.54148271, 0.53742985),
        1.0: (0.54779887, 0.56611150, 0.57444252),
        2.0: (0.59895191, 0.56847633, 0.64565631),
        5.0: (0.95181580, 0.29772177, 0.81757448),
        20.0: (1.0, 0.00004962, 0.99752738),
    }
    alike = {
        "status quo": [(0.0, 0.5)],
        "concede": [(1.0, -0.5)],
        "back down": [(-0.6, 0.8)],
        "war": [(-0.3, -1.0)],
    }
    game = signal_game(np.array(list(rows)), {name: ends * 2 for name, ends in alike.items()}, beliefs=5)
    known = replace(game, types=(1, 1), final_payoff=game.final_payoff[..., :1])
    for one in (known, game):  # known types, and two types that do not differ
        solution = solve(one, ONE_CHUNK)
        for draw, expected in enumerate(rows.values()):
            found = [
                solution.strategies[step][draw, state, 0, 0, 0, 0] for step, state in ((0, 0), (1, 1), (2, 2))
            ]
            assert found == pytest.approx(expected, abs=1e-8)


@pytest.mark.long
def test_signalling_tends_to_its_semi_separating_limit() -> None:
    """Posterior 13/18, bluffs 10/39, resistance 5/8, and the strong always threaten; the gap falls as 1 / lambda."""
    limit = np.array([1.0, 10 / 39, 5 / 8, 13 / 18])
    solution = solve(signal_game(np.array([40.0, 80.0]), SIGNAL, beliefs=101), ONE_CHUNK)
    gaps = []
    for draw in (0, 1):
        weak, strong = (read_policy(solution, 0, draw, 0, kind, 0.0, 0.4)[0] for kind in (0, 1))
        posterior = update_belief(0.4, weak, strong)
        resist = read_policy(solution, 1, draw, 1, 0, 0.0, posterior)[0]
        gaps.append(np.abs(np.array([strong, weak, resist, posterior]) - limit).max())
    assert gaps[1] < 0.6 * gaps[0]
    assert gaps[1] < 0.01


def test_cheap_bluff_stays_on_the_principal_branch() -> None:
    rows = {1.0: 0.555726, 2.0: 0.842841, 3.0: 0.973984, 5.0: 0.998459, 10.0: 0.999998}
    solution = solve(
        signal_game(np.array(list(rows)), CHEAP_BLUFF, beliefs=101), SolveSettings(chunk=8, scan=True)
    )
    for draw, resist in enumerate(rows.values()):
        weak, strong = (read_policy(solution, 0, draw, 0, kind, 0.0, 0.5)[0] for kind in (0, 1))
        found = read_policy(solution, 1, draw, 1, 0, 0.0, update_belief(0.5, weak, strong))[0]
        assert found == pytest.approx(resist, abs=1e-6)
    # a path is needed where a node has more than one solution
    assert solution.levels[0] == 1
    assert np.all(solution.levels[3:] > 1)
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
