"""What fitting promises: rooms inside the outline, in order, without overlap, each with its evidence."""

import pytest
from shapely.geometry import LineString, Polygon, box

from geoinv.errors import RefusalError
from geoinv.geometry.frames import FrameShape, to_lonlat
from geoinv.models.assemble import assemble
from geoinv.models.fit import fit_rooms, rooms_table
from geoinv.models.hypotheses import compare
from geoinv.models.solids import build_solids
from geoinv.models.soundness import sound
from geoinv.records.blueprint import Contradiction
from geoinv.records.evidence import Status
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint
from geoinv.records.measures import Interval
from geoinv.records.places import Frame
from geoinv.records.rooms import PlannedRoom, RoomPlan

FRAME = Frame(lon=-30.0, lat=-20.0)  # open ocean, fictional
OUTLINE = FrameShape(FRAME, box(0, 0, 30, 9))


def room(name: str, side: str, order: int, low: float, high: float, **more: object) -> PlannedRoom:
    return PlannedRoom(drawn=(f"s#{name}",), side=side, order=order, along=(low, high), status=Status.ATTESTED, **more)


def plan(*rooms: PlannedRoom, spine: LineString | None = None, **more: object) -> RoomPlan:
    return RoomPlan(
        spine=spine or LineString([(0, 4.5), (30, 4.5)]),
        rooms=rooms,
        corridor_width_m=Interval(low=1.2, best=1.6, high=2.0),
        cell_count=Interval(low=1, best=2, high=3, unit="count"),
        **more,
    )


FULL = tuple(room(f"{side[0]}{i}", side, i, 6 * i, 6 * i + 6) for side in ("left", "right") for i in range(5))


def test_rooms_lie_inside_apart_and_on_their_side() -> None:
    storey, lost = fit_rooms(plan(*FULL), OUTLINE)
    shapes = [r.polygon for r in storey.rooms]
    assert len(shapes) == 11 and not lost
    assert all(OUTLINE.shape.buffer(-0.3).covers(shape) for shape in shapes)
    assert max(a.intersection(b).area for i, a in enumerate(shapes) for b in shapes[:i]) < 1e-6
    by_drawn = {r.drawn[0]: r.polygon.centroid for r in storey.rooms if r.drawn}
    assert all(by_drawn[f"s#l{i}"].y > 4.5 > by_drawn[f"s#r{i}"].y for i in range(5))
    assert [by_drawn[f"s#l{i}"].x for i in range(5)] == sorted(by_drawn[f"s#l{i}"].x for i in range(5))


@pytest.mark.parametrize(
    ("witnesses", "voices", "status"),
    [((), 0, Status.INFERRED), (("w1", "w2"), 1, Status.ATTESTED), (("w1", "w2"), 2, Status.CORROBORATED)],
)
def test_a_corridor_is_as_sure_as_those_who_drew_it_are_independent(
    witnesses: tuple[str, ...], voices: int, status: Status
) -> None:
    storey, _ = fit_rooms(plan(*FULL, corridor_witnesses=witnesses, corridor_voices=voices), OUTLINE)
    hall = next(r for r in storey.rooms if r.role == "corridor")
    assert hall.evidence["polygon"].status is status


def test_overlapping_drawings_keep_their_order() -> None:
    crowded = [room(f"l{i}", "left", i, 10 + i, 18 + i) for i in range(5)]
    storey, _ = fit_rooms(plan(*crowded), OUTLINE)
    xs = [r.polygon.centroid.x for r in storey.rooms if r.drawn]
    assert xs == sorted(xs) and len(xs) == 5
    assert all(r.strain_m is not None and r.strain_m >= 0 for r in storey.rooms if r.drawn)


def test_a_blank_becomes_an_inferred_room() -> None:
    storey, _ = fit_rooms(plan(room("a", "left", 0, 0, 6), room("b", "left", 1, 24, 30)), OUTLINE)
    blanks = [r for r in storey.rooms if not r.drawn and r.role != "corridor"]
    assert {r.status for r in blanks} == {Status.INFERRED} and len(blanks) == 2
    assert "nobody drew" in (blanks[0].evidence["polygon"].note or "")


