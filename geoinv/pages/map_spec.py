"""The one specification of a facility's map, from which every form of it is drawn.

The served page, the single file, the picture and the PDF show the same record, so that none can say more than another.
In a release it is the file ``map.json``; it holds what may be shown and nothing else, and whatever a reader filters is
filtered from that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from geoinv.geometry.frames import to_lonlat
from geoinv.models.solids_walls import preferred, preferred_hypothesis
from geoinv.pages.underlays import Underlay
from geoinv.records.base import Record, Shape
from geoinv.records.blueprint import Blueprint
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Status
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint
from geoinv.records.incidents import Binding, Incident

__all__ = [
    "MapBy",
    "MapIncident",
    "MapRoom",
    "MapScene",
    "MapSpec",
    "case_incidents",
    "map_classes",
    "map_rooms",
    "map_scenes",
    "map_spec",
]

#: What colours a map: how each part is known, or how many incidents are bound to it.
MapBy = Literal["known", "incidents"]
#: Steps of a count that are easy to remember; a map uses the five that reach its largest.
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_CLASSES = 5


class MapScene(Record):
    """A picture of the ground under a map: where it lies beside the map, its corners, its date and whose it is.

    Attributes
    ----------
    path
        Of the picture, below the facility's folder.
    bounds
        West, south, east, north in degrees.
    """

    path: str
    bounds: tuple[float, float, float, float]
    date: str | None = None
    attribution: str = ""
    simulated: bool = False


class MapRoom(Record):
    """A room on the ground; the geometry is longitude and latitude."""

    id: str
    building: str
    labels: tuple[str, ...] = ()
    role: str = "room"
    status: Status
    geometry: Shape


class MapIncident(Record):
    """An incident as a map may count it.

    Attributes
    ----------
    building, room
        Ids of the parts it is bound to; ``None`` where that is not known or not shown.
    years
        First and last year it may have been in; ``None`` where that is not known or not shown.
    kind
        As recorded, or a vocabulary's term.
    """

    building: str | None = None
    room: str | None = None
    years: tuple[int, int] | None = None
    kind: str | None = None


class MapSpec(Record):
    """A facility's map.

    Attributes
    ----------
    version
        Of the file's form.
    kind
        What sort of place it is: a vocabulary's term, or words.
    place
        Where, in words.
    area
        Where the facility lies, as far as it is shown: a 0.1° box (``county``) or a region of the place; ``None`` where
        buildings show it, or nothing does.
    footprints
        Buildings, without the evidence behind them.
    """

    version: Literal[2] = 2
    slug: str
    name: str
    kind: str | None = None
    place: str | None = None
    fictional: bool = False
    area: Shape | None = None
    area_is: Literal["county", "region"] | None = None
    footprints: tuple[Footprint, ...] = ()
    rooms: tuple[MapRoom, ...] = ()
    incidents: tuple[MapIncident, ...] = ()
    scenes: tuple[MapScene, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is no ground to draw."""
        return not self.footprints and not self.scenes and self.area is None

    def counts(self) -> dict[str, int]:
        """Incidents by building, and by room where one is told."""
        found: dict[str, int] = {}
        for one in self.incidents:
            for where in (one.building, one.room):
                if where is not None:
                    found[where] = found.get(where, 0) + 1
        return found

    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the buildings, else of the area, else of the pictures."""
        boxes = [item.geometry.bounds for item in self.footprints]
        boxes = boxes or ([self.area.bounds] if self.area is not None else [item.bounds for item in self.scenes])
        if not boxes:
            return None
        wests, souths, easts, norths = zip(*boxes, strict=True)
        return min(wests), min(souths), max(easts), max(norths)

    def statuses(self) -> tuple[Status, ...]:
        """Those that occur, strongest first."""
        used = {item.status for item in self.footprints} | {room.status for room in self.rooms}
        return tuple(status for status in Status if status in used)


def map_classes(most: int) -> tuple[tuple[int, int], ...]:
    """First and last count of up to five classes that reach a largest count; none where there is nothing to count."""
    if most < 1:
        return ()
    starts = [step for step in _STEPS if step <= most][-_CLASSES:]
    starts[0] = 1
    return tuple(
        (first, last - 1 if last is not None else most) for first, last in zip(starts, [*starts[1:], None], strict=True)
    )


def map_scenes(underlays: Sequence[Underlay]) -> tuple[MapScene, ...]:
    """Notes on pictures that lie as ``scenes/1.jpg``, ``scenes/2.jpg`` … beside the map."""
    return tuple(
        MapScene(
            path=f"scenes/{number}.jpg",
            bounds=item.bounds,
            date=item.date,
            attribution=item.attribution,
            simulated=item.simulated,
        )
        for number, item in enumerate(underlays, 1)
    )


def map_rooms(blueprint: Blueprint | None, footprints: Sequence[Footprint]) -> tuple[MapRoom, ...]:
    """Rooms of the lowest storey of each building that is on the map, of rival versions the first, in degrees."""
    if blueprint is None:
        return ()
    shown, first = {item.id for item in footprints}, preferred_hypothesis(blueprint)
    found = []
    for building in blueprint.buildings:
        storeys = sorted(building.storeys, key=lambda one: (one.floor_m, one.id))[:1]
        for room in (room for storey in storeys for room in preferred(storey.rooms, first) if building.id in shown):
            where = to_lonlat(blueprint.frame, room.polygon)
            found.append(
                MapRoom(
                    id=room.id,
                    building=building.id,
                    labels=room.labels,
                    role=room.role,
                    status=room.status,
                    geometry=where,
                )
            )
    return tuple(found)


def _years(date: PartialDate | None) -> tuple[int, int] | None:
    if date is None or date.earliest.year == 1 or date.latest.year == 9999:
        return None
    return date.earliest.year, date.latest.year


def case_incidents(incidents: Sequence[Incident], bindings: Sequence[Binding]) -> tuple[MapIncident, ...]:
    """A case's own incidents, for maps that stay inside it."""
    bound: Mapping[str, Binding] = {one.incident: one for one in bindings}
    found = []
    for incident in incidents:
        where = bound.get(incident.id)
        found.append(
            MapIncident(
                building=where.footprint if where else None,
                room=where.room if where else None,
                years=_years(incident.date),
                kind=incident.kind or None,
            )
        )
    return tuple(found)


def map_spec(
    facility: Facility,
    footprints: Sequence[Footprint],
    *,
    underlays: Sequence[Underlay] = (),
    rooms: Sequence[MapRoom] = (),
    incidents: Sequence[MapIncident] = (),
    area: Shape | None = None,
    area_is: Literal["county", "region"] | None = None,
) -> MapSpec:
    """Specify a facility's map.

    Parameters
    ----------
    facility
        Whose map it is.
    footprints
        Buildings to show; evidence and drawn elements stay behind.
    underlays
        Pictures of the ground, earliest first.
    rooms, incidents
        As `map_rooms` and `case_incidents` give them, or as a release may show them.
    area
        Shown where there are no buildings.
    """
    return MapSpec(
        slug=facility.slug,
        name=facility.name,
        kind=facility.kind,
        place=facility.place,
        fictional=facility.simulated,
        area=None if footprints else area,
        area_is=None if footprints or area is None else area_is,
        footprints=tuple(item.model_copy(update={"evidence": {}, "drawn": (), "scene": None}) for item in footprints),
        rooms=tuple(rooms),
        incidents=tuple(incidents),
        scenes=map_scenes(underlays),
    )
