"""What the evidence room works with: reports, claims with their spans, assessments, updates.

All objects are frozen; ids are hashes of the content, so the same report read twice is the same report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal, Protocol

__all__ = [
    "Acceptance",
    "AcceptanceLike",
    "ActorLike",
    "ActorNames",
    "Assessment",
    "Attribution",
    "Claim",
    "Hedge",
    "Modality",
    "OriginEvidence",
    "Profile",
    "PropositionLike",
    "Quantity",
    "Report",
    "ReportHead",
    "RivalProbability",
    "SourceLike",
    "Status",
    "TimeInterval",
    "content_id",
    "interval_text",
]

Genre = Literal["news", "oped", "analysis", "statement", "liveblog"]
Kind = Literal["claim", "opinion", "forecast", "background"]
Modality = Literal["plan", "threat", "ordered", "done", "denied"]
Status = Literal["confirmed", "unconfirmed", "denied", "contradicted"]
Bound = Literal["exact", "about", "upto", "atleast", "range"]

GENRES: tuple[Genre, ...] = ("news", "oped", "analysis", "statement", "liveblog")


# fmt: off
_PLAIN_SLOTS = (
    "report", "start", "end", "quote", "kind", "actor", "modality", "target", "place", "condition",
    "status", "stance", "proposition", "polarity", "rival", "parameter",
)
# fmt: on


def content_id(*parts: object) -> str:
    """First 12 hexadecimal digits of the SHA-256 of the parts: 48 bits, enough for 100,000 items in a ledger."""
    joined = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:12]


# What other rooms hand in: only these attributes are read. ----------------------------------------------------


class ActorLike(Protocol):
    """An actor of the case. An attribute `aliases` (names in other languages) is read where it exists."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102


