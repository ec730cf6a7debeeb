"""Walls with openings made face by face are what cutting solids makes of them, or left to that."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate, translate
from shapely.geometry import box

from geoinv.models.solids import _void
from geoinv.models.solids_pierced import pierced
from geoinv.models.solids_prisms import Box, boxes, less, prism
from geoinv.models.solids_walls import storey_plan
from geoinv.records.places import LonLat
from geoinv.worlds.plan import make_plan

CELLS = box(0, 0, 10, 5).difference(shapely.union_all([box(0.3, 0.3, 4.8, 4.7), box(5.2, 0.3, 9.7, 4.7)]))


def same_as_cut(shape, voids, low=0.0, high=3.0) -> None:
    mesh = pierced(shape, low, high, voids)
    assert mesh is not None and mesh.is_watertight and mesh.is_winding_consistent
    cut = less(prism(shape, low, high), [boxes(voids)])
    assert mesh.volume == pytest.approx(cut.volume(), rel=1e-9)
    assert mesh.area == pytest.approx(cut.surface_area(), rel=1e-9)


def door(x, y, direction=(1.0, 0.0), depth=0.4, width=0.8):
    return Box((x, y), direction, width, depth, -0.05, 2.0)


def window(x, y, direction=(1.0, 0.0), depth=0.4):
    return Box((x, y), direction, 0.6, depth, 1.0, 1.8)


def test_a_door_and_windows_go_through_as_cutting_would() -> None:
    same_as_cut(CELLS, [door(2, 0.15), window(7, 0.15), window(8.2, 0.15), door(5, 2.5, (0.0, 1.0), 0.5)])


def test_a_ring_opened_by_doors_on_every_side_stays_closed() -> None:
    upright = (0.0, 1.0)
    same_as_cut(CELLS, [door(2, 0.15), door(2, 4.85), door(8, 4.85), door(0.15, 2, upright), door(9.85, 2, upright)])


@settings(max_examples=60, deadline=None)
@given(
    turn=st.floats(0, 360),
    at=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    spots=st.lists(
        st.tuples(st.integers(0, 8), st.floats(0.3, 0.7), st.booleans(), st.floats(-0.2, 0.2)),
        max_size=8,
        unique_by=lambda spot: spot[0],
    ),
)
def test_any_straight_openings_are_as_cut(turn, at, spots) -> None:
    wall = box(0, 0, 20, 4).difference(box(0.3, 0.4, 19.7, 3.5))
    shape = translate(rotate(wall, turn, origin=(0, 0)), *at)
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    voids = []
    for cell, share, is_door, askew in spots:
        x, y = 2 * cell + 0.6 + share, 0.2 if cell % 2 else 3.75
        centre = (x * cos - y * sin + at[0], x * sin + y * cos + at[1])
        way = math.radians(turn) + askew
        voids.append((door if is_door else window)(*centre, (math.cos(way), math.sin(way)), 0.8))
    if voids:
        same_as_cut(shape, voids)


@pytest.mark.parametrize(
    "voids",
    [
        [door(0.2, 0.15)],  # through a corner
        [door(2, 0.15), door(2.5, 0.15)],  # into each other
        [Box((2, 0.15), (1.0, 0.0), 0.8, 0.4, 0.5, 3.1)],  # through the top
        [door(2, 0.15, depth=0.2)],  # not through the whole wall
        [door(2, 2.5)],  # in no wall
        [Box((2, 2.5), (1.0, 0.0), 0.8, 6.0, 0.5, 2.0)],  # through two walls
    ],
)
def test_what_is_not_simple_is_left_to_solids(voids) -> None:
    assert pierced(CELLS, 0.0, 3.0, voids) is None


def test_most_storeys_of_made_worlds_need_no_cutting_and_come_out_alike() -> None:
    made = total = 0
    for seed, kind in enumerate(("county", "camp") * 2):
        plan = make_plan(kind, seed, slug="w", title="Made (fictional)", at=LonLat(-150.0, -40.0))
        for building in plan.blueprint.buildings:
            for storey in building.storeys:
                cut = storey_plan(building, storey)
                voids = [_void(opening, storey) for opening in cut.openings]
                if not voids or not all(isinstance(void, Box) for void in voids) or len(cut.pieces) > 1:
                    continue
                total += 1
                low, high = storey.floor_m, storey.floor_m + storey.height_m
                mesh = pierced(cut.pieces[0][1], low, high, voids)
                if mesh is not None:
                    made += 1
                    solid = less(prism(cut.pieces[0][1], low, high), [boxes(voids)])
                    assert mesh.is_watertight
                    assert np.isclose(mesh.volume, solid.volume(), rtol=1e-9)
    assert total >= 4 and made >= 0.75 * total
