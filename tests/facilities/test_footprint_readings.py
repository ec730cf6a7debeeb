"""Of several readings of one building the best borne out is taken, and how far they differ is said. All fictional."""

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import LineString, Point, box

from geoinv.facilities.footprint_groups import ground_shapes
from geoinv.facilities.footprint_lines import line_tolerance_m, lines_apart
from geoinv.facilities.footprint_readings import best_reading
from geoinv.facilities.footprints import reconcile_footprints
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.placements import Match, Placement, SketchPlacement, Transform
from geoinv.records.places import Frame

FRAME = Frame(lon=-30.0, lat=10.0)
IDENTITY = Transform(matrix=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), origin=(FRAME.lon, FRAME.lat))
ROOF = box(0, 0, 20, 10)
HALF = box(0, 0, 10, 10)


def readings(shapes, scores=None, origin="imagery prompted", sketches=None) -> gpd.GeoDataFrame:
    names = [f"{sketch}.svg#b" for sketch in (sketches or "abcdef"[: len(shapes)])]
    return gpd.GeoDataFrame(
        {
            "id": names,
            "score": scores or [0.8] * len(shapes),
            "outline_from": [origin] * len(shapes),
            "drawn": [[name] for name in names],
        },
        geometry=[to_lonlat(FRAME, shape) for shape in shapes],
        crs="EPSG:4326",
    )


def blind(*shapes) -> gpd.GeoDataFrame:
    names = [f"c{index}" for index in range(len(shapes))]
    return gpd.GeoDataFrame(
        {"id": names, "existence": 0.7}, geometry=[to_lonlat(FRAME, one) for one in shapes], crs="EPSG:4326"
    )


def taken(table, *found):
    ground = ground_shapes(FRAME, blind(*found), table)
    return best_reading(ground.outlines, ground)


def test_two_that_agree_outweigh_one_of_a_higher_score():
    reading = taken(readings([HALF, ROOF, affinity.translate(ROOF, 1, 0)], [0.95, 0.85, 0.8]))
    assert reading.outline.id == "b.svg#b"
    assert reading.others == ("a.svg#b", "c.svg#b")
    assert reading.overlaps == (pytest.approx(0.5, abs=0.01), pytest.approx(19 / 21, abs=0.01))


def test_what_was_found_blind_decides_between_two():
    assert taken(readings([HALF, ROOF], [0.85, 0.8])).outline.id == "a.svg#b"
    assert taken(readings([HALF, ROOF], [0.85, 0.8]), ROOF).outline.id == "b.svg#b"


def test_a_persons_outline_goes_before_any_score():
    table = readings([ROOF, HALF, ROOF], [0.99, 0.1, 0.99])
    table["outline_from"] = ["imagery prompted", "person", "imagery"]
    reading = taken(table)
    assert reading.outline.id == "b.svg#b" and reading.others == ()


def test_other_elements_of_the_same_drawing_are_no_second_reading():
    reading = taken(readings([ROOF, HALF], sketches=["a", "a"]))
    assert reading.others == () and reading.spread_m is None and not reading.differ


def test_one_reading_stands_alone_and_none_is_none():
    assert taken(readings([ROOF])).spread_m is None
    assert taken(readings([])) is None


@given(st.permutations(range(4)))
def test_the_order_of_the_drawings_does_not_matter(order):
    shapes = [HALF, ROOF, affinity.scale(ROOF, 1.2, 0.9), affinity.translate(ROOF, 2, 1)]
    table = readings(shapes, [0.9, 0.8, 0.7, 0.8]).iloc[list(order)]
    assert taken(table) == taken(readings(shapes, [0.9, 0.8, 0.7, 0.8]))


def plan(name, witness, shapes=(), walls=(), gates=(), **more) -> Sketch:
    kinds = (("building", shapes), ("wall", walls), ("gate", gates))
    elements = [
        SketchElement(id=f"{role[0]}{index}" if index else role[0], role=role, geometry=shape)
        for role, found in kinds
        for index, shape in enumerate(found)
    ]
    return Sketch(name=name, witness=witness, elements=tuple(elements), **more)


