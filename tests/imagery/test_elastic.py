"""Bending: buildings drawn each a little wrong find their roofs, and a plan of elsewhere finds no evidence."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate, scale, translate

from geoinv.imagery.elastic import bend, glance, surroundings
from geoinv.imagery.scene import open_scene
from tests.imagery.ocean import FRAME, PLAN


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    from tests.imagery.ocean import painted, write

    path = write(tmp_path_factory.mktemp("bend") / "ocean.tif", painted(PLAN))
    with open_scene(path) as scene:
        return surroundings(scene, FRAME, (0.0, 0.0), 80.0)


def _misdrawn(seed: int, sigma: float = 1.5) -> list[shapely.Polygon]:
    """The plan sheared as a whole and each building off by itself."""
    rng = np.random.default_rng(seed)
    drawn = []
    for shape in PLAN:
        x, y = shape.centroid.coords[0]
        east, north = 0.06 * y + rng.normal(0, sigma), -0.05 * x + rng.normal(0, sigma)
        own = scale(rotate(shape, rng.normal(0, 3)), *([float(np.exp(rng.normal(0, 0.06)))] * 2))
        drawn.append(translate(own, east, north))
    return drawn


def _off(found, truth=PLAN) -> np.ndarray:
    return np.array([a.centroid.distance(b.centroid) for a, b in zip(found, truth, strict=True)])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_misdrawn_buildings_find_their_roofs(ground, seed):
    drawn = _misdrawn(seed)
    found = bend(ground, drawn)
    assert np.median(_off(found.outlines)) < 1.0 < np.median(_off(drawn))
    assert found.shift.shape == (len(PLAN), 2)


def test_evidence_tells_the_place_from_a_turned_plan(ground):
    middle = shapely.union_all(list(PLAN)).centroid
    turned = [rotate(shape, 47, origin=middle) for shape in PLAN]
    assert bend(ground, _misdrawn(4)).evidence.sum() > bend(ground, turned).evidence.sum() + 3.0
    assert glance(ground, list(PLAN)).sum() > glance(ground, turned).sum()


def test_a_pinned_building_stays_where_a_person_put_it_and_takes_the_others_along(ground):
    drawn = [translate(shape, 9.0, 0.0) for shape in PLAN]
    pins = {index: PLAN[index].centroid.coords[0] for index in (0, 1, 2)}
    found = bend(ground, drawn, pinned=pins)
    assert _off(found.outlines)[[0, 1, 2]].max() < 2.5
    assert np.median(_off(found.outlines)) < 2.5


def test_buildings_already_standing_draw_others_to_them(ground):
    drawn = _misdrawn(5)
    alone, helped = bend(ground, drawn), bend(ground, drawn, standing=list(PLAN))
    assert helped.evidence.sum() > alone.evidence.sum()
    assert np.mean(_off(helped.outlines)) <= np.mean(_off(alone.outlines)) + 0.3


def test_the_same_plan_bends_the_same_way_twice(ground):
    first, second = (bend(ground, _misdrawn(6)) for _ in range(2))
    assert all(a.equals(b) for a, b in zip(first.outlines, second.outlines, strict=True))
    assert np.array_equal(first.evidence, second.evidence)


def test_no_plan_is_no_evidence(ground):
    assert bend(ground, []).outlines == ()
    assert glance(ground, []).shape == (0,)
