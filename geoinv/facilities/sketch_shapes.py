"""The shapes in a site plan that stand for buildings."""

from __future__ import annotations

import shapely
from shapely.geometry import Polygon

from geoinv.records.drawings import Sketch, SketchElement

__all__ = ["drawn_buildings"]


def drawn_buildings(sketch: Sketch) -> list[tuple[SketchElement, Polygon]]:
    """Elements that are buildings or towers with a shape, valid polygons in drawing units."""
    found = []
    for element in sketch.of_role("building", "tower"):
        shape = shapely.make_valid(element.geometry)
        parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon) and part.area > 0]
        if parts:
            found.append((element, max(parts, key=lambda part: float(part.area))))
    return found
