"""From drawn elements, candidates and outlines to one footprint a building, saying who drew it and how it is known.

``reconcile_footprints`` accepts as ``outlines`` a table with columns ``id``, geometry (longitude and latitude), and
where known ``score`` (0–1), ``method``, ``outline_from`` (``imagery prompted``, ``sketch``, ``imagery`` or ``person``),
``scene`` and ``drawn``: a list (or its JSON text) of ``sketch-file#element-id`` that prompted the outline. A row
without ``drawn`` whose id is such a name counts as prompted by it.

An outline that was prompted by a sketch does not corroborate that sketch: it is ``attested``, until an outline found
without any prompt, or a second independent witness, agrees with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.footprint_blocks import as_drawn, block_note, members_drawn, members_found
from geoinv.facilities.footprint_choice import IMAGERY_M, SKETCH_M, Chosen, choose, line_disagreements
from geoinv.facilities.footprint_groups import (
    BELIEVED,
    LINES,
    Drawn,
    Ground,
    area_of,
    drawn_elements,
    ground_shapes,
    grouped,
    place_elements,
    walls_as_seen,
)
from geoinv.facilities.footprint_readings import Reading
from geoinv.facilities.footprint_tables import footprints_table, read_footprints, read_unplaced, unplaced_table
from geoinv.facilities.footprint_votes import votes
from geoinv.facilities.match_items import fold_words
from geoinv.facilities.place_words import building_named
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.records.base import derived_id
from geoinv.records.drawings import Sketch
from geoinv.records.evidence import Confidence, Evidence, Status
from geoinv.records.footprints import Footprint, Unplaced
from geoinv.records.placements import Match
from geoinv.records.places import Frame

__all__ = [
    "FootprintSet",
    "footprints_table",
    "read_footprints",
    "read_unplaced",
    "reconcile_footprints",
    "unplaced_table",
]

#: A pair below this gets a warning.
DOUBTFUL = 0.6
#: Probability that a real building stands there from which a candidate that nobody drew is kept.
OBSERVED = 0.8


@dataclass(frozen=True)
class FootprintSet:
    """Footprints, and drawn buildings that found no place."""

    footprints: tuple[Footprint, ...]
    unplaced: tuple[Unplaced, ...]


def _warnings(group: Sequence[Drawn], chosen: Chosen, ground: Ground) -> list[str]:
    out = []
    if chosen.reading is not None and chosen.reading.differ:
        out.append(chosen.reading.difference)
    if chosen.probability is not None and chosen.probability < DOUBTFUL:
        out.append(f"that this is what was drawn is not sure (probability {chosen.probability:.2f})")
    for one in group:
        for name, probability in one.rivals[:1]:
            if probability >= 0.15:
                out.append(f"{one.name} may also be {name} (probability {probability:.2f})")
        area = area_of(one.placed)
        if area is not None and chosen.origin != "sketch" and one.role not in LINES:
            whole = as_drawn(one, ground)
            ratio = float(area.area / (chosen.shape if whole is None else whole).area)
            if not 0.4 <= ratio <= 2.5:
                meant = "this outline" if whole is None else "the outlines it stands for together"
                out.append(f"{one.name} was drawn {ratio:.1f} times as large as {meant}")
        if one.beside and one.candidate is not None:
            named = f"; which of them “{one.element.label}” is, it does not say" if one.element.label else ""
            out.append(f"{one.name}: {block_note(one, one.candidate)}{named}")
    return out


def _contested(groups: Sequence[Sequence[Drawn]], chosen: Sequence[Chosen | None]) -> dict[int, list[str]]:
    """Buildings of one name that different sketches put in different places."""
    out: dict[int, list[str]] = {}
    for first, group in enumerate(groups):
        for second in range(first + 1, len(groups)):
            one, other = chosen[first], chosen[second]
            if one is None or other is None or group[0].role in LINES:
                continue
            for mine in group:
                for theirs in groups[second]:
                    words = fold_words(mine.element.label)
                    if _no_name(mine.element.label):
                        continue
                    if mine.sketch.name == theirs.sketch.name or not words or words != fold_words(theirs.element.label):
                        continue
                    apart = float(one.shape.distance(other.shape))
                    text = f"“{mine.element.label}” is {apart:.0f} m apart in {mine.name} and {theirs.name}"
                    out.setdefault(first, []).append(text)
                    out.setdefault(second, []).append(text)
    return out


def _no_name(label: str | None) -> bool:
    """Whether a label only says what kind of thing it is, of which a facility has several: "post" is no post's name."""
    named = building_named(label)
    return named.many and named.number is None and not named.rest


def _footprint(
    facility: str, ground: Ground, group: Sequence[Drawn], chosen: Chosen, contested: Sequence[str], key: bytes
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
    if chosen.reading is not None and chosen.reading.others:
        evidence["outline spread"] = _spread(chosen.reading, by)
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
        warnings=tuple(dict.fromkeys([*_warnings(group, chosen, ground), *contested])),
    )


def _member(
    facility: str,
    ground: Ground,
    blocks: Sequence[Drawn],
    chosen: Chosen,
    drawn: Sequence[Drawn],
    dependent: Sequence[Sequence[str]],
    key: bytes,
) -> Footprint:
    """A further outline of a drawn block: without the block's label, which may name another of its outlines."""
    plain = [replace(one, element=one.element.model_copy(update={"label": None})) for one in blocks]
    made = _footprint(facility, ground, plain, chosen, (), key)
    name = f"{made.role}:{blocks[0].name}:{blocks[0].candidate}"
    counted = _counted(made, blocks, drawn, chosen.shape, dependent)
    return counted.model_copy(update={"id": derived_id(facility, name, key=key)})


