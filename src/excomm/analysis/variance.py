"""Where the spread of an outcome comes from: ignorance or chance, judgement, data or model form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as t_distribution

from excomm.analysis.samples import Floats, finite
from excomm.analysis.smoothing import curves, smooth_many
from excomm.analysis.wording import percent
from excomm.errors import AnalysisError, UsageError

__all__ = ["GroupShares", "VarianceSplit", "grade_groups", "group_shares", "split_variance"]


@dataclass(frozen=True, eq=False)
class VarianceSplit:
    """Variance of one outcome under one option, in squared units: epistemic (over draws) and random.

    epistemic: between draws, unbiased (the replicate noise of the means is taken out) and never below 0;
    random: within draws, of one future. low, high: 90% interval of the epistemic share.
    """

    outcome: str
    option: str
    epistemic: float
    random: float
    low: float
    high: float
    draws: int
    replicates: int

    @property
    def epistemic_share(self) -> float:
        """Part of the variance that better knowledge could remove, in [0, 1]."""
        total = self.epistemic + self.random
        return self.epistemic / total if total > 0 else 0.0

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        if self.epistemic + self.random == 0:
            return f"{self.outcome or 'The outcome'} is the same in every future."
        share = self.epistemic_share
        span = f"{100 * self.low:.0f} to {100 * self.high:.0f}%"
        return (
            f"{percent(share)} of the variance of {self.outcome or 'the outcome'} comes from what is not "
            f"known (90% interval {span}), the rest from chance that no knowledge removes."
        )


def split_variance(
    means: ArrayLike,
    variances: ArrayLike,
    *,
    replicates: int,
    outcome: str = "",
    option: str = "",
) -> VarianceSplit:
    """Nested analysis of variance: replicate means and variances (with replicates - 1), shape (draws,).

    Epistemic variance = variance of the means - mean replicate variance / replicates (method of moments).
    """
    centre, within = finite(means, "means", 1), finite(variances, "variances", 1)
    if centre.shape != within.shape:
        raise UsageError("means and variances differ in shape", expected="one of each for every draw")
    if len(centre) < 2 or replicates < 2:
        raise AnalysisError(
            "the two kinds of spread cannot be told apart", expected="at least 2 draws and 2 replicates"
        )
    draws = len(centre)
    random = float(within.mean())
    epistemic = max(float(centre.var(ddof=1)) - random / replicates, 0.0)
    low, high = _share_limits(centre, within, replicates)
    return VarianceSplit(outcome, option, epistemic, random, low, high, draws=draws, replicates=replicates)


def _share_limits(centre: Floats, within: Floats, replicates: int) -> tuple[float, float]:
    """90% limits of the epistemic share: log ratio of the two mean squares and its influence function.

    The ratio is skewed, its logarithm is nearly normal; long tails widen the interval by themselves.
    """
    draws, between, random = len(centre), float(centre.var(ddof=1)), float(within.mean())
    if between == 0:
        return 0.0, 0.0
    if random == 0:
        return 1.0, 1.0
    influence = (centre - centre.mean()) ** 2 / between - within / random
    reach = float(t_distribution.isf(0.05, draws - 1) * influence.std(ddof=1) / np.sqrt(draws))
    limits = between * np.exp([-reach, reach]) - random / replicates
    low, high = np.maximum(limits, 0) / (np.maximum(limits, 0) + random)
    return float(low), float(high)


@dataclass(frozen=True, eq=False)
class GroupShares:
    """Shares of an outcome's variance over draws by group (Shapley), adding up to `explained`, in [0, 1].

    share: fair split, also of what correlated groups share; alone: what the group explains by itself; error:
    standard error of `explained`. The rest is interaction that the curves do not follow, and replicate noise.
    """

    groups: tuple[str, ...]
    share: Floats
    alone: Floats
    explained: float
    error: float
    draws: int

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        parts = [f"{name} {percent(max(float(self.share[place]), 0.01))}" for place, name in self._ordered()]
        rest = max(1 - self.explained, 0.0)
        return (
            f"Of the variance over draws, {', '.join(parts)}; {percent(max(rest, 0.01))} is left to "
            "interactions and noise."
        )

    def _ordered(self) -> list[tuple[int, str]]:
        return sorted(enumerate(self.groups), key=lambda pair: -float(self.share[pair[0]]))


def grade_groups(
    ids: Sequence[str], grades: Sequence[str], model_form: Sequence[str] = ()
) -> dict[str, tuple[int, ...]]:
    """Parameters by their grade (A data, B analogues, C judgement); those of the model's form apart."""
    if len(ids) != len(grades):
        raise UsageError(f"{len(ids)} parameters have {len(grades)} grades", expected="one grade each")
    labels = {"A": "parameters with data", "B": "parameters from analogues", "C": "judgement"}
    groups: dict[str, tuple[int, ...]] = {}
    for place, (name, grade) in enumerate(zip(ids, grades, strict=True)):
        label = "model form" if name in set(model_form) else labels.get(grade, f"grade {grade}")
        groups[label] = (*groups.get(label, ()), place)
    return groups


def group_shares(
    parameters: ArrayLike, outcome: ArrayLike, groups: Mapping[str, Sequence[int]]
) -> GroupShares:
    """Shapley shares of up to 6 groups of parameters: places in (draws, parameters), for an outcome (draws,).

    The worth of a set of groups is the leave-one-out R² of additive curves of its parameters, floored at 0.
    """
    values = finite(outcome, "outcome", 1)
    inputs = np.asarray(parameters, dtype=np.float64)
    inputs = finite(inputs, "parameters", 2) if inputs.size else inputs.reshape(len(values), 0)
    names = tuple(groups)
    if not 1 <= len(names) <= 6:
        raise UsageError(f"{len(names)} groups were given", expected="1 to 6 groups")
    draws = len(values)
    parts = curves(inputs) if inputs.shape[1] else []
    total = float(((values - values.mean()) ** 2).sum())
    worth: dict[frozenset[int], float] = {frozenset(): 0.0}
    error = 0.0
    everyone = frozenset(range(len(names)))
    for size in range(1, len(names) + 1):
        for chosen in combinations(range(len(names)), size):
            columns = [place for one in chosen for place in groups[names[one]]]
            value = 0.0
            if total > 0 and columns:
                smoother = smooth_many([parts[place] for place in columns], values[None]).smoother
                squared = (values - smoother.left_out(values)) ** 2
                value = max(1 - float(squared.sum()) / total, 0.0)
                if frozenset(chosen) == everyone:
                    influence = squared - (1 - value) * (values - values.mean()) ** 2
                    error = float(influence.std() * draws / total / np.sqrt(draws))
            worth[frozenset(chosen)] = value
    return GroupShares(
        groups=names,
        share=_shapley(worth, len(names)),
        alone=np.array([worth[frozenset({place})] for place in range(len(names))]),
        explained=worth[everyone],
        error=error,
        draws=draws,
    )


def _shapley(worth: Mapping[frozenset[int], float], players: int) -> Floats:
    share = np.zeros(players)
    for chosen, value in worth.items():
        size = len(chosen)
        for player in range(players):
            if player in chosen:
                share[player] += factorial(size - 1) * factorial(players - size) / factorial(players) * value
            else:
                share[player] -= factorial(size) * factorial(players - size - 1) / factorial(players) * value
    return share
