"""One placement of one sketch, as it comes out of settling: a matrix, pairs, and the probability of every pair."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from geoinv.facilities.match_agreed import expected_best
from geoinv.facilities.match_evidence import Problem, to_complex
from geoinv.facilities.match_settle import Settled
from geoinv.facilities.match_traits import linear_parts

__all__ = ["Hypothesis", "as_placed", "best_pairs", "hypotheses_of"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: Pairs are reported from log odds of this on, of shapes and of points: their probability says how sure each is.
_REPORTED, _REPORTED_POINT = -1.0, -3.0


@dataclass(frozen=True)
class Hypothesis:
    """One settled placement of one sketch.

    Attributes
    ----------
    matrix
        Drawing units to metres of the frame, shape (2, 3).
    pairs
        Candidate index per drawn thing, −1 where none.
    score
        Log odds against "none of these".
    place
        Where each drawn thing is expected without itself, shape (n, 2).
    near, share
        Each drawn thing's nearest candidates and the probability of each pair if this is the placement, (n, k).
    near_odds
        Log odds of each drawn thing's best candidate against none, (n,).
    """

    matrix: Array
    pairs: Index
    score: float
    place: Array
    near: Index
    share: Array
    near_odds: Array

    def shares(self, count: int) -> Array:
        """Probability of every pair, (n, count)."""
        out = np.zeros((len(self.near), count))
        np.add.at(out, (np.arange(len(self.near))[:, None], self.near), self.share)
        return out

    def averaged(self, share: Array) -> Hypothesis:
        """The same placement with pairs that do best on average over all about it, whose ``share`` is (n, m)."""
        width = self.near.shape[1]
        near = np.argsort(-share, axis=1, kind="stable")[:, :width]
        pairs, _ = expected_best(share)
        return replace(self, pairs=pairs, near=near, share=np.take_along_axis(share, near, axis=1))


def hypotheses_of(problem: Problem, settled: Settled, scores: Array) -> list[Hypothesis]:
    """Settled placements as hypotheses, in the order given."""
    unit = to_complex(problem.drawn.unit)
    a, b, middle = linear_parts(unit, settled.bend)
    radius = problem.drawn.radius
    out = []
    for k, score in enumerate(scores):
        one, two = a[k] / radius, b[k] / radius
        linear = np.array([[one.real + two.real, two.imag - one.imag], [one.imag + two.imag, one.real - two.real]])
        at = np.array([middle[k].real, middle[k].imag]) - linear @ problem.drawn.centre
        out.append(_hypothesis(problem, settled, k, np.column_stack([linear, at]), float(score)))
    return out


def as_placed(problem: Problem, settled: Settled, matrix: Array) -> Hypothesis:
    """The one placement of ``settled``, which a person or a scene gave as ``matrix``."""
    return _hypothesis(problem, settled, 0, matrix, float(settled.share.max(axis=2).sum()))


def _hypothesis(problem: Problem, settled: Settled, k: int, matrix: Array, score: float) -> Hypothesis:
    mean = settled.mean[k]
    return Hypothesis(
        matrix=matrix,
        pairs=best_pairs(settled.odds[k], settled.near[k], _least(problem)),
        score=score,
        place=np.stack([mean.real, mean.imag], axis=1),
        near=settled.near[k],
        share=settled.share[k],
        near_odds=settled.odds[k].max(axis=1),
    )


def _least(problem: Problem) -> float:
    """Log odds from which pairs are reported: where ties hold the drawing, likelier than not."""
    if len(problem.ties) >= 2:
        return 0.0
    return _REPORTED if problem.sized else _REPORTED_POINT


def best_pairs(odds: Array, near: Index, least: float = _REPORTED) -> Index:
    """Best one-to-one pairs of n things with their nearest candidates (n, k) from odds ``least`` on; −1 for none."""
    columns, at = np.unique(near, return_inverse=True)
    things, many = len(odds), len(columns)
    gain = np.full((things, many + things), -100.0)
    gain[:, many:] = 0.0
    cells = np.arange(things)[:, None], at.reshape(near.shape)
    np.maximum.at(gain, cells, np.clip(odds - least, -100.0, 100.0))
    rows, picked = linear_sum_assignment(-gain)
    pairs = np.full(things, -1, dtype=np.int64)
    real = (picked < many) & (gain[rows, picked] > 0)
    pairs[rows[real]] = columns[picked[real]]
    return pairs
