"""What a sentence itself says of how sure the matter is."""

from __future__ import annotations

import re

from excomm.evidence.extraction.attribution import Chain
from excomm.evidence.extraction.denial import is_refusal
from excomm.evidence.extraction.names import Mention, is_preceded_by
from excomm.evidence.extraction.slots import Cues
from excomm.evidence.lexicon import Lexicon
from excomm.evidence.model import Status

__all__ = ["status_of"]


def status_of(
    sentence: str,
    folded: str,
    words: Lexicon,
    cues: Cues,
    chain: Chain,
    mentions: list[Mention],
    *,
    denial: bool,
    genre: str,
    owner: str | None,
    events: tuple[str, ...],
) -> Status | None:
    """confirmed, unconfirmed, denied or contradicted; None where the sentence says nothing of it.

    owner: the actor of the case that speaks in a statement (genre) of its own.
    """
    if cues.has("contradicted"):
        return "contradicted"
    is_denied_in_words = denial and cues.has("denial")
    if cues.has("unconfirmed") and not (is_denied_in_words and _only_hearsay(folded, words)):
        return "unconfirmed"
    if is_denied_in_words:
        return "denied"
    match = cues.found["confirmed"]
    is_own_word = any(
        link.named and link.kind in {"official", "military", "intelligence"} for link in chain.links
    )
    if match is not None and is_own_word and not denial and _ATTESTED.search(match.group()):
        return "confirmed"
    if any(not link.named for link in chain.links):
        return "unconfirmed"
    if denial:
        is_said = bool(chain.links) or genre == "statement" or _is_said(sentence, folded, words)
        return "denied" if is_said and not is_refusal(folded, words) else None
    if cues.has("condition"):
        return None
    if match is not None:
        is_own_word = any(link.kind in {"official", "military", "document"} for link in chain.links)
        is_own_act = not chain.links and _follows_an_actor(folded, match.start(), words, mentions)
        if is_own_word or is_own_act or _ATTESTED.search(match.group()):
            return "confirmed"
    if cues.has("self_act") or _own_decision(folded, words, chain, mentions):
        return "confirmed"
    if genre == "statement" and _own_statement(folded, words, cues, mentions, owner, events):
        return "confirmed"
    return None


_FIRST_PERSON = re.compile(r"(?:^|(?<=[\s\"“«'‘]))(?:i|we|я|ми|мы)\s(?:\w+\s){0,2}$")
_OWN_OFFICE = re.compile(
    r"(?<!\w)(?:its|his|her|their|the country's|його|її|їхн\w+|его|её|ее|их)\s(?:\w+\s){0,2}\w*$"
)


_NEAR = 50  # characters between who decides and the word of deciding


def _own_decision(folded: str, words: Lexicon, chain: Chain, mentions: list[Mention]) -> bool:
    """Whether an office tells of its own decision: `X ordered …, its ministry said`; `I have signed …, he said`."""
    voice = next((link for link in chain.links if link.named and link.kind in {"official", "military"}), None)
    if voice is None:
        return False
    if words.find("own_deed", folded) and not words.find("enemy_loss", folded):
        return True
    for match in words.cues["decided"].finditer(folded):
        if chain.covers(match.start()):
            continue
        before = folded[: match.start()]
        if _FIRST_PERSON.search(before):
            return True
        subject = next((each for each in reversed(mentions) if each.end <= match.start()), None)
        gap = folded[subject.end : match.start()] if subject else before
        apart = r"[,;:]|(?<!\w)(?:that|що|что|had)(?!\w)" + (r"|(?<!\w)(?:to|of|in)(?!\w)" if subject else "")
        if re.search(apart, gap) or len(gap) > _NEAR:
            continue
        if subject is None and match.group().startswith(("was ", "were ", "has been", "have been")):
            return True
        is_body = subject is None and any(
            kind == "official" and pattern.search(before[-60:]) for pattern, kind, _ in words.voices
        )
        if is_body and voice.actor is None:
            return True
        own = any(_OWN_OFFICE.search(folded[: start + 3]) for start, _ in chain.stretches)
        if own or (subject is not None and subject.actor == voice.actor):
            return True
    return False


def _own_statement(
    folded: str,
    words: Lexicon,
    cues: Cues,
    mentions: list[Mention],
    owner: str | None,
    events: tuple[str, ...],
) -> bool:
    """Whether an actor's own statement tells what the actor did, ordered or fixed, not how the enemy fared."""
    if cues.has("negation") or cues.has("opinion") or cues.has("background") or cues.has("housekeeping"):
        return False
    if set(events) & {"DEMAND", "DENY", "RETRACT", "DISAPPROVE", "THREATEN"} or words.find(
        "enemy_loss", folded
    ):
        return False
    match = words.find("own_will", folded)
    if match is None:
        return False
    before = folded[: match.start()]
    subjects = [each for each in mentions if each.end <= match.start()]
    if subjects:
        return owner is None or subjects[0].actor == owner
    return (
        _FIXED.match(match.group()) is not None
        or re.search(r"(?<!\w)(?:we|our|they|ми|наш\w*|мы)(?!\w)", before) is not None
        or any(
            kind in {"official", "military"} and pattern.search(before) for pattern, kind, _ in words.voices
        )
    )


# Orders and acts that need no author in their own sentence: `participants are to report`, `an inquiry has been opened`.
_FIXED = re.compile(
    r"(?:is|are|has|have|was|were|will|takes?|as of"
    r"|оголош|ма[єю]|набу|объявл|обяз|долж|вступ|сьогодні|учора|сегодня|вчера)"
)


# Words of confirming and admitting; words of announcing only count in the mouth of the one who acts.
_ATTESTED = re.compile(
    r"confirm|verif|acknowledg|admit|підтв|визна|верифік|засвідч|зізна|подтв|призна|верифиц|засвид|удостовер"
)


_SPEAKER = re.compile(
    r"\s(?:he|she|they|він|вона|вони|он|она|они|[A-ZА-ЯІЇЄҐ][\w'’-]+\s[A-ZА-ЯІЇЄҐ][\w'’-]+)(?!\w)"
)
_SPEAKER_BEFORE = re.compile(_SPEAKER.pattern.removesuffix(r"(?!\w)").replace(r"\s", r"(?<!\w)", 1) + r"\s$")


def _is_said(sentence: str, folded: str, words: Lexicon) -> bool:
    """Whether a person without an office says it: `said Ida Holm`, `he said`."""
    return any(
        _SPEAKER.match(sentence, saying.end())
        or _SPEAKER_BEFORE.search(sentence[max(0, saying.start() - 50) : saying.start()])
        for saying in words.cues["say"].finditer(folded)
    )


def _follows_an_actor(folded: str, place: int, words: Lexicon, mentions: list[Mention]) -> bool:
    """`The Islands have announced …`: the actor itself announces, right before the word at `place`."""
    for mention in mentions:
        gap = folded[mention.end : place]
        if mention.end <= place and re.fullmatch(r"\s(?:[\w']+\s){0,2}", gap):
            return not is_preceded_by(folded, mention.start, words, "locative")
    return False


def _only_hearsay(folded: str, words: Lexicon) -> bool:
    """Whether every mark of doubt belongs to the talk that is denied: `denied rumours that …`."""
    marks = words.cues["unconfirmed"].finditer(folded)
    return all(words.cues["talk"].fullmatch(mark.group()) for mark in marks)
