"""The command that reads reports and shows what they claim."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from excomm.cli.arguments import day_of, print_json
from excomm.cli.evidence_arguments import (
    AsOfOption,
    CaseOption,
    JsonOption,
    load_reports,
    profile_of,
    say_notes,
    with_progress,
)

if TYPE_CHECKING:
    from excomm.evidence.model import Claim, Report
    from excomm.evidence.second_reader import SecondReading

__all__ = ["read"]


def read(
    paths: Annotated[
        list[str], typer.Argument(metavar="REPORT…", help="Files, folders, globs, addresses; - is stdin.")
    ],
    case: CaseOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the marked reports here.")
    ] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch http and https addresses (public hosts only).")
    ] = False,
    as_of: AsOfOption = None,
    background: Annotated[bool, typer.Option("--background", help="Also list background sentences.")] = False,
    second_reader: Annotated[
        str | None,
        typer.Option(
            "--second-reader",
            metavar="MODE",
            help="off, replay, record or live: labels proposed by a language model, beside the claims.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read reports: every claim with its fields, and what was left empty and why. Nothing is believed yet."""
    from excomm.evidence import extract
    from excomm.evidence.language_model import settings_from
    from excomm.evidence.second_reader import second_reading

    settings = settings_from(mode=second_reader)
    if html is not None:
        from excomm.storage import check_place

        check_place(html, "--html")
    collected = load_reports(paths, fetch=fetch, as_of=day_of(as_of, "--as-of"))
    reports = collected.reports
    say_notes(collected.left_out)
    profile = profile_of(case)
    found = [(report, extract(report, profile)) for report in with_progress(reports)]
    if html is not None:
        from excomm.evidence import reports_page
        from excomm.storage import write_whole

        write_whole(html, reports_page(reports, {report.id: claims for report, claims in found}))
        typer.echo(f"Wrote {html}", err=True)
    if as_json:
        shown = [_report_json(report, claims) for report, claims in found]
        if settings.mode != "off":
            for entry, report in zip(shown, reports, strict=True):
                second = second_reading(report, settings)
                entry["suggestions"] = [each.to_json() for each in second.suggestions]
                entry["suggestions_dropped"] = list(second.dropped)
        print_json({"reports": shown, "warnings": list(collected.notes)})
    elif html is None:
        _print_reports(found, background=background)
        _print_next(found, case)
        if settings.mode != "off":
            _print_suggestions([second_reading(report, settings) for report in reports])


def _print_suggestions(readings: Sequence[SecondReading]) -> None:
    typer.echo("\nThe second reader proposes (no number depends on it):")
    for reading in readings:
        for each in reading.suggestions:
            typer.echo(f"  {each.kind:<10} {each.event or '-':<18} {each.quote}")
        for reason in reading.dropped:
            typer.echo(f"  dropped: {reason}")


def _report_json(report: Report, claims: Sequence[Claim]) -> dict[str, Any]:
    return {
        "id": report.id,
        "source": report.source,
        "title": report.title,
        "genre": report.genre,
        "language": report.language,
        "published": report.published.isoformat() if report.published else None,
        "path": report.path,
        "url": report.url,
        "cites": list(report.cites),
        "warnings": list(report.warnings),
        "claims": [claim.to_json() for claim in claims],
    }


def _print_reports(found: Sequence[tuple[Report, Sequence[Claim]]], *, background: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for report, claims in found:
        about = " · ".join(
            [
                report.source or "unknown source (F)",
                report.published.isoformat() if report.published else "no date",
                report.genre,
                report.language,
                report.id,
            ]
        )
        console.print(Text(f"\n{report.title or report.path or 'Untitled'}", style="bold"))
        console.print(Text(about, style="dim"))
        for warning in report.warnings:
            console.print(Text(f"note: {warning}", style="italic"))
        shown = [claim for claim in claims if background or claim.kind != "background"]
        for claim in shown:
            # The id stands on a line that is never cut: it is what `ledger accept` is given.
            head = Text.assemble("\n", (claim.id, "bold"), f"  {claim.kind}")
            if claim.proposition:
                head.append(f"  {_link(claim)}", style="bold")
            console.print(head, soft_wrap=True)
            for text, style in ((claim.quote, ""), (_fields(claim), "dim")):
                if text:
                    console.print(Text(_indented(text, console.width), style=style), soft_wrap=True)
        if hidden := len(claims) - len(shown):
            noun = "sentence" if hidden == 1 else "sentences"
            console.print(Text(f"\n{hidden} background {noun} not shown (--background)", style="dim"))


def _print_next(found: Sequence[tuple[Report, Sequence[Claim]]], case: str | None) -> None:
    if not any(claims for _, claims in found):
        return
    if case is None:
        typer.echo("\nWith --case CASE, claims are linked to the propositions of the case.")
        return
    linked = any(claim.proposition for _, claims in found for claim in claims)
    signs = "+ speaks for the proposition, − against it, / for a rival. " if linked else ""
    typer.echo(
        f"\n{signs}Nothing counts yet: `excomm ledger add REPORT… --case {case} --who YOU` keeps the claims."
    )


def _indented(text: str, width: int) -> str:
    return fill(text, max(width - 1, 30), initial_indent="    ", subsequent_indent="    ")


def _link(claim: Claim) -> str:
    sign = {1: "+", -1: "−", None: "?"}[claim.polarity]
    return f"{sign} {claim.proposition}" + (f" / {claim.rival}" if claim.rival else "")


def _fields(claim: Claim) -> str:
    """What was found in a claim, in one line of named fields."""
    from excomm.evidence.model import interval_text

    what = (claim.actor, "/".join(claim.event_types[:2]), claim.modality)
    said = (f"{each.name or each.kind}{'' if each.named else ' (unnamed)'}" for each in claim.attribution)
    hedge = claim.hedge
    fields = {
        "who, what": " ".join(part for part in what if part),
        "size": ", ".join(interval_text(each) for each in claim.quantities),
        "doubt": f"“{hedge.cue}” ({hedge.low:.0%} to {hedge.high:.0%})" if hedge else "",
        "said by": " → ".join(said),
        "status": claim.status or "",
    }
    return " · ".join(f"{name}: {value}" for name, value in fields.items() if value)
