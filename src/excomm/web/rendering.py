"""Pages from templates: everything escaped, the same frame around each, and whether JSON was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

__all__ = ["page", "wants_json"]

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Any:
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

    from excomm.analysis.samples import Z90
    from excomm.brief.html import TEMPLATES as BRIEF
    from excomm.engine.wording import number_text
    from excomm.web.assets import asset_address

    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(TEMPLATES), FileSystemLoader(BRIEF)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset_address
    environment.globals["z90"] = Z90
    environment.filters["number"] = number_text
    return environment


def wants_json(request: Request) -> bool:
    """Whether the answer should be JSON: an address that ends in .json, or a client that accepts nothing else."""
    accepted = request.headers.get("accept", "")
    return request.url.path.endswith(".json") or (
        "application/json" in accepted and "text/html" not in accepted
    )


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **content: Any,
) -> HTMLResponse:
    """A page; `content` goes to the template beside the frame's own names."""
    state = request.scope.get("state", {})
    text = _environment().get_template(template).render(
        csrf=state.get("csrf", ""), path=request.url.path, case=content.pop("case", None), **content
    )  # fmt: skip
    return HTMLResponse(text, status, dict(headers or {}))
