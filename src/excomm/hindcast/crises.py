"""Crises and threats of the past: how violent a crisis turns, whether a threat is carried out.

Both are fitted anew for each case on the cases whose outcome was known when it began.
`crisis-violence`: proportional-odds regression on the kind of trigger, protracted conflict, power status and
region, chosen by rolling forecasts of 1930-1964. Limit: the data set codes a protracted conflict afterwards.
`threats`: logistic regression on who threatens first, with a memory of 30 years, chosen on 1870-1945; a richer
one was worse there. Limit: a threat that was not carried out may have worked.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from excomm.errors import ObservationError
from excomm.hindcast.regression import fit_ordered_logit, fit_ridge_logit
from excomm.hindcast.rolling import Forecast
from excomm.hindcast.scores import log_score, ranked_probability
from excomm.observations.history import read_crisis_actors, read_threats

__all__ = ["forecast_crisis_violence", "forecast_threats"]

Array = npt.NDArray[np.float64]
CLASSES = 4
THREAT_MEMORY = 30.0  # years
_FEWEST = 20


def _crisis_features(rows: pd.DataFrame) -> Array:
    trigger, protracted = rows["trigger"], rows["protracted"]
    columns = [
        trigger == 9,
        trigger == 8,
        trigger == 7,
        trigger.isin([4, 6]),
        protracted == 3,
        protracted == 2,
    ]
    columns += [rows["power"] == 4, rows["power"] == 3]
    columns += [rows["region"] == region for region in (1, 2, 4)]
    return np.column_stack(columns).astype(float)


def forecast_crisis_violence(
    paths: Sequence[Path], first: pd.Timestamp, last: pd.Timestamp
) -> tuple[list[Forecast], pd.DatetimeIndex]:
    """Forecasts of every crisis actor whose crisis was triggered after `first` and by `last`."""
    rows = read_crisis_actors(paths)
    features, outcome = _crisis_features(rows), rows["violence"].to_numpy()
    starts, ends = rows["start"].to_numpy(), rows["end"].to_numpy()
    forecasts = []
    fitted, known_then = None, -1
    for place in np.flatnonzero((rows["start"] > first) & (rows["start"] <= last)):
        known = np.flatnonzero((ends < starts[place]) & (starts < starts[place]))
        if known.size < _FEWEST:
            continue
        # Refit once ten more outcomes are known: a fit on older knowledge looks at nothing newer.
        if fitted is None or known.size >= known_then + 10:
            fitted = fit_ordered_logit(features[known], outcome[known], CLASSES, slope_sd=1.0)
            known_then = known.size
        chance = fitted.probabilities(features[[place]])[0]
        climate = (np.bincount(outcome[known], minlength=CLASSES) + 0.5) / (known.size + 0.5 * CLASSES)
        came = int(outcome[place])
        serious = float(came >= 2)
        forecasts.append(
            Forecast(
                "crisis-violence", 1, pd.Timestamp(starts[place]) - pd.Timedelta(days=1), pd.Timestamp(starts[place]),
                float(came),
                {"rps": ranked_probability(chance, came), "brier-serious": float((chance[2:].sum() - serious) ** 2)},
                {"climatology": {"rps": ranked_probability(climate, came),
                                 "brier-serious": float((climate[2:].sum() - serious) ** 2)}},
            )
        )  # fmt: skip
    return _checked(forecasts, first, last), pd.DatetimeIndex(rows["start"])


def forecast_threats(
    paths: Sequence[Path], first: pd.Timestamp, last: pd.Timestamp
) -> tuple[list[Forecast], pd.DatetimeIndex]:
    """Forecasts of every first explicit threat after `first` and up to `last`."""
    rows = read_threats(paths)
    features = (rows[["initiator"]].to_numpy(dtype=float)) - 0.7
    outcome = rows["carried_out"].to_numpy(dtype=float)
    years = rows["year"].to_numpy(dtype=float)
    forecasts = []
    for place in np.flatnonzero((rows["start"] > first) & (rows["start"] <= last)):
        known = np.flatnonzero(rows["known"] < rows["start"].iloc[place])
        if known.size < _FEWEST:
            continue
        memory = 0.5 ** ((years[place] - years[known]) / THREAT_MEMORY)
        model = fit_ridge_logit(features[known], outcome[known], slope_sd=0.3, weight=memory)
        chance = float(model.probability(features[[place]])[0])
        rate = float((outcome[known].sum() + 0.5) / (known.size + 1))
        came = float(outcome[place])
        start = pd.Timestamp(rows["start"].iloc[place])
        forecasts.append(
            Forecast(
                "threats", 1, start - pd.Timedelta(days=1), start, came,
                _binary(chance, came), {"earlier-rate": _binary(rate, came)},
            )
        )  # fmt: skip
    return _checked(forecasts, first, last), pd.DatetimeIndex(rows["start"])


def _binary(chance: float, came: float) -> dict[str, float]:
    return {
        "brier": (chance - came) ** 2,
        "log": float(log_score(chance if came else 1 - chance)),
    }


def _checked(forecasts: list[Forecast], first: pd.Timestamp, last: pd.Timestamp) -> list[Forecast]:
    if not forecasts:
        raise ObservationError(
            f"no case between {first.date()} and {last.date()} with {_FEWEST} known cases before it",
            expected="cases after --train-until, and enough before",
            next_step="Choose another --train-until, for example 1959-12-31.",
        )
    return forecasts
