"""The path for one chunk of draws: levels of lambda outside, backward induction inside."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from . import arclength, node, path
from .interpolation import grid_log_odds
from .leap import Device, guess_from_later
from .markov import Floats, MarkovGame, Step
from .report import ChunkSolution, Report, is_informed
from .scan import scan_nodes

FEWEST_FOLLOWED = 64  # the follower's arrays are filled up to powers of two from here: few compilations


@dataclass
class _Memory:
    """What an informed step keeps from level to level: shifts at the last two levels, scaled tables at the last."""

    shift: node.Actions | None = None
    earlier: node.Actions | None = None
    low: tuple[jax.Array, ...] = ()
    high: tuple[jax.Array, ...] = ()
    flagged: NDArray[np.int8] | None = None


def first_order_reach(game: MarkovGame) -> Floats:
    """How far beliefs would move were replies linear in lambda, (draws,) [log-odds]; decides the number of levels."""
    device = Device.of(game)
    after = device.final
    reach = np.zeros(game.draws)
    for step in reversed(game.steps):
        table = device.tables[id(step)]
        if is_informed(game, step.mover):
            lam = jnp.asarray(device.lambdas[:, step.mover])
            for shift in path.first_shifts(after, table, lam, mover=step.mover):
                reach = np.maximum(reach, np.abs(np.asarray(shift)).max(axis=(1, 2, 3)))
        after = path.move_uniform(after, table)
    return reach


def solve_chunk(
    game: MarkovGame, fractions: Floats, tolerances: path.Tolerances, *, refine: int, scan: bool
) -> ChunkSolution:
    """Follow the path through these fractions of the game's lambdas, (levels, draws), in rising order, the last 1.

    refine: how much finer than the beliefs of the game the values before a reply are kept.
    """
    device = Device.of(game)
    memories = [_Memory() for _ in game.steps]
    followed = np.zeros(game.draws, dtype=int)
    report = Report(game, refine)
    values = device.final
    gaps = np.diff(fractions, axis=0, prepend=0.0)
    for level, fraction in enumerate(fractions):
        is_last = level == len(fractions) - 1
        stretch = gaps[level] / gaps[max(level - 1, 0)]
        values, lambdas = device.final, device.of_both(fraction)
        later: tuple[list[node.Actions], list[node.Actions]] = ([], [])
        for number in range(len(game.steps) - 1, -1, -1):
            step = game.steps[number]
            table, lam = device.tables[id(step)], lambdas[step.mover]
            if not is_informed(game, step.mover):
                reply = path.move_plain(
                    values, table, lam, mover=step.mover, refine=refine, points=game.points[1 - step.mover]
                )
                values = reply.values
                if is_last:
                    report.add_reply(number, reply)
                continue
            memory = memories[number]
            opened = path.open_informed(
                values,
                table,
                lam,
                _guess(game, step, memory, later[step.mover], stretch),
                mover=step.mover,
                tolerance=tolerances.residual if is_last else tolerances.on_the_way,
                largest_correction=tolerances.largest_correction,
                iterations=tolerances.iterations,
            )
            shift = _careful(opened, memory, step.legal, tolerances, followed)
            is_mended = shift is not opened.found.shift
            played = (
                path.close_informed(opened.move, shift, table, lam, mover=step.mover)
                if is_mended
                else opened.played
            )
            later[step.mover][:] = [*later[step.mover][-1:], shift]
            memory.earlier, memory.shift = memory.shift, shift
            memory.low = tuple(part.value for part in opened.move.low)
            memory.high = tuple(part.value for part in opened.move.high)
            values = played.values
            if is_last:
                report.add_played(number, played)
                report.add_flagged(number, memory.flagged)
                if scan:
                    report.add_scan(scan_nodes(opened.move, shift, table.legal))
    return report.finish(values, followed)


def _guess(
    game: MarkovGame, step: Step, memory: _Memory, later: list[node.Actions], stretch: Floats
) -> node.Actions:
    if memory.shift is None:
        return guess_from_later(game, step, later)
    # at lambda 0 all shifts are 0
    earlier = memory.earlier or tuple(0.0 * move for move in memory.shift)
    ahead: node.Actions = path.extrapolate(memory.shift, earlier, stretch)
    return ahead


def _careful(
    opened: path.Opened,
    memory: _Memory,
    legal: NDArray[np.bool_],
    tolerances: path.Tolerances,
    followed: NDArray[np.int_],
) -> node.Actions:
    """Shifts of a step, with the follower's results where plain Newton is not trusted."""
    is_easy = np.asarray(opened.found.is_easy)
    if memory.flagged is None:
        memory.flagged = np.zeros(is_easy.shape, dtype=np.int8)
    if is_easy.all():
        return opened.found.shift
    where = np.nonzero(~is_easy)
    draw, state, _, own = where
    new = _tables([part.value for part in opened.move.low], [part.value for part in opened.move.high], where)
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
        jnp.asarray(grid_log_odds(is_easy.shape[-1])[own][fill]),
        jnp.asarray(legal[state][fill]),
    )
    arrival = arclength.follow(
        jnp.asarray(start[fill]), stretch, tolerance=tolerances.residual, most_strides=tolerances.most_strides
    )
    moved, arrived, turned = (np.asarray(part)[: draw.size] for part in arrival[:3])
    memory.flagged[where] = np.where(arrived, np.maximum(memory.flagged[where], turned), 2)
    np.add.at(followed, draw, 1)
    shift = []
    for action, part in enumerate(opened.found.shift):
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
