"""Outlines under prompts: better than the prompt on a roof, the prompt itself where there is nothing to see."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.affinity import rotate, scale, translate
from shapely.geometry import Point

from geoinv.geometry.frames import to_lonlat
from geoinv.imagery.scene import Patch, open_scene
from geoinv.imagery.segment import Outline, Prompt, segment
from tests.imagery.ocean import FRAME, PLAN, iou, local, painted, table


def _rough(seed: int = 3) -> list[shapely.Polygon]:
    generator = np.random.default_rng(seed)
    moved = []
    for shape in PLAN:
        turned = rotate(shape, generator.normal(0, 4))
        sized = scale(turned, *(1 + generator.normal(0, 0.08, 2)))
        moved.append(translate(sized, *generator.normal(0, 1.5, 2)))
    return moved


def test_outlines_are_better_than_their_prompts(scene_path):
    rough = _rough()
    with open_scene(scene_path) as scene:
        found = segment(scene, table(rough))
    before = np.mean([iou(a, b) for a, b in zip(rough, PLAN, strict=True)])
    after = np.mean([iou(a, b) for a, b in zip(local(found), PLAN, strict=True)])
    assert after > before + 0.12
    assert after > 0.88
    assert list(found.id) == [f"b{k}" for k in range(1, len(PLAN) + 1)]
    assert set(found.geometry.geom_type) == {"Polygon"}
    assert found.score.between(0, 1).all()
    assert set(found.outline_from) <= {"imagery prompted", "sketch"}


def test_where_there_is_nothing_to_see_the_prompt_comes_back(make_scene):
    flat = np.full((3, 240, 240), 90, np.uint8)
    with open_scene(make_scene("flat.tif", flat)) as scene:
        found = segment(scene, table(PLAN[:2]))
    assert list(found.method) == ["prompt", "prompt"]
    assert list(found.outline_from) == ["sketch", "sketch"]
    assert all(iou(a, b) > 0.999 for a, b in zip(local(found), PLAN, strict=False))


def test_outside_the_scene_the_prompt_comes_back(scene_path):
    far = [translate(PLAN[0], 500, 0)]
    with open_scene(scene_path) as scene:
        assert list(segment(scene, table(far)).method) == ["prompt"]


def test_points_and_missing_shapes_are_taken(scene_path):
    prompts = table(PLAN[:3])
    prompts.geometry = [to_lonlat(FRAME, Point(-29, 14.5)), None, prompts.geometry.iloc[2]]
    with open_scene(scene_path) as scene:
        found = segment(scene, prompts)
    assert found.geometry.iloc[0].geom_type == "Polygon"
    assert found.geometry.iloc[1] is None
    assert list(found.id) == ["b1", "b2", "b3"]


def test_the_same_again_is_the_same(scene_path):
    with open_scene(scene_path) as scene:
        one, other = (segment(scene, table(_rough()[:3])) for _ in range(2))
    assert one.to_json() == other.to_json()


def test_another_back_end_can_take_its_place(scene_path):
    class Hull:
        def outline(self, patch: Patch, prompt: Prompt) -> Outline:
            return Outline(prompt.outline.convex_hull, 0.9, "hull")

    with open_scene(scene_path) as scene:
        found = segment(scene, table(PLAN[4:5]), segmenter=Hull())
    assert list(found.method) == ["hull"]
    assert local(found)[0].area > PLAN[4].area


def test_a_grey_scene_is_enough(make_scene):
    grey = painted(PLAN)[:1]
    rough = _rough()[:4]
    with open_scene(make_scene("grey.tif", grey)) as scene:
        found = segment(scene, table(rough))
    assert np.mean([iou(a, b) for a, b in zip(local(found), PLAN, strict=False)]) > np.mean(
        [iou(a, b) for a, b in zip(rough, PLAN, strict=False)]
    )
