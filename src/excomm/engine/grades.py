"""Grades of the cells of the options table: B fitted to analogues, C judgement.

What an outcome rests on is read off the run itself: each parameter's share of the spread between draws (squared
rank correlation, less what chance alone would give). A cell of the reference option is B where at least half of
that is due to parameters whose own grade is better than C. Under another option a cell is at best what it is under
the reference, and C as soon as the option sets a parameter by judgement: effects of options are at best B.
Nothing is graded A before its forecasts have been scored on unseen data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from excomm.beliefs.draws import Draws
from excomm.case.model import Case

__all__ = ["founded_share", "grade_cells"]

Floats = np.ndarray[Any, Any]


def _ranks(columns: Floats) -> Floats:
    """Standardised ranks along the last axis; zeros where nothing varies."""
    ranks = columns.argsort(axis=-1).argsort(axis=-1).astype(float)
    ranks -= ranks.mean(axis=-1, keepdims=True)
    spread = ranks.std(axis=-1, keepdims=True)
    constant = np.ptp(columns, axis=-1, keepdims=True) == 0
    return np.where(constant, 0.0, ranks / np.maximum(spread, 1e-12))


def founded_share(case: Case, draws: Draws, means: Floats, option: str) -> float:
    """Share of the attributable spread of `means` (draws,) that is due to parameters graded better than C."""
    table = case.parameters(option)
    names = list(draws.percentiles)
    number = means.shape[0]
    if not names or number < 8 or np.ptp(means) == 0:
        return 0.0
    inputs = _ranks(np.stack([draws.percentiles[name] for name in names]))
    share = (inputs @ _ranks(means) / number) ** 2
    share = np.maximum(
        share - 3.0 / number, 0.0
    )  # a null parameter passes this in about one draw set of twelve
    founded = np.array([table[name].grade in ("A", "B") for name in names])
    total = share.sum()
    return float(share[founded].sum() / total) if total > 0 else 0.0


def grade_cells(case: Case, draws: Draws, outcomes: Mapping[str, Floats]) -> dict[tuple[str, str], str]:
    """Grade of each (outcome, option); outcomes: id -> (options, draws, replicates)."""
    reference = draws.options.index(case.reference.id)
    grades = {}
    for name, values in outcomes.items():
        means = values[reference].mean(axis=1)
        base = "B" if founded_share(case, draws, means, case.reference.id) >= 0.5 else "C"
        for option in draws.options:
            judged = any(parameter.grade == "C" for parameter in case.option(option).parameters.values())
            grades[name, option] = base if option == case.reference.id or not judged else "C"
    return grades
