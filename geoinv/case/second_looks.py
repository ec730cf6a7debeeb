"""What now speaks against decisions that stand: a build never overrides one, and says so where evidence disagrees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geoinv.case.folder import Case
from geoinv.records.dates import PartialDate
from geoinv.records.decisions import (
    AddFootprint,
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
)
from geoinv.records.ledger import LedgerEntry

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
    ``footprints.geojson``.
    """
    built = _Built(case.models_dir(slug))
    told = []
    for entry, decision in case.decisions():
        for against in _against(case, slug, entry, decision, built):
            told.append(
                f"{against}; {decision.by} decided otherwise on {entry.at[:10]} ({decision.reason}): look again, and "
                f"let it stand or take it back with “geoinv decide undo {entry.id}”."
            )
    return told


class _Built:
    """What the last build wrote of a facility, read when asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def features(self, name: str) -> list[dict[str, Any]]:
        path = self._folder / name
        if not path.is_file():
            return []
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
        return found

    def footprint(self, name: str) -> dict[str, Any] | None:
        """A footprint by its id or by an element drawn of it."""
        for item in self.features("footprints.geojson"):
            if name == item["properties"]["id"] or name in (item["properties"].get("drawn") or ()):
                return item
        return None

    def building_of(self, room: str) -> dict[str, Any] | None:
        """The footprint that a room, by its id or an element drawn of it, is in."""
        for item in self.features("rooms.geojson"):
            if room == item["properties"]["id"] or room in (item["properties"].get("drawn") or ()):
                return self.footprint(str(item["properties"].get("building")))
        return None

    def region(self) -> BaseGeometry | None:
        """Where the facility lies with 90 %, as witnesses say."""
        found = [item for item in self.features("location.geojson") if item["properties"].get("level") == 0.9]
        return shape(found[0]["geometry"]) if found else None


def _against(case: Case, slug: str, entry: LedgerEntry, decision: Decision, built: _Built) -> Iterator[str]:
    body = decision.body
    if getattr(body, "facility", slug) != slug:
        return
    match body:
        case PlaceSketch():
            yield from _place(body, built)
        case JudgeFootprint():
            yield from _judge(body, built)
        case SetOutline():
            yield from _outline(body, built, decision)
        case SetProperty():
            yield from _set(body, slug, built)
            yield from _told_anew(case, body, slug, entry, decision)
        case AddFootprint():
            yield from _added(body, built)
        case BindIncident():
            yield from _bound(case, body, built)
        case RecordClaim():
            yield from _claimed(case, body)
        case MergeFacilities():
            yield from _merge(case, body)
        case SplitFacility():
            yield from _split(case, body)
        case RecordConsent():
            yield from _consented(case, slug, body, entry)
        case GradeSource():
            yield from _grade(case, slug, body, built)


def _place(body: PlaceSketch, built: _Built) -> Iterator[str]:
    placed = [
        item for item in built.features("placed.geojson") if item["properties"]["id"].startswith(f"{body.sketch}#")
    ]
    if not placed:
        return
    weak = [item for item in placed if (item["properties"].get("probability") or 0.0) < _AGAINST]
    if 2 * len(weak) > len(placed):
        yield f"the scenes do not bear out {len(weak)} of the {len(placed)} buildings of {body.sketch} where it was put"
    region = built.region()
    outside = [item for item in placed if region is not None and not shape(item["geometry"]).intersects(region)]
    if len(outside) == len(placed):
        yield f"{body.sketch} was put wholly outside where the witnesses' statements place the facility (90 % region)"


def _judge(body: JudgeFootprint, built: _Built) -> Iterator[str]:
    name = body.footprint or body.element or ""
    item = built.footprint(name)
    if item is None:
        if body.accept and built.features("footprints.geojson"):
            yield f"the footprint {name} is no longer found"
        return
    known = item["properties"]
    probability = known.get("probability")
    if body.accept and probability is not None and probability < _AGAINST:
        yield f"the scenes hardly bear out the accepted footprint {name} ({probability:.0%})"
    if not body.accept and body.element is None and known.get("status") == "corroborated":
        yield f"independent sources now agree on the rejected footprint {name}"
    elif not body.accept and body.element is None and probability is not None and probability > _FOR:
        yield f"the scenes bear out the rejected footprint {name} ({probability:.0%})"


def _outline(body: SetOutline, built: _Built, decision: Decision) -> Iterator[str]:
    before = (decision.proposed or {}).get("geometry") if isinstance(decision.proposed, dict) else None
    item = built.footprint(body.element)
    if item is None and built.features("footprints.geojson"):
        yield f"nothing is found under {body.element} any more, whose outline was drawn by hand"
    elif before is not None:
        proposed, drawn = shape(before), body.geometry
        if proposed.intersection(drawn).area < _ELSEWHERE * proposed.union(drawn).area:
            yield f"the outline drawn by hand for {body.element} is of something else than the software found there"


def _set(body: SetProperty, slug: str, built: _Built) -> Iterator[str]:
    target, _, name = body.target.partition("/")
    item = built.footprint(name) if target == slug and name else None
    if item is None or body.field not in ("not_before", "not_after") or body.value is None:
        return
    other = {"not_before": "not_after", "not_after": "not_before"}[body.field]
    bound = item["properties"].get(other)
    if bound:
        set_to, seen = PartialDate(str(body.value)), PartialDate(str(bound))
        crossed = set_to.earliest > seen.latest if body.field == "not_before" else set_to.latest < seen.earliest
        if crossed:
            yield f"{name} was set to {body.field.replace('_', ' ')} {body.value}, but scenes say {bound}"


def _told_anew(case: Case, body: SetProperty, slug: str, entry: LedgerEntry, decision: Decision) -> Iterator[str]:
    """A file taken in since then gives the field another value than the one that was set over."""
    target, _, name = body.target.partition("/")
    if target != slug:
        return
    kinds = ("statement", "incident") if name else ("facility",)
    for kind in kinds:
        for row in case.rows(kind, slug):
            content = json.loads(row.content)
            if row.entry > entry.number and (not name or name in (row.item, content.get("id"))):
                told = content.get(body.field)
                if told is not None and told not in (body.value, decision.proposed):
                    yield f"{row.source}, taken in since, gives {body.field} of {body.target} as {told}"


def _added(body: AddFootprint, built: _Built) -> Iterator[str]:
    """The software has come to find a building of its own where a person drew one."""
    for item in built.features("footprints.geojson"):
        if item["properties"]["id"] != body.footprint:
            found = shape(item["geometry"])
            shared = found.intersection(body.geometry).area
            if shared > _SAME * min(found.area, body.geometry.area):
                yield f"{item['properties']['id']} is now found where {body.footprint} was drawn by hand"


def _bound(case: Case, body: BindIncident, built: _Built) -> Iterator[str]:
    """The building was rejected, or the incident is dated when it did not stand."""
    named = body.room or body.footprint
    item = built.footprint(body.footprint) if body.footprint else built.building_of(body.room or "")
    if item is None:
        if named and built.features("footprints.geojson"):
            yield f"{named}, to which {body.incident} was bound, is no longer found"
        return
    known = item["properties"]
    if (known.get("evidence") or {}).get("judgement", {}).get("value") == "rejected":
        yield f"{body.incident} was bound to {named}, which was rejected"
    incident = next((one for one in case.incident_records(body.facility) if one.id == body.incident), None)
    date = incident.date if incident else None
    if date is not None:
        after, before = known.get("not_after"), known.get("not_before")
        if (after and date.earliest > PartialDate(after).latest) or (
            before and date.latest < PartialDate(before).earliest
        ):
            yield f"{body.incident} ({date}) was bound to {named}, which scenes say did not stand then"


def _claimed(case: Case, body: RecordClaim) -> Iterator[str]:
    """The words that the claim was read from are no longer said so."""
    said = {one.id: one.said or "" for one in case.statements(body.facility).statements}
    if body.claim.witness in case.held_back:
        return
    if body.statement not in said:
        yield f"{body.statement}, from whose words the claim {body.claim.id} was read, is no longer on record"
    elif body.claim.said and body.claim.said != said[body.statement]:
        yield f"the words of {body.statement} are others now than those the claim {body.claim.id} was read from"


def _split(case: Case, body: SplitFacility) -> Iterator[str]:
    """What was told of the part that was split off is gone, or told under its own name now."""
    there = case.store.files()
    for source in body.sources:
        if f"facilities/{body.facility}/{source}" not in there:
            yield f"{source}, by which {body.into} was split off, is no longer among the files of {body.facility}"


def _consented(case: Case, slug: str, body: RecordConsent, entry: LedgerEntry) -> Iterator[str]:
    """A form taken in since then says otherwise."""
    for row in case.recorded("consent", slug):
        form = RecordConsent.read(json.loads(row.content))
        same = (form.witness, form.act) == (body.witness, body.act) and "*" in {form.audience, body.audience}
        same = same or (form.witness, form.act, form.audience) == (body.witness, body.act, body.audience)
        if same and row.entry > entry.number and form.given != body.given:
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


def _grade(case: Case, slug: str, body: GradeSource, built: _Built) -> Iterator[str]:
    """A source graded reliable whose statements exclude what others said."""
    path = case.models_dir(slug) / "location.geojson"
    if body.reliability not in ("A", "B") or not path.is_file():
        return
    conflicts = json.loads(path.read_text(encoding="utf-8")).get("diagnostics", {}).get("conflicts", [])
    said = {statement.id: statement.witness for statement in case.statements(slug).statements}
    mine = [one for one in conflicts if body.source in {said.get(one[0]), said.get(one[1])}]
    if mine:
        yield f"{body.source} was graded {body.reliability}, but {len(mine)} of its statements exclude what others said"
