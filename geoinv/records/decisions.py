"""What people decided, with a name and a reason; a build never overrides a decision."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from geoinv.records.base import Record, Shape
from geoinv.records.claims import Claim
from geoinv.records.drawings import Tie
from geoinv.records.placements import Transform

__all__ = [
    "AddFootprint",
    "AddRoom",
    "BindIncident",
    "CheckCodenames",
    "Decision",
    "DecisionBody",
    "GradeSource",
    "JudgeFootprint",
    "MergeFacilities",
    "OpenRequest",
    "PlaceSketch",
    "RecordClaim",
    "RecordConsent",
    "SetOutline",
    "SetProperty",
    "SplitFacility",
    "TraceElement",
    "Undo",
    "concerns",
    "matter_of",
]


class PlaceSketch(Record):
    """A person placed a sketch, by ties or by a whole transform, or said that it shows no place here (``none``)."""

    kind: Literal["place"] = "place"
    facility: str
    sketch: str
    ties: tuple[Tie, ...] = ()
    transform: Transform | None = None
    none: bool = False


class JudgeFootprint(Record):
    """A person accepted or rejected a footprint or a room, or, where both are named, a drawn element's match to it.

    Attributes
    ----------
    footprint
        Its id, or a room's.
    element
        ``sketch-file#element-id``; alone, the footprint or room that was drawn so.
    """

    kind: Literal["judge"] = "judge"
    facility: str
    footprint: str | None = None
    element: str | None = None
    accept: bool


class SetOutline(Record):
    """A person drew an outline (longitude, latitude).

    Attributes
    ----------
    element
        Whose: a drawn element (``sketch-file#element-id``), or the id of a footprint or a room.
    """

    kind: Literal["outline"] = "outline"
    facility: str
    element: str
    geometry: Shape


class TraceElement(Record):
    """A person drew, redrew or took out a shape of a drawing, where tracing read it wrongly.

    Attributes
    ----------
    element
        Its id in the drawing; one that is new there adds a shape.
    geometry
        In drawing units, y up; ``None`` takes the shape out: nothing is drawn there.
    role, label
        As for a drawn element; ``None`` leaves what tracing read.
    """

    kind: Literal["trace"] = "trace"
    facility: str
    sketch: str
    element: str = Field(pattern=r"^[^#/\s]{1,80}$")
    geometry: Shape | None = None
    role: str | None = None
    label: str | None = None


class AddFootprint(Record):
    """A person found a building that no drawing shows and the software did not find.

    Attributes
    ----------
    footprint
        Its id, minted with the decision.
    geometry
        Its outline, longitude and latitude.
    """

    kind: Literal["add"] = "add"
    facility: str
    footprint: str
    geometry: Shape
    role: Literal["building", "wall", "gate", "tower"] = "building"
    labels: tuple[str, ...] = ()


class AddRoom(Record):
    """A person says that there was a room which no drawing shows, in a building whose inside is known.

    Attributes
    ----------
    room
        Its id, minted with the decision.
    geometry
        Its clear floor, longitude and latitude; the building is the one in which it lies.
    role
        As of :class:`geoinv.records.parts.Room`.
    """

    kind: Literal["room"] = "room"
    facility: str
    room: str
    geometry: Shape
    role: str = Field(default="room", min_length=1, max_length=60)
    labels: tuple[str, ...] = ()


class BindIncident(Record):
    """A person said in which building or room an incident was; with neither, that it cannot be said.

    Attributes
    ----------
    footprint, room
        Ids, or a drawn element (``plan.svg#b3``), which outlives a rebuild better. A room names its building too.
    """

    kind: Literal["bind"] = "bind"
    facility: str
    incident: str
    footprint: str | None = None
    room: str | None = None


class RecordClaim(Record):
    """A person wrote down a testable claim from what a statement's words measure (an area, a count, a distance).

    Attributes
    ----------
    statement
        Id of the statement whose words they are.
    claim
        What the words mean; it counts with the claims that files gave.
    """

    kind: Literal["claim"] = "claim"
    facility: str
    statement: str
    claim: Claim


class SetProperty(Record):
    """A person set a role, a date or another property.

    Attributes
    ----------
    target
        ``SLUG`` (a facility), ``SLUG/plan.svg`` (a drawing), ``SLUG/plan.svg#b3`` (a drawn element), ``SLUG/ID`` (a
        statement, an incident, a footprint or a room) or ``imagery/scene.tif``.
    value
        As the field's own format has it; ``None`` says that it is not known.
    """

    kind: Literal["set"] = "set"
    target: str
    field: str
    value: Any = None


class GradeSource(Record):
    """A person graded a source (Admiralty code)."""

    kind: Literal["grade"] = "grade"
    source: str
    reliability: Literal["A", "B", "C", "D", "E", "F"]
    credibility: Literal[1, 2, 3, 4, 5, 6] | None = None


class MergeFacilities(Record):
    """A person found that facilities are one: all that was told of ``others`` counts as told of ``facility``."""

    kind: Literal["merge"] = "merge"
    facility: str
    others: tuple[str, ...] = Field(min_length=1)


class SplitFacility(Record):
    """A person found that what was told of one facility is of two.

    Attributes
    ----------
    facility
        What it was told of.
    into, name
        Slug and name of the other facility.
    sources
        The files that are about the other one, as paths below the facility's folder (``sketches/annex.svg``).
    """

    kind: Literal["split"] = "split"
    facility: str
    into: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str
    sources: tuple[str, ...] = Field(min_length=1)


class RecordConsent(Record):
    """A person recorded consent of a witness for an act and an audience."""

    kind: Literal["consent"] = "consent"
    witness: str
    act: Literal["collect", "use", "share"] = "share"
    audience: str
    until: str | None = None
    given: bool = True


class OpenRequest(Record):
    """A person decided on a request for records: an audience of one requester, one set of records, one end.

    Attributes
    ----------
    audience
        Its name, as ``publish``, ``export`` and ``dossier`` take it.
    requester
        Who asked, as a codename or an office.
    within
        Audience of ``case.toml`` whose consents and rules count.
    facilities, records
        What was granted: slugs, and incidents as ``slug/id``.
    until
        When it ends (EDTF).
    """

    kind: Literal["request"] = "request"
    audience: str = Field(pattern=r"^request-[a-z0-9][a-z0-9-]*$")
    requester: str = Field(min_length=1)
    within: str
    facilities: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    until: str


class CheckCodenames(Record):
    """A person looked at what seemed to tell who somebody is, and found that it names nobody.

    Attributes
    ----------
    file
        Path below the case folder.
    sha256
        Of the content that was looked at; another version of the file is asked about again.
    """

    kind: Literal["codenames"] = "codenames"
    file: str
    sha256: str


class Undo(Record):
    """A person took back an earlier decision (by its entry's id); both stay in the ledger."""

    kind: Literal["undo"] = "undo"
    entry: str


DecisionBody = Annotated[
    PlaceSketch
    | JudgeFootprint
    | SetOutline
    | TraceElement
    | AddFootprint
    | AddRoom
    | BindIncident
    | RecordClaim
    | SetProperty
    | GradeSource
    | MergeFacilities
    | SplitFacility
    | RecordConsent
    | OpenRequest
    | CheckCodenames
    | Undo,
    Field(discriminator="kind"),
]


class Decision(Record):
    """A decision with who, why and what the software proposed then.

    Attributes
    ----------
    lay
        Where each traced shape that it is about lay on its sheet then, by full name, in drawing units.
    """

    id: str
    by: str
    reason: str = Field(min_length=1)
    body: DecisionBody
    proposed: Any = None
    lay: dict[str, tuple[float, float]] | None = None


def matter_of(body: DecisionBody) -> tuple[str, ...]:
    """What a decision is about: of two decisions on one matter the later stands."""
    match body:
        case PlaceSketch():
            return "place", body.facility, body.sketch
        case JudgeFootprint():
            return "judge", body.facility, body.footprint or "", body.element or ""
        case SetOutline():
            return "outline", body.facility, body.element
        case TraceElement():
            return "trace", body.facility, body.sketch, body.element
        case AddFootprint():
            return "add", body.facility, body.footprint
        case AddRoom():
            return "room", body.facility, body.room
        case BindIncident():
            return "bind", body.facility, body.incident
        case RecordClaim():
            return "claim", body.facility, body.claim.id
        case SetProperty():
            return "set", body.target, body.field
        case GradeSource():
            return "grade", body.source
        case MergeFacilities():
            return "merge", *sorted(body.others)
        case SplitFacility():
            return "split", body.facility, body.into
        case RecordConsent():
            return "consent", body.witness, body.act, body.audience
        case OpenRequest():
            return "request", body.audience
        case CheckCodenames():
            return "codenames", body.file, body.sha256
        case Undo():
            return "undo", body.entry


def concerns(body: DecisionBody, slug: str) -> bool:
    """Whether a decision may change what is built of a facility."""
    match body:
        case PlaceSketch() | JudgeFootprint() | SetOutline() | TraceElement() | AddFootprint() | AddRoom():
            return body.facility == slug
        case BindIncident() | RecordClaim():
            return body.facility == slug
        case SetProperty():
            return body.target.split("/", 1)[0] in (slug, "imagery")
        case MergeFacilities():
            return slug == body.facility or slug in body.others
        case SplitFacility():
            return slug in (body.facility, body.into)
        case GradeSource():
            return True
        case _:
            return False
