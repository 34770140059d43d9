"""Area under the adversary's control by day, as published by mapping projects [km2]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from excomm.errors import ObservationError
from excomm.observations.breaks import Break, frozen_runs, level_jumps
from excomm.observations.tables import columns_of, parse_dates, read_table
from excomm.observations.tables import find_tables as _find

__all__ = ["Territory", "read_territory", "weekly_gain"]

LARGEST_AREA = 650_000.0  # km2; the whole country has 603,628 km2 (its statistics office), plus a margin


@dataclass(frozen=True)
class Territory:
    """Daily area of one mapper.

    area: km2 by day, ascending, days without a map absent; breaks: level breaks and frozen runs;
    redraws: (day, km2) changes far beyond the usual day that are more likely redrawn than fought over.
    """

    name: str
    area: pd.Series
    breaks: tuple[Break, ...]
    redraws: tuple[tuple[pd.Timestamp, float], ...]
    warnings: tuple[str, ...]

    def without_jumps(self, known_on: pd.Timestamp) -> pd.Series:
        """The area with level breaks noticed by `known_on` taken out, so that differences are movements."""
        area = self.area.copy()
        for item in self.breaks:
            if item.kind == "level" and item.noticed <= known_on and item.size is not None:
                area[area.index >= item.date] -= item.size
        return area


def _read_one(path: Path) -> Territory:
    table = read_table(path)
    column = "area_km2" if "area_km2" in table else "area"
    dates = parse_dates(table["date"], path, "date").dt.normalize()
    values = pd.to_numeric(table[column], errors="coerce")
    bad = ((values <= 0) | (values > LARGEST_AREA)).to_numpy()
    if bad.any():
        row = int(bad.argmax())
        raise ObservationError(
            f"an area of {values.iloc[row]:,.0f} km2 is impossible, so the series is refused",
            file=str(path),
            line=row + 2,
            path=column,
            expected=f"an area between 0 and {LARGEST_AREA:,.0f} km2",
            next_step="Check the unit (km2) and the day's polygons.",
        )
    area = pd.Series(values.to_numpy(dtype=float), index=pd.DatetimeIndex(dates), name=path.stem).dropna()
    warnings: list[str] = []
    if area.index.has_duplicates:
        spread = area.groupby(level=0).agg(lambda day: day.max() - day.min())
        if float(spread.max()) > 0.01 * float(area.median()):
            day = pd.Timestamp(str(spread.idxmax()))
            raise ObservationError(
                f"two rows of {day.date()} contradict each other, so the series is refused",
                file=str(path),
                path=column,
                expected="one area a day",
                next_step="Remove the wrong row.",
            )
        warnings.append(f"{path.name}: several rows a day; the last is used")
        area = area.groupby(level=0).last()
    area = area.sort_index()
    if area.size < 60:
        raise ObservationError(
            f"only {area.size} days with an area", file=str(path), expected="60 days or more",
            next_step="Give a longer series.",
        )  # fmt: skip
    area, dropped = _without_spikes(area)
    warnings += [
        f"{path.name}: {day.date()}: the area returned the next day; the day is left out" for day in dropped
    ]
    ratio = (area / area.shift(1)).dropna()
    wild = ratio[(ratio > 3.0) | (ratio < 1 / 3.0)]
    if not wild.empty:
        day = pd.Timestamp(wild.index[0])
        raise ObservationError(
            f"from one day to the next ({day.date()}) the area is multiplied by {wild.iloc[0]:.2f}: a change of "
            "unit or a corrupt level, so the series is refused",
            file=str(path),
            path=column,
            expected="an area in km2 throughout",
            next_step="Correct the level from that day on, or cut the series before it.",
        )
    return Territory(path.stem, area, *_breaks(area, path.stem), tuple(warnings))


def _without_spikes(area: pd.Series) -> tuple[pd.Series, list[pd.Timestamp]]:
    """Leave out single days that jump away by over 5% and return: slips of one map, not movements."""
    values = area.to_numpy(dtype=float)
    keep = np.ones(values.size, dtype=bool)
    for place in range(1, values.size - 1):
        before, here, after = values[place - 1], values[place], values[place + 1]
        if abs(here / before - 1) > 0.05 and abs(after / before - 1) < 0.2 * abs(here / before - 1):
            keep[place] = False
    return area[keep], [pd.Timestamp(day) for day in area.index[~keep]]


def _breaks(area: pd.Series, name: str) -> tuple[tuple[Break, ...], tuple[tuple[pd.Timestamp, float], ...]]:
    found = [
        Break(
            name,
            day,
            day,
            "level",
            f"the area changes by {size:+,.0f} km2 in one step, more than twice anything in the year before; "
            "no movement explains it, so the step is not counted as gain",
            size,
        )
        for day, size in level_jumps(area, floor=150.0, factor=2.0)
    ]
    for start, run in frozen_runs(area, least=14):
        found.append(
            Break(
                name,
                start,
                start + pd.Timedelta(days=run - 1),
                "frozen",
                f"the same area for {run} days, twice as long as ever before: the map may no longer be kept",
            )
        )
    level_days = {item.date for item in found if item.kind == "level"}
    redraws = tuple(
        (day, size)
        for day, size in level_jumps(area, floor=60.0, factor=1.2, scales=6.0)
        if day not in level_days
    )
    return tuple(sorted(found, key=lambda item: item.date)), redraws


def read_territory(paths: Sequence[Path]) -> list[Territory]:
    """All area series among `paths`, the one that ends last first."""
    files = [
        path
        for path in _find(paths, ["date"], "a daily area")
        if {"area", "area_km2"} & set(columns_of(path))
    ]
    if not files:
        raise ObservationError(
            "no file holds a daily area",
            file=str(paths[0]),
            expected="columns date and area_km2 (or area)",
            next_step="Give the file itself, or its folder, with --data.",
        )
    series = [_read_one(path) for path in files]
    return sorted(series, key=lambda one: one.area.index[-1], reverse=True)


def weekly_gain(area: pd.Series, *, first: pd.Timestamp | None = None) -> pd.Series:
    """Gain from Sunday to Sunday [km2/week], indexed by the Sunday that ends the week.

    The area of a Sunday without a map is interpolated between its neighbours; the unfinished last week is
    left out.
    """
    daily = area.resample("D").last().interpolate("time")
    sundays = daily[pd.DatetimeIndex(daily.index).day_of_week == 6]
    gain: pd.Series = sundays.diff().dropna()
    return gain if first is None else gain[gain.index >= first]
