"""The evidence desk: a ledger a session and case, what it says, and what a decision would change before it is made.

A session begins with the reports of the case. Its decisions are lines of its own ledger (`evidence.ledger`), so that
nothing is lost, nothing is overwritten, and another session sees nothing of them.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from excomm.analysis.samples import Z90
from excomm.case.model import Case
from excomm.errors import InputError, ReportError, UsageError
from excomm.evidence.extraction.claims import extract
from excomm.evidence.extraction.names import profile_of_case
from excomm.evidence.ledger import Ledger
from excomm.evidence.ledger_state import LedgerState, fold, timeline
from excomm.evidence.linking import link_all
from excomm.evidence.model import Acceptance, Assessment, Claim, Report
from excomm.evidence.reading import collect_reports, read_bytes
from excomm.quantities import OUTCOMES
from excomm.web.catalogue import Kept, StoredRun
from excomm.web.exploration import drawn_again

__all__ = ["Decision", "Desk", "belief_effects"]

LETTERS = ("A", "B", "C", "D", "E", "F")
_SESSION = re.compile(r"[0-9a-f]{32}")
_MOST_REPORTS = 200  # added by one session; judgement
_LISTED = 8


@dataclass(frozen=True)
class Decision:
    """What someone wants to do: accept, reject or link a claim, or regrade a source."""

    kind: str
    subject: str
    body: dict[str, Any]


class Desk:
    """Ledgers of all sessions under one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._states = Kept(64)

    # Files --------------------------------------------------------------------------------------------------------

    def _template(self, case: Case) -> Path:
        """A ledger with the case's own reports; made once for each state of its files."""
        digest = hashlib.sha256(repr(sorted(case.files_hashes.items())).encode()).hexdigest()[:16]
        path = self._folder / "cases" / f"{case.id}-{digest}.sqlite"
        with self._lock:
            if path.exists():
                return path
            draft = path.with_suffix(".draft")
            draft.unlink(missing_ok=True)
            with Ledger(draft) as ledger:
                ledger.define(case.propositions, case.sources, case.actors, who="case", why=f"case {case.id}")
                profile = profile_of_case(case.actors, case.propositions)
                for report in collect_reports(
                    case.report_paths, as_of=case.as_of, skip_other_kinds=True
                ).reports:
                    claims = link_all(list(extract(report, profile)), case.propositions)
                    ledger.add(
                        report,
                        claims,
                        who="case",
                        why="reports of the case",
                        effective=report.known or case.as_of,
                    )
            draft.replace(path)
        return path

    def path(self, session: str, case: Case, *, write: bool = False) -> Path:
        """The session's ledger of a case; until it writes, the one with the case's own reports."""
        if not _SESSION.fullmatch(session):
            raise UsageError("the session has no name", path="session")
        template = self._template(case)
        own = self._folder / session / f"{case.id}.sqlite"
        if own.exists():
            return own
        if not write:
            return template
        with self._lock:
            if not own.exists():
                own.parent.mkdir(parents=True, exist_ok=True)
                draft = own.with_suffix(".draft")
                shutil.copyfile(template, draft)
                draft.replace(own)
        return own

    @contextmanager
    def ledger(self, session: str, case: Case, *, write: bool = False) -> Iterator[Ledger]:
        """The session's ledger, open."""
        with Ledger(self.path(session, case, write=write)) as opened:
            yield opened

    # Reading ------------------------------------------------------------------------------------------------------

    def state(self, session: str, case: Case, as_of: date | None = None) -> LedgerState:
        """What holds at the end of a day, the information date by default."""
        path = self.path(session, case)
        day = as_of or case.as_of
        with Ledger(path) as opened:
            key = (str(path), opened.count("updates"), day, case.acceptance.policy)
            return self._states.get(key, lambda: fold(opened, day, policy=case.acceptance.policy))

    def assessments(self, session: str, case: Case, as_of: date | None = None) -> tuple[Assessment, ...]:
        """Propositions as the session's ledger sees them."""
        state = self.state(session, case, as_of)
        key = (str(self.path(session, case)), len(state.updates), state.as_of, "assessed")
        return self._states.get(key, lambda: state.assess(seed=0))

    def reports(
        self, session: str, case: Case, as_of: date | None = None
    ) -> list[tuple[Report, list[Claim]]]:
        """Reports known by a day, each with its claims in the order of the text; the newest first."""
        day = as_of or case.as_of
        with self.ledger(session, case) as opened:
            found = [
                (report, sorted(opened.claims(report.id), key=lambda claim: (claim.start, claim.end)))
                for report in opened.reports()
                if report.known is None or report.known <= day
            ]
        return sorted(found, key=lambda pair: str(pair[0].known or ""), reverse=True)

    def course(self, session: str, case: Case, proposition: str) -> list[dict[str, Any]]:
        """How the probability of a proposition moved, day by day, to the information date."""
        state = self.state(session, case)
        key = (str(self.path(session, case)), len(state.updates), proposition, "course")
        return self._states.get(key, lambda: timeline(state, proposition, points=60))

    # Writing ------------------------------------------------------------------------------------------------------

    def take(
        self,
        session: str,
        case: Case,
        documents: Sequence[tuple[str, bytes]],
        *,
        known: date | None,
        source: str | None,
    ) -> list[tuple[Report, list[Claim], bool]]:
        """Read documents and keep them with their claims; nothing of it counts unless the case's policy says so.

        Returns each report with its claims and whether it is new. All documents are read before any is kept.
        """
        profile = profile_of_case(case.actors, case.propositions)
        read: list[tuple[Report, list[Claim]]] = []
        for name, content in documents:
            reports = read_bytes(content, name)
            if not reports:
                raise ReportError("the document holds no text", file=name, expected="a report")
            for report in reports[: _MOST_REPORTS + 1]:
                if report.source is None and source:
                    report = replace(report, source=source)
                if report.published is None and known is not None:
                    report = replace(report, published=known)
                read.append((report, list(link_all(list(extract(report, profile)), case.propositions))))
        with self.ledger(session, case, write=True) as opened:
            present = opened.count("reports")
            if present + len(read) > _MOST_REPORTS + len(case.report_paths) * 4:
                raise UsageError(
                    f"the desk holds {present} reports already", expected=f"up to {_MOST_REPORTS} of your own"
                )
            return [
                (
                    report,
                    claims,
                    bool(
                        opened.add(
                            report,
                            claims,
                            who=_who(session),
                            why="added at the desk",
                            effective=report.known or case.as_of,
                        )
                    ),
                )
                for report, claims in read
            ]

    def decide(
        self, session: str, case: Case, decision: Decision, *, why: str, effective: date | None
    ) -> int:
        """Write a decision to the session's ledger; returns the number of its line."""
        if effective is not None and effective > case.as_of:
            raise UsageError(
                f"{effective} lies after the information date",
                path="effective",
                expected=f"a day up to {case.as_of}",
            )
        day = effective or self._day_of(session, case, decision)
        with self.ledger(session, case, write=True) as opened:
            return opened.record(
                decision.kind, decision.subject, who=_who(session), why=why, effective=day, body=decision.body
            )

    def _day_of(self, session: str, case: Case, decision: Decision) -> date:
        """Day from which a decision holds: when its claim became known; a source is seen so from the start."""
        if decision.kind == "regrade":
            return date.min
        identity = decision.subject.partition(":")[2]
        for report, claims in self.reports(session, case):
            if any(claim.id == identity for claim in claims):
                return min(report.known or case.as_of, case.as_of)
        return case.as_of

    def checked(self, session: str, case: Case, kind: str, subject: str, body: dict[str, Any]) -> Decision:
        """A decision whose parts exist. Raises UsageError where one does not."""
        if kind == "regrade":
            if subject not in {source.id for source in case.sources}:
                raise UsageError(f"{subject[:80]!r} is no source of the case", path="subject")
            if body.get("letter") not in LETTERS:
                raise UsageError("this is no letter of a source", path="letter", expected=", ".join(LETTERS))
            return Decision(kind, f"source:{subject}", {"letter": body["letter"]})
        claims = {claim.id: claim for _, listed in self.reports(session, case) for claim in listed}
        if subject not in claims:
            raise UsageError(f"there is no claim {subject[:40]!r} on the desk", path="subject")
        if kind in ("accept", "reject"):
            return Decision(kind, f"claim:{subject}", {})
        if kind != "link":
            raise UsageError(f"{kind[:40]!r} is no decision", expected="accept, reject, link or regrade")
        proposition = next((each for each in case.propositions if each.id == body.get("proposition")), None)
        if proposition is None:
            raise UsageError(
                "a claim is linked to a proposition of the case", path="proposition",
                expected=", ".join(each.id for each in case.propositions),
            )  # fmt: skip
        rival = body.get("rival") or None
        if rival is not None and rival not in {each.id for each in proposition.rivals}:
            raise UsageError(f"{str(rival)[:40]!r} is no rival explanation of {proposition.id}", path="rival")
        polarity = body.get("polarity", 1)
        if polarity not in (1, -1):
            raise UsageError("a claim supports (1) or opposes (-1)", path="polarity")
        return Decision(
            kind, f"claim:{subject}", {"proposition": proposition.id, "rival": rival, "polarity": polarity}
        )

    def preview(self, session: str, case: Case, decision: Decision) -> list[tuple[Assessment, Assessment]]:
        """(now, then) of every proposition that the decision would move; nothing is written."""
        state = self.state(session, case)
        identity = decision.subject.partition(":")[2]
        accepted = set(state.acceptance.accepted or ())
        rejected = set(state.acceptance.rejected or ())
        claims, reports, clusters, sources = state.claims, state.reports, state.clusters, state.sources
        if decision.kind == "accept":
            accepted, rejected = accepted | {identity}, rejected - {identity}
        elif decision.kind == "reject":
            accepted, rejected = accepted - {identity}, rejected | {identity}
        elif decision.kind == "regrade":
            sources = tuple(
                replace(each, letter=decision.body["letter"], record=None) if each.id == identity else each
                for each in sources
            )
        elif decision.kind == "link":
            with self.ledger(session, case) as opened:
                path = opened.path
            return self._preview_link(path, session, case, decision)
        then = replace(
            state, claims=claims, reports=reports, clusters=clusters, sources=sources,
            acceptance=Acceptance(state.acceptance.policy, None, frozenset(accepted), frozenset(rejected)),
        )  # fmt: skip
        return _moved(self.assessments(session, case), then.assess(seed=0))

    def _preview_link(
        self, path: Path, session: str, case: Case, decision: Decision
    ) -> list[tuple[Assessment, Assessment]]:
        """A link brings a claim, and perhaps its report, into the fold: tried on a copy that is thrown away."""
        import tempfile

        with tempfile.TemporaryDirectory(prefix="excomm-preview-") as folder:
            copy = Path(folder) / "ledger.sqlite"
            with Ledger(path) as opened:
                opened.copy_to(copy)
            with Ledger(copy) as tried:
                tried.record(
                    decision.kind, decision.subject, who="preview", why="preview", effective=case.as_of,
                    body=decision.body,
                )  # fmt: skip
                then = fold(tried, case.as_of, policy=case.acceptance.policy)
        return _moved(self.assessments(session, case), then.assess(seed=0))


