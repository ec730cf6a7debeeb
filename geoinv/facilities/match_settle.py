"""Rough placements settle: soft pairs with candidates and a fit of how memory bends a plan, in turn, many at once.

Every prediction used for pairing is made without the element itself. How far this drawing is off in place, size, ratio
of sides and direction is learned with the pairs, so that a careful drawing is held to its care and a rough one is not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geoinv.facilities.match_bend import AFFINE, OWN, STRETCHED, Bend, bend
from geoinv.facilities.match_evidence import Problem, to_complex
from geoinv.facilities.match_kinds import Kinds, Spreads, fixed_kinds, kinds

__all__ = [
    "PRESENT_POINT",
    "WIDENED",
    "Settled",
    "Settling",
    "pair_shares",
    "place_odds",
    "settle",
    "settle_as_placed",
    "settled_at",
    "with_odds",
]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.int64]

#: Nearest candidates that a drawn thing may be.
_NEAREST = 8
#: By how much variances are widened, step by step.
WIDENED = (2.0, 1.5, 1.25, 1.0, 1.0, 1.0, 1.0)
#: Distortion expected before looking (1.25: r² about .9), what that weighs in coordinates, and its bounds.
_LEVEL, _LEVEL_HELD, _LEVEL_BOUNDS = 1.25, 8.0, (0.3, 2.2)
#: Degrees of freedom of places: a few are drawn quite wrongly.
_TAIL = 12.0
#: Share of drawn things that stand among the candidates before looking, of buildings and of points (rooms are nearly
#: all there), what that weighs in things, and the most that is learned.
_PRESENT, PRESENT_POINT, _PRESENT_HELD, _PRESENT_MOST = 0.6, 0.88, 4.0, 0.95
#: Soft pairs add up to fewer than there are, by so much.
_SOFT = 1.3
#: A tied thing's place weighs so many observations; a linked thing's at most so many.
_TIED, _LINKED = 6.0, 4.0
#: Where the drawing lay before each fit still weighs so little, at four points about its middle: too few pairs to
#: tell its size and turn leave these as they were.
_BEFORE, _ABOUT = 0.02, np.array([1.0, 1j, -1.0, -1j])
#: Every so many-th point of a drawn line is used, and what it weighs: points of one line are wrong together.
_EVERY, _LINE = 4, 0.3


@dataclass(frozen=True)
class Settled:
    """h placements of n drawn things, each thing with its k nearest candidates.

    Attributes
    ----------
    bend
        The process fitted last; its first n points are the drawn things.
    mean, variance
        Where each drawn thing is expected without itself, (h, n), and its variance per coordinate.
    near, odds, share
        Candidate index, log odds and probability of each pair, (h, n, k).
    place, looks
        Log odds from places alone, (h, n, k), and from what things look like.
    spreads, level
        What was learned about this drawing, per placement; ``level`` (h,) is the distortion.
    """

    bend: Bend
    mean: Complex
    variance: Array
    near: Index
    odds: Array
    share: Array
    place: Array
    looks: Kinds
    spreads: Spreads
    level: Array

    def take(self, keep: Index) -> Settled:
        """The placements with the given numbers."""

        def picked(part: object) -> dict[str, Array]:
            return {name: value[keep] for name, value in vars(part).items()}

        rest = {n: v[keep] for n, v in vars(self).items() if n not in ("bend", "looks", "spreads")}
        return Settled(
            bend=Bend(**picked(self.bend)),  # type: ignore[arg-type]
            looks=Kinds(**picked(self.looks)),
            spreads=Spreads(**picked(self.spreads)),
            **rest,
        )


@dataclass
class Settling:
    """h placements of one sketch on their way: soft pairs and the fit of its bending in turn.

    Attributes
    ----------
    problem
        What is laid where.
    mean, variance
        Where each drawn point is expected without itself, (h, p), drawn things first; the n things' variances, (h, n).
    factor, middle, radius
        Trend as in ``Bend``, and the size the bending is measured by, (h,).
    spreads, level, present
        What was learned about this drawing so far.
    field
        The process fitted last.
    """

    problem: Problem
    unit: Complex
    mean: Complex
    variance: Array
    factor: Complex
    middle: Complex
    radius: Array
    spreads: Spreads
    level: Array
    present: Array
    fixed: Array
    field: Bend | None = None

    @classmethod
    def rough(cls, problem: Problem, g: Complex, t: Complex) -> Settling:
        """As similarities ``z → g·z + t``, (h,), put it."""
        unit = np.concatenate([to_complex(problem.drawn.unit), _line_units(problem), _ABOUT])
        factor = g * problem.drawn.radius
        middle = g * complex(*problem.drawn.centre) + t
        radius = np.abs(factor)
        return cls(
            problem=problem,
            unit=unit,
            mean=factor[:, None] * unit[None] + middle[:, None],
            variance=np.repeat(((0.2 * radius) ** 2)[:, None], len(problem.drawn), axis=1),
            factor=factor,
            middle=middle,
            radius=radius,
            spreads=Spreads.usual(len(g)),
            level=np.full(len(g), _LEVEL),
            present=_usually_present(problem, len(g)),
            fixed=fixed_kinds(problem),
        )

    @property
    def things(self) -> Complex:
        """Where each drawn thing is expected without itself, (h, n)."""
        return self.mean[:, : len(self.problem.drawn)]

    def paired(self, widened: float = 1.0) -> Settled:
        """Pairs as things now lie, with variances so much larger."""
        wide = self.variance * widened
        now = _paired(self.problem, self.fixed, self.things, wide, self.factor, self.spreads, self.level, self.present)
        return replace(now, bend=self.field) if self.field is not None else now

    def move(self, now: Settled, pull: tuple[Complex, Array] | None = None) -> None:
        """Fit the bending to pairs, and to where others put the things, (h, n), with weights (h, n)."""
        problem, count = self.problem, len(self.problem.drawn)
        self.spreads = self.spreads.learned(now.looks, now.share)
        self.present = _present(problem, now)
        target, weight = _targets(problem, now, self.mean, self.radius)
        if pull is not None:
            whole = weight[:, :count] + pull[1]
            mixed = (weight[:, :count] * target[:, :count] + pull[1] * pull[0]) / np.maximum(whole, 1e-9)
            target[:, :count] = np.where(whole > 1e-6, mixed, target[:, :count])
            weight[:, :count] = whole
        target[:, -4:], weight[:, -4:] = self.factor[:, None] * _ABOUT + self.middle[:, None], _BEFORE
        self.radius = np.clip(np.abs(self.factor), 0.3 * self.radius, 3.0 * self.radius)
        field = bend(self.unit, target, weight, self.radius, affine=AFFINE if problem.sized else STRETCHED)
        self.field, self.factor, self.middle = field, field.factor, field.middle
        self.mean = field.mean
        self.level = _level(problem, now, field)
        self.variance = field.spread[:, :count] * (self.level**2)[:, None]
        for index, _, spot in problem.ties:
            self.mean[:, index], self.variance[:, index] = complex(*spot), (0.02 * self.radius) ** 2


def settle(problem: Problem, g: Complex, t: Complex) -> Settled:
    """Settle similarities ``z → g·z + t``, (h,)."""
    one = Settling.rough(problem, g, t)
    for widened in WIDENED:
        one.move(one.paired(widened))
    return one.paired()


def with_odds(problem: Problem, now: Settled, odds: Array) -> Settled:
    """The same with other odds of pairs, (h, n, k); a person's word on pairs holds."""
    held = _as_told(problem, odds, now.near)
    return replace(now, odds=held, share=pair_shares(held, now.near, len(problem.ground)))


