"""Careful following of single nodes where plain Newton from the level before is not trusted.

Between two levels of lambda the tables of scaled values move on a straight line, `(1 - time) * old + time * new`. From
the old solution at time 0 the follower walks along the curve of solutions by its arc length, so it passes a turning
node, where the curve runs back in time before it comes forward again, and stops where it first reaches time 1.
Equations and unknowns are those of `node`, here with the leading axis of the nodes in question only.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from .compiler import program
from .interpolation import Place, Spline, evaluate, locate, spline

RUNNING, ARRIVED, STUCK = 0, 1, 2
FIRST_STRIDE = 0.1  # arc length, in log-odds and fractions of a level
LONGEST_STRIDE = 1.0
SHORTEST_STRIDE = 1e-7
SHARPEST_BEND = 0.9  # smallest allowed cosine between two tangents
CORRECTIONS = 5


class Stretch(NamedTuple):
    """The nodes to follow: tables at both ends (nodes, actions, 2, points), odds (nodes,), legal (nodes, actions)."""

    old: jax.Array
    new: jax.Array
    odds: jax.Array
    legal: jax.Array


class Arrival(NamedTuple):
    """Shifts at time 1 (nodes, actions); has it arrived; has the curve run back on the way; largest error."""

    shift: jax.Array
    is_arrived: jax.Array
    is_turned: jax.Array
    residual: jax.Array


class _Walk(NamedTuple):
    point: jax.Array
    tangent: jax.Array
    stride: jax.Array
    status: jax.Array
    is_turned: jax.Array
    strides: jax.Array


def _extended(
    point: jax.Array, old: Spline, change: Spline, odds: jax.Array, legal: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Error (nodes, actions) and its derivative (nodes, actions, actions + 1) by shifts and time."""
    shift, time = point[:, :-1], point[:, -1]
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


def _solve(matrix: jax.Array, right: jax.Array) -> jax.Array:
    solved: jax.Array = jnp.linalg.solve(matrix, right[..., None])[..., 0]
    return solved


@program("tolerance", "most_strides")
def follow(start: jax.Array, stretch: Stretch, *, tolerance: float, most_strides: int) -> Arrival:
    """Follow the curve of solutions from `start` (nodes, actions) at time 0 to time 1."""
    nodes, actions = start.shape
    old = spline(stretch.old)
    change = spline(stretch.new - stretch.old)
    forward = jnp.zeros((nodes, actions + 1)).at[:, -1].set(1.0)

    def system(point: jax.Array) -> tuple[jax.Array, jax.Array]:
        return _extended(point, old, change, stretch.odds, stretch.legal)

    def new_tangent(point: jax.Array, before: jax.Array) -> jax.Array:
        _, derivative = system(point)
        matrix = jnp.concatenate([derivative, before[:, None, :]], axis=1)
        tangent = _solve(matrix, forward)
        unit: jax.Array = tangent / jnp.linalg.norm(tangent, axis=1, keepdims=True)
        return unit

    def correct(point: jax.Array, normal: jax.Array, anchor: jax.Array) -> jax.Array:
        def once(_: int, guess: jax.Array) -> jax.Array:
            error, derivative = system(guess)
            matrix = jnp.concatenate([derivative, normal[:, None, :]], axis=1)
            off = jnp.sum(normal * (guess - anchor), axis=1, keepdims=True)
            return guess - _solve(matrix, jnp.concatenate([error, off], axis=1))

        corrected: jax.Array = jax.lax.fori_loop(0, CORRECTIONS, once, point)
        return corrected

    def error_of(point: jax.Array) -> jax.Array:
        return jnp.max(jnp.abs(system(point)[0]), axis=1)

    def stride_once(walk: _Walk) -> _Walk:
        ahead = walk.point + walk.stride[:, None] * walk.tangent
        point = correct(ahead, walk.tangent, ahead)
        tangent = new_tangent(point, walk.tangent)
        bend = jnp.sum(tangent * walk.tangent, axis=1)
        off = jnp.linalg.norm(point - ahead, axis=1)
        good = (error_of(point) < tolerance) & (bend > SHARPEST_BEND) & (off < 0.3 * walk.stride + 1e-12)
        crosses = good & (point[:, -1] >= 1.0)
        gap = point[:, -1] - walk.point[:, -1]
        part = jnp.where(crosses, (1.0 - walk.point[:, -1]) / jnp.where(gap == 0.0, 1.0, gap), 0.0)
        between = (walk.point + part[:, None] * (point - walk.point)).at[:, -1].set(1.0)
        landed = correct(between, forward, between)
        near = jnp.linalg.norm(landed - between, axis=1) < 0.5 * walk.stride + 1e-9
        arrives = crosses & near & (error_of(landed) < tolerance)
        moves = good & ~crosses
        running = walk.status == RUNNING
        stride = jnp.where(moves, jnp.minimum(1.6 * walk.stride, LONGEST_STRIDE), 0.4 * walk.stride)
        status = jnp.where(arrives, ARRIVED, jnp.where(stride < SHORTEST_STRIDE, STUCK, RUNNING))
        target = jnp.where(arrives[:, None], landed, jnp.where(moves[:, None], point, walk.point))
        return _Walk(
            jnp.where(running[:, None], target, walk.point),
            jnp.where((running & moves)[:, None], tangent, walk.tangent),
            jnp.where(running, stride, walk.stride),
            jnp.where(running, status, walk.status),
            walk.is_turned | (running & moves & (tangent[:, -1] < 0.0)),
            walk.strides + 1,
        )

    def is_walking(walk: _Walk) -> jax.Array:
        return jnp.any(walk.status == RUNNING) & (walk.strides < most_strides)

    point = jnp.concatenate([start, jnp.zeros((nodes, 1))], axis=1)
    walk = _Walk(
        point,
        new_tangent(point, forward),
        jnp.full(nodes, FIRST_STRIDE),
        jnp.full(nodes, RUNNING),
        jnp.zeros(nodes, dtype=bool),
        jnp.asarray(0),
    )
    walk = jax.lax.while_loop(is_walking, stride_once, walk)
    end = walk.point.at[:, -1].set(1.0)
    return Arrival(walk.point[:, :-1], walk.status == ARRIVED, walk.is_turned, error_of(end))
