"""The three lexicons side by side: equivalent sentences get the same status; negations that deny nothing."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from excomm.evidence import Claim, Report, extract
from excomm.evidence.lexicon import LANGUAGES, lexicon

from .scoring import gold_profile

TABLE = Path(__file__).parent / "parity.yaml"


@lru_cache(maxsize=1)
def _table() -> dict[str, list[list[Any]]]:
    return {part["drawn"]: part["rows"] for part in yaml.safe_load(TABLE.read_text(encoding="utf-8"))}


_profile = lru_cache(maxsize=1)(gold_profile)


def _read(text: str, language: str, genre: Any = "news") -> Claim:
    report = Report(
        text=text, source="Daily Gull", genre=genre, language=language, published=date(2031, 3, 1)
    )
    claims = extract(report, _profile())
    assert len(claims) == 1, text
    return claims[0]


def _differences(part: str, language: str) -> list[str]:
    found = []
    for status, *texts in _table()[part]:
        text = texts[LANGUAGES.index(language)]
        read = _read(text, language, *texts[3:]).status or "none"
        if read != status:
            found.append(f"{status} read as {read}: {text}")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_equivalent_sentences_get_the_same_status(language: str) -> None:
    assert _differences("rules", language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_that_no_rule_was_written_for_get_the_same_status(language: str) -> None:
    assert len(_differences("check", language)) <= 0.1 * len(_table()["check"])


def test_every_status_stands_in_the_table_and_each_language_has_every_list() -> None:
    statuses = {row[0] for rows in _table().values() for row in rows}
    assert statuses == {"confirmed", "unconfirmed", "denied", "contradicted", "none"}
    lists = [set(lexicon(language).raw) for language in LANGUAGES]
    shared = set.intersection(*lists)
    assert {"negation", "denial", "refusal", "talk", "idle_before", "idle_after"} <= shared


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("uk", "Міністерство оборони заперечило втрату корабля."),  # `-ни` before the verb is no negation
        ("ru", "Министр обороны опроверг потерю корабля."),
        ("uk", "Міністерство оборони не заперечило втрату корабля."),
        ("ru", "Министр обороны не опроверг потерю корабля."),
    ],
)
def test_a_denial_is_undone_by_a_negation_only(language: str, text: str) -> None:
    assert (_read(text, language).status == "denied") == (" не " not in text)
