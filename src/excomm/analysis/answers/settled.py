"""Would other draws say the same of drivers, tipping points and weight regions?"""

from __future__ import annotations

import numpy as np

from excomm.analysis.answers.answer import Answer, answered
from excomm.analysis.given_data import first_order
from excomm.analysis.repeats import repeats
from excomm.analysis.study import Study
from excomm.analysis.tipping import tipping_points
from excomm.analysis.values import values_of

__all__ = ["stability"]


def stability(
    study: Study, *, option: str | None = None, against: str | None = None, perspective: str | None = None
) -> Answer:
    """How far the findings on two options (the two that come first most often) would differ with other draws."""
    values = values_of(study, perspective)
    scores = values.scores
    first = (scores == scores.max(axis=0)).mean(axis=1)
    ranked = [study.options[int(place)] for place in np.argsort(-first, kind="stable")]
    chosen = option or next(name for name in ranked if name != against)
    rival = against or next(name for name in ranked if name != chosen)
    gain = scores[study.place(chosen)] - scores[study.place(rival)]
    ready = study.prepared((chosen, rival))
    shares = first_order(ready, gain, ready.ids)
    places = shares.clear[:3]
    points = (
        tipping_points(ready.inputs[:, list(places)], gain, [ready.ids[at] for at in places], seed=study.seed)
        if places
        else ()
    )
    found = repeats(shares, values.worth, study.labels, points, seed=study.seed)
    return answered(
        study,
        "stability",
        f"Would other draws say the same of {study.names[chosen]} and {study.names[rival]} for {values.name}?",
        {"repeats": found},
        [found.sentence],
        ["Estimated from these draws alone; other seeds of the same size are what it stands for."],
        subject=values.name,
    )
