"""The compiled crisis game: its states and moves, its transitions, and its last epoch against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from small_crisis import ADVERSARY, crisis

from excomm.game.crisis import build_game, signatures
from excomm.game.equilibrium import solve_groups
from excomm.game.payoffs import payoff_range
from excomm.game.states import HOLD, LOWER, RAISE, WARN, States


def test_states_are_numbered_once_and_end_with_one_that_stays() -> None:
    states = States(3, 4, 5)
    numbers = states.number(*states.parts)
    assert numbers.tolist() == list(range(states.count - 1))
    for legal, after in (states.alliance_moves(), states.adversary_moves()):
        assert after.min() >= 0
        assert after.max() < states.count
        assert legal[states.over].tolist() == [move == HOLD for move in range(legal.shape[1])]
        assert (after[states.over] == states.over).all()
        assert legal[:, HOLD].all()


def test_moves_change_one_posture_and_the_warning_only() -> None:
    states = States(3, 4, 3)
    parts = np.stack(states.parts, axis=1)

    def change(after: np.ndarray, move: int, legal: np.ndarray) -> np.ndarray:
        rows = np.flatnonzero(legal[:-1, move])
        return parts[after[rows, move]] - parts[rows]

    legal, after = states.alliance_moves()
    assert (change(after, LOWER, legal)[:, :3] == [-1, 0, 0]).all()
    assert (change(after, RAISE, legal)[:, :3] == [1, 0, 0]).all()
    assert (parts[after[:-1, LOWER]][legal[:-1, LOWER], 3] == 0).all(), "stepping down heeds a warning"
    at_lowest = parts[:, 0] == 0
    assert (parts[after[:-1, HOLD]][at_lowest, 3] == 0).all(), (
        "nothing more can be asked of the lowest posture"
    )
    assert (parts[after[:-1, HOLD]][~at_lowest, 3] == parts[~at_lowest, 3]).all()

    legal, after = states.adversary_moves()
    assert (change(after, LOWER, legal)[:, :3] == [0, -1, 0]).all()
    assert (change(after, RAISE, legal)[:, :3] == [0, 1, 0]).all()
    assert (change(after, WARN, legal) == [0, 0, 0, 1]).all()
    for move in (LOWER, HOLD, RAISE):
        assert (parts[after[:-1, move]][legal[:-1, move], 3] == 0).all(), "no warning outlives the next move"
    top, warned = parts[:, 1] == 3, parts[:, 3] == 1
    assert not legal[:-1, WARN][top | warned].any()
    assert legal[:-1, WARN][~top & ~warned].all()


def test_chance_is_a_law_and_the_end_is_final() -> None:
    block = crisis(draws=3)
    game = build_game(block, [0], beliefs=5)
    for step in game.steps:
        if step.chance is not None:
            assert step.chance.sum(axis=-1) == pytest.approx(1.0)
            assert (step.chance >= 0).all()
            assert (step.chance[:, -1, -1] == 1.0).all()
    states = block.states(0)
    first = game.steps[1].chance[0]
    here = int(states.number(1, 1, 1, 1))
    going_on = 0.98 * np.exp(-0.01)
    assert first[here, states.over] == pytest.approx(1 - going_on)
    pulled = sum(first[here, states.number(1, 2, bin_after, 0)] for bin_after in range(3))
    assert pulled == pytest.approx(going_on * -np.expm1(-0.01)), "an incident carries a warning out"
    stays = sum(first[here, states.number(1, 1, bin_after, 1)] for bin_after in range(3))
    assert stays == pytest.approx(going_on * np.exp(-0.01))


@pytest.mark.parametrize("alliance_first", [True, False])
def test_the_last_epoch_is_the_closed_form(alliance_first: bool) -> None:
    """In one epoch the second mover replies to payoffs alone, the first to the mean over replies and types."""
    block = crisis(epochs=1, alliance_first=alliance_first)
    (group,) = solve_groups(block, beliefs=9)
    states, values = block.states(0), {name: value[0, 0] for name, value in block.values.items()}
    scale = payoff_range(block.stage)[:, 0, 0]
    lam = np.array([values["game.precision_alliance"], values["game.precision_adversary"]]) / scale
    felt = (1 - values["resolve.alliance"] * values["resolve.alliance_relief"], 1.0)
    grid = group.solution.belief_grids[1]
    tables = dict(zip((0, 1) if alliance_first else (1, 0), group.solution.strategies, strict=True))

    def payoff(actor: int, a: int, r: int, f: int, kind: int) -> float:
        relief = values["resolve.adversary_relief"] * kind if actor else 1 - felt[0]
        stage = block.stage
        gain, cost, loss = (
            part[actor, 0, 0, 0, a, r, f] for part in (stage.gain, stage.cost, stage.catastrophe)
        )
        return float(gain - (1 - relief) * cost - loss)

    def price(mover: int, a: int, w: int, move: int) -> float:
        if mover == 0:
            return values["utility.alliance.audience"] * (move == LOWER and a <= 1)
        broken = values["utility.adversary.warning"] * (w == 1 and move in (LOWER, HOLD))
        return float(values["utility.adversary.audience"] * (move == LOWER) + broken)

    def logit(worth: dict[int, float], precision: float) -> np.ndarray:
        top = max(worth.values())
        weights = np.array([np.exp(precision * (worth[m] - top)) if m in worth else 0.0 for m in range(4)])
        return weights / weights.sum()

    def adversary_moves(r: int, w: int) -> list[int]:
        legal = [m for m in (LOWER, HOLD, RAISE) if 0 <= r + m - 1 < ADVERSARY]
        return [*legal, WARN] if r < ADVERSARY - 1 and w == 0 else legal

    def after(r: int, move: int) -> int:
        return r if move == WARN else r + move - 1

    checked = 0
    for a, r, f, w in zip(*states.parts, strict=True):
        place = int(states.number(a, r, f, w))
        mine = [m for m in (LOWER, HOLD, RAISE) if 0 <= a + m - 1 < 3]
        for k, belief in enumerate(grid):
            if alliance_first:
                expected = [
                    logit({m: payoff(1, a, after(r, m), f, t) - price(1, a, w, m) for m in adversary_moves(r, w)},
                          lam[1])
                    for t in (0, 1)
                ]  # fmt: skip
                for t in (0, 1):
                    assert tables[1][0, place, t, 0, k] == pytest.approx(expected[t], abs=1e-9)
            else:
                worth = {
                    m: sum(
                        share * payoff(0, a + m - 1, r, f, t) for t, share in ((0, 1 - belief), (1, belief))
                    )
                    - price(0, a, w, m)
                    for m in mine
                }
                assert tables[0][0, place, 0, 0, k] == pytest.approx(logit(worth, lam[0])[:3], abs=1e-9)
            checked += 1
    assert checked == (states.count - 1) * 9


def test_lambda_zero_is_uniform_over_legal_moves() -> None:
    block = crisis(game__precision_alliance=0.0, game__precision_adversary=0.0)
    (group,) = solve_groups(block, beliefs=5)
    for step, table in zip(group.game.steps, group.solution.strategies, strict=True):
        fair = step.legal / step.legal.sum(axis=1, keepdims=True)
        assert np.abs(table - fair[None, :, None, None, None]).max() < 1e-12


def test_equal_games_are_solved_once() -> None:
    """Draws that differ in nothing that the game reads share one solve; a difference in it makes another."""
    block = crisis(
        draws=4, utility__adversary__warning=[0.4, 0.4, 0.8, 0.4], resolve__adversary=[0.1, 0.2, 0.3, 0.4]
    )
    marks = signatures(block, 0)
    assert marks[0] == marks[1] == marks[3] != marks[2]
    (group,) = solve_groups(block, beliefs=5)
    assert group.game.draws == 2
    assert group.place.tolist() == [[0, 0, 1, 0]]
    assert group.solution.is_solved.all()
    assert group.solution.residual.max() < 1e-8
    assert group.solution.martingale_error.max() < 1e-10
