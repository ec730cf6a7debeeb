"""One drawing of an inside read along its corridor: where each room lies, on which side, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.interiors_spine import spine_of, unrolled
from geoinv.facilities.interiors_undrawn import undrawn_corridor
from geoinv.facilities.place_words import room_named
from geoinv.records.drawings import Sketch, SketchElement

__all__ = ["Reading", "Slot", "read_inside"]

Floats = NDArray[np.float64]

_ENTRANCE = re.compile(r"entr|door to outside|way in|입구|출입", re.IGNORECASE)
_TOILET = re.compile(r"toilet|latrine|변소|화장실", re.IGNORECASE)
#: Rooms that one drawn room with a count may stand for at most; more is a slip of the pen.
_MOST = 60


@dataclass(frozen=True)
class Slot:
    """One room's place along the drawn corridor: a drawn room, or one of several where it was drawn once with a count.

    Attributes
    ----------
    drawn
        ``sketch-file#element-id``.
    role, number, label
        What the label says.
    side
        1 for left of the corridor as it is walked, -1 for right of it.
    low, high
        From and to, along the drawn corridor (drawing units).
    of
        How many rooms it was drawn as one with, itself included.
    certainty
        The witness's own, 0–1.
    """

    drawn: str
    role: str | None
    number: int | None
    label: str | None
    side: int
    low: float
    high: float
    of: int = 1
    certainty: float = 1.0


@dataclass(frozen=True)
class Reading:
    """A drawing read along its corridor, from one end to the other.

    Attributes
    ----------
    name, witness, independent
        The drawing, who knew the place, and whether nothing had been shown to her before.
    slots
        In order along the corridor.
    knots
        Lengths along the drawn corridor at its ends and bends, shape (arms + 1,).
    turns
        At each bend: 1 for left, -1 for right.
    entrance
        Share of the drawn corridor's length and side (1 left, -1 right, 0 at an end), or ``None`` if not drawn.
    headings
        Bearing of each arm in degrees clockwise from north, or ``None`` if no north is given.
    corridor, corridor_share, offset
        Full name of the drawn corridor, or ``None``; its width as a share of what was drawn across; and how far left
        of the middle of what was drawn it runs, as a share of the same.
    """

    name: str
    witness: str
    independent: bool
    slots: tuple[Slot, ...]
    knots: Floats
    turns: tuple[int, ...]
    entrance: tuple[float, int] | None
    headings: Floats | None
    corridor: str | None
    corridor_share: float | None
    offset: float | None


def read_inside(sketch: Sketch, building: LineString | None = None) -> Reading | None:
    """A drawing read along its corridor; ``None`` if it shows no room.

    The corridor is the drawn one; where none is drawn, it is taken to run along the doors, or through the middle of
    what is drawn, or with the bends of the ``building``'s middle line where those clearly fit between the rooms.
    """
    rooms = [(e, shape) for e in sketch.of_role("room") if (shape := _whole(e.geometry)) is not None]
    if not rooms:
        return None
    halls = [(e, shape) for e in sketch.of_role("corridor") if (shape := _whole(e.geometry)) is not None]
    hall = max(halls, key=lambda item: item[1].area) if halls else None
    line = _drawn_line(sketch, [shape for _, shape in rooms], hall[1] if hall else None, building)
    points = np.asarray(line.coords)
    steps = np.diff(points, axis=0)
    knots = np.concatenate([[0.0], np.cumsum(np.hypot(*steps.T))])
    turns = tuple(1 if a[0] * b[1] - a[1] * b[0] > 0 else -1 for a, b in zip(steps[:-1], steps[1:], strict=True))
    slots = [slot for element, shape in rooms for slot in _slots(sketch, element, shape, line, knots)]
    width, offset = _across(line, hall[1], [shape for _, shape in rooms]) if hall else (None, None)
    headings = None
    if sketch.north is not None:
        headings = (np.degrees(np.arctan2(steps[:, 0], steps[:, 1])) - sketch.north) % 360.0
    return Reading(
        name=sketch.name,
        witness=sketch.witness or sketch.name,
        independent=not sketch.seen_before,
        slots=tuple(sorted(slots, key=lambda slot: (slot.low + slot.high, slot.drawn))),
        knots=knots,
        turns=turns,
        entrance=_entrance(sketch, line, knots),
        headings=headings,
        corridor=sketch.full_name(hall[0].id) if hall else None,
        corridor_share=width,
        offset=offset,
    )


def _whole(shape: BaseGeometry) -> Polygon | None:
    """A drawn shape as one valid polygon; ``None`` if it encloses nothing."""
    if shape.area <= 0:
        return None
    parts = getattr(shape.buffer(0), "geoms", [shape.buffer(0)])
    largest = max(parts, key=lambda part: part.area)
    return largest if isinstance(largest, Polygon) and largest.area > 0 else None


def _drawn_line(
    sketch: Sketch, rooms: Sequence[Polygon], hall: Polygon | None, building: LineString | None
) -> LineString:
    if hall is not None:
        return spine_of(hall)
    walls = [e.geometry for e in sketch.of_role("wall") if e.geometry.length > 0]
    rings = [
        Polygon(shapely.get_coordinates(wall)).buffer(0) for wall in walls if shapely.get_num_coordinates(wall) > 3
    ]
    around = max((ring for ring in rings if isinstance(ring, Polygon)), key=lambda ring: ring.area, default=None)
    every = shapely.union_all(list(rooms))
    doors = _doors(sketch)
    if around is not None and around.buffer(0.02 * around.length).covers(every):
        line = spine_of(around)
        if len(line.coords) > 2:
            return line
        return _beside(line, rooms, doors)
    hull = MultiPoint(shapely.get_coordinates([*rooms, *doors])).minimum_rotated_rectangle
    straight = _beside(spine_of(hull) if isinstance(hull, Polygon) else LineString(hull.coords), rooms, doors)
    return straight if building is None else undrawn_corridor(straight, building, rooms, doors)


def _beside(line: LineString, rooms: Sequence[Polygon], doors: Sequence[BaseGeometry]) -> LineString:
    """A straight middle line moved sideways to where the rooms' doors are."""
    on_rooms = [door for door in doors if min(door.distance(room) for room in rooms) < 0.02 * line.length]
    if len(on_rooms) < 2:
        return line
    left = unrolled(line, np.array([door.centroid.coords[0] for door in on_rooms]))[:, 1]
    shift = float(np.median(left))
    ahead = np.diff(np.asarray(line.coords), axis=0)[0]
    aside = np.array([-ahead[1], ahead[0]]) / np.hypot(*ahead) * shift
    return LineString(np.asarray(line.coords) + aside)


