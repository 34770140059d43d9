"""What a record holds: dated public warnings and what followed, under two codings.

A row of `record.csv` is one warning. It carries two codings of what followed. *Narrow*: the speaker did
what was threatened to the party that was threatened, within twelve months of the crossing. *Broad*: any
serious and costly reaction that can reasonably be attributed. A line that was respected or never tested says
nothing about whether the threat would have been carried out: it is censored, not counted as a failure.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

__all__ = [
    "CODINGS",
    "COLUMNS",
    "ISSUES",
    "LINE_STATUSES",
    "OUTCOMES",
    "RANKS",
    "Coding",
    "IssueCounts",
    "Outcome",
    "Record",
    "RecordedWarning",
]

Coding = Literal["narrow", "broad"]
Outcome = Literal["executed", "not-executed", "censored"]

CODINGS: tuple[Coding, ...] = get_args(Coding)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
RANKS = ("head", "minister", "official", "spokesman", "body")
ISSUES = (
    "aid",
    "strikes",
    "troops",
    "core",
    "regime",
    "energy",
    "trade",
    "basing",
    "air-defence",
    "nuclear",
    "membership",
)
LINE_STATUSES = ("crossed", "partly", "respected", "untested")
COLUMNS = (
    "id",
    "date",
    "speaker",
    "speaker_rank",
    "actor",
    "target",
    "issue",
    "severity",
    "explicit",
    "warning",
    "line_status",
    "outcome_date",
    "outcome",
    "narrow",
    "broad",
    "source",
    "note",
)


@dataclass(frozen=True)
class RecordedWarning:
    """One public warning and what followed. `line` is its place in the file.

    severity: 1 displeasure, 2 vague consequences, 3 economic or unspecified acts, 4 military action against
    the party warned, 5 war or nuclear weapons. explicit: whether the act was named. outcome_date: day of what
    decided the line's status, or of the reaction.
    """

    id: str
    date: datetime.date
    speaker: str
    speaker_rank: str
    actor: str
    target: str
    issue: str
    severity: int
    explicit: bool
    warning: str
    line_status: str
    outcome_date: datetime.date | None
    outcome: str
    narrow: Outcome
    broad: Outcome
    source: str
    note: str
    line: int

    def coded(self, coding: Coding) -> Outcome:
        """What followed, under one of the two codings."""
        return self.narrow if coding == "narrow" else self.broad


@dataclass(frozen=True)
class IssueCounts:
    """Warnings on one issue: lines crossed (also in part), respected and untested, and what followed."""

    issue: str
    warnings: int
    crossed: int
    respected: int
    untested: int
    executed: int
    not_executed: int
    censored: int


@dataclass(frozen=True, repr=False)
class Record:
    """Warnings in the order of their dates."""

    warnings: tuple[RecordedWarning, ...]
    file: str = ""

    def __len__(self) -> int:
        return len(self.warnings)

    def __iter__(self) -> Iterator[RecordedWarning]:
        return iter(self.warnings)

    def __repr__(self) -> str:
        span = f", {self.warnings[0].date} to {self.warnings[-1].date}" if self.warnings else ""
        return f"<Record: {len(self)} warnings{span}>"

    def by(self, actor: str | None = None, issue: str | None = None) -> Record:
        """Warnings by one actor, on one issue, or both."""
        kept = tuple(
            entry
            for entry in self.warnings
            if (actor is None or entry.actor == actor) and (issue is None or entry.issue == issue)
        )
        return Record(kept, self.file)

    def as_known(self, on: datetime.date) -> Record:
        """The record as it stood on a day: later warnings are left out, later outcomes were not yet known."""
        known = []
        for entry in self.warnings:
            if entry.date > on:
                continue
            if entry.outcome_date is not None and entry.outcome_date > on:
                entry = replace(
                    entry,
                    line_status="untested",
                    outcome_date=None,
                    outcome="",
                    narrow="censored",
                    broad="censored",
                )
            known.append(entry)
        return Record(tuple(known), self.file)

    def table(self, coding: Coding) -> tuple[IssueCounts, ...]:
        """Counts by issue in the order of `ISSUES`; issues without a warning are left out."""
        counts = []
        for issue in ISSUES:
            entries = [entry for entry in self.warnings if entry.issue == issue]
            if not entries:
                continue
            status = [entry.line_status for entry in entries]
            coded = [entry.coded(coding) for entry in entries]
            counts.append(
                IssueCounts(
                    issue=issue,
                    warnings=len(entries),
                    crossed=status.count("crossed") + status.count("partly"),
                    respected=status.count("respected"),
                    untested=status.count("untested"),
                    executed=coded.count("executed"),
                    not_executed=coded.count("not-executed"),
                    censored=coded.count("censored"),
                )
            )
        return tuple(counts)
