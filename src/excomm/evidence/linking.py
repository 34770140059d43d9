"""Claims to propositions by structure alone: actor, event, target, bound, polarity. Similarity links nothing."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from excomm.evidence.extraction.events import rank_events
from excomm.evidence.extraction.quantities import parse_size
from excomm.evidence.lexicon import event_names, fold, lexicon
from excomm.evidence.model import Claim, PropositionLike, Quantity

__all__ = ["is_about_a_plan", "link", "link_all", "proposition_events", "quantity_share", "rival_events"]


def link_all(claims: Sequence[Claim], propositions: Sequence[PropositionLike]) -> tuple[Claim, ...]:
    """Claims with their links; a claim that already names one of the propositions keeps it."""
    known = {proposition.id for proposition in propositions}
    return tuple(claim if claim.proposition in known else link(claim, propositions) for claim in claims)


def link(
    claim: Claim,
    propositions: Sequence[PropositionLike],
    subject: str | None = None,
    context: Collection[str] = (),
) -> Claim:
    """The claim with proposition, polarity and rival, or with the reason why it has none.

    subject: actor of the sentence before, for sentences that name none; context: propositions that the sentences just
    before were linked to. Only claims are linked: an opinion or a
    forecast is no evidence of the event.
    """
    if not propositions:
        return claim
    if claim.kind != "claim":
        return replace(claim, abstained=(*claim.abstained, f"proposition: {claim.kind}, not a claim"))
    fits = [fit for fit in (_fit(claim, each, subject, context) for each in propositions) if fit is not None]
    if not fits:
        return replace(claim, abstained=(*claim.abstained, "proposition: no structural match"))
    fits.sort(key=lambda fit: -fit[0])
    best = [fit for fit in fits if fit[0] == fits[0][0]]
    if len(best) > 1 and claim.modality == "denied":
        # Whoever denies any number denies the large one.
        sized = [fit for fit in best if names_size(fit[1])]
        best = sized if len(sized) == 1 else best
    if len(best) > 1:
        return replace(claim, abstained=(*claim.abstained, "proposition: two fit equally well"))
    _, proposition, rival = best[0]
    polarity = None if rival else _polarity(claim, proposition)
    parameter = getattr(proposition, "parameter", None)
    return replace(
        claim,
        proposition=proposition.id,
        rival=rival,
        polarity=(-1 if claim.modality == "denied" else 1) if rival else polarity,
        parameter=str(parameter) if parameter else None,
    )


@lru_cache(maxsize=512)
def _names(events: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for word in events for name in event_names(word))


def proposition_events(proposition: PropositionLike) -> frozenset[str]:
    """Event types that the proposition means."""
    events = proposition.event
    return _names((events,) if isinstance(events, str) else tuple(str(each) for each in events or ()))


_TELLING = {"MOBILIZE.plan", "MOBILIZE.exercise", "TRANSIT"}  # types that a rival's own words may bring in


@lru_cache(maxsize=512)
def _typed(text: str) -> tuple[str, ...]:
    return tuple(name for name, _ in rank_events(fold(text), "en"))


def rival_events(proposition: PropositionLike) -> dict[str, tuple[str, ...]]:
    """Event types by which a claim speaks for a rival explanation, strongest first."""
    own = proposition_events(proposition)
    found = {}
    for rival in proposition.rivals or ():
        identity, text = str(_read(rival, "id")), str(_read(rival, "text") or "")
        named = tuple(name for part in identity.split("-") for name in event_names(part))
        typed = tuple(name for name in _typed(text) if name in _TELLING)
        found[identity] = tuple(
            dict.fromkeys(name for name in (*typed, *named) if name in _TELLING or name not in own)
        )
    return found


def _read(entry: Any, key: str) -> Any:
    return entry.get(key) if isinstance(entry, Mapping) else getattr(entry, key, None)


def _fit(
    claim: Claim, proposition: PropositionLike, subject: str | None, context: Collection[str]
) -> tuple[float, PropositionLike, str | None] | None:
    wanted = proposition_events(proposition)
    is_denied = claim.modality == "denied"
    framing = {"DENY", "CONFIRM", "RETRACT", "REJECT"} if is_denied else {"DENY", "CONFIRM", "RETRACT"}
    ranked = [name for name in claim.event_types if name not in framing]
    rivals = rival_events(proposition)
    by_rival = [
        (float(ranked.index(types[0])), rival)
        for rival, types in rivals.items()
        if types and types[0] in ranked
    ]
    by_rival += [
        (ranked.index(name) + 0.5, rival)
        for rival, types in rivals.items()
        for name in types[1:]
        if name in ranked
    ]
    own = [place for place, name in enumerate(ranked) if name in wanted]
    if "RETRACT" in claim.event_types or not (own or by_rival):
        return None
    rival = min(by_rival)[1] if by_rival and (not own or min(by_rival)[0] < min(own)) else None
    if rival is None and not is_denied and "MOBILIZE.order" not in ranked:
        # `summoned reservists for the spring exercise`: the kind of event is more telling than the event.
        kinds = {name: each for each, types in rivals.items() for name in types if name in _TELLING}
        narrower = [name for name in ranked if name in kinds and name.partition(".")[0] in ranked]
        rival = kinds[narrower[0]] if narrower else None
    score = 0.0
    if proposition.actor:
        if claim.actor == proposition.actor:
            score += 2
        elif proposition.actor in claim.actors:
            score += 1
        elif rival and claim.actor is None and subject == proposition.actor and proposition.id in context:
            score += 0.5
        else:
            return None
    named = set(claim.actors)
    folded = fold(claim.quote)
    hits = sum(1 for word in proposition.keywords or () if fold(str(word)) in folded)
    if proposition.target:
        if proposition.target in named:
            score += 1
        elif hits < (2 if rival is None else 1) and not (rival and proposition.id in context):
            return None
    elif rival is None and not (is_denied or _fits_without_target(hits, ranked, wanted)):
        # Whoever denies a plan or a preparation denies the deed as well.
        return None
    return score + 1.5 * (rival is None) + 0.1 * hits - 0.05 * (min(own) if own else 3), proposition, rival


def _fits_without_target(hits: int, ranked: list[str], wanted: frozenset[str]) -> bool:
    """A proposition without a target needs its event in front, or a keyword."""
    return hits > 0 or (bool(ranked) and ranked[0] in wanted)


def _polarity(claim: Claim, proposition: PropositionLike) -> int | None:
    """+1, -1, or None where the sentence asserts nothing either way (`no official confirmation of …`)."""
    if claim.modality == "denied":
        return -1
    folded = fold(claim.quote)
    if any(_non_assertion(folded, language) for language in ("en", "uk", "ru")):
        return None
    share = quantity_share(claim.quantity, proposition)
    if share is not None and share <= 0.0 and claim.quantity is not None and claim.quantity.bound != "upto":
        return -1
    if (
        share is not None
        and share <= 0.0
        and claim.quantity is not None
        and _is_below(claim.quantity, proposition)
    ):
        return -1
    return 1


def _non_assertion(folded: str, language: str) -> bool:
    return lexicon(language).cues["non_assertion"].search(folded) is not None


def _limits(proposition: PropositionLike) -> tuple[float, float | None, str | None] | None:
    quantity = proposition.quantity
    if quantity is None:
        return None
    low, high, unit = (_read(quantity, key) for key in ("low", "high", "unit"))
    if low is not None and high is not None:
        return float(low), (None if math.isinf(float(high)) else float(high)), str(unit) if unit else None
    above, below = parse_size(_read(quantity, "above")), parse_size(_read(quantity, "below"))
    if above is None and below is None:
        return None
    named = (above and above[1]) or (below and below[1]) or None
    return (above[0] if above else 0.0), (below[0] if below else None), named


def _is_below(quantity: Quantity, proposition: PropositionLike) -> bool:
    """Whether even the upper end of `up to n` stays clearly short of the proposition's size."""
    limits = _limits(proposition)
    return limits is not None and quantity.high is not None and quantity.high < limits[0]


