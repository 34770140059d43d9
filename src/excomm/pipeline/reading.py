"""Reports and propositions of a case: what is claimed, by whom, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from excomm.case.model import Case

__all__ = ["Evidence", "read_evidence"]


@dataclass(frozen=True)
class Evidence:
    """What the reports of a case say by a date: reports, claims, assessed propositions."""

    reports: tuple[Any, ...]
    claims: tuple[Any, ...]
    assessments: tuple[Any, ...]
    warnings: tuple[str, ...]


def read_evidence(case: Case, *, as_of: date, seed: int) -> Evidence:
    """Read the reports that a case had by a date and assess its propositions.

    Raises ReportError for a report that cannot be read.
    """
    if not case.report_paths and not case.propositions:
        return Evidence((), (), (), ())
    from excomm import evidence
    from excomm.evidence.linking import link_all

    reports = evidence.read_reports(case.report_paths, as_of=as_of)
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
    return Evidence(reports=reports, claims=claims, assessments=tuple(assessments), warnings=())
