"""One HTML file from an outline: templates with escaping throughout, styles inside, no scripts, no requests."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from excomm.engine.run import Run

__all__ = ["policy", "render", "stylesheet"]

TEMPLATES = Path(__file__).parent / "templates"


@cache
def stylesheet() -> str:
    """The style sheet: colours of the palette in light and dark, then the rules."""
    from excomm.brief.palette import INKS

    light = "".join(f"--{ink.name}:{ink.light};" for ink in INKS.values())
    dark = "".join(f"--{ink.name}:{ink.dark};" for ink in INKS.values())
    rules = (TEMPLATES / "brief.css").read_text(encoding="utf-8")
    return (
        f":root{{{light}color-scheme:light dark}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{rules}"
    )


def policy(styles: str) -> str:
    """Content security policy: nothing is loaded, nothing runs, and only this style sheet applies."""
    digest = base64.b64encode(hashlib.sha256(styles.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(run: Run) -> str:
    """The brief of a run as one HTML document."""
    from concurrent.futures import ThreadPoolExecutor

    from markupsafe import Markup

    from excomm.brief.outline import behaviour_charts, outline

    styles = stylesheet()
    with ThreadPoolExecutor(1) as drawing:
        # These need nothing weighed: they are drawn, and the drawing engine starts, while the rest is worked out.
        drawn = {chart.id: drawing.submit(chart.svg) for chart in behaviour_charts(run)}
        brief = outline(run)
        drawn |= {chart.id: drawing.submit(chart.svg) for chart in brief.decision_charts}
        drawings = {name: Markup(future.result()) for name, future in drawn.items()}
    template = _environment().get_template("brief.html.j2")
    return str(template.render(brief=brief, drawings=drawings, styles=Markup(styles), policy=policy(styles)))
