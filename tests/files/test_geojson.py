"""Tables in and out of GeoJSON: ids are text, what is unknown is left out, extra members and fields pass through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box

from geoinv.errors import FieldError, UnreadableFileError, UnsafeFileError
from geoinv.files.geojson import read_json, read_table, table_features, write_table


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _write(path: Path, *features: Any, **members: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": list(features)}))
    return path


_POINT = {"type": "Point", "coordinates": [-30.0, 5.0]}


def test_a_table_comes_back_the_same(tmp_path: Path) -> None:
    table = gpd.GeoDataFrame(
        {"id": ["a", "b"], "labels": [["kitchen", "부엌"], []], "score": [0.5, np.nan], "whole": [3, 4]},
        geometry=[Point(-30, 5), None],
        crs="EPSG:4326",
    )
    write_table(tmp_path / "t.geojson", table, geoinv={"version": "0"}, aligned=False)
    data = json.loads((tmp_path / "t.geojson").read_text(encoding="utf-8"))
    assert data["features"][0]["id"] == "a" and data["features"][0]["properties"]["labels"] == ["kitchen", "부엌"]
    assert "score" not in data["features"][1]["properties"], "unknown is left out, never zero"
    again = read_table(tmp_path / "t.geojson")
    assert again.attrs["members"] == {"geoinv": {"version": "0"}, "aligned": False}
    assert list(again.id) == ["a", "b"] and again.geometry.iloc[1] is None
    assert table_features(again) == data["features"]


def test_an_old_crs_member_is_honoured(tmp_path: Path) -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]]}
    path = _write(
        tmp_path / "u.geojson",
        _feature(square, id=7),
        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32625"}},
    )
    table = read_table(path)
    assert table.crs.to_epsg() == 32625 and list(table.id) == ["7"]
    west, south = table_features(table)[0]["geometry"]["coordinates"][0][0]
    assert -38 < west < -37 and abs(south) < 1e-6, "written in longitude and latitude"


@given(st.floats(-179, 179), st.floats(-85, 85))
def test_places_are_written_to_a_millimetre(lon: float, lat: float) -> None:
    table = gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(lon, lat)], crs="EPSG:4326")
    x, y = table_features(table)[0]["geometry"]["coordinates"]
    assert abs(x - lon) <= 5.1e-9 and abs(y - lat) <= 5.1e-9


def test_ids_are_found_wherever_they_stand(tmp_path: Path) -> None:
    inside, outside, none = _feature(_POINT, id=1), {**_feature(_POINT), "id": "x"}, _feature(_POINT)
    assert list(read_table(_write(tmp_path / "i.geojson", inside, outside, none)).id) == ["1", "x", "3"]


def test_heights_of_a_kml_are_dropped(tmp_path: Path) -> None:
    high = {"type": "Point", "coordinates": [-30.0, 5.0, 12.0]}
    assert not read_table(_write(tmp_path / "z.geojson", _feature(high))).has_z.any()


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".shp"])
def test_other_formats_are_read_by_their_suffix(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[box(-30, 5, -29, 6)], crs="EPSG:4326").to_file(path)
    table = read_table(path)
    assert list(table.id) == ["1"] and table.geometry.iloc[0].bounds == (-30, 5, -29, 6)


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", UnreadableFileError, "not JSON"),
        (b'{"type": "FeatureCollection", "features": [', UnreadableFileError, "line 1"),
        (b"\xff\xfe\x00", UnreadableFileError, "UTF-8"),
        (b"[" * 100_000, UnreadableFileError, "UTF-8 JSON"),
        (b"[1, 2]", UnreadableFileError, "feature collection"),
        (b'{"type": "FeatureCollection", "features": 3}', UnreadableFileError, "feature collection"),
        (b'{"type": "FeatureCollection", "features": [3]}', UnreadableFileError, "feature 1"),
        (
            b'{"type": "FeatureCollection", "features": [{"properties": {"id": "b7"}, "geometry": {"type": "Blob"}}]}',
            FieldError,
            "feature b7, geometry",
        ),
        (
            b'{"type": "FeatureCollection", "crs": {"properties": {"name": "EPSG:nothing"}}, "features": []}',
            FieldError,
            "crs",
        ),
    ],
)
def test_what_cannot_be_read_names_file_feature_and_field(
    tmp_path: Path, content: bytes, error: type[Exception], says: str
) -> None:
    (tmp_path / "bad.geojson").write_bytes(content)
    with pytest.raises(error, match=says) as caught:
        read_table(tmp_path / "bad.geojson")
    assert str(caught.value).startswith("bad.geojson")


def test_missing_files_and_foreign_ones_are_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no such file"):
        read_json(tmp_path / "none.json")
    with pytest.raises(UnreadableFileError, match="no such file"):
        read_table(tmp_path / "none.gpkg")
    (tmp_path / "fake.gpkg").write_bytes(b"SQLite format 3\x00 not really")
    with pytest.raises(UnreadableFileError, match=r"fake.gpkg.*GeoJSON or GPKG"):
        read_table(tmp_path / "fake.gpkg")
    gpd.GeoDataFrame({"a": [1]}, geometry=[Point(0, 0)]).to_file(tmp_path / "where.shp")
    with pytest.raises(FieldError, match="CRS"):
        read_table(tmp_path / "where.shp")


def test_a_crs_that_is_nowhere_on_the_earth_is_told(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"a": [1]}, geometry=[Point(0, 0)], crs="EPSG:4326").to_file(tmp_path / "yard.shp")
    (tmp_path / "yard.prj").write_text('LOCAL_CS["yard",UNIT["metre",1],AXIS["X",EAST],AXIS["Y",NORTH]]')
    with pytest.raises(FieldError, match="no place on the earth"):
        read_table(tmp_path / "yard.shp")


def test_a_single_feature_is_a_collection_of_one(tmp_path: Path) -> None:
    (tmp_path / "f.geojson").write_text(json.dumps(_feature(_POINT, id="only")))
    assert list(read_table(tmp_path / "f.geojson").id) == ["only"]


def test_an_empty_collection_is_an_empty_table(tmp_path: Path) -> None:
    table = read_table(_write(tmp_path / "e.geojson"))
    assert table.empty and "id" in table.columns and table.crs.to_epsg() == 4326


def test_a_list_of_links_is_not_followed_under_any_name(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_text('<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/hosts</SrcDataSource></OGRVRTLayer>'
                    "</OGRVRTDataSource>")  # fmt: skip
    with pytest.raises(UnsafeFileError, match="not followed"):
        read_table(path)


@pytest.mark.parametrize("name", ["/etc/passwd", "+init=/etc/passwd", "EPSG:99999999", "EPSG:999999", "WGS 84"])
def test_a_crs_is_an_epsg_code_and_never_a_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.geojson"
    crs = {"type": "name", "properties": {"name": name}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": []}))
    with pytest.raises(FieldError, match="no CRS"):
        read_table(path)
