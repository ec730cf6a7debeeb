"""Incident records: who did what to whom, where and when, by whose account (after the HURIDOCS events model)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geoinv.records.base import OpenRecord, Record
from geoinv.records.dates import PartialDate
from geoinv.records.places import LonLat

__all__ = ["Act", "Binding", "Incident", "SourceRef"]


class Act(Record):
    """The smallest unit: one perpetrator, one victim, one violation type; people by codename only.

    Attributes
    ----------
    violation
        Id in the violations vocabulary.
    victim, perpetrator
        Codenames, ``None`` if unknown.
    involvement
        Degree of the perpetrator's involvement, in words.
    agency, post
        The perpetrator's agency and post at that time, in words.
    victim_activity
        What the victim was doing.
    """

    violation: str
    victim: str | None = None
    perpetrator: str | None = None
    involvement: str | None = None
    agency: str | None = None
    post: str | None = None
    victim_activity: str | None = None


class SourceRef(Record):
    """Where an account stands: a source file's id or name, page or paragraph, exact words."""

    source: str
    page: str | None = None
    quotation: str | None = None


class Incident(OpenRecord):
    """One incident.

    Attributes
    ----------
    id
        As in the source, unique in its facility.
    facility
        Slug.
    date
        EDTF.
    place_label
        The building or room as the witness calls it.
    point
        Longitude and latitude, where the record has its own.
    witness
        Codename of whoever told it.
    kind
        Kind of event as recorded.
    consent
        Audiences for which use is consented to; empty means that it stays in.
    embargo_until
        Nothing is shown before this date.
    pillars
        Parts of an investigation the record serves, where a person said so: ``crime_base``, ``contextual_elements``,
        ``perpetrator_linkage``.
    supersedes
        Id of the incident of this facility that this one replaces; both stay on record, only this one counts.
    """

    id: str
    facility: str
    date: PartialDate | None = None
    place_label: str | None = None
    room_label: str | None = None
    point: LonLat | None = None
    witness: str | None = None
    kind: str = ""
    summary: str = ""
    certainty: Literal["low", "medium", "high"] | None = None
    acts: tuple[Act, ...] = ()
    sources: tuple[SourceRef, ...] = ()
    consent: tuple[str, ...] = ()
    embargo_until: PartialDate | None = None
    pillars: tuple[Literal["crime_base", "contextual_elements", "perpetrator_linkage"], ...] = ()
    supersedes: str | None = None


class Binding(Record):
    """Where an incident was bound to, and why.

    Attributes
    ----------
    footprint, room
        Ids; ``None`` where it could not be said.
    how
        ``label``, ``room label``, ``point``, ``person`` or ``none``.
    why
        In words.
    """

    incident: str
    footprint: str | None = None
    room: str | None = None
    how: Literal["label", "room label", "point", "person", "none"]
    why: str
    probability: float = Field(default=1.0, ge=0, le=1)
