"""Strokes that go round the buildings are the wall; roads past them and paths between them are not."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, Polygon, box

from geoinv.facilities.trace_walls import strokes_round

_BLOCKS = [box(20, 20, 40, 35), box(60, 20, 80, 35), box(20, 60, 40, 75), box(62, 58, 78, 80)]
# A wall in three strokes, its gate in the south.
_WALL = [
    LineString([(45, 0), (0, 0), (0, 100)]),
    LineString([(1, 100), (100, 101), (100, 50)]),
    LineString([(100, 49), (100, 0), (58, 0)]),
]
_ROAD = LineString([(-80, -20), (180, -24)])
_TO_GATE = LineString([(51, -80), (51, 30)])
_PATH = LineString([(30, 36), (30, 59)])


def test_a_wall_in_strokes_with_a_gate_is_found_and_roads_and_paths_are_not() -> None:
    assert strokes_round(_BLOCKS, [_ROAD, *_WALL, _TO_GATE, _PATH]) == (1, 2, 3)


@given(turn=st.floats(0, 360), east=st.floats(-500, 500), order=st.permutations(range(6)))
def test_neither_turn_nor_place_nor_order_matters(turn: float, east: float, order: list[int]) -> None:
    lines = [_ROAD, *_WALL, _TO_GATE, _PATH]

    def moved(shape: Polygon | LineString) -> Polygon | LineString:
        return translate(rotate(shape, turn, origin=(50, 50)), east)

    found = strokes_round([moved(one) for one in _BLOCKS], [moved(lines[at]) for at in order])
    assert {order[at] for at in found} == {1, 2, 3}


def test_half_a_wall_is_no_wall() -> None:
    assert strokes_round(_BLOCKS, [_WALL[0], _ROAD]) == ()


def test_a_ring_that_leaves_most_buildings_outside_is_no_wall() -> None:
    angles = [k * math.pi / 20 for k in range(40)]
    pond = LineString([(50 + 8 * math.cos(a), 48 + 8 * math.sin(a)) for a in angles])
    assert strokes_round(_BLOCKS, [pond]) == ()


def test_nothing_is_a_wall_about_one_building_or_none() -> None:
    assert strokes_round(_BLOCKS[:1], _WALL) == ()
    assert strokes_round([], _WALL) == ()
    assert strokes_round(_BLOCKS, []) == ()
