"""KML and KMZ from Google Earth (OGC 12-007r2): placemarks with their folders and data, and the rest said in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from shapely.errors import ShapelyError
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError, InputError, UnreadableFileError
from geoinv.files.archives import read_members
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.xmls import local, parse_xml, words_of

__all__ = ["KmlDocument", "Placemark", "parse_kml", "read_kml"]

_FOLDERS = {"kml", "Document", "Folder"}
_IGNORED = {
    "GroundOverlay": "a picture laid on the ground (add it as a scene or a drawing)",
    "ScreenOverlay": "a picture laid on the screen",
    "PhotoOverlay": "a photograph",
    "Tour": "a tour",
    "NetworkLink": "a link to another file or place on the network, which is not followed",
}
_SHAPES = {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry"}


@dataclass(frozen=True)
class Placemark:
    """One placemark.

    Attributes
    ----------
    name, description
        As typed; empty where there is none.
    data
        ``ExtendedData`` (``Data`` and ``SchemaData``) by name.
    geometry
        Longitude and latitude, degrees; heights are left out.
    path
        Names of the folders it lies in, outermost first.
    number
        Its place among the file's placemarks, from 1.
    """

    name: str
    description: str
    data: dict[str, str]
    geometry: BaseGeometry
    path: tuple[str, ...]
    number: int


@dataclass(frozen=True)
class KmlDocument:
    """What a KML file holds.

    Attributes
    ----------
    placemarks
        In file order.
    ignored
        A sentence for everything that was not taken in, and why.
    """

    placemarks: tuple[Placemark, ...]
    ignored: tuple[str, ...] = ()


def _number(text: str, item: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FieldError(f"“{text[:40]}” is not a number", do="place the pin again", item=item, field="coordinates")
    return value


def _pairs(text: str, item: str) -> list[tuple[float, float]]:
    """Longitude and latitude of ``lon,lat[,height] …``; a space after a comma is forgiven."""
    joined = ",".join(part.strip() for part in text.split(","))
    pairs = []
    for token in joined.split():
        parts = token.split(",")
        if len(parts) < 2:
            raise FieldError("a place has no latitude", do="place the pin again", item=item, field="coordinates")
        lon, lat = _number(parts[0], item), _number(parts[1], item)
        if abs(lat) > 90 and abs(lon) <= 90 and abs(lat) <= 180:
            raise FieldError(
                f"latitude {lat:g} is beyond 90; longitude and latitude look swapped",
                do="write longitude first, then latitude", item=item, field="coordinates",
            )  # fmt: skip
        if abs(lat) > 90 or abs(lon) > 180:
            raise FieldError(f"{lon:g}, {lat:g} is no place on Earth", do="place the pin again", item=item,
                             field="coordinates")  # fmt: skip
        pairs.append((lon, lat))
    if not pairs:
        raise FieldError("there are no coordinates", do="place the pin again", item=item, field="coordinates")
    return pairs


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if local(child) == name), None)


def _coordinates(element: Element, item: str) -> list[tuple[float, float]]:
    return _pairs(words_of(_child(element, "coordinates")), item)


def _ring(boundary: Element | None, item: str) -> list[tuple[float, float]]:
    ring = None if boundary is None else _child(boundary, "LinearRing")
    if ring is None:
        raise FieldError("a polygon has no outline", do="draw it again", item=item, field="Polygon")
    return _coordinates(ring, item)


def _polygon(element: Element, item: str) -> Polygon:
    holes = [_ring(child, item) for child in element if local(child) == "innerBoundaryIs"]
    return Polygon(_ring(_child(element, "outerBoundaryIs"), item), holes)


def _multi(element: Element, item: str) -> BaseGeometry:
    parts = [_geometry(child, item) for child in element if local(child) in _SHAPES]
    kinds = {part.geom_type for part in parts}
    if not parts:
        raise FieldError("a collection holds no shape", do="draw it again", item=item, field="MultiGeometry")
    if len(parts) == 1:
        return parts[0]
    makers: dict[str, Callable[[list[Any]], BaseGeometry]] = {
        "Point": MultiPoint, "LineString": MultiLineString, "Polygon": MultiPolygon,
    }  # fmt: skip
    if len(kinds) == 1 and (make := makers.get(kinds.pop())) is not None:
        return make(parts)
    return GeometryCollection(parts)


def _geometry(element: Element, item: str) -> BaseGeometry:
    kind = local(element)
    try:
        if kind == "Point":
            return Point(_coordinates(element, item)[0])
        if kind == "Polygon":
            return _polygon(element, item)
        return _multi(element, item) if kind == "MultiGeometry" else LineString(_coordinates(element, item))
    except (ShapelyError, ValueError) as error:
        raise FieldError(f"this {kind} has too few places", do="draw it again", item=item, field=kind) from error


def _data(placemark: Element) -> dict[str, str]:
    block = _child(placemark, "ExtendedData")
    found: dict[str, str] = {}
    for element in () if block is None else block.iter():
        name = element.get("name", "")
        if local(element) == "Data" and name:
            found[name] = words_of(_child(element, "value"))
        elif local(element) == "SimpleData" and name:
            found[name] = words_of(element)
    return found


def _placemark(element: Element, path: tuple[str, ...], number: int, file: str) -> Placemark:
    name = words_of(_child(element, "name"))
    item = f"placemark {number}" + (f" “{name[:60]}”" if name else "")
    shape = next((child for child in element if local(child) in _SHAPES), None)
    if shape is None:
        raise FieldError("it has no point, line or polygon", do="give it one, or leave it out", file=file, item=item)
    try:
        geometry = _geometry(shape, item)
    except FieldError as error:
        raise error.at(file=file) from error
    return Placemark(name, words_of(_child(element, "description")), _data(element), geometry, path, number)


def _walk(element: Element, path: tuple[str, ...]) -> Iterator[tuple[Element, tuple[str, ...]]]:
    """Placemarks and things to be ignored, with the names of the folders around them."""
    for child in element:
        kind = local(child)
        if kind in _FOLDERS:
            # The document itself is the file, not a folder that somebody made.
            name = words_of(_child(child, "name")) if kind == "Folder" else ""
            yield from _walk(child, (*path, name) if name else path)
        elif kind == "Placemark" or kind in _IGNORED:
            yield child, path


def parse_kml(data: bytes, *, file: str) -> KmlDocument:
    """The placemarks of a KML document.

    Parameters
    ----------
    data
        The document.
    file
        Its name, for messages.

    Raises
    ------
    UnsafeFileError
        If it declares entities or nests without end.
    UnreadableFileError
        If it is not KML.
    FieldError
        If it has placemarks and not one of them can be used; a single bad one among good ones goes to ``ignored``.
    """
    root = parse_xml(data, file=file, what="KML")
    if local(root) not in _FOLDERS and local(root) != "Placemark":
        raise UnreadableFileError("this is not KML", do="save the place as KML in Google Earth", file=file)
    items = [(root, ())] if local(root) == "Placemark" else list(_walk(root, ()))
    placemarks: list[Placemark] = []
    ignored: list[str] = []
    problems: list[InputError] = []
    number = 0
    for element, path in items:
        if local(element) != "Placemark":
            name = words_of(_child(element, "name"))
            ignored.append(f"{file}: {_IGNORED[local(element)]}{f', “{name}”,' if name else ''} is not read.")
            continue
        number += 1
        try:
            placemarks.append(_placemark(element, path, number, file))
        except InputError as problem:
            problems.append(problem)
            ignored.append(problem.sentence())
    if problems and not placemarks:
        raise problems[0]
    return KmlDocument(tuple(placemarks), tuple(ignored))


def read_kml(path: Path) -> KmlDocument:
    """The placemarks of a KML or KMZ file.

    Parameters
    ----------
    path
        The file; a KMZ is known by its content, not by its suffix.

    Raises
    ------
    UnsafeFileError, UnreadableFileError, FieldError
        As ``parse_kml``, and as ``read_members`` for a KMZ.
    """
    data = read_bytes(path)
    if not data.startswith(b"PK"):
        return parse_kml(data, file=path.name)
    members = read_members(data, file=path.name, wanted=lambda name: name.lower().endswith(".kml"))
    if not members:
        raise UnreadableFileError("there is no KML in this archive", do="save it as KMZ again", file=path.name)
    # OGC 12-007r2, annex C: doc.kml at the root, else the first KML.
    first = members.get("doc.kml", next(iter(members.values())))
    if len(first) > 64 * MEGABYTE:
        raise UnreadableFileError("the KML in this archive is too large", do="split it", file=path.name)
    document = parse_kml(first, file=path.name)
    others = tuple(f"{path.name}: {name} is not read." for name in members if members[name] is not first)
    return KmlDocument(document.placemarks, document.ignored + others)
