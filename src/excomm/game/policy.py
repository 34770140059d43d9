"""Moves of both sides: logit responses by backward induction, each pair of types with complete information.

Every four weeks the alliance and the adversary may lower, hold or raise their posture by one. Within a pair of
types (each side resolved or not) both know the game; each side responds with probabilities proportional to
exp(lambda * continuation value). What each side *believes* of the other's type follows from these policies by
Bayes' rule in the simulation. Limits: no signalling by types that hide; the front enters through payoffs only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

__all__ = ["EPOCH_WEEKS", "CompiledGame", "PolicyTables", "Solution", "solve"]

EPOCH_WEEKS = 4
Floats = np.ndarray[Any, np.dtype[np.float64]]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class PolicyTables:
    """Policies as the simulation reads them.

    alliance, adversary: probabilities of the one who moves, shape (epochs, options, draws, 2 * levels, 4). The
    second axis from the right runs over (type of the other side, posture of alliance, posture of adversary),
    the last one over (own type, lowering or raising), so that one look-up finds what both own types would do.
    prior_alliance, prior_adversary: probability of being resolved, shape
    (options, draws, 1).
    """

    alliance: Any
    adversary: Any
    prior_alliance: Any
    prior_adversary: Any


@dataclass(frozen=True)
class CompiledGame:
    """A crisis game in tables. Axes: options o, draws d, epochs e, postures a (alliance) and r (adversary).

    gain, cost: payoffs per epoch for (alliance, adversary), shape (2, o, d, e, a, r), without catastrophe;
    a resolved type feels only `relief` less of its cost. catastrophe: expected loss per epoch from nuclear
    use, same shape, felt by all types. incident: probability per epoch that an incident pulls the adversary up
    by one, shape (o, d, e, a, r). ends: probability per epoch that the war pauses, shape (o, d, e, a, r).
    audience: price of stepping down, shape (2, o, d). precision: lambda times payoff range, shape (2, o, d).
    relief: share of costs that a resolved type does not feel, shape (2, o, d). ceiling, floor: levels of the
    alliance per option; floor_epochs: duration of the floor. discount per epoch. alliance_first: who moves first.
    """

    gain: Floats
    cost: Floats
    catastrophe: Floats
    incident: Floats
    ends: Floats
    audience: Floats
    precision: Floats
    relief: Floats
    ceiling: np.ndarray[Any, np.dtype[np.int64]]
    floor: np.ndarray[Any, np.dtype[np.int64]]
    floor_epochs: Floats
    discount: Floats
    alliance_first: bool = True


@dataclass(frozen=True)
class Solution:
    """Policies of all draws and the largest residual of their defining equations.

    alliance, adversary: probabilities of (lower, hold, raise), shape (e, 2, 2, o, d, a, r, 3) with the types of
    alliance and adversary on the second and third axis. lambda_: choice precision per unit of payoff, (2, o, d).
    """

    alliance: Floats
    adversary: Floats
    precision: Floats
    residual: float


def _softmax(values: Floats) -> Floats:
    shifted = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def _neighbours(values: Floats, axis: int) -> Floats:
    """Values after lowering, holding and raising along an axis: a new last axis of three, edges repeated."""
    levels = values.shape[axis]
    index = np.arange(levels)
    return np.stack(
        [np.take(values, np.clip(index + change, 0, levels - 1), axis=axis) for change in (-1, 0, 1)], axis=-1
    )


def payoff_range(game: CompiledGame) -> Floats:
    """Range of the payoffs of a mean period across posture pairs, without catastrophe; shape (2, o, d).

    The period, not the horizon, is the unit: a posture can be changed again after four weeks, so what a choice
    decides is of the order of one period's payoffs, and a range over the horizon would make every move noise.
    """
    mean = (game.gain - game.cost).mean(axis=3)
    spread = mean.max(axis=(-2, -1)) - mean.min(axis=(-2, -1))
    return np.asarray(np.maximum(spread, 1e-9))


def solve(game: CompiledGame) -> Solution:
    """Solve by one backward induction; exact up to rounding, since no node needs a fixed point."""
    _, options, draws, epochs, levels_alliance, levels_adversary = game.gain.shape
    precision = game.precision / payoff_range(game)
    shape = (2, 2, options, draws, levels_alliance, levels_adversary)
    types = np.arange(2)
    # Share of the cost that each pair of types feels: axis 0 player, then types of alliance and adversary.
    felt = np.ones((2, 2, 2, options, draws, 1, 1))
    felt[0] = 1.0 - types[:, None, None, None, None, None] * game.relief[0][None, None, :, :, None, None]
    felt[1] = 1.0 - types[None, :, None, None, None, None] * game.relief[1][None, None, :, :, None, None]

    level_a = np.arange(levels_alliance)
    closed_a = np.zeros((options, levels_alliance, 3), dtype=bool)
    closed_a[:, 0, 0] = True
    closed_a[:, :, 2] = level_a[None, :] >= game.ceiling[:, None]
    closed_r = np.zeros((levels_adversary, 3), dtype=bool)
    closed_r[0, 0] = closed_r[-1, 2] = True

    value = np.zeros((2, *shape))
    moves_alliance = np.empty((epochs, *shape, 3))
    moves_adversary = np.empty((epochs, *shape, 3))
    for e in reversed(range(epochs)):
        stage = (
            game.gain[:, None, None, :, :, e]
            - felt * game.cost[:, None, None, :, :, e]
            - game.catastrophe[:, None, None, :, :, e]
        )
        incident = game.incident[None, None, None, :, :, e]
        pulled = np.concatenate([value[..., 1:], value[..., -1:]], axis=-1)
        going_on = (1.0 - game.ends[None, None, None, :, :, e]) * game.discount[
            None, None, None, :, :, None, None
        ]
        after = stage + going_on * ((1.0 - incident) * value + incident * pulled)

        # Stepping below the floor costs the alliance its audience, as long as the floor binds; stepping down
        # costs the adversary its own.
        binds = (e < game.floor_epochs)[:, None] & (level_a[None, :] <= game.floor[:, None])
        price_a = game.audience[0][:, :, None] * binds[:, None, :]
        price_r = game.audience[1]

        def adversary_moves(after: Floats, price_r: Floats = price_r) -> tuple[Floats, Floats]:
            choices = _neighbours(after, axis=-1)
            own = choices[1].copy()
            own[..., 0] -= price_r[None, None, :, :, None, None]
            scaled = precision[1][None, None, :, :, None, None, None] * own
            p = _softmax(np.where(closed_r[None, None, None, None, None], -np.inf, scaled))
            merged = (p[None] * choices).sum(axis=-1)
            merged[1] -= p[..., 0] * price_r[None, None, :, :, None, None]
            return p, merged

        def alliance_moves(after: Floats, price_a: Floats = price_a) -> tuple[Floats, Floats]:
            choices = _neighbours(after, axis=-2)
            own = choices[0].copy()
            own[..., 0] -= price_a[None, None, :, :, :, None]
            scaled = precision[0][None, None, :, :, None, None, None] * own
            p = _softmax(np.where(closed_a[None, None, :, None, :, None, :], -np.inf, scaled))
            merged = (p[None] * choices).sum(axis=-1)
            merged[0] -= p[..., 0] * price_a[None, None, :, :, :, None]
            return p, merged

        if game.alliance_first:
            moves_adversary[e], middle = adversary_moves(after)
            moves_alliance[e], value = alliance_moves(middle)
        else:
            moves_alliance[e], middle = alliance_moves(after)
            moves_adversary[e], value = adversary_moves(middle)
    total_error = max(
        float(np.abs(moves.sum(axis=-1) - 1.0).max()) for moves in (moves_alliance, moves_adversary)
    )
    if not (np.isfinite(moves_alliance).all() and np.isfinite(moves_adversary).all()):
        total_error = float("inf")
    return Solution(
        alliance=moves_alliance, adversary=moves_adversary, precision=precision, residual=total_error
    )


def tables(solution: Solution, prior_alliance: Floats, prior_adversary: Floats) -> PolicyTables:
    """Policies in the layout of the simulation; priors have shape (options, draws)."""

    def layout(moves: Floats, own: int, other: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Axes as in `Solution`; own, other: axes of the types of the one who moves and of the other side."""
        epochs, _, _, options, draws, a, r, _ = moves.shape
        both = moves[..., [0, 2]].astype(np.float32)
        return np.ascontiguousarray(
            both.transpose(0, 3, 4, other, 5, 6, own, 7).reshape(epochs, options, draws, 2 * a * r, 4)
        )

    return PolicyTables(
        alliance=layout(solution.alliance, own=1, other=2),
        adversary=layout(solution.adversary, own=2, other=1),
        prior_alliance=prior_alliance.astype(np.float32)[..., None],
        prior_adversary=prior_adversary.astype(np.float32)[..., None],
    )
