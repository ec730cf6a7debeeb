"""What stands before every page: this machine's own address only, no other site's requests, strict headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

__all__ = ["PREVIEW", "Guard"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

#: Path below which a release is shown as its audience will see it, under the server's own headers.
PREVIEW = "/publish/preview/"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self' blob:; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    b"content-security-policy": _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    # Not "no-referrer": browsers then send "Origin: null" with forms, and a form could not be told from a stranger's.
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"geolocation=(), camera=(), microphone=()",
    b"cache-control": b"no-store",
}
_HARMLESS = ("GET", "HEAD")


class Guard:
    """Refuses what cannot come from this machine's own pages, and adds headers to every answer.

    Parameters
    ----------
    app
        What is guarded.
    hosts
        ``Host`` values that are this desk: any other name that leads here is a stranger's (DNS rebinding).
    """

    def __init__(self, app: App, hosts: frozenset[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = {key: value.decode("latin-1") for key, value in scope["headers"]}
        preview = str(scope["path"]).startswith(PREVIEW)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {key.lower() for key, _ in message.get("headers", [])}
                added = [pair for pair in _HEADERS.items() if pair[0] not in there]
                message["headers"] = [*message.get("headers", []), *added]
            await send(message)

        wrong = self._wrong(str(scope["method"]), given, preview=preview)
        if wrong is None:
            await self.app(scope, receive, guarded)
            return
        status, words = wrong
        head = [(b"content-type", b"text/plain; charset=utf-8")]
        await guarded({"type": "http.response.start", "status": status, "headers": head})
        await guarded({"type": "http.response.body", "body": words.encode()})

    def _wrong(self, method: str, given: dict[bytes, str], *, preview: bool) -> tuple[int, str] | None:
        if given.get(b"host", "").lower() not in self.hosts:
            return 421, "The desk answers only to this machine's own address, as the terminal printed it."
        if method in _HARMLESS:
            return None
        origin = given.get(b"origin")
        if preview:
            return 405, "A release is only looked at."
        if origin is not None and origin.lower() not in {f"http://{host}" for host in self.hosts}:
            return 403, "Another site's page sent this; nothing was done."
        if origin is None and given.get(b"sec-fetch-site", "none") not in ("same-origin", "none"):
            return 403, "Another site's page sent this; nothing was done."
        return None
