"""The command that unfolds a number of a stored run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["explain"]


def explain(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder or id of a stored run.")],
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="Id of an outcome, such as area_change.")],
    option: Annotated[str | None, typer.Option("--option", help="Option; the reference by default.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the stored runs.")] = Path(
        "runs"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Unfold a number: its distribution, what drives it, where that comes from, down to the sentence."""
    from excomm.pipeline.walk_back import explain_run, find_run

    explanation = explain_run(find_run(run, out), outcome, option)
    if as_json:
        typer.echo(json.dumps(explanation.to_json(), ensure_ascii=False))
        return
    for line in explanation.lines():
        typer.echo(line)
