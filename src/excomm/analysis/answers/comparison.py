"""Is one option better than the reference, how sure is that, and how much of it rests on judgement?"""

from __future__ import annotations

import numpy as np

from excomm.analysis.answers.answer import Answer, answered
from excomm.analysis.compare import compare_options, dominance
from excomm.analysis.given_data import first_order, screened
from excomm.analysis.samples import Better, Floats
from excomm.analysis.study import Study
from excomm.analysis.variance import GroupShares, grade_groups, group_shares, split_variance
from excomm.errors import AnalysisError, UsageError
from excomm.quantities import OUTCOMES

__all__ = ["compare", "direction_of", "grade_shares", "grades_behind"]


def direction_of(study: Study, outcome: str) -> Better | None:
    """Which way is better, where every perspective that weighs the outcome agrees; None otherwise."""
    signs = {np.sign(view.weights[outcome]) for view in study.views if view.weights.get(outcome)}
    if len(signs) != 1:
        return None
    return "higher" if signs.pop() > 0 else "lower"


def grade_shares(study: Study, outcome: str, option: str) -> GroupShares | None:
    """Shares of the variance of an outcome by grade of the parameters, model form apart; None if it is constant."""
    values, _, _ = study.scaled(outcome)
    own = values[study.place(option)]
    if not study.columns((option,)) or np.ptp(own) == 0:
        return None
    return grades_behind(study, own, (option,))


def grades_behind(study: Study, values: Floats, options: tuple[str, ...]) -> GroupShares:
    """The same for any values (draws,) that the parameters under some options drive.

    Only parameters that show anything by themselves enter, so that idle ones add no noise; a grade of which none
    does has a share of 0.
    """
    columns = study.columns(options)
    ready = study.prepared(options)
    places = screened(first_order(ready, values, ready.ids))
    groups = grade_groups(
        [column.key for column in columns],
        [column.stated.grade for column in columns],
        [column.key for column in columns if column.stated.is_model_form],
    )
    kept = {
        name: tuple(places.index(place) for place in members if place in places)
        for name, members in groups.items()
    }
    return group_shares(ready.inputs[:, places], values, kept)


def compare(
    study: Study,
    *,
    outcome: str = "area_change",
    option: str | None = None,
    against: str | None = None,
    better: str | None = None,
) -> Answer:
    """Options against a reference on one outcome: differences, dominance, kinds of spread, grades.

    option: only this one; against: instead of the reference; better: "higher" or "lower". Without it the
    direction is the one on which all perspectives of the case agree; where they do not, nothing is called better.
    """
    values, kind = study.outcome(outcome), OUTCOMES[outcome]
    if better not in (None, "higher", "lower"):
        raise UsageError(f"better is {better!r}", path="--better", expected="higher or lower")
    base = against or study.reference
    study.place(base)
    direction: Better | None = (
        "lower" if better == "lower" else "higher" if better else direction_of(study, outcome)
    )
    chosen = [name for name in study.options if name != base and option in (None, name)]
    if option is not None:
        study.place(option)
    if not chosen:
        raise UsageError(
            "there is nothing to compare", path="--option", expected="an option beside the reference"
        )
    rows = [study.place(name) for name in (base, *chosen)]
    differences = compare_options(
        values[rows],
        [study.names[name] for name in (base, *chosen)],
        reference=study.names[base],
        better=direction or "higher",
        outcome=kind.phrase,
        unit="" if kind.unit == "share" else kind.unit,
    )
    dominances = tuple(
        dominance(
            values[study.place(name)],
            values[rows[0]],
            better=direction or "higher",
            option=study.names[name],
            reference=study.names[base],
            seed=study.seed,
        )
        for name in (chosen if direction else ())
    )
    splits = tuple(
        split_variance(
            values[study.place(name)],
            study.noise[outcome][study.place(name)] * study.replicates,
            replicates=study.replicates,
            outcome=f"{kind.phrase} under {study.names[name]}",
            option=study.names[name],
        )
        for name in ((base, *chosen) if study.replicates > 1 and study.draws > 1 else ())
    )
    notes = [
        "Differences are taken draw by draw on the same chance; what is left of chance widens their interval. How "
        f"likely one is higher is the share of draws, each a mean of {study.replicates} histories: one may differ."
    ]
    if direction is None:
        notes.append(
            "The perspectives of the case do not agree which way is better, so nothing is called better."
        )
    shares = {}
    try:
        for name in (base, *chosen):
            found = grade_shares(study, outcome, name)
            if found is not None:
                shares[study.names[name]] = found
    except AnalysisError as error:
        notes.append(error.message)
    return answered(
        study,
        "compare",
        f"How do the options differ from {study.names[base]} in {kind.phrase}?",
        {"differences": differences, "dominance": dominances, "variance": splits, "grades": shares},
        [
            *(each.sentence for each in differences),
            *(each.sentence for each in dominances),
            *(each.sentence for each in splits[:1]),
            *(f"{name}: {found.sentence}" for name, found in list(shares.items())[:1]),
        ],
        notes,
        subject=outcome,
    )
