"""Losses as claimed by a belligerent: cumulative totals by day (persons, or pieces of equipment)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from excomm.errors import ObservationError
from excomm.observations.breaks import Break, level_jumps, mean_shifts
from excomm.observations.tables import find_tables, parse_dates, read_table

__all__ = ["ClaimedLosses", "daily_increments", "monthly_increments", "read_claimed_losses"]


@dataclass(frozen=True)
class ClaimedLosses:
    """Cumulative claims of one category.

    total: persons or pieces by day, ascending; increments: claims per day with level breaks taken out and
    gaps shared evenly; breaks and warnings as noticed.
    """

    category: str
    total: pd.Series
    breaks: tuple[Break, ...]
    warnings: tuple[str, ...]


def read_claimed_losses(paths: Sequence[Path], category: str = "personnel") -> ClaimedLosses:
    """Cumulative claims of `category` among `paths`."""
    path = find_tables(paths, ["date", category], f"claimed losses of {category}")[0]
    table = read_table(path)
    dates = parse_dates(table["date"], path, "date").dt.normalize()
    raw = pd.to_numeric(table[category], errors="coerce")
    total = pd.Series(raw.to_numpy(dtype=float), index=pd.DatetimeIndex(dates), name=category)
    warnings: list[str] = []
    missing = int(total.isna().sum())
    if missing:
        warnings.append(f"{path.name}: {missing} days have no number for {category}")
    total = total.dropna()
    if total.index.has_duplicates:
        warnings.append(f"{path.name}: several rows a day; the largest is used")
        total = total.groupby(level=0).max()
    total = total.sort_index()
    if total.size < 60:
        raise ObservationError(
            f"only {total.size} days with {category}", file=str(path), expected="60 days or more",
            next_step="Give a longer series.",
        )  # fmt: skip
    total, slips = _without_slips(total)
    warnings += [
        f"{path.name}: {day.date()}: the total left its path for a day; the day is left out" for day in slips
    ]
    _refuse_impossible(total, path, category)
    falls = total.diff() < 0
    warnings += [
        f"{path.name}: {pd.Timestamp(str(day)).date()}: the total was corrected downwards"
        for day in total.index[falls]
    ]
    gaps = np.diff(total.index.to_numpy()).astype("timedelta64[D]").astype(int)
    if gaps.max() > 7:
        place = int(gaps.argmax())
        warnings.append(
            f"{path.name}: no total for {gaps[place]} days after {total.index[place].date()}; "
            "the claims between are shared evenly"
        )
    return ClaimedLosses(category, total, _breaks(total, category), tuple(warnings))


def _without_slips(total: pd.Series) -> tuple[pd.Series, list[pd.Timestamp]]:
    """Leave out single days outside the range of their neighbours by over 1%: typing errors."""
    values = total.to_numpy(dtype=float)
    keep = np.ones(values.size, dtype=bool)
    for place in range(1, values.size - 1):
        low, high = sorted((values[place - 1], values[place + 1]))
        if low > 20_000 and high < 1.02 * low and not 0.99 * low <= values[place] <= 1.01 * high:
            keep[place] = False
    return total[keep], [pd.Timestamp(day) for day in total.index[~keep]]


def _refuse_impossible(total: pd.Series, path: Path, category: str) -> None:
    if (total < 0).any():
        day = pd.Timestamp(total.index[int((total < 0).to_numpy().argmax())])
        raise ObservationError(
            f"{day.date()}: a negative total of {category}, so the series is refused",
            file=str(path),
            path=category,
            expected="cumulative totals from the first day of the war",
            next_step="Correct the day.",
        )
    change = (total / total.shift(1)).dropna()
    settled = change.index > total.index[0] + pd.Timedelta(days=60)
    fall = change[settled & (change < 0.98)]
    leap = change[settled & (change > 1.6)]
    for odd, wording in ((fall, "falls"), (leap, "rises")):
        if not odd.empty:
            day = pd.Timestamp(odd.index[0])
            raise ObservationError(
                f"{day.date()}: the cumulative total of {category} {wording} to {odd.iloc[0]:.0%} of the day "
                "before, which a total cannot do, so the series is refused",
                file=str(path),
                path=category,
                expected="a cumulative total that grows by at most a few thousand a day",
                next_step="The series may have changed its unit or meaning: correct it, or cut it before that day.",
            )


def _breaks(total: pd.Series, category: str) -> tuple[Break, ...]:
    settled = total[total.index >= total.index[0] + pd.Timedelta(days=60)]
    if settled.size < 60 or category != "personnel":
        return ()
    floor = 2.0 * float(settled.diff().median())
    found = [
        Break(
            category,
            day,
            day,
            "level",
            f"the total rises by {size:+,.0f} more than usual in one day, over twice any day of the year before; "
            "the step is not counted as a claim of that day",
            size,
        )
        for day, size in level_jumps(settled, floor=floor, factor=2.0)
    ]
    daily = daily_increments(ClaimedLosses(category, total, tuple(found), ()), total.index[-1])
    daily = daily[daily.index >= settled.index[0]]
    logs = np.log(np.maximum(daily.to_numpy(dtype=float), 30.0))
    for start, noticed, shift in mean_shifts(
        pd.DatetimeIndex(daily.index), logs, window=14, reference=42, least=(0.6, 0.8), sigmas=3.0
    ):
        found.append(
            Break(
                category,
                start,
                noticed,
                "rate",
                f"daily claims change to {np.exp(shift):.0%} of the six weeks before within two weeks: more than "
                "the fighting has ever changed them; the meaning of the claim may have changed",
            )
        )
    return tuple(sorted(found, key=lambda item: item.date))


def daily_increments(losses: ClaimedLosses, known_on: pd.Timestamp) -> pd.Series:
    """Claims per day up to `known_on`, gaps shared evenly, level breaks noticed by then taken out."""
    total = losses.total[losses.total.index <= known_on].copy()
    for item in losses.breaks:
        if item.kind == "level" and item.noticed <= known_on and item.size is not None:
            total[total.index >= item.date] -= item.size
    full = total.resample("D").last().interpolate("time")
    return full.diff().iloc[1:].clip(lower=0.0)


def monthly_increments(total: pd.Series) -> pd.Series:
    """Claims per calendar month (Period index); the first and an unfinished last month are left out."""
    full = total.resample("D").last().interpolate("time")
    ends = full[pd.DatetimeIndex(full.index).is_month_end]
    months: pd.Series = ends.diff().dropna()
    months.index = pd.DatetimeIndex(months.index).to_period("M")
    return months
