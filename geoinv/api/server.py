"""The server: one release, read-only. It assembles; each resource is a module of ``routes``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from geoinv import __version__
from geoinv.api.problems import add_handlers
from geoinv.api.releases import OpenRelease, find_release
from geoinv.api.routes import collections, facilities, health, items, landing, maps, models, oembed, releases, search

__all__ = ["create_app", "serve"]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
)
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"geolocation=(), camera=(), microphone=()",
}
_Message = MutableMapping[str, Any]
_Send = Callable[[_Message], Awaitable[None]]
_Receive = Callable[[], Awaitable[_Message]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]


class SafeHeaders:
    """Adds a strict Content-Security-Policy to every answer; only maps and models may stand in others' frames."""

    def __init__(self, app: _App) -> None:
        self.app = app

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Pass a request on and add headers to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ancestors = "*" if str(scope["path"]).endswith(("/map", "/model")) else "'self'"
        policy = _POLICY.format(ancestors=ancestors).encode()

        async def guarded(message: _Message) -> None:
            if message["type"] == "http.response.start":
                added = [*_HEADERS.items(), (b"content-security-policy", policy)]
                message["headers"] = [*message.get("headers", []), *added]
            await send(message)

        await self.app(scope, receive, guarded)


def create_app(release: Path, *, root_path: str = "") -> FastAPI:
    """The application that serves a release.

    Parameters
    ----------
    release
        A release's folder, or a folder of releases (then the one made last).
    root_path
        Path prefix behind a proxy, such as ``/maps``.

    Raises
    ------
    ReleaseError
        If there is no release, or it is not what its manifest says.
    """
    opened = OpenRelease(find_release(release))
    app = FastAPI(
        title=opened.manifest.title,
        version=__version__,
        description="Facilities, buildings and incidents of one release, after OGC API – Features.",
        root_path=root_path.rstrip("/"),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.openapi_version = "3.0.3"
    app.state.release = opened
    for module in (landing, collections, items, facilities, maps, models, oembed, search, releases, health):
        app.include_router(module.router)
    static = files("geoinv").joinpath("api/static")
    app.mount("/static", StaticFiles(directory=str(static)), name="static")
    add_handlers(app)
    app.add_middleware(SafeHeaders)
    return app


def serve(release: Path, *, host: str = "127.0.0.1", port: int = 8000, root_path: str = "") -> None:
    """Serve a release until stopped; no log of who looked at what is kept.

    Parameters
    ----------
    release
        As for `create_app`.
    host, port
        Where to listen; loopback unless said otherwise.
    root_path
        Path prefix behind a proxy.
    """
    uvicorn.run(create_app(release, root_path=root_path), host=host, port=port, access_log=False, server_header=False)
