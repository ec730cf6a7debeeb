"""Step “place”: outlines suggested by the clearest scene, and where each drawing lies on it, if anywhere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.case.agreeing import together
from geoinv.case.build import Job
from geoinv.case.decisions import placements_of
from geoinv.case.enclosing import joined, part_along, wall_pieces
from geoinv.case.ground import Ground
from geoinv.case.making.common import anchors_of, location_of, made_by, opened_scenes, sketches_of
from geoinv.case.placing import LaidSketch, Laying, Propose, borne_out, lay_again, lay_as_told, lay_sketch
from geoinv.case.settling import on_wall
from geoinv.errors import GeoinvError
from geoinv.facilities.match import match
from geoinv.facilities.match_io import match_json
from geoinv.facilities.sketch_shapes import drawn_buildings
from geoinv.files.atomic import write_json
from geoinv.files.geojson import write_table
from geoinv.geometry.fits import affine, bidimensional_regression, similarity
from geoinv.geometry.frames import to_local, to_lonlat, xy_to_local
from geoinv.imagery.detect import detect
from geoinv.imagery.elastic import BentPlan
from geoinv.imagery.scene import Scene
from geoinv.records.decisions import PlaceSketch
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.locations import Location
from geoinv.records.placements import Fit, Match, Pair, Placement, SketchPlacement, Transform, Unmatched
from geoinv.records.places import Frame

__all__ = ["make"]

#: Compounds larger than this across are not looked for, metres: a facility without a drawing of its size is taken to
#: be smaller.
_HALF_COMPOUND_M = 80.0
_RIVALS = 8
#: A drawing whose place is this likely may help to lay the others, with those of its buildings that have this much
#: evidence.
_SURE, _BORNE_OUT = 0.8, 0.4
#: Probability from which a drawn building is one found without the drawing.
_CLAIMED = 0.5
_NUMBERS = ("support", "evidence", "probability", "spread_m", "sketch_probability")
#: What stands for the candidate of a wall that was found without any drawing.
_YARD = "yard"
#: Buildings from which a drawing's shear can be told from their own errors.
_ENOUGH_TO_SHEAR = 5


def make(job: Job, folder: Path) -> list[str]:
    """Write ``candidates.geojson``, ``match.json`` and, each drawn building as it lies, ``placed.geojson``."""
    problems: list[str] = []
    location = location_of(job)
    with opened_scenes(job, problems) as scenes:
        scene = clearest(scenes, location)
        if scene is None:
            return [*problems, f"{job.facility.slug}: no scene covers where this is; add one to imagery/."]
        frame = facility_frame(location, scene)
        candidates = candidates_of(scene, frame, location)
        write_table(folder / "candidates.geojson", candidates, geoinv=made_by(job, "place"))
        ground = Ground(scene, frame, candidates, location, anchors_of(job))
        laid = _lay_all(job, ground, problems)
    problems += [sentence for one in laid if (sentence := _trouble(one))]
    names = list(ground.found)
    result, rows = _as_match(laid, frame, names)
    members = {"geoinv": made_by(job, "place")}
    write_json(folder / "match.json", {**match_json(result), "scene": scene.name, **members})
    write_table(folder / "placed.geojson", rows, **members)
    return problems


def clearest(scenes: Sequence[Scene], location: Location | None) -> Scene | None:
    """The scene with the finest pixels among those that cover where the facility is; of equals, the latest."""
    there = covering(scenes, location)
    return max(there, key=lambda scene: (-round(scene.gsd, 3), there.index(scene)), default=None)


def covering(scenes: Sequence[Scene], location: Location | None) -> list[Scene]:
    """The scenes that show where the facility is, in the order given."""
    spot = shapely.Point(location.best) if location else None
    return [scene for scene in scenes if spot is None or scene.bounds.contains(spot)]


def facility_frame(location: Location | None, scene: Scene) -> Frame:
    """The frame of everything computed for the facility: about its location, else about the scene."""
    return location.frame if location else scene.frame


def candidates_of(scene: Scene, frame: Frame, location: Location | None) -> gpd.GeoDataFrame:
    """Outlines that the scene suggests without any drawing, where the facility can be."""
    found = detect(scene, within=_study_area(scene, frame, location))
    return found.assign(scene=scene.name)


def _study_area(scene: Scene, frame: Frame, location: Location | None) -> BaseGeometry:
    """Where buildings of the facility can be: the 90 % region and half a compound beyond, within the scene."""
    if location is None:
        return scene.bounds
    region = to_local(frame, location.region(0.9).geometry).buffer(_HALF_COMPOUND_M, quad_segs=4)
    return to_lonlat(frame, region).intersection(scene.bounds)


def _lay_all(job: Job, ground: Ground, problems: list[str]) -> list[LaidSketch]:
    """Every site plan where a person put it, or where it is found by itself and then beside the others."""
    decided = placements_of(job.case, job.facility.slug)
    laid: list[LaidSketch] = []
    for sketch in sketches_of(job):
        if sketch.scope != "site":
            continue
        try:
            if (decision := decided.get(sketch.name)) is not None:
                laid += _as_decided(sketch, ground, decision)
            else:
                laid.append(lay_sketch(sketch, ground, _proposer(ground, ground.candidates)))
        except GeoinvError as error:
            problems.append(error.at(file=sketch.name).sentence())
    laid = together(laid)
    laid = together([_beside_others(one, laid, ground) for one in laid])
    return [on_wall(one, ground) if one.best is not None else one for one in laid]


def _as_decided(sketch: Sketch, ground: Ground, decision: PlaceSketch) -> list[LaidSketch]:
    if decision.none:
        return []
    transform = decision.transform
    tied = _tied_places(decision, ground.frame, ground.candidates)
    if len(tied) >= 2:
        transform = _by_ties(sketch, tied, ground.frame)
    elif decision.ties:
        told = match(ground.candidates, [sketch], ties=decision.ties, anchors=ground.anchors)
        transform = told.placements[0].sketches[sketch.name].transform if told.placements else None
    if transform is None:
        return []
    return [lay_as_told(sketch, ground, transform, tied)]


def _by_ties(sketch: Sketch, tied: Mapping[str, tuple[float, float]], frame: Frame) -> Transform | None:
    """The similarity that a person's ties give by themselves; ``None`` where the drawing lacks what was tied."""
    drawn = {element.id: shape.centroid.coords[0] for element, shape in drawn_buildings(sketch)}
    known = [name for name in tied if name in drawn]
    if len(known) < 2:
        return None
    matrix = similarity(np.array([drawn[name] for name in known]), np.array([tied[name] for name in known]))
    rows = np.round(matrix, 6).tolist()
    return Transform(matrix=(tuple(rows[0]), tuple(rows[1])), origin=(frame.lon, frame.lat))


