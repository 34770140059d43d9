"""Questions and forecasts into the ledger: those of a run, of a file, and of public forecasting sites.

A file of forecasts is
    {"case", "as_of", "forecasts": [{"id", "text", "rule", "closes", "kind", "unit", "base_rate",
     "base_rate_source", "probability" | "quantiles": {level: value}}]}
Public files: `crowd_index.csv` with `crowd_daily.csv`, and `questions_with_resolutions.csv`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from excomm.errors import InputError, ObservationError
from excomm.hindcast.ledger import ForecastLedger, ForecastMade, Question, Resolution
from excomm.hindcast.track_record import CROWD
from excomm.observations.tables import find_tables, read_table

__all__ = ["Imported", "add_forecasts", "import_crowd", "import_questions", "read_forecasts"]

_SHAPE = (
    '{"case": …, "as_of": "2031-03-01", "forecasts": [{"id", "text", "rule", "closes", "probability" or '
    '"quantiles"}]}'
)
_MEND = "Mend the file, or give the id or folder of a stored run; nothing was added."


@dataclass(frozen=True)
class Imported:
    """How much came in, and what was left out and why."""

    questions: int
    forecasts: int
    resolutions: int
    notes: tuple[str, ...]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_number(value: object) -> bool:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and abs(value) <= sys.float_info.max  # type: ignore[arg-type]  # no NaN, no int beyond floats


def _are_quantiles(value: object) -> bool:
    try:
        return isinstance(value, dict) and all(
            _is_number(float(k)) and _is_number(v) for k, v in value.items()
        )
    except ValueError:
        return False


_NEEDED: dict[str, tuple[Callable[[object], bool], str]] = {
    "id": (_is_text, "a text"),
    "text": (_is_text, "a text"),
    "rule": (_is_text, "a text"),
    "closes": (_is_day, "a day such as 2031-06-01"),
}
_POSSIBLE: dict[str, tuple[Callable[[object], bool], str]] = {
    "unit": (_is_text, "a text or null"),
    "base_rate": (_is_number, "a number between 0 and 1, or null"),
    "base_rate_source": (_is_text, "a text or null"),
    "probability": (_is_number, "a number from 0 to 1, or null"),
    "quantiles": (_are_quantiles, 'numbers by level, such as {"0.05": 10, "0.5": 20, "0.95": 40}, or null'),
}


def read_forecasts(path: Path) -> dict[str, Any]:
    """A file of forecasts; InputError where it is none, with the path of a value of another kind."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        json.dumps(content, ensure_ascii=False).encode()  # refuses half a character, which JSON can escape
        case = str(content["case"]) if "as_of" in content else ""
        date.fromisoformat(content["as_of"])
        items, notes = content["forecasts"], content.get("left_out", [])
        if not all(isinstance(each, list) for each in (items, notes)):
            raise TypeError("no list")
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror or error}", file=str(path), expected=_SHAPE, next_step=_MEND
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        fault = f"“{error.args[0]}” is missing" if isinstance(error, KeyError) else "it is of another kind"
        raise InputError(
            f"no file of forecasts: {fault}", file=str(path), expected=_SHAPE, next_step=_MEND
        ) from error
    for number, item in enumerate(items):
        _check_forecast(item, f"forecasts[{number}]", str(path))
    return {**content, "case": case, "left_out": [str(note) for note in notes]}


def _check_forecast(item: Any, place: str, file: str) -> None:
    if not isinstance(item, dict):
        raise InputError("is no forecast", file=file, path=place, expected=_SHAPE, next_step=_MEND)
    for key, (fits, expected) in (_NEEDED | _POSSIBLE).items():
        value = item.get(key)
        if (key in _POSSIBLE and value is None) or fits(value):
            continue
        fault = (
            f"{json.dumps(value, ensure_ascii=False)} does not fit" if key in item else f"“{key}” is missing"
        )
        raise InputError(fault, file=file, path=f"{place}.{key}", expected=expected, next_step=_MEND)


def add_forecasts(
    ledger: ForecastLedger, content: Mapping[str, Any], forecaster: str, source: str
) -> Imported:
    """Questions and forecasts of a run or a file; what is there already is not added again.

    A question that is there already keeps its first day, base rate and tags. Raises UsageError where it is there with
    another text, rule, date, kind or unit.
    """
    made, case = date.fromisoformat(content["as_of"]), content["case"]
    before = ledger.questions()
    known = {(one.question, one.forecaster, one.made) for one in ledger.forecasts()}
    asked = added = 0
    with ledger.batch():
        for item in content["forecasts"]:
            question = Question(
                str(item["id"]), item["text"], item["rule"], date.fromisoformat(item["closes"]),
                item.get("kind", "binary"), item.get("unit"), item.get("base_rate"), item.get("base_rate_source"),
                made, (case,),
            )  # fmt: skip
            if first := before.get(question.id):
                question = replace(
                    question, opens=first.opens, base_rate=first.base_rate,
                    base_rate_source=first.base_rate_source, tags=first.tags,
                )  # fmt: skip
            ledger.ask(question)
            asked += question.id not in before
            before.setdefault(question.id, question)
            if (question.id, forecaster, made) in known:
                continue
            known.add((question.id, forecaster, made))
            quantiles = item.get("quantiles")
            levels = quantiles and {float(level): float(value) for level, value in quantiles.items()}
            ledger.forecast(
                ForecastMade(question.id, forecaster, made, item.get("probability"), levels, source)
            )
            added += 1
    return Imported(asked, added, 0, tuple(content.get("left_out", ())))


