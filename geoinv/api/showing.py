"""What may be shown of one facility: of its records and what was built, only what a rule lets through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from shapely.geometry.base import BaseGeometry

from geoinv.api.casefiles import FacilityRead
from geoinv.api.commitments import Commitments
from geoinv.api.consent import consenting, incident_allowed
from geoinv.api.redact import Tally, public_facility, public_footprint, public_place, public_row
from geoinv.api.redact_blueprint import public_blueprint
from geoinv.api.suppress import Row
from geoinv.records.blueprint import Blueprint
from geoinv.records.consent import Audience, Organisation
from geoinv.records.decisions import RecordConsent
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint
from geoinv.records.incidents import Incident
from geoinv.records.naming import Naming

__all__ = ["Showing", "Terms", "accused_in", "allowed_incidents", "showing_of"]


@dataclass(frozen=True)
class Terms:
    """By what is judged what an audience may see.

    Attributes
    ----------
    on
        The day embargoes and ending consents are judged by; without one, what ends has ended.
    """

    audience: Audience
    consents: tuple[RecordConsent, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    on: date | None = None

    def agreeing(self, facility: Facility) -> frozenset[str]:
        """Codenames of a facility's witnesses whose accounts this audience may see."""
        return consenting(
            facility, self.consents, self.audience.consents_as, on=self.on, organisations=self.organisations
        )

    def cleared(self, facility: Facility) -> frozenset[str]:
        """Codenames of the perpetrators whom a person cleared for this audience, to stand under pseudonyms."""
        names = {self.audience.name, self.audience.consents_as}
        return frozenset(name for name, note in facility.perpetrators.items() if names & set(note.cleared_for))


@dataclass(frozen=True)
class Showing:
    """What may be shown of a facility, before incidents are generalised.

    Attributes
    ----------
    rows
        Incidents that may be used, each as it may be counted.
    ids
        Row id → the case's own id of its incident; in nothing published.
    perpetrators
        The case's own name of each perpetrator, cleared or not → the release's; in nothing published.
    """

    facility: Facility
    place: BaseGeometry | None
    footprints: tuple[Footprint, ...]
    blueprint: Blueprint | None
    rows: tuple[Row, ...]
    ids: Mapping[str, str]
    perpetrators: Mapping[str, str]


def accused_in(read: FacilityRead) -> tuple[str, ...]:
    """Codenames of all perpetrators whom a facility's incidents name."""
    return tuple(sorted({act.perpetrator for one in read.incidents for act in one.acts if act.perpetrator}))


def allowed_incidents(
    read: FacilityRead, terms: Terms, agreeing: frozenset[str], tally: Tally | None = None
) -> Iterable[Incident]:
    """A facility's incidents that may be used for an audience; the rules that keep others in are counted."""
    told = {note for note in read.owners.witness_of.values() if note} | set(read.facility.witnesses)
    refused = frozenset(told) - agreeing
    for incident in read.incidents:
        rule = incident_allowed(
            incident, agreeing, refused, terms.audience.consents_as, on=terms.on, organisations=terms.organisations
        )
        if rule is None:
            yield incident
        elif tally is not None:
            tally.add("incidents", rule, record=incident.id, among=incident.facility)


def showing_of(read: FacilityRead, terms: Terms, commitments: Commitments, tally: Tally) -> Showing:
    """What may be shown of one facility to an audience."""
    facility, built, audience = read.facility, read.built, terms.audience
    agreeing = terms.agreeing(facility)
    exact = facility.publish_location == "exact"
    secrets = Naming(read.secrets)
    pairs = [
        (item, public_footprint(item, read.owners, agreeing, commitments, tally, secrets=secrets))
        for item in built.footprints
    ]
    allowed = {item.id: public for item, public in pairs if public is not None}
    place = public_place(facility.publish_location, tuple(allowed.values()), built.best, tally)
    if not exact:
        hidden = f"publish_location is “{facility.publish_location}”: no outline is shown"
        for internal in sorted(allowed):
            tally.add("buildings", hidden, record=internal, among=facility.slug)
        allowed = {}
    blueprint = None
    if built.blueprint is not None:
        if exact and _model_cleared(facility):
            shown = {item.id: public for item, public in pairs}
            blueprint = public_blueprint(
                built.blueprint, read.owners, agreeing, commitments, tally, shown=shown, secrets=secrets
            )
        else:
            uncleared = "place not exact, or model neither simulated nor cleared by a decision"
            tally.add("models and sheets", uncleared, record=facility.slug)
    buildings = {internal: public.id for internal, public in allowed.items()}
    rooms = _rooms(built.blueprint, blueprint, commitments) if audience.incident_place == "room" else {}
    bound = {binding.incident: binding for binding in read.bindings}
    rows, ids, cleared = [], {}, terms.cleared(facility)
    for incident in allowed_incidents(read, terms, agreeing, tally):
        row = public_row(
            incident,
            bound.get(incident.id),
            buildings,
            secrets,
            commitments,
            tally,
            by_building=audience.incident_place != "facility",
            rooms=rooms,
            cleared=cleared,
        )
        rows.append(row)
        ids[row.id] = incident.id
    accused = {name: commitments.of("perpetrator", name) for name in accused_in(read)}
    public = public_facility(facility, tally)
    return Showing(public, place, tuple(allowed.values()), blueprint, tuple(rows), ids, accused)


def _model_cleared(facility: Facility) -> bool:
    """Whether a model may be shown: of a fictional facility, or where a person set ``publish_model``."""
    return facility.simulated or (facility.model_extra or {}).get("publish_model") is True


def _rooms(inside: Blueprint | None, shown: Blueprint | None, commitments: Commitments) -> dict[str, str]:
    """Internal room id → published id, of rooms that are published."""
    if inside is None or shown is None:
        return {}
    public = {room.id for one in shown.buildings for storey in one.storeys for room in storey.rooms}
    rooms = (room.id for one in inside.buildings for storey in one.storeys for room in storey.rooms)
    return {room: name for room in rooms if (name := commitments.of("part", room)) in public}
