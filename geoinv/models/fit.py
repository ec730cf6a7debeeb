"""Rooms as drawn fitted into a building's outline: strips along the corridor, widths by least squares, order kept.

What is fitted is order and side; widths and depths come from the drawings only as far as the outline leaves them free.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray
from scipy.optimize import lsq_linear
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.errors import RefusalError
from geoinv.geometry.frames import FrameShape, to_lonlat
from geoinv.records.base import derived_id
from geoinv.records.blueprint import Contradiction, Opening, Room, Storey
from geoinv.records.evidence import Evidence, Status
from geoinv.records.measures import Interval
from geoinv.records.places import Frame
from geoinv.records.rooms import PlannedRoom, RoomPlan

__all__ = ["fit_rooms", "rooms_table"]

Floats = NDArray[np.float64]

#: Outer and inner walls, metres; assumed, as drawings do not show them.
_OUTER_M, _INNER_M = 0.35, 0.2
#: A stretch of strip that nobody drew becomes an inferred room from here, metres; less goes to the neighbours.
_BLANK_M = 2.2
_LEAST_M = 0.9
#: A room that ends this near a bend reaches into its outer corner, metres.
_CORNER_M = 1.0
_BY = "geoinv interior"
#: Clear height and door sizes where nobody said: assumed, and marked so.
_HEIGHT_M, _DOOR_WIDTH_M, _DOOR_HEAD_M = 2.6, 0.8, 1.9


def fit_rooms(
    plan: RoomPlan, outline: FrameShape, *, parent: str = "building", key: bytes = b"geoinv"
) -> tuple[Storey, tuple[Contradiction, ...]]:
    """One storey with the planned rooms inside the outline.

    Parameters
    ----------
    plan
        What the drawings agree on, in the outline's frame.
    outline
        The building's outer walls.
    parent, key
        Id of the building, and the case's key: ids of rooms derive from them.

    Returns
    -------
    The storey, and the plan's contradictions with ids of rooms added; a room that did not fit is one more.

    Raises
    ------
    RefusalError
        If the outline is too narrow to hold a corridor and rooms.
    """
    if not isinstance(outline.shape, Polygon) or outline.shape.buffer(-_OUTER_M).is_empty:
        raise RefusalError("the outline is too small to hold rooms", do="check the building's outline")
    spine = _line(plan)
    hall = _corridor(plan, spine, outline.shape)
    inside = outline.shape.buffer(-_OUTER_M, join_style="mitre")
    storey_id = derived_id(parent, "storey:0", key=key)
    rooms: list[Room] = []
    lost: list[Contradiction] = []
    for side in ("left", "right"):
        planned = [room for room in plan.rooms if room.side == side]
        strip = _strip(spine, inside, hall, side)
        if strip is None:
            lost += [_no_room(room, f"there is no room for a row on the {side} of the corridor") for room in planned]
            continue
        made, failed = _filled(planned, strip, spine, side, storey_id, key)
        rooms += made
        lost += failed
    rooms.append(_corridor_room(plan, hall.intersection(inside), storey_id, key))
    storey = Storey(
        id=storey_id,
        height_m=_HEIGHT_M,
        wall_thickness_m=_OUTER_M,
        rooms=tuple(rooms),
        openings=_doors(rooms, storey_id, key),
        evidence={
            "floor_m": Evidence(value=0.0, status=Status.CONJECTURAL, by=_BY, note="the ground floor is assumed level"),
            "height_m": _assumed(_HEIGHT_M, 2.2, 3.2, "clear height is assumed: no drawing gives it"),
            "wall_thickness_m": _assumed(_OUTER_M, 0.25, 0.5, "wall thickness is assumed: no drawing gives it"),
        },
    )
    return storey, (*(_with_rooms(item, rooms) for item in plan.contradictions), *lost)


def rooms_table(storey: Storey, frame: Frame, plan: RoomPlan | None = None) -> gpd.GeoDataFrame:
    """A storey's rooms on the ground (ROOMS.geojson), EPSG:4326.

    Columns ``id``, ``role`` (``room`` or ``corridor``), ``use`` (what the room was), ``drawn`` and ``labels`` (lists),
    ``status``, ``strain_m``, ``evidence`` (JSON text) and ``geometry``. ``attrs["members"]`` holds ``cell_count``,
    ``entrance`` (longitude, latitude) and ``drawings`` where the plan is given.
    """
    rows = [
        {
            "id": room.id,
            "role": "corridor" if room.role == "corridor" else "room",
            "use": room.role,
            "drawn": list(room.drawn),
            "labels": list(room.labels),
            "status": room.status.value,
            "strain_m": room.strain_m,
            "evidence": json.dumps(
                {k: v.plain() for k, v in room.evidence.items()}, ensure_ascii=False, sort_keys=True
            ),
            "geometry": to_lonlat(frame, room.polygon),
        }
        for room in storey.rooms
    ]
    columns = ["id", "role", "use", "drawn", "labels", "status", "strain_m", "evidence", "geometry"]
    table = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs="EPSG:4326")
    members: dict[str, object] = {}
    if plan is not None:
        count = plan.cell_count
        members["cell_count"] = {"low": int(count.low), "best": int(count.best), "high": int(count.high)}
        members["drawings"] = {name: {"mirrored": value} for name, value in plan.mirrored.items()}
        if plan.entrance is not None:
            place = shapely.get_coordinates(to_lonlat(frame, shapely.Point(plan.entrance)))[0]
            members["entrance"] = [float(place[0]), float(place[1])]
    table.attrs["members"] = members
    return table


def _assumed(value: float, low: float, high: float, note: str) -> Evidence:
    interval = Interval(low=low, best=value, high=high)
    return Evidence(value=value, interval=interval, status=Status.CONJECTURAL, by=_BY, note=note)


def _line(plan: RoomPlan) -> LineString:
    if not isinstance(plan.spine, LineString):
        raise RefusalError("the plan's spine is not one line", do="reconcile the drawings again")
    return plan.spine


def _corridor(plan: RoomPlan, spine: LineString, outline: Polygon) -> BaseGeometry:
    """The corridor's clear floor before it is cut by the walls: a band along the spine."""
    width = plan.corridor_width_m.best
    depth = outline.area / spine.length
    limit = max(0.0, depth / 2 - _OUTER_M - width / 2)
    offset = float(np.clip(plan.corridor_offset_m, -limit, limit))
    if abs(abs(offset) - limit) < 1.0:  # so close to the wall that no row fits between: it runs along the wall
        offset = math.copysign(limit, offset)
    elif abs(offset) < 0.12 * depth:
        offset = 0.0
    line = (
        spine
        if offset == 0
        else spine.parallel_offset(abs(offset), "left" if offset > 0 else "right", join_style="mitre")
    )
    return shapely.buffer(line, width / 2, cap_style="square", join_style="mitre")


