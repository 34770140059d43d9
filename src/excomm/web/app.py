"""The application: what it holds, what stands around it, and the pages put together."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from excomm import __version__
from excomm.errors import CaseError, ExCommError, InputError, UsageError
from excomm.web.assets import assets
from excomm.web.catalogue import Catalogue
from excomm.web.pages import ROUTERS
from excomm.web.rendering import page, wants_json
from excomm.web.security import Guard
from excomm.web.settings import ServerSettings
from excomm.web.workshop import Workshop

__all__ = ["create_app"]


def _secret(data: Path) -> bytes:
    """Key that signs sessions; made once and readable by the owner alone."""
    path = data / "secret"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        draft = data / f".secret-{secrets.token_hex(6)}"
        draft.touch(mode=0o600)
        draft.write_bytes(secrets.token_bytes(32))
        draft.replace(path)
    return path.read_bytes()


def create_app(settings: ServerSettings) -> Any:
    """The ASGI application for some settings. Raises CaseError for a case that cannot be read."""
    catalogue = Catalogue(settings.cases, settings.out)
    workshop = Workshop(settings, catalogue)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        workshop.start()
        try:
            yield
        finally:
            workshop.stop()

    app = FastAPI(
        title="ExComm explorer",
        version=__version__,
        summary="Question the model: every page has a JSON twin.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
    )
    app.state.settings, app.state.workshop = settings, workshop
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(assets)

    @app.exception_handler(ExCommError)
    async def _stated(request: Request, error: ExCommError) -> Response:
        missing = isinstance(error, UsageError | CaseError) and error.path in ("case", "run", "job")
        return _answer(request, 404 if missing else 422 if isinstance(error, InputError) else 500, error)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        stated = InputError(str(error.detail))
        return _answer(request, error.status_code, stated, dict(error.headers or {}))

    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=4)
    return Guard(app, settings=settings, secret=_secret(settings.data))


def _answer(
    request: Request, status: int, error: ExCommError, headers: dict[str, str] | None = None
) -> Response:
    if wants_json(request):
        return JSONResponse(error.to_json(), status, headers)
    return page(request, "error.html.j2", status=status, headers=headers, error=error, title="Not possible")
