"""What one statement says of every place, if it is valid and if it is worthless.

A kernel is ``log p(statement | place, valid) − log p(statement | place, worthless)`` over places. In this form a
statement's density and a mere probability (sides, sights) are on one scale. What is worthless still lies about the
facility, as people who are wrong about a place mostly know its district: its likelihood falls slowly with the distance
from the *true* place, wherever that is, never from the middle of what was said. So a pin hundreds of kilometres off
costs every place near the others the same, and cannot win by stretching the ground.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.special import ndtr
from shapely.geometry.base import BaseGeometry

from geoinv.records.testimony import Statement, bearing_of

__all__ = [
    "OF_SPREAD_M",
    "PUBLISHED_SPREAD",
    "Ground",
    "Told",
    "middle_and_spread",
    "pin_log_density",
    "published_scale",
    "relation",
    "wide_log_density",
]

Floats = NDArray[np.float64]

#: Scale mixture of one pin kernel about its median scale: spread 0.55 in log scale over Gauss-Hermite nodes.
_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_SPREAD = 0.55
#: Published coordinates: the same camp is published 0.02 to 10.5 km apart.
_PUBLISHED_M, PUBLISHED_SPREAD = 500.0, 1.2
#: How wide worthless statements lie about the true place, times a right pin's standard error, with weights; and at
#: least, metres.
_WIDTHS, _WIDTH_WEIGHTS = np.array([3.0, 10.0, 40.0]), np.array([0.40, 0.35, 0.25])
_NARROWEST_M = 30.0
#: A worthless distance or time is any within so many natural logarithms.
_ANY_DISTANCE = 5.0
#: A pin that is meant of one building, where the facility's own size is unknown.
OF_SPREAD_M = 60.0
#: Walking pace in m/s and its prior weight (children, old people, escorts and snow are slow).
_PACES = np.array([0.5, 0.75, 1.0, 1.25, 1.5])
_PACE_WEIGHTS = np.array([0.06, 0.12, 0.24, 0.38, 0.20])
#: How much longer the way is than the crow flies, and its prior weight.
_DETOURS = np.array([1.0, 1.2, 1.5])
_DETOUR_WEIGHTS = np.array([0.35, 0.40, 0.25])
#: Recalled walking distances are 23 % short in the mean (n = 123): true ones are so much longer.
_RECALL = 1.0 / 0.77
#: Half-widths in degrees that a compass word leaves open, by its letters, with weights: N ±45, NE ±22.5, NNE ±11.25 is
#: the most it can mean (GBIF point-radius protocol), and narrower where the witness thinks in eight or sixteen points.
_HEADING = {1: ((45.0, 0.25), (22.5, 0.5), (11.25, 0.25)), 2: ((22.5, 0.65), (11.25, 0.35)), 3: ((11.25, 1.0),)}
#: And a number of degrees.
_DEGREES = ((5.0, 1.0),)
#: Standard error in degrees of a remembered direction beyond the word's own width.
_HEADING_SD = 18.0
#: No direction is less likely than this, against one taken at random.
_NEVER = 6e-6
_SIGHT_M = 2500.0


@dataclass(frozen=True)
class Ground:
    """What kernels are laid over.

    Attributes
    ----------
    places
        Metres east and north, shape (n, 2).
    scale_m
        Standard error of a right pin, metres: what is worthless lies some times that wide about the facility.
    landmarks, areas
        Geometry in metres by landmark's key, and by statement id for areas.
    """

    places: Floats
    scale_m: float
    landmarks: Mapping[str, BaseGeometry]
    areas: Mapping[str, BaseGeometry]

    def distance(self, geometry: BaseGeometry) -> Floats:
        """Metres from every place to a geometry."""
        return np.asarray(shapely.distance(shapely.points(self.places), geometry), dtype=float)


@dataclass(frozen=True)
class Told:
    """A statement over places: log ratio of valid to worthless, and log likelihood if worthless, shape (n,) each."""

    kernel: Floats
    worthless: Floats


def wide_log_density(distance: Floats, scale: float) -> Floats:
    """Log density per square metre of a worthless statement at a distance from the true place.

    A ladder of bivariate Student densities of one degree of freedom: it falls with the cube of the distance and has no
    scale of its own to speak of.

    Parameters
    ----------
    distance
        Metres.
    scale
        Standard error of a right pin, metres.
    """
    width = max(scale, _NARROWEST_M) * _WIDTHS
    each = np.log(_WIDTH_WEIGHTS / (2 * np.pi * width**2)) - 1.5 * np.log1p((distance[..., None] / width) ** 2)
    return np.asarray(np.logaddexp.reduce(each, axis=-1))


def pin_log_density(distance: Floats, scale: float, extra: float, spread: float = _SPREAD) -> Floats:
    """Log density per square metre of a pin's error: a scale mixture of round Gaussians.

    Parameters
    ----------
    distance
        Metres from the pin.
    scale
        Median standard error along one axis, metres.
    extra
        Further standard error that is not the witness's (a building is not the facility), metres.
    spread
        Standard deviation of the logarithm of the scale.
    """
    variance = (scale * np.exp(spread * _NODES)) ** 2 + extra**2
    each = -0.5 * distance[..., None] ** 2 / variance - np.log(2 * np.pi * variance)
    return np.asarray(np.logaddexp.reduce(each + np.log(_NODE_WEIGHTS / _NODE_WEIGHTS.sum()), axis=-1))


def published_scale(decimals: int | None) -> float:
    """Median standard error in metres of a published coordinate.

    Half a unit of the last decimal is only the rounding; the same camp is published 0.02 to 10.5 km apart by different
    sources.
    """
    rounding = 111_320.0 * 10.0 ** -(5 if decimals is None else decimals) / math.sqrt(12.0)
    return math.hypot(rounding, _PUBLISHED_M)


def middle_and_spread(value: float | tuple[float, float]) -> tuple[float, float]:
    """Geometric middle of a number or range, and its half-width as a standard error of the logarithm."""
    if not isinstance(value, tuple):
        return max(float(value), 1.0), 0.0
    low, high = sorted(max(float(v), 1.0) for v in value)
    return math.sqrt(low * high), math.log(high / low) / math.sqrt(12.0)


def relation(statement: Statement, ground: Ground) -> Told | None:
    """Any statement that is not a point, over places; ``None`` if it says nothing that can be used."""
    if statement.kind in ("area", "near", "between"):
        return _region(statement, ground)
    mark = ground.landmarks[statement.landmark or ""]
    if statement.kind == "sees":
        seen = 0.95 / (1.0 + (np.maximum(ground.distance(mark), 1.0) / _SIGHT_M) ** 3.5)
        return _even(np.log(np.clip(1.0 - seen if statement.negated else seen, 0.03, 0.95) / 0.5))
    if statement.kind == "side":
        return _even(_side(statement, mark, ground))
    kernel = _from(statement, mark, ground) if statement.kind == "from" else _walk(statement, mark, ground)
    if statement.negated:  # how much of the best fit is denied
        return _even(np.log(np.clip(1.0 - np.exp(kernel - kernel.max(initial=0.0)), 0.03, 0.97) / 0.5))
    return _even(kernel)


def _even(kernel: Floats) -> Told:
    """A statement that would be made alike anywhere if it were worthless."""
    return Told(np.asarray(kernel), np.zeros(len(kernel)))


def _region(statement: Statement, ground: Ground) -> Told | None:
    """An area drawn or named, a landmark's neighbourhood, the space between landmarks: as a pin with an outline."""
    if statement.kind == "area":
        shape = ground.areas.get(statement.id)
        if shape is None:
            return None
        found = _area(shape, ground)
    elif statement.kind == "near":
        found = _near(statement, ground.landmarks[statement.landmark or ""], ground)
    else:
        found = _between([ground.landmarks[key] for key in statement.landmarks], ground)
    weight, covered, distance = found
    if statement.negated:
        return _even(np.log(np.clip(1.0 - weight, 0.03, 0.97) / 0.5))
    worthless = wide_log_density(distance, max(ground.scale_m, 0.25 * math.sqrt(covered)))
    return Told(np.log(weight + 1e-9) - math.log(covered) - worthless, worthless)


