"""Step “bind”: incidents tied to buildings and rooms, or to nothing, each with the reason."""

from __future__ import annotations

from pathlib import Path

from geoinv.case.build import Job
from geoinv.case.making.common import called_here, made_by, sketches_of
from geoinv.case.making.interior import standing
from geoinv.case.reading import built_interiors, built_rooms
from geoinv.facilities.building_names import Called
from geoinv.facilities.incidents import bind, incidents_table
from geoinv.files.atomic import write_json
from geoinv.files.geojson import write_table

__all__ = ["make"]


def make(job: Job, folder: Path) -> list[str]:
    """Write ``bindings.json`` and ``incidents.geojson``."""
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
    made = made_by(job, "bind")
    write_json(folder / "bindings.json", {"geoinv": made, "bindings": [binding.plain() for binding in bindings]})
    write_table(folder / "incidents.geojson", incidents_table(incidents, bindings, footprints, rooms), geoinv=made)
    return []


def _called_inside(job: Job) -> list[Called]:
    """What the drawings of insides call the buildings that they were fitted into."""
    depicted = {sketch.name: sketch.depicts for sketch in sketches_of(job) if sketch.depicts}
    return [
        Called(inside.building, depicted[name], inside.named.get(name, 1.0), f"{name}, fitted into it, says so")
        for inside in built_interiors(job.log.folder)
        for name in inside.drawings
        if name in depicted
    ]
