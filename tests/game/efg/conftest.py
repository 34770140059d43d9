"""The classic games beside the tests, and a slow solver that shares no code with the product."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import root

from excomm.game.efg.reader import read_efg
from excomm.game.efg.tree import CHANCE, TERMINAL, GameTree

GAMES = Path(__file__).parent / "games"


@pytest.fixture
def game() -> Callable[[str], GameTree]:
    return lambda name: read_efg(GAMES / f"{name}.efg")


def slow_payoffs(tree: GameTree, probabilities: np.ndarray) -> np.ndarray:
    """Payoff of each action when its information set is reached, by plain recursion over plays."""
    children: dict[int, list[int]] = {}
    for node in range(1, tree.nodes):
        children.setdefault(int(tree.parent[node]), []).append(node)

    def weight(node: int) -> float:
        return float(tree.chance[node]) if tree.action[node] < 0 else float(probabilities[tree.action[node]])

    def value(node: int) -> np.ndarray:
        if tree.mover[node] == TERMINAL:
            return tree.payoff[node]
        return tree.payoff[node] + sum(weight(child) * value(child) for child in children[node])

    def reach(node: int) -> float:
        return 1.0 if node == 0 else weight(node) * reach(int(tree.parent[node]))

    top = np.zeros(tree.actions)
    mass = np.zeros(tree.actions)
    for node in range(tree.nodes):
        if tree.mover[node] in (CHANCE, TERMINAL):
            continue
        for child in children[node]:
            top[tree.action[child]] += reach(node) * value(child)[tree.mover[node]]
            mass[tree.action[child]] += reach(node)
    return top / mass


def slow_branch(tree: GameTree, lam: float, steps: int = 40) -> np.ndarray:
    """Probabilities by natural continuation in lambda and a derivative-free root finder; for branches without turns."""
    sets = tree.set_of_action
    log_p = -np.log(np.bincount(sets)[sets].astype(float))

    def normal(logits: np.ndarray) -> np.ndarray:
        found = np.empty_like(logits)
        for each in range(len(tree.information_sets)):
            part = logits[sets == each]
            found[sets == each] = part - part.max() - np.log(np.exp(part - part.max()).sum())
        return found

    for level in np.linspace(0.0, lam, steps + 1)[1:]:
        answer = root(
            lambda x, level=level: x - normal(level * slow_payoffs(tree, np.exp(x))),
            log_p,
            tol=1e-13,
            method="hybr",
        )
        log_p = answer.x
        assert np.abs(answer.fun).max() < 1e-9
    return np.exp(log_p)
