"""Several drawings of one building's inside reconciled: which drawn rooms are one room, on which side, in which order.

Drawings agree on the side of the corridor and on order far more than on widths, so rooms are compared along the
corridor; a mirrored drawing is recognised by the entrance, north, labels and by agreeing better with the others when
mirrored (docs/methods/interior.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from shapely.geometry import Point, Polygon

from geoinv.errors import FrameError, RefusalError
from geoinv.facilities.interiors_cells import cells_of
from geoinv.facilities.interiors_conflicts import conflicts_of
from geoinv.facilities.interiors_doubts import doubts_of
from geoinv.facilities.interiors_layout import blanks_of, widths_of
from geoinv.facilities.interiors_merge import Joined, choose_ways, join, on_one_side_each
from geoinv.facilities.interiors_read import Reading, read_inside
from geoinv.facilities.interiors_spine import spine_of
from geoinv.facilities.interiors_ties import check_ties
from geoinv.facilities.interiors_way import Laid, ground_of, on_one_side, ways_of
from geoinv.geometry.frames import FrameShape
from geoinv.records.drawings import Sketch
from geoinv.records.evidence import Status
from geoinv.records.independence import voices
from geoinv.records.measures import Interval
from geoinv.records.places import LocalXY
from geoinv.records.rooms import PlannedRoom, RoomPlan

__all__ = ["reconcile_rooms"]

#: A drawn corridor is too wide; real ones are 1.2–2 m.
_CORRIDOR = (1.2, 1.6, 2.0)


def reconcile_rooms(
    outline: FrameShape,
    drawings: Sequence[Sketch],
    *,
    entrance: LocalXY | None = None,
    together: Sequence[frozenset[str]] = (),
    dependent: Sequence[Sequence[str]] = (),
) -> RoomPlan:
    """Which drawn rooms are one room, on which side of the corridor and in which order.

    Parameters
    ----------
    outline
        The building's outer walls.
    drawings
        Of its inside, ``scope`` ``building``; drawings without a room are passed over.
    entrance
        Where one goes in.
    together
        A person's ties: full names (``sketch-file#element-id``) of drawn rooms that are one room. They are joined
        whatever the drawings say; rooms of different ties are never joined.
    dependent
        Groups of witnesses who are not independent of each other: each corroborates as one.

    Raises
    ------
    RefusalError
        If no drawing shows a room, the outline is not one polygon, or ties contradict each other.
    FieldError
        If a tie names no room of these drawings.
    FrameError
        If the entrance is given in another frame.
    """
    shape = _shape(outline, entrance)
    door = Point(entrance.east, entrance.north) if entrance is not None else None
    ground = ground_of(spine_of(shape), door)
    readings = [reading for sketch in drawings if (reading := read_inside(sketch, ground.spine)) is not None]
    if not readings:
        raise RefusalError("no drawing shows a room inside this building", do="give a drawing with at least one room")
    check_ties(together, readings)
    ways = [ways_of(reading, ground) for reading in readings]
    laid = on_one_side_each(on_one_side(choose_ways(ways, ground.length, together)), together)
    joined = join(laid, ground.length, together)
    conflicts, by_name = conflicts_of(joined), {one.name: one.reading for one in laid}
    rooms, rivals = (
        _planned(conflicts.rooms(joined, version), by_name, ground.length, dependent)
        for version in (conflicts.first, conflicts.second)
    )
    return RoomPlan(
        spine=ground.spine,
        rooms=rooms,
        rivals=rivals if rivals != rooms else (),
        **_corridor(laid, shape.area / ground.length, dependent),
        mirrored={one.name: one.mirrored for one in sorted(laid, key=lambda one: one.name)},
        cell_count=cells_of(rooms, len(laid)),
        entrance=(entrance.east, entrance.north) if entrance is not None else None,
        contradictions=(*conflicts.contradictions, *doubts_of(drawings, readings, ground)),
    )


def _shape(outline: FrameShape, entrance: LocalXY | None) -> Polygon:
    if entrance is not None and entrance.frame != outline.frame:
        raise FrameError(
            "the entrance and the outline are in different frames", do="project one into the other's frame"
        )
    if not isinstance(outline.shape, Polygon) or outline.shape.is_empty:
        raise RefusalError("the building's outline is not one closed shape", do="give one polygon")
    return outline.shape


def _corridor(laid: Sequence[Laid], depth: float, dependent: Sequence[Sequence[str]]) -> dict[str, Any]:
    """What a plan says of its corridor: who drew it, where it runs and how wide it is."""
    drew = [one.reading for one in laid if one.reading.corridor]
    low, best, high = _CORRIDOR
    return {
        "corridor_drawn": tuple(one.corridor for one in drew),
        "corridor_witnesses": tuple(dict.fromkeys(one.witness for one in drew)),
        "corridor_voices": _voices(drew, dependent),
        "corridor_offset_m": _offset(laid, depth),
        "corridor_width_m": Interval(low=low, best=best, high=high),
    }


def _offset(laid: Sequence[Laid], depth: float) -> float:
    """How far left of the building's middle line the corridor runs, metres; all the way where one side has no room."""
    sides = {placed.side for one in laid for placed in one.placed}
    if len(sides) == 1:
        return -sides.pop() * depth
    drawn = [
        one.reading.offset * (-1 if one.reverse != one.mirrored else 1)
        for one in laid
        if one.reading.offset is not None and len({placed.side for placed in one.placed}) == 2
    ]
    # Depths are drawn as badly as widths, and mostly both rows are as deep: a quarter of what one drawing says.
    return depth * float(np.median(drawn)) * len(drawn) / (len(drawn) + 3) if drawn else 0.0


