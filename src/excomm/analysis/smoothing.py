"""Regression smoothers with known degrees of freedom: what an outcome is expected to be, given parameters.

A parameter enters by its value and by orthogonal polynomials of its rank, so that a straight line is exact,
a bend or a step is followed, and one extreme draw has no leverage. All smoothers are linear in the outcome:
their leverages give leave-one-out errors without refitting, and their noise can be simulated exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import norm, rankdata

from excomm.analysis.samples import Floats
from excomm.errors import TooFewDraws

__all__ = [
    "Additive",
    "Smoother",
    "basis",
    "curves",
    "default_terms",
    "leading_pairs",
    "smooth_many",
    "smooth_one",
]

_RIDGES = np.logspace(-4, 4, 25)


def default_terms(draws: int) -> int:
    """Curve terms for one parameter: 7 for 512 draws, 14 for 8,192; never fewer than 3 or more than 20.

    The fourth root of the draws lets bias and variance shrink together for a smooth curve.
    """
    return int(np.clip(round(1.5 * draws**0.25), 3, 20))


def basis(column: Floats, terms: int) -> Floats:
    """Centred orthonormal columns for one parameter, from straight to wiggly, shape (draws, at most terms).

    A parameter with few distinct values (a switch, a model form) gets one column a level less one. A constant
    one gets none.
    """
    draws = len(column)
    if column.min() == column.max():
        return np.empty((draws, 0))
    levels, place = np.unique(column, return_inverse=True)
    if len(levels) <= terms + 1:
        raw = (place[:, None] == np.arange(1, len(levels))).astype(np.float64)
    else:
        position = (2 * rankdata(column) - 1) / draws - 1
        polynomials = np.polynomial.legendre.legvander(position, terms - 1)[:, 1:]
        scaled = (column - column.mean()) / column.std()
        raw = np.column_stack([scaled, polynomials])
    raw = raw - raw.mean(axis=0)
    triangle = np.linalg.qr(raw, mode="r")
    kept = np.abs(np.diag(triangle)) > 1e-2 * np.linalg.norm(raw, axis=0)
    return np.asarray(np.linalg.qr(raw[:, kept])[0])


@dataclass(frozen=True, eq=False)
class Smoother:
    """fitted = mean + directions @ (shrinkage * directions.T @ outcome).

    directions: orthonormal and centred, shape (draws, k); shrinkage: in [0, 1], shape (k,).
    """

    directions: Floats
    shrinkage: Floats

    @property
    def freedom(self) -> float:
        """Degrees of freedom beside the mean."""
        return float(self.shrinkage.sum())

    @property
    def leverage(self) -> Floats:
        """Weight of each draw's own outcome in its fitted value, shape (draws,)."""
        return np.asarray(1 / len(self.directions) + self.directions**2 @ self.shrinkage)

    def fit(self, outcomes: Floats) -> Floats:
        """Fitted values of outcomes with shape (..., draws)."""
        mean = outcomes.mean(axis=-1, keepdims=True)
        return np.asarray(mean + (outcomes @ self.directions * self.shrinkage) @ self.directions.T)

    def left_out(self, outcomes: Floats) -> Floats:
        """Prediction of each draw from all others, shape (..., draws)."""
        leverage = np.minimum(self.leverage, 1 - 1e-9)
        return np.asarray(outcomes - (outcomes - self.fit(outcomes)) / (1 - leverage))


def smooth_one(columns: Floats, outcomes: Floats) -> Smoother:
    """The leading columns of a `basis` that predict left-out draws best, over all outcomes together.

    outcomes: (outcomes, draws). No column at all is a possible answer.
    """
    draws = len(columns)
    centred = outcomes - outcomes.mean(axis=1, keepdims=True)
    scale = np.maximum((centred**2).sum(axis=1), 1e-300)
    weights = centred @ columns
    leverage = np.full(draws, 1 / draws)
    residual = centred.copy()
    best, terms = _loss(residual, leverage, scale), 0
    for term in range(columns.shape[1]):
        residual = residual - weights[:, term, None] * columns[:, term]
        leverage = leverage + columns[:, term] ** 2
        loss = _loss(residual, leverage, scale)
        if loss < best:
            best, terms = loss, term + 1
    return Smoother(columns[:, :terms], np.ones(terms))


def _loss(residual: Floats, leverage: Floats, scale: Floats) -> float:
    left_out = residual / (1 - np.minimum(leverage, 1 - 1e-9))
    return float(((left_out**2).sum(axis=1) / scale).sum())


@dataclass(frozen=True, eq=False)
class Additive:
    """A sum of curves, one a parameter (and products of pairs), shrunk by the ridge that predicts best.

    blocks: columns of each parameter in `design`; pair columns follow under their own block names.
    """

    smoother: Smoother
    design: Floats
    penalty: Floats
    ridge: float
    blocks: tuple[slice, ...]
    pairs: tuple[tuple[int, int, slice], ...]

    def coefficients(self, outcome: Floats, counts: Floats | None = None) -> Floats:
        """Coefficients of the design for an outcome (draws,), with optional bootstrap counts (draws,)."""
        weights = np.ones(len(outcome)) if counts is None else counts
        centre = weights @ self.design / weights.sum()
        design = self.design - centre
        centred = outcome - weights @ outcome / weights.sum()
        weighted = design * weights[:, None]
        gram = weighted.T @ design + self.ridge * np.diag(self.penalty)
        return np.asarray(np.linalg.solve(gram, weighted.T @ centred))


