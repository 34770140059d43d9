"""Where does it happen? Boxes of parameters in which a stated event concentrates, written as sentences.

The patient rule induction method (Friedman and Fisher 1999), as used for scenario discovery (Bryant and
Lempert 2010): peel thin slices off a box as long as the cases of interest grow denser, choose along the way
between coverage and density, drop limits that chance explains, paste back what was peeled too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from excomm.analysis.given_data import region_drivers
from excomm.analysis.samples import Floats, checked_ids, finite
from excomm.analysis.wording import joined, number, percent
from excomm.errors import AnalysisError, UsageError
from excomm.streams import generator

__all__ = ["Box", "BoxLimit", "Discovery", "discover", "find_box"]

_Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class BoxLimit:
    """One limit of a box: the parameter lies between `low` and `high` (None: no limit on that side).

    quasi_p: probability that as many cases of interest fall inside by chance, given the other limits;
    reproduced: share of half-samples in which this parameter was limited too (None: not resampled).
    """

    parameter: str
    low: float | None
    high: float | None
    quasi_p: float
    reproduced: float | None = None

    def __str__(self) -> str:
        if self.low is None:
            return f"{self.parameter} is below {number(self.high or 0.0)}"
        if self.high is None:
            return f"{self.parameter} is above {number(self.low)}"
        return f"{self.parameter} is between {number(self.low)} and {number(self.high)}"


@dataclass(frozen=True, eq=False)
class Box:
    """A box of parameters with its quality.

    coverage: share of all cases of interest that lie inside; density: share of the draws inside that are of
    interest; mass: share of all draws inside; held_coverage, held_density: the same on halves of the draws that
    the search did not see (None: not resampled). trade_off: coverage, density, mass and number of limited
    parameters along the peeling, shape (steps, 4).
    """

    event: str
    limits: tuple[BoxLimit, ...]
    coverage: float
    density: float
    mass: float
    base_rate: float
    held_coverage: float | None
    held_density: float | None
    trade_off: Floats
    inside: _Bools

    @property
    def found(self) -> bool:
        """Is there a limit, and do left-out draws confirm that cases are denser inside?"""
        confirmed = self.held_density is None or self.held_density > self.base_rate
        return bool(self.limits) and confirmed

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        if not self.found:
            return (
                f"No box of parameters tells where {self.event}: it does in {percent(self.base_rate)} of all "
                "draws."
            )
        where = joined([str(limit) for limit in self.limits])
        worst = max(limit.quasi_p for limit in self.limits)
        text = (
            f"Where {where}, {self.event} in {percent(self.density)} of draws (density; "
            f"{percent(self.base_rate)} overall); this covers {percent(self.coverage)} of all such draws"
        )
        chance = "below 0.001" if worst < 0.001 else f"at most {worst:.2g}"
        text += f" (quasi-p {chance}"
        if self.held_density is not None and self.held_coverage is not None:
            text += (
                f"; on left-out draws density {percent(self.held_density)}, coverage "
                f"{percent(self.held_coverage)}"
            )
        return f"{text})."


@dataclass(frozen=True, eq=False)
class Discovery:
    """Boxes one after the other, each found among the draws that earlier ones leave out."""

    event: str
    boxes: tuple[Box, ...]
    coverage: float

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        if not self.boxes:
            return f"No box of parameters tells where {self.event}."
        if len(self.boxes) == 1:
            return self.boxes[0].sentence
        parts = " ".join(box.sentence for box in self.boxes)
        return f"{parts} Together they cover {percent(self.coverage)} of such draws."


def find_box(
    parameters: ArrayLike,
    interesting: ArrayLike,
    ids: Sequence[str],
    *,
    event: str = "the event happens",
    peel: float = 0.05,
    paste: float = 0.01,
    smallest: float = 0.02,
    quasi_p: float = 0.05,
    coverage_weight: float = 1.0,
    resamples: int = 10,
    seed: int = 0,
) -> Box:
    """The first box for parameters (draws, parameters) and cases of interest (draws,).

    peel, paste: share of the draws inside that one step takes or gives back; smallest: share of all draws at
    which peeling stops; quasi_p: a limit with a larger value, after Bonferroni over both sides of all
    parameters, is dropped. coverage_weight: of coverage against density where the box is chosen along the
    peeling (1: their harmonic mean; 2 doubles the weight of coverage). resamples: half-samples for
    reproducibility and for quality on left-out draws (0: none).
    """
    inputs = finite(parameters, "parameters", 2)
    cases = np.asarray(interesting, dtype=bool)
    names = checked_ids(ids, inputs.shape[1], "parameters")
    if cases.shape != (len(inputs),):
        raise UsageError("cases of interest do not fit the draws", expected=f"{len(inputs)} of them")
    if not 5 <= cases.sum() <= len(cases) - 5:
        raise AnalysisError(
            f"{cases.sum()} of {len(cases)} draws are of interest", expected="at least 5, and 5 that are not"
        )
    settings = _Settings(peel, paste, smallest, quasi_p, coverage_weight)
    low, high, path = _search(inputs, cases, settings)
    inside = _inside(inputs, low, high)
    limited = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
    chances = {int(place): _quasi_p(inputs, cases, low, high, int(place)) for place in limited}
    reproduced = np.zeros(len(names))
    held: list[tuple[float, float]] = []
    stream = generator(seed, "analysis/prim")
    for _ in range(resamples):
        order = stream.permutation(len(cases))
        half, other = order[: len(cases) // 2], order[len(cases) // 2 :]
        if cases[half].sum() < 3 or cases[other].sum() < 1:
            continue
        some_low, some_high, _ = _search(inputs[half], cases[half], settings)
        reproduced += np.isfinite(some_low) | np.isfinite(some_high)
        hit = _inside(inputs[other], some_low, some_high)
        density = float(cases[other][hit].mean()) if hit.any() else 0.0
        held.append((float(cases[other][hit].sum() / cases[other].sum()), density))
    limits = tuple(
        BoxLimit(
            parameter=names[place],
            low=float(low[place]) if np.isfinite(low[place]) else None,
            high=float(high[place]) if np.isfinite(high[place]) else None,
            quasi_p=chances[int(place)],
            reproduced=float(reproduced[place] / len(held)) if held else None,
        )
        for place in sorted(limited, key=lambda place: chances[int(place)])
    )
    return Box(
        event=event,
        limits=limits,
        coverage=float(cases[inside].sum() / cases.sum()),
        density=float(cases[inside].mean()),
        mass=float(inside.mean()),
        base_rate=float(cases.mean()),
        held_coverage=float(np.mean([one for one, _ in held])) if held else None,
        held_density=float(np.mean([one for _, one in held])) if held else None,
        trade_off=path,
        inside=inside,
    )


def discover(
    parameters: ArrayLike,
    interesting: ArrayLike,
    ids: Sequence[str],
    *,
    event: str = "the event happens",
    boxes: int = 3,
    resamples: int = 10,
    seed: int = 0,
) -> Discovery:
    """Up to `boxes` boxes; the search stops at the first that left-out draws do not confirm."""
    inputs = finite(parameters, "parameters", 2)
    cases = np.asarray(interesting, dtype=bool)
    left = np.ones(len(cases), dtype=bool)
    found: list[Box] = []
    for _ in range(boxes):
        if not 5 <= cases[left].sum() <= left.sum() - 5:
            break
        box = find_box(inputs[left], cases[left], ids, event=event, resamples=resamples, seed=seed)
        if not box.found:
            break
        found.append(box)
        left[np.flatnonzero(left)[box.inside]] = False
    return Discovery(event, tuple(found), float(cases[~left].sum() / max(int(cases.sum()), 1)))


@dataclass(frozen=True)
class _Settings:
    peel: float
    paste: float
    smallest: float
    quasi_p: float
    coverage_weight: float


def _search(inputs: Floats, cases: _Bools, settings: _Settings) -> tuple[Floats, Floats, Floats]:
    """Peel, choose, drop, paste; limits of the box and the path of the peeling.

    Among many parameters and few draws, thin slices of idle parameters look empty by chance and peeling loses
    its way. It is therefore tried twice: with all parameters, and with those that differ between the cases and
    the rest (Kolmogorov-Smirnov); the better box counts.
    """
    everything = np.arange(inputs.shape[1])
    trials = [everything]
    if min(cases.sum(), (~cases).sum()) >= 5:
        screen = region_drivers(inputs, cases, [str(place) for place in everything]).p_value < 0.1
        if 0 < screen.sum() < len(everything):
            trials.append(everything[screen])
    best, found = -1.0, None
    for places in trials:
        low, high, path = _search_among(inputs, cases, settings, places)
        inside = _inside(inputs, low, high)
        coverage = float(cases[inside].sum() / cases.sum())
        quality = _quality(coverage, float(cases[inside].mean()) if inside.any() else 0.0, settings)
        if quality > best * (1 + 1e-9):
            best, found = quality, (low, high, path)
    assert found is not None
    return found


def _search_among(
    inputs: Floats, cases: _Bools, settings: _Settings, places: NDArray[np.intp]
) -> tuple[Floats, Floats, Floats]:
    some = inputs[:, places]
    steps, path = _peel(some, cases, settings)
    low, high = steps[int(np.argmax(_quality(path[:, 0], path[:, 1], settings)))]
    low, high = _drop(some, cases, low.copy(), high.copy(), settings)
    low, high = _paste(some, cases, low, high, settings)
    low, high = _drop(some, cases, low, high, settings)
    whole_low, whole_high = np.full(inputs.shape[1], -np.inf), np.full(inputs.shape[1], np.inf)
    whole_low[places], whole_high[places] = low, high
    return whole_low, whole_high, path


def _quality(coverage: Any, density: Any, settings: _Settings) -> Any:
    """Harmonic mean of coverage and density, with coverage weighted as the settings say."""
    weight = settings.coverage_weight**2
    return (1 + weight) * coverage * density / np.maximum(weight * density + coverage, 1e-300)


def _inside(inputs: Floats, low: Floats, high: Floats) -> _Bools:
    limited = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
    kept = np.ones(len(inputs), dtype=bool)
    for place in limited:
        column = inputs[:, place]
        kept &= (column >= low[place]) & (column <= high[place])
    return kept


def _peel(inputs: Floats, cases: _Bools, settings: _Settings) -> tuple[list[tuple[Floats, Floats]], Floats]:
    """Greedy peeling: the slice whose loss raises the density most for each draw that it costs.

    Every parameter's order is sorted once and only filtered afterwards, so that a step reads thin slices.
    """
    draws, count = inputs.shape
    low, high = np.full(count, -np.inf), np.full(count, np.inf)
    columns = np.ascontiguousarray(inputs.T)
    order = np.argsort(columns, axis=1, kind="stable").astype(np.int32)
    hits, alive = cases.astype(np.float64), np.ones(draws, dtype=bool)
    steps, path = [(low.copy(), high.copy())], [(1.0, float(cases.mean()), 1.0, 0.0)]
    while True:
        size, density = order.shape[1], path[-1][1]
        cut = max(int(settings.peel * size), 1)
        if size - cut < settings.smallest * draws or density == 1 or size < 10:
            break
        gains, cuts, thick = np.zeros((2, count)), np.zeros((2, count), dtype=np.intp), np.zeros((2, count))
        for side in (0, 1):
            ends = order if side == 0 else order[:, ::-1]
            removed, lost = _slices(columns, order, ends[:, : cut + 1], hits, side)
            remaining = size - removed
            fits = (removed > 0) & (remaining >= settings.smallest * draws)
            gain = ((density * size - lost) / np.maximum(remaining, 1) - density) / np.maximum(removed, 1)
            gains[side], cuts[side] = np.where(fits, gain, 0.0), removed
            thick[side] = hits[ends[:, : 3 * cut]].sum(axis=1)
        if gains.max() <= 0:
            break
        # With few draws several slices are equally empty: the emptiest surroundings decide.
        tied = gains >= gains.max() * (1 - 1e-9)
        side, place = divmod(int(np.argmin(np.where(tied, thick, np.inf))), count)
        cut = int(cuts[side, place])
        row = order[place]
        edge = cut if side == 0 else size - cut
        between = float(columns[place, row[edge - 1]] + columns[place, row[edge]]) / 2
        (low if side == 0 else high)[place] = between
        alive[row[:cut] if side == 0 else row[size - cut :]] = False
        order = order[alive[order]].reshape(count, -1)
        inside = float(hits[order[0]].sum())
        limits = float(np.count_nonzero(np.isfinite(low) | np.isfinite(high)))
        steps.append((low.copy(), high.copy()))
        path.append((inside / float(hits.sum()), inside / order.shape[1], order.shape[1] / draws, limits))
    return steps, np.array(path)


def _slices(
    columns: Floats, order: NDArray[np.int32], ends: NDArray[np.int32], hits: Floats, side: int
) -> tuple[NDArray[np.intp], Floats]:
    """Draws and cases in the outermost slice of each parameter; equal values stay together."""
    values = np.take_along_axis(columns, ends, axis=1)
    beyond = values < values[:, -1:] if side == 0 else values > values[:, -1:]
    removed = beyond.sum(axis=1)
    lost = (hits[ends] * beyond).sum(axis=1)
    for place in np.flatnonzero(removed == 0):
        same = order[place][columns[place, order[place]] == values[place, 0]]
        removed[place], lost[place] = len(same), hits[same].sum()
    return removed, lost


def _quasi_p(inputs: Floats, cases: _Bools, low: Floats, high: Floats, place: int) -> float:
    """Chance of as many cases inside if this parameter's limits only took draws away at random."""
    wide_low, wide_high = low.copy(), high.copy()
    wide_low[place], wide_high[place] = -np.inf, np.inf
    without = _inside(inputs, wide_low, wide_high)
    inside = _inside(inputs, low, high)
    return float(binom.sf(int(cases[inside].sum()) - 1, int(inside.sum()), float(cases[without].mean())))