def _counted(
    made: Footprint,
    group: Sequence[Drawn],
    drawn: Sequence[Drawn],
    shape: BaseGeometry,
    dependent: Sequence[Sequence[str]],
) -> Footprint:
    """A footprint with the votes for and against it; walls and gates have none."""
    if made.role in LINES:
        return made
    counted = votes(group, drawn, shape, dependent)
    return made.model_copy(update={"evidence": {**made.evidence, "votes": counted}})


def _spread(reading: Reading, by: str) -> Evidence:
    """How far the outlines read for one building differ: said beside the one that was taken."""
    apart = ", ".join(f"{name} {value:.2f}" for name, value in zip(reading.others, reading.overlaps, strict=True))
    return Evidence(
        value=reading.spread_m,
        status=Status.INFERRED,
        sources=(reading.outline.id, *reading.others),
        by=by,
        note=f"metres between the edges of {reading.outline.id}, which was taken, and of the others; overlap: {apart}",
    )


def _observed(
    facility: str, ground: Ground, taken: Sequence[BaseGeometry], within: BaseGeometry | None, key: bytes
) -> list[Footprint]:
    """Candidates inside the compound that nobody drew and that very probably are buildings."""
    if within is None:
        return []
    out = []
    for name, shape in sorted(ground.candidates.items()):
        if ground.standing[name] < OBSERVED or not within.contains(shape.centroid):
            continue
        if any(shape.intersection(other).area > 0.3 * min(shape.area, other.area) for other in taken):
            continue
        scene = ground.scenes.get(name)
        evidence = Evidence(
            value="imagery",
            status=Status.OBSERVED,
            sources=(name, *((scene,) if scene else ())),
            by="geoinv footprints",
            note=f"nobody drew it; found in the scene alone, a building with probability {ground.standing[name]:.2f}",
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
                probability=round(ground.standing[name], 4),
                evidence={"geometry": evidence},
            )
        )
    return out


def _unplaced(
    facility: str, ground: Ground, group: Sequence[Drawn], region: BaseGeometry | None, key: bytes
) -> Unplaced:
    around = [one.placed.centroid.buffer(2.0 * (one.rms_m or SKETCH_M)) for one in group if one.placed is not None]
    shape = shapely.union_all(around) if around else None
    limits = None if region is None else to_local(ground.frame, region)
    if shape is None or (limits is not None and not shape.intersects(limits)):
        shape = limits
    if shape is None:
        known = list(ground.candidates.values())
        nowhere = shapely.Point(0.0, 0.0).buffer(1000.0)
        shape = shapely.convex_hull(shapely.geometrycollections(known)) if known else nowhere
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
    borne: Mapping[str, float] = MappingProxyType({}),
) -> FootprintSet:
    """One footprint per building, from every sketch and everything found on the ground.

    Parameters
    ----------
    facility, frame
        Slug, and the facility's frame.
    sketches, match
        All drawings, of which only site plans are used; and where they lie: if it abstains, only drawn elements
        that an outline names are placed.
    candidates, outlines
        Outlines found without any prompt, longitude and latitude, with ``existence`` or ``probability``; and those
        read under the placed sketches: see the module's docstring.
    region
        Where the facility may be, for drawn buildings that find no place.
    key
        The case's key, for ids.
    dependent
        Groups of witnesses who are not independent of each other.
    borne
        ``sketch-file#element-id`` → how likely what was drawn is what stands where it was laid, as far as a scene
        tells; where that is below one half, what was found without the drawing does not corroborate it.

    Returns
    -------
    In drawing order, then the further outlines of blocks drawn for several, then what nobody drew.
    """
    ground = ground_shapes(frame, candidates, outlines)
    drawn = drawn_elements(sketches, borne)
    place_elements(drawn, match, match.best, frame)
    walls_as_seen(drawn, ground)
    placed = match.best.probability if match.best is not None else 0.0
    groups = grouped(drawn, ground)
    chosen = [choose(group, ground, placed, dependent) for group in groups]
    contested, lines = _contested(groups, chosen), line_disagreements(groups)
    also, alone = members_found(members_drawn(groups, chosen, ground), chosen, ground)
    footprints, unplaced = [], []
    for index, (group, one) in enumerate(zip(groups, chosen, strict=True)):
        if one is not None:
            made = _footprint(facility, ground, group, one, contested.get(index, []), key)
            made = made.model_copy(update={"warnings": (*made.warnings, *lines.get(index, ()))})
            footprints.append(_counted(made, (*group, *also.get(index, ())), drawn, one.shape, dependent))
        elif group[0].role in ("building", "tower"):
            unplaced.append(_unplaced(facility, ground, group, region, key))
    footprints += [_member(facility, ground, blocks, one, drawn, dependent, key) for blocks, one in alone]
    taken = [one.shape for one in (*chosen, *(one for _, one in alone)) if one is not None]
    footprints += _observed(facility, ground, taken, _compound(drawn, placed), key)
    return FootprintSet(tuple(footprints), tuple(unplaced))


def _compound(drawn: Sequence[Drawn], placed: float) -> BaseGeometry | None:
    """The ground the placed sketches cover, 5 m wider; ``None`` if they are hardly placed."""
    shapes = [one.placed for one in drawn if one.placed is not None and one.role != "gate"]
    if not shapes or placed < BELIEVED:
        return None
    return shapely.convex_hull(shapely.geometrycollections(shapes)).buffer(5.0)
