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
    contradicted = cues.found["contradicted"]
    if contradicted is not None:
        is_own_denial = denial and (bool(chain.links) or genre == "statement")
        return (
            "denied" if is_own_denial and contradicted.group().startswith("contrary to") else "contradicted"
        )
    if _confesses(folded, words, chain):
        return "confirmed"
    is_denied_in_words = denial and cues.has("denial")
    is_talk_aside = is_denied_in_words or cues.has("declined")
    if cues.has("unconfirmed") and not (is_talk_aside and _only_hearsay(folded, words)):
        return "unconfirmed"
    if is_denied_in_words:
        return "denied"
    match = cues.found["confirmed"]
    is_own_word = any(
        link.named and link.kind in {"official", "military", "intelligence"} for link in chain.links
    )
    if match is not None and is_own_word and not denial and _ATTESTED.match(match.group()):
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
        if is_own_word or is_own_act or _ATTESTED.match(match.group()):
            return "confirmed"
    if cues.has("self_act") or _own_decision(folded, words, chain, mentions):
        return "confirmed"
    if _own_report(folded, words, chain):
        return "confirmed"
    if genre == "statement" and _own_statement(folded, words, cues, mentions, owner, events):
        return "confirmed"
    return None


_FIRST_PERSON = re.compile(r"(?:^|(?<=[\s\"“«'‘]))(?:i|we|я|ми|мы)\s(?:\w+\s){0,2}$")
_OWN_OFFICE = re.compile(
    r"(?<!\w)(?:its|his|her|their|the country's|його|її|їхн\w+|его|её|ее|их)\s(?:\w+\s){0,2}\w*$"
)


# The speaker is the one who acts: `the navy said that it had fired`, `she had offered to go, she said`.
_SELF_AFTER = re.compile(
    r"(?: \w+day| on \w+day| this \w+| \w+ly)?(?: that)? (?:it|he|she) (?:has|had) ((?:\w+ly )?\w+)"
)
_SELF_BEFORE = re.compile(
    r"(?:^|[\"“] ?)(?:it|he|she) (?:has|had) ((?:\w+ly )?\w+)(?=.*, (?:it|he|she) (?:\w+ly )?$)"
)
_NO_DEED = re.compile(
    r"(?:no|not|never|always|seen|heard|asked|called|been|had|long|received|learned|hoped|tried|waited|noticed|found"
    r"|warned|told|evidence|proof|information|reason|recorded|detected|observed|every|nothing)(?!\w)"
)


def _own_report(folded: str, words: Lexicon, chain: Chain) -> bool:
    """Whether a named office tells what it has itself done, not how the enemy fared."""
    if not any(link.named and link.kind in {"official", "military", "intelligence"} for link in chain.links):
        return False
    if words.find("enemy_loss", folded) or words.find("negation", folded):
        return False
    for saying in words.cues["say"].finditer(folded):
        deed = _SELF_AFTER.match(folded, saying.end()) or _SELF_BEFORE.search(folded[: saying.start()])
        if deed is not None and not _NO_DEED.match(deed.group(1)):
            return True
    return False


_ADMITS = re.compile(r"admit|acknowledg|conced|own|accept|confess|взя|визна|зізна|призна")


def _confesses(folded: str, words: Lexicon, chain: Chain) -> bool:
    """Whether a named office speaks of its own deed in the first person, or admits what a later clause negates."""
    if not any(link.named and link.kind in {"official", "military"} for link in chain.links):
        return False
    deed = words.find("own_deed", folded)
    if deed is not None and not words.find("enemy_loss", folded[deed.start() :]):
        return _QUOTED.search(folded[: deed.start()]) is not None
    admitted = words.find("confirmed", folded)
    negated = words.find("negation", folded)
    return (
        admitted is not None
        and _ADMITS.match(admitted.group()) is not None
        and negated is not None
        and negated.start() > admitted.end()
    )


_QUOTED = re.compile(r"[\"“«:][^\"”»]{0,30}$")


# Several bodies announce what they did together.
_JOINT = re.compile(
    r"(?<!\w)(?:both|their (?:governments|ministries|armies|offices)|the two|joint(?:ly)?|each)(?!\w)"
)
_NEAR = 50  # characters between who decides and the word of deciding; judgement


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
        if voice.actor is None and _JOINT.search(folded):
            return True
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


# Words of announcing only count in the mouth of the one who acts; all others confirm or admit.
_ATTESTED = re.compile(
    r"(?!announc|declar|proclaim|unveil|officially announc|оголо|офіційно|проголо|объяв|официально|провозгл)"
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
