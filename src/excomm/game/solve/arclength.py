"""Careful following of single nodes where plain Newton from the level before is not trusted.

Between two levels of lambda the tables of scaled values move on a straight line. The last of these stretches runs from
time 0 to 1, the one before it from -1 to 0, and so on. From the solution at the first of the given levels the follower
walks along the curve of solutions by its arc length, so it passes a turning node, where the curve runs back in time,
into an earlier stretch if need be, before it comes forward again, and stops where it first reaches time 1. At a border
between two stretches the curve has a kink: the follower stops on it and goes on in the new direction.
Equations and unknowns are those of `node`, here with the leading axis of the nodes in question only.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from excomm.game.solve.compiler import program
from excomm.game.solve.interpolation import Place, Spline, evaluate, locate, spline

RUNNING, ARRIVED, LOST = 0, 1, 2
FIRST_STRIDE = 0.1  # arc length, in log-odds and fractions of a level
LONGEST_STRIDE = 1.0
SHORTEST_STRIDE = 1e-7
SHARPEST_BEND = 0.9  # smallest allowed cosine between two tangents
CORRECTIONS = 5
FEWEST, GROWTH = 64, 4  # numbers of nodes are filled up to 64, 256, 1,024, ...: few compilations
FIRST_STRIDES = 8  # most nodes arrive within these; the few that do not go on by themselves

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


class Stretch(NamedTuple):
    """The nodes to follow.

    tables: at the levels, the earliest first, (nodes, levels, actions, 2, points). odds (nodes,).
    legal (nodes, actions).
    """

    tables: Any
    odds: Any
    legal: Any


class Arrival(NamedTuple):
    """Shifts at time 1 (nodes, actions); has it arrived; has the curve run back on the way."""

    shift: Floats
    is_arrived: Booleans
    is_turned: Booleans


class _Walk(NamedTuple):
    """Points and tangents (nodes, actions + 1), with time last; piece: number of the stretch, the earliest being 0."""

    point: Any
    piece: Any
    tangent: Any
    stride: Any
    status: Any
    is_turned: Any


def _extended(
    point: jax.Array, since: jax.Array, old: Spline, change: Spline, odds: jax.Array, legal: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Error (nodes, actions) and its derivative (nodes, actions, actions + 1) by shifts and time; since: start of the
    stretch."""
    shift, time = point[:, :-1], point[:, -1] - since
    where = locate(odds[:, None] + shift, old.value.shape[-1])
    both = (*shift.shape, 2, 1)
    where = Place(*(jnp.broadcast_to(part[:, :, None, None], both) for part in where))
    at_old, slope_old = (part[..., 0] for part in evaluate(old, where))
    trend, slope_trend = (part[..., 0] for part in evaluate(change, where))
    value = jnp.where(legal[:, :, None], at_old + time[:, None, None] * trend, -jnp.inf)
    slope = slope_old + time[:, None, None] * slope_trend
    total = jax.nn.logsumexp(value, axis=1)
    weight = jnp.exp(value - total[:, None, :])
    difference = jnp.where(legal, value[:, :, 1] - value[:, :, 0], 0.0)
    error = jnp.where(legal, shift - difference + (total[:, 1] - total[:, 0])[:, None], 0.0)
    row = weight[:, :, 1] * slope[:, :, 1] - weight[:, :, 0] * slope[:, :, 0]
    diagonal = jnp.where(legal, 1.0 - (slope[:, :, 1] - slope[:, :, 0]), 1.0)
    by_shift = jnp.eye(shift.shape[1]) * diagonal[:, None, :] + legal[:, :, None] * row[:, None, :]
    drift = (weight[:, :, 1] * trend[:, :, 1] - weight[:, :, 0] * trend[:, :, 0]).sum(axis=1)
    by_time = jnp.where(legal, drift[:, None] - (trend[:, :, 1] - trend[:, :, 0]), 0.0)
    return error, jnp.concatenate([by_shift, by_time[:, :, None]], axis=2)


def _stretches(tables: jax.Array) -> tuple[Spline, Spline]:
    """Splines of the tables at the start of each stretch, and of their change in it, (nodes, stretches, ...)."""
    return spline(tables[:, :-1]), spline(jnp.diff(tables, axis=1))