def _area(region: BaseGeometry, ground: Ground) -> tuple[Floats, float, Floats]:
    """Weight of at most 1 over places, the area it covers, and the distance from it."""
    # Borders on a generalised map are not where people say they are: 5 % of the region's width.
    soft = 0.05 * math.sqrt(max(region.area, 1.0)) + 1.0
    distance = ground.distance(region)
    return np.exp(-0.5 * (distance / soft) ** 2), region.area + soft * region.length, distance


def _between(marks: list[BaseGeometry], ground: Ground) -> tuple[Floats, float, Floats]:
    corners = shapely.MultiPoint([mark.centroid for mark in marks])
    hull = corners.convex_hull
    width = 0.2 * math.hypot(*(np.ptp(np.array([[p.x, p.y] for p in corners.geoms]), axis=0))) + 1.0
    covered = hull.area + 0.5 * hull.length * width * math.sqrt(2 * math.pi) * (2 if hull.area == 0 else 1)
    distance = ground.distance(hull)
    return np.exp(-0.5 * (distance / width) ** 2), covered + 2 * math.pi * width**2, distance


def _near(statement: Statement, mark: BaseGeometry, ground: Ground) -> tuple[Floats, float, Floats]:
    reach, spread = middle_and_spread(statement.distance_m if statement.distance_m is not None else (150.0, 1500.0))
    distance = ground.distance(mark)
    over = np.maximum(0.0, np.log(np.maximum(distance, 1.0) / (0.9 * reach)))
    weight = np.exp(-0.5 * (over / math.hypot(0.35, spread)) ** 2)
    return weight, shapely.buffer(mark, 1.2 * reach).area, distance


