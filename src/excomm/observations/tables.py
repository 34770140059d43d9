"""Finding and opening the files of a public series: by their columns, not by their names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from excomm.errors import ObservationError

__all__ = ["columns_of", "find_tables", "parse_dates", "read_table"]

_LARGEST_FOLDER = 400


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_file():
            found.append(path)
        elif path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in {".csv", ".json"})
            found += inside[:_LARGEST_FOLDER]
        else:
            raise ObservationError(
                "there is no such file or folder",
                file=str(path),
                expected="the file of the series, or the folder that holds it",
                next_step="Check the path given with --data.",
            )
    return found


def columns_of(path: Path) -> list[str]:
    """Column names of a CSV file, or the keys of the first record of a JSON list; empty if neither."""
    try:
        if path.suffix.lower() == ".json":
            with path.open(encoding="utf-8-sig") as stream:
                head = stream.read(20_000)
            start, end = head.find("{"), head.find("}")
            return list(json.loads(head[start : end + 1])) if 0 <= start < end else []
        with path.open(encoding="utf-8-sig") as stream:
            return [name.strip() for name in stream.readline().strip().split(",")]
    except (UnicodeDecodeError, json.JSONDecodeError, OSError):
        return []


def find_tables(paths: Sequence[Path], required: Iterable[str], what: str) -> list[Path]:
    """Files among `paths` (files or folders) whose columns include `required`, in the order found."""
    wanted = set(required)
    files = _files(paths)
    found = [path for path in files if wanted <= set(columns_of(path))]
    if not found:
        seen = ", ".join(path.name for path in files[:6]) or "no CSV or JSON file"
        raise ObservationError(
            f"no file holds {what} (found: {seen})",
            file=str(paths[0]) if paths else None,
            expected=f"a CSV or JSON file with the columns {', '.join(sorted(wanted))}",
            next_step="Give the file itself, or its folder, with --data.",
        )
    return found


def read_table(path: Path) -> pd.DataFrame:
    """A CSV file, or a JSON list of flat records, as published."""
    try:
        if path.suffix.lower() == ".json":
            records = json.loads(path.read_text(encoding="utf-8-sig"))
            frame = pd.DataFrame(records)
        else:
            frame = pd.read_csv(path, encoding="utf-8-sig", low_memory=False)
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise ObservationError(
            f"the file cannot be read as a table: {error}",
            file=str(path),
            expected="a CSV file with a header line, or a JSON list of records",
            next_step="Fetch the series again; the copy may be cut off.",
        ) from error
    if frame.empty:
        raise ObservationError(
            "the table has no rows",
            file=str(path),
            next_step="Fetch the series again; the copy may be empty.",
        )
    frame.columns = [str(name).strip().lstrip("\ufeffï»¿") for name in frame.columns]
    return frame


def parse_dates(column: pd.Series, path: Path, name: str) -> pd.Series:
    """ISO dates or date-times of one column; an unreadable one is an error with its line."""
    parsed = pd.to_datetime(column, errors="coerce", format="mixed", utc=False)
    wrong = parsed.isna().to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        raise ObservationError(
            f"{column.iloc[row]!r} is not a date",
            file=str(path),
            line=row + 2,
            path=name,
            expected="a date such as 2024-12-15 or 2024-12-15 22:00",
            next_step="Correct or remove the row.",
        )
    return parsed
