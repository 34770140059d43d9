"""ExComm compares the options in an international crisis: explicit, quantified, checkable, neutral.

    import excomm
    run = excomm.assess("ukraine-2024")
    run.table()

Names are loaded on first use, so that importing the package stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public name -> module that holds it.
_PUBLIC: dict[str, str] = {
    "Audit": "excomm.audit.model",
    "Case": "excomm.case.model",
    "ExCommError": "excomm.errors",
    "Run": "excomm.engine.run",
    "assess": "excomm.pipeline.assess",
    "audit_text": "excomm.pipeline.audit",
    "library": "excomm.case",
    "load": "excomm.case",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'excomm' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
