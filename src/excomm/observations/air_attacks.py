"""Attacks by drones and missiles: one row per attack and weapon model, as claimed by the defender."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from excomm.errors import ObservationError
from excomm.observations.breaks import Break, mean_shifts, share_switches
from excomm.observations.tables import find_tables, parse_dates, read_table

__all__ = ["CLASSES", "AirAttacks", "class_of_model", "read_air_attacks"]

CLASSES = ("shahed", "cruise", "ballistic")
_REQUIRED = ("time_start", "model", "launched", "destroyed")
_SMALLEST = {"shahed": 5.0, "cruise": 1.0, "ballistic": 1.0}

# Names as published, lower case; a mixed row ("A and B") belongs to no class unless all parts share one.
_CLASS_PATTERNS = {
    "shahed": r"shahed|geran|герань|шахед",
    "cruise": r"x-?101|x-?555|kh-?101|kh-?555|kalibr|iskander-k",
    "ballistic": r"iskander-m|kn-?23|kinzhal",
}
# Known names that belong to no scored class: aircraft-type drones seen only when shot down, other missiles, bombs.
_OTHER = re.compile(
    r"orlan|supercam|zala|lancet|merlin|forpost|orion|mohajer|eleron|granat|kub|молн|фенікс|картограф|привет|"
    r"reconnaissance|unknown|x-59|x-69|x-31|x-35|x-22|x-32|c-300|c-400|oniks|zircon|gbu|bomb|ballistic|banderol",
    re.IGNORECASE,
)


def class_of_model(model: str) -> str | None:
    """`shahed`, `cruise`, `ballistic`; `mixed` for several classes or salvos; `other`; None for an unknown name.

    A published name such as "Iskander-M/KN-23" (one weapon of two possible types) is not mixed; a name with
    "and" is one row for several weapons, whose leaks cannot be told apart.
    """
    parts = [part.strip() for part in re.split(r"\band\b|\+|;", model.lower()) if part.strip()]
    classes = set()
    for part in parts:
        hits = [name for name, pattern in _CLASS_PATTERNS.items() if re.search(pattern, part)]
        classes.add(
            hits[0] if len(hits) == 1 else "mixed" if hits else "other" if _OTHER.search(part) else "?"
        )
    if classes == {"?"}:
        return None
    if len(parts) == 1:
        return next(iter(classes))
    return "other" if classes <= {"other", "?"} else "mixed"


@dataclass(frozen=True)
class AirAttacks:
    """Attacks of the three scored classes, ascending by start.

    rows: columns start, known (when its outcome was published, at the earliest), model, weapon (class),
    launched, destroyed, not_reached, leaked (all counts; leaked = launched - destroyed - not_reached within
    0 and launched, a missing count is 0), reported (not_reach_goal was filled).
    """

    rows: pd.DataFrame
    breaks: tuple[Break, ...]
    warnings: tuple[str, ...]

    def of_class(self, weapon: str) -> pd.DataFrame:
        """Rows of one class of at least its smallest scored size, with a fresh index."""
        mine = (self.rows["weapon"] == weapon) & (self.rows["launched"] >= _SMALLEST[weapon])
        return self.rows[mine].reset_index(drop=True)


def read_air_attacks(paths: Sequence[Path]) -> AirAttacks:
    """Attack rows among `paths`, checked."""
    path = find_tables(paths, _REQUIRED, "attacks by drones and missiles")[0]
    table = read_table(path)
    warnings: list[str] = []
    start = parse_dates(table["time_start"], path, "time_start")
    end = start
    if "time_end" in table:
        end = pd.to_datetime(table["time_end"], errors="coerce", format="mixed").fillna(start)
    # A date without a time may mean any hour of that day: its outcome is known at the end of the day.
    dated = table["time_end" if "time_end" in table else "time_start"].astype(str).str.len() <= 10
    known = end.where(~dated, end.dt.normalize() + pd.Timedelta(hours=23, minutes=59))
    known = known.where(known >= start, start)
    number = {}
    for name in ("launched", "destroyed", "not_reach_goal"):
        column = table[name] if name in table else pd.Series(np.nan, index=table.index)
        parsed = pd.to_numeric(column, errors="coerce")
        wrong = (parsed.isna() & column.notna()) | (parsed < 0)
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise ObservationError(
                f"{column.iloc[row]!r} is not a count, so the series is refused",
                file=str(path),
                line=row + 2,
                path=name,
                expected="a whole number, 0 or more",
                next_step="Correct the row.",
            )
        number[name] = parsed
    if "not_reach_goal" not in table:
        warnings.append(
            f"{path.name}: no column not_reach_goal; weapons that missed their goal count as leaked"
        )
    models = table["model"].astype(str)
    weapon = models.map({name: class_of_model(name) for name in models.unique()})
    rows = pd.DataFrame(
        {
            "start": start,
            "known": known,
            "model": models,
            "weapon": weapon,
            "launched": number["launched"],
            "destroyed": number["destroyed"].fillna(0.0),
            "not_reached": number["not_reach_goal"].fillna(0.0),
            "reported": number["not_reach_goal"].notna(),
        }
    )
    unknown = rows[rows["weapon"].isna()]
    for unknown_name, group in unknown.groupby("model"):
        warnings.append(
            f"{path.name}: unknown weapon name {unknown_name!r}, {len(group)} rows "
            f"from {group['start'].min().date()}; not scored"
        )
    mixed = int((rows["weapon"] == "mixed").sum())
    if mixed:
        warnings.append(f"{path.name}: {mixed} rows name several weapons together; not scored")
    scored = rows[rows["weapon"].isin(CLASSES)].copy()
    nameless = int(scored["launched"].isna().sum())
    if nameless:
        warnings.append(
            f"{path.name}: {nameless} rows of the scored classes have no number launched; left out"
        )
    scored = scored[scored["launched"].fillna(0.0) >= 1.0]
    leaked = scored["launched"] - scored["destroyed"] - scored["not_reached"]
    scored["leaked"] = np.minimum(leaked.clip(lower=0.0), scored["launched"])
    scored = scored.assign(excess=leaked < 0).sort_values(["start", "known", "model"], kind="stable")
    _refuse_impossible(scored, path)
    for day in scored[scored["excess"]]["start"]:
        warnings.append(
            f"{path.name}: {day.date()}: more destroyed or astray than launched; counted as no leak"
        )
    scored = scored.reset_index(drop=True)
    return AirAttacks(scored, _breaks(scored, unknown), tuple(warnings))


def _refuse_impossible(rows: pd.DataFrame, path: Path) -> None:
    for weapon in CLASSES:
        mine = rows[(rows["weapon"] == weapon) & (rows["launched"] >= _SMALLEST[weapon])]
        odd = mine["excess"].rolling(12).sum()
        if (odd >= 4).any():
            day = mine["start"].iloc[int(odd.fillna(0.0).to_numpy().argmax())]
            raise ObservationError(
                f"in the rows of {weapon} up to {day.date()} more is destroyed or astray than launched in "
                f"{odd.max():.0f} of 12 rows: the counts contradict each other, so the series is refused",
                file=str(path),
                path="launched, destroyed, not_reach_goal",
                expected="destroyed + not_reach_goal at most launched",
                next_step="The columns may have changed their meaning: correct them, or cut the series before.",
            )
    if (rows["launched"] > 20_000).any():
        day = rows["start"].iloc[int(rows["launched"].to_numpy().argmax())]
        raise ObservationError(
            f"{day.date()}: {rows['launched'].max():,.0f} weapons launched in one attack, so the series is refused",
            file=str(path),
            path="launched",
            expected="at most a few thousand a night",
            next_step="Correct the row.",
        )


def _breaks(rows: pd.DataFrame, unknown: pd.DataFrame) -> tuple[Break, ...]:
    found: list[Break] = []
    drones = rows[(rows["weapon"] == "shahed") & (rows["launched"] >= _SMALLEST["shahed"])]
    astray = (drones["not_reached"] > 0).to_numpy()
    for first, noticed, filled in share_switches(pd.DatetimeIndex(drones["start"]), astray):
        found.append(
            Break(
                "shahed",
                first.normalize(),
                noticed.normalize(),
                "definition",
                "drones that did not reach their goal are now counted apart; before, they were among the others"
                if filled
                else "drones that did not reach their goal are no longer counted apart",
            )
        )
    # (window, reference, least shift of the leak share, standard errors)
    for weapon, (window, reference, least, sigmas) in {
        "shahed": (10, 40, 0.2, 3.0),
        "cruise": (5, 25, 0.5, 3.5),
        "ballistic": (8, 40, 0.4, 3.5),
    }.items():
        mine = rows[(rows["weapon"] == weapon) & (rows["launched"] >= _SMALLEST[weapon])]
        share = (mine["leaked"] / mine["launched"]).to_numpy(dtype=float)
        for first, noticed, shift in mean_shifts(
            pd.DatetimeIndex(mine["start"]),
            share,
            window=window,
            reference=reference,
            least=least,
            sigmas=sigmas,
        ):
            found.append(
                Break(
                    weapon,
                    first.normalize(),
                    noticed.normalize(),
                    "rate",
                    f"the share that leaks through shifts by {shift:+.2f} within {window} attacks: a change of "
                    "what is counted, or of the defence, that is larger than any before",
                    shift,
                )
            )
        size = np.log(mine["launched"].to_numpy(dtype=float))
        for first, noticed, shift in mean_shifts(
            pd.DatetimeIndex(mine["start"]), size, window=window, reference=reference, least=1.4, sigmas=3.5
        ):
            found.append(
                Break(
                    weapon,
                    first.normalize(),
                    noticed.normalize(),
                    "level",
                    f"the number launched per attack is multiplied by {np.exp(shift):.1f} within {window} attacks",
                    float(np.exp(shift)),
                )
            )
    for name, group in unknown.groupby("model"):
        large = group[group["launched"].fillna(0) >= _SMALLEST["shahed"]].sort_values("start")
        if len(large) >= 3 and float(large["launched"].sum()) >= 50:
            found.append(
                Break(
                    "shahed",
                    large["start"].iloc[0].normalize(),
                    large["start"].iloc[2].normalize(),
                    "names",
                    f"a new weapon name {name!r} comes in large numbers and belongs to no known class",
                )
            )
    return tuple(sorted(found, key=lambda item: (item.date, item.series)))
