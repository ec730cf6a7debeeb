"""From drawn elements, candidates and outlines to one footprint a building, saying who drew it and how it is known.

``reconcile_footprints`` accepts as ``outlines`` a table with columns ``id``, geometry (longitude and latitude), and where known ``score``
(0–1), ``method``, ``outline_from`` (``imagery prompted``, ``sketch``, ``imagery`` or ``person``), ``scene`` and ``drawn``: a list (or
its JSON text) of ``sketch-file#element-id`` that prompted the outline. A row without ``drawn`` whose id is such a name counts as
prompted by it.

An outline that was prompted by a sketch does not corroborate that sketch: it is ``attested``, until an outline found without any
prompt, or a second independent witness, agrees with it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.footprint_tables import footprints_table, read_footprints, read_unplaced, unplaced_table
from geoinv.facilities.match_items import fold_words
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.records.base import derived_id
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.evidence import Confidence, Evidence, Status
from geoinv.records.footprints import Footprint, Unplaced
from geoinv.records.placements import Match, Placement
from geoinv.records.places import Frame

__all__ = [
    "FootprintSet",
    "footprints_table",
    "read_footprints",
    "read_unplaced",
    "reconcile_footprints",
    "unplaced_table",
]

Role = Literal["building", "wall", "gate", "tower"]
OutlineFrom = Literal["imagery", "imagery prompted", "sketch", "person"]

#: Overlap from which two independent outlines, and two placed drawings, mean one building.
AGREE_IMAGERY, AGREE_DRAWN = 0.4, 0.3
#: A pair below this is not believed; below the second it gets a warning.
BELIEVED, DOUBTFUL = 0.3, 0.6
#: ``existence`` from which a candidate that nobody drew is kept.
OBSERVED = 0.6
#: 90 % half-widths, metres, of outlines read off pixels without and with a sketch as prompt, and of a sketch with no residuals.
IMAGERY_M, PROMPTED_M, SKETCH_M = 2.0, 3.0, 20.0
_ROLES: dict[str, Role] = {
    "building": "building",
    "other": "building",
    "tower": "tower",
    "wall": "wall",
    "fence": "wall",
    "gate": "gate",
}


@dataclass(frozen=True)
class FootprintSet:
    """Footprints, and drawn buildings that found no place."""

    footprints: tuple[Footprint, ...]
    unplaced: tuple[Unplaced, ...]


@dataclass
class _Drawn:
    """One drawn element with what is known of its place; shapes in metres of the frame."""

    name: str
    sketch: Sketch
    element: SketchElement
    role: Role
    placed: BaseGeometry | None = None
    candidate: str | None = None
    probability: float | None = None
    why: str = "the sketch could not be placed"
    rms_m: float | None = None
    rivals: list[tuple[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class _Outline:
    id: str
    shape: BaseGeometry
    origin: OutlineFrom
    score: float
    method: str
    scene: str | None
    drawn: tuple[str, ...]


@dataclass(frozen=True)
class _Ground:
    """Everything that stands or may stand there, in metres of the frame."""

    frame: Frame
    candidates: dict[str, BaseGeometry]
    existence: dict[str, float]
    scenes: dict[str, str]
    outlines: tuple[_Outline, ...]


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


def _area_of(shape: BaseGeometry | None) -> BaseGeometry | None:
    """The polygons of a geometry made valid, or ``None``."""
    if shape is None or shape.is_empty or shape.area <= 0:
        return None
    good = shape if shape.is_valid else shapely.make_valid(shape)
    parts = [one for one in getattr(good, "geoms", [good]) if isinstance(one, Polygon | MultiPolygon) and one.area > 0]
    return max(parts, key=lambda one: float(one.area)) if parts else None


def _ground(frame: Frame, candidates: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame) -> _Ground:
    shapes: dict[str, BaseGeometry] = {}
    existence: dict[str, float] = {}
    scenes: dict[str, str] = {}
    for index in range(len(candidates)):
        shape = candidates.geometry.iloc[index]
        area = _area_of(None if shape is None else to_local(frame, shape))
        role = _column(candidates, "role", index)
        if area is None or role not in (None, "building", "other", "tower"):
            continue
        name = str(candidates["id"].iloc[index])
        shapes[name], existence[name] = area, float(_column(candidates, "existence", index) or 0.0)
        if scene := _column(candidates, "scene", index):
            scenes[name] = str(scene)
    rows = []
    for index in range(len(outlines)):
        shape = outlines.geometry.iloc[index]
        area = _area_of(None if shape is None else to_local(frame, shape))
        if area is None:
            continue
        name = str(outlines["id"].iloc[index])
        score = _column(outlines, "score", index)
        origin: OutlineFrom = _column(outlines, "outline_from", index) or "imagery prompted"
        drawn = _listed(_column(outlines, "drawn", index)) or ((name,) if "#" in name else ())
        scene = _column(outlines, "scene", index)
        rows.append(
            _Outline(
                name,
                area,
                origin,
                0.5 if score is None else float(score),
                str(_column(outlines, "method", index) or ""),
                None if scene is None else str(scene),
                drawn,
            )
        )
    return _Ground(frame, shapes, existence, scenes, tuple(rows))


def _drawn_elements(sketches: Sequence[Sketch]) -> list[_Drawn]:
    out = []
    for sketch in sketches:
        if sketch.scope != "site":
            continue
        for element in sketch.elements:
            role = _ROLES.get(element.role)
            line = element.geometry.area <= 0
            if role is None or element.geometry.is_empty or (element.role == "other" and line):
                continue
            out.append(_Drawn(sketch.full_name(element.id), sketch, element, role))
    return out


def _place(drawn: Sequence[_Drawn], match: Match, placement: Placement | None, frame: Frame) -> None:
    """Fill in where each element lies in the preferred placement, and its rivals in the others."""
    if placement is None:
        return
    for one in drawn:
        own = placement.sketches.get(one.sketch.name)
        if own is None:
            continue
        placed = to_local(frame, to_lonlat(own.transform.frame, own.transform.apply(one.element.geometry)))
        one.placed = placed
        one.why = next((item.why for item in own.unmatched if item.sketch == one.element.id), "")
        off = [value for value in own.residuals_m.values() if math.isfinite(value)]
        one.rms_m = float(np.sqrt(np.mean(np.square(off)))) if len(off) >= 3 else None
        for pair in own.pairs:
            if one.element.id in pair.sketch:
                one.candidate, one.probability = pair.candidates[0], pair.probability
        one.rivals = _rivals(one, match)


def _rivals(one: _Drawn, match: Match) -> list[tuple[str, float]]:
    """Other candidates the element is in other placements, with those placements' probability."""
    weight: dict[str, float] = {}
    for placement in match.placements:
        own = placement.sketches.get(one.sketch.name)
        for pair in own.pairs if own is not None else ():
            if one.element.id in pair.sketch and pair.candidates[0] != one.candidate:
                weight[pair.candidates[0]] = weight.get(pair.candidates[0], 0.0) + placement.probability
    return sorted(weight.items(), key=lambda item: (-item[1], item[0]))


