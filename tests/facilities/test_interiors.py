"""What reconciling interiors promises: order and side before sizes, mirrored sheets recognised, contradictions kept."""

import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate, scale
from shapely.geometry import LineString, Polygon, box, mapping

from geoinv.errors import FieldError, FrameError, RefusalError
from geoinv.facilities.interiors import reconcile_rooms
from geoinv.facilities.interiors_align import FEATURES, Features, Weights, sweep
from geoinv.facilities.interiors_read import read_inside
from geoinv.facilities.interiors_spine import spine_of, unrolled
from geoinv.facilities.interiors_ties import groups_of
from geoinv.facilities.place_words import role_of
from geoinv.geometry.frames import FrameShape
from geoinv.records.drawings import Sketch, Tie
from geoinv.records.places import Frame, LocalXY

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from interior_worlds import make_case

FRAME = Frame(lon=-30.0, lat=-20.0)  # open ocean, fictional
OUTLINE = FrameShape(FRAME, box(0, 0, 30, 9))
DOOR = LocalXY(0.0, 4.5, FRAME)
LABELS = {"a1": "guard room", "a4": "interrogation", "b5": "toilet"}


def sketch(
    name: str,
    witness: str | None,
    *,
    labels: dict[str, str] = LABELS,
    mirror: bool = False,
    turn: float = 0,
    widths: list[float] | None = None,
    **more: object,
) -> Sketch:
    """Five rooms above the corridor (a1–a5) and five below (b1–b5), the entrance at the left end."""
    edges = np.cumsum([0, *(widths or [1, 1, 1, 1, 1])])
    edges = edges / edges[-1] * 300
    rows = (("a", 55), ("b", 0))
    shapes = {f"{row}{i + 1}": box(edges[i], y, edges[i + 1], y + 35) for row, y in rows for i in range(5)}
    elements = [{"id": k, "role": "room", "geometry": shape, "label": labels.get(k)} for k, shape in shapes.items()]
    elements.append({"id": "k", "role": "corridor", "geometry": box(0, 35, 300, 55)})
    elements.append({"id": "d", "role": "door", "label": "entrance", "geometry": LineString([(0, 40), (0, 50)])})
    for element in elements:
        shape = scale(element["geometry"], 1, -1, origin=(150, 45)) if mirror else element["geometry"]
        element["geometry"] = mapping(rotate(shape, turn, origin=(150, 45)))
    return Sketch.read({"name": name, "scope": "building", "witness": witness, "elements": elements, **more})


def without(drawing: Sketch, *names: str) -> Sketch:
    return drawing.model_copy(update={"elements": tuple(e for e in drawing.elements if e.id not in names)})


def closed_up(name: str, witness: str) -> Sketch:
    """The drawing without a3, its neighbours widened until they touch."""
    shapes = {"a2": box(60, 55, 150, 90), "a4": box(150, 55, 240, 90)}
    kept = without(sketch(name, witness), "a3")
    elements = (e.model_copy(update={"geometry": shapes.get(e.id, e.geometry)}) for e in kept.elements)
    return kept.model_copy(update={"elements": tuple(elements)})


def together(plan, *names: str) -> bool:
    return any(set(names) <= set(room.drawn) for room in plan.rooms)


def test_rooms_drawn_with_other_widths_are_joined_by_order_and_side() -> None:
    second = sketch("two", "w2", widths=[2, 1, 1.5, 0.7, 1], turn=90)
    plan = reconcile_rooms(OUTLINE, [sketch("one", "w1"), second], entrance=DOOR)
    assert all(together(plan, f"one#{row}{i}", f"two#{row}{i}") for row in "ab" for i in range(1, 6))
    assert {room.status.value for room in plan.rooms} == {"corroborated"}
    assert [room.order for room in plan.rooms] == [0, 1, 2, 3, 4] * 2
    assert len({room.side for room in plan.rooms if "one#a1" in room.drawn or "one#a4" in room.drawn}) == 1


