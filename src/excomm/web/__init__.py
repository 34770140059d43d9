"""The explorer: a local web application that calls the same functions as the command line.

Importing the room loads nothing of the server; `create_app` and `serve` do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from excomm.web.app import create_app
    from excomm.web.settings import ServerSettings

__all__ = ["ServerSettings", "create_app"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    homes = {"create_app": "app", "ServerSettings": "settings"}
    if name in homes:
        return getattr(import_module(f"excomm.web.{homes[name]}"), name)
    raise AttributeError(f"module 'excomm.web' has no attribute {name!r}")
