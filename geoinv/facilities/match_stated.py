"""Sizes that were said of drawn things, in metres or paces: what they tell of true sizes and of the drawing's scale.

People draw walls and blocks to no scale, but many paced them: a length that was said holds whatever was drawn. It is
known as well as its words (``facilities.spoken``) and a memory of lengths are; one drawing's lengths err together, for
one person's pace made them all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError
from geoinv.facilities.spoken import read_words
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.measures import Interval

__all__ = ["SIDES", "said_length", "said_scale", "said_sides"]

Array = NDArray[np.float64]

#: Fields of a drawn thing that hold what was said of its longer and its shorter side.
SIDES = ("length_m", "width_m")
#: Standard error of a remembered length, natural logarithm, beside what its words leave open; and of what all lengths
#: of one drawing share. Walked distances are remembered a fifth too short on average, and up to twice off (DOMAIN).
_MEMORY, _SHARED = 0.22, 0.12
#: Standard error, natural logarithm, of one drawn length against the drawing's own scale.
_DRAWN = 0.3
#: Half-widths of 90 % are so many standard errors.
_NINETY = 1.645


def said_length(element: SketchElement, field: str) -> Interval | None:
    """A length said of a drawn thing, in metres; ``None`` where none was.

    Parameters
    ----------
    element
        The drawn thing.
    field
        ``length_m`` or ``width_m``: a number of metres, two ends, or words ("80 paces", "약 30미터").

    Raises
    ------
    FieldError
        If the words give no one length.
    """
    value = getattr(element, field)
    if value is None:
        return None
    if isinstance(value, str):
        found = [one.interval for one in read_words(value) if one.kind == "distance"]
        if len(found) != 1 or found[0].low <= 0:
            raise FieldError(
                f"“{value}” is not one length",
                do="write metres (12), two ends (10, 14) or words such as “80 paces”",
                item=f"feature {element.id}",
                field=field,
            )
        return found[0]
    return Interval.of(value)


def _known(interval: Interval) -> tuple[float, float]:
    """Logarithm of a said length and its standard error, memory's included."""
    low, high = max(interval.low, 0.05 * interval.best), max(interval.high, interval.best)
    return math.log(interval.best), math.hypot(_MEMORY, math.log(high / low) / (2 * _NINETY))


def said_sides(elements: Sequence[SketchElement]) -> tuple[Array, Array]:
    """Logarithms of the longer and shorter sides that were said of n drawn things, metres, and their standard errors.

    Returns
    -------
    Each (n, 2); NaN where nothing was said.
    """
    sides, errors = np.full((len(elements), 2), np.nan), np.full((len(elements), 2), np.nan)
    for index, element in enumerate(elements):
        for column, said in enumerate(_sides(element)):
            if said is not None:
                sides[index, column], errors[index, column] = _known(said)
    return sides, errors


def _sides(element: SketchElement) -> tuple[Interval | None, Interval | None]:
    length, width = (said_length(element, side) for side in SIDES)
    return length, width


def said_scale(sketch: Sketch) -> tuple[float, float] | None:
    """Logarithm of metres per drawing unit by what was said of lengths, and its standard error; ``None`` if nothing.

    A wall, a road or a path has its own length; anything else the sides of its smallest turned rectangle.
    """
    rows = [row for element in sketch.elements for row in _rates(element)]
    if not rows:
        return None
    rate, error = np.array(rows).T
    weight = 1 / error**2
    return float(weight @ rate / weight.sum()), math.hypot(_SHARED, float(weight.sum()) ** -0.5)


def _rates(element: SketchElement) -> list[tuple[float, float]]:
    """Logarithms of metres per drawing unit by one drawn thing's said sides, each with its standard error."""
    out = []
    for said, drawn in zip(_sides(element), _drawn_sides(element.geometry), strict=True):
        if said is not None and drawn > 0:
            length, error = _known(said)
            out.append((length - math.log(drawn), math.hypot(error, _DRAWN)))
    return out


def _drawn_sides(shape: BaseGeometry) -> tuple[float, float]:
    """Longer and shorter side of the smallest turned rectangle of an area; a line's own length, and nothing."""
    if shape.area <= 0:
        return float(shape.length), 0.0
    sides = np.diff(shapely.get_coordinates(shapely.oriented_envelope(shape))[:3], axis=0)
    short, long = sorted(float(one) for one in np.hypot(sides[:, 0], sides[:, 1]))
    return long, short
