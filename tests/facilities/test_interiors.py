"""What reconciling interiors promises: order and side before sizes, mirrored sheets recognised, contradictions kept."""

import numpy as np
import pytest
from shapely.affinity import rotate, scale
from shapely.geometry import LineString, Polygon, box, mapping

from geoinv.errors import FrameError, RefusalError
from geoinv.facilities.interiors import reconcile_rooms
from geoinv.facilities.interiors_spine import spine_of, unrolled
from geoinv.facilities.place_words import role_of
from geoinv.geometry.frames import FrameShape
from geoinv.records.drawings import Sketch
from geoinv.records.places import Frame, LocalXY

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


def test_a_latrine_at_opposite_ends_is_a_contradiction_with_both_versions() -> None:
    other = {"a1": "guard room", "a4": "interrogation", "b1": "변소"}
    plan = reconcile_rooms(OUTLINE, [sketch("one", "w1"), sketch("two", "w2", labels=other)], entrance=DOOR)
    assert any("latrine" in item.what and len(item.versions) == 2 for item in plan.contradictions)
    contested = {name for room in plan.rooms if room.status.value == "contested" for name in room.drawn}
    assert {"one#b5", "two#b1"} <= contested


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
