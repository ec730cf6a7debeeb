"""Walls, towers and tracks: suggested where they are, with their kind, and never as buildings."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate
from shapely.geometry import LineString, box

from geoinv.files.geojson import write_table
from geoinv.files.published import read_candidates
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.imagery.scene import open_scene
from geoinv.imagery.site_marks import marks_found, suggestions
from tests.imagery.ocean import FRAME, iou, local, painted

YARD = rotate(box(-38, -30, 38, 30), 12)
HUTS = (box(-20, -8, -8, 6), box(4, -15, 20, -6), box(6, 6, 22, 14))


def _walled(seed: int = 0) -> np.ndarray:
    """Huts in a yard behind a bright wall; a pale square at two of its corners."""
    pixels = painted(HUTS, seed=seed)
    n = pixels.shape[1]
    rows, columns = np.mgrid[0:n, 0:n]
    at = (columns + 0.5) * 0.5 - 60, 60 - (rows + 0.5) * 0.5
    pixels[:, shapely.contains_xy(YARD, *at) & (pixels[0] < 200)] += np.uint8(20)
    pixels[:, shapely.contains_xy(YARD.boundary.buffer(0.8, join_style="mitre"), *at)] = 225
    for corner in _posts():
        pixels[:, shapely.contains_xy(corner.buffer(1.7, cap_style="square"), *at)] = 255
    return pixels


def _posts():
    corners = shapely.get_coordinates(YARD.exterior)[:-1]
    return [shapely.Point(corner * 0.96) for corner in corners[:2]]


@pytest.fixture(scope="module")
def walled(tmp_path_factory):
    from tests.imagery.ocean import write

    return write(tmp_path_factory.mktemp("walled") / "yard.tif", _walled())


@pytest.fixture(scope="module")
def found(walled):
    with open_scene(walled) as scene:
        return suggestions(scene)


def test_the_wall_is_the_likeliest_ring_and_a_closed_line(found):
    walls = found[found.kind == "wall"]
    assert len(walls) >= 1
    best = local(walls)[0]
    assert isinstance(best, LineString) and best.is_closed
    assert iou(shapely.Polygon(best), YARD) > 0.9
    assert walls.existence.iloc[0] > 0.5


def test_buildings_keep_their_kind_and_nothing_else_is_one(found):
    assert set(found.kind) <= {"building", "wall", "tower", "track"}
    assert (found[found.kind == "building"].geometry.geom_type == "Polygon").all()
    assert found.existence.between(0, 1).all() and found.id.is_unique
    assert set(found[found.kind.isin(["wall", "track"])].geometry.geom_type) <= {"LineString"}


def test_towers_stand_at_corners_of_the_wall(found):
    for tower in local(found[found.kind == "tower"]):
        assert tower.distance(YARD.boundary) < 6
        assert min(tower.distance(shapely.Point(at)) for at in YARD.exterior.coords) < 8


def test_bare_ground_has_no_wall_and_no_tower(make_scene):
    with open_scene(make_scene("bare.tif", painted([]))) as scene:
        told = marks_found(scene)
    assert told[told.kind != "track"].empty


def test_only_inside_the_area_asked_for_and_nothing_of_nothing(walled, make_scene):
    with open_scene(walled) as scene:
        away = to_lonlat(FRAME, box(900, 900, 950, 950))
        assert marks_found(scene, within=away).empty
    with open_scene(make_scene("empty.tif", np.zeros((3, 240, 240), np.uint8), nodata=0)) as scene:
        assert suggestions(scene).empty


def test_what_an_earlier_run_found_is_not_looked_for_again(walled):
    kept: dict[str, object] = {}
    with open_scene(walled) as scene:
        first = marks_found(scene, kept=kept)
        size = len(kept)
        again = marks_found(scene, kept=kept)
    assert len(kept) == size > 0
    assert first.to_json() == again.to_json()


def test_matching_is_offered_the_buildings_only(found, tmp_path):
    write_table(tmp_path / "c.geojson", found)
    offered = read_candidates(tmp_path / "c.geojson")
    assert list(offered.id) == list(found[found.kind == "building"].id)
    assert to_local(FRAME, offered.geometry.iloc[0]).area > 5
