"""Doubt, condition, status, modality and kind of one sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from excomm.evidence.extraction.attribution import Chain
from excomm.evidence.extraction.denial import is_refusal
from excomm.evidence.extraction.names import Mention, is_preceded_by
from excomm.evidence.lexicon import Lexicon
from excomm.evidence.model import Hedge, Kind, Modality, Quantity, Status
from excomm.evidence.settings import default_credibility

__all__ = [
    "Cues",
    "condition_of",
    "hedge_of",
    "kind_of",
    "modality_of",
    "read_cues",
    "status_of",
]

_PERCENT = re.compile(
    r"(\d{1,3}(?:[.,]\d+)?)\s*(?:%|percent|per cent)?\s*(?:-|–|—|to|до)\s*"
    r"(\d{1,3}(?:[.,]\d+)?)\s*(?:%|per ?cent|відсотк\w+|процент\w*)"
)
_ONE_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*(?:%|per ?cent|відсотк\w+|процент\w*)")


@dataclass(frozen=True)
class Cues:
    """First places of the cues that several slots share."""

    found: dict[str, re.Match[str] | None]

    def has(self, name: str) -> bool:
        """Whether the list has a cue in the sentence."""
        return self.found[name] is not None


# fmt: off
_SHARED = (
    "negation", "denial", "unconfirmed", "confirmed", "self_act", "contradicted", "retract",
    "opinion", "modal_opinion", "evaluation_said", "forecast", "background", "instructions", "plan",
    "threat", "ordered", "done", "condition", "anonymous", "numeric_hedge", "declined", "say",
    "hearsay",
)
# fmt: on


def read_cues(folded: str, words: Lexicon) -> Cues:
    """All shared cues of a sentence."""
    return Cues({name: words.find(name, folded) for name in _SHARED})


def hedge_of(sentence: str, folded: str, words: Lexicon, cues: Cues, scale: str) -> Hedge | None:
    """The first verbal or numeric probability; the more specific class comes first in the lexicon."""
    if cues.has("numeric_hedge"):
        spread = _PERCENT.search(folded)
        if spread:
            low, high = (float(part.replace(",", ".")) / 100 for part in spread.groups())
            if 0 <= low <= high <= 1:
                return Hedge(spread.group(), "numeric", low, (low + high) / 2, high, "stated")
        single = _ONE_PERCENT.search(folded)
        if single:
            value = float(single.group(1).replace(",", ".")) / 100
            if 0 <= value <= 1:
                return Hedge(single.group(), "numeric", value, value, value, "stated")
    for category, pattern in words.hedges:
        match = pattern.search(folded)
        if match is None:
            continue
        if category == "possible" and _is_month_or_ability(folded, match, words):
            continue
        low, mid, high = default_credibility().scales[scale][category]
        return Hedge(sentence[match.start() : match.end()], category, low, mid, high, scale)
    return None


def _is_month_or_ability(folded: str, match: re.Match[str], words: Lexicon) -> bool:
    before = folded[max(0, match.start() - 10) : match.start()]
    if match.group() == "may" and re.search(r"(?:in|since|by|until|of|last|next|\d)\s$", before):
        return True
    after = folded[match.end() : match.end() + 30]
    if match.group() == "could" and re.match(r" not (?:\w+ )?(?:verify|confirm|be)", after):
        return True
    return words.language != "en" and re.search(r"(?<!\w)(?:не|неможлив\w*)\s$", before) is not None


def condition_of(sentence: str, cues: Cues) -> str | None:
    """The clause with the condition, from its cue to the next comma or the end."""
    match = cues.found["condition"]
    if match is None:
        return None
    end = sentence.find(",", match.end())
    return sentence[match.start() : end if end > 0 else len(sentence)].strip(" .")


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
) -> Status | None:
    """What the sentence itself says of how sure the matter is; None where it says nothing."""
    if cues.has("contradicted"):
        return "contradicted"
    is_denied_in_words = denial and cues.has("denial")
    if cues.has("unconfirmed") and not (is_denied_in_words and _only_hearsay(folded, words)):
        return "unconfirmed"
    if is_denied_in_words:
        return "denied"
    if any(not link.named for link in chain.links):
        return "unconfirmed"
    if denial:
        is_said = bool(chain.links) or genre == "statement" or _is_said(sentence, folded, words)
        return "denied" if is_said and not is_refusal(folded, words) else None
    if cues.has("condition"):
        return None
    match = cues.found["confirmed"]
    if match is not None:
        is_own_word = any(link.kind in {"official", "military", "document"} for link in chain.links)
        is_own_act = not chain.links and _follows_an_actor(folded, match.start(), words, mentions)
        if is_own_word or is_own_act or _ATTESTED.search(match.group()):
            return "confirmed"
    return "confirmed" if cues.has("self_act") else None


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


def modality_of(
    cues: Cues, hedge: Hedge | None, denial: bool, has_event: bool, folded: str
) -> Modality | None:
    """plan, threat, ordered, done or denied; None where the sentence tells of no act."""
    if denial:
        return "denied"
    if not has_event:
        return None
    if cues.has("threat"):
        return "threat"
    if cues.has("ordered") and not re.search(r"not an? (?:\w+ )?order", folded):
        return "ordered"
    if hedge is not None and hedge.category == "possible":
        return "plan"
    if cues.has("plan"):
        return "plan"
    return "done" if cues.has("done") else None


def kind_of(
    cues: Cues,
    chain: Chain,
    *,
    genre: str,
    hedge: Hedge | None,
    denial: bool,
    status: Status | None,
    events: tuple[tuple[str, float], ...],
    quantities: tuple[Quantity, ...],
    actors: int,
) -> Kind:
    """claim, opinion, forecast or background."""
    if cues.has("instructions") or cues.has("declined"):
        return "background"
    if cues.has("retract") or cues.has("contradicted"):
        return "claim"
    is_sourced = bool(chain.links)
    expert_only = is_sourced and all(link.kind in {"expert", "media"} for link in chain.links)
    is_future = cues.has("forecast")
    is_doubt = hedge is not None and hedge.category != "possible"
    types = {name for name, _ in events}
    if status == "denied" or (denial and is_sourced):
        return "claim" if not (is_future and is_doubt) else "forecast"
    if is_doubt and (
        is_future or (not cues.has("done") and (genre != "news" or not is_sourced or expert_only))
    ):
        return "forecast"
    if cues.has("evaluation_said") and cues.has("opinion"):
        return "opinion"
    if status == "unconfirmed":
        return "claim"
    if genre == "oped":
        return _oped(cues, is_future, events, quantities)
    if cues.has("background") and not is_sourced and status is None:
        return "background"
    if cues.has("opinion") and not is_sourced and not quantities:
        return "opinion"
    if cues.has("condition") and is_future and not is_sourced and "THREATEN" not in types:
        return "forecast"
    if is_future and (expert_only or (not is_sourced and genre == "analysis")):
        return "forecast"
    if is_future and is_doubt:
        return "forecast"
    if cues.has("modal_opinion") and not is_sourced and "DEMAND" not in types:
        return "opinion"
    if is_sourced or events or quantities or status or denial:
        return "claim"
    return "claim" if actors and cues.has("done") else "background"


def _oped(
    cues: Cues, is_future: bool, events: tuple[tuple[str, float], ...], quantities: tuple[Quantity, ...]
) -> Kind:
    if cues.has("opinion") or cues.has("modal_opinion"):
        return "opinion"
    if is_future:
        return "forecast"
    if cues.has("background") or quantities:
        return "background"
    return "claim" if events and cues.has("say") else "opinion"
