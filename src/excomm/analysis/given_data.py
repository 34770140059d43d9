"""Which parameters drive an outcome: sensitivity from the draws that a run already has.

No further model run is needed. The first-order share of a parameter is the part of an outcome's variance
that would go, on average, if that parameter were known. With correlated parameters it includes what the
parameter says about others, so that shares overlap and need not add up; each result says when that is so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc, ndtri
from scipy.stats import rankdata

from excomm.analysis.samples import Floats, checked_ids, finite
from excomm.analysis.smoothing import basis, default_terms
from excomm.analysis.wording import joined, percent
from excomm.errors import AnalysisError, TooFewDraws, UsageError

__all__ = [
    "FEWEST_DRAWS",
    "Convergence",
    "FirstOrder",
    "Prepared",
    "RegionDrivers",
    "enough_draws",
    "first_order",
    "prepare",
    "region_drivers",
    "screened",
    "worst_region",
]

FEWEST_DRAWS = 50  # below which no parameter is named as a driver, as for curves and regressions; judgement
_CORRELATED = 0.3
_OUTERMOST = 0.01
_REACH = float(ndtri(0.95))


@dataclass(frozen=True, eq=False)
class FirstOrder:
    """First-order shares of an outcome's variance over draws, each in [0, 1], shape (parameters,).

    estimate: unclipped, unbiased for a parameter that does nothing; share: clipped to [0, 1];
    low, high: 90% interval; p_value: of "does nothing", on the outcome as it is or with its outermost 1% of draws
    drawn in on either side, the larger of both: no single extreme draw makes a driver. A parameter that does nothing
    has `low` = 0 in at least 95% of runs. direction: rank correlation with the outcome, in [-1, 1].
    """

    parameters: tuple[str, ...]
    share: Floats
    low: Floats
    high: Floats
    estimate: Floats
    p_value: Floats
    direction: Floats
    draws: int
    noise_share: float
    strongest_correlation: float

    @property
    def order(self) -> NDArray[np.intp]:
        """Places of the parameters, the largest share first."""
        return np.argsort(-self.share, kind="stable")

    @property
    def clear(self) -> tuple[int, ...]:
        """Places of the parameters that chance does not explain, the largest share first.

        A parameter that does nothing is among them in fewer than 5% of runs, over all parameters (Bonferroni). None
        where there are fewer than `FEWEST_DRAWS` draws.
        """
        if self.draws < FEWEST_DRAWS:
            return ()
        limit = 0.05 / len(self.parameters)
        return tuple(int(at) for at in self.order if self.p_value[at] < limit and self.low[at] > 0)

    def leading(self, count: int = 3) -> tuple[str, ...]:
        """The parameters with the largest shares, of those that chance does not explain."""
        return tuple(self.parameters[place] for place in self.clear[:count])

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        leading = self.clear[:3]
        if self.draws < FEWEST_DRAWS:
            return f"{self.draws:,} draws are too few to tell a driver from chance: at least {FEWEST_DRAWS} are needed."
        if not leading:
            return (
                f"No single parameter explains a share of the outcome that {self.draws:,} draws can tell "
                f"from nothing; the largest estimate is {percent(max(float(self.share.max()), 0.01))}."
            )
        parts = [
            f"{self.parameters[place]} ({percent(float(self.share[place]))} of the variance, 90% interval "
            f"{_range(float(self.low[place]), float(self.high[place]))})"
            for place in leading
        ]
        verb = "drives" if len(parts) == 1 else "drive"
        text = f"{joined(parts)} {verb} this outcome most, taken one at a time."
        if self.strongest_correlation > _CORRELATED:
            text += " Some parameters are correlated: their shares overlap and do not add up."
        return text


def _range(low: float, high: float) -> str:
    return f"{100 * low:.0f} to {100 * high:.0f}%"


@dataclass(frozen=True, eq=False)
class Prepared:
    """Parameters made ready once for many outcomes: their curves, ranks and strongest correlation."""

    inputs: Floats
    ids: tuple[str, ...]
    curves: tuple[Floats, ...]
    ranks: Floats
    strongest_correlation: float


def prepare(parameters: ArrayLike, ids: Sequence[str], *, terms: int | None = None) -> Prepared:
    """Make parameters (draws, parameters) ready for `first_order` on many outcomes; several times faster."""
    inputs = finite(parameters, "parameters", 2)
    names = checked_ids(ids, inputs.shape[1], "parameters")
    draws = len(inputs)
    terms = terms or default_terms(draws)
    if draws < terms + 10:
        raise TooFewDraws(draws, f"for {terms} curve terms", terms + 10)
    ranks = _ranks(inputs)
    correlations = np.abs(ranks.T @ ranks)
    np.fill_diagonal(correlations, 0)
    curves = tuple(basis(column, terms) for column in inputs.T)
    return Prepared(inputs, names, curves, ranks, float(correlations.max()))


def first_order(
    parameters: ArrayLike | Prepared,
    outcome: ArrayLike,
    ids: Sequence[str],
    *,
    noise_variance: ArrayLike | None = None,
    terms: int | None = None,
) -> FirstOrder:
    """First-order shares by regression of an outcome (draws,) on each parameter of (draws, parameters).

    A curve with a fixed number of terms is fitted to each parameter; the explained share is corrected for the
    share that as many terms explain by chance (adjusted R²). `noise_variance` is the variance of replicate
    means, replicate variance / replicates, shape (draws,): the shares then refer to the epistemic variance
    alone, and `noise_share` says how much was taken out.
    """
    values = finite(outcome, "outcome", 1)
    ready = parameters if isinstance(parameters, Prepared) else prepare(parameters, ids, terms=terms)
    draws, count = ready.inputs.shape
    if len(values) != draws:
        raise UsageError(
            f"{draws} draws of parameters, {len(values)} of the outcome", expected="the same draws"
        )
    centred = values - values.mean()
    total = float(centred @ centred)
    noise = 0.0
    if noise_variance is not None and total > 0:
        noise = float(
            np.clip(finite(noise_variance, "noise_variance", 1).mean() / (total / (draws - 1)), 0, 1)
        )
    estimate, low, high = np.zeros(count), np.zeros(count), np.zeros(count)
    p_value = np.ones(count)
    drawn_in = np.clip(values, *np.quantile(values, (_OUTERMOST, 1 - _OUTERMOST)))
    drawn_in = drawn_in - drawn_in.mean()
    for place in range(count) if total > 0 else ():
        columns = ready.curves[place]
        freedom = columns.shape[1]
        if freedom == 0:
            continue
        fitted = columns @ (columns.T @ centred)
        explained = min(float(fitted @ fitted) / total, 1.0)
        spare = draws - 1 - freedom
        estimate[place] = 1 - (1 - explained) * (draws - 1) / spare
        p_value[place] = max(
            _chance_of(float(((columns.T @ part) ** 2).sum()), float(part @ part), freedom, spare)
            for part in (centred, drawn_in)
        )
        low[place], high[place] = _limits(centred, fitted, estimate[place], freedom)
    kept = max(1 - noise, 0.05)
    low = np.where(p_value < 0.05, np.clip(low / kept, 0, 1), 0.0)
    return FirstOrder(
        parameters=ready.ids,
        share=np.clip(estimate / kept, 0, 1),
        low=low,
        high=np.clip(high / kept, low, 1),
        estimate=estimate / kept,
        p_value=p_value,
        direction=_ranks(values) @ ready.ranks,
        draws=draws,
        noise_share=noise,
        strongest_correlation=ready.strongest_correlation,
    )


def _chance_of(explained: float, total: float, freedom: int, spare: int) -> float:
    """Probability that as many terms explain as large a part of something that they have nothing to do with."""
    if total <= 0:
        return 1.0
    ratio = np.inf if explained >= total else explained / (total - explained) * spare / freedom
    return float(fdtrc(freedom, spare, ratio))


def screened(shares: FirstOrder, count: int = 40) -> list[int]:
    """Places of the parameters that show anything by themselves (p below 0.05), at most `count`."""
    order = np.argsort(shares.p_value, kind="stable")[:count]
    return sorted(int(place) for place in order if shares.p_value[place] < 0.05)


def _limits(centred: Floats, fitted: Floats, share: float, freedom: int) -> tuple[float, float]:
    """90% limits of an adjusted R²: the shares from which the estimate is 1.645 standard errors away.

    Its variance grows with the share (from its influence function), from what chance alone gives to one
    that does nothing. The fitted curve holds noise too, which inflates the first part by a known amount.
    """
    draws = len(centred)
    variance = float(centred @ centred) / draws
    residual = (centred - fitted) ** 2 * draws / (draws - 1 - freedom)
    influence = (residual - (1 - share) * centred**2) / variance
    chance = 2 * freedom * (1 - share) ** 2 / draws**2
    growth = max(influence.var() / draws - 2 * chance, 0.0) / share if share > 0 else 0.0
    squared = _REACH**2
    middle = share + squared * growth / 2
    reach = np.sqrt(middle**2 - share**2 + squared * chance)
    return float(middle - reach), float(middle + reach)


def _ranks(values: Floats) -> Floats:
    ranks = rankdata(values, axis=0)
    ranks = ranks - ranks.mean(axis=0)
    length = np.linalg.norm(ranks, axis=0)
    return np.asarray(ranks / np.where(length > 0, length, 1.0))


@dataclass(frozen=True, eq=False)
class RegionDrivers:
    """What sets the draws of an outcome region (such as the worst tenth) apart, shape (parameters,).

    effect: probability that a draw inside has a higher value than one outside, 0.5 where it makes no
    difference; distance: largest gap between the two distribution functions; p_value: of no difference,
    corrected for the number of parameters (Holm). Inside and outside medians are in the parameter's unit.
    """

    region: str
    parameters: tuple[str, ...]
    effect: Floats
    distance: Floats
    p_value: Floats
    inside_median: Floats
    outside_median: Floats
    inside: int
    draws: int

    @property
    def order(self) -> NDArray[np.intp]:
        """Places of the parameters, the largest distance first."""
        return np.argsort(-self.distance, kind="stable")

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        where = f"In {self.region} ({self.inside:,} of {self.draws:,} draws)"
        leading = [place for place in self.order[:3] if self.p_value[place] < 0.05]
        if not leading:
            return f"{where}, no parameter differs from its other values by more than chance."
        parts = []
        for place in leading:
            effect = float(self.effect[place])
            if abs(effect - 0.5) < 0.05:
                parts.append(f"{self.parameters[place]} is spread differently")
                continue
            word = "higher" if effect > 0.5 else "lower"
            parts.append(
                f"{self.parameters[place]} is {word} than elsewhere in {percent(max(effect, 1 - effect))} "
                "of comparisons"
            )
        return f"{where}, {joined(parts)}."


def worst_region(
    outcome: ArrayLike, *, better: Literal["higher", "lower"], share: float = 0.1
) -> NDArray[np.bool_]:
    """The draws with the worst `share` of an outcome, shape (draws,)."""
    values = finite(outcome, "outcome", 1)
    inside = max(round(share * len(values)), 1)
    ordered = np.argsort(values if better == "higher" else -values, kind="stable")
    chosen = np.zeros(len(values), dtype=bool)
    chosen[ordered[:inside]] = True
    return chosen


def region_drivers(
    parameters: ArrayLike, inside: ArrayLike, ids: Sequence[str], *, region: str = "the region"
) -> RegionDrivers:
    """Compare every parameter inside an outcome region with outside (regional sensitivity analysis).

    Kolmogorov-Smirnov distance with its asymptotic p-value (Hornberger and Spear 1981), Holm-corrected.
    """
    inputs = finite(parameters, "parameters", 2)
    chosen = np.asarray(inside, dtype=bool)
    draws, count = inputs.shape
    names = checked_ids(ids, count, "parameters")
    if chosen.shape != (draws,):
        raise UsageError("the region does not have one entry a draw", expected=f"shape ({draws},)")
    hits, misses = int(chosen.sum()), int(draws - chosen.sum())
    if min(hits, misses) < 5:
        raise AnalysisError(
            f"the region holds {hits} of {draws} draws", expected="at least 5 draws inside and outside"
        )
    ranks = rankdata(inputs, axis=0)
    effect = (ranks[chosen].sum(axis=0) - hits * (hits + 1) / 2) / (hits * misses)
    distance = np.array([_distance(inputs[chosen, place], inputs[~chosen, place]) for place in range(count)])
    scale = np.sqrt(hits * misses / draws)
    raw = np.array([_kolmogorov(float(scale + 0.12 + 0.11 / scale) * gap) for gap in distance])
    return RegionDrivers(
        region=region,
        parameters=names,
        effect=effect,
        distance=distance,
        p_value=_holm(raw),
        inside_median=np.median(inputs[chosen], axis=0),
        outside_median=np.median(inputs[~chosen], axis=0),
        inside=hits,
        draws=draws,
    )


def _distance(first: Floats, second: Floats) -> float:
    points = np.concatenate([first, second])
    one = np.searchsorted(np.sort(first), points, side="right") / len(first)
    two = np.searchsorted(np.sort(second), points, side="right") / len(second)
    return float(np.abs(one - two).max())


def _kolmogorov(statistic: float) -> float:
    terms = np.arange(1, 101)
    if statistic < 0.2:
        return 1.0
    return float(np.clip(2 * ((-1.0) ** (terms - 1) * np.exp(-2 * (terms * statistic) ** 2)).sum(), 0, 1))


def _holm(p_values: Floats) -> Floats:
    order = np.argsort(p_values)
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected


@dataclass(frozen=True, eq=False)
class Convergence:
    """Shares of the leading parameters as draws are added: are there enough?

    draws: (steps,); share, half_width: (steps, leading); enough: half-widths within `tolerance` and the
    leader the same in the last two steps.
    """

    parameters: tuple[str, ...]
    draws: tuple[int, ...]
    share: Floats
    half_width: Floats
    tolerance: float
    same_leader: bool

    @property
    def enough(self) -> bool:
        """Are the intervals narrow enough and the leading parameter settled?"""
        return bool(self.half_width[-1].max() <= self.tolerance) and self.same_leader

    @property
    def needed(self) -> int:
        """Draws at which the widest interval would fit the tolerance (half-widths fall as 1/√draws)."""
        factor = (float(self.half_width[-1].max()) / self.tolerance) ** 2
        return int(np.ceil(self.draws[-1] * max(factor, 1.0)))

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        width = 100 * float(self.half_width[-1].max())
        state = f"With {self.draws[-1]:,} draws the shares are known to within {width:.0f} points"
        if self.enough:
            return f"{state}: enough, and the leading parameter is the same with half of them."
        if not self.same_leader:
            return f"{state}, but the leading parameter changed when the draws were doubled: not yet enough."
        return f"{state}: for {100 * self.tolerance:.0f} points about {self.needed:,} draws are needed."


def enough_draws(
    parameters: ArrayLike,
    outcome: ArrayLike,
    ids: Sequence[str],
    *,
    tolerance: float = 0.1,
    leading: int = 3,
) -> Convergence:
    """First-order shares on the first eighth, quarter, half and all draws (in random order)."""
    inputs, values = finite(parameters, "parameters", 2), finite(outcome, "outcome", 1)
    draws = len(values)
    steps = tuple(size for size in (draws // 8, draws // 4, draws // 2, draws) if size >= 30)
    if not steps:
        raise TooFewDraws(draws, "to judge convergence", 30)
    results = [first_order(inputs[:size], values[:size], ids) for size in steps]
    top = results[-1].order[:leading]
    earlier = results[-2] if len(results) > 1 else results[-1]
    return Convergence(
        parameters=tuple(results[-1].parameters[place] for place in top),
        draws=steps,
        share=np.array([result.share[top] for result in results]),
        half_width=np.array([(result.high - result.low)[top] / 2 for result in results]),
        tolerance=tolerance,
        same_leader=int(earlier.order[0]) == int(top[0]),
    )
