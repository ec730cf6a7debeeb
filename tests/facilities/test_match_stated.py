"""Lengths that were said of drawn things: read narrowly, weighed beside what was drawn."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from geoinv.errors import FieldError
from geoinv.facilities.match import problem_of
from geoinv.facilities.match_items import ground_of
from geoinv.facilities.match_kinds import Spreads, kinds
from geoinv.facilities.match_stated import said_length, said_scale
from geoinv.facilities.sketch_io import read_sketch, sketch_geojson
from geoinv.geometry.frames import to_lonlat
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.places import Frame

FRAME = Frame(lon=-31.0, lat=-14.0)


def drawn(*elements: SketchElement) -> Sketch:
    return Sketch(name="plan.geojson", elements=elements)


def block(name: str = "b1", **said: object) -> SketchElement:
    return SketchElement.read({"id": name, "role": "building", "geometry": box(0, 0, 40, 20), **said})


def document(**properties: object) -> dict[str, object]:
    ring = [[0, 0], [4, 0], [4, 2], [0, 2], [0, 0]]
    feature = {"type": "Feature", "properties": {"id": "b1", "role": "building", **properties},
               "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    return {"type": "FeatureCollection", "coordinate_space": "drawing", "features": [feature]}


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [(30, 30, 30), ([28, 24], 24, 28), ("80 paces", 41, 73), ("약 30미터", 20, 40), ("12", 12, 12)],
)
def test_metres_two_ends_and_words_are_lengths(said, low, high):
    found = said_length(block(length_m=said), "length_m")
    assert found is not None
    assert low - 1 <= found.low <= found.best <= found.high <= high + 1


def test_nothing_said_is_nothing():
    assert said_length(block(), "length_m") is None
    assert said_scale(drawn(block())) is None


@pytest.mark.parametrize("said", ["long", "12 x 5 m", "ten minutes", 0, -3, [4, 0], float("inf"), True, {"m": 3}])
def test_what_is_no_one_length_is_refused_by_file_feature_and_field(said):
    with pytest.raises(FieldError) as refused:
        read_sketch(document(length_m=said), "plan.geojson")
    assert all(part in str(refused.value) for part in ("plan.geojson", "feature b1", "length_m"))


@pytest.mark.parametrize("said", [12.5, [10, 14], "80 paces", "약 30미터"])
def test_what_was_said_comes_back_as_it_was_said(said):
    kept = read_sketch(document(length_m=said, width_m=4), "plan.geojson")
    again = read_sketch(sketch_geojson(kept), "plan.geojson")
    assert again.elements[0].length_m == kept.elements[0].length_m
    assert kept.elements[0].length_m == (tuple(said) if isinstance(said, list) else said)


@given(st.floats(0.02, 50.0), st.integers(1, 6))
def test_scale_is_what_said_lengths_give_and_surer_with_more_of_them(scale, count):
    sketch = drawn(*(block(f"b{k}", length_m=40 * scale) for k in range(count)))
    found, fewer = said_scale(sketch), said_scale(drawn(*sketch.elements[:1]))
    assert found is not None and fewer is not None
    assert found[0] == pytest.approx(math.log(scale), abs=1e-9)
    assert found[1] <= fewer[1]
    # One person's pace made them all: however many, the scale is not known better than that.
    assert found[1] > 0.1


def test_a_walls_own_length_gives_the_scale():
    wall = SketchElement.read({"id": "w", "role": "wall", "geometry": LineString([(0, 0), (100, 0)]), "length_m": 50})
    found = said_scale(drawn(wall))
    assert found is not None and found[0] == pytest.approx(math.log(0.5))


def outlines(*lengths: float) -> gpd.GeoDataFrame:
    shapes = [to_lonlat(FRAME, box(60 * k, 0, 60 * k + length, 10)) for k, length in enumerate(lengths)]
    return gpd.GeoDataFrame({"id": [f"c{k}" for k in range(len(shapes))]}, geometry=shapes, crs="EPSG:4326")


def test_a_said_length_tells_outlines_apart_that_the_drawing_does_not():
    plain, paced = block("b1"), block("b2", length_m="60 paces")
    ground = ground_of(outlines(12, 20, 42, 20), FRAME)
    problem = problem_of(drawn(plain, paced), ground, FRAME)
    i, j = np.ogrid[:2, : len(ground)]
    seen = kinds(problem, np.array(problem.scale), np.array(0.0), Spreads.usual(1), i, j).size[0]
    gain = seen[1] - seen[0]
    assert np.argmax(gain) == 2
    assert gain[2] > 0.5 and gain[0] < 0.0


def test_what_was_said_moves_the_expected_scale_towards_it():
    ground = ground_of(outlines(12, 20, 42, 20), FRAME)
    usual = problem_of(drawn(block(), block("b2")), ground, FRAME).scale
    said = problem_of(drawn(block(length_m=10 * 40 * usual), block("b2")), ground, FRAME).scale
    assert usual < said < 10 * usual
