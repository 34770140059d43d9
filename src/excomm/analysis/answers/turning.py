"""At which value of a parameter, or of two, does the preference between two options turn?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from excomm.analysis.answers.answer import Answer, answered
from excomm.analysis.given_data import first_order
from excomm.analysis.study import Study, place_of
from excomm.analysis.tipping import tipping_map, tipping_points
from excomm.analysis.values import leading_pair, values_of
from excomm.errors import UsageError

__all__ = ["tipping"]

_TRIED = 5


def tipping(
    study: Study,
    *,
    option: str | None = None,
    against: str | None = None,
    perspective: str | None = None,
    parameters: Sequence[str] | None = None,
) -> Answer:
    """Tipping points of the leading drivers (or of the named parameters), and a map of the first two.

    The two options that come first most often where none are named.
    """
    study.require_draws("tell where a preference turns")
    values = values_of(study, perspective)
    scores = values.scores
    ranked = leading_pair(values, study)
    chosen = option or next(name for name in ranked if name != against)
    rival = against or next(name for name in ranked if name != chosen)
    if rival == chosen:
        raise UsageError(
            "an option cannot be compared with itself", path="--against", expected="another option"
        )
    gain = scores[study.place(chosen)] - scores[study.place(rival)]
    both = f"{study.names[chosen]} and {study.names[rival]}"
    question = f"Where does the preference between {both} turn for {values.name}?"
    if np.ptp(gain) <= 1e-12:
        return answered(
            study,
            "tipping",
            question,
            {},
            ["The two options have the same value in every draw."],
            subject=values.name,
        )
    ready = study.prepared((chosen, rival))
    columns = study.columns((chosen, rival))
    if parameters:
        places = [place_of(ready.ids, name, path="--parameters") for name in parameters]
    else:
        shares = first_order(ready, gain, ready.ids)
        places = list(shares.clear[:_TRIED])
        if len(places) == 1:  # a map needs a second one: the next in line, whether chance explains it or not
            places += [int(at) for at in shares.order[:2] if int(at) not in places][:1]
    if not places:
        return answered(
            study,
            "tipping",
            question,
            {},
            ["No single parameter moves the difference by more than chance."],
            subject=values.name,
        )
    names = [ready.ids[place] for place in places]
    points = tipping_points(
        ready.inputs[:, places],
        gain,
        names,
        option=study.names[chosen],
        reference=study.names[rival],
        units=[columns[place].stated.unit for place in places],
        seed=study.seed,
    )
    results: dict[str, object] = {"points": points}
    sentences = [point.sentence for point in points]
    if len(places) > 1:
        surface = tipping_map(
            ready.inputs[:, places[:2]],
            gain,
            names[:2],
            option=study.names[chosen],
            reference=study.names[rival],
        )
        results["map"] = surface
        sentences.append(surface.sentence)
    return answered(
        study, "tipping", question, results, sentences,
        ["A turn is stated only where the band around the curve is clear of zero on both sides."], subject=values.name,
    )  # fmt: skip
