"""What the commands about evidence have in common: options, and the reports that arguments name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from excomm.evidence.model import Profile, Report

__all__ = ["AsOfOption", "CaseOption", "JsonOption", "load_reports", "profile_of", "with_progress"]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]
CaseOption = Annotated[
    str | None, typer.Option("--case", metavar="CASE", help="Shipped case or case folder.")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="State at the end of this day.")
]


def load_reports(paths: Sequence[str], *, fetch: bool, as_of: date | None) -> tuple[Report, ...]:
    """Reports from files, folders, patterns, addresses (with --fetch) and, for `-`, standard input."""
    from excomm.errors import UsageError
    from excomm.evidence.reading.files import read_bytes, read_reports

    found: dict[str, Report] = {}
    for path in paths:
        if path == "-":
            some = read_bytes(sys.stdin.buffer.read(20_000_001), "standard input")
        elif path.startswith(("http://", "https://")):
            if not fetch:
                raise UsageError(
                    f"{path} is an address", next_step="Add --fetch to fetch it, or save the page."
                )
            from excomm.evidence.reading.fetch import fetch_report

            some = fetch_report(path)
        else:
            some = read_reports([path], as_of=as_of)
        for report in some:
            if as_of is None or report.known is None or report.known <= as_of:
                found.setdefault(report.id, report)
    return tuple(found.values())


def profile_of(case: str | None) -> Profile:
    """Names and propositions by which reports are read: those of a case, or none."""
    from excomm.case import load
    from excomm.evidence.extraction.names import profile_of_case

    if case is None:
        return profile_of_case(())
    loaded = load(case)
    return profile_of_case(loaded.actors, loaded.propositions)


def with_progress(reports: Sequence[Report]) -> Iterable[Report]:
    """The reports, with a bar while many are read."""
    if len(reports) < 200 or not sys.stderr.isatty():
        return reports
    from rich.console import Console
    from rich.progress import track

    return track(reports, description="Reading", console=Console(stderr=True))
