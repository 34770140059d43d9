"""Requests made from the OpenAPI document, at random and with what a prepared session really holds: no 5xx."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as drawn_by
from hypothesis import strategies as st

from excomm.web import ServerSettings, create_app
from excomm.web.settings import Limits

pytestmark = pytest.mark.long
# What stands before the pages refuses with these, whatever the operation.
ANYWHERE = {400, 401, 403, 404, 405, 413, 415, 421, 429}
UNSENDABLE = (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError, TypeError, ValueError, AttributeError)
REPORT = (
    "source: Harbour Times\npublished: 2031-02-20\n\nEastmark has deployed about {} troops to Southland.\n"
)
TEXT = (
    "The League should send troops now. Southland is bluffing. Casualties among League soldiers would be {}."
)


@contextmanager
def running(settings: ServerSettings) -> Iterator[str]:
    """The application on a port of this process."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


@dataclass
class Prepared:
    """What a session holds: names that are real, by the name of the parameter or field that takes them."""

    names: dict[str, list[Any]]
    bodies: dict[str, st.SearchStrategy[Any]]
    query: dict[str, st.SearchStrategy[Any]]


@dataclass
class Tally:
    """Answers by operation and status; failed: server errors and statuses that the document does not state."""

    answers: dict[str, Counter[int]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def add(self, operation: Any, method: str, answer: httpx.Response) -> None:
        """Count an answer."""
        self.answers.setdefault(f"{method} {operation.path}", Counter())[answer.status_code] += 1
        known = set(operation.definition.raw["responses"])
        if answer.status_code >= 500:
            self.failed.append(f"{method} {answer.url}: {answer.status_code}")
        elif str(answer.status_code) not in known and answer.status_code not in ANYWHERE:
            self.failed.append(f"{method} {answer.url}: {answer.status_code} is not described")

    def share(self) -> float:
        """Share of the answers that are 2xx."""
        total = sum(sum(each.values()) for each in self.answers.values())
        return sum(n for each in self.answers.values() for code, n in each.items() if code < 300) / total


def prepared(client: httpx.Client, run_id: str, token: dict[str, str]) -> Prepared:
    """A session with a report of its own and a job that is over."""
    added = client.post(
        "/cases/strait/evidence/reports.json", data={"text": REPORT.format(900)}, headers=token
    )
    assert added.status_code == 200
    job = client.post(
        "/cases/strait/exact.json", json={"run": run_id, "draws": 8, "replicates": 2}, headers=token
    )
    assert job.status_code == 202
    assert client.post(f"/jobs/{job.json()['id']}/cancel.json", headers=token).status_code == 200
    evidence = client.get("/cases/strait/evidence.json").json()
    run = client.get(f"/runs/{run_id}.json").json()
    lever = client.get("/cases/strait/explore.json").json()["levers"][0]
    claims = [c["id"] for each in evidence["reports"] for c in each["claims"] if c["kind"] == "claim"]
    propositions = [each["id"] for each in evidence["propositions"]]
    value = st.floats(lever["low"], lever["high"])
    small = {
        "draws": st.integers(8, 16), "replicates": st.integers(2, 4),
        "settings": st.dictionaries(st.just(lever["id"]), value, max_size=1),
    }  # fmt: skip
    why = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40)
    dates = st.sampled_from(["2031-02-20", "2031-02-25", "2031-03-01"])
    decision = st.one_of(
        st.fixed_dictionaries(
            {"kind": st.sampled_from(["accept", "reject"]), "subject": st.sampled_from(claims), "why": why},
            optional={"effective": dates},
        ),
        st.fixed_dictionaries({
            "kind": st.just("regrade"), "why": why, "letter": st.sampled_from("ABCDEF"),
            "subject": st.sampled_from([each["id"] for each in evidence["sources"]]),
        }),
        st.fixed_dictionaries({
            "kind": st.just("link"), "why": why, "subject": st.sampled_from(claims),
            "proposition": st.sampled_from(propositions), "polarity": st.sampled_from([1, -1]),
        }),
    )  # fmt: skip
    return Prepared(
        names={
            "case_id": ["strait"], "run_id": [run_id], "run": [run_id], "job_id": [job.json()["id"]],
            "outcome": [each["id"] for each in run["options"][0]["outcomes"]],
            "option": [each["id"] for each in run["options"]],
            "name": [f"{table}.{kind}" for table in ("outcomes", "weekly", "parameters") for kind in ("parquet", "csv")]
            + ["manifest.json", "assessment.json"],
            "proposition": propositions, "as_of": ["2031-02-19", "2031-02-21", "2031-03-01"],
        },
        bodies={
            "/exact.json": st.fixed_dictionaries({"run": st.just(run_id), **small}),
            "/runs.json": st.fixed_dictionaries({"seed": st.integers(0, 2**31), "run": st.just(run_id), **small}),
            "/reports.json": st.fixed_dictionaries(
                {"text": st.builds(REPORT.format, st.integers(1, 9999))}, optional={"source": why, "published": dates}
            ),
            "/preview.json": decision,
            "/decisions.json": decision,
            "/audit.json": st.fixed_dictionaries(
                {"text": st.builds(TEXT.format, why)},
                optional={"scale": st.sampled_from(["lay", "icd203"]), "run": st.just(run_id)},
            ),
        },
        query={
            f"/case.{kind}": st.fixed_dictionaries({f"set.{lever['id']}": value.map(str)}) for kind in ("yaml", "zip")
        },
    )  # fmt: skip


