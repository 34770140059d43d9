"""Alarms on made series without any break: the rates that the thresholds of the readers were set to.

The parameters of the made series were taken from the public ones before July 2024. Seeds are fixed; each bound is
the rate stated in `excomm.observations.breaks`, and the made years are many enough for a rate at half the bound to
pass with a probability above .95.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from excomm.observations.air_attacks import _breaks
from excomm.observations.reported_losses import _breaks as claim_breaks
from excomm.observations.territory import _breaks as area_breaks

YEARS = 10


def days(count: int) -> pd.DatetimeIndex:
    return pd.date_range("2023-01-01", periods=count)


def made_claims(rng: np.random.Generator) -> pd.Series:
    """Daily claims: waves of weeks (news .15, carry .7, memory .95) and days that vary by a fifth."""
    weeks = 52 * YEARS
    level, waves = 0.0, np.empty(weeks)
    for week, shock in enumerate(0.15 * rng.standard_normal(weeks)):
        waves[week] = level + shock
        level = 0.95 * level + 0.7 * shock
    daily = 800.0 * np.exp(np.repeat(waves, 7) + 0.19 * rng.standard_normal(7 * weeks))
    return pd.Series(30_000.0 + np.cumsum(np.rint(daily)), index=days(7 * weeks))


def test_claims_alarm_at_most_once_in_five_years() -> None:
    rng = np.random.default_rng(1)
    alarms = sum(len(claim_breaks(made_claims(rng), "personnel")) for _ in range(6))
    assert alarms / (6 * YEARS) <= 0.2


def test_steps_of_an_area_alarm_at_most_once_in_five_years() -> None:
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(4):
        change = 10.0 + 12.0 * rng.standard_t(3, size=365 * YEARS)
        found, _redraws = area_breaks(pd.Series(1e5 + np.cumsum(change), index=days(365 * YEARS)), "made")
        alarms += len(found)
    assert alarms / (4 * YEARS) <= 0.2


@pytest.mark.parametrize(
    ("weapon", "per_year", "level", "spread", "size", "bound"),
    [
        ("shahed", 169, 0.12, 8.0, 25, 0.1),
        ("cruise", 80, 0.2, 4.0, 8, 0.02),
        ("ballistic", 53, 0.75, 6.0, 3, 0.02),
    ],
)
def test_attacks_alarm_rarely(
    weapon: str, per_year: int, level: float, spread: float, size: float, bound: float
) -> None:
    """Beta-binomial leaks whose level drifts by .1 of log-odds an attack and is pulled back, sizes lognormal."""
    rng = np.random.default_rng(3)
    count = per_year * YEARS
    alarms = 0
    for _ in range(8):
        drift, odds = 0.0, np.empty(count)
        for place, shock in enumerate(0.1 * rng.standard_normal(count)):
            drift = 0.98 * drift + shock
            odds[place] = np.log(level / (1 - level)) + drift
        mean = 1 / (1 + np.exp(-odds))
        launched = np.maximum(
            np.rint(size * np.exp(0.6 * rng.standard_normal(count))), 5 if weapon == "shahed" else 1
        )
        leaked = rng.binomial(launched.astype(int), rng.beta(mean * spread, (1 - mean) * spread))
        start = pd.Timestamp("2023-01-01") + pd.to_timedelta(
            np.cumsum(rng.exponential(365 / per_year, count)), unit="D"
        )
        rows = pd.DataFrame(
            {"start": start, "weapon": weapon, "launched": launched, "leaked": leaked, "not_reached": 0.0}
        )
        nothing = pd.DataFrame({"model": [], "launched": [], "start": []})
        alarms += len(_breaks(rows, nothing))
    assert alarms / (8 * YEARS) <= bound
