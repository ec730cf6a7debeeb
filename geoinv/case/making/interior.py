"""Step “interior”: drawings of a building's inside reconciled and fitted into its outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry import Polygon

from geoinv.case.build import Job
from geoinv.case.making.common import called_here, location_of, made_by, sketches_of
from geoinv.case.making.judged import depicts_of
from geoinv.case.making.judged_rooms import drawn_inside, rooms_as_decided
from geoinv.case.reading import Interior, built_footprints
from geoinv.errors import GeoinvError
from geoinv.facilities.building_names import Called, Which, building_called, called_by_drawings
from geoinv.facilities.interiors import reconcile_rooms
from geoinv.files.atomic import write_json
from geoinv.files.geojson import write_table
from geoinv.geometry.frames import FrameShape
from geoinv.models.fit import fit_rooms, rooms_table
from geoinv.models.fit_windows import with_windows
from geoinv.records.blueprint import Contradiction
from geoinv.records.drawings import Sketch
from geoinv.records.footprints import Footprint
from geoinv.records.parts import Storey
from geoinv.records.places import Frame

__all__ = ["decided_rooms", "make", "metres_of", "outline_of", "standing"]

#: How surely a drawing that names no building shows the only one there is: more may have stood than were found.
_ONLY_ONE = 0.8


def make(job: Job, folder: Path) -> list[str]:
    """Write ``interiors.json`` (what was fitted, in metres) and ``rooms.geojson`` (the same on the ground)."""
    problems: list[str] = []
    footprints = standing(job)
    interiors, tables = [], []
    for building, inside in _meant(job, footprints, problems):
        try:
            interior, table = _fitted(job, building, inside, footprints)
        except GeoinvError as error:
            names = ", ".join(drawing.name for drawing in inside.drawings)
            problems.append(error.at(file=names, item=_name(building)).sentence())
            continue
        interiors.append(interior)
        tables.append(table)
    made = made_by(job, "interior")
    write_json(folder / "interiors.json", {"geoinv": made, "interiors": [one.plain() for one in interiors]})
    if tables:
        members = {one.building: table.attrs["members"] for one, table in zip(interiors, tables, strict=True)}
        for table in tables:
            table.attrs = {}  # concatenating compares them, and they hold what must not be compared
        write_table(folder / "rooms.geojson", _joined(tables), buildings=members, geoinv=made)
    return problems


def standing(job: Job) -> tuple[Footprint, ...]:
    """The facility's footprints but those that a person rejected."""
    return tuple(one for one in built_footprints(job.log.folder) if not _rejected(one))


def _rejected(footprint: Footprint) -> bool:
    judgement = footprint.evidence.get("judgement")
    return judgement is not None and judgement.value == "rejected"


def metres_of(job: Job, footprints: Sequence[Footprint]) -> Frame:
    """The frame of the facility's model: about its location, else about the middle of its buildings.

    Raises
    ------
    GeoinvError
        If neither is known.
    """
    location = location_of(job)
    if location is not None:
        return location.frame
    if not footprints:
        raise GeoinvError("it is not known where this is", do="add a pin or a statement", item=job.facility.slug)
    middle = shapely.union_all([one.geometry for one in footprints]).centroid
    return Frame.about((round(middle.x, 7), round(middle.y, 7)))


def _name(footprint: Footprint) -> str:
    return f"building “{footprint.labels[0]}”" if footprint.labels else f"building {footprint.id}"