def _iou(one: BaseGeometry, other: BaseGeometry) -> float:
    both = one.intersection(other).area
    return float(both / (one.area + other.area - both)) if both else 0.0


def _groups(drawn: list[_Drawn], ground: _Ground) -> list[list[_Drawn]]:
    """Drawn elements that stand for one building: one candidate, one outline, or two sketches' shapes on each other."""
    group = {one.name: {one.name} for one in drawn}
    by_name = {one.name: one for one in drawn}

    def join(first: str, second: str, *, same_sketch: bool = False) -> None:
        both = group[first] | group[second]
        sketches = [by_name[name].sketch.name for name in both]
        if same_sketch or len(set(sketches)) == len(sketches):
            for name in both:
                group[name] = both

    believed = [one for one in drawn if one.candidate in ground.candidates and (one.probability or 0.0) >= BELIEVED]
    for index, one in enumerate(believed):
        for other in believed[index + 1 :]:
            if one.candidate == other.candidate:
                join(one.name, other.name, same_sketch=True)
    for outline in ground.outlines:
        names = [name for name in outline.drawn if name in group]
        for name in names[1:]:
            join(names[0], name, same_sketch=True)
    links = []
    for index, one in enumerate(drawn):
        for other in drawn[index + 1 :]:
            closeness = _closeness(one, other)
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