def footprints(*sketches, residuals=1.0, sure=0.9, outlines=None, dependent=()):
    placed = {
        one.name: SketchPlacement.model_validate(
            {
                "transform": IDENTITY,
                "residuals_m": dict.fromkeys("xyz", residuals),
                "sketch_probability": sure,
            }
        )
        for one in sketches
    }
    match = Match(none_probability=0.1, placements=(Placement(rank=1, probability=0.9, sketches=placed),))
    table = readings([]) if outlines is None else outlines
    found = reconcile_footprints("place", FRAME, sketches, match, blind(), table, key=b"k", dependent=dependent)
    return found.footprints


def test_readings_that_differ_are_flagged_and_widen_the_stated_error():
    sketches = [plan(f"{name}.svg", f"w-{name}", [ROOF]) for name in "abc"]
    alike = readings([ROOF, ROOF, ROOF], [0.9, 0.9, 0.9])
    apart = readings([ROOF, ROOF, affinity.translate(HALF, -4, 0)], [0.9, 0.9, 0.9])
    (calm,), (split,) = footprints(*sketches, outlines=alike), footprints(*sketches, outlines=apart)
    assert not any("differ" in text for text in calm.warnings)
    assert any("read under 3 drawings differ: they overlap by" in text for text in split.warnings)
    assert split.confidence.geometry_m > calm.confidence.geometry_m
    assert split.evidence["outline spread"].value > calm.evidence["outline spread"].value == 0
    assert "c.svg#b" in split.evidence["outline spread"].note


def test_witnesses_do_not_corroborate_an_outline_that_no_other_reading_bears_out():
    sketches = [plan("a.svg", "w1", [ROOF]), plan("b.svg", "w2", [ROOF])]
    (alike,) = footprints(*sketches, outlines=readings([ROOF, ROOF]))
    assert alike.status == "corroborated"
    (split,) = footprints(
        *sketches,
        outlines=gpd.GeoDataFrame(
            {
                "id": ["one", "two", "both"],
                "drawn": [["a.svg#b"], ["b.svg#b"], ["a.svg#b", "b.svg#b"]],
                "score": [0.9, 0.8, 0.0],
                "outline_from": ["imagery prompted", "imagery prompted", "sketch"],
            },
            geometry=[to_lonlat(FRAME, one) for one in (ROOF, affinity.translate(ROOF, 9, 0), ROOF)],
            crs="EPSG:4326",
        ),
    )
    assert split.status == "attested" and "no two outlines" in split.evidence["geometry"].note


WALL = LineString([(-5, -5), (70, -5), (70, 70), (-5, 70), (-5, -5)])


def test_walls_within_the_placements_errors_are_one_and_corroborated():
    (wall,) = footprints(plan("a.svg", "w1", walls=[WALL]), plan("b.svg", "w2", walls=[affinity.translate(WALL, 1, 1)]))
    assert (wall.role, wall.status, wall.drawn) == ("wall", "corroborated", ("a.svg#w", "b.svg#w"))


def walls_read(*lines, origins):
    names = [f"{name}.svg#w" for name, _ in zip("abcd", lines, strict=False)]
    columns = {"id": names, "drawn": [[name] for name in names], "score": 0.5, "outline_from": list(origins)}
    shapes = [to_lonlat(FRAME, line.buffer(0.2, join_style="mitre")) for line in lines]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def test_walls_led_onto_one_wall_of_the_scene_are_one_but_agree_only_as_far_as_they_were_drawn():
    far = plan("a.svg", "w1", walls=[WALL]), plan("b.svg", "w2", walls=[affinity.translate(WALL, 9, 9)])
    outlines = walls_read(WALL, affinity.translate(WALL, 0.5, 0), origins=["imagery prompted"] * 2)
    (wall,) = footprints(*far, outlines=outlines)
    assert (wall.drawn, wall.status) == (("a.svg#w", "b.svg#w"), "attested")
    assert "moved onto edges" in wall.evidence["geometry"].note


