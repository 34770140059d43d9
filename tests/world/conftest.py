"""Compiled programs are kept between sessions, as the product keeps them."""

from __future__ import annotations

import pytest

from excomm.pipeline.compilation import use_compilation_cache


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> None:
    use_compilation_cache()
