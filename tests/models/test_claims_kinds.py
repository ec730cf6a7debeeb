"""Sizes, counts, distances, ways and neighbours come out as worked by hand; ten cases a kind."""

from __future__ import annotations

import math

import pytest
from shapely.geometry import LineString, box

from geoinv.models.claims import corroborate
from tests.models.claims_plans import between, building, gate, opening, place, room, stair, storey, told, wall


def row_of_cells(count=6, wide=2.5, deep=4.0, corridor=1.5, outer=0.3, inner=0.2):
    """Cells in a row north of a corridor, a door in the middle of each, one way out at the corridor's west end."""
    rooms, doors = [], []
    x, y = outer, outer + corridor + inner
    for number in range(count):
        ident = f"cell {number + 1}"
        rooms.append(room(ident, x, y, x + wide, y + deep))
        doors.append(opening(f"door {number + 1}", (x + wide / 2, y - inner / 2), connects=("hall", ident)))
        x += wide + inner
    rooms.append(room("hall", outer, outer, x - inner, outer + corridor, role="corridor"))
    doors.append(opening("way out", (outer / 2, outer + corridor / 2), connects=("hall", "outside")))
    outline = box(0, 0, x - inner + outer, y + deep + outer)
    return place(building(outline, [storey(rooms, doors)]))


def one(blueprint, **claim):
    return corroborate(blueprint, told(claim)).findings[0]


def good_and_bad(blueprint, good, bad, **claim):
    """Findings of one claim said as it is and as it is not."""
    rows = [{**claim, "said_value": said} for said in (good, bad)]
    return corroborate(blueprint, told(*rows)).findings


@pytest.mark.parametrize(
    ("subject", "measure", "true", "unit"),
    [
        ("cell 1", "length", 4.0, "m"),
        ("cell 1", "width", 2.5, "m"),
        ("cell 3", None, 10.0, "m2"),
        ("hall", "length", 16.0, "m"),
        ("hall", "width", 1.5, "m"),
        ("cell 2", "height", 2.6, "m"),
        ("door 1", "width", 0.9, "m"),
        ("door 1", "height", 2.0, "m"),
        ("block", "length", 16.6, "m"),
        ("block", "area", 16.6 * 6.3, "m2"),
    ],
)
def test_a_dimension_is_what_the_plan_has(subject, measure, true, unit):
    model = row_of_cells()
    said = between(true * 0.97, true * 1.03, unit), between(true * 1.1, true * 1.3, unit)
    good, bad = good_and_bad(model, *said, kind="dimension", subject=subject, measure=measure)
    assert good.verdict == "consistent"
    assert good.computed.low == pytest.approx(true, abs=1e-3)
    assert good.computed.high == pytest.approx(true, abs=1e-3)
    assert bad.verdict == "inconsistent"


@pytest.mark.parametrize(
    ("claim", "true"),
    [
        ({"subject": "cell"}, 6),
        ({"subject": "cells"}, 6),
        ({"subject": "cell", "counted": "row"}, 6),
        ({"subject": "corridor"}, 1),
        ({"subject": "cell 1", "object": "cell 2", "counted": "doors"}, 2),
        ({"subject": "cell 1", "object": "cell 6", "counted": "doors"}, 2),
        ({"subject": "cell 1", "object": "hall", "counted": "doors"}, 1),
        ({"subject": "cell 1", "object": "cell 1", "counted": "doors"}, 0),
        ({"subject": "cell 1", "object": "cell 6", "counted": "turns"}, 2),
        ({"subject": "cell 1", "object": "cell 1", "counted": "turns"}, 0),
    ],
)
def test_a_count_is_what_the_plan_has(claim, true):
    model = row_of_cells()
    said = between(true, true, "count"), between(true + 1, true + 1, "count")
    good, off = good_and_bad(model, *said, kind="count", **claim)
    assert good.verdict == "consistent"
    assert off.verdict == "inconsistent"
    assert off.computed.best == true


