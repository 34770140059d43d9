"""Scripts and styles: shipped with the package, addressed by their content, kept by the browser."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response

__all__ = ["asset_address", "assets"]

STATIC = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
assets = APIRouter(include_in_schema=False)


@cache
def _files() -> dict[str, bytes]:
    found = {
        path.relative_to(STATIC).as_posix(): path.read_bytes()
        for path in sorted(STATIC.rglob("*"))
        if path.suffix in _TYPES
    }
    found["web.css"] = _styles().encode()
    return found


def _styles() -> str:
    """Palette and rules of the brief, then those of the pages: one look."""
    from excomm.brief.html import stylesheet

    return f"{stylesheet()}\n{(STATIC / 'web.css').read_text(encoding='utf-8')}"


@cache
def _stamp() -> str:
    digest = hashlib.sha256()
    for name, content in _files().items():
        digest.update(name.encode() + content)
    return digest.hexdigest()[:12]


def asset_address(name: str) -> str:
    """Address of a file; another version of the package has other addresses."""
    return f"/static/{_stamp()}/{name}"


@assets.get("/static/{stamp}/{name:path}")
def static(stamp: str, name: str) -> Response:
    """A shipped file."""
    content = _files().get(name)
    if content is None:
        raise HTTPException(404, "There is no such file.")
    fresh = stamp == _stamp()
    return Response(
        content,
        media_type=_TYPES[Path(name).suffix],
        headers={"cache-control": "public, max-age=31536000, immutable" if fresh else "no-cache"},
    )


@assets.get("/favicon.ico")
def icon() -> Response:
    """The mark of the pages."""
    return Response(
        _files()["mark.svg"], media_type="image/svg+xml", headers={"cache-control": "max-age=86400"}
    )
