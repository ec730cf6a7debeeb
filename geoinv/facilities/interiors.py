"""Several drawings of one building's inside reconciled: which drawn rooms are one room, on which side, in which order.

Drawings agree on the side of the corridor and on order far more than on widths, so rooms are compared along the
corridor; a mirrored drawing is recognised by the entrance, north, labels and by agreeing better with the others when
mirrored (docs/methods/interior.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from shapely.geometry import LineString, Point, Polygon

from geoinv.errors import FrameError, RefusalError
from geoinv.facilities.interiors_merge import Joined, join
from geoinv.facilities.interiors_place import Laid, layings, mean_corridor
from geoinv.facilities.interiors_spine import spine_of
from geoinv.geometry.frames import FrameShape
from geoinv.records.blueprint import Contradiction
from geoinv.records.drawings import Sketch
from geoinv.records.evidence import Status
from geoinv.records.measures import Interval
from geoinv.records.places import LocalXY
from geoinv.records.rooms import PlannedRoom, RoomPlan

__all__ = ["reconcile_rooms"]

#: Roles of which a block has one: two drawings that put it in different rooms contradict each other.
_ONE_EACH = ("latrine", "interrogation", "guard", "kitchen")
_CELLS = ("cell", "punishment cell")
#: How much disagreement with the other drawings weighs against entrance, north and shape: three rooms recognised by
#: their labels outweigh the prior that few drawings are mirrored.
_AGREEMENT = 2.0
#: Ways of the first drawing from which the others are tried.
_STARTS = 4
#: A drawn corridor is too wide; real ones are 1.2–2 m.
_CORRIDOR = (1.2, 1.6, 2.0)


def reconcile_rooms(outline: FrameShape, drawings: Sequence[Sketch], *, entrance: LocalXY | None = None) -> RoomPlan:
    """Which drawn rooms are one room, on which side of the corridor and in which order.

    Parameters
    ----------
    outline
        The building's outer walls.
    drawings
        Of its inside, ``scope`` ``building``; drawings without a room are passed over.
    entrance
        Where one goes in.

    Raises
    ------
    RefusalError
        If no drawing shows a room, or the outline is not one polygon.
    FrameError
        If the entrance is given in another frame.
    """
    if entrance is not None and entrance.frame != outline.frame:
        raise FrameError(
            "the entrance and the outline are in different frames", do="project one into the other's frame"
        )
    shape = outline.shape
    if not isinstance(shape, Polygon) or shape.is_empty:
        raise RefusalError("the building's outline is not one closed shape", do="give one polygon")
    door = Point(entrance.east, entrance.north) if entrance is not None else None
    spine = spine_of(shape)
    if door is not None and spine.project(door) > spine.length / 2:
        spine = LineString(list(spine.coords)[::-1])
    ways = [laid for laid in (layings(sketch, shape, spine, door) for sketch in drawings) if laid]
    if not ways:
        raise RefusalError("no drawing shows a room inside this building", do="give a drawing with at least one room")
    chosen, joined = _chosen(ways, spine.length)
    corridor = mean_corridor(chosen, spine)
    contested, contradictions = _contested(joined)
    rooms = _planned(joined, contested)
    low, best, high = _CORRIDOR
    return RoomPlan(
        spine=spine,
        rooms=rooms,
        corridor_drawn=tuple(laid.corridor_drawn for laid in chosen if laid.corridor_drawn),
        corridor_witnesses=tuple(dict.fromkeys(d.witness or d.name for d in drawings if d.of_role("corridor"))),
        corridor_offset_m=corridor[0] if corridor else 0.0,
        corridor_width_m=Interval(low=low, best=min(best, max(low, corridor[1])) if corridor else best, high=high),
        mirrored={laid.name: laid.mirrored for laid in sorted(chosen, key=lambda laid: laid.name)},
        cell_count=_cells(rooms),
        entrance=(entrance.east, entrance.north) if entrance is not None else None,
        contradictions=contradictions,
    )


def _chosen(ways: Sequence[tuple[Laid, ...]], length: float) -> tuple[list[Laid], tuple[Joined, ...]]:
    """One laying per drawing: the fullest drawing first, the others as they agree best with what is already there.

    The first is tried in its four best ways and the whole judged together: a sheet that shows no entrance or north
    does not say whether it is mirrored, but the others may.
    """
    order = sorted(ways, key=lambda laid: (-len(laid[0].slots), laid[0].cost, laid[0].name))
    results = [_following(start, order[1:], length) for start in order[0][:_STARTS]]
    _, chosen, joined = min(results, key=lambda result: result[0])
    return chosen, joined


def _following(
    start: Laid, others: Sequence[tuple[Laid, ...]], length: float
) -> tuple[float, list[Laid], tuple[Joined, ...]]:
    """Total cost, layings and joined rooms when the first drawing lies as given."""
    joined, _ = join((), start.slots, length)
    chosen, total = [start], start.cost
    for laid in others:
        agreement = [_AGREEMENT * join(joined, one.slots, length)[1] for one in laid]
        tried = [(one.cost + cost, index) for index, (one, cost) in enumerate(zip(laid, agreement, strict=True))]
        cost, index = min(tried)
        joined, _ = join(joined, laid[index].slots, length)
        chosen.append(laid[index])
        total += cost
    return total, chosen, joined


def _contested(joined: Sequence[Joined]) -> tuple[set[int], tuple[Contradiction, ...]]:
    """Rooms whose labels exclude each other, or that are one and the same room in two places."""
    contested: set[int] = set()
    found: list[Contradiction] = []
    for index, room in enumerate(joined):
        roles = {slot.role: slot for slot in room.slots if slot.role}
        if len(roles) > 1 and len({slot.witness for slot in roles.values()}) > 1:
            contested.add(index)
            found.append(
                _contradiction("what this room was", [(role, [slot.drawn]) for role, slot in sorted(roles.items())])
            )
    for role in _ONE_EACH:
        places = [(i, room) for i, room in enumerate(joined) if role in room.roles]
        witnesses = [{slot.witness for slot in room.slots if slot.role == role} for _, room in places]
        if len(places) < 2 or set.intersection(*witnesses):  # one witness who drew two of them means two
            continue
        contested.update(index for index, _ in places)
        versions = [
            (
                f"{room.slots[0].side} side, room {_rank(joined, i) + 1} from the start",
                [slot.drawn for slot in room.slots if slot.role == role],
            )
            for i, room in places
        ]
        found.append(_contradiction(f"where the {role} is", versions))
    return contested, tuple(found)


def _contradiction(what: str, versions: Sequence[tuple[str, Sequence[str]]]) -> Contradiction:
    drawn = tuple(dict.fromkeys(name for _, names in versions for name in names))
    words = {chr(ord("A") + i): f"{text} ({', '.join(names)})" for i, (text, names) in enumerate(versions)}
    return Contradiction(about=drawn, what=what, versions=words, sources=drawn)


def _rank(joined: Sequence[Joined], index: int) -> int:
    side = joined[index].slots[0].side
    return sum(room.slots[0].side == side for room in joined[:index])


def _planned(joined: Sequence[Joined], contested: set[int]) -> tuple[PlannedRoom, ...]:
    rooms = []
    for index, room in enumerate(joined):
        witnesses = tuple(dict.fromkeys(slot.witness for slot in room.slots))
        independent = {slot.witness for slot in room.slots if slot.independent}
        if index in contested:
            status, note = Status.CONTESTED, "drawings exclude each other here"
        elif len(independent) >= 2:
            status, note = Status.CORROBORATED, f"{len(independent)} independent witnesses drew it"
        else:
            status, note = Status.ATTESTED, "one witness drew it, or several who are not independent"
        named = [slot.role for slot in room.slots if slot.role]
        role = max(sorted(set(named)), key=named.count) if named else "room"
        rooms.append(
            PlannedRoom(
                drawn=tuple(dict.fromkeys(slot.drawn for slot in room.slots)),
                witnesses=witnesses,
                role=role,
                labels=tuple(dict.fromkeys(slot.label for slot in room.slots if slot.label)),
                side="left" if room.slots[0].side == "left" else "right",
                order=_rank(joined, index),
                along=(room.low, room.high),
                status=status,
                note=note,
            )
        )
    return tuple(rooms)


def _cells(rooms: Sequence[PlannedRoom]) -> Interval:
    """Cells as an interval: what is called a cell, what has no name, and a count that may be one off."""
    sure = sum(room.role in _CELLS for room in rooms)
    unnamed = sum(room.role == "room" for room in rooms)
    slack = max(1, round(0.15 * (sure + unnamed)))
    return Interval(
        low=max(0, sure - slack),
        best=sure + unnamed // 2,
        high=sure + unnamed + slack,
        unit="count",
        said=f"{sure} drawn as cells, {unnamed} without a name",
    )
