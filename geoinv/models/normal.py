"""One normal form for both ways in: where walls are given, the rooms they enclose are parts too.

Where rooms are given, walls are what outline and rooms leave, and nothing is to be done.
"""

from __future__ import annotations

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geoinv.models.solids_prisms import polygons_of
from geoinv.models.solids_walls import preferred, tangent, wall_band
from geoinv.records.base import derived_id
from geoinv.records.blueprint import Blueprint, Building, Opening, Room, Storey
from geoinv.records.evidence import Evidence, Status, weakest

__all__ = ["normal_form"]

#: Floors smaller than this between walls are no rooms, m².
_LEAST_M2 = 0.3
#: A wall nearer than this to a floor bounds it, metres.
_BOUNDS_M = 0.05
#: How far on either side of an opening its rooms are looked for, metres.
_ASIDE_M = 1.0
_BY = "geoinv normal form"


def normal_form(blueprint: Blueprint) -> Blueprint:
    """The blueprint with the rooms that given walls enclose, and with what openings connect.

    A room found so is ``inferred`` at best, and no better than the walls around it and the building's outline; its
    sources are theirs. Storeys whose rooms are given stay as they are.
    """
    buildings = tuple(
        building.model_copy(update={"storeys": tuple(_storey(building, storey) for storey in building.storeys)})
        if any(storey.walls and not storey.rooms for storey in building.storeys)
        else building
        for building in blueprint.buildings
    )
    return blueprint if buildings == blueprint.buildings else blueprint.model_copy(update={"buildings": buildings})


def _storey(building: Building, storey: Storey) -> Storey:
    if storey.rooms or not storey.walls:
        return storey
    rivals = sorted({name for wall in storey.walls for name in wall.versions})
    versions: list[str | None] = [*rivals] or [None]
    rooms: list[Room] = []
    for version in versions:
        rooms += _rooms(building, storey, version, labelled=len(versions) > 1)
    openings = tuple(_connected(opening, rooms) for opening in storey.openings)
    return storey.model_copy(update={"rooms": tuple(rooms), "openings": openings})


def _rooms(building: Building, storey: Storey, version: str | None, *, labelled: bool) -> list[Room]:
    walls = preferred(storey.walls, version)
    bands = {wall.id: wall_band(wall.line, wall.thickness_m) for wall in walls}
    inner = building.outline.buffer(-storey.wall_thickness_m, join_style="mitre")
    free = polygons_of(inner.difference(shapely.union_all(list(bands.values()))))
    middles = {floor: floor.centroid for floor in free if floor.area >= _LEAST_M2}
    floors = sorted(middles, key=lambda floor: (round(middles[floor].y, 3), round(middles[floor].x, 3)))
    found = []
    for number, floor in enumerate(floors):
        around = [wall for wall in walls if bands[wall.id].distance(floor) < _BOUNDS_M]
        status = weakest((Status.INFERRED, building.status, storey.status, *(wall.status for wall in around)))
        sources = sorted({source for part in (building, *around) for source in part.sources})
        note = f"enclosed by the outer walls and {len(around)} walls given"
        evidence = Evidence(status=status, sources=tuple(sources), by=_BY, note=note)
        name = f"room:enclosed:{version}:{number}" if labelled else f"room:enclosed:{number}"
        found.append(
            Room(
                id=derived_id(storey.id, name),
                polygon=floor,
                evidence={"polygon": evidence},
                hypothesis=version if labelled else None,
            )
        )
    return found


def _connected(opening: Opening, rooms: list[Room]) -> Opening:
    """An opening with the rooms on its two sides, where nobody said."""
    if opening.connects or not rooms:
        return opening
    at = Point(opening.at)
    lines: list[BaseGeometry] = [room.polygon.boundary for room in rooms]
    u, v = tangent(min(lines, key=lambda line: line.distance(at)), at)
    sides = [Point(at.x + sign * -v * _ASIDE_M, at.y + sign * u * _ASIDE_M) for sign in (1, -1)]
    names = [next((room.id for room in rooms if room.polygon.covers(side)), "outside") for side in sides]
    return opening.model_copy(update={"connects": tuple(dict.fromkeys(names))})
