"""For whose values is an option ahead? Rank acceptability over all value weights, regions, perspectives.

Values are outcomes on a common scale, 0 at a stated worst and 1 at a stated best, added up with weights that
sum to 1 (Lahdelma, Hokkanen and Salminen 1998: SMAA). No option is announced as the best: a preference is the
set of weights that supports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog

from excomm.analysis.samples import Better, Floats, checked_ids, finite, sign_of
from excomm.analysis.wording import joined, percent
from excomm.errors import UsageError
from excomm.streams import generator

__all__ = [
    "RankAcceptability",
    "WeightRegion",
    "WeightTriangle",
    "rank_acceptability",
    "scale_values",
    "uniform_weights",
    "weight_regions",
    "weight_triangle",
]


def scale_values(
    outcomes: ArrayLike,
    better: Sequence[Better],
    *,
    worst: ArrayLike | None = None,
    best: ArrayLike | None = None,
) -> Floats:
    """Outcomes (options, draws, criteria) as values: 0 at the worst, 1 at the best, linear between and beyond.

    Without stated ends, those are the 5% and 95% quantiles over all options and draws: a scale made by the
    options at hand, to be stated where the values are shown.
    """
    amounts = finite(outcomes, "outcomes", 3)
    if len(better) != amounts.shape[2]:
        raise UsageError(
            f"{len(better)} directions for {amounts.shape[2]} criteria", expected="one for each criterion"
        )
    signs = np.array([sign_of(one) for one in better])
    low, high = np.quantile(amounts * signs, [0.05, 0.95], axis=(0, 1))
    low = low if worst is None else finite(worst, "worst", 1) * signs
    high = high if best is None else finite(best, "best", 1) * signs
    if worst is not None and best is not None and (high <= low).any():
        raise UsageError("a best end is no better than its worst end", expected="best better than worst")
    span = np.where(high > low, high - low, 1.0)
    return np.asarray((amounts * signs - low) / span)


def uniform_weights(count: int, criteria: int, seed: int) -> Floats:
    """Weights spread evenly over all mixes of the criteria, shape (count, criteria)."""
    parts = generator(seed, "analysis/weights").exponential(size=(count, criteria))
    return np.asarray(parts / parts.sum(axis=1, keepdims=True))


def _ranks(scores: Floats) -> Floats:
    """Share of each rank that each option holds, shape (options, ranks): ties share their ranks evenly."""
    options = len(scores)
    above = (scores[None] > scores[:, None]).sum(axis=1)
    level = (scores[None] == scores[:, None]).sum(axis=1)
    held = np.zeros((options, options))
    for rank in range(options):
        inside = (above <= rank) & (rank < above + level)
        held[:, rank] = np.where(inside, 1 / level, 0).mean(axis=1)
    return held


@dataclass(frozen=True, eq=False)
class RankAcceptability:
    """How often each option takes each rank when weights and draws are both unknown.

    acceptability: (options, ranks), rows and columns add up to 1; error: its standard error for rank 1;
    central_weights: (options, criteria), the average weights that put the option first (not a number where
    none do); confidence: share of draws in which the option is first under its central weights.
    """

    options: tuple[str, ...]
    criteria: tuple[str, ...]
    acceptability: Floats
    error: Floats
    central_weights: Floats
    confidence: Floats
    samples: int

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        order = np.argsort(-self.acceptability[:, 0], kind="stable")
        parts = [
            f"{self.options[place]} in {percent(float(self.acceptability[place, 0]))}" for place in order
        ]
        never = [
            name
            for name, row in zip(self.options, self.acceptability, strict=True)
            if row[0] < 1.64 / self.samples
        ]
        text = f"Over all value weights and draws, the first place goes to {joined(parts)}."
        return f"{text} No weights put {joined(never)} first." if never else text


def rank_acceptability(
    values: ArrayLike,
    options: Sequence[str],
    criteria: Sequence[str],
    *,
    samples: int = 40_000,
    seed: int = 0,
) -> RankAcceptability:
    """Rank acceptability of values (options, draws, criteria), every weight vector being equally likely.

    Each sample pairs a fresh weight vector with a draw; all draws are used equally often.
    """
    worth = finite(values, "values", 3)
    names = checked_ids(options, len(worth), "options")
    kinds = checked_ids(criteria, worth.shape[2], "criteria")
    draws = worth.shape[1]
    rounds = -(-samples // draws)
    weights = uniform_weights(rounds * draws, len(kinds), seed).reshape(rounds, draws, -1)
    scores = np.concatenate([np.einsum("odc,dc->od", worth, weights[at]) for at in range(rounds)], axis=1)
    held = _ranks(scores)
    first = scores == scores.max(axis=0)
    share = first / first.sum(axis=0)
    flat = weights.reshape(-1, len(kinds))
    total = share.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        central = (share @ flat) / total[:, None]
    confidence = np.zeros(len(names))
    for place in np.flatnonzero(total > 0):
        own = worth @ central[place]
        confidence[place] = (own[place] >= own.max(axis=0)).mean()
    return RankAcceptability(
        options=names,
        criteria=kinds,
        acceptability=held,
        error=share.std(axis=1) / np.sqrt(share.shape[1]),
        central_weights=central,
        confidence=confidence,
        samples=share.shape[1],
    )


@dataclass(frozen=True, eq=False)
class WeightRegion:
    """The weights for which an option has the highest expected value: a part of all mixes of the criteria.

    share: its part of all weights, with standard error; low, high: (criteria,), the exact smallest and
    largest weight of each criterion within it, None where the region is empty; centre: its average.
    """

    option: str
    criteria: tuple[str, ...]
    share: float
    error: float
    low: Floats | None
    high: Floats | None
    centre: Floats | None

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        if self.low is None or self.high is None or self.centre is None:
            return f"No value weights give {self.option} the highest expected value."
        part = percent(self.share) if self.share > 0 else "a sliver, too thin to sample,"
        text = f"{self.option} has the highest expected value for {part} of all value weights"
        bounds = [
            _bound(low, high, name)
            for name, low, high in zip(self.criteria, self.low, self.high, strict=True)
            if low > 0.01 or high < 0.99
        ]
        if bounds:
            return f"{text}; all of them put {joined(bounds)}."
        leaning = int(np.argmax(self.centre))
        return f"{text}; they lean towards {self.criteria[leaning]} ({percent(float(self.centre[leaning]))})."


def _bound(low: float, high: float, name: str) -> str:
    if low <= 0.01:
        return f"at most {100 * high:.0f}% on {name}"
    if high >= 0.99:
        return f"at least {100 * low:.0f}% on {name}"
    return f"{100 * low:.0f} to {100 * high:.0f}% on {name}"


def weight_regions(
    values: ArrayLike,
    options: Sequence[str],
    criteria: Sequence[str],
    *,
    samples: int = 40_000,
    seed: int = 0,
) -> tuple[WeightRegion, ...]:
    """Where each option leads in expected value, for values (options, draws, criteria).

    Shares come from weights drawn evenly, the ends of each weight from linear programmes, so they are exact.
    Options with identical values lead together and are each credited with their part.
    """
    worth = finite(values, "values", 3).mean(axis=1)
    names = checked_ids(options, len(worth), "options")
    kinds = checked_ids(criteria, worth.shape[1], "criteria")
    weights = uniform_weights(samples, len(kinds), seed)
    scores = worth @ weights.T
    first = scores >= scores.max(axis=0) - 1e-12
    credit = first / first.sum(axis=0)
    regions = []
    for place, name in enumerate(names):
        share = float(credit[place].mean())
        low, high = _ends(worth, place)
        inside = credit[place] > 0
        centre: Floats | None = None
        if not inside.any() and low is not None and high is not None:
            centre = (low + high) / 2
        elif inside.any():
            centre = weights[inside].mean(axis=0)
        regions.append(
            WeightRegion(
                option=name,
                criteria=kinds,
                share=share,
                error=float(credit[place].std() / np.sqrt(samples)),
                low=low,
                high=high,
                centre=None if low is None else centre,
            )
        )
    return tuple(regions)


def _ends(worth: Floats, place: int) -> tuple[Floats | None, Floats | None]:
    """Smallest and largest weight of each criterion with which an option is ahead or level."""
    criteria = worth.shape[1]
    others = np.delete(worth, place, axis=0) - worth[place]
    ends = np.empty((2, criteria))
    for criterion in range(criteria):
        for side, sign in enumerate((1.0, -1.0)):
            solved = linprog(
                sign * np.eye(criteria)[criterion],
                A_ub=others if len(others) else None,
                b_ub=np.zeros(len(others)) if len(others) else None,
                A_eq=np.ones((1, criteria)),
                b_eq=[1.0],
                bounds=(0, 1),
                method="highs",
            )
            if solved.x is None:
                return None, None
            ends[side, criterion] = solved.x[criterion]
    return ends[0], ends[1]


@dataclass(frozen=True, eq=False)
class WeightTriangle:
    """Which option leads at each mix of three criteria (or groups of them), for a triangle chart.

    mixes: (points, 3), rows add up to 1; leader: (points,), place of the option with the highest expected
    value; margin: (points,), its lead over the second on the 0 to 1 scale.
    """

    corners: tuple[str, str, str]
    options: tuple[str, ...]
    mixes: Floats
    leader: NDArray[np.intp]
    margin: Floats

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        leads = [self.options[int(place)] for place in self.leader]
        parts = [
            f"{name} in {percent(leads.count(name) / len(leads))}" for name in self.options if name in leads
        ]
        return (
            f"Over all mixes of {joined(self.corners)}, the highest expected value goes to {joined(parts)}."
        )


def weight_triangle(
    values: ArrayLike,
    options: Sequence[str],
    corners: Mapping[str, Sequence[int]],
    *,
    steps: int = 30,
) -> WeightTriangle:
    """Leaders over a triangle of weights; each corner is a group of criteria of equal weight within it."""
    worth = finite(values, "values", 3).mean(axis=1)
    names = checked_ids(options, len(worth), "options")
    if len(corners) != 3:
        raise UsageError(f"{len(corners)} corners of a triangle", expected="3 groups of criteria")
    first, second, third = corners
    grid = [(a, b, steps - a - b) for a in range(steps + 1) for b in range(steps + 1 - a)]
    mixes = np.array(grid, dtype=np.float64) / steps
    merged = np.column_stack([worth[:, list(group)].mean(axis=1) for group in corners.values()])
    scores = merged @ mixes.T
    ordered = np.sort(scores, axis=0)
    margin = ordered[-1] - ordered[-2] if len(names) > 1 else np.full(len(mixes), np.inf)
    return WeightTriangle((first, second, third), names, mixes, np.argmax(scores, axis=0), margin)
