"""Which entries of a record make two readings of it differ?

The record reaches the conclusions of a case through one parameter alone, the adversary's resolve on what an option
raises. Its change is divided among the entries that the two codings read differently; every mix of readings is fitted.
"""

from __future__ import annotations

from excomm.analysis.disagreement import Disagreement, attribute
from excomm.beliefs.issue_resolve import PARAMETER, entries_apart, resolve_by_entry
from excomm.beliefs.record import Coding
from excomm.case.model import Case

__all__ = ["record_entries"]

_EXACT = 6  # entries up to which every mix of readings is fitted, a tenth of a second each
_ORDERS = 6  # random orders for more entries; their spread is in the error


def record_entries(
    case: Case,
    option: str,
    codings: tuple[Coding, Coding],
    *,
    draws: int,
    seed: int,
    sides: tuple[str, str],
) -> Disagreement | None:
    """The change of the mean resolve under an option, by record entry; None where no entry is read differently.

    None too where the case states the resolve for the option, so that the record does not reach it.
    """
    apart = entries_apart(case, codings, case.as_of)
    if not apart or PARAMETER in case.option(option).parameters:
        return None
    return attribute(
        lambda exchanged: resolve_by_entry(
            case, option, codings, exchanged, number=draws, seed=seed, as_of=case.as_of
        ),
        [entry.id for entry in apart],
        conclusion=f"the adversary's resolve under {case.option(option).name}",
        sides=sides,
        orders=None if len(apart) <= _EXACT else _ORDERS,
        seed=seed,
    )