@pytest.mark.parametrize(
    ("wide", "deep", "people"),
    [(3, 4, 30), (2.5, 4, 10), (1.2, 2, 1), (6, 5, 80), (6, 5, 90), (0.6, 1.1, 1), (16, 7, 60), (2, 2, 4), (4, 4, 16),
     (3.3, 5, 12)],
)  # fmt: skip
def test_the_floor_a_head_is_the_floor_by_heads(wide, deep, people):
    model = place(building(box(-0.3, -0.3, wide + 0.3, deep + 0.3), [storey([room("cell", 0, 0, wide, deep)])]))
    true = wide * deep / people
    claim = {"kind": "area_per_person", "subject": "cell", "occupants": between(people, people, "count")}
    said = between(true * 0.95, true * 1.05, "m2"), between(true * 1.2, true * 1.4, "m2")
    found, bad = good_and_bad(model, *said, **claim)
    assert found.verdict == "consistent"
    assert found.computed.best == pytest.approx(true, abs=1e-3)
    assert bad.verdict == "inconsistent"
    assert any("never a pass mark" in caveat for caveat in found.caveats)


def test_thirty_in_three_by_four_metres_is_two_fifths_of_a_square_metre():
    cell = room("cell", 0, 0, 3, 4, spread=0.3)
    model = place(building(box(-0.3, -0.3, 3.3, 4.3), [storey([cell])]))
    found = one(model, kind="area_per_person", subject="cell", said_value=between(30, 30, "count"))
    assert found.computed.best == pytest.approx(0.40)
    assert found.computed.low >= 2.7 * 3.7 / 30  # 0.33, the corner of what can be
    assert found.computed.high <= 3.3 * 4.3 / 30  # 0.47
    assert found.computed.low < 0.37 < 0.43 < found.computed.high
    # So many could stand there (0.14 to 0.21 m² a body), a hundred and thirty could not.
    assert found.verdict == "consistent"
    assert one(model, kind="area_per_person", subject="cell", said_value=between(130, 130, "count")).verdict == (
        "inconsistent"
    )


@pytest.mark.parametrize("apart", range(1, 6))
def test_a_distance_is_between_middles_or_edges(apart):
    model = row_of_cells()
    for ends, true in (("middles", 2.7 * apart), ("edges", 2.7 * apart - 2.5)):
        claim = {"kind": "distance", "subject": "cell 1", "object": f"cell {apart + 1}", "ends": ends}
        said = between(true * 0.9, true * 1.1), between(true * 1.3 + 1, true * 2 + 1)
        good, bad = good_and_bad(model, *said, **claim)
        assert good.verdict == "consistent"
        assert good.computed.best == pytest.approx(true, abs=1e-3)
        assert bad.verdict == "inconsistent"


def way_between(first, last):
    """Out of one cell's door into the hall and in at the other's, past the doors' posts, worked by hand."""
    if first == last:
        return 0.0
    # From the cell's middle (2 m from its inner wall) to the door's nearer post, along the wall's corridor face
    # (0.2 m thick, the void reaches 0.05 m beyond into neither), and in again: straight runs between four posts.
    across = 2.7 * abs(last - first)
    post = 0.45
    inner, outer = (post, 2.0), (post, 2.2)
    lean = math.hypot(*inner)
    return 2 * lean + 2 * (outer[1] - inner[1]) + across - 2 * post


@pytest.mark.parametrize("last", range(2, 7))
def test_a_walk_is_the_way_by_the_pace(last):
    model = row_of_cells()
    metres = way_between(1, last)
    for pace in (0.5, 1.25):
        claim = {"kind": "walk_time", "subject": "cell 1", "object": f"cell {last}"}
        claim["conditions"] = {"pace_m_s": {"low": pace, "best": pace, "high": pace, "unit": "m/s"}}
        seconds = metres / pace
        said = between(seconds * 0.9, seconds * 1.1, "s"), between(seconds * 0.5, seconds * 0.8, "s")
        found, fast = good_and_bad(model, *said, **claim)
        assert found.verdict == "consistent"
        assert found.computed.best == pytest.approx(metres / pace, rel=0.01)
        assert fast.verdict == "inconsistent"


