"""`solve_tree`: the agent-form logit equilibrium of a game tree on its principal branch, with its derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from excomm.errors import UsageError
from excomm.game.efg.branch import BranchPoint, trace
from excomm.game.efg.equations import TreeEquations
from excomm.game.efg.tree import GameTree

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TreeSolution:
    """A logit equilibrium.

    probabilities, log_probabilities: (actions,) of all information sets, in the order of `tree.information_sets`.
    payoffs: (players,) expected payoff of the game. action_payoffs: (actions,) when the information set is reached.
    belief: (nodes,) probability of a node given its information set.
    residual: largest error of the logit equations [log-probability].
    is_turned: the branch ran back in lambda before it came here; bifurcations: how many it passed.
    """

    tree: GameTree
    lam: float
    probabilities: Floats
    log_probabilities: Floats
    payoffs: Floats
    action_payoffs: Floats
    belief: Floats
    residual: float
    is_turned: bool
    bifurcations: int

    @property
    def status(self) -> str:
        """The outcome as a sentence."""
        turned = " after a turn in lambda" if self.is_turned else ""
        broken = f" and {self.bifurcations} bifurcation(s)" if self.bifurcations else ""
        return f"Solved on the principal branch at lambda {self.lam:g}{turned}{broken}; residual {self.residual:.1e}."

    def of_set(self, place: int) -> Floats:
        """Probabilities of the actions of one information set."""
        each = self.tree.information_sets[place]
        return self.probabilities[each.first_action : each.first_action + len(each.actions)]

    def to_json(self) -> dict[str, Any]:
        """The object that `game solve --json` prints."""
        sets = [
            {
                "player": each.player + 1,
                "player_name": self.tree.players[each.player],
                "number": each.number,
                "label": each.label,
                "actions": [
                    {"label": label, "probability": float(probability)}
                    for label, probability in zip(each.actions, self.of_set(place), strict=True)
                ],
            }
            for place, each in enumerate(self.tree.information_sets)
        ]
        return {
            "lambda": self.lam,
            "residual": self.residual,
            "turned": self.is_turned,
            "bifurcations": self.bifurcations,
            "information_sets": sets,
            "payoffs": [
                {"player": name, "value": float(value)}
                for name, value in zip(self.tree.players, self.payoffs, strict=True)
            ],
            "warnings": self.warnings(),
        }

    def warnings(self) -> list[str]:
        """What a reader should know before using the numbers."""
        found = []
        if self.is_turned:
            found.append("The principal branch turns back in lambda; this is its first point at this lambda.")
        if self.bifurcations:
            found.append(
                "The game has a symmetry: the branch splits, and the first actions were favoured at the split."
            )
        return found


@dataclass(frozen=True)
class TreeDerivatives:
    """Derivatives by implicit differentiation at a solution.

    log_probability_by_lambda: (actions,). log_probability_by_payoff: (actions, outcomes, players).
    payoff_by_lambda: (players,). payoff_by_payoff: (players, outcomes, players), expected payoff of the first player
    index by the payoff of an outcome to the second.
    """

    log_probability_by_lambda: Floats
    log_probability_by_payoff: Floats
    payoff_by_lambda: Floats
    payoff_by_payoff: Floats


def solve_tree(tree: GameTree, lam: float) -> TreeSolution:
    """Solve at one lambda. Raises `GameNotSolved` where the branch cannot be followed so far."""
    return solve_tree_at(tree, [lam])[0]


def solve_tree_at(tree: GameTree, lambdas: Sequence[float]) -> list[TreeSolution]:
    """Solve at several lambdas on one walk along the branch, in the given order."""
    for lam in lambdas:
        if not isfinite(lam) or lam < 0.0:
            raise UsageError(f"lambda is {lam}", expected="a number of at least 0")
    equations = TreeEquations(tree)
    return [solution_at(equations, point) for point in trace(equations, lambdas)]


def solution_at(equations: TreeEquations, point: BranchPoint) -> TreeSolution:
    """The solution at a point of the branch."""
    tree = equations.tree
    log_p = point.log_p
    probabilities = np.exp(log_p)
    if point.lam == 0.0:
        sizes = np.array([len(each.actions) for each in tree.information_sets], dtype=float)
        probabilities = 1.0 / sizes[tree.set_of_action] if sizes.size else probabilities
    found = equations.payoffs(log_p, derivative=False)
    return TreeSolution(
        tree=tree,
        lam=point.lam,
        probabilities=probabilities,
        log_probabilities=log_p,
        payoffs=found.values[0],
        action_payoffs=found.conditional,
        belief=found.belief,
        residual=point.residual,
        is_turned=point.is_turned,
        bifurcations=point.bifurcations,
    )


def differentiate_tree(solution: TreeSolution) -> TreeDerivatives:
    """Derivatives of probabilities and payoffs by lambda and by the payoffs of all outcomes."""
    tree = solution.tree
    equations = TreeEquations(tree)
    log_p, lam = solution.log_probabilities, solution.lam
    _, jacobian, by_lambda = equations.system(log_p, lam)
    actions, outcomes, players = tree.actions, len(tree.outcomes), len(tree.players)
    reached, direct = equations.outcome_weights(log_p)
    by_payoff = np.zeros((actions, outcomes, players))
    mover = np.array([each.player for each in tree.information_sets], dtype=int)[equations.set_of_action]
    by_payoff[np.arange(actions), :, mover] = reached
    average = np.zeros((len(tree.information_sets), outcomes, players))
    np.add.at(average, equations.set_of_action, solution.probabilities[:, None, None] * by_payoff)
    right = lam * (by_payoff - average[equations.set_of_action])
    solved = np.linalg.solve(jacobian, np.column_stack([-by_lambda, right.reshape(actions, -1)]))
    log_by_lambda = np.asarray(solved[:, 0], dtype=float)
    log_by_payoff = np.asarray(solved[:, 1:], dtype=float).reshape(actions, outcomes, players)
    gain = equations.payoff_by_log_p(log_p)  # (players, actions)
    through = np.einsum("ia,aoj->ioj", gain, log_by_payoff)
    return TreeDerivatives(
        log_probability_by_lambda=log_by_lambda,
        log_probability_by_payoff=log_by_payoff,
        payoff_by_lambda=gain @ log_by_lambda,
        payoff_by_payoff=through + np.eye(players)[:, None, :] * direct[None, :, None],
    )
