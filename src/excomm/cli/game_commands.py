"""Commands on games: the crisis game of a case, and games in Gambit's extensive-form files (solve, fit, draw)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from excomm.cli.arguments import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from excomm.engine.compile_check import CompileCheck
    from excomm.pipeline.crisis_games import GameOfOption


class CaseByDefault(TyperGroup):
    """A group in which a word that is no command is a case: `game strait` is `game case strait`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the words name."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["case", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=CaseByDefault,
    help="Read the crisis game of a case (game CASE); solve, fit and draw games in files.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

GameFile = Annotated[Path, typer.Argument(metavar="FILE.efg", help="Extensive-form game in Gambit's format.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


CaseName = Annotated[str, typer.Argument(metavar="CASE", help="Id of a shipped case, or a case folder.")]
OptionName = Annotated[
    str | None, typer.Option("--option", help="Option whose game is shown; the reference by default.")
]


@app.command("case", short_help="Show what each side is likely to do in each posture.")
def read_case(
    case: CaseName,
    option: OptionName = None,
    check: Annotated[
        bool, typer.Option("--check-compile", help="Measure the compiled games against the simulation.")
    ] = False,
    drawing: Annotated[
        Path | None, typer.Option("--draw", metavar="FILE", help="Write the course of the game as SVG.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what each side is likely to do in each posture (`excomm game CASE` is short for this)."""
    _use_one_thread()
    from excomm.pipeline.crisis_games import check_case, read_case_game

    _check(drawing, "--draw")
    if check:
        _print_checks(check_case(case, option), as_json)
        return
    found = read_case_game(case, option)
    if drawing is not None:
        from excomm.game.drawing import draw_course

        names = tuple(
            tuple(posture.name for posture in found.case.postures[side]) for side in ("alliance", "adversary")
        )
        title = f"{found.case.title}: {found.option.name}"
        _write(drawing, draw_course(found.reading, title, (names[0], names[1])))
    if as_json:
        _print_json(found.to_json())
        return
    _print_game(found)


@app.command("export", short_help="Write a small version of a game in Gambit's format.")
def export_case(
    case: CaseName,
    option: OptionName = None,
    epochs: Annotated[int, typer.Option(help="How many of the first epochs, at most 3.")] = 2,
    number: Annotated[int, typer.Option("--draw", help="Which of the first 16 draws.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output.")
    ] = None,
) -> None:
    """Write a small version of an option's game in Gambit's format; solve it with `--lambda 1`."""
    _use_one_thread()
    from excomm.pipeline.crisis_games import export_option

    _check(output, "--output")
    text = export_option(case, option, epochs=epochs, number=number)
    if output is None:
        typer.echo(text, nl=False)
    else:
        _write(output, text)


@app.command("solve")
def solve_file(
    file: GameFile,
    lam: Annotated[float, typer.Option("--lambda", help="Logit precision, in 1/payoff; 0 is uniform play.")],
    as_json: AsJson = False,
) -> None:
    """Print the agent logit equilibrium on the principal branch."""
    _use_one_thread()
    from excomm.game.efg.reader import read_efg
    from excomm.game.efg.solver import solve_tree

    solution = solve_tree(read_efg(file), lam)
    if as_json:
        _print_json(solution.to_json())
        return
    typer.echo(solution.status)
    _print_sets(solution.to_json())


@app.command("fit", short_help="Fit lambda to observed choices.")
def fit_file(
    file: GameFile,
    counts: Annotated[Path, typer.Option("--counts", help="CSV: player, information_set, action, count.")],
    as_json: AsJson = False,
) -> None:
    """Fit lambda to observed choices by maximum likelihood, with its 95% profile interval."""
    _use_one_thread()
    from excomm.game.efg.fit import fit_lambda, read_counts
    from excomm.game.efg.reader import read_efg

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


@app.command("draw", short_help="Draw the tree as SVG, with equilibrium probabilities.")
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
    from excomm.game.efg.drawing import draw_tree
    from excomm.game.efg.reader import read_efg
    from excomm.game.efg.solver import solve_tree

    target = output or file.with_suffix(".svg")
    _check(target, "--output")
    solution = solve_tree(read_efg(file), lam)
    drawing = draw_tree(solution)
    _write(target, drawing, tell=False)
    if as_json:
        _print_json({"svg": str(target), "lambda": lam, "nodes": solution.tree.nodes})
    else:
        typer.echo(f"Wrote {target}")


def _check(target: Path | None, option: str) -> None:
    """A file that cannot be written is found out before the work."""
    from excomm.storage import check_place

    if target is not None:
        check_place(target, option)


def _write(target: Path, text: str, *, tell: bool = True) -> None:
    from excomm.storage import write_whole

    write_whole(target, text)
    if tell:
        typer.echo(f"Wrote {target}", err=True)


def _print_game(found: GameOfOption) -> None:
    from excomm.analysis.wording import number

    option, reading, threats = found.option, found.reading, found.reading.threats
    solved = f"Solved in {found.draws - found.failed} of {found.draws} draws"
    branches = (
        "No second equilibrium was found."
        if found.ambiguity == 0
        else f"Other equilibria exist; between them a probability differs by up to {found.ambiguity:.2g}."
    )
    turned = f" The path to it runs back in {found.turned} situations." if found.turned else ""
    tell(
        [
            f"{found.case.title}: {option.name}",
            "Each side takes better moves more often than worse ones, not always: a quantal response equilibrium. "
            f"Lambda says how sharply it prefers the better one, per unit of its utility; 0 is choosing at random. "
            f"Median lambda: alliance {found.lambdas[0]:.2f}, adversary {found.lambdas[1]:.2f}.",
            f"{solved}, with errors of at most {found.residual:.0e} in the log-odds of a move. {branches}{turned}",
            "The adversary is of one of two types: resolved (it disregards a share of its costs) or bluffing. "
            f"The alliance does not know which, and gives resolved {reading.belief:.0%} at the start.",
            "",
            "Probabilities of the moves in the first four weeks, mean over draws. Each row is a situation: who moves, "
            "its posture, the other side's posture, and whether a warning is outstanding:",
        ]
    )
    for move in reading.first_moves:
        own, other = found.posture(move)
        who = move.actor if move.kind == "any" else f"{move.kind} {move.actor}"
        told = "  ".join(f"{name} {share:.2f}" for name, share in move.probabilities.items())
        tell([f"  {who}, {own} against {other}{', warned' if move.warned else ''}: {told}"])
    tell(
        [
            "",
            f"A crisis sees {number(threats.given, 0.1)} warnings by the adversary on average. The alliance heeds "
            f"{_share(threats.heeded)} of them (steps down). Of the others the adversary carries out "
            f"{_share(threats.carried_out)}: {_share(threats.carried_out_resolved)} where it is resolved, "
            f"{_share(threats.carried_out_bluffing)} where it bluffs. Belief of the alliance that it is resolved: "
            f"{_share(threats.belief)} before the adversary moves on its warning, {_share(threats.belief_broken)} "
            f"after a warning without consequence, {_share(threats.belief_kept)} after one carried out.",
            f"The adversary strikes allied forces, or worse, {_share(reading.fought, 1)} of the time; if it were sure "
            f"that the option is no attempt to roll it back, {_share(reading.fought_reassured, 1)}; if it were sure "
            f"that it is, {_share(reading.fought_threatened, 1)}.",
        ]
    )


def _share(share: float, digits: int = 0) -> str:
    """A share as percent; a dash where nothing happened that it could be a share of."""
    return "–" if share != share else f"{share:.{digits}%}"


def _print_checks(checks: Sequence[CompileCheck], as_json: bool) -> None:
    if as_json:
        _print_json({"checks": [check.to_json() for check in checks]})
        return
    tell(["Share of time in each posture of the adversary, game against simulation (while the war goes on):"])
    for check in checks:
        sentence = (
            f"  {check.option}: largest difference {check.largest:.3f}, mean {check.mean:.3f} (Monte Carlo error up "
            f"to {check.error:.3f}); bins of the front {check.front:.3f}; moves that warn "
            f"{check.warnings_foreseen:.3f} against {check.warnings_simulated:.3f}"
        )
        tell([sentence])


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
