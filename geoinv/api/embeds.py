"""The map as a page that others may put in a frame; everything on it comes from this server."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from markupsafe import Markup

from geoinv.api.answers import page, release_of
from geoinv.pages.words import Language

__all__ = ["map_page"]


def _block(data: Any) -> Markup:
    """Data for a ``<script type="application/json">`` block, with nothing in it that could end the block."""
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(text)


def map_page(request: Request, slug: str, language: Language) -> Response:
    """A facility's map; in English where the release has none in the language asked for.

    Raises
    ------
    NotInReleaseError
        If the facility has no map.
    """
    release = release_of(request)
    name = f"map-{language}.json" if release.has(slug, f"map-{language}.json") else "map.json"
    data = json.loads(release.facility_file(slug, name))
    root = request.scope.get("root_path", "").rstrip("/")
    for scene in data["scenes"]:
        scene["url"] = f"{root}/facilities/{slug}/{scene.pop('path')}"
    return page(request, "map.html", data=_block(data), title=data["title"], shown=bool(data["bounds"]))