def test_a_mirrored_drawing_is_recognised() -> None:
    plan = reconcile_rooms(
        OUTLINE, [sketch("one", "w1", north=0), sketch("two", "w2", mirror=True, turn=30)], entrance=DOOR
    )
    assert plan.mirrored == {"one": False, "two": True}
    assert together(plan, "one#a4", "two#a4") and together(plan, "one#b5", "two#b5")


def test_one_witness_attests_and_shown_witnesses_do_not_corroborate() -> None:
    plan = reconcile_rooms(OUTLINE, [sketch("one", "w1"), sketch("two", "w1")], entrance=DOOR)
    assert {room.status.value for room in plan.rooms} == {"attested"}
    shown = sketch("two", "w2", seen_before=("model",))
    plan = reconcile_rooms(OUTLINE, [sketch("one", "w1"), shown], entrance=DOOR)
    assert {room.status.value for room in plan.rooms} == {"attested"}


def test_witnesses_who_depend_on_each_other_corroborate_as_one_also_the_corridor() -> None:
    drawings = [sketch("one", "w1"), sketch("two", "w2")]
    apart = reconcile_rooms(OUTLINE, drawings, entrance=DOOR)
    assert {room.status.value for room in apart.rooms} == {"corroborated"} and apart.corridor_voices == 2
    kin = reconcile_rooms(OUTLINE, drawings, entrance=DOOR, dependent=[["w1", "w2"], ["w7", "w8"]])
    assert {room.status.value for room in kin.rooms} == {"attested"}
    assert kin.corridor_voices == 1 and kin.corridor_witnesses == ("w1", "w2")
    assert [room.drawn for room in kin.rooms] == [room.drawn for room in apart.rooms]


def test_a_latrine_at_opposite_ends_is_a_contradiction_with_both_versions() -> None:
    other = {"a1": "guard room", "a4": "interrogation", "b1": "변소"}
    plan = reconcile_rooms(OUTLINE, [sketch("one", "w1"), sketch("two", "w2", labels=other)], entrance=DOOR)
    assert any("latrine" in item.what and len(item.versions) == 2 for item in plan.contradictions)
    contested = {name for room in plan.rooms if room.status.value == "contested" for name in room.drawn}
    assert {"one#b5", "two#b1"} <= contested
    latrines = [
        {name for room in rooms if room.role == "latrine" for name in room.drawn} for rooms in (plan.rooms, plan.rivals)
    ]
    assert not latrines[0] & latrines[1] and latrines[0] | latrines[1] >= {"one#b5", "two#b1"}


def test_a_count_is_expanded_and_the_cells_are_an_interval() -> None:
    rooms = [{"id": "r", "role": "room", "count": 6, "label": "cell", "geometry": mapping(box(0, 60, 300, 90))}]
    rooms.append({"id": "k", "role": "corridor", "geometry": mapping(box(0, 0, 300, 55))})
    plan = reconcile_rooms(OUTLINE, [Sketch.read({"name": "s", "elements": rooms})])
    assert len(plan.rooms) == 6 and all(room.drawn == ("s#r",) for room in plan.rooms)
    assert plan.cell_count.low <= 5 and plan.cell_count.high >= 7


def test_a_bent_building_has_a_bent_spine() -> None:
    bent = Polygon([(0, 0), (40, 0), (40, 30), (31, 30), (31, 9), (0, 9)])
    spine = spine_of(bent)
    assert len(spine.coords) == 3 and bent.buffer(0.1).covers(spine)
    assert spine.length == pytest.approx(35.5 + 25.5, rel=0.06)


def test_unrolling_is_along_and_left() -> None:
    line = LineString([(0, 0), (10, 0), (10, 10)])
    places = unrolled(line, np.array([[3.0, 2.0], [12.0, 5.0], [-1.0, 0.0]]))
    assert places == pytest.approx(np.array([[3, 2], [15, -2], [-1, 0]]))


@pytest.mark.parametrize(
    ("label", "role"),
    [("Toilet", "latrine"), ("독방 2", "punishment cell"), ("cell 4", "cell"), ("?", None), (None, None)],
)
def test_roles_are_read_from_labels(label: str | None, role: str | None) -> None:
    assert role_of(label) == role


