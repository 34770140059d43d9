"""Evidence desk: reports with their claims marked, decisions with a look at what they change, what was known when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response, UploadFile
from fastapi.params import File, Form
from pydantic import BaseModel, ConfigDict, Field

from excomm.case.model import Case
from excomm.engine.wording import from_to
from excomm.errors import UsageError
from excomm.evidence.model import Assessment, Claim, Report, interval_text
from excomm.quantities import OUTCOMES
from excomm.web.desk import belief_effects
from excomm.web.pages.explore import CaseId
from excomm.web.pages.work import REFUSED
from excomm.web.rendering import page
from excomm.web.workshop import Workshop, workshop_of

__all__ = ["router"]

router = APIRouter(tags=["evidence"])
AsOf = Annotated[
    date | None, Query(description="State at the end of this day; the information date by default.")
]
Text = Annotated[str, Form(max_length=1_000_000)]
Short = Annotated[str, Form(max_length=200)]
_KINDS = {"claim", "opinion", "forecast"}


class DecisionRequest(BaseModel):
    """accept, reject or link a claim, or regrade a source."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(max_length=20, description="accept, reject, link or regrade.")
    subject: str = Field(max_length=100, description="Id of a claim, or of a source for regrade.")
    letter: str | None = Field(None, max_length=1)
    proposition: str | None = Field(None, max_length=100)
    rival: str | None = Field(None, max_length=100)
    polarity: int = Field(1, ge=-1, le=1)
    why: str = Field("", max_length=1_000, description="The reason; needed to write a decision.")
    effective: date | None = Field(
        None, description="Day from which it holds; when the claim became known by default."
    )

    def body(self) -> dict[str, Any]:
        """What the line of the ledger holds besides its subject."""
        return {
            "letter": self.letter,
            "proposition": self.proposition,
            "rival": self.rival,
            "polarity": self.polarity,
        }


@dataclass(frozen=True)
class Piece:
    """A stretch of a report's text; number: of the claim that it belongs to, 0 for none."""

    text: str
    kind: str
    number: int
    claim: str


def pieces(report: Report, claims: list[Claim]) -> list[Piece]:
    """The text cut at the edges of its claims; overlapping claims after the first are listed, not marked."""
    found, place, number = [], 0, 0
    for claim in claims:
        if claim.kind not in _KINDS:
            continue
        number += 1
        if claim.start < place:
            continue
        found += [
            Piece(report.text[place : claim.start], "", 0, ""),
            Piece(report.text[claim.start : claim.end], claim.kind, number, claim.id),
        ]
        place = claim.end
    return [*(each for each in found if each.text), Piece(report.text[place:], "", 0, "")]


def _slots(claim: Claim) -> list[tuple[str, str]]:
    """What was read from a claim, field by field."""
    slots: list[tuple[str, str]] = []
    if claim.actor:
        slots.append(("actor", claim.actor))
    if claim.events:
        slots.append(("event", ", ".join(claim.event_types[:2])))
    if claim.modality:
        slots.append(("modality", claim.modality))
    slots += [("size", interval_text(each)) for each in claim.quantities]
    if claim.hedge:
        slots.append(("doubt", f"“{claim.hedge.cue}” ({claim.hedge.low:.0%} to {claim.hedge.high:.0%})"))
    if claim.attribution:
        said = " → ".join(
            f"{each.name or each.kind}{'' if each.named else ' (unnamed)'}" for each in claim.attribution
        )
        slots.append(("said by", said))
    if claim.status:
        slots.append(("status", claim.status))
    return slots


