"""Random game files with all constructs of the format: the logit equations hold by a plain recursion of their own."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from excomm.game.efg.reader import parse_efg
from excomm.game.efg.solver import solve_tree
from excomm.game.efg.tree import CHANCE, TERMINAL, GameTree


def random_file(seed: int) -> str:
    """Up to four players, chance (also of probability 0), inner outcomes, imperfect recall and absent-mindedness."""
    rng = random.Random(seed)
    players = rng.choice([1, 2, 2, 3, 4])
    names = " ".join(
        f'"{name} \\"{place}\\""' for place, name in enumerate(rng.choices(["A", "", "b c"], k=players))
    )
    lines = [f'EFG 2 R "game {seed}" {{ {names} }}', '"a comment,\nover two lines"']
    sets: list[tuple[int, int]] = []
    outcomes = chances = 0

    def value() -> str:
        whole = rng.randint(-6, 6)
        return rng.choice(
            [str(whole), f"{whole}/{rng.randint(1, 9)}", f"{rng.uniform(-4, 4):.3f}", "-0", f"{whole}e-1"]
        )

    def outcome(is_end: bool) -> str:
        nonlocal outcomes
        if not is_end and rng.random() < 0.7:
            return "0"
        if outcomes > 3 and rng.random() < 0.3:
            return str(rng.randint(1, outcomes))
        outcomes += 1
        return f'{outcomes} "" {{ {rng.choice([" ", ", "]).join(value() for _ in range(players))} }}'

    def grow(depth: int) -> None:
        nonlocal chances
        if depth == 0 or rng.random() < 0.1:
            lines.append(f't "" {outcome(True)}')
            return
        if rng.random() < 0.2:
            chances += 1
            weights = [rng.randint(0, 4), rng.randint(1, 4), rng.randint(1, 4)]
            total = sum(weights)
            law = " ".join(f'"{place}" {Fraction(each, total)}' for place, each in enumerate(weights))
            lines.append(f'c "" {chances} "" {{ {law} }} {outcome(False)}')
            branches = 3
        else:
            if sets and rng.random() < 0.4:
                number = rng.randrange(len(sets))
            else:
                number = len(sets)
                sets.append((rng.randint(1, players), rng.choice([1, 2, 2, 3])))
            player, branches = sets[number]
            actions = " ".join(f'"{place}"' for place in range(branches))
            lines.append(f'p "" {player} {number + 1} "" {{ {actions} }} {outcome(False)}')
        for _ in range(branches):
            grow(depth - 1)

    grow(rng.randint(2, 4))
    return "\n".join(lines) + "\n"


def largest_error(tree: GameTree, probabilities: np.ndarray, lam: float) -> float:
    """Of p - softmax(lambda x payoff when reached), by recursion; sets of reach 0 are left out."""
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(tree.parent.tolist()):
        children.setdefault(parent, []).append(node)

    def chance(node: int) -> float:
        above = tree.mover[tree.parent[node]]
        return float(tree.chance[node] if above == CHANCE else probabilities[tree.action[node]])

    def worth(node: int) -> np.ndarray:
        later = sum(
            (chance(child) * worth(child) for child in children.get(node, [])), np.zeros(len(tree.players))
        )
        return np.asarray(tree.payoff[node] + later)

    reach = np.ones(tree.nodes)
    for node in range(1, tree.nodes):
        reach[node] = reach[tree.parent[node]] * chance(node)
    error = 0.0
    for place, each in enumerate(tree.information_sets):
        nodes = np.flatnonzero(tree.information_set == place)
        mass = reach[nodes].sum()
        if mass == 0.0:
            continue
        gains = sum(
            reach[node] * np.array([worth(child)[each.player] for child in children[int(node)]])
            for node in nodes
        )
        weight = np.exp(lam * (gains / mass - (gains / mass).max()))
        found = probabilities[each.first_action : each.first_action + len(each.actions)]
        error = max(error, float(np.abs(found - weight / weight.sum()).max()))
    return error


@pytest.mark.parametrize("seed", range(30))
def test_logit_equations_hold(seed: int) -> None:
    tree = parse_efg(random_file(seed))
    assert all(tree.mover[node] == TERMINAL or tree.mover[node] >= CHANCE for node in range(tree.nodes))
    for lam in (0.5, 4.0):
        solution = solve_tree(tree, lam)
        assert solution.residual < 1e-9
        assert largest_error(tree, solution.probabilities, lam) < 1e-9
