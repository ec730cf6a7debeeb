"""What a person should be told beside a location: rival places, radii that are too small, a single witness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.frames import xy_to_lonlat
from geoinv.records.places import Frame
from geoinv.records.testimony import Statements

__all__ = ["Part", "notes"]

#: A part of the region is told of from this probability; parts nearer than this share of their size are one.
_TOLD, _APART = 0.06, 0.1
#: Factor from which the radii are said to be too small.
_TOO_SMALL = 2.5


@dataclass(frozen=True)
class Part:
    """A connected part of a region, metres, and the probability in it."""

    shape: BaseGeometry
    probability: float


def notes(
    statements: Statements,
    frame: Frame,
    parts: Sequence[Part],
    best: NDArray[np.float64],
    inflation: float | None,
    validity: NDArray[np.float64],
) -> tuple[str, ...]:
    """Sentences, most weighty first.

    Parameters
    ----------
    statements
        What was said.
    frame, parts
        The parts of the 90 % region in the frame's metres, heaviest first.
    best
        The best point, metres, shape (2,).
    inflation
        How many times wider than stated radii were read, ``None`` if none was stated.
    validity
        Posterior probability that each statement is valid, shape (s,).
    """
    told = [*_rivals(frame, parts, Point(best))]
    if len(validity) and validity.max() < 0.5:
        told.append("Every statement is more likely wrong than right: take the region for a guess.")
    if len(statements.witnesses) == 1 and len(statements.statements):
        told.append(f"All that was said comes from {statements.witnesses[0]}: nothing bears it out.")
    if inflation is not None and inflation >= _TOO_SMALL:
        told.append(
            f"Witnesses disagree more than their radii allow: these were read {inflation:.1f} times as wide as stated."
        )
    return tuple(told)


def _rivals(frame: Frame, parts: Sequence[Part], best: Point) -> list[str]:
    """A sentence about parts of the region that lie far apart, if there are several."""
    chosen: list[Part] = []
    for part in parts:
        size = part.shape.area**0.5
        near = any(part.shape.distance(other.shape) < _APART * max(size, other.shape.area**0.5) for other in chosen)
        if part.probability >= _TOLD and not near:
            chosen.append(part)
    if len(chosen) < 2:
        return []
    chosen.sort(key=lambda part: not part.shape.intersects(best))
    middles = [_middle(part.shape) for part in chosen]
    lonlat = xy_to_lonlat(frame, np.array([[place.x, place.y] for place in middles]))
    places = "; ".join(
        f"{part.probability:.0%} about {lat:.4f}, {lon:.4f}" for part, (lon, lat) in zip(chosen, lonlat, strict=True)
    ).replace("%", " %")
    apart = max(one.distance(other) for one in middles for other in middles)
    far = f"{apart / 1000:,.1f} km" if apart >= 1000 else f"{apart:.0f} m"
    return [f"There are {len(chosen)} rival places up to {far} apart: {places}. The best point lies in the first."]


def _middle(shape: BaseGeometry) -> Point:
    middle = shape.centroid
    return Point(middle if shape.intersects(middle) else shape.representative_point())
