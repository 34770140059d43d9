"""Smooth interpolation of values in a public belief.

A belief is the probability that an actor is of its second type (index 1: resolved). Values are stored at beliefs whose
*place* `1 / (1 + exp(-log_odds / 2))` is spread evenly over [0, 1]. The belief is then a quadratic function of the
place near 0 and near 1: a value that is smooth in the belief has zero slope at both ends, the grid is densest where
posteriors gather, and finding the place takes one exponential. A cubic spline with zero end slopes interpolates, with
an error of fourth order in the spacing. The reply of an actor who knows less turns on the belief more sharply than
what leads to it, so the values before such a reply can be kept on a grid that is finer by a whole factor.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

LARGEST_LOG_ODDS = 200.0  # beyond this a belief is 0 or 1 in double precision; keeps exp() finite


class Spline(NamedTuple):
    """Values and slopes (per interval) at the grid points, both of shape (..., points)."""

    value: jax.Array
    slope: jax.Array


class Place(NamedTuple):
    """Where beliefs lie on the grid: interval, fraction of it (0 to 1), derivative of the place by the log-odds."""

    interval: jax.Array
    fraction: jax.Array
    rate: jax.Array


def belief_grid(points: int) -> NDArray[np.float64]:
    """Beliefs at which values are stored, shape (points,), from 0 to 1; a single point stands for one known type."""
    if points == 1:
        return np.zeros(1)
    place = np.linspace(0.0, 1.0, points)
    return np.asarray(place**2 / (place**2 + (1.0 - place) ** 2))


def grid_log_odds(points: int) -> NDArray[np.float64]:
    """Log-odds of the grid, shape (points,); the ends stand for certainty."""
    place = np.linspace(0.0, 1.0, points)
    with np.errstate(divide="ignore"):
        odds = 2.0 * (np.log(place) - np.log1p(-place))
    return np.clip(0.5 * (odds - odds[::-1]), -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)


def slope_matrix(points: int) -> NDArray[np.float64]:
    """Matrix (points, points) from values to slopes of the clamped cubic spline, per interval of the grid."""
    left = np.zeros((points, points))
    right = np.zeros((points, points))
    left[0, 0] = left[-1, -1] = 1.0
    for row in range(1, points - 1):
        left[row, row - 1 : row + 2] = 1.0, 4.0, 1.0
        right[row, row - 1], right[row, row + 1] = -3.0, 3.0
    return np.asarray(np.linalg.solve(left, right))


def refinement_matrix(points: int, factor: int) -> NDArray[np.float64]:
    """Matrix from values on a grid, (points,), to its spline on one that is finer by `factor`."""
    fine = np.arange(factor * (points - 1) + 1)
    interval = np.minimum(fine // factor, points - 2)
    part = (fine / factor - interval)[:, None]
    slope = slope_matrix(points)
    rise = np.eye(points)[interval + 1] - np.eye(points)[interval]
    start, end = slope[interval], slope[interval + 1]
    quadratic, cubic = 3.0 * rise - 2.0 * start - end, start + end - 2.0 * rise
    return np.asarray(np.eye(points)[interval] + part * (start + part * (quadratic + part * cubic)))


def spline(table: jax.Array) -> Spline:
    """The spline through `table`, whose last axis runs over the belief grid."""
    return Spline(table, table @ jnp.asarray(slope_matrix(table.shape[-1]).T))


def locate(odds: jax.Array, points: int) -> Place:
    """Where beliefs of these log-odds lie on a grid."""
    place = 1.0 / (1.0 + jnp.exp(-0.5 * jnp.clip(odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)))
    scaled = place * (points - 1)
    interval = jnp.minimum(scaled.astype(jnp.int32), points - 2)
    return Place(interval, scaled - interval, (0.5 * (points - 1)) * place * (1.0 - place))


def evaluate(table: Spline, where: Place) -> tuple[jax.Array, jax.Array]:
    """Values and their derivatives by the log-odds; the leading axes of `where` are those of the table."""
    value, value_after = _pick(table.value, where.interval), _pick(table.value, where.interval + 1)
    slope, slope_after = _pick(table.slope, where.interval), _pick(table.slope, where.interval + 1)
    rise = value_after - value
    quadratic = 3.0 * rise - 2.0 * slope - slope_after
    cubic = slope + slope_after - 2.0 * rise
    part = where.fraction
    level = value + part * (slope + part * (quadratic + part * cubic))
    return level, (slope + part * (2.0 * quadratic + 3.0 * part * cubic)) * where.rate


def _pick(table: jax.Array, interval: jax.Array) -> jax.Array:
    return jnp.take_along_axis(table, interval, axis=-1, mode="promise_in_bounds")
