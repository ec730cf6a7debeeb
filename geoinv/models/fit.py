"""Rooms as drawn fitted into a building's outline: strips along the corridor, widths by least squares, order kept.

What is fitted is order and side; widths and depths come from the drawings only as far as the outline leaves them free.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.errors import RefusalError
from geoinv.geometry.frames import FrameShape, to_lonlat
from geoinv.models.fit_rows import Piece, RowLine, cut, pieces_of, row_line, side_of
from geoinv.models.solids_walls import first_of, preferred
from geoinv.records.base import derived_id
from geoinv.records.blueprint import Contradiction, Opening, Room, Storey
from geoinv.records.evidence import Evidence, Status
from geoinv.records.measures import Interval
from geoinv.records.places import Frame
from geoinv.records.rooms import PlannedRoom, RoomPlan

__all__ = ["INNER_M", "corridor_doors", "fit_rooms", "rooms_table"]

Floats = NDArray[np.float64]

#: Outer walls, metres; assumed, as drawings do not show them.
_OUTER_M = 0.35
#: Walls between rooms, metres; assumed likewise.
INNER_M = 0.2
#: Rooms are at least so deep, metres.
_LEAST_DEPTH_M = 0.8
#: So many rooms without a place are told one by one; more mean that the row is not this one.
_FEW = 5
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
    The storey, and the plan's contradictions with ids of rooms added; a room that did not fit is one more. Where
    drawings exclude each other, both versions are fitted into the same outline: rooms that differ bear hypothesis
    ``A`` or ``B``.

    Raises
    ------
    RefusalError
        If the outline is too narrow to hold a corridor and rooms.
    """
    if not isinstance(outline.shape, Polygon) or outline.shape.buffer(-_OUTER_M).is_empty:
        raise RefusalError("the outline is too small to hold rooms", do="check the building's outline")
    storey_id = derived_id(parent, "storey:0", key=key)
    floor = _Floor.of(plan, outline.shape, storey_id, key)
    rooms, lost = floor.filled(plan.rooms)
    if plan.rivals:
        others, not_fitted = floor.filled(plan.rivals, "B:")
        rooms = _side_by_side(rooms, others)
        lost += [one for one in not_fitted if one not in lost]
    rooms.append(_corridor_room(plan, floor.hall.intersection(floor.inside), storey_id, key))
    storey = Storey(
        id=storey_id,
        height_m=_HEIGHT_M,
        wall_thickness_m=_OUTER_M,
        rooms=tuple(rooms),
        openings=corridor_doors(rooms, storey_id, key=key),
        evidence={
            "floor_m": Evidence(value=0.0, status=Status.CONJECTURAL, by=_BY, note="the ground floor is assumed level"),
            "height_m": _assumed(_HEIGHT_M, 2.2, 3.2, "clear height is assumed: no drawing gives it"),
            "wall_thickness_m": _assumed(_OUTER_M, 0.25, 0.5, "wall thickness is assumed: no drawing gives it"),
            "cell_count": _cells(plan),
        },
    )
    return storey, (*(_with_rooms(item, rooms) for item in plan.contradictions), *lost)


def rooms_table(storey: Storey, frame: Frame, plan: RoomPlan | None = None) -> gpd.GeoDataFrame:
    """A storey's rooms on the ground (ROOMS.geojson), EPSG:4326.

    Columns ``id``, ``role`` (``room`` or ``corridor``), ``use`` (what the room was), ``drawn`` and ``labels`` (lists),
    ``status``, ``strain_m``, ``evidence`` (JSON text) and ``geometry``. ``attrs["members"]`` holds ``cell_count``,
    ``entrance`` (longitude, latitude) and ``drawings`` where the plan is given. Of rival versions the first by name.
    """
    first = first_of(storey.rooms)
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
        for room in preferred(storey.rooms, first)
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


def _cells(plan: RoomPlan) -> Evidence:
    """How many cells there were, of drawings that leave some out and draw some twice."""
    return Evidence(
        value=plan.cell_count.best,
        interval=plan.cell_count,
        status=Status.INFERRED,
        sources=tuple(sorted({name for room in plan.rooms for name in room.drawn})),
        by=_BY,
        note="counted over all drawings: some leave cells out, some draw one twice",
    )


