"""Step “outline”: what stands under each placed drawn building, on every scene, put together into footprints."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from geoinv.case.build import Job
from geoinv.case.making.common import location_of, made_by, match_of, opened_scenes, sketches_of
from geoinv.case.making.place import clearest, facility_frame
from geoinv.facilities.footprint_tables import footprints_table, unplaced_table
from geoinv.facilities.footprints import reconcile_footprints
from geoinv.files.geojson import read_table, write_table
from geoinv.imagery.change import change
from geoinv.imagery.height import height
from geoinv.imagery.regularize import regularize
from geoinv.imagery.scene import Scene
from geoinv.imagery.segment import segment
from geoinv.records.placements import Match

__all__ = ["make"]


def make(job: Job, folder: Path) -> list[str]:
    """Write ``footprints.geojson``, ``footprints.gpkg`` and ``unplaced.geojson``."""
    problems: list[str] = []
    location = location_of(job)
    placed = _built(job, "placed.geojson")
    candidates = _built(job, "candidates.geojson")
    with opened_scenes(job, problems) as scenes:
        scene = clearest(scenes, location)
        if scene is None:
            return problems
        outlines = _outlined(scene, placed)
        found = reconcile_footprints(
            job.facility.slug,
            facility_frame(location, scene),
            sketches_of(job),
            match_of(job) or Match(none_probability=1.0),
            candidates,
            outlines,
            region=location.region(0.9).geometry if location else None,
            key=job.case.key,
            dependent=job.case.statements(job.facility.slug).dependent,
        )
        table = footprints_table(found.footprints)
    write_table(folder / "footprints.geojson", table, geoinv=made_by(job, "outline"))
    write_table(folder / "unplaced.geojson", unplaced_table(found.unplaced), geoinv=made_by(job, "outline"))
    return problems


def _built(job: Job, name: str) -> gpd.GeoDataFrame:
    path = job.built(name)
    return read_table(path) if path.is_file() else gpd.GeoDataFrame({"id": []}, geometry=[], crs="EPSG:4326")


def _outlined(scene: Scene, placed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if placed.empty:
        return placed.assign(score=[], method=[], outline_from=[], scene=[], drawn=[])
    outlines = regularize(segment(scene, placed), pixel=scene.gsd)
    return outlines.assign(drawn=[[name] for name in outlines["id"]])
