"""The coordinate reference systems features are served in (OGC API – Features, part 2), and the way between them.

CRS84 is what a release holds. EPSG:4326 is the same with latitude first; EPSG:3857 is the spherical Mercator of web
maps (EPSG guidance note 7-2, method 1024).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from geoinv.api.places import Box
from geoinv.errors import FieldError

__all__ = ["CRS84", "OFFERED", "boxes_of", "crs_named", "reprojected"]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"
_EPSG3857 = "http://www.opengis.net/def/crs/EPSG/0/3857"
#: Every system offered, the stored one first.
OFFERED = (CRS84, _EPSG4326, _EPSG3857)
_RADIUS = 6378137.0
#: Half the width of the Mercator square, with a metre to spare for rounding.
_EDGE = math.pi * _RADIUS + 1.0
_BBOX = "write west,south,east,north in degrees"


def crs_named(text: str | None, field: str) -> str:
    """The system a ``crs`` or ``bbox-crs`` parameter names; CRS84 where none is given.

    Raises
    ------
    FieldError
        If it is not offered (18-058r1, requirements 10 and 11).
    """
    if text is None:
        return CRS84
    if text not in OFFERED:
        raise FieldError("this coordinate system is not offered", do=f"choose one of {', '.join(OFFERED)}", field=field)
    return text


def _swapped(x: float, y: float) -> tuple[float, float]:
    return y, x


def _mercator(lon: float, lat: float) -> tuple[float, float]:
    bounded = max(-89.99, min(89.99, lat))
    north = _RADIUS * math.log(math.tan(math.pi / 4 + math.radians(bounded) / 2))
    return round(_RADIUS * math.radians(lon), 2), round(north, 2)


def _from_mercator(x: float, y: float) -> tuple[float, float]:
    if abs(x) > _EDGE or abs(y) > _EDGE:
        raise FieldError(
            "this is no box within EPSG:3857", do="write west,south,east,north in its metres", field="bbox"
        )
    lat = math.degrees(2 * math.atan(math.exp(y / _RADIUS)) - math.pi / 2)
    return max(-180.0, min(180.0, math.degrees(x / _RADIUS))), lat


_TO: dict[str, Callable[[float, float], tuple[float, float]]] = {_EPSG4326: _swapped, _EPSG3857: _mercator}
_FROM: dict[str, Callable[[float, float], tuple[float, float]]] = {_EPSG4326: _swapped, _EPSG3857: _from_mercator}


def _mapped(coordinates: Any, function: Callable[[float, float], tuple[float, float]]) -> Any:
    if coordinates and isinstance(coordinates[0], int | float):
        return [*function(coordinates[0], coordinates[1]), *coordinates[2:]]
    return [_mapped(part, function) for part in coordinates]


def reprojected(body: bytes, crs: str) -> bytes:
    """A feature's GeoJSON text, UTF-8, with its geometry in another system, axes in that system's order."""
    if crs == CRS84:
        return body
    found = json.loads(body)
    if found.get("geometry"):
        found["geometry"]["coordinates"] = _mapped(found["geometry"]["coordinates"], _TO[crs])
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def boxes_of(text: str | None, crs: str = CRS84) -> tuple[Box, ...]:
    """A ``bbox`` parameter as boxes of longitude and latitude: two where it crosses the date line.

    Parameters
    ----------
    crs
        The system its numbers are in; heights of six are passed over.

    Raises
    ------
    FieldError
        If it is not four (or six) numbers in order and in range.
    """
    if text is None:
        return ()
    numbers = _numbers(text)
    lower, upper = (numbers[0], numbers[1]), (numbers[2], numbers[3])
    if crs != CRS84:
        lower, upper = _FROM[crs](*lower), _FROM[crs](*upper)
    (west, south), (east, north) = lower, upper
    in_range = -90 <= south <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180
    if not in_range:
        raise FieldError("this is no box on the Earth", do=_BBOX, field="bbox")
    if west <= east:
        return ((west, south, east, north),)
    return (west, south, 180.0, north), (-180.0, south, east, north)


def _numbers(text: str) -> Sequence[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise FieldError("a box is four numbers", do=_BBOX, field="bbox") from error
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise FieldError("a box is four numbers", do=_BBOX, field="bbox")
    return numbers
