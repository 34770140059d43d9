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

# Chosen by measurement, see the page on moves: seven beliefs or five bins change no share of moves by more than .01.
FRONTS, BELIEFS = 3, 9
Floats = np.ndarray[Any, np.dtype[np.float64]]
Booleans = np.ndarray[Any, np.dtype[np.bool_]]
Integers = np.ndarray[Any, np.dtype[np.int64]]

# Few levels in lambda: on compiled games the solutions at two log-odds a level equal those at half a log-odds to 1e-12.
_LOG_ODDS_PER_LEVEL = 2.0
# One draw of the flagship in 256 stays unsolved however fine its path and took most of the time of a first run: a draw
# that a short path does not solve is listed, bounded and left out.
_MOST_LEVELS, _MOST_STRIDES = 8, 40


def solve_settings(*, check_grid: bool = False, scan: bool = False) -> SolveSettings:
    """How compiled games are solved; one thread, because the draws themselves are spread over threads."""
    return SolveSettings(
        threads=1, log_odds_per_level=_LOG_ODDS_PER_LEVEL, most_levels=_MOST_LEVELS, retries=0,
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
    block: CrisisBlock, *, beliefs: int = BELIEFS, settings: SolveSettings | None = None
) -> Iterator[SolvedGroup]:
    """The solved games of a block, option by option; those that share their states together."""
    for ceiling in np.unique(block.ceiling):
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
    block: CrisisBlock, prior: Floats, *, beliefs: int = BELIEFS, hold: bool = False, keep: bool = False
) -> SolvedBlock:
    """Solve a block and lay out its policies.

    prior: belief that the adversary is resolved, (options, draws). hold: nobody ever moves, and nothing is solved.
    keep: return the solved games too.
    """
    options, draws = prior.shape
    largest = block.states(int(np.argmax(block.ceiling)))
    alliance, adversary = held_tables(largest, beliefs, block.epochs, options, draws)
    failed = np.zeros((options, draws), dtype=bool)
    turned, residual = failed.copy(), np.zeros((options, draws))
    distinct = 0
    kept: list[SolvedGroup] = []
    for group in () if hold else solve_groups(block, beliefs=beliefs):
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
    # In half precision they can be kept; rounded here, they are the same whether kept or solved just now.
    alliance, adversary = (table.astype(np.float16).astype(np.float32) for table in (alliance, adversary))
    limits = np.moveaxis(block.limits, (2, 3), (0, 1))[..., None].astype(np.float32)
    policy = PolicyTables(
        alliance=alliance, adversary=adversary, limits=limits, prior=prior.astype(np.float32)[..., None],
        fronts=block.fronts, points=beliefs,
    )  # fmt: skip
    return SolvedBlock(policy, failed, residual, turned, distinct, tuple(kept))
