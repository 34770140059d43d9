"""From a case and its evidence to the draws that are simulated: one way for assessments and for what-ifs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from excomm.beliefs.draws import Draws, draw
from excomm.beliefs.issue_resolve import believe_record
from excomm.beliefs.record import Coding
from excomm.case.model import Case
from excomm.engine.setup import review_week

__all__ = ["draw_case"]


def draw_case(
    case: Case,
    *,
    options: Sequence[str],
    number: int,
    seed: int,
    coding: Coding,
    as_of: date,
    probabilities: Mapping[str, float],
) -> Draws:
    """Draws of all parameters: priors, propositions with their `probabilities`, calendar, record of warnings."""
    drawn = draw(case, options=options, number=number, seed=seed, probabilities=probabilities)
    return believe_record(case, review_week(case, drawn), seed=seed, coding=coding, as_of=as_of)
