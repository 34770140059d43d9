"""One report to its claims: every slot with its span, or a reason why it stays empty."""

from __future__ import annotations

import re

from excomm.evidence.extraction.attribution import Chain, attribution
from excomm.evidence.extraction.denial import is_denial
from excomm.evidence.extraction.events import rank_events
from excomm.evidence.extraction.names import Mention, find_actors, is_preceded_by
from excomm.evidence.extraction.quantities import quantities
from excomm.evidence.extraction.sentences import sentences
from excomm.evidence.extraction.slots import (
    condition_of,
    hedge_of,
    kind_of,
    modality_of,
    read_cues,
)
from excomm.evidence.extraction.speakers import Speakers
from excomm.evidence.extraction.status import status_of
from excomm.evidence.extraction.times import time_of
from excomm.evidence.lexicon import LANGUAGES, Lexicon, fold, lexicon
from excomm.evidence.linking import link
from excomm.evidence.model import Attribution, Claim, Genre, Profile, Quantity, Report
from excomm.evidence.settings import default_credibility

__all__ = ["extract"]

_MAIN_UNITS = (
    "troops",
    "killed",
    "casualties",
    "missiles",
    "drones",
    "aircraft",
    "brigades",
    "battalions",
    "divisions",
    "batteries",
)


_OFFICIAL_ACCOUNT = re.compile(r"\((?:official|verified) (?:account|channel|page)\)")


def extract(report: Report, profile: Profile) -> tuple[Claim, ...]:
    """Claims of a report, one a sentence. They are proposals: nothing moves until someone accepts them.

    None for a report in a language that is not read: the rules of another one would find nonsense in it.
    """
    if report.language not in LANGUAGES:
        return ()
    words = lexicon(report.language)
    scale = profile.scale or default_credibility().raw["scale_by_genre"][report.genre]
    claims = []
    speakers = Speakers(report.source)
    is_statement = report.genre == "statement" or _OFFICIAL_ACCOUNT.search(report.source or "") is not None
    genre = "statement" if is_statement else report.genre
    own = find_actors(report.source or "", profile.actors) if is_statement else []
    owner = own[0].actor if own else None
    subject = owner
    recent: list[str | None] = []
    for start, end in sentences(report.text, words):
        context = {each for each in recent[-2:] if each}
        claim = _claim(report, start, end, words, profile, scale, subject, context, speakers, owner, genre)
        recent.append(claim.proposition)
        if claim.actor is not None:
            subject = claim.actor
        claims.append(claim)
    return tuple(claims)


