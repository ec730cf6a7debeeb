"""Drawn walls: their pieces, the ground inside, and the places they suggest on walled yards of a scene."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geoinv.geometry.fits import affine, apply
from geoinv.records.drawings import Sketch

__all__ = [
    "WallFound",
    "drawn_ring",
    "eased_onto",
    "is_walled",
    "joined",
    "laid_on",
    "part_along",
    "ring_as_laid",
    "wall_pieces",
]

#: A drawn wall that comes this near to closing, as a share of its length, goes all the way round.
_NEARLY_CLOSED = 0.35
#: Pieces a wall is cut into, about; corners are where it leaves a straight line by this share of its diagonal.
_PIECES, _CORNER = 8, 0.07
#: A drawing is not stretched more than this one way against the other: the ratio of its sides' scales.
_MOST_STRETCH = 2.2
#: Points on a ring, and rounds, when a ring is settled on another.
_POINTS, _ROUNDS = 72, 12
#: How much each point of a ring is held to its first place while settling, against being drawn to the other ring.
_HELD = 0.4
#: Ends of drawn walls this near to each other, as a share of their length together, are one wall's: a corner not met,
#: or the gate between two strokes.
_GATE = 0.12
#: A stroke that for the most part keeps this near to a longer one, as that share, is the same wall drawn twice.
_TWICE, _MOSTLY = 0.02, 0.8
#: A ring of several strokes is of a wall where it fills its hull so far, and holds so many of the drawn buildings.
_FILLED, _HOLDS = 0.5, 0.6
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WallFound:
    """A drawn wall as the scene shows it.

    Attributes
    ----------
    elements
        Ids of the drawn strokes that together are it.
    ring
        Metres.
    strength
        How far it stands out from chance, in standard deviations.
    blind
        Whether a walled yard found without any drawing is the same.
    """

    elements: tuple[str, ...]
    ring: Polygon
    strength: float
    blind: bool


def is_walled(sketch: Sketch) -> bool:
    """Whether a wall or fence is drawn that goes all the way round, or nearly, in one stroke or in several."""
    return bool(_rings(sketch))


def drawn_ring(sketch: Sketch) -> Polygon | None:
    """The ground inside the drawn wall or fence, drawing units; round everything solid where none is drawn whole.

    A wall drawn in several strokes is joined end to end first; the gate may be the gap between two of them.
    """
    rings = _rings(sketch)
    if rings:
        return max(rings, key=lambda ring: float(ring.area))
    solid = [element.geometry for element in sketch.of_role("wall", "fence", "building", "tower", "gate")]
    hull = shapely.unary_union(solid).convex_hull if len(solid) >= 3 else None
    return hull if isinstance(hull, Polygon) and hull.area > 0 else None


def _rings(sketch: Sketch) -> list[Polygon]:
    """The ground inside each wall or fence that goes round by itself; of strokes joined where none does."""
    rings: list[Polygon] = []
    for roles in (("wall",), ("fence",), ("wall", "fence")):
        if len(roles) > 1 and rings:  # walls and fences take turns only where neither goes round by itself
            break
        shapes = [element.geometry for element in sketch.of_role(*roles)]
        alone = [ring for shape in shapes if (ring := _closed(shape)) is not None]
        ring = None if alone else _of_strokes([line for shape in shapes if (line := _line(shape)) is not None])
        rings += alone or ([ring] if ring is not None and _holds(ring, sketch) else [])
    return rings


def _holds(ring: Polygon, sketch: Sketch) -> bool:
    """Whether most of the drawn buildings stand inside a ring."""
    inside = [ring.contains(element.geometry.centroid) for element in sketch.of_role("building")]
    return not inside or sum(inside) >= _HOLDS * len(inside)


def _of_strokes(lines: Sequence[LineString]) -> Polygon | None:
    """The ground inside a wall drawn in several strokes; one that belongs to no ring, however long, is left out."""
    total = sum(line.length for line in lines)
    left: list[LineString] = []
    for line in sorted(lines, key=lambda line: -line.length):
        near = shapely.union_all([other.buffer(_TWICE * total) for other in left])
        if line.intersection(near).length < _MOSTLY * line.length:
            left.append(line)
    rings = (_chained_ring(left[first:]) for first in range(len(left) - 1))
    return next((ring for ring in rings if ring is not None), None)


def _chained_ring(lines: Sequence[LineString]) -> Polygon | None:
    """The ring of the first stroke, each stroke followed by the one that begins or ends nearest."""
    total = sum(line.length for line in lines)
    chain, left = shapely.get_coordinates(lines[0]), list(lines[1:])
    while left:
        # Distance of each stroke's two ends from the chain's tail and from its head.
        ends = [shapely.get_coordinates(line)[[0, -1]] for line in left]
        gaps = np.array([[math.dist(chain[at], end) for at in (-1, 0) for end in pair] for pair in ends])
        chosen, way = np.unravel_index(int(gaps.argmin()), gaps.shape)
        if gaps[chosen, way] > _GATE * total:
            break
        piece = shapely.get_coordinates(left.pop(int(chosen)))
        if way in (1, 2):  # its last point follows the tail, or its first precedes the head
            piece = piece[::-1]
        chain = np.vstack([chain, piece] if way < 2 else [piece, chain])
    ring = _closed(LineString(chain))
    return ring if ring is not None and ring.area >= _FILLED * ring.convex_hull.area else None


def _closed(wall: shapely.Geometry) -> Polygon | None:
    line = _line(wall)
    if line is None or len(line.coords) < 4:
        return None
    gap = math.dist(line.coords[0], line.coords[-1])
    if gap > _NEARLY_CLOSED * line.length:
        return None
    ring = shapely.make_valid(Polygon(line.coords))
    parts = [part for part in getattr(ring, "geoms", [ring]) if isinstance(part, Polygon) and part.area > 0]
    return max(parts, key=lambda part: float(part.area)) if parts else None


def wall_pieces(sketch: Sketch) -> list[tuple[str, LineString]]:
    """The drawn walls and fences cut at their corners into straight pieces, drawing units, each with its element's id.

    Pieces of one wall follow one another, each beginning where the one before ended.
    """
    pieces: list[tuple[str, LineString]] = []
    for element in sketch.of_role("wall", "fence"):
        line = _line(element.geometry)
        if line is None:
            continue
        west, south, east, north = line.bounds
        corners = shapely.get_coordinates(line.simplify(_CORNER * math.hypot(east - west, north - south)))
        most = 1.5 * line.length / _PIECES
        for start, end in zip(corners[:-1], corners[1:], strict=True):
            count = max(1, math.ceil(math.dist(start, end) / most))
            steps = np.linspace(start, end, count + 1)
            pieces += [(element.id, LineString([low, high])) for low, high in zip(steps[:-1], steps[1:], strict=True)]
    return pieces


def joined(pieces: Sequence[tuple[str, LineString]]) -> dict[str, LineString]:
    """Each wall from its pieces where they now lie, metres: neighbours meet where their lines cross, or half way."""
    walls: dict[str, list[_Floats]] = {}
    for name, piece in pieces:
        walls.setdefault(name, []).append(shapely.get_coordinates(piece))
    return {name: LineString(_chained(parts)) for name, parts in walls.items()}


def ring_as_laid(pieces: Sequence[tuple[str, LineString]]) -> tuple[tuple[str, ...], Polygon] | None:
    """The wall that goes all the way round, from its pieces where they now lie: ids of its strokes, the ground inside.

    One stroke that goes round by itself goes before several that do so together; the largest where several do. ``None``
    where none does.
    """
    lines = joined(pieces)
    alone = [((name,), ring) for name, line in lines.items() if (ring := _closed(line)) is not None]
    if alone:
        return max(alone, key=lambda item: float(item[1].area))
    ring = _of_strokes(list(lines.values()))
    if ring is None:
        return None
    near = ring.exterior.buffer(_TWICE * ring.exterior.length)
    own = tuple(name for name, line in lines.items() if line.intersection(near).length >= _MOSTLY * line.length)
    return own, ring


def part_along(ring: Polygon, stroke: LineString) -> LineString:
    """The part of a ring that a stroke by it stands for: from end to end by way of its middle; of a closed one all."""
    line = ring.exterior
    if _closed(stroke) is not None:
        return LineString(line.coords)
    start, middle, end = (line.project(stroke.interpolate(share, normalized=True)) for share in (0.0, 0.5, 1.0))
    low, high = sorted((start, end))
    if low <= middle <= high:
        return _as_line(substring(line, low, high), line)
    # By way of where the ring begins.
    coords = [*substring(line, high, line.length).coords, *list(substring(line, 0.0, low).coords)[1:]]
    return _as_line(LineString(coords), line)


def _as_line(part: BaseGeometry, whole: LineString) -> LineString:
    return part if isinstance(part, LineString) and part.length > 0 else LineString(whole.coords)


def _chained(parts: Sequence[_Floats]) -> list[_Floats]:
    length = float(np.median([math.dist(*part) for part in parts]))
    inner = [_meeting(one, other) for one, other in zip(parts[:-1], parts[1:], strict=True)]
    first, last = parts[0][0], parts[-1][-1]
    # A wall that came round to its beginning still does.
    if len(parts) > 2 and math.dist(first, last) < 0.5 * length:
        first = last = _meeting(parts[-1], parts[0])
    return [first, *inner, last]


def _meeting(one: _Floats, other: _Floats) -> _Floats:
    """Where two pieces meet: where their lines cross, if that is near both ends, else half way between these."""
    half: _Floats = (one[1] + other[0]) / 2
    along, beside = one[1] - one[0], other[1] - other[0]
    turn = float(along[0] * beside[1] - along[1] * beside[0])
    if abs(turn) < 0.3 * float(np.hypot(*along) * np.hypot(*beside)):
        return half
    apart = other[0] - one[0]
    crossing: _Floats = one[0] + along * float(apart[0] * beside[1] - apart[1] * beside[0]) / turn
    reach = max(2.0, 1.5 * math.dist(one[1], other[0]))
    return crossing if math.dist(crossing, half) <= reach else half


def _line(shape: shapely.Geometry) -> LineString | None:
    line = shape.exterior if isinstance(shape, Polygon) else shape
    return line if isinstance(line, LineString) and line.length > 0 else None


def laid_on(ring: Polygon, yards: Sequence[Polygon]) -> list[_Floats]:
    """Affine maps, (2, 3), from drawing units to metres that lay a drawn ring on walled yards, each four ways round.

    Parameters
    ----------
    ring
        Drawing units, y up.
    yards
        Metres.

    Returns
    -------
    list of ndarray
        Never mirrored; none for a yard whose proportions the ring would have to be stretched to beyond belief.
    """
    frame = shapely.get_coordinates(ring.minimum_rotated_rectangle)[:4]
    # A ring that does not fill its rectangle is laid so that areas agree.
    grow = math.sqrt(ring.area / max(Polygon(frame).area, 1e-9))
    middle = np.array(ring.centroid.coords[0])
    source = _counter_clockwise((frame - frame.mean(axis=0)) * grow + middle)
    maps = []
    for yard in yards:
        corners = shapely.get_coordinates(yard.exterior)[:-1]
        if len(corners) != 4:
            corners = shapely.get_coordinates(yard.minimum_rotated_rectangle)[:4]
        target = _counter_clockwise(corners)
        for quarter in range(4):
            laid = affine(source, np.roll(target, quarter, axis=0))
            if _stretch(laid) <= _MOST_STRETCH:
                maps.append(eased_onto(ring, yard, laid))
    return maps


def _counter_clockwise(corners: _Floats) -> _Floats:
    turned = Polygon(corners)
    return corners if turned.exterior.is_ccw else corners[::-1]


def _stretch(laid: _Floats) -> float:
    values = np.linalg.svd(laid[:, :2], compute_uv=False)
    return float(values[0] / max(values[-1], 1e-9))


def eased_onto(ring: Polygon, yard: Polygon, laid: _Floats) -> _Floats:
    """An affine map, (2, 3), near ``laid`` that takes a ring's line along a yard's.

    By iterative closest points (Besl & McKay 1992), each point held a little to where ``laid`` puts it.
    """
    drawn = _points(ring)
    aim = _points(yard, 4 * _POINTS)
    tree = cKDTree(aim)
    first = apply(laid, drawn)
    here, now = first, laid
    for _ in range(_ROUNDS):
        _, nearest = tree.query(here)
        now = affine(drawn, _HELD * first + (1 - _HELD) * aim[nearest])
        here = apply(now, drawn)
    return now


def _points(ring: Polygon, count: int = _POINTS) -> _Floats:
    line = ring.exterior
    at = (np.arange(count) + 0.5) / count * line.length
    points: _Floats = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    return points
