"""Forces of a side: weekly losses by form, a week of battle, skill, strength, morale."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import both, fixed_cases, world

from excomm.world import ground as ground_war
from excomm.world.lanchester import FORMS

NUMBERS = dict(zip(FORMS, range(4), strict=True))


def weekly_losses(form: str, own: float = 1.0, opponent: float = 1.0, tempo: float = 1.0, shared: float = 1.0,
                  **changes: float) -> np.ndarray:  # fmt: skip
    """Losses per side [people/week] with own strength and opposition at the given ratio to the outset."""
    p = world(attrition__form=NUMBERS[form], **changes)
    ground = both(p.ground)
    ones = jnp.ones_like(ground.strength)
    rate = ground_war.loss_rate(
        ground, p.attrition, strength=own * ground.strength, opponent_ratio=opponent * ones, tempo=tempo,
        shared=shared * ones,
    )  # fmt: skip
    return np.asarray(rate * own * ground.strength)[:, 0, 0, 0]


CASUALTIES = {"ground__host__casualties": 200.0, "ground__adversary__casualties": 310.0}


@pytest.mark.parametrize("form", FORMS)
def test_losses_at_the_outset_are_those_reported(form: str) -> None:
    assert weekly_losses(form, **CASUALTIES) == pytest.approx([200.0, 310.0], rel=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_losses_scale_as_each_form_says(form: str) -> None:
    base = weekly_losses(form, **CASUALTIES)
    exponents = FORMS[form]
    assert weekly_losses(form, opponent=2.0, **CASUALTIES) / base == pytest.approx(
        2.0**exponents.opponent, rel=1e-5
    )
    assert weekly_losses(form, own=3.0, **CASUALTIES) / base == pytest.approx(3.0**exponents.own, rel=1e-5)


def test_no_week_costs_more_than_the_cap() -> None:
    lost = weekly_losses("square", opponent=1e6)
    strength = both(world().ground).strength[:, 0, 0, 0]
    assert lost == pytest.approx(ground_war.LOSS_CAP * strength, rel=1e-6)


@pytest.mark.parametrize(("tempo", "shared"), [(0.5, 1.0), (1.0, 0.25), (0.0, 1.0)])
def test_tempo_and_contingents_take_their_share_of_the_losses(tempo: float, shared: float) -> None:
    lost = weekly_losses("linear", tempo=tempo, shared=shared, **CASUALTIES)
    assert lost == pytest.approx(tempo * shared * np.array([200.0, 310.0]), rel=1e-6)


@pytest.mark.parametrize(
    ("gain", "role"), [(81.0, 1.0), (40.5, 0.5), (0.0, 0.0), (-300.0, -1.0), (300.0, 1.0)]
)
def test_the_role_of_the_attacker_follows_the_gain(gain: float, role: float) -> None:
    p = world(front__initial_gain=81.0, front__max_gain=400.0)
    assert float(ground_war.attack_role(p.front, jnp.asarray(gain))[0, 0, 0]) == pytest.approx(role, rel=1e-6)


# ---- skill --------------------------------------------------------------------------------------------------------

TRAINING = {
    "ground__host__recruit_skill": 0.5, "ground__host__training_weeks": 20.0, "ground__host__strength": 1000.0,
    "ground__host__recruits": 10.0,
}  # fmt: skip


def test_the_usual_replacement_keeps_the_usual_skill() -> None:
    ground = world(**TRAINING).ground.host
    usual = float(ground_war.skill_usual(ground)[0, 0, 0])
    assert usual == pytest.approx((0.05 + 0.01 * 0.5) / 0.06, rel=1e-5)
    value = jnp.asarray(1.0)
    for _ in range(400):
        value = ground_war.skill_next(ground, value, joining=0.01)
    # In weekly steps the balance lies a few parts in a thousand from that of continuous replacement.
    assert float(value[0, 0, 0]) == pytest.approx(usual, abs=5e-3)


def test_a_wave_of_recruits_lowers_the_skill_and_time_restores_it() -> None:
    ground = world(**TRAINING).ground.host
    after = ground_war.skill_next(ground, jnp.asarray(1.0), joining=0.2)
    assert float(after[0, 0, 0]) == pytest.approx(0.9 + 0.1 / 20, rel=1e-5)
    for _ in range(20):
        after = ground_war.skill_next(ground, after, joining=0.0)
    assert float(after[0, 0, 0]) == pytest.approx(1 - 0.095 * 0.95**20, rel=1e-4)


@fixed_cases
@given(st.floats(0.05, 1), st.floats(1, 100), st.floats(0.05, 1), st.floats(0, 5))
def test_skill_stays_between_that_of_recruits_and_of_trained_soldiers(
    recruit: float, weeks: float, now: float, joining: float
) -> None:
    ground = world(ground__host__recruit_skill=recruit, ground__host__training_weeks=weeks).ground.host
    after = float(ground_war.skill_next(ground, jnp.asarray(now), joining=joining)[0, 0, 0])
    assert min(recruit, now) - 1e-6 <= after <= 1 + 1e-6


# ---- strength and morale ---------------------------------------------------------------------------------------


def test_effective_strength_is_the_product_and_foreign_contingents_add() -> None:
    p = world(ground__host__quality=1.2, ground__adversary__quality=0.8)
    factors = {name: np.array(value)[:, None, None, None] for name, value in {
        "strength": [100.0, 200.0], "morale": [0.9, 1.1], "logistics": [0.7, 1.0], "materiel": [1.3, 1.0],
        "skill": [0.5, 1.0], "foreign": [11.0, 0.0],
    }.items()}  # fmt: skip
    found = np.asarray(ground_war.effective_strength(both(p.ground), **factors))[:, 0, 0, 0]
    expected = [100 * 1.2 * 0.9 * 0.7 * 1.3 * 0.5 + 11, 200 * 0.8 * 1.1]
    assert found == pytest.approx(expected, rel=1e-6)


def morale(now: float, **terms: float) -> float:
    p = world(
        morale__recovery=0.1, morale__loss_effect=0.01, morale__dark_effect=0.05, morale__aid_effect=0.02,
        morale__success_effect=0.03,
    )  # fmt: skip
    given_terms = {"relative_losses": 0.0, "dark": 0.0, "aid": 0.0, "success": 0.0} | terms
    return float(ground_war.morale_next(p.morale, jnp.asarray(now), **given_terms)[0, 0, 0])


def test_morale_recovers_geometrically_and_moves_by_its_terms() -> None:
    value = 0.6
    for _ in range(5):
        value = morale(value)
    assert value == pytest.approx(1 - 0.4 * 0.9**5, rel=1e-5)
    assert morale(1.0, relative_losses=2.0) == pytest.approx(0.98, rel=1e-5)
    assert morale(1.0, dark=0.5) == pytest.approx(0.975, rel=1e-5)
    assert morale(1.0, aid=-0.5) == pytest.approx(0.99, rel=1e-5)
    assert morale(1.0, success=1.0) == pytest.approx(1.03, rel=1e-5)


def test_morale_stays_within_its_bounds() -> None:
    low, high = ground_war.MORALE_BOUNDS
    assert morale(0.31, relative_losses=1e6) == pytest.approx(low)
    assert morale(1.19, success=1e6) == pytest.approx(high)
