"""Raw outlines to outlines with wall-like edges: runs snapped to two directions at right angles, diagonals kept.

The outline's main direction is where its simplified edges point, length-weighted, modulo 90°. Its boundary points fall
into runs along that direction, across it, or (long and clearly slanted) along a diagonal. Runs are dropped one by one,
cheapest first, and of all the shapes on that way the one of least description length (Rissanen 1978; Schwarz 1978) is
kept: corners cost, misfit costs, and misfit counts per correlated stretch of boundary, not per point. A shape that
leaves the raw mask is not accepted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import GeometryCollection, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FrameError
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.imagery.masks import polygons_of
from geoinv.records.places import Frame

__all__ = ["regularize", "regularized"]

_Floats = NDArray[np.float64]
#: Turns tried between 0 and 90 degrees.
_TURNS = 60
_ANGLES = np.arange(_TURNS) / _TURNS * (math.pi / 2)
#: Directions of east, then of north, at every turn, shape (2 turns, 2).
_AXES = np.stack([np.r_[np.cos(_ANGLES), -np.sin(_ANGLES)], np.r_[np.sin(_ANGLES), np.cos(_ANGLES)]], axis=1)
#: Start tolerance of the runs, metres.
_TOLERANCE_M = 0.6
#: Cost of one run in units of the log of the effective number of measurements.
_RUN_COST = 2.0
#: An edge is a diagonal if it is slanted by more than this (degrees from either direction) and this long (metres, in
#: pixels).
_SLANT_DEG, _SLANT_LENGTH_M, _SLANT_PIXELS = 24.0, 5.0, 12.0
#: Least overlap with the raw outline, and largest change of area, of an accepted shape.
_LEAST_IOU, _MOST_GROWTH = 0.70, 0.20


#: Number of points along an edge, and their sums of x, y, xx, xy, yy.
_Sums = tuple[float, float, float, float, float, float]


class _Run:
    """Points along one edge: kind (0 along, 1 across, 2 diagonal), their sums, and their misfit to its line."""

    __slots__ = ("kind", "misfit", "sums")

    def __init__(self, kind: int, sums: _Sums) -> None:
        self.kind, self.sums = kind, sums
        self.misfit = _misfit(kind, sums)

    def joined(self, other: _Run) -> _Run:
        return _Run(self.kind, _together(self.sums, other.sums))

    def line(self) -> tuple[float, float, float]:
        """Unit normal and offset: points with normal · p = offset."""
        n, x, y, xx, xy, yy = self.sums
        if self.kind == 0:
            return 0.0, 1.0, y / n
        if self.kind == 1:
            return 1.0, 0.0, x / n
        angle = 0.5 * math.atan2(2 * (xy - x * y / n), (xx - x * x / n) - (yy - y * y / n))
        east, north = -math.sin(angle), math.cos(angle)
        return east, north, (east * x + north * y) / n


def _together(one: _Sums, other: _Sums) -> _Sums:
    a, b, c, d, e, f = one
    p, q, r, s, t, u = other
    return a + p, b + q, c + r, d + s, e + t, f + u


def _misfit(kind: int, sums: _Sums) -> float:
    """Sum of squared distances to the line."""
    n, x, y, xx, xy, yy = sums
    if kind == 0:
        return max(yy - y * y / n, 0.0)
    if kind == 1:
        return max(xx - x * x / n, 0.0)
    sxx, syy, sxy = xx - x * x / n, yy - y * y / n, xy - x * y / n
    return max((sxx + syy) / 2 - math.hypot((sxx - syy) / 2, sxy), 0.0)


def _direction(points: _Floats, bin_m: float) -> float:
    """Main direction of boundary points about their middle, radians in [0, π/2).

    Seen along its walls, a building's boundary piles up in few places: the turn at which the squared histograms of
    both coordinates are largest. All walls vote together, so wobble of single edges matters little.
    """
    reach = float(np.abs(points).max()) * 1.5
    bins = int(2 * reach / bin_m) + 3
    # Both coordinates at every turn, one row each, in bins of their own.
    place = _AXES @ (points.T / bin_m)
    place += (reach / bin_m + np.arange(2 * _TURNS) * bins)[:, None]
    low = place.astype(np.int64)
    place -= low
    upper = np.bincount(low.ravel(), place.ravel(), 2 * _TURNS * bins)
    counts = np.bincount(low.ravel(), minlength=2 * _TURNS * bins) - upper
    counts[1:] += upper[:-1]
    rows = counts.reshape(2, _TURNS, bins)
    score = np.einsum("atb,atb->t", rows, rows)
    k = int(score.argmax())
    left, middle, right = score[k - 1], score[k], score[(k + 1) % _TURNS]
    bend = left - 2 * middle + right
    fraction = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float((k + fraction) / _TURNS * (math.pi / 2))


def _dense(ring: BaseGeometry, step: float) -> _Floats:
    """Points every ``step`` along a ring, each the mean over a pixel-wide stretch, so that pixel stairs even out."""
    length = ring.length
    count = int(np.clip(length / step, 24, 600))
    xy = shapely.get_coordinates(ring)
    run = np.hypot(*np.diff(xy, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(run)])
    where = (np.arange(count) + 0.5) / count * length
    points = np.column_stack([np.interp(where, at, xy[:, 0]), np.interp(where, at, xy[:, 1])])
    result: _Floats = 0.25 * np.roll(points, 1, axis=0) + 0.5 * points + 0.25 * np.roll(points, -1, axis=0)
    return result


def _runs(points: _Floats, tolerance: float, pixel: float) -> list[_Run]:
    """Runs of boundary points, in order, no two neighbours of one direction unless both are diagonals."""
    closed = np.concatenate([points, points[:1]])
    # Every point carries its number as its height, so that those that are kept say which they were.
    numbered = shapely.LineString(np.column_stack([closed, np.arange(len(closed))]))
    kept = shapely.get_coordinates(shapely.simplify(numbered, tolerance, preserve_topology=False), include_z=True)
    corners = kept[:-1, 2].astype(np.int64)
    if len(corners) < 3:
        return []
    ends = np.concatenate([corners, [corners[0] + len(points)]])
    cumulative = _cumulative(np.concatenate([points, points]))
    span = points[corners[np.r_[1 : len(corners), 0]]] - points[corners]
    length = np.hypot(span[:, 0], span[:, 1])
    slant = np.degrees(np.arctan2(span[:, 1], span[:, 0])) % 180
    off = np.minimum(slant % 90, 90 - slant % 90)
    across = (slant > 45) & (slant < 135)
    diagonal = (off > _SLANT_DEG) & (length > max(_SLANT_LENGTH_M, _SLANT_PIXELS * pixel))
    kinds = np.where(diagonal, 2, np.where(across, 1, 0))
    sums = np.column_stack([np.diff(ends), np.diff(cumulative[ends], axis=0)]).tolist()
    runs = [_Run(kind, tuple(one)) for kind, one in zip(kinds.tolist(), sums, strict=True)]
    return _merged(runs)


def _cumulative(points: _Floats) -> _Floats:
    x, y = points[:, 0], points[:, 1]
    stacked = np.column_stack([x, y, x * x, x * y, y * y])
    return np.concatenate([np.zeros((1, 5)), np.cumsum(stacked, axis=0)])


def _merged(runs: list[_Run]) -> list[_Run]:
    """Neighbours of one direction joined (diagonals only where they are nearly parallel)."""
    out: list[_Run] = []
    for run in runs:
        if out and _same(out[-1], run):
            out[-1] = out[-1].joined(run)
        else:
            out.append(run)
    while len(out) > 1 and _same(out[-1], out[0]):
        out[0] = out.pop().joined(out[0])
    return out


def _same(one: _Run, other: _Run) -> bool:
    if one.kind != other.kind:
        return False
    if one.kind != 2:
        return True
    a, b = one.line(), other.line()
    return abs(a[0] * b[1] - a[1] * b[0]) < 0.3


def _without(runs: list[_Run], index: int) -> list[_Run]:
    """The runs without one; its points go to the neighbours, which join if they are of one direction."""
    before, gone, after = runs[index - 1], runs[index], runs[(index + 1) % len(runs)]
    if _same(before, after):
        joined = [before.joined(gone).joined(after)]
    else:
        left, right = before.joined(gone), after.joined(gone)
        cheaper = left.misfit + after.misfit <= right.misfit + before.misfit
        joined = [left, after] if cheaper else [before, right]
    n = len(runs)
    rest = [runs[(index + 2 + k) % n] for k in range(n - 3)]
    return _merged([*joined, *rest])


def _local_cost(runs: list[_Run], index: int) -> float:
    """Misfit added by dropping one run."""
    before, gone, after = runs[index - 1], runs[index], runs[(index + 1) % len(runs)]
    old = before.misfit + gone.misfit + after.misfit
    left = _together(before.sums, gone.sums)
    if _same(before, after):
        return _misfit(before.kind, _together(left, after.sums)) - old
    right = _together(gone.sums, after.sums)
    return min(_misfit(before.kind, left) + after.misfit, _misfit(after.kind, right) + before.misfit) - old


def _chain(runs: list[_Run]) -> list[list[_Run]]:
    """Shapes with ever fewer runs, the cheapest dropped each time, down to four (or three with diagonals)."""
    chain = [runs]
    costs = [_local_cost(runs, index) for index in range(len(runs))]
    while len(runs) > 4:
        cheapest = min(range(len(runs)), key=costs.__getitem__)
        fewer = _without(runs, cheapest)
        if len(fewer) < 3:
            break
        n, new = len(runs), len(fewer) - (len(runs) - 3)
        kept = [costs[(cheapest + 2 + k) % n] for k in range(n - 3)]
        if new < 1 or n < 8:
            costs = [_local_cost(fewer, index) for index in range(len(fewer))]
        else:
            # Only the joined runs and their next neighbours cost something else than before.
            costs = [0.0] * new + kept
            for index in (*range(new), new, len(fewer) - 1):
                costs[index] = _local_cost(fewer, index)
        runs = fewer
        chain.append(runs)
    return chain


def _length(runs: list[_Run], perimeter: float, pixel: float) -> float:
    """Description length: misfit per correlated stretch of boundary, and the cost of every run."""
    count = sum(run.sums[0] for run in runs)
    variance = sum(run.misfit for run in runs) / count + (pixel / 3) ** 2
    # A segmenter's wobble is about as long as it is high; finer detail repeats the same measurement.
    effective = max(perimeter / (2.0 * math.sqrt(variance) + pixel), 4.0)
    # A diagonal has an angle of its own besides its place.
    numbers = len(runs) + sum(run.kind == 2 for run in runs)
    return 0.5 * effective * math.log(variance) + _RUN_COST * numbers * math.log(effective)


def _corners(runs: list[_Run]) -> Polygon | None:
    """The polygon of neighbouring lines' intersections; ``None`` where neighbours are parallel or it crosses itself."""
    lines = [run.line() for run in runs]
    corners = []
    for one, other in zip(lines, lines[1:] + lines[:1], strict=True):
        cross = one[0] * other[1] - one[1] * other[0]
        if abs(cross) < 0.2:
            return None
        corners.append(
            ((one[2] * other[1] - other[2] * one[1]) / cross, (one[0] * other[2] - other[0] * one[2]) / cross)
        )
    shape = Polygon(corners)
    return shape if shape.is_valid and shape.area > 0 else None


