"""What accepted claims weigh: single claims, origins together, and draws of everything uncertain about it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from excomm.evidence.likelihood import best_prefix, combine, discount, likelihood_ratio, log_odds
from excomm.evidence.linking import is_about_a_plan, names_size, quantity_share
from excomm.evidence.model import Claim, PropositionLike, ReportHead
from excomm.evidence.origins import Evidence, Origin, mean_dependence
from excomm.evidence.settings import Credibility, Letter
from excomm.evidence.voices import SourceBook, Voice, voice_of
from excomm.streams import generator

__all__ = ["draw_posterior", "keep_telling", "normalise", "stated_probability", "total_weight", "weigh_claim"]

Array = NDArray[np.float64]
_SINGLY = 100  # origins up to which each has draws of its own; more are drawn by kind


def stated_probability(
    claim: Claim, proposition: PropositionLike, config: Credibility
) -> tuple[float, float, float]:
    """Low, central and high probability that the words give the event, after bound and modality."""
    hedge, plain = claim.hedge, config.raw["unhedged"]
    if hedge is None:
        stated = (float(plain["low"]), float(plain["value"]), float(plain["high"]))
    elif hedge.category == "possible":
        stated = (0.5, 0.5, 0.5)
    else:
        top = float(plain["high"])
        stated = (max(1 - top, hedge.low), min(top, max(1 - top, hedge.mid)), min(top, hedge.high))
    weight = 1.0
    if claim.rival is None and claim.modality != "denied" and claim.polarity == 1:
        if names_size(proposition):
            share = quantity_share(claim.quantity, proposition)
            weight = config.number("quantity_unstated_share") if share is None else share
        if claim.modality in {"plan", "threat"} and not is_about_a_plan(proposition):
            weight *= config.number("plan_for_deed")
    low, mid, high = (0.5 + weight * (value - 0.5) for value in stated)
    return low, mid, high


def _record(voice: Voice, config: Credibility) -> Letter:
    """Track record behind a voice: the source's own where resolved claims have shaped it, else its letter's."""
    return voice.record or config.letters.get(voice.letter, config.letters["F"])


def weigh_claim(
    claim: Claim,
    proposition: PropositionLike,
    known: Mapping[str, ReportHead],
    clusters: Mapping[str, int],
    book: SourceBook,
    config: Credibility,
) -> Evidence:
    """One accepted claim as evidence for its hypothesis; a conditional one weighs nothing."""
    report, polarity = known[claim.report], claim.polarity or 0
    voice = voice_of(claim, report, proposition, polarity, book, config)
    stated = stated_probability(claim, proposition, config)
    if claim.condition or polarity == 0:
        stated = (0.5, 0.5, 0.5)
    record = _record(voice, config)
    false_alarm = record.false_alarm
    if voice.is_interested:
        false_alarm = discount(record.hit, false_alarm, config.number("interest"))
    weight = polarity * math.log(likelihood_ratio(stated[1], record.hit, false_alarm))
    return Evidence(claim, report, voice, clusters[claim.report], polarity, stated, weight, claim.id)


def keep_telling(origins: Sequence[Origin], config: Credibility) -> list[Origin]:
    """Origins that add weight. One that says nothing, or would weaken its own side, is left out of the mean."""
    kept: list[Origin] = []
    for sign in (1, -1):
        side = [origin for origin in origins if origin.primary.log_lr * sign > 1e-12]
        side.sort(key=lambda origin: (-abs(origin.primary.log_lr), origin.primary.claim_id))
        rho = mean_dependence([origin.primary.voice for origin in side], config)
        kept += side[: best_prefix([origin.primary.log_lr for origin in side], rho)]
    return kept


def total_weight(kept: Sequence[Origin], config: Credibility) -> tuple[float, float]:
    """Total log likelihood ratio of the origins, within the cap, and their mean dependence rho."""
    rho = mean_dependence([origin.primary.voice for origin in kept], config)
    return combine([origin.primary.log_lr for origin in kept], rho, config.number("cap", "log_lr")), rho


def normalise(priors: Array, log_lr: Array) -> Array:
    """Posterior of the proposition and its rivals; `none of them` keeps the rest of the prior."""
    if not log_lr.any():
        return priors
    if len(priors) == 1:
        odds = log_odds(float(priors[0])) + float(log_lr[0])
        return np.asarray([1 / (1 + math.exp(-odds))])
    rest = max(0.0, 1.0 - float(priors.sum()))
    weights = priors * np.exp(log_lr)
    return np.asarray(weights / (weights.sum() + rest), dtype=np.float64)


def draw_posterior(
    proposition: PropositionLike,
    names: Sequence[str | None],
    kept: Mapping[str | None, list[Origin]],
    prior_draws: Array,
    seed: int,
    count: int,
    config: Credibility,
) -> Array:
    """Posterior of the proposition under drawn h, f, p, w and rho, shape (count,)."""
    totals = np.zeros_like(prior_draws)
    for place, name in enumerate(names):
        origins = kept[name]
        if not origins:
            continue
        rows = np.zeros(count)
        for origin, times in _drawn_together(origins):
            rows += times * _drawn_log_lr(origin, proposition.id, seed, count, config)
        number = len(origins)
        stream = generator(seed, f"evidence/{proposition.id}/{name}/rho")
        _, rho = total_weight(origins, config)
        spread = float(config.raw["dependence"]["spread"])
        drawn_rho = np.minimum(1.0, rho * stream.uniform(1 - spread, 1 + spread, count))
        cap = config.number("cap", "log_lr")
        totals[place] = np.clip(rows / number * (number / (1 + (number - 1) * drawn_rho)), -cap, cap)
    if len(names) == 1:
        inside = np.clip(prior_draws[0], 1e-9, 1 - 1e-9)
        return np.asarray(1 / (1 + np.exp(-(np.log(inside / (1 - inside)) + totals[0]))), dtype=np.float64)
    rest = np.maximum(0.0, 1.0 - prior_draws.sum(axis=0))
    weights = prior_draws * np.exp(totals)
    return np.asarray(weights[0] / (weights.sum(axis=0) + rest), dtype=np.float64)


def _drawn_together(origins: Sequence[Origin]) -> list[tuple[Origin, int]]:
    """Origins with how often each is counted: many origins that weigh alike share one draw."""
    if len(origins) <= _SINGLY:
        return [(origin, 1) for origin in origins]
    kinds = [
        (item.voice.letter, item.voice.record, item.voice.is_interested, item.polarity, item.stated)
        for item in (origin.primary for origin in origins)
    ]
    first: dict[object, Origin] = {}
    for kind, origin in zip(kinds, origins, strict=True):
        first.setdefault(kind, origin)
    return [(first[kind], times) for kind, times in Counter(kinds).items()]


def _drawn_log_lr(origin: Origin, proposition: str, seed: int, count: int, config: Credibility) -> Array:
    item = origin.primary
    record = _record(item.voice, config)
    stream = generator(seed, f"evidence/{proposition}/{item.claim_id}")
    weight = record.weight
    hit = np.clip(stream.beta(record.hit * weight, (1 - record.hit) * weight, count), 0.01, 0.99)
    alarm = np.clip(
        stream.beta(record.false_alarm * weight, (1 - record.false_alarm) * weight, count), 0.01, 0.99
    )
    interest = config.raw["interest"]
    drawn_weight = stream.uniform(float(interest["low"]), float(interest["high"]), count)
    if item.voice.is_interested:
        alarm = alarm + drawn_weight * (hit - alarm)
    low, mid, high = item.stated
    stated = stream.triangular(low, mid, high, count) if high > low else np.full(count, mid)
    ratio = (stated * hit + (1 - stated) * alarm) / (stated * alarm + (1 - stated) * hit)
    return np.asarray(item.polarity * np.log(ratio), dtype=np.float64)
