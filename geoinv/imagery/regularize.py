"""Raw outlines to outlines with wall-like edges: runs snapped to two directions at right angles, diagonals kept.

The outline's main direction is where its simplified edges point, length-weighted, modulo 90°. Its boundary points fall
into runs along that direction, across it, or (long and clearly slanted) along a diagonal. Runs are dropped one by one,
cheapest first, and of all the shapes on that way the one of least description length (Rissanen 1978; Schwarz 1978) is
kept: corners cost, misfit costs, and misfit counts per correlated stretch of boundary, not per point. A shape that
leaves the raw mask is not accepted.
"""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FrameError
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.imagery.masks import polygons_of
from geoinv.records.places import Frame

__all__ = ["regularize", "regularized"]

_Floats = NDArray[np.float64]
#: Turns tried between 0 and 90 degrees.
_TURNS = 60
#: Start tolerance of the runs, metres.
_TOLERANCE_M = 0.6
#: Cost of one run in units of the log of the effective number of measurements.
_RUN_COST = 2.0
#: An edge is a diagonal if it is slanted by more than this (degrees from either direction) and this long (metres, in
#: pixels).
_SLANT_DEG, _SLANT_LENGTH_M, _SLANT_PIXELS = 24.0, 5.0, 12.0
#: Least overlap with the raw outline, and largest change of area, of an accepted shape.
_LEAST_IOU, _MOST_GROWTH = 0.70, 0.20


class _Run:
    """Points along one edge: kind (0 along, 1 across, 2 diagonal), sums of x, y, xx, xy, yy, misfit to its line."""

    __slots__ = ("count", "kind", "misfit", "sums")

    def __init__(self, kind: int, count: float, sums: tuple[float, float, float, float, float]) -> None:
        self.kind, self.count, self.sums = kind, count, sums
        self.misfit = self._misfit()

    def joined(self, other: _Run) -> _Run:
        a, b = self.sums, other.sums
        return _Run(
            self.kind,
            self.count + other.count,
            (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4]),
        )

    def line(self) -> tuple[float, float, float]:
        """Unit normal and offset: points with normal · p = offset."""
        x, y = self.sums[0] / self.count, self.sums[1] / self.count
        if self.kind == 0:
            return 0.0, 1.0, y
        if self.kind == 1:
            return 1.0, 0.0, x
        angle = self._slope()
        east, north = -math.sin(angle), math.cos(angle)
        return east, north, east * x + north * y

    def _slope(self) -> float:
        x, y, xx, xy, yy = self.sums
        n = self.count
        return 0.5 * math.atan2(2 * (xy - x * y / n), (xx - x * x / n) - (yy - y * y / n))

    def _misfit(self) -> float:
        """Sum of squared distances to the line."""
        x, y, xx, xy, yy = self.sums
        n = self.count
        sxx, syy = xx - x * x / n, yy - y * y / n
        if self.kind == 0:
            return max(syy, 0.0)
        if self.kind == 1:
            return max(sxx, 0.0)
        sxy = xy - x * y / n
        return max((sxx + syy) / 2 - math.hypot((sxx - syy) / 2, sxy), 0.0)


def _direction(points: _Floats, bin_m: float) -> float:
    """Main direction of boundary points about their middle, radians in [0, π/2).

    Seen along its walls, a building's boundary piles up in few places: the turn at which the squared histograms of
    both coordinates are largest. All walls vote together, so wobble of single edges matters little.
    """
    turns = np.arange(_TURNS) / _TURNS * (math.pi / 2)
    cos, sin = np.cos(turns), np.sin(turns)
    reach = float(np.abs(points).max()) * 1.5
    bins = int(2 * reach / bin_m) + 3
    offset = np.arange(_TURNS) * bins
    score = np.zeros(_TURNS)
    for seen in (
        np.outer(points[:, 0], cos) + np.outer(points[:, 1], sin),
        np.outer(points[:, 1], cos) - np.outer(points[:, 0], sin),
    ):
        place = (seen + reach) / bin_m
        low = np.floor(place).astype(np.int64)
        upper = place - low
        at = (low + offset).ravel()
        counts = np.bincount(at, (1 - upper).ravel(), _TURNS * bins) + np.bincount(at + 1, upper.ravel(), _TURNS * bins)
        score += (counts.reshape(_TURNS, bins) ** 2).sum(axis=1)
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
    kept = shapely.get_coordinates(shapely.simplify(shapely.LineString(closed), tolerance))
    packed = closed[:-1, 0] + 1j * closed[:-1, 1]
    corners = np.flatnonzero(np.isin(packed, kept[:, 0] + 1j * kept[:, 1]))
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
    runs: list[_Run] = []
    for index, kind in enumerate(kinds.tolist()):
        low, high = int(ends[index]), int(ends[index + 1])
        sums = cumulative[high] - cumulative[low]
        runs.append(_Run(kind, float(high - low), (sums[0], sums[1], sums[2], sums[3], sums[4])))
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
    if _same(before, after):
        return before.joined(gone).joined(after).misfit - old
    left, right = before.joined(gone), after.joined(gone)
    return min(left.misfit + after.misfit, right.misfit + before.misfit) - old


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
    count = sum(run.count for run in runs)
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
        x, y, xx, xy, yy = run.sums
        if run.kind == 0:
            product, spread = product + xy - x * y / run.count, spread + xx - x * x / run.count
        elif run.kind == 1:
            product, spread = product - xy + x * y / run.count, spread + yy - y * y / run.count
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


def _accepted(shape: Polygon | None, raw: Polygon) -> bool:
    if shape is None:
        return False
    shared = shape.intersection(raw).area
    return bool(
        shared / (shape.area + raw.area - shared) >= _LEAST_IOU and abs(shape.area / raw.area - 1) <= _MOST_GROWTH
    )


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
    if outer is None or not _accepted(outer[0], Polygon(raw.exterior)):
        smoothed = raw.simplify(pixel)
        return smoothed if isinstance(smoothed, Polygon) and smoothed.is_valid and not smoothed.is_empty else raw
    shell, angle = outer
    holes = []
    for interior in raw.interiors:
        hole = Polygon(interior)
        court = _ring(interior, angle, pixel)
        holes.append(court[0] if court is not None and _accepted(court[0], hole) else hole)
    whole = Polygon(shell.exterior, [hole.exterior for hole in holes]) if holes else shell
    return whole if whole.is_valid else shell


def _in_its_frame(geometry: BaseGeometry | None, pixel: float) -> BaseGeometry | None:
    """One outline in longitude and latitude, regularised in metres of a frame near it: rows may lie far apart."""
    parts = polygons_of(geometry)
    if not parts:
        return geometry
    west, south, east, north = parts[0].bounds
    # Frames on a grid of a tenth of a degree are shared by rows near each other; making one takes a millisecond.
    frame = Frame(lon=round((west + east) / 2, 1), lat=round((south + north) / 2, 1))
    local = to_local(frame, parts[0])
    return to_lonlat(frame, regularized(local, pixel)) if isinstance(local, Polygon) else geometry


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
    shapes = [_in_its_frame(geometry, pixel) for geometry in placed.geometry]
    return outlines.copy().set_geometry(gpd.GeoSeries(shapes, index=outlines.index, crs="EPSG:4326"))
