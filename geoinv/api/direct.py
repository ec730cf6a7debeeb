"""The shortest way to what is asked for most of all: pages of features, and single ones.

Looking a path up among all routes, and the layers a framework puts around each, cost several times what it takes to
answer; these two paths are known by their shape and go straight to their handlers. Whatever goes wrong is told by the
same table of problems.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import Response

from geoinv.api.guard import ROUTE, Message, Receive, Send
from geoinv.api.problems import answer_to
from geoinv.api.routes.items import item, items

__all__ = ["Direct"]

_Handler = Callable[[Request], Awaitable[Response]]

_ITEMS, _ITEM = "/collections/{collection}/items", "/collections/{collection}/items/{item}"


class Direct:
    """Answers for features itself and passes everything else on.

    Parameters
    ----------
    app
        The application that knows all other paths.
    """

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        handler = self._handler(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if handler is None:
            await self.app(scope, receive, send)
            return
        scope["app"] = self.app
        request = Request(scope)
        try:
            response = await handler(request)
        except Exception as error:
            response, unforeseen = answer_to(request, error)
            await response(scope, receive, send)
            if unforeseen:
                raise
            return
        await response(scope, receive, send)

    def _handler(self, scope: Message) -> _Handler | None:
        """What answers a path, with its parts noted; ``None`` for a path of another shape."""
        path, root = str(scope["path"]), scope.get("root_path", "")
        # A proxy may have stripped the prefix, or not.
        parts = (path.removeprefix(root) if root and path.startswith(f"{root}/") else path).split("/")
        if len(parts) not in (4, 5) or parts[:2] != ["", "collections"]:
            return None
        if parts[3] != "items" or not parts[2] or not parts[-1]:
            return None
        scope["path_params"] = {"collection": parts[2], "item": parts[-1]}
        scope[ROUTE] = _ITEMS if len(parts) == 4 else _ITEM
        return items if len(parts) == 4 else item
