"""Published outlines come in as candidates: their own existence, source and date kept, nothing else claimed."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, box

from geoinv.errors import FieldError, UnreadableFileError
from geoinv.files.published import read_candidates

#: Open South Atlantic.
SHAPES = [box(-20, -30, -19.9999, -29.9999), box(-20.001, -30, -20.0009, -29.9999)]


def table(**columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=SHAPES, crs="EPSG:4326")


def test_open_buildings_give_their_confidence_in_every_format(tmp_path: Path) -> None:
    rows = table(area_in_meters=[90.0, 80.0], confidence=[0.91, 0.66], full_plus_code=["4X+A", "4X+B"])
    rows.to_file(tmp_path / "b.gpkg")
    rows.to_parquet(tmp_path / "b.parquet")
    gpd.pd.DataFrame(rows).assign(geometry=rows.geometry.to_wkt()).to_csv(tmp_path / "b.csv", index=False)
    rows.to_file(tmp_path / "b.geojson")
    for name in ("b.gpkg", "b.parquet", "b.csv", "b.geojson"):
        found = read_candidates(tmp_path / name)
        assert list(found["id"]) == ["4X+A", "4X+B"] and list(found.existence) == [0.91, 0.66]
        assert set(found.published) == {"Open Buildings"} and found.published_date.isna().all()
        assert found.crs.to_epsg() == 4326


def test_what_is_unknown_stays_unknown_and_the_date_is_kept(tmp_path: Path) -> None:
    rows = table(height=[-1.0, 5.0], confidence=[-1.0, 0.8], capture_dates_range=["2019-2021", None])
    rows.to_file(tmp_path / "m.geojson")
    found = read_candidates(tmp_path / "m.geojson")
    assert np.isnan(found.existence[0]) and found.existence[1] == 0.8
    assert list(found.published_date) == ["2019-2021", None] and set(found.published) == {
        "Microsoft building footprints"
    }
    assert len(set(found["id"])) == 2


def test_openstreetmap_has_no_confidence_and_points_are_no_outlines(tmp_path: Path) -> None:
    rows = table(osm_id=["7", "7"], building=["yes", "yes"], timestamp=["2020-01-02", "2021-03-04"])
    more = gpd.GeoDataFrame({"osm_id": ["9"], "building": ["yes"]}, geometry=[Point(-20, -30)], crs="EPSG:4326")
    gpd.pd.concat([rows, more]).to_file(tmp_path / "o.gpkg")
    found = read_candidates(tmp_path / "o.gpkg")
    assert len(found) == 2 and found.existence.isna().all() and found["id"].is_unique


def test_other_outlines_pass_as_they_are(tmp_path: Path) -> None:
    table(id=["a", "b"], existence=[0.2, 1.0]).to_file(tmp_path / "c.geojson")
    found = read_candidates(tmp_path / "c.geojson")
    assert "published" not in found.columns and list(found.existence) == [0.2, 1.0]


def test_what_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 nothing")
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    for name in ("x.parquet", "x.csv", "none.parquet"):
        with pytest.raises(UnreadableFileError):
            read_candidates(tmp_path / name)
    table(area_in_meters=[1, 2], confidence=[91, 66]).to_file(tmp_path / "p.geojson")
    with pytest.raises(FieldError, match="over 1"):
        read_candidates(tmp_path / "p.geojson")
