"""Is one option better than another? Paired differences, and dominance of whole distributions.

Draws are paired across options, so that what the options share cancels. Nothing here names a best option.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as t_distribution

from excomm.analysis.samples import Better, Floats, checked_ids, finite, resample_counts, sign_of, wilson
from excomm.analysis.wording import interval, likely_that, natural_base, number, percent, upper_first
from excomm.engine.wording import plain_unit
from excomm.errors import AnalysisError, UsageError

__all__ = ["Dominance", "PairedDifference", "compare_options", "dominance", "paired_difference"]

# Shares of draws in which an option is better that leave its direction open: neither "very unlikely" nor "very likely"
# in the words of ICD-203. That this is where the sentence changes is judgement.
_OPEN = (0.2, 0.8)


@dataclass(frozen=True, eq=False)
class PairedDifference:
    """Option minus reference, draw by draw, in the outcome's unit.

    mean with its Monte Carlo standard error `mcse`; p05, p95: the 90% interval over draws (epistemic);
    prob_better: share of draws in which the option is better, with its 90% interval; equal: share of draws in
    which both are the same; noise_share: part of the variance of differences that is replicate noise, taken
    out of the interval and of prob_better; reach: how far the average of ever more draws may lie
    from `mean`, at a stated `false_alarm` rate; different: that leaves out 0.
    """

    outcome: str
    option: str
    reference: str
    unit: str
    better: Better
    mean: float
    p05: float
    p95: float
    mcse: float
    prob_better: float
    prob_better_low: float
    prob_better_high: float
    equal: float
    noise_share: float
    different: bool
    reach: float
    false_alarm: float
    draws: int

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        what = self.outcome or "the outcome"
        if self.equal == 1:
            return f"{self.option} and {self.reference} have the same {what} in every draw."
        widest = max(abs(self.mean), abs(self.p05), abs(self.p95))
        base = natural_base(widest) if self.unit == "probability" else 1
        unit = f"in {base:,}" if base > 1 else plain_unit(self.unit)
        mean, low, high, error = (base * each for each in (self.mean, self.p05, self.p95, self.mcse))
        size = f"{number(mean, error)} {unit}".strip()
        span = interval(low, high, unit, error)
        head = (
            f"{upper_first(what)}: {_lower(likely_that(self.prob_better, self.draws))} {self.option} comes out "
            f"{self.better} than {self.reference}, draw by draw; the difference is {size} on average (90% "
            f"interval {span})."
        )
        if self.different:
            return head
        if _OPEN[0] <= self.prob_better <= _OPEN[1]:
            return f"{head} {self.draws:,} draws do not tell the two averages apart."
        # A share of draws and an average are two things: a few draws far out leave the average open.
        reach = interval(mean - base * self.reach, mean + base * self.reach, unit, error)
        return (
            f"{head} How large it is on average is less sure than its direction: {self.draws:,} draws leave open "
            f"{reach} ({100 * (1 - self.false_alarm):g}% interval), nil among them."
        )


def paired_difference(
    option_values: ArrayLike,
    reference_values: ArrayLike,
    *,
    better: Better,
    option: str = "the option",
    reference: str = "the reference",
    outcome: str = "",
    unit: str = "",
    noise_variance: ArrayLike | None = None,
    false_alarm: float = 0.01,
    family: int = 1,
) -> PairedDifference:
    """Compare two options on one outcome, each with shape (draws,).

    noise_variance: variance of each draw's difference of replicate means, (draws,): the differences are drawn
    in towards their mean until only the epistemic variance is left. false_alarm: how often two options with
    the same mean may be called different, over a `family` of comparisons (Bonferroni). Options that are
    identical on common random numbers differ by exactly 0 and are never called different.
    """
    first, second = finite(option_values, "option_values", 1), finite(reference_values, "reference_values", 1)
    if first.shape != second.shape:
        raise UsageError("the two options have different draws", expected="paired draws")
    draws = len(first)
    if draws < 2:
        raise AnalysisError("one draw says nothing about a difference", expected="at least 2 draws")
    gain = first - second
    mean, spread = float(gain.mean()), float(gain.std(ddof=1))
    mcse = spread / np.sqrt(draws)
    noise = 0.0
    if noise_variance is not None and spread > 0:
        noise = float(np.clip(finite(noise_variance, "noise_variance", 1).mean() / spread**2, 0, 1))
    denoised = mean + (gain - mean) * np.sqrt(1 - noise)
    p05, p95 = np.quantile(denoised, [0.05, 0.95])
    share = float((denoised * sign_of(better) > 0).mean())
    low, high = wilson(share, draws)
    limit = float(t_distribution.isf(false_alarm / (2 * family), draws - 1)) * mcse
    return PairedDifference(
        outcome=outcome,
        option=option,
        reference=reference,
        unit=unit,
        better=better,
        mean=mean,
        p05=float(p05),
        p95=float(p95),
        mcse=float(mcse),
        prob_better=share,
        prob_better_low=low,
        prob_better_high=high,
        equal=float((gain == 0).mean()),
        noise_share=noise,
        different=bool(abs(mean) > limit),
        reach=limit,
        false_alarm=false_alarm,
        draws=draws,
    )


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def compare_options(
    outcomes: ArrayLike,
    options: Sequence[str],
    *,
    reference: str,
    better: Better,
    outcome: str = "",
    unit: str = "",
    noise_variance: ArrayLike | None = None,
    false_alarm: float = 0.01,
) -> tuple[PairedDifference, ...]:
    """Every option against the reference on one outcome (options, draws), with one error rate for all.

    noise_variance: (options, draws), of the difference from the reference.
    """
    values = finite(outcomes, "outcomes", 2)
    names = checked_ids(options, len(values), "options")
    if reference not in names:
        raise UsageError(f"there is no option {reference!r}", expected=f"one of {', '.join(names)}")
    noise = None if noise_variance is None else finite(noise_variance, "noise_variance", 2)
    base = values[names.index(reference)]
    return tuple(
        paired_difference(
            values[place],
            base,
            better=better,
            option=name,
            reference=reference,
            outcome=outcome,
            unit=unit,
            noise_variance=None if noise is None else noise[place],
            false_alarm=false_alarm,
            family=max(len(names) - 1, 1),
        )
        for place, name in enumerate(names)
        if name != reference
    )


@dataclass(frozen=True, eq=False)
class Dominance:
    """Does the whole distribution of one option lie on the better side of the other's?

    order: of the option over the reference: "first" (better for everyone who wants more of the good), "second" (better
    for everyone who also dislikes risk) or None; reverse: the same of the reference over the option.
    first_violation, second_violation: share of the area between the two curves that lies on the wrong side of the
    option's dominance, 0 where it is exact (Leshno and Levy 2002); first_support, second_support: share of bootstrap
    resamples in which the violation stays within `tolerance`, for the option or, with a reverse order, the reference.
    """

    option: str
    reference: str
    better: Better
    order: Literal["first", "second"] | None
    reverse: Literal["first", "second"] | None
    first_violation: float
    second_violation: float
    first_support: float
    second_support: float
    same: bool
    tolerance: float
    draws: int

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        if self.same:
            return f"{self.option} and {self.reference} have the same distribution."
        order = self.order or self.reverse
        if order is None:
            return (
                f"Neither {self.option} nor {self.reference} dominates: which distribution is better depends on "
                f"how much risk one takes ({self.reference} is better in {percent(self.first_violation)} of the area "
                "between them)."
            )
        above, below = self.option, self.reference
        if self.order is None:
            above, below = below, above
        support = self.first_support if order == "first" else self.second_support
        who = (
            f"everyone who prefers {self.better} values" if order == "first" else "everyone who dislikes risk"
        )
        return (
            f"{above} dominates {below} at {order} order: its distribution is better for {who} (in "
            f"{percent(support)} of bootstrap resamples too)."
        )


def dominance(
    option_values: ArrayLike,
    reference_values: ArrayLike,
    *,
    better: Better,
    option: str = "the option",
    reference: str = "the reference",
    tolerance: float = 0.02,
    support: float = 0.9,
    resamples: int = 400,
    seed: int = 0,
) -> Dominance:
    """First- and second-order stochastic dominance of two samples with as many draws each, in both directions.

    Dominance is stated where the sample and at least `support` of the paired bootstrap resamples violate it
    by no more than `tolerance` of the area between the curves. Two samples from one distribution cross at
    random places and are rarely called dominant; the tests measure how rarely.
    """
    sign = sign_of(better)
    first = sign * finite(option_values, "option_values", 1)
    second = sign * finite(reference_values, "reference_values", 1)
    if first.shape != second.shape:
        raise UsageError("the two options have different draws", expected="as many draws each")
    draws = len(first)
    counts = resample_counts(draws, resamples, seed, "dominance").astype(np.intp)
    chosen = np.repeat(np.tile(np.arange(draws), resamples), counts.ravel()).reshape(resamples, draws)
    point = _violations(np.sort(first)[None], np.sort(second)[None])[..., 0]
    spread = _violations(np.sort(first[chosen], axis=1), np.sort(second[chosen], axis=1))
    supports = (spread <= tolerance).mean(axis=2)
    holds = (point <= tolerance) & (supports >= support)
    order, reverse = (_order(way) for way in holds)
    backed = supports[1 if reverse and not order else 0]
    return Dominance(
        option=option,
        reference=reference,
        better=better,
        order=order,
        reverse=reverse,
        first_violation=float(point[0, 0]),
        second_violation=float(point[0, 1]),
        first_support=float(backed[0]),
        second_support=float(backed[1]),
        same=bool(np.array_equal(np.sort(first), np.sort(second))),
        tolerance=tolerance,
        draws=draws,
    )


def _order(holds: NDArray[np.bool_]) -> Literal["first", "second"] | None:
    return "first" if holds[0] else "second" if holds[1] else None


def _violations(first: Floats, second: Floats) -> Floats:
    """Share of the area on the wrong side of the first sample's dominance, and of the second's.

    Sorted values, shape (samples, draws), more is better. Returned by (way, order, sample): of the quantile functions,
    and of their integrals. Equal samples violate everything (1): neither is better.
    """
    shares = []
    gap = first - second
    scale = np.abs(first).sum(axis=1) + np.abs(second).sum(axis=1)
    for area in (gap, np.cumsum(gap, axis=1)):
        whole = np.abs(area).sum(axis=1)
        apart = whole > 1e-12 * scale
        share = np.maximum(-area, 0).sum(axis=1) / np.where(apart, whole, 1)
        shares.append([np.where(apart, share, 1.0), np.where(apart, 1 - share, 1.0)])
    return np.swapaxes(np.array(shares), 0, 1)
