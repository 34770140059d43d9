"""Outcomes as values: one perspective's criteria on a common scale, its stated weights and its scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from excomm.brief.figures import Figures
from excomm.quantities import OUTCOMES

__all__ = ["Values", "all_values", "values_of"]

Floats = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Values:
    """What one perspective makes of the options.

    criteria: outcome ids; weights: (criteria,), add up to 1; worth: (options, draws, criteria), 0 at the worse
    and 1 at the better end of the range that the options at hand span (5 to 95 %); scores: (options, draws).
    """

    actor: str
    name: str
    source: str
    criteria: tuple[str, ...]
    directions: tuple[str, ...]
    weights: Floats
    worth: Floats

    @property
    def scores(self) -> Floats:
        """Weighted sum of the values."""
        return np.asarray(self.worth @ self.weights)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the criteria."""
        return tuple(OUTCOMES[name].label for name in self.criteria)


def values_of(figures: Figures, actor: str) -> Values | None:
    """Values of a perspective; None where none of its criteria is reported or differs between options."""
    from excomm.analysis.weights import scale_values

    stated = {each.actor: each for each in figures.case.perspectives}.get(actor)
    if stated is None:
        return None
    weights = {name: weight for name, weight in stated.weights.items() if weight and figures.has(name)}
    if not weights or len(figures.options) < 2:
        return None
    amounts = np.stack([figures.draws(name) for name in weights], axis=2)
    directions = ["higher" if weight > 0 else "lower" for weight in weights.values()]
    size = np.abs(np.asarray(list(weights.values())))
    names = {each.id: each.name for each in figures.case.actors}
    return Values(
        actor=actor,
        name=names.get(actor, actor),
        source=stated.source,
        criteria=tuple(weights),
        directions=tuple(directions),
        weights=size / size.sum(),
        worth=scale_values(amounts, directions),  # type: ignore[arg-type]
    )


def all_values(figures: Figures) -> tuple[Values, ...]:
    """Values of every stated perspective, the one that the run was asked for first."""
    actors = [each.actor for each in figures.case.perspectives]
    ordered = sorted(actors, key=lambda actor: actor != figures.run.perspective)
    found = [values_of(figures, actor) for actor in ordered]
    return tuple(each for each in found if each is not None)
