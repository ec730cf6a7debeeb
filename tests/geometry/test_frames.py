"""Metres and degrees are the same places, across zone edges too, and shapes of two frames never meet."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Point, box

from geoinv.errors import FrameError
from geoinv.geometry.frames import FrameShape, frame_of, to_frame, to_local, to_lonlat, xy_to_local, xy_to_lonlat
from geoinv.records.places import Frame

_GEOD = Geod(ellps="WGS84")
_FRAMES = st.builds(
    Frame, lon=st.floats(-179, 179).map(lambda x: round(x, 6)), lat=st.floats(-70, 70).map(lambda x: round(x, 6))
)
_METRES = st.tuples(st.floats(-35_000, 35_000), st.floats(-35_000, 35_000))


@given(_FRAMES, st.lists(_METRES, min_size=1, max_size=8))
def test_there_and_back_is_within_a_millimetre_within_50_km(frame: Frame, places: list[tuple[float, float]]) -> None:
    local = np.array(places)
    assert np.abs(xy_to_local(frame, xy_to_lonlat(frame, local)) - local).max() < 1e-3


@given(_FRAMES, _METRES)
def test_distance_and_bearing_from_the_origin_are_the_geodesics(frame: Frame, place: tuple[float, float]) -> None:
    ((lon, lat),) = xy_to_lonlat(frame, np.array([place]))
    azimuth, _, distance = _GEOD.inv(frame.lon, frame.lat, lon, lat)
    assert distance == pytest.approx(np.hypot(*place), abs=1e-3)
    if distance > 10:
        turn = (azimuth - np.degrees(np.arctan2(*place)) + 180) % 360 - 180
        assert abs(turn) < 1e-4


def test_a_compound_across_a_utm_zone_edge_keeps_its_shape() -> None:
    frame = Frame(lon=-30.0, lat=5.0)  # zones 25 and 26 meet here
    ground = to_lonlat(frame, box(-200, -100, 200, 100))
    west, south, east, north = ground.bounds
    assert west < -30 < east
    assert _GEOD.inv(west, south, east, south)[2] == pytest.approx(400, abs=0.01)
    assert abs(_GEOD.geometry_area_perimeter(ground)[0]) == pytest.approx(80_000, rel=1e-5)


def test_heights_are_dropped_and_rings_kept() -> None:
    frame = Frame(lon=-30, lat=5)
    made = to_local(frame, shapely.from_wkt("POLYGON Z ((-30 5 9, -29.999 5 9, -29.999 5.001 9, -30 5 9))"))
    assert not made.has_z and len(made.exterior.coords) == 4


def test_shapes_of_two_frames_are_never_combined() -> None:
    one, two = FrameShape(Frame(lon=-30, lat=5), box(0, 0, 1, 1)), FrameShape(Frame(lon=-31, lat=5), box(0, 0, 1, 1))
    for combine in (one.intersection, one.union, one.distance, one.iou):
        with pytest.raises(FrameError, match="frame"):
            combine(two)


def test_shapes_of_one_frame_are() -> None:
    frame = Frame(lon=-30, lat=5)
    one, two = FrameShape(frame, box(0, 0, 2, 2)), FrameShape(frame, box(1, 0, 3, 2))
    assert one.intersection(two).shape.area == 2 and one.union(two).shape.area == 6
    assert one.iou(two) == pytest.approx(1 / 3) and one.distance(two) == 0
    assert one.centre()[:2] == (1, 1)
    assert FrameShape.from_lonlat(frame, one.lonlat()).iou(one) > 0.995


def test_a_table_without_a_crs_is_refused() -> None:
    table = gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(0, 0)])
    with pytest.raises(FrameError, match="CRS"):
        to_frame(Frame(lon=0, lat=0), table)
    with pytest.raises(FrameError):
        frame_of(table)
    with pytest.raises(FrameError):
        frame_of(gpd.GeoDataFrame({"id": []}, geometry=[], crs="EPSG:4326"))


def test_a_frame_lies_about_the_middle_of_its_table_in_any_crs() -> None:
    table = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[Point(-30.2, 5.0), Point(-30.0, 5.4)], crs="EPSG:4326")
    assert frame_of(table.to_crs(3857)) == Frame(lon=-30.1, lat=5.2)
