"""Odd KML, KMZ, GPX, GeoJSON, GeoPackage, Shapefile and FlatGeobuf files."""

from __future__ import annotations

import json
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
from shapely.geometry import LineString, Point, box

from tests.case.odd.making import Odd, kml, kmz, pin, png, zipped

__all__ = ["PLACES"]

_BOX = "<LatLonBox><north>5.01</north><south>5</south><east>-30</east><west>-30.01</west></LatLonBox>"
_RING = "<LinearRing><coordinates>-30,5 -29.9,5 -29.9,5.1 -30,5</coordinates></LinearRing>"
_AREA = f"<Placemark><Polygon><outerBoundaryIs>{_RING}</outerBoundaryIs></Polygon></Placemark>"
_LINE = "<Placemark><name>quay</name><LineString><coordinates>-30,5 -30,6</coordinates></LineString></Placemark>"
_WHO = '<ExtendedData><Data name="witness"><value>w1</value></Data></ExtendedData>'
_ONE = {"statement": 1}


def _overlay(href: str, inner: str = _BOX) -> str:
    return f"<GroundOverlay><name>old map</name><Icon><href>{href}</href></Icon>{inner}</GroundOverlay>"


def _nested(depth: int) -> str:
    return "<Folder>" * depth + pin() + "</Folder>" * depth


_KML = (
    Odd("plain.kml", kml(pin()), _ONE, 0, ("taken to be “plain”'s",)),
    Odd("named.kml", kml(pin(inner=_WHO)), _ONE),
    Odd("korean.kml", kml(pin("정문"), encoding="EUC-KR"), _ONE),
    Odd("utf16.kml", kml(pin("정문"), encoding="UTF-16"), _ONE),
    Odd("area.kml", kml(_AREA), _ONE),
    Odd("nested.kml", kml(_nested(40)), _ONE),
    Odd("too-nested.kml", kml(_nested(150)), {}, 1, ("deep",)),
    Odd("landmarks.kml", kml(f"<Folder><name>Landmarks</name>{_LINE}{pin('hill')}</Folder>{pin()}"),
        {"statement": 1, "landmark": 2}),
    Odd("landmarks-ko.kml", kml(f"<Folder><name>지형지물</name>{_LINE}</Folder>"), {"landmark": 1}),
    Odd("line.kml", kml(_LINE), {}, 1, ("a line",)),
    Odd("styles.kml", kml("<Style id='a'/><StyleMap id='b'/>" + pin()), _ONE, 0, ("2 styles",)),
    Odd("tour.kml", kml("<gx:Tour><name>flight</name></gx:Tour>" + pin()), _ONE, 0, ("a tour, “flight”",)),
    Odd("link.kml", kml("<NetworkLink><Link><href>https://example.invalid/a</href></Link></NetworkLink>" + pin()), _ONE,
        0, ("not followed",)),
    Odd("overlay.kml", kml(_overlay("files/map.png")), {}, 1, ("links are not followed", "corners")),
    Odd("overlay-away.kml", kml(_overlay("../../case.toml") + pin()), _ONE, 1, ("links are not followed",)),
    Odd("overlay-bad.kml", kml(_overlay("a.png", "<LatLonBox><north>nan</north></LatLonBox>") + pin()), _ONE, 1,
        ("ground overlay 1", "north")),
    Odd("overlay-bare.kml", kml(_overlay("a.png", "")), {}, 1, ("no corners",)),
    Odd("bad-among-good.kml", kml(pin("bad", "nan,5") + pin("good")), _ONE, 1, ("placemark 1 “bad”",)),
    Odd("swapped.kml", kml(pin("p", "5,-130") + pin("good")), _ONE, 1, ("swapped",)),
    Odd("no-place.kml", kml("<Placemark><name>where</name></Placemark>"), {}, 1, ("no point, line or polygon",)),
    Odd("empty-folder.kml", kml("<Folder><name>f</name></Folder>")),
    Odd("radius.kml", kml(pin(inner='<ExtendedData><Data name="반경"><value>50</value></Data></ExtendedData>')), _ONE),
    Odd("bad-radius.kml", kml(pin(inner='<ExtendedData><Data name="radius"><value>far</value></Data></ExtendedData>')),
        {}, 1, ("radius_m",)),
    Odd("html.kml", kml(pin(inner="<description><![CDATA[<b onload='x'>here</b><script>1</script>]]></description>")),
        _ONE),
    Odd("bomb.kml",
        b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><kml><name>&b;</name></kml>',
        {}, 1, ("entities",)),
    Odd("outside.kml", b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a SYSTEM "file:///etc/hostname">]><kml>&a;</kml>',
        {},
        1, ("entities",)),
    Odd("cut.kml", kml(pin())[:150], {}, 1, ("not well-formed",)),
    Odd("html-page.kml", b"<html><body>404</body></html>", {}, 1, ("not KML",)),
    Odd("nothing.kml", b"", {}, 1, ("empty",)),
    Odd("noughts.kml", b"\0" * 100, {}, 1, ("not well-formed",)),
    Odd("thousand.kml", kml("".join(pin(f"p{i}", f"-30.{i:04},5") for i in range(1000))), {"statement": 1000}),
    Odd("multi.kml", kml("<Placemark><MultiGeometry><Point><coordinates>-30,5</coordinates></Point></MultiGeometry>"
                         "</Placemark>"), _ONE),
    Odd("height.kml", kml(pin(at="-30,5,1200")), _ONE),
)  # fmt: skip
_KMZ = (
    Odd("plain.kmz", kmz(pin()), _ONE),
    Odd("overlay.kmz", zipped({"doc.kml": kml(_overlay("files/map.png")), "files/map.png": png()}), {}, 0,
        ("kept as the scene",)),
    Odd("two.kmz", zipped({"doc.kml": kml(pin("a")), "more.kml": kml(pin("b"))}), {"statement": 2}),
    Odd("slip.kmz", zipped({"../doc.kml": kml(pin())}), {}, 1, ("outside its folder",)),
    Odd("none.kmz", zipped({"readme.txt": b"x"}), {}, 1, ("no KML",)),
    Odd("noise.kmz", b"PK\x03\x04" + b"noise" * 20, {}, 1, ("not a zip",)),
    Odd("cut.kmz", kmz(pin())[:-30], {}, 1, ("not a zip",)),
    Odd("bomb.kmz", zipped({"doc.kml": b" " * 5_000_000}), {}, 1, ("far more than anything honest",)),
    Odd("kml-inside.kmz", kml(pin("not zipped")), _ONE),
    Odd("renamed.kml", kmz(pin("zipped")), _ONE),
    Odd("doubled.kmz", zipped({"doc.kml": kml(pin())}).replace(b"zzz", b"zzz"), _ONE),
)  # fmt: skip


