"""Few points: every way of pairing them is weighed by how likely memory would bend the plan so.

Rooms drawn as points have no sizes and no directions, and a handful of them leaves so few ways of pairing that none
need be searched for. The law of bending is that of ``match_bend`` with its distortion integrated out, so that a way's
weight is a marginal likelihood (Rasmussen and Williams 2006, 2.7 and 5.4; O'Hagan 1978 for the trend).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.match_bend import STRETCHED, bend, covariance
from geoinv.facilities.match_evidence import Problem, to_complex
from geoinv.facilities.match_kinds import fixed_kinds
from geoinv.facilities.match_settle import PRESENT_POINT, Settled, settled_at

__all__ = ["Ways", "few_ways", "is_few"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.int64]

#: Ways looked at, and likeliest ways kept.
_MOST, _KEPT = 400_000, 400
#: Fewer pairs than this fit anything: two points fix turn, scale and shift.
_LEAST = 3
#: Standard errors of the affine part, of what neighbours share and of each thing's own, in radii at distortion 1, and
#: the reach of neighbours: of eight sets the likeliest on generated floors (docs/methods/match.md).
_AFFINE, _LOCAL, _REACH, _OWN = 0.20, 0.15, 0.9, 0.12
#: Distortion expected before looking, and what that weighs in coordinates.
_LEVEL, _HELD = 1.25, 6.0
#: Standard deviation of the logarithm of the scale.
_SCALE = 0.5
#: Points at random are strewn over a disc of 1.8 radii, in squared radii.
_STREWN = math.pi * 1.8**2


@dataclass(frozen=True)
class Ways:
    """The likeliest ways of pairing n drawn points with m outlines, as placements.

    Attributes
    ----------
    settled
        One placement for each way, its pairs certain.
    weight
        Log marginal likelihood of each way against points strewn at random, (h,).
    """

    settled: Settled
    weight: Array


def is_few(problem: Problem) -> bool:
    """Whether all ways of pairing are to be weighed: points alone, few of them, and no person's tie."""
    if problem.sized or problem.ties:
        return False
    some, many = sorted((len(problem.drawn), len(problem.ground)))
    if some < _LEAST or math.perm(many, some) > _MOST:
        return False
    # What lies in one spot has no turn and no scale.
    return all(len(np.unique(one.xy, axis=0)) >= _LEAST for one in (problem.drawn, problem.ground))


def few_ways(problem: Problem) -> Ways:
    """All ways of pairing with as few things as possible left alone, weighed; the likeliest are kept.

    Parameters
    ----------
    problem
        For which ``is_few`` holds.
    """
    unit, there = to_complex(problem.drawn.unit), to_complex(problem.ground.xy)
    known = fixed_kinds(problem)
    for index, candidate in problem.refused:
        known[index, candidate] = -60.0
    pairs, weights = [], []
    for things in _left_out(len(unit), len(there)):
        ways = _injections(len(there), len(things))
        weight = _evidence(unit[things], there[ways], problem.radius_m)
        weight += known[things, ways].sum(axis=1) + _prior(len(unit), len(things), problem)
        best = np.argsort(-weight, kind="stable")[:_KEPT]
        made = np.full((len(best), len(unit)), -1, dtype=np.int64)
        made[:, things] = ways[best]
        pairs.append(made)
        weights.append(weight[best])
    made, weight = np.concatenate(pairs), np.concatenate(weights)
    kept = np.argsort(-weight, kind="stable")[:_KEPT]
    return Ways(_as_settled(problem, made[kept]), weight[kept])


def _left_out(drawn: int, many: int) -> Iterator[Index]:
    """Which drawn things have a partner: as many as can, then one fewer, as long as there are not too many ways."""
    looked_at = 0
    for count in range(min(drawn, many), max(_LEAST, math.ceil(min(drawn, many) / 2)) - 1, -1):
        looked_at += math.comb(drawn, count) * math.perm(many, count)
        if looked_at > _MOST:
            return
        for things in itertools.combinations(range(drawn), count):
            yield np.array(things, dtype=np.int64)


@cache
def _injections(many: int, count: int) -> NDArray[np.int8]:
    """Every way of giving ``count`` things different ones of ``many``, (w, count)."""
    return np.array(list(itertools.permutations(range(many), count)), dtype=np.int8)


def _evidence(unit: Complex, there: Complex, radius_m: float) -> Array:
    """Log marginal likelihood of k drawn points at each of w rows of places (w, k), metres, against strewn ones.

    Turn, scale and shift are the trend of universal Kriging; the square of the distortion has a scaled inverse χ² law
    of ``_HELD`` degrees of freedom, so that a residual follows a multivariate Student's t.
    """
    count = len(unit)
    cover = covariance(unit, _AFFINE, _LOCAL, _REACH) + _OWN**2 * np.eye(count)
    basis = np.stack([unit, np.ones(count)], axis=1)
    inverse = np.linalg.inv(cover)
    inner = np.conj(basis).T @ inverse @ basis
    fit = np.linalg.solve(inner, np.conj(basis).T @ inverse)
    within = inverse - inverse @ basis @ fit
    radius = np.maximum(np.abs(there @ fit[0]), 1e-6 * radius_m)
    strain = np.einsum("wi,ij,wj->w", np.conj(there), within, there).real / radius**2
    free, held = 2 * (count - 2), _HELD * _LEVEL**2
    volume = np.linalg.slogdet(cover)[1] + np.linalg.slogdet(inner)[1]
    larger = np.log(radius / radius_m)
    out: Array = -(_HELD + free) / 2 * np.log1p(np.maximum(strain, 0.0) / held) - free * larger - volume
    out += math.lgamma((_HELD + free) / 2) - math.lgamma(_HELD / 2) - free / 2 * math.log(math.pi * held)
    out -= 0.5 * (larger / _SCALE) ** 2
    return out


def _prior(drawn: int, count: int, problem: Problem) -> float:
    """Log prior of any one way that pairs ``count`` of the drawn things, over that of as many points strewn."""
    missing = (drawn - count) * math.log(1 - PRESENT_POINT)
    return count * math.log(PRESENT_POINT * _STREWN) + missing - math.log(math.perm(len(problem.ground), count))


def _as_settled(problem: Problem, pairs: Index) -> Settled:
    """Placements by their pairs (h, n), −1 for none; pairs are certain in each."""
    unit, there = to_complex(problem.drawn.unit), to_complex(problem.ground.xy)
    made = pairs >= 0
    radius = np.full(len(pairs), problem.radius_m)
    target = np.where(made, there[np.maximum(pairs, 0)], 0.0)
    field = bend(unit, target, made.astype(np.float64), radius, affine=STRETCHED)
    settled = settled_at(problem, field)
    near = settled.near.copy()
    far = made & ~(near == pairs[:, :, None]).any(axis=2)
    near[far, -1] = pairs[far]
    return replace(settled, near=near, share=(made[:, :, None] & (near == pairs[:, :, None])).astype(np.float64))
