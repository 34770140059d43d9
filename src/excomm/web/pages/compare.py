"""Two settings side by side, and the case file with the changes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from excomm.case.amended_file import amended_text
from excomm.case.amendments import Setting, amend
from excomm.case.model import Case
from excomm.errors import UsageError
from excomm.quantities import OUTCOMES
from excomm.web.exploration import settings_of
from excomm.web.pages.explore import CaseId, RunQuery, run_page
from excomm.web.pages.work import REFUSED
from excomm.web.workshop import Workshop, workshop_of

__all__ = ["router"]

router = APIRouter(tags=["explore"])


@router.get("/cases/{case_id}/compare", include_in_schema=False)
def compare_page(request: Request, case_id: CaseId, run: RunQuery = None) -> Response:
    """The page; its address holds both settings (`a.set.LEVER=…`, `b.set.LEVER=…`)."""
    return run_page(request, case_id, run, "compare")


def _values(query: Mapping[str, str], prefix: str) -> dict[str, float]:
    found = {}
    for key, text in list(query.items())[:80]:
        if key.startswith(prefix):
            try:
                value = float(text)
            except ValueError:
                value = float("nan")
            if not abs(value) < 1e300:
                raise UsageError(f"{text[:40]!r} is no number", path=key[:120], expected="a number")
            found[key.removeprefix(prefix)] = value
    return found


def stated(
    workshop: Workshop, case: Case, request: Request
) -> tuple[list[Setting], dict[str, dict[str, float]]]:
    """Settings and weights of an address, checked against the case."""
    query = request.query_params
    values = _values(query, "set.")
    settings: list[Setting] = []
    if values:
        run = workshop.run_of(case.id, query.get("run"), request.state.session)
        settings = settings_of(workshop.surrogate(run), values)
    sizes = _values(query, "w.")
    weights: dict[str, dict[str, float]] = {}
    if sizes and case.perspectives:
        view = case.perspective(query.get("view") or case.perspectives[0].actor)
        changed = dict(view.weights)
        for name, size in sizes.items():
            if name not in OUTCOMES or name not in changed or size < 0:
                raise UsageError(
                    f"{name[:80]!r} is no criterion of {view.actor}", path="w", expected=", ".join(changed)
                )
            changed[name] = size if changed[name] > 0 else -size
        weights[view.actor] = changed
    amend(case, settings, weights=weights)
    return settings, weights


def _case_text(request: Request, case_id: str) -> tuple[Case, str]:
    workshop = workshop_of(request)
    case = workshop.catalogue.case(case_id)
    settings, weights = stated(workshop, case, request)
    text = (case.folder / "case.yaml").read_text(encoding="utf-8")
    return case, amended_text(text, case, settings, weights=weights)


@router.get("/cases/{case_id}/case.yaml", responses={**REFUSED, 200: {"content": {"application/yaml": {}}}})
def case_file(request: Request, case_id: CaseId, run: RunQuery = None) -> Response:
    """The case file; with `set.LEVER=…` and `w.OUTCOME=…` in the address, with these changes."""
    del run
    case, text = _case_text(request, case_id)
    return Response(
        text, media_type="application/yaml",
        headers={"content-disposition": f'attachment; filename="{case.id}-case.yaml"'},
    )  # fmt: skip


@router.get("/cases/{case_id}/case.zip", responses={**REFUSED, 200: {"content": {"application/zip": {}}}})
def case_folder(request: Request, case_id: CaseId, run: RunQuery = None) -> Response:
    """The whole case folder, with the changes of the address in its case file."""
    del run
    case, text = _case_text(request, case_id)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{case.id}/case.yaml", text)
        for name in case.files_hashes:
            path: Any = case.folder / name
            if not name.startswith("defaults/") and name != "case.yaml" and path.is_file():
                archive.write(path, f"{case.id}/{name}")
    return Response(
        buffer.getvalue(), media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{case.id}.zip"'},
    )  # fmt: skip
