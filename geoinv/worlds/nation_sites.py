"""Simple grounds for facilities of a nation: a walled yard, a cell block with its rooms, a few huts; no pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.frames import to_lonlat
from geoinv.records.base import derived_id
from geoinv.records.blueprint import Blueprint, Building, PerimeterWall, Roof, Room, Site, Storey
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Confidence, Evidence, Status
from geoinv.records.footprints import Footprint
from geoinv.records.measures import Interval
from geoinv.records.places import Frame

__all__ = ["DRAWING", "Ground", "make_ground"]

#: The one drawing that names a ground's buildings and rooms, by the facility's first witness.
DRAWING = "sketch-w1.svg"
#: Names of huts beside the block, English and Korean.
_HUTS = (("Kitchen", "취사장"), ("Workshop", "작업장"), ("Guard post", "초소"), ("Store", "창고"), ("Office", "사무실"))
_ROLES = ("cell", "cell", "cell", "punishment cell", "interrogation", "guard")
_WALL_M, _CORRIDOR_M, _HEIGHT_M = 0.3, 2.0, 3.0


@dataclass(frozen=True)
class Ground:
    """What stands at one facility.

    Attributes
    ----------
    footprints
        As a build would have found them, longitude and latitude.
    blueprint
        The same in metres, with the rooms of the block.
    rooms
        Room id → id of the footprint it is in, in the block's order.
    """

    footprints: tuple[Footprint, ...]
    blueprint: Blueprint
    rooms: dict[str, str]


def _evidence(status: Status, *names: str) -> dict[str, Evidence]:
    return {name: Evidence(status=status, sources=(f"{DRAWING}#1",)) for name in names}


def _storey(building: str, rooms: tuple[Room, ...]) -> Storey:
    return Storey(
        id=derived_id(building, "storey:1"),
        height_m=_HEIGHT_M,
        wall_thickness_m=_WALL_M,
        rooms=rooms,
        evidence=_evidence(Status.INFERRED, "floor_m", "height_m", "wall_thickness_m"),
    )


def _rooms(building: str, outline: Polygon, cells: int) -> tuple[Room, ...]:
    """A corridor along the south wall and a row of rooms north of it."""
    west, south, east, north = outline.buffer(-_WALL_M, join_style="mitre").bounds
    middle = south + _CORRIDOR_M
    found = [
        Room(
            id=derived_id(building, "room:corridor"),
            role="corridor",
            labels=("corridor", "복도"),
            polygon=box(west, south, east, middle),
            evidence=_evidence(Status.ATTESTED, "polygon"),
        )
    ]
    step = (east - west) / cells
    for number in range(cells):
        role = _ROLES[number % len(_ROLES)]
        left, right = west + number * step, west + (number + 1) * step - (_WALL_M if number + 1 < cells else 0.0)
        found.append(
            Room(
                id=derived_id(building, f"room:{number + 1}"),
                role=role,
                labels=(f"{role} {number + 1}",),
                polygon=box(left, middle + _WALL_M, right, north),
                evidence=_evidence(Status.ATTESTED, "polygon"),
            )
        )
    return tuple(found)


def _outlines(rng: np.random.Generator, huts: int, cells: int) -> list[Polygon]:
    """The block, then huts in a row south of it, all apart from each other."""
    length = cells * float(rng.uniform(2.6, 3.4))
    found = [box(-length / 2, 4.0, length / 2, 4.0 + float(rng.uniform(7.0, 9.5)))]
    west = -length / 2
    for _ in range(huts):
        wide, deep = float(rng.uniform(5.0, 11.0)), float(rng.uniform(4.0, 7.0))
        found.append(box(west, -2.0 - deep, west + wide, -2.0))
        west += wide + float(rng.uniform(3.0, 6.0))
    return found


def make_ground(rng: np.random.Generator, slug: str, title: str, frame: Frame) -> Ground:
    """A ground drawn from a generator: one block of 4–9 cells and two to five huts, in a wall.

    Parameters
    ----------
    slug, title
        Of the facility.
    frame
        Its own metres.
    """
    cells, huts = int(rng.integers(4, 10)), int(rng.integers(2, 6))
    outlines = [
        Polygon([(round(x, 3), round(y, 3)) for x, y in outline.exterior.coords])
        for outline in _outlines(rng, huts, cells)
    ]
    names = [("Cell block", "감방동"), *_HUTS[:huts]]
    buildings, footprints = [], []
    rooms: dict[str, str] = {}
    for number, (outline, labels) in enumerate(zip(outlines, names, strict=True), 1):
        building = derived_id(slug, f"building:{number}")
        inside = _rooms(building, outline, cells) if number == 1 else ()
        rooms |= {room.id: building for room in inside}
        status = (Status.CORROBORATED, Status.OBSERVED, Status.ATTESTED)[int(rng.integers(3))]
        buildings.append(_building(building, labels, outline, status, inside))
        footprints.append(_footprint(building, slug, labels, to_lonlat(frame, outline), status, rng))
    yard = box(*_around(outlines))
    wall = PerimeterWall(
        id=derived_id(slug, "wall:1"),
        line=LineString(yard.exterior.coords),
        thickness_m=0.4,
        height_m=3.5,
        evidence=_evidence(Status.OBSERVED, *PerimeterWall.shaping),
    )
    blueprint = Blueprint(
        facility=slug,
        title=title,
        fictional=True,
        frame=frame,
        site=Site(walls=(wall,)),
        buildings=tuple(buildings),
    )
    return Ground(tuple(footprints), blueprint, rooms)


def _around(outlines: list[Polygon]) -> tuple[float, float, float, float]:
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(outlines))
    return round(west - 8, 3), round(south - 8, 3), round(east + 8, 3), round(north + 8, 3)


def _building(
    name: str, labels: tuple[str, ...], outline: Polygon, status: Status, inside: tuple[Room, ...]
) -> Building:
    roof = Roof(id=derived_id(name, "roof:1"), evidence=_evidence(Status.CONJECTURAL, "kind", "rise_m"))
    return Building(
        id=name,
        labels=labels,
        outline=outline,
        storeys=(_storey(name, inside),),
        roof=roof,
        evidence=_evidence(status, "outline"),
    )


def _footprint(
    name: str,
    slug: str,
    labels: tuple[str, ...],
    outline: BaseGeometry,
    status: Status,
    rng: np.random.Generator,
) -> Footprint:
    high = round(float(rng.uniform(2.8, 5.2)), 1)
    return Footprint(
        id=name,
        facility=slug,
        geometry=outline,
        labels=labels,
        drawn=(f"{DRAWING}#{labels[0].lower().replace(' ', '-')}",),
        status=status,
        confidence=Confidence(geometry_m=round(float(rng.uniform(0.6, 4.0)), 2), coverage=0.9),
        outline_from="sketch" if status is Status.ATTESTED else "imagery",
        not_before=PartialDate(str(int(rng.integers(1995, 2009)))),
        height_m=Interval(low=high - 0.8, best=high, high=high + 0.9, unit="m", coverage=0.9),
        evidence=_evidence(status, "geometry"),
    )
