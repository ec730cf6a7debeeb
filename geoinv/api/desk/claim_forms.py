"""What writing a claim down asks for, by what is claimed: only the fields of that are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shapely.geometry import Polygon, mapping

from geoinv.models.claims_parts import Place, ground_of, places
from geoinv.records.blueprint import Blueprint, Opening, Room
from geoinv.records.claims import Claim, ClaimKind

__all__ = ["FORMS", "MEASURES", "ClaimForm", "conditions_of", "form_of", "parts_by_building", "site_to_pick"]

#: Of a dimension: what is measured, and its unit.
MEASURES = {"length": "m", "width": "m", "height": "m", "area": "m2", "thickness": "m", "sill": "m", "steps": "count"}


@dataclass(frozen=True)
class ClaimForm:
    """One thing that can be claimed.

    Attributes
    ----------
    key
        Its name among the desk's words (``claim form …``).
    kind, counted
        What it is recorded as.
    asks
        The fields it has besides whose words they are, what they are and why; with ``?`` those that may stay empty.
    units
        In which the range said may be.
    """

    key: str
    kind: ClaimKind
    asks: tuple[str, ...]
    units: tuple[str, ...] = ()
    counted: str | None = None


#: Everything a model can be held to; what was seen comes first since most is of that.
FORMS: tuple[ClaimForm, ...] = (
    ClaimForm("sees", "sees", ("from", "to", "spot?", "pose", "standing?", "eyes?", "hatch", "night", "blindfold",
                               "obstruction", "date?")),
    ClaimForm("adjacent", "adjacent", ("from", "to")),
    ClaimForm("distance", "distance", ("from", "to", "by", "ends", "range"), ("m",)),
    ClaimForm("walk_time", "walk_time", ("from", "to", "range", "pace?"), ("min", "s")),
    ClaimForm("dimension", "dimension", ("from", "measure", "range"), ("m", "m2", "count")),
    ClaimForm("rooms", "count", ("what", "range"), ("count",), "rooms"),
    ClaimForm("row", "count", ("what", "range"), ("count",), "row"),
    ClaimForm("doors", "count", ("from", "to", "range"), ("count",), "doors"),
    ClaimForm("turns", "count", ("from", "to", "range"), ("count",), "turns"),
    ClaimForm("area_per_person", "area_per_person", ("from", "range", "occupants"), ("m2",)),
    ClaimForm("crowd", "area_per_person", ("from", "range"), ("count",)),
    ClaimForm("sun_patch", "sun_patch", ("from", "range?", "date?", "season", "time?", "utc?", "blindfold"), ("m2",)),
)  # fmt: skip


def form_of(claim: Claim) -> str:
    """Key of the form that gives such a claim."""
    counted = claim.counted or ("doors" if claim.object else "rooms")
    said = claim.said_value
    for form in FORMS:
        alike = form.kind == claim.kind and (form.kind != "count" or form.counted == counted)
        if alike and (form.kind != "area_per_person" or said is None or said.unit in form.units):
            return form.key
    return claim.kind


def conditions_of(claim: Claim) -> list[tuple[str, str]]:
    """Under what conditions something was seen or walked, as said: key of the words, and a value (which may be empty).

    Returns
    -------
    list of tuple of str
        In the order in which the form asks for them.
    """
    told, said = claim.conditions, []
    if claim.measure:
        said.append((f"measure {claim.measure}", ""))
    if claim.kind == "distance":
        said.append((f"by {claim.by or 'air'}", ""))
        said += [(f"ends {claim.ends}", "")] if claim.by != "path" else []
    if claim.occupants:
        said.append(("occupants", f"{claim.occupants.low:g}–{claim.occupants.high:g}"))
    if claim.kind == "sees":
        said += [(f"pose {told.pose}", "")] if told.pose != "standing" else []
        said += [(f"hatch {told.hatch}", "")] if told.hatch else []
    said += [("standing on", f"{told.standing_on_m:g} m")] if told.standing_on_m else []
    for key, interval, unit in (("eye height", told.eye_height_m, "m"), ("pace", told.pace_m_s, "m/s")):
        said += [(key, f"{interval.low:g}–{interval.high:g} {unit}")] if interval else []
    said += [(key, "") for key in ("night", "blindfold", "obstruction") if getattr(told, key)]
    said += [("claim date", claim.date)] if claim.date else []
    said += [("clock", "–".join(claim.time))] if claim.time else []
    said += [("utc offset", f"{claim.utc_offset_h:+g} h")] if claim.utc_offset_h is not None else []
    said += [("exact spot", "{:.1f}, {:.1f} m".format(*claim.viewpoint))] if claim.viewpoint else []
    return said


def parts_by_building(blueprint: Blueprint, words: dict[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be picked, by building: itself, rooms, doors, stairs; last what stands on the grounds."""
    called = {one.part.id: _called(one, words) for one in places(blueprint)}
    groups = []
    for building in blueprint.buildings:
        name = called[building.id]
        rooms = sorted(((one.id, called[one.id]) for one in _rooms(building)), key=lambda pair: pair[1])
        openings = [
            (one.id, f"{words.get(one.kind, one.kind)}: " + " – ".join(_sides(one, called)))
            for storey in building.storeys
            for one in storey.openings
        ]
        stairs = [(one.id, called[one.id]) for storey in building.storeys for one in storey.stairs]
        groups.append((name, [(building.id, name), *rooms, *sorted(openings, key=lambda pair: pair[1]), *stairs]))
    grounds = [(one.id, called[one.id]) for one in blueprint.site.parts() if not ground_of(one).is_empty]
    return [*groups, (words["grounds"], grounds)] if grounds else groups


