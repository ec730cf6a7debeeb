"""Step “model”: footprints and interiors put together into the blueprint, and drawn: solids, sheets, renders."""

from __future__ import annotations

import json
from pathlib import Path

import shapely

from geoinv.case.build import Job
from geoinv.case.making.common import made_by
from geoinv.case.making.interior import metres_of, standing
from geoinv.case.reading import built_interiors
from geoinv.files.atomic import write_bytes, write_json
from geoinv.models.assemble import assemble
from geoinv.models.formats import model_files
from geoinv.models.renders import CUTAWAY
from geoinv.models.renders_png import render_png
from geoinv.models.rivals import with_rivals
from geoinv.models.solids import build_solids
from geoinv.models.solids_walls import preferred, preferred_hypothesis
from geoinv.records.blueprint import Blueprint

__all__ = ["make"]

#: Air around a building in the render of its inside, metres.
_AROUND_M = 2.0


def make(job: Job, folder: Path) -> list[str]:
    """Write ``blueprint.json``, ``model.glb``, its rivals and what could not be built, ``sheets/*`` and ``renders/*``.

    A plan sheet and a cut-away render for each building whose inside is known; the site's sheet and an overview always.
    """
    footprints = standing(job)
    if not footprints:
        return [f"{job.facility.slug}: no building has an outline, so there is nothing to model yet."]
    frame = metres_of(job, footprints)
    interiors = [one for one in built_interiors(job.log.folder) if one.frame == frame]
    assembled = assemble(
        job.facility,
        frame,
        footprints,
        storeys={one.building: (one.storey,) for one in interiors},
        contradictions=tuple(item for one in interiors for item in one.contradictions),
        notes=tuple(warning for one in interiors for warning in one.warnings),
        key=job.case.key,
    )
    blueprint = with_rivals(assembled)
    write_json(folder / "blueprint.json", {**blueprint.plain(), "geoinv": made_by(job, "model")})
    for old in (*folder.glob("model-*.glb"), folder / "rivals.json", folder / "faults.json", *folder.glob("sheets/*")):
        old.unlink(missing_ok=True)  # of a version, a fault or a building that is no more
    for path, content in model_files(blueprint, ("glb", "svg", "pdf")).items():
        if path.endswith(".json"):
            write_json(folder / path, {**json.loads(content), "geoinv": made_by(job, "model")})
        else:
            write_bytes(folder / path, content)
    _renders(blueprint, folder / "renders")
    return []


def _renders(blueprint: Blueprint, folder: Path) -> None:
    solids = build_solids(blueprint)
    write_bytes(folder / "overview.png", render_png(solids))
    for building in preferred(blueprint.buildings, preferred_hypothesis(blueprint)):
        if any(storey.rooms for storey in building.storeys):
            west, south, east, north = shapely.buffer(building.outline, _AROUND_M).bounds
            picture = render_png(solids, CUTAWAY, within=(west, south, east, north))
            write_bytes(folder / f"inside-{building.id}.png", picture)
