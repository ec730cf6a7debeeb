"""Scenes placed by a sensor's model or control points lie where the model says, and say what was assumed."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np
import pytest
import rasterio
from rasterio.control import GroundControlPoint
from rasterio.enums import ColorInterp
from rasterio.rpc import RPC

from geoinv.case.parsed import Context
from geoinv.case.parsers_scenes import parse_scene
from geoinv.geometry.frames import xy_to_lonlat
from geoinv.imagery.metadata import band_names
from geoinv.imagery.scene import open_scene, record_of
from geoinv.imagery.sensor import spread, window_of
from geoinv.records.scenes import SceneRecord
from tests.imagery.ocean import FRAME, GSD, PLAN, SIDE, painted, write

pytestmark = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")
BOUNDS = (-50.0, -40.0, 50.0, 40.0)
#: The ground on which the made model is level, and how far it leans east a metre of height.
GROUND, LEAN = 120.0, 0.25


def linear_rpc() -> RPC:
    """An RPC that puts the ocean scene exactly where its transform does, if the ground is at ``GROUND`` metres."""
    (east, north) = xy_to_lonlat(FRAME, np.array([[SIDE / 2, 0.0], [0.0, SIDE / 2]]))
    n = SIDE / GSD
    sample, line = np.zeros(20), np.zeros(20)
    sample[1], line[2] = 1.0, -1.0
    sample[3] = -LEAN * 500 / (SIDE / 2)  # higher ground lies further east for one and the same pixel
    one = np.r_[1.0, np.zeros(19)]
    return RPC(
        height_off=GROUND, height_scale=500.0, lat_off=FRAME.lat, lat_scale=float(north[1] - FRAME.lat),
        long_off=FRAME.lon, long_scale=float(east[0] - FRAME.lon), line_off=n / 2 - 0.5, line_scale=n / 2,
        samp_off=n / 2 - 0.5, samp_scale=n / 2, line_num_coeff=line.tolist(), line_den_coeff=one.tolist(),
        samp_num_coeff=sample.tolist(), samp_den_coeff=one.tolist(), err_bias=0.0, err_rand=0.0,
    )  # fmt: skip


@pytest.fixture
def modelled(tmp_path):
    path = write(tmp_path / "rpc.tif", painted(PLAN), crs=None, transform=None)
    with rasterio.open(path, "r+") as target:
        target.rpcs = linear_rpc()
    return path


def test_an_rpc_scene_lies_where_its_model_says(modelled, scene_path):
    with open_scene(modelled) as scene, open_scene(scene_path) as plain:
        one, other = scene.patch(FRAME, BOUNDS, 0.5), plain.patch(FRAME, BOUNDS, 0.5)
        assert scene.gsd == pytest.approx(plain.gsd, rel=1e-3)
        assert scene.bounds.symmetric_difference(plain.bounds).area < 1e-3 * plain.bounds.area
    assert np.array_equal(one.valid, other.valid)
    assert np.abs(one.rgb.astype(int) - other.rgb).mean() < 0.5


def test_higher_ground_moves_an_rpc_scene_by_its_lean(modelled):
    raised = SceneRecord(name="rpc.tif", ground_height_m=GROUND + 40)
    with open_scene(modelled) as low, open_scene(modelled, raised) as high:
        one = low.patch(FRAME, (-40.0, -40.0, 30.0, 40.0), 0.5)
        other = high.patch(FRAME, (-40.0 + 40 * LEAN, -40.0, 30.0 + 40 * LEAN, 40.0), 0.5)
    assert np.abs(one.rgb.astype(int) - other.rgb).mean() < 0.5


def test_the_height_that_was_assumed_is_recorded_and_said(modelled):
    record = record_of(modelled)
    assert (record.georeference, record.ground_height_m, record.ground_height_basis) == ("rpc", GROUND, "assumed")
    assert record.lean_m_per_m == pytest.approx(LEAN, rel=1e-3)
    assert "ground_height_m" in record.missing
    told = record_of(modelled, {"ground_height_m": 135})
    assert (told.ground_height_m, told.ground_height_basis) == (135, "declared")
    assert "ground_height_m" not in told.missing


def test_a_case_takes_an_rpc_scene_and_says_on_which_height_it_lies(modelled):
    context = Context(PurePosixPath("imagery/rpc.tif"), None)
    parsed = parse_scene(modelled, context)
    assert parsed.records[0][2]["ground_height_m"] == GROUND
    (note,) = [note for note in parsed.notes if "RPC" in note]
    assert "120 m above the ellipsoid (assumed" in note and "2.5 m off" in note
    modelled.with_suffix(".yaml").write_text("ground_height_m: 80\n")
    (told,) = [note for note in parse_scene(modelled, context).notes if "RPC" in note]
    assert "80 m above the ellipsoid (as told)" in told


def test_an_rpc_patch_agrees_with_gdal_s_own_warper(modelled):
    from rasterio.warp import Resampling, reproject

    from geoinv.geometry.frames import frame_crs

    with open_scene(modelled) as scene:
        patch = scene.patch(FRAME, BOUNDS, 0.5)
    found = np.zeros(patch.pixels.shape, np.float32)
    with rasterio.open(modelled) as source:
        reproject(
            rasterio.band(source, [1, 2, 3]), found, rpcs=source.rpcs, src_crs="EPSG:4326",
            dst_crs=frame_crs(FRAME).to_wkt(), dst_transform=rasterio.Affine(0.5, 0, BOUNDS[0], 0, -0.5, BOUNDS[3]),
            RPC_HEIGHT=GROUND, resampling=Resampling.cubic,
        )  # fmt: skip
    assert np.abs(patch.pixels - found).mean() < 0.5


def test_an_rpc_scene_keeps_its_nodata_and_ends_where_it_ends(tmp_path):
    pixels = painted(PLAN).astype(np.uint16) + 10
    pixels[:, :, :80] = 0
    path = write(tmp_path / "holed.tif", pixels, crs=None, transform=None, nodata=0)
    with rasterio.open(path, "r+") as target:
        target.rpcs = linear_rpc()
    with open_scene(path) as scene:
        patch = scene.patch(FRAME, (-70.0, -40.0, 70.0, 40.0), 0.5)
        coarse = scene.patch(FRAME, (-70.0, -40.0, 70.0, 40.0), 2.0)
        away = scene.patch(FRAME, (500.0, 500.0, 520.0, 520.0), 0.5)
    assert not patch.valid[:, :98].any() and patch.valid[:, 104:258].all() and not patch.valid[:, 262:].any()
    assert coarse.valid[:, 28:63].all() and not coarse.valid[:, :23].any()
    assert np.abs(coarse.pixels[:, :, 28:63].mean() - patch.pixels[:, :, 112:252].mean()) < 1
    assert not away.valid.any()


def test_control_points_place_a_scene(tmp_path, scene_path):
    n = round(SIDE / GSD)
    points = []
    for row in (0, n):
        for column in (0, n):
            metres = np.array([[column * GSD - SIDE / 2, SIDE / 2 - row * GSD]])
            lon, lat = xy_to_lonlat(FRAME, metres)[0]
            points.append(GroundControlPoint(row=row, col=column, x=lon, y=lat))
    path = write(tmp_path / "points.tif", painted(PLAN), crs=None, transform=None)
    with rasterio.open(path, "r+") as target:
        target.gcps = (points, rasterio.CRS.from_epsg(4326))
    with open_scene(path) as scene, open_scene(scene_path) as plain:
        one, other = scene.patch(FRAME, BOUNDS, 0.5), plain.patch(FRAME, BOUNDS, 0.5)
    assert np.abs(one.rgb.astype(int) - other.rgb).mean() < 1
    assert record_of(path).georeference == "points"


def test_four_bands_in_any_order_are_shown_red_green_blue(tmp_path):
    pixels = painted(PLAN)
    infrared = np.full_like(pixels[0], 90)
    order = np.stack([pixels[2], pixels[1], pixels[0], infrared])
    path = write(tmp_path / "ms.tif", order)
    with rasterio.open(path, "r+") as target:
        target.colorinterp = (ColorInterp.gray, ColorInterp.undefined, ColorInterp.undefined, ColorInterp.undefined)
    plain = write(tmp_path / "plain.tif", pixels)
    assert "bands" in record_of(path).missing
    stac = record_of(path, {"eo:bands": [{"common_name": name} for name in ("blue", "green", "red", "nir")]})
    assert stac.bands == ("blue", "green", "red", "nir") and "bands" not in stac.missing
    with open_scene(path, stac) as scene, open_scene(plain) as other:
        assert np.array_equal(scene.patch(FRAME, BOUNDS, 0.5).rgb, other.patch(FRAME, BOUNDS, 0.5).rgb)
    with rasterio.open(path, "r+") as target:
        target.descriptions = ("Blue", "Green", "Red", "NIR")
    with open_scene(path) as scene:
        assert scene.display == (2, 1, 0)


def test_one_band_is_panchromatic_and_names_that_do_not_fit_are_not_believed():
    assert band_names(1, ()) == ("pan",)
    assert band_names(3, (("red", "green"), None, ("red", "green", "blue"))) == ("red", "green", "blue")
    assert band_names(3, (None, ("one", "two", "three"))) == (None, None, None)


def test_a_shadow_and_a_roof_of_a_twelve_bit_scene_stay_apart(make_scene):
    generator = np.random.default_rng(3)
    pixels = generator.normal(700, 30, (3, 240, 240))
    pixels[:, 40:60, 40:60] = generator.normal(180, 8, (3, 20, 20))  # a roof in shadow
    pixels[:, 60:80, 40:60] = generator.normal(120, 8, (3, 20, 20))  # ground in shadow
    pixels[:, 100:104, 100:104] = 2047  # glints
    path = make_scene("12.tif", pixels.astype(np.uint16))
    with open_scene(path) as scene:
        shown = scene.patch(FRAME, (-60.0, -60.0, 60.0, 60.0), 0.5).rgb[..., 0].astype(float)
    roof, ground = shown[44:56, 44:56], shown[64:76, 44:56]
    assert roof.mean() - ground.mean() > 3 * ground.std()
    assert (shown == 0).mean() < 0.0015 and ground.mean() > 0


def test_windows_end_with_the_picture():
    assert window_of(np.array([5.0]), np.array([-2.0]), (10, 10)) == (2, 0, 6, 1)
    assert window_of(np.array([50.0]), np.array([5.0]), (10, 10)) is None
    rows, columns = np.mgrid[0:256:64, 0:256:64].astype(float)
    assert spread(rows + columns, 150, 130)[7, 109] == pytest.approx(7.5 + 109.5)
