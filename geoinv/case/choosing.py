"""What to beware of where a facility is chosen: near-homonyms, shared points, points that do not fit their text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from geoinv.case.folder import Case
from geoinv.errors import UnreadableFileError
from geoinv.records.places import LonLat

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["best_places", "beware", "place_findings", "regions_of"]

_REGIONS = "regions.geojson"


def best_places(case: Case) -> dict[str, LonLat]:
    """Best known place of every facility, as the last build found it, else as published of it, by slug."""
    found: dict[str, LonLat] = {}
    for facility in case.facilities():
        path = case.models_dir(facility.slug) / "location.geojson"
        if path.is_file():
            for item in json.loads(path.read_text(encoding="utf-8"))["features"]:
                if item["properties"].get("kind") == "best":
                    lon, lat = item["geometry"]["coordinates"][:2]
                    found[facility.slug] = LonLat(lon, lat)
        if facility.slug not in found:
            published = [s for s in case.statements(facility.slug).statements if s.kind == "published" and s.point]
            if published and published[0].point is not None:
                found[facility.slug] = LonLat(*published[0].point)
    return found


def beware(case: Case, slug: str) -> tuple[str, ...]:
    """With which other facilities of the case this one can be mistaken, a sentence each."""
    from geoinv.facilities.names import homonyms

    return homonyms(case.facilities(), places=best_places(case)).get(slug, ())


def regions_of(case: Case) -> Mapping[str, BaseGeometry]:
    """Outlines of provinces or counties that the case has (``regions.geojson`` beside ``case.toml``), by name.

    Raises
    ------
    UnreadableFileError
        If the file is no GeoJSON.
    """
    path = case.root / _REGIONS
    if not path.is_file():
        return {}
    from geoinv.files.geojson import read_table

    table = read_table(path).to_crs("EPSG:4326")
    if "name" not in table.columns:
        raise UnreadableFileError("its features have no “name”", do="name each region", file=_REGIONS)
    return {str(name): shape for name, shape in zip(table["name"], table.geometry, strict=True)}


def place_findings(case: Case, slug: str) -> tuple[str, ...]:
    """What does not fit in the points published of a facility, a sentence each (``check_places``)."""
    from geoinv.facilities.place_checks import check_places

    facility = case.facility(slug)
    published = [
        (one.source or one.witness, LonLat(*one.point), one.said or "")
        for one in case.statements(slug).statements
        if one.kind == "published" and one.point is not None
    ]
    return check_places(facility.place, published, regions=regions_of(case))
