"""Questions worth asking next, each with what its answer is expected to change (``asks.json``)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geoinv.records.base import OpenRecord, Record
from geoinv.records.measures import Interval

__all__ = ["Ask", "AskKind", "Asks"]

AskKind = Literal["number", "yes or no", "which part", "where", "scene"]


class Ask(Record):
    """One question to one witness, or one scene of one date, with what it is expected to change.

    Attributes
    ----------
    kind
        What sort of answer is wanted.
    about
        What is asked of the parts: ``length``, ``count``, ``walk_time``, ``adjacent`` …
    witness
        Whom to ask, by codename; ``None``: somebody else who was there, or of a scene.
    date
        Of a scene: when it should have been taken, a year.
    parts
        Ids of the parts it is about.
    now, after
        The interval as it is known now (90 %), and how wide it is expected to be with the answer, in its unit.
    shrinks
        Expected share by which the interval, or the chance of being wrong, gets smaller.
    settles
        Claim → probability that its finding, undecidable now, would be decided.
    on_record
        What is there already: drawings, claims and scenes that speak of it.
    worth
        What the questions are ranked by: findings expected to be settled, plus ``shrinks``.
    sentence
        Language → one plain sentence.
    """

    kind: AskKind
    about: str
    witness: str | None = None
    date: str | None = None
    parts: tuple[str, ...] = ()
    now: Interval | None = None
    after: float | None = None
    shrinks: float = Field(default=0.0, ge=0, le=1)
    settles: dict[str, float] = Field(default_factory=dict)
    on_record: tuple[str, ...] = ()
    worth: float = 0.0
    sentence: dict[str, str] = Field(default_factory=dict)


class Asks(OpenRecord):
    """What would help most next of one facility, most worth asking first."""

    asks: tuple[Ask, ...] = ()
