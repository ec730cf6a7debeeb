"""Step “outline”: what stands under each placed drawn building, put together into footprints, dated and measured."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from geoinv.case.build import Job
from geoinv.case.making.borne import as_borne_out, borne_of
from geoinv.case.making.common import location_of, made_by, match_of, opened_scenes, sketches_of
from geoinv.case.making.dated import dated_footprints, judged_changes
from geoinv.case.making.judged import as_judged
from geoinv.case.making.place import clearest, covering, facility_frame
from geoinv.facilities.footprint_tables import footprints_table, unplaced_table
from geoinv.facilities.footprints import FootprintSet, reconcile_footprints
from geoinv.files.geojson import read_table, write_table
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.imagery.regularize import regularize
from geoinv.imagery.scene import Scene
from geoinv.imagery.segment import segment
from geoinv.records.locations import Location
from geoinv.records.placements import Match
from geoinv.records.places import Frame

#: Half of a wall's thickness, metres.
_HALF_WALL_M = 0.2

__all__ = ["make", "wall_origins"]


def make(job: Job, folder: Path) -> list[str]:
    """Write ``footprints.geojson``, ``unplaced.geojson`` and, of several scenes, ``changes.geojson``."""
    problems: list[str] = []
    location = location_of(job)
    with opened_scenes(job, problems) as scenes:
        scene = clearest(scenes, location)
        if scene is None:
            return problems
        placed = _built(job, "placed.geojson")
        found = _reconciled(job, scene, location, placed)
        weighed = as_borne_out(found.footprints, placed)
        judged_on = judged_changes(weighed, covering(scenes, location))
        dated = dated_footprints(weighed, judged_on, scene)
    # What drawings of insides show are rooms, whose outlines the step “interior” takes.
    plans = [sketch for sketch in sketches_of(job) if sketch.scope != "building"]
    drawn = {sketch.full_name(one.id): one for sketch in plans for one in sketch.elements}
    judged = as_judged(dated, job.case, job.facility.slug, drawn)
    placed_by_hand = {name for one in judged for name in one.drawn}
    unplaced = [one for one in found.unplaced if not placed_by_hand & set(one.drawn)]
    members = {"geoinv": made_by(job, "outline")}
    write_table(folder / "footprints.geojson", footprints_table(judged), **members)
    write_table(folder / "unplaced.geojson", unplaced_table(unplaced), **members)
    if judged_on is not None:
        write_table(folder / "changes.geojson", judged_on, **members)
    return problems


def _reconciled(job: Job, scene: Scene, location: Location | None, placed: gpd.GeoDataFrame) -> FootprintSet:
    return reconcile_footprints(
        job.facility.slug,
        facility_frame(location, scene),
        sketches_of(job),
        match_of(job) or Match(none_probability=1.0),
        _built(job, "candidates.geojson"),
        _outlined(scene, facility_frame(location, scene), placed, _built(job, "candidates.geojson")),
        region=location.region(0.9).geometry if location else None,
        key=job.case.key,
        dependent=job.case.statements(job.facility.slug).dependent,
        borne=borne_of(placed),
    )


def _built(job: Job, name: str) -> gpd.GeoDataFrame:
    path = job.built(name)
    return read_table(path) if path.is_file() else gpd.GeoDataFrame({"id": []}, geometry=[], crs="EPSG:4326")


def _outlined(scene: Scene, frame: Frame, placed: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Outlines of the placed drawn buildings: those found without the drawing, else read under it as a prompt.

    And walls where their sides came to lie on the scene's edges.
    """
    if placed.empty:
        return placed.assign(score=[], method=[], outline_from=[], scene=[], drawn=[])
    buildings = placed[placed["role"].isin(("building", "tower"))]
    claimed = _candidates(buildings)
    found = claimed.isin(candidates["id"])
    # What was found without the drawing is looked at again more closely; the drawing has no part in that either.
    blind = candidates.set_index("id").geometry
    shapes = [
        blind[name] if known else shape for name, known, shape in zip(claimed, found, buildings.geometry, strict=True)
    ]
    outlines = regularize(segment(scene, buildings.set_geometry(shapes, crs=placed.crs)), pixel=scene.gsd)
    seen = dict(zip(buildings["id"], found, strict=True))
    outlines["outline_from"] = [
        "imagery" if seen[name] else how for name, how in zip(outlines["id"], outlines["outline_from"], strict=True)
    ]
    rows = [outlines]
    walls = placed[placed["role"].isin(("wall", "fence")) & (placed["evidence"] > 0)]
    if len(walls):
        strips = [to_lonlat(frame, to_local(frame, line).buffer(_HALF_WALL_M)) for line in walls.geometry]
        about = {"score": 0.5, "method": "bent", "outline_from": wall_origins(walls), "scene": scene.name}
        rows.append(gpd.GeoDataFrame({"id": list(walls["id"]), **about}, geometry=strips, crs=placed.crs))
    every = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), geometry="geometry", crs=placed.crs)
    return every.assign(drawn=[[name] for name in every["id"]])


def wall_origins(walls: gpd.GeoDataFrame) -> list[str]:
    """Where each placed wall's line is from: imagery alone, if a yard found without the drawing is the same.

    Parameters
    ----------
    walls
        As placed; ``candidate`` is empty, or there is no such column, where nothing was found without the drawing.
    """
    return ["imagery" if known else "imagery prompted" for known in _candidates(walls).notna()]


def _candidates(placed: gpd.GeoDataFrame) -> pd.Series:
    """What each placed thing was found as without its drawing; empty cells are NaN once they have been in a file."""
    return placed["candidate"] if "candidate" in placed else pd.Series(index=placed.index, dtype=object)
