"""The command that holds an argument against a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from excomm.cli.progress import run_progress

if TYPE_CHECKING:
    from rich.console import Console

    from excomm.audit.model import Audit, Conclusion, Finding

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
    conclusion: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--conclusion",
            metavar="OPTION for|against",
            help="What the text argues, where the audit takes it for something else.",
        ),
    ] = None,
    rerun: Annotated[
        bool, typer.Option("--rerun", help="Run again where too few draws support a premise (slow).")
    ] = False,
    rules_only: Annotated[bool, typer.Option("--rules-only", help="Leave out the learned reader.")] = False,
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
    from excomm.storage import check_place

    if html is not None:
        check_place(html, "--html")
    settings = settings_from(mode=language_model)
    with ExitStack() as bars:
        shown: Callable[[str, int, int], None] | None = None

        def announce(told: str) -> None:
            nonlocal shown
            typer.echo(told, err=True)
            shown = bars.enter_context(run_progress())

        def progress(stage: str, done: int, total: int) -> None:
            if shown is not None:
                shown(stage, done, total)

        found = audit_text(
            text,
            case,
            run=run,
            out=out,
            scale=scale,
            perspective=perspective,
            conclusion=conclusion,
            rerun=rerun,
            learned=not rules_only,
            language_model=settings,
            announce=announce,
            progress=progress,
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


STYLES = {"supported": "bold blue", "contradicted": "bold red", "undecided": "bold"}


def _show(found: Audit) -> None:
    """Each finding as a block of its own: quote and verdict, what the model gives for what, what the text claims."""
    from rich.console import Console

    from excomm.audit.meaning import PLAIN

    console = Console(highlight=False)
    for warning in found.warnings:
        console.print(f"Warning: {warning}", markup=False)
    console.print(f"{len(found.assertions)} assertions against the run {found.run}", style="bold")
    console.print(
        "Each number is that of the statement behind it, with its 90% interval. A sentence of the text without a word "
        f"of probability is read as likely: {PLAIN:.0%} or more."
    )
    for place, one in enumerate(found.assertions, start=1):
        _show_finding(console, place, one)
    console.print()
    counts = found.counts
    console.print(", ".join(f"{counts[name]} {name}" for name in counts) + ".")
    if found.unread:
        console.print(f"{len(found.unread)} further forecasts fit no topic of the lexicon.")
    if found.conclusion is not None:
        _show_conclusion(console, found.conclusion)


def _show_finding(console: Console, place: int, one: Finding) -> None:
    from textwrap import shorten, wrap

    from rich.text import Text

    from excomm.audit.wording import claimed_text, heading_text, model_text, untested_text

    width = max(console.width - 4, 20)
    verdict, comma, rest = heading_text(one).partition(", ")
    console.print()
    console.print(
        Text.assemble((f"{place:>2}  ", "bold"), (verdict, STYLES.get(verdict, "bold")), comma, rest)
    )
    lines = [f"“{shorten(one.quote, width - 2, placeholder=' …')}”"]
    if one.probability is not None:
        lines += wrap(f"Model: {model_text(one)}", width, break_on_hyphens=False)
    elif one.kind != "conclusion":
        lines += wrap(model_text(one), width, break_on_hyphens=False)
    if one.word is not None and one.probability is not None:
        lines += wrap(f"Text: {claimed_text(one)}", width, break_on_hyphens=False)
    if one.probability is not None:
        lines += wrap(untested_text(one), width, break_on_hyphens=False)
    for line in lines:
        console.print(f"    {line}", markup=False)


def _show_conclusion(console: Console, conclusion: Conclusion) -> None:
    from textwrap import shorten, wrap

    from excomm.audit.wording import with_interval

    console.print(conclusion.sentence, markup=False)
    quote = f"“{shorten(conclusion.quote, 90, placeholder=' …')}”"
    argues = f"{conclusion.stance} {conclusion.option}"
    if not conclusion.named:
        told = f"Read as arguing {argues} from {quote}. If it argues otherwise, say so with --conclusion."
    elif conclusion.quote:
        told = f"You said that it argues {argues}, and it is read so too in {quote}."
    else:
        told = f"You said that it argues {argues}; no sentence is read so."
    for line in wrap(told, max(console.width - 2, 20), break_on_hyphens=False):
        console.print(f"  {line}", markup=False)
    for premise in conclusion.critical_premises:
        moved = [
            f"{with_interval(share, *limits)} {name}"
            for share, limits, name in (
                (premise.if_true, premise.if_true_interval, "if true"),
                (premise.if_false, premise.if_false_interval, "if false"),
            )
            if share is not None and limits is not None
        ]
        console.print(
            f"  It turns on “{premise.quote}”{': ' if moved else ''}{', '.join(moved)}", markup=False
        )
    for reading in conclusion.readings[1:]:
        console.print(
            f"  With the weights of {reading.name}: {with_interval(reading.holds, *reading.interval)} of draws",
            markup=False,
        )
