"""What the ledger keeps, in plain shapes: its updates; propositions, sources and actors as they are written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from excomm.evidence.extraction.names import profile_of_case
from excomm.evidence.model import ActorLike, PropositionLike, SourceLike

__all__ = ["KINDS", "LedgerUpdate", "plain_actor", "plain_prior", "plain_proposition", "plain_source"]

KINDS = (
    "new",
    "corroborate",
    "deny",
    "contradict",
    "correct",
    "retract",
    "regrade",
    "accept",
    "reject",
    "resolve",
    "link",
    "define",
)


@dataclass(frozen=True)
class LedgerUpdate:
    """One line of the ledger. effective: the day from which it holds; recorded: when it was written (UTC)."""

    seq: int
    kind: str
    subject: str
    effective: date
    recorded: str
    who: str
    why: str
    text: str  # the body as it is written; most readers of a long ledger never open it

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """What the update says."""
        return dict(json.loads(self.text))

    def to_json(self) -> dict[str, Any]:
        """The shape of `ledger show --json`."""
        return {
            "seq": self.seq,
            "kind": self.kind,
            "subject": self.subject,
            "effective": self.effective.isoformat(),
            "recorded": self.recorded,
            "who": self.who,
            "why": self.why,
            "body": dict(self.body),
        }


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return value


def plain_actor(actor: ActorLike) -> dict[str, Any]:
    """An actor as the ledger keeps it: the names by which texts call it."""
    [names] = profile_of_case([actor]).actors
    return {"id": names.id, "names": list(names.names)}


def plain_source(source: SourceLike) -> dict[str, Any]:
    """A source as the ledger keeps it."""
    return {
        "id": source.id,
        "name": source.name,
        "letter": source.letter,
        "kind": source.kind or None,
        "owner": source.owner or None,
        "state": source.state or None,
        "interests": list(source.interests or ()),
    }


def plain_proposition(proposition: PropositionLike) -> dict[str, Any]:
    """A proposition as the ledger keeps it: priors as `{p05, p50, p95}`."""
    event = proposition.event
    quantity = proposition.quantity
    if quantity is not None and not isinstance(quantity, Mapping):
        quantity = {key: getattr(quantity, key) for key in ("low", "high", "unit")}
        quantity = {
            key: None if value in {float("inf"), float("-inf")} else value for key, value in quantity.items()
        }
    return {
        "id": proposition.id,
        "text": proposition.text,
        "actor": proposition.actor,
        "event": [event] if isinstance(event, str) else list(event),
        "target": proposition.target,
        "quantity": _plain(quantity),
        "keywords": list(proposition.keywords or ()),
        "prior": plain_prior(proposition.prior),
        "rivals": [
            {"id": _of(each, "id"), "text": _of(each, "text"), "prior": plain_prior(_of(each, "prior"))}
            for each in proposition.rivals or ()
        ],
        "parameter": getattr(proposition, "parameter", None),
    }


def _of(entry: Any, key: str) -> Any:
    return entry.get(key) if isinstance(entry, Mapping) else getattr(entry, key, None)


def plain_prior(value: Any) -> Any:
    """A prior as a number, a text, or its 5, 50 and 95 per cent points."""
    quantile = getattr(value, "ppf", None)
    if callable(quantile):
        low, middle, high = (float(each) for each in np.asarray(quantile(np.asarray([0.05, 0.5, 0.95]))))
        return middle if high - low < 1e-12 else {"p05": low, "p50": middle, "p95": high}
    return value
