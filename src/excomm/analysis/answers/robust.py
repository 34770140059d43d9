"""Which option stays acceptable whatever turns out to be true: regret, satisficing, worst cases, room for error."""

from __future__ import annotations

import numpy as np

from excomm.analysis.answers.answer import Answer, answered
from excomm.analysis.given_data import first_order, screened
from excomm.analysis.robustness import InfoGap, info_gap_linear, robustness, satisficing_sentence
from excomm.analysis.samples import Floats
from excomm.analysis.study import Study
from excomm.analysis.values import values_of
from excomm.errors import AnalysisError, UsageError

__all__ = ["robust", "room_for_error"]


def room_for_error(study: Study, scores: Floats, requirements: Floats) -> InfoGap | None:
    """Info-gap horizon of each option in standard deviations of the priors, on straight lines through the draws.

    Only parameters that show anything by themselves for some option enter; None where none does.
    """
    ready = study.prepared()
    places = sorted(
        {
            place
            for row in scores
            if np.ptp(row) > 0
            for place in screened(first_order(ready, row, ready.ids), min(20, study.draws // 10))
        }
    )[: study.draws // 4]
    if not places:
        return None
    inputs = ready.inputs[:, places]
    scaled = (inputs - inputs.mean(axis=0)) / inputs.std(axis=0)
    design = np.column_stack([np.ones(study.draws), scaled])
    slopes = np.linalg.lstsq(design, scores.T, rcond=None)[0][1:].T
    slopes[np.abs(slopes) < 1e-9 * np.abs(slopes).max()] = 0.0
    return info_gap_linear(
        scores.mean(axis=1),
        slopes,
        np.ones(len(places)),
        requirements,
        study.labels,
        scale="standard deviations",
    )


def robust(study: Study, *, perspective: str | None = None, requirement: float | None = None) -> Answer:
    """Robustness of the values of a perspective (0 to 1). requirement: the value that is just good enough.

    Without one, the average value of the reference is asked for: is it safe to do no worse than now? Raises UsageError
    for one beyond 0 to 1.
    """
    if requirement is not None and not 0.0 <= requirement <= 1.0:
        # Values run from 0 to 1: no option meets more, and all meet less.
        raise UsageError(
            f"a requirement of {requirement:g}",
            path="--requirement",
            expected="a value from 0 (the worst that the options span) to 1 (the best)",
            next_step="Try --requirement 0.5, or leave it out: then the average of the reference is asked for.",
        )
    values = values_of(study, perspective)
    scores = values.scores
    need = float(scores[study.place(study.reference)].mean()) if requirement is None else requirement
    found = robustness(scores, study.labels, better="higher", requirement=need)
    results: dict[str, object] = {"robustness": found}
    sentences = [found.sentence, satisficing_sentence(found)]
    notes = [f"Values of {values.name} on a scale from 0 to 1; a draw is a scenario."]
    if requirement is None:
        notes.append(
            f"No requirement was stated: the average of {study.names[study.reference]} stands in for it."
        )
    try:
        spread = np.linspace(float(np.quantile(scores, 0.05)), float(scores.mean(axis=1).max()), 8)
        gap = room_for_error(study, scores, np.sort(np.append(spread, need)))
        if gap is not None:
            results["info_gap"] = gap
            sentences.append(gap.sentence_at(need))
            notes.append(
                "Room for error: straight lines through the draws, every parameter off by as many standard "
                "deviations at once, in the worst direction."
            )
    except AnalysisError as error:
        notes.append(error.message)
    return answered(
        study,
        "robustness",
        f"Which option stays acceptable for {values.name}?",
        results,
        sentences,
        notes,
        subject=values.name,
    )
