"""Step “outline”: what stands under each placed drawn building, put together into footprints, dated and measured."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from geoinv.case.build import Job
from geoinv.case.making.borne import as_borne_out
from geoinv.case.making.common import location_of, made_by, match_of, opened_scenes, sketches_of
from geoinv.case.making.dated import dated_footprints
from geoinv.case.making.judged import as_judged
from geoinv.case.making.place import clearest, covering, facility_frame
from geoinv.facilities.footprint_tables import footprints_table, unplaced_table
from geoinv.facilities.footprints import FootprintSet, reconcile_footprints
from geoinv.files.geojson import read_table, write_table
from geoinv.imagery.regularize import regularize
from geoinv.imagery.scene import Scene
from geoinv.imagery.segment import segment
from geoinv.records.locations import Location
from geoinv.records.placements import Match

__all__ = ["make"]


def make(job: Job, folder: Path) -> list[str]:
    """Write ``footprints.geojson`` and ``unplaced.geojson``."""
    problems: list[str] = []
    location = location_of(job)
    with opened_scenes(job, problems) as scenes:
        scene = clearest(scenes, location)
        if scene is None:
            return problems
        placed = _built(job, "placed.geojson")
        found = _reconciled(job, scene, location, placed)
        weighed = as_borne_out(found.footprints, placed)
        dated = dated_footprints(weighed, covering(scenes, location), scene)
    judged = as_judged(dated, job.case, job.facility.slug)
    members = {"geoinv": made_by(job, "outline")}
    write_table(folder / "footprints.geojson", footprints_table(judged), **members)
    write_table(folder / "unplaced.geojson", unplaced_table(found.unplaced), **members)
    return problems


def _reconciled(job: Job, scene: Scene, location: Location | None, placed: gpd.GeoDataFrame) -> FootprintSet:
    return reconcile_footprints(
        job.facility.slug,
        facility_frame(location, scene),
        sketches_of(job),
        match_of(job) or Match(none_probability=1.0),
        _built(job, "candidates.geojson"),
        _outlined(scene, placed),
        region=location.region(0.9).geometry if location else None,
        key=job.case.key,
        dependent=job.case.statements(job.facility.slug).dependent,
    )


def _built(job: Job, name: str) -> gpd.GeoDataFrame:
    path = job.built(name)
    return read_table(path) if path.is_file() else gpd.GeoDataFrame({"id": []}, geometry=[], crs="EPSG:4326")


def _outlined(scene: Scene, placed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Outlines under the placed drawn buildings, each naming the one that prompted it."""
    if placed.empty:
        return placed.assign(score=[], method=[], outline_from=[], scene=[], drawn=[])
    outlines = regularize(segment(scene, placed), pixel=scene.gsd)
    return outlines.assign(drawn=[[name] for name in outlines["id"]])
