"""The proof that a node has one solution, and the solver's short way where it holds."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from excomm.game.solve import SolveSettings, solve
from excomm.game.solve.interpolation import evaluate, locate, spline
from excomm.game.solve.uniqueness import is_unique, slope_bounds

from .conftest import ladder_game

ONE_CHUNK = SolveSettings(chunk=4, threads=1)


def test_bounds_hold_the_slopes_of_random_splines() -> None:
    with jax.enable_x64(True):
        for points in (8, 21):
            table = jnp.asarray(np.random.default_rng(points).normal(size=(50, points)))
            odds = jnp.broadcast_to(jnp.linspace(-12.0, 12.0, 4001), (50, 4001))
            where = locate(odds, points)
            _, slope = evaluate(spline(table), where)
            bounds = slope_bounds(spline(table))
            least = jnp.take_along_axis(bounds.least, where.interval, axis=-1)
            greatest = jnp.take_along_axis(bounds.greatest, where.interval, axis=-1)
            assert jnp.all(slope >= least - 1e-12)
            assert jnp.all(slope <= greatest + 1e-12)
            # and they are not idle: somewhere the slope comes close
            assert jnp.median(jnp.max(slope / greatest, axis=1)) > 0.9


def test_no_proof_is_given_where_a_node_has_three_solutions() -> None:
    """Two actions; action 0 is worth `height` to type 1 once it convinces: the scalar equation is scanned for roots."""
    belief = np.asarray(1.0 / (1.0 + np.exp(-np.linspace(-9.0, 9.0, 2001))))
    most = 0
    with jax.enable_x64(True):
        for height in np.linspace(0.2, 6.0, 30):
            place = jnp.linspace(0.0, 1.0, 81)
            grid = place**2 / (place**2 + (1.0 - place) ** 2)
            high = height / (1.0 + jnp.exp(-60.0 * (grid - 0.6)))[None, None, None, :]
            nothing = jnp.zeros_like(high)
            low_tables = [spline(nothing), spline(nothing)]
            high_tables = [spline(high), spline(nothing)]
            proved = bool(is_unique(low_tables, high_tables, jnp.ones((1, 2), dtype=bool))[0, 0, 0])
            roots_here = 0
            # x0 = G(x0) - c and x1 = -c with c = log((e^G + 1) / 2): roots by changes of sign
            shift = np.log(belief / (1.0 - belief))
            for prior in (-1.0, 0.05, 0.2, 1.0):
                value, _ = evaluate(spline(high[0, 0]), locate(jnp.asarray(prior + shift)[None], 81))
                gain = np.asarray(value)[0]
                error = shift - gain + np.log((np.exp(gain) + 1.0) / 2.0)
                roots = int(np.sum(np.diff(np.sign(error)) != 0))
                assert roots == 1 or not proved
                roots_here = max(roots_here, roots)
            assert proved or height > 0.25  # slope 3.6 x height: below 1 the bound must hold
            most = max(most, roots_here)
    assert most == 3


def test_a_proved_draw_is_solved_in_one_sweep_and_equals_the_path() -> None:
    game = ladder_game(np.array([0.5, 1.0, 2.0]), 4, beliefs=21)
    short, long = solve(game, ONE_CHUNK), solve(game, replace(ONE_CHUNK, leap=False))
    assert np.all(short.levels == 1)
    assert np.all(long.levels > 1)
    for one, other in zip(short.strategies, long.strategies, strict=True):
        assert np.abs(one - other).max() < 1e-10
    assert np.abs(short.values - long.values).max() < 1e-10
