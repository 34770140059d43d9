"""Battles of the past: who wins (one war left out at a time), and daily losses in the Ardennes.

`battles`: logistic regression on the logarithms of the ratios of strength and of guns and on who fights, each state
with its own strength in attack and in defence taken alike, as other wars have shown it; slopes drawn to 0 (prior SD
.3). Posture, cavalry and era made the score worse. Force ratio explains little (r = .12). Surprise explains more, but
whether it was achieved is known only when the battle has begun.
`ardennes`: tomorrow's losses of either side are a blend of yesterday's and the mean of all days so far, in the
proportion that would have served both sides best on the days before; no attrition law is fitted, because on
these data such fits are absurd (exponents of 17).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from excomm.errors import ObservationError
from excomm.hindcast.regression import fit_ridge_logit
from excomm.hindcast.rolling import Forecast
from excomm.observations.history import read_ardennes, read_battles

__all__ = ["forecast_ardennes", "forecast_battles"]

Array = npt.NDArray[np.float64]
SLOPE_SD = 0.3  # logit per unit of a log ratio, or of a state; judgement: neither decides much
FEWEST_BATTLES = 5  # of a state in other wars, below which it is one of the rest; judgement


def forecast_battles(paths: Sequence[Path]) -> tuple[list[Forecast], pd.DatetimeIndex]:
    """Every battle, forecast from the battles of all other wars (dates play no part)."""
    rows = read_battles(paths)
    ratios = rows[["log_strength", "log_guns"]].to_numpy(dtype=float)
    won = rows["won"].to_numpy(dtype=float)
    dates = pd.DatetimeIndex(pd.to_datetime(rows["year"].astype(int).astype(str) + "-07-01"))
    forecasts = []
    for war in rows["war"].unique():
        inside = (rows["war"] == war).to_numpy()
        features = np.column_stack([ratios, _who_fights(rows, rows[~inside])])
        chance = fit_ridge_logit(features[~inside], won[~inside], slope_sd=SLOPE_SD).probability(
            features[inside]
        )
        rate = float(won[~inside].mean())
        for place, p in zip(np.flatnonzero(inside).tolist(), chance, strict=True):
            forecasts.append(
                Forecast(
                    "battles", 1, dates[place], dates[place], float(won[place]),
                    {"brier": float((p - won[place]) ** 2)},
                    {"base-rate": {"brier": float((rate - won[place]) ** 2)}},
                )
            )  # fmt: skip
    return forecasts, dates


def _who_fights(rows: pd.DataFrame, known: pd.DataFrame) -> Array:
    """1 where a state attacks, -1 where it defends, shape (battles, states that are known from enough battles)."""
    battles = Counter(state for side in ("attackers", "defenders") for some in known[side] for state in some)
    states = sorted(state for state, count in battles.items() if count >= FEWEST_BATTLES)
    return np.array(
        [
            [float(state in attacking) - float(state in defending) for state in states]
            for attacking, defending in zip(rows["attackers"], rows["defenders"], strict=True)
        ]
    ).reshape(len(rows), len(states))


def _persistence(sides: dict[str, Array], place: int) -> float:
    """Weight of yesterday against the mean so far that would have served both sides best before day `place`.

    A prior of one typical day's error for each side draws it to one half.
    """
    grid = np.linspace(0.0, 1.0, 21)
    loss = np.zeros(grid.size)
    for losses in sides.values():
        for day in range(1, place):
            past = losses[:day]
            loss += np.abs(losses[day] - grid * past[-1] - (1 - grid) * past.mean())
        loss += float(np.abs(np.diff(losses[:place])).mean()) * (2 * grid - 1) ** 2
    return float(grid[int(loss.argmin())])


def forecast_ardennes(
    paths: Sequence[Path], first: pd.Timestamp, last: pd.Timestamp
) -> tuple[list[Forecast], pd.DatetimeIndex]:
    """Losses of each day after `first` and up to `last`, one day ahead, for both sides."""
    rows = read_ardennes(paths)
    dates = pd.DatetimeIndex(rows["date"])
    sides = {side: rows[side].to_numpy(dtype=float) for side in ("blue", "red")}
    forecasts = []
    for place in range(3, len(dates)):
        if not first < dates[place] <= last:
            continue
        weight = _persistence(sides, place)
        for losses in sides.values():
            past, came = losses[:place], float(losses[place])
            level = weight * float(past[-1]) + (1 - weight) * float(past.mean())
            forecasts.append(
                Forecast(
                    "ardennes", 1, dates[place - 1], dates[place], came, {"mae": abs(came - level)},
                    {"yesterday": {"mae": abs(came - float(past[-1]))},
                     "mean": {"mae": abs(came - float(past.mean()))}},
                )
            )  # fmt: skip
    if not forecasts:
        raise ObservationError(
            f"no day between {first.date()} and {last.date()}",
            expected="a day from 1944-12-16 to 1944-12-31 after --train-until",
            next_step="Use --train-until 1944-12-25.",
        )
    return forecasts, dates
