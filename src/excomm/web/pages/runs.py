"""A run: its table, its files, its brief, and the walk back from any of its numbers."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse, StreamingResponse

from excomm.engine.wording import RowWording, row_wording
from excomm.errors import UsageError
from excomm.pipeline.store import FILES
from excomm.quantities import GROUPS, OUTCOMES
from excomm.storage import read_parquet
from excomm.web.catalogue import StoredRun
from excomm.web.pages.explore import CaseId, RunId
from excomm.web.rendering import page
from excomm.web.workshop import workshop_of

__all__ = ["router"]

router = APIRouter(tags=["runs"])
OutcomeId = Annotated[str, Path(max_length=100)]
OptionId = Annotated[str, Path(max_length=100)]
MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such run, outcome or file."}}
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_TABLES = ("outcomes", "weekly", "parameters")


@router.get("/cases/{case_id}/runs.json", responses=MISSING)
def runs(request: Request, case_id: CaseId) -> list[dict[str, Any]]:
    """Stored runs of a case, newest first."""
    workshop = workshop_of(request)
    workshop.catalogue.case(case_id)
    return [
        {key: value for key, value in entry.items() if key != "path"}
        for entry in workshop.catalogue.runs(case_id, workshop.own_runs(request.state.session))
    ]


@router.get("/cases/{case_id}/runs", include_in_schema=False)
def runs_page(request: Request, case_id: CaseId) -> Response:
    """The page of a case's runs."""
    case = workshop_of(request).catalogue.case(case_id)
    return page(
        request,
        "runs.html.j2",
        title=f"Runs: {case.title}",
        case=case,
        runs=runs(request, case_id),
        here="runs",
    )


def _wording(run: StoredRun, outcome: str) -> RowWording:
    """How the row of an outcome is written, in the table and wherever one of its numbers is unfolded."""
    fields = ("mean", "p05", "p95", "mcse")
    cells = ([run.cells[outcome, option][name] for name in fields] for option in run.options)
    known = (cell for cell in cells if None not in cell)
    return row_wording(OUTCOMES[outcome], ((mean, p05, p95, mcse) for mean, p05, p95, mcse in known))


def _rows(run: StoredRun) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {title: [] for title in GROUPS.values()}
    for name, outcome in OUTCOMES.items():
        if (name, run.options[0]) not in run.cells:
            continue
        cells = []
        wording = _wording(run, name)
        for option in run.options:
            cell = run.cells[name, option]
            undefined = outcome.paired and run.case.option(option).is_reference
            numbers = [cell[key] for key in ("mean", "p05", "p95")]
            told = None if undefined or None in numbers else wording.say(*numbers)
            text = "–" if told is None else f"{told.main} ({told.interval})" if told.interval else told.main
            cells.append({"option": option, "text": text, "grade": "" if undefined else cell["grade"]})
        groups[GROUPS[outcome.group]].append(
            {
                "id": name,
                "label": outcome.label,
                "unit": wording.unit,
                "definition": outcome.definition,
                "cells": cells,
            }
        )
    return [(title, rows) for title, rows in groups.items() if rows]


@router.get("/runs/{run_id}.json", responses=MISSING)
def run_json(request: Request, run_id: RunId) -> dict[str, Any]:
    """A run in the shape of `excomm assess --json`."""
    run = workshop_of(request).run(run_id, request.state.session)
    files = {kind: f"/runs/{run.id}/files/{name}" for kind, name in FILES.items()}
    return {**run.assessment, "files": files, "settings": run.manifest["settings"], "current": run.is_current}


@router.get("/runs/{run_id}", include_in_schema=False)
def run_page(request: Request, run_id: RunId) -> Response:
    """The page of a run."""
    run = workshop_of(request).run(run_id, request.state.session)
    names = {option["id"]: option["name"] for option in run.assessment["options"]}
    return page(
        request, "run.html.j2", title=f"Run: {run.case.title}", case=run.case, run=run, names=names,
        groups=_rows(run), tables=_TABLES, here="runs",
    )  # fmt: skip


