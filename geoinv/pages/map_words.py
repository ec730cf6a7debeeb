"""What a map says of each building and where it says it; texts plain."""

from __future__ import annotations

import math

from shapely import maximum_inscribed_circle
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.pages.told import told
from geoinv.pages.words import Language, word
from geoinv.records.dates import PartialDate
from geoinv.records.footprints import Footprint

__all__ = ["footprint_rows", "footprint_title", "label_place", "scene_label"]


def label_place(geometry: BaseGeometry) -> tuple[float, float]:
    """Where a building's name stands.

    Its centroid; where that lies near or outside its edge, as in an L, the middle of the largest circle inside it.
    """
    largest = max(getattr(geometry, "geoms", [geometry]), key=lambda part: part.area)
    if not isinstance(largest, Polygon) or largest.area == 0:
        return largest.representative_point().x, largest.representative_point().y
    circle = maximum_inscribed_circle(largest, tolerance=math.sqrt(largest.area) / 50)
    centre = largest.centroid
    # In an oblong the largest circle has many places; its centroid is as good and looks right.
    central = largest.contains(centre) and centre.distance(largest.exterior) > 0.8 * circle.length
    lon, lat = (centre.x, centre.y) if central else circle.coords[0]
    return round(float(lon), 8), round(float(lat), 8)


def scene_label(date: str | None, language: Language) -> str:
    """A scene as a person would name it: by its date."""
    return word("scene of", language, date=date) if date else word("undated scene", language)


def _readable(date: PartialDate, language: Language) -> str:
    """A bracket in words: ``../2014-05-02`` is "by 2014-05-02"."""
    first, _, last = date.text.partition("/")
    if not date.is_period:
        return date.text
    if first in ("", ".."):
        return word("by date", language, date=last)
    if last in ("", ".."):
        return word("after date", language, date=first)
    return word("between dates", language, first=first, last=last)


def footprint_title(footprint: Footprint, language: Language) -> str:
    """What a footprint is called first, else what it is."""
    if footprint.labels:
        return footprint.labels[0]
    return word(f"unnamed {footprint.role}", language)


def footprint_rows(footprint: Footprint, language: Language) -> list[list[str]]:
    """Heading and text of everything a popup says of a building; what is not known is left out."""
    rows = [[word("status", language), word(footprint.status, language)]]
    if len(footprint.labels) > 1:
        rows.append([word("labels", language), ", ".join(footprint.labels)])
    rows.append([word("outline from", language), word(footprint.outline_from, language)])
    known = footprint.confidence
    if known.geometry_m is not None:
        share = f"{100 * (known.coverage or 0.9):.0f}"
        rows.append(
            [
                word("accuracy", language),
                word("at coverage", language, metres=f"{known.geometry_m:.1f}", coverage=share),
            ]
        )
    if footprint.probability is not None:
        rows.append([word("probability", language), f"{footprint.probability:.2f}"])
    if footprint.height_m is not None:
        height = footprint.height_m
        rows.append([word("height", language), f"{height.best:.1f} m ({height.low:.1f}–{height.high:.1f})"])
    for key, date in (("appeared", footprint.not_before), ("gone", footprint.not_after)):
        if date is not None:
            rows.append([word(key, language), _readable(date, language)])
    rows += [[word("warnings", language), told(warning, language)] for warning in footprint.warnings]
    return rows
