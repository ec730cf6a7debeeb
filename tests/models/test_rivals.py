"""Parts that exclude each other are kept side by side, never stacked."""

from __future__ import annotations

from shapely.geometry import LineString, Polygon, box

from geoinv.geometry.frames import to_lonlat
from geoinv.models.assemble import assemble
from geoinv.models.hypotheses import compare, hypotheses
from geoinv.models.rivals import with_rivals
from geoinv.models.solids import build_solids
from geoinv.records.blueprint import Blueprint, Contradiction, Room, Storey
from geoinv.records.evidence import Evidence, Status
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint
from geoinv.records.places import Frame

_FRAME = Frame.about((-30.0, 5.0))


def _part(name: str, shape: Polygon | LineString, *, drawing: str = "a.svg", status: Status = Status.ATTESTED,
          role: str = "building") -> Footprint:  # fmt: skip
    return Footprint.read(
        {
            "id": name,
            "facility": "reef",
            "geometry": to_lonlat(_FRAME, shape),
            "role": role,
            "drawn": (f"{drawing}#{name}",),
            "status": status,
            "outline_from": "sketch",
        }
    )


def _judged(*footprints: Footprint) -> Blueprint:
    facility = Facility(slug="reef", name="Reef (fictional)", simulated=True)
    return with_rivals(assemble(facility, _FRAME, footprints, key=b"k"))


def test_the_better_known_of_two_on_one_ground_is_preferred() -> None:
    sure = _part("sure", box(2, 0, 20, 9), status=Status.CORROBORATED)
    made = _judged(_part("other", box(0, 0, 20, 10), drawing="b.svg"), sure, _part("apart", box(30, 0, 40, 9)))
    assert {one.id: one.hypothesis for one in made.buildings} == {"sure": "A", "other": "B", "apart": None}
    (contradiction,) = made.contradictions
    assert set(contradiction.about) == {"sure", "other"} and set(contradiction.versions) == {"A", "B"}
    scene = build_solids(made)
    assert {"sure", "apart"} <= set(scene.graph.nodes) and "other" in scene.metadata["left_out"]


def test_rival_rooms_in_a_rival_building_are_a_third_version() -> None:
    def room(name: str, low: float, high: float, version: str | None) -> Room:
        evidence = {"polygon": Evidence(status=Status.CONTESTED, sources=(name,))}
        return Room(id=name, polygon=box(low, 3, high, 7), hypothesis=version, evidence=evidence)

    rooms = (room("hall", 2.5, 5, None), room("wide", 6, 19, "A"), room("left", 6, 12, "B"), room("right", 13, 19, "B"))
    known = {name: Evidence(status=Status.CONJECTURAL) for name in ("floor_m", "height_m", "wall_thickness_m")}
    storey = Storey(id="ground", height_m=2.6, rooms=rooms, evidence=known)
    question = Contradiction(about=("wide", "left"), what="one room or two", versions={"A": "one", "B": "two"})
    footprints = [
        _part("sure", box(2, 0, 20, 9), status=Status.CORROBORATED),
        _part("other", box(0, 0, 20, 10), drawing="b.svg"),
    ]
    facility = Facility(slug="reef", name="Reef (fictional)", simulated=True)
    whole = assemble(facility, _FRAME, footprints, storeys={"sure": (storey,)}, contradictions=(question,), key=b"k")
    made = with_rivals(whole)
    assert {one.id: one.versions for one in made.buildings} == {"sure": ("A", "C"), "other": ("B",)}
    assert made.contradictions[0].versions == {"A": "one", "C": "two"}
    assert hypotheses(made) == ("A", "B", "C")
    built = {name: set(build_solids(made, hypothesis=name).geometry) for name in "ABC"}
    assert {"sure", "ground"} & built["A"] and "other" not in built["A"] | built["C"]
    inside = {one.name: (one.rooms, one.only) for one in compare(made)}
    assert inside["A"] == (2, ()) and inside["C"] == (3, ("left", "right")) and inside["B"][0] == 0
    # Without rival outlines the rooms' own letters stand.
    alone = assemble(facility, _FRAME, footprints[:1], storeys={"sure": (storey,)}, key=b"k")
    assert hypotheses(with_rivals(alone)) == ("A", "B")


def test_neighbours_whose_outlines_touch_are_no_rivals() -> None:
    made = _judged(_part("west", box(0, 0, 10, 9)), _part("east", box(9.5, 0, 20, 9)))
    assert [one.hypothesis for one in made.buildings] == [None, None] and made.contradictions == ()


def test_walls_of_two_drawings_are_rivals_but_not_a_wall_within_a_wall() -> None:
    def ring(west: float, name: str, drawing: str, status: Status = Status.ATTESTED) -> Footprint:
        line = LineString(box(west, 0, west + 50, 40).exterior)
        return _part(name, line, drawing=drawing, role="wall", status=status)

    made = _judged(ring(0, "outer", "a.svg", Status.CORROBORATED), ring(2, "rival", "b.svg"), ring(5, "inner", "a.svg"))
    assert {one.id: one.hypothesis for one in made.site.walls} == {"outer": "A", "rival": "B", "inner": None}
