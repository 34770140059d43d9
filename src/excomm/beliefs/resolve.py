"""Is the adversary resolved on this issue? A hierarchical model of the record.

A warning is carried out with probability logistic(resolve on the issue + corrections for severity, the
speaker's rank, vagueness, and a threat against the host rather than the alliance). Resolve is correlated
between issues, so what the record says on arms bears on troops, where no line was ever crossed. That step is
stated: troops differ from aid by a shift whose distribution is a judgement, and no row informs it directly.

Censored rows drop out. Rows of one series count as the effective number n/(1+(n-1)icc), by tempering their
likelihood. Warnings by other actors have a level of their own and inform only the corrections.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from excomm.beliefs.laplace import WeightedSample, find_mode, importance_sample
from excomm.beliefs.record import RANKS, Coding, Record, effective_number
from excomm.errors import UsageError
from excomm.streams import generator

__all__ = [
    "RESOLVE_ISSUES",
    "Coefficient",
    "IssueResolve",
    "ResolveFit",
    "ResolvePriors",
    "fit_resolve",
    "resolve_draws",
]

Floats = np.ndarray[Any, np.dtype[np.float64]]

RESOLVE_ISSUES = ("aid", "strikes", "troops", "troops-combat", "core", "regime")
OTHER_ISSUES = ("energy", "trade", "basing", "air-defence", "nuclear", "membership")
NORMAL_95 = 1.6448536269514722
POINTS = 4096


@dataclass(frozen=True)
class ResolvePriors:
    """Priors of the model, all of them judgement.

    By issue: 5-95 % of the probability of being resolved, for a named threat of military action (severity 4) by
    a head of state against the alliance; `correlation`: 5-95 %, between issues. The others are mean and standard
    deviation on the logit scale: `troops_shift` from aid to troops, `other_level` of issues and actors that the
    answer does not need, and the corrections. `icc`: serial dependence, each value with the same weight.
    """

    aid: tuple[float, float] = (0.03, 0.25)
    strikes: tuple[float, float] = (0.1, 0.5)
    troops: tuple[float, float] = (0.15, 0.6)
    troops_combat: tuple[float, float] = (0.4, 0.85)
    core: tuple[float, float] = (0.25, 0.75)
    regime: tuple[float, float] = (0.7, 0.98)
    correlation: tuple[float, float] = (0.3, 0.8)
    troops_shift: tuple[float, float] = (2.0, 1.0)
    other_level: tuple[float, float] = (0.0, 1.5)
    severity: tuple[float, float] = (-0.3, 0.5)
    rank: tuple[float, float] = (0.0, 0.5)
    vague: tuple[float, float] = (0.0, 0.5)
    against_host: tuple[float, float] = (1.0, 1.0)
    icc: tuple[float, ...] = (0.2, 0.35, 0.5)

    def range_of(self, issue: str) -> tuple[float, float]:
        """5-95 % of the probability of being resolved on an issue, before the record and the shift."""
        found = getattr(self, issue.replace("-", "_"))
        return float(found[0]), float(found[1])


@dataclass(frozen=True)
class Coefficient:
    """A parameter on the logit scale: posterior mean, 5 % and 95 %."""

    id: str
    mean: float
    p05: float
    p95: float


@dataclass(frozen=True)
class IssueResolve:
    """P(resolved | issue): mean and 5-95 %; `informative`: rows of the adversary on it that are not censored.

    extrapolated: no row informs the issue directly; what it gains comes from other issues by the stated
    correlation and shift, so the grade is C.
    """

    issue: str
    mean: float
    p05: float
    p95: float
    prior_mean: float
    prior_p05: float
    prior_p95: float
    informative: int
    effective: float

    @property
    def extrapolated(self) -> bool:
        """Whether no row informs the issue directly."""
        return self.informative == 0

    @property
    def grade(self) -> str:
        """B where the record has cases on the issue, C (judgement) where it has none."""
        return "C" if self.extrapolated else "B"


@dataclass(frozen=True, eq=False)
class ResolveFit:
    """Posterior of the model under one coding.

    levels: weighted sample of the logits, columns as RESOLVE_ISSUES; effective: effective sample size of the
    importance sample (the smallest over the values of icc) out of `points`.
    """

    coding: Coding
    levels: WeightedSample
    issues: tuple[IssueResolve, ...]
    coefficients: tuple[Coefficient, ...]
    correlation: Floats
    effective: float
    points: int

    def issue(self, name: str) -> IssueResolve:
        """Summary of one issue."""
        for found in self.issues:
            if found.issue == name:
                return found
        raise UsageError(f'"{name}" is not an issue of resolve.', expected=", ".join(RESOLVE_ISSUES))

    def draws(self, uniforms: Floats) -> dict[str, Floats]:
        """P(resolved | issue) at points of the unit cube, shape (draws, issues): issue -> (draws,).

        Inverse marginals joined by a Gaussian copula with the posterior's correlation, so a well-spread
        design of points stays well spread.
        """
        from scipy.special import expit, ndtr, ndtri

        points = np.asarray(uniforms, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != len(RESOLVE_ISSUES):
            raise UsageError(
                f"Draws of resolve need points of shape (draws, {len(RESOLVE_ISSUES)}), not {points.shape}.",
                expected="one column in (0, 1) for each of " + ", ".join(RESOLVE_ISSUES),
            )
        if not bool(np.all((points > 0.0) & (points < 1.0))):
            raise UsageError("A point of the design lies outside (0, 1).", expected="uniforms in (0, 1)")
        joint = ndtr(ndtri(points) @ np.linalg.cholesky(self.correlation).T)
        return {
            issue: np.asarray(expit(self.levels.quantile(place, joint[:, place])))
            for place, issue in enumerate(RESOLVE_ISSUES)
        }


def resolve_draws(
    record: Record,
    coding: Coding,
    source: Floats | np.random.Generator,
    n: int,
    *,
    adversary: str,
    host: str,
    priors: ResolvePriors | None = None,
) -> dict[str, Floats]:
    """Draws of P(resolved | issue): issue -> (n,), jointly over RESOLVE_ISSUES.

    source: a generator, or points in (0, 1) of shape (n, number of issues).
    """
    fit = fit_resolve(record, coding, adversary=adversary, host=host, priors=priors)
    if isinstance(source, np.random.Generator):
        points = source.random((n, len(RESOLVE_ISSUES))).clip(1e-12, 1.0 - 1e-12)
    else:
        points = np.asarray(source, dtype=np.float64)
        if len(points) != n:
            raise UsageError(f"{len(points)} points cannot make {n} draws.", expected=f"{n} rows")
    return fit.draws(points)


def fit_resolve(
    record: Record,
    coding: Coding,
    *,
    adversary: str,
    host: str,
    priors: ResolvePriors | None = None,
    points: int = POINTS,
) -> ResolveFit:
    """Posterior of the adversary's resolve by issue; `AnalysisError` where it has no clear maximum.

    The same arguments give the same numbers. Takes about a second; repeated calls are answered from memory.
    """
    return _fit(record.warnings, coding, adversary, host, priors or ResolvePriors(), points)


@lru_cache(maxsize=16)
def _fit(
    warnings: tuple[Any, ...], coding: Coding, adversary: str, host: str, priors: ResolvePriors, points: int
) -> ResolveFit:
    record = Record(warnings)
    design = _design(record, coding, adversary, host)
    fitted = [_sample(design, priors, icc, points) for icc in priors.icc]
    nothing = _design(Record(()), coding, adversary, host)
    before = _sample(nothing, priors, priors.icc[0], points)
    weights = np.concatenate([sample.weights for sample in fitted]) / len(fitted)
    joined = WeightedSample(np.concatenate([sample.points for sample in fitted]), weights)
    levels = WeightedSample(joined.points[:, : len(RESOLVE_ISSUES)], weights)
    counts = Counter(group for group in design.groups if group[0] == adversary)
    middle = priors.icc[len(priors.icc) // 2]
    issues = []
    for place, issue in enumerate(RESOLVE_ISSUES):
        informative = counts[(adversary, issue)]
        issues.append(
            IssueResolve(
                issue,
                *_probability(joined, place),
                *_probability(before, place),
                informative=informative,
                effective=effective_number(informative, middle),
            )
        )
    return ResolveFit(
        coding=coding,
        levels=levels,
        issues=tuple(issues),
        coefficients=tuple(_coefficient(joined, place, name) for name, place in _layout().items()),
        correlation=_normal_scores_correlation(levels),
        effective=min(sample.effective for sample in fitted),
        points=len(fitted[0].weights),
    )


# The model -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Design:
    """Informative rows: matrix (rows, parameters), executed (rows,) 1 or 0, and the series of each row."""

    matrix: Floats
    executed: Floats
    groups: tuple[tuple[str, str], ...]


def _layout() -> dict[str, int]:
    """Name -> place of the parameters after the levels of RESOLVE_ISSUES."""
    names = (
        *(f"level.{issue}" for issue in OTHER_ISSUES),
        "level.other-actors",
        "severity",
        *(f"rank.{rank}" for rank in RANKS[1:]),
        "vague",
        "against-host",
        "correlation",
    )
    return {name: len(RESOLVE_ISSUES) + place for place, name in enumerate(names)}


def _design(record: Record, coding: Coding, adversary: str, host: str) -> _Design:
    layout = _layout()
    size = len(RESOLVE_ISSUES) + len(layout)
    rows, executed, groups = [], [], []
    for entry in record:
        outcome = entry.coded(coding)
        if outcome == "censored":
            continue
        row = np.zeros(size)
        if entry.actor != adversary:
            row[layout["level.other-actors"]] = 1.0
        elif entry.issue in RESOLVE_ISSUES:
            row[RESOLVE_ISSUES.index(entry.issue)] = 1.0
        else:
            row[layout[f"level.{entry.issue}"]] = 1.0
        row[layout["severity"]] = entry.severity - 4.0
        if entry.speaker_rank != RANKS[0]:
            row[layout[f"rank.{entry.speaker_rank}"]] = 1.0
        row[layout["vague"]] = 0.0 if entry.explicit else 1.0
        row[layout["against-host"]] = 1.0 if entry.target == host else 0.0
        rows.append(row)
        executed.append(1.0 if outcome == "executed" else 0.0)
        groups.append((entry.actor, entry.issue))
    return _Design(np.array(rows).reshape(-1, size), np.array(executed), tuple(groups))


def _worth(design: _Design, icc: float) -> Floats:
    """Weight of each row's likelihood: effective over counted number of its series."""
    counts = Counter(design.groups)
    return np.array([effective_number(counts[group], icc) / counts[group] for group in design.groups])


