"""Step “bind”: incidents tied to buildings and rooms, or to nothing, each with the reason."""

from __future__ import annotations

from pathlib import Path

from geoinv.case.build import Job
from geoinv.case.making.common import made_by
from geoinv.case.making.interior import standing
from geoinv.case.reading import built_rooms
from geoinv.facilities.incidents import bind, incidents_table
from geoinv.files.atomic import write_json
from geoinv.files.geojson import write_table

__all__ = ["make"]


def make(job: Job, folder: Path) -> list[str]:
    """Write ``bindings.json`` and ``incidents.geojson``."""
    incidents = job.case.incident_records(job.facility.slug)
    footprints, rooms = standing(job), built_rooms(job.log.folder)
    bindings = bind(incidents, footprints, rooms)
    made = made_by(job, "bind")
    write_json(folder / "bindings.json", {"geoinv": made, "bindings": [binding.plain() for binding in bindings]})
    write_table(folder / "incidents.geojson", incidents_table(incidents, bindings, footprints, rooms), geoinv=made)
    return []
