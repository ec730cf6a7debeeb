"""What a person says of a room that rival versions tell differently: it stands in all of them, once."""

from __future__ import annotations

from shapely.geometry import Polygon, box

from geoinv.case.making.judged_rooms import rooms_as_decided
from geoinv.geometry.frames import FrameShape, to_lonlat
from geoinv.models.solids_walls import preferred
from geoinv.records.decisions import Decision, DecisionBody, JudgeFootprint, SetOutline, SetProperty
from geoinv.records.evidence import Evidence, Status
from geoinv.records.parts import Room, Storey
from geoinv.records.places import Frame

_FRAME = Frame.about((-30.0, 5.0))  # open ocean, fictional
_OUTLINE = FrameShape(_FRAME, box(0, 0, 20, 8))


def _room(name: str, drawn: str, floor: Polygon, version: str | None) -> Room:
    evidence = {"polygon": Evidence(status=Status.CONTESTED, sources=(drawn,))}
    return Room(id=name, drawn=(drawn,), polygon=floor, hypothesis=version, evidence=evidence)


def _storey() -> Storey:
    rooms = (
        _room("a1", "one.svg#r1", box(1, 1, 6, 7), "A"),
        _room("a2", "one.svg#r2", box(7, 1, 12, 7), "A"),
        _room("b1", "one.svg#r1", box(1, 1, 10, 7), "B"),
        _room("hall", "one.svg#k1", box(13, 1, 19, 7), None),
    )
    known = {name: Evidence(status=Status.CONJECTURAL) for name in ("floor_m", "height_m", "wall_thickness_m")}
    return Storey(id="ground", height_m=2.6, rooms=rooms, evidence=known)


def _decided(body: DecisionBody) -> tuple[Room, ...]:
    decision = Decision(id="d1", by="Mina", reason="measured on site", body=body)
    storey, _, _ = rooms_as_decided(_storey(), [decision], _OUTLINE, facility="reef", drawn={}, key=b"k")
    return storey.rooms


def _shown(rooms: tuple[Room, ...], version: str) -> set[str]:
    return {room.id for room in preferred(rooms, version)}


def test_an_outline_drawn_by_hand_stands_in_every_version() -> None:
    floor = to_lonlat(_FRAME, box(1, 1, 5, 6))
    rooms = _decided(SetOutline(facility="reef", element="one.svg#r1", geometry=floor))
    (told,) = [room for room in rooms if "one.svg#r1" in room.drawn]
    assert told.hypothesis is None and told.status is Status.ATTESTED
    assert _shown(rooms, "A") == {told.id, "a2", "hall"} and _shown(rooms, "B") == {told.id, "hall"}


def test_a_rejected_room_is_rejected_in_every_version() -> None:
    rooms = _decided(JudgeFootprint(facility="reef", element="one.svg#r1", accept=False))
    assert not [room for room in rooms if "one.svg#r1" in room.drawn]


def test_a_rooms_use_is_set_in_every_version_and_its_floors_stay_apart() -> None:
    rooms = _decided(SetProperty(target="reef/a1", field="role", value="cell"))
    told = {room.id: (room.role, room.hypothesis) for room in rooms if "one.svg#r1" in room.drawn}
    assert told == {"a1": ("cell", "A"), "b1": ("cell", "B")}
