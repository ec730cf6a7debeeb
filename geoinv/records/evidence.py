"""How well something is known: status, grade, confidence, and the evidence on every property that shapes a result."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from geoinv.records.base import Record
from geoinv.records.dates import PartialDate
from geoinv.records.measures import Interval

__all__ = ["Confidence", "Evidence", "Status", "weakest"]


class Status(StrEnum):
    """How a part is known, strongest first; a part takes the weakest of the properties that shape it."""

    CORROBORATED = "corroborated"
    OBSERVED = "observed"
    ATTESTED = "attested"
    CONTESTED = "contested"
    INFERRED = "inferred"
    CONJECTURAL = "conjectural"

    @property
    def rank(self) -> int:
        """0 for the strongest, 5 for the weakest."""
        return list(Status).index(self)


def weakest(statuses: Iterable[Status]) -> Status:
    """The weakest of several statuses; ``conjectural`` of none, since nothing speaks for it."""
    return max(statuses, key=lambda status: status.rank, default=Status.CONJECTURAL)


class Confidence(Record):
    """What is known about a thing's reliability, kept apart and never one number.

    Attributes
    ----------
    source
        Reliability of the source, Admiralty code A–F (STANAG 2511); ``not graded`` until a person grades it.
    item
        Credibility of the item, 1–6.
    geometry_m
        Half-width in metres within which the geometry lies.
    coverage
        Probability at which ``geometry_m`` is meant.
    """

    source: Literal["A", "B", "C", "D", "E", "F", "not graded"] = "not graded"
    item: Literal[1, 2, 3, 4, 5, 6, "not graded"] = "not graded"
    geometry_m: float | None = Field(default=None, ge=0)
    coverage: float | None = Field(default=None, gt=0, le=1)


class Evidence(Record):
    """One property's value with what speaks for it.

    Attributes
    ----------
    value
        The value used.
    interval
        Its interval, where it is a number.
    status
        How it is known.
    sources
        Ids of the statements, drawings, scenes or decisions it rests on.
    by
        Who or what set it: a person's codename, or ``geoinv <step>``.
    date
        Date the value holds for, where it has one.
    note
        The rule or reason in words.
    """

    value: Any = None
    interval: Interval | None = None
    status: Status = Status.CONJECTURAL
    sources: tuple[str, ...] = ()
    by: str | None = None
    date: PartialDate | None = None
    note: str | None = None

    def number(self) -> float:
        """The value as a number.

        Raises
        ------
        TypeError
            If it is not one.
        """
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise TypeError(f"expected a number, got {self.value!r}")
        return float(self.value)
