"""The server: one release, read-only. It assembles; each resource is a module of ``routes``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import uvicorn
from fastapi import FastAPI

from geoinv import __version__
from geoinv.api.direct import Direct
from geoinv.api.guard import Guard
from geoinv.api.patience import configured
from geoinv.api.problems import add_handlers
from geoinv.api.releases import OpenRelease, find_release, not_recalled
from geoinv.api.routes import (
    collections,
    facilities,
    health,
    items,
    landing,
    maps,
    models,
    oembed,
    releases,
    search,
    static,
)

__all__ = ["all_paths", "create_app", "serve"]


def create_app(release: Path, *, root_path: str = "", log: TextIO | None = None) -> Guard:
    """What serves a release: an ASGI application.

    Parameters
    ----------
    release
        A release's folder, or a folder of releases (then the one made last).
    root_path
        Path prefix behind a proxy, such as ``/maps``.
    log
        Where a line of JSON a request is written; nowhere if ``None``.

    Raises
    ------
    ReleaseError
        If there is no release, it is not what its manifest says, or a later one beside it recalls it.
    """
    opened = OpenRelease(not_recalled(find_release(release)))
    # What boxes are compared with is read before the first is asked for.
    _ = opened.places
    return Guard(Direct(all_paths(opened)), manifest=opened.manifest, root_path=root_path.rstrip("/"), log=log)


def all_paths(opened: OpenRelease) -> FastAPI:
    """The application that knows every path, without what holds of every answer."""
    app = FastAPI(
        title=opened.manifest.title,
        version=__version__,
        description="Facilities, buildings and incidents of one release, after OGC API – Features.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.openapi_version = "3.0.3"
    app.state.release = opened
    for module in (items, landing, collections, facilities, maps, models, oembed, search, releases, static, health):
        app.include_router(module.router)
    add_handlers(app)
    return app


def serve(release: Path, *, host: str = "127.0.0.1", port: int = 8000, root_path: str = "") -> None:
    """Serve a release until stopped; requests under way are finished.

    Its log, one line of JSON a request on stderr, tells what kind of thing was asked for and how long it took: never
    who asked, and never for which facility.

    Parameters
    ----------
    release
        As for `create_app`.
    host, port
        Where to listen; loopback unless said otherwise.
    root_path
        Path prefix behind a proxy.
    """
    app = create_app(release, root_path=root_path, log=sys.stderr)
    uvicorn.Server(configured(app, host=host, port=port)).run()