class SourceLike(Protocol):
    """A news source of the case: letter A..F is its track record; interests are actor ids."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def letter(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str | None: ...  # noqa: D102
    @property
    def owner(self) -> str | None: ...  # noqa: D102
    @property
    def state(self) -> str | None: ...  # noqa: D102
    @property
    def interests(self) -> Sequence[str]: ...  # noqa: D102


class PropositionLike(Protocol):
    """A proposition of the case. `rivals` have `id`, `text`, `prior`; `quantity` is `{above: "5000 troops"}`."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def actor(self) -> str | None: ...  # noqa: D102
    @property
    def event(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def target(self) -> str | None: ...  # noqa: D102
    @property
    def quantity(self) -> Any: ...  # noqa: D102
    @property
    def keywords(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def prior(self) -> Any: ...  # noqa: D102
    @property
    def rivals(self) -> Sequence[Any]: ...  # noqa: D102


class AcceptanceLike(Protocol):
    """Which claims count: policy `linked` takes every linked claim, `none` only those accepted by name."""

    @property
    def policy(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Acceptance:
    """Claims that count: the policy of the case, and single decisions of a person by claim id."""

    policy: str = "none"
    by: str | None = None
    accepted: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()


# Reports and claims --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """One document as read. `text` is what the spans of its claims refer to.

    published: date as the document states it (None where it states none). cites: names that the header names as
    the document's own sources. path: where it was read from.
    """

    text: str
    source: str | None = None
    title: str | None = None
    genre: Genre = "news"
    language: str = "en"
    published: date | None = None
    retrieved: date | None = None
    url: str | None = None
    cites: tuple[str, ...] = ()
    path: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def text_hash(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def id(self) -> str:
        """Hash of source, title, date and text: the file's name and place do not matter."""
        return content_id(self.source, self.title, self.published, self.text)

    @property
    def head(self) -> ReportHead:
        """The report without its text."""
        return ReportHead(self.id, self.source, self.known, self.cites)

    @property
    def known(self) -> date | None:
        """First day on which the report was known: its date, else the day of retrieval."""
        return self.published or self.retrieved

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` is the inverse."""
        plain = asdict(self)
        plain["published"] = self.published.isoformat() if self.published else None
        plain["retrieved"] = self.retrieved.isoformat() if self.retrieved else None
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Report:
        """Rebuild a report from `to_json`."""
        values = dict(plain)
        for key in ("published", "retrieved"):
            values[key] = date.fromisoformat(values[key]) if values.get(key) else None
        for key in ("cites", "warnings"):
            values[key] = tuple(values.get(key) or ())
        return cls(**values)


@dataclass(frozen=True)
class ReportHead:
    """What weighing needs of a report; the ledger keeps these apart from the texts."""

    id: str
    source: str | None
    known: date | None
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quantity:
    """A number as an interval [low, high] with its unit; None is an open end. `up to n` is (0, n]."""

    low: float | None
    high: float | None
    unit: str
    cue: str
    bound: Bound
    start: int
    end: int


def interval_text(quantity: Quantity) -> str:
    """A quantity in words, such as `up to 800,000 troops (0 to 800,000)`."""
    low = "" if quantity.low is None else f"{quantity.low:,.6g}"
    high = "" if quantity.high is None else f"{quantity.high:,.6g}"
    if quantity.bound == "exact":
        return f"{high} {quantity.unit}"
    if quantity.bound == "atleast":
        return f"at least {low} {quantity.unit}"
    return f"{low} to {high} {quantity.unit}" + (f" ({quantity.cue})" if quantity.cue else "")


@dataclass(frozen=True)
class TimeInterval:
    """First and last day meant, with the granularity of the words (day, week, month, season, year)."""

    start: date | None
    end: date | None
    granularity: str
    cue: str


@dataclass(frozen=True)
class Hedge:
    """The author's or speaker's doubt about the event, in their words.

    low, mid, high: probability that readers give to the words (10 %, median, 90 %); scale: where that comes from.
    """

    cue: str
    category: str
    low: float
    mid: float
    high: float
    scale: str


@dataclass(frozen=True)
class Attribution:
    """One link of the chain from the report to the event; the outermost link comes first.

    actor: id of the actor of the case for whom the link speaks.
    """

    kind: str
    name: str | None
    named: bool
    actor: str | None = None


@dataclass(frozen=True)
class Claim:
    """A mention: what one sentence of one report says, with the span that says it.

    Every slot may be None (or empty); `abstained` then says why. proposition, polarity (+1 supports, -1 opposes) and
    rival are proposals made by structure alone; they move nothing until someone accepts them.
    """

    report: str
    start: int
    end: int
    quote: str
    kind: Kind
    actor: str | None = None
    events: tuple[tuple[str, float], ...] = ()
    modality: Modality | None = None
    target: str | None = None
    place: str | None = None
    time: TimeInterval | None = None
    quantity: Quantity | None = None
    quantities: tuple[Quantity, ...] = ()
    hedge: Hedge | None = None
    condition: str | None = None
    attribution: tuple[Attribution, ...] = ()
    status: Status | None = None
    stance: str | None = None
    actors: tuple[str, ...] = ()
    proposition: str | None = None
    polarity: int | None = None
    rival: str | None = None
    parameter: str | None = None
    abstained: tuple[str, ...] = ()

    @cached_property
    def id(self) -> str:
        """Hash of the report's id and the span."""
        return content_id(self.report, self.start, self.end)

    @property
    def event_types(self) -> tuple[str, ...]:
        """Event types without their scores, best first."""
        return tuple(name for name, _ in self.events)

    def to_json(self) -> dict[str, Any]:
        """The shape of `excomm read --json`, with further fields."""
        when = self.time
        return {
            "id": self.id,
            "report": self.report,
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "kind": self.kind,
            "actor": self.actor,
            "events": list(self.event_types),
            "event_scores": [round(score, 4) for _, score in self.events],
            "modality": self.modality,
            "target": self.target,
            "place": self.place,
            "time": when
            and {
                "start": when.start and when.start.isoformat(),
                "end": when.end and when.end.isoformat(),
                "granularity": when.granularity,
                "cue": when.cue,
            },
            "quantity": asdict(self.quantity) if self.quantity else None,
            "quantities": [asdict(each) for each in self.quantities],
            "hedge": asdict(self.hedge) if self.hedge else None,
            "condition": self.condition,
            "attribution": [asdict(link) for link in self.attribution],
            "status": self.status,
            "stance": self.stance,
            "actors": list(self.actors),
            "proposition": self.proposition,
            "polarity": self.polarity,
            "rival": self.rival,
            "parameter": self.parameter,
            "abstained": list(self.abstained),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Claim:
        """Rebuild a claim from `to_json`."""
        when = plain.get("time")
        time = when and TimeInterval(
            date.fromisoformat(when["start"]) if when["start"] else None,
            date.fromisoformat(when["end"]) if when["end"] else None,
            when["granularity"],
            when["cue"],
        )
        same = {key: plain.get(key) for key in _PLAIN_SLOTS}
        return cls(
            **same,  # type: ignore[arg-type]
            events=tuple(zip(plain["events"], plain["event_scores"], strict=True)),
            time=time or None,
            quantity=Quantity(**plain["quantity"]) if plain.get("quantity") else None,
            quantities=tuple(Quantity(**each) for each in plain.get("quantities") or ()),
            hedge=Hedge(**plain["hedge"]) if plain.get("hedge") else None,
            attribution=tuple(Attribution(**link) for link in plain.get("attribution") or ()),
            actors=tuple(plain.get("actors") or ()),
            abstained=tuple(plain.get("abstained") or ()),
        )


# The reader's frame --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ActorNames:
    """An actor of the case with the names by which texts call it (any language)."""

    id: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """What the extraction needs to know of the case: its actors, propositions, and the scale for verbal doubt.

    scale: `lay` (how lay readers take the words) or `icd203` (US intelligence standard); None lets the genre choose.
    """

    actors: tuple[ActorNames, ...] = ()
    propositions: tuple[PropositionLike, ...] = ()
    scale: str | None = None


# Results -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OriginEvidence:
    """All reports that go back to one origin, and what they weigh together (natural log of the likelihood ratio)."""

    id: str
    kind: str
    label: str
    reports: tuple[str, ...]
    claims: tuple[str, ...]
    log_lr: float
    letter: str
    hypothesis: str = "proposition"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RivalProbability:
    """A rival explanation with its probability before and after the reports."""

    id: str
    text: str
    prior: float
    posterior: float


@dataclass(frozen=True)
class Assessment:
    """What is believed of one proposition as of a date, and why.

    prior, posterior, p05, p95: probabilities. sensitivity: origin id -> posterior without that origin.
    is_discriminating: False when the 90 % interval straddles the decision's threshold.
    """

    proposition: str
    text: str
    as_of: date | None
    prior: float
    posterior: float
    p05: float
    p95: float
    letter: str
    number: int
    status: Status
    origins: tuple[OriginEvidence, ...]
    claims: tuple[str, ...]
    rivals: tuple[RivalProbability, ...]
    sensitivity: Mapping[str, float]
    rho: float
    effective_origins: float
    log_lr: float
    is_discriminating: bool
    threshold: float
    config_hash: str
    pending: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    draws: tuple[float, ...] = field(default=(), repr=False)

    @property
    def id(self) -> str:
        """Id of the proposition."""
        return self.proposition

    @property
    def admiralty(self) -> str:
        """Letter of the best source behind it and number of corroboration, such as C3."""
        return f"{self.letter}{self.number}"

    def to_json(self) -> dict[str, Any]:
        """The shape of `assess --json` (`propositions`), with origins and rivals."""
        return {
            "id": self.proposition,
            "text": self.text,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "status": self.status,
            "admiralty": self.admiralty,
            "prior": self.prior,
            "posterior": self.posterior,
            "p05": self.p05,
            "p95": self.p95,
            "claims": list(self.claims),
            "pending": list(self.pending),
            "origins": [asdict(each) for each in self.origins],
            "rivals": [asdict(each) for each in self.rivals],
            "sensitivity": dict(self.sensitivity),
            "rho": self.rho,
            "effective_origins": self.effective_origins,
            "log_lr": self.log_lr,
            "discriminating": self.is_discriminating,
            "threshold": self.threshold,
            "config_hash": self.config_hash,
            "warnings": list(self.notes),
        }


def canonical_json(plain: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
