"""Sobol indices from a designed sample: what each parameter, or group of them, explains alone and in all.

The estimators assume that what varies apart is independent. Correlated parameters therefore belong into one
group (`correlated_blocks` finds them), which is then varied as a whole; `excomm.analysis.correlated` splits
the variance of correlated parameters from a run's own draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import qmc

from excomm.analysis.samples import Floats, checked_ids, finite, resample_counts
from excomm.analysis.wording import joined, percent
from excomm.errors import AnalysisError, UsageError
from excomm.streams import name_bits

__all__ = [
    "Design",
    "SobolIndices",
    "SobolSteps",
    "correlated_blocks",
    "design",
    "sobol_indices",
    "sobol_steps",
]


@dataclass(frozen=True, eq=False)
class Design:
    """Points at which to run the model: `base` points A, as many B, then A with one group taken from B.

    points: in (0, 1), shape (base x (groups + 2), dimensions), to be mapped by the priors' quantile functions.
    """

    points: Floats
    base: int
    groups: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]


def design(groups: Mapping[str, Sequence[int]], base: int, *, seed: int) -> Design:
    """A scrambled Sobol design for groups of places in 0..dimensions-1 that cover all of them once.

    `base` is a power of 2: the rows are base x (groups + 2). Saltelli et al. (2010), radial sampling.
    """
    places = sorted(place for group in groups.values() for place in group)
    dimensions = len(places)
    if not groups or places != list(range(dimensions)):
        raise UsageError(
            "the groups do not cover every parameter once",
            expected=f"places 0 to {dimensions - 1}, each once",
        )
    if base < 2 or base & (base - 1):
        raise UsageError(f"a base of {base} points", expected="a power of 2, such as 1024")
    scramble = np.random.default_rng(name_bits(f"analysis/sobol-design/{seed}", 64))
    both = qmc.Sobol(2 * dimensions, rng=scramble).random(base)
    both = np.clip(both, 2.0**-53, 1 - 2.0**-53)
    first, second = both[:, :dimensions], both[:, dimensions:]
    points = np.empty((len(groups) + 2, base, dimensions))
    points[0], points[1], points[2:] = first, second, first
    for row, members in enumerate(groups.values()):
        points[row + 2][:, list(members)] = second[:, list(members)]
    return Design(
        points.reshape(-1, dimensions), base, tuple(groups), tuple(tuple(part) for part in groups.values())
    )


def correlated_blocks(
    correlation: ArrayLike, ids: Sequence[str], *, threshold: float = 0.1
) -> dict[str, tuple[int, ...]]:
    """Groups that are independent of each other: parameters joined by a correlation above `threshold`."""
    matrix = finite(correlation, "correlation", 2)
    names = checked_ids(ids, len(matrix), "parameters")
    left, blocks = set(range(len(names))), {}
    while left:
        block, frontier = set[int](), {min(left)}
        while frontier:
            block |= frontier
            near = np.abs(matrix[sorted(frontier)]).max(axis=0) > threshold
            frontier = {int(place) for place in np.flatnonzero(near)} - block
        left -= block
        blocks[" + ".join(names[place] for place in sorted(block))] = tuple(sorted(block))
    return blocks


@dataclass(frozen=True, eq=False)
class SobolIndices:
    """First-order and total indices with 90% bootstrap intervals, shape (groups,), of an outcome's variance.

    first: what knowing the group alone would remove; total: what would stay if all others were known; interactions:
    the rest that no group explains alone, with its interval. Of independent groups the true first indices are 0 to the
    total and add up to at most 1, the totals to at least 1. Estimates miss that by their error: an index alone by about
    the square root of 2 x total / base, more where the outcome has heavy tails.
    The intervals take the points as independent: for a Sobol design they are too wide rather than too narrow.
    """

    groups: tuple[str, ...]
    first: Floats
    first_low: Floats
    first_high: Floats
    total: Floats
    total_low: Floats
    total_high: Floats
    interactions: float
    interactions_low: float
    interactions_high: float
    variance: float
    base: int

    @property
    def order(self) -> NDArray[np.intp]:
        """Places of the groups, the largest total index first."""
        return np.argsort(-self.total, kind="stable")

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        if self.variance == 0:
            return "The outcome does not vary."
        leading = [place for place in self.order[:3] if self.total_low[place] > 0.01]
        if not leading:
            return f"No group can be told from nothing with {self.base:,} base points; {self._together}."
        parts = [
            f"{self.groups[place]} (total {_points(self.total[place])}, alone {_points(self.first[place])})"
            for place in leading
        ]
        return f"{joined(parts)} {'matters' if len(parts) == 1 else 'matter'} most; {self._together}."

    @property
    def _together(self) -> str:
        low, middle, high = (
            min(max(each, 0.0), 1.0)
            for each in (self.interactions_low, self.interactions, self.interactions_high)
        )
        if low < 0.005:
            return f"interactions make up at most {percent(max(high, 0.01))} of the variance"
        return f"interactions make up about {percent(middle)} of the variance ({percent(low)} to {percent(high)})"


def sobol_indices(
    outcome: ArrayLike, groups: Sequence[str], *, base: int, resamples: int = 200, seed: int = 0
) -> SobolIndices:
    """Indices from the outcomes (rows,) of a `design`, in its order of rows.

    First order: Saltelli et al. (2010), E[f(B) (f(AB) - f(A))]; total: Jansen (1999), E[(f(A) - f(AB))²] / 2;
    both over the variance of A and B together.
    """
    values = finite(outcome, "outcome", 1)
    names = checked_ids(groups, len(groups), "groups")
    if len(values) != base * (len(names) + 2):
        raise UsageError(
            f"{len(values):,} outcomes for {len(names)} groups and a base of {base:,}",
            expected=f"{base * (len(names) + 2):,} rows in the order of the design",
        )
    blocks = values.reshape(len(names) + 2, base)
    blocks = blocks - blocks[:2].mean()
    first, second, mixed = blocks[0], blocks[1], blocks[2:]
    terms = np.empty((2 * len(names) + 2, base))
    np.multiply(second, mixed - first, out=terms[: len(names)])
    np.square(first - mixed, out=terms[len(names) : -2])
    terms[len(names) : -2] /= 2
    terms[-2] = (first + second) / 2
    terms[-1] = (first**2 + second**2) / 2
    point = terms.mean(axis=1)
    variance = float(point[-1] - point[-2] ** 2)
    count = len(names)
    if variance <= 0:
        nothing = np.zeros(count)
        return SobolIndices(
            names, nothing, nothing, nothing, nothing, nothing, nothing,
            interactions=0.0, interactions_low=0.0, interactions_high=0.0, variance=0.0, base=base,
        )  # fmt: skip
    spread = resample_counts(base, resamples, seed, "sobol") @ terms.T / base
    indices = spread[:, :-2] / (spread[:, -1] - spread[:, -2] ** 2)[:, None]
    low, high = np.quantile(indices, [0.05, 0.95], axis=0)
    together = np.quantile(1 - indices[:, :count].sum(axis=1), [0.05, 0.95])
    return SobolIndices(
        groups=names,
        first=point[:count] / variance,
        first_low=low[:count],
        first_high=high[:count],
        total=point[count:-2] / variance,
        total_low=low[count:],
        total_high=high[count:],
        interactions=float(1 - point[:count].sum() / variance),
        interactions_low=float(together[0]),
        interactions_high=float(together[1]),
        variance=variance,
        base=base,
    )


def _points(index: np.float64) -> str:
    return f"{100 * max(float(index), 0.0):.0f}%"


@dataclass(frozen=True, eq=False)
class SobolSteps:
    """Total indices as the base grows, shape (steps, groups): are there enough points?"""

    groups: tuple[str, ...]
    base: tuple[int, ...]
    total: Floats
    half_width: Floats
    tolerance: float

    @property
    def enough(self) -> bool:
        """Are all intervals within the tolerance, and did the last doubling change nothing beyond it?"""
        moved = float(np.abs(self.total[-1] - self.total[-2]).max())
        return bool(self.half_width[-1].max() <= self.tolerance) and moved <= 2 * self.tolerance

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        widest = float(self.half_width[-1].max())
        moved = float(np.abs(self.total[-1] - self.total[-2]).max())
        text = (
            f"With {self.base[-1]:,} base points the total indices are known to within {widest:.2g}; the last "
            f"doubling moved them by at most {moved:.2g}"
        )
        if self.enough:
            return f"{text}: enough."
        needed = self.base[-1] * max((widest / self.tolerance) ** 2, 2.0)
        return f"{text}: about {2 ** int(np.ceil(np.log2(needed))):,} are needed for {self.tolerance:g}."


def sobol_steps(
    outcome: ArrayLike, groups: Sequence[str], *, base: int, tolerance: float = 0.05, seed: int = 0
) -> SobolSteps:
    """Indices on the first eighth, quarter, half and all points of the design (each is a Sobol design too)."""
    values = finite(outcome, "outcome", 1)
    count = len(tuple(groups)) + 2
    if len(values) != base * count or base < 64:
        raise AnalysisError(
            f"{len(values):,} outcomes for a base of {base}",
            expected=f"{base * count:,} rows, base 64 or more",
        )
    blocks = values.reshape(count, base)
    steps = (base // 8, base // 4, base // 2, base)
    results = [sobol_indices(blocks[:, :size].ravel(), groups, base=size, seed=seed) for size in steps]
    return SobolSteps(
        groups=tuple(groups),
        base=steps,
        total=np.array([result.total for result in results]),
        half_width=np.array([(result.total_high - result.total_low) / 2 for result in results]),
        tolerance=tolerance,
    )
