"""One stored run of the Strait, and a server on it, for all tests of the explorer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from excomm.web import ServerSettings, create_app


@pytest.fixture(scope="session")
def runs(strait_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with one run."""
    return copytree(strait_runs, tmp_path_factory.mktemp("explorer") / "runs")


@pytest.fixture(scope="session")
def run_id(runs: Path) -> str:
    return next(path.name for path in runs.iterdir() if not path.name.startswith("."))


@pytest.fixture
def settings(runs: Path, tmp_path: Path) -> ServerSettings:
    """A server of its own for each test: runs that it adds are not seen by the next."""
    copytree(runs, tmp_path / "runs")
    return ServerSettings(
        cases=("strait", "cuba-1962"), out=tmp_path / "runs", data=tmp_path / "data", warm=False
    )


@pytest.fixture
def client(settings: ServerSettings) -> Iterator[Any]:
    from starlette.testclient import TestClient

    with TestClient(create_app(settings), base_url="http://127.0.0.1:8765") as opened:
        yield opened


@pytest.fixture
def token(client: Any) -> dict[str, str]:
    """The header that every change must carry."""
    return {"x-csrf-token": client.get("/about.json").json()["csrf"]}
