"""A ledger as JSON lines: written whole, and taken in line by line where what is there already stays."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import numpy as np

from excomm.errors import InputError
from excomm.evidence.copies import signature
from excomm.evidence.ledger_shapes import KINDS
from excomm.evidence.model import Claim, Report, canonical_json

__all__ = ["export_lines", "load_lines"]

Index = Callable[[str, np.ndarray[Any, Any], int], None]


def export_lines(
    db: sqlite3.Connection, reports: Iterable[Report], claims_of: Callable[[str], Iterable[Claim]]
) -> Iterator[str]:
    """The whole ledger as JSON lines: reports with their claims first, then the updates in order."""
    for report in reports:
        claims = [claim.to_json() for claim in claims_of(report.id)]
        claims.sort(key=lambda each: (each["start"], each["id"]))
        known = db.execute("SELECT known FROM reports WHERE id = ?", (report.id,)).fetchone()[0]
        yield canonical_json({"report": report.to_json(), "known": known, "claims": claims})
    for row in db.execute(
        "SELECT kind, subject, effective, recorded, who, why, body, uid FROM updates ORDER BY seq"
    ):
        names = ("kind", "subject", "effective", "recorded", "who", "why", "body", "uid")
        yield canonical_json({"update": dict(zip(names, row, strict=True))})


def load_lines(db: sqlite3.Connection, lines: Iterable[str], index: Index, *, file: str | None = None) -> int:
    """Take in exported lines within a transaction of the caller; returns how many reports and updates were new.

    index: makes a new report findable among near copies. Raises InputError with `file` and line where a line is not of
    an exported ledger; the caller takes back what came before it.
    """
    taken = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            taken += _load_line(db, json.loads(line), index)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"not a line of an exported ledger: {_fault(error)}",
                file=file,
                line=number,
                expected="lines written by `excomm ledger export`",
                next_step="Nothing was taken in. Export again, or remove the line.",
            ) from error
    return taken


def _load_line(db: sqlite3.Connection, entry: Any, index: Index) -> int:
    if not isinstance(entry, dict):
        raise ValueError("it is no object")
    if "report" in entry:
        report = Report.from_json(entry["report"])
        if db.execute("SELECT 1 FROM reports WHERE id = ?", (report.id,)).fetchone():
            return 0
        minima, shingles = signature(report.text)
        db.execute(
            "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                report.id,
                report.source,
                date.fromisoformat(entry["known"]).isoformat(),
                canonical_json(list(report.cites)),
                canonical_json(report.to_json()),
                minima.tobytes(),
                shingles,
            ),
        )
        index(report.id, minima, shingles)
        for plain in entry["claims"]:
            claim = Claim.from_json(plain)
            db.execute(
                "INSERT OR IGNORE INTO claims VALUES (?, ?, ?, ?)",
                (claim.id, claim.report, claim.proposition, canonical_json(claim.to_json())),
            )
        return 1
    if "update" not in entry:
        raise ValueError("it has neither “report” nor “update”")
    update = entry["update"]
    if update["kind"] not in KINDS:
        raise ValueError(f"“{update['kind']}” is no kind of update")
    date.fromisoformat(str(update["effective"]))
    names = ("uid", "kind", "subject", "effective", "recorded", "who", "why", "body")
    cursor = db.execute(
        "INSERT OR IGNORE INTO updates (uid, kind, subject, effective, recorded, who, why, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        tuple(str(update[name]) for name in names),
    )
    return cursor.rowcount


def _fault(error: Exception) -> str:
    """What is wrong with an exported line, in words."""
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON ({error.msg}, column {error.colno})"
    if isinstance(error, KeyError):
        return f"“{error.args[0]}” is missing"
    if type(error) is ValueError:
        return str(error)
    return "a field is missing or of another kind"
