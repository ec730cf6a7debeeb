"""What now speaks against decisions that stand: a build never overrides one, and says so where evidence disagrees."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geoinv.case.folder import Case
from geoinv.case.store import RecordRow
from geoinv.case.subjects import is_same_room
from geoinv.case.traced import moved_since, traced_file
from geoinv.records.dates import PartialDate
from geoinv.records.decisions import (
    AddFootprint,
    AddRoom,
    BindIncident,
    Decision,
    GradeSource,
    JudgeFootprint,
    MergeFacilities,
    PlaceSketch,
    RecordClaim,
    RecordConsent,
    SetOutline,
    SetProperty,
    SplitFacility,
    TraceElement,
)
from geoinv.records.incidents import Incident
from geoinv.records.ledger import LedgerEntry
from geoinv.records.testimony import Statement

__all__ = ["second_looks"]

#: A building that the scene bears out less than this speaks against where it was put, more than that for it: odds of
#: four to one.
_AGAINST, _FOR = 0.2, 0.8
#: Share of the smaller of two outlines above which they are of one building.
_SAME = 0.5
#: Overlap below which an outline drawn by hand is of something else than the software found.
_ELSEWHERE = 0.25


def second_looks(case: Case, slug: str) -> list[str]:
    """A sentence for each decision about a facility that what is known now speaks against.

    Read from the records and from what the last build wrote: ``placed.geojson``, ``location.geojson``,
    ``footprints.geojson``, ``rooms.geojson``.
    """
    known = _Known(case, slug)
    told = []
    for entry, decision in case.decisions():
        for against in _against(known, entry, decision):
            told.append(
                f"{against}; {decision.by} decided otherwise on {entry.at[:10]} ({decision.reason}): look again, and "
                f"let it stand or take it back with “geoinv decide undo {entry.id}”."
            )
    return told


class _Known:
    """What is known of a facility now, each thing read once, when it is asked for first.

    Attributes
    ----------
    case, slug
        The case and the facility.
    """

    def __init__(self, case: Case, slug: str) -> None:
        self.case, self.slug = case, slug
        self._features: dict[str, list[dict[str, Any]]] = {}

    def features(self, name: str) -> list[dict[str, Any]]:
        """Features of a file that the last build wrote; none before one."""
        if name not in self._features:
            path = self.case.models_dir(self.slug) / name
            read = json.loads(path.read_text(encoding="utf-8"))["features"] if path.is_file() else []
            self._features[name] = read
        return self._features[name]

    def footprint(self, name: str) -> dict[str, Any] | None:
        """A footprint by its id or by an element drawn of it."""
        return self._named("footprints.geojson", name)

    def room(self, name: str) -> dict[str, Any] | None:
        """A room by its id or by an element drawn of it."""
        return self._named("rooms.geojson", name)

    def building_of(self, room: str) -> dict[str, Any] | None:
        """The footprint that a room, by its id or an element drawn of it, is in."""
        item = self.room(room)
        return None if item is None else self.footprint(str(item["properties"].get("building")))

    def _named(self, file: str, name: str) -> dict[str, Any] | None:
        for item in self.features(file):
            if name == item["properties"]["id"] or name in (item["properties"].get("drawn") or ()):
                return item
        return None

    @cached_property
    def redrawn(self) -> set[str]:
        """Full names of the facility's traced shapes that people drew anew."""
        bodies = (decision.body for _, decision in self.case.decisions())
        mine = (body for body in bodies if isinstance(body, TraceElement) and body.facility == self.slug)
        return {f"{body.sketch}#{body.element}" for body in mine}

    @cached_property
    def region(self) -> BaseGeometry | None:
        """Where the facility lies with 90 %, as witnesses say."""
        found = [item for item in self.features("location.geojson") if item["properties"].get("level") == 0.9]
        return shape(found[0]["geometry"]) if found else None

    @cached_property
    def statements(self) -> dict[str, Statement]:
        """By id."""
        return {one.id: one for one in self.case.statements(self.slug).statements}

    @cached_property
    def incidents(self) -> dict[str, Incident]:
        """By id."""
        return {one.id: one for one in self.case.incident_records(self.slug)}

    @cached_property
    def rows(self) -> dict[str, list[RecordRow]]:
        """What files say of the facility itself, by ``""``, and of its statements and incidents, by their item."""
        found: dict[str, list[RecordRow]] = {"": list(self.case.recorded("facility", self.slug))}
        for kind in ("statement", "incident"):
            for row in self.case.rows(kind, self.slug):
                found.setdefault(row.item, []).append(row)
        return found


