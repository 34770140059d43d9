"""Solve the crisis games of some draws under all options, once per distinct game, and lay out their policies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from excomm.game.crisis import CrisisBlock, build_game, signatures
from excomm.game.policy import PolicyTables, fill_tables, held_tables
from excomm.game.reading import OptionReading
from excomm.game.solve import DynamicSolution, MarkovGame, SolveSettings, Tolerances, solve
from excomm.game.states import States

__all__ = ["BELIEFS", "FRONTS", "SolvedBlock", "SolvedGroup", "solve_block", "solve_groups"]

# Chosen by measurement, see the page on moves: seven beliefs change no share of moves by more than .0003, five bins
# shares of moves by .0005 on average (one by .035) and no share of postures by more than .005.
FRONTS, BELIEFS = 3, 9
Floats = np.ndarray[Any, np.dtype[np.float64]]
Booleans = np.ndarray[Any, np.dtype[np.bool_]]
Integers = np.ndarray[Any, np.dtype[np.int64]]

# Few levels in lambda: the solutions of 20 draws of the flagship that need a path are those at 24 levels to 3e-11. A
# draw that twice as many levels do not solve either is listed, bounded and left out.
_LEVELS, _MOST_STRIDES = 4, 200
# Values before a reply at the beliefs of the grid alone: four times as many change 6 in 100,000 probabilities of a move
# by more than .001 and 1 in 100,000 by more than .01, at most by .056 [measured on 64 draws of the flagship].
_REFINE = 1


def solve_settings(*, check_grid: bool = False, scan: bool = False) -> SolveSettings:
    """How compiled games are solved; one thread, because the draws themselves are spread over threads."""
    return SolveSettings(
        threads=1, fewest_levels=_LEVELS, most_levels=_LEVELS, retries=1, refine=_REFINE,
        tolerances=Tolerances(most_strides=_MOST_STRIDES), check_grid=check_grid, scan=scan,
    )  # fmt: skip


@dataclass(frozen=True)
class SolvedGroup:
    """Games of options that share their public states.

    options: their places. game, solution: of the distinct games. place: which of these each option and draw has,
    (options of the group, draws).
    """

    options: tuple[int, ...]
    states: States
    game: MarkovGame
    solution: DynamicSolution
    place: Integers


@dataclass(frozen=True)
class SolvedBlock:
    """Policies of some draws under all options, and how well they are solved; arrays (options, draws).

    failed: not solved to the tolerance. residual: largest error of the equations [log-odds]. turned: the path ran back
    in lambda at some node. distinct: number of games that were solved. groups: the solved games themselves, where they
    are to be kept. readings: what the games say about each option, where that was asked.
    """

    policy: PolicyTables
    failed: Booleans
    residual: Floats
    turned: Booleans
    distinct: int
    groups: tuple[SolvedGroup, ...] = ()
    readings: tuple[OptionReading, ...] = ()


def solve_groups(
    block: CrisisBlock,
    *,
    beliefs: int = BELIEFS,
    settings: SolveSettings | None = None,
    largest_first: bool = False,
) -> Iterator[SolvedGroup]:
    """The solved games of a block, option by option; those that share their states together.

    largest_first: the order, which changes no result. Two blocks that begin together in different orders need different
    programs first, so that their compilation is shared out.
    """
    ceilings = np.unique(block.ceiling)
    for ceiling in ceilings[::-1] if largest_first else ceilings:
        options = tuple(int(option) for option in np.flatnonzero(block.ceiling == ceiling))
        marks = [mark for option in options for mark in signatures(block, option)]
        first = {mark: place for place, mark in reversed(list(enumerate(marks)))}
        distinct = np.array(sorted(first.values()))
        number = {int(place): rank for rank, place in enumerate(distinct)}
        place = np.array([number[first[mark]] for mark in marks]).reshape(len(options), -1)
        game = build_game(block, options, beliefs=beliefs).take(distinct)
        yield SolvedGroup(
            options, block.states(options[0]), game, solve(game, settings or solve_settings()), place
        )


def solve_block(
    block: CrisisBlock,
    prior: Floats,
    *,
    beliefs: int = BELIEFS,
    hold: bool = False,
    keep: bool = False,
    largest_first: bool = False,
) -> SolvedBlock:
    """Solve a block and lay out its policies.

    prior: belief that the adversary is resolved, (options, draws). hold: nobody ever moves, and nothing is solved.
    keep: return the solved games too. largest_first: the order in which games are solved.
    """
    options, draws = prior.shape
    largest = block.states(int(np.argmax(block.ceiling)))
    alliance, adversary = held_tables(largest, beliefs, block.epochs, options, draws)
    failed = np.zeros((options, draws), dtype=bool)
    turned, residual = failed.copy(), np.zeros((options, draws))
    distinct = 0
    kept: list[SolvedGroup] = []
    for group in () if hold else solve_groups(block, beliefs=beliefs, largest_first=largest_first):
        if keep:
            kept.append(group)
        distinct += group.game.draws
        for row, option in enumerate(group.options):
            place = group.place[row]
            fill_tables(
                group.solution, place.tolist(), alliance[:, option], adversary[:, option],
                alliance_first=block.alliance_first,
            )  # fmt: skip
            failed[option] = ~group.solution.is_solved[place]
            turned[option] = group.solution.turned[place] > 0
            residual[option] = group.solution.residual[place]
    limits = np.moveaxis(block.limits, (2, 3), (0, 1))[..., None].astype(np.float32)
    policy = PolicyTables(
        alliance=alliance, adversary=adversary, limits=limits, prior=prior.astype(np.float32)[..., None],
        fronts=block.fronts, points=beliefs,
    )  # fmt: skip
    return SolvedBlock(policy, failed, residual, turned, distinct, tuple(kept))
