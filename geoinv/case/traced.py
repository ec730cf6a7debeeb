"""Where the shapes of a drawing lay on its sheet when a person decided about them, and which have become others since.

Shapes of a scan are numbered in the order in which tracing meets them. A drawing that is traced anew may give a number
to another shape, and a decision about the one must not pass silently to the other.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from shapely.geometry import shape

from geoinv.case.folder import Case
from geoinv.records.decisions import (
    Decision,
    DecisionBody,
    JudgeFootprint,
    PlaceSketch,
    SetOutline,
    SetProperty,
    TraceElement,
)

__all__ = ["lay_of", "moved_since"]

#: A shape whose middle lies so far, in diagonals of all that is drawn, from where it lay is another.
_ANOTHER = 0.03


def lay_of(case: Case, body: DecisionBody) -> dict[str, tuple[float, float]]:
    """Full name → middle, in drawing units, of each traced shape that a decision is about; none before a build."""
    slug, names = _shapes_named(body)
    found = {}
    for name in names:
        sketch, _, element = name.rpartition("#")
        if element in (middles := _middles(case, slug, sketch)):
            found[name] = middles[element]
    return found


def moved_since(case: Case, slug: str, decision: Decision) -> Iterator[str]:
    """A sentence for each traced shape a decision was about whose number another shape bears now, or none."""
    edited = {f"{body.sketch}#{body.element}" for body in _edits(case) if body.facility == slug}
    for name, before in sorted((decision.lay or {}).items()):
        sketch, _, element = name.rpartition("#")
        middles = _middles(case, slug, sketch)
        if not middles or name in edited:
            continue
        reach = _ANOTHER * _diagonal(middles)
        now = middles.get(element)
        if now is not None and math.dist(now, before) <= reach:
            continue
        other = min(middles, key=lambda one: (math.dist(middles[one], before), one))
        there = math.dist(middles[other], before) <= reach
        is_now = "is another shape" if now is not None else "is no shape"
        yield f"{name} {is_now} since {sketch} was traced anew" + (f" (what it was is {other} now)" if there else "")


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


def _edits(case: Case) -> Iterator[TraceElement]:
    """Shapes that people drew anew: these lie where they were put."""
    for _, decision in case.decisions():
        if isinstance(decision.body, TraceElement):
            yield decision.body


def _middles(case: Case, slug: str, sketch: str) -> dict[str, tuple[float, float]]:
    """Middles of a drawing's shapes as the last build traced them, by id; none before one."""
    path = case.models_dir(slug) / "sketches" / f"{sketch}.geojson"
    if not slug or not path.is_file():
        return {}
    found: dict[str, Any] = {
        str(item["properties"]["id"]): shape(item["geometry"]).centroid
        for item in json.loads(path.read_text(encoding="utf-8"))["features"]
    }
    return {name: (round(middle.x, 2), round(middle.y, 2)) for name, middle in found.items()}


def _diagonal(middles: dict[str, tuple[float, float]]) -> float:
    east, north = zip(*middles.values(), strict=True)
    return max(math.hypot(max(east) - min(east), max(north) - min(north)), 1e-9)
