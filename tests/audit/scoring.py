"""Assertions found in an editorial against those marked by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from excomm.audit.lexicon import Lexicon, lexicon_of
from excomm.audit.model_reader import ModelReading, read_by_model, requests_for
from excomm.audit.readers import together
from excomm.audit.reading import Reading, Stated, read_argument
from excomm.audit.second import read_the_rest
from excomm.audit.verdicts import direction_of, links_of
from excomm.case import load
from excomm.case.model import Case
from excomm.evidence.language_model import Settings, key_of
from excomm.quantities import OUTCOMES

EDITORIALS = Path(__file__).parent / "editorials"
CASSETTES = Path(__file__).parent / "cassettes"
MODEL = "large-language-model"  # name under which the answers of the cassettes were kept
DEVELOPMENT = ("for-1", "against-1", "mixed-1")
HELD_BACK = ("for-2", "against-2", "mixed-2")
NEGATED = ("for-3", "against-3", "mixed-3")
BY_ANOTHER_HAND = ("for-4", "against-4", "mixed-4")
AFTER_THE_WIDENING = ("for-5", "against-5", "mixed-5")  # by another hand too; the bars are not met
AFTER_THE_SECOND_READER = (
    "for-6",
    "against-6",
    "mixed-6",
)  # by another hand, opened once with both readers finished
# By a fourth hand, opened once with the retrained learned reader and the language model finished.
FRESH = ("for-7", "against-7", "mixed-7")
FRESH_TOO = ("for-8", "against-8", "mixed-8")
# By a fifth and a sixth hand, opened once when the encoder was finished.
AFTER_THE_ENCODER = ("for-9", "against-9", "mixed-9")
IN_PLAIN_PROSE = ("for-10", "against-10", "mixed-10")
# By a seventh and an eighth hand, opened once when the encoder had been trained on twice as many hands.
AFTER_MORE_HANDS = ("for-11", "against-11", "mixed-11")
AFTER_MORE_HANDS_TOO = ("for-12", "against-12", "mixed-12")
# By a ninth and a tenth hand, opened once when the reader had learned of which option a text speaks.
WITH_OPTIONS = ("for-13", "against-13", "mixed-13")
WITH_OPTIONS_TOO = ("for-14", "against-14", "mixed-14")
# By an eleventh and a twelfth hand, opened once when the reader had learned to weigh in what stands around a stretch.
IN_CONTEXT = ("for-15", "against-15", "mixed-15")
IN_CONTEXT_TOO = ("for-16", "against-16", "mixed-16")
OTHER_SIDE = {"higher": "lower", "lower": "higher", "for": "against", "against": "for"}
# The plan may be linked to either proposition about it.
PLANS = {"deployment-800k", "official-decision", "plan"}


def link_of(stated: Stated) -> tuple[str, str]:
    """(target, side) that a found assertion is linked to; ("none", "") where the model does not cover it."""
    if stated.topic is None:
        return str(stated.option), "" if stated.disputed else str(stated.stance)
    kind = stated.topic.meaning.kind
    if kind == "unmodelled":
        return "none", ""
    target = {"proposition": "plan", "record": "record"}.get(kind, stated.topic.target)
    return str(target), direction_of(stated) if stated.is_sided else ""


def all_links(stated: Stated) -> set[tuple[str, str]]:
    """All (target, side) of a found assertion, with the other outcomes that measure the same thing."""
    target, side = link_of(stated)
    if stated.topic is None or side == "":
        return {(target, side)}
    return {(target, side), *((one.target, one.direction) for one in links_of(stated, target, None)[1:])}


def wanted(links: list[str]) -> set[tuple[str, str]]:
    """Links of a mark as (target, side)."""
    pairs = {(*link.split(), "")[:2] for link in links}
    return {("plan" if target in PLANS else target, side) for target, side in pairs}  # type: ignore[misc]


def _options(mark: dict[str, Any]) -> set[str]:
    """Options of which a marked assertion may be read to speak; none where it may speak of none in particular."""
    marked = mark.get("option", "any")
    options = {marked} if isinstance(marked, str) else set(marked)
    return set() if "any" in options else options


def _by_option(stated: Stated, case: Case) -> bool:
    """Whether what the model says about it depends on the option."""
    if stated.topic is None:
        return True
    target = stated.topic.target
    if stated.topic.meaning.kind in ("unmodelled", "proposition", "record") or target is None:
        return False
    return target in OUTCOMES or any(target in option.parameters for option in case.options)


@dataclass(frozen=True)
class Score:
    """marks, found: assertions marked and found; right: of those found, with a right link; about: with a right target,
    whatever the side; opposite: with a link to the wrong side of a right target; findings: all assertions found;
    extra: those that overlap no mark; fitting: those with a link that is right for a mark that
    they overlap; kinds: found ones whose kind agrees; of_option: those with a right link whose mark says which option
    they speak of, where that counts; options: of these, held against that option; missed and wrong: quotes.
    """

    marks: int
    found: int
    right: int
    about: int
    opposite: int
    findings: int
    extra: int
    fitting: int
    kinds: int
    of_option: int
    options: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]


READERS = ("rules", "learned", "both", "model", "rules+model", "all")


def recorded(name: str) -> list[dict[str, Any]]:
    """The lines of an editorial's cassette, in the order of its requests."""
    return [
        json.loads(line) for line in (CASSETTES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def is_current(name: str, case: Case, lexicon: Lexicon) -> bool:
    """Whether the answers of an editorial's cassette are answers to the requests of today."""
    text = (EDITORIALS / f"{name}.txt").read_text(encoding="utf-8")
    keys = [key_of(request) for request in requests_for(text, case, lexicon, MODEL)]
    return keys == [line["key"] for line in recorded(name)]


def read_from_cassette(name: str, text: str, case: Case, lexicon: Lexicon) -> ModelReading:
    """The recorded answers, in order, also where the request has been worded differently since (`is_current`)."""
    answers = iter(str(line["answer"]) for line in recorded(name))
    return read_by_model(text, case, lexicon, Settings("live", model=MODEL), ask=lambda _: next(answers))


@lru_cache(maxsize=64)
def read_by_both(text: str) -> Reading:
    """What the rules and the learned reader make of a text about `ukraine-2024`, read once."""
    case = load("ukraine-2024")
    lexicon = lexicon_of(case)
    return read_the_rest(text, case, lexicon, read_argument(text, case, lexicon))


def reading_of(name: str, text: str, case: Case, lexicon: Lexicon, readers: str) -> Reading:
    """What some of the readers make of an editorial."""
    nothing = Reading(text, (), ())
    if readers == "model":
        return together(nothing, read_from_cassette(name, text, case, lexicon))
    if readers == "learned":
        return read_the_rest(text, case, lexicon, nothing)
    reading = read_by_both(text) if readers in ("both", "all") else read_argument(text, case, lexicon)
    if readers in ("rules+model", "all"):
        reading = together(reading, read_from_cassette(name, text, case, lexicon))
    return reading


def score(names: tuple[str, ...], readers: str = "rules") -> Score:
    """Score the audit's reading of some editorials about `ukraine-2024`.

    readers: rules, learned, both (of these), model (the language model alone, from its cassette), rules+model or all.
    """
    case = load("ukraine-2024")
    lexicon = lexicon_of(case)
    marks = found = right = about = opposite = findings = extra = fitting = kinds = of_option = options = 0
    missed, wrong = [], []
    for name in names:
        text = (EDITORIALS / f"{name}.txt").read_text(encoding="utf-8")
        marked = yaml.safe_load((EDITORIALS / f"{name}.yaml").read_text(encoding="utf-8"))["assertions"]
        stated = reading_of(name, text, case, lexicon, readers).stated
        used: set[int] = set()
        fits: set[int] = set()
        for mark in marked:
            start = text.index(mark["quote"])
            end = start + len(mark["quote"])
            hits = [
                (at, one)
                for at, one in enumerate(stated)
                if min(end, one.end) - max(start, one.start) > min(end - start, one.end - one.start) / 2
            ]
            used |= {at for at, _ in hits}
            marks += 1
            found += bool(hits)
            links, right_ones = {link for _, one in hits for link in all_links(one)}, wanted(mark["links"])
            right += bool(links & right_ones)
            fits |= {at for at, one in hits if all_links(one) & right_ones}
            about += bool({target for target, _ in links} & {target for target, _ in right_ones})
            kinds += any(one.kind == mark["kind"] for _, one in hits)
            spoken = _options(mark)
            rightly = [one for _, one in hits if all_links(one) & right_ones and _by_option(one, case)]
            if spoken and rightly:
                of_option += 1
                options += any(one.option in spoken for one in rightly)
            if not links & right_ones and any(
                (target, OTHER_SIDE.get(side, "")) in right_ones for target, side in links
            ):
                opposite += 1
            if not hits:
                missed.append(mark["quote"])
            elif not links & right_ones:
                wrong.append(f"{mark['quote']} -> {sorted(links)}")
        findings += len(stated)
        extra += len(stated) - len(used)
        fitting += len(fits)
    return Score(
        marks, found, right, about, opposite, findings, extra, fitting, kinds, of_option, options,
        tuple(missed), tuple(wrong),
    )  # fmt: skip
