"""One stored run of the Strait, the figures that the audit takes from it, and a call of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from excomm.audit.figures import Figures
from excomm.case import load
from excomm.cli import main
from excomm.engine.run import Run
from excomm.pipeline.assess import assess


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return assess("strait", draws=256, replicates=8, brief=False, out=tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def runs(run: Run) -> Path:
    return run.files["manifest"].parent.parent


@pytest.fixture(scope="session")
def figures(run: Run) -> Figures:
    return Figures.from_folder(run.files["manifest"].parent, load("strait"))


def call(*words: object) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    return int(stopped.value.code or 0)
