"""Evidence for one sketch lying in one way on one set of candidates, each kind as log odds.

Plane points are complex numbers here where a similarity moves them: ``z → g·z + t``, ``|g|`` metres per drawing unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.match_items import Drawn, Ground, Line, Link

__all__ = [
    "ROUGH",
    "Problem",
    "along",
    "line_score",
    "link_score",
    "place_score",
    "to_complex",
    "where_score",
    "with_said_scale",
]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Standard error of a drawn position as a share of the layout's radius, per coordinate, before any fit.
ROUGH = 0.2
#: Standard deviation of the natural logarithm of the scale about the ratio of sizes; and of the scale things stand at
#: on the page about that which they are drawn at.
SCALE_SPREAD, _LAYOUT = 0.35, 0.2


@dataclass(frozen=True)
class Problem:
    """One sketch to be laid on one set of candidates.

    Attributes
    ----------
    scale
        Metres per drawing unit expected from sizes (or, without sizes, from the layouts' radii).
    sized
        Whether ``scale`` comes from sizes.
    links
        Drawn things whose place is roughly known.
    pairs
        Drawn walls and roads with the real ones of the same kind.
    centre, reach_m, spread_m
        Prior of the sketch's middle: flat within ``reach_m`` of ``centre``, then falling with ``spread_m``.
    ties
        Drawn index → candidate index, or place in metres, as a person said.
    refused
        Drawn index and candidate index that are not one, as a person said.
    """

    drawn: Drawn
    ground: Ground
    scale: float
    sized: bool
    links: tuple[Link, ...] = ()
    pairs: tuple[tuple[Line, Line], ...] = ()
    centre: tuple[float, float] | None = None
    reach_m: float = 0.0
    spread_m: float = 1.0
    ties: tuple[tuple[int, int | None, tuple[float, float]], ...] = ()
    refused: tuple[tuple[int, int], ...] = ()

    @property
    def radius_m(self) -> float:
        """The layout's expected radius on the ground."""
        return self.scale * self.drawn.radius

    @cached_property
    def usual_sizes(self) -> Array:
        """Log density of candidates' log areas at each candidate's, (m,); 0 where it has none."""
        return _usual(self.ground.log_area, 0.3)

    @cached_property
    def usual_sides(self) -> Array:
        """Log densities of candidates' log sides at each candidate's, (m, 2)."""
        return np.stack([_usual(side, 0.2) for side in self.ground.sides.T], axis=1)

    @cached_property
    def usual_ratios(self) -> Array:
        """Log density of candidates' log ratios of sides at each candidate's, (m,)."""
        return _usual(np.log(self.ground.elongation), 0.2)

    @cached_property
    def usual_places(self) -> Array:
        """Log density of candidates per square metre around each, (m,): among many, a near one is near by chance."""
        reach = max(0.5 * self.radius_m, 1e-6)
        tree = cKDTree(self.ground.xy)
        around = tree.sparse_distance_matrix(tree, 4.0 * reach, output_type="coo_matrix")
        count = np.bincount(around.row, np.exp(-0.5 * (around.data / reach) ** 2), len(self.ground))
        near = np.maximum(count, 1.0) / (2 * np.pi * reach**2)
        out: Array = np.log(0.7 * near + 0.3 * self.ground.density)
        return out


def _usual(values: Array, width: float) -> Array:
    """Log density of values at themselves by kernels of a width, beside a broad law; NaN counts as unknown, 0."""
    known, out = np.isfinite(values), np.zeros(len(values))
    found = np.sort(values[known])
    if len(found):
        few = found[np.linspace(0, len(found) - 1, min(len(found), 200)).round().astype(int)]
        near = np.exp(-0.5 * ((values[known][:, None] - few[None, :]) / width) ** 2) / width
        broad = np.exp(-0.5 * (values[known] - np.median(found)) ** 2)
        out[known] = np.log((0.85 * near.mean(axis=1) + 0.15 * broad) / math.sqrt(2 * np.pi))
    return out


def to_complex(points: Array) -> Complex:
    """Coordinates of shape (…, 2) as complex numbers, east + i north."""
    out: Complex = points[..., 0] + 1j * points[..., 1]
    return out


def place_score(problem: Problem, g: Complex, t: Complex) -> Array:
    """Log prior of similarities (h,): scale from sizes, and ``where_score``."""
    off = np.log(np.abs(g) / problem.scale) / (SCALE_SPREAD if problem.sized else 0.5)
    out: Array = -0.5 * off**2 + where_score(problem, g, t)
    return out


def with_said_scale(drawn: Drawn, rate: float) -> float:
    """Logarithm of metres per drawing unit: as sizes have it (``rate``), drawn towards what was said of lengths."""
    if drawn.said_scale is None:
        return rate
    said, error = drawn.said_scale
    weight = SCALE_SPREAD**2 / (SCALE_SPREAD**2 + error**2 + _LAYOUT**2)
    return rate + weight * (said - rate)


def where_score(problem: Problem, g: Complex, t: Complex) -> Array:
    """Log prior of similarities (h,): the sketch's middle from testimony, a north arrow, what was said of lengths."""
    score = np.zeros(len(g))
    if problem.drawn.said_scale is not None:
        said, error = problem.drawn.said_scale
        score -= 0.5 * (np.log(np.abs(g)) - said) ** 2 / (error**2 + _LAYOUT**2)
    if problem.centre is not None:
        middle = g * complex(*problem.drawn.centre) + t - complex(*problem.centre)
        beyond = np.maximum(np.abs(middle) - problem.reach_m, 0.0) / problem.spread_m
        score = score + np.log(0.98 * np.exp(-0.5 * beyond**2) + 1e-6)
    if problem.drawn.north is not None:
        # A north arrow n clockwise from the page's up points north once the page is turned n counter-clockwise.
        off = np.angle(g * np.exp(-1j * problem.drawn.north))
        score = score + np.log(0.8 * np.exp(-0.5 * (off / 0.35) ** 2) * 2 * np.pi / (0.35 * np.sqrt(2 * np.pi)) + 0.2)
    return score


def link_score(problem: Problem, place: Array, radius: Array) -> Array:
    """Log odds of links to single things given mapped centres (h, n, 2) and radii (h,): shape (h,)."""
    score = np.zeros(len(place))
    best: dict[tuple[int, str], Array] = {}
    for link in problem.links:
        if link.element is None:
            continue
        at = shapely.points(place[:, link.element])
        off = shapely.distance(at, link.place)
        spread = np.hypot(link.sigma_m, ROUGH * radius)
        area = max(problem.ground.area_m2, 25 * link.sigma_m**2)
        inside = area * np.exp(-0.5 * (off / spread) ** 2) / (2 * np.pi * spread**2)
        odds = np.log((1 - 0.7 * link.weight) + 0.7 * link.weight * inside)
        # Of several anchors one label may mean, the nearest counts.
        key = (link.element, link.source)
        best[key] = np.maximum(best[key], odds) if key in best else odds
    for odds in best.values():
        score += odds
    return score


def along(points: Array, g: Complex, t: Complex) -> Array:
    """Drawn points (n, 2) under similarities (h,): shape (h, n, 2)."""
    moved = g[:, None] * to_complex(points)[None, :] + t[:, None]
    return np.stack([moved.real, moved.imag], axis=-1)


def line_score(problem: Problem, g: Complex, t: Complex, *, step: int = 3) -> Array:
    """Log odds that drawn roads and walls lie on the real ones at similarities (h,): shape (h,)."""
    radius = np.abs(g) * problem.drawn.radius
    score = np.zeros(len(g))
    best: dict[str, Array] = {}
    wanted: list[tuple[Line, BaseGeometry, float, float, Line | None]] = [
        (problem.drawn.lines[link.line], link.place, link.sigma_m, link.weight, None)
        for link in problem.links
        if link.line is not None
    ]
    wanted += [(one, real.shape, real.sigma_m, 0.8, real) for one, real in problem.pairs]
    for line, place, sigma, weight, real in wanted:
        off = shapely.distance(shapely.points(along(line.points[::step], g, t)), place)
        if real is not None and real.closed and line.closed:
            # A whole wall must also be covered, or a small ring on one side of a large one would do.
            back = (to_complex(real.points[::step])[None, :] - t[:, None]) / g[:, None]
            ring = LineString(line.shape.coords)
            gap = shapely.distance(shapely.points(np.stack([back.real, back.imag], axis=-1)), ring) * np.abs(g)[:, None]
            off = np.concatenate([off, gap], axis=1)
        spread = np.hypot(sigma, 0.15 * radius)[:, None]
        width = (3.0 * radius)[:, None]
        odds = np.log(
            (1 - weight) + weight * width * np.exp(-0.5 * (off / spread) ** 2) / (spread * np.sqrt(2 * np.pi))
        )
        total = odds.mean(axis=1) * 4.0
        best[line.id] = np.maximum(best[line.id], total) if line.id in best else total
    for total in best.values():
        score += total
    return score
