"""Audit an argument: its text and what a run says of each assertion, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from excomm.audit.wording import with_interval
from excomm.pipeline.audit import audit_text
from excomm.web.pages.explore import CaseId
from excomm.web.pages.work import REFUSED
from excomm.web.rendering import page
from excomm.web.workshop import workshop_of

__all__ = ["router"]

router = APIRouter(tags=["audit"])
LONGEST = 60_000
_TONES = {"supported": "supported", "contradicted": "contradicted", "undecided": "undecided"}


class AuditRequest(BaseModel):
    """A text to hold against a run."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=LONGEST, description="An editorial or analysis in English.")
    run: str | None = Field(None, max_length=140, description="Stored run; the newest by default.")
    scale: str = Field(
        "lay", max_length=20, description="Whose ranges probability words have: lay or icd203."
    )
    perspective: str | None = Field(None, max_length=100)
    conclusion: tuple[str, Literal["for", "against"]] | None = Field(
        None, description="Option and for or against, where the text is read to argue otherwise."
    )


@dataclass(frozen=True)
class Stretch:
    """A stretch of the text between the edges of its assertions; numbers: of those that end here."""

    text: str
    tone: str
    numbers: tuple[int, ...]


def _tone(assertion: dict[str, Any]) -> str:
    return "stance" if assertion.get("stance") else _TONES.get(assertion["verdict"], "unmodelled")


def stretches(text: str, assertions: list[dict[str, Any]]) -> list[Stretch]:
    """The text cut at the edges of its assertions; where they overlap, the first one colours it."""
    edges = sorted({0, len(text)} | {place for one in assertions for place in (one["start"], one["end"])})
    found = []
    for left, right in pairwise(edges):
        cover = [
            (number, one)
            for number, one in enumerate(assertions, start=1)
            if one["start"] <= left and right <= one["end"]
        ]
        ends = tuple(number for number, one in cover if one["end"] == right)
        found.append(Stretch(text[left:right], _tone(cover[0][1]) if cover else "", ends))
    return found


def _audit(request: Request, case_id: str, asked: AuditRequest) -> dict[str, Any]:
    workshop = workshop_of(request)
    run = workshop.run_of(case_id, asked.run, request.state.session)
    found = audit_text(
        asked.text, run.case, run=str(run.folder), scale=asked.scale, perspective=asked.perspective,
        conclusion=asked.conclusion,
    )  # fmt: skip
    shape: dict[str, Any] = found.to_json()
    sentences = [one.sentence for one in found.assertions]
    for assertion, sentence in zip(shape["assertions"], sentences, strict=True):
        assertion["sentence"] = sentence
    shape["conclusion"]["sentence"] = found.conclusion.sentence if found.conclusion else ""
    if found.conclusion is not None:
        shape["conclusion"]["name"] = run.case.option(found.conclusion.option).name
    return shape


@router.post("/cases/{case_id}/audit.json", responses=REFUSED)
def audit_json(request: Request, case_id: CaseId, asked: AuditRequest) -> dict[str, Any]:
    """The assertions of a text held against a run; the shape of `excomm audit --json`."""
    return _audit(request, case_id, asked)


@router.get("/cases/{case_id}/audit", include_in_schema=False)
def audit_page(request: Request, case_id: CaseId) -> Response:
    """The page on which a text is given."""
    workshop = workshop_of(request)
    case = workshop.catalogue.case(case_id)
    run = workshop.chosen(case_id, None, request.state.session)
    if run is None:
        return page(request, "norun.html.j2", title=f"Audit: {case.title}", case=case, here="audit")
    opinions = [
        (report.title or "Untitled", report.text)
        for report, _ in workshop.desk.reports(request.state.session, case)
        if report.genre == "oped" and report.language == "en"
    ]
    return page(
        request, "audit.html.j2", title=f"Audit: {case.title}", case=case, here="audit", opinions=opinions,
        longest=LONGEST, options=[option for option in case.options if option.id in run.options],
    )  # fmt: skip


@router.post("/cases/{case_id}/audit", include_in_schema=False)
def audited(request: Request, case_id: CaseId, asked: AuditRequest) -> Response:
    """The findings beside the text, as a part of the page."""
    shape = _audit(request, case_id, asked)
    case = workshop_of(request).catalogue.case(case_id)
    return page(
        request, "audited.html.j2", title="Audit", case=case, found=shape,
        with_interval=with_interval, stretches=stretches(asked.text, shape["assertions"]),
        tones=[_tone(one) for one in shape["assertions"]],
    )  # fmt: skip
