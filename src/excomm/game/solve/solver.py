"""`solve`: the agent quantal response equilibrium of a crisis game on its principal branch, for a batch of draws."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import jax
import numpy as np
from numpy.typing import NDArray

from .chunk import ChunkSolution, first_order_reach, solve_chunk
from .interpolation import belief_grid
from .markov import MarkovGame
from .path import Tolerances
from .solution import DynamicSolution


@dataclass(frozen=True)
class SolveSettings:
    """How a batch is solved.

    chunk: draws solved together (small chunks stay in the processor's cache); threads: chunks at the same time.
    log_odds_per_level: aimed length of a level of the path, in log-odds of the most revealing node [judgement].
    fewest_levels, most_levels: limits to the number of levels.
    retries: how often draws with an unsolved node are solved again with twice as many levels.
    scan: look for other fixed points at each informed node (about doubles the time).
    check_grid: estimate the grid error by a second solution on every other grid point (about half the time more).
    """

    chunk: int = 4
    threads: int = 2
    log_odds_per_level: float = 0.5
    fewest_levels: int = 2
    most_levels: int = 96
    retries: int = 2
    scan: bool = False
    check_grid: bool = False
    tolerances: Tolerances = field(default_factory=Tolerances)


def solve(game: MarkovGame, settings: SolveSettings | None = None) -> DynamicSolution:
    """Solve every draw of a game.

    The path starts at lambda 0, where all play is uniform, and raises the lambdas of both actors together. A draw
    with an unsolved node is solved again with finer levels; if that fails too it is returned with `is_solved` False.
    """
    settings = settings or SolveSettings()
    with jax.enable_x64(True):
        reach = first_order_reach(game)
    levels = np.clip(
        np.ceil(reach / settings.log_odds_per_level).astype(int), settings.fewest_levels, settings.most_levels
    )
    found: dict[int, ChunkSolution] = {}
    waiting = np.argsort(levels, kind="stable")
    for attempt in range(settings.retries + 1):
        chunks = [waiting[start : start + settings.chunk] for start in range(0, waiting.size, settings.chunk)]
        for draws, part in zip(chunks, _solve_chunks(game, chunks, levels, settings), strict=True):
            found.update({int(draw): part.take(place) for place, draw in enumerate(draws)})
        waiting = np.array([draw for draw in waiting if found[int(draw)].unsolved[0] > 0], dtype=int)
        if waiting.size == 0:
            break
        if attempt < settings.retries:
            levels[waiting] *= 2
    solution = _assemble(game, [found[draw] for draw in range(game.draws)], levels, settings)
    return _with_grid_error(game, solution, settings) if settings.check_grid else solution


def _solve_chunks(
    game: MarkovGame, chunks: list[NDArray[np.int_]], levels: NDArray[np.int_], settings: SolveSettings
) -> list[ChunkSolution]:
    def work(draws: NDArray[np.int_]) -> ChunkSolution:
        # A short last chunk is filled up with copies of its first draw: one array shape, one compilation.
        filled = np.concatenate([draws, np.repeat(draws[:1], settings.chunk - draws.size)])
        with jax.enable_x64(True):
            part = solve_chunk(
                game.take(filled), int(levels[draws].max()), settings.tolerances, scan=settings.scan
            )
        return part

    if settings.threads == 1 or len(chunks) == 1:
        return [work(draws) for draws in chunks]
    with ThreadPoolExecutor(settings.threads) as pool:
        return list(pool.map(work, chunks))


def _assemble(
    game: MarkovGame, parts: list[ChunkSolution], levels: NDArray[np.int_], settings: SolveSettings
) -> DynamicSolution:
    steps = range(len(game.steps))
    first, second = game.points

    def join(name: str) -> NDArray[np.generic]:
        return np.concatenate([getattr(part, name) for part in parts])

    residual = np.asarray(join("residual"), dtype=float)
    unsolved = np.asarray(join("unsolved"), dtype=int)
    return DynamicSolution(
        strategies=tuple(np.concatenate([part.strategies[step] for part in parts]) for step in steps),
        values=np.asarray(join("values"), dtype=float),
        belief_grids=(belief_grid(first), belief_grid(second)),
        is_solved=(unsolved == 0) & (residual <= settings.tolerances.accepted),
        residual=residual,
        unsolved=unsolved,
        turned=np.asarray(join("turned"), dtype=int),
        followed=np.asarray(join("followed"), dtype=int),
        flagged=tuple(np.concatenate([part.flagged[step] for part in parts]) for step in steps),
        other_equilibria=np.asarray(join("other_equilibria"), dtype=int),
        ambiguity=np.asarray(join("ambiguity"), dtype=float),
        martingale_error=np.asarray(join("martingale_error"), dtype=float),
        grid_error=np.full(game.draws, np.nan),
        levels=levels.copy(),
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
