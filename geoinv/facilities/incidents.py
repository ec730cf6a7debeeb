"""Incidents tied to buildings and rooms: by label, by point, or not at all, always with the reason in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
from shapely.geometry import Point

from geoinv.facilities.building_names import Called, Which, building_called, called_by_drawings, room_called
from geoinv.facilities.incident_queries import current
from geoinv.facilities.place_words import room_named
from geoinv.records.drawings import Sketch
from geoinv.records.footprints import Footprint
from geoinv.records.incidents import Binding, Incident
from geoinv.records.measures import Answer

__all__ = ["Counts", "bind", "counts", "incidents_table"]

#: What a room's name is worth when another drawing calls the same room something else.
_DISPUTED = 0.6
#: What a binding is worth to a building that scenes show missing at the time: either date or label may be wrong.
_OUT_OF_TIME = 0.2


@dataclass(frozen=True)
class Counts:
    """How much was told of one footprint or room: incidents and acts are counted apart, never added.

    Attributes
    ----------
    incidents, acts
        Records bound there, and acts in them. A record without acts counts as no act.
    victims
        Different victims with a codename.
    """

    incidents: int = 0
    acts: int = 0
    victims: int = 0


@dataclass(frozen=True)
class _Room:
    """A row of a room table."""

    id: str
    labels: tuple[str, ...]
    drawn: tuple[str, ...]
    building: str | None


@dataclass(frozen=True)
class _Where:
    """All that an incident may have happened in; ``drawn_labels`` is witness and label by drawn element."""

    footprints: Sequence[Footprint]
    called: Sequence[Called]
    facility_kind: str | None
    inside: Sequence[_Room]
    rooms: gpd.GeoDataFrame | None
    drawn_labels: Mapping[str, tuple[str, str]]


def bind(
    incidents: Sequence[Incident],
    footprints: Sequence[Footprint],
    rooms: gpd.GeoDataFrame | None = None,
    *,
    called: Sequence[Called] = (),
    drawings: Sequence[Sketch] = (),
    facility_kind: str | None = None,
) -> tuple[Binding, ...]:
    """Where every incident was: one binding an incident, in order.

    Parameters
    ----------
    incidents
        Of one facility.
    footprints
        Its buildings.
    rooms
        Its rooms, EPSG:4326: columns ``id``, ``labels`` and, where known, ``drawn`` (lists, or JSON text) and
        ``building`` (a footprint's id).
    called
        Further names of its buildings, besides those on the footprints.
    drawings
        Of insides: they tell which witness gave a room which name.
    facility_kind
        Kind of the facility.

    Notes
    -----
    A label binds to the building that witnesses gave it, or a word for the same thing in either language, or to the
    only building of its kind, with a lower probability each (``building_names``); one that may mean several binds to
    none. The binding says why.
    """
    names = {
        drawing.full_name(element.id): (drawing.witness or "", element.label)
        for drawing in drawings
        for element in drawing.elements
        if element.label
    }
    where = _Where(footprints, (*called_by_drawings(footprints), *called), facility_kind, _rooms(rooms), rooms, names)
    standing = {footprint.id: footprint for footprint in footprints}
    return tuple(_in_its_time(incident, _bind_one(incident, where), standing) for incident in incidents)


def _in_its_time(incident: Incident, binding: Binding, standing: Mapping[str, Footprint]) -> Binding:
    """A binding to a building that surely did not stand at the incident's date is doubted, and says so."""
    building = standing.get(binding.footprint or "")
    if building is None or incident.date is None:
        return binding
    if building.not_before is not None and incident.date.before(building.not_before) is Answer.YES:
        why = f"beware: the building was not there before {building.not_before}, and the record says {incident.date}"
    elif building.not_after is not None and building.not_after.before(incident.date) is Answer.YES:
        why = f"beware: the building was gone after {building.not_after}, and the record says {incident.date}"
    else:
        return binding
    doubted = round(binding.probability * _OUT_OF_TIME, 2)
    return binding.model_copy(update={"why": f"{binding.why}; {why}", "probability": doubted})


def counts(incidents: Sequence[Incident], bindings: Sequence[Binding], *, by: str = "footprint") -> dict[str, Counts]:
    """Incidents, acts and victims per footprint (``by="footprint"``) or room (``by="room"``), by id, sorted."""
    place = {binding.incident: getattr(binding, by) for binding in bindings}
    told: dict[str, list[Incident]] = {}
    for incident in current(incidents):
        where = place.get(incident.id)
        if where is not None:
            told.setdefault(where, []).append(incident)
    return {
        where: Counts(
            incidents=len(found),
            acts=sum(len(incident.acts) for incident in found),
            victims=len({act.victim for incident in found for act in incident.acts if act.victim}),
        )
        for where, found in sorted(told.items())
    }


def incidents_table(
    incidents: Sequence[Incident],
    bindings: Sequence[Binding],
    footprints: Sequence[Footprint],
    rooms: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Incidents as features (EPSG:4326), each at its room's or building's inner point, or its own, or nowhere.

    Columns: ``id``, ``facility``, ``date``, ``place_label``, ``room_label``, ``witness``, ``kind``, ``summary``,
    ``certainty``, ``acts`` (how many), ``victims`` (different ones), ``footprint``, ``room``, ``how``, ``why``,
    ``probability`` and ``geometry``.
    """
    places = {footprint.id: footprint.geometry.representative_point() for footprint in footprints}
    if rooms is not None and len(rooms):
        shapes = rooms.to_crs("EPSG:4326").geometry.representative_point()
        places.update(zip(rooms["id"].astype(str), shapes, strict=True))
    bound = {binding.incident: binding for binding in bindings}
    rows = [_row(incident, bound.get(incident.id), places) for incident in incidents]
    columns = ["id", "facility", "date", "place_label", "room_label", "witness", "kind", "summary", "certainty", "acts"]
    columns += ["victims", "footprint", "room", "how", "why", "probability", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs="EPSG:4326")


def _row(incident: Incident, binding: Binding | None, places: dict[str, Point]) -> dict[str, object]:
    where = None
    if binding is not None:
        where = places.get(binding.room or "") or places.get(binding.footprint or "")
    if where is None and incident.point is not None:
        where = Point(incident.point.lon, incident.point.lat)
    return {
        "id": incident.id,
        "facility": incident.facility,
        "date": str(incident.date) if incident.date else None,
        "place_label": incident.place_label,
        "room_label": incident.room_label,
        "witness": incident.witness,
        "kind": incident.kind,
        "summary": incident.summary,
        "certainty": incident.certainty,
        "acts": len(incident.acts),
        "victims": len({act.victim for act in incident.acts if act.victim}),
        "footprint": binding.footprint if binding else None,
        "room": binding.room if binding else None,
        "how": binding.how if binding else "none",
        "why": binding.why if binding else "not bound yet",
        "probability": binding.probability if binding else None,
        "geometry": where,
    }


def _rooms(rooms: gpd.GeoDataFrame | None) -> list[_Room]:
    if rooms is None or rooms.empty:
        return []
    found = []
    for row in rooms.itertuples():
        labels, drawn = _listed(getattr(row, "labels", ())), _listed(getattr(row, "drawn", ()))
        building = getattr(row, "building", None)
        found.append(_Room(str(row.id), labels, drawn, str(building) if building else None))
    return found


def _listed(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = json.loads(value) if value.startswith("[") else [value]
    return tuple(str(one) for one in value) if isinstance(value, list | tuple | np.ndarray) else ()


def _bind_one(incident: Incident, where: _Where) -> Binding:
    building, failed = None, []
    if incident.place_label:
        building = building_called(incident.place_label, where.called, facility_kind=where.facility_kind)
        if building.item is None:
            failed.append(building.why)
    known = building if building is not None and building.item is not None else None
    for label in dict.fromkeys(filter(None, (incident.room_label, incident.place_label if known is None else None))):
        room, why = _room_of(incident, label, known, where)
        if room is not None:
            return room
        if label == incident.room_label:
            failed.append(why)
    if known is not None:
        why = "; ".join([known.why, *failed])
        return Binding(incident=incident.id, footprint=known.item, how="label", why=why, probability=known.probability)
    if incident.point is not None:
        return _by_point(incident, where, failed)
    why = "; ".join(failed) or "the record names neither a building nor a point"
    return Binding(incident=incident.id, how="none", why=why, probability=0.0)


def _room_of(incident: Incident, label: str, building: Which | None, where: _Where) -> tuple[Binding | None, str]:
    """The room that a label means, as the incident's own witness drew it, else as anybody did; else why none."""
    near = [room for room in where.inside if building is None or room.building in (None, building.item)]
    own = [
        Called(room.id, where.drawn_labels[name][1], why=f"on {incident.witness}'s own drawing")
        for room in near
        for name in room.drawn
        if name in where.drawn_labels and incident.witness and where.drawn_labels[name][0] == incident.witness
    ]
    found = room_called(label, own)
    if found.item is None and not found.among:
        found = room_called(label, [Called(room.id, given) for room in near for given in room.labels])
        found = _less_sure(label, found, near)
    if found.item is None:
        return None, found.why.replace("no room is", "no room there is") if building else found.why
    parent = next(room.building for room in near if room.id == found.item)
    sure = found.probability * (building.probability if building is not None else 1.0)
    why = found.why if building is None or building.probability == 1.0 else f"{found.why}; {building.why}"
    return (
        Binding(
            incident=incident.id,
            footprint=parent or (building.item if building is not None else None),
            room=found.item,
            how="room label",
            why=why,
            probability=round(sure, 2),
        ),
        "",
    )


def _less_sure(label: str, found: Which, rooms: Sequence[_Room]) -> Which:
    """A room that others call something else is this one with less certainty, and says so."""
    room = next((one for one in rooms if one.id == found.item), None)
    wanted = room_named(label)
    others = [one for one in room.labels if room_named(one).number != wanted.number] if room is not None else []
    if not others:
        return found
    return replace(
        found,
        probability=round(found.probability * _DISPUTED, 2),
        why=f"{found.why}; others call it “{others[0]}”",
    )


def _by_point(incident: Incident, where: _Where, failed: Sequence[str]) -> Binding:
    place = Point(incident.point or (np.nan, np.nan))
    holding = [footprint.id for footprint in where.footprints if footprint.geometry.covers(place)]
    if len(holding) != 1:
        text = "lies in no building" if not holding else f"lies in {len(holding)} buildings"
        why = "; ".join([*failed, f"its point {text}"])
        return Binding(incident=incident.id, how="none", why=why, probability=0.0)
    room = None
    if where.rooms is not None and where.inside:
        shapes = where.rooms.to_crs("EPSG:4326").geometry
        hits = [
            entry.id
            for entry, shape in zip(where.inside, shapes, strict=True)
            if shape.covers(place) and entry.building in (None, holding[0])
        ]
        room = hits[0] if len(hits) == 1 else None
    why = "; ".join([*failed, f"its point lies in this {'room' if room else 'building'}"])
    return Binding(incident=incident.id, footprint=holding[0], room=room, how="point", why=why)