def _sample(design: _Design, priors: ResolvePriors, icc: float, points: int) -> WeightedSample:
    layout = _layout()
    worth = _worth(design, icc)
    sign = 2.0 * design.executed - 1.0
    issue_mean, issue_sd = np.array([_logit_normal(priors.range_of(issue)) for issue in RESOLVE_ISSUES]).T
    rest = np.array([_prior_of(name, priors) for name in layout])
    aid, troops = RESOLVE_ISSUES.index("aid"), RESOLVE_ISSUES.index("troops")
    shift_mean, shift_sd = priors.troops_shift
    levels = len(RESOLVE_ISSUES)

    def original(at: Floats) -> Floats:
        """From independent standard scores of the issues to their correlated levels; the rest stays."""
        between = _logistic(at[:, layout["correlation"]])
        own = np.sqrt(1.0 - between)
        common = (np.sqrt(1.0 + (levels - 1.0) * between) - own) / levels
        score = at[:, :levels]
        score = own[:, None] * score + (common * np.sum(score, axis=1))[:, None]
        return np.concatenate([issue_mean + issue_sd * score, at[:, levels:]], axis=1)

    def log_density(at: Floats) -> Floats:
        point = original(at)
        likelihood = -np.logaddexp(0.0, -sign * (point @ design.matrix.T)) @ worth
        independent = np.concatenate([at[:, :levels], (at[:, levels:] - rest[:, 0]) / rest[:, 1]], axis=1)
        shift = (point[:, troops] - point[:, aid] - shift_mean) / shift_sd
        return np.asarray(likelihood - 0.5 * np.sum(independent**2, axis=1) - 0.5 * shift**2)

    mode, covariance = find_mode(log_density, np.concatenate([np.zeros(levels), rest[:, 0]]))
    random = generator(0, f"beliefs/resolve/{icc:g}")
    sample = importance_sample(log_density, mode, covariance, points, random)
    return WeightedSample(original(sample.points), sample.weights)


