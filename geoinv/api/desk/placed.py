"""Where things lie, in metres of one facility's frame: what the maps of the desk show, ready for the browser."""

from __future__ import annotations

import json
from typing import Any

from shapely.geometry import Point, mapping, shape
from shapely.geometry.base import BaseGeometry

from geoinv.api.desk.tiles import Tiles
from geoinv.case.folder import Case
from geoinv.case.reading import built_location
from geoinv.case.subjects import built_features
from geoinv.errors import GeoinvError
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.imagery.scene import open_scene
from geoinv.records.placements import Transform
from geoinv.records.places import Frame
from geoinv.records.scenes import SceneRecord

__all__ = [
    "feature_rows",
    "frame_of_facility",
    "in_metres",
    "match_of_facility",
    "on_earth",
    "scenes_of",
    "to_centimetres",
]


#: A scene whose edge is so near to a facility shows it or its surroundings, metres.
_NEAR_M = 2000.0


def match_of_facility(case: Case, slug: str) -> dict[str, Any]:
    """``match.json`` of the last build; empty before one."""
    path = case.models_dir(slug) / "match.json"
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return data


def frame_of_facility(case: Case, slug: str) -> Frame | None:
    """The frame of a facility's maps: that of its last build, else about what was said, else about its first scene."""
    location = built_location(case.models_dir(slug))
    if location is not None:
        return location.frame
    for placement in match_of_facility(case, slug).get("placements", ()):
        for laid in placement["sketches"].values():
            return Transform.read(laid["transform"]).frame
    points = [one.point for one in case.statements(slug).statements if one.point is not None]
    if points:
        lon, lat = (sum(one[axis] for one in points) / len(points) for axis in (0, 1))
        return Frame.about((lon, lat))
    for path, data in case.scenes():
        try:
            with open_scene(case.root / path, SceneRecord.read(data, file=path)) as scene:
                return scene.frame
        except GeoinvError:
            continue
    return None


def scenes_of(case: Case, frame: Frame, tiles: Tiles) -> tuple[list[dict[str, Any]], list[str]]:
    """The scenes that lie where a frame's origin is, oldest first, undated last; and what cannot be opened.

    Where none is within ``_NEAR_M``, those a few tens of kilometres away are given: something to look at while it is
    found out where the facility is.
    """
    found: list[dict[str, Any]] = []
    problems = []
    for path, data in case.scenes():
        record = SceneRecord.read(data, file=path)
        try:
            with open_scene(case.root / path, record) as scene:
                west, south, east, north = scene.bounds.bounds
                if not (abs(frame.lon - (west + east) / 2) < 1 and abs(frame.lat - (south + north) / 2) < 1):
                    continue
                edge, gsd = to_local(frame, scene.bounds), scene.gsd
                away = edge.distance(Point(0, 0))
        except GeoinvError as error:
            problems.append(error.sentence())
            continue
        acquired = record.acquired
        when = str(acquired)[:10] if acquired else None
        found.append(
            {
                "name": record.name,
                "path": path,
                "date": when,
                "gsd": round(gsd, 3),
                "tiles": f"/tiles/{tiles.register(case.root / path, record)}/{frame.lon}/{frame.lat}",
                "bounds": [round(value, 2) for value in edge.bounds],
                "attribution": record.attribution or record.provider or "",
                "simulated": record.simulated,
                "away": away,
            }
        )
    if any(one["away"] <= _NEAR_M for one in found):
        found = [one for one in found if one["away"] <= _NEAR_M]
    found.sort(key=lambda one: (one["date"] is None, one["date"] or "", one["path"]))
    return found, problems


def in_metres(frame: Frame, geometry: BaseGeometry) -> dict[str, Any]:
    """A geometry on the Earth as GeoJSON in metres of a frame, to the centimetre."""
    moved: dict[str, Any] = to_centimetres(mapping(to_local(frame, geometry)))
    # GeoJSON knows no ring by itself, and browsers draw none.
    return {**moved, "type": "LineString"} if moved["type"] == "LinearRing" else moved


def on_earth(frame: Frame, geometry: dict[str, Any]) -> BaseGeometry:
    """A geometry in metres of a frame, as GeoJSON, on the Earth."""
    return to_lonlat(frame, shape(geometry))


def to_centimetres(value: Any) -> Any:
    """Every number of a nested value rounded to a hundredth; other things as they are."""
    if isinstance(value, dict):
        return {key: to_centimetres(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_centimetres(item) for item in value]
    return round(value, 2) if isinstance(value, float) else value


def feature_rows(case: Case, slug: str, name: str, frame: Frame) -> list[dict[str, Any]]:
    """Features of a file that the last build wrote, geometry in metres, nested texts read."""
    rows = []
    for item in built_features(case, slug, name).values():
        properties = {key: _nested(value) for key, value in item["properties"].items()}
        geometry = in_metres(frame, shape(item["geometry"])) if item.get("geometry") else None
        rows.append({**properties, "geometry": geometry})
    return rows


def _nested(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
