"""Enclosures: a walled yard is found at any turn, and a field without one offers nothing as good."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate, translate
from shapely.geometry import Polygon, box

from geoinv.imagery.enclosures import enclosures
from geoinv.imagery.scene import open_scene
from tests.imagery.ocean import FRAME, iou, painted

SIDES = (24.0, 28.0, 33.0, 38.0, 44.0, 52.0, 60.0)


def _walled(yard: Polygon, seed: int = 0) -> np.ndarray:
    """A yard behind a bright wall, two huts in it, a few outside."""
    huts = [translate(box(-4, -3, 4, 3), x, y) for x, y in ((-42, 30), (38, -40), (44, 34))]
    inside = [translate(box(-3, -5, 3, 5), yard.centroid.x + dx, yard.centroid.y) for dx in (-6, 7)]
    wall = yard.boundary.buffer(0.6, join_style="mitre")
    pixels = painted([*huts, *inside], seed=seed)
    n = pixels.shape[1]
    rows, columns = np.mgrid[0:n, 0:n]
    on = shapely.contains_xy(wall, (columns + 0.5) * 0.5 - 60, 60 - (rows + 0.5) * 0.5)
    pixels[:, on] = 245
    return pixels


@pytest.mark.parametrize("turn", [0, 17, 52, 80])
def test_a_walled_yard_is_found_at_any_turn(make_scene, turn):
    yard = rotate(box(-22, -15, 22, 17), turn)
    with open_scene(make_scene("yard.tif", _walled(yard, seed=turn))) as scene:
        found = enclosures(scene, FRAME, (3.0, -4.0), 25.0, sides_m=SIDES)
    assert iou(found[0].polygon, yard) > 0.75
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_a_yard_that_is_not_a_rectangle_is_still_among_the_first(make_scene):
    yard = Polygon([(-24, -16), (24, -16), (24, 8), (12, 18), (-24, 18)])
    with open_scene(make_scene("cut.tif", _walled(yard, seed=5))) as scene:
        found = enclosures(scene, FRAME, (0.0, 0.0), 25.0, sides_m=SIDES)
    assert max(iou(one.polygon, yard) for one in found[:4]) > 0.7


def test_open_ground_offers_nothing_as_good(make_scene):
    yard = box(-22, -15, 22, 17)
    with open_scene(make_scene("yard.tif", _walled(yard))) as scene:
        walled = enclosures(scene, FRAME, (0.0, 0.0), 25.0, sides_m=SIDES)[0].score
    with open_scene(make_scene("open.tif", painted([]))) as scene:
        ground = enclosures(scene, FRAME, (0.0, 0.0), 25.0, sides_m=SIDES)[0].score
    assert walled > ground + 4.0


def test_those_returned_are_clearly_different(make_scene):
    with open_scene(make_scene("yard.tif", _walled(box(-22, -15, 22, 17)))) as scene:
        found = enclosures(scene, FRAME, (0.0, 0.0), 25.0, most=8, sides_m=SIDES)
    assert len(found) == 8
    assert all(iou(a.polygon, b.polygon) < 0.6 for i, a in enumerate(found) for b in found[i + 1 :])


def test_where_the_scene_has_no_pixels_there_is_nothing(scene_path):
    with open_scene(scene_path) as scene:
        assert enclosures(scene, FRAME, (5000.0, 5000.0), 20.0, sides_m=SIDES) == []
