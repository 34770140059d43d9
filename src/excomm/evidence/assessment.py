"""From accepted claims to the probability of each proposition, with interval, rivals and sensitivity."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from excomm.evidence.copies import clusters_of_signatures, signature
from excomm.evidence.likelihood import effective_number, log_odds, probability
from excomm.evidence.linking import link_all
from excomm.evidence.model import (
    AcceptanceLike,
    Assessment,
    Claim,
    OriginEvidence,
    PropositionLike,
    Report,
    ReportHead,
    RivalProbability,
    SourceLike,
    Status,
    interval_text,
)
from excomm.evidence.origins import Evidence, Origin, OriginBuilder, group_by_origin, in_order
from excomm.evidence.settings import Credibility, default_credibility
from excomm.evidence.voices import SourceBook
from excomm.evidence.weighing import draw_posterior, keep_telling, normalise, total_weight, weigh_claim
from excomm.streams import generator

__all__ = ["assess", "assess_linked", "trajectory"]

Array = NDArray[np.float64]
_SENSITIVITY = 50  # strongest origins that are left out in turn


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
    known = {report.id: report for report in reports if _is_known(report, as_of)}
    linked = [claim for claim in link_all(claims, propositions) if claim.report in known]
    used = sorted({claim.report for claim in linked if claim.proposition})
    clusters = dict(
        zip(used, clusters_of_signatures([signature(known[each].text) for each in used]), strict=True)
    )
    return assess_linked(
        linked,
        {identity: known[identity].head for identity in used},
        clusters,
        propositions,
        sources,
        acceptance=acceptance,
        as_of=as_of,
        seed=seed,
    )


def assess_linked(
    claims: Sequence[Claim],
    reports: Mapping[str, ReportHead],
    clusters: Mapping[str, int],
    propositions: Sequence[PropositionLike],
    sources: Sequence[SourceLike],
    *,
    acceptance: AcceptanceLike,
    as_of: date | None,
    seed: int,
) -> tuple[Assessment, ...]:
    """`assess` for claims that are linked already, with the copy cluster of each report known (as in a ledger)."""
    config, book = default_credibility(), SourceBook(sources)
    by_proposition: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.proposition and claim.report in reports:
            by_proposition[claim.proposition].append(claim)
    return tuple(
        _assess_one(each, by_proposition[each.id], reports, clusters, book, acceptance, as_of, seed, config)
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


def _assess_one(
    proposition: PropositionLike,
    claims: Sequence[Claim],
    known: Mapping[str, ReportHead],
    clusters: Mapping[str, int],
    book: SourceBook,
    acceptance: AcceptanceLike,
    as_of: date | None,
    seed: int,
    config: Credibility,
) -> Assessment:
    counted = [claim for claim in claims if _counts(claim, acceptance)]
    taken = {claim.id for claim in counted}
    pending = tuple(claim.id for claim in claims if claim.id not in taken)
    notes = _notes(claims, counted, known)
    by_hypothesis: dict[str | None, list[Evidence]] = defaultdict(list)
    for claim in counted:
        by_hypothesis[claim.rival].append(weigh_claim(claim, proposition, known, clusters, book, config))
    rivals = _rivals(proposition)
    names: list[str | None] = [None, *(identity for identity, _, _ in rivals)]
    origins = {name: group_by_origin(by_hypothesis[name], config) for name in names}
    kept = {name: keep_telling(origins[name], config) for name in names}
    count = int(config.raw["draws"])
    priors, prior_draws = _priors(proposition, rivals, seed, count)
    totals = [total_weight(kept[name], config) for name in names]
    posterior = normalise(np.asarray(priors), np.asarray([total for total, _ in totals]))
    draws = draw_posterior(proposition, names, kept, prior_draws, seed, count, config)
    low, high = _ends(draws)
    sensitivity = {}
    for origin in kept[None][:_SENSITIVITY]:
        rest, _ = total_weight([each for each in kept[None] if each is not origin], config)
        changed = [rest, *(total for total, _ in totals[1:])]
        sensitivity[_identity(origin)] = float(normalise(np.asarray(priors), np.asarray(changed))[0])
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
        claims=tuple(item.claim_id for name in names for item in by_hypothesis[name]),
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


def _ends(draws: Array) -> tuple[float, float]:
    """5 and 95 per cent points, interpolated linearly; `np.quantile` would load `numpy.ma`, a tenth of a second."""
    ordered = np.sort(draws)
    low, high = np.interp(np.array([0.05, 0.95]) * (len(ordered) - 1), np.arange(len(ordered)), ordered)
    return float(low), float(high)


def _rivals(proposition: PropositionLike) -> list[tuple[str, str, Any]]:
    return [
        (str(_read(each, "id")), str(_read(each, "text") or ""), _read(each, "prior"))
        for each in proposition.rivals or ()
    ]


def _read(entry: Any, key: str) -> Any:
    return entry.get(key) if isinstance(entry, Mapping) else getattr(entry, key, None)


def _notes(
    claims: Sequence[Claim], counted: Sequence[Claim], known: Mapping[str, ReportHead]
) -> tuple[str, ...]:
    notes = []
    if len(counted) < len(claims):
        idle = len(claims) - len(counted)
        are, move = ("claim is", "moves") if idle == 1 else ("claims are", "move")
        notes.append(f"{idle} linked {are} not accepted and {move} nothing")
    undated = {claim.report for claim in counted if known[claim.report].known is None}
    if undated:
        notes.append(f"{len(undated)} reports carry no date and count as known")
    sizes = [
        claim.quantity for claim in counted if claim.quantity and claim.rival is None and claim.polarity == 1
    ]
    for place, left in enumerate(sizes):
        for right in sizes[place + 1 :]:
            if left.unit == right.unit and _are_disjoint(left.low, left.high, right.low, right.high):
                notes.append(f"sizes contradict each other: {interval_text(left)} and {interval_text(right)}")
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
    if isinstance(value, Mapping):
        return _spread(float(value["p05"]), float(value["p95"]), uniform, float(value["p50"]))
    match = _INTERVAL.match(str(value))
    if match is None:
        number = re.match(r"\s*([\d.]+)\s*(%?)", str(value))
        single = float(number[1]) / (100 if number[2] else 1) if number else 0.5
        return single, np.full_like(uniform, single)
    low, high = (float(match[part]) / (100 if match[part + 1] else 1) for part in (1, 3))
    return _spread(low, high, uniform)


def _spread(low: float, high: float, uniform: Array, middle: float | None = None) -> tuple[float, Array]:
    """Median and draws of the logit-normal law with these 5 and 95 per cent points."""
    from scipy.special import ndtri  # heavy import, only for interval priors

    ends = log_odds(low), log_odds(high)
    centre = sum(ends) / 2 if middle is None else log_odds(middle)
    normal = ndtri(uniform)
    width = np.where(normal < 0, centre - ends[0], ends[1] - centre) / 1.6448536269514722
    return probability(centre), np.asarray(1 / (1 + np.exp(-(centre + width * normal))), dtype=np.float64)


def _identity(origin: Origin) -> str:
    return f"o-{min(item.claim_id for item in origin.members)}"


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
        claims=tuple(each.claim_id for each in origin.members),
        log_lr=item.log_lr,
        letter=item.voice.letter,
        hypothesis=name or "proposition",
        notes=tuple(notes),
    )


def _sides(kept: Sequence[Origin], config: Credibility) -> Iterable[tuple[float, float]]:
    """Effective number and total weight of the origins for and against."""
    for sign in (1, -1):
        side = [origin for origin in kept if origin.primary.log_lr * sign > 0]
        total, rho = total_weight(side, config)
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


def trajectory(
    claims: Sequence[Claim],
    reports: Mapping[str, ReportHead],
    clusters: Mapping[str, int],
    proposition: PropositionLike,
    sources: Sequence[SourceLike],
    *,
    acceptance: AcceptanceLike,
    points: int = 60,
) -> list[dict[str, Any]]:
    """Posterior at the end of each day that brought a counted claim (evenly thinned to `points` days)."""
    config, book = default_credibility(), SourceBook(sources)
    rivals = _rivals(proposition)
    names: list[str | None] = [None, *(identity for identity, _, _ in rivals)]
    priors, _ = _priors(proposition, rivals, 0, 1)
    counted = [claim for claim in claims if _counts(claim, acceptance) and claim.rival in names]
    evidence = in_order(weigh_claim(claim, proposition, reports, clusters, book, config) for claim in counted)
    days = sorted({item.report.known for item in evidence if item.report.known})
    if len(days) > points:
        places = np.unique(np.linspace(0, len(days) - 1, points).round().astype(int))
        days = [days[place] for place in places]
    builders = {name: OriginBuilder(config) for name in names}
    found, place = [], 0
    for day in days:
        while place < len(evidence) and (evidence[place].report.known or date.max) <= day:
            builders[evidence[place].claim.rival].add(evidence[place])
            place += 1
        origins = {name: builders[name].primaries() for name in names}
        totals = [total_weight(keep_telling(origins[name], config), config)[0] for name in names]
        posterior = normalise(np.asarray(priors), np.asarray(totals))
        found.append(
            {
                "date": day.isoformat(),
                "posterior": float(posterior[0]),
                "rivals": {
                    name: float(value) for name, value in zip(names[1:], posterior[1:], strict=True) if name
                },
                "claims": place,
                "origins": sum(len(each) for each in origins.values()),
            }
        )
    return found
