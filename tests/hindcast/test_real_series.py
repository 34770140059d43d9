"""Hindcasts of the public series as published, on the period that the model forms were chosen on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from excomm.hindcast.rolling import Hindcast
from excomm.hindcast.targets import TARGETS, run_hindcast

pytestmark = pytest.mark.real_data
FOLDERS = {
    "air-leaks": "air-attacks",
    "personnel": "reported-losses",
    "territory": "territory",
    "crisis-violence": "crises",
    "threats": "threats",
    "battles": "battles",
    "coalition": "coalition",
    "war-duration": "war-duration",
    "ardennes": "ardennes",
}


HISTORICAL = ["crisis-violence", "threats", "battles", "coalition", "war-duration", "ardennes"]


HISTORICAL = ["crisis-violence", "threats", "battles", "coalition", "war-duration", "ardennes"]


@pytest.mark.parametrize("target", HISTORICAL)
def test_no_historical_target_is_significantly_worse_than_its_baseline(real_data: Path, target: str) -> None:
    found = run_hindcast(target, [real_data / FOLDERS[target]], TARGETS[target].usual)
    for line in found.scores:
        assert "worse" not in {line.verdict(name) for name in line.baselines}, line


def drone_baselines(found: Hindcast) -> dict[str, tuple[int, dict[str, float]]]:
    return {line.series: (line.n, line.baselines) for line in found.scores}


def test_the_published_baselines_of_air_leaks_are_reproduced(real_data: Path) -> None:
    """337 drone attacks, binomial CRPS 4.3, window of 30: 4.0, as the series' own notes say."""
    found = run_hindcast("air-leaks", [real_data / "air-attacks"], "2024-06-30", "2025-06-30")
    count, baselines = drone_baselines(found)["shahed"]
    assert count == 337
    assert baselines["binomial"] == pytest.approx(4.3, abs=0.06)
    assert baselines["window-30"] == pytest.approx(4.0, abs=0.06)


def test_forecasts_stay_sensible_after_a_planted_step(real_data: Path, tmp_path: Path) -> None:
    """A step of 800 km2 harms the week it stands in; from four weeks after, scores are as without it."""
    table = pd.read_csv(real_data / "territory" / "deepstate_area_daily.csv")
    spans = {}
    for name, size in (("clean", 0.0), ("broken", 800.0)):
        folder = tmp_path / name
        folder.mkdir()
        copy = table.copy()
        copy.loc[copy["date"] >= "2025-01-15", "area_km2"] += size
        copy.to_csv(folder / "area.csv", index=False)
        found = run_hindcast("territory", [folder], "2024-12-01", "2025-06-30")
        late = [one for one in found.forecasts if one.made >= pd.Timestamp("2025-02-10")]
        spans[name] = float(np.mean([one.scores["crps"] for one in late]))
    assert spans["broken"] < 1.25 * spans["clean"]
