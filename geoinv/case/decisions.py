"""Recording what a person decided: in the ledger, with a name and a reason; an undo erases nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely.geometry import shape

from geoinv.case.folder import Case
from geoinv.case.quoting import names_passage, passage_named
from geoinv.case.subjects import built_features, footprint_named, record_named, room_named
from geoinv.case.told import transcripts_of
from geoinv.case.traced import lay_of
from geoinv.errors import CaseError, DecidedMeanwhileError, FieldError
from geoinv.facilities.match_stated import SIDES, said_length
from geoinv.records.dates import PartialDate
from geoinv.records.decisions import (
    AddFootprint,
    AddRoom,
    BindIncident,
    Decision,
    DecisionBody,
    GradeSource,
    JudgeFootprint,
    MergeFacilities,
    OpenRequest,
    PlaceSketch,
    RecordClaim,
    RecordConsent,
    SetOutline,
    SetProperty,
    SplitFacility,
    TraceElement,
    Undo,
    matter_of,
)
from geoinv.records.drawings import ROLES, SketchElement
from geoinv.records.footprints import Footprint
from geoinv.records.ledger import EntryKind, LedgerEntry
from geoinv.records.parts import Room

__all__ = ["Seen", "check_decision", "decide", "placements_of", "proposed_for"]


@dataclass(frozen=True)
class Seen:
    """The state of the case that a person looked at when deciding, so that of two people none overwrites unseen.

    Attributes
    ----------
    number
        Of the ledger's last entry then.
    own
        Ids of later entries that the person made from the same view.
    """

    number: int
    own: frozenset[str] = frozenset()


def decide(
    case: Case, body: DecisionBody, *, by: str, reason: str, proposed: Any = None, seen: Seen | None = None
) -> LedgerEntry:
    """Record one decision.

    Parameters
    ----------
    body
        What was decided.
    by, reason
        Who and why; both are needed.
    proposed
        What the software proposed at that time, JSON-ready; by default what the last build says of the matter.
    seen
        What the person looked at. The same decision sent twice is then recorded once.

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
    DecidedMeanwhileError
        If somebody decided on the same matter, or took such a decision back, after what was ``seen``.
    """
    if not reason.strip():
        raise FieldError("a decision needs a reason", do="say why with --reason", field="reason")
    check_decision(case, body)
    if proposed is None:
        proposed = proposed_for(case, body)
    lay = lay_of(case, body) or None
    kind: EntryKind = "consent" if isinstance(body, RecordConsent) else "decision"
    with case.store.writing():
        if seen is not None and (same := _since(case, body, seen, by, reason.strip())) is not None:
            return same
        number = case.ledger.next_number
        decision = Decision(
            id=case.ledger.mint.id("dec", number), by=by, reason=reason.strip(), body=body, proposed=proposed, lay=lay
        )
        entry = case.ledger.append(kind, body.kind, decision.plain(), by=by)
    case.note_head()
    return entry


def _since(case: Case, body: DecisionBody, seen: Seen, by: str, reason: str) -> LedgerEntry | None:
    """The entry of the very same decision, if it was just recorded; raises if somebody decided otherwise meanwhile."""
    met = {body.entry} if isinstance(body, Undo) else set[str]()
    for one in reversed(case.history.decided):
        if matter_of(one.decision.body) != matter_of(body) and one.entry.id not in met:
            continue
        last = one.undone_by or one.entry
        if last.number <= seen.number or last.id in seen.own:
            continue
        if one.decision.body == body and (one.decision.by, one.decision.reason) == (by, reason) and one.stands:
            return one.entry
        if one.undone_by is not None:
            told = f"{last.by} took {one.decision.by}'s decision back at {last.at}"
        else:
            told = f"{last.by} decided so at {last.at}: {one.decision.reason}"
        raise DecidedMeanwhileError(told, do="look at it again, then decide")
    return None


def placements_of(case: Case, facility: str) -> dict[str, PlaceSketch]:
    """Sketch name → the placement a person decided for it, the latest word standing."""
    bodies = (decision.body for _, decision in case.decisions())
    return {body.sketch: body for body in bodies if isinstance(body, PlaceSketch) and body.facility == facility}


# What a decision may be about.

_DRAWABLE = ("Point", "LineString", "Polygon")


def check_decision(case: Case, body: DecisionBody) -> None:
    """Hold a decision to being about something that there is.

    Raises
    ------
    FieldError
        If a field that is set does not exist or cannot have that value.
    CaseError
        If it is about something the case does not have.
    """
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
    elif isinstance(body, OpenRequest):
        _check_request(case, body)
    elif isinstance(body, GradeSource):
        if names_passage(body.source):
            every = {
                name: one for facility in case.facilities() for name, one in transcripts_of(case, facility.slug).items()
            }
            passage_named(every, body.source)
    elif isinstance(body, TraceElement):
        _check_facility(case, body.facility)
        _check_sketch(case, body.facility, body.sketch)
        _check_traced(case, body)
    elif isinstance(
        body, PlaceSketch | JudgeFootprint | SetOutline | AddFootprint | AddRoom | BindIncident | RecordClaim
    ):
        _check_facility(case, body.facility)
        if isinstance(body, PlaceSketch):
            _check_sketch(case, body.facility, body.sketch)
        elif isinstance(body, JudgeFootprint) and body.footprint:
            _footprint_or_room(case, body.facility, body.footprint)
        elif isinstance(body, SetOutline):
            _check_outlined(case, body)
        elif isinstance(body, AddRoom):
            _check_room(case, body)
        elif isinstance(body, BindIncident):
            _check_binding(case, body)
        elif isinstance(body, RecordClaim):
            _check_claim(case, body)


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


def _footprint_or_room(case: Case, slug: str, name: str) -> dict[str, Any]:
    """A footprint of the last build, else a room, by its id or by an element drawn of it."""
    try:
        return footprint_named(case, slug, name)
    except CaseError as error:
        try:
            return room_named(case, slug, name)
        except CaseError:
            raise error from None


def _check_outlined(case: Case, body: SetOutline) -> None:
    """A footprint or a room, or a drawn element that may have no place yet."""
    try:
        _footprint_or_room(case, body.facility, body.element)
    except CaseError:
        sketch, hashed, _ = body.element.partition("#")
        if not hashed:
            raise
        _check_sketch(case, body.facility, sketch)
        if (case.models_dir(body.facility) / "sketches" / f"{sketch}.geojson").is_file():  # else nobody can tell yet
            record_named(case, f"{body.facility}/{body.element}")


def _check_room(case: Case, body: AddRoom) -> None:
    """A floor in a building whose inside is known."""
    built = case.footprints(body.facility)
    inside = {
        str(item["properties"].get("building"))
        for item in built_features(case, body.facility, "rooms.geojson").values()
    }
    floor = body.geometry
    over = [name for name, shape in zip(built.get("id", ()), built.geometry, strict=True)
            if 2 * shape.intersection(floor).area > floor.area]  # fmt: skip
    if not inside & {str(name) for name in over}:
        raise CaseError(
            "this room lies in no building whose inside is known",
            do="draw it within one of which a drawing shows rooms",
        )


def _check_traced(case: Case, body: TraceElement) -> None:
    """A shape that can be drawn; one that is taken out must be there."""
    if body.role is not None and body.role not in ROLES:
        raise FieldError(f"there is no role “{body.role}”", do=f"choose one of: {', '.join(ROLES)}", field="role")
    if body.geometry is None:
        record_named(case, f"{body.facility}/{body.sketch}#{body.element}")
    elif body.geometry.is_empty or not body.geometry.is_valid or body.geometry.geom_type not in _DRAWABLE:
        raise FieldError(
            "a drawn shape is a point, a line, or an area whose edge does not cross itself", do="draw it again",
            field="geometry",
        )  # fmt: skip


def _check_binding(case: Case, body: BindIncident) -> None:
    known = {incident.id for incident in case.incident_records(body.facility)}
    if body.incident not in known:
        raise CaseError(f"{body.facility} has no incident “{body.incident}”", do="take an id from its incidents")
    if body.room is not None:
        building = room_named(case, body.facility, body.room)["properties"].get("building")
        if body.footprint is not None and building is not None:
            named = footprint_named(case, body.facility, body.footprint)["properties"]["id"]
            if named != building:
                raise CaseError(
                    f"the room “{body.room}” is in the building {building}, not in “{body.footprint}”",
                    do="name the room alone",
                )
    elif body.footprint is not None:
        footprint_named(case, body.facility, body.footprint)


def _check_claim(case: Case, body: RecordClaim) -> None:
    said = {one.id: one for one in case.statements(body.facility).statements}
    if body.statement not in said:
        raise CaseError(f"{body.facility} has no statement “{body.statement}”", do="take an id from “decide words”")
    if said[body.statement].witness != body.claim.witness:
        raise FieldError("a claim is of the witness whose words it is", do="name that witness", field="witness")
    if body.claim.date:
        PartialDate(body.claim.date)  # raises where no calendar has such a date


def _check_request(case: Case, body: OpenRequest) -> None:
    """A request is within an audience of the case, for records that there are, and ends."""
    if case.settings.audience(body.within) is None:
        raise CaseError(f"this case has no audience “{body.within}”", do="name one of case.toml with --within")
    if not body.facilities and not body.records:
        raise FieldError("a request is for named records", do="name them with --facility or --incident",
                         field="records")  # fmt: skip
    if not PartialDate(body.until).known or PartialDate(body.until).latest.year == 9999:
        raise FieldError("a request ends", do="say when with --until", field="until")
    for slug in body.facilities:
        _check_facility(case, slug)
    for record in body.records:
        slug, _, incident = record.partition("/")
        _check_facility(case, slug)
        if incident not in {one.id for one in case.incident_records(slug)}:
            raise CaseError(f"{slug} has no incident “{incident}”", do="take an id from its incidents")


def _check_set(case: Case, body: SetProperty) -> None:
    """The field must exist in what is meant, and take the value."""
    record, kept = record_named(case, body.target)
    if isinstance(record, Footprint) and body.field == "label" and isinstance(body.value, str):
        return  # one more name of a building
    allowed = set(type(record).model_fields) - kept
    if body.field not in allowed:
        raise FieldError(
            f"“{body.field}” is nothing that can be set of {body.target}",
            do=f"choose one of: {', '.join(sorted(allowed))}",
            field="field",
        )
    changed = type(record).read({**record.plain(), body.field: body.value}, item=body.target)
    if isinstance(changed, SketchElement) and body.field in SIDES:
        said_length(changed, body.field)


# What the software proposed.


def proposed_for(case: Case, body: DecisionBody) -> Any:
    """What the last build proposed in the matter of a decision, JSON-ready; ``None`` where it proposed nothing."""
    if isinstance(body, PlaceSketch):
        return _proposed_place(case.models_dir(body.facility), body.sketch)
    if isinstance(body, JudgeFootprint | SetOutline):
        name = body.footprint or body.element if isinstance(body, JudgeFootprint) else body.element
        try:
            item = _footprint_or_room(case, body.facility, name or "")
        except CaseError:
            return None
        keys = ("id", "status", "drawn", "probability", "outline_from", "use")
        told = {key: item["properties"].get(key) for key in keys if key != "use" or key in item["properties"]}
        return {**told, "geometry": item["geometry"]} if isinstance(body, SetOutline) else told
    if isinstance(body, SetProperty):
        record = record_named(case, body.target)[0]
        was = record.plain().get(body.field)
        return {body.field: was, "drawn": list(record.drawn)} if isinstance(record, Room) else was
    if isinstance(body, TraceElement):
        return _traced(case, body)
    if isinstance(body, BindIncident):
        return _proposed_binding(case.models_dir(body.facility), body.incident)
    if isinstance(body, AddFootprint):
        return _suggested(case, body)
    return None


def _traced(case: Case, body: TraceElement) -> Any:
    """What was read there: role, label and certainty; ``None`` of a shape that is new."""
    try:
        plain = record_named(case, f"{body.facility}/{body.sketch}#{body.element}")[0].plain()
    except CaseError:
        return None
    return {key: plain.get(key) for key in ("id", "role", "label", "certainty", "geometry")}


def _proposed_binding(folder: Path, incident: str) -> Any:
    """Where the software itself would put an incident: what it said before a person had the word, if one had."""
    path = folder / "bindings.json"
    if not path.is_file():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    listed = (*data.get("proposed", ()), *data["bindings"])
    return next((item for item in listed if item["incident"] == incident and item["how"] != "person"), None)


def _suggested(case: Case, body: AddFootprint) -> Any:
    """The outlines that the scene suggested where a person drew one."""
    found = built_features(case, body.facility, "candidates.geojson")
    met = [item["properties"] for item in found.values() if shape(item["geometry"]).intersects(body.geometry)]
    return [{"id": one["id"], "existence": one.get("existence")} for one in met] or None


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
