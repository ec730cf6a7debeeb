"""What cannot be as it is written: the part and the sentence, and the rest built where that is honest."""

from __future__ import annotations

import json
import time

import pytest
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box

from geoinv.models.formats import model_files
from geoinv.models.normal import normal_form
from geoinv.models.solids import build_solids
from geoinv.models.soundness import sound
from geoinv.records.blueprint import Blueprint, Building, Fixture, Opening, Room, Site, Stair, Storey, Terrain, Wall
from geoinv.records.evidence import Evidence, Status
from geoinv.records.places import Frame


def seen(names, status=Status.ATTESTED):
    return {name: Evidence(status=status, sources=("drawing-1",)) for name in names.split()}


def room(ident, shape, **more):
    return Room(id=ident, polygon=shape, evidence=seen("polygon"), **more)


def door(ident, at, width=0.8, head=1.9, sill=0.0, **more):
    return Opening(
        id=ident, at=at, width_m=width, sill_m=sill, head_m=head, evidence=seen("at width_m sill_m head_m"), **more
    )


def storey(ident="s", height=2.6, floor=0.0, **parts):
    evidence = seen("floor_m height_m wall_thickness_m")
    return Storey(id=ident, height_m=height, floor_m=floor, evidence=evidence, **parts)


def plan(*storeys, outline=None, **site):
    block = Building(id="block", outline=outline or box(0, 0, 10, 6), storeys=storeys, evidence=seen("outline"))
    return Blueprint(facility="x", frame=Frame(lon=-150, lat=-40), buildings=(block,), site=Site(**site))


def faults_of(blueprint):
    return {fault.part: (fault.sentence, fault.built) for fault in sound(blueprint)[1]}


def test_nothing_is_said_of_a_sound_blueprint_and_nothing_changed(blueprint):
    found, faults = sound(blueprint)
    assert found is blueprint and faults == ()


def test_rooms_that_overlap_are_named_and_the_floor_is_given_to_the_first():
    made = plan(storey(rooms=(room("a", box(1, 1, 4, 5)), room("b", box(3, 1, 8, 5), labels=("Cell 2",)))))
    found, faults = sound(made)
    assert [(f.part, f.built) for f in faults] == [("b", True)] and "4.00 m² of floor with a" in faults[0].sentence
    assert any("belong" in one.what and one.about == ("a", "b") for one in found.contradictions)
    scene = build_solids(found)
    assert scene.geometry["a"].volume == pytest.approx(12 * 0.02) and scene.geometry["b"].volume == pytest.approx(
        16 * 0.02
    )


def test_a_room_outside_its_building_is_cut_or_left_out_and_becomes_a_contradiction():
    made = plan(
        storey(rooms=(room("half", box(6, 1, 12, 5)), room("out", box(20, 1, 23, 5)), room("in", box(1, 1, 4, 5))))
    )
    found, faults = sound(made)
    said = {fault.part: fault for fault in faults}
    assert said["half"].built and "8.00 of half's 24.00 m² lie outside block" in said["half"].sentence
    assert not said["out"].built and "left out" in said["out"].sentence
    assert {one.about for one in found.contradictions} == {("half", "block"), ("out", "block")}
    assert {r.id for r in found.buildings[0].storeys[0].rooms} == {"half", "in"}


def test_a_door_wider_than_its_wall_or_in_no_wall_or_upside_down_is_left_out():
    made = plan(
        storey(
            rooms=(room("a", box(1, 1, 3, 5)),),
            openings=(
                door("wide", (2.0, 1.0), width=2.5),
                door("fits", (3.0, 3.0)),
                door("lost", (6.5, 3.0)),
                door("upside", (1.0, 3.0), sill=1.5, head=1.2),
                door("tall", (2.0, 5.0), head=3.0),
            ),
        )
    )
    said = faults_of(made)
    assert said["wide"] == ("the door is 2.5 m wide, the wall it is in 2.00 m long; it is left out", False)
    assert not said["lost"][1] and "from every wall" in said["lost"][0]
    assert not said["upside"][1] and said["tall"][1] and "above the ceiling" in said["tall"][0]
    assert {o.id for o in sound(made)[0].buildings[0].storeys[0].openings} == {"fits", "tall"}


