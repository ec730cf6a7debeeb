"""Audiences of a case and what each may see."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from geoinv.errors import FieldError
from geoinv.records.base import OpenRecord, Record
from geoinv.records.dates import PartialDate

__all__ = ["Audience", "CaseSettings", "FrameAncestor", "Organisation", "Person", "StoreSettings", "has_ended"]


#: One source of ``frame-ancestors`` (CSP level 3): nothing in it can begin another directive or header.
FrameAncestor = Annotated[str, Field(pattern=r"^(\*|'self'|'none'|(https?://)(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?)$")]


def has_ended(until: str | None, on: date | None) -> bool:
    """Whether a consent that holds until a date (EDTF) has ended.

    One that ends counts as ended where no day is given, and where its end is no date that can be read.
    """
    if until is None:
        return False
    try:
        return on is None or PartialDate(until).earliest < on
    except FieldError:
        return True


class Person(OpenRecord):
    """Somebody whose name may stand in ledger entries.

    Attributes
    ----------
    may_sign
        Whether entries may be signed with the name; the first who may is the default.
    public_key
        Of the key with which this person seals the ledger (``geoinv seal key`` prints it).
    """

    id: str
    name: str
    may_sign: bool = False
    public_key: str | None = None


class Audience(OpenRecord):
    """Rules for one audience; what no rule allows stays in.

    Attributes
    ----------
    incident_place
        Finest place an incident may be shown at.
    minimum_count
        Smaller counts are suppressed.
    frame_ancestors
        Sites that may put this audience's maps in a frame; where none are named, every site of the public's, else only
        the server's own pages.
    within
        Audience whose consents count for it: a single requester's audience is a part of a wider one.
    facilities, records
        Slugs, and incidents as ``slug/id``, that were asked for; nothing else is shown. Empty asks for all.
    until
        When what is shown to it ends (EDTF); afterwards nothing is made for it.
    """

    name: str
    incident_place: Literal["facility", "building", "room"] = "building"
    minimum_count: int = Field(default=5, ge=1)
    frame_ancestors: tuple[FrameAncestor, ...] = ()
    within: str | None = None
    facilities: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    until: str | None = None

    @property
    def consents_as(self) -> str:
        """Name of the audience that a witness must have agreed to."""
        return self.within or self.name

    def asks_for(self, facility: str, incident: str | None = None) -> bool:
        """Whether a facility, or an incident of it, was asked for."""
        named = {record.split("/", 1)[0] for record in self.records}
        if (self.facilities or named) and facility not in {*self.facilities, *named}:
            return False
        return incident is None or not self.records or f"{facility}/{incident}" in self.records

    @property
    def is_public(self) -> bool:
        """Whether everybody is meant: only then may scripts of other sites read a release."""
        return self.name == "public"

    @property
    def may_frame(self) -> tuple[str, ...]:
        """Sources for ``frame-ancestors`` of a Content-Security-Policy."""
        return self.frame_ancestors or (("*",) if self.is_public else ("'self'",))


class Organisation(OpenRecord):
    """Another organisation whose records are in the case, and the terms on which they came.

    Attributes
    ----------
    id
        As witnesses and incidents name it (``organisation``).
    share
        Audiences its terms allow, whatever a witness agreed to; empty allows none.
    until
        When its terms end (EDTF); afterwards they allow none.
    """

    id: str
    name: str = ""
    share: tuple[str, ...] = ()
    until: str | None = None


class StoreSettings(Record):
    """Where a team keeps a case's records, if not in ``case.db``.

    Attributes
    ----------
    url
        ``postgresql://user@host/database``.
    schema_name
        The case's schema there; written ``schema``.
    """

    url: str
    schema_name: str = Field(default="geoinv", alias="schema")


class CaseSettings(OpenRecord):
    """The file ``case.toml``.

    Attributes
    ----------
    simulated
        Whether the case is fictional; then every output says so.
    audiences
        Names, or tables with rules; a name takes the defaults.
    organisations
        Others whose records came on terms of their own.
    store
        Where the records are, if not in ``case.db``.
    """

    title: str
    simulated: bool = False
    languages: tuple[str, ...] = ("en",)
    audiences: tuple[Audience | str, ...] = ("public",)
    time_zone: str = "UTC"
    people: tuple[Person, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    store: StoreSettings | None = None

    def audience(self, name: str) -> Audience | None:
        """The rules of an audience, or ``None`` if the case has none of that name."""
        for audience in self.audiences:
            if isinstance(audience, str):
                if audience == name:
                    return Audience(name=name)
            elif audience.name == name:
                return audience
        return None
