"""Claimed personnel losses of a coming month, from the daily claims of the last weeks.

    sqrt(month ahead) ~ t6(sqrt(30 x weighted mean of the daily claims), spread of its own past errors)

Daily claims are weighted with a half-life of 7 days; three months ahead, the level is drawn by a fifth
towards the level with a half-life of 60 days. The spread comes from the errors that the same rule made before
(half-life one year), at the same horizon; three months ahead it is taken at three quarters, because the errors
of the first year and a half were those of a war of movement. Scale, half-lives and that factor were chosen by
rolling forecasts of 30 days up to June 2024. Limits: claims of one belligerent, not losses.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm, t

from excomm.errors import ObservationError
from excomm.hindcast.rolling import Forecast
from excomm.hindcast.scores import covered, crps_ensemble, crps_normal
from excomm.observations.reported_losses import (
    ClaimedLosses,
    daily_increments,
    monthly_increments,
    read_claimed_losses,
)

__all__ = ["HORIZONS", "forecast_personnel", "month_ahead"]

Array = npt.NDArray[np.float64]
HORIZONS = (1, 3)  # months
HALF_LIFE = 7.0  # days
SLOW_HALF_LIFE = 60.0  # days
SLOW_PULL = 0.1  # per month beyond the first
ERROR_HALF_LIFE = 52.0  # weeks
FREEDOM = 6.0
SPREAD = {1: 1.0, 3: 0.75}  # factor on the spread of past errors, by horizon
_LEVELS = (np.arange(400) + 0.5) / 400
_SETTLED = 66  # days left out at the start of the war, when claims were still estimates
_BASELINE_MONTHS = 24


def _weighted_mean(daily: Array, half_life: float) -> float:
    weight = 0.5 ** (np.arange(daily.size)[::-1] / half_life)
    return float(weight @ daily / weight.sum())


def _level(daily: Array, horizon: int) -> float:
    """Claims per day to expect in month `horizon` ahead."""
    pull = SLOW_PULL * (horizon - 1)
    fast, slow = _weighted_mean(daily, HALF_LIFE), _weighted_mean(daily, SLOW_HALF_LIFE)
    return float(fast ** (1 - pull) * slow**pull)


def month_ahead(daily: Array, horizon: int, days: int, *, errors_count: int | None = None) -> Array:
    """Equally likely values of the claims in month `horizon` ahead (1 = the next), of `days` days.

    daily: claims per day up to the origin, ascending; errors_count: how many of the weekly past errors to
    use (all by default). Shape (400,), ascending [persons].
    """
    span = 30
    total = np.concatenate([[0.0], np.cumsum(daily)])
    errors = []
    stop = daily.size - span * horizon
    for origin in range(stop, 62, -7):
        begin = origin + span * (horizon - 1)
        came = total[begin + span] - total[begin]
        errors.append(np.sqrt(came) - np.sqrt(span * _level(daily[:origin], horizon)))
    used = np.asarray(errors[:errors_count] if errors_count else errors)
    if used.size < 8:
        raise ObservationError(
            f"{daily.size} days of claims are too few for a forecast {horizon} months ahead",
            expected=f"at least {62 + 30 * horizon + 56} days",
            next_step="Choose a later --train-until.",
        )
    age = np.arange(used.size)
    weight = 0.5 ** (age / ERROR_HALF_LIFE)
    scale = SPREAD.get(horizon, 1.0) * np.sqrt(float(weight @ used**2 / weight.sum()))
    unit = t.ppf(_LEVELS, FREEDOM) * np.sqrt((FREEDOM - 2) / FREEDOM)
    root = np.maximum(np.sqrt(span * _level(daily, horizon)) + scale * unit, 0.0)
    return np.asarray(root**2 * days / span)


def _rivals(months: Array, horizon: int, observed: float) -> dict[str, dict[str, float]]:
    """Persistence and a log random walk, both with the spread of the last 24 months."""
    recent = months[-_BASELINE_MONTHS:]
    last = float(months[-1])
    step = float(np.std(recent[horizon:] - recent[:-horizon]))
    walk = float(np.std(np.diff(np.log(np.maximum(recent, 1.0))))) * np.sqrt(horizon)
    return {
        "persistence": {"crps": crps_normal(last, step, observed), "mae": abs(observed - last)},
        "log-random-walk": {
            "crps": crps_ensemble(last * np.exp(walk * norm.ppf(_LEVELS)), observed),
            "mae": abs(observed - last),
        },
    }


def forecast_personnel(
    paths: Sequence[Path], first: pd.Timestamp, last: pd.Timestamp
) -> tuple[ClaimedLosses, list[Forecast], pd.DatetimeIndex]:
    """Forecasts of every calendar month that begins after `first` and ends by `last`."""
    losses = read_claimed_losses(paths)
    begin = losses.total.index[0] + pd.Timedelta(days=_SETTLED)
    months = monthly_increments(losses.total)
    forecasts = []
    for horizon in HORIZONS:
        for period in months.index:
            if period.start_time <= first or period.end_time.normalize() > last:
                continue
            origin = (period - horizon).end_time.normalize()
            daily = daily_increments(losses, origin)
            breaks = [item for item in losses.breaks if item.kind == "rate" and item.noticed <= origin]
            daily = daily[daily.index >= begin]
            recent = daily
            if breaks and breaks[-1].date + pd.Timedelta(days=90) > origin:
                # A new regime: let the level rest on it alone, keep the errors of the past for the spread.
                recent = daily[daily.index >= breaks[-1].date]
            known = months[: period - horizon]
            if known.size < 6 or daily.size < 62 + 30 * horizon + 56:
                continue
            members = month_ahead(daily.to_numpy(dtype=float), horizon, period.days_in_month)
            if recent.size < daily.size:
                old, new = _level(daily.to_numpy(float), horizon), _level(recent.to_numpy(float), horizon)
                members = members * new / max(old, 1.0)
            observed = float(months[period])
            low, lower, middle, upper, high = (
                float(v) for v in np.quantile(members, [0.05, 0.25, 0.5, 0.75, 0.95])
            )
            forecasts.append(
                Forecast(
                    "personnel",
                    horizon,
                    origin,
                    period.end_time.normalize(),
                    observed,
                    {"crps": crps_ensemble(members, observed), "mae": abs(observed - middle)},
                    _rivals(known.to_numpy(dtype=float), horizon, observed),
                    (low, lower, middle, upper, high),
                    float(covered(lower, upper, observed)),
                    float(covered(low, high, observed)),
                )
            )
    if not forecasts:
        raise ObservationError(
            f"no complete month between {first.date()} and {last.date()}",
            expected="at least one calendar month after --train-until",
            next_step="Choose an earlier --train-until or a longer series.",
        )
    return losses, forecasts, pd.DatetimeIndex(losses.total.index)