def _line(plan: RoomPlan) -> LineString:
    if not isinstance(plan.spine, LineString):
        raise RefusalError("the plan's spine is not one line", do="reconcile the drawings again")
    return plan.spine


def _corridor(plan: RoomPlan, spine: LineString, inside: BaseGeometry) -> tuple[float, BaseGeometry]:
    """How far left of the spine the corridor runs, and its clear floor before it is cut by the walls."""
    width = plan.corridor_width_m.best
    half = inside.area / max(1e-9, spine.length - 2 * _OUTER_M) / 2
    limit = max(0.0, half - width / 2)
    offset = float(np.clip(plan.corridor_offset_m, -limit, limit))
    if limit - abs(offset) < _LEAST_DEPTH_M + INNER_M:  # so close to the wall that no row fits between
        offset = math.copysign(limit, offset)
    line = spine if offset == 0 else shapely.offset_curve(spine, offset, join_style="mitre", mitre_limit=10.0)
    return offset, shapely.buffer(line, width / 2, cap_style="square", join_style="mitre")


def _depths(spine: LineString, inside: BaseGeometry, hall: tuple[float, float]) -> tuple[float, float]:
    """Depths of the rows left and right of the corridor, metres."""
    half = inside.area / max(1e-9, spine.length - 2 * _OUTER_M) / 2
    return half - hall[0] - hall[1] / 2 - INNER_M, half + hall[0] - hall[1] / 2 - INNER_M


def _strip(spine: LineString, inside: BaseGeometry, hall: BaseGeometry, side: str) -> BaseGeometry | None:
    """The floor left for rooms on one side of the corridor."""
    free = inside.difference(hall.buffer(INNER_M, join_style="mitre"))
    parts = [part for part in getattr(free, "geoms", [free]) if isinstance(part, Polygon) and part.area > 2.0]
    chosen = [part for part in parts if (side_of(spine, part) > 0) == (side == "left")]
    return shapely.union_all(chosen) if chosen else None


@dataclass(frozen=True)
class _Floor:
    """The floor of one storey inside its outer walls, to be filled with rows of rooms along its corridor."""

    spine: LineString
    inside: BaseGeometry
    hall: BaseGeometry
    offset: float
    width: float
    storey: str
    key: bytes

    @staticmethod
    def of(plan: RoomPlan, outline: Polygon, storey: str, key: bytes) -> _Floor:
        """The floor of a plan's storey."""
        spine, inside = _line(plan), outline.buffer(-_OUTER_M, join_style="mitre")
        offset, hall = _corridor(plan, spine, inside)
        return _Floor(spine, inside, hall, offset, plan.corridor_width_m.best, storey, key)

    def filled(self, planned: Sequence[PlannedRoom], version: str = "") -> tuple[list[Room], list[Contradiction]]:
        """Both rows, and what found no place; ``version`` sets ids apart."""
        rooms: list[Room] = []
        lost: list[Contradiction] = []
        depths = _depths(self.spine, self.inside, (self.offset, self.width))
        for side, sign, depth in (("left", 1.0, depths[0]), ("right", -1.0, depths[1])):
            own = [room for room in planned if room.side == side]
            strip = _strip(self.spine, self.inside, self.hall, side)
            near = self.width / 2 + sign * self.offset + INNER_M
            row = row_line(self.spine, near, depth, sign, _OUTER_M) if depth > _LEAST_DEPTH_M else None
            if strip is None or row is None:
                why = f"there is no room for a row on the {side} of the corridor"
                lost += [_no_room(room, why) for room in own]
                continue
            made, failed = self._row(own, strip, row, f"room:{version}{side}")
            rooms += made
            lost += _not_fitted(failed, len(own), side)
        return rooms, lost

    def _row(
        self, planned: Sequence[PlannedRoom], free: BaseGeometry, row: RowLine, name: str
    ) -> tuple[list[Room], list[PlannedRoom]]:
        rooms: list[Room] = []
        lost: list[PlannedRoom] = []
        pieces = list(enumerate(pieces_of(planned, row, INNER_M)))
        # What was drawn takes its floor before what nobody drew: they can meet in the corner of a bend.
        for index, piece in sorted(pieces, key=lambda item: (item[1].room is None, item[0])):
            shape = cut(free, row, piece, INNER_M)
            if shape is None:
                lost += [piece.room] if piece.room else []
                continue
            free = free.difference(shape.buffer(INNER_M, join_style="mitre"))
            made_id = derived_id(self.storey, f"{name}:{index}", key=self.key)
            rooms.append(_room(piece.room, shape, made_id, row, piece) if piece.room else _blank(shape, made_id))
        return rooms, lost


