"""The crisis of a case under its draws: what the world starts from, and the games of any block of draws."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np

from excomm.beliefs.draws import Draws
from excomm.case.model import Case, Option
from excomm.engine.setup import build_origin, build_setting
from excomm.game.compile import compile_block
from excomm.game.crisis import CrisisBlock
from excomm.game.equilibrium import BELIEFS, FRONTS, SolvedBlock, SolvedGroup, solve_block, solve_groups
from excomm.game.front import FrontChance, bin_nodes, front_chance
from excomm.game.periods import EPOCH_WEEKS, periods
from excomm.game.policy import PolicyTables
from excomm.game.reading import CONTRASTED, OptionReading, read_option
from excomm.world.parameters import WorldParameters, declared_ids, pack
from excomm.world.setting import Setting
from excomm.world.state import Origin

__all__ = ["BLOCK_DRAWS", "Crisis", "blocks_of", "take_draws", "take_policy"]

# Draws that are compiled and solved together. Fixed: what is solved beside a draw shows in its last bits, and no number
# may depend on how a run is cut into chunks.
BLOCK_DRAWS = 16
Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]


def blocks_of(number: int, size: int) -> list[Integers]:
    """Numbers of the draws of each block, all of one size: the last one repeats its last draw to be full.

    Programs are compiled for one shape only; what is repeated is cut off afterwards.
    """
    return [np.minimum(np.arange(start, start + size), number - 1) for start in range(0, number, size)]


def take_draws(tree: Any, numbers: Integers, draws: int) -> Any:
    """Take the numbered draws along the draw axis (the second from the right) of every array that has it."""

    def take(array: Any) -> Any:
        if array.ndim >= 2 and array.shape[-2] == draws:
            return array[..., numbers, :]
        return array

    return jax.tree.map(take, tree)


def take_policy(policy: PolicyTables, numbers: Integers) -> PolicyTables:
    """Policies of some of the draws of a block; of all of them, the block's own arrays."""
    if np.array_equal(numbers, np.arange(policy.prior.shape[1])):
        return policy
    # `take` lays the result out in order; an index would leave the draws in front, to be copied once more.
    return PolicyTables(
        alliance=np.take(policy.alliance, numbers, axis=2),
        adversary=np.take(policy.adversary, numbers, axis=2),
        limits=policy.limits[..., numbers, :],
        prior=policy.prior[:, numbers],
        fronts=policy.fronts,
        points=policy.points,
    )


