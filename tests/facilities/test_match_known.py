"""What is known of a sketch's place before looking: sizes, the location, named things."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
from shapely.affinity import translate
from shapely.geometry import LineString, Point, box

from geoinv.facilities.match_known import expected_scale, known_odds
from geoinv.geometry.frames import to_lonlat
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.placements import Anchor, Transform
from geoinv.records.places import Frame

FRAME = Frame(lon=-30.0, lat=5.0)
_HOUSES = [box(x, y, x + 50, y + 40) for x, y in ((0, 0), (200, 30), (90, 250), (300, 300))]
SKETCH = Sketch(
    name="plan.svg",
    elements=(
        *(SketchElement(id=f"b{i}", geometry=shape, role="building", label=name) for i, (shape, name) in enumerate(
            zip(_HOUSES, ("Kitchen", "Office", None, None), strict=True)
        )),
        SketchElement(id="road", geometry=LineString([(-50, 150), (400, 150)]), role="road", label="dirt road"),
    ),
)  # fmt: skip


def _lying(turn: float = 0.0, east: float = 0.0, scale: float = 0.2) -> Transform:
    c, s = scale * math.cos(math.radians(turn)), scale * math.sin(math.radians(turn))
    return Transform(matrix=((c, -s, east), (s, c, 0.0)), origin=(FRAME.lon, FRAME.lat))


def _odds(transforms: list[Transform], anchors: list[Anchor]) -> np.ndarray:
    return known_odds(SKETCH, transforms, frame=FRAME, scale=0.2, anchors=anchors)


def test_scale_follows_the_sizes_found_on_the_ground():
    shapes = [to_lonlat(FRAME, translate(box(0, 0, 10, 8), 30 * i, 0)) for i in range(6)]
    table = gpd.GeoDataFrame({"id": [str(i) for i in range(6)], "existence": 0.9}, geometry=shapes, crs="EPSG:4326")
    assert expected_scale(SKETCH, table, FRAME) == pytest.approx(0.2, rel=0.1)


def test_clutter_says_nothing_about_scale():
    crumbs = [to_lonlat(FRAME, translate(box(0, 0, 1, 1), 5 * i, 0)) for i in range(40)]
    table = gpd.GeoDataFrame({"id": [str(i) for i in range(40)], "existence": 0.9}, geometry=crumbs, crs="EPSG:4326")
    assert expected_scale(SKETCH, table, FRAME) == expected_scale(SKETCH, table.iloc[:0], FRAME)


def test_a_named_building_pulls_the_sketch_to_its_pin():
    pin = Anchor(label="the kitchen", geometry=to_lonlat(FRAME, Point(5, 4)), sigma_m=8.0)
    here, elsewhere = _odds([_lying(), _lying(east=60.0)], [pin])
    assert here > elsewhere + 1.0


def test_a_named_road_tells_which_way_the_sketch_is_turned():
    road = Anchor(label="the red dirt road", geometry=to_lonlat(FRAME, LineString([(-30, 30), (100, 30)])), sigma_m=5.0)
    upright, sideways = _odds([_lying(), _lying(turn=90.0)], [road])
    assert upright > sideways + 1.0


def test_without_places_there_are_no_odds():
    assert _odds([], []).shape == (0,)
