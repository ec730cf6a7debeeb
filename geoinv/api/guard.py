"""What holds of every answer: strict headers, who may frame or script it, HEAD, and a log that names nobody."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TextIO

from geoinv.records.release import Release

__all__ = ["ROUTE", "Guard", "Message", "Receive", "Send"]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
)
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
)
#: Pages made to stand in other sites' frames.
_FRAMED = ("/map", "/model")
#: Where a request notes what kind of path it asks for, if no router does.
ROUTE = "geoinv.route"
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
_App = Callable[[Message, Receive, Send], Awaitable[None]]


class Guard:
    """Wraps the application: adds headers, answers HEAD and preflights, writes the log.

    Parameters
    ----------
    app
        The application.
    manifest
        Of the release: it tells who may frame its maps, and whether scripts of other sites may read it.
    root_path
        Path prefix behind a proxy that strips it.
    log
        Where a line a request is written; nowhere if ``None``.
    """

    def __init__(self, app: _App, manifest: Release, root_path: str = "", log: TextIO | None = None) -> None:
        self.app, self._root, self._log = app, root_path, log
        ancestors = " ".join(manifest.frame_ancestors)
        self._framed = self._fixed(ancestors, manifest)
        self._own = self._fixed("'self'", manifest)
        self._open = manifest.cross_origin

    @staticmethod
    def _fixed(ancestors: str, manifest: Release) -> list[tuple[bytes, bytes]]:
        found = [*_HEADERS, (b"content-security-policy", _POLICY.format(ancestors=ancestors).encode())]
        if manifest.cross_origin:
            found += [
                (b"access-control-allow-origin", b"*"),
                (b"access-control-expose-headers", b"Content-Crs, ETag, Link"),
                (b"cross-origin-resource-policy", b"cross-origin"),
            ]
        else:
            found.append((b"cross-origin-resource-policy", b"same-origin"))
        return found

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on and add headers to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        fixed = self._framed if str(scope["path"]).endswith(_FRAMED) else self._own
        method = scope["method"]
        told = {"status": 0, "bytes": 0}

        def guarded(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                told["status"] = message["status"]
                message["headers"] = [*message.get("headers", ()), *fixed]
            elif message["type"] == "http.response.body":
                if method == "HEAD":
                    message = {**message, "body": b""}
                told["bytes"] += len(message.get("body", b""))
            return send(message)

        if method == "OPTIONS" and self._open:
            await _preflight(guarded)
        else:
            # HEAD is GET without its body (RFC 9110, section 9.3.2).
            inner = {**scope, "method": "GET" if method == "HEAD" else method}
            if self._root:
                inner["root_path"] = self._root
            await self.app(inner, receive, guarded)
            scope = inner
        if self._log is not None:
            self._log.write(_line(scope, method, told, time.perf_counter() - started))


async def _preflight(send: Send) -> None:
    """What a browser asks before it lets another site's script ask (the Fetch standard, section 3.2.2)."""
    headers = [
        (b"access-control-allow-methods", b"GET, HEAD"),
        (b"access-control-max-age", b"86400"),
        (b"allow", b"GET, HEAD, OPTIONS"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _line(scope: Message, method: str, told: dict[str, int], seconds: float) -> str:
    """One line of JSON: which kind of thing was asked for and how it went; never who asked, nor for which facility."""
    route = scope.get(ROUTE) or getattr(scope.get("route"), "path", None)
    ms = round(seconds * 1000, 2)
    return (
        json.dumps({"method": method, "route": route, "status": told["status"], "bytes": told["bytes"], "ms": ms})
        + "\n"
    )
