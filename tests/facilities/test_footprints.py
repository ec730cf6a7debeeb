"""Footprints say who drew them and how they are known; no evidence supports itself. All fictional, in open ocean."""

import json

import geopandas as gpd
import pytest
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box

from geoinv.errors import FieldError
from geoinv.facilities.footprints import (
    footprints_table,
    read_footprints,
    read_unplaced,
    reconcile_footprints,
    unplaced_table,
)
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.measures import Interval
from geoinv.records.placements import Match, Pair, Placement, SketchPlacement, Transform, Unmatched
from geoinv.records.places import Frame

FRAME = Frame(lon=-30.0, lat=10.0)
KEY = b"a case of its own"
SPOTS = [box(0, 0, 20, 10), box(40, 0, 60, 10), box(0, 40, 12, 60), box(45, 45, 57, 57)]
IDENTITY = Transform(matrix=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), origin=(FRAME.lon, FRAME.lat))


def table(shapes, **columns) -> gpd.GeoDataFrame:
    rows = {"id": [f"c{index}" for index in range(len(shapes))], **columns}
    return gpd.GeoDataFrame(rows, geometry=[to_lonlat(FRAME, shape) for shape in shapes], crs="EPSG:4326")


NOTHING = table([])


def sketch(name="a.svg", witness="w1", shapes=SPOTS, labels=(), extra=(), **members) -> Sketch:
    elements = [
        SketchElement(
            id=f"b{index}", role="building", geometry=shape, label=labels[index] if index < len(labels) else None
        )
        for index, shape in enumerate(shapes)
    ]
    return Sketch(name=name, witness=witness, elements=(*elements, *extra), **members)


def matched(*sketches: Sketch, pairs=(), probability=0.9, rivals=(), none=0.1) -> Match:
    """Every sketch lies as drawn; ``pairs`` are (element, candidate, probability) for all of them."""

    def part(one: Sketch, links) -> SketchPlacement:
        known = {element.id for element in one.elements}
        records = tuple(Pair(sketch=(e,), candidates=(c,), probability=p) for e, c, p in links if e in known)
        left = tuple(
            Unmatched(sketch=e, why="no outline within reach") for e in sorted(known - {e for e, _, _ in links})
        )
        return SketchPlacement(
            transform=IDENTITY, pairs=records, unmatched=left, residuals_m={"b0": 3.0, "b1": 4.0, "b2": 5.0}
        )

    first = Placement(rank=1, probability=probability, sketches={one.name: part(one, pairs) for one in sketches})
    others = tuple(
        Placement(rank=k, probability=p, sketches={one.name: part(one, links) for one in sketches})
        for k, (p, links) in enumerate(rivals, 2)
    )
    return Match(none_probability=none, placements=(first, *others))


def reconcile(sketches, match, candidates=NOTHING, outlines=NOTHING, **more):
    return reconcile_footprints("place", FRAME, sketches, match, candidates, outlines, key=KEY, **more)


def test_an_outline_prompted_by_a_sketch_does_not_corroborate_it():
    one = sketch()
    outlines = table(SPOTS[:1], drawn=[["a.svg#b0"]], outline_from=["imagery prompted"], score=[0.9], scene=["s1"])
    found = reconcile([one], matched(one), outlines=outlines).footprints[0]
    assert (found.status, found.outline_from, found.scene) == ("attested", "imagery prompted", "s1")
    assert "does not corroborate" in found.evidence["geometry"].note


def test_an_outline_found_blind_does():
    one = sketch()
    outlines = table(SPOTS[:1], drawn=[["a.svg#b0"]], outline_from=["imagery prompted"], score=[0.9])
    blind = table([affinity.translate(SPOTS[0], 2, 1)], existence=[0.7])
    assert reconcile([one], matched(one), blind, outlines).footprints[0].status == "corroborated"
    paired = reconcile([one], matched(one, pairs=[("b0", "c0", 0.8)]), blind).footprints[0]
    assert (paired.status, paired.outline_from, paired.probability) == ("corroborated", "imagery", 0.8)


def test_what_the_scene_hardly_bears_out_is_not_corroborated_by_it():
    one = sketch()
    blind = table([SPOTS[0]], existence=[0.7])
    read = table(SPOTS[:1], drawn=[["a.svg#b0"]], outline_from=["imagery"], score=[0.9])
    ways = (
        (matched(one, pairs=[("b0", "c0", 0.9)]), NOTHING),
        (matched(one), read),
        (matched(one), read.assign(outline_from=["imagery prompted"])),
    )
    for match, outlines in ways:
        sure = reconcile([one], match, blind, outlines, borne={"a.svg#b0": 0.5}).footprints[0]
        unsure = reconcile([one], match, blind, outlines, borne={"a.svg#b0": 0.49}).footprints[0]
        assert (sure.status, unsure.status) == ("corroborated", "attested")
        assert "not sure" in unsure.evidence["geometry"].note


