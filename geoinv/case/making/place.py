"""Step “place”: outlines suggested by the clearest scene, and where each drawing lies on it, or that it lies nowhere there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geoinv.case.build import Job
from geoinv.case.decisions import placements_of
from geoinv.case.making.common import anchors_of, location_of, made_by, opened_scenes, sketches_of
from geoinv.case.placing import LaidSketch, drawn_buildings, lay_as_told, lay_sketch
from geoinv.errors import GeoinvError
from geoinv.facilities.match import match
from geoinv.facilities.match_io import match_json
from geoinv.facilities.match_known import expected_scale
from geoinv.files.atomic import write_json
from geoinv.files.geojson import write_table
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.imagery.detect import detect
from geoinv.imagery.scene import Scene
from geoinv.records.drawings import Sketch
from geoinv.records.locations import Location
from geoinv.records.placements import Match, Placement, SketchPlacement
from geoinv.records.places import Frame

__all__ = ["make"]

#: Compounds larger than this across are not looked for, metres: a facility without a drawing of its size is taken to be smaller.
_HALF_COMPOUND_M = 80.0
_RIVALS = 8


def make(job: Job, folder: Path) -> list[str]:
    """Write ``candidates.geojson``, ``match.json`` and ``placed.geojson`` (each drawn building as it lies on the scene)."""
    problems: list[str] = []
    location = location_of(job)
    with opened_scenes(job, problems) as scenes:
        scene = clearest(scenes, location)
        if scene is None:
            return [*problems, f"{job.facility.slug}: no scene covers where this is; add one to imagery/."]
        frame = facility_frame(location, scene)
        candidates = _candidates(scene, frame, location)
        write_table(folder / "candidates.geojson", candidates, geoinv=made_by(job, "place"))
        laid = _lay_all(job, scene, frame, location, candidates, problems)
    result, rows = _as_match(laid, frame, candidates)
    members = {"geoinv": made_by(job, "place")}
    write_json(folder / "match.json", {**match_json(result), "scene": scene.name, **members})
    write_table(folder / "placed.geojson", rows, **members)
    return problems


def clearest(scenes: Sequence[Scene], location: Location | None) -> Scene | None:
    """The scene with the finest pixels among those that cover where the facility is; of equals, the latest."""
    spot = shapely.Point(location.best) if location else None
    covering = [scene for scene in scenes if spot is None or scene.bounds.contains(spot)]
    return max(covering, key=lambda scene: (-round(scene.gsd, 3), scenes.index(scene)), default=None)


def facility_frame(location: Location | None, scene: Scene) -> Frame:
    """The frame of everything computed for the facility: about its location, else about the scene."""
    return location.frame if location else scene.frame


def _candidates(scene: Scene, frame: Frame, location: Location | None) -> gpd.GeoDataFrame:
    found = detect(scene, within=_study_area(scene, frame, location))
    return found.assign(scene=scene.name)


def _study_area(scene: Scene, frame: Frame, location: Location | None) -> BaseGeometry:
    """Where buildings of the facility can be: the 90 % region and half a compound beyond, within the scene."""
    if location is None:
        return scene.bounds
    region = to_local(frame, location.region(0.9).geometry).buffer(_HALF_COMPOUND_M, quad_segs=4)
    return to_lonlat(frame, region).intersection(scene.bounds)


def _lay_all(
    job: Job, scene: Scene, frame: Frame, location: Location | None, candidates: gpd.GeoDataFrame, problems: list[str]
) -> list[LaidSketch]:
    decided = placements_of(job.case, job.facility.slug)
    anchors = anchors_of(job)
    laid = []
    for sketch in sketches_of(job):
        decision = decided.get(sketch.name)
        if sketch.scope != "site" or (decision is not None and decision.none):
            continue
        try:
            if decision is not None:
                told = match(candidates, [sketch], ties=decision.ties, anchors=anchors) if decision.ties else None
                best = (
                    told.placements[0].sketches[sketch.name].transform
                    if told and told.placements
                    else decision.transform
                )
                if best is not None:
                    laid.append(lay_as_told(sketch, scene, frame, best))
                continue
            laid.append(_lay_one(sketch, scene, frame, location, candidates, anchors))
        except GeoinvError as error:
            problems.append(error.at(file=sketch.name).sentence())
    problems += [sentence for one in laid if (sentence := _trouble(one))]
    return laid


def _lay_one(
    sketch: Sketch, scene: Scene, frame: Frame, location: Location | None, candidates: gpd.GeoDataFrame, anchors: Any
) -> LaidSketch:
    scale = expected_scale(sketch, candidates, frame)
    proposed = match(candidates, [sketch], prior=location, anchors=anchors)
    transforms = [placement.sketches[sketch.name].transform for placement in proposed.placements[:_RIVALS]]
    return lay_sketch(sketch, scene, frame, scale=scale, prior=location, anchors=anchors, proposed=transforms)


def _trouble(laid: LaidSketch) -> str:
    if laid.best is not None:
        return ""
    name = laid.sketch.name
    if not laid.layings:
        return (
            f"{name}: too few buildings were found in this drawing to place it; give ties with “geoinv decide place”."
        )
    if laid.looks_mirrored:
        return f"{name}: it fits better turned left for right than as drawn; it may be mirrored, so place it by ties."
    return f"{name}: it fits no place here better than chance ({laid.none_probability:.0%} none); it may show another place."


def _as_match(laid: Sequence[LaidSketch], frame: Frame, candidates: gpd.GeoDataFrame) -> tuple[Match, gpd.GeoDataFrame]:
    """The placements as MATCH.json has them, and every drawn building as it lies."""
    placed = [one for one in laid if one.best is not None]
    if not placed:
        none = min((one.none_probability for one in laid), default=1.0)
        return Match(none_probability=max(none, 0.5)), _rows([], frame)
    none = math.prod(one.none_probability for one in placed)
    rivals = [(one, rank) for one in placed for rank in range(1, min(len(one.layings), _RIVALS))]
    rivals.sort(key=lambda pair: -pair[0].layings[pair[1]].probability)
    choices = [dict.fromkeys((one.sketch.name for one in placed), 0)]
    choices += [{**choices[0], one.sketch.name: rank} for one, rank in rivals[:_RIVALS]]
    weights = np.array(
        [math.prod(one.layings[choice[one.sketch.name]].probability for one in placed) for choice in choices]
    )
    share = weights / weights.sum() * (1 - none)
    placements = []
    for rank, (choice, part) in enumerate(zip(choices, share, strict=True), 1):
        sketches = {one.sketch.name: _placement(one, choice[one.sketch.name], frame, candidates) for one in placed}
        placements.append(Placement(rank=rank, probability=round(float(part), 6), sketches=sketches))
    rest = round(1.0 - sum(placement.probability for placement in placements), 6)
    return Match(none_probability=min(max(rest, 0.0), 1.0), placements=tuple(placements)), _rows(placed, frame)


def _placement(one: LaidSketch, rank: int, frame: Frame, candidates: gpd.GeoDataFrame) -> SketchPlacement:
    laying = one.layings[rank]
    moved = {
        element.id: round(float(np.hypot(*shift)), 2)
        for (element, _), shift in zip(drawn_buildings(one.sketch), laying.bent.shift, strict=True)
    }
    found = match(candidates, [one.sketch], placements={one.sketch.name: laying.transform}) if rank == 0 else None
    base = (
        found.placements[0].sketches[one.sketch.name]
        if found and found.placements
        else SketchPlacement(transform=laying.transform)
    )
    believed = laying.probability
    pairs = tuple(pair.model_copy(update={"probability": round(pair.probability * believed, 4)}) for pair in base.pairs)
    extra = {
        "pairs": pairs,
        "residuals_m": moved,
        "sketch_probability": round(believed, 4),
        "sketch_none_probability": round(one.none_probability, 4),
        "edge_evidence": round(float(laying.bent.evidence.sum()), 2),
    }
    return SketchPlacement.model_validate({**{k: getattr(base, k) for k in SketchPlacement.model_fields}, **extra})


def _rows(placed: Sequence[LaidSketch], frame: Frame) -> gpd.GeoDataFrame:
    rows: list[dict[str, Any]] = []
    shapes = []
    for one in placed:
        laying = one.layings[0]
        bent = laying.bent
        for index, (element, _) in enumerate(drawn_buildings(one.sketch)):
            rows.append(
                {
                    "id": one.sketch.full_name(element.id),
                    "label": element.label,
                    "support": round(float(bent.support[index]), 3),
                    "evidence": round(float(bent.evidence[index]), 3),
                    "spread_m": round(float(bent.spread_m[index]), 2),
                    "sketch_probability": round(laying.probability, 4),
                }
            )
            shapes.append(to_lonlat(frame, bent.outlines[index]))
    columns = ["id", "label", "support", "evidence", "spread_m", "sketch_probability"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry=shapes, crs="EPSG:4326")
