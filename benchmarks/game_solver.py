"""The game solvers: dynamic solves per second in batch, and the tree solver beside pygambit (extra `oracle`).

    python benchmarks/game_solver.py [--ranges 6 20] [--draws 64] [--skip-trees]

Random crisis ladders: 9 rungs x 7 positions of the front, 13 epochs in which the alliance moves, then the adversary,
then chance; 3 actions, 2 types of the adversary, 21 beliefs. Lambda is scaled so that lambda x range is what each line
says, the range being the difference of the best and the worst state of an actor, held throughout and at the end,
without the top rung. "prior" draws it from a lognormal with median 6 and 90% in 2 to 20. Report the load of the machine
with the figures.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does: pygambit has one thread too

import statistics
import time
from io import StringIO

import numpy as np

from excomm.game.efg.reader import parse_efg
from excomm.game.efg.solver import solve_tree
from excomm.game.solve import MarkovGame, SolveSettings, Step, solve

RUNGS, FRONTS, EPOCHS = 9, 7, 13


def random_crises(draws: int, ranges: np.ndarray, seed: int, beliefs: int = 21) -> MarkovGame:
    """Random ladders with lambda x range as given, (draws,)."""
    rng = np.random.default_rng(seed)
    states = RUNGS * FRONTS
    rung, front = np.arange(states) // FRONTS, np.arange(states) % FRONTS
    top = RUNGS - 1
    after = rung[:, None] + np.array([-1, 0, 1])
    legal = (after >= 0) & (rung < top)[:, None] | ((rung == top)[:, None] & np.array([False, True, False]))
    successor = np.where(legal, after, rung[:, None]) * FRONTS + front[:, None]
    height = rung / (top - 1)
    stake = np.linspace(-1, 1, FRONTS)[front]
    weight, power = rng.uniform(0.3, 1.0, (draws, 2)), rng.uniform(1.0, 2.5, (draws, 2))
    cost = np.stack(
        [rng.uniform(0.4, 1.4, (draws, 2)), rng.uniform(0.0, 0.5, (draws, 2))], axis=2
    )  # resolved: less
    flow = np.zeros((draws, states, 2, 1, 2))
    for kind in (0, 1):
        flow[:, :, 0, 0, kind] = -weight[:, :1] * stake - cost[:, 0, :1] * height ** power[:, :1]
        flow[:, :, 0, 0, kind] -= 0.3 * (kind - 0.5) * cost[:, 0, 1:] * height**2
        flow[:, :, 1, 0, kind] = weight[:, 1:] * stake - cost[:, 1, kind, None] * height ** power[:, 1:]
    chance = _chance(rng, draws, rung, front)
    backing, urge = rng.uniform(0, 0.6, (draws, 2)), rng.uniform(-0.3, 0.4, (draws, 2, 2))
    payoffs = []
    for mover in (0, 1):
        payoff = np.zeros((draws, states, 3, 2, 1, 2))
        payoff[:, :, 0, mover] -= 0.5 * (backing[:, mover, None] * height)[..., None, None]
        payoff[:, :, 2, mover, 0] += 0.5 * (urge[:, mover] if mover else urge[:, 0, :1] * np.ones(2))[:, None]
        if mover == 1:
            payoff += (flow / EPOCHS)[:, :, None]
        payoffs.append(payoff)
    width = 2.0 * np.ptp(flow[:, rung < top], axis=1).max(
        axis=(2, 3)
    )  # of the flow over all epochs and the end
    final = flow.copy()
    final[:, rung == top] -= width[:, None, :, None, None]
    lambdas = ranges[:, None] / width
    steps = tuple(
        Step(mover, legal, successor, payoffs[mover], chance=chance if mover else None) for mover in (0, 1)
    )
    return MarkovGame(steps * EPOCHS, final, lambdas, (1, 2), (beliefs, beliefs))


def _chance(rng: np.random.Generator, draws: int, rung: np.ndarray, front: np.ndarray) -> np.ndarray:
    states = rung.size
    chance = np.zeros((draws, states, states))
    drift, push = rng.uniform(0.02, 0.2, draws), rng.uniform(-0.5, 0.5, (draws, RUNGS))
    jump = rng.uniform(0, 0.03, (draws, RUNGS))
    for state in range(states):
        k, f = rung[state], front[state]
        if k == RUNGS - 1:
            chance[:, state, state] = 1.0
            continue
        up, down = drift * (1 + push[:, k]), drift * (1 - push[:, k])
        for move, law in ((1, up), (-1, down), (0, 1 - up - down)):
            there = min(max(f + move, 0), FRONTS - 1)
            chance[:, state, k * FRONTS + there] += law * (1 - jump[:, k])
            chance[:, state, (k + 1) * FRONTS + there] += law * jump[:, k]
    return chance


def measure_dynamic(label: str, ranges: np.ndarray, repeats: int) -> None:
    """Print solves per second and what the solves say about themselves."""
    game = random_crises(ranges.size, ranges, seed=11)
    settings = SolveSettings()
    found = solve(game, settings)
    rates = []
    for _ in range(repeats):
        start = time.perf_counter()
        found = solve(game, settings)
        rates.append(ranges.size / (time.perf_counter() - start))
    bad = np.mean((found.unsolved > 0) | (found.turned > 0))
    print(
        f"range {label}: {statistics.median(rates):.1f} solves/s (best {max(rates):.1f}), levels "
        f"{int(np.median(found.levels))}, residual {found.residual.max():.1e}, draws with unsolved nodes "
        f"{np.mean(found.unsolved > 0):.1%}, unsolved or turned {bad:.1%}, "
        f"martingale {found.martingale_error.max():.1e}, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def measure_grid(ranges: np.ndarray) -> None:
    """Print the change of the first moves from 21 to 41 beliefs."""
    coarse = solve(random_crises(ranges.size, ranges, seed=12), SolveSettings())
    fine = solve(random_crises(ranges.size, ranges, seed=12, beliefs=41), SolveSettings())
    change = [
        np.abs(coarse.strategies[0] - fine.strategies[0][:, :, :, :, ::2]).max(axis=(1, 2, 3, 4, 5)),
        np.abs(coarse.strategies[1] - fine.strategies[1][:, :, :, :, ::2]).max(axis=(1, 2, 3, 4, 5)),
    ]
    worst = np.maximum(*change)
    print(
        f"range {ranges[0]:g}: first moves from 21 to 41 beliefs, all states and beliefs: median "
        f"{np.median(worst):.1e}, largest {worst.max():.1e}",
        flush=True,
    )


def ladder_text(moves: int) -> str:
    """The reference ladder with 2 types and `moves` moves, as an extensive-form file."""
    lines = ['EFG 2 R "ladder" { "R" "B" }', 'c "" 1 "" { "S" 0.35 "W" 0.65 } 0']
    sets: dict[tuple[int, str], int] = {}
    ends = 0

    def grow(history: str, kind: str) -> None:
        nonlocal ends
        one, other = history[0::2].count("E"), history[1::2].count("E")
        if len(history) == moves:
            ends += 1
            cost, loss = {"S": (0.10, 0.30), "W": (0.55, 0.12)}[kind]
            own = 0.6 * (one - other) - cost * (one + other) ** 2 / 3
            back = 0.7 * (other - one) - loss * (one + other) ** 2 / 3
            lines.append(f't "" {ends} "" {{ {own:.12f} {back:.12f} }}')
            return
        player = 1 + len(history) % 2
        key = (player, (kind if player == 1 else "") + history)
        number = sets.setdefault(key, len(sets) + 1)
        lines.append(f'p "" {player} {number} "" {{ "E" "H" }} 0')
        for action in "EH":
            grow(history + action, kind)

    grow("", "S")
    grow("", "W")
    return "\n".join(lines) + "\n"


def measure_trees(lam: float) -> None:
    """Print times and the largest difference on ladders of growing length."""
    try:
        import pygambit
    except ImportError:
        print("pygambit is not installed (extra `oracle`): no comparison of trees")
        return
    for moves in (4, 5, 6, 7, 8):
        text = ladder_text(moves)
        tree = parse_efg(text)
        start = time.perf_counter()
        ours = solve_tree(tree, lam)
        mine = time.perf_counter() - start
        game = pygambit.read_efg(StringIO(text))
        start = time.perf_counter()
        profile = pygambit.qre.logit_solve_lambda(game, [lam])[0].profile
        theirs = time.perf_counter() - start
        other = np.array(
            [float(each[1]) for name in game.players for _, mixed in profile[name] for each in mixed]
        )
        print(
            f"ladder of {moves} moves, {tree.actions} actions: {mine:.3f} s, pygambit {theirs:.3f} s, ratio "
            f"{theirs / mine:.1f}, difference {np.abs(ours.probabilities - other).max():.1e}, "
            f"load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the game solvers.")
    parser.add_argument("--ranges", type=float, nargs="*", default=[6.0, 20.0])
    parser.add_argument("--draws", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--skip-trees", action="store_true")
    parser.add_argument("--skip-grid", action="store_true")
    options = parser.parse_args()
    if not options.skip_trees:
        measure_trees(1.0)
    for value in options.ranges:
        measure_dynamic(f"{value:g}", np.full(options.draws, value), options.repeats)
    prior = np.exp(np.log(6.0) + 0.73 * np.random.default_rng(7).standard_normal(options.draws))
    measure_dynamic("prior", prior, options.repeats)
    if not options.skip_grid:
        measure_grid(np.full(min(16, options.draws), 6.0))


if __name__ == "__main__":
    main()