def _closeness(one: _Drawn, other: _Drawn) -> float:
    """How surely two elements of different sketches are one thing, 0 if they are not."""
    if one.sketch.name == other.sketch.name or one.role != other.role or one.placed is None or other.placed is None:
        return 0.0
    apart = float(one.placed.distance(other.placed))
    words = fold_words(one.element.label), fold_words(other.element.label)
    alike = bool(words[0]) and words[0] == words[1]
    if one.role == "gate":
        return 1.0 / (1.0 + apart) if apart < 15.0 else 0.0
    if one.role == "wall":
        off = shapely.distance(shapely.points(shapely.get_coordinates(one.placed)), other.placed).mean()
        return 1.0 / (1.0 + float(off)) if off < 15.0 else 0.0
    sure = [item.candidate for item in (one, other) if item.candidate and (item.probability or 0.0) >= BELIEVED]
    if len(sure) == 2 and sure[0] != sure[1] and not alike:
        return 0.0
    overlap = (
        _iou(*(shape for item in (one, other) if (shape := _area_of(item.placed)) is not None))
        if _both_areas(one, other)
        else 0.0
    )
    if overlap >= AGREE_DRAWN:
        return overlap
    size = math.sqrt(max(one.placed.area, other.placed.area, 25.0))
    centres = float(one.placed.centroid.distance(other.placed.centroid))
    return 0.2 / (1.0 + centres / size) if alike and centres < 1.5 * size else 0.0


def _both_areas(one: _Drawn, other: _Drawn) -> bool:
    return _area_of(one.placed) is not None and _area_of(other.placed) is not None


@dataclass(frozen=True)
class _Chosen:
    """The outline chosen for a group and what speaks for it."""

    shape: BaseGeometry
    origin: OutlineFrom
    scene: str | None
    status: Status
    note: str
    half_width_m: float
    probability: float | None
    sources: tuple[str, ...]


def _independent(group: Sequence[_Drawn], dependent: Sequence[Sequence[str]]) -> int:
    """How many independent witnesses drew it; an unnamed one counts once, one who had seen the others' material not at all beyond."""
    kin = {name: min(names) for names in dependent for name in names}
    return len({kin.get(one.sketch.witness or "", one.sketch.witness or "") for one in group})


def _witnesses_agree(group: Sequence[_Drawn], dependent: Sequence[Sequence[str]]) -> bool:
    """Whether two independent witnesses' own shapes, as placed, lie on each other."""
    for index, one in enumerate(group):
        for other in group[index + 1 :]:
            if _independent([one, other], dependent) == 2 and _both_areas(one, other):
                first, second = _area_of(one.placed), _area_of(other.placed)
                if first is not None and second is not None and _iou(first, second) >= AGREE_DRAWN:
                    return True
    return False


def _saw_imagery(group: Sequence[_Drawn]) -> bool:
    """Whether everyone who drew it had been shown imagery or a model first."""
    return all(bool(one.sketch.seen_before) for one in group)


