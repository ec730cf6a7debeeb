"""The truth of a world: a blueprint in metres of its own frame, how it looks, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.records.base import derived_id
from geoinv.records.blueprint import (
    Blueprint,
    Building,
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
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Evidence, Status
from geoinv.records.places import Frame, LonLat
from geoinv.worlds.block import OUTER, Block
from geoinv.worlds.compound import NAMES, Compound, camp, county
from geoinv.worlds.forms import Form, Place
from geoinv.worlds.surroundings import Field, Mark, Surroundings, surroundings_of

__all__ = ["BUILT", "DIFFICULTIES", "FIRST", "SECOND", "Difficulty", "FacilityKind", "Plan", "make_plan", "room_of"]

FacilityKind = Literal["county", "camp"]
Difficulty = Literal["easy", "medium", "hard"]
DIFFICULTIES: tuple[Difficulty, ...] = ("easy", "medium", "hard")

#: Dates of the two scenes, and of the day between them on which the late building was finished.
FIRST, BUILT, SECOND = "2014-04-18", "2015-08-15", "2017-10-03"


@dataclass(frozen=True)
class Plan:
    """Where everything is, in truth.

    Attributes
    ----------
    blueprint
        The truth as of the second scene.
    kind
        ``county`` or ``camp``.
    compound
        The compound in metres of the blueprint's frame.
    ids
        Building id by key of ``NAMES``.
    surroundings
        The neighbourhood in metres of the blueprint's frame.
    reach_m
        Half the width of a scene.
    turned_deg
        How far the compound is turned from east, degrees counter-clockwise.
    """

    blueprint: Blueprint
    kind: FacilityKind
    compound: Compound
    ids: dict[str, str]
    surroundings: Surroundings
    reach_m: float
    turned_deg: float

    def key_of(self, building: str) -> str:
        """The key of a building's id."""
        return next(key for key, known in self.ids.items() if known == building)


def _moved_form(place: Place, form: Form) -> Form:
    return replace(form, wings=tuple(place.wing(wing) for wing in form.wings))


def _moved_compound(place: Place, compound: Compound) -> Compound:
    return Compound(
        wall=tuple(place.point(*corner) for corner in compound.wall),
        wall_height_m=compound.wall_height_m,
        gates=tuple((*place.point(x, y), width) for x, y, width in compound.gates),
        towers=tuple((place.wing(wing), height) for wing, height in compound.towers),
        paths=tuple((tuple(place.point(*point) for point in line), width) for line, width in compound.paths),
        forms={key: _moved_form(place, form) for key, form in compound.forms.items()},
        blocks={key: block.placed(place) for key, block in compound.blocks.items()},
        late=compound.late,
    )


def _moved_field(place: Place, field: Field) -> Field:
    polygon = place.shape(field.polygon)
    if not isinstance(polygon, Polygon):
        raise TypeError("a field is one polygon")
    return replace(field, polygon=polygon, rows_deg=field.rows_deg + place.turned_deg)


def _line(geometry: BaseGeometry) -> LineString:
    if not isinstance(geometry, LineString):
        raise TypeError("a road or river is one line")
    return geometry


def _moved_surroundings(place: Place, around: Surroundings) -> Surroundings:
    trees = around.trees.copy()
    for row in trees:
        row[:2] = place.point(float(row[0]), float(row[1]))
    return Surroundings(
        roads=tuple((_line(place.shape(line)), width) for line, width in around.roads),
        river=_line(place.shape(around.river)),
        river_width_m=around.river_width_m,
        houses=tuple(_moved_form(place, form) for form in around.houses),
        plots=tuple(_moved_field(place, field) for field in around.plots),
        fields=tuple(_moved_field(place, field) for field in around.fields),
        trees=trees,
        stack=(*place.point(*around.stack[:2]), around.stack[2]),
        marks={key: Mark(mark.names, place.shape(mark.geometry)) for key, mark in around.marks.items()},
    )


def make_plan(kind: FacilityKind, seed: int, *, slug: str, title: str, at: LonLat, buildings: int = 12) -> Plan:
    """The truth of one facility.

    Parameters
    ----------
    kind
        ``county`` (one L-shaped block in a walled yard) or ``camp``.
    seed
        Everything is drawn from it; the same seed gives the same plan.
    slug, title
        Of the facility.
    at
        Middle of the compound; keep it in the open ocean.
    buildings
        Wanted in a camp, 8–30.
    """
    rng = np.random.default_rng([seed, 11, 1 if kind == "county" else 2])
    inside = county(rng, BUILT) if kind == "county" else camp(rng, BUILT, int(np.clip(buildings, 8, 30)))
    west, south, east, north = inside.ground.bounds
    inside = _moved_compound(Place(-(west + east) / 2, -(south + north) / 2), inside)
    reach = max(east - west, north - south) / 2 + (100.0 if kind == "county" else 92.0)
    around = surroundings_of(rng, inside, reach * 1.25)
    turned = float(rng.uniform(0, 360))
    place = Place(0.0, 0.0, turned)
    compound, neighbours = _moved_compound(place, inside), _moved_surroundings(place, around)
    ids = {key: derived_id(slug, f"building:{key}", key=_key(seed)) for key in compound.forms}
    blueprint = _blueprint(compound, ids, seed, slug, title, Frame.about(at))
    return Plan(blueprint, kind, compound, ids, neighbours, reach, turned)


