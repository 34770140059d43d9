"""Walk back from a number of a stored run: its distribution, its drivers, their sources, the sentence in the report."""

from __future__ import annotations

from typing import Any

from excomm.analysis.explain import Explanation, explain_outcome
from excomm.analysis.grounds import grounds
from excomm.analysis.study import Study
from excomm.engine.run import Run
from excomm.pipeline.stored import find_run
from excomm.quantities import OUTCOMES

__all__ = ["explain", "explained_shape", "find_run", "origins_shape"]


def origins_shape(run: Run) -> dict[str, Any]:
    """Origin of every parameter under every option, as stored beside a run."""
    shape: dict[str, Any] = {}
    for option in run.options:
        for name, parameter in run.case.parameters(option).items():
            entry = {
                "meaning": parameter.meaning,
                "prior": parameter.text,
                "unit": parameter.unit,
                "source": parameter.source,
                "grade": parameter.grade,
                "proposition": getattr(parameter.prior, "proposition", None),
            }
            if option == run.case.reference.id or entry != shape.get(name, {}).get(run.case.reference.id):
                shape.setdefault(name, {})[option] = entry
    return shape


def explain(study: Study, outcome: str, option: str | None = None) -> Explanation:
    """Unfold an outcome of a study: its distribution, its drivers, and for each the prior, the source, the sentence.

    The reference option where none is named. Raises UsageError for an outcome or option that the run does not have.
    """
    values, kind = study.outcome(outcome), OUTCOMES[outcome]
    sought, noise, _ = study.scaled(outcome)
    chosen = option or study.reference
    place = study.place(chosen)
    columns = study.columns((chosen,))
    ready = study.prepared((chosen,))
    return explain_outcome(
        values[place],
        ready,
        ready.ids,
        {column.key: study.origin(column.stated.id, chosen) for column in columns},
        outcome=outcome,
        option=chosen,
        unit=kind.unit,
        noise_variance=None if noise is None else noise[place],
        logarithms=sought[place] if kind.rare else None,
        subject=f"{kind.name} under {study.names[chosen]}",
        wording=study.wording(outcome),
        table=study.cells[outcome, chosen][1:3] if (outcome, chosen) in study.cells else None,
    )


def explained_shape(study: Study, found: Explanation) -> dict[str, Any]:
    """What `explain` found, as JSON, with what each proposition has to do with it (`propositions`)."""
    shape: dict[str, Any] = found.to_json()
    return shape | {"propositions": grounds(study, found.outcome, found.option)}
