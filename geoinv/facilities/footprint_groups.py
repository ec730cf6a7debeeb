"""What was drawn and what stands on the ground, gathered: which drawn elements stand for one building."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.footprint_lines import line_tolerance_m, lines_apart
from geoinv.facilities.match_items import fold_words
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.geometry.overlap import iou
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.placements import Match, Placement
from geoinv.records.places import Frame

__all__ = [
    "AGREE_DRAWN",
    "BELIEVED",
    "LINES",
    "Drawn",
    "Ground",
    "Outline",
    "OutlineFrom",
    "Role",
    "area_of",
    "both_areas",
    "drawn_elements",
    "ground_shapes",
    "grouped",
    "lies_on",
    "place_elements",
    "walls_as_seen",
]

Role = Literal["building", "wall", "gate", "tower"]
OutlineFrom = Literal["imagery", "imagery prompted", "sketch", "person"]

#: Overlap from which two placed drawings mean one building.
AGREE_DRAWN = 0.3
#: Overlap from which outlines read under two drawings' elements are of one building.
_ONE_OUTLINE = 0.5
#: A pair below this is not believed.
BELIEVED = 0.3
#: Roles whose place is that of a line or point as drawn: no pixels are read for them.
LINES = ("wall", "gate")
#: Walls read off the scene are one within this distance, metres: a wall has an outer and an inner edge.
_ONE_WALL_M = 2.0
#: A wall of at most this share of another's length may be a part of it; else it is another wall.
_PART = 0.8
_ROLES: dict[str, Role] = {
    "building": "building",
    "other": "building",
    "tower": "tower",
    "wall": "wall",
    "fence": "wall",
    "gate": "gate",
}


@dataclass
class Drawn:
    """One drawn element with what is known of its place; shapes in metres of the frame.

    ``probability`` is that of its pair, ``placed_probability`` that of its drawing's place, and ``borne`` that what was
    drawn is what stands where it was laid, as far as the scene tells. ``beside`` are the further candidates that a
    block stands for, with the probability of each.
    """

    name: str
    sketch: Sketch
    element: SketchElement
    role: Role
    placed: BaseGeometry | None = None
    candidate: str | None = None
    probability: float | None = None
    why: str = "the sketch could not be placed"
    rms_m: float | None = None
    placed_probability: float = 0.0
    rivals: list[tuple[str, float]] = field(default_factory=list)
    seen: BaseGeometry | None = None
    borne: float | None = None
    beside: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Outline:
    """An outline read under a placed sketch, metres of the frame; see ``reconcile_footprints``."""

    id: str
    shape: BaseGeometry
    origin: OutlineFrom
    score: float
    method: str
    scene: str | None
    drawn: tuple[str, ...]


@dataclass(frozen=True)
class Ground:
    """Everything that stands or may stand there, in metres of the frame.

    ``standing`` is the probability that a real building stands where a candidate is: ``probability`` where a detector
    gives one, else the ``existence`` that came with it.
    """

    frame: Frame
    candidates: dict[str, BaseGeometry]
    standing: dict[str, float]
    scenes: dict[str, str]
    outlines: tuple[Outline, ...]


def _column(table: gpd.GeoDataFrame, name: str, index: int) -> Any:
    value = table[name].iloc[index] if name in table.columns else None
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


def _listed(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.startswith("[") else [value]
        except json.JSONDecodeError:
            value = [value]
    return tuple(str(one) for one in value) if isinstance(value, list | tuple | np.ndarray) else ()


def area_of(shape: BaseGeometry | None) -> BaseGeometry | None:
    """The polygons of a geometry made valid, or ``None``."""
    if shape is None or shape.is_empty or shape.area <= 0:
        return None
    good = shape if shape.is_valid else shapely.make_valid(shape)
    parts = [one for one in getattr(good, "geoms", [good]) if isinstance(one, Polygon | MultiPolygon) and one.area > 0]
    return max(parts, key=lambda one: float(one.area)) if parts else None


def ground_shapes(frame: Frame, candidates: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame) -> Ground:
    """Candidates and outlines with an area, in metres of the frame."""
    shapes: dict[str, BaseGeometry] = {}
    standing: dict[str, float] = {}
    scenes: dict[str, str] = {}
    for index in range(len(candidates)):
        shape = candidates.geometry.iloc[index]
        area = area_of(None if shape is None else to_local(frame, shape))
        role = _column(candidates, "role", index)
        if area is None or role not in (None, "building", "other", "tower"):
            continue
        name = str(candidates["id"].iloc[index])
        known = _column(candidates, "probability", index)
        shapes[name] = area
        standing[name] = float((_column(candidates, "existence", index) or 0.0) if known is None else known)
        if scene := _column(candidates, "scene", index):
            scenes[name] = str(scene)
    rows = []
    for index in range(len(outlines)):
        shape = outlines.geometry.iloc[index]
        area = area_of(None if shape is None else to_local(frame, shape))
        if area is None:
            continue
        name = str(outlines["id"].iloc[index])
        score = _column(outlines, "score", index)
        origin: OutlineFrom = _column(outlines, "outline_from", index) or "imagery prompted"
        drawn = _listed(_column(outlines, "drawn", index)) or ((name,) if "#" in name else ())
        scene = _column(outlines, "scene", index)
        rows.append(
            Outline(
                name,
                area,
                origin,
                0.5 if score is None else float(score),
                str(_column(outlines, "method", index) or ""),
                None if scene is None else str(scene),
                drawn,
            )
        )
    return Ground(frame, shapes, standing, scenes, tuple(rows))


def drawn_elements(sketches: Sequence[Sketch], borne: Mapping[str, float] = MappingProxyType({})) -> list[Drawn]:
    """Everything the site plans draw that becomes a footprint.

    Parameters
    ----------
    sketches
        All drawings.
    borne
        ``sketch-file#element-id`` → how likely what was drawn is what stands where it was laid.
    """
    out = []
    for sketch in sketches:
        if sketch.scope != "site":
            continue
        for element in sketch.elements:
            role = _ROLES.get(element.role)
            line = element.geometry.area <= 0
            if role is None or element.geometry.is_empty or (element.role == "other" and line):
                continue
            name = sketch.full_name(element.id)
            out.append(Drawn(name, sketch, element, role, borne=borne.get(name)))
    return out


def place_elements(drawn: Sequence[Drawn], match: Match, placement: Placement | None, frame: Frame) -> None:
    """Fill in where each element lies in the preferred placement, and its rivals in the others."""
    if placement is None:
        return
    for one in drawn:
        own = placement.sketches.get(one.sketch.name)
        if own is None:
            continue
        placed = to_local(frame, to_lonlat(own.transform.frame, own.transform.apply(one.element.geometry)))
        one.placed = placed
        # A step that places each drawing by itself says how sure each is; else all stand or fall together.
        one.placed_probability = float((own.model_extra or {}).get("sketch_probability", placement.probability))
        one.why = next((item.why for item in own.unmatched if item.sketch == one.element.id), "")
        off = [value for value in own.residuals_m.values() if math.isfinite(value)]
        one.rms_m = float(np.sqrt(np.mean(np.square(off)))) if len(off) >= 3 else None
        for pair in own.pairs:
            if one.element.id in pair.sketch:
                each = pair.each or (pair.probability,) * len(pair.candidates)
                one.candidate, one.probability = pair.candidates[0], each[0]
                one.beside = tuple(zip(pair.candidates[1:], each[1:], strict=True))
        one.rivals = _rivals(one, match)


def walls_as_seen(drawn: Sequence[Drawn], ground: Ground) -> None:
    """Note of each wall that was read off the scene all the way round where it was read there."""
    read = {outline.drawn[0]: outline.shape for outline in ground.outlines if len(outline.drawn) == 1}
    for one in drawn:
        shape = read.get(one.name)
        # A strip with a hole is a ring; its outer edge is the wall's own line but for half the wall.
        if one.role == "wall" and isinstance(shape, Polygon) and shape.interiors:
            one.seen = shape.exterior


def _rivals(one: Drawn, match: Match) -> list[tuple[str, float]]:
    """Other candidates the element is in other placements, with those placements' probability."""
    weight: dict[str, float] = {}
    members = {one.candidate, *(name for name, _ in one.beside)}
    for placement in match.placements:
        own = placement.sketches.get(one.sketch.name)
        for pair in own.pairs if own is not None else ():
            if one.element.id in pair.sketch and not members & set(pair.candidates):
                weight[pair.candidates[0]] = weight.get(pair.candidates[0], 0.0) + placement.probability
    return sorted(weight.items(), key=lambda item: (-item[1], item[0]))


