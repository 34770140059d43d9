"""Would other draws say the same of drivers, tipping points and weight regions?"""

from __future__ import annotations

from excomm.analysis.answers.answer import Answer, answered
from excomm.analysis.given_data import first_order
from excomm.analysis.repeats import repeats
from excomm.analysis.stability import SeedFindings
from excomm.analysis.study import Study
from excomm.analysis.tipping import tipping_points
from excomm.analysis.values import leading_pair, values_of
from excomm.analysis.weights import weight_regions

__all__ = ["findings_of", "stability"]


def findings_of(study: Study, option: str, against: str, perspective: str | None = None) -> SeedFindings:
    """What a run says of two options, to be held against runs with other seeds by `compare_seeds`."""
    values = values_of(study, perspective)
    gain = values.scores[study.place(option)] - values.scores[study.place(against)]
    ready = study.prepared((option, against))
    shares = first_order(ready, gain, ready.ids)
    places = list(shares.clear[:3])
    points = (
        tipping_points(ready.inputs[:, places], gain, [ready.ids[at] for at in places], seed=study.seed)
        if places
        else ()
    )
    regions = weight_regions(values.worth, study.options, values.criteria, samples=20_000)
    return SeedFindings(
        seed=study.seed,
        weight_shares={region.option: region.share for region in regions},
        drivers=tuple(ready.ids[at] for at in places),
        tipping={point.parameter: (point.value, point.low, point.high) for point in points},
    )


def stability(
    study: Study, *, option: str | None = None, against: str | None = None, perspective: str | None = None
) -> Answer:
    """How far the findings on two options (the two that come first most often) would differ with other draws."""
    values = values_of(study, perspective)
    scores = values.scores
    ranked = leading_pair(values, study)
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
