"""Readers of historical data sets as published: crises, militarised events, battles, coalitions, wars.

Each returns a tidy table with only what was knowable at the start of the case, and its outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from excomm.errors import ObservationError
from excomm.observations.tables import find_tables, read_table

__all__ = [
    "read_ardennes",
    "read_battles",
    "read_coalition",
    "read_crisis_actors",
    "read_disputes",
    "read_threats",
    "read_wars",
]

ARDENNES_DAY_0 = pd.Timestamp("1944-12-15")  # the campaign began on 16 December, day 1
UNKNOWN_DAY = 15  # a day of -9 or none: the middle of the month


def _date(year: pd.Series, month: pd.Series, day: pd.Series) -> pd.Series:
    """Dates with unknown parts put to the middle."""
    months = pd.to_numeric(month, errors="coerce").where(lambda v: v.between(1, 12), 6).fillna(6)
    days = pd.to_numeric(day, errors="coerce").where(lambda v: v.between(1, 31), UNKNOWN_DAY)
    days = days.fillna(UNKNOWN_DAY).clip(upper=28)
    parts = pd.DataFrame({"year": year, "month": months, "day": days})
    return pd.to_datetime(parts, errors="coerce")


def _check_codes(values: pd.Series, allowed: set[float], path: Path, name: str) -> None:
    odd = ~values.isin(list(allowed)) & values.notna()
    if odd.any():
        row = int(odd.to_numpy().argmax())
        raise ObservationError(
            f"code {values.iloc[row]!r} is unknown",
            file=str(path),
            line=row + 2,
            path=name,
            expected=f"one of {sorted(allowed)}",
            next_step="The data set may be another version; the codebook tells what changed.",
        )


def read_crisis_actors(paths: Sequence[Path]) -> pd.DataFrame:
    """International Crisis Behavior, actor level: one row per crisis and actor, ascending by trigger date.

    Columns: start, end (termination, when the outcome is known), violence (0 none, 1 minor clashes,
    2 serious clashes, 3 full-scale war), trigger (1 verbal ... 9 violent act), protracted (1 no, 2 protracted
    conflict, 3 a crisis within a protracted war), region, power (1 small ... 4 super).
    """
    path = find_tables(paths, ["triggr", "viol", "yrtrig", "yrterm", "pc"], "crises by actor")[0]
    table = read_table(path)
    _check_codes(table["viol"], {1, 2, 3, 4}, path, "viol")
    rows = pd.DataFrame(
        {
            "start": _date(table["yrtrig"], table["motrig"], table["datrig"]),
            "end": _date(table["yrterm"].fillna(table["yrtrig"] + 1), table["moterm"], table["daterm"]),
            "violence": pd.to_numeric(table["viol"]).astype(int) - 1,
            "crisis": table["crisno"],
            "trigger": pd.to_numeric(table["triggr"], errors="coerce").fillna(2).astype(int),
            "protracted": pd.to_numeric(table["pc"], errors="coerce").fillna(1).astype(int),
            "region": (pd.to_numeric(table["geog"], errors="coerce").fillna(0) // 10).astype(int),
            "power": pd.to_numeric(table["powsta"], errors="coerce").fillna(1).astype(int),
        }
    )
    return rows.sort_values("start", kind="stable").reset_index(drop=True)


def read_threats(paths: Sequence[Path], *, within_days: int = 365) -> pd.DataFrame:
    """First explicit threats of a directed pair within an incident, from militarised events.

    A threat (hostility level 2) counts as carried out if the same side uses force (level 4 or 5) against the
    same target in the same incident after it, within `within_days`. Columns: start, known (when the outcome
    is known), carried_out, kind (1 to use force ... 5), after_force (the target had already used force),
    after_show (either had already shown force), initiator, prior (earlier threats of the pair), year.
    """
    needed = ["micnum", "ccode1", "ccode2", "stmon", "stday", "styear", "hostlev", "action", "sidea1"]
    path = find_tables(paths, needed, "militarised events")[0]
    table = read_table(path)
    _check_codes(table["hostlev"], {1, 2, 3, 4, 5}, path, "hostlev")
    table = table.assign(start=_date(table["styear"], table["stmon"], table["stday"]))
    order = [name for name in ("start", "micnum", "eventnum") if name in table]
    table = table.sort_values(order, kind="stable")
    names = ["micnum", "ccode1", "ccode2", "start", "hostlev", "action", "sidea1"]
    incidents: dict[int, list[tuple[Any, ...]]] = {}
    for event in zip(*(table[name].tolist() for name in names), strict=True):
        incidents.setdefault(event[0], []).append(event)
    limit = pd.Timedelta(days=within_days)
    threats = []
    for incident, events in incidents.items():
        seen: set[tuple[int, int]] = set()
        for _, one, other, start, level, action, initiator in events:
            if level != 2 or (one, other) in seen:
                continue
            seen.add((one, other))
            deeds = [e[3] for e in events if e[4] >= 4 and (e[1], e[2]) == (one, other)]
            if any(day < start for day in deeds):
                continue  # force came before the threat: it is no longer a test of words
            before = [e for e in events if e[3] < start]
            threats.append(
                (
                    incident,
                    one,
                    other,
                    start,
                    action,
                    initiator,
                    any(day <= start + limit for day in deeds),
                    any(e[4] >= 4 and (e[1], e[2]) == (other, one) for e in before),
                    any(e[4] == 3 for e in before),
                )
            )
    columns = [
        "incident",
        "one",
        "other",
        "start",
        "kind",
        "initiator",
        "carried_out",
        "after_force",
        "after_show",
    ]
    found = pd.DataFrame(threats, columns=columns).sort_values("start", kind="stable").reset_index(drop=True)
    found["prior"] = found.groupby(["one", "other"]).cumcount()
    found["year"] = found["start"].dt.year
    found["known"] = found["start"] + pd.Timedelta(days=within_days)
    return found


def read_battles(paths: Sequence[Path]) -> pd.DataFrame:
    """Land battles (CDB90): what was known before the battle, and whether the attacker won.

    A missing `wina` stands for a battle that the defender won (its published code -1 is lost in the tables:
    in all of them the defender's achievement is rated higher); a draw (0) is not a win.
    Columns: war, year, log_strength, log_guns, log_cavalry (attacker over defender), posture of the defender
    (HD hasty, PD prepared, FD fortified, other), attackers and defenders (frozen sets of states), won.
    """
    battles = read_table(find_tables(paths, ["isqno", "war4", "wina", "post1"], "battles")[0])
    sides = read_table(
        find_tables(paths, ["isqno", "attacker", "str", "arty", "cav", "ach"], "belligerents")[0]
    )
    actors = read_table(find_tables(paths, ["isqno", "attacker", "actor"], "states in battle")[0])
    wide = sides.pivot_table(
        index="isqno", columns="attacker", values=["str", "arty", "cav", "ach"], aggfunc="first"
    )
    wide.columns = pd.Index([f"{pair[0]}{int(pair[1])}" for pair in wide.columns.to_list()])
    table = battles.merge(wide.reset_index(), on="isqno")
    lost = table["wina"].isna()
    if not (table.loc[lost, "ach1"] < table.loc[lost, "ach0"]).mean() > 0.9:
        raise ObservationError(
            "a missing winner does not coincide with the defender's higher achievement",
            expected="the tables of the open CDB90 package, where a missing `wina` is a defender's victory",
            next_step="Check the coding of `wina` in this version.",
        )
    strength = np.log(table["str1"].clip(lower=100) / table["str0"].clip(lower=100))
    return pd.DataFrame(
        {
            "war": table["war4"].fillna(table["war"]),
            "year": pd.to_numeric(
                table["war4"].astype(str).str.extract(r"(\d{4})")[0], errors="coerce"
            ).fillna(1800),
            "log_strength": strength,
            "log_guns": np.log((table["arty1"].fillna(0) + 5) / (table["arty0"].fillna(0) + 5)),
            "log_cavalry": np.log((table["cav1"].fillna(0) + 100) / (table["cav0"].fillna(0) + 100)),
            "posture": table["post1"].where(table["post1"].isin(["HD", "PD", "FD"]), "other"),
            "attackers": _states(actors, table["isqno"], attacking=True),
            "defenders": _states(actors, table["isqno"], attacking=False),
            "won": (table["wina"] == 1).astype(int),
        }
    )


def _states(actors: pd.DataFrame, battles: pd.Series, *, attacking: bool) -> list[frozenset[str]]:
    """The states on one side of each battle; none where the table has none."""
    side = actors[actors["attacker"] == int(attacking)]
    found = side.groupby("isqno")["actor"].agg(frozenset).to_dict()
    return [found.get(battle, frozenset()) for battle in battles]


def read_coalition(paths: Sequence[Path]) -> pd.DataFrame:
    """Troops by country and year: the median of the year's published counts. Columns: year, country, troops."""
    path = find_tables(paths, ["year", "country", "count_total"], "troops by country")[0]
    table = read_table(path)
    counts = pd.to_numeric(table["count_total"], errors="coerce")
    if (counts < 0).any():
        raise ObservationError("a negative number of troops", file=str(path), path="count_total",
                               expected="0 or more", next_step="Correct the row.")  # fmt: skip
    tidy = table.assign(troops=counts.fillna(0.0))
    yearly = tidy.groupby(["year", "country"], as_index=False)["troops"].median()
    grid = pd.MultiIndex.from_product(
        [sorted(yearly["year"].unique()), sorted(yearly["country"].unique())], names=["year", "country"]
    )
    full: pd.DataFrame = yearly.set_index(["year", "country"]).reindex(grid, fill_value=0.0).reset_index()
    return full


def read_disputes(paths: Sequence[Path]) -> pd.DataFrame:
    """Directed pairs of states in militarised disputes, in the format of strategic-choice studies.

    Columns: dispute, year, outcome (0 status quo, 1 the second state concedes, 2 war), similarity (of the alliance
    portfolios, as the first state's region weighs it), revises (the first state seeks a change), balance (of
    capabilities), regime_one, regime_two ("autocracy", "mixed", "democracy" or "unknown").
    """
    needed = ["midnum", "year", "s_wt_re1", "revis1", "balanc", "regime1", "regime2", "sq", "capit", "war"]
    path = find_tables(paths, needed, "disputes by pair with their end")[0]
    table = read_table(path)
    for name in ("sq", "capit", "war", "revis1"):
        _check_codes(pd.to_numeric(table[name], errors="coerce").fillna(-1), {0, 1}, path, name)
    for name in ("midnum", "year", "s_wt_re1", "balanc"):
        wrong = pd.to_numeric(table[name], errors="coerce").isna().to_numpy()
        if wrong.any():
            row = int(wrong.argmax())
            raise ObservationError(
                f"{table[name].iloc[row]!r} is not a number", file=str(path), line=row + 2, path=name,
                expected="a number in every row", next_step="Remove the row, or fetch the table again.",
            )  # fmt: skip
    ends = table[["sq", "capit", "war"]].to_numpy(dtype=int)
    wrong = ends.sum(axis=1) != 1
    if wrong.any():
        raise ObservationError(
            "a dispute has no single end", file=str(path), line=int(wrong.argmax()) + 2, path="sq, capit, war",
            expected="exactly one of the three to be 1", next_step="Correct or remove the row.",
        )  # fmt: skip
    names = {"autoc": "autocracy", "mixed": "mixed", "dem": "democracy"}
    return pd.DataFrame(
        {
            "dispute": table["midnum"].astype(int),
            "year": table["year"].astype(int),
            "outcome": ends.argmax(axis=1),
            "similarity": table["s_wt_re1"].astype(float),
            "revises": table["revis1"].astype(int),
            "balance": table["balanc"].astype(float),
            "regime_one": table["regime1"].map(names).fillna("unknown"),
            "regime_two": table["regime2"].map(names).fillna("unknown"),
        }
    )


def read_wars(paths: Sequence[Path]) -> pd.DataFrame:
    """Interstate wars: first year, calendar years touched, states on the first day of record, their initiators.

    The tables have one row per directed pair and year, so a duration is a number of calendar years.
    Columns: war, start (year), years, states (in the first year), sides_initiating.
    """
    path = find_tables(paths, ["warnum", "ccode1", "ccode2", "year", "initiator1"], "wars by pair and year")[
        0
    ]
    table = read_table(path)
    rows = []
    for war, events in table.groupby("warnum"):
        begin = int(events["year"].min())
        first = events[events["year"] == begin]
        states = set(first["ccode1"]) | set(first["ccode2"])
        rows.append((war, begin, int(events["year"].nunique()), len(states)))
    found = pd.DataFrame(rows, columns=["war", "start", "years", "states"])
    return found.sort_values("start", kind="stable").reset_index(drop=True)


def read_ardennes(paths: Sequence[Path]) -> pd.DataFrame:
    """Daily losses in the Ardennes campaign; columns date, blue, red (all losses of combat troops)."""
    path = find_tables(paths, ["day", "blue_killed_combat", "red_killed_combat"], "daily losses")[0]
    table = read_table(path)
    return pd.DataFrame(
        {
            "date": ARDENNES_DAY_0 + pd.to_timedelta(table["day"], unit="D"),
            "blue": table["blue_killed_combat"].astype(float),
            "red": table["red_killed_combat"].astype(float),
        }
    ).query("red > 0")