def test_what_cannot_be_reconciled_is_refused_in_words() -> None:
    with pytest.raises(RefusalError, match="no drawing shows a room"):
        reconcile_rooms(OUTLINE, [Sketch(name="empty")])
    with pytest.raises(FrameError):
        reconcile_rooms(OUTLINE, [sketch("one", "w1")], entrance=LocalXY(0, 0, Frame(lon=1, lat=1)))


def test_a_person_s_tie_is_honoured_even_across_order_and_side() -> None:
    tie = frozenset({"one#a1", "two#b5"})
    plan = reconcile_rooms(OUTLINE, [sketch("one", "w1"), sketch("two", "w2")], entrance=DOOR, together=[tie])
    assert together(plan, "one#a1", "two#b5") and not together(plan, "one#a1", "two#a1")
    assert sum("two#b5" in room.drawn for room in plan.rooms) == 1
    crossing = [frozenset({"one#a1", "two#a2"}), frozenset({"one#a2", "two#a1"})]
    plan = reconcile_rooms(OUTLINE, [sketch("one", "w1"), sketch("two", "w2")], entrance=DOOR, together=crossing)
    assert together(plan, "one#a1", "two#a2") and together(plan, "one#a2", "two#a1")
    assert sorted(name for room in plan.rooms for name in room.drawn) == sorted(
        f"{s}#{row}{i}" for s in ("one", "two") for row in "ab" for i in range(1, 6)
    )


def test_ties_that_share_a_room_are_one_and_wrong_ones_are_refused() -> None:
    ties = [Tie(sketch="a", element="r1", candidate="b#r2"), Tie(sketch="b", element="r2", candidate="c#r3")]
    assert groups_of(ties) == (frozenset({"a#r1", "b#r2", "c#r3"}),)
    both = [sketch("one", "w1"), sketch("two", "w2")]
    with pytest.raises(FieldError, match="two#z9"):
        reconcile_rooms(OUTLINE, both, together=[frozenset({"one#a1", "two#z9"})])
    with pytest.raises(RefusalError, match="one room"):
        reconcile_rooms(OUTLINE, both, together=[frozenset({"one#a1", "one#a2"})])


def test_a_room_left_out_by_one_witness_is_found_between_its_neighbours() -> None:
    whole = sketch("one", "w1")
    less = without(sketch("two", "w2", widths=[1.4, 1, 0.8, 1.1, 0.9]), "a3")
    plan = reconcile_rooms(OUTLINE, [whole, less], entrance=DOOR)
    assert all(together(plan, f"one#a{i}", f"two#a{i}") for i in (1, 2, 4, 5))
    alone = next(room for room in plan.rooms if "one#a3" in room.drawn)
    assert alone.drawn == ("one#a3",) and alone.status.value == "attested" and alone.order == 2


def test_a_room_that_others_leave_no_place_for_is_contested() -> None:
    """Two witnesses draw a2 and a4 side by side, the third a room between them."""
    drawings = [sketch("one", "w1"), *(closed_up(f"s{i}", f"w{i}") for i in (2, 3))]
    plan = reconcile_rooms(OUTLINE, drawings, entrance=DOOR)
    room = next(room for room in plan.rooms if "one#a3" in room.drawn)
    assert room.status.value == "contested"
    item = next(item for item in plan.contradictions if "between its neighbours" in item.what)
    assert set(item.versions) == {"A", "B"} and "one#a3" in item.versions["A"] and "s2#a2" in item.versions["B"]
    without = {name for other in plan.rivals for name in other.drawn}
    assert without == {name for other in plan.rooms for name in other.drawn} - {"one#a3"}