def placed_cases(held: Prepared, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Requests at an address that exists, with whatever body and query were made at random."""

    @st.composite
    def made(draw: st.DrawFn) -> Any:
        case = draw(strategy)
        for name in case.path_parameters or {}:
            case.path_parameters[name] = draw(st.sampled_from(held.names[name]))
        return case

    return made()


def real_cases(operation: Any, held: Prepared) -> st.SearchStrategy[Any]:
    """Requests of an operation in which every name is one that the session holds."""

    @st.composite
    def made(draw: st.DrawFn) -> Any:
        case = draw(operation.as_strategy())
        for part in (case.path_parameters, case.query):
            for name in part or {}:
                if name in held.names:
                    part[name] = draw(st.sampled_from(held.names[name]))
        ending = f"/{operation.path.rsplit('/', 1)[-1]}"
        if case.method == "POST" and ending in held.bodies:
            case.body = draw(held.bodies[ending])
        if ending in held.query:
            case.query = {**(case.query or {}), **draw(held.query[ending])}
        return case

    return made()


def sent(client: httpx.Client, case: Any, base: str, token: dict[str, str]) -> httpx.Response | None:
    """The answer to a request; None where it cannot be sent at all. What it starts is cancelled."""
    arguments = case.as_transport_kwargs(base_url=base)
    arguments["headers"] = dict(arguments.get("headers") or {}) | token
    arguments.pop("cookies", None)
    if isinstance(arguments.get("data"), bytes | str):
        arguments["content"] = arguments.pop("data")
    try:
        answer = client.request(**arguments)
    except UNSENDABLE:
        return None
    if answer.status_code == 202:
        client.post(f"/jobs/{answer.json()['id']}/cancel.json", headers=token)
    return answer


def ask(
    operation: Any,
    strategy: st.SearchStrategy[Any],
    send: Callable[[Any], httpx.Response | None],
    tally: Tally,
) -> None:
    """Forty requests of an operation."""

    @drawn_by(max_examples=40, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=strategy)
    def once(case: Any) -> None:
        answer = send(case)
        if answer is not None:
            tally.add(operation, case.method, answer)

    once()


def test_the_description_holds_under_fuzzing(settings: ServerSettings, run_id: str) -> None:
    """Valid or not, no request is answered by 5xx or by a status that the document does not state.

    With real names, every operation is reached (2xx at least once) and most requests are answered.
    """
    import schemathesis

    free = replace(settings, limits=Limits(requests=10**7, writes=10**7, waiting_session=2))
    chance, placed, real = Tally(), Tally(), Tally()
    with running(free) as base, httpx.Client(base_url=base, timeout=60) as client:
        token = {"x-csrf-token": client.get("/about.json").json()["csrf"]}
        held = prepared(client, run_id, token)
        schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
        for found in schema.get_all_operations():
            operation = found.ok()
            negative = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
            either = operation.as_strategy() | negative
            for tally, strategy in (
                (chance, either),
                (placed, placed_cases(held, either)),
                (real, real_cases(operation, held)),
            ):
                ask(operation, strategy, lambda case: sent(client, case, base, token), tally)
    print(
        f"\n2xx: {chance.share():.0%} of the requests made at random, {placed.share():.0%} of those at addresses that "
        f"exist, {real.share():.0%} of those with real names"
    )
    statuses = sum(
        (counts for each in (chance, placed, real) for counts in each.answers.values()), Counter[int]()
    )
    print(f"answers by status: {dict(sorted(statuses.items()))}")
    for name, counts in real.answers.items():
        print(f"{name}: {dict(sorted(counts.items()))}")
    assert chance.failed + placed.failed + real.failed == []
    assert sum(sum(each.values()) for each in chance.answers.values()) > 300
    missed = [name for name, counts in real.answers.items() if not any(code < 300 for code in counts)]
    assert missed == []
    assert len(real.answers) == len(list(schema.get_all_operations()))
    assert real.share() > 0.8