def test_a_wall_found_without_any_drawing_corroborates_the_drawn_one_and_lends_it_its_place():
    outlines = walls_read(affinity.translate(WALL, 3, 0), origins=["imagery"])
    (wall,) = footprints(plan("a.svg", "w1", walls=[WALL]), outlines=outlines, residuals=5.0)
    assert (wall.status, wall.outline_from) == ("corroborated", "imagery")
    assert wall.confidence.geometry_m < 5.0
    assert "without any drawing" in wall.evidence["geometry"].note
    (shown,) = footprints(plan("a.svg", "w1", walls=[WALL], seen_before=("imagery",)), outlines=outlines)
    assert shown.status == "attested"


def test_walls_further_apart_than_their_placements_errors_are_kept_apart():
    near, far = plan("a.svg", "w1", walls=[WALL]), plan("b.svg", "w2", walls=[affinity.translate(WALL, 3, 3)])
    assert [one.status for one in footprints(near, far, residuals=0.5)] == ["attested", "attested"]
    both = footprints(near, plan("b.svg", "w2", walls=[affinity.translate(WALL, 6, 6)]), residuals=30.0)
    assert [one.status for one in both] == ["attested", "attested"]
    assert all("have the wall 6 m apart on average" in " ".join(one.warnings) for one in both)


def test_a_bay_in_one_drawing_only_makes_two_walls_of_an_otherwise_equal_line():
    bay = LineString([(-5, -5), (70, -5), (70, 30), (85, 30), (85, 36), (70, 36), (70, 70), (-5, 70), (-5, -5)])
    found = footprints(plan("a.svg", "w1", walls=[WALL]), plan("b.svg", "w2", walls=[bay]))
    assert [one.status for one in found] == ["attested", "attested"]


def test_a_part_of_a_wall_corroborates_no_more_than_itself():
    part = LineString([(-5, -4), (70, -4)])
    (wall,) = footprints(plan("a.svg", "w1", walls=[part]), plan("b.svg", "w2", walls=[WALL]))
    assert wall.status == "attested" and wall.drawn == ("a.svg#w", "b.svg#w")
    assert to_local(FRAME, wall.geometry).area == pytest.approx(WALL.length * 0.4, rel=0.05)


@pytest.mark.parametrize(
    "changed",
    [
        {"sure": 0.4},
        {"dependent": [("w1", "w2")]},
    ],
)
def test_a_wall_is_no_better_known_than_what_put_it_there(changed):
    two = plan("a.svg", "w1", walls=[WALL]), plan("b.svg", "w2", walls=[WALL])
    assert footprints(*two)[0].status == "corroborated"
    assert [one.status for one in footprints(*two, **changed)] == ["attested"]


def test_two_who_had_been_shown_imagery_corroborate_no_wall():
    two = [plan(name, name[0], walls=[WALL], seen_before=("imagery",)) for name in ("a.svg", "b.svg")]
    assert [one.status for one in footprints(*two)] == ["attested"]


def test_gates_close_by_but_not_in_one_place_are_both_kept():
    one, other = plan("a.svg", "w1", gates=[Point(0, 0)]), plan("b.svg", "w2", gates=[Point(9, 0)])
    found = footprints(one, other, residuals=9.0)
    assert [item.status for item in found] == ["attested", "attested"]
    assert all("have the gate 9 m apart" in " ".join(item.warnings) for item in found)
    same = footprints(one, plan("b.svg", "w2", gates=[Point(1, 0)]))
    assert [item.status for item in same] == ["corroborated"]


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_distance_between_lines_is_the_same_both_ways_and_grows_with_the_shift(east, north):
    moved = affinity.translate(WALL, east, north)
    there, back = lines_apart(WALL, moved), lines_apart(moved, WALL)
    assert there.furthest_m == pytest.approx(back.furthest_m)
    assert there.one_way_m <= there.most_m <= there.furthest_m <= (east**2 + north**2) ** 0.5 + 1e-6


def test_the_tolerance_follows_the_residuals_between_a_metre_and_four():
    assert line_tolerance_m(0.1, 0.1) == 1.0
    assert line_tolerance_m(1.0, 1.0) == pytest.approx(1.52 * 2**0.5)
    assert line_tolerance_m(20.0, 3.0) == line_tolerance_m(None, 3.0) == 4.0
