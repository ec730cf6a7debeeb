"""Whose consent covers what: default-deny, by person, act and audience."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from geoinv.records.consent import Organisation, has_ended
from geoinv.records.decisions import RecordConsent
from geoinv.records.facility import Facility
from geoinv.records.incidents import Incident

__all__ = ["Owners", "allows", "consenting", "incident_allowed", "standing"]


def standing(
    facility: Facility,
    consents: Iterable[RecordConsent],
    audience: str,
    *,
    on: date | None = None,
    organisations: Iterable[Organisation] = (),
) -> dict[str, str | None]:
    """Each witness the facility or a consent names → why nothing of theirs may be shared, or ``None`` where it may.

    The latest recorded word on sharing with this audience wins over what ``facility.yaml`` says; a refusal of use or of
    collection refuses sharing too, and so do the terms of the organisation whose record it is.
    """
    why: dict[str, str | None] = {
        name: None if audience in note.consent else "no consent to sharing with this audience is recorded"
        for name, note in facility.witnesses.items()
    }
    refused: dict[str, str] = {}
    for word in consents:
        if word.audience not in (audience, "*"):
            continue
        ended = word.given and has_ended(word.until, on)
        if word.act == "share":
            denied = "consent to sharing was refused or taken back"
            why[word.witness] = "consent to sharing has ended" if ended else None if word.given else denied
        elif word.given and not ended:
            refused.pop(word.witness, None)
        else:
            refused[word.witness] = f"consent to {word.act} has ended or was refused"
    allowed = {one.id for one in organisations if allows(one, audience, on=on)}
    for name, note in facility.witnesses.items():
        if note.organisation is not None and note.organisation not in allowed and why[name] is None:
            why[name] = "the terms of the organisation whose record it is do not allow it"
    return why | refused


def allows(organisation: Organisation, audience: str, *, on: date | None = None) -> bool:
    """Whether another organisation's terms allow sharing with an audience."""
    return audience in organisation.share and not has_ended(organisation.until, on)


def consenting(
    facility: Facility,
    consents: Iterable[RecordConsent],
    audience: str,
    *,
    on: date | None = None,
    organisations: Iterable[Organisation] = (),
) -> frozenset[str]:
    """Codenames of the witnesses who agree to sharing with an audience, and whose record's terms allow it."""
    why = standing(facility, consents, audience, on=on, organisations=organisations)
    return frozenset(name for name, reason in why.items() if reason is None)


def incident_allowed(
    incident: Incident,
    agreeing: frozenset[str],
    refused: frozenset[str],
    audience: str,
    *,
    on: date | None = None,
    organisations: Iterable[Organisation] = (),
) -> str | None:
    """The rule that keeps an incident back, or ``None`` where it may be used.

    Parameters
    ----------
    agreeing, refused
        Witnesses who agree, and witnesses of whom it is known that they do not.
    organisations
        Those whose terms are known; an incident that names another (``organisation``) stays in.
    """
    if audience not in incident.consent:
        return "incident without consent for this audience"
    if incident.witness is not None and incident.witness in refused and incident.witness not in agreeing:
        return "incident told by a witness who does not agree to sharing"
    whose = (incident.model_extra or {}).get("organisation")
    if whose is not None and whose not in {one.id for one in organisations if allows(one, audience, on=on)}:
        return "incident of another organisation, whose terms do not allow it"
    if incident.embargo_until is not None and (on is None or incident.embargo_until.latest >= on):
        return "incident under embargo"
    return None


@dataclass(frozen=True)
class Owners:
    """Whose account each source is.

    Attributes
    ----------
    witness_of
        Source (file name, statement id) → codename, ``None`` where nobody knows.
    open_sources
        Sources that are nobody's account: scenes, and people's decisions.
    """

    witness_of: Mapping[str, str | None]
    open_sources: frozenset[str]

    @staticmethod
    def base(source: str) -> str:
        """A source's own name: without the element after ``#`` and without folders."""
        return PurePosixPath(source.partition("#")[0]).name

    def is_open(self, source: str) -> bool:
        """Whether a source is nobody's account."""
        return self.base(source) in self.open_sources

    def may_show(self, source: str, agreeing: frozenset[str]) -> bool:
        """Whether what rests on a source may be shown; a source nobody knows of may not."""
        witness = self.witness_of.get(source) or self.witness_of.get(self.base(source))
        return self.is_open(source) or witness in agreeing
