"""A boundary as runs along walls: from many short runs to few long ones, the best number by description length.

A ring's points, turned upright, fall into runs along the main direction, across it, or (long and clearly slanted) along
a diagonal. Runs are dropped one by one, cheapest first; of all the shapes on that way the one of least description
length (Rissanen 1978; Schwarz 1978) is kept.

A wall lies where as much of the mask sticks out over it as is missing: by Green's theorem its place is the mean of y
weighted by the signed step dx along the boundary, and its misfit, the integral of (y − wall)² dx, is twice the distance
from the wall summed over all misplaced ground. So fjords and spits weigh by their area, not by their shoreline.
Cumulative sums give both for any stretch of boundary at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

__all__ = ["Boundary", "Run", "Shape", "boundary_of", "measurements", "reshaped", "shapes"]

_Floats = NDArray[np.float64]
#: Start tolerance of the runs, metres.
_TOLERANCE_M = 0.6
#: Cost of one run in units of the log of the number of measurements: half of one for its place (Schwarz 1978), one for
#: which measurement it begins with.
_RUN_COST = 1.5
#: Rounds of choosing a shape and measuring the wobble by it.
_ROUNDS = 3
#: Shapes of more runs are not weighed.
_MOST_RUNS = 32
#: An edge is a diagonal if it is slanted by more than this (degrees from either direction) and this long (metres, in
#: pixels).
_SLANT_DEG, _SLANT_LENGTH_M, _SLANT_PIXELS = 24.0, 5.0, 12.0
#: A run that gets less far along its wall than this share of its way does not follow the wall.
_LEAST_PROGRESS = 0.3


class Boundary:
    """A ring cut into stretches, with cumulative sums over two rounds of stretches.

    Parameters
    ----------
    points
        In order, (n, 2), metres.
    cuts
        Numbers of the points at which stretches begin, ascending.
    """

    __slots__ = ("across", "along", "count", "cuts", "ends", "points", "spread")

    def __init__(self, points: _Floats, cuts: NDArray[np.int64]) -> None:
        self.points, self.cuts, self.count = points, cuts, len(cuts)
        self.ends = points[cuts]
        following = np.concatenate([points[1:], points[:1]])
        x, y = ((points + following) / 2).T
        dx, dy = (following - points).T
        ds = np.hypot(dx, dy)
        moments = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y])
        each = np.concatenate([moments * dx, moments * dy, moments * ds])
        # The last stretch runs on over the ring's start.
        stretches = np.add.reduceat(np.roll(each, -int(cuts[0]), axis=1), cuts - cuts[0], axis=1)
        table = np.zeros((18, 2 * self.count + 1))
        np.cumsum(np.concatenate([stretches, stretches], axis=1), axis=1, out=table[:, 1:])
        rows = table.tolist()
        self.along, self.across, self.spread = rows[:6], rows[6:12], rows[12:]

    def turned(self, angle: float) -> Boundary:
        """The same stretches turned about 0, 0 by an angle in radians, counter-clockwise."""
        cos, sin = math.cos(angle), math.sin(angle)
        return Boundary(self.points @ np.array([[cos, sin], [-sin, cos]]), self.cuts)


class Run:
    """Stretches ``low`` to ``high`` along one wall: kind (0 along, 1 across, 2 diagonal), extent, place and misfit.

    ``extent`` is how far the run gets along its wall in metres, ``misfit`` the integral of the squared distance to it
    over that way.
    """

    __slots__ = ("extent", "high", "kind", "line", "low", "misfit")

    def __init__(self, boundary: Boundary, kind: int, low: int, high: int) -> None:
        self.kind, self.low, self.high = kind, low, high
        if kind == 2:
            self.extent, self.line, self.misfit = _diagonal(boundary, low, high)
            return
        moments = boundary.across if kind else boundary.along
        weights, firsts, seconds = moments[0], moments[2 - kind], moments[5 - 2 * kind]
        extent = weights[high] - weights[low]
        ways, means, squares = boundary.spread[0], boundary.spread[2 - kind], boundary.spread[5 - 2 * kind]
        way = ways[high] - ways[low]
        if abs(extent) > _LEAST_PROGRESS * way:
            first = firsts[high] - firsts[low]
            place = first / extent
            misfit = (seconds[high] - seconds[low] - first * place) * (1.0 if extent > 0 else -1.0)
        else:
            misfit = -1.0
        if misfit < 0.0:
            # A boundary that turns back has no side to stick out to: its points count as they are.
            mean = means[high] - means[low]
            place = mean / way
            misfit = squares[high] - squares[low] - mean * place
        self.misfit = misfit if misfit > 0.0 else 0.0
        self.extent = abs(extent)
        self.line = (1.0, 0.0, place) if kind else (0.0, 1.0, place)


class Shape:
    """Upright runs, the polygon of their walls, and the root mean square distance of the boundary to it, metres."""

    __slots__ = ("polygon", "runs", "wobble")

    def __init__(self, runs: list[Run], polygon: Polygon) -> None:
        self.runs, self.polygon = runs, polygon
        self.wobble = math.sqrt(sum(run.misfit for run in runs) / sum(run.extent for run in runs))

    def lean(self, boundary: Boundary) -> tuple[float, float]:
        """The common small turn, radians, that would lessen the misfit of the upright runs most, by one regression.

        And the spread of the boundary along its walls, cubic metres: what that turn is known by.
        """
        product = spread = 0.0
        for run in self.runs:
            if run.kind == 2 or run.extent < 0.1:
                continue
            moments = boundary.across if run.kind else boundary.along
            n, x, y, xx, xy, yy = (column[run.high] - column[run.low] for column in moments)
            far = yy - y * y / n if run.kind else xx - x * x / n
            sign = 1.0 if n > 0 else -1.0
            product += (xy - x * y / n) * (-sign if run.kind else sign)
            spread += far * sign
        return (product / spread if spread > 0 else 0.0), spread


def _diagonal(boundary: Boundary, low: int, high: int) -> tuple[float, tuple[float, float, float], float]:
    """Extent, line (unit normal, offset) and misfit of a stretch along its own direction, by total least squares."""
    n, x, y, xx, xy, yy = (column[high] - column[low] for column in boundary.spread)
    x, y = x / n, y / n
    wide, high_, mixed = xx / n - x * x, yy / n - y * y, xy / n - x * y
    angle = 0.5 * math.atan2(2 * mixed, wide - high_)
    normal = (-math.sin(angle), math.cos(angle))
    first, last = boundary.ends[low % boundary.count], boundary.ends[high % boundary.count]
    extent = math.dist(first, last)
    misfit = max((wide + high_) / 2 - math.hypot((wide - high_) / 2, mixed), 0.0) * extent
    return extent, (normal[0], normal[1], normal[0] * x + normal[1] * y), misfit


def boundary_of(points: _Floats, pixel: float) -> Boundary | None:
    """A ring cut where it bends, or ``None`` where it is no ring.

    Parameters
    ----------
    points
        In order, (n, 2), metres, turned so that walls run along the axes.
    pixel
        Size of the pixels the ring was traced from, metres.
    """
    closed = np.concatenate([points, points[:1]])
    kept = shapely.get_coordinates(shapely.simplify(shapely.LineString(closed), max(1.5 * pixel, _TOLERANCE_M)))
    cuts = _found_in(points, kept[:-1])
    return Boundary(points, cuts) if len(cuts) >= 3 else None


def _first(boundary: Boundary, pixel: float) -> list[Run]:
    """Many short runs, in order, no two neighbours of one direction unless both are diagonals."""
    span = np.roll(boundary.ends, -1, axis=0) - boundary.ends
    slant = np.degrees(np.arctan2(span[:, 1], span[:, 0])) % 180
    off = np.minimum(slant % 90, 90 - slant % 90)
    long = np.hypot(span[:, 0], span[:, 1]) > max(_SLANT_LENGTH_M, _SLANT_PIXELS * pixel)
    kinds = np.where((off > _SLANT_DEG) & long, 2, np.where((slant > 45) & (slant < 135), 1, 0))
    return _merged(boundary, [Run(boundary, kind, k, k + 1) for k, kind in enumerate(kinds.tolist())])


def _found_in(points: _Floats, kept: _Floats) -> NDArray[np.int64]:
    """Where each of the kept points, in order, stands among all."""
    packed, wanted = points[:, 0] + 1j * points[:, 1], kept[:, 0] + 1j * kept[:, 1]
    order = np.argsort(packed)
    return np.unique(order[np.searchsorted(packed, wanted, sorter=order)])


def _joined(boundary: Boundary, one: Run, *others: Run) -> Run:
    """One run over several that follow each other, of the first's kind; it starts within the first round."""
    length = one.high - one.low + sum(other.high - other.low for other in others)
    low = one.low % boundary.count
    return Run(boundary, one.kind, low, low + length)


