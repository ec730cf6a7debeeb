"""Refinement of one rough placement: assignment with a dustbin and a fit of how memory bends a plan, in turn.

Every prediction used for assigning is made without the element itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.special import betaln

from geoinv.facilities.match_evidence import (
    PRESENT,
    Problem,
    directed,
    inside_hull,
    known_odds,
    line_score,
    link_score,
    place_score,
    unary,
)
from geoinv.facilities.match_field import (
    AFFINE,
    LOCAL,
    OWN,
    REACH,
    Field,
    Rows,
    first_rows,
    fit_field,
    left_out,
    predict,
)

__all__ = ["EVIDENCE", "WEIGHTS", "Hypothesis", "assign_as_placed", "pair_shares", "refine"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: Distortion levels and their prior: the median real sketch has r² about .89, which is level 1.3.
LEVELS: tuple[tuple[float, float], ...] = ((0.5, 0.3), (1.0, 0.4), (1.8, 0.3))
#: Kinds of evidence and what each is worth: a conditional logit fitted on generated compounds (docs/methods/match.md).
EVIDENCE = ("kinds", "angles", "present", "position", "place", "links", "lines", "omissions", "expected")
WEIGHTS = np.array([0.55, 0.45, 0.45, 0.2, 0.4, 0.6, 0.5, 0.15, 1.4])
#: Pairs are reported from odds of one to four and a half on: their probability says how sure each is.
REPORTED = 1.5
#: Share of real candidates inside the drawn area that a witness draws.
DRAWN = 0.55


@dataclass(frozen=True)
class Hypothesis:
    """One refined placement of one sketch.

    Attributes
    ----------
    matrix
        Drawing units to metres of the frame, shape (2, 3).
    pairs
        Candidate index per drawn thing, −1 where none.
    score
        Log odds against "nothing here is what was drawn".
    place
        Where each drawn thing is expected, shape (n, 2).
    odds
        Log odds of every drawn thing on every candidate with none at 0, shape (n, m).
    residual
        Leave-one-out distance of each pair, metres, NaN where unpaired.
    evidence
        Log odds by kind, in the order of ``EVIDENCE``; zeros where the placement was given.
    """

    matrix: Array
    pairs: Index
    score: float
    place: Array
    odds: Array
    residual: Array
    evidence: Array


def _matrix(problem: Problem, field: Field) -> Array:
    """Trend and affine part as one matrix over drawing units."""
    pull = field.weights.reshape(-1, 2)
    bend = (field.radius * field.level * AFFINE) ** 2 * pull.T @ field.rows.unit
    a, b, east, north = field.trend
    local = (field.radius * field.level * LOCAL) ** 2
    shift = local * (np.exp(-(field.rows.unit**2).sum(axis=1) / (2 * REACH**2))) @ pull
    linear = (np.array([[a, -b], [b, a]]) + bend) / problem.drawn.radius
    return np.column_stack([linear, np.array([east, north]) + 0.5 * shift - linear @ problem.drawn.centre])


def _odds(problem: Problem, mean: Array, cover: Array, scale: float, turn: float) -> Array:
    """Log odds of every drawn thing on every candidate against being among none of them, shape (n, m)."""
    apart = problem.ground.xy[None, :, :] - mean[:, None, :]
    inverse = np.linalg.inv(cover)
    distance = np.einsum("nmi,nij,nmj->nm", apart, inverse, apart)
    spread = np.log(2 * np.pi) + 0.5 * np.linalg.slogdet(cover)[1]
    known = known_odds(problem, scale, turn)
    ratio = math.log(PRESENT / (1 - PRESENT)) - math.log(problem.ground.density)
    out: Array = known - 0.5 * distance - spread[:, None] + ratio
    return out


def _assign(odds: Array, problem: Problem) -> Index:
    """Best one-to-one assignment with a dustbin at odds 0; ties hold."""
    count, other = odds.shape
    gain = np.zeros((count, other + count))
    gain[:, :other] = np.clip(odds, -60.0, 60.0)
    for index, candidate, _ in problem.ties:
        gain[index, :] = -500.0
        if candidate is not None:
            gain[:, candidate] = -500.0
            gain[index, candidate] = 500.0
        else:
            gain[index, other:] = 500.0
    rows, columns = linear_sum_assignment(-gain)
    pairs = np.full(count, -1, dtype=np.int64)
    pairs[rows] = np.where(columns < other, columns, -1)
    return pairs


def _rows(problem: Problem, pairs: Index, matrix: Array, radius: float) -> tuple[Rows, Index]:
    """Matched things first, then ties, single links and points of lines near their real ones."""
    unit, tied = problem.drawn.unit, {index for index, _, _ in problem.ties}
    free = np.array([index for index in np.flatnonzero(pairs >= 0) if index not in tied], dtype=np.int64)
    drawn = [unit[free]]
    place = [problem.ground.xy[pairs[free]]]
    noise = [np.zeros((len(free), 2, 2))]
    for index, _, spot in problem.ties:
        drawn.append(unit[index : index + 1])
        place.append(np.array([spot]))
        # A tie is exact: it takes back the element's own error, but for a hundredth.
        noise.append(np.eye(2)[None] * -0.99 * (radius * OWN) ** 2)
    for link in problem.links:
        if link.element is not None and pairs[link.element] < 0 and link.element not in tied:
            at = matrix[:, :2] @ problem.drawn.xy[link.element] + matrix[:, 2]
            near = shapely.get_coordinates(shapely.shortest_line(shapely.Point(at), link.place))[1]
            if np.hypot(*(near - at)) < 2.0 * math.hypot(link.sigma_m, 0.2 * radius):
                drawn.append(unit[link.element : link.element + 1])
                place.append(near[None])
                noise.append(np.eye(2)[None] * link.sigma_m**2)
    for points, near, cover in _line_rows(problem, matrix, radius):
        drawn.append((points - problem.drawn.centre) / problem.drawn.radius)
        place.append(near)
        noise.append(cover)
    return Rows(np.concatenate(drawn), np.concatenate(place), np.concatenate(noise)), free


def _line_rows(problem: Problem, matrix: Array, radius: float) -> list[tuple[Array, Array, Array]]:
    """Points of drawn lines with their nearest points on the real ones: firm across, loose along (closest point)."""
    out = []
    wanted = [
        (problem.drawn.lines[link.line], link.place, link.sigma_m) for link in problem.links if link.line is not None
    ]
    wanted += [(one, real.shape, real.sigma_m) for one, real in problem.pairs]
    for line, place, sigma in wanted:
        points = line.points[::4]
        at = points @ matrix[:, :2].T + matrix[:, 2]
        near = shapely.get_coordinates(shapely.shortest_line(shapely.points(at), place))[1::2]
        apart = near - at
        off = np.hypot(apart[:, 0], apart[:, 1])
        if float(off.mean()) > 0.5 * radius + 2 * sigma:
            continue
        along = (
            line.points[np.minimum(np.arange(0, len(line.points), 4) + 1, len(line.points) - 1)]
            - line.points[np.maximum(np.arange(0, len(line.points), 4) - 1, 0)]
        )
        along = along @ matrix[:, :2].T
        along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
        loose = np.einsum("ni,nj->nij", along, along)
        # Points of one line are wrong together: four of them count as two.
        across = 2.0 * (sigma**2 + (0.1 * radius) ** 2)
        out.append((points, near, across * (np.eye(2)[None] - loose) + (1.0 * radius) ** 2 * loose))
    return out


def _omissions(problem: Problem, place: Array, pairs: Index) -> float:
    """Log odds of what stands inside the drawn area and was left out."""
    if len(place) < 3:
        return 0.0
    inside = inside_hull(place, problem.ground.xy)
    inside[pairs[pairs >= 0]] = False
    return 0.6 * float(np.log(1 - DRAWN * problem.ground.existence[inside]).sum())


def _trend_of(matrix: Array) -> complex:
    """The similarity nearest to a matrix's linear part, as a complex factor."""
    return complex((matrix[0, 0] + matrix[1, 1]) / 2, (matrix[1, 0] - matrix[0, 1]) / 2)