def _claims(claims: list[Claim], linked: dict[str, Claim], standing: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for claim in claims:
        if claim.kind not in _KINDS:
            continue
        as_linked = linked.get(claim.id, claim)
        found.append(
            {
                "id": claim.id,
                "number": len(found) + 1,
                "quote": claim.quote,
                "start": claim.start,
                "end": claim.end,
                "kind": claim.kind,
                "slots": [{"name": name, "value": value} for name, value in _slots(claim)],
                "proposition": as_linked.proposition,
                "rival": as_linked.rival,
                "polarity": as_linked.polarity,
                "standing": standing.get(claim.id, "not linked"),
                "abstained": list(claim.abstained),
            }
        )
    return found


def _standing(
    workshop: Workshop, session: str, case: Case, assessments: tuple[Assessment, ...]
) -> dict[str, str]:
    """counts, rejected or waiting, by claim."""
    state = workshop.desk.state(session, case)
    counted = {claim for each in assessments for claim in each.claims}
    rejected = set(state.acceptance.rejected or ())
    return {
        claim.id: "rejected"
        if claim.id in rejected
        else "counts"
        if claim.id in counted
        else "waits for a decision"
        for claim in state.claims
    }


def _propositions(assessments: tuple[Assessment, ...]) -> list[dict[str, Any]]:
    found = []
    for each in assessments:
        plain = each.to_json()
        for origin in plain["origins"]:
            origin["log_lr"] = round(float(origin["log_lr"]), 6)
        found.append(plain)
    return found


@router.get("/cases/{case_id}/evidence.json", responses=REFUSED)
def evidence_json(request: Request, case_id: CaseId, as_of: AsOf = None) -> dict[str, Any]:
    """Propositions, reports and claims as this session's ledger holds them at the end of a day."""
    workshop, session = workshop_of(request), request.state.session
    case = workshop.catalogue.case(case_id)
    day = _day(case, as_of)
    assessments = workshop.desk.assessments(session, case, day)
    linked = {claim.id: claim for claim in workshop.desk.state(session, case, day).claims}
    standing = _standing(workshop, session, case, assessments)
    letters = {source.id: source.letter for source in workshop.desk.state(session, case, day).sources}
    return {
        "case": case.id,
        "as_of": day.isoformat(),
        "policy": case.acceptance.policy,
        "propositions": _propositions(assessments),
        "sources": [
            {"id": source.id, "name": source.name, "letter": letters.get(source.id, source.letter)}
            for source in case.sources
        ],
        "reports": [
            {
                "id": report.id, "title": report.title, "source": report.source, "genre": report.genre,
                "language": report.language, "published": report.published.isoformat() if report.published else None,
                "warnings": list(report.warnings), "claims": _claims(claims, linked, standing),
            }
            for report, claims in workshop.desk.reports(session, case, day)
        ],
    }  # fmt: skip


@router.get("/cases/{case_id}/evidence", include_in_schema=False)
def evidence_page(request: Request, case_id: CaseId) -> Response:
    """The desk."""
    workshop, session = workshop_of(request), request.state.session
    case = workshop.catalogue.case(case_id)
    content = evidence_json(request, case_id)
    texts = {report.id: pieces(report, claims) for report, claims in workshop.desk.reports(session, case)}
    return page(
        request, "evidence.html.j2", title=f"Evidence: {case.title}", case=case, here="evidence", content=content,
        texts=texts, letters=("A", "B", "C", "D", "E", "F"), run=workshop.chosen(case_id, None),
    )  # fmt: skip


def _day(case: Case, as_of: date | None) -> date:
    if as_of is not None and as_of > case.as_of:
        raise UsageError(
            f"{as_of} lies after the information date of the case",
            path="as_of",
            expected=f"a day up to {case.as_of}",
        )
    return as_of or case.as_of


@router.post("/cases/{case_id}/evidence/reports.json", responses=REFUSED)
async def add_reports(
    request: Request,
    case_id: CaseId,
    text: Text = "",
    source: Short = "",
    published: Short = "",
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> dict[str, Any]:
    """Read reports (pasted text, or files) and keep them on this session's desk with their claims."""
    from starlette.concurrency import run_in_threadpool

    workshop = workshop_of(request)
    case = workshop.catalogue.case(case_id)
    known = _stated_day(published)
    _day(case, known)
    given = [each for each in files or [] if each.filename or each.size]
    if len(given) > workshop.settings.limits.upload_files:
        raise UsageError(
            f"{len(given)} files at once", expected=f"up to {workshop.settings.limits.upload_files}"
        )
    documents = [((each.filename or "report.txt")[:120], await each.read()) for each in given]
    if text.strip():
        documents.append(("pasted.txt", text.encode("utf-8", "replace")))
    if not documents:
        raise UsageError("nothing to read", expected="a pasted report or a file")
    session = request.state.session

    def take() -> list[tuple[Report, list[Claim], bool]]:
        return workshop.desk.take(session, case, documents, known=known, source=source.strip() or None)

    added = await run_in_threadpool(take)
    return {
        "added": [
            {
                "report": report.id,
                "title": report.title,
                "new": is_new,
                "claims": [c.id for c in claims if c.kind in _KINDS],
            }
            for report, claims, is_new in added
        ]
    }


def _stated_day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            "this is not a date", path="published", expected="a date such as 2024-12-15"
        ) from error


@router.post("/cases/{case_id}/evidence/preview.json", responses=REFUSED)
def preview(request: Request, case_id: CaseId, asked: DecisionRequest) -> dict[str, Any]:
    """What a decision would change: beliefs, and the outcomes of the newest run; nothing is written."""
    workshop, session = workshop_of(request), request.state.session
    case = workshop.catalogue.case(case_id)
    decision = workshop.desk.checked(session, case, asked.kind, asked.subject, asked.body())
    moved = workshop.desk.preview(session, case, decision)
    run = workshop.chosen(case_id, None)
    changes = [(now.proposition, now.posterior, then.posterior) for now, then in moved]
    effects = belief_effects(run, changes) if run is not None else []
    return {
        "beliefs": [
            {
                "proposition": now.proposition, "text": now.text, "before": now.posterior, "after": then.posterior,
                "p05": then.p05, "p95": then.p95, "status": then.status, "admiralty": then.admiralty,
                "claims": len(then.claims),
            }
            for now, then in moved
        ],
        "outcomes": [
            each
            | {
                "label": OUTCOMES[each["outcome"]].label,
                "option_name": case.option(each["option"]).name,
                "text": from_to(OUTCOMES[each["outcome"]], each["before"], each["after"]),
            }
            for each in effects
        ],
        "run": run.id if run else None,
    }  # fmt: skip


@router.post("/cases/{case_id}/evidence/decisions.json", responses=REFUSED)
def decide(request: Request, case_id: CaseId, asked: DecisionRequest) -> dict[str, Any]:
    """Write a decision to this session's ledger. What is answered is on disk."""
    workshop, session = workshop_of(request), request.state.session
    case = workshop.catalogue.case(case_id)
    if not asked.why.strip():
        raise UsageError("a decision needs a reason", path="why", next_step="Say why in a few words.")
    decision = workshop.desk.checked(session, case, asked.kind, asked.subject, asked.body())
    number = workshop.desk.decide(session, case, decision, why=asked.why.strip(), effective=asked.effective)
    return {"seq": number, "propositions": _propositions(workshop.desk.assessments(session, case))}


@router.get("/cases/{case_id}/ledger.jsonl", responses=REFUSED)
def ledger_lines(request: Request, case_id: CaseId) -> Response:
    """This session's ledger as JSON lines, for `excomm ledger import`."""
    workshop, session = workshop_of(request), request.state.session
    case = workshop.catalogue.case(case_id)
    with workshop.desk.ledger(session, case) as opened:
        text = "".join(f"{line}\n" for line in opened.export())
    return Response(
        text, media_type="application/jsonl",
        headers={"content-disposition": f'attachment; filename="{case.id}-ledger.jsonl"'},
    )  # fmt: skip


@router.get("/cases/{case_id}/timeline.json", responses=REFUSED)
def timeline_json(
    request: Request, case_id: CaseId, proposition: Annotated[str | None, Query(max_length=100)] = None
) -> dict[str, Any]:
    """How the probability of a proposition moved, day by day, to the information date."""
    workshop, session = workshop_of(request), request.state.session
    case = workshop.catalogue.case(case_id)
    if not case.propositions:
        return {"case": case.id, "proposition": None, "timeline": []}
    chosen = case.proposition(proposition).id if proposition else case.propositions[0].id
    return {"case": case.id, "proposition": chosen, "timeline": workshop.desk.course(session, case, chosen)}


@router.get("/cases/{case_id}/timeline", include_in_schema=False)
def timeline_page(
    request: Request,
    case_id: CaseId,
    proposition: Annotated[str | None, Query(max_length=100)] = None,
    as_of: AsOf = None,
) -> Response:
    """What was known when: a date slider over beliefs and reports."""
    workshop, session = workshop_of(request), request.state.session
    case = workshop.catalogue.case(case_id)
    day = _day(case, as_of)
    course = timeline_json(request, case_id, proposition)
    known = [report.known for report, _ in workshop.desk.reports(session, case) if report.known]
    return page(
        request, "timeline.html.j2", title=f"Timeline: {case.title}", case=case, here="timeline", course=course,
        day=day, first=min([*known, case.as_of]), content=evidence_json(request, case_id, day),
    )  # fmt: skip
