"""Measures in witnesses' words, offered to a person: what a statement could say in numbers and does not yet.

A measure goes to the field of its statement that takes it; one that no field takes — an area, a count, a length said
beside a pin — becomes a claim, which a model can be held to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoinv.case.told import recorded_claims
from geoinv.errors import FieldError
from geoinv.records.claims import Claim, ClaimKind
from geoinv.records.decisions import RecordClaim, SetProperty
from geoinv.records.readings import Reading, ReadingKind
from geoinv.records.testimony import Statement

if TYPE_CHECKING:
    from geoinv.case.folder import Case

__all__ = ["Offer", "accepted", "count_offers", "offer_named", "offers_of"]

#: Kind of statement → its fields that words can give, and what they measure.
_FIELDS: dict[str, dict[str, ReadingKind]] = {
    "from": {"distance_m": "distance", "direction": "direction"},
    "walk": {"minutes": "duration", "direction": "direction"},
    "near": {"distance_m": "distance"},
}
#: What measures that no field takes are claims of. A direction by itself is none.
_CLAIMS: dict[ReadingKind, ClaimKind] = {
    "area": "dimension",
    "count": "count",
    "distance": "distance",
    "duration": "walk_time",
}
#: Claims from one thing to another.
_BETWEEN = ("distance", "walk_time")


@dataclass(frozen=True)
class Offer:
    """A measure that a person may accept.

    Attributes
    ----------
    name
        ``file#s1:minutes`` or ``file#s1:area``, with a number behind it where the words give several
        (``file#s1:minutes:2``).
    statement
        Whose words they are.
    target
        The statement as decisions name it.
    field
        Its field that takes the measure and is not set; ``None`` where none does.
    claim
        The kind of claim that it then becomes; ``None`` where it is nothing by itself.
    value
        What a field would be set to, JSON-ready: ``[low, high]``, or degrees.
    reading
        The words and how they are read.
    """

    name: str
    statement: Statement
    target: str
    field: str | None
    claim: ClaimKind | None
    value: Any
    reading: Reading


def _value(field: str | None, reading: Reading) -> Any:
    interval = reading.interval
    if field == "direction":
        return interval.best % 360
    return [round(interval.low, 3), round(interval.high, 3)]


def _offers(statement: Statement, slug: str) -> list[Offer]:
    """What the statement's words measure, besides what is written down already."""
    if not statement.said:
        return []
    from geoinv.facilities.spoken import read_words  # only where somebody's words are to be read

    fields = _FIELDS.get(statement.kind, {})
    written = {kind for field, kind in fields.items() if getattr(statement, field) is not None}
    readings = [reading for reading in read_words(statement.said) if reading.kind not in written]
    found = []
    for reading in readings:
        field = next((field for field, kind in fields.items() if kind == reading.kind), None)
        alike = [other for other in readings if other.kind == reading.kind]
        number = f":{alike.index(reading) + 1}" if len(alike) > 1 else ""
        claim = None if field else _CLAIMS.get(reading.kind)
        name = f"{statement.id}:{field or reading.kind}{number}"
        found.append(Offer(name, statement, f"{slug}/{statement.id}", field, claim, _value(field, reading), reading))
    return found


def count_offers(records: Iterable[tuple[str, str, Any]]) -> int:
    """How many measures in the words of newly read statements a person could accept.

    Parameters
    ----------
    records
        ``(kind, item, JSON-ready content)``, as parsers give them.
    """
    said = (Statement.read(content) for kind, _, content in records if kind == "statement" and content.get("said"))
    return sum(bool(offer.field or offer.claim) for statement in said for offer in _offers(statement, ""))


def offers_of(case: Case, slug: str) -> tuple[Offer, ...]:
    """Every measure in a facility's words that is not written down, in the order it was said.

    Raises
    ------
    CaseError
        If the case has no such facility, or cannot be read.
    """
    case.facility(slug)
    known = {claim.id for home, claim in recorded_claims(case) if home == slug}
    every = (offer for statement in case.statements(slug).statements for offer in _offers(statement, slug))
    return tuple(offer for offer in every if offer.name not in known)


def offer_named(offers: Sequence[Offer], name: str) -> Offer:
    """The offer of a name.

    Raises
    ------
    FieldError
        If there is none that can be accepted; the message says how to list them.
    """
    found = next((offer for offer in offers if offer.name == name and (offer.field or offer.claim)), None)
    if found is None:
        do = "list them with “geoinv decide words FACILITY”"
        raise FieldError(f"there is no measure “{name}” to accept", do=do, field="OFFER")
    return found


def accepted(
    offer: Offer, slug: str, *, subject: str | None = None, to: str | None = None
) -> SetProperty | RecordClaim:
    """What accepting an offer decides: a field of the statement, or a claim.

    Parameters
    ----------
    subject
        Of a claim: what is measured or counted, or from where; by default what the statement is of.
    to
        Of a distance or a walk: to where.

    Raises
    ------
    FieldError
        If a claim's subject, or its other end, is not known.
    """
    if offer.field is not None:
        return SetProperty(target=offer.target, field=offer.field, value=offer.value)
    said, statement = offer.reading.interval, offer.statement
    subject = subject or statement.of
    if subject is None:
        raise FieldError(f"it is not said what “{said.said}” measures", do="name it with --subject", field="--subject")
    if offer.claim in _BETWEEN and to is None:
        raise FieldError(f"it is not said to where “{said.said}” is", do="name it with --to", field="--to")
    extra = statement.model_extra or {}
    claim = Claim.read(
        {
            "id": offer.name,
            "witness": statement.witness,
            "kind": offer.claim,
            "subject": subject,
            "object": to,
            "said_value": said.plain(),
            "said": statement.said or "",
            **({"sources": extra["sources"]} if "sources" in extra else {}),
        },
        item=offer.name,
    )
    return RecordClaim(facility=slug, statement=statement.id, claim=claim)
