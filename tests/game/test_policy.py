"""Logit moves by backward induction: against the enumerated tree, in the limits, under mirrored sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from excomm.game.policy import CompiledGame, payoff_range, solve, tables


def game(
    seed: int = 0,
    *,
    options: int = 1,
    draws: int = 1,
    epochs: int = 2,
    levels: tuple[int, int] = (3, 3),
    **changes: Any,
) -> CompiledGame:
    """A small random game; changes by field."""
    random = np.random.default_rng(seed)
    shape = (options, draws, epochs, *levels)
    fields: dict[str, Any] = {
        "gain": random.normal(size=(2, *shape)),
        "cost": random.uniform(0, 1, (2, *shape)),
        "catastrophe": random.uniform(0, 0.2, (2, *shape)),
        "incident": random.uniform(0, 0.3, shape),
        "ends": random.uniform(0, 0.2, shape),
        "audience": random.uniform(0.1, 0.5, (2, options, draws)),
        "precision": random.uniform(2, 8, (2, options, draws)),
        "relief": random.uniform(0.2, 0.8, (2, options, draws)),
        "ceiling": np.full(options, levels[0] - 1),
        "floor": np.full(options, 1),
        "floor_epochs": np.full(options, 1.0),
        "discount": random.uniform(0.9, 1, (options, draws)),
    }
    return CompiledGame(**{**fields, **changes})


# ---- an independent enumeration of the tree ---------------------------------------------------------------------


def legal(level: int, top: int) -> list[int]:
    return [change for change in (-1, 0, 1) if 0 <= level + change <= top]


def enumerate_tree(g: CompiledGame, types: tuple[int, int]) -> dict[tuple[int, str, int, int], np.ndarray]:
    """Move probabilities at every node of the game of one pair of types, by plain recursion over histories."""
    epochs, levels_a, levels_r = g.gain.shape[3:]
    mean = (g.gain - g.cost)[:, 0, 0].mean(axis=1)
    precision = [g.precision[k, 0, 0] / (mean[k].max() - mean[k].min()) for k in (0, 1)]
    felt = [1 - types[k] * g.relief[k, 0, 0] for k in (0, 1)]
    nodes: dict[tuple[int, str, int, int], np.ndarray] = {}

    def period(e: int, a: int, r: int) -> np.ndarray:
        """Values for both once the postures of period e are set."""
        now = np.array([
            g.gain[k, 0, 0, e, a, r] - felt[k] * g.cost[k, 0, 0, e, a, r] - g.catastrophe[k, 0, 0, e, a, r]
            for k in (0, 1)
        ])  # fmt: skip
        if e + 1 == epochs:
            return now
        incident, pause = g.incident[0, 0, e, a, r], g.ends[0, 0, e, a, r]
        later = (1 - incident) * turn(e + 1, 0, a, r) + incident * turn(e + 1, 0, a, min(r + 1, levels_r - 1))
        return now + (1 - pause) * g.discount[0, 0] * later

    def turn(e: int, place: int, a: int, r: int) -> np.ndarray:
        """Values for both before the mover at this place (0 first, 1 second) of period e."""
        if place == 2:
            return period(e, a, r)
        mover = place if g.alliance_first else 1 - place
        moves = legal((a, r)[mover], min(g.ceiling[0], levels_a - 1) if mover == 0 else levels_r - 1)
        values = []
        for change in moves:
            following = turn(e, place + 1, a + change, r) if mover == 0 else turn(e, place + 1, a, r + change)
            pays = change < 0 and (mover == 1 or (e < g.floor_epochs[0] and a <= g.floor[0]))
            price = np.zeros(2)
            price[mover] = g.audience[mover, 0, 0] if pays else 0.0
            values.append(following - price)
        weights = np.exp(precision[mover] * np.array([value[mover] for value in values]))
        weights /= weights.sum()
        whole = np.zeros(3)
        for change, weight in zip(moves, weights, strict=True):
            whole[change + 1] = weight
        nodes[e, "ar"[mover], a, r] = whole
        return sum(weight * value for weight, value in zip(weights, values, strict=True))

    for a in range(levels_a):
        for r in range(levels_r):
            turn(0, 0, a, r)
    return nodes


@pytest.mark.parametrize("alliance_first", [True, False])
@pytest.mark.parametrize("types", [(0, 0), (1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("levels", [(3, 3), (2, 4)])
def test_moves_are_those_of_the_enumerated_tree(
    types: tuple[int, int], levels: tuple[int, int], alliance_first: bool
) -> None:
    g = game(11, levels=levels, epochs=3, alliance_first=alliance_first)
    found, nodes = solve(g), enumerate_tree(g, types)
    assert found.residual < 1e-12
    # Postures above the ceiling are never reached here; every node of the tree is compared.
    for (e, mover, a, r), expected in nodes.items():
        moves = found.alliance if mover == "a" else found.adversary
        assert moves[e, types[0], types[1], 0, 0, a, r] == pytest.approx(expected, abs=1e-10)
    assert len(nodes) == 3 * 2 * levels[0] * levels[1]


def test_a_ceiling_closes_what_lies_above_it() -> None:
    g = game(3, levels=(3, 3), ceiling=np.array([1]))
    found, nodes = solve(g), enumerate_tree(g, (0, 0))
    for (e, mover, a, r), expected in nodes.items():
        if a <= 1:
            moves = found.alliance if mover == "a" else found.adversary
            assert moves[e, 0, 0, 0, 0, a, r] == pytest.approx(expected, abs=1e-10)
    assert (found.alliance[:, :, :, :, :, 1, :, 2] == 0).all()


def test_without_precision_every_legal_move_is_equally_likely() -> None:
    found = solve(game(5, draws=4, precision=np.zeros((2, 1, 4))))
    for moves, levels in ((found.alliance, 3), (np.moveaxis(found.adversary, -2, -3), 3)):
        for level in range(levels):
            number = len(legal(level, levels - 1))
            at_level = moves[..., level, :, :]
            assert np.isclose(at_level, 1 / number).sum() == number * at_level[..., 0].size
            assert np.isclose(at_level, 0).sum() == (3 - number) * at_level[..., 0].size


def best_replies(g: CompiledGame) -> tuple[np.ndarray, np.ndarray]:
    """Last period only, adversary second: its best move, and the alliance's best move in view of it."""
    total = (g.gain - g.cost - g.catastrophe)[:, 0, 0, -1]
    levels_a, levels_r = total.shape[1:]
    adversary = np.zeros((levels_a, levels_r), dtype=int)
    for a in range(levels_a):
        for r in range(levels_r):
            adversary[a, r] = max(
                legal(r, levels_r - 1),
                key=lambda c: total[1, a, r + c] - (c < 0) * g.audience[1, 0, 0],
            )
    alliance = np.zeros_like(adversary)
    for a in range(levels_a):
        for r in range(levels_r):
            alliance[a, r] = max(
                legal(a, levels_a - 1),
                key=lambda c: total[0, a + c, r + adversary[a + c, r]],
            )
    return alliance, adversary


