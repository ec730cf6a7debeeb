"""Footprints and interiors become a blueprint that says what it assumes."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon, box

from geoinv.geometry.frames import to_lonlat
from geoinv.models.assemble import ASSUMED_M, assemble
from geoinv.models.solids import build_solids
from geoinv.records.blueprint import Blueprint, Contradiction
from geoinv.records.evidence import Evidence, Status
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint
from geoinv.records.measures import Interval
from geoinv.records.places import Frame

HERE = Frame(lon=-150.5, lat=-42.25)
PLACE = Facility(slug="heron-bank", name="Heron Bank", simulated=True)
KEY = b"case key"


def a_footprint(ident, shape, role="building", status=Status.ATTESTED, **members):
    members = {"outline_from": "sketch", "drawn": (f"a.svg#{ident}",)} | members
    return Footprint(
        id=ident, facility="heron-bank", geometry=to_lonlat(HERE, shape), role=role, status=status, **members
    )


def test_every_footprint_becomes_the_part_its_role_names(blueprint):
    found = assemble(
        PLACE,
        HERE,
        [
            a_footprint("post", Point(15, 15), "tower"),
            a_footprint("gate", box(19, -2, 21, 2), "gate"),
            a_footprint("wall", box(-20, -20, 20, 20), "wall", Status.OBSERVED, scene="s.tif"),
            a_footprint("block", box(-10, -5, 10, 5)),
        ],
        key=KEY,
    )
    assert found.title == "Heron Bank" and found.fictional
    assert [part.id for part in (*found.buildings, *found.site.walls, *found.site.gates, *found.site.towers)] == [
        "block",
        "wall",
        "gate",
        "post",
    ]
    assert found.site.gates[0].width_m == pytest.approx(4.0, abs=0.01)
    assert found.site.walls[0].line.length == pytest.approx(160, abs=0.01)
    assert found.site.towers[0].status is Status.CONJECTURAL  # a point has no size
    assert Blueprint.read(found.plain()).plain() == found.plain()


def test_what_is_not_known_is_assumed_conjectural_and_asked_for():
    found = assemble(PLACE, HERE, [a_footprint("block", box(-10, -5, 10, 5))], key=KEY).buildings[0]
    storey = found.storeys[0]
    assert storey.height_m == ASSUMED_M["storey height"] == 3.0
    assert storey.status is Status.CONJECTURAL and "assumed" in storey.evidence["height_m"].note
    assert found.status is Status.ATTESTED
    assert any("height (3 m)" in line for line in found.sufficiency["assumed"])
    assert any("ceiling" in line for line in found.sufficiency["ask"])
    assert any("what was inside" in line for line in found.sufficiency["ask"])


def test_a_height_from_imagery_is_used_less_the_roof():
    seen = a_footprint("b", box(0, 0, 9, 9), height_m=Interval(low=3.8, best=4.2, high=4.6), scene="s.tif")
    storey = assemble(PLACE, HERE, [seen], key=KEY).buildings[0].storeys[0]
    assert storey.height_m == pytest.approx(4.0)
    assert storey.evidence["height_m"].status is Status.INFERRED
    assert storey.evidence["height_m"].sources == ("s.tif",)


def test_no_part_is_stronger_than_its_footprint():
    strong = Evidence(status=Status.CORROBORATED, sources=("a", "b"))
    weak = a_footprint("b", box(0, 0, 9, 9), status=Status.CONTESTED, evidence={"outline": strong})
    assert assemble(PLACE, HERE, [weak], key=KEY).buildings[0].status is Status.CONTESTED


def test_fitted_storeys_are_kept_with_their_entrance_and_their_conflicts(blueprint):
    block = blueprint.buildings[0]
    conflict = Contradiction(about=("question-2",), what="what the south room was for", versions={"A": "x", "B": "y"})
    found = assemble(
        PLACE,
        HERE,
        [a_footprint("block", block.outline)],
        storeys={"block": block.storeys},
        contradictions=[conflict],
        key=KEY,
    )
    building = found.buildings[0]
    assert building.storeys == block.storeys
    assert building.entrance == (9.85, 2.85)
    assert "5 rooms are corroborated" not in building.sufficiency["attested"]
    assert "4 rooms are corroborated" in building.sufficiency["attested"]
    assert any("south room" in line for line in building.sufficiency["ask"])
    assert found.contradictions == (conflict,)


@pytest.mark.parametrize(
    ("shape", "length", "thickness"),
    [
        (LineString([(0, 0), (30, 0)]), 30, 0.4),
        (box(0, 0, 40, 30), 140, 0.4),
        (Polygon(box(0, 0, 40, 30).exterior, [list(box(0.6, 0.6, 39.4, 29.4).exterior.coords)]), 137.6, 0.6),
        (shapely.affinity.rotate(box(0, 0, 30, 0.5), 20), 30, 0.5),
    ],
)
def test_a_walls_line_and_thickness_are_read_from_its_shape(shape, length, thickness):
    wall = assemble(PLACE, HERE, [a_footprint("w", shape, "wall")], key=KEY).site.walls[0]
    assert wall.line.length == pytest.approx(length, abs=0.05)
    assert wall.thickness_m == pytest.approx(thickness, abs=0.011)


def test_the_result_is_the_same_in_any_order_and_can_be_built_and_read_back():
    prints = [a_footprint(name, box(x, 0, x + 8, 6)) for x, name in ((0, "b"), (20, "a"), (40, "c"))]
    one, two = assemble(PLACE, HERE, prints, key=KEY), assemble(PLACE, HERE, prints[::-1], key=KEY)
    assert one == two
    assert one.buildings[0].roof.id != assemble(PLACE, HERE, prints, key=b"other").buildings[0].roof.id
    assert all(mesh.is_watertight for mesh in build_solids(one).geometry.values())