def _claim(
    report: Report,
    start: int,
    end: int,
    words: Lexicon,
    profile: Profile,
    scale: str,
    subject: str | None,
    context: set[str],
    speakers: Speakers,
    owner: str | None,
    genre: Genre,
) -> Claim:
    sentence = report.text[start:end]
    folded = fold(sentence)
    abstained: list[str] = []
    cues = read_cues(folded, words)
    mentions = find_actors(sentence, profile.actors)
    spoken = attribution(sentence, folded, words, mentions, report.source)
    chain = speakers.complete(sentence, folded, words, mentions, spoken)
    speakers.remember(chain)
    hedge = hedge_of(sentence, folded, words, cues, scale)
    denial = is_denial(folded, words, chain, in_doubt=cues.has("unconfirmed") or cues.has("declined"))
    events = rank_events(folded, report.language, stretches=chain.stretches, is_denial=denial)
    amounts = tuple(
        each for each in quantities(sentence, folded, words, start) if not chain.covers(each.start - start)
    )
    if hedge is not None and hedge.category == "numeric":
        amounts = tuple(each for each in amounts if each.unit != "percent")
    actor, target = _roles(folded, words, mentions, chain, abstained)
    if actor is None and genre == "statement":
        actor = owner  # a statement speaks of its author where it names nobody
    status = status_of(
        sentence,
        folded,
        words,
        cues,
        chain,
        mentions,
        denial=denial,
        genre=genre,
        owner=owner,
        events=tuple(name for name, _ in events),
    )
    modality = modality_of(cues, hedge, denial, bool(events), folded)
    kind = kind_of(
        cues,
        chain,
        genre=genre,
        hedge=hedge,
        denial=denial,
        status=status,
        events=events,
        quantities=amounts,
        actors=len(mentions),
        sentence=sentence,
    )
    if kind in {"opinion", "forecast"} or (kind == "background" and status == "confirmed"):
        status = None
    when, why = time_of(folded, words, report.published)
    if why:
        abstained.append(why)
    if cues.has("instructions"):
        abstained.append("kind: addressed to the reader, not about the world; taken as text only")
        events, amounts, actor, target, modality, hedge = (), (), None, None, None, None
        status = None
    if not events:
        abstained.append("events: no cue for any event type")
    links = chain.links
    if kind == "opinion" and not links and cues.has("evaluation_said") and actor is not None:
        links = (Attribution("official", mentions[0].actor, True, actor),)
    condition = condition_of(sentence, cues)
    if condition:
        abstained.append("likelihood: conditional; it updates nothing")
    claim = Claim(
        report=report.id,
        start=start,
        end=end,
        quote=sentence,
        kind=kind,
        actor=actor,
        events=events,
        modality=modality,
        target=target,
        place=target,
        time=when,
        quantity=_main(amounts),
        quantities=amounts,
        hedge=hedge,
        condition=condition,
        attribution=links,
        status=status,
        actors=tuple(dict.fromkeys(mention.actor for mention in mentions)),
        abstained=tuple(abstained),
    )
    return link(claim, profile.propositions, subject, context)


def _main(amounts: tuple[Quantity, ...]) -> Quantity | None:
    if not amounts:
        return None
    return min(amounts, key=lambda each: _MAIN_UNITS.index(each.unit) if each.unit in _MAIN_UNITS else 99)


def _roles(
    folded: str, words: Lexicon, mentions: list[Mention], chain: Chain, abstained: list[str]
) -> tuple[str | None, str | None]:
    """Who acts and towards whom or where, by position and preposition; attributions are left aside."""
    acting: list[Mention] = []
    placed: list[Mention] = []
    speaking: list[Mention] = []
    for mention in mentions:
        if chain.covers(mention.start) or _stands_with_voice(folded, mention, chain):
            speaking.append(mention)
        elif is_preceded_by(folded, mention.start, words, "locative") and not _modifies_people(
            folded, mention, words
        ):
            placed.append(mention)
        else:
            acting.append(mention)
    first = acting[0] if acting else None
    if first is None and speaking:
        first = speaking[0]
        if placed and first.actor == placed[0].actor:
            placed = placed[1:]
    if first is None:
        if mentions:
            abstained.append("actor: only named as a place")
        else:
            abstained.append("actor: no actor of the case is named")
    actor = first.actor if first else None
    target = next((mention.actor for mention in placed if mention.actor != actor), None)
    if target is None:
        target = next((mention.actor for mention in acting[1:] if mention.actor != actor), None)
    return actor, target


def _stands_with_voice(folded: str, mention: Mention, chain: Chain) -> bool:
    """`Northland's military intelligence`, `речниця Ліги`: the name belongs to the voice beside it."""
    for start, end in chain.stretches:
        between = folded[mention.end : start] if mention.end <= start else folded[end : mention.start]
        if len(between.strip()) <= 4 and not re.search(r"[,.;:]", between):
            return True
    return False


def _modifies_people(folded: str, mention: Mention, words: Lexicon) -> bool:
    """`in League troops`: the name is followed by the people or things that it owns."""
    after = folded[mention.end : mention.end + 25]
    return bool(re.match(rf"\s+(?:\w+\s+)?(?:{words.any_unit})(?!\w)", after)) and not re.match(
        r"\s+(?:in|to|and|,)", after
    )
