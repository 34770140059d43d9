"""The ledger of forecasts: questions with rules fixed in advance, forecasts, resolutions; append-only.

One SQLite file. Every entry carries the SHA-256 hash of its content and of the entry before it, so that a later
change of any entry, or its removal from the middle, breaks the chain and is found by `verify`; triggers refuse
changes. What a chain cannot show is that its last entries were cut off: keep the head hash elsewhere.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from excomm.errors import AnalysisError, InputError, UsageError
from excomm.hindcast.ledger_entries import (
    Entry,
    ForecastMade,
    Question,
    Resolution,
    outcome_text,
    question_body,
    question_from,
)

__all__ = ["Entry", "ForecastLedger", "ForecastMade", "Question", "Resolution"]

_FORMAT = 1
_FIRST = "0" * 64
_SCHEMA = """
CREATE TABLE format (version INTEGER NOT NULL);
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY, recorded TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL UNIQUE);
CREATE INDEX entries_by_subject ON entries (subject);
CREATE TRIGGER no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'append-only'); END
"""


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(seq: int, recorded: str, kind: str, subject: str, body: str, previous: str) -> str:
    return hashlib.sha256(
        _canonical([seq, recorded, kind, subject, body, previous]).encode("utf-8")
    ).hexdigest()


class ForecastLedger:
    """One ledger file; created if absent. Close it, or use it as a context manager."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=60, isolation_level=None)
            self._db.execute("PRAGMA synchronous = FULL")
            with self._writing():
                known = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master")}
                if not known:
                    for statement in _SCHEMA.split(";\nCREATE"):
                        text = statement.strip()
                        self._db.execute(text if text.startswith("CREATE") else f"CREATE {text}")
                    self._db.execute("INSERT INTO format VALUES (?)", (_FORMAT,))
                elif not {"format", "entries"} <= known:
                    raise sqlite3.DatabaseError("it holds other tables")
            version = self._db.execute("SELECT version FROM format").fetchone()[0]
            if version != _FORMAT:
                raise sqlite3.DatabaseError(f"it has format {version}, this version reads {_FORMAT}")
        except (sqlite3.DatabaseError, OSError) as error:
            raise InputError(
                f"not a ledger of forecasts: {error}",
                file=str(self.path),
                expected="a ledger that `excomm forecast` wrote, or a path where one can be created",
                next_step="Name another file with --ledger.",
            ) from error

    def __enter__(self) -> ForecastLedger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def batch(self) -> Iterator[None]:
        """All additions inside are written together, or none is."""
        with self._writing():
            self._inside = True
            try:
                yield
            finally:
                self._inside = False

    _inside = False

    def _append(self, kind: str, subject: str, body: dict[str, Any]) -> Entry:
        text = _canonical(body)
        last = self._db.execute("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
        seq, previous = (last[0] + 1, last[1]) if last else (1, _FIRST)
        recorded = datetime.now(UTC).isoformat(timespec="seconds")
        digest = _digest(seq, recorded, kind, subject, text, previous)
        self._db.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
            (seq, recorded, kind, subject, text, previous, digest),
        )
        return Entry(seq, recorded, kind, subject, body, digest)

    def _write(self, kind: str, subject: str, body: dict[str, Any]) -> Entry:
        if self._inside:
            return self._append(kind, subject, body)
        with self._writing():
            return self._append(kind, subject, body)

    # Adding ----------------------------------------------------------------------------------------------------

    def ask(self, question: Question) -> Entry:
        """Register a question. The same question again is no entry; another wording under its id is refused."""
        if question.kind not in ("binary", "quantity"):
            raise UsageError(
                f"{question.kind!r} is no kind of question", path="kind", expected="binary or quantity"
            )
        if not question.rule.strip():
            raise UsageError(
                f"question {question.id} has no resolution rule", path="rule",
                expected="a sentence that says what decides it and where that can be read",
                next_step="Write the rule before the first forecast.",
            )  # fmt: skip
        if question.base_rate is not None and not 0 < question.base_rate < 1:
            raise UsageError(f"a base rate of {question.base_rate} is not within 0 and 1", path="base_rate")
        body = question_body(question)
        for known in self._of_kind("question", question.id):
            changed = [key for key in body if body[key] != known.body[key]]
            if not changed:
                return known
            raise UsageError(
                f"question {question.id} is in the ledger with another {', '.join(changed)} "
                f"(there {known.body[changed[0]]!r}, here {body[changed[0]]!r})", path="id",
                expected="a rule that never changes", next_step="Ask a new question under another id.",
            )  # fmt: skip
        return self._write("question", question.id, body)

    def forecast(self, forecast: ForecastMade) -> Entry:
        """Add a forecast; refused after the question closed or was resolved."""
        question = self.question(forecast.question)
        if question.kind == "binary":
            p = forecast.probability
            if p is None or not 0.0 <= p <= 1.0:
                raise UsageError(
                    f"{p} is not a probability", path=forecast.question, expected="a number from 0 to 1",
                    next_step="Give --probability .25 for 25 %.",
                )  # fmt: skip
        else:
            _check_quantiles(forecast)
        if forecast.made > question.closes:
            raise UsageError(
                f"the forecast of {forecast.made} comes after the question closed on {question.closes}",
                path=forecast.question, expected="a forecast made before", next_step=None,
            )  # fmt: skip
        settled = self.resolutions().get(forecast.question)
        if settled is not None and forecast.made >= settled.resolved:
            raise UsageError(
                f"the forecast of {forecast.made} comes after the outcome was known on {settled.resolved}",
                path=forecast.question, expected="a forecast made before",
            )  # fmt: skip
        levels = forecast.quantiles
        quantiles = None if levels is None else {str(level): float(value) for level, value in levels.items()}
        body = {
            "forecaster": forecast.forecaster,
            "made": forecast.made.isoformat(),
            "probability": forecast.probability,
            "quantiles": quantiles,
            "source": forecast.source,
        }
        return self._write("forecast", forecast.question, body)

    def resolve(self, resolution: Resolution) -> Entry:
        """Add an outcome (None: void). A second one is refused unless it says why it corrects the first; both stay."""
        question = self.question(resolution.question)
        outcome = resolution.outcome
        if outcome is not None and question.kind == "binary" and outcome not in (0.0, 1.0):
            raise UsageError(
                f"{outcome} is not the outcome of a yes-or-no question", path=resolution.question,
                expected="yes, no or void",
            )  # fmt: skip
        if outcome is not None and not math.isfinite(outcome):
            raise UsageError(
                f"{outcome} is not an outcome", path=resolution.question, expected="a finite number"
            )
        self._check_correction(resolution, question)
        body = {
            "outcome": outcome,
            "resolved": resolution.resolved.isoformat(),
            "source": resolution.source,
            "verified": resolution.verified,
        }
        if resolution.correction is not None:
            body["correction"] = resolution.correction
        return self._write("resolution", resolution.question, body)

    def _check_correction(self, resolution: Resolution, question: Question) -> None:
        earlier = self._of_kind("resolution", resolution.question)
        reason = resolution.correction
        if reason is not None and not reason.strip():
            raise UsageError(
                "the correction gives no reason", path=resolution.question, expected="a sentence"
            )
        if earlier and reason is None:
            last = earlier[-1]
            raise UsageError(
                f"question {question.id} was resolved to {outcome_text(question, last.body['outcome'])} on "
                f"{last.body['resolved']} (entry {last.seq}, source: {last.body['source']})",
                path=resolution.question, expected="one resolution, or a correction that says why",
                next_step='Add --correct "WHY" if the first was wrong; both stay in the ledger.',
            )  # fmt: skip
        if not earlier and reason is not None:
            raise UsageError(
                f"question {question.id} has no resolution yet: there is nothing to correct",
                path=resolution.question, next_step="Resolve it without --correct.",
            )  # fmt: skip

    # Reading ---------------------------------------------------------------------------------------------------

    def entries(self) -> list[Entry]:
        """All entries in order."""
        rows = self._db.execute("SELECT seq, recorded, kind, subject, body, hash FROM entries ORDER BY seq")
        return [
            Entry(seq, at, kind, subject, json.loads(body), digest)
            for seq, at, kind, subject, body, digest in rows
        ]

    def head(self) -> str:
        """Hash of the last entry (64 zeros for an empty ledger): keep it to prove later what stood here."""
        row = self._db.execute("SELECT hash FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
        return str(row[0]) if row else _FIRST

    def verify(self) -> str:
        """Recompute the chain and return its head; an entry that does not fit is an error that names it."""
        previous, expected = _FIRST, 1
        rows = self._db.execute(
            "SELECT seq, recorded, kind, subject, body, previous, hash FROM entries ORDER BY seq"
        )
        for seq, recorded, kind, subject, body, before, digest in rows:
            fits = seq == expected and before == previous
            if not fits or digest != _digest(seq, recorded, kind, subject, body, before):
                raise AnalysisError(
                    f"the chain of hashes breaks at entry {seq} ({kind} of {subject}): it, or one before it, "
                    "was changed after it was written",
                    file=str(self.path),
                    next_step="Restore the ledger from a copy whose head hash is known.",
                )
            previous, expected = digest, expected + 1
        return previous

    def questions(self) -> dict[str, Question]:
        """Questions by id."""
        return {e.subject: question_from(e.subject, e.body) for e in self._of_kind("question")}

    def forecasts(self) -> list[ForecastMade]:
        """All forecasts in the order of their entries."""
        return [
            ForecastMade(
                e.subject,
                e.body["forecaster"],
                date.fromisoformat(e.body["made"]),
                e.body["probability"],
                e.body["quantiles"] and {float(level): value for level, value in e.body["quantiles"].items()},
                e.body["source"],
            )
            for e in self._of_kind("forecast")
        ]

    def resolutions(self) -> dict[str, Resolution]:
        """The last resolution of each question."""
        return {
            e.subject: Resolution(
                e.subject,
                e.body["outcome"],
                date.fromisoformat(e.body["resolved"]),
                e.body["source"],
                e.body["verified"],
                e.body.get("correction"),
            )
            for e in self._of_kind("resolution")
        }

    def _of_kind(self, kind: str, subject: str | None = None) -> list[Entry]:
        rows = self._db.execute(
            "SELECT seq, recorded, kind, subject, body, hash FROM entries WHERE kind = ?1 "
            "AND (?2 IS NULL OR subject = ?2) ORDER BY seq",
            (kind, subject),
        )
        return [
            Entry(seq, at, k, subject, json.loads(body), digest) for seq, at, k, subject, body, digest in rows
        ]

    def question(self, name: str) -> Question:
        """The question of an id; UsageError where there is none."""
        row = self._db.execute(
            "SELECT body FROM entries WHERE kind = 'question' AND subject = ?", (name,)
        ).fetchone()
        if row is None:
            raise UsageError(
                f"there is no question {name!r} in the ledger", path=name, expected="the id of a question",
                next_step="Run `excomm forecast show` for the ids, or add the question with its rule first.",
            )  # fmt: skip
        return question_from(name, json.loads(row[0]))


def _check_quantiles(forecast: ForecastMade) -> None:
    pairs = sorted((forecast.quantiles or {}).items())
    rising = all(a[1] <= b[1] for a, b in itertools.pairwise(pairs))
    inside = all(0 < level < 1 and math.isfinite(value) for level, value in pairs)
    if len(pairs) < 3 or not rising or not inside:
        raise UsageError(
            "the quantiles are not usable", path=forecast.question,
            expected="at least three levels between 0 and 1 with values that rise, such as .05=10 .5=20 .95=40",
        )  # fmt: skip
