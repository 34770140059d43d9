"""The description of a finite-horizon crisis game that the solver takes: plain arrays, batched over draws.

Two actors (0 and 1) move in a fixed order of *steps*. All of them see the public state. Each actor has one type, or
two of which it alone knows its own (0: bluffing, 1: resolved); what others believe about it is the probability of
type 1, and follows Bayes' rule from the equilibrium itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from excomm.errors import UsageError

Floats = NDArray[np.float64]
PROBABILITY_SLACK = 1e-9
FEWEST_BELIEFS = 5


@dataclass(frozen=True)
class Step:
    """One move and the chance after it. Leading axis `draws` may be 1: the same for all draws.

    mover: 0 or 1.
    legal: bool, (states, actions); every state has a legal action, one only where there is nothing to decide.
    successor: int, (states, actions) or (states, actions, branches): public state after the action.
    branch_probability: (draws, states, actions, branches), or None where there is one branch.
    payoff: (draws, states, actions, 2 actors, types of actor 0, types of actor 1), type axes may be 1 (alike for
        all types); what each actor gets for this action now [utility].
    chance: (draws, states, states), rows sum to 1: what happens after the move, or None.
    name: for messages and policy tables, "epoch 3: adversary".
    """

    mover: int
    legal: NDArray[np.bool_]
    successor: NDArray[np.int_]
    payoff: Floats
    branch_probability: Floats | None = None
    chance: Floats | None = None
    name: str = ""


@dataclass(frozen=True)
class MarkovGame:
    """A crisis game for a batch of draws.

    steps: in the order of play; the same `Step` object may stand at several places.
    final_payoff: (draws, states, 2 actors, types of actor 0, types of actor 1), type axes may be 1 [utility].
    lambdas: (draws, 2): each actor's own logit precision [1/utility].
    types: number of types of each actor, 1 or 2; (1, 1) is complete information.
    beliefs: number of grid points for the belief about each actor, at least 5 where it has two types; ignored
        where it has one.
    """

    steps: tuple[Step, ...]
    final_payoff: Floats
    lambdas: Floats
    types: tuple[int, int] = (1, 2)
    beliefs: tuple[int, int] = (21, 21)

    def __post_init__(self) -> None:
        _check(self)

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.lambdas.shape[0])

    @property
    def states(self) -> int:
        """Number of public states."""
        return int(self.final_payoff.shape[1])

    @property
    def points(self) -> tuple[int, int]:
        """Grid points of the belief about each actor: 1 where there is nothing to learn."""
        first, second = (
            points if kinds == 2 else 1 for kinds, points in zip(self.types, self.beliefs, strict=True)
        )
        return first, second

    def take(self, draws: NDArray[np.int_]) -> MarkovGame:
        """The same game for some of the draws."""

        def pick(array: Floats | None) -> Floats | None:
            return array if array is None or array.shape[0] == 1 else array[draws]

        seen: dict[int, Step] = {}
        for step in self.steps:
            if id(step) not in seen:
                payoff = pick(step.payoff)
                assert payoff is not None
                seen[id(step)] = Step(
                    step.mover, step.legal, step.successor, payoff,
                    pick(step.branch_probability), pick(step.chance), step.name,
                )  # fmt: skip
        final = pick(self.final_payoff)
        assert final is not None
        steps = tuple(seen[id(step)] for step in self.steps)
        return MarkovGame(steps, final, self.lambdas[draws], self.types, self.beliefs)

    def with_beliefs(self, first: int, second: int) -> MarkovGame:
        """The same game on another belief grid."""
        return MarkovGame(self.steps, self.final_payoff, self.lambdas, self.types, (first, second))


def _refuse(what: str, expected: str) -> UsageError:
    return UsageError(what, expected=expected, next_step="Correct the game's arrays.")


def _check(game: MarkovGame) -> None:
    if game.lambdas.ndim != 2 or game.lambdas.shape[1] != 2 or not np.all(np.isfinite(game.lambdas)):
        raise _refuse(f"lambdas have shape {game.lambdas.shape}", "finite numbers of shape (draws, 2)")
    if np.any(game.lambdas < 0):
        raise _refuse("a lambda is negative", "lambdas of at least 0")
    if any(kinds not in (1, 2) for kinds in game.types):
        raise _refuse(f"types are {game.types}", "one or two types for each actor")
    for kinds, points in zip(game.types, game.beliefs, strict=True):
        if kinds == 2 and points < FEWEST_BELIEFS:
            raise _refuse(f"a belief grid has {points} points", f"at least {FEWEST_BELIEFS}")
    if not game.steps:
        raise _refuse("the game has no steps", "at least one move")
    if game.final_payoff.ndim != 5 or game.final_payoff.shape[2] != 2:
        raise _refuse(f"final_payoff has shape {game.final_payoff.shape}", "(draws, states, 2, types, types)")
    _check_payoff(game, game.final_payoff, "final_payoff")
    for number, step in {id(step): (place, step) for place, step in enumerate(game.steps)}.values():
        _check_step(game, step, f"steps[{number}]")


def _check_payoff(game: MarkovGame, payoff: Floats, where: str) -> None:
    if not np.all(np.isfinite(payoff)):
        raise _refuse(f"{where} holds a value that is not finite", "finite payoffs")
    shape = (payoff.shape[0], *payoff.shape[-2:])
    if any(size not in (1, full) for size, full in zip(shape, (game.draws, *game.types), strict=True)):
        raise _refuse(
            f"{where} has shape {payoff.shape}", f"{game.draws} draws and types {game.types}, or 1 each"
        )


def _check_step(game: MarkovGame, step: Step, where: str) -> None:
    states = game.states
    if step.mover not in (0, 1):
        raise _refuse(f"{where} is moved by {step.mover}", "actor 0 or 1")
    actions = step.legal.shape[1] if step.legal.ndim == 2 else 0
    if step.legal.shape != (states, actions) or not np.all(step.legal.any(axis=1)):
        raise _refuse(
            f"{where}.legal has shape {step.legal.shape} or a state without action", "a legal action each"
        )
    if step.successor.shape[:2] != (states, actions) or step.successor.ndim not in (2, 3):
        raise _refuse(
            f"{where}.successor has shape {step.successor.shape}", f"({states}, {actions}[, branches])"
        )
    if step.successor.min() < 0 or step.successor.max() >= states:
        raise _refuse(f"{where}.successor names a state that does not exist", f"0 to {states - 1}")
    if step.payoff.ndim != 6 or step.payoff.shape[1:4] != (states, actions, 2):
        raise _refuse(
            f"{where}.payoff has shape {step.payoff.shape}", f"(draws, {states}, {actions}, 2, types, types)"
        )
    _check_payoff(game, step.payoff, f"{where}.payoff")
    for name, law in (("branch_probability", step.branch_probability), ("chance", step.chance)):
        if law is None:
            continue
        if law.shape[0] not in (1, game.draws) or law.shape[1] != states:
            raise _refuse(f"{where}.{name} has shape {law.shape}", "draws (or 1) and states first")
        if np.any(law < -PROBABILITY_SLACK) or np.any(np.abs(law.sum(axis=-1) - 1.0) > PROBABILITY_SLACK):
            raise _refuse(f"{where}.{name} is not a probability", "rows that sum to 1")
    branches = step.successor.shape[2] if step.successor.ndim == 3 else 1
    given = 1 if step.branch_probability is None else step.branch_probability.shape[-1]
    if given != branches:
        raise _refuse(
            f"{where} has {branches} branches but {given} probabilities", "one probability for each branch"
        )
