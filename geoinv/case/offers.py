"""Measures in witnesses' words, offered to a person: what a statement could say in numbers and does not yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoinv.errors import FieldError
from geoinv.records.readings import Reading
from geoinv.records.testimony import Statement

if TYPE_CHECKING:
    from geoinv.case.folder import Case

__all__ = ["Offer", "count_offers", "offer_named", "offers_of"]

#: Kind of statement → its fields that words can give, and what they measure.
_FIELDS = {
    "from": {"distance_m": "distance", "direction": "direction"},
    "walk": {"minutes": "duration", "direction": "direction"},
    "near": {"distance_m": "distance"},
}


@dataclass(frozen=True)
class Offer:
    """A measure that a person may accept.

    Attributes
    ----------
    name
        ``file#s1:minutes``, with a number behind it where the words give several (``file#s1:minutes:2``); of a measure
        that no field of the statement takes, the statement alone.
    target, field
        The statement as decisions name it, and its field that is not set; ``None`` where no field takes the measure:
        an area or a count belongs into a claim or a room.
    value
        What would be set, JSON-ready: ``[low, high]``, or degrees.
    reading
        The words and how they are read.
    """

    name: str
    target: str
    field: str | None
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

    target = f"{slug}/{statement.id}"
    fields = _FIELDS.get(statement.kind, {})
    written = {kind for field, kind in fields.items() if getattr(statement, field) is not None}
    readings = [reading for reading in read_words(statement.said) if reading.kind not in written]
    found = []
    for reading in readings:
        field = next((field for field, kind in fields.items() if kind == reading.kind), None)
        alike = [other for other in readings if other.kind == reading.kind]
        number = f":{alike.index(reading) + 1}" if field and len(alike) > 1 else ""
        name = f"{statement.id}:{field}{number}" if field else statement.id
        found.append(Offer(name, target, field, _value(field, reading), reading))
    return found


def count_offers(records: Iterable[tuple[str, str, Any]]) -> int:
    """How many fields the words of newly read statements could fill.

    Parameters
    ----------
    records
        ``(kind, item, JSON-ready content)``, as parsers give them.
    """
    said = (Statement.read(content) for kind, _, content in records if kind == "statement" and content.get("said"))
    return sum(offer.field is not None for statement in said for offer in _offers(statement, ""))


def offers_of(case: Case, slug: str) -> tuple[Offer, ...]:
    """Every measure in a facility's words that is not written down, in the order it was said.

    Raises
    ------
    CaseError
        If the case has no such facility, or cannot be read.
    """
    case.facility(slug)
    return tuple(offer for statement in case.statements(slug).statements for offer in _offers(statement, slug))


def offer_named(offers: Sequence[Offer], name: str) -> Offer:
    """The offer of a name.

    Raises
    ------
    FieldError
        If there is none that can be accepted; the message says how to list them.
    """
    found = next((offer for offer in offers if offer.name == name and offer.field is not None), None)
    if found is None:
        do = "list them with “geoinv decide words FACILITY”"
        raise FieldError(f"there is no measure “{name}” to accept", do=do, field="OFFER")
    return found
