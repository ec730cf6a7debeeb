"""Step “model”: footprints and interiors put together into the blueprint, and drawn: solids, sheets, renders."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import shapely

from geoinv.case.build import Job
from geoinv.case.making.common import made_by, opened_scenes
from geoinv.case.making.interior import metres_of, standing
from geoinv.case.reading import built_interiors
from geoinv.files.atomic import write_bytes, write_json
from geoinv.geometry.frames import to_lonlat
from geoinv.imagery.scene import Scene
from geoinv.models.assemble import assemble
from geoinv.models.formats import model_files
from geoinv.models.renders import CUTAWAY
from geoinv.models.renders_png import render_png
from geoinv.models.rivals import with_rivals
from geoinv.models.sheets_site import Ground, site_bounds
from geoinv.models.solids import build_solids
from geoinv.models.solids_walls import preferred, preferred_hypothesis
from geoinv.records.blueprint import Blueprint

__all__ = ["make"]

#: Air around a building in the render of its inside, metres.
_AROUND_M = 2.0
#: Longest side of the picture under a site plan, before it is cut to the sheet.
_MOST_PIXELS = 2000


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
    with opened_scenes(job, []) as scenes:  # what is wrong with a scene, the outline step has told
        ground = _ground(scenes, blueprint)
    for path, content in model_files(blueprint, ("glb", "svg", "pdf"), ground=ground).items():
        if path.endswith(".json"):
            write_json(folder / path, {**json.loads(content), "geoinv": made_by(job, "model")})
        else:
            write_bytes(folder / path, content)
    _renders(blueprint, folder / "renders")
    return []


def _ground(scenes: Sequence[Scene], blueprint: Blueprint) -> Ground | None:
    """The latest scene that shows the whole site, round about it, for the site plan."""
    west, south, east, north = site_bounds(blueprint)
    whole = to_lonlat(blueprint.frame, shapely.box(west, south, east, north))
    showing = [scene for scene in scenes if scene.bounds.contains(whole)]
    if not showing:
        return None
    dated = [scene for scene in showing if scene.record.acquired is not None]
    scene = (dated or showing)[-1]
    around = max(east - west, north - south)
    step = max(scene.gsd, 3 * around / _MOST_PIXELS)
    patch = scene.patch(blueprint.frame, (west - around, south - around, east + around, north + around), step)
    pixels = patch.rgb.copy()
    pixels[~patch.valid] = 255
    record = scene.record
    said = (scene.name, str(record.acquired or ""), record.attribution or record.provider or "")
    return Ground(pixels, patch.west, patch.north, patch.gsd, ", ".join(word for word in said if word))


def _renders(blueprint: Blueprint, folder: Path) -> None:
    solids = build_solids(blueprint)
    write_bytes(folder / "overview.png", render_png(solids))
    for building in preferred(blueprint.buildings, preferred_hypothesis(blueprint)):
        if any(storey.rooms for storey in building.storeys):
            west, south, east, north = shapely.buffer(building.outline, _AROUND_M).bounds
            picture = render_png(solids, CUTAWAY, within=(west, south, east, north))
            write_bytes(folder / f"inside-{building.id}.png", picture)