@dataclass(frozen=True)
class Crisis:
    """A case under its draws. fronts, beliefs: bins of the front and points of the belief grid in its games."""

    case: Case
    draws: Draws
    fronts: int = FRONTS
    beliefs: int = BELIEFS

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """Options in the order of the draws."""
        return tuple(self.case.option(name) for name in self.draws.options)

    @property
    def alliance_first(self) -> bool:
        """Does the alliance move first in each epoch?"""
        return self.case.first_mover == "alliance"

    @property
    def epochs(self) -> int:
        """Number of epochs up to the horizon."""
        return -(-self.case.horizon_weeks // EPOCH_WEEKS)

    # NumPy until the compiled programs begin: every JAX operation outside them would be compiled by itself.
    @cached_property
    def parameters(self) -> WorldParameters:
        """Parameters of the world."""
        return pack({name: self.draws.values[name] for name in declared_ids()})

    @cached_property
    def setting(self) -> Setting:
        """Postures, commitments and season."""
        return build_setting(self.case, self.options)

    @cached_property
    def origin(self) -> Origin:
        """Values at the information date."""
        return build_origin(self.case, self.options, self.parameters, self.setting)

    @cached_property
    def front(self) -> FrontChance:
        """Chance at the front, for all draws."""
        found = front_chance(self.parameters.front, self.origin, epochs=self.epochs, weeks=EPOCH_WEEKS)
        return FrontChance(*(np.asarray(part, dtype=np.float64) for part in jax.tree.leaves(found)))

    def _world(self, numbers: Integers) -> tuple[Any, ...]:
        """Arguments of `periods` for some draws."""
        parts = (self.parameters, self.origin, self.parameters.aid.cut_probability)
        parameters, origin, cut = take_draws(parts, numbers, self.draws.number)
        nodes = bin_nodes(self._front_of(numbers), self.fronts)
        return parameters, self.setting, origin, cut, nodes.astype(np.float32)

    def _front_of(self, numbers: Integers) -> FrontChance:
        front = self.front
        return FrontChance(
            front.noise[..., numbers], front.breaks[..., numbers], front.collapse[..., numbers]
        )

    @cached_property
    def _periods(self) -> Any:
        """Program for the periods of a block."""
        numbers = blocks_of(self.draws.number, BLOCK_DRAWS)[0]
        return periods.lower(*self._world(numbers), weeks=self.epochs * EPOCH_WEEKS).compile()

    def prepare(self) -> None:
        """Compile the programs now."""
        assert self._periods is not None

    def block(self, numbers: Integers, *, perceived: Floats | None = None) -> CrisisBlock:
        """Games of a block of draws, before they are solved; numbers: as many as `BLOCK_DRAWS`.

        perceived: how far the adversary takes each option for an attempt to roll it back, (options, block).
        """
        found = self._periods(*self._world(numbers))
        values = {name: column[:, numbers] for name, column in self.draws.values.items()}
        return compile_block(
            {name: np.asarray(array, dtype=np.float64) for name, array in found.items()},
            values,
            self.setting,
            np.asarray(self.origin.force_realised, dtype=np.float64)[:, numbers, 0],
            self._front_of(numbers),
            self.options,
            alliance_first=self.alliance_first,
            perceived=perceived,
        )

    def solved(self, numbers: Integers, *, hold: bool = False, keep: bool = False) -> SolvedBlock:
        """Solved games of a block of draws; hold: games in which nobody ever moves, and nothing is solved.

        keep: return the solved games too.
        """
        block = self.block(numbers)
        prior = self.draws.values["resolve.adversary"][:, numbers]
        is_odd = bool(numbers[0] // BLOCK_DRAWS % 2)
        return solve_block(block, prior, beliefs=self.beliefs, hold=hold, keep=keep, largest_first=is_odd)

    def readings(self, numbers: Integers, solved: SolvedBlock) -> tuple[OptionReading, ...]:
        """What the games of a block say about each option; solved: the block, with its games kept.

        The games of the first `CONTRASTED` draws are solved twice more, with every option perceived as no roll-back at
        all, and wholly as one.
        """
        contrasted = np.resize(numbers[:CONTRASTED], numbers.size)
        shape = (len(self.options), numbers.size)

        def solve_as(share: float) -> tuple[SolvedGroup, ...]:
            block = self.block(contrasted, perceived=np.full(shape, share))
            return tuple(solve_groups(block, beliefs=self.beliefs, largest_first=share > 0.0))

        # At the same time: a run of few draws would otherwise wait for one thread at its end.
        with ThreadPoolExecutor(2) as pool:
            reassuring, threatening = pool.map(solve_as, (0.0, 1.0))
        ways = {"as stated": solved.groups, "reassuring": reassuring, "threatening": threatening}
        fresh = int(np.unique(numbers).size)
        prior = self.draws.values["resolve.adversary"][:, numbers[:fresh]]
        start = np.asarray(self.setting.commitments.start)[:, 0, 0]
        adversary = int(np.asarray(self.setting.adversary_start))
        found = []
        for place, option in enumerate(self.options):
            groups = {
                way: next(group for group in each if place in group.options) for way, each in ways.items()
            }
            found.append(
                read_option(
                    groups, place, option.id, (int(start[place]), adversary), prior[place],
                    np.asarray(self.setting.postures.strikes_forces), alliance_first=self.alliance_first,
                )
            )  # fmt: skip
        return tuple(found)