def _side_by_side(rooms: Sequence[Room], others: Sequence[Room]) -> list[Room]:
    """Rooms of two versions: those that are the same in both once, then those of ``A`` alone, then those of ``B``."""

    def is_same(one: Room, other: Room) -> bool:
        same = (one.role, one.labels, one.drawn) == (other.role, other.labels, other.drawn)
        return same and bool(one.polygon.equals_exact(other.polygon, 1e-6))

    def only(some: Sequence[Room], rest: Sequence[Room], name: str) -> list[Room]:
        alone = (one for one in some if not any(is_same(one, other) for other in rest))
        return [one.model_copy(update={"hypothesis": name}) for one in alone]

    shared = [one for one in rooms if any(is_same(one, other) for other in others)]
    return [*shared, *only(rooms, others, "A"), *only(others, rooms, "B")]


def _room(source: PlannedRoom, shape: Polygon, made_id: str, row: RowLine, piece: Piece) -> Room:
    drawn = row.along(source.along[0]), row.along(source.along[1])
    strain = math.hypot(piece.low - drawn[0], piece.high - drawn[1]) / math.sqrt(2)
    drawn_width, width = drawn[1] - drawn[0], piece.high - piece.low
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
    alone = Status.ATTESTED if witnesses else Status.INFERRED
    status = Status.CORROBORATED if plan.corridor_voices > 1 else alone
    drawn = f"{witnesses} witnesses drew a corridor, {plan.corridor_voices} of them independent of each other"
    note = f"{drawn}; it runs along the building, its width is assumed 1.2–2 m"
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


def corridor_doors(rooms: Sequence[Room], storey: str, *, key: bytes) -> tuple[Opening, ...]:
    """One door from the corridor into every drawn room, in the middle of the shared wall: assumed.

    Parameters
    ----------
    rooms
        Of one storey, metres; the first corridor among them is meant.
    storey, key
        Id of the storey, and the case's key: ids of doors derive from them.

    Returns
    -------
    The doors; none where there is no corridor.
    """
    hall = next((room for room in rooms if room.role == "corridor"), None)
    if hall is None:
        return ()
    openings = []
    for room in rooms:
        if room is hall or not room.drawn:
            continue
        front = room.polygon.boundary.intersection(hall.polygon.buffer(INNER_M + 0.05, join_style="mitre"))
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
                hypothesis=room.hypothesis,
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


def _not_fitted(lost: Sequence[PlannedRoom], count: int, side: str) -> list[Contradiction]:
    """Rooms that found no place: each by itself, or the row as a whole where it cannot hold so many."""
    if len(lost) <= _FEW:
        return [_no_room(room, "it could not be fitted between its neighbours") for room in lost]
    names = tuple(dict.fromkeys(name for room in lost for name in room.drawn))
    return [
        Contradiction(
            about=names,
            what=f"whether the drawings show this building: {len(lost)} of {count} rooms on the {side} find no place",
            versions={"A": f"{count} rooms, as drawn", "B": "another building, or a row drawn longer than it is"},
            sources=names,
        )
    ]


def _with_rooms(item: Contradiction, rooms: Sequence[Room]) -> Contradiction:
    ids = [room.id for room in rooms if set(room.drawn) & set(item.about)]
    return item.model_copy(update={"about": (*ids, *item.about)})