def test_every_room_names_its_sources_and_keeps_its_status() -> None:
    contested = room("x", "left", 0, 0, 8).model_copy(update={"status": Status.CONTESTED})
    note = Contradiction(about=("s#x",), what="which end", versions={"A": "one", "B": "two"})
    storey, contradictions = fit_rooms(plan(contested, contradictions=(note,)), OUTLINE)
    made = next(r for r in storey.rooms if r.drawn)
    assert made.status is Status.CONTESTED and made.sources == ("s#x",)
    assert contradictions[0].about == (made.id, "s#x")
    assert storey.status is Status.CONJECTURAL  # nobody said how high it was


def test_doors_lead_from_the_corridor_and_are_only_assumed() -> None:
    storey, _ = fit_rooms(plan(*FULL), OUTLINE)
    hall = next(r for r in storey.rooms if r.role == "corridor")
    assert len(storey.openings) == 10
    assert {o.connects[0] for o in storey.openings} == {hall.id}
    assert {o.status for o in storey.openings} == {Status.CONJECTURAL}


def test_a_bent_building_is_filled_on_both_sides() -> None:
    bent = FrameShape(FRAME, Polygon([(0, 0), (40, 0), (40, 30), (31, 30), (31, 9), (0, 9)]))
    spine = LineString([(0, 4.5), (35.5, 4.5), (35.5, 30)])
    rooms = [room(f"{s[0]}{i}", s, i, 6 * i, 6 * i + 6) for s in ("left", "right") for i in range(10)]
    storey, _ = fit_rooms(plan(*rooms, spine=spine), bent)
    shapes = [r.polygon for r in storey.rooms]
    assert all(bent.shape.buffer(1e-6).covers(shape) for shape in shapes)
    assert sum(shape.area for shape in shapes) > 0.7 * bent.shape.area
    overlaps = sum(a.intersection(b).area for i, a in enumerate(shapes) for b in shapes[:i])
    assert overlaps < 0.05 * bent.shape.area


def test_the_table_lies_on_the_ground_with_its_members() -> None:
    made = plan(*FULL, mirrored={"s": True}, entrance=(0.0, 4.5))
    storey, _ = fit_rooms(made, OUTLINE)
    table = rooms_table(storey, FRAME, made)
    assert table.crs.to_epsg() == 4326 and set(table["role"]) == {"room", "corridor"}
    assert abs(table.geometry.iloc[0].centroid.x + 30) < 0.001
    assert table.attrs["members"]["cell_count"] == {"low": 1, "best": 2, "high": 3}
    assert table.attrs["members"]["drawings"] == {"s": {"mirrored": True}}
    assert table.attrs["members"]["entrance"] == pytest.approx([-30, -20], abs=0.001)


def test_the_same_plan_gives_the_same_storey() -> None:
    first, second = (fit_rooms(plan(*FULL), OUTLINE, parent="b", key=b"k")[0] for _ in range(2))
    assert first.model_dump_json() == second.model_dump_json()


def test_an_outline_too_small_for_rooms_is_refused() -> None:
    with pytest.raises(RefusalError, match="too small"):
        fit_rooms(plan(*FULL), FrameShape(FRAME, box(0, 0, 0.5, 9)))


def test_a_corner_belongs_to_one_room_as_a_whole() -> None:
    """Cross walls drawn inside the corner of a bend are moved out of it: no room is cut obliquely or in two."""
    bent = FrameShape(FRAME, Polygon([(0, 0), (40, 0), (40, 30), (31, 30), (31, 9), (0, 9)]))
    spine = LineString([(0, 4.5), (35.5, 4.5), (35.5, 30)])
    for shift in (-2.0, -1.0, 0.0, 1.0, 2.0):
        edges = [0, 10, 20, 30, 35.5 + shift, 45, 53, 61]
        rooms = [
            room(f"{s[0]}{i}", s, i, a, b)
            for s in ("left", "right")
            for i, (a, b) in enumerate(zip(edges[:-1], edges[1:], strict=True))
        ]
        storey, lost = fit_rooms(plan(*rooms, spine=spine), bent)
        drawn = [r for r in storey.rooms if r.drawn]
        assert not lost and len(drawn) == 14
        assert all(len(r.polygon.exterior.coords) <= 7 for r in drawn)  # a rectangle, or an L around the corner
        assert sum(a.polygon.intersection(b.polygon).area for i, a in enumerate(drawn) for b in drawn[:i]) < 1e-6


