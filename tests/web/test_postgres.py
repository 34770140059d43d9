"""The table of jobs in PostgreSQL: the same behaviour as in SQLite, over a server that goes away and comes back."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from excomm.errors import UsageError
from excomm.web.store import JobStore

pytest.importorskip("pg8000", reason="the driver for PostgreSQL is not installed")
PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None) or (
    Path(found).parent if (found := shutil.which("pg_ctl")) else None
)
pytestmark = pytest.mark.skipif(PROGRAMS is None, reason="PostgreSQL is not installed")


class Server:
    """A PostgreSQL server of its own in a temporary folder. It refuses to run as root: then as the user `postgres`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        self._call("initdb", "-D", str(folder / "data"), "-U", "excomm", "-A", "trust", "-N")

    @property
    def url(self) -> str:
        return f"postgresql://excomm@127.0.0.1:{self.port}/postgres"

    def _call(self, program: str, *arguments: str) -> None:
        assert PROGRAMS is not None
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*user, str(PROGRAMS / program), *arguments], check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=120, cwd=self.folder,
        )  # fmt: skip

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        log = str(self.folder / "log")
        self._call("pg_ctl", "-D", str(self.folder / "data"), "-l", log, "-w", "-o", options, "start")

    def stop(self) -> None:
        self._call("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    # Not pytest's own folder: that is closed to other users.
    with tempfile.TemporaryDirectory() as folder:
        started = Server(Path(folder))
        started.start()
        yield started
        started.stop()


@pytest.fixture
def opened(server: Server, tmp_path: Path) -> Iterator[Callable[[], JobStore]]:
    stores: list[JobStore] = []

    def open_store() -> JobStore:
        stores.append(JobStore(server.url, tmp_path))
        return stores[-1]

    yield open_store
    for store in stores:
        store._run("DELETE FROM jobs")
        store.close()


def test_jobs_are_taken_in_their_order_and_keep_what_became_of_them(opened: Callable[[], JobStore]) -> None:
    store = opened()
    for number in range(3):
        store.add(
            f"job-{number}", "mine", "exact", {"number": number, "text": "„Ünïcode“ and 'quotes'; DROP"}
        )
    first = store.next()
    assert first is not None
    assert (first.id, first.status, first.request["text"]) == (
        "job-0",
        "queued",
        "„Ünïcode“ and 'quotes'; DROP",
    )
    store.finish("job-0", "done", result={"value": 0.5})
    store.finish("job-0", "failed", message="too late")
    done = store.get("job-0")
    assert done is not None
    assert (done.status, done.result, done.message) == ("done", {"value": 0.5}, "")
    assert [row[0] for row in store.waiting("mine")] == ["job-1", "job-2"]
    assert [job.id for job in store.of_session("mine")] == ["job-2", "job-1", "job-0"]
    assert store.get("nothing") is None
    store.forget(0)
    assert store.get("job-0") is None


def test_after_a_crash_nothing_that_was_acknowledged_is_lost(opened: Callable[[], JobStore]) -> None:
    store = opened()
    for number in range(2):
        store.add(f"job-{number}", "mine", "exact", {"number": number})
    assert store.next() is not None
    again = opened()  # the first is never closed, as after a kill
    assert again.recover() == 1
    assert again.get("job-0").status == "interrupted"  # type: ignore[union-attr]
    assert [row[0] for row in again.waiting()] == ["job-1"]


def test_a_server_that_was_started_again_is_met_again(opened: Callable[[], JobStore], server: Server) -> None:
    store = opened()
    store.add("before", "mine", "exact", {})
    server.stop()
    server.start()
    store.add("after", "mine", "exact", {})
    assert [row[0] for row in store.waiting()] == ["before", "after"]


def test_a_server_that_does_not_answer_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not answer"):
        JobStore("postgresql://excomm@127.0.0.1:1/postgres", tmp_path)
