"""What the pages share: catalogue, surrogates, jobs, ledgers. One object a server."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

from fastapi import Request

from excomm.analysis.surrogate import Surrogate
from excomm.errors import ExCommError, UsageError
from excomm.pipeline.stored import read_study
from excomm.pipeline.walk_back import explain, explained_shape
from excomm.storage import write_whole
from excomm.web.catalogue import Catalogue, Kept, StoredRun
from excomm.web.desk import Desk
from excomm.web.exploration import exploration, kept_file, surrogate_of
from excomm.web.jobs import Jobs
from excomm.web.settings import ServerSettings

__all__ = ["Workshop", "workshop_of"]


class Workshop:
    """The server's memory between requests."""

    def __init__(self, settings: ServerSettings, catalogue: Catalogue) -> None:
        self.settings, self.catalogue = settings, catalogue
        self._surrogates = Kept(8)
        self._explorations = Kept(8)
        self._explanations = Kept(2_000)
        self._studies = Kept(4)
        self.jobs = Jobs(settings)
        self.desk = Desk(settings.data / "ledgers")

    def start(self) -> None:
        """Begin the work in the background: explorations of the newest runs, then programs of the first case."""
        named = self.catalogue.case_ids[:6]
        warm = []
        for name in named[: 1 if self.settings.warm else 0]:
            with suppress(ExCommError, OSError):  # a damaged run keeps no server from its start
                run = self.catalogue.latest(name)
                if run is not None:
                    warm.append(warm_request(run))
        self.jobs.start(warm)
        Thread(target=self._prepare, args=(named,), name="prepare", daemon=True).start()

    def _prepare(self, named: tuple[str, ...]) -> None:
        for name in named:
            with suppress(ExCommError, OSError):  # whoever opens the page is told
                run = self.catalogue.latest(name)
                if run is not None:
                    self.exploration(run)

    def stop(self) -> None:
        """End it."""
        self.jobs.stop()

    def own_runs(self, session: str) -> Path:
        """Folder of the runs that a session made with its own settings or decisions; nobody else sees them."""
        return self.settings.data / "runs" / session

    def run(self, run_id: str, session: str) -> StoredRun:
        """A stored run that the session may see. Raises UsageError where there is none."""
        return self.catalogue.run(run_id, self.own_runs(session))

    def chosen(self, case_id: str, run_id: str | None, session: str = "") -> StoredRun | None:
        """The run that is named, else the newest of the case; None where the case has none."""
        self.catalogue.case(case_id)
        if run_id is None:
            return self.catalogue.latest(case_id)
        found = self.run(run_id, session) if session else self.catalogue.run(run_id)
        if found.case.id != case_id:
            raise UsageError(
                f"{run_id} is a run of the case {found.case.id}", path="run", expected=f"a run of {case_id}"
            )
        return found

    def run_of(self, case_id: str, run_id: str | None, session: str = "") -> StoredRun:
        """As `chosen`; raises UsageError where the case has no run."""
        found = self.chosen(case_id, run_id, session)
        if found is None:
            raise UsageError(
                f"the case {case_id} has not been run yet", path="run", next_step="Start a run first."
            )
        return found

    def surrogate(self, run: StoredRun) -> Surrogate:
        """The surrogate of a run, fitted once."""
        return self._surrogates.get(run.id, lambda: surrogate_of(run))

    def exploration(self, run: StoredRun) -> bytes:
        """JSON of a run's exploration; kept on disk, because a run never changes."""

        def make() -> bytes:
            from excomm.pipeline.assess import versions

            path = kept_file(self.settings.data, run)
            stamp = f"{versions()['code']}{'' if run.is_current else '-old'}"
            try:
                kept = path.read_bytes()
                if json.loads(kept)["stamp"] == stamp:
                    return kept
            except (OSError, ValueError, KeyError):
                pass
            content = exploration(run, self.surrogate(run)) | {"stamp": stamp}
            text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text)
            return text

        return self._explorations.get((run.id, run.is_current), make)

    def explanation(self, run: StoredRun, outcome: str, option: str) -> dict[str, Any]:
        """The walk back of a number, as `excomm explain --json` gives it."""

        def make() -> dict[str, Any]:
            study = self._studies.get(run.id, lambda: read_study(run.folder))
            return explained_shape(study, explain(study, outcome, option))

        return self._explanations.get((run.id, outcome, option), make)


def workshop_of(request: Request) -> Workshop:
    """The workshop of the server that answers."""
    found: Workshop = request.app.state.workshop
    return found


def warm_request(run: StoredRun) -> dict[str, Any]:
    """The exact run that a released slider asks for, with nothing set: compiles its programs."""
    return {
        "case": str(run.case.folder), "draws": 64, "replicates": 16, "seed": 0, "options": list(run.options),
        "outcomes": [],
    }  # fmt: skip
