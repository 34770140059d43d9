"""One shape for all tests of the engine: programs are compiled once and kept for the session."""

from __future__ import annotations

import pytest
from small_runs import simulated

from excomm.case import load
from excomm.case.model import Case
from excomm.engine.simulation import Simulation
from excomm.pipeline.compilation import use_compilation_cache


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> None:
    """Keep compiled programs, as the product does: a second simulation of a shape costs no compilation."""
    use_compilation_cache()


@pytest.fixture(scope="session")
def strait() -> Case:
    return load("strait")


@pytest.fixture(scope="session")
def base(strait: Case) -> Simulation:
    """The Strait with seed 0 in the shape of all tests."""
    return simulated(strait)
