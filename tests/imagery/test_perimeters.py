"""Perimeters: a wall known roughly is settled on the one in the scene, and stands out from chance only where one is."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate, translate
from shapely.geometry import Polygon, box

from geoinv.imagery.edge_search import oriented
from geoinv.imagery.perimeters import perimeter_strength, settled_perimeter, without_shadow_rims
from geoinv.imagery.scene import open_scene
from tests.imagery.ocean import FRAME, iou, painted

CUT = Polygon([(-24, -16), (24, -16), (24, 8), (12, 18), (-24, 18)])


def _field(make_scene, name: str, walls: list[Polygon], seed: int = 0):
    huts = [translate(box(-4, -3, 4, 3), x, y) for x, y in ((-42, 30), (38, -40), (2, 3))]
    pixels = painted(huts, seed=seed)
    n = pixels.shape[1]
    rows, columns = np.mgrid[0:n, 0:n]
    for wall in walls:
        band = wall.boundary.buffer(0.6, join_style="mitre")
        pixels[:, shapely.contains_xy(band, (columns + 0.5) * 0.5 - 60, 60 - (rows + 0.5) * 0.5)] = 245
    with open_scene(make_scene(name, pixels)) as scene:
        return oriented(scene.patch(FRAME, (-58, -58, 58, 58), 0.5), 0)


def _rough(ring: Polygon, seed: int, off: float = 2.0) -> Polygon:
    corners = shapely.get_coordinates(ring.exterior)[:-1]
    return Polygon(corners + np.random.default_rng(seed).normal(0, off, corners.shape) + [1.5, -1.0])


@pytest.mark.parametrize("turn", [0, 23, 61])
@pytest.mark.parametrize("ring", [box(-22, -15, 22, 17), CUT], ids=["rectangle", "cut corner"])
def test_a_rough_ring_settles_on_the_wall_at_any_turn(make_scene, ring, turn):
    wall = rotate(ring, turn, origin=(0, 0))
    field = _field(make_scene, "wall.tif", [wall], seed=turn)
    rough = _rough(wall, seed=turn)
    settled = settled_perimeter(field, rough, 2.5)
    assert iou(rough, wall) < 0.9
    # The wall is 1.2 m thick: its outer and its inner edge are both right, which is .93 against its middle.
    assert iou(settled.ring, wall) > 0.9


def test_a_wall_stands_out_and_open_ground_does_not(make_scene):
    wall = box(-18, -13, 18, 14)
    with_wall, without = (_field(make_scene, f"{len(walls)}.tif", walls) for walls in ([wall], []))
    found = settled_perimeter(with_wall, _rough(wall, 1), 2.0)
    assert perimeter_strength(with_wall, found, 2.0) > 3.0
    nothing = settled_perimeter(without, _rough(wall, 1), 2.0)
    assert nothing is None or perimeter_strength(without, nothing, 2.0) < 2.5


def test_points_on_the_ring_are_carried_with_their_sides(make_scene):
    wall = box(-22, -15, 22, 17)
    field = _field(make_scene, "wall.tif", [wall])
    settled = settled_perimeter(field, _rough(wall, 4), 2.5)
    middles = shapely.get_coordinates([side.centroid for side in _sides(settled.started)])
    carried = settled.carried(middles)
    for point, side in zip(carried, _sides(settled.ring), strict=True):
        assert math.dist(point, side.centroid.coords[0]) < 1e-6


def _sides(ring: Polygon) -> list[shapely.LineString]:
    corners = shapely.get_coordinates(ring.exterior)
    return [shapely.LineString([low, high]) for low, high in zip(corners[:-1], corners[1:], strict=True)]


def test_the_far_rim_of_a_shadow_is_not_taken_for_the_wall(make_scene):
    wall = box(-22, -15, 22, 17)
    pixels = painted([translate(box(-4, -3, 4, 3), 0, -30)])
    n = pixels.shape[1]
    rows, columns = np.mgrid[0:n, 0:n]
    x, y = (columns + 0.5) * 0.5 - 60, 60 - (rows + 0.5) * 0.5
    # The sun stands in the south: north of the southern and of the northern wall lie four metres of shadow.
    for low, high in ((-15, -11), (17, 21)):
        pixels[:, (np.abs(x) < 22) & (y > low) & (y < high)] = 25
    pixels[:, shapely.contains_xy(wall.boundary.buffer(0.4, join_style="mitre"), x, y)] = 150
    with open_scene(make_scene("shade.tif", pixels)) as scene:
        field = oriented(scene.patch(FRAME, (-58, -58, 58, 58), 0.5), 0)
    rough = translate(wall, 0, 2.4)
    misled = settled_perimeter(field, rough, 2.5)
    settled = settled_perimeter(without_shadow_rims(field, 180.0), rough, 2.5)
    assert misled.ring.bounds[3] > 19.0
    assert iou(settled.ring, wall) > 0.93
    assert without_shadow_rims(field, None) is field


def test_the_same_ring_settles_the_same_way_twice(make_scene):
    wall = box(-22, -15, 22, 17)
    field = _field(make_scene, "wall.tif", [wall])
    assert settled_perimeter(field, _rough(wall, 2), 2.5) == settled_perimeter(field, _rough(wall, 2), 2.5)


def test_what_has_no_three_sides_has_no_perimeter(make_scene):
    field = _field(make_scene, "open.tif", [])
    assert settled_perimeter(field, Polygon([(0, 0), (30, 0.2), (30, 0)]), 2.0) is None
