"""Drawn walls: where a ring closes, how it is cut and joined again, and how it is laid on walled yards."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import affine_transform, rotate, scale, translate
from shapely.geometry import LineString, Polygon, box

from geoinv.case.enclosing import drawn_ring, is_walled, joined, laid_on, ring_as_laid, wall_pieces
from geoinv.records.drawings import Sketch, SketchElement

RING = box(0, 0, 400, 260)


def _sketch(*geometries: shapely.Geometry, role: str = "wall") -> Sketch:
    elements = tuple(SketchElement(id=f"e{i}", geometry=shape, role=role) for i, shape in enumerate(geometries))
    return Sketch(name="plan.svg", elements=elements)


def _iou(one: Polygon, other: Polygon) -> float:
    return one.intersection(other).area / one.union(other).area


def test_a_wall_with_a_gap_for_the_gate_still_goes_round():
    open_ring = shapely.ops.substring(LineString(RING.exterior.coords), 0, 0.95, normalized=True)
    assert is_walled(_sketch(open_ring))
    assert drawn_ring(_sketch(open_ring)).area == pytest.approx(RING.area, rel=0.05)


def test_half_a_wall_does_not_go_round_and_everything_solid_stands_in():
    half = LineString([(0, 0), (400, 0), (400, 260)])
    assert not is_walled(_sketch(half))
    sketch = _sketch(box(0, 0, 50, 40), box(300, 0, 360, 50), box(100, 200, 160, 260), role="building")
    assert drawn_ring(sketch).area > 0.5 * shapely.MultiPolygon([e.geometry for e in sketch.elements]).convex_hull.area
    assert drawn_ring(_sketch(half)) is None


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
    element, ring = ring_as_laid(pieces)
    assert element == "e0"
    assert _iou(ring, RING) > 0.99
    assert ring_as_laid(wall_pieces(_sketch(LineString([(0, 0), (900, 0)])))) is None


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
