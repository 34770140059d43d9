"""What an audit gives back: findings with their places in the text, and what becomes of the conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from excomm.analysis.samples import as_json
from excomm.audit.wording import sentence_of, with_interval

__all__ = [
    "Amount",
    "Audit",
    "Conclusion",
    "Dependence",
    "Finding",
    "Link",
    "PremiseEffect",
    "ProbabilityRange",
    "Reading",
]

VERDICTS = ("supported", "contradicted", "undecided", "sense unclear", "not modelled")


@dataclass(frozen=True)
class Link:
    """Outcome, parameter, proposition or record behind an assertion, and the side of it that the text claims."""

    target: str
    direction: str
    option: str | None = None


@dataclass(frozen=True)
class ProbabilityRange:
    """A probability word of the text with the range that readers give it."""

    cue: str
    low: float
    high: float
    scale: str


@dataclass(frozen=True)
class Dependence:
    """A parameter that the finding depends on: share of the spread, prior, source, grade."""

    parameter: str
    share: float
    direction: float
    prior: str
    source: str
    grade: str


@dataclass(frozen=True)
class Amount:
    """An amount or time that the text states, as read: [low, high] in `unit`, None an open end.

    tested: whether the finding's probability is that of the amount; because: why not.
    """

    quote: str
    start: int
    end: int
    low: float | None
    high: float | None
    unit: str
    tested: bool
    because: str = ""


@dataclass(frozen=True)
class Finding:
    """One assertion of the text and what the model says about it.

    start, end: characters of the text, quote == text[start:end]; spans: places of what each field rests on.
    probability: that the statement holds, before any probability word; p05, p95: over the draws for an event, its
    Monte Carlo interval otherwise; value: mean, p05, p95 and unit of the quantity behind it, and what it is of: level,
    or difference to another option.
    words: match, stronger or weaker: the text's probability word against the model's probability.
    claim: the side that the text is read to take, in the topic's own plain words; empty where it is not told.
    reader: rules, learned or language model; for the learned one, confidence: that the topic is right, from registers
    of its corpus that were held out; nearest: the sentence of the corpus that is most like this one.
    amounts: those of the text, tested or not.
    """

    quote: str
    start: int
    end: int
    kind: str
    topic: str
    label: str
    links: tuple[Link, ...]
    probability: float | None
    p05: float | None
    p95: float | None
    text_range: tuple[float, float] | None
    word: ProbabilityRange | None
    words: str | None
    verdict: str
    grade: str | None
    statement: str
    because: str
    source: str
    value: Mapping[str, Any] | None
    depends_on: tuple[Dependence, ...]
    condition: str | None = None
    option: str | None = None
    stance: str | None = None
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    claim: str = ""
    reader: str = "rules"
    confidence: float | None = None
    nearest: str | None = None
    amounts: tuple[Amount, ...] = ()

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        return sentence_of(self)


@dataclass(frozen=True)
class PremiseEffect:
    """What the conclusion's probability becomes with a premise.

    if_true, if_false: with this one alone taken as true or false; without: with all others taken as true. Each is
    None where too few draws support it. support: effective number of draws behind `if_true`. method: reweighted,
    rerun, granted (the outcome set to what the text says), or none. Each interval is the 90 % Monte Carlo interval of
    the share that it is named after.
    """

    quote: str
    target: str
    if_true: float | None
    if_false: float | None
    without: float | None
    support: float
    method: str
    critical: bool
    if_true_interval: tuple[float, float] | None = None
    if_false_interval: tuple[float, float] | None = None
    without_interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Reading:
    """Probability of the conclusion under one reading of what counts, with its 90 % Monte Carlo interval and standard
    error.
    """

    name: str
    holds: float
    interval: tuple[float, float]
    error: float
    source: str


@dataclass(frozen=True)
class Conclusion:
    """What the text argues for or against, and whether that survives.

    holds: probability that the argued option is better than its rival on the text's own criteria, over all draws
    and all weights of those criteria; interval: its 90 % Monte Carlo interval; error: its standard error.
    holds_if_premises_true: with every premise taken as true: by weighing draws where they allow it, `granted` ones by
    setting the outcome to what the text says; left_out: statements about parameters that too few draws allow beside
    the rest. interval_if_premises_true: 90 % Monte Carlo interval of that share; support: effective number of draws
    behind it, 0 where none had to be weighed. named: whoever asked said what the text argues for; `quote` is then the
    last sentence that is read to say so, empty where none is.
    """

    quote: str
    start: int
    end: int
    option: str
    rival: str
    stance: str
    criteria: tuple[Link, ...]
    holds: float
    interval: tuple[float, float]
    error: float
    holds_if_premises_true: float | None
    support: float
    granted: tuple[str, ...]
    left_out: tuple[str, ...]
    premises: tuple[PremiseEffect, ...]
    readings: tuple[Reading, ...]
    interval_if_premises_true: tuple[float, float] | None = None
    named: bool = False

    @property
    def critical_premises(self) -> tuple[PremiseEffect, ...]:
        """Premises without which the conclusion's probability changes by more than chance and a twentieth."""
        return tuple(one for one in self.premises if one.critical)

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        side = "better" if self.stance == "for" else "worse"
        text = (
            f"On the text's own criteria {self.option} is {side} than {self.rival} in "
            f"{with_interval(self.holds, *self.interval)} of draws and weights"
        )
        if self.holds_if_premises_true is not None and self.interval_if_premises_true is not None:
            share = with_interval(self.holds_if_premises_true, *self.interval_if_premises_true)
            text += f", in {share} if its premises are taken as true"
            if self.support:
                text += f" ({self.support:.0f} effective draws)"
        return f"{text}."


@dataclass(frozen=True)
class Audit:
    """An argument held against a run. `unread`: forecasts in the text that no topic covers, as places."""

    run: str
    case: str
    text: str
    assertions: tuple[Finding, ...]
    conclusion: Conclusion | None
    unread: tuple[tuple[int, int], ...]
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in self.counts.items() if count)
        return f"<Audit of {len(self.text)} characters against {self.run}: {counts}>"

    @property
    def counts(self) -> Mapping[str, int]:
        """How many assertions have each verdict; conclusions apart."""
        held = [one.verdict for one in self.assertions if one.kind != "conclusion"]
        return {name: held.count(name) for name in VERDICTS}

    def to_json(self) -> dict[str, Any]:
        """The shape of `excomm audit --json`."""
        shape: dict[str, Any] = as_json(self)
        shape["counts"] = dict(self.counts)
        shape["unread"] = [
            {"quote": self.text[start:end], "start": start, "end": end} for start, end in self.unread
        ]
        if self.conclusion is None:
            shape["conclusion"] = {"holds": None, "holds_if_premises_true": None, "critical_premises": []}
        else:
            shape["conclusion"]["critical_premises"] = [
                as_json(one) for one in self.conclusion.critical_premises
            ]
        return shape
