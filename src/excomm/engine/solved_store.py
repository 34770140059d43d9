"""Solved games on disk, by the content of what they were solved from, so that the same inputs are solved once.

A block of draws is one file: the policies, and how well they are solved. The folder is bounded: the files that were
used longest ago go first. Losing it costs time and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from excomm.engine.crisis import BLOCK_DRAWS, Crisis
from excomm.game.equilibrium import SolvedBlock
from excomm.game.policy import PolicyTables
from excomm.game.reading import readings_from_json, readings_to_json

__all__ = ["LARGEST_STORE", "SolvedStore"]

LARGEST_STORE = 1_000_000_000  # bytes; a run of the flagship at its defaults takes about 260 million
Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class SolvedStore:
    """Solved blocks of one crisis in a folder. code: names the version of all that can change a solution."""

    folder: Path
    crisis: Crisis
    code: str

    def _path(self, numbers: Integers) -> Path:
        digest = blake2b(digest_size=16)
        crisis = self.crisis
        shape = (
            BLOCK_DRAWS,
            crisis.fronts,
            crisis.beliefs,
            numbers.tolist(),
            crisis.draws.options,
            self.code,
        )
        digest.update(repr(shape).encode())
        digest.update(crisis.case.canonical_json().encode())
        for name in sorted(crisis.draws.values):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(crisis.draws.values[name][:, numbers]).tobytes())
        return self.folder / f"{digest.hexdigest()}.npz"

    def solved(self, numbers: Integers, solve: Callable[[Integers], SolvedBlock]) -> SolvedBlock:
        """The solved block of these draws, from the folder or by `solve`."""
        path = self._path(numbers)
        found = self._read(path)
        if found is None:
            found = solve(numbers)
            self._write(path, found)
        return found

    def _rows(self, option: int) -> int:
        """Rows of the tables that an option's postures reach."""
        setting, crisis = self.crisis.setting, self.crisis
        levels = int(np.asarray(setting.commitments.ceiling)[option, 0, 0]) + 1
        return levels * int(setting.postures.front.shape[0]) * crisis.fronts * 2 * crisis.beliefs

    def _read(self, path: Path) -> SolvedBlock | None:
        try:
            with np.load(path, allow_pickle=False) as kept:
                parts = {name: kept[name] for name in kept.files}
            os.utime(path)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None  # not there, or cut short: solved again
        options = len(self.crisis.options)
        most = max(self._rows(option) for option in range(options))
        tables = []
        for name in ("alliance", "adversary"):
            first = parts[f"{name}-0"]
            whole = np.zeros(
                (first.shape[0], options, first.shape[1], most, first.shape[-1]), dtype=np.float16
            )
            for option in range(options):
                whole[:, option, :, : self._rows(option)] = parts[f"{name}-{option}"]
            tables.append(whole)
        policy = PolicyTables(
            alliance=tables[0], adversary=tables[1], limits=parts["limits"], prior=parts["prior"],
            fronts=self.crisis.fronts, points=self.crisis.beliefs,
        )  # fmt: skip
        return SolvedBlock(
            policy, parts["failed"], parts["residual"], parts["turned"], int(parts["distinct"]),
            readings=readings_from_json(str(parts["readings"])),
        )  # fmt: skip

    def _write(self, path: Path, solved: SolvedBlock) -> None:
        policy = solved.policy
        parts = {
            "limits": policy.limits, "prior": policy.prior, "failed": solved.failed,
            "residual": solved.residual, "turned": solved.turned, "distinct": np.array(solved.distinct),
            "readings": np.array(readings_to_json(solved.readings)),
        }  # fmt: skip
        for option in range(len(self.crisis.options)):
            rows = self._rows(option)
            for name, table in (("alliance", policy.alliance), ("adversary", policy.adversary)):
                parts[f"{name}-{option}"] = table[:, option, :, :rows]
        # Under a name of its own first: a file is whole or not there.
        partial = path.with_suffix(f".{os.getpid()}.partial.npz")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            np.savez(partial, **parts)
            partial.replace(path)
            self._make_room(path)
        except OSError:
            partial.unlink(missing_ok=True)  # a full or read-only disk only means solving again

    def _make_room(self, latest: Path) -> None:
        files = [(each.stat(), each) for each in self.folder.glob("*.npz") if each != latest]
        total = latest.stat().st_size + sum(status.st_size for status, _ in files)
        for status, each in sorted(files, key=lambda pair: pair[0].st_mtime):
            if total <= LARGEST_STORE:
                return
            each.unlink(missing_ok=True)
            total -= status.st_size
