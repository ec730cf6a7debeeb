"""Fitted rooms give way to those that a person drew; nothing is lost in silence."""

from __future__ import annotations

import pytest
from shapely.geometry import Polygon, box

from geoinv.models.fit import INNER_M
from geoinv.models.fit_hand import given_way
from geoinv.records.evidence import Evidence, Status
from geoinv.records.parts import Room, Storey

_KNOWN = {name: Evidence(status=Status.CONJECTURAL) for name in ("floor_m", "height_m", "wall_thickness_m")}


def _room(name: str, floor: Polygon, role: str = "room", drawn: bool = True) -> Room:
    evidence = {"polygon": Evidence(status=Status.ATTESTED, sources=(f"plan.svg#{name}",), note="as drawn")}
    return Room(id=name, role=role, polygon=floor, drawn=(f"plan.svg#{name}",) if drawn else (), evidence=evidence)


def _storey(*rooms: Room) -> Storey:
    return Storey(id="storey", height_m=2.6, rooms=rooms, evidence=_KNOWN)


_HALL = _room("hall", box(0, 0, 20, 2), "corridor")


def test_a_fitted_room_keeps_its_largest_part_beyond_a_wall() -> None:
    fitted, hand = _room("a", box(0, 2.2, 8, 6)), _room("b", box(6, 2.2, 12, 6))
    storey, contradictions, overlaps = given_way(_storey(_HALL, fitted, hand), {"b"}, key=b"k")
    floors = {one.id: one.polygon for one in storey.rooms}
    assert floors["b"].equals(hand.polygon) and floors["hall"].equals(_HALL.polygon)
    assert floors["a"].bounds == pytest.approx((0, 2.2, 6 - INNER_M, 6))
    assert contradictions == () and overlaps == ()
    assert {one.connects for one in storey.openings} == {("hall", "a"), ("hall", "b")}


def test_a_drawn_room_that_has_no_floor_left_is_a_contradiction_and_an_undrawn_one_just_goes() -> None:
    under, blank = _room("a", box(1, 2.2, 3, 6)), _room("blank", box(4, 2.2, 6, 6), drawn=False)
    hand = _room("b", box(0, 2.2, 12, 6))
    storey, contradictions, _ = given_way(_storey(_HALL, under, blank, hand), {"b"}, key=b"k")
    assert [one.id for one in storey.rooms] == ["hall", "b"]
    (said,) = contradictions
    assert said.about == ("b", "plan.svg#a") and set(said.versions) == {"A", "B"}


def test_two_rooms_drawn_by_hand_are_left_as_they_are_and_said() -> None:
    one, other = _room("a", box(0, 2.2, 8, 6)), _room("b", box(6, 2.2, 12, 6))
    storey, _, overlaps = given_way(_storey(_HALL, one, other), {"a", "b"}, key=b"k")
    assert [room.polygon for room in storey.rooms] == [_HALL.polygon, one.polygon, other.polygon]
    assert len(overlaps) == 1 and "7.6 m²" in overlaps[0]


def test_a_storey_without_a_corridor_has_no_doors() -> None:
    storey, _, _ = given_way(_storey(_room("a", box(0, 0, 4, 4))), {"a"}, key=b"k")
    assert storey.openings == ()
