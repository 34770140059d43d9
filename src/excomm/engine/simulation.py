"""Simulate a case: compile and solve the game of every draw, then all options in chunks on common noise."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any

import jax
import numpy as np
from jax import Array

from excomm.beliefs.draws import Draws, side_actors
from excomm.case.model import Case
from excomm.engine.noise import Noise, draw_noise, streams
from excomm.engine.outcomes import outcome_values
from excomm.engine.setup import build_origin, build_setting
from excomm.engine.simulate import simulate_chunk
from excomm.game.compile import compile_game, epoch_path
from excomm.game.policy import EPOCH_WEEKS, PolicyTables, Solution, solve, tables
from excomm.quantities import OUTCOMES, SERIES
from excomm.world.parameters import WorldParameters, declared_ids, pack
from excomm.world.setting import Setting
from excomm.world.state import Origin

__all__ = ["CHUNK_DRAWS", "Simulation", "simulate"]

CHUNK_DRAWS = 16
Progress = Callable[[str, int, int], None]
Floats = np.ndarray[Any, np.dtype[np.float32]]
Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Simulation:
    """All replicates of a case.

    outcomes: id -> (options, draws, replicates). weekly: id -> (weeks, options, draws, replicates kept); at
    most `WEEKLY_REPLICATES` replicates of a draw are kept for the series. origin: values at the outset.
    """

    outcomes: dict[str, Floats]
    weekly: dict[str, Floats]
    solution: Solution
    origin: Origin
    compile_seconds: float
    game_seconds: float
    simulate_seconds: float


WEEKLY_REPLICATES = 16


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def _take(tree: Any, numbers: Integers, draws: int) -> Any:
    """Take the numbered draws along the draw axis (the second from the right) of every array that has it."""

    def take(array: Any) -> Any:
        if array.ndim >= 2 and array.shape[-2] == draws:
            return array[..., numbers, :]
        return array

    return jax.tree.map(take, tree)


def _take_policy(policy: PolicyTables, numbers: Integers) -> PolicyTables:
    return PolicyTables(
        alliance=policy.alliance[:, :, numbers],
        adversary=policy.adversary[:, :, numbers],
        prior_alliance=policy.prior_alliance[:, numbers],
        prior_adversary=policy.prior_adversary[:, numbers],
    )


@partial(jax.jit, static_argnames=("weeks", "reference", "kept"))
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
) -> tuple[dict[str, Array], dict[str, Array]]:
    result = simulate_chunk(parameters, setting, origin, policy, noise, weeks=weeks, kept=kept)
    outcomes = outcome_values(result, parameters, setting, origin, reference=reference, weeks=weeks)
    return outcomes, result.weekly


def _chunks(number: int, size: int) -> list[Integers]:
    """Numbers of the draws of each chunk, all of one size: the last one repeats its last draw to be full.

    Programs are compiled for one shape only; what is repeated is cut off afterwards.
    """
    return [np.minimum(np.arange(start, start + size), number - 1) for start in range(0, number, size)]


def _map_chunks(
    work: Callable[[Integers], Any], chunks: list[Integers], *, workers: int, stage: str, tell: Progress
) -> list[Any]:
    """Do the chunks on a few threads, in order; JAX releases the interpreter lock while it computes."""
    results = []
    with ThreadPoolExecutor(workers) as pool:
        for done, result in enumerate(pool.map(work, chunks), start=1):
            results.append(result)
            tell(stage, done, len(chunks))
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
    progress: Progress | None = None,
) -> Simulation:
    """Simulate all options of `draws`, each draw `replicates` times, over the horizon of the case.

    hold: both sides keep their postures (moves switched off).
    chance: for each draw the number of the draw whose chance it gets, shape (draws,), its own by default: settings
    are exchanged on common random numbers where draws share theirs.
    chunk_draws and workers change speed and memory, never a number. progress(stage, done, total) is called
    from the main thread.
    """
    tell = progress or _silent
    options = [case.option(name) for name in draws.options]
    reference = next((place for place, option in enumerate(options) if option.is_reference), 0)
    number, weeks = draws.number, case.horizon_weeks
    # NumPy until the compiled programs begin: every JAX operation outside them would be compiled by itself.
    parameters = pack({name: draws.values[name] for name in declared_ids()})
    setting = build_setting(case, options)
    origin = build_origin(case, options, parameters, setting)
    workers = workers or max(1, min(os.cpu_count() or 1, 8))
    chunks = _chunks(number, chunk_draws)

    started = perf_counter()
    expected_cut = parameters.aid.cut_probability
    first = _take((parameters, origin, expected_cut), chunks[0], number)
    path_program = epoch_path.lower(first[0], setting, *first[1:], weeks=weeks).compile()
    compile_seconds = perf_counter() - started

    def path_of(numbers: Integers) -> dict[str, Any]:
        part, origin_part, cut = _take((parameters, origin, expected_cut), numbers, number)
        computed = path_program(part, setting, origin_part, cut)
        return {name: np.asarray(array, dtype=np.float64) for name, array in computed.items()}

    pieces = _map_chunks(path_of, chunks, workers=workers, stage="game", tell=tell)
    path = {name: np.concatenate([piece[name] for piece in pieces], axis=1)[:, :number] for name in pieces[0]}
    game = compile_game(path, draws.values, setting, origin, alliance_first=case.first_mover == "alliance")
    solution = solve(game)
    policy = tables(solution, draws.values["resolve.alliance"], draws.values["resolve.adversary"])
    if hold:
        policy = replace(
            policy, alliance=np.zeros_like(policy.alliance), adversary=np.zeros_like(policy.adversary)
        )
    game_seconds = perf_counter() - started - compile_seconds

    started = perf_counter()
    sides = side_actors(case)
    keys = streams(seed, sides["host"], sides["adversary"])
    fixed = {"weeks": weeks, "reference": reference, "kept": min(replicates, WEEKLY_REPLICATES)}
    epochs = -(-weeks // EPOCH_WEEKS)

    def arguments(numbers: Integers) -> tuple[Any, ...]:
        part, origin_part = _take((parameters, origin), numbers, number)
        shared = numbers if chance is None else chance[numbers]
        noise = draw_noise(keys, shared, replicates=replicates, weeks=epochs * EPOCH_WEEKS, epochs=epochs)
        return part, setting, origin_part, _take_policy(policy, numbers), noise

    program = _chunk.lower(*arguments(chunks[0]), **fixed).compile()
    compiled = perf_counter() - started

    shape = (len(options), number, replicates)
    outcomes: dict[str, Floats] = {name: np.empty(shape, dtype=np.float32) for name in OUTCOMES}
    by_week = (epochs * EPOCH_WEEKS, len(options), number, fixed["kept"])
    weekly: dict[str, Floats] = {name: np.empty(by_week, dtype=np.float32) for name in SERIES}

    def run(numbers: Integers) -> None:
        """Simulate a chunk and put it into its place; what fills up the last chunk is left out."""
        place = slice(numbers[0], numbers[-1] + 1)
        found, series = program(*arguments(numbers))
        for name, values in outcomes.items():
            values[:, place] = np.asarray(found[name])[:, : values[:, place].shape[1]]
        for name, values in weekly.items():
            values[:, :, place] = np.asarray(series[name])[:, :, : values[:, :, place].shape[2]]

    _map_chunks(run, chunks, workers=workers, stage="simulate", tell=tell)
    return Simulation(
        outcomes=outcomes,
        weekly=weekly,
        solution=solution,
        origin=origin,
        compile_seconds=compile_seconds + compiled,
        game_seconds=game_seconds,
        simulate_seconds=perf_counter() - started - compiled,
    )
