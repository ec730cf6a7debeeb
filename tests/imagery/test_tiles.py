"""Tiles cover an area once; what they find is the same whoever does them, and is not done twice."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from affine import Affine
from shapely.affinity import translate
from shapely.geometry import box

from geoinv.errors import CaseError
from geoinv.imagery import detect as detection
from geoinv.imagery.detect import detect
from geoinv.imagery.scene import Scene, open_scene
from geoinv.imagery.tiles import Tile, over_tiles, tiles_of
from tests.imagery.ocean import GSD, PLAN, SIDE, iou, local, painted, write


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """Two ocean scenes side by side, 480 × 240 pixels: roofs on many seams of small tiles."""
    folder = tmp_path_factory.mktemp("wide")
    one = painted(PLAN)
    pixels = np.concatenate([one, one], axis=2)
    return write(folder / "wide.tif", pixels, transform=Affine(GSD, 0, -SIDE, 0, -GSD, SIDE / 2))


def brightness(scene: Scene, tile: Tile, settings: Any) -> list[Any]:
    """A work that another process can find."""
    patch = scene.patch(scene.frame, tile.seen, tile.gsd)
    return [[tile.number, float(patch.pixels.mean()) * settings]]


@pytest.mark.parametrize("bounds", [(0.0, 0.0, 50.0, 40.0), (-310.0, -95.0, 400.0, 640.0), (0.0, 0.0, 3.0, 900.0)])
def test_every_place_is_one_tile_s_and_lies_well_inside_what_it_sees(bounds):
    tiles = tiles_of(bounds, 0.5, side=256, halo=32)
    generator = np.random.default_rng(1)
    for east, north in generator.uniform(bounds[:2], bounds[2:], (200, 2)):
        (tile,) = [tile for tile in tiles if tile.answers_for(east, north)]
        west, south, far, top = tile.seen
        margin = 32 * 0.5 - 1e-6
        assert west <= east <= far and south <= north <= top
        assert east - west >= margin or west == bounds[0]
        assert far - east >= margin or far == bounds[2]
        assert top - north >= margin or top == bounds[3]
        assert north - south >= margin or south == bounds[1]


def test_seams_neither_lose_nor_double_a_roof(wide, monkeypatch):
    with open_scene(wide) as scene:
        whole = detect(scene)
        monkeypatch.setattr(detection, "_TILE", 224)
        monkeypatch.setattr(detection, "_HALO", 64)
        parts = detect(scene)
    sure = local(parts[parts.existence >= 0.5])
    roofs = [translate(form, x, 0) for form in PLAN for x in (-SIDE / 2, SIDE / 2)]
    found_whole = np.mean([max(iou(one, roof) for one in local(whole)) > 0.6 for roof in roofs])
    found_parts = np.mean([max(iou(one, roof) for one in local(parts)) > 0.6 for roof in roofs])
    assert found_parts >= found_whole - 0.1 and found_parts > 0.8
    assert len(sure)
    shared = [one.intersection(two).area / min(one.area, two.area) for one in sure for two in sure if one is not two]
    assert max(shared) <= 0.35


def test_what_was_kept_is_not_done_again_and_progress_counts_every_tile(wide):
    kept: dict[str, Any] = {}
    told: list[tuple[int, int]] = []
    with open_scene(wide) as scene:
        tiles = tiles_of((-100.0, -100.0, 100.0, 100.0), 0.5, side=128, halo=16)
        first = over_tiles(scene, tiles, brightness, 2, kept=kept)
        begun = [next(first) for _ in range(5)]
        done = json.loads(json.dumps(kept))

        def refusing(scene: Scene, tile: Tile, settings: Any) -> list[Any]:
            assert tile.number >= 5
            return brightness(scene, tile, settings)

        again = list(over_tiles(scene, tiles, refusing, 2, kept=done, progress=lambda at, of: told.append((at, of))))
        assert again[:5] == begun and again == list(over_tiles(scene, tiles, brightness, 2))
    assert told == [(number, len(tiles)) for number in range(1, len(tiles) + 1)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_real_cluster_finds_the_same_to_the_last_bit(scene_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(detection, "_TILE", 200)
    monkeypatch.setattr(detection, "_HALO", 60)
    with (
        open_scene(scene_path) as scene,
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
    ):
        here = detect(scene)
        there = detect(scene, scheduler=cluster.scheduler_address)
    assert len(here) > 5
    assert here.to_json() == there.to_json()


def test_a_scheduler_that_does_not_answer_is_one_sentence(scene_path, monkeypatch):
    pytest.importorskip("distributed")
    with open_scene(scene_path) as scene, pytest.raises(CaseError, match="no scheduler"):
        detect(scene, scheduler="tcp://127.0.0.1:9")


def test_an_area_leaves_out_tiles_that_do_not_touch_it(wide, monkeypatch):
    monkeypatch.setattr(detection, "_TILE", 224)
    monkeypatch.setattr(detection, "_HALO", 64)
    told: list[tuple[int, int]] = []
    with open_scene(wide) as scene:
        west, south, east, north = scene.bounds.bounds
        corner = box(west, south, west + (east - west) / 5, south + (north - south) / 5)
        found = detect(scene, within=corner.union(corner.buffer(0)), progress=lambda at, of: told.append((at, of)))
    assert told[-1][1] == 1 and all(corner.buffer(1e-4).contains(shape.centroid) for shape in found.geometry)
