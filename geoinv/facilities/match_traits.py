"""What speaks for a settled placement, as numbers that the ranking weighs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, Delaunay, QhullError

from geoinv.facilities.match_bend import Bend
from geoinv.facilities.match_evidence import Problem, line_score, to_complex
from geoinv.facilities.match_kinds import named
from geoinv.facilities.match_settle import Settled

__all__ = ["TRAITS", "linear_parts", "traits"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Traits in the order of the columns. Sums over drawn things unless said otherwise; pairs count by their probability.
TRAITS = (
    "found",  # expected number of pairs
    "found_share",  # of all drawn things
    "found_square",  # expected pairs squared per drawn thing
    "surest",  # probability of each thing's likeliest pair
    "firm",  # squared probabilities of pairs
    "entropy",  # of each thing's partner
    "odds",  # log of all odds of each thing
    "existence",
    "size",
    "names",
    "ratio",
    "turn",  # unless everything is drawn along the page
    "turn_along_page",
    "place",  # log odds of places without the thing itself
    "same_name",  # pairs of one name
    "name_left",  # named candidates inside the drawn area without a partner
    "level",  # distortion learned
    "size_spread",
    "ratio_spread",
    "turn_spread",
    "strain",  # of the bending process
    "volume",  # of its covariances
    "shear",  # ratio of the affine part that is no similarity
    "wave",  # rms of what is bent beyond affine, in radii
    "scale",  # log of the scale over the expected one
    "scale_square",
    "left_out",  # candidates inside the drawn area without a partner, log of being left out
    "left",  # the same, by existence
    "inside",  # candidates inside the drawn area
    "crowd",  # log density inside over density all about, times pairs
    "lines",  # log odds of drawn walls and roads on real ones
    "flipped",  # neighbouring threes that turn the other way
    "threes",  # neighbouring threes found
    "apart",  # how far neighbours lie otherwise than drawn
    "drawn",  # number of drawn things
)


def linear_parts(unit: Complex, field: Bend) -> tuple[Complex, Complex, Complex]:
    """Least squares ``u → a·u + b·conj(u) + t`` of where a bend puts n drawn things: a, b, t, each (h,)."""
    count = len(unit)
    basis = np.stack([unit, np.conj(unit), np.ones(count)], axis=1)
    if count < 3:
        return field.factor, np.zeros_like(field.factor), field.middle
    a, b, t = np.linalg.lstsq(basis, field.smooth[:, :count].T, rcond=None)[0]
    # Drawn in one line, the part across it is not to be had.
    bad = np.abs(b) > 0.8 * np.abs(a)
    return np.where(bad, field.factor, a), np.where(bad, 0.0, b), np.where(bad, field.middle, t)


def traits(problem: Problem, settled: Settled) -> Array:
    """The traits of h placements, (h, len(TRAITS))."""
    drawn, share = problem.drawn, settled.share
    unit = to_complex(drawn.unit)
    field, count = settled.bend, len(drawn)
    found = share.sum(axis=2)
    i = np.arange(count)[None, :, None]
    words = named(drawn, problem.ground)
    turn = (share * settled.looks.turn).sum(axis=(1, 2))
    a, b, middle = linear_parts(unit, field)
    linear = a[:, None] * unit + b[:, None] * np.conj(unit) + middle[:, None]
    wave = np.abs(field.smooth[:, :count] - linear) ** 2
    off = np.log(np.abs(field.factor) / problem.radius_m)
    g = field.factor / drawn.radius
    rest = 1.0 - found
    columns = [
        found.sum(axis=1),
        found.mean(axis=1),
        found.sum(axis=1) ** 2 / count,
        share.max(axis=2).sum(axis=1),
        (share**2).sum(axis=(1, 2)),
        -_plogp(share).sum(axis=(1, 2)) - _plogp(rest).sum(axis=1),
        np.log1p(np.exp(np.clip(settled.odds, -30, 30)).sum(axis=2)).sum(axis=1),
        (share * _existence(problem)[settled.near]).sum(axis=(1, 2)),
        (share * settled.looks.size).sum(axis=(1, 2)),
        (share * words[i, settled.near]).sum(axis=(1, 2)),
        (share * settled.looks.ratio).sum(axis=(1, 2)),
        turn * (not drawn.parallel),
        turn * drawn.parallel,
        (share * settled.place).sum(axis=(1, 2)),
        (share * (words[i, settled.near] > 1.0)).sum(axis=(1, 2)),
    ]
    left, inside, area = _left(problem, settled, a, b, middle)
    borne = np.array([bool(one) for one in problem.ground.words])
    crowd = np.log((inside + 2.0) / (area + 2.0 / problem.ground.density) / problem.ground.density)
    columns += [
        left @ borne,
        settled.level,
        *(np.log(one[:, 0, 0]) for one in (settled.spreads.size, settled.spreads.ratio, settled.spreads.turn)),
        field.strain / settled.level**2,
        field.volume,
        np.abs(b) / np.maximum(np.abs(a), 1e-9),
        np.sqrt(wave.mean(axis=1)) / np.abs(field.factor),
        off,
        off**2,
        np.log(1 - 0.55 * left * problem.ground.existence).sum(axis=1),
        left @ problem.ground.existence,
        inside,
        crowd * found.sum(axis=1),
        line_score(problem, g, field.middle - g * complex(*drawn.centre)),
        *_order(problem, settled, unit),
        np.full(len(g), float(count)),
    ]
    table: Array = np.nan_to_num(np.stack(columns, axis=1), posinf=0.0, neginf=0.0)
    return table


def _plogp(share: Array) -> Array:
    out: Array = share * np.log(np.maximum(share, 1e-9))
    return out


def _existence(problem: Problem) -> Array:
    out: Array = np.log(problem.ground.existence / problem.ground.existence.mean())
    return out


def _left(problem: Problem, settled: Settled, a: Complex, b: Complex, middle: Complex) -> tuple[Array, Array, Array]:
    """How much of each candidate inside the drawn area is left without partner, (h, m); how many, and the area (h,)."""
    count, many = len(problem.ground), len(a)
    unit = problem.drawn.unit
    swing = np.abs(a) ** 2 - np.abs(b) ** 2
    try:
        hull = ConvexHull(unit)
    except (QhullError, ValueError):
        return np.zeros((many, count)), np.zeros(many), np.abs(swing)
    away = to_complex(problem.ground.xy)[None] - middle[:, None]
    back = (np.conj(a)[:, None] * away - b[:, None] * np.conj(away)) / np.where(np.abs(swing) < 1e-9, 1e-9, swing)[
        :, None
    ]
    inside = np.ones((many, count), dtype=bool)
    for east, north, beyond in hull.equations:
        inside &= back.real * east + back.imag * north + beyond < 0.12
    place = settled.near + count * np.arange(many)[:, None, None]
    taken = np.bincount(place.ravel(), settled.share.ravel(), count * many).reshape(many, count)
    left = np.clip(1.0 - taken, 0.0, 1.0) * inside
    return left, inside.sum(axis=1).astype(np.float64), np.maximum(np.abs(swing), 1e-6) * (hull.volume + 0.3)


def _order(problem: Problem, settled: Settled, unit: Complex) -> tuple[Array, Array, Array]:
    """Neighbouring threes that turn the other way, threes in all, and how far neighbours lie otherwise than drawn."""
    nothing = np.zeros(len(settled.mean))
    if len(unit) < 4:
        return nothing, nothing, nothing
    try:
        faces = Delaunay(problem.drawn.unit).simplices
    except QhullError:
        return nothing, nothing, nothing
    best = settled.share.argmax(axis=2)
    sure = settled.share.max(axis=2)
    there = to_complex(problem.ground.xy)[np.take_along_axis(settled.near, best[:, :, None], axis=2)[:, :, 0]]
    weight = sure[:, faces].prod(axis=2)
    turned = _turn(there[:, faces]) * _turn(unit[faces])[None] <= 0
    edges = np.unique(np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [0, 2]]]), axis=1), axis=0)
    drawn = unit[edges[:, 1]] - unit[edges[:, 0]]
    real = (there[:, edges[:, 1]] - there[:, edges[:, 0]]) / settled.bend.factor[:, None]
    off = np.minimum(np.abs(real - drawn) / (np.abs(drawn) + 0.15), 2.0)
    return (weight * turned).sum(axis=1), weight.sum(axis=1), (sure[:, edges].prod(axis=2) * off).sum(axis=1)


def _turn(corners: Complex) -> Array:
    """Twice the signed area of triangles (…, 3)."""
    out: Array = (np.conj(corners[..., 1] - corners[..., 0]) * (corners[..., 2] - corners[..., 0])).imag
    return out