def test_witnesses_corroborate_each_other_whatever_the_scene_shows():
    one, two = sketch(), sketch("b.svg", "w2")
    borne = dict.fromkeys(("a.svg#b0", "b.svg#b0"), 0.1)
    assert reconcile([one, two], matched(one, two), borne=borne).footprints[0].status == "corroborated"


def test_nothing_corroborates_someone_who_had_seen_the_imagery():
    one = sketch(seen_before=("imagery",))
    blind = table([SPOTS[0]], existence=[0.9])
    found = reconcile([one], matched(one, pairs=[("b0", "c0", 0.9)]), blind).footprints[0]
    assert found.status == "attested"
    assert "had been shown imagery or a model before" in found.evidence["geometry"].note
    assert "not sure" not in found.evidence["geometry"].note


def test_two_independent_witnesses_corroborate_each_other_and_dependent_ones_do_not():
    one, two = sketch(), sketch("b.svg", "w2", [affinity.translate(shape, 2, 1) for shape in SPOTS])
    both = matched(one, two)
    free = reconcile([one, two], both)
    assert len(free.footprints) == 4
    assert {found.status for found in free.footprints} == {"corroborated"}
    assert free.footprints[0].drawn == ("a.svg#b0", "b.svg#b0")
    bound = reconcile([one, two], both, dependent=[("w1", "w2")])
    assert {found.status for found in bound.footprints} == {"attested"}


def test_two_elements_of_one_sketch_stay_two_buildings():
    shapes = [box(0, 0, 20, 10), box(2, 1, 22, 11)]
    one = sketch(shapes=shapes)
    assert len(reconcile([one], matched(one)).footprints) == 2


def test_elements_of_one_candidate_are_one_building_with_all_its_names():
    one = sketch(labels=["Kitchen"])
    two = sketch("b.svg", "w2", labels=["Jikoni"])
    blind = table(SPOTS, existence=[0.9] * 4)
    pairs = [(f"b{k}", f"c{k}", 0.8) for k in range(4)]
    found = reconcile([one, two], matched(one, two, pairs=pairs), blind).footprints
    assert len(found) == 4
    assert found[0].labels == ("Kitchen", "Jikoni")


def test_a_name_in_two_places_is_contested_and_both_are_kept():
    one = sketch(shapes=SPOTS[:1], labels=["Kitchen"])
    two = sketch("b.svg", "w2", SPOTS[3:], labels=["kitchen"])
    found = reconcile([one, two], matched(one, two)).footprints
    assert [item.status for item in found] == ["contested", "contested"]
    assert all("m apart" in " ".join(item.warnings) for item in found)


def test_a_word_for_what_there_are_several_of_is_no_name_and_contests_nothing():
    one = sketch(shapes=SPOTS[:1], labels=["post"])
    two = sketch("b.svg", "w2", SPOTS[3:], labels=["post"])
    assert [item.status for item in reconcile([one, two], matched(one, two)).footprints] == ["attested", "attested"]
    one, two = sketch(shapes=SPOTS[:1], labels=["post 2"]), sketch("b.svg", "w2", SPOTS[3:], labels=["post 2"])
    assert {item.status for item in reconcile([one, two], matched(one, two)).footprints} == {"contested"}


def test_every_drawn_building_ends_in_one_footprint_or_unplaced():
    one, other = sketch(), sketch("b.svg", "w2", shapes=[affinity.translate(shape, 3, 2) for shape in SPOTS[:2]])
    match = matched(one, other, pairs=[("b0", "c0", 0.9), ("b1", "c1", 0.4)])
    for placed in (match, Match(none_probability=1.0)):
        found = reconcile([one, other], placed, table(SPOTS[:2], existence=[0.9, 0.9]))
        ends = [name for item in (*found.footprints, *found.unplaced) for name in item.drawn]
        assert sorted(ends) == sorted(each.full_name(e.id) for each in (one, other) for e in each.elements)


def test_a_detectors_own_score_is_no_probability():
    one = sketch(shapes=SPOTS[:3])
    blind = table([box(20, 20, 30, 30), box(36, 22, 44, 30)], existence=[0.95, 0.7], probability=[0.5, 0.85])
    observed = [item for item in reconcile([one], matched(one), blind).footprints if item.status == "observed"]
    assert [item.probability for item in observed] == [0.85]
    assert "probability 0.85" in observed[0].evidence["geometry"].note


