"""The brief: one HTML file that compares the options of a run, says how sure it is and what would decide it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from excomm.engine.run import Run

__all__ = ["write_brief"]


def write_brief(run: Run, path: Path) -> None:
    """Write the brief of a run to `path`: one file that needs neither network nor scripts."""
    from excomm.brief.html import render
    from excomm.storage import write_whole

    write_whole(Path(path), render(run))
