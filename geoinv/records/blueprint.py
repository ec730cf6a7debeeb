"""The blueprint: one facility in metres, every shaping property with its evidence (BLUEPRINT.json).

Site › perimeter walls, gates, towers, paths; Building › Storey › Room, Wall, Opening; Roof. Metres east and north of
``frame``'s origin, heights above ground. Two ways in, one normal form: rooms given (walls are what the footprint
leaves) or walls given.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, computed_field, model_validator

from geoinv.records.base import Record, Shape
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Evidence, Status, weakest
from geoinv.records.places import Frame

__all__ = [
    "BLUEPRINT_VERSION",
    "Blueprint",
    "Building",
    "Contradiction",
    "Gate",
    "Opening",
    "Part",
    "Path",
    "PerimeterWall",
    "Roof",
    "Room",
    "Site",
    "Storey",
    "Tower",
    "Wall",
]

#: Version of the blueprint's file format; a larger one is refused, a smaller one migrated.
BLUEPRINT_VERSION = 1


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
        ``A``, ``B`` … where rival versions exclude each other; ``None`` where all agree.
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


class Storey(Part):
    """One storey: rooms given, or walls given, and the openings.

    Attributes
    ----------
    floor_m, height_m
        Floor above ground; clear height.
    wall_thickness_m
        Thickness of the outer walls and, where rooms are given, the least thickness between rooms.
    """

    shaping: ClassVar[tuple[str, ...]] = ("floor_m", "height_m", "wall_thickness_m")

    floor_m: float = 0.0
    height_m: float = Field(gt=0)
    wall_thickness_m: float = Field(default=0.3, gt=0)
    rooms: tuple[Room, ...] = ()
    walls: tuple[Wall, ...] = ()
    openings: tuple[Opening, ...] = ()


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


class PerimeterWall(Part):
    """A wall or fence round the compound.

    Attributes
    ----------
    line
        Centre-line, metres; closed where it closes.
    kind
        ``wall`` or ``fence``.
    """

    shaping: ClassVar[tuple[str, ...]] = ("line", "height_m", "thickness_m")

    line: Shape
    kind: Literal["wall", "fence"] = "wall"
    height_m: float = Field(gt=0)
    thickness_m: float = Field(gt=0)


class Gate(Part):
    """A gap in a perimeter wall with a leaf in it."""

    shaping: ClassVar[tuple[str, ...]] = ("at", "width_m", "height_m")

    at: tuple[float, float]
    width_m: float = Field(gt=0)
    height_m: float = Field(gt=0)


class Tower(Part):
    """A guard post or tower: a square shaft with a roof."""

    shaping: ClassVar[tuple[str, ...]] = ("outline", "height_m")

    outline: Shape
    height_m: float = Field(gt=0)


class Path(Part):
    """A path or road on the ground."""

    shaping: ClassVar[tuple[str, ...]] = ("line", "width_m")

    line: Shape
    width_m: float = Field(gt=0)


class Site(Record):
    """What stands on the ground outside the buildings."""

    walls: tuple[PerimeterWall, ...] = ()
    gates: tuple[Gate, ...] = ()
    towers: tuple[Tower, ...] = ()
    paths: tuple[Path, ...] = ()


class Contradiction(Record):
    """Sources that exclude each other: kept and shown, never averaged away.

    Attributes
    ----------
    about
        Ids of the parts concerned.
    what
        The question in words ("which end of the corridor the latrine is at").
    versions
        What each side says: hypothesis name → words with their sources.
    """

    about: tuple[str, ...]
    what: str
    versions: dict[str, str]
    sources: tuple[str, ...] = ()


def _says_how_made(schema: dict[str, Any]) -> None:
    """A file says how it was made; that is no part of the model."""
    schema["properties"]["geoinv"] = {"type": "object", "readOnly": True}


class Blueprint(Record):
    """One facility's model in metres of its own frame.

    Attributes
    ----------
    version
        Of the file format.
    facility, title
        Slug and name.
    frame
        Local azimuthal-equidistant frame; 3D always uses its origin.
    convergence_deg
        Angle from grid north to true north at the origin, degrees clockwise; 0 for this frame by construction.
    """

    model_config = ConfigDict(json_schema_extra=_says_how_made)

    version: int = BLUEPRINT_VERSION
    facility: str
    title: str = ""
    fictional: bool = False
    frame: Frame
    convergence_deg: float = 0.0
    site: Site = Site()
    buildings: tuple[Building, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    notes: tuple[str, ...] = ()

    def parts(self) -> tuple[Part, ...]:
        """Every part, buildings first, in a fixed order."""
        found: list[Part] = []
        for building in self.buildings:
            found.append(building)
            for storey in building.storeys:
                found += [storey, *storey.rooms, *storey.walls, *storey.openings]
            if building.roof:
                found.append(building.roof)
        return (*found, *self.site.walls, *self.site.gates, *self.site.towers, *self.site.paths)
