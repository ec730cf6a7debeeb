"""LOCATION.geojson: a location as plain GeoJSON data, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from geoinv.errors import FieldError
from geoinv.geometry.frames import to_local
from geoinv.records.base import Shape
from geoinv.records.locations import Conflict, Location, LocationDiagnostics, Region
from geoinv.records.places import Frame, LonLat

__all__ = ["location_geojson", "location_of"]

_SHAPE: TypeAdapter[Any] = TypeAdapter(Shape)


def location_geojson(location: Location) -> dict[str, Any]:
    """A location as the data of a LOCATION.geojson file (RFC 7946)."""
    diagnostics = location.diagnostics.plain()
    diagnostics["conflicts"] = [[c.first, c.second, c.why] for c in location.diagnostics.conflicts]
    features = [_feature("best", {"kind": "best"}, {"type": "Point", "coordinates": list(location.best)})]
    for region in location.regions:
        properties = {"kind": "region", "level": region.level, "area_m2": region.area_m2}
        features.append(_feature(f"region-{region.level:g}", properties, _SHAPE.dump_python(region.geometry)))
    return {"type": "FeatureCollection", "features": features, "diagnostics": diagnostics}


def _feature(name: str, properties: dict[str, Any], geometry: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": name, "properties": {"id": name, **properties}, "geometry": dict(geometry)}


def location_of(data: Mapping[str, Any], *, file: str | None = None) -> Location:
    """A location from the data of a LOCATION.geojson file.

    Parameters
    ----------
    data
        The parsed file.
    file
        Its name, for the message.

    Raises
    ------
    FieldError
        If there is no best point, or a region or diagnostic cannot be read.
    """
    try:
        features = [(f["properties"], f["geometry"]) for f in data["features"]]
        best = next((g["coordinates"] for p, g in features if p.get("kind") == "best"), None)
        if best is None:
            raise FieldError("there is no point of kind “best”", do="give a file that geoinv locate wrote", file=file)
        place = LonLat(float(best[0]), float(best[1]))
        frame = Frame.about(place)
        regions = []
        for properties, geometry in features:
            if properties.get("kind") == "region":
                shape = _SHAPE.validate_python(geometry)
                area = properties.get("area_m2") or to_local(frame, shape).area
                regions.append(Region(level=properties["level"], geometry=shape, area_m2=area))
        extra = dict(data.get("diagnostics") or {})
        extra["conflicts"] = [Conflict(first=a, second=b, why=why) for a, b, why in extra.get("conflicts") or []]
        read = LocationDiagnostics.read(extra, file=file, item="diagnostics")
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ValidationError) as error:
        raise FieldError(
            "this is not a location as geoinv locate writes it", do="make it again with geoinv locate", file=file
        ) from error
    return Location(best=place, regions=tuple(sorted(regions, key=lambda r: r.level)), frame=frame, diagnostics=read)
