"""The command line: parse, call, print. Importing this room loads no numerical library.

One table names every command and where it lives; a command's module is loaded when it is called for. Errors that
ExComm raises itself become one message (or one JSON object under `--json`) on stderr and the exit code of their
class; anything else is a defect and keeps its traceback.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

import typer

from excomm.errors import ExCommError

__all__ = ["COMMANDS", "GROUPS", "app", "main"]

# Command -> module of this room and function in it, in the order in which help lists them.
COMMANDS: dict[str, tuple[str, str]] = {
    "assess": ("assess_commands", "assess"),
    "check": ("case_commands", "check"),
    "cases": ("case_commands", "cases"),
    "new": ("case_commands", "new"),
    "parameters": ("case_commands", "parameters"),
    "record": ("record_commands", "record"),
    "runs": ("assess_commands", "runs"),
    "doctor": ("doctor_commands", "doctor"),
}
# Group of commands -> module whose `app` holds them.
GROUPS: dict[str, str] = {}

app = typer.Typer(
    name="excomm",
    help="Compare the options in an international crisis: explicit, quantified, checkable, neutral.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


# Typer brings its own Click, whose base of usage errors has no public name.
_UsageProblem: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def _register() -> None:
    for name, (module, function) in COMMANDS.items():
        app.command(name)(getattr(import_module(f"excomm.cli.{module}"), function))
    for name, module in GROUPS.items():
        app.add_typer(import_module(f"excomm.cli.{module}").app, name=name)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),
) -> None:
    """Compare the options in an international crisis: explicit, quantified, checkable, neutral."""
    if version:
        from excomm import __version__

        typer.echo(f"excomm {__version__}")
        raise typer.Exit
    del context


_register()


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
    try:
        code = app(args=given, prog_name="excomm", standalone_mode=False)
    except ExCommError as error:
        code = _report(error, as_json)
    except _UsageProblem as error:
        if as_json:
            from excomm.errors import UsageError

            hint = error.ctx.command_path if getattr(error, "ctx", None) else "excomm"
            code = _report(UsageError(error.format_message(), next_step=f"See `{hint} --help`."), True)
        else:
            error.show()
            code = error.exit_code
    except typer.Abort:
        print("excomm: stopped", file=sys.stderr)
        code = 130
    except KeyboardInterrupt:
        print("excomm: stopped; nothing was written", file=sys.stderr)
        code = 130
    except BrokenPipeError:
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
