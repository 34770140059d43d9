"""Simulate a case: compile and solve the game of every draw, then all options in chunks on common noise."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from excomm.beliefs.draws import Draws
from excomm.case.model import Case
from excomm.engine.noise import StreamKeys, stream_keys
from excomm.engine.outcomes import outcome_values
from excomm.engine.setup import build_setting, force
from excomm.engine.simulate import simulate_chunk
from excomm.game.compile import compile_game, epoch_path
from excomm.game.policy import PolicyTables, Solution, solve, tables
from excomm.quantities import OUTCOMES, SERIES
from excomm.world.coalition import Participation
from excomm.world.parameters import WorldParameters, declared_ids, pack
from excomm.world.setting import Setting
from excomm.world.state import Origin
from excomm.world.step import originate

__all__ = ["CHUNK_DRAWS", "Simulation", "simulate"]

CHUNK_DRAWS = 16
Progress = Callable[[str, int, int], None]
Floats = np.ndarray[Any, np.dtype[np.float32]]


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
    game_seconds: float
    simulate_seconds: float


WEEKLY_REPLICATES = 16


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def _slice(tree: Any, start: int, stop: int, draws: int) -> Any:
    """Take draws start..stop-1 along the draw axis (the second from the right) of every array that has it."""

    def cut(array: Array) -> Array:
        if array.ndim >= 2 and array.shape[-2] == draws:
            return array[..., start:stop, :]
        return array

    return jax.tree.map(cut, tree)


def _slice_policy(policy: PolicyTables, start: int, stop: int) -> PolicyTables:
    return PolicyTables(
        alliance=policy.alliance[:, :, start:stop],
        adversary=policy.adversary[:, :, start:stop],
        prior_alliance=policy.prior_alliance[:, start:stop],
        prior_adversary=policy.prior_adversary[:, start:stop],
    )


@partial(jax.jit, static_argnames=("replicates", "weeks", "reference", "kept"))
def _chunk(
    parameters: WorldParameters,
    setting: Setting,
    origin: Origin,
    policy: PolicyTables,
    keys: StreamKeys,
    draws: Array,
    *,
    replicates: int,
    weeks: int,
    reference: int,
    kept: int,
) -> tuple[dict[str, Array], dict[str, Array]]:
    result = simulate_chunk(
        parameters, setting, origin, policy, keys, draws, replicates=replicates, weeks=weeks
    )
    outcomes = outcome_values(result, parameters, setting, origin, reference=reference, weeks=weeks)
    weekly = {name: series[..., :kept] for name, series in result.weekly.items()}
    return outcomes, weekly


def _ranges(number: int, size: int) -> list[tuple[int, int]]:
    return [(start, min(start + size, number)) for start in range(0, number, size)]


def simulate(
    case: Case,
    draws: Draws,
    *,
    replicates: int,
    seed: int,
    chunk_draws: int = CHUNK_DRAWS,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Simulate all options of `draws`, each draw `replicates` times, over the horizon of the case.

    chunk_draws and workers change speed and memory, never a number. progress(stage, done, total) is called
    from the main thread.
    """
    tell = progress or _silent
    options = [case.option(name) for name in draws.options]
    reference = next((place for place, option in enumerate(options) if option.is_reference), 0)
    number, weeks = draws.number, case.horizon_weeks
    parameters = jax.tree.map(jnp.asarray, pack({name: draws.values[name] for name in declared_ids()}))
    setting = build_setting(case, options)
    contributions: Participation = force(case, options, parameters)
    origin: Origin = originate(parameters, setting, contributions)
    workers = workers or max(1, min(os.cpu_count() or 1, 8))
    chunks = _ranges(number, chunk_draws)

    def both(work: Callable[[tuple[int, int]], Any], stage: str) -> list[Any]:
        """Do the chunks on a few threads; JAX releases the interpreter lock while it computes."""
        results = []
        first = work(chunks[0])  # compile once, before the threads start
        results.append(first)
        tell(stage, 1, len(chunks))
        with ThreadPoolExecutor(workers) as pool:
            for done, result in enumerate(pool.map(work, chunks[1:]), start=2):
                results.append(result)
                tell(stage, done, len(chunks))
        return results

    started = perf_counter()
    expected_cut = parameters.aid.cut_probability

    def path_of(span: tuple[int, int]) -> dict[str, Any]:
        start, stop = span
        part, first, cut = _slice((parameters, origin, expected_cut), start, stop, number)
        computed = epoch_path(part, setting, first, cut, weeks=weeks)
        return {name: np.asarray(array, dtype=np.float64) for name, array in computed.items()}

    pieces = both(path_of, "game")
    path = {name: np.concatenate([piece[name] for piece in pieces], axis=1) for name in pieces[0]}
    game = compile_game(path, draws.values, setting, origin, alliance_first=case.first_mover == "alliance")
    solution = solve(game)
    policy = tables(solution, draws.values["resolve.alliance"], draws.values["resolve.adversary"])
    game_seconds = perf_counter() - started

    started = perf_counter()
    sides = {
        role: (case.in_role(role)[0].id if case.in_role(role) else role) for role in ("host", "adversary")
    }
    keys = stream_keys(seed, sides["host"], sides["adversary"])
    kept = min(replicates, WEEKLY_REPLICATES)

    def run(span: tuple[int, int]) -> tuple[dict[str, Floats], dict[str, Floats]]:
        start, stop = span
        part, first = _slice((parameters, origin), start, stop, number)
        outcomes, weekly = _chunk(
            part,
            setting,
            first,
            _slice_policy(policy, start, stop),
            keys,
            jnp.arange(start, stop),
            replicates=replicates,
            weeks=weeks,
            reference=reference,
            kept=kept,
        )
        return jax.tree.map(np.asarray, (outcomes, weekly))  # type: ignore[no-any-return]

    results = both(run, "simulate")
    outcomes = {name: np.concatenate([o[name] for o, _ in results], axis=1) for name in OUTCOMES}
    weekly = {name: np.concatenate([w[name] for _, w in results], axis=2) for name in SERIES}
    return Simulation(
        outcomes=outcomes,
        weekly=weekly,
        solution=solution,
        origin=origin,
        game_seconds=game_seconds,
        simulate_seconds=perf_counter() - started,
    )
