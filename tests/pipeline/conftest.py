"""One stored run of the Strait for all tests of the pipeline, in the shape that the engine's tests compile too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from excomm.engine.run import Run
from excomm.pipeline.assess import assess


@pytest.fixture(scope="session")
def settings() -> dict[str, Any]:
    return {"draws": 16, "replicates": 4, "seed": 0}


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, Any]) -> Run:
    return assess("strait", **settings, out=tmp_path_factory.mktemp("runs"))


@pytest.fixture
def folder(stored: Run) -> Path:
    return stored.files["manifest"].parent
