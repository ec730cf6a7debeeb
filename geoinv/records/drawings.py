"""Drawings: the sheet as received, as pixels or strokes, and the sketch traced from it (SKETCH.geojson)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator
from shapely.geometry.base import BaseGeometry

from geoinv.records.base import OpenRecord, Record, Shape
from geoinv.records.dates import PartialDate
from geoinv.records.measures import NumberOrRange
from geoinv.records.places import Pixel

__all__ = ["ROLES", "Drawing", "RasterDrawing", "Sketch", "SketchElement", "Stroke", "Tie", "VectorDrawing", "extras"]

#: Roles of a compound's plan, then of a building's interior.
ROLES: tuple[str, ...] = (
    *("building", "wall", "fence", "gate", "tower", "road", "path", "yard", "water", "other"),
    *("room", "corridor", "door", "window", "stair", "fixture"),
)


@dataclass(frozen=True)
class RasterDrawing:
    """A scanned or photographed sheet.

    Attributes
    ----------
    pixels
        ``uint8`` RGB, shape (height, width, 3), lying the right way up.
    dots_per_inch
        As the file says, or ``None``.
    whole_page
        Whether the picture is known to be the sheet itself (a PDF's page), so that no sheet need be sought in it.
    shrunk
        Pixels of the file's picture to one of these: more than 1 where a very large one was read at a lower resolution.
    """

    pixels: NDArray[np.uint8]
    dots_per_inch: float | None = None
    whole_page: bool = False
    shrunk: float = 1.0


@dataclass(frozen=True)
class Stroke:
    """One path of a vector drawing, in drawing units, y up.

    Attributes
    ----------
    geometry
        LineString for an open path, Polygon for a closed or filled one.
    closed
        Whether the path closes itself.
    filled
        Whether it is painted inside (a ribbon pen's stroke is).
    width
        Stroke width in drawing units, 0 if none.
    element
        The id in the file, where it has one, of the path or of the nearest group with one.
    classes, title
        Class names and title of the path and the groups around it, innermost first.
    """

    geometry: BaseGeometry
    closed: bool
    filled: bool
    width: float
    element: str | None = None
    classes: tuple[str, ...] = ()
    title: str | None = None
    color: str | None = None
    dashed: bool = False


@dataclass(frozen=True)
class VectorDrawing:
    """A drawing of strokes (SVG, or a PDF's paths).

    Attributes
    ----------
    page_size
        Width and height in drawing units; the sheet's origin is its bottom left, y up.
    strokes
        In painting order.
    texts
        ``(x, y, words, element)`` per text, in drawing units.
    """

    page_size: tuple[float, float]
    strokes: tuple[Stroke, ...]
    texts: tuple[tuple[float, float, str, str | None], ...] = field(default=())


Drawing = RasterDrawing | VectorDrawing


class SketchElement(OpenRecord):
    """One drawn thing, in drawing units, y up.

    Attributes
    ----------
    id
        Unique in its sketch; ``sketch-file#id`` names it everywhere else.
    role
        One of ``ROLES``.
    label
        Free text, any language.
    certainty
        0–1: of the witness where a drawing says so, of the tracing where it was traced.
    count
        "Six like this".
    length_m, width_m
        What was said of its longer and shorter side (of a line: of its whole length): metres, two ends, or the words
        themselves ("80 paces").
    """

    id: str
    geometry: Shape
    role: str = "other"
    label: str | None = None
    certainty: float = Field(default=1.0, ge=0, le=1)
    count: int | None = Field(default=None, ge=1)
    length_m: NumberOrRange | str | None = None
    width_m: NumberOrRange | str | None = None

    @field_validator("length_m", "width_m", mode="before")
    @classmethod
    def _said(cls, value: Any) -> Any:
        """Positive lengths; of two, the shorter first; figures typed as text are numbers."""
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                return value.strip() or None
        ends = value if isinstance(value, list | tuple) else [value]
        if value is not None and not all(type(end) in (int, float) and 0 < end < math.inf for end in ends):
            raise ValueError("a length is a number of metres above nothing, two such numbers, or words")
        return tuple(sorted(value)) if isinstance(value, list | tuple) else value


class Sketch(OpenRecord):
    """A drawing read into elements.

    Attributes
    ----------
    name
        Its file name; ``name#element`` is an element's full name.
    elements
        In drawing order.
    page, page_size
        Corners of the sheet in the picture (clockwise from top left) and its size in drawing units.
    scope
        ``site`` for a compound's plan, ``building`` for an interior.
    depicts
        Label of the building an interior shows.
    witness, drawn_by, period, north, seen_before
        Who knew it, who held the pen, the period shown (EDTF), north clockwise from the page's up in degrees, and
        what the witness had been shown before.
    """

    name: str
    elements: tuple[SketchElement, ...] = ()
    scope: Literal["site", "building"] = "site"
    depicts: str | None = None
    witness: str | None = None
    drawn_by: str | None = None
    period: PartialDate | None = None
    north: float | None = None
    seen_before: tuple[str, ...] | str | None = None
    page: tuple[Pixel, Pixel, Pixel, Pixel] | None = None
    page_size: tuple[float, float] | None = None

    def of_role(self, *roles: str) -> tuple[SketchElement, ...]:
        """Elements of the given roles, in drawing order."""
        return tuple(element for element in self.elements if element.role in roles)

    def full_name(self, element: str) -> str:
        """``sketch-file#element-id``."""
        return f"{self.name}#{element}"


class Tie(Record):
    """A person's word that a drawn element is a thing on the ground (``--tie SKETCH#b3=c17``).

    Attributes
    ----------
    sketch, element
        The drawn thing.
    candidate
        Id of a candidate outline, or ``None`` if ``point`` is given.
    point
        Longitude and latitude of the drawn thing's centre, where the tie was set by clicking on the scene.
    """

    sketch: str
    element: str
    candidate: str | None = None
    point: tuple[float, float] | None = None


def extras(record: OpenRecord) -> dict[str, Any]:
    """Unknown extra fields of a record, which are kept and passed through."""
    return dict(record.model_extra or {})
