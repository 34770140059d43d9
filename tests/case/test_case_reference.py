"""The reference page of the case file says what the loader accepts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from excomm.case.prior_text import parse_prior, split_quantity
from excomm.case.schema import (
    ADVERSARY_ATTRIBUTES,
    ALLIANCE_ATTRIBUTES,
    EFFECTS,
    FRAMEWORKS,
    OPTION_POSTURES,
    PURPOSES,
    ROLES,
    RULES_OF_ENGAGEMENT,
    TRIGGERS,
)
from excomm.errors import CaseError

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "case-file.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"`([^`\n]+)`", PAGE))
PRIORS = re.findall(r"^\| `([^`]+)` \|", PAGE.split("## Priors")[1].split("## Units")[0], re.MULTILINE)


def test_every_word_of_the_schema_is_on_the_page() -> None:
    for words in (
        ADVERSARY_ATTRIBUTES,
        ALLIANCE_ATTRIBUTES,
        EFFECTS,
        FRAMEWORKS,
        OPTION_POSTURES,
        PURPOSES,
        ROLES,
        RULES_OF_ENGAGEMENT,
        TRIGGERS,
    ):
        assert set(words) <= WORDS


def test_every_key_that_the_loader_knows_is_on_the_page(bench, swap) -> None:
    (error,) = bench.errors(swap("format: 1", "format: 1\nwhatever: 2"))
    known = (error.expected or "").removeprefix("one of ").split(", ")
    assert len(known) > 15
    assert set(known) <= WORDS


@pytest.mark.parametrize("text", PRIORS)
def test_every_prior_on_the_page_is_understood(text: str) -> None:
    unit = text.rpartition(" ")[2]
    prior = parse_prior(text, unit)
    assert prior.p05 <= prior.median <= prior.p95


def test_the_page_lists_every_form() -> None:
    from excomm.case.prior_text import FORMS

    assert {re.match(r"[a-z]*", text)[0] for text in PRIORS} - {""} == set(re.findall(r"([a-z]+)\(", FORMS))


@pytest.mark.parametrize("text", ["up to 800k troops", "800,000 troops", "10-40 troops", "about 500 troops"])
def test_what_the_page_calls_refused_is_refused(text: str) -> None:
    assert f"`{text}`" in PAGE
    with pytest.raises(CaseError):
        split_quantity(text)
    with pytest.raises(CaseError):
        parse_prior(text, "troops")
