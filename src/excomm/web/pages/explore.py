"""Explore: sliders for the parameters that matter most and for value weights, charts that follow at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from excomm.web.rendering import page
from excomm.web.workshop import workshop_of

__all__ = ["router"]

router = APIRouter(tags=["explore"])
CaseId = Annotated[str, Path(max_length=100)]
RunId = Annotated[str, Path(max_length=140)]
RunQuery = Annotated[str | None, Query(max_length=140, description="Stored run; the newest by default.")]


@router.get("/cases/{case_id}/explore", include_in_schema=False)
def explore(request: Request, case_id: CaseId, run: RunQuery = None) -> Response:
    """The page."""
    workshop = workshop_of(request)
    case = workshop.catalogue.case(case_id)
    found = workshop.chosen(case_id, run, request.state.session)
    if found is None:
        return page(request, "norun.html.j2", title=f"Explore: {case.title}", case=case, here="explore")
    return page(
        request, "explore.html.j2", title=f"Explore: {case.title}", case=case, run=found, here="explore"
    )


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