def test_numbers_counted_from_the_entrance_tell_which_cell_is_meant() -> None:
    labels = {f"a{i}": f"cell {i}" for i in range(1, 6)}
    known = {"r1": "cell 3", "r2": "cell 4"}
    part = {
        "name": "part",
        "scope": "building",
        "witness": "w2",
        "elements": [
            {"id": "k", "role": "corridor", "geometry": mapping(box(0, 0, 300, 20))},
            {"id": "d", "role": "door", "label": "entrance", "geometry": mapping(LineString([(0, 5), (0, 15)]))},
            *(
                {"id": key, "role": "room", "label": label, "geometry": mapping(box(60 * i, 20, 60 * i + 60, 50))}
                for i, (key, label) in enumerate(known.items(), 1)
            ),
        ],
    }
    plan = reconcile_rooms(OUTLINE, [sketch("one", "w1", labels=labels), Sketch.read(part)], entrance=DOOR)
    assert together(plan, "one#a3", "part#r1") and together(plan, "one#a4", "part#r2")


def test_rooms_on_top_of_each_other_and_far_away_are_told() -> None:
    shapes = {"r1": box(0, 5, 50, 30), "r2": box(10, 5, 55, 30), "r3": box(60, 5, 90, 30), "r4": box(9000, 5, 9030, 30)}
    elements = [{"id": k, "role": "room", "geometry": mapping(shape)} for k, shape in shapes.items()]
    plan = reconcile_rooms(OUTLINE, [Sketch.read({"name": "s", "elements": elements})])
    told = {item.about: item.what for item in plan.contradictions}
    assert "on top of each other" in told["s#r1", "s#r2"] and "far from all others" in told["s#r4",]


def test_a_drawing_of_a_building_of_another_shape_is_told() -> None:
    hall = Polygon([(0, 0), (100, 0), (100, 100), (90, 100), (90, 10), (0, 10)])
    rooms = [{"id": f"r{i}", "role": "room", "geometry": mapping(box(20 * i, 10, 20 * i + 20, 30))} for i in range(4)]
    bent = {"name": "s", "elements": [{"id": "k", "role": "corridor", "geometry": mapping(hall)}, *rooms]}
    (item,) = reconcile_rooms(OUTLINE, [Sketch.read(bent)]).contradictions
    assert item.what == "whether s shows this building" and "straight" in item.versions["A"]


def test_what_touches_outside_is_one_row_where_one_room_strays() -> None:
    """A block with rooms on one side only: one witness puts one room opposite."""
    one_row = [without(sketch(f"s{i}", f"w{i}"), *(f"b{k}" for k in range(1, 6))) for i in range(3)]
    strays = without(sketch("s3", "w3"), "a2", *(f"b{k}" for k in range(1, 6) if k != 2))
    plan = reconcile_rooms(OUTLINE, [*one_row, strays], entrance=DOOR)
    assert len({room.side for room in plan.rooms}) == 1 and abs(plan.corridor_offset_m) > 4


@pytest.mark.parametrize("corners", [4, 6, 8])
def test_the_middle_line_runs_between_the_corners(corners: int) -> None:
    shapes = {
        4: Polygon([(0, 0), (30, 0.3), (30, 9), (-0.2, 9)]),
        6: Polygon([(0, 0), (40, 0), (40, 12), (12, 12.2), (12, 30), (0, 30)]),
        8: Polygon([(0, 0), (40, 0), (40, 25), (30, 25), (30, 10), (10, 10.3), (10, 30), (0, 30)]),
    }
    line = spine_of(rotate(shapes[corners], 33))
    assert len(line.coords) == corners // 2
    assert rotate(shapes[corners], 33).buffer(0.25).covers(line)


@given(seed=st.integers(0, 400), level=st.sampled_from(["plain", "medium", "hard"]), count=st.integers(1, 4))
@settings(max_examples=12, deadline=None)
def test_no_drawn_room_is_lost_and_order_is_kept(seed: int, level: str, count: int) -> None:
    case = make_case(seed, level, count)
    plan = reconcile_rooms(FrameShape(FRAME, case.outline), [one.sketch for one in case.drawings])
    drawn = {e for one in case.drawings for e in map(one.sketch.full_name, (r.id for r in one.sketch.of_role("room")))}
    assert {name for room in (*plan.rooms, *plan.rivals) for name in room.drawn} == drawn
    for room in (*plan.rooms, *plan.rivals):
        sheets = [name.split("#")[0] for name in room.drawn]
        assert len(sheets) == len(set(sheets))
    assert plan.cell_count.low <= plan.cell_count.best <= plan.cell_count.high


