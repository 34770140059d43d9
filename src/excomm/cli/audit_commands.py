"""The command that holds an argument against a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from excomm.audit.model import Audit, Finding

__all__ = ["audit"]


def audit(
    text: Annotated[
        Path, typer.Argument(metavar="TEXT", help="File with an editorial or analysis, text or HTML.")
    ],
    case: Annotated[
        str, typer.Option("--case", metavar="CASE", help="Id of a shipped case, or a case folder.")
    ],
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="RUN", help="Stored run; the newest one of the case by default."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the stored runs.")] = Path(
        "runs"
    ),
    scale: Annotated[
        str, typer.Option("--scale", help="Whose ranges probability words have: lay or icd203.")
    ] = "lay",
    perspective: Annotated[
        str | None,
        typer.Option("--perspective", metavar="ACTOR", help="Whose weights say which side is better."),
    ] = None,
    rerun: Annotated[
        bool, typer.Option("--rerun", help="Run again where too few draws support a premise (slow).")
    ] = False,
    rules_only: Annotated[
        bool, typer.Option("--rules-only", help="Leave out what the learned reader adds to the rules.")
    ] = False,
    language_model: Annotated[
        str | None,
        typer.Option(
            "--language-model",
            metavar="MODE",
            help="off, replay, record or live: let a language model read the text too; no number comes from it.",
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write text and findings side by side.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Hold an argument against a run: what it asserts, what the model says, whether its conclusion survives."""
    from excomm.evidence.language_model import settings_from
    from excomm.pipeline.audit import audit_text

    settings = settings_from(mode=language_model)
    found = audit_text(
        text,
        case,
        run=run,
        out=out,
        scale=scale,
        perspective=perspective,
        rerun=rerun,
        learned=not rules_only,
        language_model=settings,
    )
    if html is not None:
        from excomm.audit.page import write_page

        write_page(found, html, title=text.name)
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, allow_nan=False))
        return
    _show(found)
    if html is not None:
        typer.echo(f"Page: {html}")


def _read_by(one: Finding) -> str:
    """The verdict, and who read the assertion where it was not the rules."""
    if one.confidence is not None:
        return f"{one.verdict} (learned, {one.confidence:.0%})"
    return one.verdict if one.reader == "rules" else f"{one.verdict} ({one.reader})"


def _show(found: Audit) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from excomm.audit.wording import probability_text, target_text

    console = Console()
    table = Table(
        title=f"{len(found.assertions)} assertions against the run {found.run}", title_justify="left"
    )
    for name in ("Assertion", "Kind", "Claims of", "Model", "Text says", "Verdict"):
        table.add_column(name, overflow="fold")
    for one in found.assertions:
        if one.kind == "conclusion":
            continue
        table.add_row(
            Text(one.quote),
            one.kind,
            Text(target_text(one)),
            Text(probability_text(one)),
            Text("" if one.word is None else f"{one.word.cue} ({one.word.low:.0%} to {one.word.high:.0%})"),
            _read_by(one),
        )
    console.print(table)
    counts = found.counts
    console.print(", ".join(f"{counts[name]} {name}" for name in counts) + ".", highlight=False)
    if found.unread:
        console.print(f"{len(found.unread)} further forecasts fit no topic of the lexicon.", highlight=False)
    conclusion = found.conclusion
    if conclusion is not None:
        console.print(conclusion.sentence, highlight=False, markup=False)
        for premise in conclusion.critical_premises:
            console.print(f"  It turns on: “{premise.quote}”", highlight=False, markup=False)
        for reading in conclusion.readings[1:]:
            console.print(
                f"  With the weights of {reading.name}: {reading.holds:.0%} of draws.",
                highlight=False,
                markup=False,
            )
    for warning in found.warnings:
        console.print(f"Note: {warning}", highlight=False, markup=False)