def _tied_places(decision: PlaceSketch, frame: Frame, candidates: gpd.GeoDataFrame) -> dict[str, tuple[float, float]]:
    """Where a person's ties put drawn elements, metres east and north."""
    middles = {str(name): shape.centroid for name, shape in zip(candidates["id"], candidates.geometry, strict=True)}
    places = {}
    for tie in decision.ties:
        point = shapely.Point(tie.point) if tie.point else middles.get(tie.candidate or "")
        if point is not None:
            east, north = xy_to_local(frame, np.array([[point.x, point.y]]))[0]
            places[tie.element] = (float(east), float(north))
    return places


def _proposer(ground: Ground, candidates: gpd.GeoDataFrame) -> Propose:
    """Proposes the places that matching with outlines on the ground finds."""

    def propose(sketch: Sketch) -> list[Transform]:
        found = match(candidates, [sketch], prior=ground.prior, anchors=ground.anchors)
        return [placement.sketches[sketch.name].transform for placement in found.placements[:_RIVALS]]

    return propose


def _beside_others(one: LaidSketch, laid: Sequence[LaidSketch], ground: Ground) -> LaidSketch:
    """A drawing weighed again with the buildings that the surer of the others were laid on."""
    surer = [other for other in laid if other is not one and other.best is not None and other.best.probability >= _SURE]
    # What fits nowhere by itself is not made to fit by what others drew: it may show another place.
    if one.told or not one.layings or one.none_probability >= 0.5 or not surer:
        return one
    standing = _standing(surer)
    if len(standing) < 3:
        return one
    shapes = [to_lonlat(ground.frame, shape) for shape in standing]
    names = [f"s{number}" for number in range(len(shapes))]
    table = gpd.GeoDataFrame({"id": names, "existence": 0.8}, geometry=shapes, crs="EPSG:4326")
    return lay_again(one, ground, standing, _proposer(ground, table))


