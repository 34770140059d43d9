"""How many calendar years an interstate war touches: a Weibull survival model with its uncertainty.

    duration ~ Weibull(scale x exp(effect [more than two states at the start]), shape), start uniform in its year

The posterior stands on a grid and is averaged over; the baseline is the Weibull of greatest likelihood without
covariates. Fitted once on the wars that began by the training date and had ended by then. Limits: years, not
days; the first directed row per war is arbitrary, so only the set of states of the first year is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from excomm.errors import ObservationError
from excomm.hindcast.rolling import Forecast
from excomm.hindcast.scores import log_score
from excomm.observations.history import read_wars

__all__ = ["calendar_years", "forecast_war_duration"]

Array = npt.NDArray[np.float64]
_SCALES = np.exp(np.linspace(np.log(0.1), np.log(5.0), 24))  # years
_SHAPES = np.exp(np.linspace(np.log(0.3), np.log(3.0), 14))
_EFFECTS = (0.0, 0.4, 0.8)
LONGEST = 40  # calendar years
_PHASE = (np.arange(20) + 0.5) / 20


def calendar_years(scale: float, shape: float) -> Array:
    """Probabilities that a Weibull duration [years] that begins anywhere in a year touches 1 ... 40 years."""
    k = np.arange(1, LONGEST + 1)[:, None]
    upper = -np.expm1(-(((k - _PHASE) / scale) ** shape))
    lower = -np.expm1(-((np.maximum(k - 1 - _PHASE, 0.0) / scale) ** shape))
    return np.asarray((upper - lower).mean(axis=1))


def forecast_war_duration(
    paths: Sequence[Path], first: pd.Timestamp, last: pd.Timestamp
) -> tuple[list[Forecast], pd.DatetimeIndex]:
    """Log scores of all wars that began after `first` and by `last`."""
    rows = read_wars(paths)
    starts = pd.DatetimeIndex([pd.Timestamp(int(year), 7, 1) for year in rows["start"]])
    years = rows["years"].to_numpy(dtype=int)
    many = (rows["states"] > 2).to_numpy(dtype=int)
    ended = rows["start"].to_numpy() + years - 1 <= first.year
    known = np.flatnonzero((starts <= first) & ended)
    coming = np.flatnonzero((starts > first) & (starts <= last))
    if known.size < 15 or coming.size == 0:
        raise ObservationError(
            f"{known.size} wars to learn from and {coming.size} to forecast",
            expected="at least 15 wars that ended by --train-until, and one after",
            next_step="Use --train-until 1945-12-31.",
        )
    tables = [
        np.array([[calendar_years(scale * np.exp(effect), shape) for shape in _SHAPES] for scale in _SCALES])
        for effect in _EFFECTS
    ]
    prior = -0.5 * (np.log(_SCALES)[:, None] - np.log(0.9)) ** 2
    prior = prior - 0.5 * ((np.log(_SHAPES)[None, :] - np.log(0.9)) / 0.4) ** 2
    logs = [np.log(np.maximum(table, 1e-12)) for table in tables]
    plain, crowded = years[known][many[known] == 0], years[known][many[known] == 1]
    base = logs[0][:, :, plain - 1].sum(axis=-1) + prior
    joint = np.array(
        [
            base + log[:, :, crowded - 1].sum(axis=-1) - 0.5 * (effect / 0.5) ** 2
            for log, effect in zip(logs, _EFFECTS, strict=True)
        ]
    )
    weight = np.exp(joint - joint.max())
    weight /= weight.sum()
    likelihood = logs[0][:, :, years[known] - 1].sum(axis=-1)
    best = tables[0][np.unravel_index(int(likelihood.argmax()), likelihood.shape)]
    forecasts = []
    for place in coming.tolist():
        came = int(years[place])
        by_effect = tables if many[place] else [tables[0]] * len(tables)
        chance = float(
            sum((w * table[:, :, came - 1]).sum() for w, table in zip(weight, by_effect, strict=True))
        )
        forecasts.append(
            Forecast(
                "war-duration", 1, first, starts[place], float(came),
                {"log": float(log_score(chance))}, {"weibull": {"log": float(log_score(best[came - 1]))}},
            )
        )  # fmt: skip
    return forecasts, starts
