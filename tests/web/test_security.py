"""What stands between the pages and the world."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from excomm.web import ServerSettings, create_app
from excomm.web.security import COOKIE, Rates, csrf_of
from excomm.web.settings import Limits


def opened(settings: ServerSettings, **more: Any) -> Any:
    from starlette.testclient import TestClient

    return TestClient(create_app(settings), **({"base_url": "http://127.0.0.1:8765"} | more))


def test_every_answer_carries_a_strict_policy(client: Any) -> None:
    for path in ("/", "/cases.json", "/nothing", "/favicon.ico"):
        headers = client.get(path).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_another_host_name_is_refused(settings: ServerSettings) -> None:
    with opened(settings) as client:
        assert client.get("/", headers={"host": "evil.example"}).status_code == 421
        assert client.get("/", headers={"host": "localhost:8765"}).status_code == 200
    with opened(replace(settings, hosts=("desk.example",))) as client:
        assert client.get("/", headers={"host": "desk.example"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-csrf-token": "0" * 64}, {"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}],
)
def test_a_change_without_the_token_or_from_elsewhere_is_refused(
    client: Any, token: dict[str, str], headers: dict[str, str]
) -> None:
    given = headers if not headers or "x-csrf-token" in headers else token | headers
    answer = client.post("/cases/strait/runs.json", json={"draws": 16}, headers=given)
    assert answer.status_code == 403
    assert client.get("/jobs.json").json() == []


def test_the_token_of_one_session_does_not_serve_another(settings: ServerSettings) -> None:
    with opened(settings) as one:
        app = one.app
        stolen = one.get("/about.json").json()["csrf"]
        from starlette.testclient import TestClient

        other = TestClient(app, base_url="http://127.0.0.1:8765")
        other.get("/about.json")
        assert other.cookies[COOKIE] != one.cookies[COOKIE]
        answer = other.post("/cases/strait/runs.json", json={}, headers={"x-csrf-token": stolen})
        assert answer.status_code == 403


def test_a_session_that_was_made_up_is_replaced(client: Any) -> None:
    client.cookies.set(COOKIE, "f" * 32 + "." + "0" * 64)
    answer = client.get("/about.json")
    assert COOKIE in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=Strict" in answer.headers["set-cookie"]


def test_a_token_is_asked_for_where_one_is_set(settings: ServerSettings) -> None:
    with opened(replace(settings, token="open-sesame"), follow_redirects=False) as client:
        assert client.get("/").status_code == 401
        assert client.get("/openapi.json").status_code == 401
        assert client.get("/?token=wrong").status_code == 401
        assert client.get("/", headers={"authorization": "Bearer open-sesame"}).status_code == 200
        answer = client.get("/cases/strait/explore?token=open-sesame&view=league")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/cases/strait/explore?view=league"
        assert client.get("/").status_code == 200


def test_guessing_the_token_is_slowed(settings: ServerSettings) -> None:
    with opened(replace(settings, token="open-sesame")) as client:
        codes = [client.get(f"/?token={number}").status_code for number in range(80)]
    assert codes.count(429) >= 15


def test_too_many_requests_are_refused_with_when_to_come_back(settings: ServerSettings) -> None:
    with opened(replace(settings, limits=Limits(requests=20))) as client:
        answers = [client.get("/about.json") for _ in range(30)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 9
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)


def test_a_large_request_is_refused_before_it_is_read(settings: ServerSettings) -> None:
    with opened(replace(settings, limits=Limits(upload_bytes=10_000))) as client:
        token = {"x-csrf-token": client.get("/about.json").json()["csrf"]}
        body = b'{"draws": 16' + b" " * 20_000 + b"}"
        kind = {"content-type": "application/json"}
        assert client.post("/cases/strait/runs.json", content=body, headers=token | kind).status_code == 413

        def pieces() -> Any:
            yield body

        answer = client.post("/cases/strait/runs.json", content=pieces(), headers=token | kind)
        assert answer.status_code >= 400
        assert client.get("/jobs.json").json() == []


def test_buckets_fill_again_and_are_forgotten() -> None:
    rates = Rates(keys=3)
    assert [rates.wait("any", "a", 2, now=0.0) > 0 for _ in range(3)] == [False, False, True]
    assert rates.wait("any", "a", 2, now=30.0) == 0
    for key in "bcde":
        rates.wait("any", key, 2, now=30.0)
    assert len(rates._buckets) == 3


def test_tokens_differ_by_session_and_secret() -> None:
    assert len({csrf_of(secret, session) for secret in (b"a", b"b") for session in ("1", "2")}) == 4