def _explained(request: Request, run_id: str, outcome: str, option: str) -> tuple[StoredRun, dict[str, Any]]:
    """The run and the walk back of one of its numbers. Raises UsageError for a number that it does not have."""
    workshop = workshop_of(request)
    run = workshop.run(run_id, request.state.session)
    if (outcome, option) not in run.cells:
        raise UsageError(
            f"the run has no number {outcome[:80]!r} under {option[:80]!r}", path="run",
            expected=f"an outcome of `excomm explain`, and one of {', '.join(run.options)}",
        )  # fmt: skip
    return run, workshop.explanation(run, outcome, option)


@router.get("/runs/{run_id}/explain/{outcome}/{option}.json", responses=MISSING)
def explain_json(request: Request, run_id: RunId, outcome: OutcomeId, option: OptionId) -> dict[str, Any]:
    """A number unfolded: the shape of `excomm explain --json`, with `propositions`: what the reports do to it."""
    return _explained(request, run_id, outcome, option)[1]


@router.get("/runs/{run_id}/explain/{outcome}/{option}", include_in_schema=False)
def explain(request: Request, run_id: RunId, outcome: OutcomeId, option: OptionId) -> Response:
    """The page of a number; a fragment of it where the request says so."""
    run, found = _explained(request, run_id, outcome, option)
    wording = _wording(run, outcome)
    cell = run.cells[outcome, option]
    meanings = {
        name: run.case.parameter(name, option).meaning
        for name in (driver["parameter"] for driver in found["drivers"])
        if name in run.case.parameters(option)
    }
    template = "explanation.html.j2" if request.headers.get("x-fragment") else "explain.html.j2"
    return page(
        request, template, title=f"Why: {OUTCOMES[outcome].label}", case=run.case, run=run, found=found,
        outcome=OUTCOMES[outcome], option=run.case.option(option),
        text=wording.say(found["mean"], found["p05"], found["p95"]),
        shown=wording.say(cell["mean"], cell["p05"], cell["p95"]), wording=wording, cell=cell,
        meanings=meanings, here="runs",
    )  # fmt: skip


@router.get("/runs/{run_id}/brief", responses={**MISSING, 200: {"content": {"text/html": {}}}})
def brief(
    request: Request, run_id: RunId, download: Annotated[bool, Query(description="As a file.")] = False
) -> Response:
    """The brief of a run: one self-contained page under its own, stricter policy."""
    run = workshop_of(request).run(run_id, request.state.session)
    path = run.folder / FILES["brief"]
    if not path.is_file():
        raise UsageError("this run was stored without a brief", path="run", next_step="Run the case again.")
    text = path.read_text(encoding="utf-8")
    style = _STYLE.search(text)
    digest = base64.b64encode(hashlib.sha256((style[1] if style else "").encode()).digest()).decode()
    headers = {
        "content-security-policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    }
    if download:
        headers["content-disposition"] = f'attachment; filename="{run.id}.html"'
    return Response(text, media_type="text/html", headers=headers)


def _csv(path: Any) -> Iterator[str]:
    columns = read_parquet(path)
    names = list(columns)
    yield ",".join(names) + "\r\n"
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for number, row in enumerate(zip(*(columns[name] for name in names), strict=True), start=1):
        writer.writerow([f"{value:.7g}" if isinstance(value, float) else value for value in row])
        if number % 200 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


@router.get("/runs/{run_id}/files/{name}", responses=MISSING)
def file(request: Request, run_id: RunId, name: Annotated[str, Path(max_length=60)]) -> Response:
    """A file of a run: Parquet as stored, the same tables as CSV, or JSON."""
    run = workshop_of(request).run(run_id, request.state.session)
    stem, _, suffix = name.partition(".")
    attachment = {"content-disposition": f'attachment; filename="{run.id}-{stem}.{suffix}"'}
    if suffix == "csv" and stem in _TABLES:
        return StreamingResponse(
            _csv(run.folder / f"{stem}.parquet"), media_type="text/csv; charset=utf-8", headers=attachment
        )
    path = run.folder / name
    if name not in FILES.values() or name == FILES["brief"] or not path.is_file():
        raise UsageError(
            f"the run has no file {name!r}", path="run",
            expected=", ".join([*FILES.values(), *(f"{table}.csv" for table in _TABLES)]),
        )  # fmt: skip
    kind = "application/json" if suffix == "json" else "application/vnd.apache.parquet"
    return FileResponse(path, media_type=kind, headers=attachment)