def _merged(boundary: Boundary, runs: Sequence[Run]) -> list[Run]:
    """Neighbours of one direction joined (diagonals only where they are nearly parallel)."""
    out: list[Run] = []
    for run in runs:
        if out and _same(out[-1], run):
            out[-1] = _joined(boundary, out[-1], run)
        else:
            out.append(run)
    while len(out) > 1 and _same(out[-1], out[0]):
        out[0] = _joined(boundary, out.pop(), out[0])
    return out


def _same(one: Run, other: Run) -> bool:
    if one.kind != other.kind:
        return False
    return one.kind != 2 or abs(one.line[0] * other.line[1] - one.line[1] * other.line[0]) < 0.3


_Drop = tuple[float, list[Run]]


def _dropped(boundary: Boundary, before: Run, gone: Run, after: Run) -> _Drop:
    """Misfit added by dropping a run, and what becomes of it and its neighbours."""
    old = before.misfit + gone.misfit + after.misfit
    if _same(before, after):
        one = _joined(boundary, before, gone, after)
        return one.misfit - old, [one]
    left = _joined(boundary, before, gone)
    low = gone.low % boundary.count
    right = Run(boundary, after.kind, low, low + gone.high - gone.low + after.high - after.low)
    left_cost, right_cost = left.misfit + after.misfit, right.misfit + before.misfit
    return (left_cost - old, [left, after]) if left_cost <= right_cost else (right_cost - old, [before, right])


