"""The follower on a node whose curve of solutions runs back in lambda before it comes forward again."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from excomm.game.solve import arclength, belief_grid
from excomm.game.solve.arclength import Stretch, follow
from excomm.game.solve.interpolation import Spline, spline
from excomm.game.solve.node import node_state


def jump(height: float) -> np.ndarray:
    """Scaled values of two actions by type, (1, 2, 2, points): action 0 gains much for type 1 once it convinces."""
    table = np.zeros((1, 2, 2, 41))
    table[0, 0, 1] = height * (0.1 + 1.0 / (1.0 + np.exp(-60.0 * (belief_grid(41) - 0.6))))
    return table


def error_at(shift: np.ndarray, table: np.ndarray) -> tuple[float, float]:
    """Largest error of the node equations and their determinant, from the equations of the batch solver."""

    def of(kind: int) -> list[Spline]:
        return [spline(jnp.asarray(table[:, action, kind])[:, None, None]) for action in (0, 1)]

    moves = tuple(jnp.asarray(shift[:, action])[:, None, None, None] for action in (0, 1))
    may = (jnp.ones((1, 1, 1, 1), dtype=bool),) * 2
    # one belief of 0.5 stands for the grid of nodes
    places = tuple(jnp.broadcast_to(move, (1, 1, 1, 41)) for move in moves)
    state = node_state(places, of(0), of(1), jnp.zeros(41), may)
    return float(state.size.max()), float(state.determinant[0, 0, 0, 0])


def _levels(*tables: np.ndarray) -> jax.Array:
    return jnp.asarray(np.stack(tables, axis=1))


def test_a_turning_node_is_followed_to_the_other_side() -> None:
    with jax.enable_x64(True):
        small, large = jump(2.0), jump(30.0)
        legal = jnp.ones((1, 2), dtype=bool)
        odds = jnp.zeros(1)
        first = follow(
            jnp.zeros((1, 2)),
            Stretch(_levels(np.zeros_like(small), small), odds, legal),
            tolerance=1e-10,
            most_strides=2000,
        )
        assert bool(first.is_arrived[0])
        assert not bool(first.is_turned[0])
        alone = follow(
            first.shift, Stretch(_levels(small, large), odds, legal), tolerance=1e-10, most_strides=4000
        )
        assert not bool(alone.is_arrived[0]), "the curve runs back beyond the small table"
        there = follow(
            jnp.zeros((1, 2)),
            Stretch(_levels(np.zeros_like(small), small, large), odds, legal),
            tolerance=1e-10,
            most_strides=4000,
        )
        assert bool(there.is_arrived[0])
        assert bool(there.is_turned[0])
        size, determinant = error_at(np.asarray(there.shift), large)
    assert size < 1e-9
    assert determinant > 0.0  # the curve comes through time 1 going forward
    assert float(there.shift[0, 0] - first.shift[0, 0]) > 0.2


def test_where_the_levels_lie_does_not_matter() -> None:
    """A table that only grows: the same curve, whether it is given in two levels, in three, or after empty ones."""
    large = jump(30.0)
    nothing, half = np.zeros_like(large), 0.5 * large
    with jax.enable_x64(True):
        ends = [
            follow(
                jnp.zeros((1, 2)),
                Stretch(_levels(*levels), jnp.zeros(1), jnp.ones((1, 2), dtype=bool)),
                tolerance=1e-10,
                most_strides=4000,
            )
            for levels in (
                (nothing, large),
                (nothing, half, large),
                (nothing, nothing, 0.2 * large, half, large),
            )
        ]
    assert all(bool(end.is_arrived[0]) and bool(end.is_turned[0]) for end in ends)
    for end in ends[1:]:
        np.testing.assert_allclose(end.shift, ends[0].shift, atol=1e-8)


def test_small_systems_are_solved_without_kernels_that_share_a_pool_of_threads() -> None:
    """Two threads that call LAPACK through XLA at once may wait for each other for ever: no kernel is called."""
    chance = np.random.default_rng(0)
    with jax.enable_x64(True):
        solve = jax.jit(arclength._solve)
        for size in (2, 6, 8):
            matrix, wanted = chance.normal(size=(200, size, size)), chance.normal(size=(200, size))
            matrix[:, 0, 0] = 0.0  # the first pivot must be looked for
            right = np.einsum("nij,nj->ni", matrix, wanted)
            found, sign = solve(matrix, right)
            error = np.abs(np.asarray(found) - wanted).max(axis=1)
            assert (np.asarray(sign) == np.sign(np.linalg.det(matrix))).all()
            assert (error < 1e-12 * np.linalg.cond(matrix) * np.abs(wanted).max(axis=1)).all()
        assert "custom_call" not in solve.lower(matrix, right).as_text()
        by_library = jax.jit(lambda matrix, right: jnp.linalg.solve(matrix, right[..., None]))
        assert "custom_call" in by_library.lower(matrix, right).as_text()
