"""Breaks are noticed with their date, soon, and not where there are none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from excomm.observations.breaks import frozen_runs, level_jumps, mean_shifts, share_switches


def walk(days: int, seed: int, step: float = 10.0) -> pd.Series:
    """A level that grows by about `step` a day with heavy-tailed steps."""
    rng = np.random.default_rng(seed)
    steps = step + 8 * rng.standard_t(5, days)
    return pd.Series(1e5 + np.cumsum(steps), index=pd.date_range("2024-01-01", periods=days))


def test_a_jump_is_dated_and_sized() -> None:
    level = walk(300, 1)
    level.iloc[200:] += 400.0
    (found,) = level_jumps(level, floor=100.0)
    assert found[0] == level.index[200]
    assert found[1] == pytest.approx(400.0, abs=60.0)


@pytest.mark.parametrize("seed", range(20))
def test_ordinary_walks_raise_no_alarm(seed: int) -> None:
    assert level_jumps(walk(400, seed), floor=100.0) == []


def test_nothing_after_the_day_of_notice_is_used() -> None:
    level = walk(300, 2)
    level.iloc[200:] += 400.0
    full = level_jumps(level, floor=100.0)
    assert level_jumps(level.iloc[:201], floor=100.0) == full


def test_a_gap_shares_its_change() -> None:
    level = walk(300, 3, step=30.0).drop(pd.date_range("2024-06-01", periods=9))
    assert level_jumps(level, floor=100.0) == []


def test_a_shift_of_the_mean_is_noticed_within_its_window() -> None:
    rng = np.random.default_rng(4)
    values = 0.1 + 0.05 * rng.standard_normal(120)
    values[80:] += 0.4
    dates = pd.date_range("2024-01-01", periods=120)
    ((first, noticed, shift),) = mean_shifts(dates, values, window=10, reference=40, least=0.2, sigmas=3.0)
    assert dates[76] <= first <= dates[80]
    assert noticed - dates[80] <= pd.Timedelta(days=10)
    assert 0.2 < shift < 0.5


@pytest.mark.parametrize("seed", range(20))
def test_a_steady_mean_raises_no_alarm(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.beta(1.5, 10, 400)
    dates = pd.date_range("2023-01-01", periods=400)
    assert mean_shifts(dates, values, window=10, reference=40, least=0.2, sigmas=3.0) == []


def test_a_field_that_comes_into_use_is_noticed_once() -> None:
    present = np.array([False] * 50 + [True, False, True, True] + [True] * 46)
    dates = pd.date_range("2024-01-01", periods=100)
    ((first, noticed, filled),) = share_switches(dates, present)
    assert filled
    assert first == dates[50]
    assert noticed <= dates[62]


def test_a_frozen_series_is_noticed() -> None:
    level = walk(200, 5)
    level.iloc[150:] = level.iloc[150]
    ((start, run),) = frozen_runs(level, least=14)
    assert start == level.index[150]
    assert run == 14
    assert frozen_runs(walk(200, 6), least=14) == []
