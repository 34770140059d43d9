"""Jobs: done, refused, cancelled, kept apart, and found again after a crash."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from excomm.errors import UsageError
from excomm.web import ServerSettings
from excomm.web.jobs import Jobs, QueueFull
from excomm.web.settings import Limits
from excomm.web.store import JobStore

DONE = {"done", "failed", "cancelled", "interrupted"}


def finished(client: Any, job: str, seconds: float = 400) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found: dict[str, Any] = client.get(f"/jobs/{job}.json").json()
        if found["status"] in DONE:
            return found
        time.sleep(0.1)
    raise AssertionError(f"job {job} did not end: {found}")


def test_an_exact_run_moves_what_is_set_and_a_full_run_is_stored(
    client: Any, token: dict[str, str], runs: Path, run_id: str
) -> None:
    content = client.get("/cases/strait/explore.json").json()
    # The strongest straight line of the surrogate: where an exact run must show the same direction.
    strength, lever, row = max(
        (abs(line[0]["coefficients"][at]) / (line[0]["noise"] ** 0.5 + 1e-12), at, row)
        for row, line in enumerate(content["cells"])
        for at in range(len(content["levers"]))
        if content["outcomes"][row]["headline"] and line[0]["explained"] > 0.2
    )
    assert strength > 0.3
    outcome, chosen = content["outcomes"][row]["id"], content["levers"][lever]
    size = {"run": run_id, "draws": 64, "replicates": 8}

    def exact(settings: dict[str, float]) -> dict[str, Any]:
        job = client.post("/cases/strait/exact.json", json=size | {"settings": settings}, headers=token)
        assert job.status_code == 202
        done = finished(client, job.json()["id"])
        assert done["status"] == "done", done["message"]
        return dict(done["result"]["cells"][outcome]["current-aid"])

    stored = content["cells"][row][0]["mean"]
    assert exact({})["mean"] == pytest.approx(stored, rel=1e-6)
    low, high = (exact({chosen["id"]: chosen[end]})["mean"] for end in ("low", "high"))
    assert (high - low) * content["cells"][row][0]["coefficients"][lever] > 0
    assert min(low, high) < stored < max(low, high)
    # The new run goes to the same folder: the stored one must still be found by its id.
    full = client.post("/cases/strait/runs.json", json={"draws": 16, "replicates": 4}, headers=token)
    done = finished(client, full.json()["id"])
    assert done["status"] == "done"
    assert client.get(done["result"]["page"]).status_code == 200


def test_settings_that_cannot_be_are_refused_before_the_queue(
    client: Any, token: dict[str, str], run_id: str
) -> None:
    def ask(settings: dict[str, Any]) -> Any:
        return client.post(
            "/cases/strait/exact.json", json={"run": run_id, "settings": settings}, headers=token
        )

    lever = client.get("/cases/strait/explore.json").json()["levers"][0]["id"]
    assert ask({"no.such": 1.0}).status_code == 422
    impossible = ask({lever: -5.0})
    assert impossible.status_code == 422
    assert "cannot be" in impossible.json()["error"]["message"]
    assert ask({lever: "much"}).status_code == 422
    assert client.get("/jobs.json").json() == []


def quiet(settings: ServerSettings, **limits: Any) -> Jobs:
    """A queue that nobody works on."""
    return Jobs(replace(settings, limits=Limits(**limits)))


def test_a_full_queue_refuses_and_says_when_to_come_back(settings: ServerSettings) -> None:
    jobs = quiet(settings, waiting_session=2, waiting_all=3)
    for _ in range(2):
        jobs.submit("one", "assess", {})
    with pytest.raises(QueueFull) as own:
        jobs.submit("one", "assess", {})
    assert own.value.seconds > 0
    jobs.submit("two", "assess", {})
    with pytest.raises(QueueFull):
        jobs.submit("three", "assess", {})
    assert len(jobs.store.waiting()) == 3


def test_a_later_exact_run_replaces_one_that_waits(settings: ServerSettings) -> None:
    jobs = quiet(settings)
    first = jobs.submit("one", "exact", {"n": 1})
    other = jobs.submit("two", "exact", {"n": 2})
    second = jobs.submit("one", "exact", {"n": 3})
    assert [each for each, _, _ in jobs.store.waiting()] == [other.id, second.id]
    assert jobs.get(first.id, "one").status == "cancelled"


def test_a_session_sees_only_its_own_jobs(settings: ServerSettings) -> None:
    jobs = quiet(settings)
    job = jobs.submit("one", "assess", {})
    with pytest.raises(UsageError):
        jobs.get(job.id, "two")
    with pytest.raises(UsageError):
        jobs.cancel(job.id, "two")
    assert jobs.cancel(job.id, "one").status == "cancelled"
    assert jobs.store.next() is None


def test_a_running_job_can_be_cancelled(settings: ServerSettings) -> None:
    """The worker hears it between two chunks, or is ended after some seconds."""
    jobs = quiet(settings)
    request = {"case": "strait", "draws": 512, "replicates": 4, "outcomes": [], "seed": 0}
    job = jobs.submit("one", "exact", request)
    jobs.start()
    end = time.monotonic() + 300
    while jobs.get(job.id, "one").status == "queued" and time.monotonic() < end:
        time.sleep(0.02)
    jobs.cancel(job.id, "one")
    while jobs.get(job.id, "one").status not in DONE and time.monotonic() < end:
        time.sleep(0.02)
    assert jobs.get(job.id, "one").status == "cancelled"
    jobs.stop()


def test_what_ran_when_the_server_died_is_interrupted_and_what_waited_still_waits(
    settings: ServerSettings,
) -> None:
    store = JobStore("sqlite", settings.data)
    for number in range(3):
        store.add(f"job-{number}", "one", "assess", {"number": number})
    taken = store.next()
    assert taken is not None
    again = JobStore("sqlite", settings.data)  # the first is never closed, as after a kill
    assert again.recover() == 1
    found = again.get(taken.id)
    assert found is not None
    assert (found.status, found.request) == ("interrupted", {"number": 0})
    assert [each for each, _, _ in again.waiting()] == ["job-1", "job-2"]
    again.finish(taken.id, "done")
    kept = again.get(taken.id)
    assert kept is not None
    assert kept.status == "interrupted"


def test_old_jobs_are_forgotten(settings: ServerSettings) -> None:
    store = JobStore("sqlite", settings.data)
    for number in range(6):
        store.add(f"job-{number}", "one", "assess", {})
        store.finish(f"job-{number}", "done")
    store.add("waiting", "one", "assess", {})
    store.forget(3)
    assert len(store.of_session("one")) == 3
    assert len(store.waiting()) == 1


def test_a_database_that_is_none_is_refused(settings: ServerSettings) -> None:
    with pytest.raises(UsageError, match="no database"):
        JobStore("mysql://host/name", settings.data)