def settle_as_placed(problem: Problem, matrix: Array) -> Settled:
    """Pairs under a placement, (2, 3), that is used as it stands."""
    drawn = problem.drawn
    (a, b, _), (c, d, _) = matrix
    factor = np.array([complex(a + d, c - b) / 2 * drawn.radius])
    radius = np.abs(factor)
    mean = to_complex(drawn.xy @ matrix[:, :2].T + matrix[:, 2])[None]
    variance = np.repeat(((0.13 * radius) ** 2)[:, None], len(drawn), axis=1)
    fixed, spreads, level = fixed_kinds(problem), Spreads.usual(1), np.ones(1)
    present = _usually_present(problem, 1)
    for _ in range(3):
        now = _paired(problem, fixed, mean, variance, factor, spreads, level, present)
        spreads, present = spreads.learned(now.looks, now.share), _present(problem, now)
    return _paired(problem, fixed, mean, variance, factor, spreads, level, present)


def settled_at(problem: Problem, field: Bend) -> Settled:
    """Pairs under a bend that is fitted already, with what is usual for the rest."""
    many = len(field.factor)
    variance = field.spread[:, : len(problem.drawn)] * _LEVEL**2
    usual, level, present = Spreads.usual(many), np.full(many, _LEVEL), _usually_present(problem, many)
    found = _paired(problem, fixed_kinds(problem), field.mean, variance, field.factor, usual, level, present)
    return replace(found, bend=field)