def _evidence(
    problem: Problem, field: Field, free: Index, pairs: Index, odds: Array, place: Array, matrix: Array
) -> Array:
    """What speaks for a refined placement at one distortion level, one log odds per ``EVIDENCE``."""
    g = _trend_of(matrix)
    shift = np.array([complex(*(matrix @ np.array([*problem.drawn.centre, 1.0])))]) - g * complex(*problem.drawn.centre)
    g1, radius = np.array([g]), np.array([abs(g) * problem.drawn.radius])
    matched = np.flatnonzero(pairs >= 0)
    kinds = float(unary(problem, np.abs(g1), matched, pairs[matched]).sum())
    angles = float(directed(problem, np.angle(g1), matched, pairs[matched]).sum())
    count, total = len(matched), len(pairs)
    # Any share present is possible, a half somewhat likelier (beta-binomial).
    present = float(betaln(count + 2.0, total - count + 2.0) - betaln(2.0, 2.0))
    # Prior volume of a similarity: anywhere in the area, any turn, scale free within a factor e.
    volume = math.log(max(problem.ground.area_m2, 1.0)) + math.log(2 * math.pi * float(radius[0]) ** 2)
    position = -volume
    if len(free) >= 2:
        alone = (
            field
            if len(free) == len(field.rows.unit)
            else fit_field(first_rows(field.rows, len(free)), field.radius, field.level)
        )
        position += alone.log_density - len(free) * math.log(problem.ground.density)
    return np.array(
        [
            kinds,
            angles,
            present,
            position,
            float(place_score(problem, g1, shift)[0]),
            float(link_score(problem, place[None], radius)[0]),
            float(line_score(problem, g1, shift)[0]),
            _omissions(problem, place, pairs),
            float(pair_shares(odds).sum()),
        ]
    )


