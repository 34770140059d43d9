"""Outcomes as values: one perspective's criteria on a common scale, its stated weights and its scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from excomm.analysis.samples import Better, Floats
from excomm.analysis.study import Study
from excomm.analysis.weights import scale_values
from excomm.errors import UsageError
from excomm.quantities import OUTCOMES

__all__ = ["Values", "all_values", "leading_pair", "values_of"]


@dataclass(frozen=True, eq=False)
class Values:
    """What one perspective makes of the options.

    criteria: outcome ids; weights: (criteria,), add up to 1; worth: (options, draws, criteria), 0 at the worse
    and 1 at the better end of the range that the options at hand span (5 to 95 %); scores: (options, draws).
    """

    actor: str
    name: str
    source: str
    criteria: tuple[str, ...]
    directions: tuple[Better, ...]
    weights: Floats
    worth: Floats

    @property
    def scores(self) -> Floats:
        """Weighted sum of the values."""
        return np.asarray(self.worth @ self.weights)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the criteria."""
        return tuple(OUTCOMES[name].name for name in self.criteria)


def values_of(study: Study, actor: str | None = None) -> Values:
    """Values of a perspective, the run's first where none is named.

    Raises UsageError where it is not stated, where there is one option alone, or where no outcome is weighed.
    """
    view = study.view(actor)
    weights = {name: weight for name, weight in view.weights.items() if weight and name in study.outcomes}
    if len(study.options) < 2:
        raise UsageError("the run has one option", expected="two or more to compare")
    if not weights:
        raise UsageError(
            f"{view.name} weighs no outcome of this run", expected="weights on reported outcomes"
        )
    directions: tuple[Better, ...] = tuple("higher" if weight > 0 else "lower" for weight in weights.values())
    size = np.abs(np.asarray(list(weights.values())))
    return Values(
        actor=view.actor,
        name=view.name,
        source=view.source,
        criteria=tuple(weights),
        directions=directions,
        weights=size / size.sum(),
        worth=scale_values(np.stack([study.outcomes[name] for name in weights], axis=2), directions),
    )


def all_values(study: Study) -> tuple[Values, ...]:
    """Values of every stated perspective, the run's first; none where nothing can be weighed."""
    actors = sorted((view.actor for view in study.views), key=lambda actor: actor != study.perspective)
    found = []
    for actor in actors:
        try:
            found.append(values_of(study, actor))
        except UsageError:
            continue
    return tuple(found)


def leading_pair(values: Values, study: Study) -> tuple[str, str]:
    """The two options that come first in most draws for a perspective."""
    scores = values.scores
    first = (scores == scores.max(axis=0)).mean(axis=1)
    ranked = [study.options[int(place)] for place in np.argsort(-first, kind="stable")]
    return ranked[0], ranked[1]
