"""How far two areas are one: intersection over union (Jaccard 1901)."""

from __future__ import annotations

from shapely.geometry.base import BaseGeometry

__all__ = ["iou"]


def iou(one: BaseGeometry, other: BaseGeometry) -> float:
    """Intersection over union of two areas in the same plane, 0–1; 0 where they share nothing or both are empty."""
    both = float(one.intersection(other).area)
    return both / (float(one.area) + float(other.area) - both) if both else 0.0
