"""The map as a page that others may put in a frame, and as a picture; everything on it comes from this server."""

from __future__ import annotations

import io
import json
import threading
from functools import lru_cache

import numpy as np
from fastapi import HTTPException, Request
from fastapi.responses import Response
from PIL import Image

from geoinv.api.answers import as_json_block, page, release_of
from geoinv.api.releases import NotInReleaseError, OpenRelease
from geoinv.pages.figures import figure_pdf, figure_png
from geoinv.pages.map_data import leaflet_data
from geoinv.pages.map_print import print_map
from geoinv.pages.map_spec import MapBy, MapScene, MapSpec
from geoinv.pages.underlays import Underlay
from geoinv.pages.words import Language, word

__all__ = ["map_page", "map_picture", "read_map"]

#: One picture is drawn at a time, and few wait: a burst of requests must not take the machine, nor every thread.
_DRAWING = threading.Lock()
_IN_LINE = threading.BoundedSemaphore(6)


def read_map(release: OpenRelease, slug: str) -> MapSpec:
    """A facility's map as published.

    Raises
    ------
    NotInReleaseError
        If the facility has none.
    """
    return MapSpec.read(json.loads(release.facility_file(slug, "map.json")), file="map.json", item=slug)


def map_page(request: Request, slug: str, language: Language, by: MapBy) -> Response:
    """A facility's map in Leaflet; a page that says so where its place is withheld."""
    release = release_of(request)
    spec = read_map(release, slug)
    root = request.scope.get("root_path", "").rstrip("/")
    data = leaflet_data(
        spec,
        language,
        cite=word("cite release", language, name=release.name),
        by=by,
        address=lambda path: f"{root}/facilities/{slug}/{path}",
    )
    return page(request, "map.html", data=as_json_block(data), title=spec.name, slug=slug, shown=bool(data["bounds"]))


def _picture_of(release: OpenRelease, slug: str, scene: MapScene) -> Underlay:
    with Image.open(io.BytesIO(release.facility_file(slug, scene.path))) as image:
        pixels = np.asarray(image.convert("RGB"), np.uint8)
    return Underlay(pixels, scene.bounds, scene.date, scene.attribution, scene.simulated)


@lru_cache(maxsize=16)
def map_picture(
    release: OpenRelease, slug: str, form: str, *, width_mm: float, dpi: int, language: Language, by: MapBy
) -> bytes:
    """A facility's map as ``svg``, ``png`` or ``pdf``, over its latest scene; the same bytes for the same release.

    Raises
    ------
    NotInReleaseError
        If nothing of its place is shown.
    FieldError
        If the width is no width of a page.
    HTTPException
        503 where too many wait.
    """
    spec = read_map(release, slug)
    if spec.empty:
        raise NotInReleaseError("this release shows no place of this facility")
    if not _IN_LINE.acquire(blocking=False):
        raise HTTPException(503, "Many pictures are being drawn just now; ask again in a moment")
    try:
        with _DRAWING:
            underlay = _picture_of(release, slug, spec.scenes[-1]) if spec.scenes else None
            cite = word("cite release", language, name=release.name)
            svg = print_map(spec, underlay, width_mm=width_mm, language=language, cite=cite, by=by)
            if form == "svg":
                return svg.encode()
            return figure_pdf(svg) if form == "pdf" else figure_png(svg, dpi=dpi)
    finally:
        _IN_LINE.release()
