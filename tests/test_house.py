"""The rooms import in one direction only, and no two of them share a name's meaning by accident."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "excomm"
LEAVES = ["errors", "units", "streams", "quantities", "storage"]
ROOMS = [
    "case",
    "observations",
    "evidence",
    "beliefs",
    "world",
    "calibrate",
    "game",
    "engine",
    "hindcast",
    "analysis",
    "audit",
    "brief",
    "pipeline",
    "web",
    "cli",
]
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "info"}


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """Rooms of ExComm that a file imports, wherever in the file the import stands."""
    package = ["excomm", *path.relative_to(SOURCE).with_suffix("").parts]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level]) if node.level else ""
            module = ".".join(part for part in [base, node.module or ""] if part)
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("excomm.")}
    return found & {*LEAVES, *ROOMS}


FILES = sorted(path for path in SOURCE.rglob("*.py") if path.parent != SOURCE or path.stem in LEAVES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_room_imports_only_from_rooms_above(path: Path) -> None:
    room = room_of(path)
    order = dict.fromkeys(LEAVES, 0) | {name: place + 1 for place, name in enumerate(ROOMS)}
    assert room in order, f"{room} is not a room of the house"
    below = {other for other in imported_rooms(path) if other != room and order[other] > order[room]}
    assert not below, f"{room} imports from below: {sorted(below)}"


def test_no_room_is_called_utils() -> None:
    names = {path.stem for path in SOURCE.rglob("*.py")} | {
        path.name for path in SOURCE.rglob("*") if path.is_dir()
    }
    assert not names & FORBIDDEN_NAMES


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 600