def _turned(xy: _Floats, angle: float) -> _Floats:
    cos, sin = math.cos(angle), math.sin(angle)
    result: _Floats = xy @ np.array([[cos, sin], [-sin, cos]])
    return result


def _best_runs(points: _Floats, perimeter: float, pixel: float) -> tuple[float, list[_Run], Polygon] | None:
    """The shape of least description length over numbers of runs, for points turned upright, and that length."""
    runs = _runs(points, max(1.5 * pixel, _TOLERANCE_M), pixel)
    if len(runs) < 3:
        return None
    ranked = sorted((_length(some, perimeter, pixel), number, some) for number, some in enumerate(_chain(runs)))
    for length, _, some in ranked[:4]:
        shape = _corners(some)
        if shape is not None:
            return length, some, shape
    return None


def _slope(runs: list[_Run]) -> float:
    """The common small turn, radians, that would lessen the misfit of the upright runs most, by one regression."""
    product = spread = 0.0
    for run in runs:
        n, x, y, xx, xy, yy = run.sums
        if run.kind == 0:
            product, spread = product + xy - x * y / n, spread + xx - x * x / n
        elif run.kind == 1:
            product, spread = product - xy + x * y / n, spread + yy - y * y / n
    return product / spread if spread > 0 else 0.0


def _ring(ring: BaseGeometry, angle: float | None, pixel: float) -> tuple[Polygon, float] | None:
    """A ring's wall-like shape and its main direction (the given one, if any)."""
    points = _dense(ring, max(pixel, 0.3))
    middle = points.mean(axis=0)
    turn = _direction(points - middle, max(2 * pixel, 0.6)) if angle is None else angle
    best = _best_runs(_turned(points - middle, -turn), ring.length, pixel)
    if best is None:
        return None
    if angle is None:
        lean = float(np.clip(_slope(best[1]), -0.1, 0.1))
        finer = turn + lean
        again = _best_runs(_turned(points - middle, -finer), ring.length, pixel) if abs(lean) > 0.003 else None
        if again is not None and again[0] < best[0]:
            best, turn = again, finer
    return shapely.transform(best[2], lambda xy: _turned(xy, turn) + middle), turn


