"""From a statement and the draws to a finding: probability, the text's word against it, verdict, what it depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from excomm.audit.amounts import hold_amount_alone, hold_amounts
from excomm.audit.clauses import ProbabilityWord
from excomm.audit.figures import Figures
from excomm.audit.held import Held
from excomm.audit.meaning import hold
from excomm.audit.model import Dependence, Finding, Link, ProbabilityRange
from excomm.audit.reading import Stated

__all__ = ["LIKELY", "direction_of", "judge", "links_of", "verdict_of"]

LIKELY = 0.55  # an assertion without a probability word is held to "likely" (ICD 203: 55 to 80 %); judgement
NOT_TOO_RARE = (0.01, 0.05)  # "could" is refuted below the first, borne out from the second on; judgement
DRIVERS = 3
CHANCE = 0.05  # of naming any driver where there is none


def direction_of(stated: Stated) -> str:
    """Side of the target that the text claims, its probability word taken into account."""
    if stated.word is not None and stated.word.says_unlikely:
        return "lower" if stated.side == "higher" else "higher"
    return stated.side


def links_of(stated: Stated, target: str, option: str | None) -> tuple[Link, ...]:
    """What an assertion is about: the target that it is held against, then other outcomes that measure the same."""
    side = direction_of(stated)
    other = "lower" if side == "higher" else "higher"
    more = {} if stated.topic is None else stated.topic.also
    return (
        Link(target, side, option),
        *(Link(name, side if way == "same" else other, option) for name, way in more.items()),
    )


def verdict_of(held: Held, word: ProbabilityWord | None) -> str:
    """supported, contradicted or undecided.

    A plain statement claims that it is likely (55 % or more), a word that says likely its lower end, a word that
    says unlikely its upper end, "could" that it is not negligible, a figure that it fits within rounding. Contradicted:
    the whole interval lies beyond.
    """
    if held.settled is not None:
        return "supported" if held.settled else "contradicted"
    if word is not None and word.category == "possible":
        low, enough = NOT_TOO_RARE
        if held.probability >= enough:
            return "supported"
        return "contradicted" if held.p95 < low else "undecided"
    if word is not None and word.category == "figure":
        if word.low <= held.probability <= word.high:
            return "supported"
        return "contradicted" if held.p95 < word.low or held.p05 > word.high else "undecided"
    if word is not None and word.says_unlikely:
        if held.probability <= word.high:
            return "supported"
        return "contradicted" if held.p05 > word.high else "undecided"
    needed = LIKELY if word is None else word.low
    if held.probability >= needed:
        return "supported"
    return "contradicted" if held.p95 < needed else "undecided"


def _words(held: Held, word: ProbabilityWord | None) -> str | None:
    if word is None:
        return None
    if word.low <= held.probability <= word.high:
        return "match"
    if word.says_unlikely:
        return "stronger" if held.probability > word.high else "weaker"
    return "stronger" if held.probability < word.low else "weaker"


def _dependence(held: Held, figures: Figures) -> tuple[Dependence, ...]:
    if held.target in figures.parameters and held.option is not None:
        stood = figures.case.parameter(held.target, held.option)
        return (Dependence(held.target, 1.0, 1.0, stood.text, stood.source, stood.grade),)
    if held.values is None or held.option is None:
        return ()
    shares = figures.drivers(held.option, held.values, held.noise)
    if shares is None:
        return ()
    found = []
    for place in shares.order[:DRIVERS]:
        if shares.p_value[place] > CHANCE / len(shares.parameters):
            break
        name = shares.parameters[place]
        stood = figures.case.parameter(name, held.option)
        found.append(
            Dependence(
                name,
                float(shares.share[place]),
                float(shares.direction[place]),
                stood.text,
                stood.source,
                stood.grade,
            )
        )
    return tuple(found)


def _value(held: Held, figures: Figures) -> Mapping[str, Any] | None:
    if held.values is None or held.option is None:
        return None
    low, high = np.quantile(held.values, [0.05, 0.95])
    drawn = figures.outcomes.get(held.target, figures.parameters.get(held.target))
    own = drawn is not None and np.array_equal(drawn[figures.place(held.option)], held.values)
    return {
        "mean": float(held.values.mean()),
        "p05": float(low),
        "p95": float(high),
        "unit": held.unit,
        "of": "level" if own or held.is_event else "difference",
    }


_DISPUTED = "the two readers disagree on which side the text takes"


def _origin(stated: Stated) -> dict[str, Any]:
    one = stated.recognised
    if one is None:
        return {"reader": stated.reader}
    return {"reader": stated.reader, "confidence": one.confidence, "nearest": one.nearest}


def _unclear(stated: Stated, fields: dict[str, Any]) -> Finding:
    """About a topic, but no verdict: its reader does not tell the side, or another one disputes it."""
    topic = stated.topic
    assert topic is not None
    links = () if topic.target is None else (Link(topic.target, "unclear", stated.option),)
    because = "the learned reader is not sure enough which side the text takes"
    if stated.proposed == "":
        because = "the language model leaves open which side the text takes"
    if stated.disputed:
        because = _DISPUTED
    named = {"topic": topic.id, "label": topic.label, "links": links, "because": because}
    return Finding(**{**fields, **named, "verdict": "sense unclear"})


def judge(stated: Stated, figures: Figures, other: str | None) -> tuple[Finding, Held | None]:
    """The finding for one assertion, with the draws behind it where there are any."""
    word = stated.word
    shown = None if word is None else ProbabilityRange(word.cue, word.low, word.high, word.scale)
    common: dict[str, Any] = {
        "quote": stated.quote, "start": stated.start, "end": stated.end, "kind": stated.kind, "word": shown,
        "text_range": None if word is None else (word.low, word.high), "condition": stated.condition,
        "option": stated.option, "stance": stated.stance, "spans": stated.spans, **_origin(stated),
    }  # fmt: skip
    nothing: dict[str, Any] = {
        "probability": None, "p05": None, "p95": None, "words": None, "grade": None, "statement": "", "source": "",
        "value": None, "depends_on": (), "verdict": "not modelled", "links": (), "because": "",
    }  # fmt: skip
    if stated.topic is None:
        told: dict[str, Any] = {"because": "a recommendation; see the conclusion"}
        if stated.disputed:
            told = {"stance": None, "because": _DISPUTED, "verdict": "sense unclear"}
        return Finding(topic="conclusion", label="Conclusion", **{**nothing, **common, **told}), None
    if not stated.is_sided:
        return _unclear(stated, {**nothing, **common}), None
    held = hold(stated, figures, other)
    claim = stated.topic.claims.get(direction_of(stated)) or stated.topic.claims.get("either", "")
    named: dict[str, Any] = {"topic": stated.topic.id, "label": stated.topic.label, "claim": claim}
    if isinstance(held, str):
        alone = hold_amount_alone(stated, figures)
        if alone is None:
            return Finding(**named, **{**nothing, **common, "because": held}), None
        held, amounts = alone
        links = links_of(stated, str(stated.topic.target), held.option)
    else:
        links = links_of(stated, held.target, held.option)
        held, amounts = hold_amounts(stated, held, figures)
    # What the amount is of comes first: an outcome beside the topic's own may be counted in it.
    links = tuple(sorted(links, key=lambda link: link.target != held.target))
    return (
        Finding(
            **named,
            **common,
            links=links,
            amounts=amounts,
            probability=held.probability,
            p05=held.p05,
            p95=held.p95,
            words=_words(held, word),
            verdict=verdict_of(held, word),
            grade=held.grade,
            statement=held.statement,
            because="",
            source=held.source,
            value=_value(held, figures),
            depends_on=_dependence(held, figures),
        ),
        held,
    )
