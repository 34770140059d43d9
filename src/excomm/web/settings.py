"""What the server is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

__all__ = ["Limits", "ServerSettings"]


@dataclass(frozen=True)
class Limits:
    """Bounds on what one user, and all together, can ask for; every one is a judgement for a small server.

    waiting: jobs of one session, and of all, that may wait. upload_bytes: size of one request. requests and writes:
    how many of them a session may make a minute. new_sessions: a minute, from one address that is not this machine.
    worker_bytes: memory above which the worker is replaced after a job. job_seconds: longest job.
    """

    waiting_session: int = 4
    waiting_all: int = 24
    upload_bytes: int = 5_000_000
    upload_files: int = 20
    requests: int = 1_200
    writes: int = 120
    new_sessions: int = 60
    worker_bytes: int = 3_000_000_000
    job_seconds: float = 900.0
    kept_jobs: int = 2_000
    draws: int = 512
    replicates: int = 64


@dataclass(frozen=True)
class ServerSettings:
    """cases: ids or folders offered; out: folder of stored runs; data: folder of sessions, ledgers and jobs.

    database: `sqlite` beside the data, or the URL of a PostgreSQL server for jobs and sessions. token: what a
    visitor must present; needed where host is not this machine alone. hosts: further names of the server. warm:
    compile the programs of the first case while nothing else is to be done.
    """

    cases: tuple[str, ...]
    out: Path
    data: Path
    host: str = "127.0.0.1"
    port: int = 8765
    token: str | None = None
    database: str = "sqlite"
    hosts: tuple[str, ...] = ()
    warm: bool = True
    limits: Limits = field(default_factory=Limits)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
