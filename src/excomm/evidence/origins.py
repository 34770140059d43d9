"""Claims that go back to one origin, and how far different origins depend on each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from excomm.evidence.copies import Groups
from excomm.evidence.model import Claim, Report
from excomm.evidence.settings import Credibility
from excomm.evidence.voices import Voice

__all__ = ["Evidence", "Origin", "group_by_origin", "mean_dependence"]


@dataclass(frozen=True)
class Evidence:
    """One claim with its report, voice and weight for one hypothesis."""

    claim: Claim
    report: Report
    voice: Voice
    cluster: int
    polarity: int
    stated: tuple[float, float, float]
    log_lr: float


@dataclass(frozen=True)
class Origin:
    """Claims of one origin; `primary` is the one that counts, the others only show how far it spread."""

    primary: Evidence
    members: tuple[Evidence, ...]
    kind: str


def group_by_origin(evidence: Sequence[Evidence], config: Credibility) -> list[Origin]:
    """One origin for a copy cluster, a cited outlet, or a named voice (of one polarity).

    An outlet's own report and those that cite it share an origin when they are at most `cited_days` apart.
    """
    groups = Groups()
    by_key: dict[Hashable, list[int]] = defaultdict(list)
    span = int(config.number("copies", "cited_days"))
    for index, item in enumerate(evidence):
        groups.root(index)
        by_key["cluster", item.cluster, item.polarity].append(index)
        for kind, name in item.voice.keys:
            by_key["outlet" if kind == "outlet-own" else kind, name, item.polarity].append(index)
    cited = {key for item in evidence for key in item.voice.keys if key[0] == "outlet"}
    for key, members in by_key.items():
        kind = key[0] if isinstance(key, tuple) else ""
        if kind == "outlet" and isinstance(key, tuple) and ("outlet", key[1]) not in cited:
            continue
        ordered = sorted(members, key=lambda index: _day(evidence[index]))
        for left, right in pairwise(ordered):
            apart = (_day(evidence[right]) - _day(evidence[left])).days
            if kind != "outlet" or apart <= span:
                groups.join(left, right)
    collected: dict[object, list[Evidence]] = defaultdict(list)
    for index, item in enumerate(evidence):
        collected[groups.root(index)].append(item)
    origins = [_origin(members) for members in collected.values()]
    return sorted(origins, key=lambda origin: (_day(origin.primary), origin.primary.claim.id))


def _day(item: Evidence) -> date:
    return item.report.known or date.max


def _origin(members: list[Evidence]) -> Origin:
    """The earliest listed claim is primary; a later, bolder copy never replaces it."""
    ordered = sorted(
        members,
        key=lambda item: (
            _day(item),
            not item.voice.is_listed,
            len(item.claim.attribution),
            -abs(item.log_lr),
            item.claim.id,
        ),
    )
    if len({item.cluster for item in members}) < len({item.report.id for item in members}):
        kind = "copies"
    elif any(key[0] == "outlet" for item in members for key in item.voice.keys) and len(members) > 1:
        kind = "cited outlet"
    else:
        kind = "named voice" if ordered[0].voice.keys[0][0] == "voice" else "report"
    return Origin(ordered[0], tuple(ordered), kind)


def dependence(left: Voice, right: Voice, config: Credibility) -> float:
    """rho between two origins, by the closest tie that holds."""
    table = config.raw["dependence"]
    if left.is_anonymous and right.is_anonymous and left.anonymous_as == right.anonymous_as:
        apart = abs((left.day - right.day).days) if left.day and right.day else 0
        if apart <= int(table["anonymous_days"]):
            return float(table["same_anonymous_description"])
    if left.owner and left.owner == right.owner:
        return float(table["same_owner_or_state"])
    if left.speaker and left.speaker == right.speaker:
        return float(table["same_owner_or_state"])
    if left.is_first_hand != right.is_first_hand:
        return float(table["actors_own_statement"])
    if left.collection != right.collection:
        return float(table["other_collection"])
    return float(table["separate_newsrooms"])


def mean_dependence(voices: Sequence[Voice], config: Credibility) -> float:
    """Mean rho over all pairs; equal voices are counted once and weighted, so thousands of origins stay fast."""
    if len(voices) < 2:
        return 0.0
    counts: dict[Voice, int] = defaultdict(int)
    for voice in voices:
        counts[_tie(voice)] += 1
    kinds = list(counts.items())
    total = 0.0
    for place, (left, left_count) in enumerate(kinds):
        total += left_count * (left_count - 1) / 2 * dependence(left, left, config)
        for right, right_count in kinds[place + 1 :]:
            total += left_count * right_count * dependence(left, right, config)
    return total / (len(voices) * (len(voices) - 1) / 2)


def _tie(voice: Voice) -> Voice:
    """The voice with only what dependence looks at."""
    return Voice(
        letter="",
        keys=(),
        speaker=voice.speaker,
        owner=voice.owner,
        collection=voice.collection,
        is_anonymous=voice.is_anonymous,
        is_first_hand=voice.is_first_hand,
        is_interested=False,
        anonymous_as=voice.anonymous_as,
        day=voice.day if voice.is_anonymous else None,
        is_listed=False,
        label="",
    )
