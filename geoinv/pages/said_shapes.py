"""What one statement says, as a shape on a map: circles of pins, wedges of directions, bands of distances."""

from __future__ import annotations

import math

import numpy as np
from shapely.geometry import LineString, MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from geoinv.geometry.frames import to_local, xy_to_local
from geoinv.records.places import Frame
from geoinv.records.testimony import Statement, Statements, bearing_of

__all__ = ["said_shape"]

#: Half-width that a compass word leaves open, degrees, by its letters; of a number.
_HEADING = {1: 45.0, 2: 22.5, 3: 11.25}
_DEGREES = 10.0
#: A distance as said is drawn with a third either way; walking at 0.75 to 1.5 m/s.
_SHARE, _SLOW, _FAST = 1.35, 45.0, 90.0
#: Where nothing is said of how far: so far, metres; and how long the arrow of a side is, as a share of the map's half.
_FAR_M, _ARROW = 3000.0, 0.12


def said_shape(statement: Statement, statements: Statements, frame: Frame, half_m: float) -> tuple[BaseGeometry, Point]:
    """Outline of what a statement allows and the place of its number, metres of a frame; empty if there is none.

    Parameters
    ----------
    statement
        One of them.
    statements
        All, for the landmarks.
    frame, half_m
        Of the map, and half its side in metres.
    """
    if statement.point is not None:
        spot = Point(xy_to_local(frame, np.array([statement.point], dtype=float))[0])
        return (spot.buffer(statement.radius_m, quad_segs=24) if statement.radius_m else Polygon()), spot
    marks = [
        to_local(frame, statements.landmarks[key].geometry)
        for key in (statement.landmark, *statement.landmarks)
        if key in statements.landmarks
    ]
    home = Point(0, 0)
    if statement.kind == "area":
        shape = _area(statement, statements, frame)
        return shape, _spot(shape, home)
    if not marks:
        return Polygon(), home
    if statement.kind == "between":
        line = MultiPoint([mark.centroid for mark in marks]).convex_hull
        return line.buffer(0.1 * max(1.0, math.sqrt(2) * line.length)), line.centroid
    mark = marks[0]
    if statement.kind in ("from", "walk"):
        return _bearing(statement, mark)
    if statement.kind == "near":
        reach = np.max(statement.distance_m) if statement.distance_m is not None else 1000.0
        shape = mark.buffer(float(reach))
        return shape, _spot(shape, home)
    near = nearest_points(mark, home)[0]
    if statement.kind == "sees":
        return LineString([near, home]) if near.distance(home) > 1 else Polygon(), Point(near.x / 2, near.y / 2)
    arrow = _side(statement, mark, near, _ARROW * half_m)
    return arrow, Point(arrow.coords[-1]) if isinstance(arrow, LineString) else near


def _spot(shape: BaseGeometry, home: Point) -> Point:
    """The middle of a shape, or where it comes nearest if that is far off."""
    if shape.is_empty:
        return home
    middle = shape.representative_point()
    return middle if middle.distance(home) < 5000 else nearest_points(shape, home)[0]


def _area(statement: Statement, statements: Statements, frame: Frame) -> BaseGeometry:
    if statement.polygon is not None:
        return to_local(frame, statement.polygon)
    name = (statement.place or "").casefold()
    for key, mark in statements.landmarks.items():
        if name in (key.casefold(), mark.name.casefold()) and mark.geometry.area > 0:
            return to_local(frame, mark.geometry)
    return Polygon()


def _bearing(statement: Statement, mark: BaseGeometry) -> tuple[BaseGeometry, Point]:
    """A wedge, a ring or a piece of a ring about a landmark, and a place in its middle."""
    low, high = _distances(statement)
    centre, bearing = mark.centroid, bearing_of(statement.direction)
    middle = math.sqrt(max(low, 1.0) * high) if low else 0.6 * high
    if bearing is None:
        ring = centre.buffer(high, quad_segs=32).difference(centre.buffer(low, quad_segs=32)) if low else Polygon()
        towards = math.atan2(-centre.x, -centre.y)
        return ring, Point(centre.x + middle * math.sin(towards), centre.y + middle * math.cos(towards))
    word = statement.direction.strip() if isinstance(statement.direction, str) else ""
    half = _HEADING.get(len(word), _DEGREES)
    angles = np.radians(np.linspace(bearing - half, bearing + half, 25))
    out = np.column_stack([np.sin(angles), np.cos(angles)])
    ring_at = [*(out * high).tolist(), *((out[::-1] * low).tolist() if low else [[0.0, 0.0]])]
    wedge = Polygon([(centre.x + x, centre.y + y) for x, y in ring_at])
    turn = math.radians(bearing)
    return wedge, Point(centre.x + middle * math.sin(turn), centre.y + middle * math.cos(turn))


def _distances(statement: Statement) -> tuple[float, float]:
    """Least and most metres, 0 for none said."""
    if statement.kind == "walk" and statement.minutes is not None:
        return _SLOW * float(np.min(statement.minutes)), _FAST * float(np.max(statement.minutes))
    if statement.distance_m is None:
        return 0.0, _FAR_M
    low, high = float(np.min(statement.distance_m)), float(np.max(statement.distance_m))
    return (low / _SHARE, high * _SHARE) if low == high else (low, high)


def _side(statement: Statement, mark: BaseGeometry, near: Point, length: float) -> BaseGeometry:
    """A stroke from a line to the side that was said."""
    word = (statement.side or "").strip().lower()
    if word in ("left", "right"):
        line = max((p for p in getattr(mark, "geoms", [mark]) if p.geom_type == "LineString"),
                   key=lambda part: part.length, default=None)  # fmt: skip
        if line is None:
            return Polygon()
        at = line.project(near)
        start, end = line.interpolate(max(0.0, at - 1)), line.interpolate(at + 1)
        turn = math.atan2(end.x - start.x, end.y - start.y) + math.radians(-90 if word == "left" else 90)
    else:
        turn = math.radians(bearing_of(statement.side) or 0.0)
    turn += math.pi if statement.negated else 0.0
    return LineString([near.coords[0], (near.x + length * math.sin(turn), near.y + length * math.cos(turn))])