def test_storeys_that_lie_in_each_other_and_one_for_mice_are_told():
    made = plan(
        storey("low"), storey("mid", floor=1.0), storey("top", floor=2.8), storey("mice", height=0.01, floor=5.6)
    )
    said = faults_of(made)
    assert not said["mid"][1] and "below the ceiling of low at 2.6 m" in said["mid"][0]
    assert said["mice"][1] and "nobody fits" in said["mice"][0]
    assert [s.id for s in sound(made)[0].buildings[0].storeys] == ["low", "top", "mice"]


def test_a_storey_without_height_is_left_out_and_the_rest_is_built():
    made = plan(storey("flat", height=0.0, rooms=(room("r", box(1, 1, 3, 3)),)), storey("low"))
    assert faults_of(made)["flat"] == ("it has no height; it is left out", False)
    kept, _ = sound(made)
    assert [s.id for s in kept.buildings[0].storeys] == ["low"]
    assert build_solids(kept).geometry["low"].is_watertight
    files = model_files(made, ("glb", "svg"))
    assert json.loads(files["faults.json"])["faults"][0]["part"] == "flat" and "model.glb" in files


def test_a_stair_to_nowhere_and_one_that_ends_elsewhere_are_told_and_stand():
    def stair(ident, to, rise):
        line = LineString([(1, 2), (3, 2)])
        return Stair(id=ident, line=line, width_m=1, rise_m=rise, to=to, evidence=seen("line width_m rise_m"))

    made = plan(storey("low", stairs=(stair("n", "attic", 2.8), stair("s", "top", 1.5))), storey("top", floor=2.8))
    said = faults_of(made)
    assert said["n"] == ("it leads to attic, and there is no such storey; it ends at 2.8 m", True)
    assert said["s"] == ("it rises 1.5 m, the floor it leads to lies 2.8 m higher", True)


def test_things_outside_their_room_and_shapes_without_extent_are_told():
    bench = Fixture(id="bench", kind="bench", at=(8, 3), size_m=(1, 1, 1), room="a", evidence=seen("kind at size_m"))
    ghost = bench.model_copy(update={"id": "ghost", "room": "z"})
    flat = room("flat", Polygon([(1, 1), (2, 1), (3, 1)]))
    ground = Terrain(id="ground", points=MultiPoint([(0, 0, 1), (1, 1, 1), (2, 2, 1)]), evidence=seen("points"))
    made = plan(storey(rooms=(room("a", box(1, 1, 4, 5)), flat), fixtures=(bench, ghost)), terrain=ground)
    said = faults_of(made)
    assert "4.00 m outside a" in said["bench"][0] and "no such room" in said["ghost"][0]
    assert not said["flat"][1] and not said["ground"][1]


def test_an_id_that_is_taken_and_an_outline_that_crosses_itself_are_told():
    bow = Polygon([(0, 0), (10, 6), (10, 0), (0, 6)])
    made = plan(storey(rooms=(room("a", box(1, 2.5, 2, 3.5)), room("a", box(8, 2.5, 9, 3.5)))), outline=bow)
    said = faults_of(made)
    assert "crosses itself" in said["block"][0] and not said["a"][1]
    assert build_solids(sound(made)[0]).geometry["block"].is_watertight


def test_buildings_on_the_same_ground_are_told_and_the_later_gives_way():
    made = plan(storey())
    other = made.buildings[0].model_copy(update={"id": "shed", "outline": box(8, 4, 14, 9), "storeys": (storey("s2"),)})
    both = made.model_copy(update={"buildings": (*made.buildings, other)})
    assert "4.00 m² of ground with block" in faults_of(both)["shed"][0]
    scene = build_solids(both)
    assert scene.geometry["s2"].volume == pytest.approx((30 - 4) * 2.6)
    assert not scene.geometry["s2"].contains([[9.0, 5.0, 1.0]]).any()


