"""Registration: a scene's offset is found with its error, by edges, outlines or ties; what is not clear is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from affine import Affine
from shapely.affinity import translate

from geoinv.errors import FieldError, InputError
from geoinv.geometry.frames import xy_to_lonlat
from geoinv.imagery.coregister import coregister, tied
from geoinv.imagery.scene import open_scene
from geoinv.records.scenes import SceneRecord
from tests.imagery.ocean import FRAME, GSD, PLAN, SIDE, painted, table


def shifted(east: float, north: float) -> Affine:
    return Affine(GSD, 0, -SIDE / 2 + east, 0, -GSD, SIDE / 2 + north)


@pytest.mark.parametrize(("east", "north"), [(0.0, 0.0), (6.3, -4.4), (-11.0, 9.2)])
def test_another_season_off_by_metres_is_laid_back(make_scene, scene_path, east, north):
    # Other colours of every roof, other ground, other noise.
    path = make_scene("later.tif", painted(PLAN, seed=5, roof=1), transform=shifted(east, north))
    with open_scene(path) as scene, open_scene(scene_path) as reference:
        found = coregister(scene, reference)
    assert found.registered and found.method == "edges" and found.to == "ocean.tif"
    assert math.dist(found.offset_m, (-east, -north)) < 0.7
    assert found.error_m is not None and found.error_m < 2
    record = SceneRecord(name="later.tif", registration=found)
    bounds = (-50.0, -40.0, 50.0, 40.0)
    same = painted(PLAN, seed=5, roof=1)
    with open_scene(path, record) as scene, open_scene(make_scene("there.tif", same)) as there:
        one, other = (item.patch(FRAME, bounds, 0.5).rgb.astype(float) for item in (scene, there))
    assert np.abs(one - other).mean() < 12


def test_scenes_of_different_ground_are_not_registered(make_scene, scene_path):
    bare = painted([], seed=9)
    with open_scene(make_scene("bare.tif", bare)) as scene, open_scene(scene_path) as reference:
        found = coregister(scene, reference)
    assert not found.registered and found.offset_m == (0.0, 0.0) and found.why


def test_scenes_that_share_no_ground_are_not_registered(make_scene, scene_path):
    far = make_scene("far.tif", painted(PLAN), transform=shifted(5000, 0))
    empty = make_scene("empty.tif", np.zeros((3, 240, 240), np.uint8), nodata=0)
    with open_scene(scene_path) as reference, open_scene(far) as away, open_scene(empty) as blank:
        assert "no common ground" in coregister(away, reference).why
        assert "too few pixels" in coregister(blank, reference).why


def test_rows_that_repeat_are_refused(make_scene):
    # Stripes fit themselves at every third shift.
    n = round(SIDE / GSD)
    pixels = np.tile(np.where(np.arange(n) // 8 % 2, 190, 80).astype(np.uint8), (3, n, 1))
    with open_scene(make_scene("a.tif", pixels)) as one, open_scene(make_scene("b.tif", pixels)) as other:
        found = coregister(one, other)
    assert not found.registered and "equally well" in found.why


def test_a_scene_is_laid_on_known_outlines(make_scene):
    path = make_scene("off.tif", painted(PLAN, seed=2), transform=shifted(5.0, -3.0))
    with open_scene(path) as scene:
        found = coregister(scene, table(PLAN))
        elsewhere = coregister(scene, table([translate(shape, 400, 0) for shape in PLAN]))
    assert found.registered and found.method == "outlines"
    assert math.dist(found.offset_m, (-5.0, 3.0)) < 1.0
    assert found.error_m is not None and found.error_m > 0
    assert not elsewhere.registered


def test_tied_points_give_their_mean_and_say_how_well_they_agree():
    generator = np.random.default_rng(4)
    shown = generator.uniform(-400, 400, (6, 2))
    known = shown + (7.0, -2.0) + generator.normal(0, 0.5, (6, 2))
    pairs = [
        (tuple(one), tuple(other))
        for one, other in zip(xy_to_lonlat(FRAME, shown), xy_to_lonlat(FRAME, known), strict=True)
    ]
    found = tied(pairs)
    assert math.dist(found.offset_m, (7.0, -2.0)) < 0.6 and found.count == 6
    assert found.error_m is not None and math.dist(found.offset_m, (7.0, -2.0)) < found.error_m < 1.5
    assert len(found.pairs) == 6
    alone = tied(pairs[:1])
    assert alone.error_m is None and "nothing checks it" in alone.why


def test_the_error_of_tied_points_holds_the_truth_nine_times_in_ten():
    generator = np.random.default_rng(8)
    held = 0
    for _ in range(300):
        shown = generator.uniform(-300, 300, (8, 2))
        known = shown + (3.0, 4.0) + generator.normal(0, 1.0, (8, 2))
        pairs = list(zip(map(tuple, xy_to_lonlat(FRAME, shown)), map(tuple, xy_to_lonlat(FRAME, known)), strict=True))
        found = tied(pairs)
        held += math.dist(found.offset_m, (3.0, 4.0)) <= (found.error_m or 0)
    assert 0.84 < held / 300 < 0.96


def test_impossible_ties_are_refused():
    with pytest.raises(InputError, match="no tied point"):
        tied([])
    with pytest.raises(FieldError, match="kilometre"):
        tied([((0.0, 0.0), (1.0, 1.0))])
    with pytest.raises(FieldError, match="no place"):
        tied([((0.0, float("nan")), (1.0, 1.0))])
