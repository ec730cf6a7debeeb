"""Facility footprints: what stands on the ground, who drew it, and how it is known."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geoinv.records.base import OpenRecord, Shape
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Confidence, Evidence, Status
from geoinv.records.measures import Interval

__all__ = ["Footprint", "Unplaced"]


class Footprint(OpenRecord):
    """One building of a facility.

    Attributes
    ----------
    id
        Derived from the facility and the first drawn element (or candidate) it stands for.
    facility
        Slug of the facility.
    geometry
        Polygon, longitude and latitude.
    role
        ``building``, ``wall``, ``gate`` or ``tower``.
    labels
        Names witnesses use for this building only, any language.
    drawn
        ``sketch-file#element-id`` of every drawn element it stands for.
    status, confidence
        How it is known.
    outline_from
        What gave the outline: ``imagery`` (pixels, found blind to any sketch), ``imagery prompted`` (pixels, under a
        placed sketch), ``sketch`` (the drawn shape as placed) or ``person``. Only ``imagery`` is independent of the
        sketch.
    not_before, not_after
        Bracket of the building's existence from dated scenes.
    height_m
        With its interval; ``None`` if unknown.
    scene
        Name of the scene the outline was read from.
    probability
        Probability that the drawn elements are this building.
    evidence
        Per property.
    warnings
        What a person should know, in words.
    """

    id: str
    facility: str
    geometry: Shape
    role: Literal["building", "wall", "gate", "tower"] = "building"
    labels: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    status: Status
    confidence: Confidence = Confidence()
    outline_from: Literal["imagery", "imagery prompted", "sketch", "person"]
    not_before: PartialDate | None = None
    not_after: PartialDate | None = None
    height_m: Interval | None = None
    scene: str | None = None
    probability: float | None = Field(default=None, ge=0, le=1)
    evidence: dict[str, Evidence] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class Unplaced(OpenRecord):
    """A drawn building for which no place could be found; its geometry is the region it must lie in."""

    id: str
    facility: str
    drawn: tuple[str, ...]
    labels: tuple[str, ...] = ()
    why: str
    geometry: Shape
