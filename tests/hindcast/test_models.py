"""The forecasting models on made data whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from excomm.errors import ObservationError, UsageError
from excomm.hindcast.air_leaks import SETTINGS, LeakModel
from excomm.hindcast.personnel import month_ahead
from excomm.hindcast.regression import fit_ordered_logit, fit_ridge_logit
from excomm.hindcast.targets import run_hindcast
from excomm.hindcast.territory import GainModel
from excomm.hindcast.wars import calendar_years


def test_the_leak_model_learns_level_and_spread() -> None:
    """After 150 attacks at mean .3, spread 6, its mean and SD are near the truth."""
    rng = np.random.default_rng(3)
    model = LeakModel(SETTINGS["shahed"])
    for chance in rng.beta(1.8, 4.2, 150):
        model.update(float(rng.binomial(30, chance)), 30.0)
    pmf = model.predict(30)
    k = np.arange(31)
    mean = float(pmf @ k)
    assert pmf.sum() == pytest.approx(1.0)
    assert mean == pytest.approx(9.0, abs=2.2)
    truth = np.sqrt(30 * 0.3 * 0.7 * (6 + 30) / 7)
    assert np.sqrt(pmf @ (k - mean) ** 2) == pytest.approx(truth, rel=0.25)


def test_forgetting_widens_and_speeds_up() -> None:
    def settled() -> LeakModel:
        model = LeakModel(SETTINGS["ballistic"])
        for _ in range(60):
            model.update(0.0, 10.0)
        return model

    slow, quick = settled(), settled()
    quick.forget()
    for model in (slow, quick):
        for _ in range(4):
            model.update(6.0, 10.0)
    k = np.arange(11)
    assert quick.predict(10) @ k > slow.predict(10) @ k


def test_the_gain_model_covers_its_own_kind_of_series() -> None:
    """90 % intervals one week ahead cover 90 % (fixed seed; binomial SE 1.5 %) of an AR(1) in the root."""
    rng = np.random.default_rng(4)
    level, inside = 0.0, []
    model = GainModel()
    for week in range(460):
        level = 0.9 * level + np.sqrt(1 - 0.81) * 2 * rng.standard_normal()
        root = 8 + level + 1.5 * rng.standard_normal()
        gain = float(np.sign(root) * root**2)
        if week >= 60:
            low, high = np.quantile(model.sample(1, rng), [0.05, 0.95])
            inside.append(low <= gain <= high)
        model.update(gain)
    assert 0.85 <= np.mean(inside) <= 0.95


def test_intervals_widen_with_the_horizon_and_after_a_break() -> None:
    rng = np.random.default_rng(5)
    model = GainModel()
    for root in 8 + np.cumsum(rng.standard_normal(80)) * 0.3:
        model.update(float(root**2))

    def width(weeks: int) -> float:
        low, high = np.quantile(model.sample(weeks, np.random.default_rng(6)), [0.05, 0.95])
        return float(high - low)

    near, far = width(1), width(12)
    assert far > near
    model.forget()
    assert width(1) > near


def test_a_month_ahead_of_steady_claims() -> None:
    daily = 1000 + 50 * np.random.default_rng(7).standard_normal(500)
    members = month_ahead(daily, 1, 31)
    assert np.median(members) == pytest.approx(31_000, rel=0.03)
    assert np.quantile(members, 0.95) / np.quantile(members, 0.05) < 1.15
    with pytest.raises(ObservationError):
        month_ahead(daily[:100], 3, 31)


def test_the_war_distribution_sums_to_one_and_matches_simulation() -> None:
    table = calendar_years(0.8, 0.9)
    rng = np.random.default_rng(8)
    duration = 0.8 * rng.weibull(0.9, 400_000)
    years = np.floor(rng.random(400_000) + duration).astype(int) + 1
    counted = np.bincount(years, minlength=42)[1:6] / 400_000
    assert table.sum() == pytest.approx(1.0, abs=1e-3)
    np.testing.assert_allclose(table[:5], counted, atol=4e-3)


def test_regressions_recover_their_parameters() -> None:
    rng = np.random.default_rng(9)
    x = rng.standard_normal((4000, 2))
    score = x @ np.array([1.0, -0.5]) + rng.logistic(size=4000)
    binary = fit_ridge_logit(x, (score > 0.3).astype(float), slope_sd=5.0)
    np.testing.assert_allclose(binary.mean, [-0.3, 1.0, -0.5], atol=0.12)
    classes = np.searchsorted([-1.0, 0.5, 2.0], score)
    ordered = fit_ordered_logit(x, classes, 4, slope_sd=5.0)
    np.testing.assert_allclose(ordered.cuts, [-1.0, 0.5, 2.0], atol=0.15)
    np.testing.assert_allclose(ordered.slopes, [1.0, -0.5], atol=0.1)
    np.testing.assert_allclose(ordered.probabilities(x[:5]).sum(axis=1), 1.0)


def test_unknown_targets_and_dates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no target"):
        run_hindcast("weather", [tmp_path], "2024-06-30")
    with pytest.raises(UsageError, match="not a date"):
        run_hindcast("territory", [tmp_path], "June")
    with pytest.raises(UsageError, match="before it begins"):
        run_hindcast("territory", [tmp_path], "2024-06-30", "2024-01-01")
    with pytest.raises(ObservationError):
        run_hindcast("territory", [tmp_path / "nowhere"], "2024-06-30")


def area_file(folder: Path, until: str) -> Path:
    days = pd.date_range("2023-01-01", until)
    rng = np.random.default_rng(10)
    steps = np.abs(rng.standard_normal(4000))[: days.size]
    table = pd.DataFrame({"date": days, "area_km2": 1e5 + 10 * np.cumsum(steps)})
    path = folder / "area.csv"
    table.to_csv(path, index=False)
    return path


def test_later_days_change_no_earlier_forecast(tmp_path: Path) -> None:
    """A longer file gives the same forecasts for the same dates: nothing looks ahead."""
    short = run_hindcast("territory", [area_file(tmp_path, "2024-04-30")], "2023-12-31").forecasts
    long = run_hindcast("territory", [area_file(tmp_path, "2024-12-31")], "2023-12-31").forecasts
    later = {(one.horizon, one.target): one.quantiles for one in long}
    assert len(short) > 40
    for one in short:
        assert later[one.horizon, one.target] == one.quantiles


def test_the_output_keeps_its_contract(tmp_path: Path) -> None:
    found = run_hindcast("territory", [area_file(tmp_path, "2024-06-30")], "2023-12-31").to_json()
    json.dumps(found)
    assert {"target", "train", "test", "breaks", "scores"} <= set(found)
    for line in found["scores"]:
        assert set(line["difference"]) == set(line["baselines"]) == {"persistence", "mean-8-weeks"}
        assert {"mean", "p05", "p95"} <= set(line["difference"]["persistence"])
        assert 0 <= line["coverage50"] <= line["coverage90"] <= 1
