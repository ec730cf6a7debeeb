"""Dates known in part: EDTF (ISO 8601-2:2019 annex A) levels 0 and 1, compared in three values."""

from __future__ import annotations

import calendar
import re
from datetime import date
from functools import cached_property
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from geoinv.errors import FieldError
from geoinv.records.measures import Answer

__all__ = ["PartialDate"]

_DAY = re.compile(r"^(\d{3}[\dX]|\d{2}XX)(?:-(\d{2}|XX)(?:-(\d{2}|XX))?)?([?~%]?)$")
_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 31)
_SEASONS = {"21": (3, 5), "22": (6, 8), "23": (9, 11), "24": (1, 12)}  # winter lies at either end of its year


def _part(text: str) -> tuple[date, date, bool]:
    """Earliest day, latest day and whether qualified, of one EDTF date."""
    found = _DAY.match(text)
    if found is None:
        raise FieldError(f"“{text}” is not a date geoinv can read", do="write it as 2009, 2009-05, 2009~ or 2009/2010")
    year, month, day, mark = found.groups()
    low_year, high_year = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if low_year < 1:
        raise FieldError(f"“{text}” has a year before 1", do="write the year with four digits")
    months, days = (1, 12), None
    if month in _SEASONS:
        months = _SEASONS[month]
    elif month and month != "XX":
        months = (int(month), int(month))
    if day and day != "XX":
        days = int(day)
    try:
        low = date(low_year, months[0], days or 1)
        high = date(high_year, months[1], days or calendar.monthrange(high_year, months[1])[1])
    except ValueError as error:
        raise FieldError(f"“{text}” has a month or day that no calendar has", do="correct the date") from error
    return low, high, bool(mark)


class PartialDate:
    """A date or period as known: ``2009-05``, ``2009~``, ``201X``, ``2009-05/2010``, ``2022-01/``, ``../2018-12``.

    Two dates are compared by the earliest and latest day each can mean. An approximate or uncertain date (``~``, ``?``,
    ``%``) is widened by its own precision (a year by a year, a month by a month), since how far "about" reaches is not
    known.

    Parameters
    ----------
    text
        EDTF level 0 or 1. An empty text means that nothing is known.

    Raises
    ------
    FieldError
        If the text cannot be read as such a date.
    """

    __slots__ = ("__dict__", "text")

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        _ = self._bounds  # read now, so that a bad date is refused where it enters

    @cached_property
    def _bounds(self) -> tuple[date, date]:
        if not self.text or self.text == "/":
            return _FIRST, _LAST
        if "/" not in self.text:
            return self._widened(self.text)
        start, _, end = self.text.partition("/")
        low = _FIRST if start in ("", "..") else self._widened(start)[0]
        high = _LAST if end in ("", "..") else self._widened(end)[1]
        if low > high:
            raise FieldError(f"“{self.text}” ends before it begins", do="swap the two dates")
        return low, high

    @staticmethod
    def _widened(text: str) -> tuple[date, date]:
        low, high, qualified = _part(text)
        if qualified:
            span = high - low
            low = date.fromordinal(max(1, low.toordinal() - span.days - 1))
            high = date.fromordinal(min(_LAST.toordinal(), high.toordinal() + span.days + 1))
        return low, high

    @property
    def earliest(self) -> date:
        """First day the date can mean (year 1 if open)."""
        return self._bounds[0]

    @property
    def latest(self) -> date:
        """Last day the date can mean (year 9999 if open)."""
        return self._bounds[1]

    @property
    def is_period(self) -> bool:
        """Whether it is a stretch of time (``a/b``) rather than one day known in part."""
        return "/" in self.text

    @property
    def known(self) -> bool:
        """Whether anything at all is known."""
        return self._bounds != (_FIRST, _LAST)

    def before(self, other: PartialDate) -> Answer:
        """Whether this lies wholly before ``other``."""
        if self.latest < other.earliest:
            return Answer.YES
        return Answer.NO if self.earliest >= other.latest else Answer.CANNOT_TELL

    def within(self, other: PartialDate) -> Answer:
        """Whether this lies inside the period ``other``: ``yes`` for sure, ``no`` for sure, else ``cannot tell``."""
        if other.earliest <= self.earliest and self.latest <= other.latest:
            return Answer.YES
        return Answer.NO if self.latest < other.earliest or self.earliest > other.latest else Answer.CANNOT_TELL

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PartialDate) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"PartialDate({self.text!r})"

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def read(value: Any) -> PartialDate:
            if isinstance(value, PartialDate):
                return value
            if isinstance(value, int | date):
                value = str(value)
            if not isinstance(value, str):
                raise ValueError("a date is written as text, such as 2009-05 or 2009~")
            try:
                return cls(value)
            except FieldError as error:
                raise ValueError(error.what) from error

        return core_schema.no_info_plain_validator_function(
            read,
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "type": "string",
            "description": "EDTF level 0 or 1 (ISO 8601-2:2019)",
            "examples": ["2009~", "2009-05/2010"],
        }
