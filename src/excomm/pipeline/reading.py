"""Reports and propositions of a case: what is claimed, by whom, and what follows from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from excomm.case.model import Case

__all__ = ["Evidence", "ledger_digest", "read_evidence"]

_DECISIONS = {"accept", "reject", "link", "retract", "correct", "regrade", "resolve"}


@dataclass(frozen=True)
class Evidence:
    """What the reports of a case say by a date: reports, claims, assessed propositions."""

    reports: tuple[Any, ...]
    claims: tuple[Any, ...]
    assessments: tuple[Any, ...]
    warnings: tuple[str, ...]


def read_evidence(case: Case, *, as_of: date, seed: int, ledger: Path | None = None) -> Evidence:
    """Read the reports that a case had by a date and assess its propositions.

    ledger: takes the reports, claims and decisions of a ledger instead of the case's own reports.

    Raises ReportError for a report that cannot be read.
    """
    if ledger is not None:
        return _from_ledger(case, as_of, seed, ledger)
    if not case.report_paths and not case.propositions:
        return Evidence((), (), (), ())
    from excomm import evidence
    from excomm.evidence.linking import link_all
    from excomm.evidence.reading import collect_reports

    collected = collect_reports(case.report_paths, as_of=as_of, skip_other_kinds=True)
    reports = collected.reports
    profile = evidence.profile_of_case(case.actors, case.propositions)
    proposed = [claim for report in reports for claim in evidence.extract(report, profile)]
    claims = tuple(link_all(proposed, case.propositions))
    assessments = evidence.assess(
        claims,
        reports,
        case.propositions,
        case.sources,
        acceptance=case.acceptance,
        as_of=as_of,
        seed=seed,
    )
    return Evidence(reports=reports, claims=claims, assessments=tuple(assessments), warnings=collected.unread)


def _from_ledger(case: Case, as_of: date, seed: int, path: Path) -> Evidence:
    from excomm.evidence.ledger import Ledger
    from excomm.evidence.ledger_state import fold

    with Ledger(path) as ledger:
        state = fold(ledger, as_of, policy=case.acceptance.policy)
        later = [each for each in ledger.updates() if each.effective > as_of and each.kind in _DECISIONS]
        reports = tuple(
            report for report in ledger.reports() if report.known is None or report.known <= as_of
        )
    known = {item.id for item in case.propositions}
    assessments = tuple(item for item in state.assess(seed=seed) if item.proposition in known)
    claims = tuple(claim for claim in state.claims if claim.proposition in known)
    missing = sorted(known - {item.proposition for item in assessments})
    warnings = tuple(
        f"The ledger does not have the proposition {name}: its prior is used." for name in missing
    )
    if later:
        kinds = ", ".join(
            f"{number} {kind}" for kind, number in sorted(Counter(each.kind for each in later).items())
        )
        warnings += (
            f"Decisions of the ledger that hold only after {as_of} do not count ({kinds}). One made today about what "
            f"was known then needs --date {as_of}, or --case.",
        )
    return Evidence(reports=reports, claims=claims, assessments=assessments, warnings=warnings)


def ledger_digest(path: Path) -> str:
    """Name of what a ledger holds: equal ledgers give equal runs. Raises UsageError where there is no such file."""
    import hashlib

    from excomm.evidence.ledger import Ledger
    from excomm.storage import existing_file

    begin = f"Begin one with `excomm ledger add REPORT… --case CASE --who YOU --ledger {path}`."
    existing_file(path, "a ledger file of ExComm", option="--ledger", next_step=begin)
    digest = hashlib.sha256()
    with Ledger(path) as opened:
        for line in opened.export():
            digest.update(line.encode())
    return digest.hexdigest()[:16]