def _gpx(body: str) -> bytes:
    return f'<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{body}</gpx>'.encode()


_GPX = (
    Odd("points.gpx", _gpx('<wpt lat="5" lon="-30"><name>정문</name></wpt><wpt lat="5.1" lon="-30"/>'),
        {"statement": 2}),
    Odd("track.gpx", _gpx('<trk><trkseg><trkpt lat="5" lon="-30"/><trkpt lat="5.1" lon="-30"/></trkseg></trk>'), {}, 1,
        ("a line",)),
    Odd("mixed.gpx", _gpx('<wpt lat="5" lon="-30"/><rte><rtept lat="5" lon="-30"/><rtept lat="6" lon="-30"/></rte>'),
        _ONE, 1),
    Odd("far.gpx", _gpx('<wpt lat="95" lon="-30"/><wpt lat="5" lon="-30"/>'), _ONE, 1, ("no longitude and latitude",)),
    Odd("none.gpx", _gpx("")),
    Odd("vrt.gpx", b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
        b"</OGRVRTDataSource>", {}, 1, ("not GPX",)),
    Odd("bomb.gpx", b'<!DOCTYPE g [<!ENTITY a "a">]><gpx>&a;</gpx>', {}, 1, ("entities",)),
    Odd("cut.gpx", _gpx('<wpt lat="5" lon="-30"/>')[:90], {}, 1),
)  # fmt: skip


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _collection(*features: Any, **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", **members, "features": features}).encode()


_POINT = {"type": "Point", "coordinates": [-30, 5]}
_GEOJSON = (
    Odd("plain.geojson", _collection(_feature(_POINT, witness="w1", name="here")), _ONE),
    Odd("one.geojson", json.dumps(_feature(_POINT)).encode(), _ONE, 0, ("taken to be “one”'s",)),
    Odd("collection.json", _collection(_feature(_POINT, 증언자="w1")), _ONE),
    Odd("mark.geojson", b"\xef\xbb\xbf" + _collection(_feature(_POINT)), _ONE),
    Odd("crs.geojson", _collection(_feature({"type": "Point", "coordinates": [-3339584.7, 557305.3]}),
        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}), _ONE),
    Odd("crs-file.geojson", _collection(_feature(_POINT), crs={"type": "name", "properties": {"name": "/etc/passwd"}}),
        {}, 1, ("is no CRS",)),
    Odd("nowhere.geojson", _collection(_feature(None), _feature(_POINT)), _ONE, 1, ("no place",)),
    Odd("odd-shape.geojson", _collection(_feature({"type": "Point", "coordinates": "x"}), _feature(_POINT)), _ONE, 1,
        ("not a GeoJSON geometry",)),
    Odd("metres.geojson", _collection(_feature({"type": "Point", "coordinates": [500000, 4000000]})), {}, 1,
        ("no longitude and latitude",)),
    Odd("not-feature.geojson", _collection(3, _feature(_POINT)), _ONE, 1, ("not a feature",)),
    Odd("landmark.geojson", _collection(_feature(_POINT, role="landmark", name="quay")), {"landmark": 1}),
    Odd("height.geojson", _collection(_feature({"type": "Point", "coordinates": [-30, 5, 9]})), _ONE),
    Odd("area.geojson", _collection(_feature(box(-30, 5, -29, 6).__geo_interface__)), _ONE),
    Odd("empty.geojson", _collection()),
    Odd("geometry.geojson", json.dumps(_POINT).encode(), {}, 1, ("not a GeoJSON feature collection",)),
    Odd("list.geojson", b"[]", {}, 1, ("named values",)),
    Odd("nan.geojson", b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point",'
        b'"coordinates":[NaN,5]}}]}', {}, 1, ("number",)),
    Odd("deep.geojson", b"[" * 5000, {}, 1),
    Odd("latin.geojson", '{"type":"FeatureCollection","features":[],"x":"é"}'.encode("latin-1"), {}, 1, ("UTF-8",)),
    Odd("nested-property.geojson", _collection(_feature(_POINT, more={"a": [1, {"b": 2}]})), _ONE),
)  # fmt: skip


