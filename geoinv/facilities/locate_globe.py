"""Regions computed in metres as they stand on the globe: cut at the date line, as RFC 7946 (3.1.9) asks."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.errors import RefusalError
from geoinv.geometry.frames import to_lonlat, xy_to_local, xy_to_lonlat
from geoinv.records.places import Frame

__all__ = ["on_globe"]

#: Half of the slit along the date line, metres; vertices of the cut line, degrees apart.
_SLIT_M, _STEP = 2e-3, 0.05


def on_globe(frame: Frame, shape: BaseGeometry) -> BaseGeometry:
    """A region in metres of a frame, in longitude and latitude, in two where the date line goes through it.

    Raises
    ------
    RefusalError
        If a pole lies in it: there is no polygon of longitudes and latitudes around a pole.
    """
    pole = 90.0 if frame.lat > 0 else -90.0
    if shape.intersects(Point(xy_to_local(frame, np.array([[frame.lon, pole]]))[0])):
        raise RefusalError("what was said leaves the place open around a pole", do="check the latitudes")
    west, _, east, _ = to_lonlat(frame, shape).bounds
    if east - west < 180.0:
        return to_lonlat(frame, shape)
    latitudes = np.arange(-89.9, 90.0, _STEP)
    line = LineString(xy_to_local(frame, np.column_stack([np.full(len(latitudes), 180.0), latitudes])))
    near = line.intersection(shape.envelope.buffer(10_000.0))
    parts = shapely.get_parts(shape.difference(near.buffer(_SLIT_M, cap_style="flat")))
    sides = [_one_side(frame, part) for part in parts if isinstance(part, Polygon)]
    return MultiPolygon([part for part in sides if part.area > 0])


def _one_side(frame: Frame, part: Polygon) -> Polygon:
    """A polygon that does not cross the date line, all of its longitudes of one sign there."""
    inside = xy_to_lonlat(frame, np.array(part.representative_point().coords))[0, 0]

    def placed(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        lonlat: NDArray[np.float64] = xy_to_lonlat(frame, xy)
        lonlat[:, 0] = inside + (lonlat[:, 0] - inside + 180.0) % 360.0 - 180.0
        return np.asarray(np.round(np.clip(lonlat, [-180.0, -90.0], [180.0, 90.0]), 8), np.float64)

    made: Polygon = shapely.transform(part, placed)
    return made
