"""How forecasts of claimed personnel losses do from every week, instead of from the ends of months alone.

    python benchmarks/weekly_origins.py --data FOLDER [--first 2022-12-31] [--last 2024-06-30]

Months give a dozen forecasts a year, too few to choose a form on. Here a forecast is made every week, of the 30 days
that begin after it (1 ahead) or after 60 more (3 ahead), from nothing but the claims up to that week, and scored beside
the same baselines on 30-day spans. No claim after `--last` is used. The forms of `personnel` were chosen on these.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from excomm.hindcast.personnel import HORIZONS, SETTLED_DAYS, SPAN, month_ahead, score_baselines
from excomm.hindcast.rolling import Forecast, ScoreLine, summarise
from excomm.hindcast.scores import covered, crps_ensemble
from excomm.observations.reported_losses import daily_increments, read_claimed_losses


def score_weeks(folder: Path, first: str, last: str) -> tuple[ScoreLine, ...]:
    """Scores of the weekly forecasts made from `first` on of spans that end by `last`; blocks of five spans' weeks."""
    losses = read_claimed_losses([folder])
    daily = daily_increments(losses, pd.Timestamp(last))
    daily = daily[daily.index >= losses.total.index[0] + pd.Timedelta(days=SETTLED_DAYS)]
    claims = daily.to_numpy(dtype=float)
    lines: list[ScoreLine] = []
    for horizon in HORIZONS:
        made = []
        begin = int((pd.DatetimeIndex(daily.index) <= pd.Timestamp(first)).sum())
        for origin in range(begin, claims.size - SPAN * horizon + 1, 7):
            known = claims[:origin]
            observed = float(claims[origin + SPAN * (horizon - 1) : origin + SPAN * horizon].sum())
            spans = known[known.size % SPAN :].reshape(-1, SPAN).sum(axis=1)
            members = month_ahead(known, horizon, SPAN)
            low, lower, middle, upper, high = (
                float(value) for value in np.quantile(members, [0.05, 0.25, 0.5, 0.75, 0.95])
            )
            day = pd.Timestamp(daily.index[origin - 1])
            made.append(
                Forecast(
                    "personnel by weeks", horizon, day, day + pd.Timedelta(days=SPAN * horizon), observed,
                    {"crps": crps_ensemble(members, observed), "mae": abs(observed - middle)},
                    score_baselines(spans, horizon, observed),
                    (low, lower, middle, upper, high),
                    float(covered(lower, upper, observed)),
                    float(covered(low, high, observed)),
                )
            )  # fmt: skip
        lines += summarise(made, least_block=5 * horizon)
    return tuple(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with reported-losses")
    parser.add_argument("--first", default="2022-12-31")
    parser.add_argument("--last", default="2024-06-30")
    chosen = parser.parse_args()
    for line in score_weeks(chosen.data / "reported-losses", chosen.first, chosen.last):
        rivals = ", ".join(
            f"{name} {value:.0f} ({line.difference[name]['p05']:+.0f} to {line.difference[name]['p95']:+.0f})"
            for name, value in line.baselines.items()
        )
        print(
            f"{line.horizon} ahead, {line.score}: {line.model:.0f} (n {line.n}; {rivals}; "
            f"covered {line.coverage50:.0%} and {line.coverage90:.0%})"
        )


if __name__ == "__main__":
    main()
