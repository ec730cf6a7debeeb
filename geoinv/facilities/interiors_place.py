"""One drawing of a building's inside laid over the outline in each of the eight ways a sheet can lie."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import affine_transform
from shapely.geometry import LineString, MultiPoint, Point, Polygon

from geoinv.facilities.interiors_spine import unrolled
from geoinv.facilities.place_words import role_of
from geoinv.records.drawings import Sketch

__all__ = ["Laid", "Slot", "layings", "mean_corridor"]

Floats = NDArray[np.float64]

_ENTRANCE = re.compile(r"entr|door to outside|입구|출입", re.IGNORECASE)
#: The wall's thickness left free between drawn rooms and the outline, metres.
_WALL = 0.3


@dataclass(frozen=True)
class Slot:
    """One room's place along the spine: a drawn room, or one of several where it was drawn once with a count."""

    drawn: str
    witness: str
    independent: bool
    role: str | None
    label: str | None
    side: str
    low: float
    high: float


@dataclass(frozen=True)
class Laid:
    """A drawing laid over the outline one way, and how little that suits what is known (``cost``, lower is better)."""

    name: str
    slots: tuple[Slot, ...]
    corridor: Polygon | None
    corridor_drawn: str | None
    mirrored: bool
    cost: float


def layings(sketch: Sketch, outline: Polygon, spine: LineString, entrance: Point | None) -> tuple[Laid, ...]:
    """A drawing laid over the outline in eight ways, best first; empty if it shows no room.

    The drawing's smallest rectangle is stretched onto the outline's: order and sides survive that, sizes need not.
    """
    rooms = [e for e in sketch.of_role("room") if e.geometry.area > 0]
    if not rooms:
        return ()
    shapes = [e.geometry for e in (*rooms, *sketch.of_role("corridor")) if e.geometry.area > 0]
    turn, middle, half = _rectangle(shapely.get_coordinates(shapes))
    turn_out, middle_out, half_out = _rectangle(shapely.get_coordinates(outline))
    found = []
    for quarter in range(4):
        for flip in (1.0, -1.0):
            angle = quarter * np.pi / 2
            way = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).round() @ np.diag(
                [flip, 1.0]
            )
            size = np.abs(way @ half)
            matrix = turn_out.T @ np.diag((half_out - _WALL) / size) @ way @ turn
            shift = middle_out - matrix @ middle
            squeeze = abs(float(np.log((half_out[0] / half_out[1]) / (size[0] / size[1]))))
            found.append(_laid(sketch, matrix, shift, squeeze, outline, spine, entrance))
    return tuple(sorted(found, key=lambda laid: laid.cost))


def _rectangle(points: Floats) -> tuple[Floats, Floats, Floats]:
    """Rotation to the smallest rectangle's axes (long one first), its middle and half sides."""
    corners = shapely.get_coordinates(MultiPoint(points).minimum_rotated_rectangle)[:4]
    long, short = corners[1] - corners[0], corners[2] - corners[1]
    if np.hypot(*long) < np.hypot(*short):
        long, short = short, long
    axis = long / np.hypot(*long)
    turn = np.array([axis, [-axis[1], axis[0]]])
    return turn, corners.mean(axis=0), np.array([np.hypot(*long), np.hypot(*short)]) / 2


def _laid(
    sketch: Sketch,
    matrix: Floats,
    shift: Floats,
    squeeze: float,
    outline: Polygon,
    spine: LineString,
    entrance: Point | None,
) -> Laid:
    affine = [*matrix[0], *matrix[1], *shift]
    rooms = [(e, affine_transform(e.geometry.buffer(0), affine)) for e in sketch.of_role("room") if e.geometry.area > 0]
    mirrored = bool(np.linalg.det(matrix) < 0)
    area = sum(shape.area for _, shape in rooms)
    inside = sum(shape.intersection(outline).area for _, shape in rooms) / max(area, 1e-9)
    cost = 4 * (1 - inside) + 0.3 * squeeze + (0.4 if mirrored else 0.0)
    doors = [e for e in sketch.of_role("door") if e.label and _ENTRANCE.search(e.label)]
    if entrance is not None and doors:
        door = affine_transform(doors[0].geometry.centroid, affine)
        cost += 3 * door.distance(entrance) / (outline.length / 2)
    if sketch.north is not None:
        angle = np.radians(sketch.north)
        up = matrix @ [np.sin(angle), np.cos(angle)]
        cost += 1.5 * abs(float(np.arctan2(up[0], up[1]))) / np.pi
    halls = [e for e in sketch.of_role("corridor") if e.geometry.area > 0]
    hall = affine_transform(halls[0].geometry.buffer(0), affine) if halls else None
    slots = tuple(slot for element, shape in rooms for slot in _slots(sketch, element, shape, hall, spine))
    return Laid(sketch.name, slots, hall, sketch.full_name(halls[0].id) if halls else None, mirrored, float(cost))


def _slots(sketch: Sketch, element: object, shape: Polygon, hall: Polygon | None, spine: LineString) -> list[Slot]:
    corners = unrolled(spine, shapely.get_coordinates(shape))
    middle = unrolled(spine, np.array([[shape.centroid.x, shape.centroid.y]]))[0]
    across = middle[1]
    if hall is not None:  # the corridor's own place beside the room decides the side, not the building's middle
        near = unrolled(spine, shapely.get_coordinates(shapely.shortest_line(shape.centroid, hall))[1:])[0]
        across = middle[1] - near[1]
    low, high = (float(np.clip(v, 0.0, spine.length)) for v in (corners[:, 0].min(), corners[:, 0].max()))
    count = int(getattr(element, "count", None) or 1)
    label = getattr(element, "label", None)
    edges = np.linspace(low, max(high, low + 0.2), count + 1)
    role = role_of(label) or ("cell" if count > 1 else None)
    name = sketch.full_name(str(getattr(element, "id", "")))
    side = "left" if across > 0 else "right"
    witness = sketch.witness or sketch.name
    return [
        Slot(name, witness, not sketch.seen_before, role, label, side, float(a), float(b))
        for a, b in zip(edges[:-1], edges[1:], strict=True)
    ]


def mean_corridor(laid: Sequence[Laid], spine: LineString) -> tuple[float, float] | None:
    """Median offset left of the spine and width of the laid corridors, metres; ``None`` if nobody drew one."""
    found = []
    for one in laid:
        if one.corridor is not None:
            inner = unrolled(spine, shapely.get_coordinates(one.corridor.segmentize(1.0)))
            found.append((float(inner[:, 1].mean()), float(2 * one.corridor.area / max(one.corridor.length, 1e-9))))
    return (float(np.median([f[0] for f in found])), float(np.median([f[1] for f in found]))) if found else None