def _doors(sketch: Sketch) -> list[BaseGeometry]:
    return [e.geometry for e in sketch.of_role("door") if not e.geometry.is_empty]


def _slots(sketch: Sketch, element: SketchElement, shape: Polygon, line: LineString, knots: Floats) -> list[Slot]:
    points = np.asarray(line.coords)
    centre = np.array(shape.centroid.coords[0])
    arm = _arm(points, centre, shape, sketch)
    start, way = points[arm], points[arm + 1] - points[arm]
    way = way / np.hypot(*way)
    left = float(way[0] * (centre - start)[1] - way[1] * (centre - start)[0])
    corners = _as_of_row((shapely.get_coordinates(shape) - start) @ way, points, arm, left)
    low, high = knots[arm] + float(corners.min()), knots[arm] + float(corners.max())
    doors = [door for door in _doors(sketch) if door.distance(shape) < 0.05 * np.sqrt(shape.area)]
    count = min(int(element.count or 1), _MOST)
    if abs(left) < 0.25 * np.sqrt(shape.area) and len(doors) == 1:  # on the line: its door tells which side it is
        away = centre - np.array(doors[0].centroid.coords[0])
        left = float(way[0] * away[1] - way[1] * away[0])
    named = room_named(element.label)
    role = named.role or ("cell" if count > 1 else None)
    if role is None and any(
        _TOILET.search(e.label or "") and shape.contains(e.geometry) for e in sketch.of_role("fixture")
    ):
        role = "latrine"
    edges = np.linspace(low, max(high, low + 1e-6), count + 1)
    return [
        Slot(
            drawn=sketch.full_name(element.id),
            role=role,
            number=named.number if role in ("cell", None) and count == 1 else None,
            label=element.label,
            side=1 if left > 0 else -1,
            low=float(a),
            high=float(b),
            of=count,
            certainty=element.certainty,
        )
        for a, b in zip(edges[:-1], edges[1:], strict=True)
    ]


def _as_of_row(along: Floats, points: Floats, arm: int, left: float) -> Floats:
    """Lengths along an arm as if the row beside it, which is shorter inside a bend and longer outside, were as long."""
    steps = np.diff(points, axis=0)
    length = float(np.hypot(*steps[arm]))
    start, end = 0.0, length
    for bend, at_start in ((arm, True), (arm + 1, False)):
        if 0 < bend < len(points) - 1:
            before, after = steps[bend - 1], steps[bend]
            turns_left = before[0] * after[1] - before[1] * after[0] > 0
            cut = min(abs(left), 0.45 * length) * (1 if turns_left == (left > 0) else -1)
            start, end = (start + cut, end) if at_start else (start, end - cut)
    return (along - start) * length / (end - start)


def _arm(points: Floats, centre: Floats, shape: Polygon, sketch: Sketch) -> int:
    """The arm of the corridor that a room lies along: the one it has most of its front on."""
    if len(points) == 2:
        return 0
    fronts = []
    for index in range(len(points) - 1):
        way = points[index + 1] - points[index]
        length = float(np.hypot(*way))
        share = (shapely.get_coordinates(shape) - points[index]) @ way / length
        aside = abs(float(way[0] * (centre - points[index])[1] - way[1] * (centre - points[index])[0])) / length
        overlap = min(length, float(share.max())) - max(0.0, float(share.min()))
        beyond = max(0.0, -overlap)
        fronts.append((max(0.0, aside) + 3 * beyond - 0.5 * max(0.0, overlap), index))
    return min(fronts)[1]


def _entrance(sketch: Sketch, line: LineString, knots: Floats) -> tuple[float, int] | None:
    doors = [e for e in sketch.of_role("door") if e.label and _ENTRANCE.search(e.label)]
    if not doors:
        return None
    place = unrolled(line, np.array([doors[0].geometry.centroid.coords[0]]))[0]
    share = float(np.clip(place[0] / knots[-1], 0.0, 1.0))
    at_end = min(share, 1 - share) < 0.03
    return share, 0 if at_end else (1 if place[1] > 0 else -1)


def _across(line: LineString, hall: Polygon, rooms: Sequence[Polygon]) -> tuple[float, float]:
    """Width of the drawn corridor and its place left of the middle, as shares of what is drawn across."""
    width = 2 * hall.area / hall.length if hall.length else 0.0
    width = hall.area / line.length if line.length else width
    left = [unrolled(line, shapely.get_coordinates(room))[:, 1] for room in rooms]
    over = [float(side.max()) for side in left if side.mean() > 0]
    under = [float(side.min()) for side in left if side.mean() <= 0]
    top = max(width / 2, float(np.median(over))) if over else width / 2
    bottom = min(-width / 2, float(np.median(under))) if under else -width / 2
    return width / (top - bottom), -(top + bottom) / 2 / (top - bottom)
