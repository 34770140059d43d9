"""`solve`: the agent quantal response equilibrium of a crisis game on its principal branch, for a batch of draws."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import jax
import numpy as np
from numpy.typing import NDArray

from excomm.game.solve.bounds import bound_play
from excomm.game.solve.chunk import first_order_reach, solve_chunk
from excomm.game.solve.interpolation import belief_grid
from excomm.game.solve.leap import leap_chunk
from excomm.game.solve.markov import Floats, MarkovGame
from excomm.game.solve.path import Tolerances
from excomm.game.solve.report import ChunkSolution
from excomm.game.solve.solution import DynamicSolution

Part = TypeVar("Part")

# Where the path of a draw may begin: the greatest of these fractions of its lambdas at which the game is proved to have
# one equilibrium only.
SHARP = 0.25  # cubics through a reply that turns no sharper than this err by less than 1e-6 [measured]
FINER = 4
OPENINGS = (1.0, 0.5, 0.25, 0.125, 0.03125)


@dataclass(frozen=True)
class SolveSettings:
    """How a batch is solved.

    chunk: draws solved together (small chunks stay in the processor's cache); threads: chunks at the same time.
    log_odds_per_level: aimed length of a level of the path, in log-odds of the most revealing node [judgement].
    fewest_levels, most_levels: limits to the number of levels of a path.
    retries: how often draws with an unsolved node are solved again with twice as many levels.
    refine: how much finer than the beliefs of the game values before a reply are kept, where only the other side has
        private types; None: 4 times in draws where a reply is sharper than 0.25 (see `DynamicSolution`), else not.
    leap: solve draws that are proved to have one equilibrium without a path.
    scan: look for other fixed points at each informed node of the draws that are not proved to have none.
    check_grid: estimate the grid error by a second solution on every other grid point (about half the time more).
    """

    chunk: int = 4
    threads: int = 2
    log_odds_per_level: float = 0.5
    fewest_levels: int = 2
    most_levels: int = 96
    retries: int = 2
    refine: int | None = None
    leap: bool = True
    scan: bool = False
    check_grid: bool = False
    tolerances: Tolerances = field(default_factory=Tolerances)


def solve(game: MarkovGame, settings: SolveSettings | None = None) -> DynamicSolution:
    """Solve every draw of a game.

    Where every node of a draw is proved to have one solution, one backward induction solves it. The path of the others
    starts at the greatest lambda where that proof holds, or at 0, and raises the lambdas of both actors together. A
    draw with an unsolved node is solved again with finer levels; if that fails too it is returned with `is_solved`
    False and with bounds that hold in each of its equilibria.
    """
    settings = settings or SolveSettings()
    batch = _Batch(game, settings)
    opening = np.zeros(game.draws)
    batch.settle_refinement()
    for fraction in OPENINGS if settings.leap else ():
        opening[batch.leap(np.flatnonzero(opening == 0.0), fraction)] = fraction
    levels = np.ones(game.draws, dtype=int)
    batch.follow(np.flatnonzero((opening == 1.0) & ~batch.is_found), levels, opening)
    waiting = np.flatnonzero(opening < 1.0)
    if waiting.size:
        levels[waiting] = _path_levels(game.take(waiting), opening[waiting], settings)
        waiting = waiting[np.argsort(levels[waiting], kind="stable")]
    for attempt in range(settings.retries + 1):
        if waiting.size == 0:
            break
        levels[waiting] *= 1 if attempt == 0 else 2
        waiting = batch.follow(waiting, levels, opening)
    solution = batch.finish(levels)
    return _with_grid_error(game, solution, settings) if settings.check_grid else solution


def _path_levels(game: MarkovGame, opening: Floats, settings: SolveSettings) -> NDArray[np.int_]:
    """Levels of the path of each draw, by how far its beliefs would move, (draws,)."""
    if settings.fewest_levels == settings.most_levels:
        return np.full(game.draws, settings.most_levels)
    with jax.enable_x64(True):
        reach = first_order_reach(game) * (1.0 - opening)
    needed = np.ceil(reach / settings.log_odds_per_level).astype(int)
    return np.asarray(np.clip(needed, settings.fewest_levels, settings.most_levels))


class _Batch:
    """The draws of a game, solved chunk by chunk; keeps the results."""

    def __init__(self, game: MarkovGame, settings: SolveSettings) -> None:
        self.game = game
        self.settings = settings
        self.is_found = np.zeros(game.draws, dtype=bool)
        self.is_leapt = np.zeros(game.draws, dtype=bool)
        self.refine = np.full(game.draws, settings.refine or 1)
        self.proved = np.zeros(0, dtype=int)
        self.parts: list[tuple[NDArray[np.int_], ChunkSolution]] = []

    def settle_refinement(self) -> None:
        """Choose how finely to keep the values before replies, by a first look without a path."""
        if self.settings.refine is not None or 1 not in self.game.points or self.game.points == (1, 1):
            return
        draws = np.arange(self.game.draws)
        for chunk, (part, is_proved) in self._each(draws, self._work(1.0)):
            is_sharp = part.sharpness[: chunk.size] > SHARP
            self.refine[chunk[is_sharp]] = FINER
            right = np.flatnonzero(is_proved[: chunk.size] & ~is_sharp)
            if self.settings.leap:
                self._keep(chunk[right], part, right)
            self.is_leapt[chunk[~is_sharp]] = True
            self.proved = np.concatenate([self.proved, chunk[right]])

    def _work(
        self, fraction: float
    ) -> Callable[[MarkovGame, NDArray[np.int_]], tuple[ChunkSolution, NDArray[np.bool_]]]:
        def work(game: MarkovGame, chunk: NDArray[np.int_]) -> tuple[ChunkSolution, NDArray[np.bool_]]:
            return leap_chunk(game, self.settings.tolerances, fraction, int(self.refine[chunk[0]]))

        return work

    def leap(self, draws: NDArray[np.int_], fraction: float) -> NDArray[np.int_]:
        """The draws of `draws` that are proved to have one equilibrium at `fraction` of their lambdas."""
        known = self.is_leapt if fraction == 1.0 else np.zeros(self.game.draws, dtype=bool)
        proved = [self.proved[known[self.proved]]]
        for chunk, (part, is_proved) in self._each(draws[~known[draws]], self._work(fraction)):
            right = np.flatnonzero(is_proved[: chunk.size])
            proved.append(chunk[right])
            if fraction == 1.0:
                self._keep(chunk[right], part, right)
        return np.concatenate(proved)

    def follow(self, draws: NDArray[np.int_], levels: NDArray[np.int_], opening: Floats) -> NDArray[np.int_]:
        """Follow the path of each draw from its opening; the draws that are left unsolved."""
        tolerances, unsolved = self.settings.tolerances, []

        def work(game: MarkovGame, chunk: NDArray[np.int_]) -> ChunkSolution:
            start = opening[chunk]
            rise = np.linspace(0.0, 1.0, int(levels[chunk].max()) + 1)[1:, None]
            fractions = start + (1.0 - start) * rise
            if np.any(fractions[0] < 1.0):  # the first level is where the path may begin
                begin = np.where(start > 0.0, start, 0.5 * fractions[0])
                fractions = np.concatenate([begin[None], fractions])
            refine = int(self.refine[chunk[0]])
            fresh = int(np.unique(chunk).size)
            return solve_chunk(
                game, fractions, tolerances, refine=refine, scan=self.settings.scan, fresh=fresh
            )

        for chunk, part in self._each(draws, work):
            self._keep(chunk, part, np.arange(chunk.size))
            unsolved.append(chunk[part.unsolved[: chunk.size] > 0])
        return np.concatenate(unsolved) if unsolved else draws[:0]

    def _each(
        self, draws: NDArray[np.int_], work: Callable[[MarkovGame, NDArray[np.int_]], Part]
    ) -> list[tuple[NDArray[np.int_], Part]]:
        size = self.settings.chunk
        alike = [draws[self.refine[draws] == factor] for factor in np.unique(self.refine[draws])]
        chunks = [part[start : start + size] for part in alike for start in range(0, part.size, size)]

        def run(chunk: NDArray[np.int_]) -> Part:
            # A short last chunk is filled up with copies of its first draw: one array shape, one compilation.
            filled = np.concatenate([chunk, np.repeat(chunk[:1], size - chunk.size)])
            with jax.enable_x64(True):
                return work(self.game.take(filled), filled)

        if self.settings.threads == 1 or len(chunks) < 2:
            return [(chunk, run(chunk)) for chunk in chunks]
        with ThreadPoolExecutor(self.settings.threads) as pool:
            return list(zip(chunks, pool.map(run, chunks), strict=True))

    def _keep(self, draws: NDArray[np.int_], part: ChunkSolution, places: NDArray[np.int_]) -> None:
        self.is_found[draws] = True
        self.parts.append((draws, part.take(places)))

    def finish(self, levels: NDArray[np.int_]) -> DynamicSolution:
        """The results of all draws; of a draw that was solved twice, the last."""
        game = self.game
        first, second = game.points

        def join(pick: Callable[[ChunkSolution], NDArray[Any]]) -> NDArray[Any]:
            sample = pick(self.parts[0][1])
            whole = np.empty((game.draws, *sample.shape[1:]), dtype=sample.dtype)
            for draws, part in self.parts:
                whole[draws] = pick(part)
            return whole

        def each(pick: Callable[[ChunkSolution], tuple[NDArray[Any], ...]]) -> list[NDArray[Any]]:
            return [join(lambda part, at=step: pick(part)[at]) for step in range(len(game.steps))]  # type: ignore[misc]

        residual = np.asarray(join(lambda part: part.residual), dtype=float)
        unsolved = np.asarray(join(lambda part: part.unsolved), dtype=int)
        is_solved = (unsolved == 0) & (residual <= self.settings.tolerances.accepted)
        return DynamicSolution(
            strategies=tuple(np.asarray(part, dtype=float) for part in each(lambda part: part.strategies)),
            values=np.asarray(join(lambda part: part.values), dtype=float),
            belief_grids=(belief_grid(first), belief_grid(second)),
            is_solved=is_solved,
            residual=residual,
            unsolved=unsolved,
            turned=np.asarray(join(lambda part: part.turned), dtype=int),
            followed=np.asarray(join(lambda part: part.followed), dtype=int),
            flagged=tuple(np.asarray(part, dtype=np.int8) for part in each(lambda part: part.flagged)),
            other_equilibria=np.asarray(join(lambda part: part.other_equilibria), dtype=int),
            ambiguity=np.asarray(join(lambda part: part.ambiguity), dtype=float),
            martingale_error=np.asarray(join(lambda part: part.martingale_error), dtype=float),
            grid_error=np.full(game.draws, np.nan),
            levels=levels.copy(),
            sharpness=np.asarray(join(lambda part: part.sharpness), dtype=float),
            refinement=np.asarray(join(lambda part: part.refinement), dtype=int),
            bounds=None if is_solved.all() else bound_play(game, np.flatnonzero(~is_solved)),
        )


def _with_grid_error(game: MarkovGame, solution: DynamicSolution, settings: SolveSettings) -> DynamicSolution:
    """Compare with every other grid point; the interpolation is of fourth order, so the finer error is 1/15 of that."""
    halves = [(points + 1) // 2 if points >= 9 and points % 2 else points for points in game.points]
    coarse = solve(game.with_beliefs(halves[0], halves[1]), replace(settings, check_grid=False, scan=False))
    every = [2 if half != points else 1 for half, points in zip(halves, game.points, strict=True)]
    number = next((place for place, step in enumerate(game.steps) if game.types[step.mover] == 2), 0)
    fine = solution.strategies[number][:, :, :, :: every[0], :: every[1]]
    gap = np.abs(fine - coarse.strategies[number]).max(axis=(1, 2, 3, 4, 5))
    return replace(solution, grid_error=gap / 15.0)
