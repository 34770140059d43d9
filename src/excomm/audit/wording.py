"""Findings in the words of a table and of the page."""

from __future__ import annotations

from excomm.analysis.wording import number, percent
from excomm.audit.model import Finding
from excomm.quantities import OUTCOMES

__all__ = ["claim_text", "probability_text", "reader_text", "target_text", "value_text"]

_SIDES = {"higher": "high", "lower": "low", "unclear": "side unclear"}


def target_text(finding: Finding) -> str:
    """What an assertion is about, in the model's names: "Allied dead per 1,000 deployed: low"."""
    if not finding.links:
        if finding.kind == "conclusion":
            return finding.label
        return f"{finding.label} ({'side unclear' if finding.verdict == 'sense unclear' else 'not modelled'})"
    link = finding.links[0]
    named = OUTCOMES[link.target].label if link.target in OUTCOMES else finding.label
    return f"{named}: {_SIDES.get(link.direction, link.direction)}"


def reader_text(finding: Finding) -> str:
    """Where a finding of the learned reader comes from; empty for the others."""
    if finding.confidence is None:
        return ""
    return f"Learned reader, {finding.confidence:.0%} confident of the topic; most like “{finding.nearest}”"


def claim_text(finding: Finding) -> str:
    """The side that a finding is read to take, and by whom where a language model has read it."""
    read = "Read by a language model" if finding.reader == "language model" else "Read"
    if finding.claim:
        return f"{read} as: {finding.claim}"
    return "" if read == "Read" else read


def probability_text(finding: Finding) -> str:
    """Probability of the statement with its interval: "43% (38% to 48%)"."""
    if finding.probability is None or finding.p05 is None or finding.p95 is None:
        return "–"
    return f"{_shown(finding.probability)} ({_shown(finding.p05)} to {_shown(finding.p95)})"


def _shown(probability: float) -> str:
    return "0%" if probability <= 0 else percent(probability)


def value_text(finding: Finding) -> str:
    """Mean and 90 % range of the quantity behind a finding."""
    if finding.value is None:
        return ""
    mean, low, high = (number(float(finding.value[key])) for key in ("mean", "p05", "p95"))
    return f"{mean} {finding.value['unit']} ({low} to {high})"