def grouped(drawn: list[Drawn], ground: Ground) -> list[list[Drawn]]:
    """Drawn elements that stand for one building: one candidate, one outline, or two sketches' shapes on each other."""
    group = {one.name: {one.name} for one in drawn}
    by_name = {one.name: one for one in drawn}

    def join(first: str, second: str, *, same_sketch: bool = False) -> None:
        both = group[first] | group[second]
        if by_name[first].role in LINES and not _all_close(group[first], group[second]):
            return  # a line that lies by its neighbour, and that by the next, is not therefore one line with the last
        sketches = [by_name[name].sketch.name for name in both]
        if same_sketch or len(set(sketches)) == len(sketches):
            for name in both:
                group[name] = both

    def _all_close(ours: set[str], theirs: set[str]) -> bool:
        return all(_closeness(by_name[one], by_name[other]) > 0 for one in ours for other in theirs - ours)

    believed = [one for one in drawn if one.candidate in ground.candidates and (one.probability or 0.0) >= BELIEVED]
    for index, one in enumerate(believed):
        for other in believed[index + 1 :]:
            if one.candidate == other.candidate:
                join(one.name, other.name, same_sketch=True)
    for outline in ground.outlines:
        names = [name for name in outline.drawn if name in group]
        for name in names[1:]:
            join(names[0], name, same_sketch=True)
    read = {outline.drawn[0]: outline.shape for outline in ground.outlines if len(outline.drawn) == 1}
    links = []
    for index, one in enumerate(drawn):
        for other in drawn[index + 1 :]:
            closeness = max(_closeness(one, other), _overlap(one, other, read))
            if closeness > 0.0:
                links.append((-closeness, one.name, other.name))
    for _, first, second in sorted(links):
        join(first, second)
    seen: set[str] = set()
    out = []
    for one in drawn:
        if one.name not in seen:
            seen |= group[one.name]
            out.append([by_name[other.name] for other in drawn if other.name in group[one.name]])
    return out