def test_votes_count_who_drew_a_building_and_who_left_it_out():
    two, four = sketch(shapes=SPOTS), sketch("b.svg", "w2", shapes=SPOTS)
    lacking = sketch("c.svg", "w3", shapes=[*SPOTS[:1], *SPOTS[2:], box(70, 0, 80, 60)])
    shown = sketch("d.svg", "w4", shapes=SPOTS, seen_before=("imagery",))
    found = reconcile([two, four, lacking, shown], matched(two, four, lacking, shown), dependent=[["w1", "w2"]])
    counts = [item.evidence["votes"].value for item in found.footprints]
    assert counts[0] == {"for": 4, "independent": 2, "against": 0}
    missed = next(item for item in found.footprints if "a.svg#b1" in item.drawn)
    assert missed.evidence["votes"].value["against"] == 1 and "left out of 1" in missed.evidence["votes"].note


def test_a_wall_that_crosses_itself_where_it_lies_stops_nothing():
    crossed = Polygon([(-10, -10), (70, 70), (70, -10), (-10, 70)])
    again = Polygon([(-10, -9), (70, 69), (69, -10), (-10, 70.5)])
    walls = [SketchElement(id=f"w{k}", role="wall", geometry=shape) for k, shape in enumerate((crossed, again))]
    one, other = sketch(extra=walls), sketch("b.svg", "w2", extra=walls)
    found = reconcile([one, other], matched(one, other))
    assert {item.role for item in found.footprints} >= {"building"}
    assert all(item.evidence["votes"].value["for"] == 2 for item in found.footprints if item.role == "building")


def test_what_nobody_drew_is_observed_only_if_sure_and_inside():
    one = sketch()
    extra = [box(20, 20, 30, 30), box(20, 35, 28, 42), box(300, 300, 320, 320)]
    blind = table(extra, existence=[0.9, 0.3, 0.9])
    observed = [item for item in reconcile([one], matched(one), blind).footprints if item.status == "observed"]
    assert len(observed) == 1
    assert observed[0].drawn == ()
    assert to_local(FRAME, observed[0].geometry).centroid.distance(Point(25, 25)) < 0.1


def test_doubt_is_said_runner_up_low_probability_and_wrong_size():
    one = sketch(shapes=SPOTS[:2])
    blind = table([SPOTS[0], SPOTS[1], box(0, 0, 60, 40)], existence=[0.9] * 3)
    match = matched(one, pairs=[("b0", "c2", 0.4)], probability=0.5, rivals=[(0.3, [("b0", "c1", 0.3)])], none=0.2)
    text = " ".join(reconcile([one], match, blind).footprints[0].warnings)
    assert "not sure (probability 0.40)" in text
    assert "may also be c1 (probability 0.30)" in text
    assert "times as large" in text


def test_buildings_of_a_sketch_that_found_no_place_are_unplaced_within_their_region():
    one = sketch(labels=["Kitchen"])
    region = to_lonlat(FRAME, box(-100, -100, 100, 100))
    found = reconcile([one], Match(none_probability=0.9), region=region)
    assert found.footprints == ()
    assert len(found.unplaced) == 4
    assert found.unplaced[0].labels == ("Kitchen",)
    assert to_local(FRAME, found.unplaced[0].geometry).area == pytest.approx(200 * 200, rel=1e-3)


def test_an_uncertain_placement_leaves_undetected_buildings_unplaced_near_where_they_would_be():
    one = sketch()
    found = reconcile([one], matched(one, probability=0.2, none=0.4))
    assert found.footprints == ()
    assert to_local(FRAME, found.unplaced[0].geometry).contains(SPOTS[0].centroid)


def test_walls_and_gates_stand_as_drawn():
    wall = SketchElement(id="w", role="wall", geometry=LineString([(-5, -5), (70, -5), (70, 70)]))
    gate = SketchElement(id="g", role="gate", geometry=Point(30, -5))
    one = sketch(extra=(wall, gate))
    found = {item.role: item for item in reconcile([one], matched(one)).footprints}
    assert found["wall"].outline_from == found["gate"].outline_from == "sketch"
    assert to_local(FRAME, found["wall"].geometry).area == pytest.approx(150 * 0.4, rel=0.05)


def test_ids_depend_on_the_case_and_the_drawing_but_not_on_the_outline():
    one = sketch()
    moved = table([affinity.translate(SPOTS[0], 3, 3)], drawn=[["a.svg#b0"]])
    plain, other = reconcile([one], matched(one)), reconcile([one], matched(one), outlines=moved)
    assert plain.footprints[0].id == other.footprints[0].id
    foreign = reconcile_footprints("place", FRAME, [one], matched(one), NOTHING, NOTHING, key=b"another")
    assert foreign.footprints[0].id != plain.footprints[0].id


def test_every_shaping_property_has_its_evidence_with_sources():
    one = sketch()
    for item in reconcile([one], matched(one)).footprints:
        assert item.evidence["geometry"].sources
        assert item.confidence.geometry_m is not None and item.confidence.coverage == 0.9


