"""Whose consent covers what: default-deny, by person, act and audience."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from geoinv.errors import FieldError
from geoinv.records.dates import PartialDate
from geoinv.records.decisions import RecordConsent
from geoinv.records.facility import Facility
from geoinv.records.incidents import Incident

__all__ = ["Owners", "consenting", "incident_allowed"]


def _over(until: str | None, on: date | None) -> bool:
    """Whether a consent that ends has ended; one that ends counts as ended where no day is given."""
    if until is None:
        return False
    try:
        return on is None or PartialDate(until).earliest < on
    except FieldError:
        return True


def consenting(
    facility: Facility, consents: Iterable[RecordConsent], audience: str, *, on: date | None = None
) -> frozenset[str]:
    """Codenames of the facility's witnesses who agree to sharing with an audience.

    The latest recorded word on sharing with this audience wins over what ``facility.yaml`` says; a refusal of use or of
    collection refuses sharing too.
    """
    agreed = {name: audience in note.consent for name, note in facility.witnesses.items()}
    refused: set[str] = set()
    for word in consents:
        if word.audience not in (audience, "*"):
            continue
        if word.act == "share":
            agreed[word.witness] = word.given and not _over(word.until, on)
        elif word.given:
            refused.discard(word.witness)
        else:
            refused.add(word.witness)
    return frozenset(name for name, given in agreed.items() if given and name not in refused)


def incident_allowed(
    incident: Incident, agreeing: frozenset[str], refused: frozenset[str], audience: str, *, on: date | None = None
) -> str | None:
    """The rule that keeps an incident back, or ``None`` where it may be used.

    Parameters
    ----------
    agreeing, refused
        Witnesses who agree, and witnesses of whom it is known that they do not.
    """
    if audience not in incident.consent:
        return "incident without consent for this audience"
    if incident.witness is not None and incident.witness in refused and incident.witness not in agreeing:
        return "incident told by a witness who does not agree to sharing"
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
