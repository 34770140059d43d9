"""What every equilibrium of a draw has in common: bounds for draws that the path did not solve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from excomm.game.solve.markov import Floats, MarkovGame, Step


@dataclass(frozen=True)
class PlayBounds:
    """Bounds that hold in every logit equilibrium of a draw, at any belief, solved or not.

    draws: (n,) which draws of the game. low, high: (n, states, 2 actors, types 0, types 1) value of play from the first
    step [utility]. first_low, first_high: (n, states, mover's types, actions) probabilities of the first move.
    """

    draws: NDArray[np.int_]
    low: Floats
    high: Floats
    first_low: Floats
    first_high: Floats


def bound_play(game: MarkovGame, draws: NDArray[np.int_]) -> PlayBounds:
    """Bound values and first moves of some draws by one backward induction with intervals.

    An action's probability is least where all that may follow it is worst for the mover and all that may follow the
    others is best; a value is least where the actions that lead to less are as likely as they can be.
    """
    part = game.take(draws)
    shape = (part.draws, part.states, 2, *part.types)
    low = high = np.broadcast_to(part.final_payoff, shape)
    least = most = np.zeros((part.draws, part.states, 1, 1))
    for step in reversed(part.steps):
        lam = part.lambdas[:, step.mover]
        low, high, least, most = _before(step, lam, low, high)
    return PlayBounds(draws, low, high, least, most)


def _before(step: Step, lam: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    worst, best = _after_actions(step, low), _after_actions(step, high)  # (n, S, A, 2, types, types)
    other = 4 - step.mover  # the axis of the other's types in what belongs to the mover alone
    own_worst, own_best = (
        worst[:, :, :, step.mover].min(axis=other),
        best[:, :, :, step.mover].max(axis=other),
    )
    least, most = _chances(lam, own_worst, own_best, step.legal)
    spread = np.expand_dims(least, (3, other + 1)), np.expand_dims(most, (3, other + 1))
    return (
        _mean(worst, *spread),
        -_mean(-best, *spread),
        np.moveaxis(least, 2, 3),
        np.moveaxis(most, 2, 3),
    )


def _after_actions(step: Step, after: Floats) -> Floats:
    if step.chance is not None:
        flat = after.reshape(*after.shape[:2], -1)
        after = (step.chance @ flat).reshape(after.shape)
    if step.successor.ndim == 2:
        later = after[:, step.successor]
    else:
        law = step.branch_probability
        assert law is not None
        later = (law[..., None, None, None] * after[:, step.successor]).sum(axis=3)
    return np.asarray(later + step.payoff)


def _chances(lam: Floats, worst: Floats, best: Floats, legal: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Least and greatest probabilities of the actions, (n, S, A, own types), from bounds of their values."""
    may = legal[None, :, :, None]
    scale = lam[:, None, None, None]
    low, high = np.where(may, scale * worst, -np.inf), np.where(may, scale * best, -np.inf)
    least, most = np.zeros_like(low), np.zeros_like(low)
    for action in range(low.shape[2]):
        others = np.arange(low.shape[2]) != action
        for chance, own, rival in ((least, low, high), (most, high, low)):
            with np.errstate(over="ignore", invalid="ignore"):
                gap = rival[:, :, others] - own[:, :, action, None]
                chance[:, :, action] = 1.0 / (1.0 + np.exp(np.where(np.isnan(gap), -np.inf, gap)).sum(axis=2))
    return np.where(may, least, 0.0), np.where(may, most, 0.0)


def _mean(values: Floats, least: Floats, most: Floats) -> Floats:
    """The smallest mean over the actions (axis 2) when each probability lies between its bounds."""
    order = np.argsort(values, axis=2)
    values, least, room = (
        np.take_along_axis(np.broadcast_to(table, values.shape), order, axis=2)
        for table in (values, least, most - least)
    )
    left = 1.0 - least.sum(axis=2, keepdims=True)
    taken = np.clip(left - (np.cumsum(room, axis=2) - room), 0.0, room)
    return np.asarray(((least + taken) * values).sum(axis=2))