def curves(parameters: Floats, terms: int | None = None) -> list[Floats]:
    """A `basis` for each parameter of (draws, parameters), short enough for all of them together."""
    draws, count = parameters.shape
    if draws < 8:
        raise TooFewDraws(draws, "for a regression", 8)
    terms = terms or int(np.clip(draws // (3 * max(count, 1)), 2, min(default_terms(draws), 8)))
    return [basis(parameters[:, place], terms) for place in range(count)]


def smooth_many(
    parameters: Floats | list[Floats], outcomes: Floats, *, pairs: bool | Sequence[tuple[int, int]] = False
) -> Additive:
    """Additive curves of many parameters, (draws, parameters) or their `curves`, for (outcomes, draws).

    pairs: add products for all pairs of parameters (True) or for the given pairs of places.
    """
    parts = list(parameters) if isinstance(parameters, list) else curves(parameters)
    draws, count = outcomes.shape[1], len(parts)
    penalties = [np.arange(1, part.shape[1] + 1, dtype=np.float64) ** 2 for part in parts]
    ends = np.cumsum([0, *(part.shape[1] for part in parts)])
    blocks = [slice(int(ends[place]), int(ends[place + 1])) for place in range(count)]
    used = int(ends[-1])
    pair_blocks = []
    for first, second in combinations(range(count), 2) if pairs is True else (pairs or ()):
        products = _products(parts[first], parts[second])
        parts.append(products)
        penalties.append(np.full(products.shape[1], 6.0))
        pair_blocks.append((first, second, slice(used, used + products.shape[1])))
        used += products.shape[1]
    design = np.column_stack(parts) if used else np.empty((draws, 0))
    penalty = np.concatenate(penalties) if used else np.empty(0)
    smoother, ridge = _ridge(design, penalty, outcomes)
    return Additive(smoother, design, penalty, ridge, tuple(blocks), tuple(pair_blocks))


def leading_pairs(parts: Sequence[Floats], residual: Floats, count: int) -> list[tuple[int, int]]:
    """Up to `count` pairs of curves whose product a residual (draws,) follows beyond chance, strongest first.

    The straight terms are screened; 1% false alarms over all pairs (Bonferroni).
    """
    present = [place for place, part in enumerate(parts) if part.shape[1]]
    if len(present) < 2 or count == 0:
        return []
    draws = len(residual)
    lines = np.column_stack([parts[place][:, 0] for place in present]) * np.sqrt(draws)
    centred = (residual - residual.mean()) / max(float(residual.std()), 1e-300)
    strength = np.abs((lines * centred[:, None]).T @ lines) / np.sqrt(draws)
    rows, columns = np.triu_indices(len(present), 1)
    limit = norm.isf(0.005 / len(rows))
    order = np.argsort(-strength[rows, columns])[:count]
    return [
        (present[rows[at]], present[columns[at]]) for at in order if strength[rows[at], columns[at]] > limit
    ]


def _products(first: Floats, second: Floats) -> Floats:
    """Products of the low terms of two parameters, scaled to unit length."""
    places = [(0, 0), (0, 1), (1, 0), (1, 1)]
    kept = [
        first[:, one] * second[:, two]
        for one, two in places
        if one < first.shape[1] and two < second.shape[1]
    ]
    if not kept:
        return np.empty((len(first), 0))
    products = np.column_stack(kept)
    products -= products.mean(axis=0)
    norms = np.linalg.norm(products, axis=0)
    return np.asarray(products[:, norms > 0] / norms[norms > 0])


def _ridge(design: Floats, penalty: Floats, outcomes: Floats) -> tuple[Smoother, float]:
    draws = len(design)
    if design.shape[1] == 0:
        return Smoother(np.empty((draws, 0)), np.empty(0)), float(_RIDGES[-1])
    scaled = design / np.sqrt(penalty)
    if design.shape[1] < draws:  # the small eigenproblem is several times faster than the tall decomposition
        squared, right = np.linalg.eigh(scaled.T @ scaled)
        kept = squared > 1e-12 * squared[-1]
        singular = np.sqrt(squared[kept])
        left = scaled @ right[:, kept] / singular
    else:
        left, singular, _ = np.linalg.svd(scaled, full_matrices=False)
        kept = singular > 1e-6 * singular[0]
        left, singular = left[:, kept], singular[kept]
    centred = outcomes - outcomes.mean(axis=1, keepdims=True)
    scale = np.maximum((centred**2).sum(axis=1), 1e-300)
    scores, squares = centred @ left, left**2
    best, chosen, ridge = np.inf, np.zeros_like(singular), float(_RIDGES[-1])
    for candidate in _RIDGES:
        shrinkage = singular**2 / (singular**2 + candidate)
        residual = centred - (scores * shrinkage) @ left.T
        loss = _loss(residual, 1 / draws + squares @ shrinkage, scale)
        if loss < best:
            best, chosen, ridge = loss, shrinkage, float(candidate)
    return Smoother(left, chosen), ridge
