"""What was on record of a facility at one entry of the ledger, as things that can be compared one by one."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry import Point, shape

from geoinv.api.desk.changed import Change, StandingPart, change_of
from geoinv.case.folder import Case
from geoinv.case.told import claims_of, room_accounts_of, transcripts_of
from geoinv.geometry.frames import to_local
from geoinv.records.base import Record
from geoinv.records.decisions import (
    AddFootprint,
    AddRoom,
    Decision,
    PlaceSketch,
    RecordClaim,
    RecordConsent,
    SetOutline,
    SetProperty,
    concerns,
    matter_of,
)
from geoinv.records.places import Frame

__all__ = ["Difference", "Thing", "differences", "things_of"]

#: Kind of decision → the group of things under which what it decided stands.
_GROUPS = {
    "place": "placements", "judge": "verdicts", "outline": "outlines", "add": "outlines", "room": "outlines",
    "trace": "shapes", "set": "properties", "bind": "bindings", "grade": "sources", "merge": "identity",
    "split": "identity", "consent": "consents",
}  # fmt: skip
_LONGEST = 160


@dataclass(frozen=True)
class Thing:
    """One thing that was on record.

    Attributes
    ----------
    group, name
        What sort of thing, as a key of the desk's words (``group …``), and its own name; together they are its
        identity.
    fields
        What it says, by field, in words.
    parts
        What of it has a place on the ground, metres in the frame asked for.
    """

    group: str
    name: str
    fields: dict[str, str]
    parts: tuple[StandingPart, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Difference:
    """What became of one thing; ``before`` or ``after`` is ``None`` where it was not on record."""

    before: Thing | None
    after: Thing | None

    @property
    def thing(self) -> Thing:
        """As it is, or was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def fields(self) -> list[tuple[str, str, str]]:
        """Each field that says something else: its name, what it said and what it says; empty where nothing was."""
        was, now = (one.fields if one else {} for one in (self.before, self.after))
        return [
            (key, was.get(key, ""), now.get(key, ""))
            for key in dict.fromkeys((*was, *now))
            if was.get(key) != now.get(key)
        ]

    @property
    def moves(self) -> list[Change]:
        """What became of its places."""
        was, now = ({part.id: part for part in one.parts} if one else {} for one in (self.before, self.after))
        return [change_of(was.get(key), now.get(key)) for key in dict.fromkeys((*was, *now))]


def differences(before: dict[tuple[str, str], Thing], after: dict[tuple[str, str], Thing]) -> list[Difference]:
    """What became of everything, those unchanged left out: group by group, in the order they came on record."""
    keys = sorted(dict.fromkeys((*before, *after)), key=lambda key: _ORDER.index(key[0]))
    both = (Difference(before.get(key), after.get(key)) for key in keys)
    return [one for one in both if one.before != one.after]


_ORDER = (
    "facility", "witnesses", "statements", "landmarks", "drawings", "incidents", "claims", "rooms told", "transcripts",
    "scenes", *dict.fromkeys(_GROUPS.values()),
)  # fmt: skip


def things_of(case: Case, slug: str, *, silent: Collection[str], frame: Frame | None) -> dict[tuple[str, str], Thing]:
    """Everything on record of a facility in a state of the case, by group and name; nothing where it was none yet.

    Parameters
    ----------
    silent
        Codenames of witnesses whose accounts may not be used now: they are in no state.
    frame
        In whose metres places are given.
    """
    if slug not in {one.slug for one in case.facilities()}:
        return {}
    found = (*_told(case, slug, silent, frame), *_decided(case, slug, frame))
    return {(one.group, one.name): one for one in found}


