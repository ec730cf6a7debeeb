"""Sketches find their place on the ground; one of somewhere else finds none. All fictional, in the open ocean."""

import math

import geopandas as gpd
import numpy as np
import pytest
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box

from geoinv.errors import FieldError, UnreadableFileError
from geoinv.facilities.match import match
from geoinv.facilities.match_io import match_json, read_match
from geoinv.facilities.match_items import fold_words, same_words
from geoinv.facilities.sketch_io import read_sketch, sketch_geojson
from geoinv.geometry.frames import to_local, to_lonlat, xy_to_lonlat
from geoinv.records.drawings import Sketch, SketchElement, Tie
from geoinv.records.locations import Location, Region
from geoinv.records.placements import Anchor, Match, Transform
from geoinv.records.places import Frame, LonLat

FRAME = Frame(lon=-30.0, lat=10.0)


def rectangle(x, y, width, height, angle):
    return affinity.translate(
        affinity.rotate(box(-width / 2, -height / 2, width / 2, height / 2), angle, origin=(0, 0)), x, y
    )


def compound(seed: int, count: int = 14, half: float = 80.0) -> list[Polygon]:
    rng = np.random.default_rng(seed)
    out: list[Polygon] = []
    while len(out) < count:
        width, height = rng.uniform(8, 30), rng.uniform(6, 14)
        shape = rectangle(*rng.uniform(-half, half, 2), width, height, rng.uniform(0, 180))
        if all(shape.distance(other) > 4 for other in out):
            out.append(shape)
    return out


def candidates_of(shapes, **columns) -> gpd.GeoDataFrame:
    rows = {"id": [f"c{index}" for index in range(len(shapes))], "existence": [0.8] * len(shapes), **columns}
    return gpd.GeoDataFrame(rows, geometry=[to_lonlat(FRAME, shape) for shape in shapes], crs="EPSG:4326")


def paper(shape, *, turn: float = 140.0, scale: float = 4.0):
    return affinity.scale(affinity.rotate(shape, turn, origin=(0, 0)), scale, scale, origin=(0, 0))


def sketch_of(
    shapes, *, seed=0, noise=2.0, name="plan.geojson", labels=None, turn=140.0, extra=(), **members
) -> Sketch:
    rng = np.random.default_rng(seed)
    elements = [
        SketchElement(
            id=f"b{index}",
            role="building",
            label=(labels or {}).get(index),
            geometry=paper(affinity.translate(shape, *rng.normal(0, noise, 2)), turn=turn),
        )
        for index, shape in enumerate(shapes)
    ]
    return Sketch(name=name, elements=(*elements, *extra), **members)


def share_right(found: Match, name="plan.geojson", count=14) -> float:
    pairs = found.placements[0].sketches[name].pairs
    return sum(pair.sketch[0][1:] == pair.candidates[0][1:] for pair in pairs) / count


@pytest.fixture(scope="module")
def easy() -> tuple[list[Polygon], gpd.GeoDataFrame, Sketch, Match]:
    shapes = compound(3)
    clutter = [affinity.translate(shape, 40, 190) for shape in compound(9, 8)]
    table, sketch = candidates_of([*shapes, *clutter]), sketch_of(shapes)
    return shapes, table, sketch, match(table, [sketch])


def test_a_sketch_finds_its_buildings_however_the_page_lay(easy):
    shapes, _, sketch, found = easy
    assert share_right(found) >= 0.9
    placed = found.best.sketches[sketch.name]
    assert not placed.mirrored
    middle = placed.transform.apply(sketch.elements[5].geometry).centroid
    true = to_local(placed.transform.frame, to_lonlat(FRAME, shapes[5])).centroid
    assert middle.distance(true) < 8.0
    assert placed.fit["euclidean"].r2 > 0.95


def test_probabilities_add_to_one_and_a_pair_is_no_surer_than_its_placement(easy):
    found = easy[3]
    assert sum(one.probability for one in found.placements) + found.none_probability == pytest.approx(1.0, abs=1e-6)
    assert [one.rank for one in found.placements] == list(range(1, len(found.placements) + 1))
    for placement in found.placements:
        for part in placement.sketches.values():
            assert all(pair.probability <= 1 - found.none_probability + 1e-4 for pair in part.pairs)


def test_many_rival_placements_are_kept_and_differ_by_more_than_a_nudge(easy):
    _, _, sketch, found = easy
    assert len(found.placements) >= 10
    spots = [
        np.array(
            [
                one.sketches[sketch.name].transform.apply(element.geometry).centroid.coords[0]
                for element in sketch.elements
            ]
        )
        for one in found.placements
    ]
    assert min(np.abs(a - b).max() for k, a in enumerate(spots) for b in spots[:k]) > 5.0


