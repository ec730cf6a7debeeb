"""Writing KMZ for Google Earth: folders of placemarks, and pictures laid on the ground by their four corners.

KML 2.3 (OGC 12-007r2) with Google's ``gx:LatLonQuad``. Every text is escaped by the XML writer; signs that no XML can
hold are replaced. The same content gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry

__all__ = ["KmlFolder", "KmlPlace", "LaidPicture", "kmz_bytes"]

_KML, _GX = "http://www.opengis.net/kml/2.2", "http://www.google.com/kml/ext/2.2"
#: No XML 1.0 document can hold these.
_NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")
_MADE = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class KmlPlace:
    """One placemark.

    Attributes
    ----------
    geometry
        Longitude and latitude; a placemark without one stands in the list only.
    rows
        Label and value, shown as a table in its balloon and kept as data.
    color
        ``#rrggbb``.
    begin, end
        ISO dates of its time span, where known.
    """

    name: str
    geometry: BaseGeometry | None
    rows: Mapping[str, str] = field(default_factory=dict)
    color: str = "#0072B2"
    begin: str | None = None
    end: str | None = None


@dataclass(frozen=True)
class KmlFolder:
    """A named list of placemarks; ``open`` shows it unfolded."""

    name: str
    places: tuple[KmlPlace, ...]


@dataclass(frozen=True)
class LaidPicture:
    """A picture on the ground.

    Attributes
    ----------
    corners
        Longitude and latitude of its bottom left, bottom right, top right and top left.
    content
        JPEG or PNG.
    """

    name: str
    corners: tuple[tuple[float, float], ...]
    content: bytes
    suffix: str = ".jpg"


def kmz_bytes(title: str, notice: str, folders: Sequence[KmlFolder], pictures: Sequence[LaidPicture] = ()) -> bytes:
    """A KMZ of folders and pictures.

    Parameters
    ----------
    title, notice
        Name and description of the document: what it is, for whom, whether it is fictional.
    """
    register_namespace("", _KML)
    register_namespace("gx", _GX)
    root = Element(f"{{{_KML}}}kml")
    document = _child(root, "Document")
    _child(document, "name", title)
    _child(document, "description", notice)
    for folder in folders:
        _folder(document, folder)
    if pictures:
        laid = _child(document, "Folder")
        _child(laid, "name", "Drawings laid on the ground")
        _child(laid, "visibility", "0")
        for number, picture in enumerate(pictures, 1):
            _picture(laid, picture, f"files/{number}{picture.suffix}")
    content = {"doc.kml": b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8")}
    content |= {f"files/{number}{one.suffix}": one.content for number, one in enumerate(pictures, 1)}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in content.items():
            entry = zipfile.ZipInfo(name, _MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, data)
    return held.getvalue()


def _child(parent: Element, name: str, text: str | None = None) -> Element:
    made = SubElement(parent, f"{{{_KML}}}{name}")
    if text is not None:
        made.text = text.translate(_NOT_XML)
    return made


def _folder(document: Element, folder: KmlFolder) -> None:
    held = _child(document, "Folder")
    _child(held, "name", folder.name)
    for place in folder.places:
        mark = _child(held, "Placemark")
        _child(mark, "name", place.name)
        if place.begin or place.end:
            span = _child(mark, "TimeSpan")
            for name, day in (("begin", place.begin), ("end", place.end)):
                if day:
                    _child(span, name, day)
        _style(mark, place.color)
        if place.rows:
            data = _child(mark, "ExtendedData")
            for label, value in place.rows.items():
                one = _child(data, "Data")
                one.set("name", label.translate(_NOT_XML))
                _child(one, "value", value)
        if place.geometry is not None and not place.geometry.is_empty:
            _geometry(mark, place.geometry)


def _style(mark: Element, color: str) -> None:
    """KML writes colours as alpha, blue, green, red."""
    red, green, blue = color[1:3], color[3:5], color[5:7]
    style = _child(mark, "Style")
    line = _child(style, "LineStyle")
    _child(line, "color", f"ff{blue}{green}{red}")
    _child(line, "width", "2")
    _child(_child(style, "PolyStyle"), "color", f"40{blue}{green}{red}")


def _coordinates(points: Iterable[Sequence[float]]) -> str:
    return " ".join(f"{point[0]:.8f},{point[1]:.8f}" for point in points)


def _geometry(parent: Element, shape: BaseGeometry) -> None:
    if isinstance(shape, BaseMultipartGeometry):
        many = _child(parent, "MultiGeometry")
        for part in shape.geoms:
            _geometry(many, part)
    elif isinstance(shape, Polygon):
        held = _child(parent, "Polygon")
        for name, rings in (("outerBoundaryIs", [shape.exterior]), ("innerBoundaryIs", shape.interiors)):
            for ring in rings:
                _child(_child(_child(held, name), "LinearRing"), "coordinates", _coordinates(ring.coords))
    elif isinstance(shape, LineString | Point):
        held = _child(parent, "Point" if isinstance(shape, Point) else "LineString")
        _child(held, "coordinates", _coordinates(shape.coords))


def _picture(parent: Element, picture: LaidPicture, path: str) -> None:
    laid = _child(parent, "GroundOverlay")
    _child(laid, "name", picture.name)
    _child(laid, "visibility", "0")
    _child(laid, "color", "b0ffffff")
    _child(_child(laid, "Icon"), "href", path)
    quad = SubElement(laid, f"{{{_GX}}}LatLonQuad")
    _child(quad, "coordinates", _coordinates(picture.corners))
