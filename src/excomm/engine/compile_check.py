"""How well the compiled game foresees what its own policies bring in the simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from excomm.engine.crisis import BLOCK_DRAWS, Crisis
from excomm.engine.simulation import simulate
from excomm.game.equilibrium import SolvedBlock
from excomm.game.periods import EPOCH_WEEKS
from excomm.game.reading import follow, postures_path

__all__ = ["CompileCheck", "check_compile"]

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class CompileCheck:
    """Game against simulation under the same policies, one option.

    foreseen, simulated: probability of each adversary posture in each epoch while the war goes on, (epochs, postures);
    front_foreseen, front_simulated: likewise of the bins of the front at the start of each epoch but the first.
    warnings_foreseen, warnings_simulated: share of the adversary's moves that are warnings. error: Monte Carlo standard
    error of the simulated posture shares, largest.
    """

    option: str
    foreseen: Floats
    simulated: Floats
    front_foreseen: Floats
    front_simulated: Floats
    warnings_foreseen: float
    warnings_simulated: float
    error: float

    @property
    def largest(self) -> float:
        """Largest difference between the shares of a posture."""
        return float(np.abs(self.foreseen - self.simulated).max())

    @property
    def mean(self) -> float:
        """Mean difference between the shares of a posture."""
        return float(np.abs(self.foreseen - self.simulated).mean())

    @property
    def front(self) -> float:
        """Largest difference between the shares of a bin of the front."""
        return float(np.abs(self.front_foreseen - self.front_simulated).max())

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "option": self.option, "posture_error_max": self.largest, "posture_error_mean": self.mean,
            "front_error_max": self.front, "warnings_foreseen": self.warnings_foreseen,
            "warnings_simulated": self.warnings_simulated, "monte_carlo_error": self.error,
        }  # fmt: skip


def check_compile(crisis: Crisis, *, replicates: int, seed: int) -> tuple[CompileCheck, ...]:
    """Follow the first block of draws in the game, and simulate it. At most 16 replicates are compared."""
    numbers = np.minimum(np.arange(BLOCK_DRAWS), crisis.draws.number - 1)
    solved = crisis.solved(numbers, keep=True)
    run = simulate(crisis.case, crisis.draws, replicates=replicates, seed=seed, solved_games=lambda _: solved)
    return tuple(_compare(crisis, solved, run.weekly, place) for place in range(len(crisis.options)))


def _compare(crisis: Crisis, solved: SolvedBlock, weekly: dict[str, Any], place: int) -> CompileCheck:
    group = next(group for group in solved.groups if place in group.options)
    states = group.states
    start = int(np.asarray(crisis.setting.commitments.start)[place, 0, 0])
    adversary = int(np.asarray(crisis.setting.adversary_start))
    draws = crisis.draws.number
    course = follow(group, place, (start, adversary), crisis.draws.values["resolve.adversary"][place])
    # The game tells the state after chance; the simulation the postures of the epoch. Both before the next moves.
    _, foreseen = postures_path(course, states)
    alive = course.mass[1:, :, :-1].sum(axis=(1, 3, 4))
    bins = np.stack([alive[:, states.parts[2] == k].sum(axis=1) for k in range(states.fronts)], axis=1)
    bins /= bins.sum(axis=1, keepdims=True)
    adversary_moves = course.moves[1 if crisis.alliance_first else 0 :: 2]
    all_moves = sum(float(step[:, :-1].sum()) for step in adversary_moves)
    warned = sum(float(step[:, :-1, :, :, 3].sum()) for step in adversary_moves)

    ends = np.arange(EPOCH_WEEKS - 1, crisis.epochs * EPOCH_WEEKS, EPOCH_WEEKS)
    begins = ends - EPOCH_WEEKS + 1
    going = (
        np.maximum.accumulate(weekly["ceasefire"][:, place], axis=0)[ends] == 0
    )  # epochs, draws, replicates
    before = np.concatenate([np.ones_like(going[:1]), going[:-1]])
    posture = weekly["adversary_posture"][begins, place]

    def share(what: Any, where: Any) -> Floats:
        return np.asarray((what & where).sum(axis=(1, 2)) / np.maximum(where.sum(axis=(1, 2)), 1))

    simulated = np.stack([share(posture == k, going) for k in range(states.adversary)], axis=1)
    area = weekly["area_change"][ends, place]
    limits = solved.policy.limits[1:, :, place, :draws]  # borders at the start of the later epochs
    counted = (area[:-1, None] > limits).sum(axis=1)
    front = np.stack([share(counted == k, going[:-1]) for k in range(states.fronts)], axis=1)
    warnings = float((weekly["warning"][begins, place] * before).sum() / before.sum())
    number = going.sum(axis=(1, 2))[:, None]
    error = np.sqrt(np.maximum(simulated * (1 - simulated), 0) / np.maximum(number, 1))
    return CompileCheck(
        option=crisis.options[place].id,
        foreseen=foreseen,
        simulated=simulated,
        front_foreseen=bins[:-1],
        front_simulated=front,
        warnings_foreseen=warned / all_moves,
        warnings_simulated=warnings,
        error=float(error.max()),
    )
