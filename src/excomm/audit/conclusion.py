"""Whether the conclusion survives: draws weighed by the premises, one at a time and all together.

A premise is a statement about a parameter or an outcome. To take it as true is to condition on it: each draw is
weighed by the probability that the premise holds in it. Where the statement is about a parameter, that is what a
new run with the parameter kept within the statement's limits gives, up to Monte Carlo error; where too few draws
support it, such a run takes the place of the weights. A statement about an outcome that too few draws support is
granted instead: the outcome itself is set to the nearest value that the statement allows, and all else stays.
Given the draw, premise and conclusion are taken as independent between replicates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from excomm.analysis.samples import Z90, Better, wilson
from excomm.audit.figures import Figures
from excomm.audit.held import Held
from excomm.audit.model import Conclusion, Finding, Link, PremiseEffect, Reading
from excomm.audit.reading import Stated
from excomm.streams import generator

__all__ = [
    "BETTER",
    "MIN_SUPPORT",
    "Argued",
    "Premise",
    "Rerun",
    "Share",
    "conclude",
    "effective_number",
    "preference",
    "share_of",
    "weights_of",
]

Floats = NDArray[np.float64]
Rerun = Callable[[str, tuple[float, float]], Figures]
MIN_SUPPORT = 20.0  # effective draws below which a re-weighted probability is not reported; judgement
MIXES = 256  # weight vectors over the text's criteria
NOTICEABLE = 0.05  # change of the conclusion's probability that makes a premise critical; judgement

# Which side of an outcome is better for those who weigh the options of the alliance; a perspective can say otherwise.
BETTER: Mapping[str, Better] = {
    **dict.fromkeys(
        (
            "killed_host", "wounded_host", "killed_alliance", "wounded_alliance", "deaths_per_1000_deployed",
            "deaths_civilian_host", "deaths_civilian_adversary", "displaced_host", "unserved_energy_host",
            "leakers_host", "cost_alliance", "rung_max", "clash_probability", "territory_strike_probability",
            "nuclear_use_probability", "nuclear_deliberate_probability", "nuclear_inadvertent_probability",
            "general_exchange_probability", "neighbour_probability", "horizontal_weeks", "provoked",
            "ceasefire_weeks", "interceptors_spent_alliance",
        ),
        "lower",
    ),
    **dict.fromkeys(
        (
            "area_change", "regained_share_12", "regained_share_26", "regained_share_52", "power_capacity_host",
            "interceptors_left", "deterred", "ceasefire_probability", "ceasefire_holds_26", "ceasefire_holds_52",
            "withdrawal_probability", "credibility_elsewhere", "morale_host",
        ),
        "higher",
    ),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Premise:
    """A statement that can be taken as true, with the draws behind it."""

    finding: Finding
    stated: Stated
    held: Held


@dataclass(frozen=True)
class Argued:
    """A course that a text argues for or against, said by whoever asks for the audit."""

    option: str
    stance: str


def weights_of(premise: Premise) -> Floats:
    """(draws,): weight of each draw when the premise is taken as the text makes it.

    A statement about a parameter keeps the draws within its limits, the probability of a bluff among them. An event
    that the text calls unlikely is not taken as absent: draws count in which it is as rare as the word says.
    """
    held, word = premise.held, premise.stated.word
    assert held.holds is not None
    if held.region is not None and held.values is not None:
        low, high = held.region
        return ((held.values >= low) & (held.values <= high)).astype(float)
    if word is not None and word.middle < 0.5:
        return (held.holds <= word.high).astype(float) if held.is_event else 1.0 - held.holds
    return held.holds


def effective_number(weights: Floats) -> float:
    """Effective number of draws behind a weighted mean (Kish): (sum w)^2 / sum w^2."""
    squares = float((weights**2).sum())
    return float(weights.sum() ** 2 / squares) if squares > 0 else 0.0


def preference(
    figures: Figures,
    option: str,
    rival: str,
    criteria: Sequence[str],
    better: Mapping[str, Better],
    *,
    granted: Mapping[tuple[str, str], Floats] | None = None,
    seed: int = 0,
) -> Floats:
    """(draws,): share of all weights of the criteria with which `option` is worth more than `rival`; ties count half.

    Criteria are outcomes, scaled by what the options of the run span (5 to 95 %) and added up with weights spread
    evenly over all mixes. granted: (outcome, option) -> draws that take the place of the run's.
    """
    table = np.stack([figures.outcomes[name] for name in criteria], axis=2)
    senses = [better[name] for name in criteria]
    signs = np.array([1.0 if sense == "higher" else -1.0 for sense in senses])
    low, high = np.quantile(table * signs, [0.05, 0.95], axis=(0, 1))
    if granted:
        for (outcome, where), values in granted.items():
            if outcome in criteria and where in figures.options:
                table[figures.place(where), :, criteria.index(outcome)] = values
    # The scale is the run's own, whatever is granted.
    worth = (table * signs - low) / np.where(high > low, high - low, 1.0)
    gain = worth[figures.place(option)] - worth[figures.place(rival)]
    parts = generator(seed, "audit/weights").exponential(size=(MIXES, len(criteria)))
    scores = gain @ (parts / parts.sum(axis=1, keepdims=True)).T
    return np.asarray((scores > 0).mean(axis=1) + 0.5 * (scores == 0).mean(axis=1))


def _signs(figures: Figures, perspective: str | None) -> dict[str, Better]:
    signs: dict[str, Better] = dict(BETTER)
    for view in figures.case.perspectives:
        if view.actor == perspective:
            signs |= {name: "higher" if size > 0 else "lower" for name, size in view.weights.items() if size}
    return signs


def _criteria(findings: Sequence[Finding], figures: Figures, pair: tuple[str, str]) -> tuple[str, ...]:
    """Outcomes that the text speaks of and that differ between the two options."""
    named = dict.fromkeys(link.target for one in findings for link in one.links[:1] if link.target in BETTER)
    here, there = (figures.place(name) for name in pair)
    return tuple(
        name
        for name in named
        if name in figures.outcomes and np.any(figures.outcomes[name][here] != figures.outcomes[name][there])
    )


def _rival(argued: str, others: Sequence[Stated], figures: Figures) -> str | None:
    """What the argued option is held against: the reference, or for the reference what the text sets against it."""
    if argued != figures.reference:
        return figures.reference
    for one in reversed(others):
        if one.option in figures.options and one.option != argued:
            return one.option
    return next((name for name in figures.options if name != figures.reference), None)


class Share(NamedTuple):
    """A share of draws with its 90 % Monte Carlo interval."""

    mean: float
    low: float
    high: float


def share_of(chosen: Floats, weights: Floats | None = None) -> Share:
    """Weighted mean of shares (draws,) with its 90 % Monte Carlo interval, within 0 and 1.

    The interval is normal, with the error of a ratio of weighted sums; where all draws agree, it is Wilson's for the
    effective number of draws. weights: 1 for every draw where None.
    """
    weights = np.ones(len(chosen)) if weights is None else weights
    total, number = float(weights.sum()), effective_number(weights)
    mean = float((chosen * weights).sum() / total)
    square = float((weights**2 * (chosen - mean) ** 2).sum()) / total**2
    if square > 1e-18:
        half = Z90 * float(np.sqrt(square * number / max(number - 1.0, 1.0)))
        return Share(mean, max(mean - half, 0.0), min(mean + half, 1.0))
    return Share(mean, *wilson(mean, number))


def _weighed(chosen: Floats, weights: Floats) -> Share | None:
    return None if effective_number(weights) < MIN_SUPPORT else share_of(chosen, weights)


def _interval(share: Share | None) -> tuple[float, float] | None:
    return None if share is None else (share.low, share.high)


def _together(premises: Sequence[Premise]) -> tuple[list[int], Floats]:
    """As many premises as the draws allow at the same time, the best supported first, and their joint weights."""
    count = len(premises[0].held.holds) if premises and premises[0].held.holds is not None else 0
    joint = np.ones(count)
    taken: list[int] = []
    order = sorted(range(len(premises)), key=lambda at: -float(weights_of(premises[at]).mean()))
    for at in order:
        tried = joint * weights_of(premises[at])
        if effective_number(tried) >= MIN_SUPPORT:
            joint = tried
            taken.append(at)
    return sorted(taken), joint


def conclude(
    concluded: Sequence[Stated],
    stated: Sequence[Stated],
    findings: Sequence[Finding],
    premises: Sequence[Premise],
    figures: Figures,
    *,
    named: Argued | None = None,
    perspective: str | None = None,
    rerun: Rerun | None = None,
) -> Conclusion | None:
    """What becomes of the text's last recommendation; None where it makes none about an option of the run.

    named: what the text argues for or against, where the reader has said so; then its last sentence that recommends
    this is quoted, or none.
    """
    fitting = [one for one in concluded if one.option in figures.options]
    if named is not None:
        same = [one for one in stated if (one.option, one.stance) == (named.option, named.stance)]
        quoted, main = (same[-1] if same else None), named
    elif fitting:
        quoted = fitting[-1]
        main = Argued(str(quoted.option), str(quoted.stance))
    else:
        return None
    rival = _rival(main.option, [*fitting, *stated], figures)
    if rival is None:
        return None
    signs = _signs(figures, perspective)
    criteria = _criteria(findings, figures, (main.option, rival))
    if not criteria:  # the text names no outcome that differs: all headline criteria of the perspectives
        headline = dict.fromkeys(name for view in figures.case.perspectives for name in view.weights)
        criteria = tuple(name for name in headline if name in figures.outcomes and name in BETTER)
    if not criteria:
        return None

    def chosen_in(run: Figures, grants: Sequence[Premise] = ()) -> Floats:
        share = preference(run, main.option, rival, criteria, signs, granted=_granted(grants))
        return share if main.stance == "for" else 1.0 - share

    chosen = chosen_in(figures)
    holds, error = share_of(chosen), _error(chosen)
    usable = _distinct(premises)
    taken, joint = _together(usable)
    beside = [at for at in range(len(usable)) if at not in taken and usable[at].held.granted is not None]

    def with_all_but(dropped: int | None) -> Share | None:
        """Every premise taken as true but one: weighed where draws allow it, granted where they do not."""
        weights = [weights_of(usable[at]) for at in taken if at != dropped]
        product = np.prod(weights, axis=0) if weights else np.ones(len(chosen))
        return _weighed(chosen_in(figures, [usable[at] for at in beside if at != dropped]), product)

    together = with_all_but(None) if taken or beside else None
    effects = []
    for at, premise in enumerate(usable):
        counted = at in taken or at in beside
        without = with_all_but(at) if counted else together
        effects.append(
            _effect(
                premise,
                figures,
                chosen,
                without,
                together if counted else None,
                holds.mean,
                error,
                chosen_in,
                rerun,
            )
        )
    return Conclusion(
        quote="" if quoted is None else quoted.quote,
        start=0 if quoted is None else quoted.start,
        end=0 if quoted is None else quoted.end,
        option=main.option,
        rival=rival,
        stance=main.stance,
        criteria=tuple(Link(name, signs[name], main.option) for name in criteria),
        holds=holds.mean,
        interval=(holds.low, holds.high),
        error=error,
        holds_if_premises_true=None if together is None else together.mean,
        support=effective_number(joint) if taken else 0.0,
        granted=tuple(usable[at].finding.quote for at in beside),
        left_out=tuple(
            one.finding.quote for at, one in enumerate(usable) if at not in taken and at not in beside
        ),
        premises=tuple(effects),
        readings=_readings(main, rival, figures, chosen),
        interval_if_premises_true=_interval(together),
        named=named is not None,
    )


def _distinct(premises: Sequence[Premise]) -> list[Premise]:
    """Premises with draws behind them, each statement once; "could" takes nothing for true."""
    kept: dict[str, Premise] = {}
    for one in premises:
        is_weak = one.stated.word is not None and one.stated.word.category == "possible"
        if one.held.holds is not None and not is_weak:
            kept.setdefault(one.held.statement, one)
    return list(kept.values())


def _granted(premises: Sequence[Premise]) -> dict[tuple[str, str], Floats]:
    return {
        (one.held.target, str(one.held.option)): one.held.granted
        for one in premises
        if one.held.granted is not None
    }


def _effect(
    premise: Premise,
    figures: Figures,
    chosen: Floats,
    without: Share | None,
    together: Share | None,
    holds: float,
    error: float,
    chosen_in: Callable[..., Floats],
    rerun: Rerun | None,
) -> PremiseEffect:
    weights = weights_of(premise)
    if_true, if_false = _weighed(chosen, weights), _weighed(chosen, 1.0 - weights)
    method = "reweighted" if if_true is not None else "none"
    if if_true is None and rerun is not None and premise.held.region is not None:
        if_true, method = share_of(chosen_in(rerun(premise.held.target, premise.held.region))), "rerun"
    elif if_true is None and premise.held.granted is not None:
        if_true, method = share_of(chosen_in(figures, [premise])), "granted"
    changes = [abs(if_true.mean - holds)] if if_true is not None else []
    if together is not None and without is not None:
        changes.append(abs(without.mean - together.mean))
    return PremiseEffect(
        quote=premise.finding.quote,
        target=premise.held.target,
        if_true=None if if_true is None else if_true.mean,
        if_false=None if if_false is None else if_false.mean,
        without=None if without is None else without.mean,
        support=effective_number(weights),
        method=method,
        critical=max(changes, default=0.0) > max(NOTICEABLE, Z90 * error),
        if_true_interval=_interval(if_true),
        if_false_interval=_interval(if_false),
        without_interval=_interval(without),
    )


def _readings(main: Argued, rival: str, figures: Figures, chosen: Floats) -> tuple[Reading, ...]:
    """The conclusion on the text's own criteria, and under the stated weights of every perspective."""
    found = [_reading("the text's own criteria", chosen, "all weights alike")]
    names = {actor.id: actor.name for actor in figures.case.actors}
    for view in figures.case.perspectives:
        weights = {name: size for name, size in view.weights.items() if size and name in figures.outcomes}
        if not weights:
            continue
        table = np.stack([figures.outcomes[name] for name in weights], axis=2)
        sizes = np.asarray(list(weights.values()))
        low, high = np.quantile(table, [0.05, 0.95], axis=(0, 1))
        scaled = sizes / np.abs(sizes).sum() / np.where(high > low, high - low, 1.0)
        gain = (table[figures.place(main.option)] - table[figures.place(rival)]) @ scaled
        better = (gain > 0) + 0.5 * (gain == 0)
        better = better if main.stance == "for" else 1.0 - better
        found.append(_reading(names.get(view.actor, view.actor), better, view.source))
    return tuple(found)


def _reading(name: str, chosen: Floats, source: str) -> Reading:
    share = share_of(chosen)
    return Reading(name, share.mean, (share.low, share.high), _error(chosen), source)


def _error(chosen: Floats) -> float:
    """Monte Carlo standard error of the mean of (draws,)."""
    return float(chosen.std(ddof=1) / np.sqrt(len(chosen)))
