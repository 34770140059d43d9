"""A small complete case with its own small defaults, to be broken one line at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_case import CASE, DEFAULTS

from excomm.case.load import load
from excomm.case.model import Case
from excomm.errors import CaseError, CaseErrors


@dataclass(frozen=True)
class Workbench:
    """Writes variants of the small case and loads them."""

    folder: Path

    @property
    def case_folder(self) -> Path:
        return self.folder / "small"

    def write(self, text: str = CASE, *, defaults: str = DEFAULTS) -> Path:
        (self.folder / "defaults").mkdir(exist_ok=True)
        (self.folder / "defaults" / "all.yaml").write_text(defaults, encoding="utf-8")
        self.case_folder.mkdir(exist_ok=True)
        (self.case_folder / "case.yaml").write_text(text, encoding="utf-8")
        return self.case_folder

    def load(self, text: str = CASE, *, defaults: str = DEFAULTS) -> Case:
        return load(self.write(text, defaults=defaults), defaults_folder=self.folder / "defaults")

    def errors(self, text: str = CASE, *, defaults: str = DEFAULTS) -> list[CaseError]:
        """What loading complains about; each error must say where, what was expected and what to do."""
        with pytest.raises(CaseError) as caught:
            self.load(text, defaults=defaults)
        errors = caught.value.errors if isinstance(caught.value, CaseErrors) else [caught.value]
        for error in errors:
            assert error.file
            assert error.line
            assert error.expected
            assert error.next_step
        return errors


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


@pytest.fixture
def swap() -> Callable[[str, str], str]:
    """The small case with one piece of text replaced, which must stand in it exactly once."""

    def replace(old: str, new: str) -> str:
        assert CASE.count(old) == 1, old
        return CASE.replace(old, new)

    return replace
