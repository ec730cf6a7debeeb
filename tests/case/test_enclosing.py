"""Drawn walls: where a ring closes, how it is cut and joined again, and how it is laid on walled yards."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import affine_transform, rotate, scale, translate
from shapely.geometry import LineString, Polygon, box
from shapely.ops import substring

from geoinv.case.enclosing import drawn_ring, is_walled, joined, laid_on, part_along, ring_as_laid, wall_pieces
from geoinv.facilities.trace import trace
from geoinv.files.drawings import read_drawing
from geoinv.records.drawings import Sketch, SketchElement

RING = box(0, 0, 400, 260)


def _sketch(*geometries: shapely.Geometry, role: str = "wall") -> Sketch:
    elements = tuple(SketchElement(id=f"e{i}", geometry=shape, role=role) for i, shape in enumerate(geometries))
    return Sketch(name="plan.svg", elements=elements)


def _iou(one: Polygon, other: Polygon) -> float:
    return one.intersection(other).area / one.union(other).area


def test_a_wall_with_a_gap_for_the_gate_still_goes_round():
    open_ring = substring(LineString(RING.exterior.coords), 0, 0.95, normalized=True)
    assert is_walled(_sketch(open_ring))
    assert drawn_ring(_sketch(open_ring)).area == pytest.approx(RING.area, rel=0.05)


def test_half_a_wall_does_not_go_round_and_everything_solid_stands_in():
    half = LineString([(0, 0), (400, 0), (400, 260)])
    assert not is_walled(_sketch(half))
    sketch = _sketch(box(0, 0, 50, 40), box(300, 0, 360, 50), box(100, 200, 160, 260), role="building")
    assert drawn_ring(sketch).area > 0.5 * shapely.MultiPolygon([e.geometry for e in sketch.elements]).convex_hull.area
    assert drawn_ring(_sketch(half)) is None


_SIDES = [
    LineString([(6, -4), (404, 2)]),
    LineString([(400, 262), (398, 5)]),
    LineString([(395, 259), (-3, 264)]),
    LineString([(2, 255), (-2, 3)]),
]


@given(st.permutations(range(4)), st.lists(st.booleans(), min_size=4, max_size=4))
def test_four_wall_lines_are_one_wall_in_whatever_order_and_direction_they_were_drawn(order, turned):
    lines = [_SIDES[at].reverse() if back else _SIDES[at] for at, back in zip(order, turned, strict=True)]
    sketch = _sketch(*lines)
    assert is_walled(sketch)
    assert _iou(drawn_ring(sketch), RING) > 0.95


@pytest.mark.parametrize("gate", [20, 60, 110])
def test_a_wall_of_strokes_may_leave_its_gate_open(gate):
    west, east = LineString([(0, 0), (200 - gate / 2, 0)]), LineString([(200 + gate / 2, 0), (400, 0)])
    sketch = _sketch(west, *_SIDES[1:], east)
    assert is_walled(sketch)
    assert _iou(drawn_ring(sketch), RING) > 0.95


def test_a_wall_drawn_with_both_its_faces_is_one_ring():
    outer = [LineString([a, b]) for a, b in itertools.pairwise(RING.exterior.coords)]
    inner = [LineString([a, b]) for a, b in itertools.pairwise(box(8, 8, 392, 252).exterior.coords)]
    assert _iou(drawn_ring(_sketch(*outer, *inner)), RING) > 0.95


def test_strokes_far_from_each_other_and_a_yard_beside_the_buildings_are_no_wall():
    assert not is_walled(_sketch(_SIDES[0], _SIDES[2]))
    assert not is_walled(_sketch(*_SIDES[:2]))
    houses = [
        SketchElement(id=f"b{at}", geometry=box(600 + 50 * at, 0, 640 + 50 * at, 40), role="building")
        for at in range(4)
    ]
    yard = _sketch(*_SIDES)
    assert not is_walled(yard.model_copy(update={"elements": (*yard.elements, *houses)}))


def test_wall_lines_of_an_svg_reach_the_placing_as_one_wall(tmp_path):
    ends = [(40, 40, 180, 40), (240, 40, 440, 40), (440, 44, 440, 300), (438, 300, 42, 300), (40, 298, 40, 42)]
    lines = "".join(
        f'<line class="wall" id="w{at}" x1="{a}" y1="{b}" x2="{c}" y2="{d}" stroke="black" stroke-width="4"/>'
        for at, (a, b, c, d) in enumerate(ends)
    )
    houses = "".join(
        f'<rect class="building" id="b{at}" x="{x}" y="{y}" width="60" height="40" fill="none" stroke="black"/>'
        for at, (x, y) in enumerate([(80, 80), (200, 150), (330, 220)])
    )
    path = tmp_path / "plan.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 340">{lines}{houses}</svg>')
    sketch = trace(read_drawing(path), name="plan.svg")
    assert is_walled(sketch)
    assert _iou(drawn_ring(sketch), box(40, 40, 440, 300)) > 0.9


@given(st.floats(0, 360), st.floats(0.4, 2.0))
def test_pieces_joined_again_are_the_wall(turn, size):
    wall = LineString(scale(rotate(RING, turn), size, size).exterior.coords)
    pieces = wall_pieces(_sketch(wall))
    assert sum(piece.length for _, piece in pieces) == pytest.approx(wall.length, rel=1e-6)
    again = joined(pieces)["e0"]
    assert again.is_ring
    assert again.hausdorff_distance(wall) < 1e-6 * wall.length


def test_pieces_moved_apart_meet_where_their_lines_cross():
    pieces = [("w", LineString([(0, 0.5), (9, 0.5)])), ("w", LineString([(10.5, 1), (10.5, 9)]))]
    assert joined(pieces)["w"].coords[1] == pytest.approx((10.5, 0.5))


def test_of_several_walls_the_largest_that_goes_round_is_the_one():
    pieces = wall_pieces(_sketch(RING.exterior, box(10, 10, 60, 50).exterior, LineString([(0, 0), (900, 0)])))
    assert ring_as_laid(pieces) is not None
    elements, ring = ring_as_laid(pieces)
    assert elements == ("e0",)
    assert _iou(ring, RING) > 0.99
    assert ring_as_laid(wall_pieces(_sketch(LineString([(0, 0), (900, 0)])))) is None


def test_strokes_that_go_round_together_are_one_wall_and_each_keeps_its_own_part_of_it():
    corners = list(RING.exterior.coords)
    strokes = [LineString(corners[:3]), LineString(corners[2:5])]
    elements, ring = ring_as_laid(wall_pieces(_sketch(*strokes, LineString([(-2000, -900), (2000, -901)]))))
    assert elements == ("e0", "e1")
    assert _iou(ring, RING) > 0.99
    for stroke in strokes:
        assert part_along(RING, stroke).hausdorff_distance(stroke) < 1e-6


@given(st.floats(0, 360), st.floats(0.05, 0.3), st.floats(-50, 50), st.floats(-50, 50))
def test_a_ring_is_laid_on_its_own_yard_whatever_the_page(turn, size, east, north):
    yard = translate(rotate(box(-30, -19.5, 30, 19.5), turn, origin=(0, 0)), east, north)
    maps = laid_on(scale(RING, size, size), [yard])
    assert 2 <= len(maps) <= 4
    for laid in maps:
        assert np.linalg.det(laid[:, :2]) > 0
    moved = [affine_transform(scale(RING, size, size), _six(laid)) for laid in maps]
    assert max(_iou(one, yard) for one in moved) > 0.95


def test_all_ways_round_are_offered_and_none_beyond_belief():
    square, strip = box(0, 0, 40, 40), box(0, 0, 200, 12)
    ring = box(0, 0, 100, 100)
    turns = {round(math.degrees(math.atan2(laid[1, 0], laid[0, 0]))) % 360 for laid in laid_on(ring, [square])}
    assert turns == {0, 90, 180, 270}
    assert laid_on(ring, [strip]) == []


def _six(laid: np.ndarray) -> list[float]:
    return [*laid[0, :2], *laid[1, :2], laid[0, 2], laid[1, 2]]
