"""Claims that go back to one origin, and how far different origins depend on each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from excomm.evidence.copies import Groups
from excomm.evidence.model import Claim, ReportHead
from excomm.evidence.settings import Credibility
from excomm.evidence.voices import Tie, Voice

__all__ = ["Evidence", "Origin", "OriginBuilder", "group_by_origin", "in_order", "mean_dependence"]


@dataclass(frozen=True)
class Evidence:
    """One claim with its report, voice and weight for one hypothesis."""

    claim: Claim
    report: ReportHead
    voice: Voice
    cluster: int
    polarity: int
    stated: tuple[float, float, float]
    log_lr: float
    claim_id: str

    @cached_property
    def precedence(self) -> tuple[Any, ...]:
        """Sorts claims of one origin: the earliest, then the listed, closest and strongest comes first."""
        return (
            _day(self),
            not self.voice.is_listed,
            len(self.claim.attribution),
            -abs(self.log_lr),
            self.claim_id,
        )


@dataclass(frozen=True)
class Origin:
    """Claims of one origin; `primary` is the one that counts, the others only show how far it spread."""

    primary: Evidence
    members: tuple[Evidence, ...]
    kind: str


class OriginBuilder:
    """Groups evidence by origin as it comes, day by day.

    One origin for a copy cluster, a cited outlet, or a named voice (of one polarity). An outlet's own report and
    those that cite it share an origin when they are at most `cited_days` apart.
    """

    def __init__(self, config: Credibility) -> None:
        self._span = int(config.number("copies", "cited_days"))
        self._groups = Groups()
        self._items: list[Evidence] = []
        self._last: dict[Hashable, int] = {}
        self._waiting: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._cited: set[tuple[str, int]] = set()
        self._first: dict[int, str] = {}
        self._leading: dict[object, Evidence] = {}  # primary claim of each group, by the group's root

    def add(self, item: Evidence) -> None:
        """Take in one more piece of evidence, not earlier than those before."""
        index = len(self._items)
        self._items.append(item)
        self._leading[self._groups.root(index)] = item
        self._chain(("cluster", item.cluster, item.polarity), index, None)
        is_copy = self._first.setdefault(item.cluster, item.report.id) != item.report.id
        for kind, name in item.voice.keys:
            outlet = (name, item.polarity)
            if kind in {"outlet-alone", "outlet-own"} and is_copy:
                continue  # whoever copies two stories does not make them one
            if kind == "voice":
                self._chain(("voice", *outlet), index, None)
            elif kind == "outlet-alone":
                self._chain(("alone", *outlet), index, None)
            elif kind == "outlet" or outlet in self._cited:
                if outlet not in self._cited:
                    self._cited.add(outlet)
                    for waiting in self._waiting.pop(outlet, ()):
                        self._chain(("outlet", *outlet), waiting, self._span)
                self._chain(("outlet", *outlet), index, self._span)
            else:
                self._waiting[outlet].append(index)

    def _chain(self, key: Hashable, index: int, span: int | None) -> None:
        last = self._last.get(key)
        if last is not None and last != index:
            apart = (_day(self._items[index]) - _day(self._items[last])).days
            if span is None or abs(apart) <= span:
                self._join(last, index)
        self._last[key] = index

    def _join(self, left: int, right: int) -> None:
        roots = {self._groups.root(left), self._groups.root(right)}
        self._groups.join(left, right)
        best = min((self._leading.pop(root) for root in roots), key=lambda item: item.precedence)
        self._leading[self._groups.root(left)] = best

    def primaries(self) -> list[Origin]:
        """Origins so far by their primary claims alone: enough to weigh them, without sorting all members."""
        found = [Origin(item, (item,), "report") for item in self._leading.values()]
        return sorted(found, key=lambda origin: (_day(origin.primary), origin.primary.claim_id))

    def origins(self) -> list[Origin]:
        """Origins so far, by the day of their primary claim."""
        collected: dict[object, list[Evidence]] = defaultdict(list)
        for index, item in enumerate(self._items):
            collected[self._groups.root(index)].append(item)
        found = [_origin(members) for members in collected.values()]
        return sorted(found, key=lambda origin: (_day(origin.primary), origin.primary.claim_id))


def group_by_origin(evidence: Sequence[Evidence], config: Credibility) -> list[Origin]:
    """Origins of the evidence; the order in which it is given does not matter."""
    builder = OriginBuilder(config)
    for item in in_order(evidence):
        builder.add(item)
    return builder.origins()


def in_order(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Evidence by day, then by claim."""
    return sorted(evidence, key=lambda item: (_day(item), item.claim_id))


def _day(item: Evidence) -> date:
    return item.report.known or date.max


def _origin(members: list[Evidence]) -> Origin:
    """The earliest listed claim is primary; a later, bolder copy never replaces it."""
    ordered = sorted(members, key=lambda item: item.precedence)
    if len({item.cluster for item in members}) < len({item.report.id for item in members}):
        kind = "copies"
    elif any(key[0] == "outlet" for item in members for key in item.voice.keys) and len(members) > 1:
        kind = "cited outlet"
    else:
        kind = "named voice" if ordered[0].voice.keys[0][0] == "voice" else "report"
    return Origin(ordered[0], tuple(ordered), kind)


def dependence(left: Tie, right: Tie, config: Credibility) -> float:
    """rho between two origins, by the closest tie that holds; anonymous descriptions are looked at apart."""
    table = config.raw["dependence"]
    if (left.owner and left.owner == right.owner) or (left.speaker and left.speaker == right.speaker):
        return float(table["same_owner_or_state"])
    if left.is_first_hand != right.is_first_hand:
        return float(table["actors_own_statement"])
    if left.collection != right.collection:
        return float(table["other_collection"])
    return float(table["separate_newsrooms"])


def mean_dependence(voices: Sequence[Voice], config: Credibility) -> float:
    """Mean rho over all pairs. Equal voices are counted once and weighted, so thousands of origins stay fast."""
    if len(voices) < 2:
        return 0.0
    ties = [voice.tie for voice in voices]
    kinds = list(Counter(ties).items())
    total = 0.0
    for place, (left, count) in enumerate(kinds):
        total += count * (count - 1) / 2 * dependence(left, left, config)
        total += sum(count * others * dependence(left, right, config) for right, others in kinds[place + 1 :])
    total += _anonymous_surplus(voices, ties, config)
    return total / (len(voices) * (len(voices) - 1) / 2)


def _anonymous_surplus(voices: Sequence[Voice], ties: Sequence[Tie], config: Credibility) -> float:
    """What pairs with the same anonymous description within a day add to the rho counted for them otherwise."""
    table = config.raw["dependence"]
    same, days = float(table["same_anonymous_description"]), int(table["anonymous_days"])
    by_day: dict[tuple[str, int | None], Counter[Tie]] = defaultdict(Counter)
    for voice, tie in zip(voices, ties, strict=True):
        if voice.is_anonymous:
            by_day[voice.anonymous_as, voice.day.toordinal() if voice.day else None][tie] += 1
    surplus = 0.0
    for (name, day), here in by_day.items():
        members = list(here.items())
        for place, (left, count) in enumerate(members):
            surplus += count * (count - 1) / 2 * max(0.0, same - dependence(left, left, config))
            for right, others in members[place + 1 :]:
                surplus += count * others * max(0.0, same - dependence(left, right, config))
            for later in range(day + 1, day + days + 1) if day is not None else ():
                for right, others in by_day.get((name, later), Counter()).items():
                    surplus += count * others * max(0.0, same - dependence(left, right, config))
    return surplus