def _against(known: _Known, entry: LedgerEntry, decision: Decision) -> Iterator[str]:
    body = decision.body
    if getattr(body, "facility", known.slug) != known.slug:
        return
    if decision.lay and (not isinstance(body, SetProperty) or body.target.partition("/")[0] == known.slug):
        yield from _moved(decision.lay, known)
    match body:
        case PlaceSketch():
            yield from _place(body, known)
        case JudgeFootprint():
            yield from _judge(body, known)
        case SetOutline():
            yield from _outline(body, known, decision)
        case SetProperty():
            yield from _set(body, known, decision)
            yield from _told_anew(body, known, entry, decision)
        case AddFootprint():
            yield from _added(body, known)
        case AddRoom():
            if known.features("footprints.geojson") and known.room(body.room) is None:
                yield f"the room {body.room}, drawn by hand, lies in no building whose inside is known"
        case BindIncident():
            yield from _bound(body, known)
        case RecordClaim():
            yield from _claimed(body, known)
        case MergeFacilities():
            yield from _merge(known.case, body)
        case SplitFacility():
            yield from _split(known.case, body)
        case RecordConsent():
            yield from _consented(body, known, entry)
        case GradeSource():
            yield from _grade(body, known)


def _moved(lay: Mapping[str, tuple[float, float]], known: _Known) -> Iterator[str]:
    """The numbers of traced shapes were given to others."""
    for name, before in sorted(lay.items()):
        # What a person drew anew lies where it was put.
        if name not in known.redrawn:
            told = moved_since(name, before, known.features(traced_file(name.rpartition("#")[0])))
            yield from [told] if told else []


def _place(body: PlaceSketch, known: _Known) -> Iterator[str]:
    placed = [
        item for item in known.features("placed.geojson") if item["properties"]["id"].startswith(f"{body.sketch}#")
    ]
    if not placed:
        return
    weak = [item for item in placed if (item["properties"].get("probability") or 0.0) < _AGAINST]
    if 2 * len(weak) > len(placed):
        yield f"the scenes do not bear out {len(weak)} of the {len(placed)} buildings of {body.sketch} where it was put"
    region = known.region
    outside = [item for item in placed if region is not None and not shape(item["geometry"]).intersects(region)]
    if len(outside) == len(placed):
        yield f"{body.sketch} was put wholly outside where the witnesses' statements place the facility (90 % region)"


def _judge(body: JudgeFootprint, known: _Known) -> Iterator[str]:
    name = body.footprint or body.element or ""
    item = known.footprint(name) or known.room(name)
    if item is None:
        if body.accept and known.features("footprints.geojson"):
            yield f"{name} is no longer found"
        return
    found = item["properties"]
    probability = found.get("probability")
    if body.accept and probability is not None and probability < _AGAINST:
        yield f"the scenes hardly bear out the accepted footprint {name} ({probability:.0%})"
    if not body.accept and body.element is None and found.get("status") == "corroborated":
        yield f"independent sources now agree on the rejected footprint {name}"
    elif not body.accept and body.element is None and probability is not None and probability > _FOR:
        yield f"the scenes bear out the rejected footprint {name} ({probability:.0%})"


def _outline(body: SetOutline, known: _Known, decision: Decision) -> Iterator[str]:
    before = (decision.proposed or {}).get("geometry") if isinstance(decision.proposed, dict) else None
    item = known.footprint(body.element) or known.room(body.element)
    if item is None and known.features("footprints.geojson"):
        yield f"nothing is found under {body.element} any more, whose outline was drawn by hand"
    elif before is not None:
        proposed, drawn = shape(before), body.geometry
        if proposed.intersection(drawn).area < _ELSEWHERE * proposed.union(drawn).area:
            yield f"the outline drawn by hand for {body.element} is of something else than the software found there"


def _set(body: SetProperty, known: _Known, decision: Decision) -> Iterator[str]:
    target, _, name = body.target.partition("/")
    if target == known.slug and name.startswith("room-"):
        room = known.room(name)
        if known.features("rooms.geojson") and (
            room is None or not is_same_room(room["properties"].get("drawn") or (), decision)
        ):
            yield f"the room {name}, whose {body.field} was set, is no longer found, or is another"
        return
    item = known.footprint(name) if target == known.slug and name else None
    if item is None or body.field not in ("not_before", "not_after") or body.value is None:
        return
    other = {"not_before": "not_after", "not_after": "not_before"}[body.field]
    bound = item["properties"].get(other)
    if bound:
        set_to, seen = PartialDate(str(body.value)), PartialDate(str(bound))
        crossed = set_to.earliest > seen.latest if body.field == "not_before" else set_to.latest < seen.earliest
        if crossed:
            yield f"{name} was set to {body.field.replace('_', ' ')} {body.value}, but scenes say {bound}"