def test_probabilities_of_an_alignment_add_up() -> None:
    """Against the sum over every alignment of two short rows, one by one."""
    rng = np.random.default_rng(3)
    n, m = 3, 2
    widths = {kind: len(names) for kind, names in FEATURES.items()}
    shapes = ((n, m, "match"), (n, m + 1, "alone"), (n + 1, m, "alone"), (n, m, "follow"))
    f = Features(*(rng.normal(size=(a, b, widths[kind])) for a, b, kind in shapes))
    w = Weights(**{kind: rng.normal(size=size) * 0.3 for kind, size in widths.items()})
    scores = f.match @ w.match, f.alone_one @ w.alone, f.alone_other @ w.alone, f.follow @ w.follow

    def ways(i: int, j: int, state: str):
        if (i, j) == (n, m):
            yield 0.0, ()
        gap = {"match": w.gap[0], "one": w.gap[1], "other": w.gap[1]}
        if i < n and j < m:
            step = scores[0][i, j] + (scores[3][i, j] if state == "match" else 0.0)
            yield from ((step + rest, ((i, j), *pairs)) for rest, pairs in ways(i + 1, j + 1, "match"))
        if i < n and state != "other":
            step = scores[1][i, j] + gap[state]
            yield from ((step + rest, pairs) for rest, pairs in ways(i + 1, j, "one"))
        if j < m:
            step = scores[2][i, j] + (w.gap[2] if state == "one" else gap[state])
            yield from ((step + rest, pairs) for rest, pairs in ways(i, j + 1, "other"))

    every = list(ways(0, 0, "match"))
    total = np.logaddexp.reduce([value for value, _ in every])
    sure = np.zeros((n, m))
    for value, pairs in every:
        for pair in pairs:
            sure[pair] += np.exp(value - total)
    swept = sweep([f], w)
    assert swept.total[0] == pytest.approx(total)
    assert swept.matched()[0] == pytest.approx(sure)


def test_five_drawings_take_less_than_three_seconds() -> None:
    case = make_case(11, "medium", 5)
    start = time.process_time()
    reconcile_rooms(FrameShape(FRAME, case.outline), [one.sketch for one in case.drawings])
    assert time.process_time() - start < 3.0


def test_five_hundred_rooms_are_read() -> None:
    rows = [box(2 * i, y, 2 * i + 2, y + 25) for y in (5, -30) for i in range(250)]
    elements = [{"id": f"r{i}", "role": "room", "geometry": mapping(shape)} for i, shape in enumerate(rows)]
    elements.append({"id": "k", "role": "corridor", "geometry": mapping(box(0, -5, 500, 5))})
    plan = reconcile_rooms(OUTLINE, [Sketch.read({"name": "s", "elements": elements})])
    assert len(plan.rooms) == 500 and [room.order for room in plan.rooms] == [*range(250)] * 2


def test_a_bent_block_drawn_without_its_corridor_is_read_around_its_bends() -> None:
    hall = LineString([(0, 2), (40, 2), (40, 30), (0, 30)])
    drawn = [box(x, 4, x + 6, 10) for x in (0, 8, 16, 24)] + [box(x, 34, x + 6, 40) for x in (0, 10, 30)]
    drawn += [box(44, y, 50, y + 6) for y in (4, 12, 24)] + [box(x, 22, x + 6, 28) for x in (4, 14, 26)]
    elements = [{"id": f"r{i}", "role": "room", "geometry": mapping(shape)} for i, shape in enumerate(drawn)]
    given = Sketch.read({"name": "u.geojson", "scope": "building", "witness": "w1", "elements": elements})
    bent, straight = read_inside(given, hall), read_inside(given)
    assert bent is not None and len(bent.turns) == 2 and len(set(bent.turns)) == 1
    assert straight is not None and not straight.turns
    assert {slot.drawn for slot in bent.slots} == {slot.drawn for slot in straight.slots}
    plain = read_inside(sketch("plain.geojson", "w1"), hall)
    assert plain is not None and not plain.turns  # a corridor that is drawn is the one that is read