def test_the_same_input_gives_the_same_bytes(easy):
    _, table, sketch, found = easy
    assert match_json(match(table, [sketch])) == match_json(found)


def test_a_sketch_of_another_place_is_refused():
    refused = [match(candidates_of(compound(seed, 20)), [sketch_of(compound(seed + 50))]).abstains for seed in range(2)]
    assert all(refused)


def test_a_sketch_is_never_mirrored_unless_asked_and_then_says_so():
    shapes = compound(4)
    flipped = sketch_of([affinity.scale(shape, -1, 1, origin=(0, 0)) for shape in shapes])
    table = candidates_of(shapes)
    assert not any(part.mirrored for one in match(table, [flipped]).placements for part in one.sketches.values())
    found = match(table, [flipped], allow_mirror=True)
    assert found.placements[0].sketches["plan.geojson"].mirrored
    assert share_right(found) >= 0.8


def test_points_without_size_or_direction_still_match():
    shapes = [shape.centroid for shape in compound(6, 8)]
    assert share_right(match(candidates_of(shapes), [sketch_of(shapes)]), count=8) >= 0.8


def test_ties_hold_and_place_a_plan_that_nothing_else_could():
    shapes = compound(7, 12)
    same = [rectangle(*shape.centroid.coords[0], 12, 12, 0) for shape in shapes]
    sketch = sketch_of(same, noise=14.0)
    ties = [Tie(sketch=sketch.name, element=f"b{k}", candidate=f"c{k}") for k in (0, 5, 9)]
    found = match(candidates_of(same), [sketch], ties=ties)
    pairs = {pair.sketch[0]: pair.candidates[0] for pair in found.best.sketches[sketch.name].pairs}
    assert {pairs[f"b{k}"] for k in (0, 5, 9)} == {"c0", "c5", "c9"}
    assert found.none_probability < 0.1
    assert share_right(found, count=12) >= 0.5


def test_a_tie_to_a_point_fixes_the_place_of_that_element():
    shapes = compound(8)
    sketch = sketch_of(shapes)
    spot = tuple(xy_to_lonlat(FRAME, np.array([shapes[2].centroid.coords[0]]))[0])
    found = match(candidates_of(shapes), [sketch], ties=[Tie(sketch=sketch.name, element="b2", point=spot)])
    transform = found.placements[0].sketches[sketch.name].transform
    at = transform.apply(sketch.elements[2].geometry).centroid
    assert at.distance(to_local(transform.frame, Point(spot))) < 6.0


@pytest.mark.parametrize(
    "tie",
    [
        Tie(sketch="plan.geojson", element="nope", candidate="c1"),
        Tie(sketch="other.geojson", element="b1", candidate="c1"),
        Tie(sketch="plan.geojson", element="b1", candidate="nope"),
        Tie(sketch="plan.geojson", element="b1"),
    ],
)
def test_a_tie_to_something_that_is_not_there_is_said(tie):
    shapes = compound(3, 4)
    with pytest.raises(FieldError):
        match(candidates_of(shapes), [sketch_of(shapes)], ties=[tie])


def test_a_placement_that_a_person_gave_is_used_as_it_stands():
    shapes = compound(3)
    sketch = sketch_of(shapes)
    inverse = affinity.rotate(LineString([(0, 0), (1, 0), (0, 1)]), -140.0, origin=(0, 0))
    (ox, oy), (ax, ay), (bx, by) = inverse.coords
    matrix = ((ax / 4, bx / 4, ox), (ay / 4, by / 4, oy))
    given = Transform(matrix=matrix, origin=(FRAME.lon, FRAME.lat))
    found = match(candidates_of(shapes), [sketch], placements={sketch.name: given})
    assert found.placements[0].sketches[sketch.name].transform == given
    assert found.none_probability < 0.1
    assert share_right(found) >= 0.9
    bare = match(candidates_of([]), [sketch], placements={sketch.name: given})
    assert bare.best.sketches[sketch.name].transform == given


def location(east: float, north: float, inner: float, outer: float) -> Location:
    lon, lat = xy_to_lonlat(FRAME, np.array([[east, north]]))[0]
    regions = tuple(
        Region(level=level, geometry=to_lonlat(FRAME, Point(east, north).buffer(radius)), area_m2=math.pi * radius**2)
        for level, radius in ((0.5, inner), (0.9, outer))
    )
    return Location(best=LonLat(lon, lat), regions=regions, frame=Frame.about((lon, lat)))


def test_the_prior_decides_between_two_places_that_look_alike():
    shapes = compound(12, 10, 60.0)
    twins = [*shapes, *(affinity.translate(shape, 400, 0) for shape in shapes)]
    for east, first in ((0.0, 0), (400.0, 10)):
        found = match(candidates_of(twins), [sketch_of(shapes)], prior=location(east, 0.0, 40.0, 90.0))
        pairs = found.placements[0].sketches["plan.geojson"].pairs
        assert np.mean([int(pair.candidates[0][1:]) - first == int(pair.sketch[0][1:]) for pair in pairs]) > 0.8


