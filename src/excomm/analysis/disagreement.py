"""How far apart are two conclusions, and which settings explain it?

Two analysts' files, two codings of a record, two perspectives: their settings are exchanged group by group on
common random numbers, and the distance is divided fairly (Shapley): every group gets the average change that it
makes over all orders of exchange, and the parts add up to the whole distance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import ArrayLike

from excomm.analysis.samples import Z90, Floats, checked_ids
from excomm.analysis.wording import joined, number, upper_first
from excomm.engine.wording import plain_unit
from excomm.errors import AnalysisError, UsageError
from excomm.streams import generator

__all__ = ["Disagreement", "attribute"]


@dataclass(frozen=True, eq=False)
class Disagreement:
    """A distance between two conclusions, divided among groups of settings.

    first, second: the conclusion with all settings of one side; effect: (groups,), in the conclusion's unit,
    adding up to second - first, with standard error; alone: change if only this group is exchanged.
    """

    conclusion: str
    unit: str
    sides: tuple[str, str]
    groups: tuple[str, ...]
    first: float
    second: float
    distance_error: float
    effect: Floats
    error: Floats
    alone: Floats
    evaluations: int

    @property
    def distance(self) -> float:
        """Second conclusion minus the first."""
        return self.second - self.first

    @property
    def share(self) -> Floats:
        """Share of the distance that each group explains; negative where it works against it."""
        if self.distance == 0:
            return np.zeros(len(self.groups))
        return self.effect / self.distance

    @property
    def is_clear(self) -> bool:
        """Does any group make a difference that the draws can tell from nothing?"""
        return bool((np.abs(self.effect) > Z90 * self.error + 1e-12).any())

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        one, two = self.sides
        size = f"{number(self.distance, self.distance_error or None)} {plain_unit(self.unit)}".strip()
        order = np.argsort(-np.abs(self.effect), kind="stable")
        clear = [at for at in order if abs(self.effect[at]) > Z90 * self.error[at] + 1e-12]
        if not clear:
            both = f"{upper_first(one)} and {two}"
            return f"{both} come to the same result for {self.conclusion} within the error of the draws."
        parts = [
            f"{self.groups[at]} ({number(float(self.effect[at]), float(self.error[at]) or None)})"
            for at in clear[:3]
        ]
        against = [self.groups[at] for at in clear if self.effect[at] * self.distance < 0]
        text = f"{upper_first(two)} differs from {one} by {size} in {self.conclusion}"
        text += f"; most of it comes from {joined(parts)}"
        verb = "pulls" if len(against) == 1 else "pull"
        return f"{text}; {joined(against)} {verb} the other way." if against else f"{text}."


def attribute(
    evaluate: Callable[[frozenset[str]], ArrayLike],
    groups: Sequence[str],
    *,
    conclusion: str = "the conclusion",
    unit: str = "",
    sides: tuple[str, str] = ("the first side", "the second side"),
    orders: int | None = None,
    seed: int = 0,
) -> Disagreement:
    """Divide the distance between two conclusions among groups of settings.

    evaluate(groups): the conclusion when exactly these groups take the second side's settings and all others
    the first's: one number, or one a draw on common random numbers, which gives standard errors. Up to 8
    groups are evaluated in all 2^n combinations; more of them, or a number of `orders`, in random orders, whose
    spread is part of the error.
    """
    names = checked_ids(groups, len(groups), "groups")
    if not names:
        raise UsageError("no groups to divide the distance among", expected="at least one")
    known: dict[frozenset[str], Floats] = {}

    def value(chosen: frozenset[str]) -> Floats:
        if chosen not in known:
            result = np.atleast_1d(np.asarray(evaluate(chosen), dtype=np.float64))
            if not np.isfinite(result).all():
                raise AnalysisError(f"the mix of {sorted(chosen)} gave no number", expected="finite values")
            known[chosen] = result
        return known[chosen]

    first, second = value(frozenset()), value(frozenset(names))
    if orders is None and len(names) <= 8:
        effect = _exact(value, names)
        extra = np.zeros(len(names))
    else:
        effect, extra = _sampled(value, names, orders or 50, seed)
    draws = effect.shape[1]
    within = effect.std(axis=1, ddof=1) / np.sqrt(draws) if draws > 1 else np.zeros(len(names))
    gap = second - first
    return Disagreement(
        conclusion=conclusion,
        unit=unit,
        sides=sides,
        groups=names,
        first=float(first.mean()),
        second=float(second.mean()),
        distance_error=float(gap.std(ddof=1) / np.sqrt(draws)) if draws > 1 else 0.0,
        effect=effect.mean(axis=1),
        error=np.hypot(within, extra),
        alone=np.array([float((value(frozenset({name})) - first).mean()) for name in names]),
        evaluations=len(known),
    )


def _exact(value: Callable[[frozenset[str]], Floats], names: tuple[str, ...]) -> Floats:
    count = len(names)
    effect = np.zeros((count, len(value(frozenset()))))
    for mask in range(2**count):
        chosen = frozenset(name for place, name in enumerate(names) if mask >> place & 1)
        size, result = len(chosen), value(chosen)
        for place, name in enumerate(names):
            if name in chosen:
                effect[place] += factorial(size - 1) * factorial(count - size) / factorial(count) * result
            else:
                effect[place] -= factorial(size) * factorial(count - size - 1) / factorial(count) * result
    return effect


def _sampled(
    value: Callable[[frozenset[str]], Floats], names: tuple[str, ...], orders: int, seed: int
) -> tuple[Floats, Floats]:
    """Average change over random orders, each followed by its reverse, and the error of that average."""
    stream = generator(seed, "analysis/disagreement")
    pairs = max(orders // 2, 2)
    gains = np.zeros((pairs, len(names), len(value(frozenset()))))
    for row in range(pairs):
        order = stream.permutation(len(names))
        for sequence in (order, order[::-1]):
            chosen: frozenset[str] = frozenset()
            before = value(chosen)
            for place in sequence:
                chosen |= {names[place]}
                after = value(chosen)
                gains[row, place] += (after - before) / 2
                before = after
    spread = gains.mean(axis=2).std(axis=0, ddof=1) / np.sqrt(pairs)
    return gains.mean(axis=0), np.asarray(spread)
