"""Shared by all tests: JAX on the CPU, and where public data lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from excomm.pipeline.compilation import use_compilation_cache

os.environ.setdefault("JAX_PLATFORMS", "cpu")
use_compilation_cache()  # before any test lets JAX compute; the workers share what they compile

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the public data series, which are not shipped (their licences differ)."""
    folder = Path(os.environ.get("EXCOMM_REAL_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"public data is not at {folder}; set EXCOMM_REAL_DATA to its folder")
    return folder
