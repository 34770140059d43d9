"""What a sentence itself says of how sure the matter is."""

from __future__ import annotations

import re

from excomm.evidence.extraction.attribution import Chain
from excomm.evidence.extraction.deeds import confesses, tells_own_decision, tells_own_deed, tells_own_will
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
            "denied"
            if is_own_denial and contradicted.group().startswith(("contrary to", "contradicting"))
            else "contradicted"
        )
    if confesses(folded, words, chain):
        return "confirmed"
    is_denied_in_words = denial and cues.has("denial")
    is_talk_aside = is_denied_in_words or cues.has("declined")
    if cues.has("unconfirmed") and not (is_talk_aside and _only_hearsay(folded, words)):
        return "unconfirmed"
    if is_denied_in_words:
        return "denied" if chain.links or genre != "oped" else None  # an author's own view denies no report
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
    if cues.has("self_act") or tells_own_decision(folded, words, chain, mentions):
        return "confirmed"
    if tells_own_deed(folded, words, chain):
        return "confirmed"
    if genre == "statement" and tells_own_will(folded, words, cues, mentions, owner, events):
        return "confirmed"
    return None


# Words of announcing only count in the mouth of the one who acts; all others confirm or admit.
_ATTESTED = re.compile(
    r"(?!announc|declar|proclaim|unveil|officially announc|оголо|офіційно|проголо|объяв|официально|провозгл)"
)


_SPEAKER = re.compile(
    r"\s(?:he|she|they|він|вона|вони|он|она|они|[A-ZА-ЯІЇЄҐ][\w'’-]+\s[A-ZА-ЯІЇЄҐ][\w'’-]+)(?!\w)"
)
_SPEAKER_BEFORE = re.compile(_SPEAKER.pattern.removesuffix(r"(?!\w)").replace(r"\s", r"(?<!\w)", 1) + r"\s$")


# The only one of its kind there, and no single person, whose word nobody answers for.
_BODY_SAYS = re.compile(
    r"(?:^\W*|, )(?:the|its) (?:\w+ )?"
    r"((?!\w*(?:er|or|man|woman|ist|ian|ant|child|wife|husband|son|friend|guest|nurse|guard|pilot|source|s) )\w{4,}) "
    r"(?:\w+ly )?(?:said|says|insist(?:s|ed)|stress(?:es|ed)|add(?:s|ed)|maintain(?:s|ed))(?!\w)"
)


def _is_said(sentence: str, folded: str, words: Lexicon) -> bool:
    """Whether a person or body without an office says it: `said Ida Holm`, `he said`, `the museum said`."""
    body = _BODY_SAYS.search(folded)
    if body is not None and not words.find("no_speaker", body.group(1)):
        return True
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
