"""Assertions found in an editorial against those marked by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from excomm.audit.lexicon import lexicon_of
from excomm.audit.reading import Reading, Stated, read_argument
from excomm.audit.second import read_the_rest
from excomm.audit.verdicts import direction_of
from excomm.case import load

EDITORIALS = Path(__file__).parent / "editorials"
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
OTHER_SIDE = {"higher": "lower", "lower": "higher", "for": "against", "against": "for"}
# The plan may be linked to either proposition about it.
PLANS = {"deployment-800k", "official-decision", "plan"}


def link_of(stated: Stated) -> tuple[str, str]:
    """(target, side) that a found assertion is linked to; ("none", "") where the model does not cover it."""
    if stated.topic is None:
        return str(stated.option), str(stated.stance)
    kind = stated.topic.meaning.kind
    if kind == "unmodelled":
        return "none", ""
    target = {"proposition": "plan", "record": "record"}.get(kind, stated.topic.target)
    return str(target), direction_of(stated) if stated.is_sided else ""


def wanted(links: list[str]) -> set[tuple[str, str]]:
    """Links of a mark as (target, side)."""
    pairs = {(*link.split(), "")[:2] for link in links}
    return {("plan" if target in PLANS else target, side) for target, side in pairs}  # type: ignore[misc]


@dataclass(frozen=True)
class Score:
    """marks, found: assertions marked and found; right: of those found, with a right link; about: with a right target,
    whatever the side; opposite: with a link to the wrong side of a right target; findings: all assertions found;
    extra: those that overlap no mark; kinds: found ones whose kind agrees; missed and wrong: quotes.
    """

    marks: int
    found: int
    right: int
    about: int
    opposite: int
    findings: int
    extra: int
    kinds: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]


def score(names: tuple[str, ...], readers: str = "rules") -> Score:
    """Score the audit's reading of some editorials about `ukraine-2024`. readers: rules, learned or both."""
    case = load("ukraine-2024")
    lexicon = lexicon_of(case)
    marks = found = right = about = opposite = findings = extra = kinds = 0
    missed, wrong = [], []
    for name in names:
        text = (EDITORIALS / f"{name}.txt").read_text(encoding="utf-8")
        marked = yaml.safe_load((EDITORIALS / f"{name}.yaml").read_text(encoding="utf-8"))["assertions"]
        reading = read_argument(text, case, lexicon) if readers != "learned" else Reading(text, (), ())
        stated = (reading if readers == "rules" else read_the_rest(text, case, lexicon, reading)).stated
        used: set[int] = set()
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
            links, right_ones = {link_of(one) for _, one in hits}, wanted(mark["links"])
            right += bool(links & right_ones)
            about += bool({target for target, _ in links} & {target for target, _ in right_ones})
            kinds += any(one.kind == mark["kind"] for _, one in hits)
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
    return Score(marks, found, right, about, opposite, findings, extra, kinds, tuple(missed), tuple(wrong))
