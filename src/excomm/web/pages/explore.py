"""Explore: sliders for the parameters that matter most and for value weights, charts that follow at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from excomm.web.rendering import page
from excomm.web.workshop import workshop_of

__all__ = ["CaseId", "RunId", "RunQuery", "router", "run_page"]

router = APIRouter(tags=["explore"])
CaseId = Annotated[str, Path(max_length=100)]
RunId = Annotated[str, Path(max_length=140)]
RunQuery = Annotated[str | None, Query(max_length=140, description="Stored run; the newest by default.")]


def run_page(request: Request, case_id: str, run: str | None, here: str) -> Response:
    """The page `here` about a run of a case, or the page that offers a run where there is none."""
    workshop = workshop_of(request)
    case = workshop.catalogue.case(case_id)
    found = workshop.chosen(case_id, run, request.state.session)
    title = f"{here.capitalize()}: {case.title}"
    if found is None:
        return page(request, "norun.html.j2", title=title, case=case, here=here)
    return page(request, f"{here}.html.j2", title=title, case=case, run=found, here=here)


@router.get("/cases/{case_id}/explore", include_in_schema=False)
def explore(request: Request, case_id: CaseId, run: RunQuery = None) -> Response:
    """The page."""
    return run_page(request, case_id, run, "explore")


@router.get("/cases/{case_id}/explore.json")
def explore_json(request: Request, case_id: CaseId, run: RunQuery = None) -> Response:
    """Levers, surrogate, value scales and outcomes of a run: everything that the page computes with."""
    workshop = workshop_of(request)
    found = workshop.run_of(case_id, run, request.state.session)
    return Response(
        workshop.exploration(found),
        media_type="application/json",
        headers={"cache-control": "private, max-age=60"},
    )
