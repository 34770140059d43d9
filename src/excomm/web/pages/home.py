"""First page: the cases on offer, and what has been run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from excomm import __version__
from excomm.web.rendering import page
from excomm.web.workshop import Workshop, workshop_of

__all__ = ["router"]

router = APIRouter(tags=["cases"])


def _cases(workshop: Workshop) -> list[dict[str, Any]]:
    found = []
    for name in workshop.catalogue.case_ids:
        case = workshop.catalogue.case(name)
        latest = workshop.catalogue.latest(name)
        found.append(
            {
                "id": case.id,
                "title": case.title,
                "question": case.question,
                "as_of": case.as_of.isoformat(),
                "options": [{"id": option.id, "name": option.name} for option in case.options],
                "run": latest.id if latest else None,
            }
        )
    return found


@router.get("/cases.json")
def cases(request: Request) -> list[dict[str, Any]]:
    """Cases on offer, each with its newest complete run."""
    return _cases(workshop_of(request))


@router.get("/", include_in_schema=False)
def home(request: Request) -> Response:
    """The page of the cases."""
    return page(request, "home.html.j2", title="Cases", cases=_cases(workshop_of(request)))


@router.get("/about", include_in_schema=False)
def about(request: Request) -> Response:
    """What the explorer is, and what it is not."""
    return page(request, "about.html.j2", title="About", version=__version__)


@router.get("/about.json")
def about_json(request: Request) -> dict[str, Any]:
    """Version, limits of the server, and the token that changes of this session must carry."""
    limits = workshop_of(request).settings.limits
    return {"version": __version__, "limits": asdict(limits), "csrf": request.state.csrf}
