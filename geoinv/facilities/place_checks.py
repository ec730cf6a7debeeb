"""Simple checks that find the errors published points have: another province, other coordinates in the text, swapped.

A check never corrects anything: it says, in a sentence, what does not fit, and by how much. Regions are generalised, so
a border town may lie just outside its own: distances under the tolerance are no finding.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from pyproj import Geod
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from geoinv.facilities.identity import place_key
from geoinv.facilities.spelling import fold
from geoinv.facilities.vocabulary import vocabulary
from geoinv.records.places import LonLat

__all__ = ["SHARED_M", "TEXT_TOLERANCE_M", "TOLERANCE_M", "check_places", "coordinates_in", "outside_region"]

#: Generalised borders (1:10 million maps) are off by about this much.
TOLERANCE_M = 5_000.0
#: Coordinates in a text are often cut to minutes: one is 1.9 km.
TEXT_TOLERANCE_M = 2_000.0
#: Two facilities nearer than this are put on one point.
SHARED_M = 1.0
_GEOD = Geod(ellps="WGS84")
_DMS = re.compile(
    r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s*[°º도]\s*(?:(\d{1,2}(?:\.\d+)?)\s*[′'’분]\s*)?(?:(\d{1,2}(?:\.\d+)?)\s*(?:[″\"”초]|'')\s*)?([NSEW])",
    re.IGNORECASE,
)
_DECIMAL = re.compile(
    r"(-?\d{1,3}\.\d{2,})\s*°?\s*([NS])?\s*[,;|/ ]\s*(-?\d{1,3}\.\d{2,})\s*°?\s*([EW])?", re.IGNORECASE
)


def coordinates_in(text: str) -> tuple[LonLat, ...]:
    """Places that a text gives in degrees: ``42°57′10″N 129°59′E`` or ``42.9528, 129.9831`` (latitude first)."""
    found = []
    parts = [(match, _degrees(match)) for match in _DMS.finditer(text)]
    for (first, lat), (second, lon) in zip(parts, parts[1:], strict=False):
        if first.group(4).upper() in "NS" and second.group(4).upper() in "EW":
            found.append((lat, lon))
    for match in () if found else _DECIMAL.finditer(text):
        lat, lon = float(match.group(1)), float(match.group(3))
        lat *= -1 if (match.group(2) or "").upper() == "S" else 1
        lon *= -1 if (match.group(4) or "").upper() == "W" else 1
        found.append((lat, lon))
    return tuple(LonLat(lon, lat) for lat, lon in found if abs(lat) <= 90 and abs(lon) <= 180)


def _degrees(match: re.Match[str]) -> float:
    degrees, minutes, seconds, side = match.groups()
    value = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return -value if side.upper() in "SW" else value


def _gap(a: LonLat, b: LonLat) -> float:
    """Geodesic distance on WGS 84, metres."""
    return float(_GEOD.inv(a[0], a[1], b[0], b[1])[2])


def outside_region(point: LonLat, region: BaseGeometry) -> float:
    """Metres from a point to a region (longitude, latitude), 0 inside it."""
    place = Point(point[0], point[1])
    if region.covers(place):
        return 0.0
    near = nearest_points(region, place)[0]
    return _gap(point, LonLat(near.x, near.y))


def _region_named(words: str, regions: Mapping[str, BaseGeometry]) -> tuple[str, BaseGeometry] | None:
    """The region a text names, by any spelling; of two that fit the longer name."""
    spellings: dict[str, set[str]] = {name: {fold(name), place_key(name)} - {""} for name in regions}
    for item in vocabulary("place_names")["provinces"]:
        every = {fold(word) for word in (item["en"], item["ko"], *item["aka"])}
        for keys in spellings.values():
            if keys & every:
                keys |= every
    text = fold(words)
    parts = {fold(part) for part in re.split(r"[,;/()]", words)} | {text}
    fitting = [name for name, keys in spellings.items() if keys & parts or any(len(k) > 4 and k in text for k in keys)]
    return max(((name, regions[name]) for name in fitting), key=lambda pair: (len(pair[0]), pair[0]), default=None)


def check_places(
    place: str | None,
    points: Sequence[tuple[str, LonLat, str]],
    *,
    regions: Mapping[str, BaseGeometry] | None = None,
    tolerance_m: float = TOLERANCE_M,
    text_tolerance_m: float = TEXT_TOLERANCE_M,
) -> tuple[str, ...]:
    """What does not fit in the points given for one facility, a sentence each.

    Parameters
    ----------
    place
        Province or county as its record has it, in any spelling.
    points
        Who gave each, where, and the words it came with.
    regions
        Outlines (longitude, latitude) by name, generalised or not.
    tolerance_m, text_tolerance_m
        Metres that a border, and coordinates in words, may be off.
    """
    told = []
    named = _region_named(place, regions) if place and regions else None
    for source, point, words in points:
        if named is not None:
            told += _region_finding(source, point, *named, tolerance_m)
        for other in coordinates_in(words):
            gap = _gap(point, other)
            if gap > text_tolerance_m:
                told.append(
                    f"{source}: its text gives {other[1]:.4f}, {other[0]:.4f}, {gap / 1000:.1f} km from its point"
                    + ("; the two numbers seem swapped" if _swapped(point, other) else "")
                )
    told += _spread(points)
    return tuple(dict.fromkeys(told))


def _region_finding(source: str, point: LonLat, name: str, region: BaseGeometry, tolerance_m: float) -> list[str]:
    off = outside_region(point, region)
    if off <= tolerance_m:
        return []
    if abs(point[0]) <= 90 and outside_region(LonLat(point[1], point[0]), region) <= tolerance_m:
        return [f"{source}: its point fits {name} only if latitude and longitude are swapped"]
    return [f"{source}: its point lies {off / 1000:.0f} km outside {name}, which its record names"]


def _swapped(a: LonLat, b: LonLat) -> bool:
    return abs(a[0]) <= 90 and _gap(LonLat(a[1], a[0]), b) < TEXT_TOLERANCE_M


def _spread(points: Sequence[tuple[str, LonLat, str]]) -> list[str]:
    """Sources that put one facility far apart: each keeps its own point."""
    worst = 0.0
    pair = None
    for index, (one, a, _) in enumerate(points):
        for other, b, _ in points[index + 1 :]:
            gap = _gap(a, b)
            if gap > worst:
                worst, pair = gap, (one, other, a, b)
    if pair is None or worst <= TEXT_TOLERANCE_M:
        return []
    swapped = "; one has latitude and longitude swapped" if _swapped(pair[2], pair[3]) else ""
    distance = f"{worst / 1000:.1f} km" if math.isfinite(worst) else "far"
    return [f"{pair[0]} and {pair[1]} put it {distance} apart{swapped}; each source's own point is kept"]
