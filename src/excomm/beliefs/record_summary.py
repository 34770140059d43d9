"""What a case's record says: counts, the simple model, resolve by issue, and the other coding beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from excomm.beliefs.record import (
    CODINGS,
    BetaPosterior,
    Coding,
    IssueCounts,
    Record,
    posterior,
    read_record,
)
from excomm.beliefs.resolve import IssueResolve, ResolveFit, ResolvePriors, fit_resolve
from excomm.case.model import Case, Option
from excomm.errors import CaseError, RecordError, UsageError

__all__ = ["RecordSummary", "SimpleRate", "issue_of", "summarise_record"]

SIMPLE_ICC = 0.35  # judgement: middle of 0.2 to 0.5 for warnings that come in series
JEFFREYS = (0.5, 0.5)


@dataclass(frozen=True)
class SimpleRate:
    """Jeffreys posterior of the share of crossed lines on an issue after which the adversary acted."""

    issue: str
    rate: BetaPosterior


@dataclass(frozen=True)
class RecordSummary:
    """A record as known at the case's information date, read under one coding.

    counts and rates: the adversary's own warnings; fit and other: resolve under this coding and the other one.
    """

    case: str
    adversary: str
    host: str
    coding: Coding
    record: Record
    counts: tuple[IssueCounts, ...]
    rates: tuple[SimpleRate, ...]
    fit: ResolveFit
    other: ResolveFit

    def difference(self, issue: str) -> float:
        """Mean P(resolved | issue) under the other coding minus that under this one."""
        return self.other.issue(issue).mean - self.fit.issue(issue).mean

    def to_json(self) -> dict[str, Any]:
        """The object that `excomm record --json` prints."""
        return {
            "case": self.case,
            "coding": self.coding,
            "other_coding": self.other.coding,
            "adversary": self.adversary,
            "host": self.host,
            "counts": [asdict(counts) for counts in self.counts],
            "rates": [_rate(entry) for entry in self.rates],
            "resolve": [self._issue(found) for found in self.fit.issues],
            "coefficients": [asdict(coefficient) for coefficient in self.fit.coefficients],
            "priors": asdict(ResolvePriors()) | {"source": "judgement"},
            "diagnostics": {
                "effective_sample_size": min(self.fit.effective, self.other.effective),
                "points": self.fit.points,
            },
            "record": [_row(entry) for entry in self.record],
        }

    def _issue(self, found: IssueResolve) -> dict[str, Any]:
        other = self.other.issue(found.issue)
        return {
            "issue": found.issue,
            "grade": found.grade,
            "extrapolated": found.extrapolated,
            "informative": found.informative,
            "effective": found.effective,
            "prior": {"mean": found.prior_mean, "p05": found.prior_p05, "p95": found.prior_p95},
            "posterior": {"mean": found.mean, "p05": found.p05, "p95": found.p95},
            "under_other_coding": {"mean": other.mean, "p05": other.p05, "p95": other.p95},
            "difference": self.difference(found.issue),
        }


def summarise_record(case: Case, coding: Coding = "narrow") -> RecordSummary:
    """Read the case's record as known at its information date and fit it under both codings.

    Raises RecordError where the case has no record or the record cannot be read.
    """
    if coding not in CODINGS:
        raise UsageError(f'"{coding}" is not a coding.', expected="narrow or broad")
    if case.record_path is None:
        raise RecordError(
            f"The case {case.id} has no record of warnings.",
            file=case.file,
            expected="a table record.csv beside case.yaml",
            next_step="Add one; the shipped case ukraine-2024 is an example.",
        )
    adversary, host = (_only(case, role) for role in ("adversary", "host"))
    record = read_record(case.record_path).as_known(case.as_of)
    own = record.by(adversary)
    counts = own.table(coding)
    names = [entry.issue for entry in counts if entry.executed + entry.not_executed]
    rates = [
        SimpleRate(issue or "all issues", posterior(own, issue, coding, prior=JEFFREYS, icc=SIMPLE_ICC))
        for issue in (*names, None)
    ]
    other: Coding = "broad" if coding == "narrow" else "narrow"
    return RecordSummary(
        case=case.id,
        adversary=adversary,
        host=host,
        coding=coding,
        record=record,
        counts=counts,
        rates=tuple(rates),
        fit=fit_resolve(record, coding, adversary=adversary, host=host),
        other=fit_resolve(record, other, adversary=adversary, host=host),
    )


def issue_of(option: Option) -> str:
    """Issue of resolve that an option raises (judgement): its deepest commitment decides.

    Nothing of the alliance's own is aid; fire from its own territory counts as strikes; troops with rules of
    combat, or on the line under any rules but self-defence, as combat; all others as troops.
    """
    if option.posture == "none":
        return "aid"
    if option.posture == "air-only":
        return "strikes"
    fights = option.rules_of_engagement == "combat" or (
        option.posture == "line" and option.rules_of_engagement != "self-defence"
    )
    return "troops-combat" if fights else "troops"


def _only(case: Case, role: str) -> str:
    actors = case.in_role(role)
    if not actors:
        raise CaseError(
            f"No actor has the role {role}.", file=case.file, expected=f"an actor with role: {role}"
        )
    return actors[0].id


def _rate(entry: SimpleRate) -> dict[str, Any]:
    low, high = entry.rate.interval()
    return {
        "issue": entry.issue,
        "executed": entry.rate.executed,
        "informative": entry.rate.informative,
        "effective": entry.rate.effective,
        "icc": SIMPLE_ICC,
        "prior": list(JEFFREYS),
        "mean": entry.rate.mean,
        "p05": low,
        "p95": high,
    }


def _row(entry: Any) -> dict[str, Any]:
    row = asdict(entry)
    row["date"] = entry.date.isoformat()
    row["outcome_date"] = entry.outcome_date.isoformat() if entry.outcome_date else None
    return row
