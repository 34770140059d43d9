"""What a statement means in numbers: in every draw of a run, the probability that it holds."""

from __future__ import annotations

import numpy as np

from excomm.analysis.samples import wilson
from excomm.audit.figures import Figures
from excomm.audit.held import Floats, Held
from excomm.audit.lexicon import Meaning
from excomm.audit.matters import hold_proposition, hold_record
from excomm.audit.options import options_of_kind
from excomm.audit.reading import Stated
from excomm.quantities import OUTCOMES

__all__ = [
    "PLAIN",
    "SIGNED",
    "amount",
    "below",
    "hold",
    "lowered",
    "monte_carlo",
    "spread",
]

SIGNED = frozenset({"area_change", "credibility_elsewhere"})
PLAIN = 0.55  # probability that a plain statement claims at least, see `verdicts`
MUCH = 0.25  # share of the reference; `degrees` of topics.yaml states the same and its source


def hold(stated: Stated, figures: Figures, other: str | None = None) -> Held | str:
    """The statement in the draws of a run, or the reason why the model has nothing to say about it.

    other: option that the text sets against the reference, for statements about the reference itself.
    """
    topic = stated.topic
    assert topic is not None
    meaning = topic.meaning
    if meaning.kind == "unmodelled":
        return topic.because
    if meaning.kind == "proposition":
        return hold_proposition(stated, figures)
    if meaning.kind == "record":
        return hold_record(stated, figures)
    option = stated.option or figures.reference
    if option not in figures.options:
        return f"the run does not have the option {option}"
    if meaning.kind == "exceeds":
        return _exceeds(stated, meaning, figures, option)
    target = topic.target
    if target is None:
        return topic.because
    if meaning.kind == "rank":
        return _rank(meaning, target, figures, option)
    if target in figures.parameters:
        return _parameter(stated, meaning, target, figures, option)
    if target not in figures.outcomes:
        return f"the run has no {target}"
    kind = (stated.rule.says if stated.rule and stated.rule.says else None) or meaning.kind
    kind = "level" if kind == "level" and meaning.level is not None else kind
    if kind == "event" and "danger" in stated.spans:
        kind = "change"
    if kind == "change" and OUTCOMES[target].kind == "probability" and _says_how_likely(stated):
        kind = "event"  # "very unlikely", "under one in ten" are how likely it is, not how much more likely
    if kind == "event":
        return _event(stated, target, figures, option)
    if kind == "level":
        return _level(stated, meaning, target, figures, option)
    if kind == "versus":
        return _versus(stated, target, figures, option)
    return _change(stated, target, figures, option, other)


def _says_how_likely(stated: Stated) -> bool:
    """Whether a word or a figure of the text says how likely it is, not how much likelier it becomes; "could" and
    "might" say too little for that.
    """
    if stated.word is None or stated.word.category == "possible":
        return False
    return stated.word.scale == "figure" or "danger" not in stated.spans


def amount(level: float, unit: str) -> str:
    """A level with its unit as a reader says it."""
    if unit in ("share", "probability"):
        return f"{level:.0%}"
    return f"{level:,g}" if unit in ("ratio", "index", "utility", "logit") else f"{level:,g} {unit}"


def lowered(text: str) -> str:
    """A label within a sentence: "civilian dead (host)"."""
    name, comma, whose = text.partition(", ")
    text = f"{name} ({whose})" if comma and whose in ("host", "adversary", "alliance") else text
    return text[:1].lower() + text[1:] if not text[1:2].isupper() else text


def _happening(outcome: str) -> str:
    """What the probability of an outcome is the probability of."""
    words = (
        OUTCOMES[outcome].definition.split(":")[0].split(". ")[0].split(" in the same draw")[0].rstrip(".")
    )
    if words.startswith("Probability of "):
        return "there is " + words.removeprefix("Probability of ")
    return words.removeprefix("Probability that ")


def monte_carlo(holds: Floats) -> tuple[float, float, float]:
    """Mean with its 90 % Monte Carlo interval, within 0 and 1; Wilson's interval where all draws agree."""
    mean = float(holds.mean())
    return mean, *wilson(mean, len(holds))


def spread(probabilities: Floats) -> tuple[float, float, float]:
    """Mean of the probabilities of the draws, with their 5 % and 95 % points."""
    low, high = np.quantile(probabilities, [0.05, 0.95])
    return float(probabilities.mean()), float(low), float(high)


def _event(stated: Stated, target: str, figures: Figures, option: str) -> Held | str:
    outcome = OUTCOMES[target]
    if outcome.paired and option == figures.reference:
        return f"{outcome.label} compares with the reference option, of which the text speaks here"
    at = figures.place(option)
    values = np.clip(figures.outcomes[target][at], 0.0, 1.0)
    holds = values if stated.side == "higher" else 1.0 - values
    probability, p05, p95 = spread(holds)
    happening = (
        _happening(target) if stated.side == "higher" else f"it does not happen that {_happening(target)}"
    )
    return Held(
        target, option, holds, probability, p05, p95, True, values,
        figures.random[target][at] / figures.replicates, outcome.unit,
        f"{happening}, under {option}", "definition of the outcome",
        figures.grades.get((target, option)),
        granted=np.maximum(values, PLAIN) if stated.side == "higher" else np.minimum(values, 1.0 - PLAIN),
    )  # fmt: skip