def test_widths_that_drawings_agree_on_fill_the_row() -> None:
    wide = room("a", "left", 0, 0, 10).model_copy(update={"width_m": 6.0, "width_spread": 0.05, "before_m": (0, 0.1)})
    thin = room("b", "left", 1, 10, 30).model_copy(
        update={"width_m": 3.0, "width_spread": 0.05, "before_m": (0, 0.1), "after_m": (0, 0.1)}
    )
    storey, _ = fit_rooms(plan(wide, thin), OUTLINE)
    size = {r.drawn[0]: r.polygon.bounds[2] - r.polygon.bounds[0] for r in storey.rooms if r.drawn}
    assert size["s#a"] / size["s#b"] == pytest.approx(2.0, abs=0.3)
    assert size["s#a"] + size["s#b"] > 28


def test_a_row_that_cannot_hold_its_rooms_is_one_contradiction() -> None:
    many = [room(f"l{i}", "left", i, 0.1 * i, 0.1 * i + 0.1) for i in range(300)]
    storey, lost = fit_rooms(plan(*many), OUTLINE)
    assert len(lost) == 1 and "whether the drawings show this building" in lost[0].what
    assert {name for item in lost for name in item.about} | {n for r in storey.rooms for n in r.drawn} == {
        f"s#l{i}" for i in range(300)
    }


def test_what_excludes_each_other_is_fitted_twice_into_one_outline_and_built_side_by_side() -> None:
    doubted = room("d", "left", 2, 11, 14).model_copy(update={"status": Status.CONTESTED})
    left = (room("a", "left", 0, 0, 6), room("b", "left", 1, 6, 11), doubted, room("c", "left", 3, 14, 30))
    right = tuple(room(f"r{i}", "right", i, 6 * i, 6 * i + 6) for i in range(5))
    without = (*left[:2], room("c", "left", 2, 11, 30))
    note = Contradiction(about=("s#d",), what="whether d is there", versions={"A": "it is", "B": "b and c touch"})
    storey, (told,) = fit_rooms(plan(*left, *right, rivals=(*without, *right), contradictions=(note,)), OUTLINE)

    shared = {one.drawn[0] for one in storey.rooms if one.hypothesis is None and one.drawn}
    assert shared == {f"s#r{i}" for i in range(5)}  # the other row is not told twice
    versions = {name: [one for one in storey.rooms if one.hypothesis == name] for name in "AB"}
    assert {name: {one.drawn[0] for one in rooms} for name, rooms in versions.items()} == {
        "A": {"s#a", "s#b", "s#c", "s#d"},
        "B": {"s#a", "s#b", "s#c"},
    }
    assert len({one.id for one in storey.rooms}) == len(storey.rooms)
    assert told.about[0] in {one.id for one in versions["A"]}
    for rooms in versions.values():  # each version fills the row by itself
        assert sum(one.polygon.area for one in rooms) == pytest.approx(29.3 * 3.15, rel=0.05)
    doors = {one.hypothesis: one.connects[1] for one in storey.openings}
    assert set(doors) == {None, "A", "B"} and doors["B"] in {one.id for one in versions["B"]}
    assert not any(one.hypothesis == "B" for one in storey.rooms if one.id in set(rooms_table(storey, FRAME)["id"]))

    footprint = Footprint.read(
        {"id": "block", "facility": "reef", "geometry": to_lonlat(FRAME, OUTLINE.shape), "role": "building",
         "outline_from": "imagery", "status": "observed"}
    )  # fmt: skip
    facility = Facility(slug="reef", name="Reef (fictional)", simulated=True)
    model = assemble(facility, FRAME, [footprint], storeys={"block": (storey,)}, contradictions=(told,), key=b"k")
    assert sound(model)[1] == ()
    first, second = compare(model)
    assert (first.name, second.name, first.rooms, second.rooms) == ("A", "B", 10, 9)
    assert build_solids(model).metadata["hypothesis"] == "A"
