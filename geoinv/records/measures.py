"""Values that are intervals, with the words as said kept beside them."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from geoinv.records.base import Record

__all__ = ["PYEONG_M2", "RI_M", "Answer", "Interval", "NumberOrRange"]

#: A measure as given in a file: one number, or its two ends.
NumberOrRange = float | tuple[float, float]

#: One pyeong in square metres: (400/121) m², the Korean metric conversion of 1909.
PYEONG_M2 = 400.0 / 121.0
#: One Korean ri in metres (about 0.393 km).
RI_M = 392.727


class Answer(StrEnum):
    """Three-valued answer to a question about uncertain things."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot tell"


class Interval(Record):
    """A value known to lie between ``low`` and ``high``, best at ``best``.

    Attributes
    ----------
    low, best, high
        Ordered: low ≤ best ≤ high.
    unit
        Unit of the three numbers (``m``, ``m2``, ``min``, ``deg``, ``count``).
    coverage
        Probability that the true value lies in the interval; 1 for hard bounds.
    said
        The words as said, kept in their own unit (``"5 pyeong"``).
    """

    low: float
    best: float
    high: float
    unit: str = "m"
    coverage: float = Field(default=0.9, gt=0, le=1)
    said: str | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.best <= self.high:
            raise ValueError(f"an interval needs low ≤ best ≤ high, got {self.low}, {self.best}, {self.high}")
        return self

    @classmethod
    def of(cls, value: float | list[float] | tuple[float, float], *, unit: str = "m", spread: float = 0.0) -> Self:
        """An interval from a number (± ``spread`` as a fraction of it) or from ``[low, high]``."""
        if isinstance(value, list | tuple):
            low, high = sorted((float(value[0]), float(value[-1])))
            return cls(low=low, best=(low + high) / 2, high=high, unit=unit)
        centre = float(value)
        return cls(low=centre - abs(centre) * spread, best=centre, high=centre + abs(centre) * spread, unit=unit)

    @property
    def width(self) -> float:
        """``high − low``, in ``unit``."""
        return self.high - self.low

    def contains(self, value: float) -> bool:
        """Whether ``value`` (in the same unit) lies inside, ends included."""
        return self.low <= value <= self.high

    def agrees(self, other: Interval) -> Answer:
        """Whether two intervals can mean one value: ``yes`` if they overlap, ``no`` if they do not.

        Raises
        ------
        ValueError
            If the units differ.
        """
        if self.unit != other.unit:
            raise ValueError(f"cannot compare {self.unit} with {other.unit}")
        return Answer.YES if self.low <= other.high and other.low <= self.high else Answer.NO
