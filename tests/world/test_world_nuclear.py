"""Nuclear use and inadvertence: threshold decisions, the chain as a tree, direction of every effect."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from worlds import fixed_cases, random_values, world

from excomm.world import incidents, nuclear
from excomm.world.parameters import pack

STILL = {"regained": 0.0, "regime": 0.0, "clash": 0.0, "strikes_territory": 0.0}


def number(value) -> float:
    return float(np.asarray(value).reshape(-1)[0])


def gain(p, **changes: float) -> float:
    stated = {name: jnp.asarray(value) for name, value in {**STILL, **changes}.items()}
    return number(nuclear.gain_of_use(p.nuclear, **stated))


def used(p, **changes: float) -> float:
    return number(nuclear.use_probability(p.nuclear, jnp.asarray(gain(p, **changes))))


def test_at_the_information_date_both_roads_together_are_the_public_estimate() -> None:
    """Counted once: the deliberate and the accidental part of the baseline add up to it."""
    p = world(nuclear__baseline=2e-4, nuclear__accident_share=0.3)
    deliberate = used(p)
    calm = dict.fromkeys(("clash", "strikes_territory", "incident"), jnp.asarray(0.0))
    inadvertent = number(
        incidents.inadvertent_hazard(p.escalation, p.nuclear, rungs=jnp.asarray(0.0), **calm)
    )
    assert deliberate == pytest.approx(0.7 * 2e-4, rel=1e-5)
    assert deliberate + inadvertent == pytest.approx(2e-4, rel=1e-5)


def test_use_is_the_probability_that_a_logistic_cost_lies_below_the_gain() -> None:
    p = world(
        nuclear__baseline=1e-3, nuclear__accident_share=0.0, nuclear__territory_effect=3.0, nuclear__clash_effect=2.0,
        nuclear__strikes_effect=1.5, nuclear__regime_effect=1.0, nuclear__restraint=0.0,
    )  # fmt: skip
    cost = stats.logistic(loc=-np.log(1e-3 / (1 - 1e-3)))
    for stakes in ({}, {"regained": 0.3}, {"clash": 1.0}, {"regime": 0.5, "strikes_territory": 1.0}):
        expected = sum(
            {"regained": 3.0, "clash": 2.0, "strikes_territory": 1.5, "regime": 1.0}[name] * value
            for name, value in stakes.items()
        )
        assert gain(p, **stakes) == pytest.approx(expected, abs=1e-6)
        assert used(p, **stakes) == pytest.approx(cost.cdf(expected), rel=1e-4)


def test_third_powers_take_away_a_part_of_the_rise_and_never_more_than_the_rise() -> None:
    for restraint, slope in ((0.0, 1.0), (0.4, 0.6), (1.0, 0.0), (5.0, 0.0)):
        p = world(nuclear__restraint=restraint, nuclear__clash_effect=2.0)
        assert gain(p, clash=1e-3) == pytest.approx(2e-3 * slope, abs=3e-6)
        assert gain(p, clash=1.0) == pytest.approx(2.0 - min(restraint, 1.0) * (1 - np.exp(-2.0)), rel=1e-5)


def test_a_signal_is_the_same_decision_at_a_lower_price_and_comes_before_use() -> None:
    p = world(nuclear__signal_ratio=20.0)
    for probability in (1e-6, 1e-3, 0.2, 0.9):
        signal = number(nuclear.signal_probability(p.nuclear, jnp.asarray(probability)))
        odds = 20 * probability / (1 - probability)
        assert signal == pytest.approx(odds / (1 + odds), rel=1e-5)
        assert probability <= signal <= 1


def test_the_chain_equals_the_enumeration_of_its_tree() -> None:
    """signal -> use, or inadvertence -> reply by kind -> second use -> general: sum over the leaves."""
    p = world(
        nuclear__baseline=0.02, nuclear__accident_share=0.4, nuclear__signal_ratio=12.0, nuclear__reply_nuclear=0.1,
        nuclear__reply_conventional=0.6, nuclear__second_use=0.2, nuclear__general=0.4, nuclear__restraint=0.0,
    )  # fmt: skip
    deliberate = used(p, clash=1.0)
    signal = number(nuclear.signal_probability(p.nuclear, jnp.asarray(deliberate)))
    after_signal = deliberate / signal
    slip = number(
        incidents.inadvertent_hazard(
            p.escalation, p.nuclear, rungs=jnp.asarray(3.0), clash=jnp.asarray(1.0),
            strikes_territory=jnp.asarray(0.0), incident=jnp.asarray(0.01),
        )
    )  # fmt: skip
    leaves = signals = 0.0
    for signalled in (True, False):
        for chosen in (True, False):
            for slipped in (True, False):
                first = signal if signalled else 1 - signal
                first *= (after_signal if chosen else 1 - after_signal) if signalled else float(not chosen)
                first *= slip if slipped else 1 - slip
                signals += first * signalled
                for reply, weight in (("nuclear", 0.1), ("conventional", 0.9 * 0.6), ("none", 0.9 * 0.4)):
                    for second in (True, False):
                        again = 0.2 if second else 0.8
                        exchange = reply == "nuclear" or (reply == "conventional" and second)
                        leaves += first * weight * again * 0.4 * ((chosen or slipped) and exchange)
    use = deliberate + (1 - deliberate) * slip
    general = use * number(nuclear.general_given_use(p.nuclear, strikes_territory=jnp.asarray(0.0)))
    assert signals == pytest.approx(signal, rel=1e-6)
    assert general == pytest.approx(leaves, rel=1e-5)


def test_where_the_alliance_is_struck_already_the_nuclear_reply_is_given() -> None:
    p = world(nuclear__reply_nuclear=0.1, nuclear__general=0.4)
    assert number(nuclear.general_given_use(p.nuclear, strikes_territory=jnp.asarray(1.0))) == pytest.approx(
        0.4
    )


def test_an_incident_needs_a_lethal_encounter_that_escalates() -> None:
    p = world(escalation__lethal=1e-3, escalation__escalates=0.2)
    assert number(incidents.incident_hazard(p.escalation, jnp.asarray(40.0))) == pytest.approx(
        -np.expm1(-40 * 1e-3 * 0.2), rel=1e-5
    )
    assert number(incidents.incident_hazard(p.escalation, jnp.asarray(0.0))) == 0.0


def test_entrapment_raises_encounters_with_the_presence_of_an_allied_force() -> None:
    p = world(escalation__encounters_base=10.0)
    for presence in (0.0, 0.5, 1.0):
        found = incidents.encounters(
            p.escalation, shield=jnp.asarray(4.0), deployed=jnp.asarray(6.0 * presence),
            presence=jnp.asarray(presence), entrapment=jnp.asarray(0.5),
        )  # fmt: skip
        assert number(found) == pytest.approx((14.0 + 6.0 * presence) * np.exp(0.5 * presence), rel=1e-5)


@settings(fixed_cases, max_examples=12)
@given(st.integers(0, 2**32 - 1))
def test_hazards_are_probabilities_and_do_not_fall_up_the_ladder(seed: int) -> None:
    draws = 256
    p = pack(random_values(seed, draws))
    random = np.random.default_rng(seed)

    def level(top: float = 1.0):
        return jnp.asarray(np.sort(random.uniform(0, top, size=(2, 1, draws, 1)), axis=0), dtype=jnp.float32)

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
            assert ((higher >= base * (1 - 1e-5) - 1e-30) & (higher <= 1)).all()

    def use(regained, regime, clash, strikes):
        found = nuclear.gain_of_use(
            p.nuclear, regained=regained, regime=regime, clash=clash, strikes_territory=strikes
        )
        return nuclear.use_probability(p.nuclear, found)

    def slip(rungs, clash, strikes, incident):
        return incidents.inadvertent_hazard(
            p.escalation, p.nuclear, rungs=rungs, clash=clash, strikes_territory=strikes, incident=incident
        )

    rising(use, level(2.0), level(), level(), level())
    rising(lambda *stakes: nuclear.signal_probability(p.nuclear, use(*stakes)), *(level() for _ in range(4)))
    rising(slip, level(6.0), level(), level(), level())
    rising(lambda s: nuclear.general_given_use(p.nuclear, strikes_territory=s), level())
    rising(lambda e: incidents.incident_hazard(p.escalation, e), level(1000.0))