def test_a_pace_nobody_gave_is_marginalised():
    metres = way_between(1, 6)
    found = one(row_of_cells(), kind="walk_time", subject="cell 1", object="cell 6", said_value=between(5, 60, "s"))
    assert found.computed.low < metres / 1.35
    assert found.computed.high > metres / 0.8
    assert "0.5 to 1.5" in found.assumptions["pace"]


def test_a_stair_is_walked_along_its_slope_at_half_the_pace():
    low = storey([room("below", 0, 0, 8, 3)], stairs=[stair("stair", [(5, 1.5), (8 - 0.5, 1.5)], rise=2.8, to="upper")])
    high = storey([room("above", 0, 0, 8, 3)], floor=2.8, ident="upper")
    model = place(building(box(-0.3, -0.3, 8.3, 3.3), [low, high]))
    slope = math.hypot(2.5, 2.8)
    metres = (5 - 4) + slope + (7.5 - 4)
    seconds = (1 + 3.5) / 1.25 + slope / 0.625
    far = one(model, kind="distance", by="path", subject="below", object="above", said_value=between(5, 12))
    assert far.computed.best == pytest.approx(metres, abs=1e-3)
    walk = one(model, kind="walk_time", subject="below", object="above", said_value=between(5, 12, "s"))
    assert walk.computed.best == pytest.approx(seconds, abs=1e-3)


def test_the_way_out_leads_through_the_gate_of_a_wall():
    ring = [(-10, -10), (10, -10), (10, 10), (-10, 10), (-10, -10)]
    hut = building(box(-1, -1, 1, 1), [storey([])], ident="hut")
    shed = building(box(19, -1, 21, 1), [storey([])], ident="shed")
    model = place(hut, shed, walls=[wall("wall", ring)], gates=[gate("gate", (-10, 0))])
    found = one(model, kind="distance", by="path", subject="gate", object="shed", said_value=between(10, 90))
    # Round the wall's outer corners, 10.2 m from the middle, to the shed's near face.
    start, corner, second = (-10.0, 0.0), (-10.2, 10.2), (10.2, 10.2)
    assert found.shapes["route"].length > LineString([start, corner, second, (19, 1)]).length - 2.5
    assert found.computed.best > 29


@pytest.mark.parametrize(
    ("one_room", "other", "beside"),
    [
        ((0, 0, 3, 3), (3.2, 0, 6, 3), True),
        ((0, 0, 3, 3), (0, 3.2, 3, 6), True),
        ((0, 0, 3, 3), (3.2, 3.2, 6, 6), False),  # only a corner
        ((0, 0, 3, 3), (3.2, 2.7, 6, 6), False),  # 0.3 m of wall
        ((0, 0, 3, 3), (3.2, 2.3, 6, 6), True),  # 0.7 m of wall
        ((0, 0, 3, 3), (4.5, 0, 6, 3), False),  # a corridor between
        ((0, 0, 3, 3), (3.8, 0, 6, 3), True),  # a thick wall
        ((0, 0, 3, 3), (4.0, 0, 6, 3), False),
        ((0, 0, 3, 3), (-3, 0, -0.2, 3), True),
        ((0, 0, 3, 3), (0, -9, 3, -6), False),
    ],
)
def test_rooms_are_beside_each_other_where_they_share_a_wall(one_room, other, beside):
    outline = box(-6, -12, 9, 9)
    model = place(building(outline, [storey([room("a", *one_room), room("b", *other)])]))
    rows = {"kind": "adjacent", "subject": "a", "object": "b"}, {"kind": "adjacent", "subject": "b", "object": "a"}
    found, turned = corroborate(model, told(rows[0], rows[1] | {"negated": True})).findings
    assert found.verdict == ("consistent" if beside else "inconsistent")
    assert turned.verdict == ("inconsistent" if beside else "consistent")
