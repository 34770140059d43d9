"""Commands on games in Gambit's extensive-form files: solve, fit, draw."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="Solve, fit and draw games.", no_args_is_help=True, rich_markup_mode=None)

GameFile = Annotated[Path, typer.Argument(metavar="FILE.efg", help="Extensive-form game in Gambit's format.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("solve")
def solve_file(
    file: GameFile,
    lam: Annotated[float, typer.Option("--lambda", help="Logit precision, in 1/payoff; 0 is uniform play.")],
    as_json: AsJson = False,
) -> None:
    """Print the agent logit equilibrium on the principal branch."""
    _use_one_thread()
    from ..game.efg.reader import read_efg
    from ..game.efg.solver import solve_tree

    solution = solve_tree(read_efg(file), lam)
    if as_json:
        _print_json(solution.to_json())
        return
    typer.echo(solution.status)
    _print_sets(solution.to_json())


@app.command("fit")
def fit_file(
    file: GameFile,
    counts: Annotated[Path, typer.Option("--counts", help="CSV: player, information_set, action, count.")],
    as_json: AsJson = False,
) -> None:
    """Fit lambda to observed choices by maximum likelihood, with its 95% profile interval."""
    _use_one_thread()
    from ..game.efg.fit import fit_lambda, read_counts
    from ..game.efg.reader import read_efg

    tree = read_efg(file)
    fit = fit_lambda(tree, read_counts(counts, tree))
    if as_json:
        _print_json(fit.to_json())
        return
    low = "below 0.0001" if fit.lower is None else f"{fit.lower:.4f}"
    high = "without upper limit" if fit.upper is None else f"{fit.upper:.4f}"
    typer.echo(f"lambda {fit.lam:.4f}, 95% interval {low} to {high}")
    typer.echo(
        f"log-likelihood {fit.log_likelihood:.4f} ({fit.at_zero:.4f} for uniform play), {fit.observations:g} choices"
    )
    _print_sets(fit.to_json())


@app.command("draw")
def draw_file(
    file: GameFile,
    lam: Annotated[float, typer.Option("--lambda", help="Logit precision of the probabilities shown.")] = 1.0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; default FILE.svg.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw the tree as SVG, with the equilibrium probabilities on its branches."""
    _use_one_thread()
    from ..errors import UsageError
    from ..game.efg.drawing import draw_tree
    from ..game.efg.reader import read_efg
    from ..game.efg.solver import solve_tree

    target = output or file.with_suffix(".svg")
    solution = solve_tree(read_efg(file), lam)
    drawing = draw_tree(solution)
    try:
        target.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the drawing cannot be written: {error.strerror or error}",
            file=str(target),
            expected="a writable place",
        ) from error
    if as_json:
        _print_json({"svg": str(target), "lambda": lam, "nodes": solution.tree.nodes})
    else:
        typer.echo(f"Wrote {target}")


def _use_one_thread() -> None:
    """Linear algebra of this size is slower on many threads, far slower on a busy machine; the user's setting wins."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _print_json(answer: dict[str, Any]) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False, allow_nan=False))


def _print_sets(answer: dict[str, Any]) -> None:
    for each in answer["information_sets"]:
        name = each["label"] or each["number"]
        choices = "  ".join(
            f"{action['label'] or '-'} {action['probability']:.6f}" for action in each["actions"]
        )
        typer.echo(f"  {each['player_name'] or each['player']}, {name}: {choices}")
    for warning in answer.get("warnings", []):
        typer.echo(f"Note: {warning}")
