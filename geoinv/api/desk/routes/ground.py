"""The ground under every map of the desk: scenes as tiles of the facility's own metres, and where things lie on it."""

from __future__ import annotations

import math
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.desk.placed import frame_of_facility, scenes_of
from geoinv.api.desk.shell import Seated
from geoinv.errors import FieldError, InputError
from geoinv.records.places import Frame

__all__ = ["router"]

router = APIRouter()


@router.get("/facilities/{slug}/ground")
def ground(request: Request, seat: Seated, slug: str) -> dict[str, Any]:
    """Scenes that show a facility, oldest first, each with the address of its tiles and its edge in metres."""
    with seat.desk.case() as case:
        case.facility(slug)
        frame = frame_of_facility(case, slug)
        if frame is None:
            return {"frame": None, "scenes": []}
        scenes, problems = scenes_of(case, frame, seat.desk.tiles)
    return {"frame": {"lon": frame.lon, "lat": frame.lat}, "scenes": scenes, "problems": problems}


@router.get("/tiles/{scene}/{lon}/{lat}/{z}/{x}/{y}")
def tile(request: Request, seat: Seated, scene: str, lon: float, lat: float, z: int, x: int, y: int) -> Response:
    """One tile; 204 while the scene is still being shrunk, and where it cannot be known any more."""
    if not (-8 <= z <= 6 and abs(x) < 2**22 and abs(y) < 2**22 and math.isfinite(lon) and abs(lon) <= 180):
        raise FieldError("there is no such tile", do="reload the page", field="tile")
    if not (math.isfinite(lat) and abs(lat) < 89.9):
        raise FieldError("there is no such tile", do="reload the page", field="tile")
    tiles = seat.desk.tiles
    frame = Frame(lon=lon, lat=lat)
    if not tiles.is_known(scene):
        with seat.desk.case() as case:
            scenes_of(case, frame, tiles)
    try:
        made = tiles.tile(scene, frame, z, x, y)
    except KeyError as error:
        raise InputError("this scene is not in the case any more", do="reload the page") from error
    if made is None:
        return Response(status_code=204)
    return Response(made, media_type="image/webp", headers={"Cache-Control": "private, max-age=600"})
