from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from geoinv.errors import FieldError, ReadOnlyError
from geoinv.files.rasters import write_geotiff

PLACE = Affine(0.5, 0, -150.0, 0, -0.5, 10.0)


def test_pixels_place_and_bytes_come_back(tmp_path: Path) -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (3, 70, 50), dtype=np.uint8)
    for name in ("a.tif", "b.tif"):
        write_geotiff(tmp_path / name, pixels, PLACE, "EPSG:4326", nodata=0)
    with rasterio.open(tmp_path / "a.tif") as scene:
        assert np.array_equal(scene.read(), pixels)
        assert scene.transform == PLACE
        assert scene.crs.to_epsg() == 4326
        assert scene.nodata == 0
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_a_single_band_and_a_proj_string(tmp_path: Path) -> None:
    crs = "+proj=aeqd +lat_0=10 +lon_0=-150 +datum=WGS84 +units=m +no_defs"
    write_geotiff(tmp_path / "p.tif", np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4), PLACE, crs)
    with rasterio.open(tmp_path / "p.tif") as scene:
        assert scene.count == 1
        assert scene.read(1)[2, 3] == 1


@pytest.mark.parametrize(
    ("pixels", "crs"),
    [(np.zeros((0, 0)), "EPSG:4326"), (np.zeros((3, 3), complex), "nowhere"), (np.zeros(3), "EPSG:4326")],
)
def test_nothing_half_written_is_left(tmp_path: Path, pixels: np.ndarray, crs: str) -> None:
    with pytest.raises(FieldError, match=r"a\.tif"):
        write_geotiff(tmp_path / "a.tif", pixels, PLACE, crs)
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ReadOnlyError):
        write_geotiff(tmp_path / "file" / "a.tif", np.zeros((2, 2)), PLACE, "EPSG:4326")
