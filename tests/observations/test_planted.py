"""Planted breaks in copies of the real series are noticed within four weeks; the clean ones raise no alarm."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from excomm.errors import ObservationError
from excomm.observations.air_attacks import read_air_attacks
from excomm.observations.breaks import Break
from excomm.observations.reported_losses import read_claimed_losses
from excomm.observations.territory import read_territory

pytestmark = pytest.mark.real_data
MONTH = pd.Timedelta(days=28)


def noticed(breaks: tuple[Break, ...], day: str) -> bool:
    """Some break is dated near `day` and was noticed within four weeks of it."""
    planted = pd.Timestamp(day)
    return any(abs(b.date - planted) <= MONTH and planted <= b.noticed <= planted + MONTH for b in breaks)


def personnel(real_data: Path) -> pd.DataFrame:
    return pd.DataFrame(
        json.loads((real_data / "reported-losses" / "russia_losses_personnel.json").read_text("utf-8"))
    )


def write_personnel(table: pd.DataFrame, folder: Path) -> Path:
    path = folder / "copy.json"
    path.write_text(table.to_json(orient="records"), "utf-8")
    return path


def territory(real_data: Path) -> pd.DataFrame:
    return pd.read_csv(real_data / "territory" / "deepstate_area_daily.csv")


def attacks(real_data: Path) -> pd.DataFrame:
    return pd.read_csv(real_data / "air-attacks" / "missile_attacks_daily.csv", low_memory=False)


def test_clean_series_raise_no_false_alarm(real_data: Path) -> None:
    assert read_claimed_losses([real_data / "reported-losses"]).breaks == ()
    assert [b for one in read_territory([real_data / "territory"]) for b in one.breaks] == []
    found = read_air_attacks([real_data / "air-attacks"]).breaks
    # The one documented change: drones that went astray are counted apart from the summer of 2024 on.
    assert [b.kind for b in found] == ["definition"]
    assert pd.Timestamp("2024-07-01") <= found[0].date <= pd.Timestamp("2024-09-30")


@pytest.mark.parametrize("day", ["2023-06-15", "2024-03-01", "2025-03-10"])
@pytest.mark.parametrize("size", [8_000, 40_000, 100_000])
def test_a_level_break_in_claims(real_data: Path, tmp_path: Path, day: str, size: int) -> None:
    table = personnel(real_data)
    table.loc[table["date"] >= day, "personnel"] += size
    assert noticed(read_claimed_losses([write_personnel(table, tmp_path)]).breaks, day)


@pytest.mark.parametrize("factor", [0.4, 2.8])
@pytest.mark.parametrize("day", ["2023-09-01", "2024-09-01", "2025-03-10"])
def test_a_changed_meaning_of_claims(real_data: Path, tmp_path: Path, day: str, factor: float) -> None:
    table = personnel(real_data)
    total = table["personnel"].to_numpy(dtype=float)
    change = np.diff(total, prepend=0.0)
    change[(table["date"] >= day).to_numpy()] *= factor
    table["personnel"] = np.cumsum(change)
    assert noticed(read_claimed_losses([write_personnel(table, tmp_path)]).breaks, day)


@pytest.mark.parametrize("factor", [10.0, 0.1, 0.5, 2.0])
def test_a_corrupt_level_of_claims_is_refused(real_data: Path, tmp_path: Path, factor: float) -> None:
    table = personnel(real_data)
    table.loc[table["date"] >= "2025-02-01", "personnel"] *= factor
    with pytest.raises(ObservationError, match=r"2025-02-01.*refused"):
        read_claimed_losses([write_personnel(table, tmp_path)])


def test_a_typing_error_of_one_day_is_left_out(real_data: Path, tmp_path: Path) -> None:
    table = personnel(real_data)
    table.loc[table["date"] == "2025-02-01", "personnel"] *= 10
    found = read_claimed_losses([write_personnel(table, tmp_path)])
    assert found.breaks == ()
    assert any("2025-02-01" in text for text in found.warnings)


@pytest.mark.parametrize("size", [200.0, 800.0, -600.0])
@pytest.mark.parametrize("day", ["2024-11-11", "2025-03-10"])
def test_a_level_break_in_area(real_data: Path, tmp_path: Path, day: str, size: float) -> None:
    table = territory(real_data)
    table.loc[table["date"] >= day, "area_km2"] += size
    table.to_csv(tmp_path / "area.csv", index=False)
    (found,) = read_territory([tmp_path])
    assert noticed(found.breaks, day)
    cleaned = found.without_jumps(found.area.index[-1])
    assert float(cleaned.iloc[-1]) == pytest.approx(float(found.area.iloc[-1]) - size, abs=70)


def test_an_area_in_another_unit_is_refused(real_data: Path, tmp_path: Path) -> None:
    table = territory(real_data)
    table.loc[table["date"] >= "2025-03-10", "area_km2"] *= 100
    table.to_csv(tmp_path / "area.csv", index=False)
    with pytest.raises(ObservationError, match="refused"):
        read_territory([tmp_path])


def test_a_map_that_is_no_longer_kept_is_noticed(real_data: Path, tmp_path: Path) -> None:
    table = territory(real_data)
    late = table["date"] >= "2025-03-10"
    table.loc[late, "area_km2"] = table.loc[late, "area_km2"].iloc[0]
    table.to_csv(tmp_path / "area.csv", index=False)
    assert noticed(read_territory([tmp_path])[0].breaks, "2025-03-10")


@pytest.mark.parametrize("day", ["2025-01-15", "2025-03-10"])
def test_drones_gone_astray_no_longer_counted(real_data: Path, tmp_path: Path, day: str) -> None:
    table = attacks(real_data)
    table.loc[table["time_start"] >= day, "not_reach_goal"] = np.nan
    table.to_csv(tmp_path / "attacks.csv", index=False)
    assert noticed(read_air_attacks([tmp_path]).breaks, day)


def test_astray_counted_as_destroyed(real_data: Path, tmp_path: Path) -> None:
    """The leaks stay the same; the change of definition is noticed all the same."""
    table = attacks(real_data)
    late = table["time_start"] >= "2025-03-10"
    table.loc[late, "destroyed"] = table["destroyed"].fillna(0) + table["not_reach_goal"].fillna(0)
    table.loc[late, "not_reach_goal"] = 0
    table.to_csv(tmp_path / "attacks.csv", index=False)
    assert noticed(read_air_attacks([tmp_path]).breaks, "2025-03-10")


def test_counts_multiplied_are_noticed_or_refused(real_data: Path, tmp_path: Path) -> None:
    table = attacks(real_data)
    late = table["time_start"] >= "2025-03-10"
    table.loc[late, ["launched", "destroyed", "not_reach_goal"]] *= 10
    table.to_csv(tmp_path / "attacks.csv", index=False)
    assert noticed(read_air_attacks([tmp_path]).breaks, "2025-03-10")
    table.loc[late, "launched"] /= 100
    table.to_csv(tmp_path / "attacks.csv", index=False)
    with pytest.raises(ObservationError, match="refused"):
        read_air_attacks([tmp_path])


def test_a_new_weapon_name_is_noticed(real_data: Path, tmp_path: Path) -> None:
    table = attacks(real_data)
    late = (table["time_start"] >= "2025-03-10") & (table["model"] == "Shahed-136/131")
    table.loc[late, "model"] = "Strike drone"
    table.to_csv(tmp_path / "attacks.csv", index=False)
    found = read_air_attacks([tmp_path])
    assert noticed(found.breaks, "2025-03-10")
    assert any("Strike drone" in text for text in found.warnings)