def _standing(surer: Sequence[LaidSketch]) -> list[Polygon]:
    """Buildings of the drawings, those that the pixels bear out, each once."""
    found: list[tuple[float, Polygon]] = []
    for other in surer:
        assert other.best is not None
        bent = other.best.bent
        found += [(float(e), shape) for e, shape in zip(bent.evidence, bent.outlines, strict=True) if e > _BORNE_OUT]
    kept: list[Polygon] = []
    for _, shape in sorted(found, key=lambda pair: -pair[0]):
        if all(shape.intersection(other).area < 0.3 * min(shape.area, other.area) for other in kept):
            kept.append(shape)
    return kept


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
    if laid.none_probability >= 0.5:
        none = f"{laid.none_probability:.0%} none"
        return f"{name}: it fits no place here better than chance ({none}); it may show another, or place it by ties."
    return f"{name}: several places here fit it about equally well; say which with three ties (geoinv decide place)."


def _as_match(laid: Sequence[LaidSketch], frame: Frame, found: Sequence[str]) -> tuple[Match, gpd.GeoDataFrame]:
    """The placements as MATCH.json has them, and every drawn building and wall as it lies; ``found`` are candidates."""
    placed = [one for one in laid if one.best is not None]
    if not placed:
        none = min((one.none_probability for one in laid), default=1.0)
        return Match(none_probability=max(none, 0.5)), _rows([], frame, found)
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
        sketches = {one.sketch.name: _placement(one, choice[one.sketch.name], frame, found) for one in placed}
        placements.append(Placement(rank=rank, probability=round(float(part), 6), sketches=sketches))
    rest = round(1.0 - sum(placement.probability for placement in placements), 6)
    return Match(none_probability=min(max(rest, 0.0), 1.0), placements=tuple(placements)), _rows(placed, frame, found)


def _placement(one: LaidSketch, rank: int, frame: Frame, found: Sequence[str]) -> SketchPlacement:
    """One drawing at one of its places: which candidates its buildings are, and how far they were bent."""
    laying = one.layings[rank]
    drawn = drawn_buildings(one.sketch)
    pairs, unmatched = [], []
    for index, (element, _) in enumerate(drawn):
        name, sure = _claimed(laying, index, found)
        if name is not None:
            probability = round(laying.probability * sure, 4)
            pairs.append(Pair(sketch=(element.id,), candidates=(name,), probability=probability))
        else:
            unmatched.append(Unmatched(sketch=element.id, why="no outline was found there without the drawing's help"))
    return SketchPlacement.model_validate(
        {
            "transform": _settled(laying, one.sketch, frame),
            "pairs": tuple(pairs),
            "unmatched": tuple(unmatched),
            "fit": _fit(drawn, laying.bent.outlines),
            "residuals_m": {
                element.id: round(float(np.hypot(*shift)), 2)
                for (element, _), shift in zip(drawn, laying.bent.shift, strict=True)
            },
            "mirrored": laying.transform.mirrored,
            "sketch_probability": round(laying.probability, 4),
            "sketch_none_probability": round(one.none_probability, 4),
            "edge_evidence": round(float(laying.bent.evidence.sum() + laying.walls.evidence.sum()), 2),
        }
    )


def _claimed(laying: Laying, index: int, found: Sequence[str]) -> tuple[str | None, float]:
    """The candidate that a drawn building most likely is, where that is likelier than not, and how likely."""
    claims = laying.bent.claimed[index, : len(found)]
    best = int(claims.argmax()) if len(claims) else -1
    return (found[best], float(claims[best])) if best >= 0 and claims[best] >= _CLAIMED else (None, 0.0)


