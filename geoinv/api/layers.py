"""The release's layers: facilities, footprints, rooms and incidents, holding only what was let through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import GeometryCollection, Point
from shapely.geometry.base import BaseGeometry

from geoinv.api.geopackage import Layer, LayerFeature
from geoinv.api.redact import plain_counts
from geoinv.api.suppress import Row
from geoinv.geometry.frames import to_lonlat
from geoinv.models.solids_walls import preferred, preferred_hypothesis
from geoinv.pages.map_words import label_place
from geoinv.records.blueprint import Blueprint
from geoinv.records.dates import PartialDate
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint

__all__ = ["Shown", "layers_of", "room_places"]

_FACILITIES: dict[str, type] = {
    "id": str,
    "name": str,
    "other_names": str,
    "kind": str,
    "agency": str,
    "place": str,
    "country": str,
    "precision": str,
    "fictional": bool,
    "buildings": int,
    "incidents": int,
}
_FOOTPRINTS: dict[str, type] = {
    "id": str,
    "facility": str,
    "role": str,
    "labels": str,
    "status": str,
    "outline_from": str,
    "geometry_m": float,
    "coverage": float,
    "probability": float,
    "height_m": float,
    "height_low_m": float,
    "height_high_m": float,
    "not_before": str,
    "not_after": str,
    "incidents": int,
    "sources": str,
    "fictional": bool,
}
_ROOMS: dict[str, type] = {
    "id": str,
    "facility": str,
    "building": str,
    "role": str,
    "labels": str,
    "status": str,
    "floor_m": float,
    "incidents": int,
    "sources": str,
    "fictional": bool,
}
_INCIDENTS: dict[str, type] = {
    "id": str,
    "facility": str,
    "building": str,
    "room": str,
    "year": str,
    "kind": str,
    "perpetrator": str,
    "summary": str,
    "precision": str,
    "fictional": bool,
}


@dataclass(frozen=True)
class Shown:
    """What is published of one facility; nothing else of it exists in a release.

    Attributes
    ----------
    facility
        Redacted.
    place
        At the precision decided, or ``None``.
    """

    facility: Facility
    place: BaseGeometry | None
    footprints: tuple[Footprint, ...] = ()
    rows: tuple[Row, ...] = ()
    blueprint: Blueprint | None = None


def _known(properties: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if value is not None and value != []}


def _places(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _rounded(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(geometry, lambda xy: np.round(xy, 7))


def _days(text: str | None) -> tuple[str | None, str | None]:
    if text is None:
        return None, None
    date = PartialDate(text)
    return date.earliest.isoformat(), date.latest.isoformat()


def _facility(shown: Shown) -> LayerFeature:
    one = shown.facility
    properties = {
        "id": one.slug,
        "name": one.name,
        "other_names": list(one.other_names),
        "kind": one.kind,
        "agency": one.agency,
        "place": one.place,
        "country": one.country,
        "precision": one.publish_location,
        "fictional": one.simulated,
        "buildings": sum(item.role == "building" for item in shown.footprints) or None,
        "incidents": len(shown.rows) or None,
    }
    return LayerFeature(one.slug, shown.place, _known(properties))


def _footprint(item: Footprint, count: int | None, fictional: bool) -> LayerFeature:
    height = item.height_m
    sources = sorted({source for given in item.evidence.values() for source in given.sources})
    properties = {
        "id": item.id,
        "facility": item.facility,
        "role": item.role,
        "labels": list(item.labels),
        "status": str(item.status),
        "outline_from": item.outline_from,
        "geometry_m": _places(item.confidence.geometry_m, 2),
        "coverage": item.confidence.coverage,
        "probability": _places(item.probability, 3),
        "height_m": _places(height.best, 2) if height else None,
        "height_low_m": _places(height.low, 2) if height else None,
        "height_high_m": _places(height.high, 2) if height else None,
        "not_before": str(item.not_before) if item.not_before else None,
        "not_after": str(item.not_after) if item.not_after else None,
        "incidents": count,
        "sources": sources,
        "fictional": fictional,
    }
    first = item.not_before.earliest.isoformat() if item.not_before else None
    last = item.not_after.latest.isoformat() if item.not_after else None
    return LayerFeature(item.id, _rounded(item.geometry), _known(properties), first, last)


def _incident(row: Row, shown: Shown, places: dict[str, Point]) -> LayerFeature:
    finest = "room" if row.room else "building" if row.building else "facility"
    precision = finest if shown.place is not None else "withheld"
    properties = {
        "id": row.id,
        "facility": shown.facility.slug,
        "building": row.building,
        "room": row.room,
        "year": row.year,
        "kind": row.kind,
        "perpetrator": row.perpetrator,
        "summary": row.summary,
        "precision": precision,
        "fictional": shown.facility.simulated,
    }
    place = places[row.room or row.building] if row.building else shown.place
    first, last = _days(row.year)
    return LayerFeature(row.id, place, _known(properties), first, last)


def _label_point(geometry: BaseGeometry) -> Point:
    return Point(*(round(edge, 7) for edge in label_place(geometry)))


def room_places(blueprint: Blueprint) -> dict[str, BaseGeometry]:
    """Outlines of a blueprint's rooms by id, longitude and latitude."""
    rooms = [room for one in blueprint.buildings for storey in one.storeys for room in storey.rooms]
    if not rooms:
        return {}
    together = to_lonlat(blueprint.frame, GeometryCollection([room.polygon for room in rooms]))
    return {room.id: _rounded(outline) for room, outline in zip(rooms, shapely.get_parts(together), strict=True)}


def _rooms(shown: Shown) -> list[LayerFeature]:
    """Rooms of a facility's published buildings; no names but those of the drawings that may be shown."""
    if shown.blueprint is None:
        return []
    outlines = room_places(shown.blueprint)
    first = preferred_hypothesis(shown.blueprint)
    counts = Counter(row.room for row in shown.rows if row.room is not None)
    found = []
    for building in shown.blueprint.buildings:
        for storey in building.storeys:
            for room in preferred(storey.rooms, first):
                properties = {
                    "id": room.id,
                    "facility": shown.facility.slug,
                    "building": building.id,
                    "role": room.role,
                    "labels": list(room.labels),
                    "status": str(room.status),
                    "floor_m": _places(storey.floor_m, 2),
                    "incidents": counts.get(room.id),
                    "sources": list(room.sources),
                    "fictional": shown.facility.simulated,
                }
                found.append(LayerFeature(room.id, outlines[room.id], _known(properties)))
    return found


def layers_of(everything: Sequence[Shown]) -> tuple[Layer, ...]:
    """The layers of a release."""
    footprints, rooms, incidents = [], [], []
    for shown in everything:
        counts = plain_counts(shown.rows)
        places = {item.id: _label_point(item.geometry) for item in shown.footprints}
        inside = _rooms(shown)
        places |= {room.id: _label_point(room.geometry) for room in inside if room.geometry is not None}
        rooms += inside
        footprints += [_footprint(item, counts.get(item.id), shown.facility.simulated) for item in shown.footprints]
        incidents += [_incident(row, shown, places) for row in shown.rows]
    return (
        Layer(
            "facilities",
            "Facilities, each at the precision decided for it",
            _FACILITIES,
            tuple(map(_facility, everything)),
        ),
        Layer("footprints", "Buildings, and how each is known", _FOOTPRINTS, tuple(footprints)),
        Layer("rooms", "Rooms of buildings whose inside may be shown", _ROOMS, tuple(rooms)),
        Layer("incidents", "Incidents, generalised so that nobody can be singled out", _INCIDENTS, tuple(incidents)),
    )