def _written(
    suffix: str, driver: str, shapes: Sequence[Any], crs: str | None = "EPSG:4326", **columns: Any
) -> dict[str, bytes]:
    """The parts of a file that GDAL writes, by suffix."""
    table = gpd.GeoDataFrame({"name": [f"p{i}" for i in range(len(shapes))], **columns}, geometry=list(shapes), crs=crs)
    with tempfile.TemporaryDirectory() as folder:
        pyogrio.write_dataframe(table, Path(folder, f"x{suffix}"), driver=driver)
        return {path.suffix: path.read_bytes() for path in sorted(Path(folder).iterdir())}


_TWO = (Point(-30, 5), Point(-30.1, 5.1))
_SHP = _written(".shp", "ESRI Shapefile", _TWO)
_SHP_METRES = _written(".shp", "ESRI Shapefile", [Point(500_000, 552_664)], "EPSG:32625")
#: A system of axes in some yard: it says of no point where on the earth it lies.
_NOWHERE = b'LOCAL_CS["yard",UNIT["metre",1],AXIS["X",EAST],AXIS["Y",NORTH]]'
_SHP_KOREAN = _written(".shp", "ESRI Shapefile", [Point(-30, 5)])
_GPKG = _written(".gpkg", "GPKG", _TWO)[".gpkg"]
_FGB = _written(".fgb", "FlatGeobuf", _TWO)[".fgb"]


def _shp(name: str, parts: dict[str, bytes], without: Sequence[str] = ()) -> tuple[bytes, dict[str, bytes]]:
    stem = name.removesuffix(".shp")
    return parts[".shp"], {stem + suffix: data for suffix, data in parts.items() if suffix not in (".shp", *without)}


def _odd_shp(name: str, parts: dict[str, bytes], without: Sequence[str] = (), **more: Any) -> Odd:
    data, beside = _shp(name, parts, without)
    return Odd(name, data, beside=beside, **more)


_DBF_KOREAN = _SHP_KOREAN[".dbf"].replace(b"p0", "정".encode("cp949"))
_GDAL = (
    _odd_shp("plain.shp", _SHP, gives={"statement": 2}),
    _odd_shp("metres.shp", _SHP_METRES, gives=_ONE),
    _odd_shp("no-prj.shp", _SHP, [".prj"], gives={"statement": 2}, says=("WGS 84",)),
    _odd_shp("metres-no-prj.shp", _SHP_METRES, [".prj"], problems=1, says=("which CRS",)),
    _odd_shp("nowhere.shp", {**_SHP_METRES, ".prj": _NOWHERE}, problems=1, says=("no place on the earth",)),
    _odd_shp("alone.shp", _SHP, [".shx", ".dbf", ".prj", ".cpg"], problems=1),
    _odd_shp("korean.shp", {**_SHP_KOREAN, ".dbf": _DBF_KOREAN}, [".cpg"], gives=_ONE),
    Odd("noise.shp", b"not a shapefile", {}, 1, ("not what .shp files are",)),
    Odd("plain.gpkg", _GPKG, {"statement": 2}),
    Odd("metres.gpkg", _written(".gpkg", "GPKG", [Point(500_000, 552_664)], "EPSG:32625")[".gpkg"], _ONE),
    Odd("lines.gpkg", _written(".gpkg", "GPKG", [LineString([(-30, 5), (-30, 6)])])[".gpkg"], {}, 1, ("a line",)),
    Odd("who.gpkg", _written(".gpkg", "GPKG", _TWO, 증언자=["w1", "w2"], radius_m=[10.0, np.nan])[".gpkg"],
        {"statement": 2}),
    Odd("cut.gpkg", _GPKG[:3000], {}, 1),
    Odd("noise.gpkg", b"SQLite format 3\0" + b"x" * 500, {}, 1),
    Odd("other.gpkg", b"PK\x03\x04", {}, 1, ("not what .gpkg files are",)),
    Odd("plain.fgb", _FGB, {"statement": 2}),
    Odd("cut.fgb", _FGB[:120], {}, 1),
    Odd("noise.fgb", struct.pack("<Q", 7) * 9, {}, 1, ("not what .fgb files are",)),
)  # fmt: skip

PLACES: tuple[Odd, ...] = (*_KML, *_KMZ, *_GPX, *_GEOJSON, *_GDAL)
