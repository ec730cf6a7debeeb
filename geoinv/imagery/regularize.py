"""Raw outlines to outlines with wall-like edges: runs snapped to two directions at right angles, diagonals kept.

The outline's main direction is where its boundary piles up, seen along it, modulo 90°. Its points become runs along
walls, as many as the evidence bears (`wall_runs`). Neighbours share a direction where that describes them in fewer
words than a direction each. A shape that leaves the raw mask by more than the mask's own wobble explains is not
accepted.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from geoinv.errors import FrameError
from geoinv.imagery.masks import polygons_of
from geoinv.imagery.wall_runs import Boundary, Shape, boundary_of, reshaped, shapes

__all__ = ["regularize", "regularized"]

_Floats = NDArray[np.float64]
#: WGS 84: equatorial radius in metres, first eccentricity squared.
_EQUATOR_M, _ECCENTRICITY_SQUARED = 6_378_137.0, 0.00669437999014
#: How far off neighbours are heard, metres; how many standard deviations apart turns may still be the same; the least
#: turn worth making and the least error of any turn (walls of one row of houses differ by as much), radians.
_NEAR_M, _ALIKE, _LEAST_TURN, _TURN_FLOOR = 60.0, 1.5, 0.002, 0.01
#: Turns tried between 0 and 90 degrees.
_TURNS = 60
#: Most boundary points looked at: for the shape, and for its direction.
_MOST_POINTS, _MOST_FOR_DIRECTION = 360, 120
#: Most shapes offered for acceptance, each with more runs than the last.
_MOST_SHAPES = 8
#: Least overlap with the raw outline, and largest change of area, of a shape accepted as it is.
_LEAST_IOU, _MOST_GROWTH = 0.70, 0.20
#: Overlap above which a rough estimate of it will do.
_SURE_IOU = 0.76
#: The same where what is left between the shape and the raw outline is wobble and not form.
_LEAST_WOBBLY_IOU, _MOST_WOBBLY_GROWTH, _MOST_LIKE = 0.35, 0.40, 0.5


@dataclass(frozen=True)
class _Snapped:
    """A ring's wall-like shape: upright about ``middle`` after turning by ``-turn``."""

    shape: Shape
    boundary: Boundary
    turn: float
    middle: _Floats

    @property
    def polygon(self) -> Polygon:
        """In the ring's own coordinates."""
        return shapely.transform(self.shape.polygon, lambda xy: _turned(xy, self.turn) + self.middle)


