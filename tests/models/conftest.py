"""A small fictional place in the open ocean: one L-shaped block, a corridor, six cells, a gate, a wall, two posts."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry import LineString, Polygon, box

from geoinv.records.base import derived_id
from geoinv.records.blueprint import (
    Blueprint,
    Building,
    Contradiction,
    Gate,
    Opening,
    Path,
    PerimeterWall,
    Roof,
    Room,
    Site,
    Storey,
    Tower,
)
from geoinv.records.evidence import Evidence, Status
from geoinv.records.measures import Interval
from geoinv.records.places import Frame

S = Status


def known(status, names, *, value=None, low=None, high=None, sources=("drawing-1",)):
    """The same evidence for several properties."""
    interval = None if low is None else Interval(low=low, best=(low + high) / 2, high=high)
    one = Evidence(value=value, interval=interval, status=status, sources=sources, by="fixture")
    return dict.fromkeys(names.split(), one)


def room(ident, role, shape, status, *, label="", hypothesis=None, area=None):
    evidence = known(
        status, "polygon", sources=("drawing-1", "drawing-2") if status is S.CORROBORATED else ("drawing-1",)
    )
    if area:
        spread = Interval(low=area[0], best=sum(area) / 2, high=area[1], unit="m2")
        evidence |= {"area_m2": Evidence(value=spread.best, interval=spread, status=status, sources=("statement-4",))}
    labels = (label,) if label else ()
    return Room(id=ident, role=role, polygon=shape, labels=labels, evidence=evidence, hypothesis=hypothesis)


def opening(ident, at, width, head, *, kind="door", sill=0.0, status=S.ATTESTED, connects=()):
    return Opening(
        id=ident,
        kind=kind,
        at=at,
        width_m=width,
        sill_m=sill,
        head_m=head,
        connects=connects,
        evidence=known(status, "at width_m sill_m head_m"),
    )


def make_blueprint():
    """Walls 0.3 m outside and 0.2 m inside; the L is 24 × 9 m with a wing 8 × 7 m to the south at its east end."""
    outline = Polygon([(-14, -1), (2, -1), (2, -8), (10, -8), (10, 8), (-14, 8)])
    rooms = [
        room(
            f"cell-{i + 1}",
            "cell",
            box(-13.7 + 2.5 * i, 3.9, -11.4 + 2.5 * i, 7.7),
            S.CORROBORATED if i < 3 else S.ATTESTED,
            label=f"Cell {i + 1}",
            area=(7.9, 9.6),
        )
        for i in range(6)
    ]
    rooms += [
        room("corridor", "corridor", box(-13.7, 2.0, 9.7, 3.7), S.CORROBORATED, label="Corridor"),
        room("guard", "guard", box(1.3, 3.9, 5.4, 7.7), S.ATTESTED, label="Guards"),
        room("latrine", "latrine", box(5.6, 3.9, 9.7, 7.7), S.CONTESTED, label="Latrine"),
        room("punish-1", "punishment cell", box(-13.7, -0.7, -12.5, 1.8), S.ATTESTED, label="Solitary"),
        room("punish-2", "punishment cell", box(-12.3, -0.7, -11.1, 1.8), S.INFERRED, label="Solitary"),
        room("store", "room", box(-10.9, -0.7, 2.1, 1.8), S.CONJECTURAL),
        room("question-1", "interrogation", box(2.3, -3.4, 9.7, 1.8), S.ATTESTED, label="Questioning"),
        room("question-2", "interrogation", box(2.3, -7.7, 9.7, -3.6), S.CONTESTED, label="Office", hypothesis="A"),
        room("rival-2", "room", box(2.3, -7.7, 6.0, -3.6), S.CONTESTED, label="Store", hypothesis="B"),
    ]
    doors = [
        opening(f"door-{i + 1}", (-12.55 + 2.5 * i, 3.8), 0.8, 1.6, connects=(f"cell-{i + 1}", "corridor"))
        for i in range(6)
    ]
    doors += [
        opening("door-main", (9.85, 2.85), 1.2, 2.1, status=S.CORROBORATED, connects=("corridor", "outside")),
        opening("door-guard", (3.3, 3.8), 0.9, 2.0, connects=("guard", "corridor")),
        opening("door-latrine", (7.6, 3.8), 0.8, 2.0, connects=("latrine", "corridor")),
        opening("door-p1", (-13.1, 1.9), 0.6, 0.8, connects=("punish-1", "corridor")),
        opening("door-p2", (-11.7, 1.9), 0.6, 0.8, status=S.INFERRED, connects=("punish-2", "corridor")),
        opening("gap-store", (-5.0, 1.9), 1.5, 2.2, kind="gap", status=S.CONJECTURAL, connects=("store", "corridor")),
        opening("door-q1", (5.0, 1.9), 0.9, 2.0, connects=("question-1", "corridor")),
        opening("door-q2", (4.0, -3.5), 0.9, 2.0, connects=("question-1", "question-2")),
        *(opening(f"window-{i + 1}", (-12.55 + 2.5 * i, 7.85), 0.4, 2.4, kind="window", sill=2.0) for i in range(6)),
        opening("window-q", (9.85, -1.0), 1.0, 2.0, kind="window", sill=0.9, status=S.OBSERVED),
    ]
    storey = Storey(
        id="storey-0",
        height_m=2.8,
        wall_thickness_m=0.3,
        rooms=tuple(rooms),
        openings=tuple(doors),
        evidence=known(S.ATTESTED, "floor_m height_m wall_thickness_m", low=2.5, high=3.1),
    )
    block = Building(
        id="block",
        outline=outline,
        labels=("Main block",),
        entrance=(9.85, 2.85),
        storeys=(storey,),
        roof=Roof(id="roof", rise_m=0.2, evidence=known(S.CONJECTURAL, "kind rise_m", sources=())),
        evidence=known(S.CORROBORATED, "outline", sources=("drawing-1", "scene-2015")),
        sufficiency={
            "attested": ("six cells north of the corridor",),
            "assumed": ("the height of the ceiling",),
            "ask": ("which way the cell doors opened",),
        },
    )
    shed = Building(
        id="shed",
        outline=shapely.affinity.rotate(box(-16, -14, -9, -10), 12),
        labels=("Store house",),
        storeys=(
            Storey(
                id="shed-0",
                height_m=2.4,
                evidence=known(S.CONJECTURAL, "floor_m height_m wall_thickness_m", sources=()),
            ),
        ),
        roof=Roof(id="shed-roof", kind="gable", rise_m=1.2, overhang_m=0.3, evidence=known(S.INFERRED, "kind rise_m")),
        evidence=known(S.OBSERVED, "outline", sources=("scene-2015",)),
    )
    wall = PerimeterWall(
        id="wall",
        line=LineString([(-22, -18), (22, -18), (22, 16), (-22, 16), (-22, -18)]),
        height_m=3.0,
        thickness_m=0.4,
        evidence=known(S.OBSERVED, "line height_m thickness_m", sources=("scene-2015",)),
    )
    gate = Gate(
        id="gate",
        at=(22.0, 1.0),
        width_m=4.0,
        height_m=2.6,
        labels=("Gate",),
        evidence=known(S.ATTESTED, "at width_m height_m"),
    )
    towers = tuple(
        Tower(
            id=name,
            outline=box(x - 1.2, y - 1.2, x + 1.2, y + 1.2),
            height_m=5.0,
            labels=("Post",),
            evidence=known(status, "outline height_m"),
        )
        for name, x, y, status in (("post-1", 20.0, 14.0, S.CORROBORATED), ("post-2", -20.0, -16.0, S.INFERRED))
    )
    path = Path(
        id="path",
        line=LineString([(22, 1), (15, 1), (10.2, 2.85)]),
        width_m=2.0,
        evidence=known(S.ATTESTED, "line width_m"),
    )
    return Blueprint(
        facility="heron-bank",
        title="Heron Bank Detention Centre",
        fictional=True,
        frame=Frame(lon=-150.5, lat=-42.25),
        site=Site(walls=(wall,), gates=(gate,), towers=towers, paths=(path,)),
        buildings=(block, shed),
        contradictions=(
            Contradiction(
                about=("question-2", "rival-2"),
                what="what the south room of the wing was for",
                versions={"A": "an office (drawing-1)", "B": "a store (drawing-2)"},
                sources=("drawing-1", "drawing-2"),
            ),
        ),
    )


@pytest.fixture(scope="session")
def blueprint():
    return make_blueprint()


@pytest.fixture(scope="session")
def part_id():
    return lambda role: derived_id("fixture", role)