@dataclass
class _Inside:
    """The drawings of one building's inside, how surely each is of it, and what a person should know."""

    drawings: list[Sketch] = field(default_factory=list)
    named: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def _meant(job: Job, footprints: Sequence[Footprint], problems: list[str]) -> list[tuple[Footprint, _Inside]]:
    """The drawings of each building's inside, in the order of the footprints; what is not clear becomes a question."""
    drawings = [sketch for sketch in sketches_of(job) if sketch.scope == "building"]
    buildings = [one for one in footprints if one.role == "building"]
    if drawings and not buildings:
        names = ", ".join(drawing.name for drawing in drawings)
        problems.append(f"{names}: no building has an outline yet into which this inside could be fitted.")
        return []
    called = (*called_by_drawings(buildings), *called_here(job, buildings))
    found: dict[str, _Inside] = {}
    for drawing in drawings:
        which = _depicted(depicts_of(job, drawing), buildings, called, job.facility.kind)
        if which.item is None:
            problems.append(_question(job.facility.slug, drawing, which, buildings))
            continue
        held = found.setdefault(which.item, _Inside())
        held.drawings.append(drawing)
        held.named[drawing.name] = which.probability
        if which.probability < 1.0:
            name = next(_name(one) for one in buildings if one.id == which.item)
            held.warnings.append(
                f"{drawing.name} is taken to show {name} (probability {which.probability:.2f}): {which.why}"
            )
    return [(one, found[one.id]) for one in buildings if one.id in found]


def _depicted(wanted: str | None, buildings: Sequence[Footprint], called: Sequence[Called], kind: str | None) -> Which:
    """The building that a drawing shows the inside of: one it names itself, else by its label."""
    if wanted is None:
        if len(buildings) == 1:
            return Which(buildings[0].id, _ONLY_ONE, "it is the only building here that has an outline")
        return Which(None, 0.0, "it does not say which building it shows")
    itself = next((one for one in buildings if wanted == one.id or wanted in one.drawn), None)
    if itself is not None:
        return Which(itself.id, 1.0, f"it is said to show {wanted}")
    return building_called(wanted, called, facility_kind=kind)


def _question(slug: str, drawing: Sketch, which: Which, buildings: Sequence[Footprint]) -> str:
    """What a person is asked, and how it is answered."""
    among = [one.drawn[0] for one in buildings if one.id in which.among and one.drawn]
    choice = f" ({', '.join(among)})" if among else ""
    return (
        f"{drawing.name}: which building does this show the inside of{choice}? {which.why[:1].upper()}{which.why[1:]}, "
        f"so it was fitted into none; say so in facility.yaml (depicts), or by: "
        f"geoinv decide set {slug}/{drawing.name} depicts SKETCH#ELEMENT."
    )


def outline_of(building: Footprint, frame: Frame) -> FrameShape:
    """A building's outer walls in metres, of several parts the largest."""
    outline = FrameShape.from_lonlat(frame, building.geometry)
    if isinstance(outline.shape, Polygon):
        return outline
    parts = [part for part in getattr(outline.shape, "geoms", ()) if isinstance(part, Polygon)]
    return FrameShape(frame, max(parts, key=lambda part: float(part.area))) if parts else outline


def _fitted(
    job: Job, building: Footprint, inside: _Inside, footprints: Sequence[Footprint]
) -> tuple[Interior, gpd.GeoDataFrame]:
    frame = metres_of(job, footprints)
    outline = outline_of(building, frame)
    dependent = job.case.statements(job.facility.slug).dependent
    plan = reconcile_rooms(outline, inside.drawings, dependent=dependent)
    storey, contradictions = fit_rooms(plan, outline, parent=building.id, key=job.case.key)
    storey, against, warnings = decided_rooms(job, storey, inside.drawings, outline)
    storey = with_windows(storey, inside.drawings, outline.shape, key=job.case.key)
    interior = Interior(
        building=building.id,
        frame=frame,
        drawings=tuple(drawing.name for drawing in inside.drawings),
        named=inside.named,
        storey=storey,
        contradictions=(*contradictions, *against),
        warnings=(*inside.warnings, *warnings),
    )
    table = rooms_table(storey, frame, plan)
    table.insert(1, "building", building.id)
    table.insert(1, "facility", job.facility.slug)
    return interior, table


def decided_rooms(
    job: Job, storey: Storey, drawings: Sequence[Sketch], outline: FrameShape
) -> tuple[Storey, tuple[Contradiction, ...], tuple[str, ...]]:
    """A fitted storey as people decided about its rooms; ``drawings`` are those it was fitted from."""
    return rooms_as_decided(
        storey,
        [decision for _, decision in job.case.decisions()],
        outline,
        facility=job.facility.slug,
        drawn=drawn_inside(drawings),
        key=job.case.key,
    )


def _joined(tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    joined: Any = pd.concat(tables, ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs="EPSG:4326")
