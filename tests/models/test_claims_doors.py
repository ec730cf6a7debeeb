"""A door nobody placed may be in every wall between the rooms it joins; sight is not refuted by where it was put."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from geoinv.models.claims import corroborate
from geoinv.models.claims_doors import slide_of
from geoinv.records.evidence import Evidence, Status
from tests.models.claims_plans import building, opening, place, room, storey, sure, told

#: A corridor 1.5 m wide with a bend at its south-west; a room 3 × 3 m in the bend, walls 0.2 m thick.
BEND = Polygon([(0, 0), (10, 0), (10, 1.5), (1.5, 1.5), (1.5, 10), (0, 10)])
CORNER = room("corner", 1.7, 1.7, 4.7, 4.7)
#: The way two eyes meet: across the southern arm.
OPPOSITE = room("opposite", 2.0, -3.2, 4.4, -0.2)


def assumed_door(ident, at, connects):
    door = opening(ident, at, connects=connects)
    unknown = Evidence(status=Status.CONJECTURAL, by="geoinv")
    return door.model_copy(update={"evidence": {**door.evidence, "at": unknown}})


def corridor():
    ways = room("corridor", 0, 0, 10, 10, role="corridor")
    return ways.model_copy(update={"polygon": BEND, "evidence": sure("polygon")})


def bend(at=(1.6, 3.2)):
    door = assumed_door("door", at, ("corner", "corridor"))
    return storey([CORNER, corridor(), OPPOSITE], [door])


@given(share=st.floats(-1, 1), west=st.booleans())
def test_a_door_at_the_bend_of_a_corridor_may_lead_to_either_arm(share, west):
    floor = bend((1.6, 3.2) if west else (3.2, 1.6))
    slide = slide_of(floor.openings[0], floor)
    assert slide.lengths == pytest.approx([1.9, 1.9])  # 3 m less half a door and 0.1 m at each end
    at = Point(slide.at(share))
    assert at.distance(CORNER.polygon) == pytest.approx(0.1)
    assert at.distance(BEND) == pytest.approx(0.1)


def test_both_arms_are_met_and_the_wall_it_was_put_in_first():
    floor = bend()
    slide = slide_of(floor.openings[0], floor)
    assert slide.at(-0.5) == pytest.approx((1.6, 3.2))
    assert slide.at(0.5) == pytest.approx((3.2, 1.6))


def test_a_wall_with_nothing_behind_it_has_no_door():
    floor = storey([CORNER, room("hall", 1.7, 0, 4.7, 1.5)], [assumed_door("door", (3.2, 1.6), ("corner", "hall"))])
    slide = slide_of(floor.openings[0], floor)
    assert slide.lengths == pytest.approx([1.9])
    assert (slide.at(-1)[1], slide.at(1)[1]) == pytest.approx((1.6, 1.6))
    assert sorted((slide.at(-1)[0], slide.at(1)[0])) == pytest.approx([2.25, 4.15])


def test_a_door_of_no_known_room_and_one_wider_than_its_walls_stay():
    lost = storey([], [assumed_door("door", (0, 0), ("outside",))])
    assert slide_of(lost.openings[0], lost) is None
    hole = room("hole", 0, 0, 0.6, 0.6)
    tight = storey([hole], [assumed_door("door", (0.3, -0.1), ("hole", "outside"))])
    assert slide_of(tight.openings[0], tight) is None


def test_sight_through_the_arm_that_the_model_did_not_choose_is_not_refuted():
    facing = assumed_door("facing", (3.2, -0.1), ("opposite", "corridor"))
    floor = bend()
    model = place(
        building(box(-0.3, -3.5, 10.3, 10.3), [floor.model_copy(update={"openings": (*floor.openings, facing)})])
    )
    said = {"kind": "sees", "subject": "opposite", "object": "corner", "conditions": {"hatch": "open"}}
    found = corroborate(model, told(said)).findings[0]
    assert 0.2 < found.model_pass_rate < 0.8  # the southern wall has half of the ways
    assert found.verdict != "inconsistent"
