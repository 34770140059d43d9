"""Start the server: a free port, a token where it is exposed, the address to open."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

from excomm.errors import UsageError
from excomm.web.settings import ServerSettings

__all__ = ["run_server"]


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror or error}",
            path="--port",
            expected="an address of this machine and a free port",
            next_step="Name another with --port, or --port 0 for any.",
        ) from error
    listener.listen(128)
    return listener


def _data_folder(data: Path | None) -> Path:
    if data is None:
        from platformdirs import user_data_path

        named = os.environ.get("EXCOMM_WEB_DATA")
        data = Path(named) if named else user_data_path("excomm") / "explorer"
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder cannot be made: {error.strerror}", file=str(data), path="--data",
            next_step="Name another folder.",
        ) from error  # fmt: skip
    return data


def run_server(
    *,
    cases: tuple[str, ...],
    out: Path,
    data: Path | None,
    host: str,
    port: int,
    token: str | None,
    database: str,
    hosts: tuple[str, ...],
    open_browser: bool,
    say: Callable[[str], None],
    tell: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted. Raises UsageError where it cannot start, CaseError for a case that cannot be read."""
    settings = ServerSettings(
        cases=cases, out=out, data=_data_folder(data), host=host, port=port, token=token, database=database,
        hosts=hosts,
    )  # fmt: skip
    listener = _listening(host, port)
    try:
        if not settings.is_local and token is None:
            token = secrets.token_urlsafe(18)
        bound = int(listener.getsockname()[1])
        settings = ServerSettings(
            cases=cases, out=out, data=settings.data, host=host, port=bound, token=token, database=database,
            hosts=hosts,
        )  # fmt: skip
        import uvicorn

        from excomm.web.app import create_app

        app = create_app(settings)
        shown = host if host not in ("0.0.0.0", "::") else (hosts[0] if hosts else "127.0.0.1")
        name = f"[{shown}]" if ":" in shown else shown
        address = f"http://{name}:{bound}/" + (f"?token={token}" if token else "")
        if tell is not None:
            tell(address)
        say(f"ExComm explorer: {address}")
        if not settings.is_local:
            say(
                "It can be reached from other machines. Put a proxy with TLS in front of it on an open network."
            )
        if open_browser:
            import webbrowser

            webbrowser.open(address)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=5,
            limit_concurrency=512, h11_max_incomplete_event_size=64_000,
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        listener.close()
