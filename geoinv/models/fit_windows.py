"""Windows as drawn put into a fitted storey: which room has one, and in which of its outer walls.

That there is a window, and on which side, is what people draw; its size and where along the wall it is are assumed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.records.base import derived_id
from geoinv.records.blueprint import Opening, Room, Storey
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.evidence import Evidence, Status
from geoinv.records.measures import Interval

__all__ = ["with_windows"]

Floats = NDArray[np.float64]

#: A drawn window belongs to the nearest drawn room, if it is no farther from it than this share of the room's side.
_NEAR = 0.25
#: A side of a fitted room is an outer one within this of the outer wall's inner face, and from this length, metres.
_OUTER_M, _LEAST_M = 0.15, 0.7
#: Width, sill and head above the floor where nobody said, metres (low, best, high): assumed, and marked so. Sills from
#: where one looks out sitting to above the eyes, as in cells.
_SIZES = {"width_m": (0.3, 0.6, 1.2), "sill_m": (0.8, 1.3, 1.9), "head_m": (1.6, 2.1, 2.4)}
_BY = "geoinv interior"


def with_windows(storey: Storey, drawings: Sequence[Sketch], outline: BaseGeometry, *, key: bytes) -> Storey:
    """A storey with a window in each room that somebody drew one of.

    Parameters
    ----------
    storey
        Its rooms fitted, metres; rooms know what of the drawings they stand for.
    drawings
        That it was fitted from.
    outline
        The building's outer walls, in the same metres.
    key
        The case's key: ids of windows derive from it.

    Returns
    -------
    The storey. A room has one window, in the outer wall that lies to its corridor as the drawn one does; rooms drawn
    once for several, and rooms without an outer wall, have none. Places along the wall and sizes are conjectural.
    """
    by_element = _drawn_windows(drawings)
    stands = [name for room in storey.rooms for name in room.drawn]
    hall = next((room for room in storey.rooms if room.role == "corridor"), None)
    made = []
    floor = hall.polygon if hall is not None else None
    for room in storey.rooms:
        mine = {name: by_element[name] for name in room.drawn if name in by_element and stands.count(name) == 1}
        if room is hall or not mine:
            continue
        sides = _outer_sides(room, outline, storey.wall_thickness_m)
        if sides:
            bearing = float(np.median([bearing for bearing, _ in mine.values()]))
            side = min(sides, key=lambda one: (abs(_bearing(room.polygon, one, floor) - bearing),
                                               -one.length))  # fmt: skip
            made.append(_window(room, side, outline, storey.id, tuple(name for _, name in mine.values()), key))
    return storey.model_copy(update={"openings": (*storey.openings, *made)}) if made else storey


def _drawn_windows(drawings: Sequence[Sketch]) -> dict[str, tuple[float, str]]:
    """Full name of a drawn room → how its window lies to its corridor (degrees), and the window's full name."""
    found: dict[str, tuple[float, str]] = {}
    for sketch in drawings:
        rooms = [one for one in sketch.of_role("room") if isinstance(one.geometry, Polygon)]
        halls = [one.geometry for one in sketch.of_role("corridor") if not one.geometry.is_empty]
        hall = shapely.union_all(halls) if halls else None
        for window in sketch.of_role("window"):
            room = _room_of(window, rooms)
            if room is not None:
                name = sketch.full_name(room.id)
                found.setdefault(name, (_bearing(room.geometry, window.geometry, hall), sketch.full_name(window.id)))
    return found


def _room_of(window: SketchElement, rooms: Sequence[SketchElement]) -> SketchElement | None:
    if window.geometry.is_empty or not rooms:
        return None
    room = min(rooms, key=lambda one: (one.geometry.distance(window.geometry), one.id))
    return room if room.geometry.distance(window.geometry) <= _NEAR * np.sqrt(room.geometry.area) else None


def _bearing(room: BaseGeometry, thing: BaseGeometry, hall: BaseGeometry | None) -> float:
    """Angle at a room's middle between the way to its corridor and the way to a thing, 0 to 180°; 180° without one.

    Without a sign: sheets are turned and mirrored, and which end of a corner room it is stays as likely either way.
    """
    if hall is None or hall.is_empty:
        return 180.0
    middle = room.centroid
    to_hall = shapely.get_coordinates(shapely.shortest_line(middle, hall))[-1] - np.array([middle.x, middle.y])
    to_thing = np.array(thing.centroid.coords[0]) - np.array([middle.x, middle.y])
    lengths = float(np.hypot(*to_hall) * np.hypot(*to_thing))
    return float(np.degrees(np.arccos(np.clip(to_hall @ to_thing / lengths, -1, 1)))) if lengths > 1e-9 else 180.0


def _outer_sides(room: Room, outline: BaseGeometry, thickness: float) -> list[LineString]:
    """Sides of a room that face the open."""
    if not isinstance(room.polygon, Polygon):
        return []
    ring = shapely.get_coordinates(shapely.get_exterior_ring(room.polygon.simplify(0.05)))
    within = outline.boundary.buffer(thickness + _OUTER_M)
    sides = [LineString(pair) for pair in zip(ring[:-1], ring[1:], strict=True)]
    return [one for one in sides if one.length >= _LEAST_M and within.covers(one)]


def _window(
    room: Room, side: LineString, outline: BaseGeometry, storey: str, sources: tuple[str, ...], key: bytes
) -> Opening:
    middle = side.interpolate(0.5, normalized=True)
    at = shapely.shortest_line(middle, outline.boundary).interpolate(0.5, normalized=True)
    note = "drawn as a window of this room; where along the wall, and how large, is assumed"
    width = min(_SIZES["width_m"][1], side.length - 0.1)
    values = {name: best for name, (_, best, _) in _SIZES.items()} | {"width_m": round(width, 2)}
    evidence = {
        name: Evidence(
            value=values[name],
            interval=Interval(low=min(low, values[name]), best=values[name], high=high, unit="m", coverage=0.9),
            status=Status.CONJECTURAL, by=_BY, note=note, sources=sources,
        )
        for name, (low, _, high) in _SIZES.items()
    }  # fmt: skip
    evidence["at"] = Evidence(value="middle of the wall", status=Status.CONJECTURAL, sources=sources, by=_BY, note=note)
    return Opening(
        id=derived_id(storey, f"window:{room.id}", key=key),
        kind="window",
        at=(round(at.x, 4), round(at.y, 4)),
        drawn=sources,
        connects=(room.id, "outside"),
        evidence=evidence,
        **values,
    )
