"""What is known of a sketch's place before looking: sizes, the location, named things."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
from shapely.affinity import translate
from shapely.geometry import LineString, Point, box

from geoinv.facilities.match_known import expected_scale, known_odds, side_odds
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


def _sides(transforms: list[Transform], anchors: list[Anchor]) -> np.ndarray:
    return side_odds(SKETCH, transforms, frame=FRAME, anchors=anchors)


def test_a_road_drawn_too_near_still_tells_the_side():
    lying = [_lying(), _lying(turn=180, east=70.0)]
    # The road is drawn above the middle; it really runs a hundred metres further off, but to the north.
    road = to_lonlat(FRAME, LineString([(-200, 150), (300, 150)]))
    odds = _sides(lying, [Anchor(label="dirt road", geometry=road, sigma_m=10.0, source="road")])
    assert odds[0] != odds[1]
    away = [_bearing_of_road(one) for one in lying]
    assert odds[int(np.argmin(np.abs(away)))] == odds.max()


def _bearing_of_road(lying: Transform) -> float:
    """How far from north, radians, the drawn road lies from the middle of the plan."""
    middle = lying.array @ np.append(np.mean([h.centroid.coords[0] for h in _HOUSES], axis=0), 1.0)
    near = lying.array @ np.array([middle[0], 150.0, 1.0])
    road = np.array([lying.array @ np.array([x, 150.0, 1.0]) for x in range(-50, 401, 10)]) - middle
    near = road[int(np.argmin((road**2).sum(axis=1)))]
    return math.atan2(near[0], near[1])


def test_nothing_named_says_nothing_about_sides():
    assert not _sides([_lying()], []).any()
    assert _sides([], []).shape == (0,)
