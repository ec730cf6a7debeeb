"""SKETCH.geojson to and from records: GeoJSON geometry in drawing units, y up, ``"coordinate_space": "drawing"``."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geoinv.errors import FieldError, UnreadableFileError
from geoinv.facilities.match_stated import SIDES, said_length
from geoinv.records.drawings import ROLES, Sketch, SketchElement

__all__ = ["read_sketch", "sketch_geojson"]

_KNOWN = frozenset({"type", "features", "crs", "bbox", "coordinate_space", "geoinv", "name"})


def sketch_geojson(sketch: Sketch) -> dict[str, Any]:
    """A sketch as a GeoJSON feature collection, coordinates rounded to 1e-4 drawing units."""
    plain = sketch.plain()
    features = []
    for element, data in zip(sketch.elements, plain.pop("elements", []), strict=True):
        rounded = shapely.transform(element.geometry, lambda xy: np.round(xy, 4))
        data["geometry"] = SketchElement(id=element.id, geometry=rounded).plain()["geometry"]
        geometry = data.pop("geometry")
        features.append({"type": "Feature", "id": element.id, "properties": data, "geometry": geometry})
    plain.pop("name")
    return {"type": "FeatureCollection", "coordinate_space": "drawing", **plain, "features": features}


def _element(item: Any, number: int, name: str) -> SketchElement:
    where = f"feature {number}"
    if not isinstance(item, dict) or not isinstance(item.get("properties") or {}, dict):
        raise FieldError("this is not a GeoJSON feature", do="export the sketch again", file=name, item=where)
    own = {key: value for key, value in (item.get("properties") or {}).items() if value is not None}
    own["id"] = str(own.get("id", item.get("id", number)))
    if item.get("geometry") is None:
        raise FieldError(
            "this element has no geometry",
            do="draw it or leave it out",
            file=name,
            item=f"feature {own['id']}",
            field="geometry",
        )
    if "role" in own and own["role"] not in ROLES:
        own["role"] = str(own["role"]).strip().casefold()
    element = SketchElement.read({**own, "geometry": item["geometry"]}, file=name, item=f"feature {own['id']}")
    if element.geometry.is_empty or not np.isfinite(shapely.get_coordinates(element.geometry)).all():
        raise FieldError(
            "this element's geometry is empty or not finite",
            do="draw it again",
            file=name,
            item=f"feature {own['id']}",
            field="geometry",
        )
    for side in SIDES:
        try:
            said_length(element, side)
        except FieldError as error:
            raise error.at(file=name) from None
    return element


def read_sketch(data: Any, name: str) -> Sketch:
    """A sketch from parsed SKETCH.geojson.

    Parameters
    ----------
    data
        A feature collection in drawing units; top-level members (``witness``, ``scope``, ``north``…) are the sketch's.
    name
        Its file name.

    Raises
    ------
    UnreadableFileError
        If this is no feature collection of drawn things.
    FieldError
        If a feature cannot be used, or two have one id.
    """
    if not isinstance(data, dict) or not isinstance(data.get("features"), list):
        raise UnreadableFileError(
            "this is not a GeoJSON feature collection", do="export the sketch as GeoJSON", file=name
        )
    if data.get("coordinate_space", "drawing") != "drawing":
        raise FieldError(
            "a sketch is in drawing units",
            do="set it to “drawing”, or pass the file as candidates",
            file=name,
            field="coordinate_space",
        )
    elements = tuple(_element(item, number, name) for number, item in enumerate(data["features"], 1))
    seen: set[str] = set()
    for element in elements:
        if element.id in seen:
            raise FieldError(
                "two elements have this id", do="give each its own", file=name, item=f"feature {element.id}", field="id"
            )
        seen.add(element.id)
    members = {key: value for key, value in data.items() if key not in _KNOWN and value is not None}
    record = Sketch.read({**members, "name": name}, file=name)
    return record.model_copy(update={"elements": elements})
