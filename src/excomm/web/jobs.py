"""Long work as jobs: a bounded queue, one worker process, progress, cancelling, and a record that survives a crash."""

from __future__ import annotations

import json
import os
import secrets
import select
import subprocess
import sys
import threading
from dataclasses import dataclass
from time import monotonic
from typing import Any

from excomm.errors import UsageError
from excomm.web.settings import ServerSettings
from excomm.web.store import FINAL, Job, JobStore

__all__ = ["Jobs", "QueueFull"]

_PATIENCE = 6.0  # seconds that a worker has to hear that its job is cancelled before it is ended


class QueueFull(Exception):
    """No further job is taken now; `seconds` is when to try again, as far as one can say."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


@dataclass(frozen=True)
class Progress:
    """Where a running job stands."""

    stage: str = ""
    done: int = 0
    total: int = 0


class _Worker:
    """One process that runs the model."""

    def __init__(self) -> None:
        environment = {**os.environ, "JAX_PLATFORMS": os.environ.get("JAX_PLATFORMS", "cpu")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from excomm.web.worker import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment,
        )  # fmt: skip
        self._kept = b""

    def say(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write((json.dumps(message, ensure_ascii=False) + "\n").encode())
        self.process.stdin.flush()

    def hear(self, seconds: float) -> list[dict[str, Any]]:
        """Messages that arrive within some seconds. Raises EOFError when the process has ended."""
        assert self.process.stdout is not None
        stream = self.process.stdout.fileno()
        ready, _, _ = select.select([stream], [], [], seconds)
        if not ready:
            return []
        read = os.read(stream, 1 << 20)
        if not read:
            raise EOFError
        *lines, self._kept = (self._kept + read).split(b"\n")
        return [json.loads(line) for line in lines if line]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


class Jobs:
    """The queue and who works on it."""

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.store = JobStore(settings.database, settings.data)
        self._progress: dict[str, Progress] = {}
        self._cancelled: set[str] = set()
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._worker: _Worker | None = None
        self._warm: list[dict[str, Any]] = []

    def start(self, warm: list[dict[str, Any]] | None = None) -> None:
        """Take up what waits. warm: requests whose programs are compiled while nothing else is to be done."""
        self.store.recover()
        self._warm = list(warm or [])
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the worker; what runs is recorded as interrupted at the next start."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(10)
        if self._worker is not None:
            self._worker.end()
        self.store.close()

    def submit(self, session: str, kind: str, request: dict[str, Any]) -> Job:
        """Put a job in the queue. An exact run of the same session that still waits is replaced.

        Raises QueueFull where the session, or everybody together, waits for too much already.
        """
        limits = self.settings.limits
        with self._lock:
            if kind == "exact":
                for job_id, whose, of in self.store.waiting():
                    if whose == session and of == "exact":
                        self.store.finish(job_id, "cancelled", message="Replaced by a later one.")
            waiting = self.store.waiting()
            own = sum(1 for _, whose, _ in waiting if whose == session)
            if own >= limits.waiting_session:
                raise QueueFull(f"{own} of your runs wait already. Cancel one, or try again later.", 30)
            if len(waiting) >= limits.waiting_all:
                raise QueueFull(f"{len(waiting)} runs wait already. Try again in a while.", 60)
            job_id = secrets.token_hex(8)
            self.store.add(job_id, session, kind, request)
            self.store.forget(limits.kept_jobs)
        self._wake.set()
        job = self.store.get(job_id)
        assert job is not None
        return job

    def get(self, job_id: str, session: str) -> Job:
        """A job of the session. Raises UsageError where the session has none of that id."""
        job = self.store.get(job_id)
        if job is None or job.session != session:
            raise UsageError(
                f"there is no job {job_id[:40]!r}", path="job", next_step="List them under /jobs."
            )
        return job

    def progress(self, job_id: str) -> Progress:
        """Where a running job stands."""
        return self._progress.get(job_id, Progress())

    def place(self, job_id: str) -> int:
        """Place in the queue from 1; 0 where it does not wait."""
        ids = [each for each, _, _ in self.store.waiting()]
        return ids.index(job_id) + 1 if job_id in ids else 0

    def cancel(self, job_id: str, session: str) -> Job:
        """Cancel a job of the session; one that is finished stays as it is."""
        job = self.get(job_id, session)
        if job.status not in FINAL:
            with self._lock:
                self._cancelled.add(job_id)
                if job.status == "queued":
                    self.store.finish(job_id, "cancelled", message="Cancelled.")
            self._wake.set()
        return self.get(job_id, session)

    # The thread that hands jobs to the worker ---------------------------------------------------------------------

    def _work(self) -> None:
        while not self._stopping:
            self._wake.clear()
            with self._lock:
                job = self.store.next()
            if job is None and self._warm:
                self._do(None, {"id": "warm", "kind": "warm", "request": self._warm.pop(0)})
            elif job is None:
                self._wake.wait(5)
            else:
                self._do(job, {"id": job.id, "kind": job.kind, "request": job.request})

    def _do(self, job: Job | None, message: dict[str, Any]) -> None:
        """One job from start to end, whatever the worker does."""
        answer: dict[str, Any] = {"status": "failed", "message": "The worker stopped. Start the run again."}
        try:
            if self._worker is None:
                self._worker = _Worker()
            self._worker.say(message)
            answer = self._attend(message["id"])
        except (EOFError, OSError, ValueError):
            self._end_worker()
        if self._stopping:
            return  # left as running: the next start marks it as interrupted
        if job is not None:
            self.store.finish(
                job.id, answer["status"], message=answer.get("message", ""), result=answer.get("result")
            )
            self._progress.pop(job.id, None)
            self._cancelled.discard(job.id)
        if answer.get("memory", 0) > self.settings.limits.worker_bytes:
            self._end_worker()

    def _attend(self, job_id: str) -> dict[str, Any]:
        assert self._worker is not None
        deadline = monotonic() + self.settings.limits.job_seconds
        told: float | None = None
        while not self._stopping:
            for message in self._worker.hear(0.1):
                if message.get("id") != job_id:
                    continue
                if "status" in message:
                    return message
                self._progress[job_id] = Progress(
                    message["stage"], int(message["done"]), int(message["total"])
                )
            unwanted = job_id in self._cancelled or (job_id == "warm" and self.store.waiting())
            if unwanted and told is None and job_id != "warm":
                self._worker.say({"cancel": job_id})
                told = monotonic()
            if told is not None and monotonic() - told > _PATIENCE:
                self._end_worker()
                return {"status": "cancelled", "message": "Cancelled."}
            if monotonic() > deadline:
                self._end_worker()
                seconds = self.settings.limits.job_seconds
                return {
                    "status": "failed",
                    "message": f"The run took longer than {seconds:.0f} s and was ended.",
                }
        return {"status": "interrupted"}

    def _end_worker(self) -> None:
        if self._worker is not None:
            self._worker.end()
            self._worker = None
