"""What is worth finding out: every parameter, submodel and report, and a stated collection, for one perspective."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from excomm.analysis.answers.answer import Answer, answered
from excomm.analysis.information import InformationValue, evpi, evppi, evppi_all, evsi, simulated_measurement
from excomm.analysis.report_value import ReportValue, report_value
from excomm.analysis.samples import Floats
from excomm.analysis.study import Study, place_of
from excomm.analysis.values import values_of
from excomm.errors import AnalysisError, UsageError

__all__ = ["information", "worth_of_reports"]

_SAID = 3


def worth_of_reports(study: Study, scores: np.ndarray) -> tuple[ReportValue, ...]:
    """What a certain answer about each proposition would be worth, the highest first."""
    found = []
    for each in study.propositions:
        try:
            found.append(
                report_value(scores, each.truth, study.labels, report=f"“{each.text}”", seed=study.seed)
            )
        except AnalysisError:
            continue  # held true, or false, in all but a few draws: there is nothing to ask
    return tuple(sorted(found, key=lambda each: -each.value))


def information(
    study: Study, *, perspective: str | None = None, collect: Mapping[str, float] | None = None
) -> Answer:
    """Value of knowing everything, each parameter, each submodel, each report, and of stated collections.

    collect: parameter -> standard error of a measurement, in the parameter's unit.
    """
    study.require_draws("tell what knowing a parameter is worth")
    values = values_of(study, perspective)
    scores = values.scores
    columns = study.columns()
    if not columns:
        raise AnalysisError("no parameter varies", expected="uncertain parameters")
    ready = study.prepared()
    everything = evpi(scores, seed=study.seed)
    whole = everything.value or None
    single = evppi_all(scores, ready, everything=whole, seed=study.seed)
    groups = _submodels(study, scores, single, whole)
    reports = worth_of_reports(study, scores)
    collections = []
    notes = []
    if collect is None:
        collect = _half_as_wide(study, single)
        if collect:
            notes.append(
                "No collection was stated: one that measures the leading parameter with half of its present standard "
                "deviation stands in for it."
            )
    for name, error in collect.items():
        place = place_of(ready.ids, name, path="--collect")
        if not error > 0:
            raise UsageError(
                f"a standard error of {error:g} for {name}",
                path="--collect",
                expected="PARAMETER=ERROR with a positive error in the parameter's unit",
                next_step="State how far the measurement may be off.",
            )
        shown = simulated_measurement(ready.inputs[:, place], error, name=name, seed=study.seed)
        unit = columns[place].stated.unit
        collections.append(
            evsi(
                scores,
                shown,
                name=f"{name} ± {error:g} {unit} (standard error)",
                everything=whole,
                seed=study.seed,
            )
        )
    scale = "on the scale from 0 to 1"
    results = {
        "everything": replace(everything, unit=scale),
        "parameters": single,
        "submodels": groups,
        "reports": reports,
        "collections": tuple(collections),
    }
    return answered(
        study,
        "information",
        f"What is worth finding out for {values.name}?",
        results,
        [
            everything.sentence,
            *(each.sentence for each in _worthy(single)),
            *(each.sentence for each in _worthy(groups)),
            *(each.sentence for each in reports),
            *(each.sentence for each in collections),
        ],
        [
            f"In values of {values.name} {scale}, by regression on {study.draws:,} draws; a value is said only where "
            "chance does not explain the relation.",
            *notes,
        ],
        subject=values.name,
    )


def _submodels(
    study: Study, scores: Floats, single: Sequence[InformationValue], whole: float | None
) -> tuple[InformationValue, ...]:
    """Value of knowing all of a submodel: its parameters that show anything by themselves, together."""
    ready, columns = study.prepared(), study.columns()
    known = {each.name: each for each in single}
    members: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        if known[column.key].p_value < 0.05:
            members.setdefault(column.stated.submodel, []).append(place)
    found = []
    for name, places in members.items():
        title = f"all of {name}"
        if len(places) == 1:
            found.append(replace(known[ready.ids[places[0]]], name=title))
            continue
        inputs = ready.inputs[:, places]
        together = evppi(scores, inputs, name=title, everything=whole, seed=study.seed)
        # Knowing all is worth no less than knowing one; with few draws the joint fit is shrunk below that.
        best = max((known[ready.ids[place]] for place in places), key=lambda each: each.value)
        found.append(together if together.value >= best.value else replace(best, name=title))
    return tuple(sorted(found, key=lambda each: -each.value))


def _half_as_wide(study: Study, single: Sequence[InformationValue]) -> dict[str, float]:
    """A measurement of the leading parameter with half of its standard deviation; none of a switch."""
    ready = study.prepared()
    for each in single[:1]:
        column = ready.inputs[:, ready.ids.index(each.name)]
        if each.low > 0 and len(np.unique(column)) > 20:
            return {each.name: float(f"{column.std() / 2:.2g}")}
    return {}


def _worthy(values: tuple[InformationValue, ...]) -> list[InformationValue]:
    """The leading values that chance does not explain; or the first alone, to say that it is nothing."""
    clear = [each for each in values[:_SAID] if each.low > 0]
    return clear or list(values[:1])