def import_crowd(ledger: ForecastLedger, paths: Sequence[Path], *, every_days: int = 7) -> Imported:
    """Crowd probabilities by day (one entry every `every_days`), questions and hand-coded outcomes.

    A hand-coded outcome enters as *unverified*: scores leave it out unless asked for.
    """
    index = read_table(
        find_tables(paths, ["market_id", "short_name", "url", "last"], "an index of crowd questions")[0]
    )
    daily = read_table(find_tables(paths, ["market_id", "date", "p"], "crowd probabilities by day")[0])
    asked = added = resolved = 0
    notes: list[str] = []
    known = ledger.questions()
    with ledger.batch():
        for row in index.to_dict("records"):
            name, last = str(row["market_id"]), date.fromisoformat(str(row["last"])[:10])
            if name in known:
                continue
            rule = f"As the question's own page resolves it: {row['url']}"
            ledger.ask(Question(name, str(row["short_name"]), rule, last, tags=("crowd", str(row["site"]))))
            asked += 1
            series = daily[daily["market_id"] == name].sort_values("date")
            for one in series.iloc[::every_days].to_dict("records"):
                made = date.fromisoformat(str(one["date"])[:10])
                if made <= last:
                    ledger.forecast(ForecastMade(name, CROWD, made, float(one["p"]), None, str(row["site"])))
                    added += 1
            outcome = row.get("outcome_hand_coded")
            if outcome is not None and not pd.isna(outcome):
                note = str(row.get("coding_note") or "hand-coded")
                after = last + timedelta(days=1)
                ledger.resolve(Resolution(name, float(outcome), after, note, verified=False))
                resolved += 1
            else:
                notes.append(f"{name}: no outcome given; left open")
    return Imported(asked, added, resolved, tuple(notes))


def import_questions(ledger: ForecastLedger, paths: Sequence[Path]) -> Imported:
    """Questions with resolutions; rows that repeat a question over due dates become its forecasts.

    `resolved` false means that the value is a market price of a later day, not an outcome: left open. A
    resolution strictly between 0 and 1 is void, because a yes-or-no rule did not decide it.
    """
    needed = [
        "id",
        "question",
        "freeze_value",
        "freeze",
        "close",
        "url",
        "resolution_date",
        "resolved_to",
        "resolved",
    ]
    table = read_table(find_tables(paths, needed, "questions with resolutions")[0])
    asked = added = resolved = 0
    notes: list[str] = []
    known = ledger.questions()
    with ledger.batch():
        for name, rows in table.groupby("id", sort=False):
            first, identity = rows.iloc[0], f"{rows.iloc[0]['source']}-{name}"
            if identity in known:
                continue
            freezes = [date.fromisoformat(str(day)[:10]) for day in rows["freeze"]]
            closes = max(_day(first["close"]) or max(freezes), *freezes)
            settled = rows[rows["resolved"].astype(str) == "True"]
            rule = f"As the question's own page resolves it: {first['url']}"
            ledger.ask(
                Question(
                    identity, str(first["question"]), rule, closes, tags=("imported", str(first["source"]))
                )
            )
            asked += 1
            seen = set()
            for day, value in zip(freezes, rows["freeze_value"], strict=True):
                if day not in seen and not pd.isna(value) and 0 <= float(value) <= 1:
                    ledger.forecast(
                        ForecastMade(identity, CROWD, day, float(value), None, str(first["source"]))
                    )
                    added += 1
                seen.add(day)
            if settled.empty:
                notes.append(f"{identity}: not resolved; left open")
                continue
            value, on = float(settled.iloc[-1]["resolved_to"]), _day(settled.iloc[-1]["resolution_date"])
            outcome = value if value in (0.0, 1.0) else None
            if outcome is None:
                notes.append(f"{identity}: resolved to {value:g}, which is no outcome; void")
            ledger.resolve(Resolution(identity, outcome, on or closes, str(first["url"])))
            resolved += 1
    return Imported(asked, added, resolved, tuple(notes))


def _day(value: object) -> date | None:
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError as error:
        if value is None or str(value) in ("nan", "N/A", ""):
            return None
        raise ObservationError(f"{value!r} is not a date", expected="a date such as 2024-12-15") from error
    return day if day.year < 2100 else date(2100, 1, 1)
