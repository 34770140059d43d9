"""The path for one chunk of draws: levels of lambda outside, backward induction inside."""

from __future__ import annotations

from dataclasses import dataclass, fields

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from . import arclength, node, path
from .interpolation import grid_log_odds
from .markov import Floats, MarkovGame
from .scan import scan_nodes

FEWEST_FOLLOWED = 64  # the follower's arrays are filled up to powers of two from here: few compilations


@dataclass(frozen=True)
class ChunkSolution:
    """The fields of `DynamicSolution` for some draws, draws first."""

    strategies: tuple[Floats, ...]
    values: Floats
    residual: Floats
    unsolved: NDArray[np.int_]
    turned: NDArray[np.int_]
    followed: NDArray[np.int_]
    flagged: tuple[NDArray[np.int8], ...]
    other_equilibria: NDArray[np.int_]
    ambiguity: Floats
    martingale_error: Floats

    def take(self, place: int) -> ChunkSolution:
        """One draw of the chunk."""

        def pick(part: object) -> object:
            return tuple(pick(each) for each in part) if isinstance(part, tuple) else part[place : place + 1]  # type: ignore[index]

        return ChunkSolution(**{field.name: pick(getattr(self, field.name)) for field in fields(self)})  # type: ignore[arg-type]


@dataclass
class _Memory:
    """What an informed step keeps from level to level: shifts at the last two levels, scaled tables at the last."""

    shift: node.Actions | None = None
    earlier: node.Actions | None = None
    low: tuple[jax.Array, ...] = ()
    high: tuple[jax.Array, ...] = ()
    flagged: NDArray[np.int8] | None = None


def final_values(game: MarkovGame) -> jax.Array:
    """Values after the last step, (D, S, 2, types 0, types 1, points 0, points 1)."""
    payoff = jnp.asarray(game.final_payoff)[..., None, None]
    return jnp.broadcast_to(payoff, (game.draws, game.states, 2, *game.types, *game.points))


def is_informed(game: MarkovGame, mover: int) -> bool:
    """Has the mover private types?"""
    return game.types[mover] == 2


def first_order_reach(game: MarkovGame) -> Floats:
    """How far beliefs would move were replies linear in lambda, (draws,) [log-odds]; decides the number of levels."""
    tables = {id(step): path.device_step(step) for step in game.steps}
    after = final_values(game)
    reach = np.zeros(game.draws)
    for step in reversed(game.steps):
        table = tables[id(step)]
        if is_informed(game, step.mover):
            lam = jnp.asarray(game.lambdas[:, step.mover])
            for shift in path.first_shifts(after, table, lam, mover=step.mover):
                reach = np.maximum(reach, np.abs(np.asarray(shift)).max(axis=(1, 2, 3)))
        after = path.move_uniform(after, table)
    return reach


def solve_chunk(game: MarkovGame, levels: int, tolerances: path.Tolerances, *, scan: bool) -> ChunkSolution:
    """Follow the path to the game's lambdas in equal steps."""
    tables = {id(step): path.device_step(step) for step in game.steps}
    lambdas = jnp.asarray(game.lambdas)
    memories = [_Memory() for _ in game.steps]
    counts = np.zeros((3, game.draws), dtype=int)
    report = _Report(game)
    values = final_values(game)
    for level in range(1, levels + 1):
        is_last = level == levels
        values = final_values(game)
        for number in range(len(game.steps) - 1, -1, -1):
            step = game.steps[number]
            table, lam = tables[id(step)], lambdas[:, step.mover] * (level / levels)
            if not is_informed(game, step.mover):
                values, probabilities = path.move_plain(values, table, lam, mover=step.mover)
                if is_last:
                    report.add_plain(number, probabilities)
                continue
            memory = memories[number]
            if memory.shift is None:
                guess = path.first_shifts(values, table, lam, mover=step.mover)
            elif memory.earlier is None:  # at lambda 0 all shifts are 0
                guess = tuple(move * (level / (level - 1)) for move in memory.shift)
            else:
                guess = path.extrapolate(memory.shift, memory.earlier)
            move = path.open_informed(
                values,
                table,
                lam,
                guess,
                mover=step.mover,
                tolerance=tolerances.residual if is_last else tolerances.on_the_way,
                largest_correction=tolerances.largest_correction,
                iterations=tolerances.iterations,
            )
            shift = _careful(move, memory, step.legal, tolerances, counts)
            memory.earlier, memory.shift = memory.shift, shift
            memory.low = tuple(part.value for part in move.low)
            memory.high = tuple(part.value for part in move.high)
            values, state = path.close_informed(move, shift, table, mover=step.mover)
            if is_last:
                report.add_informed(number, state, shift, memory.flagged)
                if scan:
                    report.add_scan(scan_nodes(move, shift, state, table.legal))
    return report.finish(values, counts)


