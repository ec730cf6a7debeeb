"""Step “locate”: everything said about where, fused into one location with its regions."""

from __future__ import annotations

from pathlib import Path

from geoinv.case.build import Job
from geoinv.case.making.common import made_by, said_where
from geoinv.facilities.locate import locate
from geoinv.facilities.locate_io import location_geojson
from geoinv.facilities.locate_slips import set_aside
from geoinv.files.atomic import write_json

__all__ = ["make"]


def make(job: Job, folder: Path) -> list[str]:
    """Write ``location.geojson``, unless nobody said anything about where."""
    statements, slips = set_aside(said_where(job))
    if not statements.statements:
        nobody = (
            f"{job.facility.slug}: nobody has said where this is; add pins or statements, or place a sketch by hand."
        )
        return [*slips, nobody]
    write_json(folder / "location.geojson", {**location_geojson(locate(statements)), "geoinv": made_by(job, "locate")})
    return list(slips)
