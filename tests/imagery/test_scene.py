"""Scenes: any honest raster opens in metres; what cannot be placed or read is refused in one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from shapely.geometry import box

from geoinv.errors import FieldError, InputError, UnreadableFileError
from geoinv.imagery.masks import fill, outline_of
from geoinv.imagery.scene import open_scene, record_of
from geoinv.records.scenes import SceneRecord
from tests.imagery.ocean import FRAME, PLAN, SIDE, painted

BOUNDS = (-50.0, -40.0, 50.0, 40.0)


def test_a_patch_lies_where_it_says(scene_path):
    with open_scene(scene_path) as scene:
        patch = scene.patch(FRAME, BOUNDS, 0.5)
    roof = fill(patch.drawn(PLAN[0].buffer(-1)), patch.shape)
    assert patch.shape == (160, 200)
    assert np.abs(patch.rgb[roof].mean(axis=0) - [205, 200, 195]).max() < 4
    corner = patch.to_metres(np.array([[0.0, 0.0]]))[0]
    assert corner == pytest.approx([-50, 40])
    assert patch.to_pixels(patch.to_metres(np.array([[7.25, 3.5]])))[0] == pytest.approx([7.25, 3.5])


def test_the_gsd_is_measured_from_the_ground(scene_path):
    with open_scene(scene_path) as scene:
        assert scene.gsd == pytest.approx(0.5, rel=1e-3)


def test_a_rotated_scene_gives_the_same_north_up_patch(make_scene):
    plain, n = painted(PLAN), 240
    turned = np.rot90(plain, axes=(1, 2)).copy()
    # Row 0 of the turned picture is the last column of the plain one.
    transform = Affine(0, -0.5, SIDE / 2, -0.5, 0, SIDE / 2)
    assert turned.shape == (3, n, n)
    with (
        open_scene(make_scene("plain.tif", plain)) as one,
        open_scene(make_scene("turned.tif", turned, transform=transform)) as other,
    ):
        a, b = one.patch(FRAME, BOUNDS, 0.5), other.patch(FRAME, BOUNDS, 0.5)
    assert np.abs(a.rgb.astype(int) - b.rgb).mean() < 0.5


def test_what_is_outside_or_nodata_is_not_valid(make_scene):
    pixels = painted(PLAN).astype(np.float32)
    pixels[:, :60, :] = -1
    with open_scene(make_scene("holed.tif", pixels, nodata=-1, dtype="float32")) as scene:
        patch = scene.patch(FRAME, (-70.0, -50.0, 50.0, 50.0), 0.5)
    east, north = -50, 45
    assert not patch.valid[round((50 - north) / 0.5), round((east + 70) / 0.5)]
    assert not patch.valid[100, 5]
    assert patch.valid[150, 100]
    assert np.isfinite(patch.pixels).all()


def test_a_sixteen_bit_scene_is_stretched_as_a_whole(make_scene):
    pixels = painted(PLAN).astype(np.uint16) * 40 + 300
    with open_scene(make_scene("deep.tif", pixels)) as scene:
        near = scene.patch(FRAME, (-10.0, -10.0, 0.0, 0.0), 0.5)
        far = scene.patch(FRAME, BOUNDS, 0.5)
    assert near.stretch == far.stretch
    assert 60 < far.rgb.mean() < 200


def test_an_offset_moves_the_scene(make_scene):
    path = make_scene("shifted.tif", painted(PLAN))
    with open_scene(path) as one, open_scene(path, SceneRecord(name="x", offset_m=(3.0, -2.0))) as other:
        a = one.patch(FRAME, (-30.0, -30.0, 30.0, 30.0), 0.5)
        b = other.patch(FRAME, (-27.0, -32.0, 33.0, 28.0), 0.5)
    assert np.abs(a.rgb.astype(int) - b.rgb).max() <= 1


def test_a_scene_without_a_crs_is_refused(make_scene):
    with pytest.raises(FieldError, match="where on the Earth"):
        open_scene(make_scene("lost.tif", painted(PLAN), crs=None))


def test_a_scene_in_a_site_s_own_grid_is_refused_like_one_without_a_place(make_scene):
    grid = 'LOCAL_CS["site grid",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
    with pytest.raises(FieldError, match="where on the Earth"):
        open_scene(make_scene("site.tif", painted(PLAN), crs=grid))


def test_a_truncated_scene_is_refused_in_one_sentence(make_scene, tmp_path):
    whole = make_scene(
        "whole.tif", painted(PLAN), compress="deflate", tiled=True, blockxsize=64, blockysize=64
    ).read_bytes()
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole[: int(len(whole) * 0.6)])
    with pytest.raises(InputError) as caught:
        open_scene(cut)
    assert "cut.tif" in str(caught.value)
    assert str(caught.value).count(".") <= 3


@pytest.mark.parametrize("content", [b"", b"not a picture", b"II*\x00\xff\xff\xff\xff"])
def test_what_is_no_picture_is_refused(tmp_path, content):
    path = tmp_path / "odd.tif"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError):
        open_scene(path)


def test_a_record_lists_what_nobody_gave(scene_path):
    record = record_of(scene_path)
    assert record.acquired is None
    assert {"acquired", "sun_azimuth", "sun_elevation"} <= set(record.missing)
    assert record.gsd_m == pytest.approx(0.5, rel=1e-3)
    assert record.sha256 and len(record.sha256) == 64


def test_a_stac_sidecar_fills_the_record(scene_path):
    item = {
        "type": "Feature",
        "properties": {
            "datetime": "2019-05-04T10:11:12Z",
            "view:sun_azimuth": 120.5,
            "view:sun_elevation": 33,
            "gsd": 0.5,
        },
    }
    record = record_of(scene_path, item)
    assert record.acquired is not None and record.acquired.text == "2019-05-04"
    assert (record.sun_azimuth, record.sun_elevation) == (120.5, 33.0)
    assert "sun_azimuth" not in record.missing


def test_the_files_own_date_is_never_the_acquisition(make_scene):
    import rasterio

    path = make_scene("dated.tif", painted(PLAN))
    with rasterio.open(path, "r+") as target:
        target.update_tags(TIFFTAG_DATETIME="2024:01:02 03:04:05")
    assert record_of(path).acquired is None


def test_an_impossible_field_names_itself(scene_path):
    with pytest.raises(FieldError, match="sun_elevation"):
        record_of(scene_path, {"sun_elevation": "high"})


def test_outlines_survive_the_way_through_pixels():
    shape = box(10.2, 20.3, 41.7, 33.1)
    back = outline_of(fill(shape, (60, 60)))
    assert back is not None
    assert back.intersection(shape).area / back.union(shape).area > 0.93
