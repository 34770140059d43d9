"""Tables on disk: Parquet that pandas, R and DuckDB can read; files and folders that are whole or not there."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from excomm.errors import UsageError

__all__ = ["check_place", "existing_file", "new_folder", "read_parquet", "write_parquet", "write_whole"]


_MARK = b"PAR1"  # first and last bytes of a Parquet file


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
    """Columns of a Parquet file: numbers as NumPy arrays, text as lists.

    Raises OSError where there is no such file, ValueError where it is damaged.
    """
    from arro3.io import read_parquet as read

    damaged = f"{path} is no complete Parquet file"
    with path.open("rb") as stream:
        begins = stream.read(len(_MARK)) == _MARK
        ends = begins and stream.seek(0, 2) >= 2 * len(_MARK)
        if not ends or (stream.seek(-len(_MARK), 2), stream.read())[1] != _MARK:
            raise ValueError(damaged)
    try:
        table = read(str(path)).read_all()
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:  # the library panics on some damage, with what is no `Exception`
        raise ValueError(damaged) from error
    columns: dict[str, Any] = {}
    for name in table.column_names:
        column = table.column(name)
        try:
            columns[name] = column.to_numpy()
        except Exception:
            columns[name] = column.to_pylist()
    return columns


def check_place(
    path: Path, option: str | None = None, *, folder: bool = False, makes_folders: bool = False
) -> Path:
    """The path, if a file can be written there: asked before long work, not after it.

    `option` names the option that states it. `folder`: the path is a folder that will be filled. `makes_folders`: the
    folders on the way to the file are made where they are missing, as they always are for a folder. It is tried with
    a file that is removed at once, because permissions alone do not tell (a read-only disk, the superuser).
    Raises UsageError.
    """
    made = folder or makes_folders
    try:
        if not folder:
            _refuse_what_is_no_file(path)
        places = (path, *path.resolve().parents) if folder else path.resolve().parents
        parent = next(place for place in places if place.exists()) if made else places[0]
        handle, probe = tempfile.mkstemp(dir=parent, prefix=f".{path.name}-")
        os.close(handle)
        Path(probe).unlink()
    except OSError as error:
        expected = "a folder, or a path at which one can be made" if folder else _EXPECTED
        raise _not_written(path, error, option, expected) from error
    return path


_EXPECTED = "a file in a folder that exists and is writable"


def _refuse_what_is_no_file(path: Path) -> None:
    """A folder cannot be replaced by a file, and a device such as /dev/null must not be."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder stands there")
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "what stands there is no plain file")


def _not_written(path: Path, error: OSError, option: str | None, expected: str) -> UsageError:
    return UsageError(
        f"cannot be written: {error.strerror or error}",
        file=str(path),
        path=option,
        expected=expected,
        next_step="Name another place.",
    )


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: what stood there is replaced in one step. Text is written as UTF-8.

    Raises UsageError where it cannot be written.
    """
    try:
        _refuse_what_is_no_file(path)
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
        raise _not_written(path, error, None, _EXPECTED) from error


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


def existing_file(path: Path, what: str, *, option: str | None = None, next_step: str | None = None) -> Path:
    """The path, if it is a file: asked before anything that would make one there.

    what: what was expected, with its article. Raises UsageError that names the file of the same folder with the
    most similar name, if one is similar.
    """
    if path.is_file():
        return path
    from difflib import get_close_matches

    folder = path.parent
    names = sorted(each.name for each in folder.iterdir() if each.is_file()) if folder.is_dir() else []
    near = get_close_matches(path.name, names, n=1)
    missing = "a folder stands there, not a file" if path.is_dir() else "there is no such file"
    raise UsageError(
        missing if folder.is_dir() else f"there is no folder {folder}",
        file=str(path),
        path=option,
        expected=what,
        next_step=f"Did you mean {folder / near[0]}?" if near else next_step,
    )
