"""Doubt, condition, denial, status, modality and kind of one sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from excomm.evidence.extraction.attribution import Chain
from excomm.evidence.lexicon import Lexicon
from excomm.evidence.model import Hedge, Kind, Modality, Quantity, Status
from excomm.evidence.settings import default_credibility

__all__ = [
    "Cues",
    "condition_of",
    "hedge_of",
    "is_denial",
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
    return words.language != "en" and re.search(r"(?:не|неможлив\w*)\s$", before) is not None


_REFUSAL = re.compile(r"will not|won't|не дозвол\w+|не допуст\w+|не позвол\w+|не буд\w+")


def condition_of(sentence: str, cues: Cues) -> str | None:
    """The clause with the condition, from its cue to the next comma or the end."""
    match = cues.found["condition"]
    if match is None:
        return None
    end = sentence.find(",", match.end())
    return sentence[match.start() : end if end > 0 else len(sentence)].strip(" .")


def is_denial(folded: str, cues: Cues, chain: Chain) -> bool:
    """Whether the sentence says, or reports, that something is not so."""
    if cues.has("denial"):
        match = cues.found["denial"]
        assert match is not None
        before = folded[max(0, match.start() - 25) : match.start()]
        return not re.search(
            r"(?:did not|does not|neither .*|nor|not|не|ні|ані|ни|не стал\w*|не буд\w*)\s(?:\w+\s)?$", before
        )
    match = cues.found["negation"]
    if match is None or cues.has("unconfirmed") or cues.has("declined"):
        return False
    return _negates_deed(folded, match, chain)


def _negates_deed(folded: str, match: re.Match[str], chain: Chain) -> bool:
    before, after = folded[: match.start()], folded[match.end() : match.end() + 40]
    if match.group() in {"without", "без"} or chain.covers(match.start()):
        return False
    if re.search(r"(?:\bif|якщо|если|unless)\s(?:\w+\s){0,4}$", before[-40:]):
        return False
    if re.match(
        r"\s(?:only|just|merely|necessarily|an? order|rule|less|more|fewer)"
        r"|\s(?:лише|тільки|только|более|больше|менее|менше|менш|більш)",
        after,
    ):
        return False
    said = re.search(
        r"(?:asked|wish\w*|want\w*|побажа\w+|пожелал\w+|asked to)\s(?:\w+\s){0,3}$", before[-30:]
    )
    return said is None


def status_of(folded: str, cues: Cues, chain: Chain, denial: bool) -> Status | None:
    """What the sentence itself says of how sure the matter is; None where it says nothing."""
    if cues.has("contradicted"):
        return "contradicted"
    if cues.has("unconfirmed"):
        return "unconfirmed"
    if denial and (cues.has("denial") or (chain.links and not _REFUSAL.search(folded))):
        return "denied"
    if chain.links and not chain.links[-1].named:
        return "unconfirmed"
    if any(not link.named for link in chain.links):
        return "unconfirmed"
    if cues.has("confirmed") and not cues.has("condition"):
        match = cues.found["confirmed"]
        assert match is not None
        speaks_for_itself = any(link.kind in {"official", "military", "document"} for link in chain.links)
        is_confirm_word = re.match(r"confirm|verif|acknowledg|admit|підтв|подтв|визна|призна", match.group())
        if is_confirm_word or speaks_for_itself:
            return "confirmed"
    if cues.has("self_act") and not cues.has("condition"):
        return "confirmed"
    return None


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
