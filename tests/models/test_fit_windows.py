"""Windows that people draw stand in the model, in the right wall, their place and size said to be assumed."""

from __future__ import annotations

import pytest
from shapely import affinity
from shapely.geometry import LineString, box

from geoinv.models.fit_windows import with_windows
from geoinv.records.blueprint import Room, Storey
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.evidence import Evidence, Status

OUTLINE = box(0, 0, 10, 8)
SURE = {"polygon": Evidence(status=Status.ATTESTED, sources=("a.svg#r1",))}


def room(ident, shape, *drawn, role="cell"):
    return Room(id=ident, role=role, polygon=shape, drawn=drawn, evidence=SURE)


def storey(*rooms):
    hall = room("hall", box(0.35, 3.2, 9.65, 4.8), role="corridor")
    names = ("floor_m", "height_m", "wall_thickness_m")
    known = {name: Evidence(status=Status.CONJECTURAL) for name in names}
    return Storey(id="s", height_m=2.6, wall_thickness_m=0.35, rooms=(*rooms, hall), evidence=known)


def drawing(name, *, turn=0.0, mirror=False, window=(50, 100), count=None):
    """A cell 100 × 100 above a corridor, with a window somewhere on its edge."""
    x, y = window
    shapes = {
        "r1": ("room", box(0, 0, 100, 100)),
        "k": ("corridor", box(-50, -40, 300, -10)),
        "w1": ("window", LineString([(x - 10, y), (x + 10, y)])),
    }

    def laid(shape):
        shape = affinity.scale(shape, -1, 1, origin=(0, 0)) if mirror else shape
        return affinity.rotate(shape, turn, origin=(0, 0))

    elements = tuple(
        SketchElement(id=key, role=role, geometry=laid(shape), count=count if key == "r1" else None)
        for key, (role, shape) in shapes.items()
    )
    return Sketch(name=name, witness="w1", scope="building", elements=elements)


@pytest.mark.parametrize(("turn", "mirror"), [(0, False), (130, False), (77, True)])
def test_a_drawn_window_stands_in_the_wall_away_from_the_corridor(turn, mirror):
    cell = room("c", box(3, 5, 6, 7.65), "a.svg#r1")
    found = with_windows(storey(cell), [drawing("a.svg", turn=turn, mirror=mirror)], OUTLINE, key=b"k").openings
    (window,) = found
    assert (window.kind, window.connects) == ("window", ("c", "outside"))
    assert window.at == pytest.approx((4.5, 7.825), abs=0.01)
    assert window.drawn == ("a.svg#w1",)
    assert {one.status for one in window.evidence.values()} == {Status.CONJECTURAL}
    assert window.sill_m < window.head_m


def test_of_a_corner_room_the_wall_is_the_one_drawn():
    corner = room("c", box(0.35, 5, 3, 7.65), "a.svg#r1")
    end = with_windows(storey(corner), [drawing("a.svg", window=(0, 50))], OUTLINE, key=b"k").openings
    assert end[0].at[0] < 0.35
    away = with_windows(storey(corner), [drawing("a.svg")], OUTLINE, key=b"k").openings
    assert away[0].at[1] > 7.65


def test_two_who_draw_one_window_make_one_and_both_are_its_sources():
    cell = room("c", box(3, 5, 6, 7.65), "a.svg#r1", "b.svg#r1")
    found = with_windows(storey(cell), [drawing("a.svg"), drawing("b.svg", turn=90)], OUTLINE, key=b"k").openings
    assert [one.sources for one in found] == [("a.svg#w1", "b.svg#w1")]


def test_inner_rooms_rooms_drawn_once_for_several_and_windows_of_nothing_have_none():
    inner = room("c", box(3, 5, 6, 6.5), "a.svg#r1")
    assert not with_windows(storey(inner), [drawing("a.svg")], OUTLINE, key=b"k").openings
    row = [room(name, box(x, 5, x + 2, 7.65), "a.svg#r1") for name, x in (("c", 3), ("d", 5.2))]
    assert not with_windows(storey(*row), [drawing("a.svg")], OUTLINE, key=b"k").openings
    cell = room("c", box(3, 5, 6, 7.65), "a.svg#r1")
    far = with_windows(storey(cell), [drawing("a.svg", window=(50, 190))], OUTLINE, key=b"k")
    assert not far.openings
