"""What people decided, with a name and a reason; a build never overrides a decision."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from geoinv.records.base import Record, Shape
from geoinv.records.drawings import Tie
from geoinv.records.placements import Transform

__all__ = [
    "Decision",
    "DecisionBody",
    "GradeSource",
    "JudgeFootprint",
    "PlaceSketch",
    "RecordConsent",
    "SetOutline",
    "SetProperty",
    "Undo",
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
    """A person accepted or rejected a footprint, or the match of a drawn element to it."""

    kind: Literal["judge"] = "judge"
    facility: str
    footprint: str | None = None
    element: str | None = None
    accept: bool


class SetOutline(Record):
    """A person drew an outline (longitude, latitude) for a drawn element."""

    kind: Literal["outline"] = "outline"
    facility: str
    element: str
    geometry: Shape


class SetProperty(Record):
    """A person set a role, a date or another property of an element, scene or facility."""

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


class RecordConsent(Record):
    """A person recorded consent of a witness for an act and an audience."""

    kind: Literal["consent"] = "consent"
    witness: str
    act: Literal["collect", "use", "share"] = "share"
    audience: str
    until: str | None = None
    given: bool = True


class Undo(Record):
    """A person took back an earlier decision (by its entry's id); both stay in the ledger."""

    kind: Literal["undo"] = "undo"
    entry: str


DecisionBody = Annotated[
    PlaceSketch | JudgeFootprint | SetOutline | SetProperty | GradeSource | RecordConsent | Undo,
    Field(discriminator="kind"),
]


class Decision(Record):
    """A decision with who, why and what the software proposed then."""

    id: str
    by: str
    reason: str = Field(min_length=1)
    body: DecisionBody
    proposed: Any = None
