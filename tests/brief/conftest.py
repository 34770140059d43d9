"""Runs of known numbers, and the briefs written from them once."""

from __future__ import annotations

import pytest
from brief_case import example_run, hostile_run

from excomm.brief.figures import Figures
from excomm.brief.html import render
from excomm.brief.outline import Brief, outline
from excomm.engine.run import Run


@pytest.fixture(scope="session")
def run() -> Run:
    return example_run()


@pytest.fixture(scope="session")
def figures(run: Run) -> Figures:
    return Figures(run)


@pytest.fixture(scope="session")
def brief(run: Run) -> Brief:
    return outline(run)


@pytest.fixture(scope="session")
def page(run: Run) -> str:
    return render(run)


@pytest.fixture(scope="session")
def hostile_page() -> str:
    return render(hostile_run())
