"""Command about the record of warnings: what was threatened, what followed, and what that says about resolve."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from excomm.beliefs.record_summary import RecordSummary

__all__ = ["record"]


def record(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id of a shipped case, or a case folder.")],
    coding: Annotated[
        str,
        typer.Option(help="narrow: the threatened act itself; broad: any serious reaction."),
    ] = "narrow",
    rows: Annotated[bool, typer.Option("--rows", help="Also list every warning.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Show the record of warnings and P(resolved | issue), under one coding and the other."""
    from excomm.beliefs.record_summary import summarise_record
    from excomm.case import load
    from excomm.errors import UsageError

    if coding not in ("narrow", "broad"):
        raise UsageError(
            f'"{coding}" is not a coding.', path="--coding", expected="narrow or broad", next_step=None
        )
    summary = summarise_record(load(case), "narrow" if coding == "narrow" else "broad")
    if as_json:
        typer.echo(json.dumps(summary.to_json(), ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    console = Console()
    if rows:
        _print_rows(console, summary)
    _print_counts(console, summary)
    _print_resolve(console, summary)


def _print_rows(console: Console, summary: RecordSummary) -> None:
    from rich.padding import Padding
    from rich.text import Text

    for entry in summary.record:
        head = f"{entry.date}  {entry.speaker} ({entry.actor}) to {entry.target}"
        console.print(Text(head, style="bold"))
        followed = f"{entry.outcome_date}: {entry.outcome}" if entry.outcome_date else entry.outcome
        coded = f"line {entry.line_status}; narrow {entry.narrow}, broad {entry.broad}"
        kind = f"{entry.issue}, severity {entry.severity}; {coded}"
        for text in (entry.warning, followed, kind, f"Source: {entry.source}", entry.note):
            if text:
                console.print(Padding(Text(text), (0, 0, 0, 12)))


def _print_counts(console: Console, summary: RecordSummary) -> None:
    from rich.text import Text

    table = _table(
        f"Warnings by {summary.adversary} and what followed ({summary.coding} coding)",
        ("Issue", "All", "Crossed", "Kept", "Open", "Acted", "Not", "Cens.", "Share acted on"),
    )
    shares = {}
    for entry in summary.rates:
        low, high = entry.rate.interval()
        shares[entry.issue] = _chance(entry.rate.mean, low, high)
    rows = []
    for counts in summary.counts:
        status = (counts.warnings, counts.crossed, counts.respected, counts.untested)
        rows.append((counts.issue, (*status, counts.executed, counts.not_executed, counts.censored)))
    if rows:
        totals = tuple(sum(column) for column in zip(*[numbers for _, numbers in rows], strict=True))
        rows.append(("all issues", totals))
    for issue, numbers in rows:
        cells = [issue, *map(str, numbers), shares.get(issue, "no case")]
        table.add_row(*[Text(cell) for cell in cells])
    console.print(table)
    console.print(
        "Kept: the line was respected. Open: it was not tested. Censored: kept, open, or its twelve months are "
        "not over; such warnings do not count. Shares: mean and 90 % interval under Jeffreys' prior; a series "
        "of warnings counts as fewer.\n",
        style="dim",
        highlight=False,
    )


def _print_resolve(console: Console, summary: RecordSummary) -> None:
    from rich.text import Text

    coding, other_coding = summary.coding, summary.other.coding
    table = _table(
        f"Probability that {summary.adversary} is resolved, by issue",
        ("Issue", "Prior", coding.capitalize(), other_coding.capitalize(), "Change", "Cases"),
    )
    for found in summary.fit.issues:
        other = summary.other.issue(found.issue)
        cells = [
            found.issue,
            _chance(found.prior_mean, found.prior_p05, found.prior_p95),
            _chance(found.mean, found.p05, found.p95),
            _chance(other.mean, other.p05, other.p95),
            f"{summary.difference(found.issue):+.2f}",
            f"{found.informative}, {found.grade}",
        ]
        table.add_row(*[Text(cell) for cell in cells])
    console.print(table)
    notes = [
        "Mean and 5-95 %, for a threat of military action by a head of state against the alliance. Change: "
        f"from the {coding} to the {other_coding} coding. Cases: rows with a known outcome, and grade."
    ]
    unseen = [found.issue for found in summary.fit.issues if found.extrapolated]
    if unseen:
        notes.append(
            f"No outcome is known on {', '.join(unseen)}: these rest on judgement and on what the other issues "
            "say, by the stated correlation and shift."
        )
    notes.append(f"Importance sample worth {summary.fit.effective:.0f} of {summary.fit.points} points.")
    console.print("\n".join(notes), style="dim", markup=False, highlight=False)


def _table(title: str, headings: tuple[str, ...]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", no_wrap=True)
    return table


def _chance(mean: float, low: float, high: float) -> str:
    return f"{mean:.2f} {low:.2f}-{high:.2f}"
