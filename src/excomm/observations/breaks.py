"""Noticing that a series changed its meaning: jumps, changes of definition, frozen and corrupt values.

Every detector is sequential: a break dated d is reported with the day on which it could be noticed, using
nothing after that day, so that a rolling forecast may use it from then on and not before.
Thresholds rest on false-alarm rates of made series like those before July 2024 (`tests/observations/`
`test_false_alarms.py`), per year and series: sudden changes of the claimed losses at most .2; of the share of drones
that leaks .1, of missiles and of sizes .02; steps of an area .2 where daily changes have the tails of a t with 3
degrees of freedom, and up to .7 on a sparse map whose days mostly bring nothing and sometimes a sector. An alarm
costs little: the step is not counted as movement, or what was learnt before counts for less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Break", "frozen_runs", "level_jumps", "mean_shifts", "share_switches"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Break:
    """One change of level or definition.

    series: which series; date: first day of the new regime; noticed: last day of data needed to see it;
    kind: `level`, `definition`, `frozen`, `rate` or `names`; size: in the unit of the series, if it has one.
    """

    series: str
    date: pd.Timestamp
    noticed: pd.Timestamp
    kind: str
    message: str
    size: float | None = None

    def to_json(self) -> dict[str, str]:
        """The object of `breaks` in the output of `excomm hindcast --json`."""
        return {
            "series": self.series,
            "date": self.date.date().isoformat(),
            "noticed": self.noticed.date().isoformat(),
            "kind": self.kind,
            "message": self.message,
        }


def level_jumps(
    level: pd.Series,
    *,
    floor: float,
    factor: float = 2.0,
    scales: float = 8.0,
    memory_days: int = 365,
    burn_in: int = 28,
) -> list[tuple[pd.Timestamp, float]]:
    """Days whose change per day is beyond everything that the series did in the year before.

    A jump is larger than `floor`, than `factor` times the largest change per day in the last `memory_days`,
    and than `scales` robust standard deviations around the median change. Gaps share their change evenly.
    Returns (day, excess over the median change); a jump that was found does not raise the bar for the next.
    """
    values = level.to_numpy(dtype=float)
    days = level.index
    gaps = np.diff(days.to_numpy()).astype("timedelta64[D]").astype(float)
    changes = np.diff(values) / np.maximum(gaps, 1.0)
    found: list[tuple[pd.Timestamp, float]] = []
    excluded = np.zeros(changes.size, dtype=bool)
    for place in range(burn_in, changes.size):
        recent = (days[1:][:place] > days[place + 1] - pd.Timedelta(days=memory_days)) & ~excluded[:place]
        past = changes[:place][recent]
        if past.size < burn_in:
            continue
        middle = float(np.median(past))
        spread = 1.4826 * float(np.median(np.abs(past - middle))) + 1e-12
        bar = max(floor, factor * float(np.abs(past).max()), scales * spread)
        if abs(changes[place] - middle) > bar:
            found.append((days[place + 1], float((changes[place] - middle) * max(gaps[place], 1.0))))
            excluded[place] = True
    return found


def mean_shifts(
    dates: pd.DatetimeIndex,
    values: Array,
    *,
    window: int,
    reference: int,
    least: float | tuple[float, float],
    sigmas: float,
    days: int = 28,
) -> list[tuple[pd.Timestamp, pd.Timestamp, float]]:
    """Abrupt shifts of the mean between the last `window` values and the `reference` values before them.

    The window must lie within `days` days. Both a size (`least`, in the unit of the values; a pair gives the
    size of a fall and of a rise) and a distance in standard errors (`sigmas`) are required; autocorrelation is
    allowed for by counting each mean as resting on half as many values.
    Returns (first day, day noticed, shift); after one, the search starts anew.
    """
    found: list[tuple[pd.Timestamp, pd.Timestamp, float]] = []
    fall, rise = least if isinstance(least, tuple) else (least, least)
    start = 0
    place = window + reference
    while place <= values.size:
        new = values[place - window : place]
        old = values[max(start, place - window - reference) : place - window]
        if old.size < reference // 2 or dates[place - 1] - dates[place - window] > pd.Timedelta(days=days):
            place += 1
            continue
        shift = float(new.mean() - old.mean())
        error = np.sqrt(2.0 * (old.var() / old.size + max(new.var(), old.var()) / new.size)) + 1e-12
        if (shift > rise or shift < -fall) and abs(shift) > sigmas * error:
            found.append((dates[place - window], dates[place - 1], shift))
            start = place - window
            place = start + window + reference // 2
            continue
        place += 1
    return found


def share_switches(
    dates: pd.DatetimeIndex, present: npt.NDArray[np.bool_], *, window: int = 12
) -> list[tuple[pd.Timestamp, pd.Timestamp, bool]]:
    """Points where a field changes from rarely filled (a quarter or less) to mostly filled, or back.

    Returns (first day of the new use, day noticed, is it filled now).
    """
    found: list[tuple[pd.Timestamp, pd.Timestamp, bool]] = []
    if present.size < 2 * window:
        return found
    filled = bool(present[:window].mean() >= 0.5)
    for place in range(window, present.size + 1):
        share = float(present[place - window : place].mean())
        if (filled and share <= 0.25) or (not filled and share >= 0.75):
            filled = not filled
            inside = np.flatnonzero(present[place - window : place] == filled)
            found.append((dates[place - window + int(inside[0])], dates[place - 1], filled))
    return found


def frozen_runs(level: pd.Series, *, least: int, factor: float = 2.0) -> list[tuple[pd.Timestamp, int]]:
    """Runs of one repeated value, `least` days or longer and `factor` times the longest run before them."""
    values = level.to_numpy(dtype=float)
    longest, run = 1, 1
    found: list[tuple[pd.Timestamp, int]] = []
    open_run = False
    for place in range(1, values.size):
        if values[place] == values[place - 1]:
            run += 1
            if not open_run and run >= max(least, factor * longest):
                found.append((level.index[place - run + 1], run))
                open_run = True
        else:
            if not open_run:
                longest = max(longest, run)
            run, open_run = 1, False
    return found
