"""Battles, one war left out at a time, on made tables in the published form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from excomm.hindcast.battles import FEWEST_BATTLES, forecast_battles
from excomm.observations.history import read_battles


def write(folder: Path, battles: list[tuple[str, str, str, float, bool]]) -> Path:
    """Tables of battles: (war, attacker, defender, strength ratio, whether the attacker won)."""
    names = [f"War of {war}" for war, *_ in battles]
    number = np.arange(1, len(battles) + 1)
    pd.DataFrame(
        {
            "isqno": number, "war": names, "war4": [f"{name} 1800-1801" for name in names], "post1": "HD",
            "wina": [1 if won else np.nan for *_, won in battles],
        }
    ).to_csv(folder / "battles.csv", index=False)  # fmt: skip
    sides = [
        {"isqno": at, "attacker": side, "str": 1000 * (ratio if side else 1), "arty": 10, "cav": 0,
         "ach": 5 + (side if won else 1 - side)}
        for at, (_, _, _, ratio, won) in zip(number, battles, strict=True) for side in (0, 1)
    ]  # fmt: skip
    pd.DataFrame(sides).to_csv(folder / "belligerents.csv", index=False)
    states = [
        {"isqno": at, "attacker": side, "n": 1, "actor": attacker if side else defender}
        for at, (_, attacker, defender, _, _) in zip(number, battles, strict=True)
        for side in (0, 1)
    ]
    pd.DataFrame(states).to_csv(folder / "battle_actors.csv", index=False)
    return folder


def planted(wars: int) -> list[tuple[str, str, str, float, bool]]:
    """Northland wins, whoever attacks; Southland and Eastland win one battle in two against each other."""
    found = []
    for war in range(wars):
        for foe in ("Southland", "Eastland"):
            found += [(str(war), "Northland", foe, 1.0, True), (str(war), foe, "Northland", 1.0, False)]
        found += [(str(war), "Southland", "Eastland", 1.0, bool(war % 2))]
    return found


def test_states_are_read_by_side(tmp_path: Path) -> None:
    rows = read_battles([write(tmp_path, planted(3))])
    assert rows["attackers"].tolist()[:2] == [frozenset({"Northland"}), frozenset({"Southland"})]
    assert rows["defenders"].tolist()[0] == frozenset({"Southland"})


def test_a_state_fights_as_it_did_in_other_wars(tmp_path: Path) -> None:
    forecasts, _ = forecast_battles([write(tmp_path, planted(12))])
    gains = [one.baselines["base-rate"]["brier"] - one.scores["brier"] for one in forecasts]
    assert np.mean(gains) > 0.1


@pytest.mark.parametrize("battles", [0, FEWEST_BATTLES - 1])
def test_a_state_of_few_battles_is_one_of_the_rest(tmp_path: Path, battles: int) -> None:
    """Westland's few victories elsewhere tell nothing: its battle has the chance of any other one."""
    some = [(str(war), "Southland", "Eastland", 1.0, bool(war % 2)) for war in range(20)]
    some += [("x", "Westland", "Eastland", 1.0, True)] * battles
    some += [("y", "Westland", "Southland", 1.0, True), ("y", "Nobody", "Southland", 1.0, True)]
    forecasts, _ = forecast_battles([write(tmp_path, some)])
    westland, nobody = forecasts[-2:]
    assert westland.scores == pytest.approx(nobody.scores)
