"""How memory bends a plan: a Gaussian process over drawn places with a similarity as its trend.

A drawn position, laid on the ground by a similarity, is off by an affine part, a part shared with its neighbours and a
part of its own (universal Kriging; Rasmussen and Williams 2006, sections 2.2 and 2.7). The trend is fitted by
generalised least squares.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["AFFINE", "LOCAL", "OWN", "REACH", "Field", "Rows", "first_rows", "fit_field", "left_out", "predict"]

Array = NDArray[np.float64]

#: Standard errors as shares of the layout's radius, per coordinate, at level 1: affine, shared with neighbours, own.
AFFINE, LOCAL, OWN = 0.08, 0.10, 0.08
#: Reach of what neighbours share, in radii.
REACH = 0.6


@dataclass(frozen=True)
class Rows:
    """Observations: drawn place in unit radii (r, 2), place on the ground (r, 2), extra error covariance (r, 2, 2)."""

    unit: Array
    place: Array
    noise: Array


@dataclass(frozen=True)
class Field:
    """A fitted process: trend, weights and the inverse covariances needed to predict."""

    rows: Rows
    radius: float
    level: float
    trend: Array
    weights: Array
    inverse: Array
    project: Array
    basis: Array
    log_density: float


def _basis(unit: Array) -> Array:
    """Similarity basis for stacked coordinates, shape (2n, 4): scale-and-turn cosine, sine, east, north."""
    count = len(unit)
    out = np.zeros((2 * count, 4))
    out[0::2, 0], out[0::2, 1], out[0::2, 2] = unit[:, 0], -unit[:, 1], 1.0
    out[1::2, 0], out[1::2, 1], out[1::2, 3] = unit[:, 1], unit[:, 0], 1.0
    return out


def _shared(one: Array, two: Array, radius: float, level: float) -> Array:
    """Covariance of what is shared between drawn places, shape (n, k), square metres."""
    apart = ((one[:, None, :] - two[None, :, :]) ** 2).sum(axis=-1)
    inner = one @ two.T
    out: Array = (radius * level) ** 2 * (AFFINE**2 * inner + LOCAL**2 * np.exp(-apart / (2 * REACH**2)))
    return out


def _twofold(block: Array) -> Array:
    return np.asarray(np.kron(block, np.eye(2)), dtype=np.float64)


def first_rows(rows: Rows, count: int) -> Rows:
    """The first ``count`` observations."""
    return Rows(rows.unit[:count], rows.place[:count], rows.noise[:count])


def fit_field(rows: Rows, radius: float, level: float) -> Field:
    """The process fitted to observations.

    Parameters
    ----------
    rows
        Two or more at different drawn places.
    radius
        Of the layout on the ground, metres.
    level
        Distortion: every standard error is multiplied by it.
    """
    count = len(rows.unit)
    cover = _twofold(_shared(rows.unit, rows.unit, radius, level) + (radius * level * OWN) ** 2 * np.eye(count))
    each = np.arange(count)
    cover.reshape(count, 2, count, 2)[each, :, each, :] += rows.noise
    inverse = np.asarray(np.linalg.inv(cover), dtype=np.float64)
    basis = _basis(rows.unit)
    inner = basis.T @ inverse @ basis
    project = np.linalg.inv(inner + 1e-9 * np.trace(inner) * np.eye(4))
    aimed = rows.place.ravel()
    trend = project @ (basis.T @ (inverse @ aimed))
    left = aimed - basis @ trend
    weights = inverse @ left
    log_density = (
        -0.5 * float(left @ weights)
        - 0.5 * float(np.linalg.slogdet(cover)[1])
        - (count - 2) * math.log(2 * math.pi)
        + 0.5 * float(np.linalg.slogdet(project)[1])
    )
    return Field(rows, radius, level, trend, weights, inverse, project, basis, log_density)


def predict(field: Field, unit: Array) -> tuple[Array, Array]:
    """Means (n, 2) and covariances (n, 2, 2), own error included, at drawn places that are not among the rows."""
    shared = _twofold(_shared(unit, field.rows.unit, field.radius, field.level))
    basis = _basis(unit)
    mean = basis @ field.trend + shared @ field.weights
    gap = basis - shared @ field.inverse @ field.basis
    own = (field.radius * field.level) ** 2 * (AFFINE**2 * (unit**2).sum(axis=1) + LOCAL**2 + OWN**2)
    both = shared.reshape(len(unit), 2, -1), gap.reshape(len(unit), 2, 4)
    known = np.einsum("nij,nkj->nik", (shared @ field.inverse).reshape(both[0].shape), both[0])
    trend = np.einsum("nij,nkj->nik", (gap @ field.project).reshape(both[1].shape), both[1])
    return mean.reshape(-1, 2), own[:, None, None] * np.eye(2) - known + trend


def left_out(field: Field, count: int) -> tuple[Array, Array]:
    """Means (count, 2) and covariances (count, 2, 2) of the first rows, each predicted from the rest (Dubrule 1983)."""
    reach = field.inverse @ field.basis
    kernel = field.inverse - reach @ field.project @ reach.T
    pulled = kernel @ field.rows.place.ravel()
    each = np.arange(count)
    blocks = kernel[: 2 * count, : 2 * count].reshape(count, 2, count, 2)[each, :, each, :]
    # A row that alone holds the trend has no block to invert: then everything is possible.
    cover = np.asarray(np.linalg.inv(blocks + 1e-9 / field.radius**2 * np.eye(2)), dtype=np.float64)
    mean = field.rows.place[:count] - np.einsum("nij,nj->ni", cover, pulled[: 2 * count].reshape(count, 2))
    return mean, cover
