"""Shared by all tests: JAX on the CPU, and where public data lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from excomm.pipeline.compilation import use_compilation_cache

os.environ.setdefault("JAX_PLATFORMS", "cpu")
use_compilation_cache()  # before any test lets JAX compute; the workers share what they compile

PROJECT = Path(__file__).parent.parent

# Folders whose tests run the model: first, so that the many quick ones fill up the end, where a worker would be alone.
LONGEST = ("docs", "web", "cli", "audit", "pipeline", "engine", "browser", "case", "brief")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests by folder, the longest first; within a folder they stay as they are."""

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(PROJECT / "tests").parts[0]
        return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the public data series, which are not shipped (their licences differ)."""
    folder = Path(os.environ.get("EXCOMM_REAL_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"public data is not at {folder}; set EXCOMM_REAL_DATA to its folder")
    return folder