def _parameter(stated: Stated, meaning: Meaning, target: str, figures: Figures, option: str) -> Held:
    values = figures.parameters[target][figures.place(option)]
    stood = figures.case.parameter(target, option)
    differs = bool(np.any(figures.parameters[target] != values))
    under = f", under {option}" if differs else ""
    if meaning.kind == "event":
        holds = values if stated.side == "higher" else 1.0 - values
        probability, p05, p95 = spread(holds)
        words = lowered(stood.meaning).removeprefix("probability that ")
        words = (words if stated.side == "higher" else f"it is not so that {words}") + under
        return Held(
            target, option, holds, probability, p05, p95, True, values, None, stood.unit, words,
            stood.source, stood.grade, _range_claimed(stated),
        )  # fmt: skip
    level = meaning.decisive if stated.decisive and meaning.decisive is not None else meaning.level
    assert level is not None
    holds = (values >= level if stated.side == "higher" else values < level).astype(float)
    probability, p05, p95 = monte_carlo(holds)
    word = "at least" if stated.side == "higher" else "below"
    low, high = stood.bounds
    region = (level, high) if stated.side == "higher" else (low, float(np.nextafter(level, -np.inf)))
    return Held(
        target, option, holds, probability, p05, p95, False, values, None, stood.unit,
        f"{lowered(stood.meaning)} is {word} {amount(level, stood.unit)}{under}", meaning.source, stood.grade, region,
    )  # fmt: skip


def _range_claimed(stated: Stated) -> tuple[float, float]:
    """Limits of a probability parameter within which it is what the text says: "likely" from its lower end on."""
    word = stated.word
    if word is not None and word.category == "figure":
        low, high = word.low, word.high
    elif word is not None and word.middle < 0.5:
        low, high = 0.0, word.high
    else:
        low, high = (PLAIN if word is None else word.low), 1.0
    return (low, high) if stated.side == "higher" else (1.0 - high, 1.0 - low)


def below(mean: Floats, variance: Floats, level: float | Floats, *, signed: bool) -> Floats:
    """P(X < level) with mean and variance (draws,): gamma for what cannot be negative, normal for the rest.

    Where the variance is 0 the mean itself decides.
    """
    from scipy.special import gammainc, ndtr

    mean, variance = np.asarray(mean, float), np.asarray(variance, float)
    level = np.broadcast_to(np.asarray(level, float), mean.shape)
    certain = (variance <= 1e-12 * np.maximum(mean**2, 1e-12)) | ((mean <= 0) & (not signed))
    deviation = np.sqrt(np.where(certain, 1.0, variance))
    if signed:
        found = ndtr((level - mean) / deviation)
    else:
        safe = np.where(certain, 1.0, np.maximum(mean, 1e-12))
        shape = np.clip(safe**2 / np.where(certain, 1.0, variance), 1e-6, 1e9)
        found = gammainc(shape, np.maximum(level, 0.0) * shape / safe)
    return np.asarray(np.where(certain, (mean < level).astype(float), found))


def _level(stated: Stated, meaning: Meaning, target: str, figures: Figures, option: str) -> Held | str:
    source = meaning.source
    level = meaning.level
    if (
        meaning.without_force is not None
        and float(figures.outcomes["troops_realised"][figures.place(option)].max()) == 0
    ):
        target, level = meaning.without_force
        source = "judgement, where nobody is deployed"
    assert level is not None
    at = figures.place(option)
    outcome = OUTCOMES[target]
    values, variance = figures.outcomes[target][at], figures.random[target][at]
    threshold: float | Floats = level
    shown = amount(level, outcome.unit)
    if meaning.share_of == "members":
        threshold = level * len(figures.case.members)
        shown = f"{level:.0%} of the {len(figures.case.members)} members"
        if not figures.case.members:
            return "the case lists no members"
    elif meaning.share_of is not None:
        threshold = level * figures.outcomes[meaning.share_of][at]
        shown = f"{level:.0%} of what is asked for"
        if float(np.max(threshold)) <= 0:
            return f"{option} asks for no force"
    under = below(values, variance, threshold, signed=target in SIGNED)
    holds = under if stated.side == "lower" else 1.0 - under
    probability, p05, p95 = monte_carlo(holds)
    word = "at least" if stated.side == "higher" else "below"
    return Held(
        target, option, holds, probability, p05, p95, False, values, variance / figures.replicates, outcome.unit,
        f"{lowered(outcome.label)} under {option} is {word} {shown}", source, figures.grades.get((target, option)),
        granted=np.maximum(values, threshold) if stated.side == "higher" else np.minimum(values, threshold),
    )  # fmt: skip


