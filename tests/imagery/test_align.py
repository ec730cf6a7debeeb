"""Alignment: a plan moves onto its place, a plan of elsewhere is refused, and each building then finds its own."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate, scale, translate
from shapely.geometry import box

from geoinv.imagery.align import align
from geoinv.imagery.align_each import align_each
from geoinv.imagery.edge_search import chance
from geoinv.imagery.scene import open_scene
from tests.imagery.ocean import PLAN, local, table


def _together(
    shapes: list[shapely.Polygon], east: float, north: float, turn: float, size: float
) -> list[shapely.Polygon]:
    middle = shapely.union_all(shapes).centroid
    return [translate(scale(rotate(s, turn, origin=middle), size, size, origin=middle), east, north) for s in shapes]


def _off(found: list[shapely.Polygon], truth: tuple[shapely.Polygon, ...]) -> float:
    return float(np.mean([a.centroid.distance(b.centroid) for a, b in zip(found, truth, strict=True)]))


@pytest.mark.parametrize(("east", "north", "turn", "size"), [(6, -7, 5, 1.04), (-9, 3, -4, 0.96), (0, 0, 0, 1)])
def test_a_plan_moves_onto_its_place(scene_path, east, north, turn, size):
    drawn = _together(list(PLAN), east, north, turn, size)
    with open_scene(scene_path) as scene:
        result = align(scene, table(drawn))
    assert result.aligned, result.why
    assert _off(local(result.outlines), PLAN) < 1.5


def test_a_plan_of_elsewhere_is_refused_and_left_alone(scene_path):
    elsewhere = [
        rotate(box(x, y, x + w, y + h), 33)
        for x, y, w, h in [(-30, -20, 9, 7), (-8, 5, 13, 6), (14, -15, 7, 7), (5, 25, 9, 5)]
    ]
    with open_scene(scene_path) as scene:
        result = align(scene, table(elsewhere))
    assert not result.aligned
    assert result.why
    assert all(a.equals_exact(b, 1e-2) for a, b in zip(local(result.outlines), elsewhere, strict=True))
    assert result.shift_m == (0.0, 0.0)


def test_a_grid_of_equal_houses_has_no_unique_place(make_scene):
    from tests.imagery.ocean import painted

    houses = [box(x, y, x + 7, y + 7) for x in range(-56, 50, 11) for y in range(-56, 50, 11)]
    middle = [shape for shape in houses if shape.centroid.distance(shapely.Point(0, 0)) < 18]
    with open_scene(make_scene("grid.tif", painted(houses, roof=0))) as scene:
        assert not align(scene, table(_together(middle, 4.5, 5, 1, 1))).aligned


def test_the_right_placement_scores_above_a_wrong_one(scene_path):
    with open_scene(scene_path) as scene:
        right = align(scene, table(list(PLAN)))
        wrong = align(scene, table(_together(list(PLAN), 0, 0, 45, 1)))
    assert right.score > wrong.score + 1


def test_outside_the_scene_is_refused(scene_path):
    with open_scene(scene_path) as scene:
        result = align(scene, table([translate(shape, 900, 0) for shape in PLAN]))
    assert not result.aligned
    assert "outside" in result.why


def test_buildings_beyond_the_scene_go_along_and_change_nothing(scene_path):
    """A plan may reach past the scene's edge: what nobody can see there must not decide where the rest lies."""
    beyond = [box(east, north, east + 12, north + 9) for east in (200, 230) for north in (-20, 0, 20)]
    with open_scene(scene_path) as scene:
        alone = align(scene, table(_together(list(PLAN), 5, -4, 2, 1)))
        result = align(scene, table(_together([*PLAN, *beyond], 5, -4, 2, 1)))
    assert alone.aligned and result.aligned, result.why
    assert _off(local(result.outlines)[: len(PLAN)], PLAN) < 1.5
    assert result.score < 2 * alone.score


def test_what_scores_the_same_everywhere_has_no_deviation_to_boast_of():
    rng = np.random.default_rng(2)
    maps = rng.normal(0, 0.08, (3, 5, 21, 21)).astype(np.float32)
    maps[:, 4] = 0.0
    maps[0, 4, 0, 0] = 0.05  # a little unrest at the picture's edge
    middle, spread = chance(maps)
    assert spread.shape == (5, 1, 1)
    assert np.allclose(spread[:4].ravel(), maps[:, :4].std(axis=(0, 2, 3)), rtol=1e-5)
    assert float(((maps[:, 4] - middle[4]) / spread[4]).max()) < 3.0


def test_nothing_to_align_is_said(scene_path):
    with open_scene(scene_path) as scene:
        assert not align(scene, table([])).aligned


def test_each_building_finds_its_own_place(scene_path):
    generator = np.random.default_rng(5)
    drawn = [translate(rotate(shape, generator.normal(0, 3)), *generator.normal(0, 1.6, 2)) for shape in PLAN]
    with open_scene(scene_path) as scene:
        moved = align_each(scene, table(drawn))
    assert _off(local(moved), PLAN) < 0.5 * _off(drawn, PLAN)
    assert (moved.support > 1.5).mean() > 0.7


def test_a_building_that_cannot_be_seen_goes_with_its_neighbours(make_scene):
    from tests.imagery.ocean import painted

    unseen = box(-30, -45, -20, -36)
    drawn = [translate(shape, 2.0, -1.5) for shape in (*PLAN, unseen)]
    with open_scene(make_scene("unseen.tif", painted(PLAN))) as scene:
        moved = align_each(scene, table(drawn))
    assert local(moved)[-1].centroid.distance(unseen.centroid) < 3.0