def _told(case: Case, slug: str, silent: Collection[str], frame: Frame | None) -> Iterator[Thing]:
    """What files say, with what people set of it."""
    facility = case.facility(slug)
    yield Thing("facility", facility.slug, _fields(facility, "slug", "witnesses", "sketches"))
    for name, note in facility.witnesses.items():
        if name not in silent:
            yield Thing("witnesses", name, _fields(note))
    statements = case.statements(slug)
    for said in statements.statements:
        if said.witness not in silent:
            yield Thing("statements", said.id, _fields(said, "id"), _places(frame, "pin", said.id, said.point))
    for name, landmark in statements.landmarks.items():
        yield Thing("landmarks", name, _fields(landmark))
    for sketch in case.sketches(slug):
        if sketch.witness not in silent:
            yield Thing("drawings", sketch.name, _fields(sketch, "name", "elements", "page", "page_size"))
    for incident in case.incident_records(slug):
        if incident.witness not in silent:
            yield Thing("incidents", incident.id, _fields(incident, "id", "facility"),
                        _places(frame, "pin", incident.id, incident.point))  # fmt: skip
    for claim in claims_of(case, slug):
        if claim.witness not in silent:
            yield Thing("claims", claim.id, _fields(claim, "id"))
    for account in room_accounts_of(case, slug):
        if account.witness not in silent:
            yield Thing("rooms told", account.id, _fields(account, "id"))
    for name, transcript in transcripts_of(case, slug).items():
        words = sum(len(one.text.split()) for one in transcript.passages)
        yield Thing("transcripts", name, {"passages": str(len(transcript.passages)), "words": str(words)})
    for path, data in case.scenes():
        yield Thing("scenes", path.removeprefix("imagery/"), {key: _said(value) for key, value in data.items()})


def _decided(case: Case, slug: str, frame: Frame | None) -> Iterator[Thing]:
    """What people had decided and not taken back; of decisions on one matter the last."""
    for one in case.history.decided:
        body = one.decision.body
        ours = concerns(body, slug) or isinstance(body, RecordConsent)
        if one.stands and ours and not isinstance(body, RecordClaim) and body.kind in _GROUPS:
            fields = {"by": one.decision.by, **_fields(body, "kind", "facility"), "reason": one.decision.reason}
            yield Thing(_GROUPS[body.kind], _name(body), fields, _laid(frame, one.decision))


def _name(body: Any) -> str:
    """What a decision is about, without its kind and facility where the group tells them."""
    if isinstance(body, SetProperty):
        return f"{body.target}: {body.field}"
    _, *matter = matter_of(body)
    if body.kind not in ("grade", "merge", "consent"):  # the others begin with their facility
        matter = matter[1:]
    return " ".join(one for one in matter if one)


def _laid(frame: Frame | None, decision: Decision) -> tuple[StandingPart, ...]:
    """What a decision lays on the ground: an outline, or the ties of a drawing."""
    body = decision.body
    if frame is None:
        return ()
    if isinstance(body, PlaceSketch):
        tied = ((tie, tie.point) for tie in body.ties if tie.point is not None)
        return tuple(_part(frame, "tie", f"{body.sketch}#{tie.element}", Point(point)) for tie, point in tied)
    if isinstance(body, SetOutline):
        return (_part(frame, "outline", body.element, body.geometry),)
    if isinstance(body, AddFootprint):
        return (_part(frame, body.role, body.footprint, body.geometry, body.labels),)
    if isinstance(body, AddRoom):
        return (_part(frame, "room", body.room, body.geometry, body.labels),)
    return ()


def _places(frame: Frame | None, sort: str, name: str, point: Any) -> tuple[StandingPart, ...]:
    return () if frame is None or point is None else (_part(frame, sort, name, Point(point)),)


def _part(frame: Frame, sort: str, name: str, place: Any, labels: tuple[str, ...] = ()) -> StandingPart:
    drawn = to_local(frame, place)
    return StandingPart(name, sort, sort, labels or (name,), frozenset({name}), "", None, None, drawn)


def _fields(record: Record, *besides: str) -> dict[str, str]:
    return {key: _said(value) for key, value in record.plain().items() if key not in besides and value not in ([], {})}


def _said(value: Any) -> str:
    """A value in words: a shape by its sort, its corners and its middle."""
    if isinstance(value, dict) and {"type", "coordinates"} <= value.keys():
        place = shape(value)
        return f"{place.geom_type}, {place.centroid.y:.6f}, {place.centroid.x:.6f} ({_corners(value['coordinates'])})"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _corners(coordinates: Any) -> int:
    """How many points a GeoJSON geometry has."""
    if coordinates and isinstance(coordinates[0], int | float):
        return 1
    return sum(map(_corners, coordinates))
