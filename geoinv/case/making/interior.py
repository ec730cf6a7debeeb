"""Step “interior”: drawings of a building's inside reconciled and fitted into its outline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry import Polygon

from geoinv.case.build import Job
from geoinv.case.making.common import location_of, made_by, sketches_of
from geoinv.case.reading import Interior, built_footprints
from geoinv.errors import GeoinvError
from geoinv.facilities.interiors import reconcile_rooms
from geoinv.facilities.match_items import fold_words, same_words
from geoinv.files.atomic import write_json
from geoinv.files.geojson import write_table
from geoinv.geometry.frames import FrameShape
from geoinv.models.fit import fit_rooms, rooms_table
from geoinv.records.drawings import Sketch
from geoinv.records.footprints import Footprint
from geoinv.records.places import Frame

__all__ = ["make", "metres_of", "standing"]


def make(job: Job, folder: Path) -> list[str]:
    """Write ``interiors.json`` (what was fitted, in metres) and ``rooms.geojson`` (the same on the ground)."""
    problems: list[str] = []
    footprints = standing(job)
    interiors, tables = [], []
    for building, drawings, warnings in _meant(job, footprints, problems):
        try:
            interior, table = _fitted(job, building, drawings, warnings, footprints)
        except GeoinvError as error:
            names = ", ".join(drawing.name for drawing in drawings)
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


def _meant(
    job: Job, footprints: Sequence[Footprint], problems: list[str]
) -> list[tuple[Footprint, list[Sketch], list[str]]]:
    """The drawings of each building's inside, with warnings; in the order of the footprints."""
    drawings = [sketch for sketch in sketches_of(job) if sketch.scope == "building"]
    buildings = [one for one in footprints if one.role == "building"]
    if drawings and not buildings:
        names = ", ".join(drawing.name for drawing in drawings)
        problems.append(f"{names}: no building has an outline yet into which this inside could be fitted.")
        return []
    found: dict[str, tuple[list[Sketch], list[str]]] = {}
    for drawing in drawings:
        chosen, warning = _depicted(drawing, buildings)
        held = found.setdefault(chosen.id, ([], []))
        held[0].append(drawing)
        if warning:
            problems.append(warning)
            held[1].append(warning)
    return [(one, *found[one.id]) for one in buildings if one.id in found]


def _depicted(drawing: Sketch, buildings: Sequence[Footprint]) -> tuple[Footprint, str | None]:
    """The building a drawing shows the inside of, and a warning where that is a guess."""
    wanted = fold_words(drawing.depicts)
    likeness = [max((same_words(wanted, fold_words(label)) for label in one.labels), default=0.0) for one in buildings]
    best = max(likeness)
    named = [one for one, like in zip(buildings, likeness, strict=True) if like == best > 0]
    if len(named) == 1:
        return named[0], None
    chosen = max(named or buildings, key=lambda one: (one.geometry.area, one.id))
    if named:
        why = f"{len(named)} buildings are called “{drawing.depicts}”, and the largest was taken"
    elif drawing.depicts:
        why = f"no building that has an outline is called “{drawing.depicts}”, and the largest was taken"
    else:
        why = "it does not say which building it shows (depicts), and the largest was taken"
    return chosen, f"{drawing.name}: {why} ({_name(chosen)}); say which one in facility.yaml."


def _fitted(
    job: Job, building: Footprint, drawings: Sequence[Sketch], warnings: Sequence[str], footprints: Sequence[Footprint]
) -> tuple[Interior, gpd.GeoDataFrame]:
    frame = metres_of(job, footprints)
    outline = FrameShape.from_lonlat(frame, building.geometry)
    if not isinstance(outline.shape, Polygon):
        parts = [part for part in getattr(outline.shape, "geoms", ()) if isinstance(part, Polygon)]
        outline = FrameShape(frame, max(parts, key=lambda part: float(part.area))) if parts else outline
    plan = reconcile_rooms(outline, drawings)
    storey, contradictions = fit_rooms(plan, outline, parent=building.id, key=job.case.key)
    interior = Interior(
        building=building.id,
        frame=frame,
        drawings=tuple(drawing.name for drawing in drawings),
        storey=storey,
        contradictions=contradictions,
        warnings=tuple(warnings),
    )
    table = rooms_table(storey, frame, plan)
    table.insert(1, "building", building.id)
    table.insert(1, "facility", job.facility.slug)
    return interior, table


def _joined(tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    joined: Any = pd.concat(tables, ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs="EPSG:4326")
