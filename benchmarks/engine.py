"""Speed of the weekly simulation against plain NumPy: same parameters, policies, noise and precision, same cores.

Simulates the flagship case (all options, 256 draws x 32 replicates x 52 weeks) with the compiled engine and with
`plain_numpy.py`, in turns so that other load on the machine meets both, and holds every outcome of the two against
each other. Only the simulate stage is timed: noise, moves, weekly steps, outcomes. Both work on chunks of draws on
as many threads; NumPy gets the chunk size that suits it best.

    python benchmarks/engine.py [--case ukraine-2024] [--draws 256] [--replicates 32] [--rounds 5] [--workers 2]
"""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from time import perf_counter
from typing import Any

import jax
import numpy as np
from plain_numpy import Inputs
from plain_numpy import simulate as simulate_plainly

from excomm.beliefs.draws import Draws, draw, side_actors
from excomm.case import load
from excomm.case.model import Case
from excomm.engine.crisis import BLOCK_DRAWS, Crisis, blocks_of, take_policy
from excomm.engine.noise import draw_noise, streams
from excomm.engine.setup import build_setting, review_week
from excomm.engine.simulation import WEEKLY_REPLICATES, Simulation, simulate
from excomm.game.equilibrium import SolvedBlock
from excomm.game.policy import PolicyTables
from excomm.pipeline.compilation import use_compilation_cache

TARGET_RUNS, TARGET_RATIO = 20_000, 3.0


class Plain:
    """The plain version on the inputs of a case, in chunks on threads."""

    def __init__(
        self, case: Case, draws: Draws, simulation: Simulation, blocks: list[SolvedBlock], replicates: int
    ) -> None:
        options = [case.option(name) for name in draws.options]
        self.values, self.origin, self.replicates = draws.values, simulation.origin, replicates
        self.setting, self.weeks = build_setting(case, options), case.horizon_weeks
        self.reference = next(place for place, option in enumerate(options) if option.is_reference)
        self.blocks = blocks
        sides = side_actors(case)
        self.keys = streams(0, sides["host"], sides["adversary"])
        self.number = draws.number

    def policy(self, numbers: np.ndarray[Any, Any]) -> PolicyTables:
        """Policies of the numbered draws, from the blocks they were solved in."""
        blocks = numbers // BLOCK_DRAWS
        parts = [
            take_policy(self.blocks[block].policy, numbers[blocks == block] - block * BLOCK_DRAWS)
            for block in np.unique(blocks)
        ]
        return PolicyTables(
            alliance=np.concatenate([part.alliance for part in parts], axis=2),
            adversary=np.concatenate([part.adversary for part in parts], axis=2),
            limits=np.concatenate([part.limits for part in parts], axis=3),
            prior=np.concatenate([part.prior for part in parts], axis=1),
            fronts=parts[0].fronts,
            points=parts[0].points,
        )

    def chunk(self, numbers: np.ndarray[Any, Any]) -> dict[str, Any]:
        """Outcomes of the numbered draws."""
        epochs = -(-self.weeks // 4)
        noise = draw_noise(self.keys, numbers, replicates=self.replicates, weeks=4 * epochs, epochs=epochs)
        policy = self.policy(numbers)
        inputs = Inputs(
            values={name: value[:, numbers] for name, value in self.values.items()}, setting=self.setting,
            origin=jax.tree.map(lambda value: value[..., numbers, :], self.origin), policy=policy, weeks=self.weeks,
            reference=self.reference,
        )  # fmt: skip
        return simulate_plainly(inputs, noise, kept=min(self.replicates, WEEKLY_REPLICATES))[0]

    def run(self, size: int, workers: int) -> tuple[dict[str, Any], float]:
        """Outcomes of all draws, and the seconds they took."""
        started = perf_counter()
        chunks = np.split(np.arange(self.number), range(size, self.number, size))
        with ThreadPoolExecutor(workers) as pool:
            found = list(pool.map(self.chunk, chunks))
        outcomes = {name: np.concatenate([part[name] for part in found], axis=1) for name in found[0]}
        return outcomes, perf_counter() - started


def agreement(one: dict[str, Any], other: dict[str, Any]) -> tuple[float, float]:
    """Share of the replicates in which every outcome agrees, and the largest difference among these.

    A uniform number that falls between two hazards which differ in their last bit decides an event otherwise, and
    with it the rest of that replicate.
    """
    alike = None
    largest = 0.0
    for name, values in one.items():
        scale = np.abs(values).max() or 1.0
        apart = np.abs(values - other[name])
        same = apart <= 2e-4 * np.abs(values) + 1e-5 * scale
        largest = max(largest, float((apart[same] / scale).max()))
        alike = same if alike is None else alike & same
    assert alike is not None
    return float(alike.mean()), largest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", default="ukraine-2024")
    parser.add_argument("--draws", type=int, default=256)
    parser.add_argument("--replicates", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()

    use_compilation_cache()
    case = load(given.case)
    options = tuple(option.id for option in case.options)
    drawn = review_week(case, draw(case, options=options, number=given.draws, seed=0))

    # Both simulate the same solved games; solving them is not what is compared.
    crisis = Crisis(case, drawn)
    with ThreadPoolExecutor(given.workers) as pool:
        blocks = list(pool.map(crisis.solved, blocks_of(given.draws, BLOCK_DRAWS)))

    def engine() -> Simulation:
        return simulate(
            case, drawn, replicates=given.replicates, seed=0, workers=given.workers,
            solved_games=lambda numbers: blocks[numbers[0] // BLOCK_DRAWS],
        )  # fmt: skip

    first = engine()  # compiles, or finds what is compiled
    plain = Plain(case, drawn, first, blocks, given.replicates)
    trial = {size: plain.run(size, given.workers)[1] for size in (4, 16, 64) if size <= given.draws}
    size = min(trial, key=trial.__getitem__)
    seconds: dict[str, list[float]] = {"engine": [], "plain": []}
    for _ in range(given.rounds):
        simulation = engine()
        seconds["engine"].append(simulation.simulate_seconds)
        outcomes, taken = plain.run(size, given.workers)
        seconds["plain"].append(taken)
    share, largest = agreement(simulation.outcomes, outcomes)

    runs = len(options) * given.draws * given.replicates
    speed = {name: runs / median(taken) for name, taken in seconds.items()}
    ratio = speed["engine"] / speed["plain"]
    print(
        f"{case.id}: {len(options)} options x {given.draws} draws x {given.replicates} replicates x "
        f"{case.horizon_weeks} weeks = {runs:,} runs, {given.workers} threads, single precision, "
        f"median of {given.rounds}"
    )
    print(f"{'':24}{'seconds':>10}{'runs/s':>12}")
    print(f"{'engine (compiled)':24}{median(seconds['engine']):>10.2f}{speed['engine']:>12,.0f}")
    print(f"{f'plain NumPy, {size} draws':24}{median(seconds['plain']):>10.2f}{speed['plain']:>12,.0f}")
    print(f"ratio {ratio:.1f} (wanted {TARGET_RATIO:.0f}); engine wanted {TARGET_RUNS:,} runs/s")
    print(
        f"replicates that agree in every outcome: {share:.4%}; largest difference among them {largest:.1e} of the range"
    )
    if share < 0.999:
        raise SystemExit("the two versions do not compute the same")


if __name__ == "__main__":
    main()