def _choose(
    group: Sequence[_Drawn], ground: _Ground, placed: float, dependent: Sequence[Sequence[str]]
) -> _Chosen | None:
    """The best outline for a group: a person's, pixels under the sketch, pixels found blind, then the sketch itself."""
    names = {one.name for one in group}
    matched = [one for one in group if one.candidate in ground.candidates and (one.probability or 0.0) >= BELIEVED]
    lead = max(matched, key=lambda one: one.probability or 0.0, default=None)
    blind = ground.candidates[lead.candidate] if lead is not None and lead.candidate else None
    rows = [row for row in ground.outlines if names & set(row.drawn)]
    rank = {"person": 3, "imagery": 2, "imagery prompted": 1, "sketch": 0}
    row = max(rows, key=lambda one: (rank.get(one.origin, 0), one.score, one.id), default=None)
    probability = lead.probability if lead is not None else placed
    drawn = tuple(one.name for one in group)
    rms = [one.rms_m for one in group if one.rms_m is not None]
    sketch_m = 1.52 * min(rms) if rms else SKETCH_M
    if row is not None and row.origin != "sketch":
        status, note = _prompted_status(row, group, ground, dependent)
        width = {"person": IMAGERY_M, "imagery": IMAGERY_M}.get(row.origin, PROMPTED_M + 3.0 * (1.0 - row.score))
        return _Chosen(row.shape, row.origin, row.scene, status, note, width, probability, (*drawn, *_some(row.scene)))
    if blind is not None and lead is not None and lead.candidate is not None:
        trusted = not _saw_imagery(group) and (lead.probability or 0.0) >= 0.5
        status = Status.CORROBORATED if trusted else Status.ATTESTED
        note = (
            "drawn, and found in the imagery without any prompt"
            if trusted
            else "drawn; the outline it is taken for is not sure"
        )
        scene = ground.scenes.get(lead.candidate)
        return _Chosen(
            blind, "imagery", scene, status, note, IMAGERY_M, lead.probability, (*drawn, lead.candidate, *_some(scene))
        )
    shapes = [(area, one) for one in group if (area := _area_of(one.placed)) is not None]
    if row is None and (not shapes or placed < BELIEVED):
        return None
    shape = row.shape if row is not None else shapes[0][0]
    agree = _witnesses_agree(group, dependent)
    return _Chosen(
        shape,
        "sketch",
        None,
        Status.CORROBORATED if agree else Status.ATTESTED,
        "independent witnesses drew it in the same place" if agree else "as drawn; the imagery gave no outline",
        sketch_m,
        placed,
        drawn,
    )