def _accepted(shape: Polygon | None, raw: Polygon, pixel: float) -> bool:
    """Whether a shape covers what the raw outline does, the outline's steps of pixels evened out."""
    if shape is None or abs(shape.area / raw.area - 1) > _MOST_GROWTH:
        return False
    even = raw.simplify(pixel / 2, preserve_topology=False)
    shared = shape.intersection(even if even.is_valid and not even.is_empty else raw).area
    return bool(shared / (shape.area + raw.area - shared) >= _LEAST_IOU)


def regularized(raw: Polygon, pixel: float = 0.3) -> Polygon:
    """One outline in metres with wall-like edges.

    Parameters
    ----------
    raw
        As traced from pixels.
    pixel
        Size of those pixels, metres.

    Returns
    -------
    Polygon
        With as many holes as the raw outline has; the raw outline, smoothed by a pixel, where no wall-like shape is
        accepted.
    """
    outer = _ring(raw.exterior, None, pixel)
    if outer is None or not _accepted(outer[0], Polygon(raw.exterior), pixel):
        smoothed = raw.simplify(pixel)
        return smoothed if isinstance(smoothed, Polygon) and smoothed.is_valid and not smoothed.is_empty else raw
    shell, angle = outer
    holes = []
    for interior in raw.interiors:
        hole = Polygon(interior)
        court = _ring(interior, angle, pixel)
        holes.append(court[0] if court is not None and _accepted(court[0], hole, pixel) else hole)
    whole = Polygon(shell.exterior, [hole.exterior for hole in holes]) if holes else shell
    return whole if whole.is_valid else shell


