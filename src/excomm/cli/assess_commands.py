"""Commands that run a case and list what has been run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from excomm.cli.arguments import day_of, listed
from excomm.cli.progress import run_progress

if TYPE_CHECKING:
    from excomm.engine.run import Run

__all__ = ["assess", "runs"]


def assess(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id of a shipped case, or a case folder.")],
    options: Annotated[
        str | None,
        typer.Option("--options", help="Options to run, separated by commas; the reference always runs."),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="Draws of the uncertain parameters.")] = 256,
    replicates: Annotated[int, typer.Option("--replicates", help="Random replicates of each draw.")] = 32,
    seed: Annotated[int, typer.Option("--seed", help="Seed; the same seed gives the same run.")] = 0,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Use only reports published by this date.")
    ] = None,
    perspective: Annotated[
        str | None,
        typer.Option("--perspective", metavar="ACTOR", help="Whose values come first; changes no outcome."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="SUBMODELS", help="Submodels that stay on; the rest do nothing."),
    ] = None,
    coding: Annotated[
        str, typer.Option("--coding", help="Reading of the record of warnings: narrow or broad.")
    ] = "narrow",
    ledger: Annotated[
        Path | None,
        typer.Option("--ledger", metavar="FILE", help="Take reports and decisions from a ledger."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the stored runs.")] = Path(
        "runs"
    ),
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="RUN", help="Folder of an earlier run: show what has moved."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Leave with code 3 where there are warnings.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Compare the options of a case: run the model, print the table, write the brief."""
    day = day_of(as_of, "--as-of")
    names, kept = listed(options), listed(only)
    from excomm.case import load

    loaded = load(case)
    if compare is not None:
        from excomm.pipeline.changes import check_earlier

        check_earlier(loaded.id, compare)
    with run_progress() as progress:
        from excomm.pipeline.assess import assess as run_assessment

        run = run_assessment(
            loaded,
            options=names,
            draws=draws,
            replicates=replicates,
            seed=seed,
            as_of=day,
            perspective=perspective,
            only=kept,
            coding=coding,
            ledger=ledger,
            out=out,
            progress=progress,
        )
    changes = None
    if compare is not None:
        from excomm.pipeline.changes import changes_since

        changes = changes_since(run, compare)
    if as_json:
        from excomm.pipeline.shapes import assess_shape

        shape = assess_shape(run) | ({"changes": changes.to_json()} if changes else {})
        typer.echo(json.dumps(shape, ensure_ascii=False, allow_nan=False))
    else:
        _print(run)
        for sentence in changes.sentences if changes else ():
            typer.echo(f"Changed: {sentence}")
    if strict and (run.warnings or not all(band.ok for band in run.plausibility)):
        raise typer.Exit(3)


def _print(run: Run) -> None:
    from rich.console import Console

    console = Console()
    for part in run.tables(console.width):
        console.print(part)
    for warning in run.warnings:
        console.print(f"Warning: {warning}", markup=False, highlight=False)
    for band in run.plausibility:
        if not band.ok:
            published = f"published {band.low:.3g} to {band.high:.3g} {band.unit} ({band.source})"
            text = f"{band.text}: {band.value:.3g}, {published}"
            console.print(f"Outside its plausibility band: {text}", markup=False, highlight=False)
    seconds = run.timing["total_s"]
    print(
        f"{len(run.options)} options, {run.draws} draws x {run.replicates} replicates, seed {run.seed}, {seconds:.0f} s"
    )
    print(f"Brief: {run.files['brief'].resolve()}")


def runs(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the stored runs.")] = Path(
        "runs"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """List the stored runs, newest first."""
    from excomm.pipeline.store import list_runs

    found = list_runs(out)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    if not found:
        typer.echo(f"No runs under {out}. `excomm assess CASE` makes one.")
    for entry in found:
        typer.echo(f"{entry['created']}  {entry['run']}  seed {entry['seed']}  {', '.join(entry['options'])}")