def _logistic(value: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-value)))


def _prior_of(name: str, priors: ResolvePriors) -> tuple[float, float]:
    if name == "correlation":
        return _logit_normal(priors.correlation)
    if name.startswith("level."):
        return priors.other_level
    if name.startswith("rank."):
        return priors.rank
    known: Mapping[str, tuple[float, float]] = {
        "severity": priors.severity,
        "vague": priors.vague,
        "against-host": priors.against_host,
    }
    return known[name]


def _logit_normal(interval: tuple[float, float]) -> tuple[float, float]:
    """Mean and standard deviation on the logit scale of a 5-95 % interval of a probability."""
    low, high = (math.log(p / (1.0 - p)) for p in interval)
    return (low + high) / 2.0, (high - low) / (2.0 * NORMAL_95)


def _probability(sample: WeightedSample, place: int) -> tuple[float, float, float]:
    low, high = _logistic(sample.quantile(place, np.array([0.05, 0.95])))
    return float(sample.weights @ _logistic(sample.points[:, place])), float(low), float(high)


def _coefficient(sample: WeightedSample, place: int, name: str) -> Coefficient:
    low, high = sample.quantile(place, np.array([0.05, 0.95]))
    return Coefficient(name, float(sample.weights @ sample.points[:, place]), float(low), float(high))


def _normal_scores_correlation(sample: WeightedSample) -> Floats:
    """Correlation of the normal scores of all columns: that of the Gaussian copula closest to the sample."""
    from scipy.special import ndtri

    scores = np.empty_like(sample.points)
    for column in range(sample.points.shape[1]):
        order = np.argsort(sample.points[:, column], kind="stable")
        ranked = np.cumsum(sample.weights[order]) - 0.5 * sample.weights[order]
        scores[order, column] = ndtri(ranked.clip(1e-12, 1.0 - 1e-12))
    covariance = WeightedSample(scores, sample.weights).covariance()
    scale = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(scale, scale))