def _drop(
    inputs: Floats, cases: _Bools, low: Floats, high: Floats, settings: _Settings
) -> tuple[Floats, Floats]:
    """Lift limits that chance explains, the weakest first."""
    allowed = settings.quasi_p / (2 * inputs.shape[1])
    while True:
        limited = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
        if not len(limited):
            return low, high
        chances = [_quasi_p(inputs, cases, low, high, int(place)) for place in limited]
        weakest = int(np.argmax(chances))
        if chances[weakest] <= allowed:
            return low, high
        low[limited[weakest]], high[limited[weakest]] = -np.inf, np.inf


def _paste(
    inputs: Floats, cases: _Bools, low: Floats, high: Floats, settings: _Settings
) -> tuple[Floats, Floats]:
    """Move each limit outwards while the slice it takes in is as dense as the box, best slice first."""
    for _ in range(200):
        inside = _inside(inputs, low, high)
        size, density = int(inside.sum()), float(cases[inside].mean()) if inside.any() else 0.0
        step = max(int(settings.paste * size), 1)
        best, move = density - 1e-12, None
        for place in np.flatnonzero(np.isfinite(low) | np.isfinite(high)):
            for ends, outwards in ((low, -1.0), (high, 1.0)):
                if not np.isfinite(ends[place]):
                    continue
                edge = float(ends[place])
                ends[place] = outwards * np.inf
                slice_ = _inside(inputs, low, high) & ~inside
                ends[place] = edge
                columns = inputs[slice_, place] * outwards
                if not len(columns):
                    continue
                order = np.argsort(columns, kind="stable")
                taken = columns <= columns[order[min(step, len(columns)) - 1]]
                share = float(cases[slice_][taken].mean())
                if share > best:
                    beyond = columns[~taken]
                    limit = (columns[taken].max() + beyond.min()) / 2 if len(beyond) else np.inf
                    best, move = share, (ends, int(place), outwards * limit)
        if move is None:
            break
        ends, at, limit = move
        ends[at] = limit
    return low, high
