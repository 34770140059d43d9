"""The command that opens the explorer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["serve"]


def serve(
    cases: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CASE]…", help="Shipped cases or case folders; all shipped ones by default."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the stored runs.")] = Path(
        "runs"
    ),
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Folder of sessions, ledgers and jobs (default: in your data folder).",
        ),
    ] = None,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; only this machine by default.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 chooses a free one.")] = 8765,
    token: Annotated[
        str | None,
        typer.Option(
            "--token", help="What visitors must present; made up where the server is exposed without one."
        ),
    ] = None,
    database: Annotated[
        str, typer.Option("--database", metavar="URL", help="Where jobs are kept: sqlite, or postgresql://….")
    ] = "sqlite",
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="Further name of this server; repeatable."),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the address as JSON to standard output.")
    ] = False,
) -> None:
    """Open the explorer: a local web page on which to question the model. Stop it with Ctrl-C."""
    from excomm.web.serving import run_server

    run_server(
        cases=tuple(cases or ()), out=out, data=data, host=host, port=port, token=token, database=database,
        hosts=tuple(allow_host or ()), open_browser=open_browser, say=lambda text: typer.echo(text, err=True),
        tell=_print_address if as_json else None,
    )  # fmt: skip


def _print_address(address: str) -> None:
    typer.echo(json.dumps({"address": address}))
