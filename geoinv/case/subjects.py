"""What decisions are about, looked up: records, drawn elements, and what the last build wrote of a facility."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from shapely.geometry import Point

from geoinv.case.folder import Case
from geoinv.errors import CaseError
from geoinv.facilities.match_stated import SIDES
from geoinv.records.base import Record
from geoinv.records.decisions import Decision
from geoinv.records.drawings import SketchElement
from geoinv.records.evidence import Status
from geoinv.records.footprints import Footprint
from geoinv.records.parts import Room
from geoinv.records.scenes import SceneRecord

__all__ = ["built_features", "footprint_named", "is_same_room", "record_named", "room_named"]

#: Fields of a footprint that follow from others.
_COMPUTED = {"id", "facility", "geometry", "drawn", "confidence", "outline_from", "evidence", "warnings", "scene",
             "probability"}  # fmt: skip


def built_features(case: Case, slug: str, name: str) -> dict[str, dict[str, Any]]:
    """Id → feature of a file that the last build wrote; empty before one."""
    path = case.models_dir(slug) / name
    if not path.is_file():
        return {}
    features = json.loads(path.read_text(encoding="utf-8")).get("features", [])
    return {str(item["properties"].get("id")): item for item in features}


def footprint_named(case: Case, slug: str, name: str) -> dict[str, Any]:
    """A footprint of the last build by its id, or by an element drawn of it.

    Raises
    ------
    CaseError
        If there is none.
    """
    built = built_features(case, slug, "footprints.geojson")
    drawn = {element: item for item in built.values() for element in item["properties"].get("drawn") or ()}
    found = built.get(name) or drawn.get(name)
    if found is None:
        raise CaseError(
            f"{slug} has no footprint “{name}”",
            do="build the case, then take an id from footprints.geojson" if not built else "take an id from its report",
        )
    return found


def room_named(case: Case, slug: str, name: str) -> dict[str, Any]:
    """A room of the last build by its id, or by an element drawn of it.

    Raises
    ------
    CaseError
        If there is none.
    """
    built = built_features(case, slug, "rooms.geojson")
    drawn = {element: item for item in built.values() for element in item["properties"].get("drawn") or ()}
    found = built.get(name) or drawn.get(name)
    if found is None:
        raise CaseError(f"{slug} has no room “{name}”", do="take an id from rooms.geojson, or a drawn room's name")
    return found


def is_same_room(drawn: Iterable[str], decision: Decision) -> bool:
    """Whether a room of some id is still the one about which a person decided by that id.

    Ids of rooms follow from their place in the row: with another drawing another room may bear one. A room is the same
    while something that was drawn of it then is drawn of it now, or nothing was and is.
    """
    before = decision.proposed.get("drawn") if isinstance(decision.proposed, dict) else None
    return before is None or bool(set(before) & set(drawn)) or not (before or tuple(drawn))


def record_named(case: Case, target: str) -> tuple[Record, set[str]]:
    """The record that the target of a decision names, and those of its fields that nobody sets.

    Raises
    ------
    CaseError
        If there is no such thing.
    """
    slug, _, name = target.partition("/")
    if slug == "imagery":
        scenes = dict(case.scenes())
        if target in scenes:
            return SceneRecord.read(scenes[target]), {
                "name", "sha256", "missing", "simulated", "georeference", "lean_m_per_m",
            }  # fmt: skip
        raise CaseError(f"there is no scene “{target}”", do=f"choose one of: {', '.join(scenes) or 'none yet'}")
    if not name:
        return case.facility(slug), {"slug", "witnesses", "sketches"}
    case.facility(slug)
    sketches = {sketch.name: sketch for sketch in case.sketches(slug)}
    if name in sketches:
        return sketches[name], {"name", "elements", "page", "page_size"}
    sketch, hashed, element = name.partition("#")
    if sketch in sketches and hashed:
        return _element(case, slug, sketch, element), {"id", "geometry"}
    records: dict[str, Record] = {one.id: one for one in case.statements(slug).statements}
    records |= {one.id: one for one in case.incident_records(slug)}
    if name in records:
        return records[name], {"id", "witness", "kind", "facility", "consent"}
    if name in (rooms := built_features(case, slug, "rooms.geojson")):
        return _room(rooms[name]), set(Room.model_fields) - {"role", "labels"}
    item = footprint_named(case, slug, name)
    known = {key: value for key, value in item["properties"].items() if value is not None and key != "height_m"}
    fields = {key: value for key, value in known.items() if key in Footprint.model_fields}
    return Footprint.read({**fields, "geometry": item["geometry"]}), _COMPUTED


def _room(item: dict[str, Any]) -> Room:
    """A room of the last build; its outline on the ground, as it is decided about."""
    known = item["properties"]
    return Room.read(
        {
            "id": known["id"],
            "role": known.get("use") or known.get("role") or "room",
            "labels": known.get("labels") or (),
            "drawn": known.get("drawn") or (),
            "polygon": item["geometry"],
            "evidence": {"polygon": {"status": known.get("status") or Status.CONJECTURAL}},
        }
    )


def _element(case: Case, slug: str, sketch: str, name: str) -> SketchElement:
    path = case.models_dir(slug) / "sketches" / f"{sketch}.geojson"
    if not path.is_file() and not sketch.lower().endswith(".svg"):
        # A scan not traced yet: whether there is such a thing cannot be checked, the field and its value can.
        return SketchElement(id=name, role="other", geometry=Point(0, 0))
    features = json.loads(path.read_text(encoding="utf-8"))["features"] if path.is_file() else []
    for item in features:
        if str(item["properties"].get("id")) == name:
            known = {key: item["properties"].get(key) for key in ("id", "role", "label", "certainty", "count", *SIDES)}
            told = {key: value for key, value in known.items() if value is not None}
            return SketchElement.read({**told, "geometry": item["geometry"]})
    raise CaseError(
        f"nothing “{name}” was found in {sketch}", do=f"build the case, and take an id from models/{slug}/sketches"
    )
