"""Hostile input: no crash, no hang, no script in any page, no request to anywhere private."""

from __future__ import annotations

import random
import resource
import socket
import time

import pytest

from excomm.errors import ReportError
from excomm.evidence.reading.fetch import fetch_report, public_address

from .fuzzing import attempt, hostile, mutate

SECONDS = 2.0  # the longest that one input may take


def fuzz(seed: int, count: int) -> tuple[int, float]:
    random_, claims, slowest = random.Random(seed), 0, 0.0
    for number in range(count):
        name, data = mutate(random_)
        started = time.process_time()
        claims += attempt(name, data, render=number % 5 == 0)
        spent = time.process_time() - started
        slowest = max(slowest, spent)
        assert spent < SECONDS, (name, data)
    return claims, slowest


def test_a_seeded_set_of_broken_inputs() -> None:
    attempt("warm.txt", b"Nothing happened.")
    claims, _ = fuzz(2031, 300)
    assert claims > 150, "the fuzzer must reach the extraction, not only the errors"


@pytest.mark.long
def test_a_hundred_thousand_broken_inputs() -> None:
    attempt("warm.txt", b"Nothing happened.")
    claims, slowest = fuzz(7, 100_000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{claims} claims, slowest {slowest:.2f} s, peak {peak:.0f} MB")
    assert peak < 500


@pytest.mark.parametrize(("name", "data"), hostile(), ids=[name for name, _ in hostile()])
def test_inputs_that_try_to_exhaust(name: str, data: bytes) -> None:
    attempt("warm.txt", b"Nothing happened.")
    started = time.process_time()
    attempt(name, data)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.7",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "localhost",
    ],
)
def test_private_addresses_are_never_fetched(host: str) -> None:
    with pytest.raises(ReportError, match=r"not a public address|cannot be found"):
        public_address(host, 80)


def test_a_public_name_with_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    with pytest.raises(ReportError, match="not a public address"):
        fetch_report("https://news.example/story")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.example/x", "http://user:secret@a.example/", "http://a.example:22/"],
)
def test_other_schemes_passwords_and_ports_are_refused(url: str) -> None:
    with pytest.raises(ReportError):
        fetch_report(url)
