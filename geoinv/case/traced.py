"""Where the shapes of a drawing lay on its sheet when a person decided about them, and which have become others since.

Shapes of a scan are numbered in the order in which tracing meets them. A drawing that is traced anew may give a number
to another shape, and a decision about the one must not pass silently to the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from shapely.geometry import shape

from geoinv.case.folder import Case
from geoinv.case.subjects import built_features
from geoinv.records.decisions import (
    DecisionBody,
    JudgeFootprint,
    PlaceSketch,
    SetOutline,
    SetProperty,
    TraceElement,
)

__all__ = ["lay_of", "moved_since", "traced_file"]

#: A shape whose middle lies so far, in diagonals of all that is drawn, from where it lay is another.
_ANOTHER = 0.03


def lay_of(case: Case, body: DecisionBody) -> dict[str, tuple[float, float]]:
    """Full name → middle, in drawing units, of each traced shape that a decision is about; none before a build."""
    slug, names = _shapes_named(body)
    found = {}
    for name in names:
        sketch, _, element = name.rpartition("#")
        middles = _middles(built_features(case, slug, traced_file(sketch)).values())
        if element in middles:
            found[name] = middles[element]
    return found


def traced_file(sketch: str) -> str:
    """Where a build writes what it traced of a drawing, below the facility's models."""
    return f"sketches/{sketch}.geojson"


def moved_since(name: str, before: tuple[float, float], features: Iterable[dict[str, Any]]) -> str:
    """A sentence if a traced shape's number is borne by another shape now, or by none; else nothing.

    Parameters
    ----------
    name, before
        Its full name, and where it lay when it was decided about.
    features
        The drawing as the last build traced it; none before one.
    """
    sketch, _, element = name.rpartition("#")
    middles = _middles(features)
    if not middles:
        return ""
    reach = _ANOTHER * _diagonal(middles)
    now = middles.get(element)
    if now is not None and math.dist(now, before) <= reach:
        return ""
    other = min(middles, key=lambda one: (math.dist(middles[one], before), one))
    there = math.dist(middles[other], before) <= reach
    is_now = "is another shape" if now is not None else "is no shape"
    return f"{name} {is_now} since {sketch} was traced anew" + (f" (what it was is {other} now)" if there else "")


def _shapes_named(body: DecisionBody) -> tuple[str, list[str]]:
    """The facility, and full names of drawn shapes that a decision names."""
    match body:
        case PlaceSketch():
            return body.facility, [f"{body.sketch}#{tie.element}" for tie in body.ties]
        case JudgeFootprint() | SetOutline():
            return body.facility, [name for name in (body.element,) if name and "#" in name]
        case TraceElement():
            return body.facility, [f"{body.sketch}#{body.element}"]
        case SetProperty() if "#" in body.target:
            slug, _, name = body.target.partition("/")
            return slug, [name]
    return "", []


def _middles(features: Iterable[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """Middles of traced shapes by id."""
    found = {str(item["properties"]["id"]): shape(item["geometry"]).centroid for item in features}
    return {name: (round(middle.x, 2), round(middle.y, 2)) for name, middle in found.items()}


def _diagonal(middles: dict[str, tuple[float, float]]) -> float:
    east, north = zip(*middles.values(), strict=True)
    return max(math.hypot(max(east) - min(east), max(north) - min(north)), 1e-9)
