"""Shared by all tests: JAX on the CPU, and where public data lies."""

from __future__ import annotations

import fcntl
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


@pytest.fixture(scope="session")
def strait_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with one run of the Strait, 64 x 8 as in the docs, made once for all workers; to be copied."""
    from excomm.pipeline.assess import assess

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with (shared / "strait-runs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "strait-runs").exists():
            assess("strait", draws=64, replicates=8, out=shared / "strait-runs")
    return shared / "strait-runs"
