"""Releases as their audience will see them, before they are made: served by the very server that will serve them."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

from geoinv.api.desk.guard import PREVIEW, App, Message, Receive, Send
from geoinv.api.publish import ReleasePlan
from geoinv.api.server import create_app
from geoinv.files.atomic import write_bytes, write_folder

__all__ = ["Previews"]

_KEPT = 3


class Previews:
    """Planned releases laid out in the desk's own folder, the last few of them.

    Parameters
    ----------
    folder
        Where they lie; emptied at the start.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._apps: dict[str, App] = {}
        shutil.rmtree(folder, ignore_errors=True)

    def put(self, plan: ReleasePlan) -> str:
        """Lay a plan out to be looked at.

        Returns
        -------
        str
            Path of its first page.
        """
        with self._lock:
            if plan.name not in self._apps:
                folder = self._folder / plan.name
                with write_folder(folder, mode=0o700) as temporary:
                    for path, content in sorted(plan.files.items()):
                        write_bytes(temporary / path, content)
                made: Any = create_app(folder, root_path=f"{PREVIEW}{plan.name}")
                self._apps[plan.name] = made
                while len(self._apps) > _KEPT:
                    gone = next(iter(self._apps))
                    del self._apps[gone]
                    shutil.rmtree(self._folder / gone, ignore_errors=True)
        return f"{PREVIEW}{plan.name}/"

    def close(self) -> None:
        """Delete what was laid out."""
        self._apps.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request below ``PREVIEW`` that has been let in."""
        name, _, rest = str(scope["path"]).removeprefix(PREVIEW).partition("/")
        app = self._apps.get(name)
        if app is None:
            head = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 404, "headers": head})
            await send({"type": "http.response.body", "body": b"Plan the release again, then look at it."})
            return
        root = f"{PREVIEW}{name}"
        await app({**scope, "root_path": root, "path": f"{root}/{rest}", "app_root_path": root}, receive, send)