def _of_piece(whole: Spline, piece: jax.Array) -> Spline:
    if whole.value.shape[1] == 1:
        return Spline(*(part[:, 0] for part in whole))
    place = piece[:, None, None, None, None]
    return Spline(*(jnp.take_along_axis(part, place, axis=1)[:, 0] for part in whole))


def _solve(matrix: jax.Array, right: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Solve small systems, (nodes, size, size) and (nodes, size), by elimination with the largest pivot of each column.

    Returns the solutions and the signs of the determinants, (nodes,).

    Not by `jnp.linalg.solve`: its kernels share one pool of threads with the programs that call them, and two threads
    that solve many systems at once wait for each other for ever (jaxlib 0.10, two cores).
    """
    size = matrix.shape[1]
    place = jnp.arange(size)

    def eliminate(at: jax.Array, so_far: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        rows, sign = so_far
        column = jax.lax.dynamic_index_in_dim(rows, at, axis=2, keepdims=False)
        pivot = jnp.argmax(jnp.where(place >= at, jnp.abs(column), -1.0), axis=1)
        chosen = jnp.take_along_axis(rows, pivot[:, None, None], axis=1)
        here = jax.lax.dynamic_slice_in_dim(rows, at, 1, axis=1)
        rows = jnp.where((place == pivot[:, None])[:, :, None], here, rows)
        top = jax.lax.dynamic_slice_in_dim(chosen, at, 1, axis=2)
        sign = sign * jnp.sign(top[:, 0, 0]) * jnp.where(pivot == at, 1.0, -1.0)
        chosen = chosen / top
        reduced = rows - jax.lax.dynamic_slice_in_dim(rows, at, 1, axis=2) * chosen
        return jnp.where((place == at)[None, :, None], chosen, reduced), sign

    rows = jnp.concatenate([matrix, right[:, :, None]], axis=2)
    solved, sign = jax.lax.fori_loop(0, size, eliminate, (rows, jnp.ones_like(right[:, 0])))
    return solved[:, :, -1], sign


def follow(start: Floats, stretch: Stretch, *, tolerance: float, most_strides: int) -> Arrival:
    """Follow the curve of solutions from `start` (nodes, actions) at the earliest of the tables to time 1.

    A curve that runs back beyond the earliest of the tables does not arrive, nor one that is longer than
    `most_strides`.
    """
    nodes, actions = start.shape
    begin = np.full((nodes, 1), 2.0 - stretch.tables.shape[1])
    forward = np.zeros((nodes, actions + 1))
    forward[:, -1] = 1.0
    walk = _Walk(
        np.concatenate([start, begin], axis=1),
        np.zeros(nodes, dtype=int),
        forward,
        np.full(nodes, FIRST_STRIDE),
        np.full(nodes, RUNNING),
        np.zeros(nodes, dtype=bool),
    )
    left, strides = np.arange(nodes), FIRST_STRIDES
    while left.size and most_strides > 0:
        length = FEWEST
        while length < left.size:
            length *= GROWTH
        fill = left[np.arange(length) % left.size]
        on = _walk_on(
            _Walk(*(part[fill] for part in walk)), Stretch(*(part[fill] for part in stretch)),
            jnp.asarray(min(strides, most_strides)), tolerance=tolerance,
        )  # fmt: skip
        for part, new in zip(walk, on, strict=True):
            part[left] = np.asarray(new)[: left.size]
        most_strides -= strides
        strides *= 2
        left = left[walk.status[left] == RUNNING]
    return Arrival(walk.point[:, :-1], walk.status == ARRIVED, walk.is_turned)


@program("tolerance")
def _walk_on(walk: _Walk, stretch: Stretch, strides: jax.Array, *, tolerance: float) -> _Walk:
    """Walk on along the curve by so many strides at most."""
    nodes, actions = walk.point.shape[0], walk.point.shape[1] - 1
    last = stretch.tables.shape[1] - 2
    old, change = _stretches(stretch.tables)
    forward = jnp.zeros((nodes, actions + 1)).at[:, -1].set(1.0)

    def system(point: jax.Array, piece: jax.Array) -> tuple[jax.Array, jax.Array]:
        parts = _of_piece(old, piece), _of_piece(change, piece)
        return _extended(point, piece - float(last), *parts, stretch.odds, stretch.legal)

    def new_tangent(point: jax.Array, piece: jax.Array, before: jax.Array) -> jax.Array:
        _, derivative = system(point, piece)
        tangent, sign = _solve(jnp.concatenate([derivative, before[:, None, :]], axis=1), forward)
        unit: jax.Array = tangent / jnp.linalg.norm(tangent, axis=1, keepdims=True)
        # With the tangent as its last row this determinant has one sign all along a curve, that of its start at
        # lambda 0. So a stride that has met another part of the curve shows as a sharp bend, and the way on behind a
        # kink is known.
        return jnp.where(sign[:, None] < 0.0, -unit, unit)

    def correct(point: jax.Array, piece: jax.Array, normal: jax.Array, anchor: jax.Array) -> jax.Array:
        def once(_: int, guess: jax.Array) -> jax.Array:
            error, derivative = system(guess, piece)
            matrix = jnp.concatenate([derivative, normal[:, None, :]], axis=1)
            off = jnp.sum(normal * (guess - anchor), axis=1, keepdims=True)
            return guess - _solve(matrix, jnp.concatenate([error, off], axis=1))[0]

        corrected: jax.Array = jax.lax.fori_loop(0, CORRECTIONS, once, point)
        return corrected

    def error_of(point: jax.Array, piece: jax.Array) -> jax.Array:
        return jnp.max(jnp.abs(system(point, piece)[0]), axis=1)

    def stride_once(walk: _Walk) -> _Walk:
        here = walk.piece
        ahead = walk.point + walk.stride[:, None] * walk.tangent
        point = correct(ahead, here, walk.tangent, ahead)
        tangent = new_tangent(point, here, walk.tangent)
        bend = jnp.sum(tangent * walk.tangent, axis=1)
        off = jnp.linalg.norm(point - ahead, axis=1)
        good = (
            (error_of(point, here) < tolerance) & (bend > SHARPEST_BEND) & (off < 0.3 * walk.stride + 1e-12)
        )
        begin, time = here - float(last), point[:, -1]
        is_later = good & (time >= begin + 1.0)
        is_earlier = good & (time < begin)
        crosses = is_later | is_earlier
        border = jnp.where(is_later, begin + 1.0, begin)
        gap = time - walk.point[:, -1]
        part = jnp.where(crosses, (border - walk.point[:, -1]) / jnp.where(gap == 0.0, 1.0, gap), 0.0)
        between = walk.point + part[:, None] * (point - walk.point)
        between = between.at[:, -1].set(jnp.where(crosses, border, between[:, -1]))
        landed = correct(between, here, forward, between)
        near = jnp.linalg.norm(landed - between, axis=1) < 0.5 * walk.stride + 1e-9
        lands = crosses & near & (error_of(landed, here) < tolerance)
        arrives = lands & is_later & (here == last)
        leaves = lands & is_earlier & (here == 0)
        passes = lands & ~arrives & ~leaves
        moves = (good & ~crosses) | passes
        target = jnp.where(lands[:, None], landed, point)
        after = jnp.where(passes, jnp.where(is_later, here + 1, here - 1), here)
        if last > 0:
            tangent = jnp.where(passes[:, None], new_tangent(target, after, walk.tangent), tangent)
        running = walk.status == RUNNING
        longer = jnp.where(passes, walk.stride, jnp.minimum(1.6 * walk.stride, LONGEST_STRIDE))
        stride = jnp.where(moves, longer, 0.4 * walk.stride)
        lost = leaves | (stride < SHORTEST_STRIDE)
        status = jnp.where(arrives, ARRIVED, jnp.where(lost, LOST, RUNNING))
        goes = running & (moves | arrives)
        return _Walk(
            jnp.where(goes[:, None], target, walk.point),
            jnp.where(running, after, here),
            jnp.where((running & moves)[:, None], tangent, walk.tangent),
            jnp.where(running, stride, walk.stride),
            jnp.where(running, status, walk.status),
            walk.is_turned | (running & moves & (tangent[:, -1] < 0.0)),
        )

    def is_walking(so_far: tuple[_Walk, jax.Array]) -> jax.Array:
        return jnp.any(so_far[0].status == RUNNING) & (so_far[1] < strides)

    # The tangent of a walk that has begun is found again; that of a new one points forward in time.
    walk = walk._replace(tangent=new_tangent(walk.point, walk.piece, walk.tangent))
    walk, _ = jax.lax.while_loop(
        is_walking, lambda so_far: (stride_once(so_far[0]), so_far[1] + 1), (walk, jnp.zeros_like(strides))
    )
    return walk
