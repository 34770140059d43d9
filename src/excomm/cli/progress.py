"""The bars that a run of a case shows while it works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["run_progress"]

STAGES = {"game": "Compiling the game", "simulate": "Simulating", "brief": "Writing the brief"}


@contextmanager
def run_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Bars on standard error, where that is a terminal; gives what a run calls with stage, steps done and all steps."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    errors = Console(stderr=True)
    with Progress(
        TextColumn("{task.description:<20}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    ) as bars:
        first = bars.add_task("Reading and drawing", total=None)
        tasks: dict[str, Any] = {}

        def progress(stage: str, done: int, total: int) -> None:
            bars.update(first, visible=False)
            if stage not in tasks:
                tasks[stage] = bars.add_task(STAGES.get(stage, stage), total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield progress
