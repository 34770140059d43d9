"""Grades of the cells of the options table: B fitted to analogues, C judgement.

A cell of the reference option is B where at least half of the parameters of the outcome's submodels that vary
carry a grade better than C. Under any other option it is C as soon as that option sets a parameter by judgement:
effects of options are at best B. Nothing is graded A before its forecasts have been scored on unseen data.
"""

from __future__ import annotations

from collections.abc import Sequence

from excomm.case.model import Case
from excomm.quantities import OUTCOMES

__all__ = ["grade_cells"]


def _reference_grade(case: Case, submodels: Sequence[str]) -> str:
    relevant = [
        parameter
        for parameter in case.base_parameters.values()
        if parameter.submodel in submodels and not parameter.prior.is_fixed
    ]
    founded = sum(parameter.grade in ("A", "B") for parameter in relevant)
    return "B" if relevant and 2 * founded >= len(relevant) else "C"


def grade_cells(case: Case, options: Sequence[str]) -> dict[tuple[str, str], str]:
    """Grade of each (outcome, option)."""
    grades = {}
    for outcome in OUTCOMES.values():
        base = _reference_grade(case, outcome.submodels)
        for name in options:
            option = case.option(name)
            judged = any(parameter.grade == "C" for parameter in option.parameters.values())
            grades[outcome.id, name] = base if option.is_reference or not judged else "C"
    return grades
