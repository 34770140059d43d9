"""A proof that an informed node has one solution, whatever the path to it.

With c the difference of the two log-sums, every action has an equation of its own, `x - (G1 - G0)(a; x) + c = 0`. Where

    d(a) = 1 - (G1' - G0')(a) > 0           at every belief,

it has one root x(a; c), and what is left is one equation in c, whose slope along these roots is

    1 + sum over a of (p1 G1' - p0 G0')(a) / d(a)  >=  1 + min G1'/d - max G0'/d.

If that bound is positive too, the node has exactly one solution, so it is the one on the principal branch. The
bounds run over all beliefs between the grid points: a slope of a spline lies between the control values of its piece.
Primes are derivatives by the log-odds of the posterior; G is lambda times the value of a type after an action.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from excomm.game.solve.interpolation import Spline


class Bounds(NamedTuple):
    """Least and greatest derivative by the log-odds in each interval of the grid, (..., points - 1)."""

    least: jax.Array
    greatest: jax.Array


def place_rates(points: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and greatest derivative of the place [intervals] by the log-odds in each interval, (points - 1,)."""
    place = np.linspace(0.0, 1.0, points)
    rate = 0.5 * (points - 1) * place * (1.0 - place)
    least, greatest = np.minimum(rate[:-1], rate[1:]), np.maximum(rate[:-1], rate[1:])
    if points % 2 == 0:  # the peak lies inside the middle interval
        greatest[points // 2 - 1] = 0.125 * (points - 1)
    return least, greatest


def slope_bounds(table: Spline) -> Bounds:
    """Bounds of a spline's derivative by the log-odds."""
    near, far = place_rates(table.value.shape[-1])
    start, end = table.slope[..., :-1], table.slope[..., 1:]
    middle = 3.0 * (table.value[..., 1:] - table.value[..., :-1]) - start - end
    low = jnp.minimum(jnp.minimum(start, end), middle)
    high = jnp.maximum(jnp.maximum(start, end), middle)
    return Bounds(jnp.where(low < 0.0, low * far, low * near), jnp.where(high > 0.0, high * far, high * near))


def is_unique(low: Sequence[Spline], high: Sequence[Spline], legal: jax.Array) -> jax.Array:
    """Is the solution proved to be the only one, (D, S, N)? legal: (S, A)."""
    steepness, spread, gain = [], [], []
    for action, (low_table, high_table) in enumerate(zip(low, high, strict=True)):
        may = legal[None, :, action, None, None]
        of_low, of_high = slope_bounds(low_table), slope_bounds(high_table)
        gap = slope_bounds(Spline(high_table.value - low_table.value, high_table.slope - low_table.slope))
        least, greatest = 1.0 - gap.greatest, 1.0 - gap.least
        quotient = of_high.least / jnp.where(of_high.least < 0.0, least, greatest)
        other = of_low.greatest / jnp.where(of_low.greatest > 0.0, least, greatest)
        steepness.append(jnp.where(may, least, 1.0).min(axis=-1))
        gain.append(jnp.where(may, quotient, jnp.inf).min(axis=-1))
        spread.append(jnp.where(may, other, -jnp.inf).max(axis=-1))
    bound = 1.0 + reduce(jnp.minimum, gain) - reduce(jnp.maximum, spread)
    proved: jax.Array = (reduce(jnp.minimum, steepness) > 0.0) & (bound > 0.0)
    return proved | (legal.sum(axis=1) == 1)[None, :, None]
