"""``/static``: scripts, styles and fonts that the pages load, read once from the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from mimetypes import guess_type

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.answers import content, known_only
from geoinv.api.releases import NotInReleaseError

__all__ = ["router"]

router = APIRouter(tags=["server"])
_MEDIA = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".otf": "font/otf", ".md": "text/plain"}


def _below(folder: Traversable, prefix: str = "") -> dict[str, Traversable]:
    found: dict[str, Traversable] = {}
    for item in sorted(folder.iterdir(), key=lambda one: one.name):
        if item.is_dir():
            found |= _below(item, f"{prefix}{item.name}/")
        else:
            found[prefix + item.name] = item
    return found


@cache
def _carried() -> dict[str, tuple[bytes, str]]:
    """Path → bytes and media type, of everything the package carries for its pages."""
    found = {}
    for path, item in _below(files("geoinv").joinpath("api/static")).items():
        media = _MEDIA.get("." + path.rpartition(".")[2]) or guess_type(path)[0] or "application/octet-stream"
        found[path] = (item.read_bytes(), media)
    return found


@router.get("/static/{path:path}", summary="A script, style or font of the pages", include_in_schema=False)
async def static(request: Request, path: str) -> Response:
    """One carried file."""
    known_only(request)
    if path not in _carried():
        raise NotInReleaseError("this server has no such file")
    body, media = _carried()[path]
    return content(request, body, media)
