"""The same commands on later files: longer series, missing days, new columns, other names and orders of rows.

What follows a forecast must not change it: every forecast made from the shorter file comes out the same from the
longer one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from excomm.hindcast.targets import run_hindcast

pytestmark = pytest.mark.real_data
GAP = pd.Timedelta(days=180)


def later_claims(real_data: Path, folder: Path) -> None:
    table = pd.DataFrame(
        json.loads((real_data / "reported-losses" / "russia_losses_personnel.json").read_text("utf-8"))
    )
    tail = table.tail(180).copy()
    tail["date"] = (pd.to_datetime(tail["date"]) + GAP).dt.strftime("%Y-%m-%d")
    tail["personnel"] += int(table["personnel"].iloc[-1]) - int(tail["personnel"].iloc[0]) + 1000
    longer = pd.concat([table, tail])
    longer["a new column"] = "text"
    # The added part misses every eleventh day, and the newest day stands first.
    lost = np.zeros(len(longer), dtype=bool)
    lost[len(table) + 5 :: 11] = True
    longer[~lost].iloc[::-1].to_json(folder / "losses-v2.json", orient="records")


def later_area(real_data: Path, folder: Path) -> None:
    table = pd.read_csv(real_data / "territory" / "deepstate_area_daily.csv")
    tail = table.tail(180).copy()
    tail["area_km2"] += table["area_km2"].iloc[-1] - tail["area_km2"].iloc[0] + 15
    tail["date"] = (pd.to_datetime(tail["date"]) + GAP).dt.strftime("%Y-%m-%d")
    longer = pd.concat([table, tail.drop(tail.index[[7, 8, 9, 60]])])
    longer.insert(0, "version", 2)
    longer.to_csv(folder / "area of 2025.csv", index=False)
    other = pd.read_csv(real_data / "territory" / "liveuamap_area_daily.csv")
    other.to_csv(folder / "other mapper.csv", index=False)


def later_attacks(real_data: Path, folder: Path) -> None:
    table = pd.read_csv(real_data / "air-attacks" / "missile_attacks_daily.csv", low_memory=False)
    start = pd.to_datetime(table["time_start"], format="mixed")
    tail = table[start > start.max() - GAP].copy()
    for column in ("time_start", "time_end"):
        moved = pd.to_datetime(tail[column], format="mixed") + GAP
        tail[column] = moved.dt.strftime("%Y-%m-%d %H:%M")
    longer = pd.concat([tail, table]).sample(frac=1.0, random_state=1)
    longer["remark"] = np.nan
    longer.to_csv(folder / "attacks_2025-12.csv", index=False)


@pytest.mark.parametrize(
    ("target", "folder", "lengthen"),
    [
        ("personnel", "reported-losses", later_claims),
        ("territory", "territory", later_area),
        ("air-leaks", "air-attacks", later_attacks),
    ],
)
def test_a_longer_file_changes_no_earlier_forecast(
    real_data: Path, tmp_path: Path, target: str, folder: str, lengthen: Callable[[Path, Path], None]
) -> None:
    lengthen(real_data, tmp_path)
    short = run_hindcast(target, [real_data / folder], "2024-10-31", "2025-03-31")
    long = run_hindcast(target, [tmp_path], "2024-10-31")
    assert long.test[1] > pd.Timestamp("2025-11-01")
    for line in long.scores:
        assert np.isfinite(line.model)
        assert all(np.isfinite(value) for value in line.baselines.values())

    def key(one):  # type: ignore[no-untyped-def]
        return one.series, one.horizon, one.target, round(one.observed, 3)

    later: dict[object, list[tuple[float, ...]]] = {}
    for one in long.forecasts:
        later.setdefault(key(one), []).append(one.quantiles)
    assert short.forecasts
    for one in short.forecasts:
        assert any(np.allclose(one.quantiles, other, rtol=1e-9) for other in later[key(one)]), one


@pytest.mark.parametrize(
    ("target", "folder"), [("personnel", "reported-losses"), ("air-leaks", "air-attacks")]
)
def test_an_early_start_is_enough(real_data: Path, target: str, folder: str) -> None:
    """A test that begins in 2023 has half a year or more to learn from."""
    found = run_hindcast(target, [real_data / folder], "2023-03-31", "2023-09-30")
    assert all(np.isfinite(line.model) for line in found.scores)
