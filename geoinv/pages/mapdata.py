"""What a map says of each building: one feature with its title, popup rows and style, texts plain."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from shapely import maximum_inscribed_circle
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.files.geojson import feature
from geoinv.pages.styles import STATUS_STYLES, style_data
from geoinv.pages.told import told
from geoinv.pages.underlays import Underlay
from geoinv.pages.words import Language, kind_words, word
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Status
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint

__all__ = ["footprint_rows", "furniture", "label_place", "map_bounds", "map_features", "scene_name"]


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


def scene_name(underlay: Underlay, language: Language) -> str:
    """A scene as a person would name it: by its date."""
    return word("scene of", language, date=underlay.date) if underlay.date else word("undated scene", language)


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


def footprint_rows(footprint: Footprint, language: Language, *, count: str | None = None) -> list[list[str]]:
    """Heading and text of everything a popup says of a building; what is not known is left out."""
    rows = [[word("status", language), word(footprint.status, language)]]
    if len(footprint.labels) > 1:
        rows.append([word("labels", language), ", ".join(footprint.labels)])
    if count is not None:
        rows.append([word("incident count", language), count])
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


def map_features(
    footprints: Sequence[Footprint], counts: Mapping[str, int] | None, language: Language
) -> list[dict[str, Any]]:
    """GeoJSON features of the buildings, largest first so that small ones lie on top.

    Parameters
    ----------
    counts
        Incidents by footprint id; a building that is not in it says nothing of incidents.
    """
    styles = style_data()
    found = []
    for item in sorted(footprints, key=lambda one: (-one.geometry.area, one.id)):
        number = (counts or {}).get(item.id)
        name = item.labels[0] if item.labels else ""
        properties = {
            "id": item.id,
            "title": name or word("unnamed building", language),
            "name": f"{name} !" if item.status is Status.CONTESTED else name,
            "count": number,
            "at": label_place(item.geometry)[::-1],
            "rows": footprint_rows(item, language, count=None if number is None else str(number)),
            "style": styles[str(item.status)],
        }
        found.append(feature(properties, item.geometry))
    return found


def furniture(
    facility: Facility,
    footprints: Sequence[Footprint],
    underlays: Sequence[Underlay],
    language: Language,
    *,
    counted: bool,
    bounds: Sequence[Sequence[float]],
) -> dict[str, Any]:
    """Title, legend and notes of a map, for ``map.js``; ``bounds`` are its corners, latitude first."""
    styles = style_data()
    used = [status for status in STATUS_STYLES if any(item.status is status for item in footprints)]
    sources = sorted({item.attribution for item in underlays if item.attribution})
    if any(item.simulated for item in underlays):
        sources.append(word("simulated pixels", language))
    notes = [word("fictional note", language)] if facility.simulated else []
    notes += ["; ".join(sources)] if sources else []
    notes += [word("korean note", language)] if language == "ko" else []
    data: dict[str, Any] = {
        "bounds": [list(corner) for corner in bounds],
        "title": facility.name,
        "subtitle": " · ".join(filter(None, [kind_words(facility), facility.place])),
        "fictional": word("fictional", language) if facility.simulated else None,
        "legendTitle": word("legend", language),
        "legend": [
            {"name": word(status, language), "means": word(f"{status} means", language), "style": styles[str(status)]}
            for status in used
        ],
        "countLegend": word("marker legend", language) if counted else None,
        "notes": notes,
    }
    if len(underlays) > 1:
        first, last = underlays[0], underlays[-1]
        data["fade"] = {
            "before": first.date or word("before", language),
            "after": last.date or word("after", language),
            "label": word("before after", language),
        }
    return data


def map_bounds(footprints: Sequence[Footprint], underlays: Sequence[Underlay]) -> list[list[float]]:
    """South-west and north-east corner, latitude first as Leaflet has it, of the buildings or else of the scenes."""
    boxes = [item.geometry.bounds for item in footprints] or [item.bounds for item in underlays]
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return [[min(souths), min(wests)], [max(norths), max(easts)]]
