"""One facility's footprints and interiors put together into its blueprint, with what is still assumed said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.frames import to_local
from geoinv.models.solids_prisms import polygons_of
from geoinv.models.sufficiency import entrance_of, sufficiency
from geoinv.records.base import derived_id
from geoinv.records.blueprint import (
    Blueprint,
    Building,
    Contradiction,
    Gate,
    PerimeterWall,
    Roof,
    Site,
    Storey,
    Tower,
)
from geoinv.records.evidence import Evidence, Status, weakest
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint
from geoinv.records.places import Frame

__all__ = ["ASSUMED_M", "assemble"]

#: What is assumed, in metres, where nothing is known; always with status ``conjectural``.
ASSUMED_M: dict[str, float] = {
    "storey height": 3.0,
    "storey floor": 0.0,
    "outer wall": 0.3,
    "roof": 0.2,
    "perimeter wall height": 3.0,
    "perimeter wall thickness": 0.4,
    "gate width": 4.0,
    "gate height": 2.5,
    "tower height": 5.0,
    "tower side": 2.5,
}

_BY = "geoinv assemble"


def assemble(
    facility: Facility,
    frame: Frame,
    footprints: Sequence[Footprint],
    *,
    storeys: Mapping[str, tuple[Storey, ...]] | None = None,
    contradictions: Sequence[Contradiction] = (),
    notes: Sequence[str] = (),
    key: bytes,
) -> Blueprint:
    """A facility's blueprint.

    Parameters
    ----------
    facility
        Whose name it bears and whether it is fictional.
    frame
        The facility's metres.
    footprints
        What stands on the ground, longitude and latitude. Role ``building`` becomes a building, ``wall`` a perimeter
        wall, ``gate`` a gate, ``tower`` a tower; each part's id is its footprint's id.
    storeys
        Interiors fitted, in metres of ``frame``, by footprint id. A building without one gets a single storey of which
        nothing but the outline is known.
    contradictions, notes
        Carried into the blueprint.
    key
        The case's key, for the ids of parts no footprint stands for.

    Returns
    -------
    Blueprint
        Coordinates rounded to 0.1 mm. Whatever is not known is assumed (:data:`ASSUMED_M`) and says so in its
        evidence and in the building's ``sufficiency``.
    """
    inside = storeys or {}
    ordered = sorted(footprints, key=lambda footprint: footprint.id)
    walls, gates, towers, buildings = [], [], [], []
    for footprint in ordered:
        shape = _local(frame, footprint.geometry)
        if footprint.role == "building":
            buildings.append(_building(footprint, shape, inside.get(footprint.id, ()), contradictions, key))
        elif footprint.role == "wall":
            walls.append(_wall(footprint, shape))
        elif footprint.role == "gate":
            gates.append(_gate(footprint, shape))
        else:
            towers.append(_tower(footprint, shape))
    return Blueprint(
        facility=facility.slug,
        title=facility.name,
        fictional=facility.simulated,
        frame=frame,
        site=Site(walls=tuple(walls), gates=tuple(gates), towers=tuple(towers)),
        buildings=tuple(buildings),
        contradictions=tuple(contradictions),
        notes=tuple(notes),
    )


def _local(frame: Frame, geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(to_local(frame, geometry), lambda xy: np.round(xy, 4) + 0.0)


def _of_footprint(footprint: Footprint) -> dict[str, Any]:
    return {"id": footprint.id, "labels": footprint.labels, "drawn": footprint.drawn}


def _shape_evidence(footprint: Footprint) -> Evidence:
    """Evidence of a footprint's outline, never stronger than the footprint itself."""
    given = footprint.evidence.get("outline") or footprint.evidence.get("geometry")
    sources = set(footprint.drawn) | ({footprint.scene} if footprint.scene else set())
    if given is None:
        note = f"outline from {footprint.outline_from}"
        return Evidence(status=footprint.status, sources=tuple(sorted(sources)), by=_BY, note=note)
    return given.model_copy(update={"status": weakest((given.status, footprint.status))})


def _assumed(what: str) -> Evidence:
    value = ASSUMED_M[what]
    note = f"nothing is known of it: {value:g} m is assumed so that the model closes"
    return Evidence(value=value, status=Status.CONJECTURAL, by=_BY, note=note)


def _height(footprint: Footprint, what: str) -> Evidence:
    """The height of what a footprint stands for: as known, or as assumed."""
    if footprint.height_m is None:
        return _assumed(what)
    given = footprint.evidence.get("height_m")
    sources = (footprint.scene,) if footprint.scene else ()
    status = given.status if given else footprint.status
    return Evidence(
        value=footprint.height_m.best,
        interval=footprint.height_m,
        status=status,
        sources=given.sources if given else sources,
        by=given.by if given else _BY,
        note=given.note if given else None,
    )