def test_tables_read_back_also_after_a_flat_format_made_text_of_lists():
    one = sketch(labels=["Kitchen"])
    found = reconcile([one], matched(one)).footprints
    high = found[0].model_copy(update={"height_m": Interval(low=3.0, best=4.0, high=5.5, said="tall")})
    footprints = (high, *found[1:])
    rows = footprints_table(footprints)
    assert rows.crs.to_epsg() == 4326 and rows["height_m"].iloc[0] == 4.0 and rows["height_m"].iloc[1] is None
    assert read_footprints(rows) == footprints
    flat = rows.copy()
    for name in ("labels", "drawn", "confidence", "evidence", "warnings", "height_interval"):
        flat[name] = [None if value is None else json.dumps(value) for value in rows[name]]
    assert read_footprints(flat) == footprints
    lost = reconcile([one], Match(none_probability=1.0), region=to_lonlat(FRAME, box(0, 0, 9, 9))).unplaced
    assert read_unplaced(unplaced_table(lost)) == lost


def test_a_bad_row_is_named():
    one = sketch()
    rows = footprints_table(reconcile([one], matched(one)).footprints)
    rows.loc[1, "status"] = "certain"
    with pytest.raises(FieldError, match="status"):
        read_footprints(rows, file="footprints.geojson")


def test_empty_tables_are_tables():
    assert footprints_table([]).empty and read_footprints(footprints_table([])) == ()
    assert unplaced_table([]).empty


#: A row of three houses and the block drawn for it.
ROW = [box(-5, -4, 5, 4), box(7, -4, 17, 4), box(19, -4, 29, 4)]
BLOCK = box(-5, -4, 29, 4)


def of_block(*sketches: Sketch, each=(0.9, 0.8, 0.4), more=()) -> Match:
    """The block b0 of the first sketch stands for c1, c0 and c2; ``more`` are pairs of the others."""
    found = matched(*sketches, pairs=more)
    first = found.placements[0]
    pair = Pair(sketch=("b0",), candidates=("c1", "c0", "c2"), probability=0.95, each=each)
    own = first.sketches[sketches[0].name].model_copy(update={"pairs": (pair,), "unmatched": ()})
    placed = {**first.sketches, sketches[0].name: own}
    return found.model_copy(update={"placements": (first.model_copy(update={"sketches": placed}),)})


def by_outline(found):
    return {one.evidence["geometry"].sources[-1]: one for one in found.footprints}


def test_a_block_speaks_for_each_of_its_outlines_by_what_it_has_on_that():
    one = sketch(shapes=[BLOCK], labels=["kitchen"])
    found = reconcile([one], of_block(one), table(ROW, existence=[0.9] * 3))
    rows = by_outline(found)
    assert {name: (row.status, row.probability) for name, row in rows.items()} == {
        "c1": ("corroborated", 0.9),
        "c0": ("corroborated", 0.8),
        "c2": ("attested", 0.4),
    }
    assert len({row.id for row in found.footprints}) == 3
    assert all(row.drawn == ("a.svg#b0",) for row in found.footprints)
    assert "one block with c0, c1" in rows["c2"].evidence["geometry"].note


def test_a_block_names_none_of_its_outlines_for_sure_and_is_as_large_as_all_of_them():
    one = sketch(shapes=[BLOCK], labels=["kitchen"])
    rows = by_outline(reconcile([one], of_block(one), table(ROW, existence=[0.9] * 3)))
    assert [rows[name].labels for name in ("c1", "c0", "c2")] == [("kitchen",), (), ()]
    assert any("does not say" in told for told in rows["c1"].warnings)
    assert not any("times as large" in told for told in rows["c1"].warnings)


def test_a_block_counts_as_a_drawing_of_what_another_drew_by_itself():
    one, two = sketch(shapes=[BLOCK]), sketch("b.svg", "w2", shapes=[BLOCK, ROW[0]])
    two = two.model_copy(update={"elements": two.elements[1:]})
    found = reconcile([one, two], of_block(one, two, more=[("b1", "c0", 0.8)]), table(ROW, existence=[0.9] * 3))
    row = by_outline(found)["c0"]
    assert row.drawn == ("b.svg#b1",)
    assert row.evidence["votes"].value == {"for": 2, "independent": 2, "against": 0}
    assert len(found.footprints) == 3


def test_where_a_person_outlined_a_block_it_is_that_outline_alone():
    one = sketch(shapes=[BLOCK])
    drawn = table([BLOCK], drawn=[["a.svg#b0"]], outline_from=["person"], score=[1.0])
    found = reconcile([one], of_block(one), table(ROW, existence=[0.5] * 3), drawn)
    assert [row.outline_from for row in found.footprints] == ["person"]
