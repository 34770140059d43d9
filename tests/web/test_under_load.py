"""The explorer under load and killed: slow tests."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import statistics
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "browser"))

from explorer import serving

from excomm.evidence.ledger import Ledger

pytestmark = pytest.mark.long
USERS, SECONDS = 50, 120


@pytest.fixture
def folder(runs: Path, tmp_path: Path) -> Path:
    copytree(runs, tmp_path / "runs")
    return tmp_path


def resident(pid: int) -> float:
    """Megabytes of a process and its children."""
    total = 0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in [pid, *(int(child) for child in children)]:
        with suppress(OSError):
            total += int(Path(f"/proc/{each}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return total / 1e6


async def _user(
    base: str, run_id: str, number: int, until: float, times: dict[str, list[float]], wrong: list[str]
) -> None:
    """Somebody who opens pages, reads a second or two, and goes on."""
    chance = random.Random(number)
    pages = [
        "/", "/cases/strait/explore", "/cases/strait/explore.json", "/cases/strait/compare", "/cases/strait/evidence",
        "/cases/strait/timeline", "/cases/strait/runs", f"/runs/{run_id}", f"/runs/{run_id}/brief", "/about",
    ]  # fmt: skip
    outcomes = ["killed_host", "area_change", "cost_alliance", "nuclear_use_probability"]
    async with httpx.AsyncClient(base_url=base, timeout=30) as client:
        await asyncio.sleep(chance.uniform(0, 3))
        while time.monotonic() < until:
            path = chance.choice([*pages, f"/runs/{run_id}/explain/{chance.choice(outcomes)}/intervention"])
            began = time.monotonic()
            try:
                answer = await client.get(path)
            except httpx.HTTPError as error:
                wrong.append(f"{path}: {error!r}")
                continue
            times.setdefault(path.split("/")[-1] if path != "/" else "/", []).append(time.monotonic() - began)
            if answer.status_code != 200:
                wrong.append(f"{path}: {answer.status_code}")
            await asyncio.sleep(chance.uniform(0.6, 2.4))


def test_fifty_users_for_two_minutes(folder: Path, run_id: str) -> None:
    times: dict[str, list[float]] = {}
    wrong: list[str] = []
    with serving(folder, "strait") as (base, process):

        async def everybody() -> None:
            until = time.monotonic() + SECONDS
            await asyncio.gather(
                *(_user(base, run_id, number, until, times, wrong) for number in range(USERS))
            )

        asyncio.run(everybody())
        memory = resident(process.pid)
    everything = sorted(each for some in times.values() for each in some)
    p95 = everything[int(0.95 * len(everything))]
    print(
        f"\n{len(everything)} requests, median {statistics.median(everything):.3f} s, 95th percentile {p95:.3f} s, "
        f"longest {everything[-1]:.3f} s, {memory:.0f} MB"
    )
    assert wrong == []
    assert len(everything) > 1000
    assert p95 < 1.0
    assert memory < 3000


def test_a_flood_of_exact_runs_is_queued_and_refused_politely(folder: Path, run_id: str) -> None:
    codes: list[int] = []
    with serving(folder, "strait") as (base, process):

        async def one(number: int) -> None:
            async with httpx.AsyncClient(base_url=base, timeout=60) as client:
                token = {"x-csrf-token": (await client.get("/about.json")).json()["csrf"]}
                for _ in range(6):
                    answer = await client.post(
                        "/cases/strait/runs.json",
                        json={"draws": 16, "replicates": 4, "seed": number},
                        headers=token,
                    )
                    codes.append(answer.status_code)
                    if answer.status_code == 429:
                        assert int(answer.headers["retry-after"]) > 0
                    else:
                        assert answer.status_code == 202
                    exact = await client.post("/cases/strait/exact.json", json={"run": run_id}, headers=token)
                    codes.append(exact.status_code)

        async def flood() -> None:
            await asyncio.gather(*(one(number) for number in range(40)))

        asyncio.run(flood())
        began = time.monotonic()
        assert httpx.get(f"{base}/cases/strait/explore", timeout=10).status_code == 200
        waited = time.monotonic() - began
        memory = resident(process.pid)
    print(
        f"\n{codes.count(202)} taken, {codes.count(429)} refused, page after it {waited:.2f} s, {memory:.0f} MB"
    )
    assert set(codes) == {202, 429}
    assert codes.count(429) > 200
    assert waited < 5
    assert memory < 3000


REPORT = (
    "source: Harbour Times\npublished: 2031-02-20\n\nEastmark has deployed about {} troops to Southland.\n"
)


def test_killed_in_the_middle_nothing_that_was_acknowledged_is_lost(folder: Path, run_id: str) -> None:
    """Kill -9, five times, each in the middle of a request, after some decisions and jobs have been acknowledged."""
    chance = random.Random(7)
    cookies = httpx.Cookies()
    written: list[int] = []
    jobs: set[str] = set()
    for round_ in range(5):
        with serving(folder, "strait") as (base, process):
            with httpx.Client(base_url=base, cookies=cookies, timeout=30) as client:
                token = {"x-csrf-token": client.get("/about.json").json()["csrf"]}
                cookies = client.cookies
                known = {each["id"]: each["status"] for each in client.get("/jobs.json").json()}
                assert jobs <= known.keys()
                lines = client.get("/cases/strait/ledger.jsonl").text.splitlines()
                decisions = sum(1 for line in lines if '"kind":"reject"' in line)
                assert decisions >= len(written)
                assert client.get("/cases/strait/evidence.json").status_code == 200
                target = len(written) + chance.randint(6, 14)

                def kill(process: Any = process, target: int = target) -> None:
                    while len(written) < target:
                        time.sleep(0.002)
                    time.sleep(chance.uniform(0, 0.1))
                    os.kill(process.pid, signal.SIGKILL)

                killer = threading.Thread(target=kill, daemon=True)
                killer.start()
                with suppress(httpx.HTTPError):
                    added = client.post(
                        "/cases/strait/evidence/reports.json",
                        data={"text": REPORT.format(1000 + round_)},
                        headers=token,
                    )
                    claims = [each for report in added.json()["added"] for each in report["claims"]]
                    for number in range(10_000):
                        answer = client.post(
                            "/cases/strait/evidence/decisions.json", headers=token,
                            json={"kind": "reject", "subject": claims[0], "why": f"round {round_}, {number}"},
                        )  # fmt: skip
                        if answer.status_code == 200:
                            written.append(answer.json()["seq"])
                        if number % 2 == 0:
                            job = client.post("/cases/strait/exact.json", json={"run": run_id}, headers=token)
                            if job.status_code == 202:
                                jobs.add(job.json()["id"])
                        time.sleep(0.01)
                killer.join(60)
            process.wait(10)
    ledgers = list((folder / "data" / "ledgers").glob("*/strait.sqlite"))
    assert len(ledgers) == 1
    with Ledger(ledgers[0]) as ledger:
        assert ledger.is_sound()
        present = {update.seq for update in ledger.updates() if update.kind == "reject"}
    print(f"\n{len(written)} decisions and {len(jobs)} jobs acknowledged; all found")
    assert len(written) > 20
    assert len(jobs) > 5
    assert set(written) <= present
    with (
        serving(folder, "strait") as (base, _),
        httpx.Client(base_url=base, cookies=cookies, timeout=30) as client,
    ):
        states = [client.get(f"/jobs/{job}.json").json()["status"] for job in sorted(jobs)]
    assert set(states) <= {"queued", "running", "done", "cancelled", "interrupted"}