def _told_anew(body: SetProperty, known: _Known, entry: LedgerEntry, decision: Decision) -> Iterator[str]:
    """A file taken in since then gives the field another value than the one that was set over."""
    target, _, name = body.target.partition("/")
    if target != known.slug:
        return
    file, _, item = name.rpartition("#")
    for row in known.rows.get(item, ()):
        if row.entry > entry.number and (not file or PurePosixPath(row.source).name == file):
            told = json.loads(row.content).get(body.field)
            if told is not None and told not in (body.value, decision.proposed):
                yield f"{row.source}, taken in since, gives {body.field} of {body.target} as {told}"


def _added(body: AddFootprint, known: _Known) -> Iterator[str]:
    """The software has come to find a building of its own where a person drew one."""
    for item in known.features("footprints.geojson"):
        if item["properties"]["id"] != body.footprint:
            found = shape(item["geometry"])
            shared = found.intersection(body.geometry).area
            if shared > _SAME * min(found.area, body.geometry.area):
                yield f"{item['properties']['id']} is now found where {body.footprint} was drawn by hand"


def _bound(body: BindIncident, known: _Known) -> Iterator[str]:
    """The building is gone or was rejected, or the incident is dated when it did not stand."""
    named = body.room or body.footprint
    item = known.footprint(body.footprint) if body.footprint else known.building_of(body.room or "")
    if item is None:
        if named and known.features("footprints.geojson"):
            yield f"{named}, to which {body.incident} was bound, is no longer found"
        return
    found = item["properties"]
    if (found.get("evidence") or {}).get("judgement", {}).get("value") == "rejected":
        yield f"{body.incident} was bound to {named}, which was rejected"
    incident = known.incidents.get(body.incident)
    if incident is not None and incident.date is not None and _did_not_stand(found, incident.date):
        yield f"{body.incident} ({incident.date}) was bound to {named}, which scenes say did not stand then"


def _did_not_stand(footprint: dict[str, Any], then: PartialDate) -> bool:
    """Whether a date lies wholly before or after the time in which scenes show a building."""
    after, before = footprint.get("not_after"), footprint.get("not_before")
    return bool(after and then.earliest > PartialDate(after).latest) or bool(
        before and then.latest < PartialDate(before).earliest
    )


def _claimed(body: RecordClaim, known: _Known) -> Iterator[str]:
    """The words that the claim was read from are no longer said so."""
    if body.claim.witness in known.case.held_back:
        return
    statement = known.statements.get(body.statement)
    if statement is None:
        yield f"{body.statement}, from whose words the claim {body.claim.id} was read, is no longer on record"
    elif body.claim.said and body.claim.said != statement.said:
        yield f"the words of {body.statement} are others now than those the claim {body.claim.id} was read from"


def _split(case: Case, body: SplitFacility) -> Iterator[str]:
    """What was told of the part that was split off is gone."""
    there = case.store.files()
    for source in body.sources:
        if f"facilities/{body.facility}/{source}" not in there:
            yield f"{source}, by which {body.into} was split off, is no longer among the files of {body.facility}"


def _consented(body: RecordConsent, known: _Known, entry: LedgerEntry) -> Iterator[str]:
    """A form taken in since then says otherwise."""
    for row in known.case.recorded("consent", known.slug):
        form = RecordConsent.read(json.loads(row.content))
        one_matter = (form.witness, form.act) == (body.witness, body.act) and (
            form.audience == body.audience or "*" in (form.audience, body.audience)
        )
        if one_matter and row.entry > entry.number and form.given != body.given:
            word = "gives" if form.given else "refuses"
            yield f"{row.source}, taken in since, {word} the consent of {body.witness} to {body.act} ({form.audience})"


def _merge(case: Case, body: MergeFacilities) -> Iterator[str]:
    """Identity is agency, type and place: two that differ in agency or type are hardly one."""
    into = case.recorded_facility(body.facility)
    for slug in body.others:
        other = case.recorded_facility(slug)
        for field in ("agency", "kind", "place"):
            one, two = getattr(into, field, None), getattr(other, field, None)
            if one and two and one != two:
                yield f"{slug} was merged into {body.facility}, but their {field} differs ({two}, {one})"


def _grade(body: GradeSource, known: _Known) -> Iterator[str]:
    """A source graded reliable whose statements exclude what others said."""
    path = known.case.models_dir(known.slug) / "location.geojson"
    if body.reliability not in ("A", "B") or not path.is_file():
        return
    conflicts = json.loads(path.read_text(encoding="utf-8")).get("diagnostics", {}).get("conflicts", [])
    whose = [{known.statements[name].witness for name in one[:2] if name in known.statements} for one in conflicts]
    mine = sum(body.source in witnesses for witnesses in whose)
    if mine:
        yield f"{body.source} was graded {body.reliability}, but {mine} of its statements exclude what others said"