def _chain(boundary: Boundary, runs: list[Run]) -> list[list[Run]]:
    """Shapes with ever fewer runs, the cheapest dropped each time, down to four (or three with diagonals)."""
    chain = [runs]
    drops = [_dropped(boundary, runs[k - 1], runs[k], runs[(k + 1) % len(runs)]) for k in range(len(runs))]
    while len(runs) > 4:
        n = len(runs)
        # The circle is turned so that the dropped run and its neighbours come first.
        turn = (min(range(n), key=lambda k: drops[k][0]) - 1) % n
        runs, drops = runs[turn:] + runs[:turn], drops[turn:] + drops[:turn]
        made = drops[1][1]
        fewer = _merged(boundary, [*made, *runs[3:]])
        m = len(fewer)
        if m < 3:
            break
        if m == n - 3 + len(made) and m > 5:
            # Only what was joined and its next neighbours on either side cost something else than before.
            drops = [drops[1]] * len(made) + drops[3:]
            stale: Sequence[int] = (*range(len(made) + 1), m - 1)
        else:
            drops = [drops[0]] * m
            stale = range(m)
        for k in stale:
            drops[k] = _dropped(boundary, fewer[k - 1], fewer[k], fewer[(k + 1) % m])
        runs = fewer
        chain.append(runs)
    return chain


def _corners(runs: Sequence[Run]) -> list[tuple[float, float]] | None:
    """Where neighbouring walls meet; ``None`` where neighbours are parallel."""
    corners = []
    for one, other in zip(runs, [*runs[1:], runs[0]], strict=True):
        a, b = one.line, other.line
        cross = a[0] * b[1] - a[1] * b[0]
        if abs(cross) < 0.2:
            return None
        corners.append(((a[2] * b[1] - b[2] * a[1]) / cross, (a[0] * b[2] - b[0] * a[2]) / cross))
    return corners


def _shape(runs: list[Run]) -> Shape | None:
    """Runs as a shape, or ``None`` where their walls enclose nothing."""
    corners = _corners(runs)
    if corners is None:
        return None
    polygon = Polygon(corners)
    # Two walls along and two across cannot cross each other.
    plain = len(runs) == 4 and all(run.kind < 2 for run in runs)
    return Shape(runs, polygon) if polygon.area > 0 and (plain or polygon.is_valid) else None


def reshaped(shape: Shape, boundary: Boundary) -> Shape | None:
    """The same runs fitted on the boundary turned."""
    return _shape([Run(boundary, run.kind, run.low, run.high) for run in shape.runs])


def measurements(perimeter: float, wobble: float, pixel: float) -> float:
    """How many measurements a boundary of so much wobble amounts to.

    A segmenter's wobble is about as long as it is high; finer detail repeats the same measurement.
    """
    return max(perimeter / (2.0 * wobble + pixel), 6.0)


def _lengths(chain: list[list[Run]], pixel: float) -> _Floats:
    """Description length of every shape: misfit per correlated stretch of boundary, and the cost of every run.

    How much the boundary wobbles is taken from the shape that is best so far, in turns.
    """
    # A diagonal has an angle of its own besides its place.
    table = np.array(
        [
            [
                sum([run.extent for run in some]),
                sum([run.misfit for run in some]),
                sum([1 + run.kind // 2 for run in some]),
            ]
            for some in chain
        ]
    )
    extents, numbers = table[:, 0], table[:, 2]
    variance = table[:, 1] / extents + (pixel / 3) ** 2
    lengths: _Floats = variance * numbers
    for _ in range(_ROUNDS):
        best = int(lengths.argmin())
        effective = measurements(float(extents[best]), math.sqrt(variance[best]), pixel)
        lengths = 0.5 * effective * np.log(variance) + _RUN_COST * numbers * math.log(effective)
    return lengths


def shapes(boundary: Boundary, pixel: float) -> Iterator[Shape]:
    """Shapes of a boundary: that of least description length first, then, from it on, ever more runs.

    Parameters
    ----------
    boundary
        Turned so that walls run along the axes.
    pixel
        Size of the pixels the boundary was traced from, metres.
    """
    runs = _first(boundary, pixel)
    if len(runs) < 3:
        return
    chain = [some for some in _chain(boundary, runs) if len(some) <= _MOST_RUNS]
    best = int(_lengths(chain, pixel).argmin())
    for some in chain[best::-1]:
        shape = _shape(some)
        if shape is not None:
            yield shape
