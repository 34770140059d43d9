"""Hazards of incidents, nuclear use, neighbours, ceasefire: closed forms and the direction of every effect."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from worlds import fixed_cases, random_values, world

from excomm.world import escalation as risk
from excomm.world.parameters import pack


def number(value) -> float:
    return float(np.asarray(value).reshape(-1)[0])


def test_an_incident_needs_a_lethal_encounter_that_escalates() -> None:
    p = world(escalation__lethal=1e-3, escalation__escalates=0.2)
    assert number(risk.incident_hazard(p.escalation, jnp.asarray(40.0))) == pytest.approx(
        -np.expm1(-40 * 1e-3 * 0.2), rel=1e-5
    )
    assert number(risk.incident_hazard(p.escalation, jnp.asarray(0.0))) == 0.0


def test_deliberate_use_at_the_baseline_and_with_each_factor() -> None:
    p = world(
        nuclear__baseline=1.4e-4, nuclear__territory_effect=3.0, nuclear__clash_effect=2.0,
        nuclear__strikes_effect=1.5, nuclear__restraint=0.5,
    )  # fmt: skip

    def hazard(regained: float, clash: float, strikes: float) -> float:
        found = risk.deliberate_hazard(
            p.nuclear, regained=jnp.asarray(regained), clash=jnp.asarray(clash),
            strikes_territory=jnp.asarray(strikes),
        )  # fmt: skip
        return number(found)

    for regained, clash, strikes in ((0, 0, 0), (0.3, 0, 0), (0, 1, 0), (0, 0, 1), (0.3, 1, 1)):
        factor = np.exp(3 * regained + 2 * clash + 1.5 * strikes - 0.5)
        assert hazard(regained, clash, strikes) == pytest.approx(-np.expm1(-1.4e-4 * factor), rel=1e-5)


def test_a_general_exchange_needs_a_reply_unless_the_alliance_is_struck_already() -> None:
    p = world(nuclear__reply_nuclear=0.1, nuclear__general=0.4)
    assert number(risk.general_given_use(p.nuclear, strikes_territory=jnp.asarray(0.0))) == pytest.approx(
        0.04
    )
    assert number(risk.general_given_use(p.nuclear, strikes_territory=jnp.asarray(1.0))) == pytest.approx(0.4)


def test_the_chain_from_encounter_to_exchange_equals_the_enumeration_of_its_tree() -> None:
    """use -> reply -> general, with both roads to use: the sum over all leaves of the tree is the product."""
    p = world(
        nuclear__baseline=0.01, nuclear__reply_nuclear=0.1, nuclear__general=0.4, nuclear__restraint=0.0
    )
    deliberate = number(
        risk.deliberate_hazard(p.nuclear, regained=0.0, clash=jnp.asarray(1.0), strikes_territory=0.0)
    )
    inadvertent = number(
        risk.inadvertent_hazard(p.escalation, clash=jnp.asarray(1.0), strikes_territory=0.0, incident=0.01)
    )
    leaves = 0.0
    for chosen in (True, False):
        for slipped in (True, False):
            for replied in (True, False):
                for grew in (True, False):
                    weight = (
                        (deliberate if chosen else 1 - deliberate) * (inadvertent if slipped else 1 - inadvertent)
                        * (0.1 if replied else 0.9) * (0.4 if grew else 0.6)
                    )  # fmt: skip
                    leaves += weight * ((chosen or slipped) and replied and grew)
    use = 1 - (1 - deliberate) * (1 - inadvertent)
    general = use * number(risk.general_given_use(p.nuclear, strikes_territory=jnp.asarray(0.0)))
    assert general == pytest.approx(leaves, rel=1e-5)


def test_ceasefire_hazards() -> None:
    p = world(
        diplomacy__ceasefire=0.0025, diplomacy__agreement_ratio=1.5, diplomacy__talks_ratio=4.0,
        diplomacy__stalemate_effect=0.8, diplomacy__relapse=0.02, diplomacy__relapse_ratio=0.4,
    )  # fmt: skip
    for talks, stalemate in ((0.0, 0.0), (1.0, 0.0), (0.0, 0.5), (1.0, -0.5)):
        rate = 0.0025 * 1.5 * 4.0**talks * np.exp(0.8 * stalemate)
        found = risk.agreement_hazard(p.diplomacy, talks=jnp.asarray(talks), stalemate=jnp.asarray(stalemate))
        assert number(found) == pytest.approx(-np.expm1(-rate), rel=1e-5)
    for presence, rate in ((0.0, 0.02), (1.0, 0.008), (0.5, 0.014)):
        found = risk.relapse_hazard(p.diplomacy, presence=jnp.asarray(presence))
        assert number(found) == pytest.approx(-np.expm1(-rate), rel=1e-5)


@settings(fixed_cases, max_examples=12)
@given(st.integers(0, 2**32 - 1))
def test_hazards_are_probabilities_and_do_not_fall_up_the_ladder(seed: int) -> None:
    draws = 256
    p = pack(random_values(seed, draws))
    random = np.random.default_rng(seed)

    def level():
        return jnp.asarray(np.sort(random.uniform(size=(2, 1, draws, 1)), axis=0), dtype=jnp.float32)

    regained, clash, strikes, incident, horizontal = (level() for _ in range(5))
    encounters = level() * 1000

    def rising(hazard, *levels):
        """The hazard at the lower and at the higher end of each level, one at a time and all together."""
        base = np.asarray(hazard(*(each[0] for each in levels)))
        assert np.isfinite(base).all()
        assert ((base >= 0) & (base <= 1)).all()
        for raised in [*range(len(levels)), None]:
            higher = np.asarray(
                hazard(
                    *(each[1] if raised in (place, None) else each[0] for place, each in enumerate(levels))
                )
            )
            assert ((higher >= base * (1 - 1e-5)) & (higher <= 1)).all()

    rising(lambda e: risk.incident_hazard(p.escalation, e), encounters)
    rising(
        lambda r, c, s: risk.deliberate_hazard(p.nuclear, regained=r, clash=c, strikes_territory=s),
        regained, clash, strikes,
    )  # fmt: skip
    rising(
        lambda c, s, i: risk.inadvertent_hazard(p.escalation, clash=c, strikes_territory=s, incident=i),
        clash, strikes, incident,
    )  # fmt: skip
    rising(lambda s: risk.general_given_use(p.nuclear, strikes_territory=s), strikes)
    rising(lambda h: risk.neighbour_hazard(p.neighbour, horizontal=h, presence=clash[0]), horizontal)
    for found in (
        risk.neighbour_hazard(p.neighbour, horizontal=horizontal[0], presence=clash[0]),
        risk.agreement_hazard(p.diplomacy, talks=clash[0].round(), stalemate=2 * strikes[0] - 1),
        risk.relapse_hazard(p.diplomacy, presence=clash[0]),
        risk.withdrawal_hazard(p.diplomacy, log_ratio=20 * regained[0] - 10),
    ):
        assert np.isfinite(np.asarray(found)).all()
        assert ((np.asarray(found) >= 0) & (np.asarray(found) <= 1)).all()


# ---- published distributions of the duration of wars -----------------------------------------------------------


def test_a_lognormal_with_the_published_median_and_mean_has_these_tails() -> None:
    """Interstate wars since 1816: median 139 days, mean 408 days; the tails follow from these two alone."""
    spread = np.sqrt(2 * np.log(408 / 139))
    assert spread == pytest.approx(1.4675, abs=1e-4)
    law = stats.lognorm(spread, scale=139.0)
    assert law.sf(365.0) == pytest.approx(0.2553, abs=1e-4)
    assert law.sf(4 * 365.25) == pytest.approx(0.0545, abs=1e-4)


def test_the_weekly_ceasefire_hazard_compounds_to_the_published_share_of_a_year() -> None:
    """0.0025 a week is about 12 % in a year, by the product of the weekly survivals."""
    p = world(diplomacy__ceasefire=0.0025, diplomacy__agreement_ratio=1.0)
    weekly = number(risk.agreement_hazard(p.diplomacy, talks=jnp.asarray(0.0), stalemate=jnp.asarray(0.0)))
    assert 1 - (1 - weekly) ** 52 == pytest.approx(-np.expm1(-0.0025 * 52), rel=1e-4)
    assert 1 - (1 - weekly) ** 52 == pytest.approx(0.12, abs=0.005)
