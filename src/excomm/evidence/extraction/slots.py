"""Doubt, condition, modality and kind of one sentence."""

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
    "kind_of",
    "modality_of",
    "read_cues",
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
    "hearsay", "housekeeping", "open_modal", "evaluated", "pluperfect",
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
    if words.language == "en" and (_ALLOWED.search(folded[: match.start()]) or _PERCEIVED.match(after)):
        return True
    if match.group() == "could" and re.match(r" not (?:\w+ )?(?:verify|confirm|be)", after):
        return True
    return words.language != "en" and re.search(r"(?<!\w)(?:не|неможлив\w*)\s$", before) is not None


# Permission, indifference and perception are no doubt: `readers may`, `whatever he may say`, `guns could be heard`.
_ALLOWED = re.compile(
    r"(?<!\w)(?:(?:you|readers|visitors|users|whoever)(?: [\w']+){0,3}|whatever(?: \w+){1,4})\s$"
)
_PERCEIVED = re.compile(r" (?:be (?:heard|seen|felt|reached|made out)|hear|see)(?!\w)")


def condition_of(sentence: str, cues: Cues) -> str | None:
    """The clause with the condition, from its cue to the next comma or the end."""
    match = cues.found["condition"]
    if match is None:
        return None
    end = sentence.find(",", match.end())
    return sentence[match.start() : end if end > 0 else len(sentence)].strip(" .")


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
    sentence: str,
) -> Kind:
    """claim, opinion, forecast or background."""
    if cues.has("instructions") or cues.has("declined"):
        return "background"
    is_sourced = bool(chain.links)
    expert_only = is_sourced and all(link.kind in {"expert", "media"} for link in chain.links)
    if cues.has("housekeeping") and not cues.has("retract") and status is None and not quantities:
        return "background"
    if genre == "oped":
        return _oped(cues, hedge, events, quantities)
    if sentence.rstrip(_QUOTES).endswith("?"):
        return "background"
    if status == "unconfirmed" and not cues.has("unconfirmed") and _thinks_ahead(cues, chain, expert_only):
        return "forecast"
    if cues.has("retract") or cues.has("contradicted"):
        return "claim"
    if cues.has("pluperfect") and genre != "statement":
        return "background"
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
    if cues.has("evaluated") and is_sourced and not denial and not cues.has("confirmed"):
        return "opinion"
    if status == "unconfirmed":
        if cues.has("unconfirmed") or any(link.kind in _INSIDERS for link in chain.links):
            return "claim"
        return "opinion" if cues.has("evaluated") or cues.has("modal_opinion") else "claim"
    if cues.has("background") and not is_sourced and status is None:
        return "background"
    if cues.has("opinion") and not is_sourced and not quantities:
        return "opinion"
    if genre == "statement" and is_future and not is_doubt and not cues.has("opinion"):
        return "claim"
    if cues.has("condition") and is_future and not is_sourced and "THREATEN" not in types:
        return "forecast"
    if is_future and (expert_only or (not is_sourced and genre == "analysis")):
        return "forecast"
    if is_future and is_doubt:
        return "forecast"
    if hedge is not None and not is_sourced and genre != "statement" and cues.has("open_modal"):
        return "forecast"
    if cues.has("modal_opinion") and not is_sourced and "DEMAND" not in types:
        return "opinion"
    if is_sourced or events or quantities or status or denial:
        return "claim"
    whole = len(sentence.split()) >= _SHORTEST and sentence.rstrip(_QUOTES).endswith((".", "!", "…"))
    return "claim" if whole or (actors and cues.has("done")) else "background"


def _thinks_ahead(cues: Cues, chain: Chain, expert_only: bool) -> bool:
    """Whether unnamed people who know of no plans say what will follow."""
    is_guess = expert_only or cues.has("condition")
    return cues.has("forecast") and is_guess and not any(link.kind in _INSIDERS for link in chain.links)


# Whoever of these is not named still knows of plans; others only think so.
_INSIDERS = frozenset({"official", "military", "intelligence", "document", "unknown"})
_QUOTES = "\"'»”’) "
_SHORTEST = (
    4  # words of a sentence that tells something without any cue; shorter ones are headings and stamps
)


def _oped(
    cues: Cues, hedge: Hedge | None, events: tuple[tuple[str, float], ...], quantities: tuple[Quantity, ...]
) -> Kind:
    if cues.has("opinion") or cues.has("modal_opinion"):
        return "opinion"
    if cues.has("forecast") or hedge is not None:
        return "forecast"
    if cues.has("background") or quantities:
        return "background"
    told = [name for name, _ in events if name != "DENY"]
    return "claim" if told and cues.has("say") else "opinion"
