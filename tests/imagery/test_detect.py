"""Detection: most roofs of a clear scene are suggested, each once, and only where one asked."""

from __future__ import annotations

import numpy as np
from shapely.geometry import box

from geoinv.geometry.frames import to_lonlat
from geoinv.imagery.detect import detect
from geoinv.imagery.scene import open_scene
from tests.imagery.ocean import FRAME, PLAN, iou, local, painted


def test_most_roofs_are_suggested_and_each_once(scene_path):
    with open_scene(scene_path) as scene:
        found = detect(scene)
    sure = found[found.existence >= 0.5]
    shapes = local(sure)
    hit = [max(iou(shape, roof) for shape in shapes) for roof in PLAN]
    assert np.mean(np.array(hit) > 0.6) >= 0.85
    assert len(sure) <= len(PLAN) + 3
    assert found.existence.between(0, 1).all()
    assert found.existence.is_monotonic_decreasing


def test_a_roof_is_probably_a_building_and_probability_is_held_lower_than_the_score(scene_path):
    with open_scene(scene_path) as scene:
        found = detect(scene)
    assert found.probability.between(0, 1).all()
    shapes = local(found)
    right = np.array([max(iou(shape, roof) for roof in PLAN) > 0.6 for shape in shapes])
    assert found.probability[right].median() > 0.3 > found.probability[~right].mean()


def test_bare_ground_has_no_sure_building(make_scene):
    with open_scene(make_scene("bare.tif", painted([]))) as scene:
        found = detect(scene)
    assert (found.existence >= 0.5).sum() <= 2


def test_only_inside_the_area_asked_for(scene_path):
    area = to_lonlat(FRAME, box(-60, -60, 0, 60))
    with open_scene(scene_path) as scene:
        found = detect(scene, within=area)
        nowhere = detect(scene, within=to_lonlat(FRAME, box(900, 900, 950, 950)))
    assert len(found)
    assert all(shape.centroid.x < 3 for shape in local(found))
    assert nowhere.empty
    assert {"id", "existence", "geometry"} <= set(nowhere.columns)
