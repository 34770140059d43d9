"""Which parameters drive an outcome, or the difference of two options, and what drives the bad tail?"""

from __future__ import annotations

import numpy as np

from excomm.analysis.answers.answer import Answer, answered
from excomm.analysis.answers.comparison import direction_of
from excomm.analysis.correlated import CorrelatedShares, correlated_shares
from excomm.analysis.given_data import (
    FirstOrder,
    enough_draws,
    first_order,
    region_drivers,
    screened,
    worst_region,
)
from excomm.analysis.samples import Better, Floats
from excomm.analysis.study import Study
from excomm.analysis.swings import swings
from excomm.errors import AnalysisError
from excomm.quantities import OUTCOMES

__all__ = ["by_submodel", "drivers"]

_SHOWN = 8


def by_submodel(
    study: Study, outcome: Floats, shares: FirstOrder, options: tuple[str, ...], *, seed: int
) -> CorrelatedShares | None:
    """Fair shares of the submodels, from the parameters that show anything; correlated parts are divided evenly."""
    places = screened(shares)
    if not places:
        return None
    columns = study.columns(options)
    groups: dict[str, list[int]] = {}
    for row, place in enumerate(places):
        groups.setdefault(columns[place].stated.submodel, []).append(row)
    inputs = np.column_stack([columns[place].draws for place in places])
    ids = [columns[place].key for place in places]
    return correlated_shares(inputs, outcome, ids, groups=groups, seed=seed)


def drivers(
    study: Study,
    *,
    outcome: str = "area_change",
    option: str | None = None,
    against: str | None = None,
) -> Answer:
    """Drivers of an outcome under an option (the reference by default), or of its difference from `against`."""
    study.require_draws("tell a driver from chance")
    chosen = option or study.reference
    place, kind = study.place(chosen), OUTCOMES.get(outcome)
    if against is None:
        values, noises, scale = study.scaled(outcome)
        amount, noise = values[place], None if noises is None else noises[place]
        options: tuple[str, ...] = (chosen,)
        what = f"{scale}{kind.phrase if kind else outcome} under {study.names[chosen]}"
    else:
        amount = study.outcome(outcome)[place] - study.outcome(outcome)[study.place(against)]
        noise, scale, options = None, "", (chosen, against)
        what = (
            f"the difference in {kind.phrase if kind else outcome} between {study.names[chosen]} and "
            f"{study.names[against]}"
        )
    question = f"What drives {what}?"
    if np.ptp(amount) == 0:
        return answered(
            study,
            "drivers",
            question,
            {},
            [f"{what[:1].upper()}{what[1:]} is the same in every draw."],
            subject=what,
        )
    ready = study.prepared(options)
    shares = first_order(ready, amount, ready.ids, noise_variance=noise)
    leading = shares.clear[:_SHOWN]
    unit = "" if scale or kind is None or kind.unit in ("probability", "share") else kind.unit
    moved = swings(ready, amount, ready.ids, only=leading, unit=unit, is_logarithmic=bool(scale))
    results: dict[str, object] = {"shares": shares, "swings": moved}
    sentences = [f"{what[:1].upper()}{what[1:]}: {_lower(shares.sentence)}"]
    if leading:
        sentences.append(moved.sentence)
    notes = []
    groups = by_submodel(study, amount, shares, options, seed=study.seed)
    if groups is not None:
        results["submodels"] = groups
        sentences.append(f"By submodel. {groups.sentence}")
        notes.append(
            f"Submodels: from the {len(screened(shares))} of {len(ready.ids)} parameters that show anything by "
            "themselves; correlated parameters share evenly what they have in common."
        )
    try:
        steps = enough_draws(ready.inputs, amount, ready.ids)
        results["convergence"] = steps
        sentences.append(steps.sentence)
    except AnalysisError as error:
        notes.append(error.message)
    for name, region, better in _tails(direction_of(study, outcome)):
        try:
            tail = region_drivers(ready.inputs, worst_region(amount, better=better), ready.ids, region=region)
        except AnalysisError as error:
            notes.append(error.message)
            break
        results[name] = tail
        sentences.append(tail.sentence)
    if scale:
        notes.append("Rare probabilities span powers of ten, so their drivers are sought on the logarithm.")
    return answered(study, "drivers", question, results, sentences, notes, subject=what)


def _tails(direction: Better | None) -> tuple[tuple[str, str, Better], ...]:
    """Result, name and better end of what is looked at: the worst tenth, or both where it is open which is worse."""
    if direction is not None:
        return (("tail", "the worst tenth", direction),)
    return ("tail", "the highest tenth", "lower"), ("other_tail", "the lowest tenth", "higher")


def _lower(sentence: str) -> str:
    """A sentence to follow a colon: only its first word may lose a capital, and ids keep theirs."""
    return f"{sentence[0].lower()}{sentence[1:]}" if sentence.startswith("No ") else sentence