def _beyond(difference: Floats, margin: Floats, side: str) -> Floats:
    """1 where a difference passes the margin on the side, one half where it is nil and no margin is asked for."""
    signed = difference if side == "higher" else -difference
    held = (signed > margin).astype(float)
    ties = (difference == 0) & (margin == 0)
    return np.asarray(np.where(ties, 0.5, held))


def _change(stated: Stated, target: str, figures: Figures, option: str, other: str | None) -> Held | str:
    against = figures.reference
    if option == against:
        if other is None or other == option:
            return "it compares the reference option with nothing else in the case"
        against = other
    outcome = OUTCOMES[target]
    here, there = figures.place(option), figures.place(against)
    values, base = figures.outcomes[target][here], figures.outcomes[target][there]
    difference = values - base
    share = MUCH if stated.much else 0.0
    holds = _beyond(difference, share * np.abs(base), stated.side)
    probability, p05, p95 = monte_carlo(holds)
    degree = f"at least {share:.0%} " if share else ""
    word = "higher" if stated.side == "higher" else "lower"
    needed = base + (share if stated.side == "higher" else -share) * np.abs(base)
    noise = (figures.random[target][here] + figures.random[target][there]) / figures.replicates
    return Held(
        target, option, holds, probability, p05, p95, False, difference, noise, outcome.unit,
        f"{lowered(outcome.label)} is {degree}{word} under {option} than under {against}", "definition of the outcome",
        figures.grades.get((target, option)),
        granted=np.maximum(values, needed) if stated.side == "higher" else np.minimum(values, needed),
    )  # fmt: skip


def _versus(stated: Stated, target: str, figures: Figures, option: str) -> Held | str:
    larger = [
        name
        for kind in ("combat", "stabilise")
        for name in options_of_kind(figures.case, kind)
        if name in figures.options and name != option
    ]
    if not larger:
        return "the case has no larger engagement to compare with"
    against = larger[0]
    outcome = OUTCOMES[target]
    values = figures.outcomes[target][figures.place(option)]
    difference = values - figures.outcomes[target][figures.place(against)]
    holds = _beyond(difference, np.zeros_like(difference), stated.side)
    probability, p05, p95 = monte_carlo(holds)
    return Held(
        target, option, holds, probability, p05, p95, False, difference, None, outcome.unit,
        f"{lowered(outcome.label)} is {stated.side} under {option} than under {against}", "definition of the outcome",
        figures.grades.get((target, option)),
    )  # fmt: skip


def _rank(meaning: Meaning, target: str, figures: Figures, option: str) -> Held | str:
    """Share of draws and perspectives in which the target's rise costs most of the named risks."""
    if option == figures.reference:
        return "it ranks risks of the reference option against itself"
    here, there = figures.place(option), figures.place(figures.reference)
    nuclear = {"nuclear_use_probability", "general_exchange_probability"} if "nuclear" in target else {target}
    shares = []
    for view in figures.case.perspectives:
        weights = {name: abs(view.weights[name]) for name in meaning.among if view.weights.get(name)}
        if not nuclear & set(weights):
            continue
        total = np.zeros(figures.draws)
        most = np.zeros(figures.draws)
        for name, weight in weights.items():
            table = figures.outcomes[name]
            low, high = np.quantile(table, [0.05, 0.95])
            loss = weight * (table[here] - table[there]) / max(float(high - low), 1e-12)
            if name in nuclear:
                total = total + loss
            else:
                most = np.maximum(most, loss)
        shares.append((total > most).astype(float))
    if not shares:
        return "no perspective of the case weighs nuclear use"
    holds = np.mean(shares, axis=0)
    probability, p05, p95 = monte_carlo(holds)
    values = figures.outcomes[target][here]
    return Held(
        target, option, holds, probability, p05, p95, False, values, None, OUTCOMES[target].unit,
        f"of the risks that {option} adds, nuclear use weighs most, over all draws and the {len(shares)} "
        "perspectives that weigh it",
        "weights of the case's perspectives, outcomes scaled by what the options span",
        figures.grades.get((target, option)),
    )  # fmt: skip


def _exceeds(stated: Stated, meaning: Meaning, figures: Figures, option: str) -> Held | str:
    topic = stated.topic
    assert topic is not None
    needed = [topic.target, meaning.against, meaning.kept]
    if any(name is None or name not in figures.parameters for name in needed):
        return "the run lacks a parameter of the comparison"
    at = figures.place(option)
    gained, lost, kept = (figures.parameters[str(name)][at] for name in needed)
    values = gained - lost * (1.0 - kept)
    holds = (values > 0 if stated.side == "higher" else values <= 0).astype(float)
    probability, p05, p95 = monte_carlo(holds)
    stood = figures.case.parameter(str(topic.target), option)
    word = "more" if stated.side == "higher" else "no more"
    whose = "host" if ".host." in str(topic.target) else "adversary"
    return Held(
        str(topic.target), option, holds, probability, p05, p95, False, values, None, stood.unit,
        f"the {whose} recruits {word} than it loses for good at the present tempo", meaning.source, stood.grade,
    )  # fmt: skip
