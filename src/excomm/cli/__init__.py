"""The command line: parse, call, print. Importing this room loads no numerical library.

One table names every command, where it lives and what it does; only the module of the command that is called is
loaded, so that help and errors come at once. Errors that ExComm raises itself become one message (or one JSON
object under `--json`) on stderr and the exit code of their class; anything else is a defect and keeps its traceback.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

import typer

from excomm.errors import ExCommError, UsageError

__all__ = ["COMMANDS", "GROUPS", "build", "main"]

# Command -> (module of this room, function in it, what it does), in the order in which help lists them.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "assess": ("assess_commands", "assess", "Compare the options of a case: run the model, write the brief."),
    "check": ("case_commands", "check", "Check a case file; with --plausibility also run it."),
    "cases": ("case_commands", "cases", "List the shipped cases."),
    "new": ("case_commands", "new", "Write a commented case to start from, or copy one."),
    "parameters": ("case_commands", "parameters", "List every parameter: prior, unit, source, grade."),
    "record": ("record_commands", "record", "Show the record of warnings and what it says of resolve."),
    "read": ("read_commands", "read", "Read reports and show what they claim."),
    "runs": ("assess_commands", "runs", "List the stored runs, newest first."),
    "serve": ("serve_commands", "serve", "Open the explorer: a local web page to question the model."),
    "explain": (
        "explain_commands",
        "explain_number",
        "Unfold a number: its drivers, their sources, the sentence.",
    ),
    "mechanisms": (
        "explain_commands",
        "mechanisms",
        "Show which submodel makes the difference of each option.",
    ),
    "analyse": (
        "analyse_commands",
        "analyse",
        "Ask one question of a stored run: what decides it, and how far?",
    ),
    "audit": (
        "audit_commands",
        "audit",
        "Hold an argument against a run, claim by claim.",
    ),
    "disagree": (
        "analyse_commands",
        "disagree",
        "Say how far apart two files are, and which settings explain it.",
    ),
    "sensitivity": (
        "analyse_commands",
        "sensitivity",
        "Say which submodels, and how much chance, drive an outcome.",
    ),
    "hindcast": ("hindcast_commands", "hindcast", "Score a submodel's forecasts on dates it has not seen."),
    "calibrate": (
        "hindcast_commands",
        "calibrate",
        "Fit a submodel to a public series; write its posterior.",
    ),
    "doctor": ("doctor_commands", "doctor", "Check the installation."),
}
# Group of commands -> (module whose `app` holds them, what they do).
GROUPS: dict[str, tuple[str, str]] = {
    "ledger": ("ledger_commands", "Keep claims and decisions in an append-only ledger."),
    "game": ("game_commands", "Read a case's crisis game; solve and draw games in files."),
    "forecast": ("forecast_commands", "Keep and score forecasts with fixed resolution rules."),
}

_TITLE = "Compare the options in an international crisis: explicit, quantified, checkable, neutral."

# Typer brings its own Click, whose base of usage errors has no public name.
_UsageProblem: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def _root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),
) -> None:
    if version:
        from excomm import __version__

        typer.echo(f"excomm {__version__}")
        raise typer.Exit
    del context


def _listed() -> None:
    """Stand in for a command that only needs to be listed."""


def build(called: str | None = None) -> typer.Typer:
    """Build the application: all commands, or, where `called` names one, that one in full and the rest by name."""
    app = typer.Typer(
        name="excomm",
        help=_TITLE,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True, help=_TITLE)(_root)
    for name, (module, function, text) in COMMANDS.items():
        wanted = called is None or called == name
        app.command(name, short_help=text, help=None if wanted else text)(
            getattr(import_module(f"excomm.cli.{module}"), function) if wanted else _listed
        )
    for name, (module, text) in GROUPS.items():
        if called is None or called == name:
            app.add_typer(import_module(f"excomm.cli.{module}").app, name=name, short_help=text)
        else:
            app.command(name, help=text)(_listed)
    return app


def __getattr__(name: str) -> Any:
    if name == "app":  # everything, for documentation and tests
        return build()
    raise AttributeError(f"module 'excomm.cli' has no attribute {name!r}")


def _report(error: ExCommError, as_json: bool) -> int:
    if as_json:
        print(json.dumps(error.to_json(), ensure_ascii=False), file=sys.stderr)
    else:
        print(f"excomm: {error}" if "\n" not in str(error) else str(error), file=sys.stderr)
    return error.exit_code


def main(arguments: list[str] | None = None) -> Any:
    """Run one command and leave with its exit code: 0 done, 1 analysis failed, 2 bad input, 3 warnings."""
    given = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in given
    named = next((word for word in given if not word.startswith("-")), "")
    code: Any
    try:
        code = build(named)(args=given, prog_name="excomm", standalone_mode=False)
    except ExCommError as error:
        code = _report(error, as_json)
    except _UsageProblem as error:
        if as_json:
            context = getattr(error, "ctx", None)
            hint = context.command_path if context else "excomm"
            code = _report(UsageError(error.format_message(), next_step=f"See `{hint} --help`."), True)
        else:
            error.show()
            code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        print("excomm: stopped; nothing half-written is left", file=sys.stderr)
        code = 130
    except BrokenPipeError:
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
