"""Commands about cases: check one, list those shipped, start a new one, list parameters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from excomm.cli.arguments import print_json

if TYPE_CHECKING:
    from excomm.case.model import Case, Parameter

__all__ = ["cases", "check", "new", "parameters"]

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="Id of a shipped case, or a case folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]


def check(
    case: CaseArgument,
    plausibility: Annotated[
        bool, typer.Option("--plausibility", help="Also run the reference option against the case's bands.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check a case file; with --plausibility also what its reference option leads to."""
    from excomm.case import load
    from excomm.errors import CaseError, CaseErrors, ReportError

    try:
        loaded = load(case)
        # Before the run: a report that is refused is told at once, with nothing else to wait for.
        reports, notes = _reports(loaded)
    except (CaseError, ReportError) as error:
        if not as_json:
            raise
        errors = error.errors if isinstance(error, CaseErrors) else [error]
        print_json({"ok": False, "errors": [one.to_json()["error"] for one in errors], "plausibility": []})
        raise typer.Exit(error.exit_code) from None
    bands = _plausibility(loaded) if plausibility else []
    sound = all(band["ok"] for band in bands)
    warnings = [*loaded.warnings, *notes]
    if as_json:
        print_json({"ok": sound, "errors": [], "plausibility": bands, "warnings": warnings})
        return
    for warning in warnings:
        typer.echo(f"Warning: {warning}", err=True)
    typer.echo(
        f"{loaded.id}: the case file is sound. {len(loaded.options)} options, {reports}, "
        f"{len(loaded.parameters())} parameters ({_stated(loaded)} stated by the case)."
    )
    if bands:
        _print_bands(bands)


def _reports(case: Case) -> tuple[str, tuple[str, ...]]:
    """How many reports of a case are read, and what there is to say of the others."""
    if not case.report_paths:
        return "0 reports", ()
    from excomm.evidence.reading import collect_reports

    collected = collect_reports(case.report_paths, as_of=case.as_of, skip_other_kinds=True)
    files, read = len(case.report_paths), collected.readable
    if collected.left_out or read < len(collected.reports):
        return f"{read} {'report' if read == 1 else 'reports'} read from {files} files", collected.notes
    return f"{read} {'report' if read == 1 else 'reports'}", collected.notes


def _stated(case: Case) -> int:
    return sum(parameter.file == case.file for parameter in case.parameters().values())


def _plausibility(case: Case) -> list[dict[str, Any]]:
    """Rows `{"id", "value", "low", "high", "ok", "source", …}` from a run of the reference option."""
    # The run needs the whole house; a check of the file alone stays cheap.
    from importlib import import_module

    rows: list[dict[str, Any]] = import_module("excomm.pipeline.plausibility").check(case)
    return rows


def _print_bands(bands: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("Band", "Reference option", "Published", "Within", "Source", title="Plausibility")
    for band in bands:
        value = "missing" if band["value"] is None else f"{band['value']:.4g}"
        cells = [band["id"], value, f"{band['low']:.4g} to {band['high']:.4g}", "yes" if band["ok"] else "no"]
        table.add_row(*[Text(cell) for cell in (*cells, band["source"])])
    Console().print(table)


def cases(as_json: JsonOption = False) -> None:
    """List the shipped cases."""
    from excomm.case import library

    shipped = library()
    if as_json:
        print_json([{"id": case.id, "title": case.title, "path": str(case.folder)} for case in shipped])
        return
    width = max((len(case.id) for case in shipped), default=0)
    for case in shipped:
        typer.echo(f"{case.id:<{width}}  {case.title}")


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Id of the new case, such as my-crisis.")],
    folder: Annotated[Path, typer.Option("--in", help="Folder in which to write it.")] = Path(),
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="CASE", help="Copy this case, a shipped one or a folder, instead."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a commented case to start from, or a copy of another case."""
    from excomm.case import new as write

    path = write(name, folder, source)
    if as_json:
        print_json({"case": name, "path": str(path)})
        return
    typer.echo(f"{path / 'case.yaml'} is written. Edit it, then run: excomm check {path}")


def parameters(
    case: CaseArgument,
    option: Annotated[str | None, typer.Option("--option", help="As under this option of the case.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List every parameter that the engine uses: prior, unit, source, grade and where it enters."""
    from excomm.case import load

    loaded = load(case)
    found = loaded.parameters(option).values()
    if as_json:
        print_json([_row(parameter) for parameter in found])
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    under = f", option {option}" if option else ""
    table = Table(title=Text(f"{loaded.title}{under}"), title_justify="left")
    longest = max((len(parameter.id) for parameter in found), default=0)
    table.add_column("Parameter, with its source below", width=longest)
    table.add_column("Prior and unit", overflow="fold")
    table.add_column("Grade")
    for parameter in found:
        # Texts of a case are data: never read as markup.
        cells = (f"{parameter.id}\n  {parameter.source}", parameter.text, parameter.grade)
        table.add_row(*[Text(cell) for cell in cells], style=None if parameter.file == loaded.file else "dim")
    console = Console()
    console.print(table)
    console.print(
        f"{len(found)} parameters; dim ones are shipped defaults. A to b is a 5-95 % interval.", markup=False
    )


def _row(parameter: Parameter) -> dict[str, Any]:
    return {
        "id": parameter.id,
        "prior": parameter.prior.text,
        "unit": parameter.unit,
        "source": parameter.source,
        "grade": parameter.grade,
        "enters": parameter.submodel,
        "meaning": parameter.meaning,
        "note": parameter.note,
        "mean": parameter.prior.mean,
        "p05": parameter.prior.p05,
        "p95": parameter.prior.p95,
        "file": parameter.file,
        "line": parameter.line,
    }