def _key(seed: int) -> bytes:
    return f"geoinv-world:{seed}".encode()


def _known(**values: object) -> dict[str, Evidence]:
    """Evidence of a made world: each value is true by construction."""
    return {
        name: Evidence(value=value, status=Status.OBSERVED, by="geoinv worlds", note="true by construction (fictional)")
        for name, value in values.items()
    }


def _rounded(geometry: BaseGeometry) -> BaseGeometry:
    """Millimetres are enough for anything built."""
    return shapely.transform(geometry, lambda xy: np.round(xy, 3))


def _blueprint(compound: Compound, ids: dict[str, str], seed: int, slug: str, title: str, frame: Frame) -> Blueprint:
    buildings = tuple(
        _building(ids[key], key, form, compound.blocks.get(key), seed) for key, form in compound.forms.items()
    )
    ring = LineString([*compound.wall, compound.wall[0]])
    height = round(compound.wall_height_m, 2)
    wall = PerimeterWall(
        id=derived_id(slug, "wall:1", key=_key(seed)),
        labels=("perimeter wall", "담장"),
        line=_rounded(ring),
        height_m=height,
        thickness_m=0.4,
        evidence=_known(line=None, height_m=height, thickness_m=0.4),
    )
    gates = tuple(
        Gate(
            id=derived_id(slug, f"gate:{number}", key=_key(seed)),
            labels=("gate", "정문"),
            at=(round(x, 3), round(y, 3)),
            width_m=round(width, 2),
            height_m=height,
            evidence=_known(at=None, width_m=round(width, 2), height_m=height),
        )
        for number, (x, y, width) in enumerate(compound.gates, 1)
    )
    towers = tuple(
        Tower(
            id=derived_id(slug, f"tower:{number}", key=_key(seed)),
            labels=(f"post {number}", f"초소 {number}"),
            outline=_rounded(wing.polygon),
            height_m=round(tall, 2),
            evidence=_known(outline=None, height_m=round(tall, 2)),
        )
        for number, (wing, tall) in enumerate(compound.towers, 1)
    )
    paths = tuple(
        Path(
            id=derived_id(slug, f"path:{number}", key=_key(seed)),
            line=_rounded(LineString(line)),
            width_m=width,
            evidence=_known(line=None, width_m=width),
        )
        for number, (line, width) in enumerate(compound.paths, 1)
    )
    site = Site(walls=(wall,), gates=gates, towers=towers, paths=paths)
    notes = (f"Fictional: made by geoinv worlds from seed {seed}.",)
    return Blueprint(
        facility=slug, title=title, fictional=True, frame=frame, site=site, buildings=buildings, notes=notes
    )


def _building(building: str, key: str, form: Form, block: Block | None, seed: int) -> Building:
    storey = derived_id(building, "storey:1", key=_key(seed))
    eave = round(form.eave_m, 2)
    rooms, openings = _inside(storey, block, seed) if block else ((), ())
    roof = Roof(
        id=derived_id(building, "roof:1", key=_key(seed)),
        kind=form.roof,
        rise_m=form.rise_m,
        overhang_m=form.overhang_m,
        evidence=_known(kind=form.roof, rise_m=form.rise_m),
    )
    return Building(
        id=building,
        labels=NAMES[key],
        outline=_rounded(form.outline),
        entrance=block.entrance if block else None,
        storeys=(
            Storey(
                id=storey,
                height_m=eave,
                wall_thickness_m=OUTER,
                rooms=rooms,
                openings=openings,
                evidence=_known(floor_m=0.0, height_m=eave, wall_thickness_m=OUTER),
            ),
        ),
        roof=roof,
        not_before=PartialDate(FIRST) if form.since else None,
        evidence=_known(outline=None),
    )


def room_of(blueprint: Blueprint, building: str, names: tuple[str, ...]) -> str:
    """The id of a building's room by its names.

    Raises
    ------
    KeyError
        If the building has no room of those names.
    """
    for known in blueprint.buildings:
        for room in (room for storey in known.storeys for room in storey.rooms if known.id == building):
            if room.labels == names:
                return room.id
    raise KeyError(names)


def _inside(storey: str, block: Block, seed: int) -> tuple[tuple[Room, ...], tuple[Opening, ...]]:
    names = {room.key: derived_id(storey, f"room:{room.key}", key=_key(seed)) for room in block.rooms} | {
        "outside": "outside"
    }
    rooms = tuple(
        Room(
            id=names[room.key],
            labels=room.names,
            role=room.role,
            polygon=_rounded(room.polygon),
            evidence=_known(polygon=None),
        )
        for room in block.rooms
    )
    openings = tuple(
        Opening(
            id=derived_id(storey, f"opening:{number}", key=_key(seed)),
            kind="door" if door.kind == "door" else "window",
            at=(round(door.at[0], 3), round(door.at[1], 3)),
            width_m=door.width_m,
            sill_m=door.sill_m,
            head_m=door.head_m,
            connects=(names[door.connects[0]], names[door.connects[1]]),
            evidence=_known(at=None, width_m=door.width_m, sill_m=door.sill_m, head_m=door.head_m),
        )
        for number, door in enumerate(block.doors, 1)
    )
    return rooms, openings
