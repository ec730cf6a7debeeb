"""Bad input to every step: a clear sentence where nothing can be done, and the rest done where something can."""

from __future__ import annotations

import math
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pytest
from shapely.affinity import translate
from shapely.geometry import Point, Polygon, box

from geoinv.errors import FrameError, InputError, UnreadableFileError
from geoinv.imagery.align import align
from geoinv.imagery.change import change
from geoinv.imagery.detect import detect
from geoinv.imagery.height import height
from geoinv.imagery.regularize import regularize
from geoinv.imagery.scene import Scene, open_scene
from geoinv.imagery.segment import segment
from tests.imagery.ocean import FRAME, GSD, PLAN, SIDE, iou, local, painted, table

STEPS: dict[str, Callable[[Scene, gpd.GeoDataFrame], gpd.GeoDataFrame]] = {
    "segment": segment,
    "height": lambda scene, drawn: height(scene, drawn, sun_azimuth=135, sun_elevation=40),
    "change": lambda scene, drawn: change(drawn, [scene, scene]),
    "align": lambda scene, drawn: align(scene, drawn).outlines,
    "regularize": lambda _, drawn: regularize(drawn),
}
#: Whole buildings, one far outside, one across the edge, one of less than a pixel, one point, one with nothing.
ODD = [
    *PLAN[:3],
    translate(PLAN[0], 5000, 5000),
    box(SIDE / 2 - 6, -5, SIDE / 2 + 9, 6),
    box(0, 0, 0.3, 0.3),
    Polygon([(0, 0), (12, 10), (12, 0), (0, 10)]),
]


def _odd() -> gpd.GeoDataFrame:
    rows = table(ODD)
    rows.geometry = [*rows.geometry.iloc[:-1], rows.geometry.iloc[-1]]
    return gpd.GeoDataFrame(
        {"id": [*rows.id, "point", "nothing"]},
        geometry=[*rows.geometry, Point(FRAME.lon, FRAME.lat), None],
        crs=rows.crs,
    )


@pytest.mark.parametrize("step", STEPS)
def test_odd_rows_keep_their_place_and_the_rest_is_done(scene_path, step):
    rows = _odd()
    with open_scene(scene_path) as scene:
        found = STEPS[step](scene, rows)
    assert list(found.id) == list(rows.id)
    assert found.crs.to_epsg() == 4326
    assert found.geometry.iloc[-1] is None
    for shape in found.geometry.iloc[:3]:
        assert shape.is_valid and shape.area > 0


@pytest.mark.parametrize("step", STEPS)
def test_an_all_nodata_scene_says_nothing_of_anything(make_scene, step):
    path = make_scene("empty.tif", np.zeros((3, *(round(SIDE / GSD),) * 2), np.uint8), nodata=0)
    with open_scene(path) as scene:
        found = STEPS[step](scene, table(PLAN))
    assert len(found) == len(PLAN)
    if step == "segment":
        assert (found.method == "prompt").all()
        assert min(iou(one, other) for one, other in zip(local(found), PLAN, strict=True)) > 0.999
    if step == "height":
        assert found.height_m.isna().all()
    if step == "change":
        assert {item["state"] for row in found.states for item in row} == {"unsure"}


def test_an_all_nodata_scene_has_no_suggestions(make_scene):
    path = make_scene("empty.tif", np.zeros((3, *(round(SIDE / GSD),) * 2), np.uint8), nodata=0)
    with open_scene(path) as scene:
        assert detect(scene).empty


@pytest.mark.parametrize("step", STEPS)
def test_outlines_without_a_crs_are_refused(scene_path, step):
    rows = gpd.GeoDataFrame({"id": ["a"]}, geometry=[box(0, 0, 10, 10)])
    with open_scene(scene_path) as scene, pytest.raises(FrameError, match="CRS"):
        STEPS[step](scene, rows)


@pytest.mark.parametrize("step", STEPS)
def test_no_rows_are_no_error(scene_path, step):
    with open_scene(scene_path) as scene:
        assert STEPS[step](scene, table([])).empty


