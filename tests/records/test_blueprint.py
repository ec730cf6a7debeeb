"""A blueprint is written and read back the same; a part without evidence for what shapes it does not exist."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError
from shapely.geometry import LineString, box

from geoinv.errors import FieldError
from geoinv.records.base import derived_id
from geoinv.records.blueprint import (
    Blueprint,
    Building,
    Contradiction,
    Gate,
    Opening,
    PerimeterWall,
    Roof,
    Room,
    Site,
    Storey,
)
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Evidence, Status
from geoinv.records.measures import Interval
from geoinv.records.places import Frame


def _known(*names: str, status: Status = Status.ATTESTED, source: str = "plan.svg#b1") -> dict[str, Evidence]:
    return {name: Evidence(status=status, sources=(source,)) for name in names}


def a_blueprint() -> Blueprint:
    cell = Room(id="room-1", role="cell", polygon=box(0.3, 0.3, 4, 3), labels=("감방 1",), evidence=_known("polygon"))
    door = Opening(
        id="door-1",
        at=(2.0, 3.0),
        width_m=0.8,
        head_m=1.9,
        connects=("room-1", "outside"),
        evidence=_known("at", "width_m", "sill_m", "head_m", status=Status.CONJECTURAL, source="assumed"),
    )
    storey = Storey(
        id="storey-1",
        height_m=2.6,
        rooms=(cell,),
        openings=(door,),
        evidence={
            **_known("floor_m", "wall_thickness_m"),
            "height_m": Evidence(
                value=2.6, interval=Interval(low=2.2, best=2.6, high=3.2), status=Status.INFERRED, by="geoinv fit"
            ),
        },
    )
    block = Building(
        id="building-1",
        outline=box(0, 0, 20, 8),
        storeys=(storey,),
        roof=Roof(id="roof-1", kind="gable", rise_m=1.5, evidence=_known("kind", "rise_m")),
        not_before=PartialDate("2012-05"),
        evidence=_known("outline", status=Status.OBSERVED, source="scene.tif"),
        sufficiency={"assumed": ("height",)},
    )
    wall = PerimeterWall(
        id="wall-1",
        line=LineString([(-10, -10), (30, -10), (30, 20)]),
        height_m=3,
        thickness_m=0.4,
        evidence=_known("line", "height_m", "thickness_m"),
    )
    gate = Gate(id="gate-1", at=(5, -10), width_m=4, height_m=2.5, evidence=_known("at", "width_m", "height_m"))
    return Blueprint(
        facility="reef",
        title="Reef post (fictional)",
        fictional=True,
        frame=Frame(lon=-30, lat=5),
        site=Site(walls=(wall,), gates=(gate,)),
        buildings=(block,),
        contradictions=(Contradiction(about=("room-1",), what="where the latrine is", versions={"A": "left end"}),),
    )


def test_a_blueprint_comes_back_the_same() -> None:
    made = a_blueprint()
    again = Blueprint.read(json.loads(json.dumps(made.plain())), file="blueprint.json")
    assert again.plain() == made.plain()
    assert again.buildings[0].outline.equals(made.buildings[0].outline)
    assert json.dumps(again.plain()) == json.dumps(made.plain())


def test_a_part_is_as_known_as_its_weakest_shaping_property() -> None:
    storey = a_blueprint().buildings[0].storeys[0]
    assert storey.status is Status.INFERRED
    assert storey.rooms[0].status is Status.ATTESTED
    assert storey.openings[0].status is Status.CONJECTURAL


def test_a_status_written_in_a_file_is_not_believed() -> None:
    data = a_blueprint().plain()
    data["buildings"][0]["storeys"][0]["rooms"][0]["status"] = "corroborated"
    assert Blueprint.read(data).buildings[0].storeys[0].rooms[0].status is Status.ATTESTED


def test_a_part_without_evidence_for_what_shapes_it_is_refused() -> None:
    with pytest.raises(ValidationError, match="height_m"):
        Gate(id="gate-1", at=(5, -10), width_m=4, height_m=2.5, evidence=_known("at", "width_m"))


def test_every_part_is_listed_once_in_a_fixed_order() -> None:
    ids = [part.id for part in a_blueprint().parts()]
    assert ids == ["building-1", "storey-1", "room-1", "door-1", "roof-1", "wall-1", "gate-1"]


def test_a_field_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(FieldError, match=r"blueprint.json, colour"):
        Blueprint.read({**a_blueprint().plain(), "colour": "red"}, file="blueprint.json")


def test_ids_of_two_cases_cannot_be_joined() -> None:
    one, two = (derived_id("reef", "wall:north", key=key) for key in (b"one", b"two"))
    assert one != two and one.startswith("wall-") and one == derived_id("reef", "wall:north", key=b"one")
