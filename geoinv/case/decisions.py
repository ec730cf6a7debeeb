"""Recording what a person decided: in the ledger, with a name and a reason; an undo erases nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shapely.geometry import Point

from geoinv.case.folder import Case
from geoinv.errors import CaseError, FieldError
from geoinv.records.base import Record
from geoinv.records.decisions import (
    Decision,
    DecisionBody,
    JudgeFootprint,
    MergeFacilities,
    PlaceSketch,
    RecordConsent,
    SetOutline,
    SetProperty,
    SplitFacility,
    Undo,
)
from geoinv.records.drawings import SketchElement
from geoinv.records.footprints import Footprint
from geoinv.records.ledger import EntryKind, LedgerEntry
from geoinv.records.scenes import SceneRecord

__all__ = ["decide", "placements_of", "proposed_for"]


def decide(case: Case, body: DecisionBody, *, by: str, reason: str, proposed: Any = None) -> LedgerEntry:
    """Record one decision.

    Parameters
    ----------
    body
        What was decided.
    by, reason
        Who and why; both are needed.
    proposed
        What the software proposed at that time, JSON-ready; by default what the last build says of the matter.

    Returns
    -------
    LedgerEntry
        The decision's entry; its id takes it back (``geoinv decide undo``).

    Raises
    ------
    FieldError
        If the reason is empty, or a field that is set does not exist or cannot have that value.
    CaseError
        If it is about something the case does not have, or the case cannot be written.
    """
    if not reason.strip():
        raise FieldError("a decision needs a reason", do="say why with --reason", field="reason")
    _check(case, body)
    if proposed is None:
        proposed = proposed_for(case, body)
    kind: EntryKind = "consent" if isinstance(body, RecordConsent) else "decision"
    with case.store.writing():
        number = case.ledger.next_number
        decision = Decision(
            id=case.ledger.mint.id("dec", number), by=by, reason=reason.strip(), body=body, proposed=proposed
        )
        entry = case.ledger.append(kind, body.kind, decision.plain(), by=by)
    case.note_head()
    return entry


def placements_of(case: Case, facility: str) -> dict[str, PlaceSketch]:
    """Sketch name → the placement a person decided for it, the latest word standing."""
    bodies = (decision.body for _, decision in case.decisions())
    return {body.sketch: body for body in bodies if isinstance(body, PlaceSketch) and body.facility == facility}


# What a decision may be about.


def _check(case: Case, body: DecisionBody) -> None:
    if isinstance(body, Undo):
        if body.entry not in {one.entry.id for one in case.history.decided}:
            raise CaseError(f"there is no decision “{body.entry}”", do="list them with “geoinv decide history”")
    elif isinstance(body, SetProperty):
        _check_set(case, body)
    elif isinstance(body, MergeFacilities):
        for slug in (body.facility, *body.others):
            _check_facility(case, slug)
        if body.facility in body.others:
            raise CaseError("a facility cannot be merged into itself", do="name two facilities")
    elif isinstance(body, SplitFacility):
        _check_facility(case, body.facility)
        for source in body.sources:
            if not (case.root / "facilities" / body.facility / source).is_file():
                raise CaseError(
                    f"{body.facility} has no file “{source}”",
                    do=f"name files below facilities/{body.facility}, such as testimony/w1.kml",
                )
        if _has_facility(case, body.into):
            raise CaseError(f"there is a facility “{body.into}” already", do="choose another slug")
    elif isinstance(body, PlaceSketch | JudgeFootprint | SetOutline):
        _check_facility(case, body.facility)
        if isinstance(body, PlaceSketch):
            _check_sketch(case, body.facility, body.sketch)
        elif isinstance(body, JudgeFootprint) and body.footprint:
            _footprint(case, body.facility, body.footprint)


def _has_facility(case: Case, slug: str) -> bool:
    return (case.root / "facilities" / slug).is_dir() or slug in {one.slug for one in case.facilities()}


def _check_facility(case: Case, slug: str) -> None:
    if not _has_facility(case, slug):
        case.facility(slug)  # raises with a list of those there are


def _check_sketch(case: Case, slug: str, name: str) -> None:
    known = (
        {sketch.name for sketch in case.sketches(slug)} if slug in {one.slug for one in case.facilities()} else set()
    )
    folder = case.root / "facilities" / slug / "sketches"
    if name not in known and not (folder / name).is_file():
        there = sorted(known | {path.name for path in folder.glob("*") if path.is_file()})
        raise CaseError(f"{slug} has no drawing “{name}”", do=f"choose one of: {', '.join(there) or 'none yet'}")


def _features(case: Case, slug: str, name: str) -> dict[str, dict[str, Any]]:
    """Id → properties of what the last build wrote; empty before one."""
    path = case.models_dir(slug) / name
    if not path.is_file():
        return {}
    features = json.loads(path.read_text(encoding="utf-8")).get("features", [])
    return {str(item["properties"].get("id")): item for item in features}


def _footprint(case: Case, slug: str, name: str) -> dict[str, Any]:
    """A footprint of the last build by its id, or by an element drawn of it."""
    built = _features(case, slug, "footprints.geojson")
    drawn = {element: item for item in built.values() for element in item["properties"].get("drawn") or ()}
    found = built.get(name) or drawn.get(name)
    if found is None:
        raise CaseError(
            f"{slug} has no footprint “{name}”",
            do="build the case, then take an id from footprints.geojson" if not built else "take an id from its report",
        )
    return found


def _check_set(case: Case, body: SetProperty) -> None:
    """The field must exist in what is meant, and take the value."""
    record, kept = _meant(case, body.target)
    if isinstance(record, Footprint) and body.field == "label" and isinstance(body.value, str):
        return  # one more name of a building
    allowed = set(type(record).model_fields) - kept
    if body.field not in allowed:
        raise FieldError(
            f"“{body.field}” is nothing that can be set of {body.target}",
            do=f"choose one of: {', '.join(sorted(allowed))}",
            field="field",
        )
    type(record).read({**record.plain(), body.field: body.value}, item=body.target)


def _meant(case: Case, target: str) -> tuple[Record, set[str]]:
    """The record a target names, and those of its fields that nobody sets."""
    slug, _, name = target.partition("/")
    if slug == "imagery":
        scenes = dict(case.scenes())
        if target in scenes:
            return SceneRecord.read(scenes[target]), {"name", "sha256", "missing", "simulated"}
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
    item = _footprint(case, slug, name)
    known = {key: value for key, value in item["properties"].items() if value is not None and key != "height_m"}
    fields = {key: value for key, value in known.items() if key in Footprint.model_fields}
    return Footprint.read({**fields, "geometry": item["geometry"]}), {
        *(
            "id",
            "facility",
            "geometry",
            "drawn",
            "status",
            "confidence",
            "outline_from",
            "evidence",
            "warnings",
            "scene",
        ),
        "probability",
    }


def _element(case: Case, slug: str, sketch: str, name: str) -> SketchElement:
    path = case.models_dir(slug) / "sketches" / f"{sketch}.geojson"
    if not path.is_file() and not sketch.lower().endswith(".svg"):
        # A scan not traced yet: whether there is such a thing cannot be checked, the field and its value can.
        return SketchElement(id=name, role="other", geometry=Point(0, 0))
    features = json.loads(path.read_text(encoding="utf-8"))["features"] if path.is_file() else []
    for item in features:
        if str(item["properties"].get("id")) == name:
            known = {key: item["properties"].get(key) for key in ("id", "role", "label", "certainty", "count")}
            told = {key: value for key, value in known.items() if value is not None}
            return SketchElement.read({**told, "geometry": item["geometry"]})
    raise CaseError(
        f"nothing “{name}” was found in {sketch}", do=f"build the case, and take an id from models/{slug}/sketches"
    )


# What the software proposed.


def proposed_for(case: Case, body: DecisionBody) -> Any:
    """What the last build proposed in the matter of a decision, JSON-ready; ``None`` where it proposed nothing."""
    if isinstance(body, PlaceSketch):
        return _proposed_place(case.models_dir(body.facility), body.sketch)
    if isinstance(body, JudgeFootprint | SetOutline):
        name = body.footprint or body.element if isinstance(body, JudgeFootprint) else body.element
        try:
            item = _footprint(case, body.facility, name or "")
        except CaseError:
            return None
        told = {key: item["properties"].get(key) for key in ("id", "status", "drawn", "probability", "outline_from")}
        return {**told, "geometry": item["geometry"]} if isinstance(body, SetOutline) else told
    if isinstance(body, SetProperty):
        return _meant(case, body.target)[0].plain().get(body.field)
    return None


def _proposed_place(folder: Path, sketch: str) -> Any:
    path = folder / "match.json"
    if not path.is_file():
        return None
    match = json.loads(path.read_text(encoding="utf-8"))
    for placement in match.get("placements", []):
        if sketch in placement.get("sketches", {}):
            laid = placement["sketches"][sketch]
            return {"transform": laid["transform"], "probability": laid.get("sketch_probability")}
    return {"transform": None, "none_probability": match.get("none_probability")}
