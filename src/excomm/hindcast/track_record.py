"""Scores of the forecasts in a ledger: by forecaster, against the base rate and the crowd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from excomm.hindcast.ledger import ForecastLedger, ForecastMade, Question, Resolution
from excomm.hindcast.reliability import Corp, Murphy, corp, murphy, pool
from excomm.hindcast.rolling import block_bootstrap
from excomm.hindcast.scores import brier, crps_quantiles, log_score

__all__ = ["ForecasterScore", "TrackRecord", "binary_pairs", "calibration", "score_ledger", "standing"]

CROWD = "crowd"
POOL = "pool"


@dataclass(frozen=True)
class ForecasterScore:
    """Mean scores of one forecaster over the questions that it answered and that were resolved.

    skill_base, skill_crowd: 1 - Brier / Brier of the reference on the *same* questions, with the number of
    questions and the 90 % paired-bootstrap interval of the difference of Brier scores.
    """

    forecaster: str
    binary: int
    brier: float | None
    log: float | None
    quantity: int
    crps: float | None
    against: dict[str, dict[str, float]]


@dataclass(frozen=True)
class TrackRecord:
    """All forecasters of a ledger, and what became of the questions.

    unforecast: resolved questions that count but have no forecast from before the day of their decision; corrected:
    questions whose resolution replaces an earlier one.
    """

    questions: int
    resolved: int
    void: int
    unverified: int
    unforecast: int
    forecasters: tuple[ForecasterScore, ...]
    corrected: int = 0

    @property
    def void_rate(self) -> float:
        """Share of void among the questions that were settled at all: a rule that cannot decide is a bad rule."""
        settled = self.resolved + self.void
        return self.void / settled if settled else 0.0

    def to_json(self) -> dict[str, Any]:
        """The object of `excomm forecast score --json`."""
        return {
            "questions": self.questions,
            "resolved": self.resolved,
            "void": self.void,
            "void_rate": self.void_rate,
            "unverified": self.unverified,
            "unforecast": self.unforecast,
            "corrected": self.corrected,
            "forecasters": [vars(one) for one in self.forecasters],
        }


def standing(
    forecasts: Sequence[ForecastMade], question: Question, resolution: Resolution, lead: int
) -> dict[str, ForecastMade]:
    """The last forecast of each forecaster made `lead` days or more before the question was decided."""
    last_day = min(question.closes, resolution.resolved - timedelta(days=1)) - timedelta(days=lead)
    found: dict[str, ForecastMade] = {}
    for one in forecasts:
        if one.question == question.id and one.made <= last_day:
            held = found.get(one.forecaster)
            if held is None or one.made >= held.made:
                found[one.forecaster] = one
    return found


def _settled(ledger: ForecastLedger, unverified: bool) -> list[tuple[Question, Resolution]]:
    questions = ledger.questions()
    return [
        (questions[name], answer)
        for name, answer in ledger.resolutions().items()
        if answer.outcome is not None and (answer.verified or unverified)
    ]


def _binary_table(
    ledger: ForecastLedger, lead: int, unverified: bool, exponent: float
) -> dict[str, dict[str, tuple[float, float]]]:
    """forecaster -> question -> (probability, outcome), with the base rate and the pool of all others."""
    table: dict[str, dict[str, tuple[float, float]]] = {}
    by_question: dict[str, list[ForecastMade]] = {}
    for one in ledger.forecasts():
        by_question.setdefault(one.question, []).append(one)
    for question, answer in _settled(ledger, unverified):
        if question.kind != "binary" or answer.outcome is None:
            continue
        held = standing(by_question.get(question.id, []), question, answer, lead)
        given = {name: one.probability for name, one in held.items() if one.probability is not None}
        members = [p for name, p in given.items() if name != CROWD]
        if len(members) > 1:
            # Away from a base rate that nobody stated there is nothing to extremise: the plain pool.
            centre, power = (0.5, 1.0) if question.base_rate is None else (question.base_rate, exponent)
            given[POOL] = pool(members, base_rate=centre, exponent=power)
        if given and question.base_rate is not None:
            given["base rate"] = question.base_rate
        for name, p in given.items():
            table.setdefault(name, {})[question.id] = (p, answer.outcome)
    return table


def binary_pairs(
    ledger: ForecastLedger, forecaster: str, *, lead: int = 0, unverified: bool = False, exponent: float = 1.0
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Probabilities and outcomes of one forecaster over resolved questions."""
    pairs = _binary_table(ledger, lead, unverified, exponent).get(forecaster, {})
    values = np.array(list(pairs.values()), dtype=float).reshape(-1, 2)
    return values[:, 0], values[:, 1]