def _settled(laying: Laying, sketch: Sketch, frame: Frame) -> Transform:
    """The transform that best takes the drawing to its bent buildings and walls: what else it shows lies so too."""
    drawn = drawn_buildings(sketch)
    if len(drawn) + len(laying.walls.outlines) < 2:
        return laying.transform
    pieces = [piece for _, piece in wall_pieces(sketch)]
    source = np.array([shape.centroid.coords[0] for shape in (*(shape for _, shape in drawn), *pieces)])
    lain = (*laying.bent.outlines, *laying.walls.outlines)
    target = np.array([outline.centroid.coords[0] for outline in lain])
    evidence = np.concatenate([laying.bent.evidence, laying.walls.evidence])
    weights = np.array([borne_out(float(one)) for one in evidence])
    fit = affine if len(source) >= _ENOUGH_TO_SHEAR else similarity
    matrix = np.round(fit(source, target, weights=weights), 6).tolist()
    return Transform(matrix=(tuple(matrix[0]), tuple(matrix[1])), origin=(frame.lon, frame.lat))


def _fit(drawn: Sequence[tuple[SketchElement, Polygon]], outlines: Sequence[Polygon]) -> dict[str, Fit]:
    """Bidimensional regression of the drawn centres on where they ended up; needs four of them."""
    if len(drawn) < 4:
        return {}
    source = np.array([shape.centroid.coords[0] for _, shape in drawn])
    target = np.array([outline.centroid.coords[0] for outline in outlines])
    fits = {}
    for kind in ("euclidean", "affine"):
        found = bidimensional_regression(target, source, kind=kind)
        fits[kind] = Fit(r2=round(found.r2, 4), distortion_index=round(found.distortion_index, 2))
    return fits


def _rows(placed: Sequence[LaidSketch], frame: Frame, found: Sequence[str]) -> gpd.GeoDataFrame:
    """Every drawn building and wall as it lies, with what the pixels say of it and which candidate it is, if any."""
    rows: list[dict[str, Any]] = []
    shapes = []
    for one in placed:
        for element, shape, how in _as_laid(one, found):
            rows.append({"id": one.sketch.full_name(element.id), "role": element.role, "label": element.label, **how})
            shapes.append(to_lonlat(frame, shape))
    columns = [
        "id",
        "role",
        "label",
        "candidate",
        "support",
        "evidence",
        "probability",
        "spread_m",
        "sketch_probability",
    ]
    return gpd.GeoDataFrame(rows, columns=columns, geometry=shapes, crs="EPSG:4326")


def _as_laid(one: LaidSketch, found: Sequence[str]) -> Iterator[tuple[SketchElement, BaseGeometry, dict[str, Any]]]:
    """Each drawn building, then each drawn wall, of a drawing's likeliest place: its shape in metres, and numbers."""
    laying = one.layings[0]
    bent, walls = laying.bent, laying.walls
    for index, (element, _) in enumerate(drawn_buildings(one.sketch)):
        how = {"candidate": _claimed(laying, index, found)[0], **_how(laying, bent, [index])}
        yield element, bent.outlines[index], how
    names = [name for name, _ in wall_pieces(one.sketch)]
    by_id = {element.id: element for element in one.sketch.elements}
    for name, line in joined(list(zip(names, walls.outlines, strict=True))).items():
        parts = [index for index, own in enumerate(names) if own == name]
        how = {"candidate": None, **_how(laying, walls, parts)}
        if laying.wall is not None and name in laying.wall.elements:
            how |= {"candidate": _YARD if laying.wall.blind else None, "support": round(laying.wall.strength, 3)}
            line = part_along(laying.wall.ring, line)
        yield by_id[name], line, how


def _how(laying: Laying, bent: BentPlan[Any], parts: Sequence[int]) -> dict[str, float]:
    """How well the pixels bear out a building, or a wall by the mean of its pieces."""
    chosen = list(parts)
    evidence = float(bent.evidence[chosen].mean())
    return {
        "support": round(float(bent.support[chosen].mean()), 3),
        "evidence": round(evidence, 3),
        "probability": round(laying.probability * borne_out(evidence), 4),
        "spread_m": round(float(bent.spread_m[chosen].mean()), 2),
        "sketch_probability": round(laying.probability, 4),
    }
