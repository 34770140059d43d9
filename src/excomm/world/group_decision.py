"""How a group of actors settles one question: votes by power, salience and distance (Bueno de Mesquita).

Every actor has a capability, a salience (how much of it he would spend) and a position on one scale. A vote
between two positions weighs what each actor stands to lose; the position that beats all others is the weighted
median. Rounds of proposals follow: everyone hears the offers of those who expect to gain from confronting him
and gives way to the offer that costs him least. Limits: one issue, one dimension, power taken as known. The
rounds are one reading of a model whose full recipe was never published. Thirty-two readings that differ in whose
eyes an offer is judged by, in attitudes to risk and in the choice among offers end the published example anywhere
between 4 and 10 years; this one ends at 7.7, the published forecasts are 8.35 and 9.05. So rely on the votes, not
on the rounds. Source: Bueno de Mesquita (1994); Scholz, Calbert and Smith (2011).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

__all__ = ["Group", "converge", "pairwise_margin", "risk_attitudes", "weighted_mean", "weighted_median"]

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Group:
    """Actors on one issue; arrays of shape (actors,).

    capability: share of power, at least 0; position: anywhere on the scale; salience: 0 to 1, or any positive
    scale common to all.
    """

    capability: Floats
    position: Floats
    salience: Floats

    @property
    def weight(self) -> Floats:
        """Power that each actor spends on the issue: capability times salience."""
        return self.capability * self.salience

    @property
    def span(self) -> float:
        """Distance between the outermost positions; 1 where all agree."""
        return float(np.ptp(self.position)) or 1.0


def weighted_mean(group: Group) -> float:
    """Mean position, weighted by capability times salience."""
    return float(np.average(group.position, weights=group.weight))


def weighted_median(group: Group) -> float:
    """Position with half of the weight on either side: under single-peaked preferences nothing beats it."""
    order = np.argsort(group.position, kind="stable")
    cumulative = np.cumsum(group.weight[order])
    place = int(np.searchsorted(cumulative, 0.5 * cumulative[-1]))
    return float(group.position[order][place])


def _votes(group: Group, one: float, other: float) -> Floats:
    """Votes for `one` (positive) over `other` (negative) of each actor: weight times difference of distances."""
    nearer = np.abs(group.position - other) - np.abs(group.position - one)
    return np.asarray(group.weight * nearer / group.span)


def pairwise_margin(group: Group, one: float, other: float) -> float:
    """Margin by which position `one` beats `other`, in units of the scale times weight; negative: it loses."""
    return float(_votes(group, one, other).sum() * group.span)


def risk_attitudes(group: Group) -> Floats:
    """Exponent of each actor's utility: 0.5 (courts risk for his position) to 2 (stays where he is safe).

    Safety is how little the others would gain from beating him, scaled over the positions that are held.
    """
    gains = np.array(
        [
            sum(max(0.0, pairwise_margin(group, other, own)) for other in group.position)
            for own in group.position
        ]
    )
    low, high = gains.min(), gains.max()
    scaled = (2.0 * gains - high - low) / (high - low) if high > low else np.zeros_like(gains)
    return np.asarray((1.0 - scaled / 3.0) / (1.0 + scaled / 3.0))


def _expected(group: Group, risk: Floats, by: int, actor: int, rival: int) -> float:
    """Expected utility for `actor` of challenging `rival`, as actor `by` sees it (with the exponent of `by`)."""
    position = group.position
    apart = min(abs(position[actor] - position[rival]) / group.span, 1.0)
    exponent = risk[by]
    success = 2.0 - 4.0 * (0.5 - 0.5 * apart) ** exponent
    failure = 2.0 - 4.0 * (0.5 + 0.5 * apart) ** exponent
    still = 2.0 - 4.0 * 0.5**exponent
    votes = _votes(group, position[actor], position[rival])
    total = np.abs(votes).sum()
    wins = float(votes[votes > 0].sum() / total) if total > 0 else 0.5
    stake = min(group.salience[rival] / group.salience.max(), 1.0)
    gain = stake * (wins * success + (1.0 - wins) * failure) + (1.0 - stake) * success
    return float(gain - still)


def _next_positions(group: Group, risk: Floats) -> Floats:
    number = len(group.position)
    moved = group.position.copy()
    for actor in range(number):
        changes = []
        for rival in range(number):
            apart = float(group.position[rival] - group.position[actor])
            presses = _expected(group, risk, rival, rival, actor)
            answers = _expected(group, risk, actor, actor, rival)
            if apart == 0.0 or presses <= 0 or answers >= presses:
                continue  # nothing to ask for, or no gain in asking, or the actor expects as much himself
            # Who expects to gain less, or to lose more than the rival gains, gives way in full; who would lose
            # less than the rival gains meets him at the ratio of the two.
            gives_way = answers > 0 or abs(answers) >= presses
            changes.append(apart if gives_way else apart * abs(answers) / presses)
        if changes:
            least = min(abs(change) for change in changes)
            # Offers from both directions that cost the same cancel: neither direction is preferred.
            moved[actor] += float(np.mean([change for change in changes if abs(change) <= least + 1e-9]))
    return moved


def converge(group: Group, *, rounds: int = 12, tolerance: float = 1e-3) -> tuple[Group, ...]:
    """The group after each round, beginning with the group itself; stops when nobody moves by `tolerance`."""
    history = [group]
    for _ in range(rounds):
        now = history[-1]
        following = replace(now, position=_next_positions(now, risk_attitudes(now)))
        history.append(following)
        if np.abs(following.position - now.position).max() < tolerance:
            break
    return tuple(history)
