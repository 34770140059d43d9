"""Resolve of the adversary by issue: where a case has a record, its posterior takes the place of the stated prior."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from excomm.beliefs.draws import Draws, latin_column
from excomm.beliefs.record import Coding, Record, RecordedWarning, read_record
from excomm.beliefs.record_summary import issue_of
from excomm.beliefs.resolve import RESOLVE_ISSUES, resolve_draws
from excomm.case.model import Case

__all__ = ["PARAMETER", "believe_record", "entries_apart", "resolve_by_entry"]

PARAMETER = "resolve.adversary"

Floats = np.ndarray[Any, np.dtype[np.float64]]


def believe_record(case: Case, draws: Draws, *, seed: int, coding: Coding, as_of: date) -> Draws:
    """Draws with `resolve.adversary` from the record of warnings, by the issue that each option raises.

    Each option keeps the percentiles of its issue, so that options that raise the same issue agree draw by draw.
    Unchanged where the case has no record, or states the parameter itself for an option.
    """
    if case.record_path is None:
        return draws
    record = read_record(case.record_path).as_known(as_of)
    by_issue = _by_issue(case, record, coding, draws.number, seed)
    rows = []
    for name, stated in zip(draws.options, draws.values[PARAMETER], strict=True):
        option = case.option(name)
        rows.append(stated if PARAMETER in option.parameters else by_issue[issue_of(option)])
    values = {**draws.values, PARAMETER: np.stack(rows)}
    # Ranks stand in for percentiles: this parameter is no longer drawn through the quantiles of one prior.
    ranks = (values[PARAMETER][0].argsort().argsort() + 0.5) / draws.number
    return replace(draws, values=values, percentiles={**draws.percentiles, PARAMETER: ranks})


def _by_issue(case: Case, record: Record, coding: Coding, number: int, seed: int) -> dict[str, Floats]:
    points = np.stack([latin_column(seed, f"resolve/{issue}", number) for issue in RESOLVE_ISSUES], axis=1)
    (adversary,), (host,) = case.in_role("adversary"), case.in_role("host")
    return resolve_draws(record, coding, points, number, adversary=adversary.id, host=host.id)


def entries_apart(case: Case, codings: tuple[Coding, Coding], as_of: date) -> tuple[RecordedWarning, ...]:
    """Warnings of the record, as known on a day, of which the two codings say different things."""
    if case.record_path is None:
        return ()
    known = read_record(case.record_path).as_known(as_of)
    return tuple(entry for entry in known if entry.coded(codings[0]) != entry.coded(codings[1]))


def resolve_by_entry(
    case: Case,
    option: str,
    codings: tuple[Coding, Coding],
    exchanged: frozenset[str],
    *,
    number: int,
    seed: int,
    as_of: date,
) -> Floats:
    """Draws (number,) of the adversary's resolve on what an option raises.

    The entries named by `exchanged` are read under the second coding, all others under the first; the points are those
    of `believe_record`, so that two readings agree draw by draw where they say the same.
    """
    assert case.record_path is not None
    first, second = codings
    record = Record(
        tuple(
            replace(entry, narrow=entry.coded(second if entry.id in exchanged else first))
            for entry in read_record(case.record_path).as_known(as_of)
        )
    )
    return _by_issue(case, record, "narrow", number, seed)[issue_of(case.option(option))]
