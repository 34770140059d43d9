"""What the commands about evidence have in common: options, and the reports that arguments name."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from excomm.case.model import Case
    from excomm.evidence.model import Profile, Report
    from excomm.evidence.reading import Collected

__all__ = [
    "AsOfOption",
    "CaseOption",
    "JsonOption",
    "load_reports",
    "profile_of",
    "say_notes",
    "with_progress",
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]
CaseOption = Annotated[
    str | None, typer.Option("--case", metavar="CASE", help="Shipped case or case folder.")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="State at the end of this day.")
]


def load_reports(paths: Sequence[str], *, fetch: bool, as_of: date | None) -> Collected:
    """Reports from files, folders, patterns, addresses (with --fetch) and, for `-`, standard input.

    Raises ReportError where nothing of what is named holds a text.
    """
    from excomm.errors import ReportError, UsageError
    from excomm.evidence.reading.files import SUFFIXES, Collected, collect_reports, keep_known, read_bytes

    found: dict[str, Report] = {}
    left_out: list[str] = []
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
            collected = collect_reports([path], as_of=as_of)
            some = collected.reports
            left_out += collected.left_out
        left_out += keep_known(some, found, as_of)
    found_all = Collected(tuple(found.values()), tuple(left_out))
    if not found and len(found_all.unread) == len(left_out):
        raise ReportError(
            "there is no report with a text",
            file=", ".join(paths[:5]),
            expected=f"files with a text below their header; in a folder those named {', '.join(sorted(SUFFIXES))}",
            next_step="\n".join(
                ["Put an empty line and the text below the header, or name other files.", *left_out[:5]]
            ),
        )
    return found_all


def timing_notes(reports: Iterable[Report], case: Case | None, day: date | None = None) -> list[str]:
    """What to say of reports without a date, and of those that an assessment as of the case's date leaves out.

    day: that from which the reports are said to be known; today where nothing is said.
    """
    notes = []
    for report in reports:
        name, known = report.path or report.id, day or report.known
        if known is None:
            notes.append(
                f"{name}: no date, so it counts from today; add `published: YYYY-MM-DD` on top or give --date"
            )
            known = datetime.now(UTC).date()
        if case is not None and known > case.as_of:
            notes.append(
                f"{name}: known on {known}, later than the information date {case.as_of} of {case.id}; an assessment "
                "as of that date leaves it out"
            )
    return notes


def say_notes(notes: Iterable[str]) -> None:
    """What was left out of a reading, and why, on standard error."""
    for note in notes:
        typer.echo(f"note: {note}", err=True)


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
