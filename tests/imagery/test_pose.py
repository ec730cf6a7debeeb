"""Rough placing: the true place of a plan is among the few proposed, whatever way the sheet was turned."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate, scale, translate

from geoinv.imagery.pose import search_poses
from geoinv.imagery.scene import open_scene
from tests.imagery.ocean import FRAME, PLAN

_TURNS = tuple(np.arange(-180, 180, 10.0))
_SCALES = (0.8, 0.9, 1.0, 1.12, 1.25)


def _lost(turn: float, size: float, east: float, north: float) -> list[shapely.Polygon]:
    """The plan as somebody might hand it over: turned, of another size, not quite there."""
    middle = shapely.union_all(list(PLAN)).centroid
    return [translate(scale(rotate(s, turn, origin=middle), size, size, origin=middle), east, north) for s in PLAN]


@pytest.mark.parametrize(("turn", "size", "east", "north"), [(140, 1.1, 6, -5), (-70, 0.9, -8, 4), (0, 1.0, 0, 0)])
def test_the_true_place_is_proposed_first(scene_path, turn, size, east, north):
    drawn = _lost(turn, size, east, north)
    with open_scene(scene_path) as scene:
        found = search_poses(scene, FRAME, drawn, reach_m=15, turns_deg=_TURNS, scales=_SCALES, keep=6)
    best = np.array([shapely.transform(shape, found[0].placed).centroid.coords[0] for shape in drawn])
    true = np.array([shape.centroid.coords[0] for shape in PLAN])
    assert np.hypot(*(best - true).T).mean() < 4.0


def test_places_come_best_first_and_clearly_apart(scene_path):
    with open_scene(scene_path) as scene:
        found = search_poses(scene, FRAME, list(PLAN), reach_m=12, turns_deg=_TURNS, scales=(1.0,), keep=8)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    spots = [np.array([shapely.transform(s, one.placed).centroid.coords[0] for s in PLAN]) for one in found]
    apart = [np.hypot(*(a - b).T).mean() for i, a in enumerate(spots) for b in spots[i + 1 :]]
    assert min(apart) > 1.0


def test_nothing_is_proposed_without_a_plan_or_pixels(scene_path):
    far = [translate(shape, 5000, 0) for shape in PLAN]
    with open_scene(scene_path) as scene:
        assert search_poses(scene, FRAME, [], reach_m=10, turns_deg=(0.0,), scales=(1.0,)) == []
        assert search_poses(scene, FRAME, far, reach_m=10, turns_deg=(0.0,), scales=(1.0,)) == []
