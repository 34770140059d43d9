"""Bounds that hold in every equilibrium, for draws that the path does not solve."""

from __future__ import annotations

import numpy as np

from excomm.game.solve import SolveSettings, Tolerances, bound_play, solve

from .conftest import CHEAP_BLUFF, ladder_game, signal_game


def test_bounds_hold_solved_values_and_moves_of_both_sides_types() -> None:
    game = ladder_game(np.array([0.5, 3.0]), 3, beliefs=9, types=(2, 2))
    solution = solve(game, SolveSettings(chunk=2, threads=1))
    bounds = bound_play(game, np.arange(2))
    assert np.all(solution.values >= bounds.low[..., None, None] - 1e-9)
    assert np.all(solution.values <= bounds.high[..., None, None] + 1e-9)
    first = solution.strategies[0]
    assert np.all(first >= bounds.first_low[:, :, :, None, None] - 1e-9)
    assert np.all(first <= bounds.first_high[:, :, :, None, None] + 1e-9)
    # and they are no idle bounds: at the start, narrower than the payoffs
    width = (bounds.high - bounds.low)[0, 0].max()
    assert width < 0.7 * np.ptp(game.final_payoff)


def test_bounds_hold_all_three_equilibria_of_the_cheap_bluff() -> None:
    """Resistance at lambda 5 is .134, .346 or .998; the threat's bounds must allow what supports each."""
    bounds = bound_play(signal_game(np.array([5.0]), CHEAP_BLUFF, beliefs=9), np.array([0]))
    for resist in (0.134176, 0.345798, 0.998459):
        for kind, (concede, back_down, war) in enumerate(((0.6, -0.1, -1.5), (1.0, -2.5, -1.5))):
            fight = 1 / (1 + np.exp(5.0 * (back_down - war)))
            worth = (1 - resist) * concede + resist * (fight * war + (1 - fight) * back_down)
            threat = 1 / (1 + np.exp(-5.0 * worth))
            assert bounds.first_low[0, 0, kind, 0] - 1e-9 <= threat <= bounds.first_high[0, 0, kind, 0] + 1e-9


def test_bounds_meet_where_play_is_uniform() -> None:
    bounds = bound_play(ladder_game(np.array([0.0]), 4, beliefs=9), np.array([0]))
    assert np.abs(bounds.high - bounds.low).max() < 1e-12
    assert np.abs(bounds.first_low[0, 0] - 0.5).max() < 1e-15


def test_a_draw_that_is_not_solved_is_returned_with_its_bounds() -> None:
    impossible = SolveSettings(chunk=2, threads=1, tolerances=Tolerances(accepted=-1.0))
    game = ladder_game(np.array([1.0, 2.0]), 2, beliefs=9)
    solution = solve(game, impossible)
    assert not solution.is_solved.any()
    assert solution.bounds is not None
    assert solution.bounds.draws.tolist() == [0, 1]
    assert "bounds" in solution.status
    assert solve(game, SolveSettings(chunk=2, threads=1)).bounds is None
