"""The targets of `excomm hindcast`, and the one function that runs any of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from excomm.errors import UsageError
from excomm.hindcast.air_leaks import forecast_air_leaks
from excomm.hindcast.battles import forecast_ardennes, forecast_battles
from excomm.hindcast.coalition import forecast_coalition
from excomm.hindcast.crises import forecast_crisis_violence, forecast_threats
from excomm.hindcast.personnel import forecast_personnel
from excomm.hindcast.rolling import Forecast, Hindcast, summarise
from excomm.hindcast.strategic_choice import forecast_strategic_choice
from excomm.hindcast.territory import forecast_territory
from excomm.hindcast.wars import forecast_war_duration
from excomm.observations.breaks import Break

__all__ = ["TARGETS", "Target", "parse_day", "run_hindcast"]

_Found = tuple[list[Forecast], pd.DatetimeIndex, tuple[Break, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Target:
    """One thing to forecast: what it is, its unit, its usual training end, and how to forecast it."""

    name: str
    meaning: str
    unit: str
    usual: str
    run: Callable[[Sequence[Path], pd.Timestamp, pd.Timestamp], _Found]


def _air(paths: Sequence[Path], first: pd.Timestamp, last: pd.Timestamp) -> _Found:
    attacks, forecasts, dates = forecast_air_leaks(paths, first, last)
    return forecasts, dates, attacks.breaks, attacks.warnings


def _personnel(paths: Sequence[Path], first: pd.Timestamp, last: pd.Timestamp) -> _Found:
    losses, forecasts, dates = forecast_personnel(paths, first, last)
    return forecasts, dates, losses.breaks, losses.warnings


def _territory(paths: Sequence[Path], first: pd.Timestamp, last: pd.Timestamp) -> _Found:
    series, forecasts, dates = forecast_territory(paths, first, last)
    warnings = [text for one in series for text in one.warnings]
    for one in series:
        warnings += [
            f"{one.name}: {day.date()}: {size:+.0f} km2 in a day looks like a redrawn map; kept, the tails allow for it"
            for day, size in one.redraws
            if day > first
        ]
    breaks = tuple(item for one in series for item in one.breaks)
    return forecasts, dates, breaks, tuple(warnings)


def _plain(
    forecast: Callable[[Sequence[Path], pd.Timestamp, pd.Timestamp], tuple[list[Forecast], pd.DatetimeIndex]],
) -> Callable[[Sequence[Path], pd.Timestamp, pd.Timestamp], _Found]:
    def run(paths: Sequence[Path], first: pd.Timestamp, last: pd.Timestamp) -> _Found:
        forecasts, dates = forecast(paths, first, last)
        return forecasts, dates, (), ()

    return run


def _battles(paths: Sequence[Path], _first: pd.Timestamp, _last: pd.Timestamp) -> _Found:
    forecasts, dates = forecast_battles(paths)
    note = "every war is forecast from all other wars, so --train-until and --test-until have no effect"
    return forecasts, dates, (), (note,)


def _strategic_choice(paths: Sequence[Path], _first: pd.Timestamp, _last: pd.Timestamp) -> _Found:
    forecasts, dates, notes = forecast_strategic_choice(paths)
    return forecasts, dates, (), notes


TARGETS: dict[str, Target] = {
    one.name: one
    for one in (
        Target("air-leaks", "weapons that leak through an attack, given class and size", "weapons", "2024-06-30", _air),
        Target("personnel", "claimed personnel losses of a coming month", "persons/month", "2024-06-30", _personnel),
        Target("territory", "gain of area of a coming week", "km2/week", "2024-06-30", _territory),
        Target("crisis-violence", "violence of an international crisis, by actor", "class 0-3", "1964-12-31",
               _plain(forecast_crisis_violence)),
        Target("threats", "whether a first explicit threat is carried out", "yes or no", "1945-12-31",
               _plain(forecast_threats)),
        Target("battles", "whether the attacker wins", "yes or no", "1939-12-31", _battles),
        Target("coalition", "troops of a coalition member next year", "ln(1 + troops)", "2008-12-31",
               _plain(forecast_coalition)),
        Target("war-duration", "calendar years that a war touches", "years", "1945-12-31",
               _plain(forecast_war_duration)),
        Target("strategic-choice", "how a dispute ends: status quo, concession or war", "outcome 0-2", "1899-12-31",
               _strategic_choice),
        Target("ardennes", "losses of the next day", "persons/day", "1944-12-25", _plain(forecast_ardennes)),
    )
}  # fmt: skip


def parse_day(text: str, option: str) -> pd.Timestamp:
    """A day written as 2024-06-30."""
    try:
        return pd.Timestamp(pd.to_datetime(text, format="%Y-%m-%d"))
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"{text!r} is not a date", path=option, expected="a date such as 2024-06-30",
            next_step=f"Write {option} 2024-06-30.",
        ) from error  # fmt: skip


def run_hindcast(
    target: str,
    paths: Sequence[Path],
    train_until: str,
    test_until: str | None = None,
    *,
    seed: int = 0,
) -> Hindcast:
    """Rolling forecasts of `target` after `train_until`, scored against its baselines.

    paths: files or folders of the series; test_until: last day scored (default: the end of the series).
    """
    if target not in TARGETS:
        raise UsageError(
            f"there is no target {target!r}", path="TARGET", expected=f"one of {', '.join(TARGETS)}",
            next_step="Run `excomm hindcast --help`.",
        )  # fmt: skip
    first = parse_day(train_until, "--train-until")
    last = parse_day(test_until, "--test-until") if test_until else pd.Timestamp(2200, 1, 1)
    if last <= first:
        raise UsageError(
            f"the test would end ({last.date()}) before it begins", path="--test-until",
            expected=f"a day after {first.date()}", next_step="Swap or correct the two dates.",
        )  # fmt: skip
    one = TARGETS[target]
    forecasts, dates, breaks, warnings = one.run(paths, first, last)
    inside = dates[dates <= first + pd.Timedelta(days=1) - pd.Timedelta(seconds=1)]
    earliest = inside.min() if len(inside) else dates.min()
    ends = [item.target for item in forecasts]
    return Hindcast(
        target,
        (pd.Timestamp(earliest), min(first, pd.Timestamp(dates.max())), len(inside)),
        (min(ends), max(ends), len(forecasts)),
        one.unit,
        tuple(item for item in breaks if item.noticed <= last),
        summarise(forecasts, seed=seed),
        tuple(forecasts),
        warnings,
    )
