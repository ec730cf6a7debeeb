"""Odd scenes: with sidecars of every kind, without, laid by hand, and traps."""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning

from tests.case.odd.making import Odd, png

__all__ = ["SCENES", "scene_tif"]

_ONE = {"scene": 1}
_PLACE = Affine(1e-5, 0, -30, 0, -1e-5, 5)


def scene_tif(seed: int, *, crs: str | None = "EPSG:4326", affine: Affine | None = _PLACE, dtype: str = "uint8",
         driver: str = "GTiff", **tags: str) -> bytes:  # fmt: skip
    """A small GeoTIFF of noise."""
    pixels = np.random.default_rng(seed).integers(0, 255, (3, 24, 32)).astype(dtype)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        path = Path(folder, "x.tif")
        where: dict[str, Any] = {"crs": crs} if crs else {}
        if affine is not None:
            where["transform"] = affine
        with rasterio.open(path, "w", driver=driver, width=32, height=24, count=3, dtype=dtype, **where) as out:
            out.write(pixels)
            out.update_tags(**tags)
        return path.read_bytes()


def _scene(
    name: str, data: bytes, gives: dict[str, int], problems: int = 0, says: tuple[str, ...] = (), **beside: bytes
) -> Odd:
    """A scene with files beside it, ``a__b`` for ``a.b``."""
    stem = name.rpartition(".")[0]
    return Odd(name, data, gives, problems, says, "imagery",
               {stem + "." + suffix.replace("__", "."): text for suffix, text in beside.items()})  # fmt: skip


def _stac(**properties: Any) -> bytes:
    return json.dumps({"type": "Feature", "properties": properties}).encode()


_IMD = b"""version = "28.4";
BEGIN_GROUP = IMAGE_1
\tsatId = "WV02";
\tfirstLineTime = 2014-04-18T21:23:03.123456Z;
\tmeanSunAz = 151.2;
\tmeanSunEl = 44.1;
\tmeanOffNadirViewAngle = 12.0;
END_GROUP = IMAGE_1
END;
"""
_DIMAP = (
    b"<Dimap_Document><Dataset_Sources><MISSION>PHR</MISSION><IMAGING_DATE>2015-06-01</IMAGING_DATE>"
    b"</Dataset_Sources><SUN_AZIMUTH unit='deg'>140.5</SUN_AZIMUTH><SUN_ELEVATION>50.5</SUN_ELEVATION>"
    b"</Dimap_Document>"
)
_CORNERS = b"acquired: 2014-05\ncorners: {nw: [-30, 5.01], ne: [-29.99, 5.01], se: [-29.99, 5], sw: [-30, 5]}\n"
_USGS = (b"Entity ID,Acquisition Date,NW Corner Lat dec,NW Corner Long dec,NE Corner Lat dec,NE Corner Long dec,"
         b"SE Corner Lat dec,SE Corner Long dec,SW Corner Lat dec,SW Corner Long dec\n"
         b"X,1968/05/12,5.01,-30,5.012,-29.99,5.002,-29.989,5,-30\n")  # fmt: skip
_LAID = ("laid flat on its four corners",)
_WORLD = b"0.00001\n0\n0\n-0.00001\n-30\n5\n"


def _vrt(name: str, relative: str = "1", extra: str = "") -> bytes:
    source = f'<SimpleSource><SourceFilename relativeToVRT="{relative}">{name}</SourceFilename></SimpleSource>'
    return (
        '<VRTDataset rasterXSize="32" rasterYSize="24"><SRS>EPSG:4326</SRS><GeoTransform>-30,1e-5,0,5,0,-1e-5'
        f'</GeoTransform><VRTRasterBand dataType="Byte" band="1"{extra}>{source}</VRTRasterBand></VRTDataset>'
    ).encode()


