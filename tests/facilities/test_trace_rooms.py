"""What is promised of shapes traced on a drawing of an inside: rooms that do not overlap, and the corridor between."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from geoinv.facilities.trace import trace
from geoinv.facilities.trace_rooms import corridor_among, inside_among, rooms_among
from geoinv.records.drawings import Stroke, VectorDrawing

NORTH = [box(100 * i, 150, 100 * i + 96, 250) for i in range(6)]
SOUTH = [box(100 * i, 0, 100 * i + 96, 100) for i in range(6)]
HALL, OUTLINE, ROW = box(0, 104, 596, 146), box(-6, -6, 602, 256), box(0, 150, 596, 250)


def test_rooms_are_taken_rather_than_the_row_or_the_outline_that_holds_them() -> None:
    shapes = [OUTLINE, ROW, *NORTH, *SOUTH]
    assert rooms_among(shapes, [0.95, 0.9] + [0.8] * 12) == tuple(range(2, 14))


def test_a_row_is_one_room_where_its_parts_are_unlikely() -> None:
    assert rooms_among([ROW, *NORTH, *SOUTH], [0.9] + [0.2] * 6 + [0.8] * 6) == (0, *range(7, 13))


def test_the_corridor_is_told_by_the_rooms_along_it_though_nobody_enclosed_it() -> None:
    shapes = [*NORTH, HALL, *SOUTH, ROW]
    sure = [0.9] * 6 + [0.2] + [0.9] * 6 + [0.3]
    assert corridor_among(shapes, sure, rooms_among(shapes, sure)) == 6
    told = inside_among(shapes, sure, (), hall_named=False)
    assert told.corridor == 6 and told.rooms == (*range(6), *range(7, 13))
    assert inside_among(shapes, sure, (), hall_named=True).corridor is None


def test_the_space_between_the_two_lines_of_a_wall_is_no_corridor() -> None:
    wall = Polygon(OUTLINE.exterior, [box(-2, -2, 598, 252).exterior])
    shapes = [*NORTH, *SOUTH, wall]
    assert corridor_among(shapes, [0.9] * 13, range(12)) is None


def test_few_rooms_have_no_corridor() -> None:
    assert corridor_among([*NORTH[:3], HALL], [0.9] * 4, range(3)) is None
    assert inside_among([], [], (), hall_named=False).rooms == ()


@given(st.lists(st.tuples(*[st.floats(0, 500)] * 2, *[st.floats(20, 200)] * 2, st.floats(0, 1)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_two_rooms_are_one_place_and_what_is_named_is_kept(boxes: list[tuple[float, ...]]) -> None:
    shapes = [box(x, y, x + w, y + h) for x, y, w, h, _ in boxes]
    sure = [certainty for *_, certainty in boxes]
    taken = [shapes[at] for at in rooms_among(shapes, sure)]
    for at, one in enumerate(taken):
        for other in taken[:at]:
            assert one.intersection(other).area <= 0.25 * min(one.area, other.area) + 1e-6
    named = range(1) if shapes and len(shapes) > 3 and shapes[0].area < 0.3 * OUTLINE.area else range(0)
    assert set(named) <= set(inside_among([*shapes, OUTLINE], [*sure, 0.9], named, hall_named=False).rooms)


def test_a_drawing_that_is_known_to_show_an_inside_has_rooms_and_of_a_site_buildings() -> None:
    things = (OUTLINE, *NORTH, HALL, *SOUTH)
    strokes = tuple(Stroke(translate(thing, 20, 20), closed=True, filled=False, width=2.0) for thing in things)
    drawing = VectorDrawing(strokes=strokes, texts=(), page_size=(640.0, 300.0))
    inside = trace(drawing, name="inside.svg", scope="building")
    assert inside.scope == "building"
    roles = [one.role for one in inside.elements]
    assert (roles.count("room"), roles.count("corridor"), roles.count("wall")) == (12, 1, 1)
    assert next(one for one in inside.elements if one.role == "corridor").certainty >= 0.8
    site = trace(drawing, name="site.svg", scope="site")
    assert site.scope == "site" and "room" not in {one.role for one in site.elements}