def _careful(
    move: path.Informed,
    memory: _Memory,
    legal: NDArray[np.bool_],
    tolerances: path.Tolerances,
    counts: NDArray[np.int_],
) -> node.Actions:
    """Shifts of a step, with the follower's results where plain Newton is not trusted."""
    is_easy = np.asarray(move.found.is_easy)
    if memory.flagged is None:
        memory.flagged = np.zeros(is_easy.shape, dtype=np.int8)
    if is_easy.all():
        return move.found.shift
    where = np.nonzero(~is_easy)
    draw, state, _, own = where
    new = _tables([part.value for part in move.low], [part.value for part in move.high], where)
    if memory.shift is None:
        old, start = np.zeros_like(new), np.zeros(new.shape[:2])
    else:
        old = _tables(memory.low, memory.high, where)
        start = np.stack([np.asarray(part)[where] for part in memory.shift], axis=1)
    wanted = max(FEWEST_FOLLOWED, 1 << (draw.size - 1).bit_length())
    fill = np.arange(wanted) % draw.size
    stretch = arclength.Stretch(
        jnp.asarray(old[fill]),
        jnp.asarray(new[fill]),
        jnp.asarray(grid_log_odds(new.shape[-1])[own][fill]),
        jnp.asarray(legal[state][fill]),
    )
    arrival = arclength.follow(
        jnp.asarray(start[fill]), stretch, tolerance=tolerances.residual, most_strides=tolerances.most_strides
    )
    moved, arrived, turned = (np.asarray(part)[: draw.size] for part in arrival[:3])
    memory.flagged[where] = np.where(arrived, np.maximum(memory.flagged[where], turned), 2)
    np.add.at(counts[0], draw, 1)
    shift = []
    for action, part in enumerate(move.found.shift):
        patched = np.array(part)
        patched[where] = np.where(arrived, moved[:, action], start[:, action])
        shift.append(jnp.asarray(patched))
    return tuple(shift)


def _tables(low: object, high: object, where: tuple[NDArray[np.int_], ...]) -> Floats:
    """Scaled tables of some nodes, (nodes, actions, 2, points)."""
    picked = [
        np.stack([np.asarray(part)[where[:3]] for part in parts], axis=1)  # type: ignore[attr-defined]
        for parts in (low, high)
    ]
    return np.stack(picked, axis=2)


class _Report:
    """Collects the last level."""

    def __init__(self, game: MarkovGame) -> None:
        self.game = game
        self.strategies: dict[int, Floats] = {}
        self.flagged: dict[int, NDArray[np.int8]] = {}
        self.residual = np.zeros(game.draws)
        self.martingale_error = np.zeros(game.draws)
        self.other_equilibria = np.full(game.draws, -1)
        self.ambiguity = np.full(game.draws, np.nan)

    def _in_order(self, number: int, table: NDArray[np.generic]) -> NDArray[np.generic]:
        """Put the beliefs (other, own), the last two axes, into the order (0, 1)."""
        return table if self.game.steps[number].mover == 1 else table.swapaxes(-2, -1)

    def add_plain(self, number: int, probabilities: node.Actions) -> None:
        table = np.stack([np.asarray(part) for part in probabilities], axis=-1)
        ordered = table if self.game.steps[number].mover == 1 else table.swapaxes(2, 3)
        self.strategies[number] = ordered[:, :, None]
        self.flagged[number] = np.zeros(ordered.shape[:-1], dtype=np.int8)

    def add_informed(
        self, number: int, state: node.NodeState, shift: node.Actions, flagged: NDArray[np.int8] | None
    ) -> None:
        low, high, moved = (
            np.stack([np.asarray(part) for part in parts]) for parts in (state.low, state.high, shift)
        )
        odds = grid_log_odds(low.shape[-1])
        prior = 1.0 / (1.0 + np.exp(-odds))
        posterior = 1.0 / (1.0 + np.exp(-np.clip(odds + moved, -700.0, 700.0)))
        mean = ((prior * high + (1.0 - prior) * low) * posterior).sum(axis=0)
        drift = np.abs(mean - prior).max(axis=(1, 2, 3))
        self.martingale_error = np.maximum(self.martingale_error, drift)
        self.residual = np.maximum(self.residual, np.asarray(state.size).max(axis=(1, 2, 3)))
        both = np.stack([low, high], axis=-1)  # A, D, S, N, M, T
        ordered = np.moveaxis(both, (0, 5), (5, 2))  # D, S, T, N, M, A
        if self.game.steps[number].mover == 0:
            ordered = ordered.swapaxes(3, 4)
        self.strategies[number] = np.ascontiguousarray(ordered)
        assert flagged is not None
        self.flagged[number] = np.asarray(self._in_order(number, flagged), dtype=np.int8)

    def add_scan(self, found: tuple[NDArray[np.int_], Floats]) -> None:
        count, spread = found
        self.other_equilibria = np.maximum(self.other_equilibria, 0) + count
        self.ambiguity = np.fmax(self.ambiguity, spread)

    def finish(self, values: jax.Array, counts: NDArray[np.int_]) -> ChunkSolution:
        steps = range(len(self.game.steps))

        def nodes(kind: int) -> NDArray[np.int_]:
            parts = [(self.flagged[step] == kind).sum(axis=(1, 2, 3)) for step in steps]
            return np.asarray(sum(parts), dtype=int)

        return ChunkSolution(
            strategies=tuple(self.strategies[step] for step in steps),
            values=np.asarray(values),
            residual=self.residual,
            unsolved=nodes(2),
            turned=nodes(1),
            followed=counts[0],
            flagged=tuple(self.flagged[step] for step in steps),
            other_equilibria=self.other_equilibria,
            ambiguity=self.ambiguity,
            martingale_error=self.martingale_error,
        )
