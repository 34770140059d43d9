"""Evidence: reports to claims to propositions; sources, origins, credibility, ledger.

    reports = read_reports(["reports/"])
    claims = [claim for report in reports for claim in extract(report, profile)]
    assess(claims, reports, case.propositions, case.sources, acceptance=case.acceptance, as_of=day, seed=0)

Names are loaded on first use: importing the room is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from excomm.evidence.assessment import assess
    from excomm.evidence.extraction.claims import extract
    from excomm.evidence.extraction.names import profile_of_case
    from excomm.evidence.highlight import reports_page
    from excomm.evidence.ledger import Ledger
    from excomm.evidence.ledger_state import fold, timeline
    from excomm.evidence.model import Acceptance, Assessment, Claim, Profile, Report
    from excomm.evidence.reading import read_reports
    from excomm.evidence.settings import default_credibility

__all__ = [
    "Acceptance",
    "Assessment",
    "Claim",
    "Ledger",
    "Profile",
    "Report",
    "assess",
    "default_credibility",
    "extract",
    "fold",
    "profile_of_case",
    "read_reports",
    "reports_page",
    "timeline",
]

_HOMES = {
    "Ledger": "ledger",
    "fold": "ledger_state",
    "timeline": "ledger_state",
    "reports_page": "highlight",
    "assess": "assessment",
    "extract": "extraction.claims",
    "profile_of_case": "extraction.names",
    "Acceptance": "model",
    "Assessment": "model",
    "Claim": "model",
    "Profile": "model",
    "Report": "model",
    "read_reports": "reading",
    "default_credibility": "settings",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"excomm.evidence.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'excomm.evidence' has no attribute {name!r}")