def _band(spine: LineString, low: float, high: float, depth: float, side: str) -> Polygon:
    """All within ``depth`` of the spine's stretch from ``low`` to ``high`` on one side."""
    piece = shapely.ops.substring(spine, low, high)
    return shapely.buffer(piece, depth if side == "left" else -depth, single_sided=True, join_style="mitre")


def _largest(shape: BaseGeometry) -> Polygon | None:
    parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon) and part.area > 0.3]
    return max(parts, key=lambda part: part.area) if parts else None


def _strip(spine: LineString, inside: BaseGeometry, hall: BaseGeometry, side: str) -> Polygon | None:
    """The floor left for rooms on one side of the corridor."""
    free = inside.difference(hall.buffer(_INNER_M, join_style="mitre"))
    parts = [part for part in getattr(free, "geoms", [free]) if isinstance(part, Polygon) and part.area > 2.0]
    sign = 1.0 if side == "left" else -1.0
    chosen = [part for part in parts if sign * _left_of(spine, part) > 0]
    if not chosen:
        return None
    return max(chosen, key=lambda part: part.area)


def _left_of(spine: LineString, part: Polygon) -> float:
    """Positive where a part of the floor lies mostly left of the spine."""
    left = _band(spine, 0.0, spine.length, 50.0, "left").buffer(0)
    right = _band(spine, 0.0, spine.length, 50.0, "right").buffer(0)
    return float(part.intersection(left).area - part.intersection(right).area)


def _edges(planned: Sequence[PlannedRoom], low: float, high: float) -> tuple[Floats, Floats]:
    """Starts and ends along the spine, shape (n,) each: drawn places and widths by least squares, kept in order.

    Unknowns are gaps and widths, all non-negative, adding to the strip's length.
    """
    count = len(planned)
    starts = np.array([room.along[0] for room in planned]) - low
    widths = np.array([max(_LEAST_M, room.along[1] - room.along[0]) for room in planned])
    total = high - low
    if widths.sum() > total:
        widths = widths * total / widths.sum()
    # x = (gap before 1, width 1, gap before 2, width 2, …, gap at the end)
    rows, target = [], []
    for i in range(count):
        middle = np.zeros(2 * count + 1)
        middle[: 2 * i + 1] = 1.0
        middle[2 * i + 1] = 0.5
        rows.append(middle)
        target.append(starts[i] + widths[i] / 2)
        width = np.zeros(2 * count + 1)
        width[2 * i + 1] = 0.7
        rows.append(width)
        target.append(0.7 * widths[i])
    rows.append(np.full(2 * count + 1, 100.0))
    target.append(100.0 * total)
    floor = np.zeros(2 * count + 1)
    floor[1::2] = min(_LEAST_M, 0.9 * total / max(1, count)) * 0.999
    found = lsq_linear(np.array(rows), np.array(target), bounds=(floor, np.full(2 * count + 1, total + 1.0)))
    cumulated = low + np.cumsum(found.x)
    return np.minimum(cumulated[0:-1:2], high), np.minimum(cumulated[1::2], high)


