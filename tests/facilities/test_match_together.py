"""Several drawings of one place: laid on each other, settled together, weighed as one. All fictional, in open ocean."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from shapely import affinity
from shapely.geometry import Point, Polygon, box

from geoinv.facilities.match import match, problem_of
from geoinv.facilities.match_io import match_json
from geoinv.facilities.match_items import ground_of
from geoinv.facilities.match_pooled import likeness, settle_together
from geoinv.facilities.match_ranker import SIGNS, pooled_ranker, ranker
from geoinv.facilities.match_settle import settle
from geoinv.facilities.match_together import arranged, may_be_pooled, witnesses_of
from geoinv.geometry.frames import to_lonlat, xy_to_lonlat
from geoinv.records.drawings import Sketch, SketchElement, Tie
from geoinv.records.locations import Location, Region
from geoinv.records.places import Frame, LonLat

FRAME = Frame(lon=-30.0, lat=10.0)
TURNS, SCALE = (140.0, 20.0, -75.0), 4.0


def compound(seed: int, count: int = 14, half: float = 80.0) -> list[Polygon]:
    rng = np.random.default_rng(seed)
    out: list[Polygon] = []
    while len(out) < count:
        x, y, angle = *rng.uniform(-half, half, 2), rng.uniform(0, 180)
        shape = affinity.rotate(box(x, y, x + rng.uniform(8, 30), y + rng.uniform(6, 14)), angle)
        if all(shape.distance(other) > 4 for other in out):
            out.append(shape)
    return out


def table_of(shapes) -> gpd.GeoDataFrame:
    rows = {"id": [f"c{index}" for index in range(len(shapes))], "existence": 0.8}
    return gpd.GeoDataFrame(rows, geometry=[to_lonlat(FRAME, shape) for shape in shapes], crs="EPSG:4326")


def drawing(shapes, number: int, *, noise: float = 10.0, left_out=(), moved=None, **members) -> Sketch:
    """The sketch ``number`` of shapes; ``moved`` puts single ones elsewhere; element ``b3`` is of shape 3."""
    rng = np.random.default_rng([number, 9])
    elements = []
    for index, shape in enumerate(shapes):
        shift = rng.normal(0, noise, 2) + np.array((moved or {}).get(index, (0.0, 0.0)))
        there = affinity.translate(shape, *shift)
        paper = affinity.scale(affinity.rotate(there, TURNS[number], origin=(0, 0)), SCALE, SCALE, origin=(0, 0))
        if index not in left_out:
            elements.append(SketchElement(id=f"b{index}", role="building", geometry=paper))
    return Sketch(name=f"plan-{number}.geojson", elements=tuple(elements), **members)


def true_g(number: int) -> complex:
    return complex(np.exp(-1j * np.radians(TURNS[number])) / SCALE)


def problems_of(sketches, shapes):
    ground = ground_of(table_of(shapes), FRAME)
    return [problem_of(sketch, ground, FRAME) for sketch in sketches]


def independent(count: int):
    return ~np.eye(count, dtype=bool)


def right(found, name: str) -> int:
    return sum(pair.sketch[0][1:] == pair.candidates[0][1:] for pair in found.best.sketches[name].pairs)


@pytest.fixture(scope="module")
def three():
    shapes = compound(3)
    left = (0, 5), (2, 9, 11), (7,)
    return shapes, [drawing(shapes, k, noise=6.0, left_out=left[k]) for k in range(3)]


def test_drawings_are_laid_on_each_other_without_any_ground(three):
    shapes, sketches = three
    elsewhere = compound(77)
    ways = arranged(witnesses_of(problems_of(sketches, elsewhere), independent(3)), np.random.default_rng(1))
    # Of the drawings' true turns and scales only the ratios to the first can be told.
    for number in (1, 2):
        assert abs(ways[0].g[number] / (true_g(number) / true_g(0)) - 1) < 0.25
    assert all(one.weight >= other.weight for one, other in zip(ways, ways[1:], strict=False))


def test_a_building_drawn_between_two_outlines_is_the_one_the_others_drew():
    shapes = [*compound(4, 12), box(100, 100, 114, 108), box(60, 100, 74, 108)]
    between = drawing(shapes, 0, noise=3.0, left_out=(13,), moved={12: (-24.0, 0.0)})
    sketches = [between, *(drawing(shapes, k, noise=3.0, left_out=(13,)) for k in (1, 2))]
    problems = problems_of(sketches, shapes)
    g, t = np.array([[true_g(k)] for k in range(3)]), np.zeros((3, 1), dtype=complex)
    alone = settle(problems[0], g[0], t[0])
    together = settle_together(witnesses_of(problems, independent(3)), g, t)[0]
    thing = problems[0].drawn.ids.index("b12")

    def share(settled, outline: int) -> float:
        return float(settled.share[0, thing][settled.near[0, thing] == outline].sum())

    assert share(alone, 13) > 0.2
    assert share(together, 12) > share(alone, 12) + 0.2


def test_drawings_of_one_witness_do_not_speak_for_each_other(three):
    shapes, sketches = three
    problems = problems_of(sketches[:2], shapes)
    g, t = np.array([[true_g(0)], [true_g(1)]]), np.zeros((2, 1), dtype=complex)
    witnesses = witnesses_of(problems, np.zeros((2, 2), dtype=bool))
    assert witnesses.count == pytest.approx(1.0)
    for problem, one, shift, found in zip(problems, g, t, settle_together(witnesses, g, t), strict=True):
        assert np.allclose(found.share, settle(problem, one, shift).share)


def test_the_same_drawing_twice_by_one_witness_is_no_surer_than_once():
    shapes = compound(12, 16)
    clutter = [affinity.translate(shape, 190.0, 30.0) for shape in compound(40, 16)]
    same = [drawing(shapes, k, noise=16.0, left_out=range(6), witness="w1") for k in (0, 0)]
    twice = [same[0], same[1].model_copy(update={"name": "again.geojson"})]
    both = match(table_of([*shapes, *clutter]), twice)
    others = [one.model_copy(update={"witness": name}) for one, name in zip(twice, ("w1", "w2"), strict=True)]
    apart = match(table_of([*shapes, *clutter]), others)

    def sure(found) -> float:
        return sum(pair.probability for pair in found.placements[0].sketches["plan-0.geojson"].pairs)

    assert both.placements
    assert apart.placements
    assert sure(both) < sure(apart) + 1e-9
    # Who has been shown the other's drawing is no witness of his own either.
    shown = [others[0], others[1].model_copy(update={"seen_before": ("plan-0.geojson",)})]
    assert match_json(match(table_of([*shapes, *clutter]), shown)) == match_json(both)


def test_three_drawings_find_their_place_and_one_answer_again_and_again(three):
    shapes, sketches = three
    clutter = [affinity.translate(shape, 200.0, -40.0) for shape in compound(31)]
    table = table_of([*shapes, *clutter])
    found = match(table, sketches)
    assert all(right(found, sketch.name) >= 0.75 * len(sketch.elements) for sketch in sketches)
    assert found.placements[0].probability > 0.5
    assert sum(one.probability for one in found.placements) + found.none_probability == pytest.approx(1.0)
    assert match_json(match(table, sketches)) == match_json(found)


def test_ties_and_refusals_hold_with_several_drawings(three):
    shapes, sketches = three
    table = table_of(shapes)
    ties = [Tie(sketch=sketches[1].name, element="b3", candidate="c8")]
    refused = [Tie(sketch=sketches[2].name, element="b1", candidate="c1")]
    found = match(table, sketches, ties=ties, refused=refused)
    for placement in found.placements:
        tied = {pair.sketch[0]: pair.candidates[0] for pair in placement.sketches[sketches[1].name].pairs}
        assert tied["b3"] == "c8"
        assert list(tied.values()).count("c8") == 1
        kept = {pair.sketch[0]: pair.candidates[0] for pair in placement.sketches[sketches[2].name].pairs}
        assert kept.get("b1") != "c1"


def test_a_drawing_of_points_beside_others_is_not_laid_on_them(three):
    shapes, sketches = three
    points = tuple(one.model_copy(update={"geometry": Point(one.geometry.centroid)}) for one in sketches[2].elements)
    mixed = [*sketches[:2], sketches[2].model_copy(update={"elements": points})]
    assert not may_be_pooled(problems_of(mixed, shapes))
    assert not may_be_pooled(problems_of(sketches[:1], shapes))
    found = match(table_of(shapes), mixed)
    assert set(found.placements[0].sketches) == {sketch.name for sketch in sketches}


def test_what_is_known_of_the_place_may_leave_each_drawing_other_outlines(three):
    shapes, sketches = three
    clutter = [affinity.translate(shape, 900.0, 0.0) for shape in compound(31)]
    lon, lat = xy_to_lonlat(FRAME, np.zeros((1, 2)))[0]
    regions = tuple(
        Region(level=level, geometry=to_lonlat(FRAME, Point(0, 0).buffer(reach)), area_m2=np.pi * reach**2)
        for level, reach in ((0.5, 60.0), (0.9, 100.0))
    )
    prior = Location(best=LonLat(lon, lat), regions=regions, frame=Frame.about((lon, lat)))
    found = match(table_of([*shapes, *clutter]), sketches, prior=prior)
    assert all(right(found, sketch.name) >= 0.7 * len(sketch.elements) for sketch in sketches)


def test_one_drawing_laid_on_another_keeps_both_drawings_units(three):
    _, sketches = three
    one, other = (problem.drawn for problem in problems_of(sketches[:2], compound(77)))
    both = likeness(one, other)
    assert both.scale == pytest.approx(1.0, rel=0.2)
    assert np.array_equal(both.ground.xy, other.xy)
    north = [replace(each, north=way, said_scale=(0.0, 0.1)) for each, way in ((one, 0.4), (other, 0.1))]
    assert likeness(*north).drawn.north == pytest.approx(0.3)
    assert likeness(*north).drawn.said_scale is None
    assert likeness(north[0], other).drawn.north is None


def test_the_laws_of_several_are_of_the_signs_of_one():
    pooled = pooled_ranker()
    assert len(pooled.present.first) == len(pooled.present.any) == len(SIGNS) + 1
    assert np.array_equal(pooled.weights, ranker("shapes").weights)
    assert pooled.pairs[1] > 0


def test_of_several_compounds_the_one_that_was_drawn_is_found(three):
    shapes, sketches = three
    others = [affinity.translate(shape, 600.0 * k, 0.0) for k in (1, 2) for shape in compound(30 + k)]
    table = table_of([*shapes, *others])
    table["compound"] = [f"k{index // len(shapes)}" for index in range(len(table))]
    found = match(table, sketches)
    assert all(right(found, sketch.name) >= 0.75 * len(sketch.elements) for sketch in sketches)
    assert sum(one.probability for one in found.placements) + found.none_probability == pytest.approx(1.0)
