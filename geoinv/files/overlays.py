"""Pictures that somebody laid on the ground in Google Earth (KML ``GroundOverlay``): which picture, and its corners."""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from geoinv.errors import FieldError
from geoinv.files.xmls import local, words_of

__all__ = ["Corners", "Overlay", "overlay_of"]

#: Longitude and latitude of a picture's corners: top left, top right, bottom right, bottom left.
Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Overlay:
    """One picture laid on the ground.

    Attributes
    ----------
    name
        As typed; empty where there is none.
    href
        Where the picture is, as written: a member of the KMZ, or a place that is not followed.
    corners
        Longitude and latitude of its corners.
    when
        Date typed into its time stamp or span (``begin/end``), or ``None``.
    number
        Its place among the file's overlays, from 1.
    """

    name: str
    href: str
    corners: Corners
    when: str | None
    number: int


def _found(element: Element, *names: str) -> Element | None:
    """The first element below with one of these names."""
    return next((child for child in element.iter() if local(child) in names), None)


def _degrees(box: Element, name: str, item: str, most: float) -> float:
    text = words_of(_found(box, name))
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not -most <= value <= most:
        raise FieldError(f"“{text[:40]}” is not a number of degrees", do="lay the picture again", item=item, field=name)
    return value


def _box_corners(box: Element, item: str) -> Corners:
    """Corners of a ``LatLonBox``, turned about its middle, counter-clockwise, in metres rather than degrees."""
    north, south = _degrees(box, "north", item, 90), _degrees(box, "south", item, 90)
    east, west = _degrees(box, "east", item, 540), _degrees(box, "west", item, 540)
    if north <= south or east == west:
        raise FieldError("the picture covers no ground", do="lay it again", item=item, field="LatLonBox")
    if east < west:  # across the date line
        east += 360
    turn = math.radians(_degrees(box, "rotation", item, 360) if _found(box, "rotation") is not None else 0.0)
    lon, lat = (west + east) / 2, (south + north) / 2
    shrink = max(math.cos(math.radians(lat)), 1e-6)
    across, up = (east - west) / 2 * shrink, (north - south) / 2

    def corner(x: float, y: float) -> tuple[float, float]:
        turned = (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
        return round(lon + turned[0] / shrink, 9), round(lat + turned[1], 9)

    return corner(-across, up), corner(across, up), corner(across, -up), corner(-across, -up)


def _quad_corners(quad: Element, item: str) -> Corners:
    """Corners of a ``gx:LatLonQuad``, which lists them counter-clockwise from the bottom left."""
    pairs = []
    for word in words_of(quad).split():
        parts = word.split(",")
        try:
            lon, lat = float(parts[0]), float(parts[1])
        except (ValueError, IndexError):
            lon = lat = math.nan
        if not (abs(lon) <= 540 and abs(lat) <= 90):
            raise FieldError("a corner is no place on Earth", do="lay the picture again", item=item, field="LatLonQuad")
        pairs.append((lon, lat))
    if len(pairs) != 4:
        raise FieldError("a picture has four corners", do="lay it again", item=item, field="LatLonQuad")
    bottom_left, bottom_right, top_right, top_left = pairs
    return top_left, top_right, bottom_right, bottom_left


def _when(element: Element) -> str | None:
    stamp = _found(element, "when")
    if stamp is not None:
        return words_of(stamp)[:10] or None
    begin, end = words_of(_found(element, "begin"))[:10], words_of(_found(element, "end"))[:10]
    return f"{begin}/{end}" if begin or end else None


def overlay_of(element: Element, *, number: int, file: str) -> Overlay:
    """A ``GroundOverlay`` element as a picture with corners.

    Parameters
    ----------
    element
        The element.
    number
        Its place among the file's overlays, from 1.
    file
        The file's name, for messages.

    Raises
    ------
    FieldError
        If it names no picture, or its corners are impossible.
    """
    name = next((words_of(child) for child in element if local(child) == "name"), "")
    item = f"ground overlay {number}" + (f" “{name[:60]}”" if name else "")
    icon = _found(element, "Icon")
    href = "" if icon is None else words_of(_found(icon, "href"))
    quad, box = _found(element, "LatLonQuad"), _found(element, "LatLonBox")
    try:
        if not href:
            raise FieldError("it names no picture", do="lay the picture again", item=item, field="href")
        if quad is not None:
            corners = _quad_corners(quad, item)
        elif box is not None:
            corners = _box_corners(box, item)
        else:
            raise FieldError("it has no corners", do="lay the picture again", item=item, field="LatLonBox")
    except FieldError as error:
        raise error.at(file=file) from error
    return Overlay(name, href, corners, _when(element), number)
