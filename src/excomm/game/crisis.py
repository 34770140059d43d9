"""The crisis game of each draw: payoffs and transitions from what the world brings in each period, for the solver.

The same parameters drive world and game. Limits: what a pair of postures brings in a period does not depend on how
long it has been held; what happens after the crisis is over or after the horizon counts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from excomm.game.front import front_law
from excomm.game.payoffs import Stage, payoff_range
from excomm.game.solve import MarkovGame, Step
from excomm.game.states import HOLD, LOWER, States

__all__ = ["CrisisBlock", "build_game", "signatures"]

Floats = np.ndarray[Any, np.dtype[np.float64]]
READ_BY_MOVES = (
    "game.precision_alliance", "game.precision_adversary", "game.discount", "resolve.alliance",
    "resolve.alliance_relief", "resolve.adversary_relief", "utility.alliance.audience", "utility.adversary.audience",
    "utility.adversary.warning",
)  # fmt: skip


@dataclass(frozen=True)
class CrisisBlock:
    """All that the games of some draws are built from; axes: options o, draws d, epochs e, postures a and r, bins f.

    stage: payoffs of the periods. periods: what the world brings, id -> (o, d, e, a, r, f). values: parameters,
    id -> (o, d). area: the host's change of area at each bin at the start of each epoch and at the end,
    (o, d, e + 1, f) [km2]. noise: standard deviation of what chance moves at the front in an epoch under each posture
    of the adversary, (o, d, e, r) [km2]. collapse: area that the collapse of a sector moves, (o, d, r) [km2]. ceiling,
    floor: highest alliance posture that is open, and lowest that can be left without the audience cost, (o,);
    floor_epochs: how long, (o,). alliance_first: who moves first in an epoch.
    """

    stage: Stage
    periods: Mapping[str, Floats]
    values: Mapping[str, Floats]
    area: Floats
    noise: Floats
    collapse: Floats
    ceiling: np.ndarray[Any, np.dtype[np.int64]]
    floor: np.ndarray[Any, np.dtype[np.int64]]
    floor_epochs: Floats
    alliance_first: bool

    @property
    def fronts(self) -> int:
        """Number of bins of the front."""
        return int(self.area.shape[-1])

    @property
    def epochs(self) -> int:
        """Number of epochs."""
        return int(self.area.shape[2]) - 1

    def states(self, option: int) -> States:
        """Public states under an option."""
        return States(int(self.ceiling[option]) + 1, int(self.stage.gain.shape[5]), self.fronts)

    @property
    def limits(self) -> Floats:
        """Borders between the bins at the start of each epoch, (o, d, e, f - 1) [km2]; it begins in the middle."""
        middle = 0.5 * (self.area[:, :, :-1, 1:] + self.area[:, :, :-1, :-1])
        below = np.arange(self.fronts - 1) < self.fronts // 2
        middle[:, :, 0] = np.where(below, -np.inf, np.inf)
        return middle


def _rows(array: Floats, options: Sequence[int]) -> Floats:
    """The chosen options with all their draws as one axis of games, (games, ...)."""
    chosen = array[list(options)]
    return chosen.reshape(-1, *chosen.shape[2:])


class _Builder:
    """Arrays of the games of some options that share their states."""

    def __init__(self, block: CrisisBlock, options: Sequence[int]) -> None:
        self.block, self.options = block, list(options)
        self.states = block.states(self.options[0])
        if any(block.states(option) != self.states for option in self.options):
            raise ValueError("options with different ceilings have different states")
        self.a, self.r, self.f, self.w = self.states.parts
        self.area, self.noise, self.collapse = (
            _rows(array, options) for array in (block.area, block.noise, block.collapse)
        )
        self.games = self.area.shape[0]

    def value(self, name: str) -> Floats:
        """A parameter, (games, 1)."""
        return _rows(self.block.values[name], self.options)[:, None]

    def at_states(self, array: Floats, epoch: int) -> Floats:
        """What an array (o, d, e, a, r, f) holds at each state but the last, (games, states - 1)."""
        return np.asarray(_rows(array[:, :, epoch], self.options)[:, self.a, self.r, self.f])

    def stage(self, epoch: int) -> Floats:
        """Payoff of an epoch in each state for both actors and types of the adversary, (games, states, 2, 1, 2)."""
        stage = self.block.stage
        now = np.zeros((self.games, self.states.count, 2, 1, 2))
        alliance_felt = 1.0 - self.value("resolve.alliance") * self.value("resolve.alliance_relief")
        adversary_felt = (1.0, 1.0 - self.value("resolve.adversary_relief"))
        for actor in (0, 1):
            gain, cost = self.at_states(stage.gain[actor], epoch), self.at_states(stage.cost[actor], epoch)
            loss = self.at_states(stage.catastrophe[actor], epoch)
            for kind in (0, 1):
                felt = adversary_felt[kind] if actor else alliance_felt
                now[:, :-1, actor, 0, kind] = gain - felt * cost - loss
        return now

    def prices(self, mover: int, epoch: int) -> Floats:
        """What a move itself costs who makes it, (games, states, moves, 2, 1, 1)."""
        price = np.zeros((self.games, self.states.count, 4 if mover else 3, 2, 1, 1))
        if mover == 0:
            floor = np.repeat(self.block.floor[self.options], self.games // len(self.options))[:, None]
            ends = np.repeat(self.block.floor_epochs[self.options], self.games // len(self.options))[:, None]
            binds = (epoch < ends) & (self.a <= floor)
            price[:, :-1, LOWER, 0, 0, 0] = -self.value("utility.alliance.audience") * binds
            return price
        broken = self.value("utility.adversary.warning") * self.w
        price[:, :-1, LOWER, 1, 0, 0] = -self.value("utility.adversary.audience") - broken
        price[:, :-1, HOLD, 1, 0, 0] = -broken
        return price

    def chance(self, epoch: int) -> Floats:
        """Incidents, the front, and the end of the crisis, (games, states, states).

        An incident pulls the adversary up by one posture, and a warning that was outstanding is thereby carried out.
        The discount counts as a chance that nothing of what follows matters.
        """
        block, states = self.block, self.states
        incident = -np.expm1(-self.at_states(block.periods["incident_hazard"], epoch))
        ends = -np.expm1(-self.at_states(block.periods["agreement_hazard"], epoch))
        going_on = self.value("game.discount") * (1.0 - ends)
        before, after = self.area[:, epoch], self.area[:, epoch + 1]
        limits = 0.5 * (after[:, 1:] + after[:, :-1])
        found = {
            name: _rows(block.periods[name][:, :, epoch], self.options)
            for name in ("front_gain", "break_host", "break_adversary")
        }
        law = front_law(
            -found["front_gain"], before[:, None, None], limits[:, None, None], self.noise[:, None, epoch],
            (-np.expm1(-found["break_host"]), -np.expm1(-found["break_adversary"])), self.collapse[:, None],
        )  # fmt: skip
        law = law[:, self.a, self.r, self.f]
        chance = np.zeros((self.games, states.count, states.count))
        here = np.arange(states.count - 1)
        higher = np.minimum(self.r + 1, states.adversary - 1)
        for bin_after in range(states.fronts):
            share = going_on * law[:, :, bin_after]
            chance[:, here, states.number(self.a, self.r, bin_after, self.w)] += share * (1.0 - incident)
            chance[:, here, states.number(self.a, higher, bin_after, 0)] += share * incident
        chance[:, :-1, -1] = 1.0 - going_on
        chance[:, -1, -1] = 1.0
        return chance


def build_game(block: CrisisBlock, options: Sequence[int], *, beliefs: int) -> MarkovGame:
    """Games of all draws under options that share their states: games in the order of options, then draws.

    Lambda is the precision over the range of the payoffs of a period, without catastrophe.
    """
    builder = _Builder(block, options)
    moves = (builder.states.alliance_moves(), builder.states.adversary_moves())
    order = (0, 1) if block.alliance_first else (1, 0)
    steps: list[Step] = []
    for epoch in range(block.epochs):
        chance = builder.chance(epoch)
        for place, mover in enumerate(order):
            legal, after = moves[mover]
            price = builder.prices(mover, epoch)
            name = f"epoch {epoch + 1}: {('alliance', 'adversary')[mover]}"
            payoff = price if place == 0 else price + builder.stage(epoch)[:, after]
            steps.append(Step(mover, legal, after, payoff, chance=chance if place else None, name=name))
    scale = np.stack([_rows(each, options) for each in payoff_range(block.stage)], axis=1)
    precision = np.concatenate(
        [builder.value(f"game.precision_{side}") for side in ("alliance", "adversary")], axis=1
    )
    final = np.zeros((builder.games, builder.states.count, 2, 1, 1))
    return MarkovGame(tuple(steps), final, precision / scale, (1, 2), (1, beliefs))


def signatures(block: CrisisBlock, option: int) -> list[bytes]:
    """For each draw, a digest of all that its game is built from: equal digests, equal games.

    What an option alone decides and the game does not ask, above all where the alliance starts, is no part of it.
    """
    top = int(block.ceiling[option]) + 1
    stage = block.stage
    scale = payoff_range(stage)
    shared = repr(
        (top, int(block.floor[option]), float(block.floor_epochs[option]), block.alliance_first)
    ).encode()
    found = []
    for draw in range(block.area.shape[1]):
        digest = blake2b(shared, digest_size=16)
        for array in (stage.gain, stage.cost, stage.catastrophe):
            digest.update(np.ascontiguousarray(array[:, option, draw, :, :top]).tobytes())
        for name in ("incident_hazard", "agreement_hazard", "front_gain", "break_host", "break_adversary"):
            digest.update(np.ascontiguousarray(block.periods[name][option, draw, :, :top]).tobytes())
        for array in (block.area, block.noise, block.collapse):
            digest.update(np.ascontiguousarray(array[option, draw]).tobytes())
        own = [float(block.values[name][option, draw]) for name in READ_BY_MOVES]
        numbers = np.array([*scale[:, option, draw], *own])
        digest.update(numbers.tobytes())
        found.append(digest.digest())
    return found
