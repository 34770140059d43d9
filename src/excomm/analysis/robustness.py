"""Which options do acceptably whatever turns out to be true: regret, satisficing, worst cases, info-gap.

A scenario is a draw (or any set of circumstances under which all options were evaluated). Measures follow
McPhail et al. (2018): a transformation of performance, a choice of scenarios, a summary of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from excomm.analysis.samples import Better, Floats, checked_ids, finite, sign_of
from excomm.analysis.wording import joined, number, percent
from excomm.errors import AnalysisError, UsageError

__all__ = ["InfoGap", "Robustness", "info_gap_horizon", "info_gap_linear", "robustness"]


@dataclass(frozen=True, eq=False)
class Robustness:
    """Robustness measures of each option, shape (options,), in the outcome's unit unless said.

    worst_case (maximin), best_case (maximax), hurwicz (`optimism` x best + rest x worst), average (Laplace);
    regret: distance to the best option of the same scenario, never negative; satisficing: share of scenarios
    that meet the requirement; mean_variance: (mean + 1) / (standard deviation + 1), of values where more is
    better; shortfall: mean distance below the median, over all scenarios; skew in [-1, 1] and tail weight by
    the 10%, 25%, 50%, 75% and 90% quantiles, positive skew towards the better side.
    """

    options: tuple[str, ...]
    better: Better
    unit: str
    worst_case: Floats
    best_case: Floats
    hurwicz: Floats
    optimism: float
    average: Floats
    max_regret: Floats
    regret_p90: Floats
    mean_regret: Floats
    satisficing: Floats | None
    requirement: float | None
    mean_variance: Floats
    shortfall: Floats
    skew: Floats
    tail_weight: Floats
    regret: Floats
    scenarios: int

    @property
    def leaders(self) -> dict[str, tuple[str, ...]]:
        """The option or options that come first by each of the main measures."""
        sign = sign_of(self.better)
        scores = {
            "worst case": sign * self.worst_case,
            "average": sign * self.average,
            f"{percent(self.optimism)} best and the rest worst case (Hurwicz)": sign * self.hurwicz,
            "largest regret": -self.max_regret,
            "90th percentile of regret": -self.regret_p90,
        }
        if self.satisficing is not None:
            scores["share that meets the requirement"] = self.satisficing
        return {
            name: tuple(
                option
                for option, score in zip(self.options, score_row, strict=True)
                if score == score_row.max()
            )
            for name, score_row in scores.items()
        }

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        leaders = self.leaders
        agreed = set(leaders.values())
        least = int(np.argmin(self.max_regret))
        regret = f"{number(float(self.max_regret[least]))} {self.unit}".strip()
        if len(agreed) == 1:
            return (
                f"{joined(next(iter(agreed)))} comes first by every measure of robustness; its largest regret "
                f"is {regret}."
            )
        by: dict[tuple[str, ...], list[str]] = {}
        for measure, names in leaders.items():
            by.setdefault(names, []).append(measure)
        parts = [f"{joined(names)} by {joined(measures)}" for names, measures in by.items()]
        return (
            f"Which option is most robust depends on the measure: {'; '.join(parts)}. The smallest largest regret "
            f"is {regret} ({self.options[least]})."
        )


def robustness(
    outcomes: ArrayLike,
    options: Sequence[str],
    *,
    better: Better,
    requirement: float | None = None,
    optimism: float = 0.5,
    unit: str = "",
) -> Robustness:
    """Robustness of outcomes (options, scenarios). `requirement`: the value that is just good enough."""
    raw = finite(outcomes, "outcomes", 2)
    names = checked_ids(options, len(raw), "options")
    if not 0 <= optimism <= 1:
        raise UsageError(f"optimism of {optimism}", expected="a number from 0 (worst case) to 1 (best case)")
    sign = sign_of(better)
    value = sign * raw
    regret = value.max(axis=0) - value
    low, quarter, middle, third, high = np.quantile(value, [0.1, 0.25, 0.5, 0.75, 0.9], axis=1)
    reach, box = high - low, third - quarter
    zero = np.zeros(len(names))
    meets = None if requirement is None else (value >= sign * requirement).mean(axis=1)
    return Robustness(
        options=names,
        better=better,
        unit=unit,
        worst_case=sign * value.min(axis=1),
        best_case=sign * value.max(axis=1),
        hurwicz=sign * (optimism * value.max(axis=1) + (1 - optimism) * value.min(axis=1)),
        optimism=optimism,
        average=raw.mean(axis=1),
        max_regret=regret.max(axis=1),
        regret_p90=np.quantile(regret, 0.9, axis=1),
        mean_regret=regret.mean(axis=1),
        satisficing=meets,
        requirement=requirement,
        mean_variance=(value.mean(axis=1) + 1) / (value.std(axis=1) + 1),
        shortfall=np.maximum(middle[:, None] - value, 0).mean(axis=1),
        skew=np.divide(high + low - 2 * middle, reach, out=zero.copy(), where=reach > 0),
        tail_weight=np.divide(reach, box, out=zero.copy(), where=box > 0),
        regret=regret,
        scenarios=raw.shape[1],
    )


@dataclass(frozen=True, eq=False)
class InfoGap:
    """How wrong the best estimate may be before an option can miss a requirement (Ben-Haim 2006).

    horizon: (options, requirements), in multiples of the parameters' scales (1: every parameter may be off by
    its scale at once); 0 where the best estimate itself misses; infinite where nothing tried makes it miss.
    """

    options: tuple[str, ...]
    requirements: Floats
    horizon: Floats
    scale: str = "scales"

    @property
    def sentence(self) -> str:
        """The finding for the middle requirement."""
        return self.sentence_at(float(self.requirements[len(self.requirements) // 2]))

    def sentence_at(self, requirement: float) -> str:
        """The finding in plain words, with its numbers, for the requirement nearest to the one named."""
        middle = int(np.argmin(np.abs(self.requirements - requirement)))
        column = self.horizon[:, middle]
        order = np.argsort(-column, kind="stable")
        parts = [
            f"{self.options[place]} {_room(float(column[place]))}" for place in order if column[place] > 0
        ]
        without = [self.options[place] for place in order if column[place] <= 0]
        if without:
            means = "whose mean is" if len(without) == 1 else "whose means are"
            parts.append(f"none for {joined(without)}, {means} not above it")
        text = (
            f"Before a requirement of {number(float(self.requirements[middle]))} is missed, every parameter may be "
            f"wrong at once by this many {self.scale}: {'; '.join(parts)}"
        )
        leaders = {int(np.argmax(self.horizon[:, at])) for at in range(len(self.requirements))}
        if len(leaders) > 1:
            low = int(np.argmin(self.requirements))
            first = int(np.argmax(self.horizon[:, low]))
            least = number(float(self.requirements[low]))
            return (
                f"{text}. Which option tolerates most error changes with the requirement: at {least}, the lowest "
                f"tried, it is {self.options[first]} ({_room(float(self.horizon[first, low]))})."
            )
        return f"{text}."


def _room(horizon: float) -> str:
    return f"{horizon:.2g}" if np.isfinite(horizon) else "however far it was tried"


def info_gap_linear(
    nominal: ArrayLike,
    slopes: ArrayLike,
    scales: ArrayLike,
    requirements: ArrayLike,
    options: Sequence[str],
    *,
    scale: str = "scales",
) -> InfoGap:
    """Exact horizon where reward is linear and every parameter may be off by at most a x scale.

    nominal: (options,) reward at the best estimate; slopes: (options, parameters); scales: (parameters,). The
    smallest reward at a is nominal - a x sum |slope| x scale, so the horizon is (nominal - requirement) / sum.
    """
    reward, gradient = finite(nominal, "nominal", 1), finite(slopes, "slopes", 2)
    needs = finite(requirements, "requirements", 1)
    names = checked_ids(options, len(reward), "options")
    loss = np.abs(gradient) @ np.abs(finite(scales, "scales", 1))
    spare = np.maximum(reward[:, None] - needs, 0)
    horizon = np.full(spare.shape, np.inf)
    np.divide(spare, loss[:, None], out=horizon, where=loss[:, None] > 0)
    horizon[(loss[:, None] == 0) & (reward[:, None] < needs)] = 0.0
    return InfoGap(names, needs, horizon, scale)


def info_gap_horizon(
    worst_reward: Callable[[float], float],
    requirement: float,
    *,
    limit: float = 10.0,
    tolerance: float = 1e-9,
) -> float:
    """Largest error a in [0, limit] whose smallest reward still meets the requirement; infinite beyond it.

    worst_reward(a): smallest reward over all parameters within a of the best estimate; it cannot rise with a.
    """
    if worst_reward(0.0) < requirement:
        return 0.0
    if worst_reward(limit) >= requirement:
        return float("inf")
    low, high = 0.0, limit
    while high - low > tolerance * max(1.0, high):
        middle = (low + high) / 2
        if worst_reward(middle) > worst_reward(low) + 1e-9 * abs(worst_reward(low)):
            raise AnalysisError(
                "the smallest reward rises with the error allowed",
                expected="a minimum over sets that grow, which can only fall",
            )
        if worst_reward(middle) >= requirement:
            low = middle
        else:
            high = middle
    return low


def satisficing_sentence(result: Robustness) -> str:
    """The share of scenarios in which each option is good enough, as a sentence."""
    if result.satisficing is None or result.requirement is None:
        raise UsageError("no requirement was stated", expected="robustness(..., requirement=...)")
    order = np.argsort(-result.satisficing, kind="stable")
    parts = [f"{result.options[place]} in {percent(float(result.satisficing[place]))}" for place in order]
    need = f"{number(result.requirement)} {result.unit}".strip()
    return f"A requirement of {need} is met in this share of {result.scenarios:,} draws: {joined(parts)}."