def _closed(starts: Floats, ends: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Small blanks given to the rooms beside them, so that only what is large enough for a room stays open."""
    starts, ends = starts.copy(), ends.copy()
    if starts[0] - low < _BLANK_M:
        starts[0] = low
    if high - ends[-1] < _BLANK_M:
        ends[-1] = high
    for i in range(len(starts) - 1):
        if starts[i + 1] - ends[i] < _BLANK_M:
            starts[i + 1] = ends[i] = (starts[i + 1] + ends[i]) / 2
    return starts, ends


def _filled(
    planned: Sequence[PlannedRoom], strip: Polygon, spine: LineString, side: str, storey: str, key: bytes
) -> tuple[list[Room], list[Contradiction]]:
    low, high = _reach(strip, spine)
    if not planned:
        pieces: list[tuple[float, float, PlannedRoom | None]] = [(low, high, None)]
    else:
        starts, ends = _closed(*_edges(planned, low, high), low, high)
        pieces = []
        at = low
        for room, start, end in zip(planned, starts, ends, strict=True):
            if start - at >= _BLANK_M:
                pieces.append((at, float(start), None))
            pieces.append((float(start), float(end), room))
            at = float(end)
        if high - at >= _BLANK_M:
            pieces.append((at, high, None))
    rooms, failed = [], []
    free: BaseGeometry = strip
    # What was drawn takes its floor before what nobody drew: they can meet in the inner corner of a bend.
    for index, (start, end, source) in sorted(enumerate(pieces), key=lambda item: (item[1][2] is None, item[0])):
        a = start + (_INNER_M / 2 if start > low + 0.01 else -1.0)
        b = end - (_INNER_M / 2 if end < high - 0.01 else -1.0)
        shape = _cut(free, spine, a, b, side)
        if shape is None:
            failed += [_no_room(source, "it could not be fitted between its neighbours")] if source else []
            continue
        free = free.difference(shape.buffer(_INNER_M, join_style="mitre"))
        made_id = derived_id(storey, f"room:{side}:{index}", key=key)
        rooms.append(_blank(shape, made_id) if source is None else _room(source, shape, made_id, start, end))
    return rooms, failed


def _reach(strip: Polygon, spine: LineString) -> tuple[float, float]:
    places = [spine.project(shapely.Point(xy)) for xy in shapely.get_coordinates(strip)]
    return float(min(places)), float(max(places))


def _cut(strip: BaseGeometry, spine: LineString, low: float, high: float, side: str) -> Polygon | None:
    """The part of a strip between two cross walls, on whichever side of the spine the strip lies there."""
    low, high = max(0.0, low), min(spine.length, high)
    if high - low < 0.3 or strip.is_empty:
        return None
    depth = 1.6 * max(spine.distance(shapely.Point(xy)) for xy in shapely.get_coordinates(strip))
    corner = _corner(spine, low, high, depth, side)
    if corner is not None:  # up to the bend itself, or a slit parts the room from its corner
        high = spine.project(shapely.Point(corner.exterior.coords[0]))
    piece = shapely.ops.substring(spine, low, high)
    band = shapely.buffer(piece, depth, cap_style="flat", join_style="mitre")
    return _largest(strip.intersection(band if corner is None else band.union(corner)))


def _corner(spine: LineString, low: float, high: float, depth: float, side: str) -> Polygon | None:
    """The outer corner of a bend at which a stretch of the spine ends; ``None`` if it ends at none."""
    line = np.asarray(spine.coords)
    for before, bend, after in zip(line[:-2], line[1:-1], line[2:], strict=True):
        at = spine.project(shapely.Point(bend))
        first, second = bend - before, after - bend
        turns_left = first[0] * second[1] - first[1] * second[0] > 0
        if abs(high - at) < _CORNER_M and low < at and turns_left == (side == "right"):
            ahead, aside = first / np.hypot(*first) * depth, -second / np.hypot(*second) * depth
            return Polygon([bend, bend + ahead, bend + ahead + aside, bend + aside])
    return None


def _room(source: PlannedRoom, shape: Polygon, made_id: str, start: float, end: float) -> Room:
    strain = math.hypot(start - source.along[0], end - source.along[1]) / math.sqrt(2)
    drawn_width, width = source.along[1] - source.along[0], end - start
    interval = Interval(low=min(width, drawn_width) * 0.8, best=width, high=max(width, drawn_width) * 1.2)
    evidence = {
        "polygon": Evidence(
            value="clear floor",
            status=source.status,
            sources=source.drawn,
            by=_BY,
            note=f"{source.note}; order and side as drawn, width fitted, depth from corridor to wall inferred",
        ),
        "width_m": Evidence(
            value=round(width, 2),
            interval=interval,
            status=Status.INFERRED,
            sources=source.drawn,
            by=_BY,
            note="least squares",
        ),
        "role": Evidence(value=source.role, status=source.status, sources=source.drawn, by=_BY, note="from the labels"),
    }
    return Room(
        id=made_id,
        role=source.role,
        labels=source.labels,
        drawn=source.drawn,
        polygon=shape,
        strain_m=round(strain, 3),
        evidence=evidence,
    )


def _blank(shape: Polygon, made_id: str) -> Room:
    note = "nobody drew what is here; the floor is left between drawn rooms and walls, and may be several rooms"
    return Room(
        id=made_id,
        polygon=shape,
        evidence={"polygon": Evidence(value="clear floor", status=Status.INFERRED, by=_BY, note=note)},
    )


def _corridor_room(plan: RoomPlan, shape: BaseGeometry, storey: str, key: bytes) -> Room:
    polygon = max(shape.geoms, key=lambda part: part.area) if isinstance(shape, MultiPolygon) else shape
    witnesses = len(plan.corridor_witnesses)
    status = Status.CORROBORATED if witnesses > 1 else Status.ATTESTED if witnesses else Status.INFERRED
    note = f"{witnesses} witnesses drew a corridor; it runs along the building, its width is assumed 1.2–2 m"
    evidence = {"polygon": Evidence(value="clear floor", status=status, sources=plan.corridor_drawn, by=_BY, note=note)}
    evidence["width_m"] = Evidence(
        value=plan.corridor_width_m.best,
        interval=plan.corridor_width_m,
        status=Status.INFERRED,
        by=_BY,
        note="drawn too wide",
    )
    return Room(
        id=derived_id(storey, "room:corridor", key=key),
        role="corridor",
        drawn=plan.corridor_drawn,
        polygon=polygon,
        evidence=evidence,
    )


def _doors(rooms: Sequence[Room], storey: str, key: bytes) -> tuple[Opening, ...]:
    """One door from the corridor into every drawn room, in the middle of the shared wall: assumed."""
    hall = next(room for room in rooms if room.role == "corridor")
    openings = []
    for room in rooms:
        if room is hall or not room.drawn:
            continue
        front = room.polygon.boundary.intersection(hall.polygon.buffer(_INNER_M + 0.05, join_style="mitre"))
        if front.length < _DOOR_WIDTH_M:
            continue
        lines = [part for part in getattr(front, "geoms", [front]) if part.length > 0]
        middle = max(lines, key=lambda part: part.length).interpolate(0.5, normalized=True)
        across = shapely.shortest_line(middle, hall.polygon).interpolate(0.5, normalized=True)
        note = "a room off a corridor has a door; place and size are assumed"
        values = {"at": "middle of the wall", "width_m": _DOOR_WIDTH_M, "sill_m": 0.0, "head_m": _DOOR_HEAD_M}
        openings.append(
            Opening(
                id=derived_id(storey, f"door:{room.id}", key=key),
                at=(round(across.x, 4), round(across.y, 4)),
                width_m=_DOOR_WIDTH_M,
                head_m=_DOOR_HEAD_M,
                connects=(hall.id, room.id),
                evidence={
                    name: Evidence(value=value, status=Status.CONJECTURAL, by=_BY, note=note)
                    for name, value in values.items()
                },
            )
        )
    return tuple(openings)


def _no_room(source: PlannedRoom, why: str) -> Contradiction:
    names = ", ".join(source.drawn)
    return Contradiction(
        about=source.drawn,
        what=f"whether this room is here: {why}",
        versions={"A": f"drawn by {names}"},
        sources=source.drawn,
    )


def _with_rooms(item: Contradiction, rooms: Sequence[Room]) -> Contradiction:
    ids = [room.id for room in rooms if set(room.drawn) & set(item.about)]
    return item.model_copy(update={"about": (*ids, *item.about)})
