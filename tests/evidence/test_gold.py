"""The reading against gold items that were written before its rules, and against public data."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest
import yaml

from excomm.evidence.extraction.events import rank_events
from excomm.evidence.extraction.quantities import quantities
from excomm.evidence.lexicon import fold, lexicon

from .scoring import kind_f1, linking, load_rows, origin_score, slot_f1
from .story import GOLD, gold_documents

BOUNDS = {"status": 0.85, "quantity": 0.90, "hedge": 0.85, "attribution": 0.80}


@pytest.mark.parametrize("split", ["dev", "test"])
def test_slots(split: str) -> None:
    rows = load_rows(split)
    assert all(row.claim is not None for row in rows)
    assert kind_f1(rows) >= 0.80
    for slot, least in BOUNDS.items():
        assert slot_f1(rows, slot) >= least, slot
    for language in ("en", "uk", "ru"):
        assert slot_f1(load_rows(split, language), "status") >= BOUNDS["status"], language


@pytest.mark.parametrize("split", ["dev", "test"])
def test_links_are_precise_and_cover_enough(split: str) -> None:
    precision, coverage = linking(load_rows(split))
    assert precision >= 0.90
    assert coverage >= 0.60


# English documents by other hands, which had not seen the rules: what was measured, rounded down; of `check`, whose
# sentences nobody looks at, less what one or two sentences weigh.
# The bars that the first hand's items meet are not met on them (see gold/README.md).
SCORES = ("kind", "status", "quantity", "hedge", "attribution", "links")
FLOORS = {
    ("second", "dev"): (0.95, 0.98, 0.92, 1.0, 0.89, 1.0),
    ("second", "check"): (0.60, 0.82, 0.61, 0.66, 0.59, 1.0),
    ("third", "dev"): (0.80, 0.88, 0.77, 0.78, 0.72, 0.74),
    ("fourth", "dev"): (0.80, 0.90, 0.76, 0.66, 0.73, 0.49),
    ("fourth", "check"): (0.45, 0.66, 0.53, 0.66, 0.44, 0.49),
}


@pytest.mark.parametrize(("hand", "split"), list(FLOORS))
def test_documents_by_other_hands_read_as_well_as_measured(hand: str, split: str) -> None:
    rows = load_rows(split, hand=hand)
    assert all(row.claim is not None for row in rows)
    found = [kind_f1(rows), *(slot_f1(rows, slot) for slot in BOUNDS), linking(rows)[0]]
    below = {
        name: value
        for name, value, least in zip(SCORES, found, FLOORS[hand, split], strict=True)
        if value < least
    }
    assert below == {}


def test_origins_across_copies_and_languages() -> None:
    assert origin_score(gold_documents("test")) >= 0.95


def test_hidden_instructions_are_taken_as_text_only() -> None:
    for row in load_rows("dev") + load_rows("test"):
        text = row.gold["t"].lower()
        if any(cue in text for cue in ("ignore all", "system:", "ігноруй", "игнорируй")):
            assert row.claim is not None
            assert row.claim.kind == "background"
            assert (row.claim.proposition, row.claim.hedge, row.claim.quantities) == (None, None, ())


def test_every_span_is_verbatim() -> None:
    for row in load_rows("dev"):
        assert row.claim is not None
        assert row.claim.quote in row.gold["t"]
        for each in row.claim.quantities:
            assert each.start >= row.claim.start
            assert each.end <= row.claim.end


@pytest.mark.real_data
def test_event_types_of_public_gold_sentences(real_data: Path) -> None:
    """In sample: the English event cues were written with this list in view."""
    path = real_data / "claims" / "event_gold.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    items = json.loads(path.read_text(encoding="utf-8"))
    own = {
        "DEPLOY",
        "TRANSIT",
        "AIR_DEFENCE",
        "NUCLEAR_SIGNAL",
        "AIRSPACE_INCIDENT",
        "DENY",
        "CONFIRM",
        "RETRACT",
    }
    first = within = 0
    for item in items:
        found = [name.split(".")[0] for name, _ in rank_events(fold(item["text"]), "en")]
        found = [name for name in found if name not in own]
        first += found[:1] == [item["event"]]
        within += item["event"] in found
    assert first / len(items) >= 0.55
    assert within / len(items) >= 0.75


@pytest.mark.real_data
def test_quantities_of_public_posts_that_were_checked_by_hand(real_data: Path) -> None:
    path = real_data / "claims" / "ru_mod_posts.csv"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    checked = yaml.safe_load((GOLD / "mod_posts_checked.yaml").read_text(encoding="utf-8"))
    with path.open(encoding="utf-8", newline="") as stream:
        posts = {
            hashlib.sha256((row["datetime"] + row["text_snippet"]).encode()).hexdigest()[:10]: row[
                "text_snippet"
            ]
            for row in csv.DictReader(stream)
        }
    words, right, made = lexicon("ru"), 0, 0
    for entry in checked:
        text = posts[entry["post"]]
        found = {(each.bound, each.low, each.high, each.unit) for each in quantities(text, fold(text), words)}
        first, truth = tuple(entry["first_read"]), entry["right"] and tuple(entry["right"])
        made += first in found or (truth is not None and truth in found)
        right += truth is not None and truth in found
    assert len(checked) == 100
    assert right / made >= 0.95
    assert right / len(checked) >= 0.90
