"""Jobs: start them, look at them, cancel them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from excomm.web.catalogue import StoredRun
from excomm.web.exploration import settings_of, shown_outcomes
from excomm.web.jobs import QueueFull
from excomm.web.pages.explore import CaseId
from excomm.web.rendering import page
from excomm.web.store import Job
from excomm.web.workshop import Workshop, workshop_of

__all__ = ["router"]

router = APIRouter(tags=["jobs"])
JobId = Annotated[str, Path(max_length=64)]
Settings = dict[
    Annotated[str, Field(max_length=300)],
    Annotated[float, Field(allow_inf_nan=False, description="Value in the unit of the parameter.")],
]
REFUSED: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such case, run or job."},
    422: {"description": "The request does not fit; the answer says why."},
    429: {"description": "Too much is waiting already; Retry-After says when to try again."},
}


class ExactRequest(BaseModel):
    """An exact run at some settings; small, fast, not stored."""

    model_config = ConfigDict(extra="forbid")
    run: str = Field(max_length=140, description="Stored run whose levers are meant.")
    settings: Settings = Field(default_factory=dict, max_length=40, description="Lever -> value.")
    draws: int = Field(64, ge=8, le=512)
    replicates: int = Field(16, ge=2, le=64)


class RunRequest(BaseModel):
    """A full run, stored with its brief."""

    model_config = ConfigDict(extra="forbid")
    draws: int = Field(256, ge=8, le=512)
    replicates: int = Field(32, ge=2, le=64)
    seed: int = Field(0, ge=0, le=2**31)
    run: str | None = Field(None, max_length=140, description="Stored run whose levers `settings` mean.")
    settings: Settings = Field(default_factory=dict, max_length=40)
    ledger: bool = Field(False, description="With the reports and decisions on this session's desk.")


def job_shape(workshop: Workshop, job: Job) -> dict[str, Any]:
    """A job as its JSON twin shows it."""
    progress = workshop.jobs.progress(job.id)
    return {
        "id": job.id,
        "kind": job.kind,
        "status": job.status,
        "place": workshop.jobs.place(job.id) if job.status == "queued" else 0,
        "stage": progress.stage,
        "progress": progress.done,
        "total": progress.total,
        "created": job.created,
        "started": job.started,
        "finished": job.finished,
        "message": job.message,
        "result": job.result,
        "page": f"/jobs/{job.id}",
    }


def _levers(workshop: Workshop, run: StoredRun, stated: dict[str, float]) -> list[dict[str, Any]]:
    """Settings for the worker; bounds of the parameters are checked here, before anything is queued."""
    from excomm.case.amendments import amend

    found = settings_of(workshop.surrogate(run), stated)
    amend(run.case, found)
    return [{"parameter": s.parameter, "options": list(s.options), "value": s.value} for s in found]


def submit(request: Request, kind: str, content: dict[str, Any]) -> Response:
    """Put a job in the queue; a full queue is refused politely."""
    workshop = workshop_of(request)
    try:
        job = workshop.jobs.submit(request.state.session, kind, content)
    except QueueFull as full:
        return JSONResponse(
            {"error": {"kind": "QueueFull", "message": str(full), "next": f"Try again in {full.seconds} s."}},
            429,
            {"retry-after": str(full.seconds)},
        )
    return JSONResponse(job_shape(workshop, job), 202, {"location": f"/jobs/{job.id}"})


def exact_content(workshop: Workshop, run: StoredRun, asked: ExactRequest) -> dict[str, Any]:
    """What the worker needs for an exact run: the same reading of the case as the stored run."""
    stated = run.manifest["settings"]
    return {
        "case": str(run.case.folder),
        "settings": [*run.amendments.get("settings", ()), *_levers(workshop, run, asked.settings)],
        "ledger": run.amendments.get("ledger"),
        "draws": asked.draws,
        "replicates": asked.replicates,
        "seed": stated["seed"],
        "as_of": stated.get("as_of"),
        "only": stated.get("only"),
        "coding": stated.get("coding", "narrow"),
        "options": list(run.options),
        "outcomes": list(shown_outcomes(run)),
    }


@router.post("/cases/{case_id}/exact.json", status_code=202, responses=REFUSED)
def exact(request: Request, case_id: CaseId, asked: ExactRequest) -> Response:
    """Run the model at some settings; the answer is a job to follow."""
    workshop = workshop_of(request)
    workshop.catalogue.case(case_id)
    run = workshop.run_of(case_id, asked.run, request.state.session)
    return submit(request, "exact", exact_content(workshop, run, asked))


@router.post("/cases/{case_id}/runs.json", status_code=202, responses=REFUSED)
def start_run(request: Request, case_id: CaseId, asked: RunRequest) -> Response:
    """Run a case in full and store it; the answer is a job to follow."""
    workshop = workshop_of(request)
    case = workshop.catalogue.case(case_id)
    settings: list[dict[str, Any]] = []
    if asked.settings:
        run = workshop.run_of(case_id, asked.run, request.state.session)
        settings = [*run.amendments.get("settings", ()), *_levers(workshop, run, asked.settings)]
    content = {
        "case": str(case.folder), "settings": settings, "draws": asked.draws, "replicates": asked.replicates,
        "seed": asked.seed, "out": str(workshop.settings.out.resolve()),
    }  # fmt: skip
    if settings or asked.ledger:
        # What one reader sets or decides is not what others came to see: such a run stays with its session.
        content["out"] = str(workshop.own_runs(request.state.session).resolve())
    if asked.ledger:
        content["ledger"] = str(workshop.desk.path(request.state.session, case).resolve())
    return submit(request, "assess", content)


@router.get("/jobs.json")
def jobs(request: Request) -> list[dict[str, Any]]:
    """Jobs of this session, newest first."""
    workshop = workshop_of(request)
    return [job_shape(workshop, job) for job in workshop.jobs.store.of_session(request.state.session)]


@router.get("/jobs", include_in_schema=False)
def jobs_page(request: Request) -> Response:
    """The page of the jobs."""
    return page(request, "jobs.html.j2", title="Jobs", jobs=jobs(request))


@router.get("/jobs/{job_id}.json", responses=REFUSED)
def job(request: Request, job_id: JobId) -> dict[str, Any]:
    """A job: where it stands, and its result once it is done."""
    workshop = workshop_of(request)
    return job_shape(workshop, workshop.jobs.get(job_id, request.state.session))


@router.get("/jobs/{job_id}", include_in_schema=False)
def job_page(request: Request, job_id: JobId) -> Response:
    """The page of a job."""
    return page(request, "jobs.html.j2", title="Job", jobs=[job(request, job_id)])


@router.post("/jobs/{job_id}/cancel.json", responses=REFUSED)
def cancel(request: Request, job_id: JobId) -> dict[str, Any]:
    """Cancel a job; one that is finished stays as it is."""
    workshop = workshop_of(request)
    return job_shape(workshop, workshop.jobs.cancel(job_id, request.state.session))
