"""Resolve of the adversary by issue: where a case has a record, its posterior takes the place of the stated prior."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from excomm.beliefs.draws import Draws, latin_column
from excomm.beliefs.record import Coding, read_record
from excomm.beliefs.record_summary import issue_of
from excomm.beliefs.resolve import RESOLVE_ISSUES, resolve_draws
from excomm.case.model import Case

__all__ = ["PARAMETER", "believe_record"]

PARAMETER = "resolve.adversary"


def believe_record(case: Case, draws: Draws, *, seed: int, coding: Coding, as_of: date) -> Draws:
    """Draws with `resolve.adversary` from the record of warnings, by the issue that each option raises.

    Each option keeps the percentiles of its issue, so that options that raise the same issue agree draw by draw.
    Unchanged where the case has no record, or states the parameter itself for an option.
    """
    if case.record_path is None:
        return draws
    record = read_record(case.record_path).as_known(as_of)
    points = np.stack(
        [latin_column(seed, f"resolve/{issue}", draws.number) for issue in RESOLVE_ISSUES], axis=1
    )
    (adversary,), (host,) = case.in_role("adversary"), case.in_role("host")
    by_issue = resolve_draws(record, coding, points, draws.number, adversary=adversary.id, host=host.id)
    rows = []
    for name, stated in zip(draws.options, draws.values[PARAMETER], strict=True):
        option = case.option(name)
        rows.append(stated if PARAMETER in option.parameters else by_issue[issue_of(option)])
    values = {**draws.values, PARAMETER: np.stack(rows)}
    # Ranks stand in for percentiles: this parameter is no longer drawn through the quantiles of one prior.
    ranks = (values[PARAMETER][0].argsort().argsort() + 0.5) / draws.number
    return replace(draws, values=values, percentiles={**draws.percentiles, PARAMETER: ranks})
