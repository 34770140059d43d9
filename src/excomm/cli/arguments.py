"""What several commands read from their arguments, and how they answer in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, overload

import typer

__all__ = ["begun_whole", "day_of", "listed", "print_json"]


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
    """A database file that did not exist before and is begun inside is removed again if the work inside fails."""
    stood = path.exists()
    try:
        yield
    except BaseException:
        if not stood:
            for suffix in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        raise