def _log_ratio(seen: Floats, said: float, spread: float) -> Floats:
    """A distance as said against that at every place; a worthless one is any."""
    error = -0.5 * (np.log(np.maximum(seen, 1.0) / said) / spread) ** 2
    return np.asarray(error + math.log(_ANY_DISTANCE / (math.sqrt(2 * math.pi) * spread)))


def _heading(statement: Statement, mark: BaseGeometry, ground: Ground) -> Floats | float:
    bearing = bearing_of(statement.direction)
    if bearing is None:
        return 0.0
    word = statement.direction.strip() if isinstance(statement.direction, str) else ""
    centre = mark.centroid
    offset = ground.places - [centre.x, centre.y]
    turn = np.degrees(np.arctan2(offset[:, 0], offset[:, 1])) - bearing
    turn = np.abs((turn + 180.0) % 360.0 - 180.0)
    # The chance that the word is the one said, against any word; inside the landmark a direction means little.
    inside = np.exp(-np.hypot(*offset.T) / (0.2 * math.sqrt(mark.convex_hull.area) + 1.0))
    chance = np.zeros(len(turn))
    for half, weight in _HEADING.get(len(word), _DEGREES):
        within = ndtr((half - turn) / _HEADING_SD) - ndtr((-half - turn) / _HEADING_SD)
        chance += weight * within * 180.0 / half
    return np.asarray((1 - inside) * np.log(np.maximum(chance, _NEVER)))


def _from(statement: Statement, mark: BaseGeometry, ground: Ground) -> Floats:
    kernel: Floats = np.zeros(len(ground.places)) + _heading(statement, mark, ground)
    if statement.distance_m is not None:
        said, spread = middle_and_spread(statement.distance_m)
        seen = ground.distance(mark)
        if statement.by == "path":
            each = [_log_ratio(seen, said * _RECALL / detour, math.hypot(0.4, spread)) for detour in _DETOURS]
            kernel += np.logaddexp.reduce(np.array(each) + np.log(_DETOUR_WEIGHTS)[:, None], axis=0)
        else:
            kernel += _log_ratio(seen, said, math.hypot(0.35, spread))
    return kernel


def _walk(statement: Statement, mark: BaseGeometry, ground: Ground) -> Floats:
    minutes, spread = middle_and_spread(statement.minutes if statement.minutes is not None else 30.0)
    sd, seen = math.hypot(0.3, spread), ground.distance(mark)
    ways = [(p / d, math.log(v * w)) for p, v in zip(_PACES, _PACE_WEIGHTS, strict=True)
            for d, w in zip(_DETOURS, _DETOUR_WEIGHTS, strict=True)]  # fmt: skip
    each = [_log_ratio(seen, 60.0 * minutes * speed, sd) + weight for speed, weight in ways]
    return np.asarray(np.logaddexp.reduce(np.array(each), axis=0) + _heading(statement, mark, ground))


def _left_of(line: Floats, places: Floats) -> tuple[Floats, Floats]:
    """Distance to a polyline and +1 where a place is left of its nearest segment, −1 right."""
    best, side = np.full(len(places), np.inf), np.zeros(len(places))
    for start, end in zip(line[:-1], line[1:], strict=True):
        along = end - start
        length = float(along @ along)
        if length == 0:
            continue
        share = np.clip((places - start) @ along / length, 0.0, 1.0)
        off = places - start - share[:, None] * along
        gap = np.hypot(*off.T)
        nearer = gap < best
        best = np.where(nearer, gap, best)
        side = np.where(nearer, np.sign(along[0] * off[:, 1] - along[1] * off[:, 0]), side)
    return best, side


def _side(statement: Statement, mark: BaseGeometry, ground: Ground) -> Floats:
    side, flip = statement.side or "", -1.0 if statement.negated else 1.0
    word = side.strip().lower()
    lines = [part for part in getattr(mark, "geoms", [mark]) if part.geom_type == "LineString"]
    if not lines:
        centre = mark.centroid
        if word in ("left", "right"):  # a point has no left and right
            return np.zeros(len(ground.places))
        angle = math.radians(bearing_of(side) or 0.0)
        return _sided(flip * (ground.places - [centre.x, centre.y]) @ np.array([math.sin(angle), math.cos(angle)]))
    line = np.asarray(max(lines, key=lambda part: part.length).coords)[:, :2]
    gap, left = _left_of(line, ground.places)
    if word in ("left", "right"):
        sign = 1.0 if word == "left" else -1.0
    else:
        angle = math.radians(bearing_of(side) or 0.0)
        along = line[-1] - line[0]
        if np.hypot(*along) < 0.3 * float(np.hypot(*np.diff(line, axis=0).T).sum()):
            steps = np.diff(line, axis=0)
            along = steps[int(np.argmax(np.hypot(*steps.T)))]
        sign = 1.0 if along[0] * math.cos(angle) - along[1] * math.sin(angle) > 0 else -1.0
    return _sided(flip * left * sign * gap)


def _sided(signed: Floats) -> Floats:
    # A river has a width, and a bank is told from the water's middle: 15 m.
    right = 0.5 + 0.48 * np.tanh(signed / 15.0)
    return np.asarray(np.log(right / 0.5))
