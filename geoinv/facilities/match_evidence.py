"""Evidence for one sketch lying in one way on one set of candidates, each kind as log odds.

Plane points are complex numbers here where a similarity moves them: ``z → g·z + t``, ``|g|`` metres per drawing unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.match_items import APART, Drawn, Ground, Line, Link, same_words

__all__ = [
    "PRESENT",
    "ROUGH",
    "Problem",
    "along",
    "directed",
    "inside_hull",
    "known_odds",
    "line_score",
    "link_score",
    "place_score",
    "to_complex",
    "unary",
]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.int64]

#: Spread of sketch-to-ground size ratios (natural log of areas) and of building sizes in general.
SIZE_SPREAD, SIZE_POPULATION = 0.55, 0.95
#: Direction error of a drawn building, radians, and the share of drawn directions that mean nothing.
TURN_SPREAD, TURN_LOST = 0.22, 0.3
#: Standard error of a drawn position as a share of the layout's radius, per coordinate, before any fit.
ROUGH = 0.2
#: Share of drawn elements that stand among the candidates.
PRESENT = 0.6
#: Standard deviation of the natural logarithm of the scale about the ratio of sizes.
SCALE_SPREAD = 0.35


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

    @property
    def radius_m(self) -> float:
        """The layout's expected radius on the ground."""
        return self.scale * self.drawn.radius

    @cached_property
    def usual_size(self) -> float:
        """Median of the candidates' log areas, 0 where none has one."""
        known = self.ground.log_area[np.isfinite(self.ground.log_area)]
        return float(np.median(known)) if len(known) else 0.0

    @cached_property
    def fixed_odds(self) -> Array:
        """What does not depend on the placement: words, roles, existence, the ratio of sides; shape (n, m)."""
        drawn, ground = self.drawn, self.ground
        fixed = _word_score(drawn, ground) + 0.7 * np.log(ground.existence / ground.existence.mean())[None, :]
        stretch = np.log(drawn.elongation)[:, None] - np.log(ground.elongation)[None, :]
        sized: Array = np.clip(0.35 - 0.5 * (stretch / 0.4) ** 2, -1.5, 0.35) * np.isfinite(ground.log_area)
        odds: Array = fixed + sized
        return odds


def _word_score(drawn: Drawn, ground: Ground) -> Array:
    out = np.zeros((len(drawn), len(ground)))
    for i, (role, words) in enumerate(zip(drawn.roles, drawn.words, strict=True)):
        for j, (other, labels) in enumerate(zip(ground.roles, ground.words, strict=True)):
            if labels and words:
                out[i, j] += 2.5 if same_words(words, labels) > 0.5 else -2.0
            elif labels:
                out[i, j] -= 1.0
            if role != other and (role in APART or other in APART) and not (labels and labels == words):
                out[i, j] -= 6.0
            elif role == other == "tower":
                out[i, j] += 1.5
    return out


def unary(problem: Problem, scale: Array, i: Index, j: Index) -> Array:
    """Log odds of "is" against "any candidate" from size, shape, words and existence.

    Parameters
    ----------
    scale, i, j
        Metres per drawing unit, drawn index and candidate index; they are broadcast together.
    """
    drawn, ground = problem.drawn, problem.ground
    off = drawn.log_area[i] + 2 * np.log(scale) - ground.log_area[j]
    usual = (ground.log_area[j] - problem.usual_size) / SIZE_POPULATION
    odds = np.log(SIZE_POPULATION / SIZE_SPREAD) - 0.5 * (off / SIZE_SPREAD) ** 2 + 0.5 * usual**2
    sized = np.where(np.isfinite(odds), np.clip(odds, -5.0, 3.0), 0.0)
    out: Array = problem.fixed_odds[i, j] + sized
    return out


def directed(problem: Problem, turn: Array, i: Index, j: Index) -> Array:
    """Log odds from directions at rotations ``turn`` (radians), broadcast with the indices; 0 where one is unknown."""
    drawn, ground = problem.drawn, problem.ground
    # A nearly square thing has no longer side: its direction is known but for a quarter turn.
    fold = np.where((drawn.elongation[i] > 1.35) & (ground.elongation[j] > 1.35), 1.0, 2.0)
    difference = (drawn.angle[i] - ground.angle[j] + turn) * fold
    off = np.abs((difference + np.pi / 2) % np.pi - np.pi / 2) / fold
    inside = np.exp(-0.5 * (off / TURN_SPREAD) ** 2) * (np.pi / fold) / (TURN_SPREAD * np.sqrt(2 * np.pi))
    known = np.isfinite(off) & (drawn.elongation[i] > 1.1) & (ground.elongation[j] > 1.1)
    odds = np.log((1 - TURN_LOST) * inside + TURN_LOST) * (0.15 if drawn.parallel else 1.0)
    out: Array = np.where(known, odds, 0.0)
    return out


def known_odds(problem: Problem, scale: float, turn: float) -> Array:
    """Everything but position at one scale and rotation, shape (n, m)."""
    i, j = np.ogrid[: len(problem.drawn), : len(problem.ground)]
    return unary(problem, np.array(scale), i, j) + directed(problem, np.array(turn), i, j)


def to_complex(points: Array) -> Complex:
    """Coordinates of shape (…, 2) as complex numbers, east + i north."""
    out: Complex = points[..., 0] + 1j * points[..., 1]
    return out


def place_score(problem: Problem, g: Complex, t: Complex) -> Array:
    """Log prior of similarities (h,): scale from sizes, the sketch's middle from testimony, a north arrow."""
    score = -0.5 * (np.log(np.abs(g) / problem.scale) / (SCALE_SPREAD if problem.sized else 0.5)) ** 2
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


def inside_hull(place: Array, points: Array) -> NDArray[np.bool_]:
    """Which points (m, 2) lie inside the hull of mapped centres (n, 2)."""
    hull = shapely.convex_hull(shapely.multipoints(place))
    out: NDArray[np.bool_] = shapely.contains_xy(hull, points[:, 0], points[:, 1])
    return out
