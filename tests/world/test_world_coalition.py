"""Participation as a threshold game: fixed points against a root search, monotonicity, limits of the pool."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit
from worlds import fixed_cases, random_values, world

from excomm.world.coalition import Members, participation, support_next
from excomm.world.parameters import pack

_participation = jax.jit(participation)


def members(number: int, seed: int = 0, support: np.ndarray | None = None) -> Members:
    random = np.random.default_rng(seed)
    weight = random.uniform(0.1, 1, number)
    return Members(
        weight=jnp.asarray(weight / weight.sum(), dtype=jnp.float32),
        forces=jnp.asarray(random.uniform(1e3, 2e5, number), dtype=jnp.float32),
        border=jnp.asarray(random.uniform(size=number) < 0.3, dtype=jnp.float32),
        support=jnp.asarray(
            random.uniform(0.1, 0.6, number) if support is None else support, dtype=jnp.float32
        ),
    )


def join(p, who: Members, combat: float = 0.0, on_ceasefire: float = 0.0):
    shape = (1, 1, 1)
    return _participation(
        p.coalition,
        p.deployment,
        who,
        combat=jnp.full(shape, combat),
        on_ceasefire=jnp.full(shape, on_ceasefire),
    )


ONE = Members(
    weight=jnp.ones(1), forces=jnp.full(1, 1e5), border=jnp.zeros(1), support=jnp.full(1, 0.5)
)  # fmt: skip


def roots(base: float, peer: float) -> np.ndarray:
    """All solutions of x = expit(base + peer x), by brackets on a fine grid."""
    grid = np.linspace(0, 1, 20_001)
    excess = expit(base + peer * grid) - grid
    places = np.flatnonzero(np.sign(excess[:-1]) != np.sign(excess[1:]))
    return np.array([brentq(lambda x: expit(base + peer * x) - x, grid[k], grid[k + 1]) for k in places])


@pytest.mark.parametrize(("base", "peer"), [(-2.0, 1.0), (-3.0, 6.0), (-4.0, 8.0), (0.5, 0.0), (-1.0, 9.0)])
def test_iteration_finds_the_lowest_and_the_highest_fixed_point(base: float, peer: float) -> None:
    known = roots(base, peer)
    found = []
    for coordination in (0.0, 1.0):
        p = world(coalition__base=base, coalition__peer_effect=peer, coalition__coordination=coordination)
        found.append(float(join(p, ONE).members[0, 0, 0]))
    assert found == pytest.approx([known.min(), known.max()], abs=2e-4)


def test_a_coordination_problem_has_a_gap_and_a_simple_one_has_none() -> None:
    assert float(join(world(coalition__base=-3.0, coalition__peer_effect=6.0), ONE).gap[0, 0, 0]) > 0.5
    assert float(join(world(coalition__base=-3.0, coalition__peer_effect=1.0), ONE).gap[0, 0, 0]) < 1e-5


def test_without_peers_every_member_decides_alone() -> None:
    who = members(12)
    p = world(
        coalition__base=-1.0, coalition__peer_effect=0.0, coalition__support_effect=4.0,
        coalition__proximity_effect=0.7, coalition__combat_shift=1.5, coalition__ceasefire_shift=2.0,
        deployment__size_requested=1e9, coalition__deployable_share=0.1, deployment__rotation=4.0,
    )  # fmt: skip
    for combat, later in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)):
        found = join(p, who, combat, later)
        alone = expit(
            -1.0
            + 4.0 * (np.asarray(who.support) - 0.5)
            + 0.7 * np.asarray(who.border)
            - 1.5 * combat
            + 2.0 * later
        )
        troops = float((0.1 * np.asarray(who.forces) * alone).sum())
        assert float(found.members[0, 0, 0]) == pytest.approx(alone.sum(), rel=1e-5)
        assert float(found.realised[0, 0, 0]) == pytest.approx(troops, rel=1e-5)
        assert float(found.sustained[0, 0, 0]) == pytest.approx(troops / 4.0, rel=1e-5)


def test_no_more_comes_than_is_asked_for() -> None:
    found = join(world(deployment__size_requested=5000.0, coalition__base=3.0), members(12))
    assert float(found.realised[0, 0, 0]) == pytest.approx(5000.0)
    nothing = join(world(deployment__size_requested=0.0, coalition__base=3.0), members(12))
    assert float(nothing.realised[0, 0, 0]) == float(nothing.sustained[0, 0, 0]) == 0.0


@settings(fixed_cases, max_examples=8)
@given(st.integers(0, 2**32 - 1))
def test_limits_and_monotone_support(seed: int) -> None:
    number, draws = 12, 64
    values = random_values(seed, draws)
    random = np.random.default_rng(seed)
    support = random.uniform(0.05, 0.9, number)
    flags = {
        "combat": jnp.asarray(random.uniform(size=(1, draws, 1)), dtype=jnp.float32),
        "on_ceasefire": jnp.asarray(random.uniform(size=(1, draws, 1)) < 0.5, dtype=jnp.float32),
    }
    p = pack(values)
    ends = [pack({**values, "coalition.coordination": np.full((1, draws), c)}) for c in (0.0, 1.0)]

    def solved(p, support):
        return _participation(p.coalition, p.deployment, members(number, seed, support), **flags)

    found, (low, high) = solved(p, support), [solved(end, support) for end in ends]
    requested = np.asarray(p.deployment.size_requested)
    assert (found.realised <= requested * (1 + 1e-5)).all()
    assert (found.realised <= found.pool * (1 + 1e-5)).all()
    assert (found.sustained <= found.realised * (1 + 1e-5)).all()
    for name in ("realised", "sustained", "pool", "members", "gap"):
        array = np.asarray(getattr(found, name))
        assert np.isfinite(array).all(), name
        assert (array >= -1e-6).all(), name
    assert (found.members <= number + 1e-4).all()
    assert (low.members <= found.members + 1e-4).all()
    assert (found.members <= high.members + 1e-4).all()
    # A member whose public is more in favour makes nobody less willing.
    warmer = support.copy()
    warmer[seed % number] = min(warmer[seed % number] + 0.1, 1.0)
    for end, before in zip(ends, (low, high), strict=True):
        assert (solved(end, warmer).members >= before.members - 1e-4).all()


def test_support_falls_linearly_with_the_dead_and_never_below_nothing() -> None:
    p = world(coalition__dead_effect=2.0)  # points per 100 dead
    share = jnp.ones((1, 1, 1))
    after = support_next(p.coalition, share, public_support=jnp.full((1, 1, 1), 0.4), dead=jnp.asarray(500.0))
    assert float(after[0, 0, 0]) == pytest.approx(1 - (0.02 * 5) / 0.4, rel=1e-5)
    gone = support_next(p.coalition, share, public_support=jnp.full((1, 1, 1), 0.4), dead=jnp.asarray(1e6))
    assert float(gone[0, 0, 0]) == 0.0
    same = support_next(
        p.coalition, share * 0.7, public_support=jnp.full((1, 1, 1), 0.4), dead=jnp.asarray(0.0)
    )
    assert float(same[0, 0, 0]) == pytest.approx(0.7)