def _usually_present(problem: Problem, count: int) -> Array:
    """Share of drawn things that stand among the candidates, before looking, (h,)."""
    return np.full(count, _PRESENT if problem.sized else PRESENT_POINT)


def _present(problem: Problem, now: Settled) -> Array:
    """The same as the pairs tell it, (h,): where nearly all have a partner, the rest is likelier there as well.

    It is never lowered: few pairs would then make themselves fewer.
    """
    usual = _usually_present(problem, len(now.share))
    share = (_PRESENT_HELD * usual + _SOFT * now.share.sum(axis=(1, 2))) / (_PRESENT_HELD + now.share.shape[1])
    out: Array = np.clip(share, usual, _PRESENT_MOST)
    return out


def _paired(
    problem: Problem,
    fixed: Array,
    mean: Complex,
    variance: Array,
    factor: Complex,
    spreads: Spreads,
    level: Array,
    present: Array,
) -> Settled:
    """Odds and probabilities of pairs where things are expected at ``mean``, a share ``present`` of them (h,)."""
    ground = problem.ground
    count = min(_NEAREST, len(ground))
    found = cKDTree(ground.xy).query(np.stack([mean.real, mean.imag], axis=-1), k=np.arange(1, count + 1))
    apart, j = np.asarray(found[0], np.float64), np.asarray(found[1], np.int64)
    for index, candidate, _ in problem.ties:
        if candidate is not None:
            j[:, index, 0] = candidate
    i = np.arange(len(problem.drawn))[None, :, None]
    wide = variance[:, :, None]
    place = place_odds(apart, wide, problem.usual_places[j])
    scale = np.abs(factor) / problem.drawn.radius
    looks = kinds(problem, scale[:, None, None], np.angle(factor)[:, None, None], spreads, i, j)
    there = np.log(present / (1 - present))[:, None, None]
    odds = _as_told(problem, looks.total + fixed[i, j] + place + there, j)
    nothing = np.zeros((len(mean), mean.shape[1]))
    blank = Bend(mean, nothing, factor, factor, mean, nothing[:, 0], nothing[:, 0])
    return Settled(blank, mean, variance, j, odds, pair_shares(odds, j, len(ground)), place, looks, spreads, level)


def _as_told(problem: Problem, odds: Array, j: Index) -> Array:
    """Odds with a person's word on pairs: tied ones certain, what they exclude and what was refused impossible."""
    for index, candidate, _ in problem.ties:
        odds = np.where(j == candidate, -60.0, odds) if candidate is not None else odds
        odds[:, index, :] = -60.0
    for index, candidate, _ in problem.ties:
        if candidate is not None:
            odds[:, index, 0] = 60.0
    for index, candidate in problem.refused:
        odds[:, index, :] = np.where(j[:, index, :] == candidate, -60.0, odds[:, index, :])
    return odds


def place_odds(apart: Array, variance: Array, usual: Array) -> Array:
    """Log odds from places alone: a plane Student's t about where a thing is expected, against what is usual there.

    Parameters
    ----------
    apart, variance
        Distance, metres, and variance per coordinate.
    usual
        Log density of what it may be, per square metre.
    """
    out: Array = -(_TAIL + 2) / 2 * np.log1p(apart**2 / (_TAIL * variance)) - np.log(2 * np.pi * variance)
    out -= usual
    return out


def pair_shares(odds: Array, near: Index, count: int) -> Array:
    """Probability of every pair, (h, n, k): everything has one partner or none."""
    weight = np.exp(np.clip(odds, -30, 30))
    place = near + count * np.arange(len(odds))[:, None, None]
    column = np.bincount(place.ravel(), weight.ravel(), count * len(odds))[place]
    out: Array = weight / (1.0 + weight.sum(axis=2, keepdims=True) + column - weight)
    return out


