"""Incidents tied to buildings and rooms: by label, by point, or not at all, always with the reason in words."""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from shapely.geometry import Point

from geoinv.records.footprints import Footprint
from geoinv.records.incidents import Binding, Incident

__all__ = ["Counts", "bind", "counts", "incidents_table"]

#: Labels at least this alike are taken for misspellings, with a warning; below, nothing is guessed.
_FUZZY = 0.84
#: Rows of a room or footprint table: id, labels, the building a room is in.
_Named = tuple[str, tuple[str, ...]]


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


def bind(
    incidents: Sequence[Incident], footprints: Sequence[Footprint], rooms: gpd.GeoDataFrame | None = None
) -> tuple[Binding, ...]:
    """Where every incident was: one binding an incident, in order.

    Parameters
    ----------
    incidents
        Of one facility.
    footprints
        Its buildings.
    rooms
        Its rooms, EPSG:4326: columns ``id``, ``labels`` (list, or JSON text) and, where known, ``building`` (a
        footprint's id).

    Notes
    -----
    A label that nobody used for a building binds to nothing; a near-miss binds with a lower probability and says so.
    """
    named = [(footprint.id, footprint.labels) for footprint in footprints]
    inside = _rooms(rooms)
    return tuple(_bind_one(incident, footprints, named, inside, rooms) for incident in incidents)


def counts(incidents: Sequence[Incident], bindings: Sequence[Binding], *, by: str = "footprint") -> dict[str, Counts]:
    """Incidents, acts and victims per footprint (``by="footprint"``) or room (``by="room"``), by id, sorted."""
    place = {binding.incident: getattr(binding, by) for binding in bindings}
    told: dict[str, list[Incident]] = {}
    for incident in incidents:
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


def _rooms(rooms: gpd.GeoDataFrame | None) -> list[tuple[str, tuple[str, ...], str | None]]:
    if rooms is None or rooms.empty:
        return []
    found = []
    for row in rooms.itertuples():
        labels = getattr(row, "labels", ()) or ()
        if isinstance(labels, str):
            labels = json.loads(labels) if labels.startswith("[") else [labels]
        building = getattr(row, "building", None)
        found.append((str(row.id), tuple(str(label) for label in labels), str(building) if building else None))
    return found


def _key(label: str) -> str:
    """A label as it is compared: case, width of spaces and composition do not matter."""
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def _matching(label: str, named: Iterable[_Named]) -> tuple[list[str], str | None]:
    """Ids that carry a label exactly, else ids that nearly do with the label they carry."""
    wanted, entries = _key(label), [(name, given) for name, labels in named for given in labels]
    exact = list(dict.fromkeys(name for name, given in entries if _key(given) == wanted))
    if exact or len(wanted) < 4:  # two-letter labels are all alike
        return exact, None
    likeness = [
        (difflib.SequenceMatcher(None, wanted, _key(given), autojunk=False).ratio(), name, given)
        for name, given in entries
    ]
    best = max((ratio for ratio, _, _ in likeness), default=0.0)
    if best < _FUZZY:
        return [], None
    near = [(name, given) for ratio, name, given in likeness if ratio >= best - 1e-9]
    return list(dict.fromkeys(name for name, _ in near)), near[0][1]


def _bind_one(
    incident: Incident,
    footprints: Sequence[Footprint],
    named: Sequence[_Named],
    inside: Sequence[tuple[str, tuple[str, ...], str | None]],
    rooms: gpd.GeoDataFrame | None,
) -> Binding:
    building, failed = None, []
    if incident.place_label:
        building = _by_label(incident, named)
        if building.how == "none":
            failed.append(building.why)
    where = building.footprint if building is not None else None
    for label in dict.fromkeys(filter(None, (incident.room_label, incident.place_label if where is None else None))):
        found = _by_room(incident, label, where, inside)
        if found is not None:
            return found
        if label == incident.room_label:
            failed.append(f"no room {'there ' if where else ''}is called “{label}”")
    if building is not None and where is not None:
        why = "; ".join([building.why, *failed])
        return building.model_copy(update={"why": why})
    if incident.point is not None:
        return _by_point(incident, footprints, inside, rooms, failed)
    why = "; ".join(failed) or "the record names neither a building nor a point"
    return Binding(incident=incident.id, how="none", why=why, probability=0.0)


def _by_label(incident: Incident, named: Sequence[_Named]) -> Binding:
    label = incident.place_label or ""
    ids, spelt = _matching(label, named)
    if not ids:
        why = f"no building is called “{label}”"
        return Binding(incident=incident.id, how="none", why=why, probability=0.0)
    if len(ids) > 1:
        why = f"{len(ids)} buildings are called “{spelt or label}”: which one was meant cannot be said"
        return Binding(incident=incident.id, how="none", why=why, probability=0.0)
    if spelt is None:
        why = f"witnesses call this building “{label}”"
        return Binding(incident=incident.id, footprint=ids[0], how="label", why=why)
    why = f"“{label}” is nearly “{spelt}”, as witnesses call this building: check that it is not another one"
    return Binding(incident=incident.id, footprint=ids[0], how="label", why=why, probability=0.7)


def _by_room(
    incident: Incident, label: str, where: str | None, inside: Sequence[tuple[str, tuple[str, ...], str | None]]
) -> Binding | None:
    near = [room for room in inside if where is None or room[2] in (None, where)]
    ids, spelt = _matching(label, [(name, labels) for name, labels, _ in near])
    if len(ids) != 1:
        return None
    building = next(parent for name, _, parent in near if name == ids[0]) or where
    why, probability = f"witnesses call this room “{label}”", 1.0
    if spelt is not None:
        why, probability = f"“{label}” is nearly “{spelt}”, as witnesses call this room: check that", 0.7
    return Binding(
        incident=incident.id, footprint=building, room=ids[0], how="room label", why=why, probability=probability
    )


def _by_point(
    incident: Incident,
    footprints: Sequence[Footprint],
    inside: Sequence[tuple[str, tuple[str, ...], str | None]],
    rooms: gpd.GeoDataFrame | None,
    failed: Sequence[str],
) -> Binding:
    place = Point(incident.point or (np.nan, np.nan))
    holding = [footprint.id for footprint in footprints if footprint.geometry.covers(place)]
    if len(holding) != 1:
        text = "lies in no building" if not holding else f"lies in {len(holding)} buildings"
        why = "; ".join([*failed, f"its point {text}"])
        return Binding(incident=incident.id, how="none", why=why, probability=0.0)
    room = None
    if rooms is not None and inside:
        shapes = rooms.to_crs("EPSG:4326").geometry
        hits = [
            entry[0]
            for entry, shape in zip(inside, shapes, strict=True)
            if shape.covers(place) and entry[2] in (None, holding[0])
        ]
        room = hits[0] if len(hits) == 1 else None
    why = "; ".join([*failed, f"its point lies in this {'room' if room else 'building'}"])
    return Binding(incident=incident.id, footprint=holding[0], room=room, how="point", why=why)
