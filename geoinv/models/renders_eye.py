"""What somebody would see who stood in a model: a place, a direction, perspective."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geoinv.errors import InputError

__all__ = ["Eye", "eye_in"]

#: Height of the eyes of somebody standing, metres.
_STANDING_M = 1.6
#: Directions and places tried for the longest view in a room; nobody stands nearer to a wall than this, metres.
_WAYS, _STEPS, _CLEAR_M = 36, 32, 0.35
#: Somebody who looks along a room looks down a little, degrees.
_DOWN = -6.0


@dataclass(frozen=True)
class Eye:
    """A viewer in the model, with a lamp at the forehead: most of what is inside has no other light.

    Attributes
    ----------
    at
        Metres east, north and up.
    azimuth
        Where it looks, degrees clockwise from north.
    pitch
        Degrees upwards; negative looks down.
    field
        Width of the view, degrees.
    """

    at: tuple[float, float, float]
    azimuth: float
    pitch: float = 0.0
    field: float = 75.0

    def axes(self) -> NDArray[np.float64]:
        """Unit vectors right, up and backwards, rows of shape (3, 3)."""
        turn, tilt = math.radians(self.azimuth), math.radians(self.pitch)
        back = -np.array([math.sin(turn) * math.cos(tilt), math.cos(turn) * math.cos(tilt), math.sin(tilt)])
        right = np.array([math.cos(turn), -math.sin(turn), 0.0])
        return np.array([right, np.cross(back, right), back])


def eye_in(floor: BaseGeometry, floor_m: float = 0.0) -> Eye:
    """Somebody standing in a room where one sees farthest along it.

    Parameters
    ----------
    floor
        The room's, metres east and north.
    floor_m
        How high it lies.

    Raises
    ------
    InputError
        If there is no floor to stand on.
    """
    near = shapely.buffer(floor, -_CLEAR_M)
    free: BaseGeometry = floor if near.is_empty else near
    if free.is_empty:
        raise InputError("there is no floor to stand on", do="choose a room")
    west, south, east, north = free.bounds
    x, y = np.meshgrid(np.linspace(west, east, _STEPS), np.linspace(south, north, _STEPS))
    spots = [spot for spot in map(Point, x.ravel(), y.ravel()) if free.covers(spot)] or [free.representative_point()]
    reach = math.hypot(east - west, north - south) + 2.0
    widest = max(1e-6, *(float(floor.boundary.distance(spot)) for spot in spots))
    best, chosen = -1.0, Eye((spots[0].x, spots[0].y, floor_m + _STANDING_M), 0.0)
    for spot in spots:
        # People walk in the middle of a corridor: half of a view's worth is standing clear of the walls.
        clear = 0.5 + 0.5 * min(1.0, float(floor.boundary.distance(spot)) / widest)
        for number in range(_WAYS):
            azimuth = 360.0 * number / _WAYS
            value = round(clear * _sight(floor, spot, azimuth, reach), 3)
            if value > best:
                best, chosen = value, Eye((spot.x, spot.y, floor_m + _STANDING_M), azimuth, pitch=_DOWN)
    return chosen


def _sight(floor: BaseGeometry, spot: Point, azimuth: float, reach: float) -> float:
    """How far one sees from a place before the room ends, metres."""
    turn = math.radians(azimuth)
    end = (spot.x + reach * math.sin(turn), spot.y + reach * math.cos(turn))
    parts = shapely.get_parts(LineString([(spot.x, spot.y), end]).intersection(floor))
    return float(min(parts, key=lambda part: float(part.distance(spot))).length)
