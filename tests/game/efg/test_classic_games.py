"""Classic games against closed forms, published numbers and an independent slow solver."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq

from excomm.game.efg.equations import TreeEquations
from excomm.game.efg.solver import solve_tree, solve_tree_at
from excomm.game.efg.tree import GameTree

from .conftest import GAMES, slow_branch, slow_payoffs

Load = Callable[[str], GameTree]
ALL = sorted(path.stem for path in GAMES.glob("*.efg"))


def sigmoid(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-x)))


def first(tree: GameTree, lam: float, *labels: str) -> list[float]:
    """Probability of the first action at the information sets with these labels."""
    solution = solve_tree(tree, lam)
    places = {each.label: place for place, each in enumerate(tree.information_sets)}
    return [float(solution.of_set(places[label])[0]) for label in labels]


def test_there_are_enough_games() -> None:
    assert len(ALL) >= 15


@pytest.mark.parametrize("name", ALL)
def test_play_at_lambda_0_is_uniform_exactly(game: Load, name: str) -> None:
    tree = game(name)
    solution = solve_tree(tree, 0.0)
    for place, each in enumerate(tree.information_sets):
        assert np.all(solution.of_set(place) == 1.0 / len(each.actions))


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in ALL
        if name not in ("impossible-branch", "ladder-4", "coordination", "three-card-poker")
    ],
)
def test_equals_an_independent_slow_solver(game: Load, name: str) -> None:
    tree = game(name)
    expected = slow_branch(tree, 1.0, steps=5)
    assert np.abs(solve_tree(tree, 1.0).probabilities - expected).max() < 1e-6


@pytest.mark.parametrize("name", [name for name in ALL if name != "impossible-branch"])
@pytest.mark.parametrize("lam", [0.5, 1.0, 4.0])
def test_payoffs_of_actions_equal_plain_recursion(game: Load, name: str, lam: float) -> None:
    tree = game(name)
    solution = solve_tree(tree, lam)
    assert np.allclose(solution.action_payoffs, slow_payoffs(tree, solution.probabilities), atol=1e-9)
    assert solution.residual < 1e-9
    for place in range(len(tree.information_sets)):
        assert solution.of_set(place).sum() == pytest.approx(1.0, abs=1e-12)


def test_escalation_with_known_resolve(game: Load) -> None:
    """Published numbers; the closed form is backward induction."""
    rows = {
        0.5: (0.52758825, 0.54148271, 0.53742985),
        1.0: (0.54779887, 0.56611150, 0.57444252),
        2.0: (0.59895191, 0.56847633, 0.64565631),
        5.0: (0.95181580, 0.29772177, 0.81757448),
        20.0: (1.0, 0.00004962, 0.99752738),
    }
    tree = game("escalation-complete")
    for lam, expected in rows.items():
        assert first(tree, lam, "threat", "reply", "war") == pytest.approx(expected, abs=1e-6)
        fight = sigmoid(lam * (-0.3 + 0.6))
        resist = sigmoid(lam * (fight * -1.0 + (1 - fight) * 0.8 + 0.5))
        threat = sigmoid(lam * (resist * (fight * -0.3 + (1 - fight) * -0.6) + (1 - resist)))
        assert first(tree, lam, "threat", "reply", "war") == pytest.approx((threat, resist, fight), abs=1e-10)


def test_signalling_of_resolve(game: Load) -> None:
    rows = {
        0.5: (0.546092, 0.494624, 0.562167, 0.598688, 0.425557),
        1.0: (0.588125, 0.471668, 0.614281, 0.689974, 0.354344),
        2.0: (0.676909, 0.414453, 0.674452, 0.832018, 0.231475),
        5.0: (0.899430, 0.350446, 0.689866, 0.982014, 0.047426),
        20.0: (0.999927, 0.279656, 0.654566, 1.0, 0.000006),
        40.0: (1.0, 0.266801, 0.640796, 1.0, 0.0),
    }
    for lam, expected in rows.items():
        found = first(game("signal"), lam, "S threat", "W threat", "reply", "S war", "W war")
        assert found == pytest.approx(expected, abs=1e-6)


def test_signalling_tends_to_the_semi_separating_equilibrium(game: Load) -> None:
    """With rising lambda: weak bluff 10/39, resist 5/8, posterior 13/18, the resolved always threaten."""
    distances = []
    for lam in (100.0, 400.0, 1600.0):
        tree = game("signal")
        strong, weak, resist = first(tree, lam, "S threat", "W threat", "reply")
        posterior = 0.4 * strong / (0.4 * strong + 0.6 * weak)
        distances.append(max(abs(weak - 10 / 39), abs(resist - 5 / 8), abs(posterior - 13 / 18), 1 - strong))
    assert distances[2] < 5e-4
    assert distances[0] / distances[2] > 10.0  # the distance falls as 1/lambda


def test_cheap_bluff_stays_on_the_principal_branch(game: Load) -> None:
    """Three equilibria from lambda 4 on; the branch from lambda 0 has the high probability to resist."""
    for lam, resist in {1.0: 0.555726, 2.0: 0.842841, 3.0: 0.973984, 5.0: 0.998459, 10.0: 0.999998}.items():
        assert first(game("cheap-bluff"), lam, "reply")[0] == pytest.approx(resist, abs=1e-6)


def test_ladder_of_four_moves(game: Load) -> None:
    rows = {0.5: (0.55930693, 0.48545531), 1.0: (0.62121663, 0.47763236), 2.0: (0.75376989, 0.49043764)}
    for lam, expected in rows.items():
        assert first(game("ladder-4"), lam, "S start", "W start") == pytest.approx(expected, abs=1e-6)


def test_centipede_take_probabilities(game: Load) -> None:
    rows = {1.0: (0.296257, 0.277980, 0.464884, 0.832018), 2.0: (0.236193, 0.376299, 0.761577, 0.960834)}
    for lam, expected in rows.items():
        found = first(game("centipede-4"), lam, "move 1", "move 2", "move 3", "move 4")
        assert found == pytest.approx(expected, abs=1e-6)


def test_four_times_the_stakes_equal_four_times_lambda(game: Load) -> None:
    high = solve_tree(game("centipede-4-high"), 0.7).probabilities
    assert np.abs(high - solve_tree(game("centipede-4"), 2.8).probabilities).max() < 1e-10


@pytest.mark.parametrize("name", ["matching-pennies", "rock-paper-scissors"])
def test_symmetric_conflict_stays_uniform(game: Load, name: str) -> None:
    for solution in solve_tree_at(game(name), [0.5, 4.0, 20.0]):
        assert (
            np.abs(solution.probabilities - 1.0 / len(solution.tree.information_sets[0].actions)).max()
            < 1e-12
        )


def test_prisoners_dilemma_and_stag_hunt(game: Load) -> None:
    """Scalar fixed points: p = sigmoid(lambda x gain of the first action)."""
    for lam in (0.5, 1.0, 4.0):
        for name, gain in (("prisoners-dilemma", lambda p: -1.0), ("stag-hunt", lambda p: 3.0 * p - 2.0)):
            solution = solve_tree(game(name), lam)
            # below one half, where the branch from uniform play goes in both games
            expected = brentq(lambda p, g=gain, lam=lam: p - sigmoid(lam * g(p)), 1e-12, 0.5, xtol=1e-14)
            assert solution.of_set(0)[0] == pytest.approx(expected, abs=1e-9)
            assert solution.of_set(1)[0] == pytest.approx(expected, abs=1e-9)


def test_asymmetric_pennies_published_point(game: Load) -> None:
    solution = solve_tree(game("asymmetric-pennies"), 1.8456097)
    assert (solution.of_set(0)[0], solution.of_set(1)[0]) == pytest.approx((0.615651, 0.383291), abs=1e-6)


def test_absent_minded_driver_scalar_equation(game: Load) -> None:
    for lam in (0.5, 1.0, 4.0, 20.0):

        def gap(go: float, lam: float = lam) -> float:
            leave = 4.0 * go / (1.0 + go)
            stay = (4.0 * (1.0 - go) + 2.0 * go) / (1.0 + go)
            return go - sigmoid(lam * (stay - leave))

        assert solve_tree(game("absent-minded-driver"), lam).probabilities[1] == pytest.approx(
            brentq(gap, 0.0, 1.0, xtol=1e-14), abs=1e-9
        )


def test_entry_deterrence_and_trust_by_backward_induction(game: Load) -> None:
    for lam in (0.5, 1.0, 4.0):
        fight = sigmoid(-2.0 * lam)
        enter = sigmoid(lam * (1.0 - 2.0 * fight))
        found = solve_tree(game("entry-deterrence"), lam).probabilities
        assert found[[0, 2]] == pytest.approx([enter, fight], abs=1e-10)
        back = sigmoid(-1.5 * lam)
        give = sigmoid(lam * (-1.0 + 2.0 * back))
        found = solve_tree(game("trust"), lam).probabilities
        assert found[[0, 2]] == pytest.approx([give, back], abs=1e-10)


def test_large_lambda_plays_the_subgame_perfect_path(game: Load) -> None:
    """Gaps of at least 1 times lambda 30: within 1e-6."""
    found = solve_tree(game("entry-deterrence"), 40.0).probabilities
    assert found[[0, 3]] == pytest.approx([1.0, 1.0], abs=1e-6)


def test_deterrence_threshold(game: Load) -> None:
    """The challenger refrains iff the defender is hard with probability above (win - SQ)/(win - war) = 1/4."""
    tree = game("deterrence")
    hard = tree.chance.copy()
    for share, is_deterred in ((0.20, False), (0.24, False), (0.26, True), (0.30, True)):
        hard[tree.parent == 0] = [share, 1.0 - share]
        changed = GameTree(**{**vars_of(tree), "chance": hard.copy()})
        challenge = solve_tree(changed, 500.0).probabilities[0]
        assert (challenge < 0.01) == is_deterred
        assert (challenge > 0.99) == (not is_deterred)


def vars_of(tree: GameTree) -> dict[str, object]:
    return {name: getattr(tree, name) for name in tree.__dataclass_fields__}


def test_branch_behind_impossible_chance_is_still_played_well(game: Load) -> None:
    for lam in (0.5, 1.0):
        found = solve_tree(game("impossible-branch"), lam).probabilities
        assert found[[0, 2]] == pytest.approx([sigmoid(lam), sigmoid(4.0 * lam)], abs=1e-10)


def test_bifurcation_favours_the_first_actions(game: Load) -> None:
    """Pure coordination: uniform play splits at lambda 2; beyond, p solves p = sigmoid(lambda (2p - 1))."""
    tree = game("coordination")
    assert np.all(np.abs(solve_tree(tree, 1.9).probabilities - 0.5) < 1e-9)
    solution = solve_tree(tree, 4.0)
    expected = brentq(lambda p: p - sigmoid(4.0 * (2.0 * p - 1.0)), 0.6, 1.0 - 1e-12, xtol=1e-14)
    assert solution.probabilities[[0, 2]] == pytest.approx([expected, expected], abs=1e-9)
    assert solution.bifurcations == 1
    assert solution.warnings()


def test_three_card_poker_equals_an_independent_slow_solver(game: Load) -> None:
    tree = game("three-card-poker")
    assert np.abs(solve_tree(tree, 0.4).probabilities - slow_branch(tree, 0.4, steps=1)).max() < 1e-6


def test_extreme_payoffs_underflow_nowhere(game: Load) -> None:
    tree = game("signal")
    scaled = GameTree(**{**vars_of(tree), "payoff": 1000.0 * tree.payoff})
    solution = solve_tree(scaled, 4.0)
    assert np.all(np.isfinite(solution.log_probabilities))
    assert solution.log_probabilities.min() < -700.0
    error, _, _ = TreeEquations(scaled).system(solution.log_probabilities, 4.0)
    assert np.abs(error).max() < 1e-8