def _building(
    footprint: Footprint,
    outline: BaseGeometry,
    storeys: tuple[Storey, ...],
    contradictions: Sequence[Contradiction],
    key: bytes,
) -> Building:
    polygons = polygons_of(shapely.make_valid(outline))
    shape: BaseGeometry = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    evidence = {"outline": _shape_evidence(footprint)}
    evidence |= {
        name: given for name, given in sorted(footprint.evidence.items()) if name not in ("outline", "geometry")
    }
    roof_evidence = _assumed("roof")
    roof = Roof(
        id=derived_id(footprint.id, "roof", key=key),
        rise_m=ASSUMED_M["roof"],
        evidence={"kind": roof_evidence.model_copy(update={"value": "flat"}), "rise_m": roof_evidence},
    )
    fitted = storeys or (_unknown_storey(footprint, key),)
    return Building(
        **_of_footprint(footprint),
        outline=shape,
        entrance=entrance_of(fitted),
        storeys=fitted,
        roof=roof,
        not_before=footprint.not_before,
        not_after=footprint.not_after,
        evidence=evidence,
        sufficiency=sufficiency(
            footprint.id, footprint.status, fitted, roof, contradictions, outline_from=footprint.outline_from
        ),
    )


def _unknown_storey(footprint: Footprint, key: bytes) -> Storey:
    """A storey of which only the building's height may be known."""
    height = _height(footprint, "storey height")
    if footprint.height_m is not None:
        clear = max(2.0, round(footprint.height_m.best - ASSUMED_M["roof"], 2))
        note = f"the building's height ({footprint.height_m.best:g} m) less a flat roof of {ASSUMED_M['roof']:g} m"
        height = height.model_copy(update={"value": clear, "interval": None, "status": Status.INFERRED, "note": note})
    return Storey(
        id=derived_id(footprint.id, "storey:0", key=key),
        height_m=height.number(),
        wall_thickness_m=ASSUMED_M["outer wall"],
        evidence={
            "floor_m": _assumed("storey floor"),
            "height_m": height,
            "wall_thickness_m": _assumed("outer wall"),
        },
    )


def _wall(footprint: Footprint, shape: BaseGeometry) -> PerimeterWall:
    line, thickness = _centre_line(shape)
    outline, height = _shape_evidence(footprint), _height(footprint, "perimeter wall height")
    thick = _assumed("perimeter wall thickness")
    if thickness is not None:
        thick = outline.model_copy(update={"value": thickness, "note": "width of the outline"})
    return PerimeterWall(
        **_of_footprint(footprint),
        line=line,
        kind="fence" if any("fence" in label.lower() for label in footprint.labels) else "wall",
        height_m=height.number(),
        thickness_m=thick.number(),
        evidence={"line": outline, "height_m": height, "thickness_m": thick},
    )


def _centre_line(shape: BaseGeometry) -> tuple[BaseGeometry, float | None]:
    """A wall's centre-line, and its thickness where the shape shows one.

    A line is itself. A polygon with a hole, or one as thin as a wall, is the wall's own outline; any other polygon is
    what the wall encloses.
    """
    if not isinstance(shape, Polygon | MultiPolygon):
        return shape, None
    polygon = polygons_of(shape)[0]
    if polygon.interiors:
        hole = max((Polygon(ring) for ring in polygon.interiors), key=lambda ring: float(ring.area))
        solid = Polygon(polygon.exterior)
        thickness = 2 * (solid.area - hole.area) / (solid.length + hole.length)
        middle = polygons_of(solid.buffer(-thickness / 2, join_style="mitre"))
        return (LineString(middle[0].exterior), round(thickness, 2)) if middle else (LineString(solid.exterior), None)
    if 2 * polygon.area / polygon.length < 1.0:  # a strip: half its perimeter is its length
        corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))[:4]
        sides = [np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[2] - corners[1])]
        if sides[0] < sides[1]:
            corners = np.roll(corners, -1, axis=0)
        line = LineString([(corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2])
        return line, round(float(min(sides)), 2)
    return LineString(polygon.exterior), None


def _gate(footprint: Footprint, shape: BaseGeometry) -> Gate:
    outline, height = _shape_evidence(footprint), _assumed("gate height")
    if footprint.height_m is not None:
        height = _height(footprint, "gate height")
    sides = _sides(shape)
    width = _assumed("gate width")
    if sides and sides[0] >= 0.8:
        width = outline.model_copy(update={"value": round(sides[0], 2), "note": "longer side of the outline"})
    at = shape.centroid
    return Gate(
        **_of_footprint(footprint),
        at=(round(at.x, 4), round(at.y, 4)),
        width_m=width.number(),
        height_m=height.number(),
        evidence={"at": outline, "width_m": width, "height_m": height},
    )


def _sides(shape: BaseGeometry) -> tuple[float, float] | None:
    """Longer and shorter side of a shape's smallest rectangle; ``None`` of a point."""
    if isinstance(shape, LineString):
        return float(shape.length), 0.0
    if shape.area <= 0:
        return None
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))[:3]
    first, second = (float(np.linalg.norm(corners[i + 1] - corners[i])) for i in (0, 1))
    return max(first, second), min(first, second)


def _tower(footprint: Footprint, shape: BaseGeometry) -> Tower:
    outline, height = _shape_evidence(footprint), _height(footprint, "tower height")
    polygons = polygons_of(shape)
    base: BaseGeometry = polygons[0] if polygons else _square(shape.centroid, ASSUMED_M["tower side"])
    if not polygons:
        note = f"only a point is known: a square of {ASSUMED_M['tower side']:g} m is assumed"
        outline = outline.model_copy(update={"status": Status.CONJECTURAL, "note": note})
    return Tower(
        **_of_footprint(footprint),
        outline=base,
        height_m=height.number(),
        evidence={"outline": outline, "height_m": height},
    )


def _square(middle: Point, side: float) -> Polygon:
    half = side / 2
    return shapely.box(middle.x - half, middle.y - half, middle.x + half, middle.y + half)