def _some(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _prompted_status(
    row: _Outline, group: Sequence[_Drawn], ground: _Ground, dependent: Sequence[Sequence[str]]
) -> tuple[Status, str]:
    if row.origin == "imagery" and not _saw_imagery(group):
        return Status.CORROBORATED, "drawn, and found in the imagery without any prompt"
    agrees = [name for name, shape in sorted(ground.candidates.items()) if _iou(shape, row.shape) >= AGREE_IMAGERY]
    if agrees and not _saw_imagery(group):
        return Status.CORROBORATED, f"an outline found without any prompt agrees ({agrees[0]})"
    if _witnesses_agree(group, dependent):
        return Status.CORROBORATED, "independent witnesses drew it in the same place"
    return (
        Status.ATTESTED,
        "the outline was read from pixels under the placed sketch, so it does not corroborate the sketch",
    )


def _warnings(group: Sequence[_Drawn], chosen: _Chosen) -> list[str]:
    out = []
    if chosen.probability is not None and chosen.probability < DOUBTFUL:
        out.append(f"that this is what was drawn is not sure (probability {chosen.probability:.2f})")
    for one in group:
        for name, probability in one.rivals[:1]:
            if probability >= 0.15:
                out.append(f"{one.name} may also be {name} (probability {probability:.2f})")
        area = _area_of(one.placed)
        if area is not None and chosen.origin != "sketch":
            ratio = float(area.area / chosen.shape.area)
            if not 0.4 <= ratio <= 2.5:
                out.append(f"{one.name} was drawn {ratio:.1f} times as large as this outline")
    return out


def _contested(groups: Sequence[Sequence[_Drawn]], chosen: Sequence[_Chosen | None]) -> dict[int, list[str]]:
    """Buildings of one name that different sketches put in different places."""
    out: dict[int, list[str]] = {}
    for first, group in enumerate(groups):
        for second in range(first + 1, len(groups)):
            one, other = chosen[first], chosen[second]
            if one is None or other is None:
                continue
            for mine in group:
                for theirs in groups[second]:
                    words = fold_words(mine.element.label)
                    if mine.sketch.name == theirs.sketch.name or not words or words != fold_words(theirs.element.label):
                        continue
                    apart = float(one.shape.distance(other.shape))
                    text = f"“{mine.element.label}” is {apart:.0f} m apart in {mine.name} and {theirs.name}"
                    out.setdefault(first, []).append(text)
                    out.setdefault(second, []).append(text)
    return out


def _line_shape(group: Sequence[_Drawn]) -> BaseGeometry | None:
    """A wall as drawn, 0.4 m thick; a gate 3 m wide."""
    placed = next((one.placed for one in group if one.placed is not None), None)
    if placed is None:
        return None
    if group[0].role == "gate":
        return placed.centroid.buffer(1.5, cap_style="square")
    line = placed.boundary if placed.area > 0 else placed
    return _area_of(line.buffer(0.2, cap_style="flat", join_style="mitre"))


def _footprint(
    facility: str, ground: _Ground, group: Sequence[_Drawn], chosen: _Chosen, contested: Sequence[str], key: bytes
) -> Footprint:
    status = Status.CONTESTED if contested else chosen.status
    role = group[0].role
    labels = tuple(dict.fromkeys(one.element.label for one in group if one.element.label))
    probability = None if chosen.probability is None else round(chosen.probability, 4)
    drawn = tuple(one.name for one in group)
    by = "geoinv footprints"
    sources = tuple(sorted(set(chosen.sources)))
    evidence = {
        "geometry": Evidence(value=chosen.origin, status=status, sources=sources, by=by, note=chosen.note),
        "drawn": Evidence(
            value=probability, status=chosen.status, sources=sources, by=by, note="the match of sketch to ground"
        ),
    }
    if labels:
        evidence["labels"] = Evidence(value=list(labels), status=Status.ATTESTED, sources=drawn, by=by)
    return Footprint(
        id=derived_id(facility, f"{role}:{drawn[0]}", key=key),
        facility=facility,
        geometry=to_lonlat(ground.frame, chosen.shape),
        role=role,
        labels=labels,
        drawn=drawn,
        status=status,
        confidence=Confidence(geometry_m=round(chosen.half_width_m, 1), coverage=0.9),
        outline_from=chosen.origin,
        scene=chosen.scene,
        probability=probability,
        evidence=evidence,
        warnings=tuple(dict.fromkeys([*_warnings(group, chosen), *contested])),
    )


def _observed(
    facility: str, ground: _Ground, taken: Sequence[BaseGeometry], within: BaseGeometry | None, key: bytes
) -> list[Footprint]:
    """Candidates of high existence inside the compound that nobody drew."""
    if within is None:
        return []
    out = []
    for name, shape in sorted(ground.candidates.items()):
        if ground.existence[name] < OBSERVED or not within.contains(shape.centroid):
            continue
        if any(shape.intersection(other).area > 0.3 * min(shape.area, other.area) for other in taken):
            continue
        scene = ground.scenes.get(name)
        evidence = Evidence(
            value="imagery",
            status=Status.OBSERVED,
            sources=(name, *_some(scene)),
            by="geoinv footprints",
            note="nobody drew it",
        )
        out.append(
            Footprint(
                id=derived_id(facility, f"building:{name}", key=key),
                facility=facility,
                geometry=to_lonlat(ground.frame, shape),
                status=Status.OBSERVED,
                confidence=Confidence(geometry_m=IMAGERY_M, coverage=0.9),
                outline_from="imagery",
                scene=scene,
                probability=round(ground.existence[name], 4),
                evidence={"geometry": evidence},
            )
        )
    return out


def _unplaced(
    facility: str, ground: _Ground, group: Sequence[_Drawn], region: BaseGeometry | None, key: bytes
) -> Unplaced:
    around = [one.placed.centroid.buffer(2.0 * (one.rms_m or SKETCH_M)) for one in group if one.placed is not None]
    shape = shapely.union_all(around) if around else None
    limits = None if region is None else to_local(ground.frame, region)
    if shape is None or (limits is not None and not shape.intersects(limits)):
        shape = limits
    if shape is None:
        known = list(ground.candidates.values())
        shape = shapely.convex_hull(shapely.union_all(known)) if known else shapely.Point(0.0, 0.0).buffer(1000.0)
    drawn = tuple(one.name for one in group)
    return Unplaced(
        id=derived_id(facility, f"unplaced:{drawn[0]}", key=key),
        facility=facility,
        drawn=drawn,
        labels=tuple(dict.fromkeys(one.element.label for one in group if one.element.label)),
        why=group[0].why or "nothing on the ground could be taken for it",
        geometry=to_lonlat(ground.frame, shape),
    )


def reconcile_footprints(
    facility: str,
    frame: Frame,
    sketches: Sequence[Sketch],
    match: Match,
    candidates: gpd.GeoDataFrame,
    outlines: gpd.GeoDataFrame,
    *,
    region: BaseGeometry | None = None,
    key: bytes,
    dependent: Sequence[Sequence[str]] = (),
) -> FootprintSet:
    """One footprint per building, from every sketch and everything found on the ground.

    Parameters
    ----------
    facility
        Slug.
    frame
        The facility's frame.
    sketches
        All drawings; only site plans are used.
    match
        Where they lie; if it abstains, only drawn elements that an outline names are placed.
    candidates
        Outlines found without any prompt (``id``, ``existence``), longitude and latitude.
    outlines
        Outlines read under the placed sketches: see the module's docstring.
    region
        Where the facility may be, for drawn buildings that find no place.
    key
        The case's key, for ids.
    dependent
        Groups of witnesses who are not independent of each other.

    Returns
    -------
    FootprintSet
        In drawing order, then what nobody drew.
    """
    ground = _ground(frame, candidates, outlines)
    drawn = _drawn_elements(sketches)
    placement = match.best
    _place(drawn, match, placement, frame)
    placed = placement.probability if placement is not None else 0.0
    groups = _groups(drawn, ground)
    chosen = [_chosen_of(group, ground, placed, dependent) for group in groups]
    contested = _contested(groups, chosen)
    footprints, unplaced = [], []
    for index, (group, one) in enumerate(zip(groups, chosen, strict=True)):
        if one is not None:
            footprints.append(_footprint(facility, ground, group, one, contested.get(index, []), key))
        elif group[0].role in ("building", "tower"):
            unplaced.append(_unplaced(facility, ground, group, region, key))
    shapes = [one.shape for one in chosen if one is not None]
    footprints += _observed(facility, ground, shapes, _compound(drawn, placed), key)
    return FootprintSet(tuple(footprints), tuple(unplaced))


def _chosen_of(
    group: Sequence[_Drawn], ground: _Ground, placed: float, dependent: Sequence[Sequence[str]]
) -> _Chosen | None:
    if group[0].role in ("building", "tower"):
        return _choose(group, ground, placed, dependent)
    shape = _line_shape(group)
    if shape is None:
        return None
    rms = [one.rms_m for one in group if one.rms_m is not None]
    several = _independent(group, dependent) > 1
    return _Chosen(
        shape,
        "sketch",
        None,
        Status.CORROBORATED if several else Status.ATTESTED,
        "independent witnesses drew it in the same place" if several else "as drawn",
        1.52 * min(rms) if rms else SKETCH_M,
        placed,
        tuple(one.name for one in group),
    )


def _compound(drawn: Sequence[_Drawn], placed: float) -> BaseGeometry | None:
    """The ground the placed sketches cover, 5 m wider; ``None`` if they are hardly placed."""
    shapes = [one.placed for one in drawn if one.placed is not None and one.role != "gate"]
    if not shapes or placed < BELIEVED:
        return None
    return shapely.convex_hull(shapely.union_all(shapes)).buffer(5.0)
