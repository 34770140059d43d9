"""What a claim's chain of voices is worth: effective letter, who speaks, in whose interest, which collection."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from excomm.evidence.model import Attribution, Claim, PropositionLike, ReportHead, SourceLike
from excomm.evidence.settings import Credibility, Letter

__all__ = ["SourceBook", "Voice", "voice_of"]


@lru_cache(maxsize=65_536)
def _plain(name: str | None) -> str:
    return re.sub(r"[^\w]+", " ", re.sub(r"^the ", "", (name or "").strip().lower())).strip()


class SourceBook:
    """The case's sources, found by id or name."""

    def __init__(self, sources: Sequence[SourceLike]) -> None:
        self._by_name: dict[str, SourceLike] = {}
        self.all = tuple(sources)
        for source in sources:
            for name in (source.id, source.id.replace("-", " "), source.name):
                self._by_name.setdefault(_plain(name), source)

    def find(self, name: str | None) -> SourceLike | None:
        """The source of that name, or None: then its letter is F."""
        return self._by_name.get(_plain(name)) if name else None

    def official_of(self, actor: str | None) -> SourceLike | None:
        """A listed official source that speaks for the actor."""
        for source in self.all:
            if actor and source.state == actor and "official" in _plain(source.kind):
                return source
        return None


class Tie(NamedTuple):
    """What decides how far two origins depend on each other."""

    speaker: str | None
    owner: str | None
    collection: str
    is_first_hand: bool


@dataclass(frozen=True)
class Voice:
    """The claim's provenance in the terms of the likelihood.

    letter: effective Admiralty letter; keys: origins that it may share with others; speaker: actor who speaks;
    collection: press, official, intelligence, imagery, witness; first_hand: an actor's own named statement.
    """

    letter: str
    keys: tuple[tuple[str, str], ...]
    speaker: str | None
    owner: str | None
    collection: str
    is_anonymous: bool
    is_first_hand: bool
    is_interested: bool
    anonymous_as: str
    day: date | None
    is_listed: bool
    label: str
    record: Letter | None = None

    @property
    def tie(self) -> Tie:
        """What decides its dependence on others."""
        return Tie(self.speaker, self.owner or None, self.collection, self.is_first_hand)


def _strength(letter: str, config: Credibility) -> float:
    record = config.letters.get(letter, config.letters["F"])
    return record.hit / record.false_alarm


def weaker(left: str, right: str, config: Credibility) -> str:
    """The letter whose assertions discriminate less."""
    return min((left, right), key=lambda letter: (_strength(letter, config), letter))


def letter_of(source: SourceLike | None) -> str:
    """Letter of a listed source; F for any other."""
    letter = (source.letter if source else "F") or "F"
    return letter.strip().upper()[:1]


