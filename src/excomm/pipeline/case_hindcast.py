"""The whole model against what followed: a case's reference option from its information date on, week by week.

The bands are those of an ordinary assessment of the reference option with what was known at the information date.
Series: area that the adversary has gained, cumulative claimed losses of the adversary, drones launched and drones that
get through in the week. Claims are compared with claims: a draw's losses are scaled by the level of the claims at the
information date over the draw's own initial losses, and the log-odds that a drone gets through are moved by the
distance between the claims and the draw. Both levels are smoothed from the weeks before that date and keep their own
error. Baseline: a random walk with drift, from the same weeks alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from excomm.beliefs.draws import Draws, draw
from excomm.beliefs.issue_resolve import believe_record
from excomm.case import load
from excomm.case.model import Case
from excomm.engine.setup import review_week
from excomm.engine.simulation import simulate
from excomm.errors import ObservationError, UsageError
from excomm.hindcast.rolling import Forecast, Hindcast, summarise
from excomm.hindcast.scores import covered, crps_ensemble, crps_normal
from excomm.observations.air_attacks import read_air_attacks
from excomm.observations.breaks import Break
from excomm.observations.reported_losses import daily_increments, read_claimed_losses
from excomm.observations.territory import read_territory, weekly_gain
from excomm.pipeline.compilation import use_compilation_cache
from excomm.pipeline.reading import read_evidence
from excomm.streams import generator

__all__ = ["LEVELS", "ObservedWeeks", "forecast_from", "hindcast_case", "observe"]

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
DRAWS, REPLICATES = 256, 16
DRIFT_WEEKS = 13  # weeks that the drift of the baseline is taken from
# How much of a week's news the level takes up: rolling forecasts from 20 dates of 2023 and 2024.
CARRY_CLAIMS, CARRY_LEAKS = 0.7, 0.05
LEVEL_WEEKS = 26  # weeks that a level is smoothed over
Z = np.array([-1.6448536269514722, -0.6744897501960817, 0.0, 0.6744897501960817, 1.6448536269514722])


@dataclass(frozen=True)
class ObservedWeeks:
    """Weekly values of a series by the Sunday that ends the week; cumulative: added up from the information date."""

    name: str
    weekly: pd.Series
    cumulative: bool
    breaks: tuple[Break, ...]
    warnings: tuple[str, ...]


def _drones(paths: Sequence[Path]) -> list[ObservedWeeks]:
    attacks = read_air_attacks(paths)
    rows = attacks.rows[attacks.rows["weapon"] == "shahed"].set_index("start").sort_index()
    launched = rows["launched"].resample("W-SUN").sum()
    leaked = rows["leaked"].resample("W-SUN").sum()
    # The last week of the file may be unfinished; it counts only when the file reaches its Sunday.
    ends = rows.index.max().normalize()
    launched, leaked = launched[launched.index <= ends], leaked[leaked.index <= ends]
    return [
        ObservedWeeks("drones_launched", launched, False, attacks.breaks, attacks.warnings),
        ObservedWeeks("drones_leaked", leaked, False, (), ()),
    ]


def _area(paths: Sequence[Path]) -> ObservedWeeks:
    """Weekly gain of the mapper whose series reaches furthest beyond the information date."""
    series = max(read_territory(paths), key=lambda one: one.area.index[-1])
    gains = weekly_gain(series.without_jumps(series.area.index[-1]))
    return ObservedWeeks("area_gained", gains, True, series.breaks, series.warnings)


def _losses(paths: Sequence[Path]) -> ObservedWeeks:
    losses = read_claimed_losses(paths)
    daily = daily_increments(losses, losses.total.index[-1])
    weekly = daily.resample("W-SUN").sum()
    weekly = weekly[weekly.index <= daily.index[-1]]
    return ObservedWeeks("claimed_losses", weekly, True, losses.breaks, losses.warnings)


def _area_and_losses(paths: Sequence[Path]) -> tuple[list[ObservedWeeks], list[ObservationError]]:
    found: list[ObservedWeeks] = []
    problems: list[ObservationError] = []
    for read in (_area, _losses):
        try:
            found.append(read(paths))
        except ObservationError as error:
            problems.append(error)
    return found, problems


def observe(paths: Sequence[Path]) -> list[ObservedWeeks]:
    """All series that the paths hold; the first problem where they hold none."""
    found, problems = _area_and_losses(paths)
    try:
        found += _drones(paths)
    except ObservationError as error:
        problems.append(error)
    if not found:
        raise problems[0]
    return found


@dataclass(frozen=True)
class _Level:
    """Level of a series at the information date and its standard error, on the scale it was smoothed on."""

    mean: float
    error: float

    def draws(self, number: int, seed: int, name: str) -> np.ndarray[Any, Any]:
        return self.mean + self.error * generator(seed, f"hindcast/level/{name}").standard_normal(number)


def _level(values: np.ndarray[Any, Any], carry: float) -> _Level:
    """Exponentially smoothed level; its error is that of a level under noise with this steady gain."""
    recent = values[-LEVEL_WEEKS:]
    weight = (1.0 - carry) ** np.arange(recent.size)[::-1]
    level = float(weight @ recent / weight.sum())
    return _Level(level, float(recent.std()) * np.sqrt(carry * (1.0 - carry)))


def _levels(observed: Sequence[ObservedWeeks], known_on: pd.Timestamp) -> dict[str, _Level]:
    """Levels of the claims by series: log of weekly losses, log-odds that a drone gets through."""
    past = {one.name: one.weekly[one.weekly.index <= known_on] for one in observed}
    found = {}
    if "claimed_losses" in past:
        found["claimed_losses"] = _level(
            np.log(np.maximum(past["claimed_losses"].to_numpy(float), 1.0)), CARRY_CLAIMS
        )
    if "drones_leaked" in past:
        leaked, launched = past["drones_leaked"], past["drones_launched"]
        changes = [
            item.noticed
            for one in observed
            for item in one.breaks
            if one.name == "drones_launched" and item.kind == "definition" and item.noticed <= known_on
        ]
        since = launched.index > max(changes) if changes else launched.index >= launched.index[0]
        # Fewer than eight weeks of a new definition say less than what was counted before it.
        kept = since if int(since.sum()) >= 8 else np.ones(len(launched), dtype=bool)
        through, all_drones = leaked[kept].to_numpy(float) + 0.5, launched[kept].to_numpy(float) + 1.0
        found["drones_leaked"] = _level(np.log(through / np.maximum(all_drones - through, 0.5)), CARRY_LEAKS)
    return found


def _members(
    case: Case, seed: int, levels: Mapping[str, _Level], adjust: Callable[[Draws], Draws]
) -> dict[str, np.ndarray[Any, Any]]:
    """Weekly values of the reference option, shape (weeks, members), for each series."""
    evidence = read_evidence(case, as_of=case.as_of, seed=seed)
    probabilities = {item.id: item.posterior for item in evidence.assessments}
    drawn = draw(case, options=[case.reference.id], number=DRAWS, seed=seed, probabilities=probabilities)
    drawn = adjust(drawn)
    drawn = believe_record(case, review_week(case, drawn), seed=seed, coding="narrow", as_of=case.as_of)
    return _claimed(drawn, simulate(case, drawn, replicates=REPLICATES, seed=seed).weekly, levels, seed)


def _claimed(
    drawn: Draws, weekly: Mapping[str, np.ndarray[Any, Any]], levels: Mapping[str, _Level], seed: int
) -> dict[str, np.ndarray[Any, Any]]:
    """The simulated series as the belligerents would claim them, shape (weeks, members)."""

    def of(name: str) -> np.ndarray[Any, Any]:
        return weekly[name][:, 0].astype(float)

    def flat(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return values.reshape(values.shape[0], -1)

    def value(name: str) -> np.ndarray[Any, Any]:
        return np.asarray(drawn.values[name][0], dtype=float)[:, None]

    number = drawn.values["ground.adversary.casualties"].shape[1]
    launched, leaked = of("drones_launched"), of("drones_leaked")
    if "drones_leaked" in levels:
        kill = value("air.host.kill_drone")
        level = levels["drones_leaked"].draws(number, seed, "leaks")[:, None]
        shift = np.exp(level - np.log((1.0 - kill) / kill))
        share = leaked / np.maximum(launched, 1e-9)
        leaked = launched * share * shift / (1.0 - share + share * shift)
    members = {
        "area_gained": -flat(of("area_change")),
        "drones_launched": flat(launched),
        "drones_leaked": flat(leaked),
    }
    if "claimed_losses" in levels:
        level = np.exp(levels["claimed_losses"].draws(number, seed, "claims")[:, None])
        members["claimed_losses"] = np.cumsum(
            flat(of("losses_adversary") * level / value("ground.adversary.casualties")), axis=0
        )
    return members


def _baseline(past: pd.Series, horizon: int, cumulative: bool) -> tuple[float, float]:
    """Mean and standard deviation `horizon` weeks ahead of a random walk with drift, from the weeks before."""
    recent = past.to_numpy(dtype=float)[-4 * DRIFT_WEEKS :]
    if cumulative:
        steps = recent
        level = 0.0
    else:
        steps = np.diff(recent)
        level = float(recent[-1])
    window = steps[-DRIFT_WEEKS:]
    drift, spread = float(window.mean()), float(steps.std(ddof=1))
    # The drift is an estimate from `window` weeks, so its error grows with the square of the horizon.
    return level + horizon * drift, spread * np.sqrt(horizon + horizon**2 / len(window))


def _score(
    series: ObservedWeeks, members: np.ndarray[Any, Any], known_on: pd.Timestamp, last: pd.Timestamp
) -> list[Forecast]:
    past = series.weekly[series.weekly.index <= known_on]
    coming = series.weekly[(series.weekly.index > known_on) & (series.weekly.index <= last)]
    observed = coming.cumsum() if series.cumulative else coming
    forecasts = []
    for week, value in observed.items():
        day = pd.Timestamp(week)  # type: ignore[arg-type]
        horizon = round((day - known_on).days / 7)
        if not 1 <= horizon <= members.shape[0]:
            continue
        sample = members[horizon - 1]
        mean, spread = _baseline(past, horizon, series.cumulative)
        quantiles = np.quantile(sample, LEVELS)
        true = float(value)
        forecasts.append(
            Forecast(
                series=series.name,
                horizon=1,
                made=known_on,
                target=day,
                observed=true,
                scores={
                    "crps": crps_ensemble(sample, true),
                    "mae": abs(true - float(np.median(sample))),
                    "width90": float(quantiles[4] - quantiles[0]),
                },
                baselines={
                    "random-walk-with-drift": {
                        "crps": crps_normal(mean, spread, true),
                        "mae": abs(true - mean),
                        "width90": float(2 * Z[4] * spread),
                    }
                },
                quantiles=tuple(float(q) for q in quantiles),  # type: ignore[arg-type]
                inside50=float(covered(quantiles[1], quantiles[3], true)),
                inside90=float(covered(quantiles[0], quantiles[4], true)),
            )
        )
    return forecasts


def forecast_from(
    case: Case,
    observed: Sequence[ObservedWeeks],
    known_on: pd.Timestamp,
    last: pd.Timestamp,
    *,
    seed: int = 0,
    adjust: Callable[[Draws], Draws] = lambda drawn: drawn,
) -> list[Forecast]:
    """Forecasts of every observed week after the Sunday `known_on` and up to `last`.

    adjust: changes the draws of the case, as for a pseudo information date, whose levels were other ones.
    """
    members = _members(case, seed, _levels(observed, known_on), adjust)
    return [one for series in observed for one in _score(series, members[series.name], known_on, last)]


def hindcast_case(
    name: str, paths: Sequence[Path], train_until: str | None, test_until: str | None, *, seed: int = 0
) -> Hindcast:
    """Score the reference option of a case on the weeks after its information date.

    paths: files or folders with public series of area, claimed losses and air attacks, as far as there are any;
    train_until: at most the information date (later knowledge is never used), which is the default. The single line a
    series scores all weeks up to the end of the data, the horizon or `test_until`.
    """
    use_compilation_cache()
    case = load(name)
    known_on = pd.Timestamp(case.as_of)
    if train_until is not None and pd.Timestamp(train_until) != known_on:
        raise UsageError(
            f"the case knows what was known on {case.as_of}",
            path="--train-until",
            expected=str(case.as_of),
            next_step=f"Give --train-until {case.as_of}, or write a case with another information date.",
        )
    last = pd.Timestamp(test_until) if test_until else pd.Timestamp(2200, 1, 1)
    observed = observe(paths)
    # The Sunday of the information date's week ends the last week that was known in full.
    start = known_on - pd.Timedelta(days=(known_on.dayofweek + 1) % 7)
    forecasts = forecast_from(case, observed, start, last, seed=seed)
    if not forecasts:
        raise ObservationError(
            f"no week of the series lies after {case.as_of}",
            file=str(paths[0]),
            expected="series that reach beyond the information date of the case",
            next_step="Give longer series, or an earlier case.",
        )
    days = [one.target for one in forecasts]
    first = min(one.weekly.index[0] for one in observed)
    weeks = sum(int((one.weekly.index <= start).sum()) for one in observed)
    return Hindcast(
        f"case {case.id}",
        (pd.Timestamp(first), start, weeks),
        (min(days), max(days), len(forecasts)),
        "as in the series",
        tuple(item for one in observed for item in one.breaks),
        # All weeks stem from one date, so neighbouring errors are nearly the same error.
        summarise(forecasts, seed=seed, least_block=DRIFT_WEEKS),
        tuple(forecasts),
        tuple(text for one in observed for text in one.warnings),
    )
