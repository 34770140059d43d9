"""The ledger: an append-only SQLite file of reports, claims and updates. State is a fold over the updates.

Every change names who made it, when, and why. Nothing is ever changed or deleted (triggers refuse it): a retraction is
one more line. Several processes may write at once; what `add` has acknowledged survives a crash.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from excomm.errors import InputError, UsageError
from excomm.evidence.copies import signature, similar_enough
from excomm.evidence.ledger_lines import export_lines, load_lines
from excomm.evidence.ledger_shapes import KINDS, LedgerUpdate, plain_actor, plain_proposition, plain_source
from excomm.evidence.model import (
    ActorLike,
    Claim,
    PropositionLike,
    Report,
    SourceLike,
    canonical_json,
    content_id,
)

__all__ = ["KINDS", "Ledger", "LedgerUpdate"]

_FORMAT = 1
_BUSY_MS = 60_000
_BANDS, _ROWS = 42, 3
_NEWEST = 6  # members of a bucket that a new report is compared with, besides the first

_SCHEMA = """
CREATE TABLE IF NOT EXISTS format (version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS reports (
  id TEXT PRIMARY KEY, source TEXT, known TEXT, cites TEXT NOT NULL, body TEXT NOT NULL,
  signature BLOB NOT NULL, shingles INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bands (
  band INTEGER NOT NULL, hash BLOB NOT NULL, place INTEGER PRIMARY KEY, report TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS bands_by_hash ON bands (band, hash);
CREATE TABLE IF NOT EXISTS copies (
  report TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (report, other)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (
  id TEXT PRIMARY KEY, report TEXT NOT NULL, proposition TEXT, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS claims_by_proposition ON claims (proposition) WHERE proposition IS NOT NULL;
CREATE TABLE IF NOT EXISTS updates (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT NOT NULL,
  effective TEXT NOT NULL, recorded TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS updates_by_effective ON updates (effective);
"""
_LINKED = "proposition IS NOT NULL OR id IN (SELECT substr(subject, 7) FROM updates WHERE kind = 'link')"
_TABLES = ("reports", "bands", "copies", "claims", "updates")


class Ledger:
    """One ledger file; `Ledger(path)` creates it. Close it, or use it as a context manager."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=_BUSY_MS / 1000, isolation_level=None)
            self._db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._prepare()
        except (sqlite3.DatabaseError, OSError) as error:
            raise InputError(
                f"not a ledger: {error}",
                file=str(self.path),
                expected="a ledger file of ExComm, or a path where one can be created",
                next_step="Name another file with --ledger.",
            ) from error

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _prepare(self) -> None:
        known = self._db.execute("SELECT name FROM sqlite_master WHERE name = 'format'").fetchone()
        if known is None:
            with self._writing():
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                for table in _TABLES:
                    for change in ("UPDATE", "DELETE"):
                        self._db.execute(
                            f"CREATE TRIGGER IF NOT EXISTS no_{change.lower()}_{table} BEFORE {change} ON {table} "
                            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
                        )
                if self._db.execute("SELECT count(*) FROM format").fetchone()[0] == 0:
                    self._db.execute("INSERT INTO format VALUES (?)", (_FORMAT,))
        version = self._db.execute("SELECT version FROM format").fetchone()
        if version is None or version[0] != _FORMAT:
            raise InputError(
                f"the ledger has format {version and version[0]}",
                file=str(self.path),
                expected=f"format {_FORMAT}",
            )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: all of it is there afterwards, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # Writing ---------------------------------------------------------------------------------------------------

    def define(
        self,
        propositions: Iterable[PropositionLike] = (),
        sources: Iterable[SourceLike] = (),
        actors: Iterable[ActorLike] = (),
        *,
        who: str,
        why: str,
        effective: date | None = None,
    ) -> int:
        """Register propositions, sources and actors of a case (those that changed); returns how many were written."""
        _require_signature(who, why)
        written = 0
        with self._writing():
            bodies = [("proposition", plain_proposition(each)) for each in propositions]
            bodies += [("source", plain_source(each)) for each in sources]
            bodies += [("actor", plain_actor(each)) for each in actors]
            for kind, body in bodies:
                subject = f"{kind}:{body['id']}"
                last = self._db.execute(
                    "SELECT body FROM updates WHERE kind = 'define' AND subject = ? ORDER BY seq DESC LIMIT 1",
                    (subject,),
                ).fetchone()
                if last is None or last[0] != canonical_json(body):
                    self._append("define", subject, effective or date.min, who, why, body)
                    written += 1
        return written

    def add(
        self,
        report: Report,
        claims: Sequence[Claim],
        *,
        who: str,
        why: str = "read",
        effective: date | None = None,
    ) -> tuple[int, ...]:
        """Add a report with its claims; returns the numbers of the updates, none if the report was there already.

        The report's date is the day from which it is known; where it has none, `effective` or today.
        """
        _require_signature(who, why)
        day = effective or report.known or datetime.now(UTC).date()
        minima, shingles = signature(report.text)
        with self._writing():
            return self._add(report, claims, minima, shingles, day, who, why)

    def _add(
        self,
        report: Report,
        claims: Sequence[Claim],
        minima: np.ndarray[Any, Any],
        shingles: int,
        day: date,
        who: str,
        why: str,
    ) -> tuple[int, ...]:
        known = self._db.execute("SELECT 1 FROM reports WHERE id = ?", (report.id,)).fetchone()
        if known is not None:
            return ()
        self._db.execute(
            "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                report.id,
                report.source,
                day.isoformat(),
                canonical_json(list(report.cites)),
                canonical_json(report.to_json()),
                minima.tobytes(),
                shingles,
            ),
        )
        self._index(report.id, minima, shingles)
        numbers = [self._append("new", f"report:{report.id}", day, who, why, {"title": report.title})]
        for claim in claims:
            self._db.execute(
                "INSERT OR IGNORE INTO claims VALUES (?, ?, ?, ?)",
                (claim.id, claim.report, claim.proposition, canonical_json(claim.to_json())),
            )
            if claim.proposition:
                kind = self._role(claim)
                body = {"proposition": claim.proposition, "rival": claim.rival, "polarity": claim.polarity}
                numbers.append(self._append(kind, f"claim:{claim.id}", day, who, why, body))
        return tuple(numbers)

    def _role(self, claim: Claim) -> str:
        """new, corroborate, deny or contradict: what the claim is to those already there."""
        if claim.polarity == -1:
            return "deny" if claim.modality == "denied" else "contradict"
        earlier = self._db.execute(
            "SELECT 1 FROM claims WHERE proposition = ? AND id <> ? LIMIT 1", (claim.proposition, claim.id)
        ).fetchone()
        if earlier is None:
            return "new"
        if claim.rival:
            return "contradict"
        return "contradict" if claim.status == "contradicted" else "corroborate"

    def _index(self, identity: str, minima: np.ndarray[Any, Any], shingles: int) -> None:
        """Find near copies among the reports already there, then make this one findable."""
        near: set[str] = set()
        keys = [minima[band * _ROWS : (band + 1) * _ROWS].tobytes() for band in range(_BANDS)]
        for band, key in enumerate(keys):
            rows = self._db.execute(
                "SELECT report FROM bands WHERE band = ? AND hash = ? ORDER BY place DESC LIMIT ?",
                (band, key, _NEWEST),
            ).fetchall()
            near |= {row[0] for row in rows}
            if len(rows) == _NEWEST:
                first = self._db.execute(
                    "SELECT report FROM bands WHERE band = ? AND hash = ? ORDER BY place LIMIT 1", (band, key)
                ).fetchone()
                near.add(first[0])
        for other in sorted(near):
            row = self._db.execute(
                "SELECT signature, shingles FROM reports WHERE id = ?", (other,)
            ).fetchone()
            if similar_enough((minima, shingles), (np.frombuffer(row[0], dtype=np.uint64), row[1])):
                self._db.execute("INSERT OR IGNORE INTO copies VALUES (?, ?)", (identity, other))
        self._db.executemany(
            "INSERT INTO bands (band, hash, report) VALUES (?, ?, ?)",
            [(band, key, identity) for band, key in enumerate(keys)],
        )

    def record(
        self,
        kind: str,
        subject: str,
        *,
        who: str,
        why: str,
        effective: date | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> int:
        """Append one update about something that is in the ledger; returns its number.

        subject: `claim:ID`, `report:ID`, `source:ID`, `proposition:ID`, or a bare id that is unique.
        """
        if kind not in KINDS or kind in {"new", "define"}:
            raise UsageError(f"{kind} is no kind of update", expected=", ".join(KINDS[4:-1]))
        _require_signature(who, why)
        with self._writing():
            full = self.find(subject)
            return self._append(kind, full, effective or datetime.now(UTC).date(), who, why, body or {})

    def find(self, subject: str) -> str:
        """Full name (`claim:ID`) of what `subject` names; UsageError where that is nothing, or several things."""
        if ":" in subject:
            kind, _, identity = subject.partition(":")
            candidates = [full for full in self._matches(identity) if full.startswith(f"{kind}:")]
        else:
            candidates = self._matches(subject)
        if len(candidates) != 1:
            raise UsageError(
                f"“{subject}” names {'several things' if candidates else 'nothing'} in the ledger",
                file=str(self.path),
                expected="the id of a claim, report, source or proposition",
                next_step=f"Candidates: {', '.join(candidates[:5])}."
                if candidates
                else "List ids with `excomm ledger show`.",
            )
        return candidates[0]

    def _matches(self, identity: str) -> list[str]:
        found = []
        for kind, table in (("claim", "claims"), ("report", "reports")):
            pattern = identity.replace("%", "").replace("_", "") + "%"
            rows = self._db.execute(
                f"SELECT id FROM {table} WHERE id = ? OR (? AND id LIKE ?)",
                (identity, len(identity) >= 6, pattern),
            )
            found += [f"{kind}:{row[0]}" for row in rows.fetchmany(20)]
        for kind in ("source", "proposition"):
            row = self._db.execute(
                "SELECT 1 FROM updates WHERE kind = 'define' AND subject = ? LIMIT 1", (f"{kind}:{identity}",)
            ).fetchone()
            found += [f"{kind}:{identity}"] if row else []
        return found

    def _append(
        self, kind: str, subject: str, effective: date, who: str, why: str, body: Mapping[str, Any]
    ) -> int:
        recorded = datetime.now(UTC).isoformat(timespec="microseconds")
        text = canonical_json(dict(body))
        uid = content_id(kind, subject, effective, recorded, who, why, text)
        cursor = self._db.execute(
            "INSERT INTO updates (uid, kind, subject, effective, recorded, who, why, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (uid, kind, subject, effective.isoformat(), recorded, who, why, text),
        )
        return int(cursor.lastrowid or 0)

    # Reading ---------------------------------------------------------------------------------------------------

    def updates(self, as_of: date | None = None) -> list[LedgerUpdate]:
        """Updates in force at the end of `as_of`, in the order in which they were written."""
        limit = as_of.isoformat() if as_of else "9999"
        rows = self._db.execute(
            "SELECT seq, kind, subject, effective, recorded, who, why, body FROM updates "
            "WHERE effective <= ? ORDER BY seq",
            (limit,),
        )
        return [
            LedgerUpdate(seq, kind, subject, date.fromisoformat(effective), recorded, who, why, body)
            for seq, kind, subject, effective, recorded, who, why, body in rows
        ]

    def linked_claims(self) -> Iterator[tuple[str, str, str]]:
        """(id, report, body) of every claim that is linked to a proposition, by the rules or by a person."""
        return iter(self._db.execute(f"SELECT id, report, body FROM claims WHERE {_LINKED}"))

    def report_heads(self) -> Iterator[tuple[str, str | None, str, str]]:
        """(id, source, known, cites) of every report with a linked claim."""
        return iter(
            self._db.execute(
                "SELECT id, source, known, cites FROM reports WHERE id IN "
                f"(SELECT report FROM claims WHERE {_LINKED})"
            )
        )

    def copy_pairs(self) -> list[tuple[str, str]]:
        """Pairs of reports that are near copies."""
        return list(self._db.execute("SELECT report, other FROM copies"))

    def reports(self) -> Iterator[Report]:
        """All reports with their texts."""
        for (body,) in self._db.execute("SELECT body FROM reports ORDER BY known, id"):
            yield Report.from_json(json.loads(body))

    def claims(self, report: str | None = None) -> Iterator[Claim]:
        """All claims, or those of one report."""
        query, values = (
            ("SELECT body FROM claims", ())
            if report is None
            else ("SELECT body FROM claims WHERE report = ?", (report,))
        )
        for (body,) in self._db.execute(query, values):
            yield Claim.from_json(json.loads(body))

    def count(self, table: str) -> int:
        """Number of rows of reports, claims or updates."""
        if table not in {"reports", "claims", "updates"}:
            raise UsageError(f"no such table: {table}")
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def copy_to(self, path: Path) -> None:
        """Write the whole ledger as it stands to a new file, while others may go on writing here."""
        copy = sqlite3.connect(path)
        try:
            self._db.backup(copy)
        finally:
            copy.close()

    def is_sound(self) -> bool:
        """SQLite's own integrity check."""
        return bool(self._db.execute("PRAGMA integrity_check").fetchone()[0] == "ok")

    def export(self) -> Iterator[str]:
        """The whole ledger as JSON lines: reports with their claims first, then the updates in order."""
        return export_lines(self._db, self.reports(), self.claims)

    def load(self, lines: Iterable[str], *, file: str | None = None) -> int:
        """Take in exported lines; what is there already stays. Returns how many reports and updates were new.

        Raises InputError with `file` and line where one is not of an exported ledger; nothing is taken in then.
        """
        with self._writing():
            return load_lines(self._db, lines, self._index, file=file)


def _require_signature(who: str, why: str) -> None:
    if not who.strip() or not why.strip():
        raise UsageError("a change needs to name who makes it and why", next_step="Give --who and --why.")