def _direction(points: _Floats, bin_m: float) -> float:
    """Main direction of boundary points about their middle, radians in [0, π/2).

    Seen along its walls, a building's boundary piles up in few places: the turn at which the squared histograms of
    both coordinates are largest. All walls vote together, so wobble of single edges matters little.
    """
    turns = np.arange(_TURNS) / _TURNS * (math.pi / 2)
    sparse = points[:: -(-len(points) // _MOST_FOR_DIRECTION)]
    # Turned by 90 degrees the first coordinate is the second: one product for both.
    both = np.concatenate([turns, turns + math.pi / 2])
    seen = np.stack([np.cos(both), np.sin(both)], axis=1) @ sparse.T
    reach = float(np.abs(points).max()) * 1.5
    bins = int(2 * reach / bin_m) + 3
    place = (seen + reach) / bin_m
    low = place.astype(np.int64)
    upper = (place - low).ravel()
    at = (low + (np.arange(len(both)) * bins)[:, None]).ravel()
    counts = np.bincount(at, 1 - upper, len(both) * bins) + np.bincount(at + 1, upper, len(both) * bins)
    squares = np.square(counts).reshape(2, _TURNS, bins).sum(axis=(0, 2))
    k = int(squares.argmax())
    left, middle, right = squares[k - 1], squares[k], squares[(k + 1) % _TURNS]
    bend = left - 2 * middle + right
    fraction = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float((k + fraction) / _TURNS * (math.pi / 2))


def _dense(xy: _Floats, step: float) -> _Floats:
    """Points every ``step`` along a closed ring, each the mean over a pixel-wide stretch: pixel stairs even out."""
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    length = float(at[-1])
    count = int(np.clip(length / step, 24, _MOST_POINTS))
    where = (np.arange(count) + 0.5) / count * length
    points = np.column_stack([np.interp(where, at, xy[:, 0]), np.interp(where, at, xy[:, 1])])
    smooth: _Floats = 0.25 * np.roll(points, 1, axis=0) + 0.5 * points + 0.25 * np.roll(points, -1, axis=0)
    return smooth


def _turned(xy: _Floats, angle: float) -> _Floats:
    cos, sin = math.cos(angle), math.sin(angle)
    result: _Floats = xy @ np.array([[cos, sin], [-sin, cos]])
    return result


def _snapped(xy: _Floats, angle: float | None, pixel: float) -> _Snapped | None:
    """A ring's wall-like shape in its main direction (the given one, if any), if it is accepted."""
    points = _dense(xy, max(pixel, 0.3))
    middle = points.mean(axis=0)
    points -= middle
    turn = _direction(points, max(2 * pixel, 0.6)) if angle is None else angle
    upright = boundary_of(_turned(points, -turn), pixel)
    if upright is None:
        return None
    for shape in itertools.islice(shapes(upright, pixel), _MOST_SHAPES):
        found = _Snapped(shape, upright, turn, middle)
        if angle is None:
            found = _leaning(found)
        if _accepted(found):
            return found
    return None


def _leaning(found: _Snapped) -> _Snapped:
    """The shape turned by what its runs lean by in common."""
    lean = float(np.clip(found.shape.lean(found.boundary)[0], -0.1, 0.1))
    if abs(lean) < _LEAST_TURN:
        return found
    boundary = found.boundary.turned(-lean)
    again = reshaped(found.shape, boundary)
    if again is None or again.wobble > found.shape.wobble:
        return found
    return replace(found, shape=again, boundary=boundary, turn=found.turn + lean)


def _accepted(found: _Snapped) -> bool:
    """Whether a shape stays on the raw mask, as far as the mask's own wobble lets it."""
    shape = found.shape.polygon
    raw = Polygon(found.boundary.points)
    growth = abs(shape.area / raw.area - 1)
    # The ground between two outlines is about 0.8 rms distances wide; half of it lies on either side.
    between = 0.8 * found.shape.wobble * shape.length
    if growth <= _MOST_GROWTH and between < 2 * (1 - _SURE_IOU) / (1 + _SURE_IOU) * raw.area:
        return True
    whole = raw if raw.is_valid else raw.buffer(0)
    shared = shape.intersection(whole).area
    overlap = shared / (shape.area + whole.area - shared)
    if overlap >= _LEAST_IOU and growth <= _MOST_GROWTH:
        return True
    return overlap >= _LEAST_WOBBLY_IOU and growth <= _MOST_WOBBLY_GROWTH and _likeness(found) < _MOST_LIKE


def _likeness(found: _Snapped) -> float:
    """Correlation of neighbouring distances to the shape, two and a half wobbles apart: near 1 for a form not met.

    What a segmenter's wobble leaves is about as long as it is high, and has been forgotten by then.
    """
    points = shapely.points(found.boundary.points)
    outside = np.where(shapely.contains(found.shape.polygon, points), -1.0, 1.0)
    off = outside * shapely.distance(found.shape.polygon.exterior, points)
    off -= off.mean()
    step = max(1, round(2.5 * found.shape.wobble / (found.shape.polygon.length / len(off))))
    return float((off * np.roll(off, step)).sum() / max(float((off**2).sum()), 1e-12))


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
    return _whole(raw, _snapped(shapely.get_coordinates(raw.exterior), None, pixel), pixel)


def _whole(raw: Polygon, outer: _Snapped | None, pixel: float) -> Polygon:
    """The snapped outline with its courtyards, or the smoothed raw one."""
    if outer is None:
        smoothed = raw.simplify(pixel)
        return smoothed if isinstance(smoothed, Polygon) and smoothed.is_valid and not smoothed.is_empty else raw
    shell = outer.polygon
    holes = []
    for interior in raw.interiors:
        court = _snapped(shapely.get_coordinates(interior), outer.turn, pixel)
        holes.append(interior if court is None else court.polygon.exterior)
    whole = Polygon(shell.exterior, holes) if holes else shell
    return whole if whole.is_valid else shell


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
    shapes_out = outlines.to_crs("EPSG:4326").geometry.to_numpy(copy=True)
    rows = [(row, _Metric.of(parts[0])) for row, shape in enumerate(shapes_out) if (parts := polygons_of(shape))]
    outers = [_snapped(shapely.get_coordinates(metric.outline.exterior), None, pixel) for _, metric in rows]
    outers = _sharing(outers, _middles([metric.middle for _, metric in rows]), pixel)
    for (row, metric), outer in zip(rows, outers, strict=True):
        shapes_out[row] = metric.back(_whole(metric.outline, outer, pixel))
    return outlines.copy().set_geometry(gpd.GeoSeries(shapes_out, index=outlines.index, crs="EPSG:4326"))


def _sharing(outers: list[_Snapped | None], middles: _Floats, pixel: float) -> list[_Snapped | None]:
    """Neighbours turned alike where the evidence says so.

    A row takes the mean turn of itself and of the neighbours within ``_NEAR_M`` whose turns may be its own (each
    weighed by how surely it is known), if that turn is within what its own walls allow.
    """
    known = [k for k, outer in enumerate(outers) if outer is not None]
    standing = [outer for outer in outers if outer is not None]
    if len(standing) < 2:
        return outers
    turns = np.array([outer.turn for outer in standing])
    error = np.array([_turn_error(outer, pixel) for outer in standing])
    places = np.array([shapely.Point(at) for at in middles[known]])
    one, other = shapely.STRtree(places).query(places, predicate="dwithin", distance=_NEAR_M)
    apart = (turns[other] - turns[one] + math.pi / 4) % (math.pi / 2) - math.pi / 4
    alike = np.abs(apart) < _ALIKE * np.hypot(error[one], error[other])
    one, other, apart = one[alike], other[alike], apart[alike]
    weight = 1 / np.square(error[other])
    moved = np.bincount(one, weight * apart, len(turns)) / np.bincount(one, weight, len(turns))
    result = list(outers)
    for index, by in enumerate(moved.tolist()):
        if _LEAST_TURN < abs(by) < _ALIKE * error[index]:
            outer = standing[index]
            boundary = outer.boundary.turned(-by)
            shape = reshaped(outer.shape, boundary)
            if shape is not None:
                result[known[index]] = replace(outer, shape=shape, boundary=boundary, turn=outer.turn + by)
    return result


def _turn_error(outer: _Snapped, pixel: float) -> float:
    """Standard deviation of a shape's turn, radians: of its regression on correlated stretches of boundary."""
    wobble = math.hypot(outer.shape.wobble, pixel / 3)
    spread = outer.shape.lean(outer.boundary)[1]
    return min(math.hypot(wobble * math.sqrt((2 * wobble + pixel) / max(spread, 1e-6)), _TURN_FLOOR), 0.5)


@dataclass(frozen=True)
class _Metric:
    """An outline in metres about its own middle (longitude, latitude): rows may lie far apart."""

    outline: Polygon
    middle: _Floats
    metres: _Floats

    @classmethod
    def of(cls, outline: Polygon) -> _Metric:
        """From longitude and latitude."""
        west, south, east, north = outline.bounds
        middle = np.array([(west + east) / 2, (south + north) / 2])
        metres = _metres_per_degree(float(middle[1]))
        return cls(shapely.transform(outline, lambda xy: (xy - middle) * metres), middle, metres)

    def back(self, outline: Polygon) -> Polygon:
        """A polygon in these metres in longitude and latitude, rounded to 1e-8° (1 mm)."""
        return shapely.transform(outline, lambda xy: np.round(xy / self.metres + self.middle, 8))


def _metres_per_degree(latitude: float) -> _Floats:
    """Metres in a degree of longitude and of latitude, by the radii of curvature of WGS 84 (NGA.STND.0036).

    Within a kilometre good to centimetres, and undone as exactly.
    """
    sine = math.sin(math.radians(latitude))
    flat = 1 - _ECCENTRICITY_SQUARED * sine * sine
    across = _EQUATOR_M / math.sqrt(flat) * max(math.cos(math.radians(latitude)), 1e-6)
    along = _EQUATOR_M * (1 - _ECCENTRICITY_SQUARED) / flat**1.5
    result: _Floats = np.radians(1.0) * np.array([across, along])
    return result


def _middles(lonlat: list[_Floats]) -> _Floats:
    """Middles of outlines as metres in which neighbours are near each other, (n, 2)."""
    placed = np.array(lonlat)
    metres: _Floats = np.array([_metres_per_degree(float(latitude)) for latitude in placed[:, 1].round(2)])
    return placed * metres
