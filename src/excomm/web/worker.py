"""The process that runs the model: it keeps compiled programs warm and does one job at a time.

It reads one JSON object a line from standard input and writes them to standard output. When its input ends, because
the server stopped or was killed, it ends too.
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter
from typing import Any, TextIO

__all__ = ["main"]


class _Cancelled(Exception):
    """The job is not wanted any more."""


class _Conversation:
    """What comes in is read on a thread of its own, so that a wish to cancel is heard while the model runs."""

    def __init__(self, incoming: TextIO, outgoing: TextIO) -> None:
        self.outgoing = outgoing
        self.jobs: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.unwanted: set[str] = set()
        threading.Thread(target=self._listen, args=(incoming,), daemon=True).start()

    def _listen(self, incoming: TextIO) -> None:
        for line in incoming:
            message = json.loads(line)
            if "cancel" in message:
                self.unwanted.add(message["cancel"])
            else:
                self.jobs.put(message)
        os._exit(0)

    def say(self, message: dict[str, Any]) -> None:
        self.outgoing.write(json.dumps(message, ensure_ascii=False, allow_nan=False) + "\n")
        self.outgoing.flush()


def _settings(request: dict[str, Any]) -> list[Any]:
    from excomm.case.amendments import Setting

    return [
        Setting(each["parameter"], tuple(each["options"]), float(each["value"]))
        for each in request.get("settings", ())
    ]


def _case(request: dict[str, Any]) -> Any:
    from excomm.case import load
    from excomm.case.amendments import amend

    return amend(load(request["case"]), _settings(request), weights=request.get("weights"))


def _arguments(request: dict[str, Any]) -> dict[str, Any]:
    from datetime import date

    known = request.get("as_of")
    return {
        "draws": request["draws"],
        "replicates": request["replicates"],
        "seed": request.get("seed", 0),
        "as_of": date.fromisoformat(known) if known else None,
        "only": request.get("only"),
        "perspective": request.get("perspective"),
        "coding": request.get("coding", "narrow"),
        "options": request.get("options"),
        "ledger": request.get("ledger"),
    }


def _exact(request: dict[str, Any], progress: Any) -> dict[str, Any]:
    """Outcomes at some settings: small, fast, not stored."""
    from excomm.pipeline.assess import assess

    began = perf_counter()
    run = assess(
        _case(request), **_arguments(request), store=False, brief=False, reading=False, progress=progress
    )
    cells: dict[str, dict[str, Any]] = {}
    for outcome in request["outcomes"]:
        cells[outcome] = {}
        for option in run.options:
            cell = run.summary.sel(outcome=outcome, option=option)
            cells[outcome][option] = {
                name: _number(cell[name]) for name in ("mean", "p05", "p95", "mcse")
            } | {"draws": [float(f"{x:.6g}") for x in run.outcomes[outcome].sel(option=option).values]}
    return {
        "cells": cells,
        "draws": run.draws,
        "replicates": run.replicates,
        "seed": run.seed,
        "seconds": perf_counter() - began,
        "warnings": list(run.warnings),
    }


def _number(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _assess(request: dict[str, Any], progress: Any) -> dict[str, Any]:
    """A full run, stored with its brief."""
    from excomm.pipeline.assess import assess
    from excomm.storage import write_whole

    run = assess(_case(request), **_arguments(request), out=Path(request["out"]), progress=progress)
    if request.get("settings") or request.get("ledger"):
        kept = {"settings": list(request.get("settings", ())), "ledger": request.get("ledger")}
        write_whole(Path(request["out"]) / run.id / "amendments.json", json.dumps(kept))
    return {"run": run.id, "page": f"/runs/{run.id}", "seconds": run.timing["total_s"]}


_KINDS = {"exact": _exact, "assess": _assess, "warm": _exact}
_STAGES = {"game": "Solving the game", "simulate": "Simulating", "brief": "Writing the brief"}


def _memory() -> int:
    """Resident bytes of this process; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Do jobs until the input ends."""
    from excomm.errors import ExCommError

    # What libraries print must not come between the lines of the conversation.
    outgoing = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    conversation = _Conversation(os.fdopen(os.dup(0), encoding="utf-8"), outgoing)
    while True:
        message = conversation.jobs.get()
        job = message["id"]

        def progress(stage: str, done: int, total: int, job: str = job) -> None:
            if job in conversation.unwanted:
                raise _Cancelled
            conversation.say({"id": job, "stage": _STAGES.get(stage, stage), "done": done, "total": total})

        try:
            if job in conversation.unwanted:
                raise _Cancelled
            result = _KINDS[message["kind"]](message["request"], progress)
            answer = {"id": job, "status": "done", "result": result}
        except _Cancelled:
            answer = {"id": job, "status": "cancelled", "message": "Cancelled."}
        except ExCommError as error:
            answer = {"id": job, "status": "failed", "message": str(error)}
        except Exception as error:  # the server lives on; the log has the trace
            import traceback

            traceback.print_exc(file=sys.stderr)
            answer = {
                "id": job,
                "status": "failed",
                "message": f"A defect stopped the run ({type(error).__name__}).",
            }
        conversation.unwanted.discard(job)
        conversation.say({**answer, "memory": _memory()})


if __name__ == "__main__":
    main()
