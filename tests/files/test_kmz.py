"""What a written KMZ promises: our own reader and GDAL find everything in it, and no text breaks it."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geoinv.files.kml import read_kml
from geoinv.files.kmz import KmlFolder, KmlPlace, LaidPicture, kmz_bytes

HOLED = Polygon(box(10, 20, 10.01, 20.01).exterior, [box(10.002, 20.002, 10.004, 20.004).exterior])
CORNERS = ((10.0, 20.0), (10.002, 20.001), (10.001, 20.003), (9.999, 20.002))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    places = (
        KmlPlace("A & <b>", HOLED, {"note": "</script>\x00 end", "status": "attested"}, "#E69F00", "2009-01-01", None),
        KmlPlace("이름", Point(10.005, 20.005)),
        KmlPlace("parts", MultiPolygon([box(11, 20, 11.1, 20.1), box(12, 20, 12.1, 20.1)])),
        KmlPlace("line", LineString([(10, 20), (10.1, 20.1)])),
    )
    path = tmp_path / "made.kmz"
    picture = LaidPicture("scan", CORNERS, b"\xff\xd8\xff\xd9")
    path.write_bytes(kmz_bytes("T", "Fictional", (KmlFolder("Buildings", places),), (picture,)))
    return path


def test_our_reader_finds_every_place_and_the_picture_where_it_was_laid(written: Path) -> None:
    document = read_kml(written)
    found = {mark.name: mark.geometry for mark in document.placemarks}
    assert found["A & <b>"].equals(HOLED) and found["이름"].equals(Point(10.005, 20.005))
    assert found["parts"].geom_type == "MultiPolygon" and len(found["parts"].geoms) == 2
    overlay = document.overlays[0]
    bottom_left, bottom_right, top_right, top_left = CORNERS
    assert [tuple(map(float, one)) for one in overlay.corners] == [top_left, top_right, bottom_right, bottom_left]


def test_gdal_reads_it_too(written: Path) -> None:
    table = gpd.read_file(written, layer="Buildings")
    assert set(table["Name"]) == {"A & <b>", "이름", "parts", "line"}
    assert abs(table[table["Name"] == "A & <b>"].geometry.iloc[0].area - HOLED.area) < 1e-9


def test_the_same_content_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    again = kmz_bytes("T", "Fictional", (), ())
    assert again == kmz_bytes("T", "Fictional", (), ())
