"""Endings as competing risks, bargaining room, durability; published distributions of the duration of wars."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from worlds import fixed_cases, random_values, world

from excomm.world import diplomacy
from excomm.world.parameters import pack


def number(value) -> float:
    return float(np.asarray(value).reshape(-1)[0])


def agreement(
    p, talks: float = 0.0, stalemate: float = 0.0, room: float = 0.0, regained: float = 0.0
) -> float:
    found = diplomacy.agreement_hazard(
        p.diplomacy, talks=jnp.asarray(talks), stalemate=jnp.asarray(stalemate),
        regained=jnp.asarray(regained), room=jnp.asarray(room),
    )  # fmt: skip
    return number(found)


def relapse(p, presence: float = 0.0, guaranteed: float = 0.0, settled: float = 0.0) -> float:
    found = diplomacy.relapse_hazard(
        p.diplomacy, presence=jnp.asarray(presence), guaranteed=jnp.asarray(guaranteed),
        settled=jnp.asarray(settled),
    )  # fmt: skip
    return number(found)


def test_the_intensity_of_an_agreement() -> None:
    p = world(
        diplomacy__ceasefire=0.0025, diplomacy__agreement_ratio=1.5, diplomacy__talks_ratio=4.0,
        diplomacy__stalemate_effect=0.8, diplomacy__liberation_effect=3.0,
    )  # fmt: skip
    assert agreement(p, regained=0.5) == pytest.approx(0.0025 * 1.5 * np.exp(1.5), rel=1e-5)
    for talks, stalemate, room in ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.5, 0.4), (1.0, -0.5, 0.2)):
        rate = 0.0025 * 1.5 * 4.0**talks * np.exp(0.8 * stalemate + room)
        assert agreement(p, talks, stalemate, room) == pytest.approx(rate, rel=1e-5)


def test_a_ceasefire_holds_longer_with_a_force_with_strength_and_after_a_settlement() -> None:
    p = world(
        diplomacy__relapse=0.02, diplomacy__relapse_ratio=0.4, diplomacy__settlement_ratio=0.25,
        diplomacy__fear_effect=1.0, diplomacy__commitment_problem=0.5,
    )  # fmt: skip
    for presence, rate in ((0.0, 0.02), (1.0, 0.008), (0.5, 0.014)):
        assert relapse(p, presence) == pytest.approx(-np.expm1(-rate), rel=1e-5)
    assert relapse(p, 0.0, 0.0, 1.0) == pytest.approx(-np.expm1(-0.005), rel=1e-5)
    assert relapse(p, 1.0, 0.6, 0.0) == pytest.approx(-np.expm1(-0.008 * np.exp(-0.3)), rel=1e-5)


def test_a_tripwire_takes_away_little_fear_and_strength_that_can_fight_takes_away_much() -> None:
    p = world(diplomacy__guarantee_ratio=0.2)
    share = [
        number(diplomacy.guarantee(p.diplomacy, force=jnp.asarray(force), opposed=jnp.asarray(500e3)))
        for force in (0.0, 2e3, 100e3, 900e3)
    ]
    assert share == pytest.approx([0.0, 2 / 102, 0.5, 0.9], rel=1e-5)


def test_the_room_for_a_bargain() -> None:
    p = world(diplomacy__burden_effect=1.5, diplomacy__fear_effect=0.8, diplomacy__commitment_problem=0.5)
    found = diplomacy.bargaining_room(p.diplomacy, burden=jnp.asarray(0.2), guaranteed=jnp.asarray(0.5))
    assert number(found) == pytest.approx(1.5 * 0.2 + 0.8 * 0.5 * 0.5, rel=1e-5)
    p = world(diplomacy__mediation_ratio=1.5, diplomacy__mediation_rise=0.4)
    assert number(diplomacy.mediation_gain(p.diplomacy, alarm=jnp.asarray(1.0))) == pytest.approx(
        0.4 * np.log(1.5), rel=1e-5
    )
    p = world(diplomacy__settlement_share=0.2)
    odds = 0.25 * np.exp(0.7)
    assert number(diplomacy.settlement_share(p.diplomacy, jnp.asarray(0.7))) == pytest.approx(
        odds / (1 + odds), rel=1e-5
    )


@settings(fixed_cases, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_endings_compete(seed: int) -> None:
    """Shares of 1 - exp(-sum), in proportion; the sum never exceeds one; swapped sides give swapped victories."""
    draws = 128
    p = pack(random_values(seed, draws))
    random = np.random.default_rng(seed)

    def uniform(low: float, high: float):
        return jnp.asarray(random.uniform(low, high, (1, draws, 1)), dtype=jnp.float32)

    rate, ratio, host, adversary = uniform(0, 2.3), uniform(-8, 8), uniform(-0.5, 1), uniform(-0.5, 1)

    def found(ratio, host, adversary):
        return diplomacy.endings(
            p.diplomacy, agreement=rate, log_ratio=ratio, loss_host=host, loss_adversary=adversary
        )

    ends = found(ratio, host, adversary)
    names = list(ends.__dataclass_fields__)
    each = np.array([np.asarray(getattr(ends, name), dtype=float) for name in names])
    assert np.isfinite(each).all()
    assert (each >= 0).all()
    assert (each.sum(axis=0) <= 1 + 1e-5).all()
    # Intensities in double precision: P(any) = 1 - exp(-sum).
    d = p.diplomacy
    advantage = np.exp(np.clip(np.asarray(d.victory_effect, float) * np.asarray(ratio, float), -5, 5))
    total = (
        np.asarray(rate, float) + np.asarray(d.victory, float) * (advantage + 1 / advantage)
        + np.asarray(d.regime, float) * (
            np.exp(np.asarray(d.regime_effect, float) * np.asarray(host, float))
            + np.exp(np.asarray(d.regime_effect, float) * np.asarray(adversary, float))
        )
    )  # fmt: skip
    assert each.sum(axis=0) == pytest.approx(-np.expm1(-total), rel=1e-3, abs=1e-7)
    mirror = found(-ratio, adversary, host)
    assert np.asarray(mirror.victory_host) == pytest.approx(np.asarray(ends.victory_adversary), rel=1e-4)
    assert np.asarray(mirror.regime_host) == pytest.approx(np.asarray(ends.regime_adversary), rel=1e-4)
    assert np.asarray(mirror.agreement) == pytest.approx(np.asarray(ends.agreement), rel=1e-4)
    for hazard in (
        diplomacy.relapse_hazard(p.diplomacy, presence=uniform(0, 1), guaranteed=uniform(0, 1), settled=uniform(0, 1)),
        diplomacy.withdrawal_hazard(p.diplomacy, log_ratio=uniform(-10, 10)),
        diplomacy.settlement_share(p.diplomacy, uniform(-2, 12)),
        diplomacy.guarantee(p.diplomacy, force=uniform(0, 1e6), opposed=uniform(0, 1e6)),
    ):  # fmt: skip
        assert np.isfinite(np.asarray(hazard)).all()
        assert ((np.asarray(hazard) >= 0) & (np.asarray(hazard) <= 1)).all()


# ---- published distributions of the duration of wars -----------------------------------------------------------


def test_competing_weekly_hazards_multiply_to_the_survival_of_their_sum() -> None:
    rates = np.array([0.0025, 0.0003, 0.0007])
    weekly = -np.expm1(-rates.sum())
    incidence = sum(rates / rates.sum() * weekly * (1 - weekly) ** week for week in range(520))
    assert incidence.sum() == pytest.approx(1 - np.exp(-rates.sum() * 520), abs=1e-12)
    assert incidence / incidence.sum() == pytest.approx(rates / rates.sum(), rel=1e-12)


def test_a_lognormal_with_the_published_median_and_mean_has_these_tails() -> None:
    """Interstate wars since 1816: median 139 days, mean 408 days; the tails follow from these two alone."""
    spread = np.sqrt(2 * np.log(408 / 139))
    assert spread == pytest.approx(1.4675, abs=1e-4)
    law = stats.lognorm(spread, scale=139.0)
    assert law.sf(365.0) == pytest.approx(0.2553, abs=1e-4)
    assert law.sf(4 * 365.25) == pytest.approx(0.0545, abs=1e-4)


def test_a_log_logistic_of_the_same_median_survives_a_year_as_computed() -> None:
    assert stats.fisk(1.0, scale=139.0).sf(365.0) == pytest.approx(0.27579, abs=1e-5)
    by_hand = 1 / (1 + 365 / 139)
    assert by_hand == pytest.approx(0.27579, abs=1e-5)


def test_the_weekly_ceasefire_hazard_compounds_to_the_published_share_of_a_year() -> None:
    """0.0025 a week is about 12 % in a year, by the product of the weekly survivals."""
    p = world(diplomacy__ceasefire=0.0025, diplomacy__agreement_ratio=1.0)
    weekly = -np.expm1(-agreement(p))
    assert 1 - (1 - weekly) ** 52 == pytest.approx(-np.expm1(-0.0025 * 52), rel=1e-4)
    assert 1 - (1 - weekly) ** 52 == pytest.approx(0.12, abs=0.005)
