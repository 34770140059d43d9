"""How sure a sentence says its matter is: English sentences in everyday wording, besides the gold items."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from excomm.evidence import Report, extract

from .scoring import gold_profile

TABLE = Path(__file__).parent / "status.yaml"

_profile = lru_cache(maxsize=1)(gold_profile)


def _rows() -> list[Any]:
    marks = {"missed": [pytest.mark.xfail(reason="known: read wrongly", strict=True)]}
    return [
        pytest.param(status, genre, text, marks=marks[rest[0]] if rest else [])
        for part in yaml.safe_load(TABLE.read_text(encoding="utf-8"))
        for status, genre, text, *rest in part["rows"]
    ]


@pytest.mark.parametrize(("status", "genre", "text"), _rows())
def test_status_of_a_sentence_in_everyday_wording(status: str, genre: Any, text: str) -> None:
    report = Report(text=text, source="Daily Gull", genre=genre, language="en", published=date(2031, 3, 1))
    (claim,) = extract(report, _profile())
    assert (claim.status or "none") == status


def test_few_of_these_sentences_are_missed() -> None:
    parts = {part["drawn"]: part["rows"] for part in yaml.safe_load(TABLE.read_text(encoding="utf-8"))}
    for rows in parts.values():
        assert sum(len(row) > 3 for row in rows) <= 0.2 * len(rows)
