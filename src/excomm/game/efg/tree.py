"""An extensive-form game as flat arrays over its nodes, in pre-order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

CHANCE = -1
TERMINAL = -2


@dataclass(frozen=True)
class InformationSet:
    """Where a player cannot tell several nodes apart.

    player: from 0; number and label: as in the file; actions: their labels; first_action: number of its first action
    among the actions of all information sets of the game.
    """

    player: int
    number: int
    label: str
    actions: tuple[str, ...]
    first_action: int


@dataclass(frozen=True)
class GameTree:
    """A game. Nodes are numbered in pre-order, so a parent stands before its children.

    parent: (nodes,) node above, -1 at the root.
    branch: (nodes,) which action of the parent leads here, from 0; -1 at the root.
    mover: (nodes,) player who moves, from 0, or CHANCE or TERMINAL.
    information_set: (nodes,) index into `information_sets`, -1 where no player moves.
    chance: (nodes,) probability of the branch that leads here where chance moves above, 1 elsewhere.
    payoff: (nodes, players) of the outcome at the node, 0 where there is none; payoffs add up along the play.
    outcome: (nodes,) index into `outcomes` or -1; node_labels, branch_labels: (nodes,) texts.
    information_sets: players in file order, each player's by first visit in pre-order.
    """

    title: str
    comment: str
    players: tuple[str, ...]
    parent: NDArray[np.int_]
    branch: NDArray[np.int_]
    mover: NDArray[np.int_]
    information_set: NDArray[np.int_]
    chance: NDArray[np.float64]
    payoff: NDArray[np.float64]
    outcome: NDArray[np.int_]
    outcomes: tuple[str, ...]
    node_labels: tuple[str, ...]
    branch_labels: tuple[str, ...]
    information_sets: tuple[InformationSet, ...]

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return int(self.parent.size)

    @cached_property
    def actions(self) -> int:
        """Number of actions of all information sets together."""
        return sum(len(each.actions) for each in self.information_sets)

    @cached_property
    def set_of_action(self) -> NDArray[np.int_]:
        """Information set of each action, (actions,)."""
        sizes = [len(each.actions) for each in self.information_sets]
        return np.repeat(np.arange(len(sizes)), sizes)

    @cached_property
    def action(self) -> NDArray[np.int_]:
        """Action that leads to each node, (nodes,); -1 at the root and below chance."""
        first = np.array([each.first_action for each in self.information_sets], dtype=int)
        above = np.where(self.parent >= 0, self.information_set[self.parent], -1)
        if not first.size:
            return np.full(self.nodes, -1)
        return np.where(above >= 0, first[above] + self.branch, -1)

    @cached_property
    def depth(self) -> NDArray[np.int_]:
        """Number of moves before each node, (nodes,)."""
        depth = np.zeros(self.nodes, dtype=int)
        for node in range(1, self.nodes):
            depth[node] = depth[self.parent[node]] + 1
        return depth

    def __repr__(self) -> str:
        return (
            f"<GameTree {self.title!r}: {len(self.players)} players, {self.nodes} nodes, "
            f"{len(self.information_sets)} information sets>"
        )
