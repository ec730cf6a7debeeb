"""What is drawn and what stands on the ground, as arrays for the search: centres, sizes, directions, words, lines."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPoint
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.match_stated import said_scale, said_sides
from geoinv.geometry.frames import to_local
from geoinv.records.drawings import Sketch
from geoinv.records.placements import Anchor
from geoinv.records.places import Frame

__all__ = ["Drawn", "Ground", "Line", "Link", "drawn_of", "fold_words", "ground_of", "links_of", "same_words"]

Array = NDArray[np.float64]

#: Roles drawn as lines and compared as lines.
BARRIERS = frozenset({"wall", "fence"})
WAYS = frozenset({"road", "path"})
#: Roles that are no buildings: they match only a candidate of the same role.
APART = frozenset({"gate", "yard", "water", "road", "path", "door", "window", "stair"})
_STOP = frozenset({"the", "a", "an", "of", "to", "and", "with", "in", "on", "at", "where", "by", "near", "its"})
_SAMPLES = 24


@dataclass(frozen=True)
class Line:
    """A drawn or real wall, fence, road or path.

    Attributes
    ----------
    id, role, words
        As drawn.
    points
        Evenly spaced along it, shape (24, 2).
    shape
        The line itself.
    closed
        Whether it returns to its beginning.
    sigma_m
        Standard error of its place, 0 for drawn ones.
    """

    id: str
    role: str
    words: frozenset[str]
    points: Array
    shape: BaseGeometry
    closed: bool
    sigma_m: float = 0.0


@dataclass(frozen=True)
class _Items:
    """Arrays of n things: see ``Drawn`` and ``Ground``."""

    ids: tuple[str, ...]
    roles: tuple[str, ...]
    words: tuple[frozenset[str], ...]
    xy: Array
    log_area: Array
    angle: Array
    elongation: Array
    lines: tuple[Line, ...] = ()
    shapes: tuple[BaseGeometry, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Drawn(_Items):
    """One sketch in drawing units.

    Attributes
    ----------
    xy
        Centres, shape (n, 2).
    log_area, angle, elongation
        Natural logarithm of the area; direction of the longer side in radians modulo π; ratio of the sides. NaN
        (elongation: 1) for points.
    shapes
        The things as drawn.
    centre, radius
        Mean of the centres and their root mean square distance from it; of all points drawn where centres are few.
    parallel
        Whether everything is drawn in one direction and its square, so that directions may only say how the page lay.
    north
        Direction of north, radians clockwise from the page's up, or ``None``.
    said_sides, said_errors
        Logarithms of the longer and shorter side that were said of each, metres, and their standard errors, shape
        (n, 2); NaN where none was.
    said_scale
        Logarithm of metres per drawing unit by all lengths that were said, and its standard error, or ``None``.
    """

    name: str = ""
    centre: Array = field(default_factory=lambda: np.zeros(2))
    radius: float = 1.0
    parallel: bool = False
    north: float | None = None
    said_sides: Array = field(default_factory=lambda: np.zeros((0, 2)))
    said_errors: Array = field(default_factory=lambda: np.zeros((0, 2)))
    said_scale: tuple[float, float] | None = None

    @property
    def unit(self) -> Array:
        """Centres about the middle in units of the radius, shape (n, 2)."""
        return (self.xy - self.centre) / self.radius


@dataclass(frozen=True)
class Ground(_Items):
    """Candidates in metres of the frame.

    Attributes
    ----------
    existence
        0–1, shape (m,).
    density
        Per square metre of ``area_m2``.
    shapes
        The outlines.
    """

    @property
    def sides(self) -> Array:
        """Logarithms of longer and shorter sides of rectangles of their areas and ratios, metres, (m, 2)."""
        return np.stack([self.log_area + np.log(self.elongation), self.log_area - np.log(self.elongation)], axis=1) / 2

    existence: Array = field(default_factory=lambda: np.ones(0))
    density: float = 1.0
    area_m2: float = 1.0


@dataclass(frozen=True)
class Link:
    """A drawn thing that an anchor on the ground stands for.

    Attributes
    ----------
    element
        Index into the drawn items, or ``None`` where a line is meant.
    line
        Index into the drawn lines, or ``None``.
    place
        Where it is, metres of the frame: a Point, a LineString, or a Polygon's outline and inside.
    sigma_m
        Standard error of the place.
    weight
        0–1: how surely the words mean the same.
    """

    element: int | None
    line: int | None
    place: BaseGeometry
    sigma_m: float
    weight: float
    source: str = ""


def fold_words(text: str | None) -> frozenset[str]:
    """The words of a label: case, width and accents folded, without articles and brackets."""
    if not text:
        return frozenset()
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    plain = unicodedata.normalize("NFC", re.sub(r"\([^)]*\)", " ", plain))
    return frozenset(word for word in re.findall(r"\w+", plain) if word not in _STOP)


def same_words(one: frozenset[str], other: frozenset[str]) -> float:
    """How surely two labels mean one thing: 1 for the same words, less where one's are among the other's, else 0."""
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    small, large = sorted((one, other), key=len)
    # One word within a long name ("road", "house") says little.
    return (0.8 if len(small) > 1 else 0.4) if small <= large else 0.0


def _size(shape: BaseGeometry) -> tuple[float, float, float]:
    """Logarithm of the area, direction of the longer side, ratio of the sides."""
    if shape.area <= 0:
        if shape.length <= 0:
            return math.nan, math.nan, 1.0
        ends = np.asarray(shape.coords) if isinstance(shape, LineString) else np.zeros((2, 2))
        chord = ends[-1] - ends[0]
        return math.log(shape.length**2 * 0.02), math.atan2(chord[1], chord[0]) % math.pi, 6.0
    box = shapely.oriented_envelope(shape)
    if box.area <= 0:
        return math.log(shape.area), math.nan, 1.0
    corners = shapely.get_coordinates(box)
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    longer = sides[int(lengths.argmax())]
    ratio = min(8.0, float(lengths.max() / max(float(lengths.min()), 1e-9)))
    return math.log(shape.area), math.atan2(longer[1], longer[0]) % math.pi, ratio


def _middle(shape: BaseGeometry) -> tuple[float, float]:
    point = shape.interpolate(0.5, normalized=True) if isinstance(shape, LineString) else shape.centroid
    return float(point.x), float(point.y)


def _line(name: str, role: str, words: frozenset[str], shape: BaseGeometry, sigma_m: float = 0.0) -> Line | None:
    parts = shapely.get_parts(shape.boundary if shape.area > 0 else shape)
    outline: LineString | None = max(parts, key=lambda part: float(part.length), default=None)
    if outline is None or outline.length <= 0:
        return None
    closed = bool(outline.coords[0] == outline.coords[-1])
    along = np.linspace(0.0, 1.0, _SAMPLES, endpoint=not closed)
    points = shapely.get_coordinates(shapely.line_interpolate_point(outline, along, normalized=True))
    return Line(name, role, words, points, outline, closed, sigma_m)


def _arrays(shapes: Sequence[BaseGeometry]) -> tuple[Array, Array, Array, Array]:
    sizes = np.array([_size(shape) for shape in shapes]).reshape(-1, 3)
    return np.array([_middle(shape) for shape in shapes]).reshape(-1, 2), sizes[:, 0], sizes[:, 1], sizes[:, 2]


def _is_parallel(angle: Array) -> bool:
    known = angle[np.isfinite(angle)]
    return len(known) >= 4 and bool(abs(np.exp(4j * known).mean()) > 0.97)


def drawn_of(sketch: Sketch, *, with_ways: bool) -> Drawn:
    """A sketch as arrays.

    Parameters
    ----------
    with_ways
        Whether roads and paths are also looked for among the candidates one by one.
    """
    kept, lines = [], []
    for element in sketch.elements:
        if element.geometry.is_empty:
            continue
        if element.role in BARRIERS | WAYS or (element.role == "water" and element.geometry.geom_type == "LineString"):
            line = _line(element.id, element.role, fold_words(element.label), element.geometry)
            if line is not None:
                lines.append(line)
        if element.role not in BARRIERS and (with_ways or element.role not in WAYS):
            kept.append(element)
    xy, log_area, angle, ratio = _arrays([element.geometry for element in kept])
    # One or two centres say nothing of how large the drawing is: then all that is drawn does.
    every = shapely.get_coordinates([element.geometry for element in sketch.elements if not element.geometry.is_empty])
    spread = xy if len(xy) > 2 or not len(every) else every
    centre = spread.mean(axis=0) if len(spread) else np.zeros(2)
    radius = float(np.sqrt(((spread - centre) ** 2).sum(axis=1).mean())) if len(spread) > 1 else 1.0
    sides, errors = said_sides(kept)
    return Drawn(
        ids=tuple(element.id for element in kept),
        roles=tuple(element.role for element in kept),
        words=tuple(fold_words(element.label) for element in kept),
        xy=xy,
        log_area=log_area,
        angle=angle,
        elongation=ratio,
        lines=tuple(lines),
        shapes=tuple(element.geometry for element in kept),
        name=sketch.name,
        centre=centre,
        radius=radius or 1.0,
        parallel=_is_parallel(angle[ratio > 1.1]),
        north=None if sketch.north is None else math.radians(sketch.north),
        said_sides=sides,
        said_errors=errors,
        said_scale=said_scale(sketch),
    )


def ground_of(candidates: gpd.GeoDataFrame, frame: Frame) -> Ground:
    """Candidates in longitude and latitude as arrays in metres; walls and fences become lines."""
    kept: list[int] = []
    lines: list[Line] = []
    roles = _texts(candidates, "role")
    labels = _texts(candidates, "label")
    names = [str(name) for name in candidates["id"]]
    shapes = [None if shape is None or shape.is_empty else to_local(frame, shape) for shape in candidates.geometry]
    for index, shape in enumerate(shapes):
        if shape is None:
            continue
        if roles[index] in BARRIERS | WAYS:
            line = _line(names[index], roles[index], fold_words(labels[index]), shape, 1.0)
            lines += [line] if line is not None else []
        if roles[index] not in BARRIERS:
            kept.append(index)
    outlines = tuple(shape for index in kept if (shape := shapes[index]) is not None)
    xy, log_area, angle, ratio = _arrays(outlines)
    if "existence" in candidates.columns:
        given = np.asarray(candidates["existence"], dtype=np.float64)[kept]
        existence = np.clip(np.where(np.isfinite(given), given, 0.5), 0.02, 1.0)
    else:
        existence = np.ones(len(kept))
    hull = float(MultiPoint(xy).convex_hull.buffer(5.0).area) if len(xy) else 1.0
    return Ground(
        ids=tuple(names[index] for index in kept),
        roles=tuple(roles[index] for index in kept),
        words=tuple(fold_words(labels[index]) for index in kept),
        xy=xy,
        log_area=log_area,
        angle=angle,
        elongation=ratio,
        lines=tuple(lines),
        shapes=outlines,
        existence=existence,
        density=max(len(kept), 1) / hull,
        area_m2=hull,
    )


def _texts(table: gpd.GeoDataFrame, column: str) -> list[str]:
    if column not in table.columns:
        return [""] * len(table)
    return [value if isinstance(value, str) else "" for value in table[column]]


def links_of(drawn: Drawn, anchors: Sequence[Anchor], frame: Frame) -> tuple[Link, ...]:
    """Which drawn things the anchors stand for, by label, role or id."""
    links = []
    for anchor in anchors:
        words, place = fold_words(anchor.label), to_local(frame, anchor.geometry)
        if place.is_empty:
            continue
        for index, own in enumerate(drawn.words):
            weight = max(same_words(own, words), _by_name(drawn.roles[index], drawn.ids[index], words))
            # A building is never a road; what is drawn as a building and named like a line is not that line.
            if weight and place.geom_type not in ("LineString", "MultiLineString"):
                links.append(Link(index, None, place, anchor.sigma_m, weight, anchor.source))
        for index, line in enumerate(drawn.lines):
            # A road drawn without a name may be any named road.
            unnamed = 0.5 if not line.words and line.role in words else 0.0
            weight = max(same_words(line.words, words), _by_name(line.role, line.id, words), unnamed)
            if weight and place.length > 0:
                links.append(Link(None, index, place, anchor.sigma_m, weight, anchor.source))
    return tuple(links)


def _by_name(role: str, name: str, words: frozenset[str]) -> float:
    if role in APART | BARRIERS | {"tower"} and words == {role}:
        return 0.8
    return 0.8 if words and words == fold_words(name.replace("_", " ")) else 0.0