def _planned(
    joined: Sequence[tuple[Joined, str | None]],
    readings: Mapping[str, Reading],
    length: float,
    dependent: Sequence[Sequence[str]],
) -> tuple[PlannedRoom, ...]:
    rooms = []
    for side in (1, -1):
        row = [(room, why) for room, why in joined if room.side == side]
        if not row:
            continue
        widths = widths_of([room for room, _ in row])
        blanks = blanks_of([room for room, _ in row], length)
        for order, (room, contested) in enumerate(row):
            made = _planned_room(room, contested, readings, dependent)
            rooms.append(
                made.model_copy(
                    update={
                        "order": order,
                        "width_m": float(widths.metres[order]),
                        "width_spread": float(widths.spread[order]),
                        "before_m": (blanks[order].metres, blanks[order].spread),
                        "after_m": (blanks[order + 1].metres, blanks[order + 1].spread),
                    }
                )
            )
    return tuple(rooms)


def _voices(readings: Sequence[Reading], dependent: Sequence[Sequence[str]]) -> int:
    """How many witnesses, or groups who depend on each other, drew it before anything was shown to them."""
    # A reading whose author is not known bears its drawing's name instead.
    drew = (None if one.witness == one.name else one.witness for one in readings if one.independent)
    return len(voices(drew, dependent))


def _planned_room(
    room: Joined, contested: str | None, readings: Mapping[str, Reading], dependent: Sequence[Sequence[str]]
) -> PlannedRoom:
    drawn = tuple(dict.fromkeys(one.slot.drawn for one in room.members))
    by = [readings[name.rpartition("#")[0]] for name in drawn]
    count = _voices(by, dependent)
    if contested is not None:
        status, note = Status.CONTESTED, contested
    elif count >= 2:
        status, note = Status.CORROBORATED, f"{count} independent witnesses drew it"
    else:
        status, note = Status.ATTESTED, "one witness drew it, or several who are not independent"
    named = [one.slot.role for one in room.members if one.slot.role]
    return PlannedRoom(
        drawn=drawn,
        witnesses=tuple(dict.fromkeys(reading.witness for reading in by)),
        role=max(sorted(set(named)), key=named.count) if named else "room",
        labels=tuple(dict.fromkeys(one.slot.label for one in room.members if one.slot.label)),
        side="left" if room.side > 0 else "right",
        order=0,
        along=(float(np.mean([one.low for one in room.members])), float(np.mean([one.high for one in room.members]))),
        drawings=len({name.rpartition("#")[0] for name in drawn}),
        status=status,
        note=note,
    )