SCENES: tuple[Odd, ...] = (
    _scene("bare.tif", scene_tif(1), _ONE, 0, ("without a date",)),
    _scene("stac.tif", scene_tif(2), _ONE, json=_stac(datetime="2014-04-18T21:23:03Z", **{"view:sun_azimuth": 150})),
    _scene("stac-null.tif", scene_tif(3), _ONE, 0, ("without a date",), json=_stac(datetime=None)),
    _scene("stac-period.tif", scene_tif(4), _ONE, json=_stac(datetime=None, start_datetime="2014-01-01T00:00:00Z",
        end_datetime="2014-02-01T00:00:00Z")),
    _scene("typed-date.tif", scene_tif(5), _ONE, yaml="acquired: 2014년 5월 12일\n".encode()),
    _scene("two-ways.tif", scene_tif(6), {}, 1, ("two-ways.yaml, acquired",), yaml=b"acquired: 5/12/2014\n"),
    _scene("imd.tif", scene_tif(7), _ONE, 0, ("not known",), IMD=_IMD),
    _scene("dimap.tif", scene_tif(8), _ONE, 0, ("not known",), XML=_DIMAP),
    _scene("rpb.tif", scene_tif(9), _ONE, 0, ("without a date",), RPB=b'satId = "QB02";\nbandId = "P";\n'),
    _scene("bad-imd.tif", scene_tif(10), {}, 1, ("not an IMD",), IMD=b"nothing here"),
    _scene("bad-sun.tif", scene_tif(11), {}, 1, ("sun_elevation",), yaml=b"sun_elevation: 400\n"),
    _scene("bomb-xml.tif", scene_tif(12), {}, 1, ("entities",), xml=b"<!DOCTYPE d [<!ENTITY a 'a'>]><d>&a;</d>"),
    _scene("projected.tif", scene_tif(13, crs="EPSG:32625", affine=Affine(1, 0, 5e5, 0, -1, 552_000)), _ONE),
    _scene("sixteen.tif", scene_tif(14, dtype="uint16"), _ONE),
    _scene("float.tif", scene_tif(15, dtype="float32"), _ONE),
    _scene("file-date.tif", scene_tif(16, TIFFTAG_DATETIME="2024:01:01 00:00:00"), _ONE, 0, ("without a date",)),
    _scene("nowhere.tif", scene_tif(17, crs=None, affine=None), {}, 1, ("where on the Earth",)),
    _scene("corners.tif", scene_tif(18, crs=None, affine=None), _ONE, 0, _LAID, yaml=_CORNERS),
    _scene("declassified.tif", scene_tif(19, crs=None, affine=None), _ONE, 0, _LAID, csv=_USGS),
    _scene("screenshot.png", png(64, 48, 90), _ONE, 0, _LAID, yaml=_CORNERS),
    _scene("screenshot.jpg", b"\xff\xd8\xff\xe0 not a picture", {}, 1, ("damaged",), yaml=_CORNERS),
    _scene("corners-list.png", png(64, 48, 91), _ONE, 0, _LAID,
           json=b'{"corners": [[-30, 5.01], [-29.99, 5.01], [-29.99, 5], [-30, 5]], "datetime": null}'),
    _scene("three-corners.png", png(64, 48, 92), {}, 1, ("four corners",),
        yaml=b"corners: {nw: [-30, 5], ne: [-29, 5]}\n"),
    _scene("crossed-corners.png", png(64, 48, 93), {}, 1, ("check their order",),
           yaml=b"corners: {nw: [-30, 5.01], ne: [-29.99, 5], se: [-29.99, 5.01], sw: [-30, 5]}\n"),
    _scene("no-ground.png", png(64, 48, 94), {}, 1, ("enclose no ground",),
           yaml=b"corners: {nw: [1, 1], ne: [1, 1], se: [1, 1], sw: [1, 1]}\n"),
    _scene("no-corners.png", png(64, 48, 95), {}, 1, ("where on the Earth", "corners")),
    _scene("world.png", png(64, 48, 96), _ONE, 0, ("WGS 84",), pgw=_WORLD),
    _scene("world-crs.png", png(64, 48, 97), _ONE, 0, ("EPSG:32625",), pgw=b"1\n0\n0\n-1\n500000\n552000\n",
           yaml=b"crs: EPSG:32625\n"),
    _scene("world-metres.png", png(64, 48, 98), {}, 1, ("names no CRS",), pgw=b"1\n0\n0\n-1\n500000\n552000\n"),
    _scene("world-noise.png", png(64, 48, 99), {}, 1, (), pgw=b"one two three\n"),
    _scene("cut.tif", scene_tif(20)[:400], {}, 1, ("damaged",)),
    _scene("noise.tif", b"II*\0" + b"\xff" * 300, {}, 1),
    _scene("text.tif", b"this is text", {}, 1, ("not a picture",)),
    _scene("nothing.tif", b"", {}, 1, ("empty",)),
    _scene("vrt-named.tif", _vrt("/etc/hostname", "0"), {}, 1, ("does not lie beside it",)),
    _scene("plain.vrt", _vrt("bare.tif"), _ONE, 0, ("without a date",)),
    _scene("away.vrt", _vrt("../case.toml"), {}, 1, ("links are not followed",)),
    _scene("network.vrt", _vrt("/vsicurl/https://example.invalid/a.tif", "0"), {}, 1, ("links are not followed",)),
    _scene("code.vrt", _vrt("bare.tif", extra=' subClass="VRTDerivedRasterBand"'), {}, 1, ("computes",)),
    _scene("self.vrt", _vrt("plain.vrt"), {}, 1, ("another VRT",)),
    _scene("film.mov", b"x", {}, 1, ("does not know this kind",)),
)  # fmt: skip