def _who(session: str) -> str:
    return f"explorer {session[:8]}"


def _moved(now: Sequence[Assessment], then: Sequence[Assessment]) -> list[tuple[Assessment, Assessment]]:
    later = {each.proposition: each for each in then}
    return [
        (each, later[each.proposition])
        for each in now
        if each.proposition in later
        and (
            abs(each.posterior - later[each.proposition].posterior) > 1e-9
            or each.claims != later[each.proposition].claims
        )
    ]


def belief_effects(run: StoredRun, changes: Sequence[tuple[str, float, float]]) -> list[dict[str, Any]]:
    """What other probabilities of propositions would do to the outcomes of a run, by weighing its draws anew.

    changes: (proposition, probability now, probability then). A draw in which the proposition holds gets the weight
    then / p, one in which it does not (1 - then) / (1 - p), with p the share of such draws: no new run is needed,
    and the outcomes within each half stay what they are. Returns the changes beyond chance, the largest first.
    Limits: each half needs at least eight draws; changes are per proposition, not joint.
    """
    found: list[dict[str, Any]] = []
    if not run.is_current:
        return []
    drawn, places = drawn_again(run)
    used = {each["id"]: float(each["posterior"]) for each in run.assessment["propositions"]}
    for name, now, then in changes:
        if name not in used or then == now:
            continue
        holds = drawn.truths[name][places]
        if min(holds.sum(), len(holds) - holds.sum()) < 8:
            continue
        for outcome, values in run.outcomes.items():
            if not OUTCOMES[outcome].headline:
                continue
            for place, option in enumerate(run.options):
                inside, outside = values[place][holds], values[place][~holds]
                gap = float(inside.mean() - outside.mean())
                error = float(np.sqrt(inside.var(ddof=1) / len(inside) + outside.var(ddof=1) / len(outside)))
                if gap == 0 or abs(gap) <= 2 * error:
                    continue
                step = then - now
                spread = float(values[place].std(ddof=1)) or 1.0
                found.append(
                    {
                        "proposition": name,
                        "outcome": outcome,
                        "option": option,
                        "before": float(now * inside.mean() + (1 - now) * outside.mean()),
                        "after": float(then * inside.mean() + (1 - then) * outside.mean()),
                        "change": step * gap,
                        "error": abs(step) * Z90 * error,
                        "size": abs(step * gap) / spread,
                    }
                )
    return sorted(found, key=lambda each: -float(each["size"]))[:_LISTED]


def refused(error: InputError) -> str:
    """One line for a page."""
    return str(error).split("\n", 1)[0]