def test_a_named_road_says_which_way_a_symmetrical_plan_lies():
    half = [rectangle(x, y, 14, 8, 0) for x in (-60, -20, 20, 60) for y in (-25, 25)]
    road = LineString([(-120, 60), (0, 62), (120, 60)])
    drawn = SketchElement(id="r", role="road", label="dirt road", geometry=paper(road))
    anchor = Anchor(label="the red dirt road (west to east)", geometry=to_lonlat(FRAME, road), sigma_m=5.0)
    found = match(candidates_of(half), [sketch_of(half, extra=(drawn,))], anchors=[anchor])
    assert share_right(found, count=8) >= 0.9


def test_labels_break_symmetry_in_any_script():
    square = [rectangle(x, y, 10, 10, 0) for x in (-40, 0, 40) for y in (-40, 0, 40)]
    labels = {0: "식당", 5: "ВОРОТА"}
    names = [{0: "식당", 5: "ворота"}.get(index) for index in range(9)]
    found = match(candidates_of(square, label=names), [sketch_of(square, labels=labels)])
    assert share_right(found, count=9) >= 0.9


def test_several_sketches_are_placed_together_on_the_same_ground():
    shapes = compound(15, 16)
    first = sketch_of(shapes[:12], seed=1, name="a.geojson")
    second = sketch_of(shapes[4:], seed=2, name="b.geojson", turn=30.0)
    found = match(candidates_of(shapes), [first, second])
    parts = found.best.sketches
    middles = [
        parts[one.name].transform.apply(one.elements[8 if one is first else 4].geometry).centroid
        for one in (first, second)
    ]
    assert middles[0].distance(middles[1]) < 12.0


def test_compounds_are_tried_one_by_one():
    shapes, other = compound(21), [affinity.translate(shape, 600, 0) for shape in compound(22)]
    table = candidates_of([*shapes, *other], compound=["right"] * 14 + ["wrong"] * 14)
    found = match(table, [sketch_of(shapes)])
    assert {pair.candidates[0] for pair in found.best.sketches["plan.geojson"].pairs} <= {f"c{k}" for k in range(14)}


def test_nothing_to_match_is_none_of_these():
    shapes = compound(3, 4)
    assert match(candidates_of([]), [sketch_of(shapes)]).abstains
    assert match(candidates_of(shapes), []).abstains
    interior = sketch_of(shapes).model_copy(update={"scope": "building"})
    assert match(candidates_of(shapes), [interior]).abstains


@pytest.mark.parametrize("count", [1, 2, 3])
def test_very_small_compounds_do_not_break_it(count):
    shapes = compound(30, count)
    found = match(candidates_of(shapes), [sketch_of(shapes)])
    assert 0.0 <= found.none_probability <= 1.0


def test_words_are_compared_folded_and_in_part():
    assert fold_words("The Café (old)") == {"cafe"}
    assert same_words(fold_words("dirt road"), fold_words("the red dirt road (west to east)")) > 0.5
    assert same_words(fold_words("road"), fold_words("the red dirt road")) < 0.5
    assert same_words(fold_words("kitchen"), fold_words("workshop")) == 0.0


def test_a_match_reads_back_as_it_was_written(easy):
    found = easy[3]
    assert read_match(match_json(found)) == found
    with pytest.raises(FieldError):
        read_match({"none_probability": 2.0})


def test_a_sketch_reads_back_as_it_was_written():
    sketch = sketch_of(compound(3, 3), labels={0: "식당"}, witness="w1", north=30.0, noise=0.0)
    again = read_sketch(sketch_geojson(sketch), sketch.name)
    assert sketch_geojson(again) == sketch_geojson(sketch)
    assert (again.witness, again.north, again.elements[0].label) == ("w1", 30.0, "식당")


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"type": "FeatureCollection"},
        {"features": [], "coordinate_space": "metres"},
        {"features": ["x"]},
        {"features": [{"properties": {"id": "a"}, "geometry": None}]},
        {"features": [{"properties": {"id": "a"}, "geometry": {"type": "Blob"}}]},
        {"features": [{"properties": {"id": "a"}, "geometry": {"type": "Point", "coordinates": [0, 0]}}] * 2},
        {
            "features": [
                {"properties": {"id": "a", "certainty": 7}, "geometry": {"type": "Point", "coordinates": [0, 0]}}
            ]
        },
    ],
)
def test_a_sketch_that_is_none_is_said_in_one_sentence(data):
    with pytest.raises((FieldError, UnreadableFileError)) as caught:
        read_sketch(data, "bad.geojson")
    assert "bad.geojson" in str(caught.value)
