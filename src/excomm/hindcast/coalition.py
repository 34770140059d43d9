"""Troops of coalition members next year: they stay with high probability, and their size drifts.

    takes part | took part last year ~ Beta-binomial, the same for those who did not
    log(1 + troops) | in both years = last year's + drift + t4 noise, pooled over members

Learnt from the pairs of years that were over. Limits: four years of one operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t

from excomm.errors import ObservationError
from excomm.hindcast.rolling import Forecast
from excomm.hindcast.scores import covered, crps_ensemble
from excomm.observations.history import read_coalition

__all__ = ["forecast_coalition"]

Array = npt.NDArray[np.float64]
_STEPS = (np.arange(400) + 0.5) / 400
PRIOR_STAY = (9.0, 1.0)  # judgement: nine of ten members stay a year
PRIOR_JOIN = (0.5, 9.5)  # judgement: one of twenty outsiders joins in a year
FREEDOM = 4.0
PRIOR_CHANGE = (
    0.0,
    0.4,
)  # drift and scale of the yearly change of ln(1 + troops); judgement, worth 5 members


def _year_ahead(before: Array, after: Array, last: float) -> tuple[Array, float]:
    """Equally likely values of log(1 + troops) and the probability of taking part.

    before, after: log(1 + troops) of all members in all earlier pairs of years; last: of this member now.
    """
    was_in = before > 0
    a, b = PRIOR_STAY if last > 0 else PRIOR_JOIN
    alike = was_in == (last > 0)
    joined = float((after[alike] > 0).sum())
    takes_part = (a + joined) / (a + b + float(alike.sum()))
    both = was_in & (after > 0)
    change = (after - before)[both]
    drift = 5 * PRIOR_CHANGE[0] + float(np.clip(change, -0.5, 0.5).sum())
    drift /= 5 + change.size
    # A robust scale: the median absolute change of t4 is 0.741 of its scale.
    near = np.median(np.abs(change - drift)) / 0.741 if change.size else PRIOR_CHANGE[1]
    scale = (5 * PRIOR_CHANGE[1] + change.size * float(near)) / (5 + change.size)
    entrants = after[~was_in & (after > 0)]
    if last > 0:
        sizes = last + drift + scale * t.ppf(_STEPS, FREEDOM)
    else:
        centre = float(np.median(entrants)) if entrants.size else 4.0  # 54 troops; judgement
        sizes = centre + 1.2 * t.ppf(_STEPS, FREEDOM)
    inside = round(takes_part * _STEPS.size)
    chosen = (
        np.quantile(np.maximum(sizes, 0.01), (np.arange(inside) + 0.5) / max(inside, 1))
        if inside
        else sizes[:0]
    )
    return np.concatenate([np.zeros(_STEPS.size - inside), chosen]), takes_part


def forecast_coalition(
    paths: Sequence[Path], first: pd.Timestamp, last: pd.Timestamp
) -> tuple[list[Forecast], pd.DatetimeIndex]:
    """Every member's troops of each year that begins after `first` and up to `last`."""
    rows = read_coalition(paths)
    table = rows.pivot(index="year", columns="country", values="troops").sort_index().apply(np.log1p)
    years = [int(year) for year in table.index]
    forecasts = []
    for place in range(2, len(years)):
        begin = pd.Timestamp(years[place], 1, 1)
        if not first < begin <= last:
            continue
        before = np.concatenate([table.iloc[i].to_numpy(dtype=float) for i in range(place - 1)])
        after = np.concatenate([table.iloc[i + 1].to_numpy(dtype=float) for i in range(place - 1)])
        for country in table.columns:
            known, came = float(table[country].iloc[place - 1]), float(table[country].iloc[place])
            members, takes_part = _year_ahead(before, after, known)
            took_part = float(came > 0)
            low, lower, middle, upper, high = (
                float(v) for v in np.quantile(members, [0.05, 0.25, 0.5, 0.75, 0.95])
            )
            forecasts.append(
                Forecast(
                    "coalition", 1, begin - pd.Timedelta(days=1), begin, came,
                    {"crps": crps_ensemble(members, came), "brier-participation": (takes_part - took_part) ** 2},
                    {"last-year": {"crps": abs(came - known),
                                   "brier-participation": (float(known > 0) - took_part) ** 2}},
                    (low, lower, middle, upper, high),
                    float(covered(lower, upper, came)),
                    float(covered(low, high, came)),
                )
            )  # fmt: skip
    if not forecasts:
        raise ObservationError(
            f"no year between {first.date()} and {last.date()} with two years before it",
            expected="a year from the third of the table on",
            next_step="Use --train-until 2008-12-31.",
        )
    return forecasts, pd.DatetimeIndex([pd.Timestamp(year, 1, 1) for year in years])