def test_what_is_wrong_is_written_beside_the_model():
    made = plan(storey(rooms=(room("out", box(20, 1, 23, 5)),)))
    listed = json.loads(model_files(made, ["glb"])["faults.json"])["faults"]
    assert [(one["part"], one["built"]) for one in listed] == [("out", False)]
    assert "faults.json" not in model_files(plan(storey()), ["glb"])


# ------------------------------------------------------------------------------------------------- one normal form


def wall(ident, line, status=Status.ATTESTED, **more):
    return Wall(id=ident, line=LineString(line), thickness_m=0.2, evidence=seen("line thickness_m", status), **more)


def test_walls_given_enclose_rooms_that_are_no_better_known_than_they():
    made = plan(
        storey(
            walls=(wall("w1", [(0, 3), (10, 3)]), wall("w2", [(5, 3), (5, 6)], Status.CONJECTURAL)),
            openings=(door("d", (5, 4.5)), door("out", (0.15, 1.5))),
        )
    )
    found = normal_form(made).buildings[0].storeys[0]
    assert [round(r.polygon.area, 2) for r in found.rooms] == [24.44, 11.96, 11.96]
    assert [r.status for r in found.rooms] == [Status.INFERRED, Status.CONJECTURAL, Status.CONJECTURAL]
    south, west, east = found.rooms
    assert set(found.openings[0].connects) == {west.id, east.id}
    assert set(found.openings[1].connects) == {south.id, "outside"}
    assert normal_form(normal_form(made)) == normal_form(made)


def test_both_ways_in_make_the_same_walls():
    walls = plan(storey(walls=(wall("w", [(0, 3), (10, 3)]),), openings=(door("d", (4, 3)),)))
    rooms = plan(
        storey(
            rooms=(room("s", box(0.3, 0.3, 9.7, 2.9)), room("n", box(0.3, 3.1, 9.7, 5.7))),
            openings=(door("d", (4, 3)),),
        )
    )
    given, left = build_solids(normal_form(walls)).geometry, build_solids(rooms).geometry
    assert given["s"].volume + given["w"].volume == pytest.approx(left["s"].volume, rel=1e-9)
    assert sorted(m.volume for m in given.values() if m.metadata["kind"] == "room") == pytest.approx(
        [left["s"].volume * 0 + 9.4 * 2.6 * 0.02] * 2
    )


def test_rival_walls_enclose_rival_rooms():
    made = plan(
        storey(walls=(wall("w", [(3, 0), (3, 6)], hypothesis="A"), wall("v", [(6, 0), (6, 6)], hypothesis="B")))
    )
    found = normal_form(made).buildings[0].storeys[0].rooms
    assert [r.hypothesis for r in found] == ["A", "A", "B", "B"] and len({r.id for r in found}) == 4


# -------------------------------------------------------------------------------------------------------- many parts


def test_ten_thousand_parts_are_built():
    cells = [box(0.3 + 2.2 * i, 0.3 + 3.2 * j, 2.3 + 2.2 * i, 3.3 + 3.2 * j) for i in range(100) for j in range(50)]
    rooms = tuple(room(f"r{n}", cell) for n, cell in enumerate(cells))
    doors = tuple(door(f"d{n}", (cell.bounds[0] + 1.0, cell.bounds[1] - 0.1)) for n, cell in enumerate(cells))
    outline = box(0, 0, 100 * 2.2 + 0.4, 50 * 3.2 + 0.4)
    made = plan(storey(rooms=rooms, openings=doors), outline=outline)
    began = time.process_time()
    found, faults = sound(made)
    scene = build_solids(found)
    assert faults == () and len(scene.geometry) == 10_002
    assert scene.geometry["s"].is_watertight
    assert time.process_time() - began < 60
    assert Point(scene.geometry["s"].centroid[:2]).within(outline)