@pytest.mark.parametrize("seed", range(5))
def test_great_precision_picks_the_best_reply(seed: int) -> None:
    g = game(seed, epochs=1, precision=np.full((2, 1, 1), 1e5), floor_epochs=np.zeros(1))
    found, (alliance, adversary) = solve(g), best_replies(g)
    for moves, best in ((found.alliance, alliance), (found.adversary, adversary)):
        picked = np.take_along_axis(moves[0, 0, 0, 0, 0], best[..., None] + 1, axis=-1)
        assert (picked > 1 - 1e-6).all()


def test_more_precision_makes_the_best_move_likelier() -> None:
    g = game(2, epochs=1, floor_epochs=np.zeros(1))
    _, adversary = best_replies(g)
    picked = [
        np.take_along_axis(
            solve(replace(g, precision=np.full((2, 1, 1), level))).adversary[0, 0, 0, 0, 0],
            adversary[..., None] + 1, axis=-1,
        )
        for level in (0.0, 1.0, 4.0, 16.0, 64.0)
    ]  # fmt: skip
    assert (np.diff(np.stack(picked), axis=0) >= -1e-12).all()
    assert (picked[-1] > picked[0]).all()


def test_a_higher_audience_cost_keeps_commitments() -> None:
    """Stepping down becomes rarer with its price: the alliance's below its floor while that binds."""
    g = game(4, draws=5, epochs=2, floor=np.array([1]), floor_epochs=np.array([1.0]))
    free, one = np.zeros((1, 1, 5)), np.full((1, 1, 5), 2.0)
    cheap = solve(replace(g, audience=np.concatenate([free, free])))
    alliance_pays = solve(replace(g, audience=np.concatenate([one, free])))
    adversary_pays = solve(replace(g, audience=np.concatenate([free, one])))
    first = np.s_[0, :, :, :, :, 1, :, 0]  # first period, at the floor, lowering
    assert (alliance_pays.alliance[first] < cheap.alliance[first]).all()
    assert (adversary_pays.adversary[-1, ..., 1:, 0] < cheap.adversary[-1, ..., 1:, 0]).all()
    # Once the floor no longer binds, the last period's move costs nothing.
    assert alliance_pays.alliance[1] == pytest.approx(cheap.alliance[1])


