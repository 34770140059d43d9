"""Tables on disk: Parquet that pandas, R and DuckDB can read; files and folders that are whole or not there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from excomm.errors import UsageError

__all__ = ["new_folder", "read_parquet", "write_parquet", "write_whole"]


def write_parquet(path: Path, columns: Mapping[str, Any]) -> None:
    """Write columns (one-dimensional arrays or lists of text, all of one length) as a Parquet file.

    The same columns give the same bytes: no time stamp, one row group, fixed compression.
    """
    from arro3.core import Array, Table
    from arro3.io import write_parquet as write

    arrays: dict[str, Any] = {}
    for name, values in columns.items():
        if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
            arrays[name] = Array.from_numpy(np.ascontiguousarray(values))
        else:
            from arro3.core import DataType

            arrays[name] = Array([str(value) for value in values], type=DataType.utf8())
    write(Table.from_pydict(arrays), str(path), compression="zstd(3)")


def read_parquet(path: Path) -> dict[str, Any]:
    """Columns of a Parquet file: numbers as NumPy arrays, text as lists."""
    from arro3.io import read_parquet as read

    table = read(str(path)).read_all()
    columns: dict[str, Any] = {}
    for name in table.column_names:
        column = table.column(name)
        try:
            columns[name] = column.to_numpy()
        except Exception:
            columns[name] = column.to_pylist()
    return columns


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: what stood there is replaced in one step. Text is written as UTF-8.

    Raises UsageError where it cannot be written.
    """
    try:
        handle, draft = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content.encode() if isinstance(content, str) else content)
            Path(draft).chmod(0o644)
            Path(draft).replace(path)
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror or error}",
            file=str(path),
            expected="a file in a folder that exists and is writable",
            next_step="Name another place.",
        ) from error


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Fill a temporary folder, then move it to `target` in one step; nothing half-written ever stands there.

    An existing target is replaced only once the new content is complete. Raises UsageError where no folder can be made.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise UsageError(
            f"the folder cannot be made: {error.strerror or error}",
            file=str(target),
            expected="a place that exists and is writable",
            next_step="Name another place.",
        ) from error
    try:
        yield draft
        draft.chmod(0o755)
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
            target.replace(old / target.name)
            draft.replace(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            draft.replace(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