def _overlap(one: Drawn, other: Drawn, read: Mapping[str, BaseGeometry]) -> float:
    """How far the outlines read under two drawings' elements are one, above every other sign; 0 if they are not."""
    if one.sketch.name == other.sketch.name or one.name not in read or other.name not in read:
        return 0.0
    overlap = iou(read[one.name], read[other.name])
    return 1.0 + overlap if overlap >= _ONE_OUTLINE else 0.0


def _closeness(one: Drawn, other: Drawn) -> float:
    """How surely two elements of different sketches are one thing, 0 if they are not."""
    if one.sketch.name == other.sketch.name or one.role != other.role or one.placed is None or other.placed is None:
        return 0.0
    if one.role in LINES:
        return _one_line(one, other)
    words = fold_words(one.element.label), fold_words(other.element.label)
    alike = bool(words[0]) and words[0] == words[1]
    sure = [item.candidate for item in (one, other) if item.candidate and (item.probability or 0.0) >= BELIEVED]
    if len(sure) == 2 and sure[0] != sure[1] and not alike:
        return 0.0
    overlap = (
        iou(*(shape for item in (one, other) if (shape := area_of(item.placed)) is not None))
        if both_areas(one, other)
        else 0.0
    )
    if overlap >= AGREE_DRAWN:
        return overlap
    size = math.sqrt(max(one.placed.area, other.placed.area, 25.0))
    centres = float(one.placed.centroid.distance(other.placed.centroid))
    return 0.2 / (1.0 + centres / size) if alike and centres < 1.5 * size else 0.0


def lies_on(one: Drawn, other: Drawn) -> bool:
    """Whether another drawing has a gate, or all of a wall and nothing else, where this one has it.

    Within their placements' own errors; no further than a few metres, whatever those are.
    """
    if one.placed is None or other.placed is None:
        return False
    tolerance = line_tolerance_m(one.rms_m, other.rms_m)
    if one.role == "gate":
        return float(one.placed.distance(other.placed)) <= tolerance
    return lines_apart(one.placed, other.placed).within(tolerance)


def _one_line(one: Drawn, other: Drawn) -> float:
    """How close two drawn walls or gates lie, 0 if they are two. A wall that lies along a part of another is that."""
    if one.placed is None or other.placed is None:
        return 0.0
    # Walls that were led onto one line of the scene are one wall, though that is no agreement of those who drew them.
    if one.seen is not None and other.seen is not None:
        on_scene = lines_apart(one.seen, other.seen)
        return 1.0 / (1.0 + on_scene.mean_m) if on_scene.within(_ONE_WALL_M) else 0.0
    between = lines_apart(one.placed, other.placed)
    if lies_on(one, other):
        return 1.0 / (1.0 + between.mean_m)
    short, long = sorted((one, other), key=lambda item: float(item.placed.length if item.placed else 0.0))
    assert short.placed is not None and long.placed is not None
    part = one.role == "wall" and short.placed.length <= _PART * long.placed.length
    near = between.one_way_m <= line_tolerance_m(one.rms_m, other.rms_m)
    return 0.5 / (1.0 + between.one_way_m) if part and near else 0.0


def both_areas(one: Drawn, other: Drawn) -> bool:
    """Whether both elements have an area where they are placed."""
    return area_of(one.placed) is not None and area_of(other.placed) is not None
