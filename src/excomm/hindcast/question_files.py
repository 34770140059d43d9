"""Questions and forecasts into the ledger: those of a run, of a file, and of public forecasting sites.

A file of forecasts is
    {"case", "as_of", "forecasts": [{"id", "text", "rule", "closes", "kind", "unit", "base_rate",
     "base_rate_source", "probability" | "quantiles": {level: value}}]}
Public files: `crowd_index.csv` with `crowd_daily.csv`, and `questions_with_resolutions.csv`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Imported:
    """How much came in, and what was left out and why."""

    questions: int
    forecasts: int
    resolutions: int
    notes: tuple[str, ...]


def read_forecasts(path: Path) -> dict[str, Any]:
    """A file of forecasts; InputError where it is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        date.fromisoformat(content["as_of"])
        for item in content["forecasts"]:
            date.fromisoformat(item["closes"])
            if not all(str(item[key]).strip() for key in ("id", "text", "rule")):
                raise ValueError("a forecast without id, text or rule")
        return {**content, "case": str(content["case"])}
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror or error}", file=str(path), expected=_SHAPE
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        fault = f"“{error.args[0]}” is missing" if isinstance(error, KeyError) else "it is of another kind"
        raise InputError(f"no file of forecasts: {fault}", file=str(path), expected=_SHAPE) from error


def add_forecasts(
    ledger: ForecastLedger, content: Mapping[str, Any], forecaster: str, source: str
) -> Imported:
    """Questions and forecasts of a run or a file; what is there already is not added again.

    Raises UsageError where a question is in the ledger with another rule.
    """
    made, case = date.fromisoformat(content["as_of"]), content["case"]
    before = set(ledger.questions())
    known = {(one.question, one.forecaster) for one in ledger.forecasts()}
    asked = added = 0
    with ledger.batch():
        for item in content["forecasts"]:
            question = Question(
                str(item["id"]), item["text"], item["rule"], date.fromisoformat(item["closes"]),
                item.get("kind", "binary"), item.get("unit"), item.get("base_rate"), item.get("base_rate_source"),
                made, (case,),
            )  # fmt: skip
            ledger.ask(question)
            asked += question.id not in before
            if (question.id, forecaster) in known:
                continue
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
