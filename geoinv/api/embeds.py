"""The map as a page that others may put in a frame; everything on it comes from this server."""

from __future__ import annotations

import json

from fastapi import Request
from fastapi.responses import Response

from geoinv.api.answers import as_json_block, page, release_of
from geoinv.pages.words import Language

__all__ = ["map_page"]


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
    return page(request, "map.html", data=as_json_block(data), title=data["title"], shown=bool(data["bounds"]))
