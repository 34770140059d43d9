"""How the whole model would have done from earlier dates than the case's own: what its waves were chosen on.

    python benchmarks/pseudo_dates.py --data FOLDER [--every 7] [--first 2023-03-26] [--last 2024-09-15]

From each pseudo information date the reference option of `ukraine-2024` is simulated with the levels of that date
(mean gain and its spread, drones launched; the claims' levels follow by themselves) and scored on up to 28 weeks,
none of them after the case's information date. Everything else stays as the case states it, its aid and its chance
of a ceasefire included, although these were other ones then.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from excomm.beliefs.draws import Draws
from excomm.case import load
from excomm.hindcast.rolling import Forecast, summarise
from excomm.observations.territory import read_territory, weekly_gain
from excomm.pipeline.case_hindcast import ObservedWeeks, forecast_from, observe
from excomm.pipeline.compilation import use_compilation_cache

FOLDERS = ("territory", "reported-losses", "air-attacks")
HORIZON = pd.Timedelta(weeks=28)
GROWTH = 1.0  # of drone launches a year, median of the case
POSITIONAL_WAR = pd.Timestamp("2022-12-01")  # a baseline that remembers the war of movement would be no rival


def joined_gains(folder: Path, last: pd.Timestamp) -> pd.Series:
    """Weekly gains of the main mapper, continued into the past by the other one."""
    series = [
        weekly_gain(one.without_jumps(last)[:last], first=POSITIONAL_WAR) for one in read_territory([folder])
    ]
    main = series[0]
    return pd.concat([other[other.index < main.index[0]] for other in series[1:]] + [main])


def at_levels(observed: list[ObservedWeeks], day: pd.Timestamp) -> Callable[[Draws], Draws]:
    """Puts the draws at the levels of a day."""
    past = {one.name: one.weekly[one.weekly.index <= day].to_numpy(dtype=float) for one in observed}
    gain, spread = past["area_gained"][-13:].mean(), past["area_gained"][-22:].std()
    # As the case has it: the mean of launches (not their usual value, which lies below), moved over its own lag.
    weeks = past["drones_launched"][-26:]
    age = np.arange(weeks.size)[::-1]
    weight = 0.7**age / (0.7**age).sum()
    launched = float(np.log(weight @ weeks) + (weight @ age + 0.5) * GROWTH / 52)

    def adjust(drawn: Draws) -> Draws:
        def score(name: str) -> np.ndarray:
            return np.asarray(norm.ppf(drawn.percentiles[name]))

        changed = {
            "front.initial_gain": gain + 18.0 * score("front.initial_gain"),
            "front.noise_sd": np.maximum(spread * np.exp(0.18 * score("front.noise_sd")), 5.0),
            "air.adversary.drones": np.exp(launched + 0.16 * score("air.adversary.drones")),
        }
        values = {
            name: np.broadcast_to(changed[name], value.shape) if name in changed else value
            for name, value in drawn.values.items()
        }
        return replace(drawn, values=values)

    return adjust


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=7, help="weeks between the dates")
    parser.add_argument("--first", default="2023-03-26")
    parser.add_argument("--last", default="2024-09-15")
    chosen = parser.parse_args()
    use_compilation_cache()
    case = load("ukraine-2024")
    end = pd.Timestamp(case.as_of)
    gains = joined_gains(chosen.data / "territory", end)
    observed = [
        replace(one, weekly=(gains if one.name == "area_gained" else one.weekly[one.weekly.index <= end]))
        for one in observe([chosen.data / name for name in FOLDERS])
    ]
    every: list[Forecast] = []
    for day in pd.date_range(chosen.first, chosen.last, freq=f"{7 * chosen.every}D"):
        made = forecast_from(case, observed, day, min(end, day + HORIZON), adjust=at_levels(observed, day))
        every += made
        covered = {line.series: line.coverage90 or 0.0 for line in summarise(made) if line.score == "crps"}
        print(day.date(), {name: f"{share:.0%}" for name, share in covered.items()}, flush=True)
    lines = {(line.series, line.score): line for line in summarise(every)}
    for name in dict.fromkeys(series for series, _ in lines):
        line, width = lines[name, "crps"], lines[name, "width90"]
        rival, wide = (next(iter(one.baselines.values())) for one in (line, width))
        print(
            f"{name}: CRPS {line.model:.4g} (baseline {rival:.4g}), 50% and 90% bands cover {line.coverage50:.0%} and "
            f"{line.coverage90:.0%}, width {width.model / wide:.2f} times the baseline's"
        )


if __name__ == "__main__":
    main()
