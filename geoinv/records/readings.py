"""Measures found in somebody's words: proposals for a person to accept, never taken silently."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geoinv.records.base import Record
from geoinv.records.measures import Interval

__all__ = ["Reading", "ReadingKind"]

ReadingKind = Literal["distance", "duration", "direction", "area", "count"]


class Reading(Record):
    """One measure in somebody's words.

    Attributes
    ----------
    kind
        What is measured.
    interval
        What the words can mean, in metres, minutes (``min``), degrees clockwise from north (``deg``), square metres
        (``m2``) or pieces (``count``); ``said`` holds the words themselves.
    start, end
        Where in the text the words stand.
    rule
        What was taken for granted, in words ("a pace is 0.55 to 0.85 m").
    """

    kind: ReadingKind
    interval: Interval
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    rule: str