def voice_of(
    claim: Claim,
    report: ReportHead,
    proposition: PropositionLike,
    polarity: int,
    book: SourceBook,
    config: Credibility,
) -> Voice:
    """Walk the chain: the outlet, the media it cites, and the voice nearest the event."""
    outlet = book.find(report.source)
    letter = letter_of(outlet)
    media = [link for link in claim.attribution if link.kind in {"media", "social"}]
    inner = next((link for link in reversed(claim.attribution) if link.kind not in {"media", "social"}), None)
    is_own = inner is None and outlet is not None and "official" in _plain(outlet.kind)
    cited = [link.name for link in media if link.named and link.name and _is_outlet(link.name)]
    if (
        polarity > 0 and not is_own
    ):  # a denial or an official statement answers what it names, it does not draw on it
        cited += [name for name in report.cites if _plain(name) != _plain(report.source)]
    for name in cited[:1]:
        letter = weaker(letter, letter_of(book.find(name)), config) if book.find(name) else letter
    if any(link.kind == "social" for link in media):
        letter = weaker(letter, str(config.raw["anonymous_letter"]["social"]), config)
    speaker = _actor_of(inner, outlet)
    decider: SourceLike | None = outlet
    official = book.official_of(speaker) if inner and inner.named and inner.kind == "official" else None
    if inner is not None and inner.named:
        own_letter = letter_of(official) if official else str(config.raw["named_letter"][inner.kind])
        is_fit = letter in {"A", "B", "C"}
        letter = own_letter if official and is_fit else weaker(letter, own_letter, config)
        decider = official if official and is_fit else decider
    elif inner is not None:
        letter = weaker(letter, str(config.raw["anonymous_letter"][inner.kind]), config)
    source_name = _plain(official.id if official else (outlet.id if outlet else report.source or report.id))
    keys = _keys(report, inner, outlet, speaker, cited, is_own)
    is_anonymous = inner is not None and not inner.named
    is_first_hand = (is_own or (inner is not None and inner.named and inner.kind == "official")) and (
        speaker is not None and speaker == proposition.actor
    )
    return Voice(
        letter=letter,
        keys=keys,
        speaker=speaker,
        owner=(official or outlet).owner if (official or outlet) else None,  # type: ignore[union-attr]
        collection=_collection(inner, is_own),
        is_anonymous=is_anonymous,
        is_first_hand=is_first_hand,
        is_interested=_is_interested(speaker, outlet, inner, proposition, polarity),
        anonymous_as=f"{inner.kind}/{inner.actor}" if is_anonymous and inner else "",
        day=report.known,
        is_listed=outlet is not None,
        record=getattr(decider, "record", None) if decider and letter_of(decider) == letter else None,
        label=cited[0] if cited else (inner.name if inner and inner.name else report.source or source_name),
    )


def _is_outlet(name: str) -> bool:
    return bool(re.search(r"[A-Z]|[А-ЯІЇЄҐ]", name[:1]))


def _actor_of(inner: Attribution | None, outlet: SourceLike | None) -> str | None:
    if inner is not None and inner.actor:
        return inner.actor
    if inner is None and outlet is not None and "official" in _plain(outlet.kind):
        return outlet.state
    return None


def _keys(
    report: ReportHead,
    inner: Attribution | None,
    outlet: SourceLike | None,
    speaker: str | None,
    cited: list[str],
    is_own: bool,
) -> tuple[tuple[str, str], ...]:
    keys: list[tuple[str, str]] = [("outlet", _plain(name)) for name in cited]
    own = _plain(report.source) or f"report {report.id}"
    if is_own:
        keys.append(("voice", f"official {outlet.state}" if outlet and outlet.state else own))
    elif (
        inner is not None
        and inner.named
        and inner.kind in {"official", "military", "intelligence"}
        and speaker
    ):
        keys.append(("voice", f"{inner.kind} {speaker}"))
    elif inner is not None and inner.named and inner.name:
        keys.append(
            ("voice", _plain(inner.name) + (f" via {own}" if inner.kind in {"document", "unknown"} else ""))
        )
    elif not cited:
        keys.append(("outlet-alone", own))
    if not cited and not is_own:
        keys.append(("outlet-own", own))
    return tuple(keys) if keys else (("outlet-alone", own),)


def _collection(inner: Attribution | None, is_own: bool) -> str:
    if is_own or (inner is not None and inner.named and inner.kind == "official"):
        return "official"
    if inner is not None and inner.kind == "document" and inner.named:
        return "imagery"
    if inner is not None and inner.kind in {"intelligence", "witness"}:
        return inner.kind
    return "press"


def _is_interested(
    speaker: str | None,
    outlet: SourceLike | None,
    inner: Attribution | None,
    proposition: PropositionLike,
    polarity: int,
) -> bool:
    """A party that denies what is held against it, or claims what it suffers; never an admission."""
    parties = {speaker} if speaker else set()
    if inner is None and outlet is not None:
        parties |= {str(each) for each in outlet.interests or ()}
        if outlet.state:
            parties.add(outlet.state)
    if polarity < 0:
        return proposition.actor in parties
    return proposition.target in parties and proposition.actor not in parties if proposition.target else False