def _largest(geometry: BaseGeometry | None) -> Polygon | None:
    parts = polygons_of(geometry)
    return parts[0] if parts else None


def _frame(outline: Polygon) -> Frame:
    """A frame near an outline, on a grid of a tenth of a degree: rows near each other share it."""
    west, south, east, north = outline.bounds
    return Frame(lon=round((west + east) / 2, 1), lat=round((south + north) / 2, 1))


def _in_their_frames(outlines: Sequence[Polygon], pixel: float) -> list[BaseGeometry]:
    """Outlines in longitude and latitude, regularised in metres; those of one frame are projected together."""
    frames: dict[tuple[float, float], list[int]] = {}
    for number, outline in enumerate(outlines):
        frame = _frame(outline)
        frames.setdefault((frame.lon, frame.lat), []).append(number)
    found: dict[int, BaseGeometry] = {}
    for (lon, lat), numbers in frames.items():
        frame = Frame(lon=lon, lat=lat)
        local = to_local(frame, GeometryCollection([outlines[number] for number in numbers]))
        shaped = [regularized(one, pixel) for one in shapely.get_parts(local) if isinstance(one, Polygon)]
        found |= zip(numbers, shapely.get_parts(to_lonlat(frame, GeometryCollection(shaped))), strict=True)
    return [found[number] for number in range(len(outlines))]


def regularize(outlines: gpd.GeoDataFrame, *, pixel: float = 0.3) -> gpd.GeoDataFrame:
    """Raw outlines to outlines with wall-like edges.

    Parameters
    ----------
    outlines
        Polygons with an ``id``, any CRS; of several parts the largest is taken.
    pixel
        Size of the pixels they were traced from, metres.

    Returns
    -------
    GeoDataFrame
        The same rows in the same order in CRS 4326; a row without a polygon keeps what it had.

    Raises
    ------
    FrameError
        If the outlines have no CRS.
    """
    if outlines.empty or outlines.geometry.is_empty.all():
        return outlines.copy()
    if outlines.crs is None:
        raise FrameError("this table's geometry has no CRS", do="say which CRS it is in")
    placed = outlines.to_crs("EPSG:4326")
    largest = [_largest(geometry) for geometry in placed.geometry]
    done = iter(_in_their_frames([one for one in largest if one is not None], pixel))
    shapes = [geometry if one is None else next(done) for geometry, one in zip(placed.geometry, largest, strict=True)]
    return outlines.copy().set_geometry(gpd.GeoSeries(shapes, index=outlines.index, crs="EPSG:4326"))
