"""A row of houses drawn as one block is given all of its outlines. All fictional, in the open ocean."""

import json
import math

import geopandas as gpd
import numpy as np
import pytest
from shapely import affinity
from shapely.geometry import Point, box
from shapely.ops import unary_union

from geoinv.facilities.match import match
from geoinv.facilities.match_group_laws import TRAITS, group_laws, laws_from
from geoinv.facilities.match_io import match_json, read_match
from geoinv.geometry.frames import to_lonlat
from geoinv.records.drawings import Sketch, SketchElement, Tie
from geoinv.records.places import Frame

FRAME = Frame(lon=-30.0, lat=10.0)
#: Rows of houses, as (west, south, houses): each is drawn as one block.
ROWS = ((-70, 40, 4), (20, 55, 3), (-60, -60, 3))
HOUSES = ((-20, 5, 22, 9), (40, 0, 11, 24), (75, -35, 16, 12), (-75, -10, 9, 14), (5, -40, 28, 10), (50, -70, 12, 12))


def house(x, y, width, height):
    return box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def ground():
    """Outlines by id: rows r0h0, r0h1, …; single houses s0, s1, …"""
    found = {}
    for row, (west, south, count) in enumerate(ROWS):
        for k in range(count):
            found[f"r{row}h{k}"] = house(west + 13 * k, south + (k % 2), 10 + row, 9)
    return found | {f"s{k}": house(*one) for k, one in enumerate(HOUSES)}


def candidates():
    found = ground()
    shapes = [to_lonlat(FRAME, shape) for shape in found.values()]
    return gpd.GeoDataFrame({"id": list(found), "existence": 1.0}, geometry=shapes, crs="EPSG:4326")


def plan(*, points=False):
    """The rows as blocks b0, b1, …, the houses as h0, h1, …; turned, shrunk and a little off."""
    rng, found = np.random.default_rng(4), ground()
    drawn = {
        f"b{row}": unary_union([shape for name, shape in found.items() if name.startswith(f"r{row}h")]).envelope
        for row in range(len(ROWS))
    } | {f"h{k}": found[f"s{k}"] for k in range(len(HOUSES))}
    elements = []
    for name, shape in drawn.items():
        moved = affinity.translate(shape, *rng.normal(0, 2.0, 2))
        moved = affinity.scale(affinity.rotate(moved, 35, origin=(0, 0)), 3.0, 3.0, origin=(0, 0))
        elements.append(SketchElement(id=name, role="building", geometry=Point(moved.centroid) if points else moved))
    return Sketch(name="plan.geojson", elements=tuple(elements))


def pairs(found):
    return {pair.sketch[0]: pair for pair in found.placements[0].sketches["plan.geojson"].pairs}


def row(number):
    return {f"r{number}h{k}" for k in range(ROWS[number][2])}


@pytest.fixture(scope="module")
def found():
    return match(candidates(), [plan()])


def test_a_row_drawn_as_one_block_is_given_its_outlines(found):
    made = pairs(found)
    for number in range(len(ROWS)):
        assert set(made[f"b{number}"].candidates) == row(number)


def test_a_house_drawn_by_itself_is_one_outline(found):
    for k in range(len(HOUSES)):
        pair = pairs(found)[f"h{k}"]
        assert pair.candidates == (f"s{k}",)
        assert pair.each is None


def test_no_outline_of_a_group_is_surer_than_the_group_nor_the_group_than_any_placement(found):
    for pair in pairs(found).values():
        assert pair.probability <= 1.0 - found.none_probability + 1e-4
        if pair.each is not None:
            assert len(pair.each) == len(pair.candidates)
            assert list(pair.each) == sorted(pair.each, reverse=True)
            assert max(pair.each) <= pair.probability


def test_a_group_goes_through_the_file_and_a_single_pair_is_written_as_before(found):
    written = json.loads(json.dumps(match_json(found)))
    assert read_match(written) == found
    rows = {one["sketch"][0]: one for one in written["placements"][0]["sketches"]["plan.geojson"]["pairs"]}
    assert set(rows["h0"]) == {"sketch", "candidates", "probability"}
    assert set(rows["b0"]) == {"sketch", "candidates", "probability", "each"}


def test_a_tied_block_is_the_outline_it_was_tied_to_and_that_is_in_no_other_group():
    tie = Tie(sketch="plan.geojson", element="b0", candidate="r0h1")
    made = pairs(match(candidates(), [plan()], ties=[tie]))
    assert made["b0"].candidates == ("r0h1",)
    assert all("r0h1" not in pair.candidates for name, pair in made.items() if name != "b0")


def test_a_refused_outline_is_in_no_group_of_that_block():
    refused = Tie(sketch="plan.geojson", element="b0", candidate="r0h1")
    made = pairs(match(candidates(), [plan()], refused=[refused]))
    assert "b0" not in made or "r0h1" not in made["b0"].candidates


def test_points_have_no_groups():
    made = match(candidates(), [plan(points=True)])
    for placement in made.placements:
        assert all(len(pair.candidates) == 1 for pair in placement.sketches["plan.geojson"].pairs)


def elsewhere(seed):
    """Forty strewn outlines, none of which was drawn."""
    rng = np.random.default_rng(seed)
    shapes = [to_lonlat(FRAME, house(*rng.uniform(-90, 90, 2), *rng.uniform(6, 20, 2))) for _ in range(40)]
    ids = [f"c{k}" for k in range(40)]
    return gpd.GeoDataFrame({"id": ids, "existence": 1.0}, geometry=shapes, crs="EPSG:4326")


def test_where_none_of_these_is_likelier_nothing_is_called_a_group():
    found = [match(elsewhere(seed), [plan()]) for seed in range(4)]
    abstaining = [one for one in found if one.none_probability > 0.5]
    assert abstaining
    for one in abstaining:
        for placement in one.placements:
            assert all(pair.each is None for pair in placement.sketches["plan.geojson"].pairs)


def test_the_block_lies_off_the_middle_of_its_row_by_what_it_was_moved(found):
    off = found.placements[0].sketches["plan.geojson"].residuals_m
    assert off["b0"] < 10.0
    assert math.isfinite(off["b0"])


def test_laws_of_other_traits_are_not_read():
    data = {name: {"of": []} for name in ("group", "any", "each")}
    with pytest.raises(ValueError, match=r"learn_groups\.py"):
        laws_from(data)
    assert len(group_laws().group.weights) == len(TRAITS) + 1
