"""The desk's application: it only assembles; each page is a module of ``routes``."""

from __future__ import annotations

import socket
from importlib.resources import files
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles

from geoinv import __version__
from geoinv.api.desk.desk import Desk, open_desk
from geoinv.api.desk.guard import PREVIEW, Guard, Message, Receive, Send
from geoinv.api.desk.routes import (
    claims,
    comparing,
    deciding,
    drawings,
    entering,
    ground,
    history,
    home,
    incidents,
    intake,
    outlines,
    placing,
    publishing,
    rooms,
    team,
)
from geoinv.api.desk.troubles import add_troubles
from geoinv.errors import CaseError

__all__ = ["create_desk", "serve_desk"]

_HOST = "127.0.0.1"


class _Gate:
    """Lets only the signed-in look at a planned release."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        session = self.desk.sessions.of(Request(scope).cookies.get(self.desk.cookie))
        if session is None or self.desk.accounts.named(session.name) is None:
            await send({"type": "http.response.start", "status": 303, "headers": [(b"location", b"/sign-in")]})
            await send({"type": "http.response.body", "body": b""})
            return
        path = scope.get("root_path", "") + scope["path"] if not scope["path"].startswith(PREVIEW) else scope["path"]
        await self.desk.previews({**scope, "path": path, "root_path": ""}, receive, send)


def create_desk(desk: Desk) -> FastAPI:
    """The application of an open desk."""
    app = FastAPI(
        title="geoinv desk",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.desk = desk
    for module in (
        entering, home, intake, deciding, ground, placing, outlines, rooms, drawings, claims, incidents, publishing,
        history, comparing, team,
    ):  # fmt: skip
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=str(files("geoinv").joinpath("api/static"))), name="static")
    app.mount("/desk", StaticFiles(directory=str(files("geoinv").joinpath("api/desk/static"))), name="desk")
    app.mount(PREVIEW.rstrip("/"), _Gate(desk))
    add_troubles(app)
    hosts = frozenset(f"{name}:{desk.port}" for name in (_HOST, "localhost"))
    app.add_middleware(_guard_class(), hosts=hosts)
    return app


def _guard_class() -> Any:
    return Guard


def serve_desk(root: Path, *, port: int, tell: Any) -> None:
    """Serve a case's desk on this machine alone until stopped; no log of who looked at what is kept.

    Parameters
    ----------
    root
        The case's folder.
    port
        Where to listen on loopback.
    tell
        Told, in words, where to go.

    Raises
    ------
    CaseError
        If the folder is no case, or the port is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise CaseError(f"port {port} is taken on this machine", do="choose another with --port") from error
    desk = open_desk(root, port=port)
    with desk.case() as case:
        desk.drafts.sweep(case)
        desk.states.sweep(case)
        first = next((one for one in desk.accounts.all() if one.role == "lead"), None)
    address = f"http://{_HOST}:{port}/"
    if first is not None and not first.has_password:
        tell(f"Open this link once, within a day: {address}enter?key={desk.accounts.link(first.name)}")
    tell(f"The desk: {address} — stop it with Ctrl+C")
    try:
        uvicorn.run(
            create_desk(desk), host=_HOST, port=port, access_log=False, server_header=False, log_level="warning",
            timeout_graceful_shutdown=2,
        )  # fmt: skip
    finally:
        desk.close()