def _step(problem: Problem, pairs: Index, matrix: Array, level: float) -> tuple[Field, Index, Array, Array] | None:
    """Fit to the pairs and predict every drawn thing without itself."""
    radius = abs(_trend_of(matrix)) * problem.drawn.radius
    rows, free = _rows(problem, pairs, matrix, radius)
    if len(rows.unit) < 2 or np.ptp(rows.unit, axis=0).max() < 1e-6:
        return None
    field = fit_field(rows, radius, level)
    mean, cover = predict(field, problem.drawn.unit)
    if len(free) and len(rows.unit) > 2:
        mean[free], cover[free] = left_out(field, len(free))
    limit = (0.6 * radius) ** 2
    cover = np.clip(cover, -limit, limit) + 1e-6 * limit * np.eye(2)
    for index, _, spot in problem.ties:
        mean[index], cover[index] = spot, (0.02 * radius) ** 2 * np.eye(2)
    return field, free, mean, cover


def refine(
    problem: Problem,
    g: complex,
    t: complex,
    seen: set[tuple[int, bytes]],
    *,
    rounds: tuple[float, ...] = (1.6, 1.2, 1.0),
) -> Hypothesis | None:
    """Anneal assignment and fit in turn from one similarity ``z → g·z + t``.

    Parameters
    ----------
    seen
        Pairs by round that earlier hypotheses came through; grows.

    Returns
    -------
    Hypothesis or None
        ``None`` where fewer than two drawn things find a place, the fit loses its handedness, or the pairs were seen.
    """
    drawn = problem.drawn
    matrix = np.array([[g.real, -g.imag, t.real], [g.imag, g.real, t.imag]])
    radius = abs(g) * drawn.radius
    mean = drawn.xy @ matrix[:, :2].T + matrix[:, 2]
    cover = np.broadcast_to((0.22 * radius) ** 2 * np.eye(2), (len(drawn), 2, 2))
    best: Hypothesis | None = None
    pairs = _assign(_odds(problem, mean, cover, abs(g), float(np.angle(g))), problem)
    totals: list[float] = []
    for number, level in enumerate((*rounds, *(one for one, _ in LEVELS))):
        done = _step(problem, pairs, matrix, level)
        if done is None:
            return best
        field, free, mean, cover = done
        moved = _matrix(problem, field)
        now = _trend_of(moved)
        if np.linalg.det(moved[:, :2]) <= 0 or not 0.25 < abs(now) / abs(g) < 4.0:
            return best
        odds = _odds(problem, mean, cover, abs(now), float(np.angle(now)))
        matrix = moved
        if number < len(rounds):
            pairs = _assign(odds, problem)
            # From the same pairs the same placement follows, whatever the way to them.
            if (number, pairs.tobytes()) in seen:
                return None
            seen.add((number, pairs.tobytes()))
            continue
        place = mean.copy()
        evidence = _evidence(problem, field, free, pairs, odds, place, matrix)
        score = float(WEIGHTS @ evidence) + math.log(LEVELS[number - len(rounds)][1])
        totals.append(score)
        if best is None or score > best.score:
            best = Hypothesis(matrix, pairs, score, place, odds, _residuals(problem, place, pairs), evidence)
    if best is None:
        return None
    total = float(np.logaddexp.reduce(totals))
    pairs = _assign(best.odds + REPORTED, problem)
    return replace(best, score=total, pairs=pairs, residual=_residuals(problem, best.place, pairs))


def _residuals(problem: Problem, place: Array, pairs: Index) -> Array:
    out = np.full(len(pairs), np.nan)
    matched = pairs >= 0
    apart = place[matched] - problem.ground.xy[pairs[matched]]
    out[matched] = np.hypot(apart[:, 0], apart[:, 1])
    return out


def pair_shares(odds: Array) -> Array:
    """Probability of every pair if the placement is right, shape (n, m): everything has one partner or none."""
    weight = np.exp(np.clip(odds, -30, 30))
    out: Array = weight / (1.0 + weight.sum(axis=1, keepdims=True) + weight.sum(axis=0, keepdims=True) - weight)
    return out


def assign_as_placed(problem: Problem, matrix: Array) -> Hypothesis:
    """Pairs under a placement that is used as it stands (a person's, or one aligned to a scene)."""
    g = _trend_of(matrix)
    radius = abs(g) * problem.drawn.radius
    place = problem.drawn.xy @ matrix[:, :2].T + matrix[:, 2]
    cover = np.broadcast_to((0.13 * radius) ** 2 * np.eye(2), (len(place), 2, 2))
    odds = _odds(problem, place, cover, abs(g), float(np.angle(g)))
    pairs = _assign(odds, problem)
    matched = np.flatnonzero(pairs >= 0)
    score = float(odds[matched, pairs[matched]].sum())
    return Hypothesis(matrix, pairs, score, place, odds, _residuals(problem, place, pairs), np.zeros(len(EVIDENCE)))
