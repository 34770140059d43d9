"""Cases that the server offers, and their stored runs: found by name, read once, kept while memory allows."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock, RLock
from typing import Any, TypeVar

import numpy as np

from excomm.case import library, load
from excomm.case.model import Case
from excomm.errors import InputError, UsageError
from excomm.pipeline.store import list_runs
from excomm.storage import read_parquet

__all__ = ["AMENDMENTS", "Catalogue", "Kept", "StoredRun"]

Floats = np.ndarray[Any, np.dtype[np.float64]]
Thing = TypeVar("Thing")
AMENDMENTS = "amendments.json"
_RUN_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")


class Kept:
    """The results of slow functions by key: computed once even when asked for at the same time, bounded in number."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[Any, Any] = OrderedDict()
        self._locks: dict[Any, RLock] = {}
        self._lock = Lock()

    def get(self, key: Any, make: Callable[[], Thing]) -> Thing:
        """The value of a key; `make` computes it the first time."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]  # type: ignore[no-any-return]
            own = self._locks.setdefault(key, RLock())
        with own:
            with self._lock:
                if key in self._found:
                    return self._found[key]  # type: ignore[no-any-return]
            value = make()
            with self._lock:
                self._found[key] = value
                while len(self._found) > self._most:
                    self._found.popitem(last=False)
                self._locks.pop(key, None)
        return value


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A stored run with its case as it stands now; columns are read when they are first asked for."""

    folder: Path
    case: Case
    manifest: dict[str, Any]
    assessment: dict[str, Any]

    @property
    def id(self) -> str:
        """Name of the run."""
        return str(self.assessment["run"])

    @property
    def options(self) -> tuple[str, ...]:
        """Ids of the options that were run, in the order of the case."""
        return tuple(str(option["id"]) for option in self.assessment["options"])

    @cached_property
    def amendments(self) -> dict[str, Any]:
        """What a reader had set when the run was made: {"settings": […], "ledger": …}; empty for a plain run."""
        try:
            found: dict[str, Any] = json.loads((self.folder / AMENDMENTS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found

    @property
    def is_current(self) -> bool:
        """Whether the files of the case are still those that the run was made from."""
        return dict(self.manifest["inputs"]) == dict(self.case.files_hashes)

    def _columns(self, name: str) -> dict[str, Floats]:
        try:
            columns = read_parquet(self.folder / name)
        except (OSError, ValueError) as error:
            raise InputError(
                f"the run {self.id} is damaged: {name} cannot be read",
                expected="a complete stored run",
                next_step="Run the case again, or choose another run.",
            ) from error
        return {
            key: np.asarray(values, dtype=np.float64).reshape(len(self.options), -1)
            for key, values in columns.items()
            if key not in ("option", "draw")
        }

    @cached_property
    def outcomes(self) -> dict[str, Floats]:
        """Outcome -> means over replicates, shape (options, draws)."""
        return {name: v for name, v in self._columns("outcomes.parquet").items() if "__" not in name}

    @cached_property
    def parameters(self) -> dict[str, Floats]:
        """Parameter -> draws, shape (options, draws)."""
        return self._columns("parameters.parquet")

    @cached_property
    def cells(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Summary of each (outcome, option), as in `assess --json`."""
        return {
            (cell["id"], option["id"]): cell
            for option in self.assessment["options"]
            for cell in option["outcomes"]
        }


class Catalogue:
    """Cases by id and runs by id, under one folder of runs."""

    def __init__(self, cases: tuple[str, ...], out: Path) -> None:
        self.out = out
        names = cases or tuple(case.id for case in library())
        self._named: dict[str, str] = {}
        for name in names:
            self._named[load(name).id if cases else name] = name
        self._cases = Kept(32)
        self._runs = Kept(16)

    @property
    def case_ids(self) -> tuple[str, ...]:
        """Ids of the cases on offer."""
        return tuple(self._named)

    def case(self, case_id: str) -> Case:
        """A case by id, read again when its file has changed. Raises UsageError for one that is not on offer."""
        if case_id not in self._named:
            raise UsageError(
                f"there is no case {case_id[:60]!r} here", path="case", expected=", ".join(self._named)
            )
        name = self._named[case_id]
        from excomm.case.load import CASE_FILE, find_case

        folder, _ = find_case(name)
        changed = max(
            path.stat().st_mtime_ns
            for path in (folder / CASE_FILE, folder, folder / "reports")
            if path.exists()
        )
        return self._cases.get((case_id, changed), lambda: load(name))

    def runs(self, case_id: str | None = None, own: Path | None = None) -> list[dict[str, Any]]:
        """Stored runs of the cases on offer, newest first; `own`: folder of a session's own runs."""
        found = [
            entry
            for folder in (self.out, own)
            if folder is not None and folder.is_dir()
            for entry in list_runs(folder)
            if entry["case"] in self._named and case_id in (None, entry["case"])
        ]
        return sorted(found, key=lambda entry: str(entry["created"]), reverse=True)

    def run(self, run_id: str, own: Path | None = None) -> StoredRun:
        """A stored run by its full id. Raises UsageError where there is none."""
        missing = UsageError(
            f"there is no stored run {run_id[:140]!r} here",
            path="run",
            expected="the id of a stored run",
            next_step="Choose one from the list of runs.",
        )
        if not _RUN_ID.fullmatch(run_id):
            raise missing
        places = [place / run_id for place in (self.out, own) if place is not None]
        folder = next((place for place in places if (place / "manifest.json").is_file()), None)
        if folder is None:
            raise missing
        stamp = (folder / "manifest.json").stat().st_mtime_ns

        def read() -> StoredRun:
            try:
                manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
                assessment = json.loads((folder / "assessment.json").read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise missing from error
            return StoredRun(folder, self.case(str(manifest["case"])), manifest, assessment)

        return self._runs.get((str(folder), stamp), read)

    def latest(self, case_id: str) -> StoredRun | None:
        """The newest stored run of a case with all its options, if there is any."""
        case = self.case(case_id)
        everything = [option.id for option in case.options]
        for entry in self.runs(case_id):
            if entry["options"] == everything and entry["run"] == Path(entry["path"]).name:
                run = self.run(entry["run"])
                if run.is_current and len(run.cells) and int(run.assessment["draws"]) >= 8:
                    return run
        return None
