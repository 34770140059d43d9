"""Limits, other ways to the same numbers, and what must hold in every solve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from excomm.errors import UsageError
from excomm.game.efg.reader import parse_efg
from excomm.game.efg.solver import solve_tree
from excomm.game.solve import (
    MarkovGame,
    SolveSettings,
    Step,
    belief_grid,
    differentiate,
    read_policy,
    solve,
    update_belief,
)

from .conftest import ladder_game

FEW = SolveSettings(chunk=2, threads=1)


def ladder_text(moves: int, priors: tuple[float, ...], kinds_0: int) -> str:
    """The ladder of `ladder_game` as a file; player 1 is actor 1. `priors`: P(type 1) of actors 1 and 0."""
    costs, losses, scale = (0.55, 0.10), (0.12, 0.30), (1.0, 0.5)
    kinds_1 = 2 if len(priors) > 0 else 1
    law_1 = [1 - priors[0], priors[0]] if kinds_1 == 2 else [1.0]
    law_0 = [1 - priors[1], priors[1]] if kinds_0 == 2 else [1.0]
    lines = ['EFG 2 R "ladder" { "R" "B" }']
    chances = " ".join(f'"{a}{b}" {law_1[a] * law_0[b]:.12f}' for a in range(kinds_1) for b in range(kinds_0))
    lines.append(f'c "" 1 "" {{ {chances} }} 0')
    sets: dict[tuple[int, int, str], int] = {}
    ends = 0

    def grow(history: str, kind_1: int, kind_0: int) -> None:
        nonlocal ends
        one, other = history[0::2].count("E"), history[1::2].count("E")
        if len(history) == moves:
            ends += 1
            cost, loss = costs[kind_1], losses[kind_1] * scale[kind_0]
            own = 0.6 * (one - other) - cost * (one + other) ** 2 / 3
            back = 0.7 * (other - one) - loss * (one + other) ** 2 / 3
            lines.append(f't "" {ends} "" {{ {own!r} {back!r} }}')
            return
        player = 1 if len(history) % 2 == 0 else 2
        key = (player, kind_1 if player == 1 else kind_0, history)
        number = sets.setdefault(key, len(sets) + 1)
        lines.append(f'p "" {player} {number} "{key[1]}{history}" {{ "E" "H" }} 0')
        for action in "EH":
            grow(history + action, kind_1, kind_0)

    for kind_1 in range(kinds_1):
        for kind_0 in range(kinds_0):
            grow("", kind_1, kind_0)
    return "\n".join(lines) + "\n"


def tree_first_moves(text: str, lam: float, player: int, history: str) -> list[float]:
    tree = parse_efg(text)
    solution = solve_tree(tree, lam)
    return [
        float(solution.of_set(place)[0])
        for place, each in enumerate(tree.information_sets)
        if each.player == player and each.label[1:] == history
    ]


def test_play_at_lambda_0_is_uniform_exactly() -> None:
    solution = solve(ladder_game(np.zeros(2), 3, beliefs=11), FEW)
    for step in solution.strategies:
        counts = (step > 0).sum(axis=-1, keepdims=True)
        assert np.all(step[step > 0] == np.broadcast_to(1.0 / counts, step.shape)[step > 0])


def test_complete_information_equals_the_tree() -> None:
    game = ladder_game(np.array([1.5, 120.0]), 4, beliefs=5, types=(1, 1))
    solution = solve(game, FEW)
    for draw, lam in enumerate((1.5, 120.0)):
        expected = tree_first_moves(ladder_text(4, (), 1), lam, 0, "")
        assert solution.strategies[0][draw, 0, 0, 0, 0, 0] == pytest.approx(expected[0], abs=1e-9)
    # at lambda x gap above 30 play is on the subgame-perfect path
    assert np.all(
        np.abs(solution.strategies[0][1, 0, 0, 0, 0] - np.round(solution.strategies[0][1, 0, 0, 0, 0])) < 1e-6
    )


def test_types_on_both_sides_equal_the_tree() -> None:
    game = ladder_game(np.array([1.0, 2.0]), 3, beliefs=31, types=(2, 2))
    solution = solve(game, FEW)
    assert solution.is_solved.all()
    grid = belief_grid(31)
    at_1, at_0 = 12, 17
    for draw, lam in enumerate((1.0, 2.0)):
        text = ladder_text(3, (float(grid[at_1]), float(grid[at_0])), 2)
        expected = tree_first_moves(text, lam, 0, "")
        assert solution.strategies[0][draw, 0, :, at_0, at_1, 0] == pytest.approx(expected, abs=2e-5)
        replies = tree_first_moves(text, lam, 1, "E")
        low, high = solution.strategies[0][draw, 0, :, at_0, at_1, 0]
        posterior = update_belief(float(grid[at_1]), low, high)
        found = [read_policy(solution, 1, draw, 3, kind, float(grid[at_0]), posterior)[0] for kind in (0, 1)]
        assert found == pytest.approx(replies, abs=5e-5)


def test_one_draw_does_not_depend_on_the_others() -> None:
    lambdas = np.array([0.7, 1.9, 3.1])
    together = solve(ladder_game(lambdas, 4, beliefs=11), FEW)
    alone = solve(ladder_game(lambdas[2:], 4, beliefs=11), FEW)
    assert np.abs(together.strategies[0][2] - alone.strategies[0][0]).max() < 1e-9


def test_beliefs_are_a_martingale_and_values_bayes_consistent() -> None:
    solution = solve(ladder_game(np.array([0.5, 4.0]), 4, beliefs=21), FEW)
    assert solution.martingale_error.max() < 1e-10
    assert solution.residual.max() < 1e-8
    assert "All 2 draws are solved" in solution.status
    prior = belief_grid(21)[5]
    low, high = (read_policy(solution, 0, 1, 0, kind, 0.0, 0.317) for kind in (0, 1))
    mean = sum((0.317 * h + 0.683 * w) * update_belief(0.317, w, h) for w, h in zip(low, high, strict=True))
    assert mean == pytest.approx(0.317, abs=1e-12)
    assert 0.0 < prior < 1.0


def test_grid_error_estimate_bounds_the_change_to_a_finer_grid() -> None:
    game = ladder_game(np.array([2.0]), 4, beliefs=21)
    estimate = solve(game, replace(FEW, check_grid=True)).grid_error[0]
    coarse = solve(game, FEW).strategies[0]
    fine = solve(game.with_beliefs(41, 41), FEW).strategies[0][:, :, :, :, ::2]
    assert np.abs(coarse - fine).max() < 5.0 * estimate


def test_derivatives_equal_central_differences() -> None:
    game = ladder_game(np.array([1.2, 2.0]), 3, beliefs=9)
    settings = SolveSettings(chunk=2, threads=1)

    def measure(values, strategies):
        return values[:, 0, 1, 0, 1, 0, 4] + 0.5 * strategies[0][:, 0, 0, 0, 4, 0]

    def at(changed: MarkovGame) -> np.ndarray:
        found = solve(changed, settings)
        return np.asarray(measure(found.values, found.strategies))

    slopes = differentiate(game, solve(game, settings), measure)
    assert slopes.measure == pytest.approx(at(game), abs=1e-9)
    step = 1e-5
    for actor in (0, 1):
        both = []
        for sign in (1.0, -1.0):
            lambdas = game.lambdas.copy()
            lambdas[:, actor] += sign * step
            both.append(at(replace(game, lambdas=lambdas)))
        assert (both[0] - both[1]) / (2 * step) == pytest.approx(slopes.lambdas[:, actor], abs=1e-6)
    rng = np.random.default_rng(5)
    push = rng.normal(size=game.final_payoff.shape)
    both = [
        at(replace(game, final_payoff=game.final_payoff + sign * step * push)).sum() for sign in (1.0, -1.0)
    ]
    assert (both[0] - both[1]) / (2 * step) == pytest.approx(
        float((slopes.final_payoff * push).sum()), abs=1e-6
    )
    first = game.steps[0]
    push = rng.normal(size=first.payoff.shape)
    both = []
    for sign in (1.0, -1.0):
        moved = (replace(first, payoff=first.payoff + sign * step * push), *game.steps[1:])
        both.append(at(replace(game, steps=moved)).sum())
    assert (both[0] - both[1]) / (2 * step) == pytest.approx(
        float((slopes.payoffs[0] * push).sum()), abs=1e-6
    )


@pytest.mark.long
def test_derivatives_where_draws_differ_in_refinement() -> None:
    game = ladder_game(np.array([1.2, 5.0]), 3, beliefs=9)
    solution = solve(game, FEW)
    assert solution.refinement.tolist() == [1, 4]

    def measure(values, strategies):
        return values[:, 0, 1, 0, 1, 0, 4] + strategies[1][:, 3, 0, 0, 4, 0]

    slopes = differentiate(game, solution, measure)
    push = np.random.default_rng(5).normal(size=game.final_payoff.shape)
    both = []
    for sign in (1.0, -1.0):
        found = solve(replace(game, final_payoff=game.final_payoff + sign * 1e-5 * push), FEW)
        both.append(float(measure(found.values, found.strategies).sum()))
    assert (both[0] - both[1]) / 2e-5 == pytest.approx(float((slopes.final_payoff * push).sum()), abs=1e-6)


def test_chance_and_branches_say_the_same() -> None:
    """A lottery after an action, once as branches of the action and once as chance after the step."""
    final = np.zeros((1, 3, 2, 1, 2))
    final[0, 1, :, 0], final[0, 2, :, 0] = [[1.0, 1.0], [0.5, 2.0]], [[-1.0, -1.0], [0.3, -1.0]]
    legal = np.array([[True, True], [True, False], [True, False]])
    nothing = np.zeros((1, 3, 2, 2, 1, 1))
    law = np.zeros((1, 3, 2, 2))
    law[..., 0] = 1.0
    law[0, 0, 0] = [0.3, 0.7]
    stay = np.array([[[1, 2], [2, 2]], [[1, 1], [1, 1]], [[2, 2], [2, 2]]])
    branched = Step(1, legal, stay, nothing, branch_probability=law)
    chance = np.eye(3)[None].copy()
    chance[0, 0] = [0.0, 0.3, 0.7]
    plain = Step(1, legal, np.array([[0, 2], [1, 1], [2, 2]]), nothing, chance=chance)
    lambdas = np.array([[1.0, 1.0]])
    one, other = (
        solve(MarkovGame((step,), final, lambdas, (1, 2), (9, 9)), FEW) for step in (branched, plain)
    )
    assert np.abs(one.strategies[0] - other.strategies[0]).max() < 1e-10
    assert np.abs(one.values[:, 0] - other.values[:, 0]).max() < 1e-10


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"lambdas": np.array([[-1.0, 1.0]])}, "negative"),
        ({"lambdas": np.array([1.0])}, "shape"),
        ({"types": (1, 3)}, "types"),
        ({"beliefs": (2, 2)}, "belief grid"),
        ({"steps": ()}, "no steps"),
        ({"final_payoff": np.full((1, 16, 2, 1, 2), np.nan)}, "not finite"),
    ],
)
def test_a_game_that_does_not_fit_is_refused(change: dict[str, object], expected: str) -> None:
    game = ladder_game(np.array([1.0]), 4, beliefs=9)
    with pytest.raises(UsageError, match=expected):
        replace(game, **change)
