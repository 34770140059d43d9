"""What several commands read from their arguments, and how they answer: folded lines, JSON."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import typer

if TYPE_CHECKING:
    from excomm.analysis.study import Study

__all__ = ["begun_whole", "day_of", "listed", "name_run", "print_json", "tell"]


def listed(text: str | None) -> list[str] | None:
    """Words separated by commas; None where nothing was given."""
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


@overload
def day_of(text: str, option: str) -> date: ...
@overload
def day_of(text: str | None, option: str) -> date | None: ...
def day_of(text: str | None, option: str) -> date | None:
    """A day written as year-month-day; None where nothing was given. Raises UsageError for anything else."""
    from excomm.errors import UsageError

    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is not a date",
            path=option,
            expected="year-month-day, such as 2024-12-15",
            next_step=f"Write {option} 2024-12-15.",
        ) from None


def print_json(value: Any) -> None:
    """An answer as indented JSON on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


@contextmanager
def begun_whole(path: Path) -> Iterator[None]:
    """A ledger that is begun inside is removed again if the work inside fails before it holds an entry.

    What was written before a fault, a Ctrl-C or a closed pipe stays.
    """
    stood = path.exists()
    try:
        yield
    except BaseException:
        if not stood and not _holds_entries(path):
            for suffix in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        raise


def _holds_entries(path: Path) -> bool:
    """Whether a ledger file has a row in any table but the one that states its format."""
    import sqlite3
    from contextlib import closing

    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path)) as db:
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return any(db.execute(f"SELECT 1 FROM {t} LIMIT 1").fetchone() for t in tables if t != "format")
    except sqlite3.Error:  # somebody else writes there: not ours to remove
        return True


def tell(lines: Iterable[str], *, err: bool = False) -> None:
    """Print sentences, folded at the width of the terminal; what follows hangs two columns behind the first line.

    Whole lines where the output goes elsewhere (a file, another program), unless COLUMNS states a width.
    """
    stream = sys.stderr if err else sys.stdout
    width = shutil.get_terminal_size().columns if stream.isatty() or os.environ.get("COLUMNS") else 0
    for line in lines:
        hang = " " * (len(line) - len(line.lstrip()) + 2)
        if 0 < width < len(line):
            line = textwrap.fill(
                line, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
            )
        typer.echo(line, err=err)


def name_run(study: Study, folder: Path) -> None:
    """Say on standard error which stored run answers: its id, its size and where it lies."""
    tell([f"Run {study.run}: {study.draws} draws x {study.replicates} replicates, in {folder}"], err=True)
