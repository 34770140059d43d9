"""Simulate a case: compile and solve the game of every draw, then all options in chunks on common noise."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import jax
import numpy as np
from jax import Array

from excomm.beliefs.draws import Draws, side_actors
from excomm.case.model import Case
from excomm.engine.crisis import BLOCK_DRAWS, Crisis, blocks_of, take_draws, take_policy
from excomm.engine.noise import Noise, draw_noise, streams
from excomm.engine.outcomes import outcome_values
from excomm.engine.simulate import simulate_chunk
from excomm.engine.solved_store import SolvedStore
from excomm.game.equilibrium import SolvedBlock
from excomm.game.periods import EPOCH_WEEKS
from excomm.game.policy import PolicyTables, held_tables
from excomm.game.reading import OptionReading
from excomm.game.states import States
from excomm.quantities import OUTCOMES, SERIES
from excomm.world.parameters import WorldParameters
from excomm.world.setting import Setting
from excomm.world.state import Origin

__all__ = ["CHUNK_DRAWS", "Simulation", "simulate"]

CHUNK_DRAWS = 16
Progress = Callable[[str, int, int], None]
Floats = np.ndarray[Any, np.dtype[np.float32]]
Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Games:
    """How well the games are solved; arrays (options, draws).

    failed: not solved to the tolerance. residual: largest error of the equations [log-odds]. turned: the path ran back
    in lambda. distinct: number of games solved, equal ones once. readings: what the games of the first block of draws
    say about each option.
    """

    failed: np.ndarray[Any, np.dtype[np.bool_]]
    residual: np.ndarray[Any, np.dtype[np.float64]]
    turned: np.ndarray[Any, np.dtype[np.bool_]]
    distinct: int
    readings: tuple[OptionReading, ...] = ()


@dataclass(frozen=True)
class Simulation:
    """All replicates of a case.

    outcomes: id -> (options, draws, replicates). weekly: id -> (weeks, options, draws, replicates kept); at
    most `WEEKLY_REPLICATES` replicates of a draw are kept for the series. origin: values at the outset.
    """

    outcomes: dict[str, Floats]
    weekly: dict[str, Floats]
    games: Games
    origin: Origin
    compile_seconds: float
    game_seconds: float
    simulate_seconds: float


WEEKLY_REPLICATES = 16


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@partial(jax.jit, static_argnames=("weeks", "reference", "kept", "alliance_first"))
def _chunk(
    parameters: WorldParameters,
    setting: Setting,
    origin: Origin,
    policy: PolicyTables,
    noise: Noise,
    *,
    weeks: int,
    reference: int,
    kept: int,
    alliance_first: bool,
) -> tuple[dict[str, Array], dict[str, Array]]:
    result = simulate_chunk(
        parameters, setting, origin, policy, noise, weeks=weeks, kept=kept, alliance_first=alliance_first
    )
    outcomes = outcome_values(result, parameters, setting, origin, reference=reference, weeks=weeks)
    return outcomes, result.weekly


def _map_blocks(
    work: Callable[[Integers], Any], blocks: list[Integers], *, workers: int, tell: Progress
) -> list[Any]:
    """Do the blocks on a few threads, in order; JAX releases the interpreter lock while it computes."""
    results = []
    with ThreadPoolExecutor(workers) as pool:
        for done, result in enumerate(pool.map(work, blocks), start=1):
            results.append(result)
            tell("simulate", done, len(blocks))
    return results


def simulate(
    case: Case,
    draws: Draws,
    *,
    replicates: int,
    seed: int,
    chunk_draws: int = CHUNK_DRAWS,
    workers: int | None = None,
    hold: bool = False,
    chance: Integers | None = None,
    read: bool = False,
    kept_in: tuple[Path, str] | None = None,
    solved_games: Callable[[Integers], SolvedBlock] | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Simulate all options of `draws`, each draw `replicates` times, over the horizon of the case.

    Block by block of draws, games are compiled and solved, the block is simulated, and its policies are let go: they
    are by far the largest arrays. hold: both sides keep their postures (moves switched off). chance: for each draw the
    number of the draw whose chance it gets, shape (draws,), its own by default: settings are exchanged on common random
    numbers where draws share theirs.
    chunk_draws (at most a block) and workers change speed and memory, never a number. progress(stage, done, total) is
    called from the main thread.
    """
    tell = progress or _silent
    crisis = Crisis(case, draws)
    reference = next((place for place, option in enumerate(crisis.options) if option.is_reference), 0)
    number, epochs = draws.number, crisis.epochs
    workers = workers or max(1, min(os.cpu_count() or 1, 8))
    blocks = blocks_of(number, BLOCK_DRAWS)
    chunks = blocks_of(BLOCK_DRAWS, min(chunk_draws, BLOCK_DRAWS))
    sides = side_actors(case)
    keys = streams(seed, sides["host"], sides["adversary"])
    fixed = {
        "weeks": case.horizon_weeks, "reference": reference, "kept": min(replicates, WEEKLY_REPLICATES),
        "alliance_first": crisis.alliance_first,
    }  # fmt: skip

    def arguments(numbers: Integers, policy: PolicyTables) -> tuple[Any, ...]:
        part, origin_part = take_draws((crisis.parameters, crisis.origin), numbers, number)
        shared = numbers if chance is None else chance[numbers]
        noise = draw_noise(keys, shared, replicates=replicates, weeks=epochs * EPOCH_WEEKS, epochs=epochs)
        return part, crisis.setting, origin_part, policy, noise

    started = perf_counter()
    lowered = _chunk.lower(*arguments(blocks[0][chunks[0]], _blank(crisis, len(chunks[0]))), **fixed)

    # Beside the first games, which need other programs.
    beside = ThreadPoolExecutor(1)
    compiling = beside.submit(lowered.compile)
    beside.shutdown(wait=False)  # takes no more work; what it has it finishes
    crisis.prepare()
    prepared = perf_counter() - started

    shape = (len(crisis.options), number, replicates)
    outcomes: dict[str, Floats] = {name: np.empty(shape, dtype=np.float32) for name in OUTCOMES}
    by_week = (epochs * EPOCH_WEEKS, len(crisis.options), number, fixed["kept"])
    weekly: dict[str, Floats] = {name: np.empty(by_week, dtype=np.float32) for name in SERIES}
    games = Games(
        failed=np.zeros(shape[:2], dtype=bool), residual=np.zeros(shape[:2]),
        turned=np.zeros(shape[:2], dtype=bool), distinct=0,
    )  # fmt: skip

    def solve(numbers: Integers) -> SolvedBlock:
        is_read = read and numbers[0] == 0
        solved = crisis.solved(numbers, hold=hold, keep=is_read)
        return replace(solved, groups=(), readings=crisis.readings(numbers, solved)) if is_read else solved

    store = SolvedStore(kept_in[0], crisis, f"{kept_in[1]}, read {read}") if kept_in and not hold else None

    def from_store(numbers: Integers) -> SolvedBlock:
        return store.solved(numbers, solve) if store else solve(numbers)

    def run(numbers: Integers) -> tuple[int, tuple[OptionReading, ...], float, float, float]:
        """Solve and simulate a block, and put it into its place; what fills up the last one is left out."""
        began = perf_counter()
        solved = solved_games(numbers) if solved_games else from_store(numbers)
        whole = slice(numbers[0], numbers[-1] + 1)
        size = numbers[-1] + 1 - numbers[0]
        games.failed[:, whole] = solved.failed[:, :size]
        games.residual[:, whole] = solved.residual[:, :size]
        games.turned[:, whole] = solved.turned[:, :size]
        between = perf_counter()
        program = compiling.result()
        ready = perf_counter()
        for chunk in chunks:
            mine = numbers[chunk]
            found, series = program(*arguments(mine, take_policy(solved.policy, chunk)))
            place = slice(mine[0], mine[-1] + 1)
            for name, values in outcomes.items():
                values[:, place] = np.asarray(found[name])[:, : values[:, place].shape[1]]
            for name, values in weekly.items():
                values[:, :, place] = np.asarray(series[name])[:, :, : values[:, :, place].shape[2]]
        return solved.distinct, solved.readings, between - began, ready - between, perf_counter() - ready

    done = _map_blocks(run, blocks, workers=workers, tell=tell)
    distinct, solving, waiting, simulating = (sum(each[place] for each in done) for place in (0, 2, 3, 4))
    # Threads solve, wait for the compiler and simulate side by side: the time that passed, in their proportion.
    spent = np.array([waiting, solving, simulating])
    shares = spent / max(float(spent.sum()), 1e-9) * (perf_counter() - started - prepared)
    return Simulation(
        outcomes=outcomes,
        weekly=weekly,
        games=replace(games, distinct=int(distinct), readings=done[0][1]),
        origin=crisis.origin,
        compile_seconds=prepared + float(shares[0]),
        game_seconds=float(shares[1]),
        simulate_seconds=float(shares[2]),
    )


def _blank(crisis: Crisis, draws: int) -> PolicyTables:
    """Tables of the right shape, to compile with."""
    largest = States(
        1 + int(np.max(crisis.setting.commitments.ceiling)), int(crisis.setting.postures.front.shape[0]),
        crisis.fronts,
    )  # fmt: skip
    options = len(crisis.options)
    alliance, adversary = held_tables(largest, crisis.beliefs, crisis.epochs, options, draws)
    return PolicyTables(
        alliance=alliance,
        adversary=adversary,
        limits=np.zeros((crisis.epochs, crisis.fronts - 1, options, draws, 1), dtype=np.float32),
        prior=np.zeros((options, draws, 1), dtype=np.float32),
        fronts=crisis.fronts,
        points=crisis.beliefs,
    )
