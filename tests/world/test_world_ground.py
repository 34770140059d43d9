"""Ground war: Lanchester forms and their invariants, the front, breaks, morale."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import both, fixed_cases, world

from excomm.world import ground as ground_war

FORMS = dict(zip(ground_war.FORMS, range(4), strict=True))


def weekly_losses(form: str, own: float = 1.0, opponent: float = 1.0, **changes: float) -> np.ndarray:
    """Losses per side with own strength and opposition at the given ratio to the outset."""
    p = world(attrition__form=FORMS[form], **changes)
    ground = both(p.ground)
    outset = ground.strength
    ones = jnp.ones_like(outset)
    lost = ground_war.losses(
        ground, p.attrition, strength=own * outset, strength_outset=outset,
        opponent_ratio=opponent * ones, tempo=1.0, shared=ones,
    )  # fmt: skip
    return np.asarray(lost)[:, 0, 0, 0]


CASUALTIES = {"ground__host__casualties": 200.0, "ground__adversary__casualties": 310.0}


@pytest.mark.parametrize("form", FORMS)
def test_losses_at_the_outset_are_those_reported(form: str) -> None:
    assert weekly_losses(form, **CASUALTIES) == pytest.approx([200.0, 310.0], rel=1e-6)


# (form, exponent of the opponent's strength, exponent of one's own)
@pytest.mark.parametrize(
    ("form", "opponent", "own"),
    [("square", 1.0, 0.0), ("linear", 1.0, 1.0), ("logarithmic", 0.0, 1.0), ("mixed", 0.5, 0.5)],
)
def test_losses_scale_as_each_form_says(form: str, opponent: float, own: float) -> None:
    base = weekly_losses(form, **CASUALTIES)
    assert weekly_losses(form, opponent=2.0, **CASUALTIES) / base == pytest.approx(2.0**opponent, rel=1e-5)
    assert weekly_losses(form, own=3.0, **CASUALTIES) / base == pytest.approx(3.0**own, rel=1e-5)


def test_no_week_costs_more_than_the_cap() -> None:
    lost = weekly_losses("square", opponent=1e6)
    strength = both(world().ground).strength[:, 0, 0, 0]
    assert lost == pytest.approx(ground_war.LOSS_CAP * strength, rel=1e-6)


def test_tempo_and_contingents_take_their_share_of_the_losses() -> None:
    p = world(**CASUALTIES)
    ground = both(p.ground)
    ones = jnp.ones_like(ground.strength)
    for tempo, shared in ((0.5, 1.0), (1.0, 0.25), (0.0, 1.0)):
        lost = ground_war.losses(
            ground, p.attrition, strength=ground.strength, strength_outset=ground.strength,
            opponent_ratio=ones, tempo=tempo, shared=shared * ones,
        )  # fmt: skip
        assert np.asarray(lost)[:, 0, 0, 0] == pytest.approx(
            tempo * shared * np.array([200.0, 310.0]), rel=1e-6
        )


@partial(jax.jit, static_argnames=("steps",))
def _fight(p, weeks, steps):
    """Remaining share of each side's strength after `weeks`, in `steps` equal steps of the weekly formula."""
    span, ground = (
        weeks / steps,
        jax.tree.map(lambda *sides: jnp.stack(sides), p.ground.host, p.ground.adversary),
    )

    def advance(_, strength):
        ratio = strength / ground.strength
        lost = ground_war.losses(
            ground, p.attrition, strength=strength, strength_outset=ground.strength,
            opponent_ratio=jnp.flip(ratio, axis=0), tempo=span, shared=jnp.ones_like(ratio),
        )  # fmt: skip
        return strength - lost

    return jax.lax.fori_loop(0, steps, advance, ground.strength) / ground.strength


def _invariant(form: str, rates: np.ndarray, shares: np.ndarray) -> float:
    """Conserved by du/dt = -a v^p u^q, dv/dt = -b u^p v^q: b u^m - a v^m with m = 1 + p - q, logs for m = 0."""
    p, q = ground_war.EXPONENTS[FORMS[form]]
    power = 1.0 + p - q
    scaled = np.log(shares) if power == 0 else shares**power
    return float(rates[1] * scaled[0] - rates[0] * scaled[1])


@pytest.mark.parametrize("form", FORMS)
def test_smaller_steps_conserve_the_invariant_of_the_form(form: str) -> None:
    """The error of the weekly step falls with the first power of the step, towards the exact law."""
    p = world(
        attrition__form=FORMS[form], ground__host__strength=30_000.0, ground__adversary__strength=40_000.0,
        ground__host__casualties=1_500.0, ground__adversary__casualties=1_200.0,
    )  # fmt: skip
    rates = np.array([1500 / 30_000, 1200 / 40_000])
    start = _invariant(form, rates, np.ones(2))
    errors = []
    for steps in (10, 20, 40):
        shares = np.asarray(_fight(p, 10.0, steps), dtype=float)[:, 0, 0, 0]
        errors.append(abs(_invariant(form, rates, shares) - start))
    scale = max(abs(start), rates.max())
    if form in ("linear", "mixed"):  # equal exponents: both sides lose in one proportion, whatever the step
        assert max(errors) / scale < 1e-5
        return
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(2.0, rel=0.15)
    assert errors[-1] / scale < 0.01


