"""A small tree of yes-or-no splits: where an event is frequent and where it is rare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from excomm.analysis.samples import Floats, checked_ids, finite
from excomm.analysis.wording import joined, number, percent
from excomm.errors import UsageError

__all__ = ["Leaf", "Tree", "grow_tree"]


@dataclass(frozen=True)
class Leaf:
    """One region: its conditions, the share of draws in it (mass) and the share of those with the event."""

    conditions: tuple[str, ...]
    mass: float
    rate: float
    draws: int


@dataclass(frozen=True, eq=False)
class Tree:
    """Regions that together hold every draw once, the one with the highest rate first."""

    event: str
    leaves: tuple[Leaf, ...]
    base_rate: float

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        if len(self.leaves) == 1:
            return f"No parameter splits the draws by whether {self.event} ({percent(self.base_rate)})."
        top, bottom = self.leaves[0], self.leaves[-1]
        event = self.event[:1].upper() + self.event[1:]
        return (
            f"{event} in {percent(top.rate)} of draws where {joined(top.conditions)}, and in "
            f"{percent(bottom.rate)} where {joined(bottom.conditions)}."
        )


def grow_tree(
    parameters: ArrayLike,
    happens: ArrayLike,
    ids: Sequence[str],
    *,
    event: str = "the event happens",
    depth: int = 3,
    smallest: float = 0.05,
    false_alarm: float = 0.05,
    cuts: int = 20,
) -> Tree:
    """Split (draws, parameters) where the rates of an event (draws,) differ most, up to `depth` times in a row.

    Cuts are tried at `cuts` quantiles of each parameter; a region keeps at least `smallest` of all draws. A
    split is made only if the difference of the two rates is significant after Bonferroni over all cuts tried,
    so that draws without any structure are split in fewer than `false_alarm` of cases.
    """
    inputs, cases = finite(parameters, "parameters", 2), np.asarray(happens, dtype=bool)
    names = checked_ids(ids, inputs.shape[1], "parameters")
    if cases.shape != (len(inputs),):
        raise UsageError("the event does not fit the draws", expected=f"{len(inputs)} yes-or-no values")
    leaves: list[Leaf] = []
    levels = np.arange(1, cuts + 1) / (cuts + 1)

    def split(members: NDArray[np.intp], bounds: dict[int, tuple[float, float]], left: int) -> None:
        found = None
        if left:
            least = max(int(smallest * len(cases)), 5)
            found = _best_cut(inputs[members], cases[members], levels, least, false_alarm)
        if found is None:
            conditions = tuple(_condition(names[place], *ends) for place, ends in bounds.items())
            rate = float(cases[members].mean())
            leaves.append(Leaf(conditions, len(members) / len(cases), rate, len(members)))
            return
        place, cut = found
        low, high = bounds.get(place, (-np.inf, np.inf))
        below = inputs[members, place] <= cut
        split(members[below], bounds | {place: (low, cut)}, left - 1)
        split(members[~below], bounds | {place: (cut, high)}, left - 1)

    split(np.arange(len(cases)), {}, depth)
    return Tree(event, tuple(sorted(leaves, key=lambda leaf: -leaf.rate)), float(cases.mean()))


def _condition(name: str, low: float, high: float) -> str:
    if low == -np.inf:
        return f"{name} is at most {number(high)}"
    if high == np.inf:
        return f"{name} is above {number(low)}"
    return f"{name} is between {number(low)} and {number(high)}"


def _best_cut(
    inputs: Floats, cases: NDArray[np.bool_], levels: Floats, least: int, false_alarm: float
) -> tuple[int, float] | None:
    size, rate = len(cases), float(cases.mean())
    if rate in (0.0, 1.0) or size < 2 * least:
        return None
    cuts = np.quantile(inputs, levels, axis=0)
    best, found = 0.0, None
    for place in range(inputs.shape[1]):
        below = inputs[:, place, None] <= cuts[:, place]
        count = below.sum(axis=0)
        fits = (count >= least) & (size - count >= least)
        hits = cases.astype(np.float64) @ below
        spread = np.sqrt(rate * (1 - rate) * count * (size - count) / size)
        strength = np.abs(hits - rate * count) / np.where(fits, spread, np.inf)
        at = int(np.argmax(strength))
        if strength[at] > best:
            best, found = float(strength[at]), (place, float(cuts[at, place]))
    limit = norm.isf(false_alarm / (2 * inputs.shape[1] * len(levels)))
    return found if best > limit else None
