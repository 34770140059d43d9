"""From accepted claims to the probability of each proposition, with interval, rivals and sensitivity."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from excomm.evidence.copies import clusters_of_signatures, signature
from excomm.evidence.likelihood import (
    best_prefix,
    combine,
    discount,
    effective_number,
    likelihood_ratio,
    log_odds,
)
from excomm.evidence.linking import is_about_a_plan, link_all, names_size, quantity_share
from excomm.evidence.model import (
    AcceptanceLike,
    Assessment,
    Claim,
    OriginEvidence,
    PropositionLike,
    Report,
    RivalProbability,
    SourceLike,
    Status,
)
from excomm.evidence.origins import Evidence, Origin, group_by_origin, mean_dependence
from excomm.evidence.settings import Credibility, default_credibility
from excomm.evidence.voices import SourceBook, voice_of
from excomm.streams import generator

__all__ = ["assess"]

Array = NDArray[np.float64]


def assess(
    claims: Sequence[Claim],
    reports: Sequence[Report],
    propositions: Sequence[PropositionLike],
    sources: Sequence[SourceLike],
    *,
    acceptance: AcceptanceLike,
    as_of: date | None,
    seed: int,
) -> tuple[Assessment, ...]:
    """One assessment a proposition, in the order given, of what was known at the end of `as_of`.

    Claims count when the acceptance lets them: policy `linked` takes every linked claim that nobody rejected,
    `none` only those in `acceptance.accepted` (where it has such a set). Reports without any date count as known and
    are noted. The point value uses central numbers; the interval draws them all.
    """
    config = default_credibility()
    known = {report.id: report for report in reports if _is_known(report, as_of)}
    linked = [claim for claim in link_all(claims, propositions) if claim.report in known]
    used = sorted({claim.report for claim in linked if claim.proposition})
    clusters = dict(
        zip(used, clusters_of_signatures([signature(known[each].text) for each in used]), strict=True)
    )
    book = SourceBook(sources)
    by_proposition: dict[str, list[Claim]] = defaultdict(list)
    for claim in linked:
        if claim.proposition:
            by_proposition[claim.proposition].append(claim)
    return tuple(
        _assess_one(each, by_proposition[each.id], known, clusters, book, acceptance, as_of, seed, config)
        for each in propositions
    )


def _is_known(report: Report, as_of: date | None) -> bool:
    return as_of is None or report.known is None or report.known <= as_of


def _counts(claim: Claim, acceptance: AcceptanceLike) -> bool:
    if claim.id in (getattr(acceptance, "rejected", None) or ()):
        return False
    if claim.id in (getattr(acceptance, "accepted", None) or ()):
        return True
    return acceptance.policy == "linked"


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


def _evidence(
    claim: Claim,
    proposition: PropositionLike,
    known: Mapping[str, Report],
    clusters: Mapping[str, int],
    book: SourceBook,
    config: Credibility,
) -> Evidence:
    report, polarity = known[claim.report], claim.polarity or 0
    voice = voice_of(claim, report, proposition, polarity, book, config)
    stated = stated_probability(claim, proposition, config)
    if claim.condition or polarity == 0:
        stated = (0.5, 0.5, 0.5)
    record = config.letters.get(voice.letter, config.letters["F"])
    false_alarm = record.false_alarm
    if voice.is_interested:
        false_alarm = discount(record.hit, false_alarm, config.number("interest"))
    weight = polarity * math.log(likelihood_ratio(stated[1], record.hit, false_alarm))
    return Evidence(claim, report, voice, clusters[claim.report], polarity, stated, weight)


def _assess_one(
    proposition: PropositionLike,
    claims: Sequence[Claim],
    known: Mapping[str, Report],
    clusters: Mapping[str, int],
    book: SourceBook,
    acceptance: AcceptanceLike,
    as_of: date | None,
    seed: int,
    config: Credibility,
) -> Assessment:
    counted = [claim for claim in claims if _counts(claim, acceptance)]
    pending = tuple(claim.id for claim in claims if claim not in counted)
    notes = _notes(claims, counted, known)
    by_hypothesis: dict[str | None, list[Evidence]] = defaultdict(list)
    for claim in counted:
        by_hypothesis[claim.rival].append(_evidence(claim, proposition, known, clusters, book, config))
    rivals = [
        (str(_read(each, "id")), str(_read(each, "text") or ""), _read(each, "prior"))
        for each in proposition.rivals or ()
    ]
    names: list[str | None] = [None, *(identity for identity, _, _ in rivals)]
    origins = {name: group_by_origin(by_hypothesis[name], config) for name in names}
    kept = {name: _keep(origins[name], config) for name in names}
    count = int(config.raw["draws"])
    priors, prior_draws = _priors(proposition, rivals, seed, count)
    totals = [_total(kept[name], config) for name in names]
    posterior = _normalise(np.asarray(priors), np.asarray([total for total, _ in totals]))
    draws = _draws(proposition, names, kept, prior_draws, seed, count, config)
    low, high = (float(value) for value in np.quantile(draws, [0.05, 0.95]))
    sensitivity = {}
    for origin in kept[None]:
        rest, _ = _total([each for each in kept[None] if each is not origin], config)
        changed = [rest, *(total for total, _ in totals[1:])]
        sensitivity[_identity(origin)] = float(_normalise(np.asarray(priors), np.asarray(changed))[0])
    threshold = float(getattr(proposition, "threshold", None) or config.number("threshold"))
    low, high = min(low, float(posterior[0])), max(high, float(posterior[0]))
    letter, number = _admiralty(kept[None], float(posterior[0]), config)
    return Assessment(
        proposition=proposition.id,
        text=proposition.text,
        as_of=as_of,
        prior=priors[0],
        posterior=float(posterior[0]),
        p05=low,
        p95=high,
        letter=letter,
        number=number,
        status=_status(kept[None], number),
        origins=tuple(
            _origin_evidence(origin, name, origin in kept[name]) for name in names for origin in origins[name]
        ),
        claims=tuple(item.claim.id for name in names for item in by_hypothesis[name]),
        rivals=tuple(
            RivalProbability(identity, text, priors[place], float(posterior[place]))
            for place, (identity, text, _) in enumerate(rivals, start=1)
        ),
        sensitivity=sensitivity,
        rho=totals[0][1],
        effective_origins=effective_number(len(kept[None]), totals[0][1]),
        log_lr=totals[0][0],
        is_discriminating=not low < threshold < high,
        threshold=threshold,
        config_hash=config.hash,
        pending=pending,
        notes=notes,
        draws=tuple(float(value) for value in draws),
    )


def _read(entry: Any, key: str) -> Any:
    return entry.get(key) if isinstance(entry, Mapping) else getattr(entry, key, None)


def _notes(claims: Sequence[Claim], counted: Sequence[Claim], known: Mapping[str, Report]) -> tuple[str, ...]:
    notes = []
    if len(counted) < len(claims):
        notes.append(f"{len(claims) - len(counted)} linked claims are not accepted and move nothing")
    undated = {claim.report for claim in counted if known[claim.report].known is None}
    if undated:
        notes.append(f"{len(undated)} reports carry no date and count as known")
    sizes = [
        claim.quantity for claim in counted if claim.quantity and claim.rival is None and claim.polarity == 1
    ]
    for place, left in enumerate(sizes):
        for right in sizes[place + 1 :]:
            if left.unit == right.unit and _are_disjoint(left.low, left.high, right.low, right.high):
                notes.append(
                    f"sizes contradict each other: {left.cue or left.bound} [{left.low}, {left.high}] and "
                    f"{right.cue or right.bound} [{right.low}, {right.high}] {left.unit}"
                )
                return tuple(notes)
        if place > 50:
            break
    return tuple(notes)


def _are_disjoint(
    low: float | None, high: float | None, other_low: float | None, other_high: float | None
) -> bool:
    return (high is not None and other_low is not None and high < other_low) or (
        other_high is not None and low is not None and other_high < low
    )


def _keep(origins: Sequence[Origin], config: Credibility) -> list[Origin]:
    """Origins that add weight. One that says nothing, or would weaken its own side, is left out of the mean."""
    kept: list[Origin] = []
    for sign in (1, -1):
        side = [origin for origin in origins if origin.primary.log_lr * sign > 1e-12]
        side.sort(key=lambda origin: (-abs(origin.primary.log_lr), origin.primary.claim.id))
        rho = mean_dependence([origin.primary.voice for origin in side], config)
        kept += side[: best_prefix([origin.primary.log_lr for origin in side], rho)]
    return kept


def _total(kept: Sequence[Origin], config: Credibility) -> tuple[float, float]:
    rho = mean_dependence([origin.primary.voice for origin in kept], config)
    return combine([origin.primary.log_lr for origin in kept], rho, config.number("cap", "log_lr")), rho


def _normalise(priors: Array, log_lr: Array) -> Array:
    """Posterior of the proposition and its rivals; `none of them` keeps the rest of the prior."""
    if not log_lr.any():
        return priors
    if len(priors) == 1:
        odds = log_odds(float(priors[0])) + float(log_lr[0])
        return np.asarray([1 / (1 + math.exp(-odds))])
    rest = max(0.0, 1.0 - float(priors.sum()))
    weights = priors * np.exp(log_lr)
    return np.asarray(weights / (weights.sum() + rest), dtype=np.float64)


def _priors(
    proposition: PropositionLike, rivals: Sequence[tuple[str, str, Any]], seed: int, count: int
) -> tuple[list[float], Array]:
    """Central priors and their draws [hypotheses, count]; together they never exceed 1."""
    uniform = generator(seed, f"evidence/{proposition.id}/prior").random(count)
    pairs = [_prior(value, uniform) for value in (proposition.prior, *(prior for _, _, prior in rivals))]
    central, draws = [pair[0] for pair in pairs], np.stack([pair[1] for pair in pairs])
    room = max(1e-9, 1.0 - central[0])
    spare = sum(central[1:])
    if spare > room:
        central = [central[0], *(value * room / spare for value in central[1:])]
    taken = draws[1:].sum(axis=0)
    scale = np.minimum(1.0, (1.0 - draws[0]) / np.maximum(taken, 1e-12))
    draws[1:] *= scale
    return central, draws


_INTERVAL = re.compile(r"\s*([\d.]+)\s*(%?)\s*to\s*([\d.]+)\s*(%?)")


def _prior(value: Any, uniform: Array) -> tuple[float, Array]:
    """A number, a text such as `0.1 to 0.5 probability`, or a prior object with `ppf` (and `median`)."""
    if value is None:
        value = 0.5
    if isinstance(value, (int, float)):
        return float(value), np.full_like(uniform, float(value))
    quantile = getattr(value, "ppf", None)
    if callable(quantile):
        draws = np.clip(np.asarray(quantile(uniform), dtype=np.float64), 0.0, 1.0)
        return float(np.clip(np.asarray(quantile(np.asarray([0.5])), dtype=np.float64)[0], 0.0, 1.0)), draws
    match = _INTERVAL.match(str(value))
    if match is None:
        number = re.match(r"\s*([\d.]+)\s*(%?)", str(value))
        single = float(number[1]) / (100 if number[2] else 1) if number else 0.5
        return single, np.full_like(uniform, single)
    low, high = (log_odds(float(match[part]) / (100 if match[part + 1] else 1)) for part in (1, 3))
    from scipy.special import ndtri  # heavy import, only for interval priors

    middle, spread = (low + high) / 2, (high - low) / (2 * 1.6448536269514722)
    return 1 / (1 + math.exp(-middle)), np.asarray(1 / (1 + np.exp(-(middle + spread * ndtri(uniform)))))


def _draws(
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
        for origin in origins:
            rows += _drawn_log_lr(origin, proposition.id, seed, count, config)
        number = len(origins)
        stream = generator(seed, f"evidence/{proposition.id}/{name}/rho")
        _, rho = _total(origins, config)
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


def _drawn_log_lr(origin: Origin, proposition: str, seed: int, count: int, config: Credibility) -> Array:
    item = origin.primary
    record = config.letters.get(item.voice.letter, config.letters["F"])
    stream = generator(seed, f"evidence/{proposition}/{item.claim.id}")
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


def _identity(origin: Origin) -> str:
    return f"o-{min(item.claim.id for item in origin.members)}"


def _origin_evidence(origin: Origin, name: str | None, is_kept: bool) -> OriginEvidence:
    item = origin.primary
    notes = []
    if item.voice.is_interested:
        notes.append("speaks in its own interest: weight reduced")
    if item.claim.condition:
        notes.append("conditional: no weight")
    if not is_kept:
        notes.append("adds nothing beyond the others")
    return OriginEvidence(
        id=_identity(origin),
        kind=origin.kind,
        label=item.voice.label,
        reports=tuple(dict.fromkeys(each.report.id for each in origin.members)),
        claims=tuple(each.claim.id for each in origin.members),
        log_lr=item.log_lr,
        letter=item.voice.letter,
        hypothesis=name or "proposition",
        notes=tuple(notes),
    )


def _sides(kept: Sequence[Origin], config: Credibility) -> Iterable[tuple[float, float]]:
    """Effective number and total weight of the origins for and against."""
    for sign in (1, -1):
        side = [origin for origin in kept if origin.primary.log_lr * sign > 0]
        total, rho = _total(side, config)
        yield effective_number(len(side), rho), abs(total)


def _admiralty(kept: Sequence[Origin], posterior: float, config: Credibility) -> tuple[str, int]:
    """Letter of the best source in favour (else of any), number from corroboration and contradiction."""
    (number_for, weight_for), (_, weight_against) = _sides(kept, config)
    side = [origin for origin in kept if origin.primary.log_lr > 0] or list(kept)
    letters = [origin.primary.voice.letter for origin in side]
    letter = max(
        letters, key=lambda each: config.letters[each].hit / config.letters[each].false_alarm, default="F"
    )
    rules = config.raw["corroboration"]
    if weight_for == 0 and weight_against == 0:
        return letter, 6
    if weight_against >= weight_for:
        return letter, 5
    if weight_against >= float(rules["doubtful_share"]) * weight_for:
        return letter, 4
    for number, name in ((1, "confirmed"), (2, "probable")):
        rule = rules[name]
        if weight_against == 0 and number_for >= rule["origins"] and posterior >= rule["posterior"]:
            return letter, number
    return letter, 3


def _status(kept: Sequence[Origin], number: int) -> Status:
    has_for = any(origin.primary.log_lr > 0 for origin in kept)
    has_against = any(origin.primary.log_lr < 0 for origin in kept)
    if has_for and has_against:
        return "contradicted"
    if has_against:
        return "denied"
    own = any(origin.primary.voice.is_first_hand and origin.primary.log_lr > 0 for origin in kept)
    return "confirmed" if own or number == 1 else "unconfirmed"
