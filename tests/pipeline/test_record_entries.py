"""Two readings of a record: the change of resolve is that of the two draws, and its parts are the entries' own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from excomm.beliefs.issue_resolve import PARAMETER, entries_apart, resolve_by_entry
from excomm.case import load
from excomm.case.model import Case
from excomm.pipeline.disagree import RECORD, disagree
from excomm.pipeline.drawing import draw_case
from excomm.pipeline.record_entries import record_entries

NUMBER = 32
SIDES = ("narrow", "broad")


def drawn_resolve(case: Case, option: str, coding: Any) -> np.ndarray[Any, Any]:
    draws = draw_case(
        case, options=(option,), number=NUMBER, seed=3, coding=coding, as_of=case.as_of, probabilities={}
    )
    return draws.values[PARAMETER][0]


def test_entries_add_up_to_the_distance_of_the_two_draws() -> None:
    case = load("cuba-1962")
    option = case.options[-1].id
    found = record_entries(case, option, ("narrow", "broad"), draws=NUMBER, seed=3, sides=SIDES)
    assert found
    assert found.groups == tuple(entry.id for entry in entries_apart(case, ("narrow", "broad"), case.as_of))
    assert len(found.groups) == 4
    narrow, broad = (drawn_resolve(case, option, coding) for coding in SIDES)
    assert (found.first, found.second) == pytest.approx((narrow.mean(), broad.mean()), abs=1e-12)
    assert found.effect.sum() == pytest.approx((broad - narrow).mean(), abs=1e-12)
    assert found.effect[found.groups.index("su-berlin-1961")] > 0  # a threat that counts as carried out
    assert found.evaluations == 16


def test_an_entry_read_otherwise_by_itself_is_its_effect_alone() -> None:
    case = load("cuba-1962")
    option = case.reference.id
    found = record_entries(case, option, ("narrow", "broad"), draws=NUMBER, seed=3, sides=SIDES)
    assert found
    known: dict[str, Any] = {"number": NUMBER, "seed": 3, "as_of": case.as_of}
    none, one = (
        resolve_by_entry(case, option, ("narrow", "broad"), frozenset(chosen), **known).mean()
        for chosen in ((), ("su-berlin-1961",))
    )
    at = found.groups.index("su-berlin-1961")
    assert found.alone[at] == pytest.approx(one - none, abs=1e-12)


def test_records_that_both_codings_read_alike_have_no_parts() -> None:
    case = load("gulf-1991")
    assert entries_apart(case, ("narrow", "broad"), case.as_of) == ()
    assert record_entries(case, case.reference.id, ("narrow", "broad"), draws=8, seed=0, sides=SIDES) is None
    strait = load("strait")
    assert entries_apart(strait, ("narrow", "narrow"), strait.as_of) == ()


def test_disagree_names_the_entry() -> None:
    strait = load("strait")
    found = disagree(strait, strait, codings=("narrow", "broad"), draws=16, replicates=4)
    assert {each.group for each in found.settings} == {RECORD}
    assert found.record
    assert found.record.groups == ("w03",)
    assert "in the adversary's resolve under" in found.sentence
    assert found.to_json()["record"]["groups"][0]["group"] == "w03"
    # Nothing is clear in 16 draws: the widest gap of many is told as such, a result that is named is explained.
    assert found.why
    assert not any(each.clear for each in found.apart)
    assert f"in 0 of {len(found.apart)} results: the widest gap, in " in found.sentence
    assert "is no wider than chance makes the widest of so many." in found.sentence
    assert found.why.sentence not in found.sentence
    named = replace(found, chosen=True)
    assert named.why
    assert named.why.sentence in named.sentence
