"""Participation as a threshold game: fixed points against a root search, monotonicity, limits of the pool."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit
from worlds import fixed_cases, random_values, world

from excomm.world.coalition import Members, Scope, burden_shares, participation, support_next
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
        election=jnp.zeros(number),
    )


FIELDS = tuple(Scope.__dataclass_fields__)


def asked(**stated) -> Scope:
    """A scope in which nothing is asked for but what is stated; rung 2 of a force in the rear has no effect at 0."""
    values = {name: jnp.full((1, 1, 1), stated.get(name, 0.0)) for name in FIELDS}
    return Scope(**values)


def join(p, who: Members, **scope: float):
    return _participation(p.coalition, p.deployment, who, asked(**scope))


ONE = Members(
    weight=jnp.ones(1), forces=jnp.full(1, 1e5), border=jnp.zeros(1), support=jnp.full(1, 0.5),
    election=jnp.zeros(1),
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
        found = join(p, who, combat=combat, on_ceasefire=later)
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


@pytest.mark.parametrize(
    ("name", "size", "flag"),
    [
        ("roll_back_shift", 0.7, {"roll_back": 1.0}),
        ("risk_effect", 1.4, {"rung": 7.0}),
        ("risk_effect", 1.4, {"rung": 3.5}),
    ],
)  # fmt: skip
def test_aim_and_risk_lower_the_log_odds_by_what_is_stated(name: str, size: float, flag: dict) -> None:
    p = world(coalition__base=-0.5, coalition__peer_effect=0.0, **{f"coalition__{name}": size})
    (value,) = flag.values()
    expected = expit(-0.5 - size * (value / 7.0 if name == "risk_effect" else 1.0))
    assert float(join(p, ONE, **flag).members[0, 0, 0]) == pytest.approx(expected, rel=1e-5)


def test_an_election_holds_a_member_back_and_a_mandate_brings_it_in() -> None:
    voting = replace(ONE, election=jnp.ones(1))
    p = world(coalition__base=-0.5, coalition__peer_effect=0.0, coalition__election_shift=0.9)
    assert float(join(p, voting).members[0, 0, 0]) == pytest.approx(expit(-1.4), rel=1e-5)
    p = world(
        coalition__base=-0.5, coalition__peer_effect=0.0, coalition__mandate=1.0, coalition__mandate_shift=0.8
    )
    assert float(join(p, ONE).members[0, 0, 0]) == pytest.approx(expit(0.3), rel=1e-5)


def test_without_consensus_only_those_come_who_would_come_first() -> None:
    """A coordination problem under both frameworks: the alliance needs nobody to object, a coalition does not."""
    stated = {"coalition__base": -3.0, "coalition__peer_effect": 6.0, "coalition__coordination": 0.6,
              "coalition__unity": 0.0}  # fmt: skip
    who = replace(members(8, support=np.full(8, 0.5)), border=jnp.zeros(8))
    hesitant = world(**stated, coalition__consent_shift=0.0)
    willing = world(**stated, coalition__consent_shift=12.0)
    low = roots(-3.0, 6.0).min() * 8
    refused, agreed = (join(p, who, consensus=1.0) for p in (hesitant, willing))
    assert float(refused.consensus[0, 0, 0]) < 0.4
    assert float(refused.members[0, 0, 0]) == pytest.approx(low, rel=1e-3)
    assert float(agreed.consensus[0, 0, 0]) > 0.99
    assert float(agreed.members[0, 0, 0]) > 3 * low
    assert float(join(hesitant, who).members[0, 0, 0]) == pytest.approx(
        float(agreed.members[0, 0, 0]), rel=1e-5
    )


def test_independent_objections_multiply_and_one_bloc_has_one_veto() -> None:
    who = replace(members(8, support=np.full(8, 0.5)), border=jnp.zeros(8))
    for unity, vetoes in ((0.0, 8.0), (1.0, 1.0), (0.5, 4.5)):
        p = world(
            coalition__base=-2.0,
            coalition__peer_effect=0.0,
            coalition__consent_shift=4.0,
            coalition__unity=unity,
        )
        found = join(p, who, consensus=1.0).consensus[0, 0, 0]
        assert float(found) == pytest.approx(expit(2.0) ** vetoes, rel=1e-4)


def test_a_force_below_the_quorum_does_not_go() -> None:
    stated = {"coalition__base": -1.0, "coalition__peer_effect": 0.0, "deployment__size_requested": 1e5,
              "coalition__deployable_share": 0.1}  # fmt: skip
    pool = 0.1 * 1e5 * expit(-1.0)
    for quorum, comes in ((0.02, pool), (0.5, 0.0)):
        found = join(world(**stated, coalition__quorum=quorum), ONE)
        assert float(found.realised[0, 0, 0]) == pytest.approx(comes, rel=1e-5)


def test_burdens_follow_weight_until_somebody_has_no_more() -> None:
    available = jnp.asarray([[[100.0, 10.0, 50.0]]])
    weight = jnp.asarray([1.0, 1.0, 2.0])
    for total, expected in ((20.0, (5, 5, 10)), (60.0, (50 / 3, 10, 100 / 3)), (160.0, (100, 10, 50))):
        found = np.asarray(burden_shares(available, weight, jnp.full((1, 1, 1), total)))[0, 0]
        assert found == pytest.approx(expected, rel=1e-3)


def test_the_loss_of_support_is_amplified_by_others_who_leave() -> None:
    """One member and no peers: the slope of the logistic; peers multiply it by 1 / (1 - peer p (1 - p))."""
    alone = world(coalition__base=-1.0, coalition__peer_effect=0.0, coalition__support_effect=4.0)
    chance = expit(-1.0)
    assert float(join(alone, ONE).abandonment[0, 0, 0]) == pytest.approx(4 * (1 - chance), rel=0.05)
    together = world(coalition__base=-1.5, coalition__peer_effect=2.0, coalition__support_effect=4.0)
    (x,) = roots(-1.5, 2.0)
    slope = 4 * (1 - x) / (1 - 2 * x * (1 - x))
    assert float(join(together, ONE).abandonment[0, 0, 0]) == pytest.approx(slope, rel=0.06)


@settings(fixed_cases, max_examples=8)
@given(st.integers(0, 2**32 - 1))
def test_limits_and_monotone_support(seed: int) -> None:
    number, draws = 12, 64
    values = random_values(seed, draws)
    random = np.random.default_rng(seed)
    support = random.uniform(0.05, 0.9, number)
    drawn = {name: random.uniform(size=(1, draws, 1)) for name in FIELDS}
    drawn |= {name: drawn[name] < 0.5 for name in ("on_ceasefire", "roll_back", "consensus")}
    scope = Scope(**{name: jnp.asarray(value, dtype=jnp.float32) for name, value in drawn.items()})
    p = pack(values)
    ends = [pack({**values, "coalition.coordination": np.full((1, draws), c)}) for c in (0.0, 1.0)]

    def solved(p, support, border=None):
        who = members(number, seed, support)
        who = who if border is None else replace(who, border=jnp.asarray(border, dtype=jnp.float32))
        return _participation(p.coalition, p.deployment, who, scope)

    found, (low, high) = solved(p, support), [solved(end, support) for end in ends]
    requested = np.asarray(p.deployment.size_requested)
    assert (found.realised <= requested * (1 + 1e-5)).all()
    assert (found.realised <= found.pool * (1 + 1e-5)).all()
    assert (found.sustained <= found.realised * (1 + 1e-5)).all()
    for name in ("realised", "sustained", "pool", "members", "gap", "consensus", "largest", "abandonment"):
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
    # One more member at the border makes nobody less willing, where a border draws members in.
    near = {**values, "coalition.proximity_effect": np.abs(values["coalition.proximity_effect"])}
    for coordination in (0.0, 1.0):
        end = pack({**near, "coalition.coordination": np.full((1, draws), coordination)})
        border = np.asarray(members(number, seed, support).border)
        nearer = border.copy()
        nearer[(seed + 1) % number] = 1.0
        assert (solved(end, support, nearer).members >= solved(end, support, border).members - 1e-4).all()
    assert (found.consensus <= 1 + 1e-6).all()
    assert (found.largest <= 1 + 1e-4).all()


def test_the_force_shrinks_linearly_with_the_dead_and_never_below_nothing() -> None:
    p = world(coalition__dead_effect=2.0)  # points per 100 dead
    share = jnp.ones((1, 1, 1))
    slope = jnp.full((1, 1, 1), 2.5)
    after = support_next(p.coalition, share, abandonment=slope, dead=jnp.asarray(500.0))
    assert float(after[0, 0, 0]) == pytest.approx(1 - (0.02 * 5) * 2.5, rel=1e-5)
    gone = support_next(p.coalition, share, abandonment=slope, dead=jnp.asarray(1e6))
    assert float(gone[0, 0, 0]) == 0.0
    same = support_next(p.coalition, share * 0.7, abandonment=slope, dead=jnp.asarray(0.0))
    assert float(same[0, 0, 0]) == pytest.approx(0.7)
