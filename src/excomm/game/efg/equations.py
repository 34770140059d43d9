"""The logit equations of a game tree and their exact derivatives.

The unknowns are the log-probabilities `log_p` of all actions of all information sets. An agent plays action a of
information set h with a probability proportional to exp(lambda * u(a)), u(a) being its expected payoff when h has been
reached: the nodes of h weighted by Bayes' rule. So the equations are

    log_p[a] - lambda * u[a] + log(sum over b in h of exp(lambda * u[b])) = 0.

Reach probabilities are kept as logarithms: with large lambda they are far below the smallest floating-point number.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from excomm.errors import GameFileError
from excomm.game.efg.tree import GameTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]

LOG_OF_ZERO = -1e6  # a chance branch of probability 0: unreachable, but beliefs behind it keep their limit
MOST_ACTIONS = 3000  # the Jacobian is a full matrix of this side
MOST_PAIRS = 20_000_000  # pairs of an action and an action above it


@dataclass(frozen=True)
class Payoffs:
    """Of the actions, at given log-probabilities.

    conditional: (actions,) payoff when the information set is reached; by_log_p: (actions, actions) its derivative by
    the log-probabilities, or None; values: (nodes, players) payoff from each node on; belief: (nodes,) weight of a
    node in its information set.
    """

    conditional: Floats
    by_log_p: Floats | None
    values: Floats
    belief: Floats


class TreeEquations:
    """The equations of one game; what does not depend on the probabilities is worked out once."""

    def __init__(self, tree: GameTree) -> None:
        self.tree = tree
        self.size = tree.actions
        if self.size > MOST_ACTIONS:
            raise GameFileError(
                f"the game has {self.size} actions of information sets", expected=f"at most {MOST_ACTIONS}"
            )
        self.set_of_action = tree.set_of_action
        self.first = np.array([each.first_action for each in tree.information_sets], dtype=int)
        self._check_size()
        self.levels = _levels(tree)
        with np.errstate(divide="ignore"):
            chance = np.where(tree.chance > 0, np.log(tree.chance), LOG_OF_ZERO)
        self.log_chance = chance
        self.edges = np.flatnonzero(tree.action >= 0)  # nodes below an action of a player
        self.edge_action = tree.action[self.edges]
        self.edge_set = self.set_of_action[self.edge_action] if self.size else np.zeros(0, dtype=int)
        players = np.array([each.player for each in tree.information_sets], dtype=int)
        self.edge_player = players[self.edge_set] if self.size else np.zeros(0, dtype=int)
        self.below, self.above = self._pairs()

    def _check_size(self) -> None:
        """Refuse a game whose pairs of moves on one path would not fit into memory."""
        tree = self.tree
        moves = np.zeros(tree.nodes, dtype=int)
        own = (tree.action >= 0).astype(int)
        for node in range(1, tree.nodes):
            moves[node] = moves[tree.parent[node]] + own[node]
        if int(moves.sum()) > MOST_PAIRS:
            raise GameFileError(
                "the game is too large to solve", expected=f"at most {MOST_PAIRS:,} pairs of moves"
            )

    def _pairs(self) -> tuple[Ints, Ints]:
        """Pairs of edges on one path, as places in `edges`: the lower and the upper one."""
        place = np.full(self.tree.nodes, -1)
        place[self.edges] = np.arange(self.edges.size)
        below, above = [], []
        at, low = self.tree.parent[self.edges], np.arange(self.edges.size)
        while at.size:
            upper = place[at]
            hit = upper >= 0
            below.append(low[hit])
            above.append(upper[hit])
            at = self.tree.parent[at]
            keep = at >= 0
            at, low = at[keep], low[keep]
        if not below:
            return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
        return np.concatenate(below), np.concatenate(above)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def payoffs(self, log_p: Floats, *, derivative: bool) -> Payoffs:
        """Payoffs of the actions and, on request, their derivatives; not finite at log-probabilities far above 0."""
        tree = self.tree
        branch, reach = self._reach(log_p)
        values = tree.payoff.copy()
        weight = np.exp(branch)
        for level in reversed(self.levels):
            part = weight[level.children, None] * values[level.children]
            values[level.parents] += np.add.reduceat(part, level.starts, axis=0)
        belief, log_mass = self._beliefs(reach)
        own = values[self.edges, self.edge_player]
        edge_belief = belief[tree.parent[self.edges]]
        conditional = (
            np.bincount(self.edge_action, weights=edge_belief * own, minlength=self.size)
            .astype(float)
            .astype(float)
        )
        by_log_p = None
        if derivative:
            by_log_p = self._derivative(reach, log_p, log_mass, values, belief, conditional)
        return Payoffs(conditional, by_log_p, values, belief)

    def _derivative(
        self,
        reach: Floats,
        log_p: Floats,
        log_mass: Floats,
        values: Floats,
        belief: Floats,
        conditional: Floats,
    ) -> Floats:
        below, above = self.below, self.above
        low_action, high_action = self.edge_action[below], self.edge_action[above]
        # the payoff of the upper action moves with the play below it ...
        path = np.exp(reach[self.edges[below]] - log_p[high_action] - log_mass[self.edge_set[above]])
        low = self.edges[below]
        through = path * values[low, self.edge_player[above]]
        # ... and that of the lower action with the play above it, through the belief
        surplus = values[low, self.edge_player[below]] - conditional[low_action]
        learning = belief[self.tree.parent[low]] * surplus
        size = self.size
        flat = np.bincount(high_action * size + low_action, weights=through, minlength=size * size)
        flat += np.bincount(low_action * size + high_action, weights=learning, minlength=size * size)
        return np.asarray(flat.reshape(size, size))

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def system(self, log_p: Floats, lam: float, bonus: Floats | float = 0.0) -> tuple[Floats, Floats, Floats]:
        """Errors (actions,), their Jacobian by log_p (actions, actions) and their derivative by lambda (actions,).

        bonus: added to lambda * u, (actions,); used to leave a bifurcation on a definite side.
        """
        found = self.payoffs(log_p, derivative=True)
        assert found.by_log_p is not None
        logits = lam * found.conditional + bonus
        log_q = self.log_softmax(logits)
        q = np.exp(log_q)
        by_p = found.by_log_p
        mean = np.add.reduceat(q[:, None] * by_p, self.first, axis=0)
        jacobian = -lam * (by_p - mean[self.set_of_action])
        jacobian[np.diag_indices(self.size)] += 1.0
        average = np.bincount(self.set_of_action, weights=q * found.conditional, minlength=self.first.size)
        by_lambda = -(found.conditional - average[self.set_of_action])
        return log_p - log_q, jacobian, by_lambda

    def outcome_weights(self, log_p: Floats) -> tuple[Floats, Floats]:
        """Probability of each outcome after each action when its information set is reached, (actions, outcomes), and
        in the whole game, (outcomes,)."""
        tree = self.tree
        branch, reach = self._reach(log_p)
        del branch
        outcomes = len(tree.outcomes)
        nodes = np.flatnonzero(tree.outcome >= 0)
        direct = np.bincount(tree.outcome[nodes], weights=np.exp(reach[nodes]), minlength=outcomes)
        _, log_mass = self._beliefs(reach)
        weights = np.zeros((self.size, outcomes))
        at, leaf = nodes, nodes
        while at.size:
            action = tree.action[at]
            hit = action >= 0
            sets = self.set_of_action[action[hit]]
            share = np.exp(reach[leaf[hit]] - log_p[action[hit]] - log_mass[sets])
            np.add.at(weights, (action[hit], tree.outcome[leaf[hit]]), share)
            above = tree.parent[at]
            keep = above >= 0
            at, leaf = above[keep], leaf[keep]
        return weights, np.asarray(direct, dtype=np.float64)

    def payoff_by_log_p(self, log_p: Floats) -> Floats:
        """Derivatives of the expected payoffs of the game by the log-probabilities, (players, actions)."""
        found = self.payoffs(log_p, derivative=False)
        _, reach = self._reach(log_p)
        gain = np.exp(reach[self.edges])[:, None] * found.values[self.edges]
        total = np.zeros((self.size, found.values.shape[1]))
        np.add.at(total, self.edge_action, gain)
        return total.T

    def _reach(self, log_p: Floats) -> tuple[Floats, Floats]:
        """Log-probability of the branch to each node and of reaching it, (nodes,) both."""
        branch = self.log_chance.copy()
        branch[self.edges] += log_p[self.edge_action]
        reach: Floats = np.zeros(self.tree.nodes)
        for level in self.levels:
            reach[level.children] = reach[level.parents_of] + branch[level.children]
        return branch, reach

    def _beliefs(self, reach: Floats) -> tuple[Floats, Floats]:
        """Weight of each node in its information set, (nodes,), and the log-mass of each set."""
        tree = self.tree
        members = np.flatnonzero(tree.information_set >= 0)
        belief: Floats = np.zeros(tree.nodes)
        sets = tree.information_set[members]
        top = np.full(len(tree.information_sets), -np.inf)
        np.maximum.at(top, sets, reach[members])
        shifted = np.exp(reach[members] - top[sets])
        mass = np.bincount(sets, weights=shifted, minlength=top.size)
        belief[members] = shifted / mass[sets]
        return belief.astype(float), np.asarray(top + np.log(mass), dtype=float)

    def log_softmax(self, logits: Floats) -> Floats:
        """Log-probabilities proportional to exp(logits) within each information set."""
        if not self.size:
            return logits
        top = np.maximum.reduceat(logits, self.first)
        shifted = logits - top[self.set_of_action]
        mass = np.add.reduceat(np.exp(shifted), self.first)
        return np.asarray(shifted - np.log(mass)[self.set_of_action])


@dataclass(frozen=True)
class _Level:
    """Nodes of one depth: children, their parents, and where the children of each parent begin."""

    children: Ints
    parents_of: Ints
    parents: Ints
    starts: Ints


def _levels(tree: GameTree) -> list[_Level]:
    order = np.lexsort((np.arange(tree.nodes), tree.depth))
    ends = np.cumsum(np.bincount(tree.depth[order]))
    found = []
    for start, end in pairwise(ends):
        children = order[start:end]
        parents_of = tree.parent[children]
        parents, starts = np.unique(parents_of, return_index=True)
        found.append(_Level(children, parents_of, parents, starts))
    return found
