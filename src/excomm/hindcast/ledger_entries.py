"""What the ledger of forecasts holds: questions, forecasts, resolutions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

__all__ = [
    "Entry",
    "ForecastMade",
    "Question",
    "Resolution",
    "outcome_text",
    "question_body",
    "question_from",
]


@dataclass(frozen=True)
class Question:
    """What is asked, and the rule that will decide it, fixed before the first forecast.

    kind: `binary` or `quantity` (then `unit` is its unit); closes: last day for forecasts; base_rate: the
    probability that a forecaster without knowledge of the case would give, with its source.
    """

    id: str
    text: str
    rule: str
    closes: date
    kind: str = "binary"
    unit: str | None = None
    base_rate: float | None = None
    base_rate_source: str | None = None
    opens: date | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForecastMade:
    """A probability, or quantiles {level: value} of a quantity, made on a day by a named forecaster."""

    question: str
    forecaster: str
    made: date
    probability: float | None = None
    quantiles: Mapping[float, float] | None = None
    source: str | None = None


@dataclass(frozen=True)
class Resolution:
    """The outcome: 1 or 0, a number, or None if the question is void. verified: checked against the rule.

    correction: why this resolution replaces an earlier one of the same question.
    """

    question: str
    outcome: float | None
    resolved: date
    source: str
    verified: bool = True
    correction: str | None = None


@dataclass(frozen=True)
class Entry:
    """One line of the ledger as stored."""

    seq: int
    recorded: str
    kind: str
    subject: str
    body: dict[str, Any]
    hash: str


def outcome_text(question: Question, outcome: float | None) -> str:
    """An outcome in words: yes, no, void, or the number with its unit."""
    if outcome is None:
        return "void"
    if question.kind == "binary":
        return "yes" if outcome == 1.0 else "no"
    return f"{outcome:g} {question.unit or ''}".strip()


def entry_text(entry: Entry, question: Question) -> str:
    """An entry about a question in a sentence."""
    body = entry.body
    if entry.kind == "question":
        rate = f" Base rate {body['base_rate']:g}." if body["base_rate"] is not None else ""
        text = str(body["text"])
        end = "" if text.endswith((".", "?", "!")) else "."
        return f"{text}{end} Closes {body['closes']}. Rule: {body['rule']}{rate}"
    if entry.kind == "forecast":
        levels = body["quantiles"] or {}
        said = ", ".join(f"{float(level):.0%} below {value:g}" for level, value in levels.items())
        return f"{body['forecaster']} says {said or format(body['probability'], '.4g')} on {body['made']}"
    outcome = outcome_text(question, body["outcome"])
    checked = "" if body["verified"] else ", unverified"
    why = f"; corrects the earlier resolution: {body['correction']}" if "correction" in body else ""
    return f"resolved to {outcome} on {body['resolved']} (source: {body['source']}{checked}){why}"


def question_body(question: Question) -> dict[str, Any]:
    """A question as its entry keeps it."""
    return {
        "text": question.text,
        "rule": question.rule,
        "closes": question.closes.isoformat(),
        "kind": question.kind,
        "unit": question.unit,
        "base_rate": question.base_rate,
        "base_rate_source": question.base_rate_source,
        "opens": question.opens.isoformat() if question.opens else None,
        "tags": list(question.tags),
    }


def question_from(name: str, body: dict[str, Any]) -> Question:
    """The question of an entry; the inverse of `question_body`."""
    opens = body["opens"]
    return Question(
        name,
        body["text"],
        body["rule"],
        date.fromisoformat(body["closes"]),
        body["kind"],
        body["unit"],
        body["base_rate"],
        body["base_rate_source"],
        date.fromisoformat(opens) if opens else None,
        tuple(body["tags"]),
    )
