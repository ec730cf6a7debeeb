"""Joining: the lit and the dark half of a pitched roof are one roof; neighbours are two."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate, translate
from shapely.geometry import Polygon, box

from geoinv.imagery.detect import detect
from geoinv.imagery.masks import fill
from geoinv.imagery.scene import open_scene
from tests.imagery.ocean import GSD, SIDE, iou, local, painted


def _pitched(roofs: list[tuple[Polygon, Polygon]], seed: int = 0) -> np.ndarray:
    """Roofs of one red, each of a lit half and a dark half, on rough ground."""
    pixels = painted([], seed=seed)
    n = pixels.shape[1]
    for halves in roofs:
        for half, light in zip(halves, (1.0, 0.62), strict=True):
            shape = shapely.transform(
                half, lambda xy: np.column_stack([xy[:, 0] + SIDE / 2, SIDE / 2 - xy[:, 1]]) / GSD
            )
            pixels[:, fill(shape, (n, n))] = (np.array([180, 95, 75]) * light).astype(np.uint8)[:, None]
    return pixels


@pytest.mark.parametrize("turn", [0, 25, 60])
def test_two_halves_of_a_roof_are_one(make_scene, turn):
    halves = [rotate(part, turn, origin=(0, 0)) for part in (box(-15, 0, 15, 5), box(-15, -5, 15, 0))]
    with open_scene(make_scene("roof.tif", _pitched([(halves[0], halves[1])]))) as scene:
        found = local(detect(scene))
    assert max(iou(one, shapely.union_all(halves)) for one in found) > 0.75


def test_two_houses_with_a_lane_between_stay_two(make_scene):
    one = (box(-15, 0, 15, 5), box(-15, -5, 15, 0))
    other = tuple(translate(part, 0, 14) for part in one)
    with open_scene(make_scene("row.tif", _pitched([one, other]))) as scene:
        found = local(detect(scene))
    for house in (one, other):
        assert max(iou(outline, shapely.union_all(list(house))) for outline in found) > 0.7
