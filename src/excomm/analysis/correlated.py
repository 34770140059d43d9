"""Sensitivity to correlated parameters, from the draws that a run already has.

With correlation there is no single right way to divide the variance: what two parameters share can be
credited to either. A sum of curves (and of products of the leading pairs) stands in for the model; on it,
three readings are given: alone (all that the parameter tells, also about others), fair (Shapley: shared parts
divided evenly, the shares add up) and last (what is lost when it is the only one not known; the counterpart of
a total index). What the curves do not follow is stated as unexplained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from excomm.analysis.given_data import first_order
from excomm.analysis.samples import Floats, checked_ids, finite, resample_counts
from excomm.analysis.smoothing import Additive, curves, leading_pairs, smooth_many
from excomm.analysis.wording import joined, percent
from excomm.streams import generator

__all__ = ["CorrelatedShares", "correlated_shares"]


@dataclass(frozen=True, eq=False)
class CorrelatedShares:
    """Alone, fair and last shares of an outcome's variance, shape (parameters or groups,).

    low, high: 90% bootstrap interval of `fair`; explained: leave-one-out R² of the curves, what `fair` adds up
    to before rounding at 0; strongest_correlation: largest absolute rank correlation between parameters.
    """

    parameters: tuple[str, ...]
    alone: Floats
    fair: Floats
    low: Floats
    high: Floats
    last: Floats
    explained: float
    strongest_correlation: float
    draws: int

    @property
    def order(self) -> NDArray[np.intp]:
        """Places, the largest fair share first."""
        return np.argsort(-self.fair, kind="stable")

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        leading = [place for place in self.order[:3] if self.low[place] > 0]
        parts = [
            f"{self.parameters[place]} {percent(float(self.fair[place]))} (90% interval "
            f"{100 * self.low[place]:.0f} to {100 * self.high[place]:.0f}%)"
            for place in leading
        ]
        head = f"Fair shares of the variance: {joined(parts)}" if parts else "No parameter stands out"
        return (
            f"{head}; curves and pairs explain {percent(max(self.explained, 0.01))} of it. The strongest "
            f"correlation between parameters is {self.strongest_correlation:.2f}; what correlated parameters "
            "share is divided evenly."
        )


def correlated_shares(
    parameters: ArrayLike,
    outcome: ArrayLike,
    ids: Sequence[str],
    *,
    groups: Mapping[str, Sequence[int]] | None = None,
    pairs: int = 10,
    orders: int = 200,
    resamples: int = 60,
    seed: int = 0,
) -> CorrelatedShares:
    """Divide the variance of an outcome (draws,) among parameters (draws, parameters), or groups of places.

    pairs: products are fitted for up to that many pairs that the residual of the curves points to. Shapley
    shares are averaged over random `orders` and their reverses.
    """
    inputs, values = finite(parameters, "parameters", 2), finite(outcome, "outcome", 1)
    names = checked_ids(ids, inputs.shape[1], "parameters")
    single = first_order(inputs, values, names)
    parts = curves(inputs)
    rough = smooth_many(parts, values[None]).smoother.left_out(values)
    fit = smooth_many(parts, values[None], pairs=leading_pairs(parts, values - rough, pairs))
    owners = {name: (place,) for place, name in enumerate(names)} if groups is None else dict(groups)
    owner = {int(place): row for row, members in enumerate(owners.values()) for place in members}
    blocks: list[tuple[slice, tuple[int, ...]]] = [
        (columns, (owner[place],)) for place, columns in enumerate(fit.blocks) if place in owner
    ]
    blocks += [
        (columns, tuple({owner[first], owner[second]}))
        for first, second, columns in fit.pairs
        if first in owner and second in owner
    ]
    total = float(((values - values.mean()) ** 2).sum())
    left_out = fit.smoother.left_out(values)
    explained = 0.0 if total == 0 else max(1 - float(((values - left_out) ** 2).sum()) / total, 0.0)
    chance = generator(seed, "analysis/shapley-orders")
    sequences = np.argsort(chance.random((max(orders // 2, 1), len(blocks))), axis=1)
    sequences = np.concatenate([sequences, sequences[:, ::-1]])
    projection = _projection(fit, values, np.ones(len(values)), blocks)
    point = _fair(*projection, sequences, blocks, len(owners))
    alone, last = _edges(*projection, blocks, len(owners))
    spread = np.array(
        [
            _fair(*_projection(fit, values, counts, blocks), sequences, blocks, len(owners))
            for counts in resample_counts(len(values), resamples, seed, "correlated")
        ]
    )
    fair = np.maximum(2 * point - spread.mean(axis=0), 0) * explained
    reach = norm.ppf(0.95) * spread.std(axis=0, ddof=1) * explained
    return CorrelatedShares(
        parameters=tuple(owners),
        alone=alone * explained,
        fair=fair,
        low=np.maximum(fair - reach, 0),
        high=np.minimum(fair + reach, 1),
        last=last * explained,
        explained=explained,
        strongest_correlation=single.strongest_correlation,
        draws=len(values),
    )


_Blocks = Sequence[tuple[slice, tuple[int, ...]]]


def _projection(fit: Additive, values: Floats, counts: Floats, blocks: _Blocks) -> tuple[Floats, Floats]:
    """Covariances of the fitted curves with each other and with their sum, whose variance is 1."""
    coefficients = fit.coefficients(values, counts)
    weights = counts / counts.sum()
    parts = np.column_stack([fit.design[:, columns] @ coefficients[columns] for columns, _ in blocks])
    parts = parts - weights @ parts
    covariance = (parts * weights[:, None]).T @ parts
    whole = max(float(covariance.sum()), 1e-300)
    # The ridge keeps a curve of next to no variance from being blown up to explain what it does not.
    covariance = covariance / whole + np.eye(len(blocks)) * 1e-3
    return covariance, covariance.sum(axis=1)


def _edges(covariance: Floats, towards: Floats, blocks: _Blocks, owners: int) -> tuple[Floats, Floats]:
    """Share of each owner when it enters first, and when it enters last."""
    alone, last = np.zeros(owners), np.zeros(owners)
    for row in range(owners):
        own = np.array([row in who for _, who in blocks])
        only = np.array([who == (row,) for _, who in blocks])
        alone[row] = _explained(covariance, towards, only)
        last[row] = max(
            _explained(covariance, towards, own | ~own) - _explained(covariance, towards, ~own), 0
        )
    return alone, last


def _explained(covariance: Floats, towards: Floats, chosen: NDArray[np.bool_]) -> float:
    if not chosen.any():
        return 0.0
    inner = covariance[np.ix_(chosen, chosen)]
    return float(towards[chosen] @ np.linalg.solve(inner, towards[chosen]))


def _fair(
    covariance: Floats, towards: Floats, sequences: NDArray[np.intp], blocks: _Blocks, owners: int
) -> Floats:
    """Average gain of each block over orders of entry: squared entries of a Cholesky factor's last row."""
    count = len(blocks)
    bordered = np.empty((len(sequences), count + 1, count + 1))
    bordered[:, :count, :count] = covariance[sequences[:, :, None], sequences[:, None, :]]
    bordered[:, count, :count] = bordered[:, :count, count] = towards[sequences]
    bordered[:, count, count] = 2.0 * (1 + towards.sum())
    gains = np.linalg.cholesky(bordered)[:, count, :count] ** 2
    credit = np.zeros(count)
    np.add.at(credit, sequences, gains)
    share = np.zeros(owners)
    for (_, who), gain in zip(blocks, credit / len(sequences), strict=True):
        share[list(who)] += gain / len(who)
    return share
