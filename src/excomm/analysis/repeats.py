"""Would another set of draws say the same? Leading drivers, weight regions and tipping points from one run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtri
from scipy.stats import norm

from excomm.analysis.given_data import FirstOrder
from excomm.analysis.samples import Floats, finite
from excomm.analysis.smoothing import default_terms
from excomm.analysis.tipping import TippingPoint
from excomm.analysis.weights import uniform_weights
from excomm.analysis.wording import joined, percent
from excomm.streams import generator

__all__ = ["Repeats", "repeats"]

_SETTLED = 0.95
_APART = 0.05
_LEADING = 3


@dataclass(frozen=True, eq=False)
class Repeats:
    """What other draws of the same number would find.

    drivers: the leading ones that chance does not explain, at most three; same_drivers: share of other sets of
    draws that would name the same set; changes: parameters that would join it or drop out of it, with the share
    of sets in which they do. region_share, region_error: (options,), share of all weights that favours each option
    and its standard error over draws. tipping: parameter, whether a turn is stated here, share of other sets that
    would do the same. draws: their number.
    """

    drivers: tuple[str, ...]
    same_drivers: float
    changes: tuple[tuple[str, float], ...]
    options: tuple[str, ...]
    region_share: Floats
    region_error: Floats
    tipping: tuple[tuple[str, bool, float], ...]
    draws: int

    @property
    def region_apart(self) -> float:
        """How far apart five sets of draws would put an option's share of the weights, on average, at most.

        The range of five normal numbers is 2.33 standard deviations on average.
        """
        return 2.33 * float(self.region_error.max())

    @property
    def open_questions(self) -> tuple[str, ...]:
        """What other draws may answer differently."""
        found = []
        if self.same_drivers < _SETTLED:
            others = joined([name for name, _ in self.changes[:3]])
            found.append(
                f"the leading drivers (the same in {percent(self.same_drivers)} of other sets of draws"
                + (f"; {others} may join them or drop out)" if others else ")")
            )
        if self.region_apart > _APART:
            at = int(np.argmax(self.region_error))
            found.append(
                f"the share of value weights that favours {self.options[at]} (five sets would lie about "
                f"{100 * self.region_apart:.0f} points apart)"
            )
        found += [
            f"the tipping point of {name} ({'stated' if stated else 'none stated'} here and in "
            f"{percent(share)} of other sets)"
            for name, stated, share in self.tipping
            if share < _SETTLED
        ]
        return tuple(found)

    @property
    def topics(self) -> tuple[str, ...]:
        """The open questions in a word or two each."""
        return tuple(dict.fromkeys(_topic(text) for text in self.open_questions))

    @property
    def settled(self) -> bool:
        """Would at least 95% of other sets of draws say the same?"""
        return not self.open_questions

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        head = f"Another {self.draws:,} draws"
        if self.settled:
            same = f"name {joined(self.drivers)} again" if self.drivers else "again name no driver"
            turns = " and the same tipping points" if self.tipping else ""
            return (
                f"{head} would {same} (in {percent(self.same_drivers)} of cases), with weight regions within about "
                f"{100 * self.region_apart:.0f} points{turns}: these findings are settled."
            )
        return (
            f"{head} may say otherwise on {joined(self.open_questions)}: more draws are needed to settle it."
        )


def _topic(question: str) -> str:
    topics = {"the leading": "what drives the difference", "the share": "the weights that favour each option"}
    return next((topic for start, topic in topics.items() if question.startswith(start)), "where it tips")


def repeats(
    shares: FirstOrder,
    worth: ArrayLike,
    options: Sequence[str],
    points: Sequence[TippingPoint],
    *,
    sets: int = 2000,
    halves: int = 100,
    weights: int = 2000,
    seed: int = 0,
) -> Repeats:
    """What other draws would find, from first-order shares, values (options, draws, criteria) and tipping points.

    Drivers: shares are drawn anew around their estimates with their own errors; parameters that chance explains
    count as idle (false discovery rate 20%, Benjamini and Hochberg 1995) and join by chance only. Weight regions: a
    random half of the draws differs from all of them by as much as all of them differ from the truth (Shao and Wu
    1989). Tipping points carry their own share of resamples that agree.
    """
    values = finite(worth, "worth", 3)
    named, same, changes = _drivers(shares, sets, seed)
    draws = values.shape[1]
    chance = generator(seed, "analysis/halves")
    chosen = np.array([chance.permutation(draws) < draws // 2 for _ in range(halves)])
    mixes = uniform_weights(weights, values.shape[2], seed)
    means = np.einsum("hd,odc->hoc", chosen / chosen.sum(axis=1, keepdims=True), values)
    whole = _region_shares(values.mean(axis=1)[None], mixes)[0]
    apart = _region_shares(means, mixes) - whole
    return Repeats(
        drivers=named,
        same_drivers=same,
        changes=changes,
        options=tuple(options),
        region_share=whole,
        region_error=np.sqrt((apart**2).mean(axis=0)),
        tipping=tuple((point.parameter, point.value is not None, point.repeated) for point in points),
        draws=draws,
    )


def _region_shares(means: Floats, mixes: Floats) -> Floats:
    """Share of the weights for which each option leads, (sets, options), for means (sets, options, criteria)."""
    shares = np.empty(means.shape[:2])
    for row, mean in enumerate(means):
        scores = mean @ mixes.T
        first = scores >= scores.max(axis=0) - 1e-12
        shares[row] = (first / first.sum(axis=0)).mean(axis=1)
    return shares


def _drivers(
    shares: FirstOrder, sets: int, seed: int
) -> tuple[tuple[str, ...], float, tuple[tuple[str, float], ...]]:
    """Named drivers, share of other sets that name the same, and who would join or drop out."""
    count = len(shares.parameters)
    named = frozenset(shares.clear[:_LEADING])
    order = np.argsort(shares.p_value, kind="stable")
    passed = np.flatnonzero(shares.p_value[order] <= 0.2 * np.arange(1, count + 1) / count)
    places = sorted({int(at) for at in order[: passed.max() + 1 if len(passed) else 0]} | named)
    idle = 0.05 * (count - len(places)) / count  # chance that one of the idle ones is named
    if not places:
        return (), 1 - idle, ()
    # The adjusted share at which p falls to the Bonferroni limit, for a curve with the usual number of terms.
    freedom = default_terms(shares.draws)
    spare = shares.draws - 1 - freedom
    ratio = float(fdtri(freedom, spare, 1 - 0.05 / count))
    explained = ratio * freedom / (ratio * freedom + spare)
    limit = 1 - (1 - explained) * (shares.draws - 1) / spare
    wide = np.maximum(shares.high[places] - shares.low[places], 1e-12) / (2 * norm.ppf(0.95))
    chance = generator(seed, "analysis/other-draws")
    drawn = shares.estimate[places] + wide * chance.standard_normal((sets, len(places)))
    hits, seen = 0, Counter[int]()
    for row in drawn:
        top = [places[at] for at in np.argsort(-row, kind="stable")[:_LEADING] if row[at] > limit]
        hits += frozenset(top) == named
        seen.update(named.symmetric_difference(top))
    return (
        tuple(shares.parameters[place] for place in shares.clear[:_LEADING]),
        hits / sets * (1 - idle),
        tuple(
            (shares.parameters[place], times / sets)
            for place, times in seen.most_common(4)
            if times > sets / 50
        ),
    )
