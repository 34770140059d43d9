"""The path for one chunk of draws: levels of lambda outside, backward induction inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from excomm.game.solve import arclength, node, path
from excomm.game.solve.interpolation import grid_log_odds
from excomm.game.solve.leap import Device, guess_from_later
from excomm.game.solve.markov import Floats, MarkovGame, Step
from excomm.game.solve.report import ChunkSolution, Report, is_informed
from excomm.game.solve.scan import scan_nodes

LONGER_WAY = 4  # strides through all levels, relative to those through one


@dataclass
class _Memory:
    """What an informed step keeps from level to level: shifts at the last two levels, scaled tables at all of them."""

    shift: node.Actions | None = None
    earlier: node.Actions | None = None
    tables: list[tuple[tuple[jax.Array, ...], tuple[jax.Array, ...]]] = field(default_factory=list)
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


@dataclass
class _Progress:
    """How far the draws of a chunk have come, (draws,).

    followed: how often each had nodes for the follower. is_open: nodes of this draw are followed; not so of a copy that
    fills up the chunk, nor of a draw that has lost its path at some node: what comes after that has no meaning.
    """

    followed: NDArray[np.int_]
    is_open: NDArray[np.bool_]


def solve_chunk(
    game: MarkovGame,
    fractions: Floats,
    tolerances: path.Tolerances,
    *,
    refine: int,
    scan: bool,
    fresh: int | None = None,
) -> ChunkSolution:
    """Follow the path through these fractions of the game's lambdas, (levels, draws), in rising order, the last 1.

    refine: how much finer than the beliefs of the game the values before a reply are kept. fresh: how many of the draws
    are wanted, all by default; the rest are copies. Once every wanted draw has lost its path only the last level is
    looked at.
    """
    device = Device.of(game, refine)
    memories = [_Memory() for _ in game.steps]
    wanted = np.arange(game.draws) < (game.draws if fresh is None else fresh)
    progress = _Progress(np.zeros(game.draws, dtype=int), wanted)
    report = Report(game, refine)
    values = device.final
    gaps = np.diff(fractions, axis=0, prepend=0.0)
    for level, fraction in enumerate(fractions):
        is_last = level == len(fractions) - 1
        if not (is_last or progress.is_open.any()):
            continue
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
            opened = partial(
                path.open_informed,
                values,
                table,
                lam,
                mover=step.mover,
                tolerance=tolerances.residual if is_last else tolerances.on_the_way,
                largest_correction=tolerances.largest_correction,
            )
            now = opened(
                guess=_guess(game, step, memory, later[step.mover], stretch), iterations=tolerances.iterations
            )
            shift = _careful(now, memory, step.legal, tolerances, progress, levels=len(fractions))
            if shift is not now.found.shift:  # play at the mended shifts, where Newton takes no step
                now = opened(guess=shift, iterations=0)
            later[step.mover][:] = [*later[step.mover][-1:], shift]
            memory.earlier, memory.shift = memory.shift, shift
            memory.tables.append(_values(now.move))
            values = now.played.values
            if is_last:
                report.add_played(number, now.played)
                report.add_flagged(number, memory.flagged)
                if scan:
                    report.add_scan(scan_nodes(now.move, shift, table.legal))
    return report.finish(values, progress.followed)


def _guess(
    game: MarkovGame, step: Step, memory: _Memory, later: list[node.Actions], stretch: Floats
) -> node.Actions:
    if memory.shift is None:
        return guess_from_later(game, step, later)
    # at lambda 0 all shifts are 0
    earlier = memory.earlier or tuple(jnp.asarray(np.zeros(move.shape)) for move in memory.shift)
    ahead: node.Actions = path.extrapolate(memory.shift, earlier, jnp.asarray(stretch))
    return ahead


def _careful(
    opened: path.Opened,
    memory: _Memory,
    legal: NDArray[np.bool_],
    tolerances: path.Tolerances,
    progress: _Progress,
    *,
    levels: int,
) -> node.Actions:
    """Shifts of a step, with the follower's results where plain Newton is not trusted.

    A node whose curve runs back beyond the level before is followed again, from lambda 0 through all levels: there is
    one curve that begins there, and it comes through.
    """
    is_easy = np.asarray(opened.found.is_easy)
    if memory.flagged is None:
        memory.flagged = np.zeros(is_easy.shape, dtype=np.int8)
    if is_easy.all():
        return opened.found.shift
    where = np.nonzero(~is_easy)
    shifts = opened.found.shift if memory.shift is None else memory.shift
    start = np.stack([np.asarray(part)[where] for part in shifts], axis=1)
    if memory.shift is None:
        start = np.zeros_like(start)
    end = start.copy()
    followed = progress.is_open[where[0]]
    if followed.any():
        nodes = tuple(axis[followed] for axis in where)
        moved, arrived, turned = _follow(opened, memory, legal, tolerances, nodes, start[followed], back=1)
        if not arrived.all() and memory.tables:
            again = tuple(axis[~arrived] for axis in nodes)
            begin = np.zeros_like(moved[~arrived])
            found = _follow(opened, memory, legal, tolerances, again, begin, back=levels)
            moved[~arrived], turned[~arrived] = found[0], found[2]
            arrived[~arrived] = found[1]
        end[followed] = np.where(arrived[:, None], moved, start[followed])
        memory.flagged[nodes] = np.where(arrived, np.maximum(memory.flagged[nodes], turned), 2)
        np.add.at(progress.followed, nodes[0], 1)
        progress.is_open[nodes[0][~arrived]] = False
    shift = []
    for action, part in enumerate(opened.found.shift):
        patched = np.array(part)
        patched[where] = end[:, action]
        shift.append(jnp.asarray(patched))
    return tuple(shift)


def _follow(
    opened: path.Opened,
    memory: _Memory,
    legal: NDArray[np.bool_],
    tolerances: path.Tolerances,
    nodes: tuple[NDArray[np.int_], ...],
    start: Floats,
    *,
    back: int,
) -> arclength.Arrival:
    """Follow some nodes from their shifts at an earlier level, (nodes, actions).

    back: how many levels earlier; before the first level the tables are 0.
    """
    _, state, _, own = nodes
    levels = [_tables(*of_level, nodes) for of_level in (*memory.tables[-back:], _values(opened.move))]
    nothing = [np.zeros_like(levels[0])] * (back + 1 - len(levels))
    tables = np.stack([*nothing, *levels], axis=1)
    odds = np.asarray(grid_log_odds(opened.found.size.shape[-1]))[own]
    return arclength.follow(
        start, arclength.Stretch(tables, odds, legal[state]), tolerance=tolerances.residual,
        most_strides=tolerances.most_strides * (1 if back == 1 else LONGER_WAY),
    )  # fmt: skip


def _values(move: path.Informed) -> tuple[tuple[jax.Array, ...], tuple[jax.Array, ...]]:
    """Scaled values of each action by type 0 and 1 of the mover."""
    low, high = (tuple(part.value for part in parts) for parts in (move.low, move.high))
    return low, high


def _tables(
    low: tuple[jax.Array, ...], high: tuple[jax.Array, ...], where: tuple[NDArray[np.int_], ...]
) -> Floats:
    """Scaled tables of some nodes, (nodes, actions, 2, points)."""
    picked = [np.stack([np.asarray(part)[where[:3]] for part in parts], axis=1) for parts in (low, high)]
    return np.stack(picked, axis=2)