def test_the_square_law_leaves_the_published_number_of_survivors() -> None:
    """1,000 against 800 at 0.01 per day each: 600 survive the annihilation of the others after 109.86 days."""
    p = world(
        attrition__form=FORMS["square"], ground__host__strength=1000.0, ground__adversary__strength=800.0,
        ground__host__casualties=0.07 * 800, ground__adversary__casualties=0.07 * 1000,
    )  # fmt: skip
    days = 109.8612
    shares = np.asarray(_fight(p, days / 7.0, 4000), dtype=float)[:, 0, 0, 0]
    assert shares[0] * 1000 == pytest.approx(600.0, abs=0.5)
    assert shares[1] * 800 == pytest.approx(0.0, abs=1.0)


def test_the_linear_law_trades_one_for_one() -> None:
    """With equal rates the linear law keeps the difference: 1,000 against 800 end at a difference of 200."""
    p = world(
        attrition__form=FORMS["linear"], ground__host__strength=1000.0, ground__adversary__strength=800.0,
        ground__host__casualties=70.0, ground__adversary__casualties=70.0,
    )  # fmt: skip
    shares = np.asarray(_fight(p, 52.0, 104), dtype=float)[:, 0, 0, 0]
    assert shares[0] * 1000 - shares[1] * 800 == pytest.approx(200.0, abs=0.05)


# ---- the front -------------------------------------------------------------------------------------------------


def gain(log_ratio: float, noise: float = 0.0, tempo: float = 1.0, **changes: float) -> float:
    p = world(**changes)
    return float(ground_war.front_gain(p.front, jnp.asarray(log_ratio), jnp.asarray(noise), tempo)[0, 0, 0])


@pytest.mark.parametrize("initial", [-90.0, 0.0, 5.0, 81.0])
def test_the_front_moves_at_the_outset_as_observed(initial: float) -> None:
    assert gain(0.0, front__initial_gain=initial, front__max_gain=100.0) == pytest.approx(initial, rel=1e-5)


@pytest.mark.parametrize("sign", [-1, 1])
def test_the_front_saturates(sign: int) -> None:
    limits = {"front__initial_gain": 20.0, "front__max_gain": 300.0, "front__sensitivity": 1.5}
    assert gain(sign * 20.0, **limits) == pytest.approx(sign * 300.0, rel=1e-5)
    assert gain(sign * 20.0, tempo=0.5, **limits) == pytest.approx(sign * 150.0, rel=1e-5)


def test_noise_adds_to_the_gain_and_stops_with_the_fighting() -> None:
    assert gain(0.3, noise=17.0) - gain(0.3) == pytest.approx(17.0, rel=1e-4)
    assert gain(0.3, noise=17.0, tempo=0.0) == 0.0


@settings(fixed_cases, max_examples=12)
@given(
    st.floats(-4, 4), st.floats(-4, 4), st.floats(-1, 1), st.floats(1, 5000), st.floats(0, 20)
)  # fmt: skip
def test_the_stronger_side_never_gains_less(
    first: float, second: float, share: float, largest: float, sensitivity: float
) -> None:
    limits = {
        "front__initial_gain": share * largest,
        "front__max_gain": largest,
        "front__sensitivity": sensitivity,
    }
    low, high = sorted((first, second))
    assert gain(low, **limits) <= gain(high, **limits) + 1e-4 * largest
    assert abs(gain(high, **limits)) <= largest * (1 + 1e-6)


def test_breaks_follow_the_logistic_and_rise_with_losses() -> None:
    p = world(front__break_level=-6.0, front__break_slope=20.0)
    fractions = np.array([0.0, 0.10, 0.25, 1.0])
    found = np.asarray(ground_war.break_probability(p.front, jnp.asarray(fractions)))[0, 0]
    assert found == pytest.approx(1 / (1 + np.exp(6.0 - 20.0 * (fractions - 0.10))), rel=1e-5)
    assert (np.diff(found) > 0).all()


# ---- strength and morale ---------------------------------------------------------------------------------------


def test_effective_strength_is_the_product_and_foreign_contingents_add() -> None:
    p = world(ground__host__quality=1.2, ground__adversary__quality=0.8)
    factors = {name: np.array(value)[:, None, None, None] for name, value in {
        "strength": [100.0, 200.0], "morale": [0.9, 1.1], "logistics": [0.7, 1.0], "materiel": [1.3, 1.0],
        "foreign": [11.0, 0.0],
    }.items()}  # fmt: skip
    found = np.asarray(ground_war.effective_strength(both(p.ground), **factors))[:, 0, 0, 0]
    expected = [100 * 1.2 * 0.9 * 0.7 * 1.3 + 11, 200 * 0.8 * 1.1]
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
