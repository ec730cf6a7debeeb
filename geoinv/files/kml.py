"""KML and KMZ from Google Earth (OGC 12-007r2): placemarks, pictures laid on the ground, and the rest said in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from shapely.errors import ShapelyError
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError, InputError, UnreadableFileError
from geoinv.files.archives import read_members
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.overlays import Overlay, overlay_of
from geoinv.files.xmls import local, parse_xml, words_of

__all__ = ["KmlDocument", "Placemark", "parse_kml", "read_kml"]

_FOLDERS = {"kml", "Document", "Folder"}
_IGNORED = {
    "ScreenOverlay": "a picture laid on the screen",
    "PhotoOverlay": "a photograph",
    "Tour": "a tour",
    "NetworkLink": "a link to another file or place on the network, which is not followed",
}
_STYLES = {"Style", "StyleMap", "CascadingStyle"}
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
    """What a KML file, or another file of places, holds.

    Attributes
    ----------
    placemarks
        In file order.
    overlays
        Pictures laid on the ground, in file order.
    ignored
        A sentence for everything that is no place and was left out on purpose.
    problems
        A sentence for every placemark or overlay that could not be used.
    pictures
        Name in the archive → bytes of the overlays' pictures; empty of a plain KML.
    """

    placemarks: tuple[Placemark, ...]
    overlays: tuple[Overlay, ...] = ()
    ignored: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    pictures: dict[str, bytes] = field(default_factory=dict)


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
    """Placemarks, overlays and things to be ignored, with the names of the folders around them."""
    for child in element:
        kind = local(child)
        if kind in _FOLDERS:
            # The document itself is the file, not a folder that somebody made.
            name = words_of(_child(child, "name")) if kind == "Folder" else ""
            yield from _walk(child, (*path, name) if name else path)
        elif kind in ("Placemark", "GroundOverlay") or kind in _IGNORED:
            yield child, path


def _left_out(root: Element, items: list[tuple[Element, tuple[str, ...]]], file: str) -> list[str]:
    """A sentence for each thing that is no place: styles together, tours and links one by one."""
    told = []
    for element, _ in items:
        if (what := _IGNORED.get(local(element))) is not None:
            name = words_of(_child(element, "name"))
            told.append(f"{file}: {what}{f', “{name[:60]}”,' if name else ''} is not read.")
    styles = sum(local(element) in _STYLES for element in root.iter())
    if styles:
        told.append(f"{file}: {styles} style{'s' if styles > 1 else ''} (colours and icons), not read.")
    return told


def parse_kml(data: bytes, *, file: str) -> KmlDocument:
    """The placemarks and ground overlays of a KML document.

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
    """
    root = parse_xml(data, file=file, what="KML")
    if local(root) not in _FOLDERS and local(root) != "Placemark":
        raise UnreadableFileError("this is not KML", do="save the place as KML in Google Earth", file=file)
    items: list[tuple[Element, tuple[str, ...]]]
    items = [(root, ())] if local(root) == "Placemark" else list(_walk(root, ()))
    placemarks: list[Placemark] = []
    overlays: list[Overlay] = []
    problems: list[str] = []
    numbers = {"Placemark": 0, "GroundOverlay": 0}
    for element, path in items:
        kind = local(element)
        if kind not in numbers:
            continue
        numbers[kind] += 1
        try:
            if kind == "Placemark":
                placemarks.append(_placemark(element, path, numbers[kind], file))
            else:
                overlays.append(overlay_of(element, number=numbers[kind], file=file))
        except InputError as problem:
            problems.append(problem.sentence())
    return KmlDocument(tuple(placemarks), tuple(overlays), tuple(_left_out(root, items, file)), tuple(problems))


def _joined(documents: list[KmlDocument], pictures: dict[str, bytes]) -> KmlDocument:
    """One document of several, placemarks and overlays numbered through."""
    marks = [mark for document in documents for mark in document.placemarks]
    overlays = [overlay for document in documents for overlay in document.overlays]
    return KmlDocument(
        tuple(replace(mark, number=number) for number, mark in enumerate(marks, 1)),
        tuple(replace(overlay, number=number) for number, overlay in enumerate(overlays, 1)),
        tuple(sentence for document in documents for sentence in document.ignored),
        tuple(sentence for document in documents for sentence in document.problems),
        pictures,
    )


def _unopened(file: str, name: str) -> KmlDocument:
    """The sentence on an archive in an archive, which is not opened: so one may hold another without end."""
    error = UnreadableFileError(
        "an archive in an archive is not opened", do="take it out and add it by itself", file=file, item=f"“{name}”"
    )
    return KmlDocument((), problems=(error.sentence(),))


def read_kml(path: Path) -> KmlDocument:
    """The placemarks and ground overlays of a KML or KMZ file.

    Parameters
    ----------
    path
        The file; a KMZ is known by its content, not by its suffix. Every KML in it is read, ``doc.kml`` first
        (OGC 12-007r2, annex C).

    Raises
    ------
    UnsafeFileError, UnreadableFileError
        As ``parse_kml``, and as ``read_members`` for a KMZ.
    """
    data = read_bytes(path)
    if not data.startswith(b"PK"):
        return parse_kml(data, file=path.name)
    members = read_members(data, file=path.name)
    texts = {name: text for name, text in members.items() if name.lower().endswith(".kml")}
    inner = [name for name in members if name.lower().endswith((".kmz", ".zip"))]
    if not texts and not inner:
        raise UnreadableFileError("there is no KML in this archive", do="save it as KMZ again", file=path.name)
    names = sorted(texts, key=lambda name: name != "doc.kml")
    if sum(len(text) for text in texts.values()) > 64 * MEGABYTE:
        raise UnreadableFileError("the KML in this archive is too large", do="split it", file=path.name)
    # A second document is named with the archive's name, so that a message can be followed to it.
    documents = [
        parse_kml(texts[name], file=path.name if number == 0 else f"{path.name}, {name}")
        for number, name in enumerate(names)
    ]
    laid = {overlay.href for document in documents for overlay in document.overlays}
    documents += [_unopened(path.name, name) for name in inner]
    return _joined(documents, {name: members[name] for name in sorted(laid & members.keys())})