def _rooms(building: Any) -> Iterator[Room]:
    for storey in building.storeys:
        yield from storey.rooms


def _sides(opening: Opening, called: dict[str, str]) -> list[str]:
    """The rooms on both sides of an opening, by name."""
    return [called.get(one, one) for one in opening.connects] or [opening.id]


def _called(place: Place, words: dict[str, str]) -> str:
    part = place.part
    plain = getattr(part, "role", None) or getattr(part, "kind", None) or type(part).__name__.lower()
    named = ", ".join(part.labels)
    return named or (part.id if place.building is not None and part is place.building else words.get(plain, plain))


def site_to_pick(blueprint: Blueprint, words: dict[str, str]) -> dict[str, Any] | None:
    """The whole site as a plan on which buildings, walls, gates and towers are picked; ``None`` of an empty one."""
    standing = [Place(one) for one in (*blueprint.buildings, *blueprint.site.parts())]
    shapes = [(one, _spread(one)) for one in standing]
    shapes = [(one, shape) for one, shape in shapes if not shape.is_empty]
    if not shapes:
        return None
    bounds = [shape.bounds for _, shape in shapes]
    west, south, east, north = (pick(one[axis] for one in bounds) for axis, pick in enumerate((min, min, max, max)))
    rooms = [
        {"id": one.part.id, "role": type(one.part).__name__.lower(), "labels": [_called(one, words)],
         "polygon": mapping(shape), "status": str(one.part.status), "middle": shape.representative_point().coords[0]}
        for one, shape in sorted(shapes, key=lambda pair: -pair[1].area)
    ]  # fmt: skip
    outline = mapping(Polygon([(west, south), (east, south), (east, north), (west, north)]))
    plan = {"outline": outline, "storeys": [{"rooms": rooms}], "north_up": True}
    return {"id": "site", "labels": [words["whole site"]], **plan}


def _spread(place: Place) -> Any:
    """A part's shape, lines and points made wide enough to be clicked, metres."""
    shape = ground_of(place.part)
    return shape if shape.geom_type in ("Polygon", "MultiPolygon") else shape.buffer(0.8, quad_segs=4)
