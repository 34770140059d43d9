"""The front: drift, adaptive withdrawal, breaks, and a week of battle under either form."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import fixed_cases, world

from excomm.world import airpower
from excomm.world import front as moving_front


def number(value) -> float:
    return float(np.asarray(value).reshape(-1)[0])


def gain(log_ratio: float, **changes: float) -> float:
    return number(moving_front.drift_gain(world(**changes).front, jnp.asarray(log_ratio)))


@pytest.mark.parametrize("initial", [-90.0, 0.0, 5.0, 81.0])
def test_the_front_moves_at_the_outset_as_observed(initial: float) -> None:
    limits = {"front__initial_gain": initial, "front__max_gain": 100.0}
    assert gain(0.0, **limits) == pytest.approx(initial, rel=1e-5)
    front = world(**limits).front
    usual = [moving_front.withdrawal_usual(front, direction) for direction in (1.0, -1.0)]
    found = moving_front.adaptive_gain(
        front, host=usual[0], adversary=usual[1], host_presses=1.0, adversary_presses=1.0
    )
    assert number(found) == pytest.approx(initial, rel=1e-5)


@pytest.mark.parametrize("sign", [-1, 1])
def test_the_front_saturates(sign: int) -> None:
    limits = {"front__initial_gain": 20.0, "front__max_gain": 300.0, "front__sensitivity": 1.5}
    assert gain(sign * 20.0, **limits) == pytest.approx(sign * 300.0, rel=1e-5)


@settings(fixed_cases, max_examples=12)
@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(-1, 1), st.floats(1, 5000), st.floats(0, 20))
def test_the_stronger_side_never_gains_less(
    first: float, second: float, share: float, largest: float, sensitivity: float
) -> None:
    limits = {
        "front__initial_gain": share * largest, "front__max_gain": largest, "front__sensitivity": sensitivity,
    }  # fmt: skip
    low, high = sorted((first, second))
    assert gain(low, **limits) <= gain(high, **limits) + 1e-4 * largest
    assert abs(gain(high, **limits)) <= largest * (1 + 1e-6)


def test_breaks_follow_the_logistic_and_rise_with_losses() -> None:
    p = world(front__break_level=-6.0, front__break_slope=20.0)
    fractions = np.array([0.0, 0.10, 0.25, 1.0])
    found = np.asarray(moving_front.break_probability(p.front, jnp.asarray(fractions)))[0, 0]
    assert found == pytest.approx(1 / (1 + np.exp(6.0 - 20.0 * (fractions - 0.10))), rel=1e-5)
    assert (np.diff(found) > 0).all()


# ---- adaptive withdrawal -------------------------------------------------------------------------------------------

EPSTEIN = {"front__adaptation": 1.0, "front__prosecution_threshold": 1.0, "front__prosecution_effect": 0.5}


def test_a_defender_withdraws_as_epstein_has_it() -> None:
    """W' = W + (1 - W) / (1 - r_T) * (r - r_T), in shares of the largest rate, kept within 0 and 1."""
    front = world(**EPSTEIN).front
    for now, losses, threshold in ((0.2, 0.05, 0.02), (0.2, 0.01, 0.02), (0.01, 0.0, 0.5), (0.9, 0.9, 0.0)):
        found = number(
            moving_front.withdrawal_next(front, jnp.asarray(now), loss_fraction=losses, threshold=threshold)
        )
        expected = now + (1 - now) / (1 - threshold) * (losses - threshold)
        assert found == pytest.approx(np.clip(expected, 0, 1), abs=1e-6)


def test_nothing_changes_while_losses_are_those_of_the_outset() -> None:
    front = world(**EPSTEIN | {"front__prosecution_threshold": 1.5}).front
    kept = moving_front.withdrawal_next(front, jnp.asarray(0.3), loss_fraction=0.01, threshold=0.01)
    assert number(kept) == pytest.approx(0.3)
    assert number(
        moving_front.prosecution_next(front, jnp.asarray(1.0), loss_fraction=0.01, usual=0.01)
    ) == pytest.approx(1.0)
    assert number(
        moving_front.contact(jnp.asarray(0.3), jnp.asarray(0.3), jnp.asarray(1.0))
    ) == pytest.approx(1.0)


def test_an_attacker_slackens_while_its_losses_exceed_its_threshold() -> None:
    front = world(**EPSTEIN).front
    value = jnp.asarray(1.0)
    for _ in range(3):
        value = moving_front.prosecution_next(front, value, loss_fraction=0.03, usual=0.02)
    assert number(value) == pytest.approx((1 - 0.5 * 0.5) ** 3, rel=1e-5)
    rested = moving_front.prosecution_next(front, value, loss_fraction=0.0, usual=0.02)
    assert number(rested) == pytest.approx(0.75**3 * 1.5, rel=1e-5)


def test_who_gives_ground_loses_fewer_and_makes_the_attacker_lose_fewer() -> None:
    front = world(**EPSTEIN).front
    more = moving_front.withdrawal_next(front, jnp.asarray(0.1), loss_fraction=0.2, threshold=0.01)
    assert number(more) > 0.1
    assert number(moving_front.contact(more, jnp.asarray(0.1), jnp.asarray(1.0))) < 1.0


# ---- the air over the front ----------------------------------------------------------------------------------------


def test_control_settles_by_the_square_of_the_ratio_and_moves_with_its_lag() -> None:
    p = world(airpower__host=0.5, airpower__allied=2.0, airpower__lag=4.0)
    assert number(airpower.control_settled(p.airpower, 0.0)) == pytest.approx((0.25 - 1) / 1.25, rel=1e-5)
    assert number(airpower.control_settled(p.airpower, 1.0)) == pytest.approx((6.25 - 1) / 7.25, rel=1e-5)
    value = airpower.control_settled(p.airpower, 0.0)
    for _ in range(6):
        value = airpower.control_next(p.airpower, value, jnp.asarray(1.0))
    start, end = -0.6, 5.25 / 7.25
    assert number(value) == pytest.approx(end + (start - end) * 0.75**6, rel=1e-4)


@settings(fixed_cases, max_examples=12)
@given(st.floats(0.01, 100), st.floats(0, 100), st.floats(0, 1))
def test_control_stays_within_its_ends_and_allies_never_lower_it(
    host: float, allied: float, share: float
) -> None:
    p = world(airpower__host=host, airpower__allied=allied).airpower
    alone, helped = (number(airpower.control_settled(p, committed)) for committed in (0.0, share))
    assert -1 <= alone <= helped + 1e-6 <= 1 + 2e-6