def _compare(
    own: dict[str, tuple[float, float]], other: dict[str, tuple[float, float]]
) -> dict[str, float] | None:
    shared = sorted(own.keys() & other.keys())
    if len(shared) < 2:
        return None
    mine = np.array([brier(*own[name]) for name in shared])
    theirs = np.array([brier(*other[name]) for name in shared])
    gaps = block_bootstrap(mine - theirs, block=1)
    reference = float(theirs.mean())
    return {
        "n": float(len(shared)),
        "skill": 1.0 - float(mine.mean()) / reference if reference > 0 else 0.0,
        "difference": float((mine - theirs).mean()),
        "p05": float(np.quantile(gaps, 0.05)),
        "p95": float(np.quantile(gaps, 0.95)),
    }


def score_ledger(
    ledger: ForecastLedger, *, lead: int = 0, unverified: bool = False, exponent: float = 1.0
) -> TrackRecord:
    """Scores of every forecaster. lead: days before the decision at which forecasts are taken; unverified:
    also count resolutions that nobody checked against the rule; exponent: of the pool."""
    table = _binary_table(ledger, lead, unverified, exponent)
    amounts: dict[str, list[float]] = {}
    answered = {name for given in table.values() for name in given}
    forecasts = ledger.forecasts()
    for question, answer in _settled(ledger, unverified):
        if question.kind == "quantity" and answer.outcome is not None:
            for name, one in standing(forecasts, question, answer, lead).items():
                if one.quantiles:
                    answered.add(question.id)
                    levels = sorted(one.quantiles)
                    at = [one.quantiles[level] for level in levels]
                    amounts.setdefault(name, []).append(crps_quantiles(levels, at, answer.outcome))
    rows = []
    for name in sorted(table.keys() | amounts.keys()):
        pairs = table.get(name, {})
        values = np.array(list(pairs.values()), dtype=float).reshape(-1, 2)
        given = np.where(values[:, 1] == 1, values[:, 0], 1 - values[:, 0])
        against = {}
        for reference in ("base rate", CROWD):
            gap = _compare(pairs, table.get(reference, {})) if reference != name else None
            if gap is not None:
                against[reference] = gap
        rows.append(
            ForecasterScore(
                name,
                len(pairs),
                float(brier(values[:, 0], values[:, 1]).mean()) if pairs else None,
                float(log_score(given).mean()) if pairs else None,
                len(amounts.get(name, [])),
                float(np.mean(amounts[name])) if name in amounts else None,
                against,
            )
        )
    answers = ledger.resolutions()
    return TrackRecord(
        len(ledger.questions()),
        sum(a.outcome is not None for a in answers.values()),
        sum(a.outcome is None for a in answers.values()),
        sum(not a.verified for a in answers.values()),
        sum(question.id not in answered for question, _ in _settled(ledger, unverified)),
        tuple(rows),
        sum(a.correction is not None for a in answers.values()),
    )


def calibration(
    ledger: ForecastLedger, forecaster: str, *, lead: int = 0, unverified: bool = False
) -> tuple[Corp, Murphy, int] | None:
    """CORP and Murphy decompositions of one forecaster; None without resolved forecasts."""
    p, y = binary_pairs(ledger, forecaster, lead=lead, unverified=unverified)
    return (corp(p, y), murphy(p, y), int(p.size)) if p.size else None
