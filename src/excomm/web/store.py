"""Jobs on disk: what was asked for, what became of it. SQLite beside the data, or PostgreSQL for a shared server.

A job is acknowledged only once it stands here. After a crash, what was waiting goes on waiting, and what was running
is marked as interrupted, with its request, so that it can be asked for again.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any
from urllib.parse import unquote, urlsplit

from excomm.errors import UsageError

__all__ = ["FINAL", "Job", "JobStore"]

FINAL = ("done", "failed", "cancelled", "interrupted")
_COLUMNS = "id, session, kind, request, status, created, started, finished, message, result"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  id TEXT PRIMARY KEY, session TEXT NOT NULL, kind TEXT NOT NULL, request TEXT NOT NULL, status TEXT NOT NULL,
  created DOUBLE PRECISION NOT NULL, started DOUBLE PRECISION, finished DOUBLE PRECISION,
  message TEXT NOT NULL, result TEXT)
"""


@dataclass(frozen=True)
class Job:
    """One piece of work. Times are seconds since 1970; result: what the worker returned, once done."""

    id: str
    session: str
    kind: str
    request: dict[str, Any]
    status: str
    created: float
    started: float | None
    finished: float | None
    message: str
    result: dict[str, Any] | None


def _postgres(url: str) -> Any:
    try:
        import pg8000.dbapi as driver  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise UsageError(
            "PostgreSQL needs a driver", path="--database", next_step="Install `excomm[postgres]`."
        ) from error
    parts = urlsplit(url)
    try:
        return driver.connect(
            user=unquote(parts.username or "postgres"),
            password=unquote(parts.password) if parts.password else None,
            host=parts.hostname or "localhost",
            port=parts.port or 5432,
            database=parts.path.lstrip("/") or "postgres",
            timeout=10,
        )
    except Exception as error:  # the driver raises several kinds
        raise UsageError(
            f"the database does not answer ({type(error).__name__})", path="--database",
            expected="postgresql://USER:PASSWORD@HOST:PORT/NAME", next_step="Check the address and the server.",
        ) from error  # fmt: skip


class JobStore:
    """The table of jobs; safe for several threads."""

    def __init__(self, database: str, folder: Path) -> None:
        self._lock, self._database = RLock(), database
        self._is_sqlite = database == "sqlite"
        if self._is_sqlite:
            folder.mkdir(parents=True, exist_ok=True)
            self._db: Any = sqlite3.connect(folder / "jobs.sqlite", check_same_thread=False, timeout=30)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
        elif urlsplit(database).scheme in ("postgresql", "postgres"):
            self._db = _postgres(database)
        else:
            raise UsageError(
                f"{urlsplit(database).scheme or database!r} is no database that jobs can be kept in",
                path="--database", expected="sqlite, or postgresql://USER:PASSWORD@HOST/NAME",
            )  # fmt: skip
        self._run(_SCHEMA)
        self._run("CREATE INDEX IF NOT EXISTS jobs_by_status ON jobs (status, created)")

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """One statement in a transaction of its own; each may run twice where a server went away in between."""
        text = statement if self._is_sqlite else statement.replace("?", "%s")
        with self._lock:
            try:
                return self._transact(text, values)
            except Exception as error:
                if self._is_sqlite or type(error).__name__ != "InterfaceError":
                    raise
                self._db = _postgres(self._database)  # the server was started again
                return self._transact(text, values)

    def _transact(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        cursor = self._db.cursor()
        try:
            cursor.execute(text, tuple(values))
            rows = list(cursor.fetchall()) if cursor.description else []
            self._db.commit()
        except BaseException:
            with suppress(Exception):  # a connection that is gone has nothing to take back
                self._db.rollback()
            raise
        finally:
            with suppress(Exception):
                cursor.close()
        return [tuple(row) for row in rows]

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    def recover(self) -> int:
        """After a start: what was running when the server went down is interrupted. Returns how many there were."""
        return len(
            self._run(
                "UPDATE jobs SET status = 'interrupted', finished = ?, message = ? "
                "WHERE status = 'running' RETURNING id",
                (time.time(), "The server stopped while this ran. Start it again."),
            )
        )

    def add(self, job_id: str, session: str, kind: str, request: dict[str, Any]) -> None:
        """Put a job at the end of the queue."""
        self._run(
            "INSERT INTO jobs (id, session, kind, request, status, created, message) "
            "VALUES (?, ?, ?, ?, 'queued', ?, '') ON CONFLICT (id) DO NOTHING",
            (job_id, session, kind, json.dumps(request, ensure_ascii=False), time.time()),
        )

    def next(self) -> Job | None:
        """Take the job that has waited longest; it is running from now on."""
        with self._lock:
            rows = self._run(
                f"SELECT {_COLUMNS} FROM jobs WHERE status = 'queued' ORDER BY created, id LIMIT 1"
            )
            if not rows:
                return None
            job = _job(rows[0])
            self._run("UPDATE jobs SET status = 'running', started = ? WHERE id = ?", (time.time(), job.id))
        return job

    def finish(
        self, job_id: str, status: str, *, message: str = "", result: dict[str, Any] | None = None
    ) -> None:
        """Record what became of a job; a final state stays."""
        self._run(
            "UPDATE jobs SET status = ?, finished = ?, message = ?, result = ? WHERE id = ? "
            "AND status IN ('queued', 'running')",
            (
                status,
                time.time(),
                message,
                None if result is None else json.dumps(result, ensure_ascii=False, allow_nan=False),
                job_id,
            ),
        )

    def get(self, job_id: str) -> Job | None:
        """A job by its id."""
        rows = self._run(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job_id,))
        return _job(rows[0]) if rows else None

    def of_session(self, session: str, most: int = 50) -> list[Job]:
        """Jobs of a session, newest first, without their results."""
        columns = _COLUMNS.replace(", result", ", NULL")
        rows = self._run(
            f"SELECT {columns} FROM jobs WHERE session = ? ORDER BY created DESC, id LIMIT {int(most)}",
            (session,),
        )
        return [_job(row) for row in rows]

    def waiting(self, session: str | None = None) -> list[tuple[str, str, str]]:
        """(id, session, kind) of the waiting jobs in their order."""
        rows = self._run("SELECT id, session, kind FROM jobs WHERE status = 'queued' ORDER BY created, id")
        return [(str(a), str(b), str(c)) for a, b, c in rows if session in (None, b)]

    def forget(self, most: int) -> None:
        """Keep the newest finished jobs only."""
        self._run(
            "DELETE FROM jobs WHERE status NOT IN ('queued', 'running') AND id NOT IN "
            f"(SELECT id FROM jobs ORDER BY created DESC LIMIT {int(most)})"
        )


def _job(row: Sequence[Any]) -> Job:
    job_id, session, kind, request, status, created, started, finished, message, result = row
    return Job(
        str(job_id), str(session), str(kind), json.loads(request), str(status), float(created),
        None if started is None else float(started), None if finished is None else float(finished),
        str(message), None if result is None else json.loads(result),
    )  # fmt: skip
