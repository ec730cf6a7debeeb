"""What a blueprint is made of, inside buildings: rooms, walls, openings, stairs, things in rooms, storeys, roofs.

Every part carries its evidence property by property. What stands outside buildings is in :mod:`geoinv.records.sites`.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, computed_field, model_validator

from geoinv.records.base import Record, Shape
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Evidence, Status, weakest

__all__ = ["Building", "Fixture", "Opening", "Part", "Roof", "Room", "Stair", "Storey", "Wall"]


def _shows_status(schema: dict[str, Any]) -> None:
    """A file shows each part's status, which is read from nowhere but the evidence."""
    schema["properties"]["status"] = {"enum": [status.value for status in Status], "readOnly": True}


class Part(Record):
    """Anything in a blueprint that has a shape.

    Attributes
    ----------
    id
        Derived from its parent's id and its role.
    labels
        Names witnesses use for it.
    drawn
        ``sketch-file#element-id`` of what was drawn of it.
    evidence
        Evidence by property name; every property listed in ``shaping`` must have one.
    hypothesis
        ``A``, ``B`` … where rival versions exclude each other, ``A+C`` of what is in several; ``None`` where all
        agree.
    """

    model_config = ConfigDict(json_schema_extra=_shows_status)

    shaping: ClassVar[tuple[str, ...]] = ()

    id: str
    labels: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    evidence: dict[str, Evidence] = Field(default_factory=dict)
    hypothesis: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _status_follows(cls, data: Any) -> Any:
        # A file shows each part's status for readers' sake; it is never taken from there, only from the evidence.
        return {name: value for name, value in data.items() if name != "status"} if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _all_evidenced(self) -> Self:
        missing = [name for name in self.shaping if name not in self.evidence]
        if missing:
            raise ValueError(f"part {self.id} has no evidence for {', '.join(missing)}")
        return self

    @computed_field  # type: ignore[prop-decorator]
    @property
    def status(self) -> Status:
        """The weakest status among the properties that shape the part."""
        return weakest(self.evidence[name].status for name in self.shaping if name in self.evidence)

    @property
    def versions(self) -> tuple[str, ...]:
        """Names of the rival versions that it is in; none where it is in all."""
        return tuple(self.hypothesis.split("+")) if self.hypothesis else ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of everything the part rests on, sorted."""
        return tuple(sorted({source for evidence in self.evidence.values() for source in evidence.sources}))


class Opening(Part):
    """A door, window or hatch in a wall.

    Attributes
    ----------
    kind
        ``door``, ``window``, ``hatch`` or ``gap``.
    at
        Its centre on the wall line, metres east and north.
    width_m, sill_m, head_m
        Clear width; bottom and top above the storey's floor.
    connects
        Ids of the rooms on both sides; ``outside`` where it leads out.
    """

    shaping: ClassVar[tuple[str, ...]] = ("at", "width_m", "sill_m", "head_m")

    kind: Literal["door", "window", "hatch", "gap"] = "door"
    at: tuple[float, float]
    width_m: float = Field(gt=0)
    sill_m: float = Field(default=0.0, ge=0)
    head_m: float = Field(gt=0)
    connects: tuple[str, ...] = ()


class Room(Part):
    """A room or corridor: its clear floor inside the walls.

    Attributes
    ----------
    role
        ``cell``, ``punishment cell``, ``interrogation``, ``corridor``, ``latrine``, ``guard`` or ``room``.
    polygon
        Clear floor, metres.
    strain_m
        How far the fit moved it from how it was drawn, root mean square metres.
    """

    shaping: ClassVar[tuple[str, ...]] = ("polygon",)

    role: str = "room"
    polygon: Shape
    strain_m: float | None = None


class Wall(Part):
    """A wall given by its centre-line; only where walls are given rather than rooms."""

    shaping: ClassVar[tuple[str, ...]] = ("line", "thickness_m")

    line: Shape
    thickness_m: float = Field(gt=0)


class Stair(Part):
    """A flight of steps, or a ladder.

    Attributes
    ----------
    line
        Its middle in plan, a line from the lowest step's front to the highest step's back, metres.
    width_m, rise_m
        Of each step; from the storey's floor to where it ends.
    steps
        How many, where that is known; else steps of about 0.18 m are drawn.
    to
        Id of the storey it leads to; ``outside`` for steps before a door.
    """

    shaping: ClassVar[tuple[str, ...]] = ("line", "width_m", "rise_m")

    line: Shape
    width_m: float = Field(gt=0)
    rise_m: float = Field(gt=0)
    steps: int | None = Field(default=None, ge=1, le=500)
    to: str | None = None


class Fixture(Part):
    """A thing in a room that testimony names, as the box that holds it.

    Attributes
    ----------
    kind
        What witnesses call it, in one word: ``bench``, ``hatch``, ``latrine``, ``stove``, ``lamp`` …
    at
        Middle of its base, metres east and north.
    size_m
        Length, depth and height, metres.
    turned_deg
        Direction of its length, degrees clockwise from north.
    base_m
        Its underside above the storey's floor (a lamp hangs), metres.
    room
        Id of the room it is in, where that is known.
    """

    shaping: ClassVar[tuple[str, ...]] = ("kind", "at", "size_m")

    kind: str = Field(min_length=1, max_length=60)
    at: tuple[float, float]
    size_m: tuple[
        Annotated[float, Field(gt=0)],
        Annotated[float, Field(gt=0)],
        Annotated[float, Field(gt=0)],
    ]
    turned_deg: float = 90.0
    base_m: float = Field(default=0.0, ge=0)
    room: str | None = None


class Storey(Part):
    """One storey: rooms given, or walls given, the openings, and what stands inside.

    Attributes
    ----------
    floor_m, height_m
        Floor above ground; clear height.
    wall_thickness_m
        Thickness of the outer walls and, where rooms are given, the least thickness between rooms.
    """

    shaping: ClassVar[tuple[str, ...]] = ("floor_m", "height_m", "wall_thickness_m")

    floor_m: float = 0.0
    height_m: float = Field(ge=0)
    wall_thickness_m: float = Field(default=0.3, gt=0)
    rooms: tuple[Room, ...] = ()
    walls: tuple[Wall, ...] = ()
    openings: tuple[Opening, ...] = ()
    stairs: tuple[Stair, ...] = ()
    fixtures: tuple[Fixture, ...] = ()

    def inside(self) -> tuple[Part, ...]:
        """Every part of the storey, in a fixed order."""
        return (*self.rooms, *self.walls, *self.openings, *self.stairs, *self.fixtures)


class Roof(Part):
    """A roof over a building's outline."""

    shaping: ClassVar[tuple[str, ...]] = ("kind", "rise_m")

    kind: Literal["flat", "gable", "hip", "shed"] = "flat"
    rise_m: float = Field(default=0.2, gt=0)
    overhang_m: float = Field(default=0.0, ge=0)


class Building(Part):
    """One building: its outline and what is inside.

    Attributes
    ----------
    outline
        Outer face of the walls, metres.
    entrance
        Where one goes in, metres, if known.
    not_before, not_after
        Bracket of its existence.
    sufficiency
        What is attested, what is assumed and what to ask next, in words.
    """

    shaping: ClassVar[tuple[str, ...]] = ("outline",)

    outline: Shape
    entrance: tuple[float, float] | None = None
    storeys: tuple[Storey, ...] = ()
    roof: Roof | None = None
    not_before: PartialDate | None = None
    not_after: PartialDate | None = None
    sufficiency: dict[str, tuple[str, ...]] = Field(default_factory=dict)
