"""Plane fits of one set of points to another, and how well two layouts agree.

Weighted least squares throughout; points are rows of shape (n, 2) in any one unit. A fit is a matrix ``M`` of shape
(2, 3) read ``target = M · [x, y, 1]``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

__all__ = ["Regression", "affine", "apply", "bidimensional_regression", "leave_one_out", "similarity", "thin_plate"]

Array = NDArray[np.float64]


def apply(matrix: Array, points: Array) -> Array:
    """Points of shape (n, 2) moved by a matrix of shape (2, 3)."""
    moved: Array = points @ matrix[:, :2].T + matrix[:, 2]
    return moved


def _weights(weights: Array | None, count: int) -> Array:
    given: Array = np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64)
    share: Array = given / given.sum()
    return share


def similarity(source: Array, target: Array, *, weights: Array | None = None, mirror: bool = False) -> Array:
    """Rotation, one scale and shift of least weighted squared distance (Umeyama 1991).

    Parameters
    ----------
    source, target
        Corresponding points, shape (n, 2); two or more distinct ones (one gives a mere shift).
    weights
        Shape (n,), not all zero.
    mirror
        Fit a reflection instead of a proper rotation.

    Returns
    -------
    Array
        Shape (2, 3).
    """
    share = _weights(weights, len(source))
    from_mean, to_mean = share @ source, share @ target
    moved, aimed = source - from_mean, target - to_mean
    spread = float(share @ (moved**2).sum(axis=1))
    if spread <= 0.0:
        linear = np.diag([1.0, -1.0]) if mirror else np.eye(2)
    else:
        left, singular, right = np.linalg.svd((aimed * share[:, None]).T @ moved)
        sign = -1.0 if mirror else 1.0
        turn = np.array([1.0, sign * np.sign(np.linalg.det(left) * np.linalg.det(right) or 1.0)])
        linear = (left * turn) @ right * float(singular @ turn) / spread
    return np.column_stack([linear, to_mean - linear @ from_mean])


def affine(
    source: Array, target: Array, *, weights: Array | None = None, ridge: float = 0.1, mirror: bool = False
) -> Array:
    """Affine fit pulled toward the similarity fit.

    Parameters
    ----------
    source, target, weights, mirror
        As for ``similarity``.
    ridge
        Strength of the pull, as a share of the layout's mean variance: 0 is least squares, infinity the similarity.

    Returns
    -------
    Array
        Shape (2, 3); the similarity itself where there are fewer than three points or the pull lost the handedness.
    """
    near = similarity(source, target, weights=weights, mirror=mirror)
    if len(source) < 3:
        return near
    share = _weights(weights, len(source))
    moved = source - share @ source
    left = target - apply(near, source)
    gram = (moved * share[:, None]).T @ moved
    penalty = (ridge + 1e-9) * np.trace(gram) / 2 * np.eye(2)
    linear = near[:, :2] + np.linalg.solve(gram + penalty, (moved * share[:, None]).T @ left).T
    if np.sign(np.linalg.det(linear)) != np.sign(np.linalg.det(near[:, :2])):
        return near
    return np.column_stack([linear, share @ target - linear @ (share @ source)])


@dataclass(frozen=True)
class Regression:
    """How well one layout predicts another.

    Attributes
    ----------
    matrix
        The fit, shape (2, 3).
    r2
        Share of the dependent layout's variance that the fit explains.
    distortion_index
        ``100 · sqrt(1 − r2)``: Waterman and Gordon's index as Friedman and Kohler (2003) define it across maps.
    """

    matrix: Array
    r2: float
    distortion_index: float


def bidimensional_regression(
    independent: Array, dependent: Array, *, kind: str = "euclidean", mirror: bool = False
) -> Regression:
    """Bidimensional regression (Tobler 1994; Friedman and Kohler 2003).

    Parameters
    ----------
    independent
        True places, shape (n, 2).
    dependent
        The same things as drawn, shape (n, 2).
    kind
        ``euclidean`` (four parameters) or ``affine`` (six).
    mirror
        Whether the drawing is known to be mirrored.
    """
    if kind == "affine":
        matrix = affine(independent, dependent, ridge=0.0, mirror=mirror)
    else:
        matrix = similarity(independent, dependent, mirror=mirror)
    total = float(((dependent - dependent.mean(axis=0)) ** 2).sum())
    left = float(((dependent - apply(matrix, independent)) ** 2).sum())
    r2 = 1.0 if total <= 0.0 else float(np.clip(1.0 - left / total, 0.0, 1.0))
    return Regression(matrix=matrix, r2=r2, distortion_index=100.0 * float(np.sqrt(1.0 - r2)))


def leave_one_out(source: Array, target: Array, *, ridge: float = 0.1, mirror: bool = False) -> Array:
    """Distance of each target from where a fit without it puts it, shape (n,); NaN below four points.

    A residual of the fit itself flatters: with as many parameters as points it is zero.
    """
    count = len(source)
    out = np.full(count, np.nan)
    if count < 4:
        return out
    for index in range(count):
        keep = np.arange(count) != index
        fitted = affine(source[keep], target[keep], ridge=ridge, mirror=mirror)
        out[index] = float(np.hypot(*(apply(fitted, source[index : index + 1])[0] - target[index])))
    return out


def thin_plate(source: Array, target: Array, *, smoothing: float = 0.0) -> RBFInterpolator:
    """Thin-plate spline through (or, smoothed, near) the targets (Bookstein 1989); call it with points of shape (n, 2).

    Parameters
    ----------
    source, target
        Three or more points that do not lie on one line.
    smoothing
        0 passes through every target; larger values bend less.
    """
    return RBFInterpolator(source, target, kernel="thin_plate_spline", smoothing=smoothing, degree=1)