def test_mirrored_payoffs_with_swapped_movers_give_mirrored_policies() -> None:
    """Nothing in the solution knows which side it solves for, but for what the game says of each.

    Incidents pull the adversary only and the alliance's floor binds for a time, so both are set to be alike.
    """
    steady = {"incident": np.zeros((1, 2, 3, 3, 3)), "floor": np.array([2]), "floor_epochs": np.array([1e9])}
    g = game(8, draws=2, epochs=3, **steady)

    def swapped(array: np.ndarray) -> np.ndarray:
        return np.swapaxes(array[::-1], -1, -2)

    mirror = replace(
        g, gain=swapped(g.gain), cost=swapped(g.cost), catastrophe=swapped(g.catastrophe),
        ends=np.swapaxes(g.ends, -1, -2), audience=g.audience[::-1], precision=g.precision[::-1],
        relief=g.relief[::-1], alliance_first=False,
    )  # fmt: skip
    one, other = solve(g), solve(mirror)

    def turned(moves: np.ndarray) -> np.ndarray:
        """Axes (e, type of alliance, type of adversary, o, d, a, r, move) with the two sides exchanged."""
        return moves.transpose(0, 2, 1, 3, 4, 6, 5, 7)

    assert turned(one.alliance) == pytest.approx(other.adversary, abs=1e-13)
    assert turned(one.adversary) == pytest.approx(other.alliance, abs=1e-13)


def test_a_catastrophe_does_not_set_the_scale_of_choice() -> None:
    g = game(6)
    doomed = replace(g, catastrophe=g.catastrophe + 1e4)  # the same for all moves
    assert payoff_range(doomed) == pytest.approx(payoff_range(g))
    # 1e4 in the exponent costs digits, hence the tolerance. Discounting makes "the same for all" cancel.
    calm = replace(g, incident=g.incident * 0, ends=g.ends * 0)
    doomed = replace(calm, catastrophe=calm.catastrophe + 1e4)
    assert solve(doomed).alliance == pytest.approx(solve(calm).alliance, abs=1e-8)


def test_a_resolved_type_backs_down_less_where_the_higher_posture_costs_more() -> None:
    gain = np.zeros((2, 1, 1, 1, 3, 3))
    cost = np.broadcast_to(np.arange(3.0)[None, None, None, None, None, :], gain.shape)
    gain = gain + 0.5 * np.arange(3.0)
    found = solve(game(0, epochs=1, gain=gain, cost=cost, catastrophe=gain * 0, audience=np.zeros((2, 1, 1))))
    assert (found.adversary[0, :, 1, ..., 1, 0] < found.adversary[0, :, 0, ..., 1, 0]).all()
    assert (found.adversary[0, :, 1, ..., 1, 2] > found.adversary[0, :, 0, ..., 1, 2]).all()


def test_tables_hold_the_policies_in_the_order_in_which_the_simulation_looks_them_up() -> None:
    g = game(9, options=2, draws=3, levels=(2, 3), epochs=2, ceiling=np.array([1, 0]), floor=np.zeros(2, dtype=int),
             floor_epochs=np.zeros(2))  # fmt: skip
    found = solve(g)
    prior = np.random.default_rng(0).uniform(size=(2, 2, 3))
    laid = tables(found, prior[0], prior[1])
    assert laid.alliance.shape == laid.adversary.shape == (2, 2, 3, 2 * 6, 4)
    assert np.asarray(laid.prior_alliance)[..., 0] == pytest.approx(prior[0])
    assert np.asarray(laid.prior_adversary)[..., 0] == pytest.approx(prior[1])
    for place in np.ndindex(2, 2, 2, 2, 3, 2, 3):  # e, types, o, d, a, r
        e, alliance, adversary, o, d, a, r = place
        for laid_out, solved, own, other in (
            (laid.alliance, found.alliance, alliance, adversary),
            (laid.adversary, found.adversary, adversary, alliance),
        ):
            row = other * 6 + a * 3 + r
            probabilities = np.asarray(laid_out)[e, o, d, row, 2 * own : 2 * own + 2]
            assert probabilities == pytest.approx(solved[place][[0, 2]], abs=1e-6)
