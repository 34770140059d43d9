"""Key details: what is believed and how well, with the sentences that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from excomm.brief.figures import Figures
from excomm.brief.strips import Scale, Strip
from excomm.brief.words import chance, day, listed
from excomm.evidence.lexicon import LANGUAGES

if TYPE_CHECKING:
    from excomm.evidence.model import Assessment, Claim, Report

__all__ = ["ClaimView", "KeyDetails", "PropositionView", "RivalView", "key_details"]

_RELIABILITY = {
    "A": "source reliable",
    "B": "source usually reliable",
    "C": "source fairly reliable",
    "D": "source not usually reliable",
    "E": "source unreliable",
    "F": "reliability of the source unknown",
}
_CREDIBILITY = {
    1: "confirmed by other sources",
    2: "probably true",
    3: "possibly true",
    4: "doubtful",
    5: "improbable",
    6: "truth cannot be judged",
}
_LEADING = 3
_LEANS = {1: "counts for", -1: "counts against"}


@dataclass(frozen=True)
class ClaimView:
    """One sentence of a report and what it is taken to say."""

    id: str
    quote: str
    source: str
    title: str
    published: str
    letter: str
    kind: str
    status: str
    leans: str
    hedge: str
    chain: str


@dataclass(frozen=True)
class RivalView:
    """Another explanation of the same reports."""

    text: str
    prior: str
    posterior: str


@dataclass(frozen=True)
class PropositionView:
    """A proposition before and after the reports. `strip`: prior as the tick, posterior with its interval."""

    id: str
    text: str
    status: str
    admiralty: str
    admiralty_meaning: str
    prior: str
    posterior: str
    posterior_short: str
    interval: str
    strip: Strip
    rivals: tuple[RivalView, ...]
    origins: str
    influence: str
    parameter: str
    claims: tuple[ClaimView, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class KeyDetails:
    """Propositions with their claims, and claims that belong to none."""

    propositions: tuple[PropositionView, ...]
    other_claims: tuple[ClaimView, ...]
    leading: tuple[PropositionView, ...]
    reports: int
    summary: str


def _percent(probability: float) -> str:
    if 0 < probability < 0.01:
        return "<1%"
    if 0.99 < probability < 1:
        return ">99%"
    return f"{probability:.0%}"


def _leaning(claim: Claim, rivals: Mapping[str, str]) -> str:
    """What the sentence counts for or against: the proposition, or one of its rivals."""
    leans = _LEANS.get(claim.polarity or 0, "")
    if leans and claim.rival:
        return f"{leans} the rival “{rivals.get(claim.rival, claim.rival)}”"
    return f"{leans} it" if leans else ""


def _claim_view(
    claim: Claim,
    reports: Mapping[str, Report],
    names: Mapping[str, tuple[str, str]],
    rivals: Mapping[str, str],
) -> ClaimView:
    """A claim with its source: `names` maps ids and names of sources to name and letter."""
    report = reports.get(claim.report)
    stated = (report.source or "") if report else ""
    source, letter = names.get(stated, names.get(stated.casefold(), (stated, "F")))
    links = [link.name for link in claim.attribution if link.name]
    hedge = ""
    if claim.hedge:
        hedge = f"“{claim.hedge.cue}” ({_percent(claim.hedge.low)} to {_percent(claim.hedge.high)})"
    return ClaimView(
        id=claim.id,
        quote=claim.quote,
        source=source or "source not stated",
        title=(report.title or "") if report else "",
        published=day(report.published) if report and report.published else "no date",
        letter=letter,
        kind=claim.kind,
        status=claim.status or "status open",
        leans=_leaning(claim, rivals),
        hedge=hedge,
        chain=listed(links),
    )


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _origins(assessment: Assessment) -> str:
    own = [origin for origin in assessment.origins if origin.hypothesis == "proposition"]
    reports = {report for origin in own for report in origin.reports}
    if not own:
        return "No accepted claim bears on it; the prior stands."
    told = f"{_plural(len(reports), 'report')} from {_plural(len(own), 'origin')} bear on it"
    if len(reports) > len(own):
        told += " (copies of one origin count once)"
    return f"{told}, worth {assessment.effective_origins:.1f} independent ones."


def _influence(assessment: Assessment) -> str:
    if not assessment.sensitivity:
        return ""
    name, without = max(assessment.sensitivity.items(), key=lambda item: abs(item[1] - assessment.posterior))
    origin = next((each for each in assessment.origins if each.id == name), None)
    if origin is None or abs(without - assessment.posterior) < 0.005:
        return ""
    return f"Without the origin “{origin.label}” it would be {_percent(without)}."


def _proposition_view(
    figures: Figures, assessment: Assessment, claims: Sequence[ClaimView]
) -> PropositionView:
    scale = Scale(0.0, 1.0)
    stated = {each.id: each for each in figures.case.propositions}.get(assessment.proposition)
    return PropositionView(
        id=assessment.proposition,
        text=assessment.text,
        status=assessment.status,
        admiralty=assessment.admiralty,
        admiralty_meaning=f"{_RELIABILITY.get(assessment.letter, '')}, {_CREDIBILITY.get(assessment.number, '')}",
        prior=_percent(assessment.prior),
        posterior=chance(assessment.posterior),
        posterior_short=_percent(assessment.posterior),
        interval=f"{_percent(assessment.p05)} to {_percent(assessment.p95)}",
        strip=scale.strip(assessment.posterior, assessment.p05, assessment.p95, assessment.prior),
        rivals=tuple(
            RivalView(rival.text, _percent(rival.prior), _percent(rival.posterior))
            for rival in assessment.rivals
        ),
        origins=_origins(assessment),
        influence=_influence(assessment),
        parameter=(stated.parameter or "") if stated else "",
        claims=tuple(claims),
        notes=tuple(assessment.notes),
    )


def _summary(figures: Figures, assessments: Sequence[Assessment]) -> str:
    if not assessments:
        return "The case states no propositions; the figures rest on its priors alone."
    counts: dict[str, int] = {}
    for assessment in assessments:
        counts[assessment.status] = counts.get(assessment.status, 0) + 1
    parts = [f"{number} {status}" for status, number in counts.items()]
    read = sum(report.language in LANGUAGES for report in figures.run.reports)
    unread = len(figures.run.reports) - read
    left = ""
    if unread:
        left = f" {unread} more {'are' if unread != 1 else 'is'} in a language that is not read, and did not count."
    return (
        f"{len(assessments)} proposition{'s' if len(assessments) != 1 else ''} held against {read} "
        f"report{'s' if read != 1 else ''}: {listed(parts)}.{left}"
    )


def key_details(figures: Figures) -> KeyDetails:
    """Propositions in the order of the case, each with its claims, then the claims that belong to none.

    leading: those for the first screen; propositions that reports bear on come before the others.
    """
    run = figures.run
    reports = {report.id: report for report in run.reports}
    sources = figures.case.sources
    names = {
        key: (source.name, source.letter) for source in sources for key in (source.id, source.name.casefold())
    }
    rivals = {rival.id: rival.text for each in figures.case.propositions for rival in each.rivals}
    order = {proposition.id: place for place, proposition in enumerate(figures.case.propositions)}
    assessments = sorted(run.propositions, key=lambda each: order.get(each.proposition, len(order)))
    known = {assessment.proposition for assessment in assessments}
    views: dict[str, list[ClaimView]] = {name: [] for name in known}
    other = []
    for claim in run.claims:
        view = _claim_view(claim, reports, names, rivals)
        if claim.proposition in known:
            views[claim.proposition].append(view)
        else:
            other.append(view)
    propositions = tuple(
        _proposition_view(figures, assessment, views[assessment.proposition]) for assessment in assessments
    )
    is_borne = [any(origin.hypothesis == "proposition" for origin in each.origins) for each in assessments]
    first = [item for item, borne in zip(propositions, is_borne, strict=True) if borne]
    rest = [item for item, borne in zip(propositions, is_borne, strict=True) if not borne]
    return KeyDetails(
        propositions=propositions,
        leading=tuple([*first, *rest][:_LEADING]),
        other_claims=tuple(other),
        reports=len(reports),
        summary=_summary(figures, assessments),
    )
