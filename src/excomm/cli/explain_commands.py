"""Commands that say where a number comes from: unfold it, or run without each submodel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from excomm.cli.arguments import listed, name_run, tell

__all__ = ["explain_number", "mechanisms"]


def explain_number(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder or id of a stored run.")],
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="Id of an outcome, such as area_change.")],
    option: Annotated[str | None, typer.Option("--option", help="Option; the reference by default.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the stored runs.")] = Path(
        "runs"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Unfold a number: its distribution, what drives it, where that comes from, down to the sentence."""
    from excomm.analysis.grounds import ground_lines
    from excomm.pipeline.stored import read_study
    from excomm.pipeline.walk_back import explain, explained_shape, find_run

    folder = find_run(run, out)
    study = read_study(folder)
    explanation = explain(study, outcome, option)
    shape = explained_shape(study, explanation)
    if as_json:
        typer.echo(json.dumps(shape, ensure_ascii=False, allow_nan=False))
        return
    name_run(study, folder)
    tell([*explanation.lines(), *ground_lines(shape["propositions"], study.wording(outcome))])


def mechanisms(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id of a shipped case, or a case folder.")],
    submodels: Annotated[
        str | None, typer.Option(help="Submodels to switch off, one at a time; all by default.")
    ] = None,
    outcomes: Annotated[str | None, typer.Option(help="Outcomes, separated by commas.")] = None,
    draws: Annotated[int, typer.Option(min=2, help="Draws of the uncertain parameters.")] = 64,
    replicates: Annotated[int, typer.Option(min=1, help="Random replicates of each draw.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="Seed; the same seed gives the same run.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Show which submodel makes the difference between each option and the reference."""
    from rich.console import Console
    from rich.progress import Progress

    from excomm.pipeline.mechanisms import SHOWN, find_mechanisms

    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as bar:
        task = bar.add_task("", total=None)
        found = find_mechanisms(
            case,
            submodels=listed(submodels),
            outcomes=listed(outcomes) or SHOWN,
            draws=draws,
            replicates=replicates,
            seed=seed,
            progress=lambda name, done, total: bar.update(
                task, completed=done, total=total, description=f"without {name}" if done else name
            ),
        )
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False))
        return
    for option in found.options:
        tell(["", found.case.option(option).name])
        tell(f"  {found.sentence(option, outcome)}" for outcome in found.outcomes)