def _targets(problem: Problem, now: Settled, mean: Complex, radius: Array) -> tuple[Complex, Array]:
    """Where each drawn point is thought to be, and how surely: drawn things, then points of lines."""
    place, count = to_complex(problem.ground.xy), len(problem.drawn)
    weight = now.share.sum(axis=2)
    target = (now.share * place[now.near]).sum(axis=2) / np.maximum(weight, 1e-9)
    target = np.where(weight > 1e-6, target, mean[:, :count])
    for link in problem.links:
        if link.element is None:
            continue
        at = mean[:, link.element]
        near = _nearest(at, link.place)
        pull = np.minimum((OWN * radius) ** 2 / link.sigma_m**2, _LINKED) * link.weight
        pull = pull * (np.abs(near - at) < 2.0 * np.hypot(link.sigma_m, 0.2 * radius))
        whole = weight[:, link.element] + pull
        mixed = (weight[:, link.element] * target[:, link.element] + pull * near) / np.maximum(whole, 1e-9)
        target[:, link.element] = np.where(whole > 1e-6, mixed, target[:, link.element])
        weight[:, link.element] = whole
    for index, _, spot in problem.ties:
        target[:, index], weight[:, index] = complex(*spot), _TIED
    beside, held = _line_targets(problem, mean[:, count:-4], radius)
    last = mean[:, -4:], np.zeros((len(mean), 4))
    return np.concatenate([target, beside, last[0]], axis=1), np.concatenate([weight, held, last[1]], axis=1)


def _nearest(at: Complex, place: shapely.Geometry) -> Complex:
    """The nearest points of a place to points (any shape)."""
    points = shapely.points(np.stack([at.real, at.imag], axis=-1))
    ends = shapely.get_coordinates(shapely.shortest_line(points, place))[1::2]
    return to_complex(ends).reshape(at.shape)


def _line_units(problem: Problem) -> Complex:
    """Points of drawn lines that have a real one to lie on, in units of the radius."""
    drawn = problem.drawn
    rows = [drawn.lines[k].points[::_EVERY] for k in _lines_used(problem)]
    points = np.concatenate(rows) if rows else np.zeros((0, 2))
    return to_complex((points - drawn.centre) / drawn.radius)


def _lines_used(problem: Problem) -> list[int]:
    linked = {link.line for link in problem.links if link.line is not None}
    paired = {one.id for one, _ in problem.pairs}
    return [k for k, line in enumerate(problem.drawn.lines) if k in linked or line.id in paired]


def _line_targets(problem: Problem, mean: Complex, radius: Array) -> tuple[Complex, Array]:
    """The nearest points of the nearest real line, and weights: none where it is far off."""
    target, weight = mean.copy(), np.zeros(mean.shape)
    start = 0
    for k in _lines_used(problem):
        line = problem.drawn.lines[k]
        stop = start + len(line.points[::_EVERY])
        places = [real.shape for one, real in problem.pairs if one.id == line.id]
        places += [link.place for link in problem.links if link.line == k]
        near = np.stack([_nearest(mean[:, start:stop], place) for place in places])
        off = np.abs(near - mean[None, :, start:stop]).mean(axis=2)
        best = off.argmin(axis=0)
        rows = np.arange(len(mean))
        target[:, start:stop] = near[best, rows]
        weight[:, start:stop] = (_LINE * (off[best, rows] < 0.5 * radius))[:, None]
        start = stop
    return target, weight


def _level(problem: Problem, now: Settled, field: Bend) -> Array:
    """Distortion (h,) from how far pairs lie off where the others put them."""
    count = len(problem.drawn)
    place = to_complex(problem.ground.xy)
    square = np.abs(field.mean[:, :count, None] - place[now.near]) ** 2 / field.spread[:, :count, None]
    seen = (now.share * np.minimum(square, 12.0)).sum(axis=(1, 2))
    level = (_LEVEL_HELD * _LEVEL**2 + seen) / (_LEVEL_HELD + 2 * now.share.sum(axis=(1, 2)))
    out: Array = np.sqrt(np.clip(level, _LEVEL_BOUNDS[0] ** 2, _LEVEL_BOUNDS[1] ** 2))
    return out