def test_twelve_bits_in_sixteen_are_shown_as_bright_as_eight(make_scene):
    eight = painted(PLAN)
    with (
        open_scene(make_scene("12.tif", eight.astype(np.uint16) * 16, nbits=12)) as deep,
        open_scene(make_scene("8.tif", eight)) as plain,
    ):
        one, other = (scene.patch(FRAME, (-50.0, -40.0, 50.0, 40.0), 0.5).rgb for scene in (deep, plain))
    for band in range(3):
        assert np.corrcoef(one[..., band].ravel(), other[..., band].ravel())[0, 1] > 0.99
    assert 60 < one.mean() < 200


def test_blue_first_is_shown_red_first(make_scene):
    pixels = painted(PLAN)
    path = make_scene("bgr.tif", pixels[::-1].copy())
    import rasterio
    from rasterio.enums import ColorInterp

    with rasterio.open(path, "r+") as target:
        target.colorinterp = (ColorInterp.blue, ColorInterp.green, ColorInterp.red)
    with open_scene(path) as scene:
        patch = scene.patch(FRAME, (-50.0, -40.0, 50.0, 40.0), 0.5)
    with open_scene(make_scene("rgb.tif", pixels)) as scene:
        plain = scene.patch(FRAME, (-50.0, -40.0, 50.0, 40.0), 0.5)
    assert np.array_equal(patch.rgb, plain.rgb)


def test_a_corrupt_block_in_the_middle_is_a_sentence_and_elsewhere_is_read(make_scene, tmp_path):
    noisy = np.random.default_rng(0).integers(0, 255, painted(PLAN).shape).astype(np.uint8)
    whole = make_scene("w.tif", noisy, compress="deflate", tiled=True, blockxsize=64, blockysize=64).read_bytes()
    broken = bytearray(whole)
    middle = len(broken) // 2
    broken[middle : middle + 4000] = b"\xff" * 4000
    path = tmp_path / "broken.tif"
    path.write_bytes(bytes(broken))
    read = failed = 0
    with open_scene(path) as scene:
        for east in range(-58, 50, 20):
            for north in range(-58, 50, 20):
                try:
                    scene.patch(FRAME, (east, north, east + 10, north + 10), 0.5)
                    read += 1
                except UnreadableFileError as error:
                    assert "broken.tif" in str(error)
                    failed += 1
    assert read and failed


def test_a_scene_without_a_date_judges_but_does_not_bracket(scene_path):
    with open_scene(scene_path) as one, open_scene(scene_path) as other:
        found = change(table(PLAN), [one, other])
    assert any(item["state"] == "present" for row in found.states for item in row)
    assert found.not_before.isna().all() and all(item["date"] is None for row in found.states for item in row)


def test_a_sun_below_the_horizon_gives_no_height(scene_path):
    with open_scene(scene_path) as scene:
        found = height(scene, table(PLAN), sun_azimuth=100, sun_elevation=-3)
    assert (found.height_method == "unknown").all() and all(math.isnan(value) for value in found.height_m)


def test_an_area_elsewhere_has_no_suggestions_and_a_strange_one_no_harm(scene_path):
    with open_scene(scene_path) as scene:
        assert detect(scene, within=box(FRAME.lon + 1, FRAME.lat, FRAME.lon + 2, FRAME.lat + 1)).empty
        assert detect(scene, within=Point(FRAME.lon, FRAME.lat)).empty


def test_no_scene_at_all_is_an_error():
    with pytest.raises(InputError):
        change(table(PLAN), [])


@pytest.mark.parametrize("step", [step for step in STEPS if step != "regularize"])
def test_a_scene_that_does_not_cover_the_outlines_changes_none_and_says_so(scene_path, step):
    away = [translate(shape, 900, -700) for shape in PLAN]
    rows = table(away)
    with open_scene(scene_path) as scene:
        found = STEPS[step](scene, rows)
        if step == "align":
            assert "outside the scene" in align(scene, rows).why
    assert min(iou(one, other) for one, other in zip(local(found), away, strict=True)) > 0.999
    if step == "segment":
        assert (found.method == "prompt").all() and (found.outline_from == "sketch").all()
    if step == "height":
        assert (found.height_method == "not seen").all() and found.height_m.isna().all()
    if step == "change":
        assert {item["state"] for row in found.states for item in row} == {"unsure"}
