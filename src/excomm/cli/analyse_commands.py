"""Commands that ask single questions: of a stored run, of two cases that disagree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from excomm.brief.charts.look import Chart

__all__ = ["analyse"]

_OUT = Path("runs")


def _listed(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def _collections(text: str | None) -> dict[str, float] | None:
    """`PARAMETER=ERROR,…` as numbers."""
    from excomm.errors import UsageError

    if text is None:
        return None
    found = {}
    for part in _listed(text) or ():
        name, _, error = part.partition("=")
        try:
            found[name.strip()] = float(error)
        except ValueError:
            raise UsageError(
                f"{part!r} states no collection",
                path="--collect",
                expected="PARAMETER=ERROR, the standard error in the parameter's unit",
                next_step="For example front.initial_gain=10.",
            ) from None
    return found


def _draw(charts: Sequence[Chart], file: Path) -> None:
    """The first chart as SVG with fixed colours, or as a Vega-Lite specification."""
    from excomm.errors import UsageError

    if not charts:
        raise UsageError(
            "this answer has no chart",
            path="--chart",
            expected="an answer with one",
            next_step="Leave --chart out.",
        )
    if file.suffix not in (".svg", ".json") or not file.resolve().parent.is_dir():
        raise UsageError(
            f"no chart can be written to {file}",
            path="--chart",
            expected="a file that ends in .svg or .json, in a folder that exists",
            next_step="Name another file.",
        )
    spec = charts[0].titled()
    if file.suffix == ".json":
        file.write_text(json.dumps(spec, ensure_ascii=False, allow_nan=False), encoding="utf-8")
        return
    import vl_convert

    file.write_text(vl_convert.vegalite_to_svg({**spec, "background": "white"}), encoding="utf-8")


def analyse(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder or id of a stored run.")],
    analysis: Annotated[
        str,
        typer.Argument(
            metavar="ANALYSIS",
            help="compare, drivers, weights, risk, robustness, discovery, tipping, information or stability.",
        ),
    ],
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="Outcome, for compare, drivers, risk, discovery.")
    ] = None,
    option: Annotated[str | None, typer.Option("--option", help="Option that is looked at.")] = None,
    against: Annotated[str | None, typer.Option("--against", help="Option it is held against.")] = None,
    perspective: Annotated[
        str | None, typer.Option("--perspective", metavar="ACTOR", help="Whose value weights count.")
    ] = None,
    parameters: Annotated[
        str | None, typer.Option("--parameters", help="For tipping: parameters, separated by commas.")
    ] = None,
    line: Annotated[
        float | None, typer.Option("--line", help="For risk and discovery: the highest risk that you accept.")
    ] = None,
    requirement: Annotated[
        float | None,
        typer.Option("--requirement", help="For robustness: the value that is just good enough."),
    ] = None,
    better: Annotated[
        str | None,
        typer.Option("--better", help="For compare: higher or lower, where the case leaves it open."),
    ] = None,
    collect: Annotated[
        str | None,
        typer.Option(
            "--collect", metavar="PARAMETER=ERROR", help="For information: measurements, separated by commas."
        ),
    ] = None,
    chart: Annotated[
        Path | None,
        typer.Option("--chart", metavar="FILE", help="Draw the first chart: .svg, or .json for Vega-Lite."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the stored runs.")] = _OUT,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Ask one question of a stored run: what decides it, and how far does that hold?

    compare, drivers, weights, risk, robustness, discovery, tipping, information, stability.
    """
    from excomm.analysis.answers import ask
    from excomm.pipeline.stored import find_run, read_study

    study = read_study(find_run(run, out))
    answer = ask(
        study,
        analysis,
        outcome=outcome,
        option=option,
        against=against,
        perspective=perspective,
        parameters=_listed(parameters),
        line=line,
        requirement=requirement,
        better=better,
        collect=_collections(collect),
    )
    if chart is not None:
        from excomm.brief.charts.answers import charts_of

        _draw(charts_of(study, answer), chart)
    if as_json:
        typer.echo(json.dumps(answer.to_json(), ensure_ascii=False, allow_nan=False))
        return
    typer.echo(answer.question)
    for sentence in answer.sentences:
        typer.echo(f"  - {sentence}")
    for note in answer.notes:
        typer.echo(f"  Note: {note}")