def quantity_share(quantity: Quantity | None, proposition: PropositionLike) -> float | None:
    """Share of the claim's interval that agrees with the proposition's size; None where it names no size.

    `up to n` spreads evenly over (0, n] (judgement), so it says nothing for a proposition of at least n.
    An open upper end counts as agreeing with any larger size. A claim without a number gives None as well.
    """
    limits = _limits(proposition)
    if limits is None or quantity is None or (limits[2] and quantity.unit != limits[2]):
        return None
    floor, ceiling, _ = limits
    low = quantity.low if quantity.low is not None else 0.0
    if quantity.high is None:
        fits_floor = 1.0 if low >= floor else 0.5
        return fits_floor if ceiling is None else (0.0 if low > ceiling else 0.5 * fits_floor)
    high = quantity.high
    if high <= low:
        return 1.0 if high >= floor and (ceiling is None or high <= ceiling) else 0.0
    top = high if ceiling is None else min(high, ceiling)
    return max(0.0, min(1.0, (top - max(low, floor)) / (high - low)))


def names_size(proposition: PropositionLike) -> bool:
    """Whether the proposition speaks of a size."""
    return _limits(proposition) is not None


@lru_cache(maxsize=512)
def _is_plan_text(text: str) -> bool:
    folded = f" {fold(text)} "
    return any(
        cue in folded for cue in (" will ", " would ", " plans ", " intends ", " is to ", " are to ", " may ")
    )


def is_about_a_plan(proposition: PropositionLike) -> bool:
    """Whether the proposition itself is about the future, so that a plan is full evidence for it."""
    return _is_plan_text(proposition.text)
