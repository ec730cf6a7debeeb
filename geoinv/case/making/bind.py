"""Step “bind”: incidents tied to buildings and rooms, or to nothing, each with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd

from geoinv.case.build import Job
from geoinv.case.making.common import called_here, made_by, sketches_of
from geoinv.case.making.interior import standing
from geoinv.case.reading import built_interiors, built_rooms
from geoinv.facilities.building_names import Called
from geoinv.facilities.incidents import bind, incidents_table
from geoinv.files.atomic import write_json
from geoinv.files.geojson import write_table
from geoinv.records.decisions import BindIncident
from geoinv.records.footprints import Footprint
from geoinv.records.incidents import Binding

__all__ = ["make"]


def make(job: Job, folder: Path) -> list[str]:
    """Write ``bindings.json`` and ``incidents.geojson``; a person's word on where an incident was stands.

    Where it does, ``bindings.json`` keeps under ``proposed`` what the software would have said.
    """
    incidents = job.case.incident_records(job.facility.slug)
    footprints, rooms = standing(job), built_rooms(job.log.folder)
    drawings = [sketch for sketch in sketches_of(job) if sketch.scope == "building"]
    bindings = bind(
        incidents,
        footprints,
        rooms,
        called=(*called_here(job, footprints), *_called_inside(job)),
        drawings=drawings,
        facility_kind=job.facility.kind,
    )
    problems: list[str] = []
    told = [_as_told(job, binding, footprints, rooms, problems) for binding in bindings]
    made = made_by(job, "bind")
    written = {
        "geoinv": made,
        "bindings": [binding.plain() for binding in told],
        "proposed": [was.plain() for was, now in zip(bindings, told, strict=True) if now.how == "person"],
    }
    write_json(folder / "bindings.json", written)
    write_table(folder / "incidents.geojson", incidents_table(incidents, told, footprints, rooms), geoinv=made)
    return problems


def _as_told(
    job: Job,
    binding: Binding,
    footprints: Sequence[Footprint],
    rooms: gpd.GeoDataFrame | None,
    problems: list[str],
) -> Binding:
    """A binding as a person decided it last; the software's where what they named is not found any more."""
    found = binding
    for _, decision in job.case.decisions():
        body = decision.body
        if isinstance(body, BindIncident) and (body.facility, body.incident) == (job.facility.slug, binding.incident):
            where = _named_place(body, footprints, rooms)
            if where is None:
                named = body.room or body.footprint
                problems.append(
                    f"{binding.incident}: {decision.by} bound it to {named}, which is not found any more; it is bound "
                    "as its own words say until somebody decides again (geoinv decide bind)."
                )
                found = binding
                continue
            footprint, room = where
            why = f"{decision.by}: {decision.reason}"
            found = Binding(incident=binding.incident, footprint=footprint, room=room, how="person", why=why)
    return found


def _named_place(
    body: BindIncident, footprints: Sequence[Footprint], rooms: gpd.GeoDataFrame | None
) -> tuple[str | None, str | None] | None:
    """Ids of the building and room that a person named, by id or by a drawn element; ``None`` if one is not there."""
    footprint = room = None
    if body.room is not None:
        table = [] if rooms is None else list(rooms.itertuples())
        row = next((one for one in table if body.room == one.id or body.room in (one.drawn or ())), None)
        if row is None:
            return None
        room, footprint = str(row.id), str(row.building)
    if body.footprint is not None:
        named = next((one for one in footprints if body.footprint == one.id or body.footprint in one.drawn), None)
        if named is None:
            return None
        footprint = named.id
    return footprint, room


def _called_inside(job: Job) -> list[Called]:
    """What the drawings of insides call the buildings that they were fitted into."""
    depicted = {sketch.name: sketch.depicts for sketch in sketches_of(job) if sketch.depicts}
    return [
        Called(inside.building, depicted[name], inside.named.get(name, 1.0), f"{name}, fitted into it, says so")
        for inside in built_interiors(job.log.folder)
        for name in inside.drawings
        if name in depicted
    ]
