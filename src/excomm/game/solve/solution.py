"""What the dynamic solver returns, and how a policy is read from it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from excomm.game.solve.bounds import PlayBounds
from excomm.game.solve.markov import Floats

NEAR_POINTS = 6
LOWEST_LOG = -700.0  # a probability that underflowed to 0 is interpolated as exp of this


@dataclass(frozen=True)
class DynamicSolution:
    """An agent quantal response equilibrium of a crisis game for each draw, and how far to trust it.

    strategies: one array a step, (draws, states, mover's types, points 0, points 1, actions): probability of each
        action given the public state and the public beliefs about actor 0 and actor 1; 0 at illegal actions.
    values: (draws, states, 2 actors, types 0, types 1, points 0, points 1): value of play from the first step
        [utility].
    belief_grids: beliefs (probability of type 1) about actor 0 and actor 1 at the grid points.
    is_solved: (draws,) every node solved to the tolerance; what is not solved must not be used without its bound.
    residual: (draws,) largest error of the node equations [log-odds].
    unsolved, turned, followed: (draws,) numbers of nodes that are not solved, whose path ran back in lambda on the
        way, and that needed the careful follower.
    flagged: one array a step, (draws, states, points 0, points 1): the nodes that are unsolved (2) or turned (1).
    other_equilibria: (draws,) nodes at which a scan found another fixed point, 0 where there is proved to be
        none, or -1 where no scan was made.
    ambiguity: (draws,) largest difference of a probability between those fixed points, NaN without proof or scan.
    martingale_error: (draws,) largest |mean posterior - prior| over the nodes.
    grid_error: (draws,) estimated error of the first informed move from the belief grid, NaN where not estimated.
    levels: (draws,) levels of lambda of the path, 1 where none was needed.
    sharpness: (draws,) largest change of a log-odds in a reply from one belief to the next, where play turns.
    refinement: (draws,) how much finer than `belief_grids` values before a reply were kept.
    bounds: of the draws that are not solved, what holds in every equilibrium of theirs; None where all are solved.
    """

    strategies: tuple[Floats, ...]
    values: Floats
    belief_grids: tuple[Floats, Floats]
    is_solved: NDArray[np.bool_]
    residual: Floats
    unsolved: NDArray[np.int_]
    turned: NDArray[np.int_]
    followed: NDArray[np.int_]
    flagged: tuple[NDArray[np.int8], ...]
    other_equilibria: NDArray[np.int_]
    ambiguity: Floats
    martingale_error: Floats
    grid_error: Floats
    levels: NDArray[np.int_]
    sharpness: Floats
    refinement: NDArray[np.int_]
    bounds: PlayBounds | None = None

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.is_solved.size)

    def take(self, draws: NDArray[np.int_]) -> DynamicSolution:
        """The solution of some of the draws; the bounds stay those of all."""
        whole = ("belief_grids", "bounds")
        picked: dict[str, Any] = {
            each.name: tuple(part[draws] for part in found) if isinstance(found, tuple) else found[draws]
            for each in fields(self)
            if each.name not in whole
            for found in [getattr(self, each.name)]
        }
        return replace(self, **picked)

    @property
    def status(self) -> str:
        """The outcome as a sentence."""
        failed = int(np.sum(~self.is_solved))
        turned = int(np.sum(self.turned > 0))
        if failed == 0:
            head = f"All {self.draws} draws are solved; the largest residual is {self.residual.max():.1e} log-odds."
        else:
            head = (
                f"{failed} of {self.draws} draws are not solved; their largest residual is "
                f"{self.residual.max():.1e} log-odds. They are left out of shares; "
                "`bounds` says what holds in every equilibrium of theirs."
            )
        tail = f" In {turned} of them the path turned back at some node." if turned else ""
        return head + tail

    def __repr__(self) -> str:
        return f"<DynamicSolution: {self.status}>"


def read_policy(
    solution: DynamicSolution, step: int, draw: int, state: int, kind: int, belief_0: float, belief_1: float
) -> Floats:
    """Probabilities of the actions at any belief, (actions,).

    Log-probabilities are interpolated by polynomials through the six nearest grid points and made to add up to 1.
    Bayes' rule applied to the results of both types gives beliefs that are a martingale exactly.
    """
    table = solution.strategies[step][draw, state, kind]
    is_legal = table.max(axis=(0, 1)) > 0.0
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log(table), LOWEST_LOG)
    for belief, grid in zip((belief_0, belief_1), solution.belief_grids, strict=True):
        logs = np.tensordot(_weights(belief, grid.size), logs, axes=(0, 0))
    weights = np.where(is_legal, np.exp(logs - logs[is_legal].max()), 0.0)
    return np.asarray(weights / weights.sum())


def _weights(belief: float, points: int) -> Floats:
    """Weights of the grid points, (points,), for a value at `belief`."""
    weights = np.zeros(points)
    low, part = place_on_grid(belief, points)
    if points < 4 or part == 0.0:
        weights[low] = 1.0
        return weights
    near = min(NEAR_POINTS, points)
    first = min(max(low - near // 2 + 1, 0), points - near)
    at = low + part - first
    for here in range(near):
        others = [other for other in range(near) if other != here]
        weights[first + here] = np.prod([(at - other) / (here - other) for other in others])
    return weights


def place_on_grid(belief: float, points: int) -> tuple[int, float]:
    """Interval of a belief and the fraction of it, on the grid of `belief_grid(points)`."""
    if points == 1:
        return 0, 0.0
    root, other = np.sqrt(belief), np.sqrt(1.0 - belief)
    scaled = root / (root + other) * (points - 1)
    low = min(int(scaled), points - 2)
    return low, float(scaled - low)


def update_belief(belief: float, low: float, high: float) -> float:
    """Belief after an action that type 0 takes with probability `low` and type 1 with probability `high`."""
    weight = belief * high
    total = weight + (1.0 - belief) * low
    return belief if total == 0.0 else weight / total
