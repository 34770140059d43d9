"""The ledger folded as of a date: what counts, what was taken back, and what follows for each proposition."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from excomm.errors import UsageError
from excomm.evidence.assessment import assess_linked, trajectory
from excomm.evidence.copies import Groups
from excomm.evidence.ledger import Ledger, LedgerUpdate
from excomm.evidence.model import Acceptance, ActorNames, Assessment, Claim, Profile, ReportHead
from excomm.evidence.settings import Letter
from excomm.evidence.source_records import Counts, Verdict, records_from, shaped

__all__ = ["LedgerProposition", "LedgerSource", "LedgerState", "compare_states", "fold", "timeline"]


@dataclass(frozen=True)
class LedgerSource:
    """A source as of a date; `record` is its track record where resolved claims have shaped it."""

    id: str
    name: str
    letter: str
    kind: str | None = None
    owner: str | None = None
    state: str | None = None
    interests: tuple[str, ...] = ()
    record: Letter | None = None


@dataclass(frozen=True)
class LedgerProposition:
    """A proposition as of a date."""

    id: str
    text: str
    actor: str | None
    event: tuple[str, ...]
    target: str | None
    quantity: Any
    keywords: tuple[str, ...]
    prior: Any
    rivals: tuple[Mapping[str, Any], ...]
    parameter: str | None


@dataclass(frozen=True)
class LedgerState:
    """Everything that held at the end of `as_of` (None: all that is written)."""

    as_of: date | None
    actors: tuple[ActorNames, ...]
    propositions: tuple[LedgerProposition, ...]
    sources: tuple[LedgerSource, ...]
    claims: tuple[Claim, ...]
    reports: Mapping[str, ReportHead]
    clusters: Mapping[str, int]
    acceptance: Acceptance
    resolved: Mapping[str, bool]
    updates: tuple[LedgerUpdate, ...]

    @property
    def profile(self) -> Profile:
        """What reading a further report needs to know."""
        return Profile(self.actors, self.propositions)

    def assess(self, *, seed: int = 0, only: str | None = None) -> tuple[Assessment, ...]:
        """Assessments of all propositions, or of one; a resolved one has probability 0 or 1."""
        chosen = [each for each in self.propositions if only in {None, each.id}]
        if only and not chosen:
            raise UsageError(
                f"the ledger has no proposition “{only}”",
                expected=", ".join(each.id for each in self.propositions)
                or "a proposition (none is defined yet)",
            )
        found = assess_linked(
            self.claims,
            self.reports,
            self.clusters,
            chosen,
            self.sources,
            acceptance=self.acceptance,
            as_of=self.as_of,
            seed=seed,
        )
        return tuple(self._settle(each) for each in found)

    def _settle(self, found: Assessment) -> Assessment:
        outcome = self.resolved.get(found.proposition)
        if outcome is None:
            return found
        value = float(outcome)
        return replace(
            found,
            posterior=value,
            p05=value,
            p95=value,
            status="confirmed" if outcome else "denied",
            is_discriminating=True,
            notes=(*found.notes, f"resolved as {'true' if outcome else 'false'}"),
        )

    def updates_of(self, proposition: str) -> tuple[LedgerUpdate, ...]:
        """Updates that concern one proposition: its claims, their reports, its resolution."""
        own = list(self._all_claims(proposition))
        claims = {f"claim:{claim.id}" for claim in own}
        reports = {f"report:{claim.report}" for claim in own}
        return tuple(
            each
            for each in self.updates
            if each.subject in claims
            or each.subject == f"proposition:{proposition}"
            or (each.subject in reports and each.kind not in {"new"})
        )

    def _all_claims(self, proposition: str) -> Iterable[Claim]:
        return (claim for claim in self.claims if claim.proposition == proposition)


def fold(ledger: Ledger, as_of: date | None = None, *, policy: str = "none") -> LedgerState:
    """State at the end of `as_of`. policy `linked` lets every linked claim count that nobody rejected."""
    updates = tuple(ledger.updates(as_of))
    definitions: dict[str, Mapping[str, Any]] = {}
    letters: dict[str, str] = {}
    accepted: set[str] = set()
    rejected: set[str] = set()
    withdrawn: set[str] = set()
    present: set[str] = set()
    resolved: dict[str, bool] = {}
    links: dict[str, Mapping[str, Any]] = {}
    for update in updates:
        kind, _, identity = update.subject.partition(":")
        if update.kind == "define":
            definitions[update.subject] = update.body
        elif update.kind == "regrade":
            letters[identity] = str(update.body["letter"])
        elif update.kind == "accept":
            accepted.add(identity)
            rejected.discard(identity)
        elif update.kind == "reject":
            rejected.add(identity)
            accepted.discard(identity)
        elif update.kind in {"retract", "correct"} and kind in {"claim", "report"}:
            withdrawn.add(update.subject)
        elif update.kind == "resolve":
            resolved[identity] = bool(update.body["outcome"])
        elif update.kind == "link":
            links[identity] = update.body
        elif kind == "report":
            present.add(identity)
    heads = {
        identity: ReportHead(
            identity, source, date.fromisoformat(known), tuple(json.loads(cites)) if cites != "[]" else ()
        )
        for identity, source, known, cites in ledger.report_heads()
        if identity in present and f"report:{identity}" not in withdrawn
    }
    claims = tuple(
        _linked(Claim.from_json(json.loads(body)), links.get(identity))
        for identity, report, body in ledger.linked_claims()
        if report in heads and f"claim:{identity}" not in withdrawn
    )
    propositions = tuple(
        _proposition(body) for subject, body in definitions.items() if subject.startswith("proposition:")
    )
    actors = tuple(
        ActorNames(str(body["id"]), tuple(body["names"]))
        for subject, body in definitions.items()
        if subject.startswith("actor:")
    )
    acceptance = Acceptance(policy, None, frozenset(accepted), frozenset(rejected))
    verdicts = _verdicts(claims, heads, resolved, acceptance)
    records = records_from(verdicts)
    sources = tuple(
        _source(body, letters, records)
        for subject, body in definitions.items()
        if subject.startswith("source:")
    )
    return LedgerState(
        as_of,
        actors,
        propositions,
        sources,
        claims,
        heads,
        _clusters(ledger, heads),
        acceptance,
        resolved,
        updates,
    )


def _linked(claim: Claim, stated: Mapping[str, Any] | None) -> Claim:
    """The claim as a person linked it, where someone did; the last word holds."""
    if stated is None:
        return claim
    return replace(
        claim, proposition=stated["proposition"], rival=stated.get("rival"), polarity=stated.get("polarity")
    )


def _clusters(ledger: Ledger, heads: Mapping[str, ReportHead]) -> dict[str, int]:
    groups = Groups()
    for left, right in ledger.copy_pairs():
        if left in heads and right in heads:
            groups.join(left, right)
    numbers: dict[object, int] = {}
    return {identity: numbers.setdefault(groups.root(identity), len(numbers)) for identity in heads}


def _proposition(body: Mapping[str, Any]) -> LedgerProposition:
    quantity = body.get("quantity")
    if quantity and "low" in quantity:
        high = quantity["high"]
        quantity = {**quantity, "low": quantity["low"] or 0.0, "high": float("inf") if high is None else high}
    return LedgerProposition(
        str(body["id"]),
        str(body["text"]),
        body.get("actor"),
        tuple(body.get("event") or ()),
        body.get("target"),
        quantity,
        tuple(body.get("keywords") or ()),
        body.get("prior"),
        tuple(body.get("rivals") or ()),
        body.get("parameter"),
    )


def _source(
    body: Mapping[str, Any], letters: Mapping[str, str], records: Mapping[str, Counts]
) -> LedgerSource:
    identity = str(body["id"])
    letter = letters.get(identity, str(body.get("letter") or "F"))
    made = LedgerSource(
        identity,
        str(body.get("name") or identity),
        letter,
        body.get("kind"),
        body.get("owner"),
        body.get("state"),
        tuple(body.get("interests") or ()),
    )
    verdict = records.get(made.name) or records.get(identity)
    return replace(made, record=shaped(letter, verdict)) if verdict else made


def _verdicts(
    claims: Sequence[Claim],
    heads: Mapping[str, ReportHead],
    resolved: Mapping[str, bool],
    acceptance: Acceptance,
) -> list[Verdict]:
    """One verdict a source and resolved proposition: its first claim decides."""
    first: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        head = heads[claim.report]
        if claim.proposition in resolved and claim.rival is None and claim.polarity and head.source:
            if claim.id in acceptance.rejected:
                continue
            key = (head.source, str(claim.proposition))
            last = first.get(key)
            if last is None or (head.known, claim.id) < (heads[last.report].known, last.id):
                first[key] = claim
    return [
        Verdict(source, proposition, claim.polarity == 1, resolved[proposition])
        for (source, proposition), claim in sorted(first.items(), key=lambda item: item[0])
    ]


def timeline(state: LedgerState, proposition: str, *, points: int = 60) -> list[dict[str, Any]]:
    """Posterior after each day on which something about the proposition was reported (at most `points` days)."""
    chosen = next((each for each in state.propositions if each.id == proposition), None)
    if chosen is None:
        raise UsageError(
            f"the ledger has no proposition “{proposition}”",
            expected=", ".join(each.id for each in state.propositions)
            or "a proposition (none is defined yet)",
        )
    return trajectory(
        [claim for claim in state.claims if claim.proposition == proposition],
        state.reports,
        state.clusters,
        chosen,
        state.sources,
        acceptance=state.acceptance,
        points=points,
    )


def compare_states(before: tuple[Assessment, ...], after: tuple[Assessment, ...]) -> list[dict[str, Any]]:
    """What changed between two assessments of the same propositions, and through which origins and claims."""
    earlier = {each.proposition: each for each in before}
    changes = []
    for each in after:
        old = earlier.get(each.proposition)
        old_claims = set(old.claims) if old else set()
        if old is not None and old.posterior == each.posterior and old_claims == set(each.claims):
            continue
        changes.append(
            {
                "proposition": each.proposition,
                "text": each.text,
                "before": old.posterior if old else None,
                "after": each.posterior,
                "status_before": old.status if old else None,
                "status_after": each.status,
                "added": [claim for claim in each.claims if claim not in old_claims],
                "removed": [claim for claim in (old.claims if old else ()) if claim not in set(each.claims)],
            }
        )
    return changes
