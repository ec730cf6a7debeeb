"""How long the server waits for clients that send or read slowly, and how it stops: uvicorn with deadlines.

uvicorn alone waits for ever for the rest of a request's head, and for a client to read what it asked for; a few hundred
such connections would shut everybody else out.
"""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

__all__ = ["HEAD_SECONDS", "STALL_SECONDS", "configured"]

#: Seconds a connection may take to send a request's head, and to read some of an answer.
HEAD_SECONDS, STALL_SECONDS = 15.0, 30.0
#: Seconds given to requests that are under way when the server is told to stop.
_LAST_SECONDS = 10
_MOST_CONNECTIONS = 512
#: Bytes of a request's head: the readers of requests themselves set no bound, or one each.
_MOST_HEAD = 32 << 10
_TICK = 1.0


class PatientProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """A connection that is closed when its client neither asks nor reads."""

    head_seconds, stall_seconds = HEAD_SECONDS, STALL_SECONDS

    def connection_made(self, transport: Any) -> None:
        """Begin to count."""
        super().connection_made(transport)
        self._waited = self._stalled = 0.0
        self._unread = self._head = 0
        self._clock = asyncio.get_running_loop().call_later(_TICK, self._tick)

    def data_received(self, data: bytes) -> None:
        """Pass on what a client sends, as long as it is a request's head of a size that makes sense."""
        if self.cycle is None or self.cycle.response_complete:
            self._head += len(data)
            if self._head > _MOST_HEAD:
                self.transport.abort()
                return
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._head = 0

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop counting."""
        self._clock.cancel()
        super().connection_lost(exc)

    def _tick(self) -> None:
        """Look at the connection once a second."""
        busy = self.cycle is not None and not self.cycle.response_complete
        unread = self.transport.get_write_buffer_size()
        self._stalled = self._stalled + _TICK if unread and unread >= self._unread else 0.0
        self._waited = 0.0 if busy or unread else self._waited + _TICK
        self._unread = unread
        if self._waited >= self.head_seconds or self._stalled >= self.stall_seconds:
            self.transport.abort()
            return
        self._clock = asyncio.get_running_loop().call_later(_TICK, self._tick)


def configured(app: Any, *, host: str, port: int) -> uvicorn.Config:
    """Settings of uvicorn for an application: no access log of its own, deadlines, a bounded number of connections.

    Parameters
    ----------
    host, port
        Where to listen.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=PatientProtocol,
        access_log=False,
        server_header=False,
        date_header=True,
        log_level="warning",
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=_LAST_SECONDS,
        h11_max_incomplete_event_size=16 << 10,
    )
