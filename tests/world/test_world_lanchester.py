"""The Lanchester family against closed forms, Engel's Iwo Jima, invariants, and recovery of its parameters."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import fixed_cases

from excomm.world import lanchester
from excomm.world.lanchester import Exponents


@pytest.fixture(autouse=True)
def _double_precision():
    with jax.enable_x64(True):
        yield


def fight(form: Exponents, x: float, y: float, a: float, b: float, time: float, steps: int):
    def slope(_time, x, y):
        return -a * y**form.opponent * x**form.own, -b * x**form.opponent * y**form.own

    left = lanchester.advance(slope, jnp.asarray(x), jnp.asarray(y), time=time, steps=steps)
    return float(left[0]), float(left[1])


def test_the_square_law_leaves_600_after_110_days() -> None:
    """1,000 against 800 at 0.01 a day each: T1.1 of the reference numbers."""
    assert float(lanchester.square_end(1000.0, 800.0, 0.01, 0.01)) == pytest.approx(109.8612, abs=5e-5)
    left = lanchester.square_law(1000.0, 800.0, 0.01, 0.01, 1e6)
    assert float(left[0]) == pytest.approx(600.0, abs=1e-3)
    assert float(left[1]) == pytest.approx(0.0, abs=1e-3)
    half = lanchester.square_law(1000.0, 800.0, 0.01, 0.01, 50.0)
    assert fight(lanchester.FORMS["square"], 1000.0, 800.0, 0.01, 0.01, 50.0, 200) == pytest.approx(
        [float(half[0]), float(half[1])], rel=1e-9
    )


def test_the_linear_law_leaves_200() -> None:
    left = fight(lanchester.FORMS["linear"], 1000.0, 800.0, 1e-4, 1e-4, 400.0, 400)
    assert left[0] - left[1] == pytest.approx(200.0, abs=1e-6)
    assert left[0] == pytest.approx(200.0, abs=0.5)  # the others fade exponentially


def test_the_error_of_the_integrator_falls_with_the_fourth_power() -> None:
    exact = np.array(lanchester.square_law(1.0, 0.8, 0.9, 0.7, 0.6))
    errors = [
        np.abs(np.array(fight(lanchester.FORMS["square"], 1.0, 0.8, 0.9, 0.7, 0.6, n)) - exact).max()
        for n in (2, 4, 8)
    ]
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.2)
    assert errors[1] / errors[2] == pytest.approx(16, rel=0.2)


def test_helmbold_runs_from_the_logarithmic_to_the_square_law() -> None:
    assert lanchester.helmbold(1.0) == lanchester.FORMS["square"]
    assert lanchester.helmbold(0.0) == lanchester.FORMS["logarithmic"]
    assert lanchester.helmbold(0.5) == lanchester.FORMS["mixed"]


# ---- one week -----------------------------------------------------------------------------------------------------


@settings(fixed_cases, max_examples=20)
@given(st.floats(1e-4, 0.29), st.floats(1e-4, 0.29), st.floats(0, 1.5), st.floats(0, 1.5))
def test_a_week_follows_the_law(a: float, b: float, p: float, q: float) -> None:
    found = [float(v) for v in lanchester.remaining(*(jnp.asarray(v) for v in (a, b, p, q)))]
    fine = fight(Exponents(p, q), 1.0, 1.0, a, b, 1.0, 64)
    assert found == pytest.approx(fine, abs=max(a, b) ** 5 / 20 + 1e-12)
    if (p, q) == (1.0, 0.0):
        exact = lanchester.square_law(1.0, 1.0, a, b, 1.0)
        assert found == pytest.approx([float(v) for v in exact], abs=max(a, b) ** 5 / 20)


def test_halving_the_step_changes_a_week_by_less_than_a_tenth_of_a_percent_of_its_losses() -> None:
    for p, q in lanchester.FORMS.values():
        a, b = jnp.asarray(0.06), jnp.asarray(0.04)
        once = lanchester.remaining(a, b, jnp.asarray(p), jnp.asarray(q))
        u, v = lanchester.remaining(a / 2, b / 2, jnp.asarray(p), jnp.asarray(q))
        # Rates at the middle of the week, with what is left by then.
        a2, b2 = a / 2 * v**p * u ** (q - 1), b / 2 * u**p * v ** (q - 1)
        u2, v2 = lanchester.remaining(a2, b2, jnp.asarray(p), jnp.asarray(q))
        for whole, halves, rate in ((once[0], u * u2, a), (once[1], v * v2, b)):
            assert abs(float(whole - halves)) < 1e-3 * float(rate)


# ---- Bracken's form ---------------------------------------------------------------------------------------------


def battle(rng: np.random.Generator, noise: float) -> tuple[np.ndarray, ...]:
    p, q, a, b, d = 1.1, 0.8, 8e-6, 1e-5, 1.25
    x, y = rng.uniform(2e5, 5e5, 60), rng.uniform(1e5, 4e5, 60)
    role = np.sign(rng.uniform(-1, 1, 60))
    x_lost = a * d**role * y**p * x**q * np.exp(noise * rng.standard_normal(60))
    y_lost = b * d**-role * x**p * y**q * np.exp(noise * rng.standard_normal(60))
    return x, y, x_lost, y_lost, role


TRUE = np.array([1.1, 0.8, np.log(8e-6), np.log(1e-5), np.log(1.25)])


def test_bracken_is_recovered_exactly_without_noise() -> None:
    fit = lanchester.fit_bracken(*battle(np.random.default_rng(0), 0.0))
    assert fit.values == pytest.approx(TRUE, abs=1e-6)


def test_bracken_is_recovered_within_two_standard_errors() -> None:
    """Of 5 x 200 estimates with 115 degrees of freedom 4.8 % lie outside by chance: 7.5 % would be 4 s.e. off."""
    outside = 0
    for seed in range(200):
        fit = lanchester.fit_bracken(*battle(np.random.default_rng(seed), 0.2))
        outside += int((np.abs(fit.values - TRUE) > 2 * fit.errors).sum())
    assert outside / 1000 == pytest.approx(0.048, abs=0.027)


def test_without_an_attacker_there_is_no_tactical_factor() -> None:
    x, y, x_lost, y_lost, role = battle(np.random.default_rng(1), 0.0)
    fit = lanchester.fit_bracken(x, y, x_lost / 1.25**role, y_lost * 1.25**role)
    assert fit.exponents == pytest.approx((1.1, 0.8), abs=1e-6)
    assert fit.values[4] == fit.errors[4] == 0.0


def test_on_a_ridge_the_exponents_are_hardly_known() -> None:
    """Few days with forces that shrink together, as in the battles of the literature: wide errors of p and q."""
    rng = np.random.default_rng(3)
    x = np.linspace(4e5, 3.6e5, 10)
    y = 0.8 * x * np.exp(0.01 * rng.standard_normal(10))
    lost = [1e-5 * y * x * np.exp(0.3 * rng.standard_normal(10)) for _ in range(2)]
    fit = lanchester.fit_bracken(x, y, *lost)
    assert (fit.errors[:2] > 1).all()
