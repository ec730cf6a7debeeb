"""How memory bends a plan: one Gaussian process over drawn places for many placements at once.

A drawn place, laid on the ground by a similarity, is off by an affine part, a part shared with its neighbours and a
part of its own (universal Kriging; Rasmussen and Williams 2006, sections 2.2 and 2.7). East and north err alike and
independently, so a plane point is one complex number, a similarity ``z → g·z + t`` is complex linear, and
covariances are real.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["AFFINE", "OWN", "STRETCHED", "Bend", "bend", "covariance"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Standard errors as shares of the layout's radius, per coordinate, at distortion 1: affine, shared, own.
AFFINE, LOCAL, OWN = 0.08, 0.10, 0.08
#: The affine part where there are only points: rooms of one floor are drawn along the walls, but not to one scale.
STRETCHED = 0.15
#: Reach of what neighbours share, in radii.
REACH = 0.6
#: Largest variance of a prediction, in squared radii: further off nothing is ever sought.
_WIDEST = 0.16


@dataclass(frozen=True)
class Bend:
    """The process fitted to h placements' targets.

    Attributes
    ----------
    mean, spread
        Where each drawn point is expected from the others alone, and its variance per coordinate in squared metres at
        distortion 1, shape (h, n) (Dubrule 1983).
    factor, middle
        Trend: metres per unit radius as a complex factor, and where the middle lies, shape (h,).
    smooth
        Where the process puts each drawn point, its own target included, shape (h, n).
    strain
        Squared length of the residual under the process, shape (h,); 1 per degree of freedom at distortion 1.
    volume
        Logarithm of the determinants of both covariances, shape (h,).
    """

    mean: Complex
    spread: Array
    factor: Complex
    middle: Complex
    smooth: Complex
    strain: Array
    volume: Array


def bend(unit: Complex, target: Complex, weight: Array, radius: Array, *, affine: float = AFFINE) -> Bend:
    """Fit the process to where drawn points are thought to be.

    Parameters
    ----------
    unit
        Drawn points about the middle in units of the radius, (n,).
    target
        Where each is thought to be, (h, n), metres.
    weight
        How surely, (h, n): 1 is one observation with its own error, 0 none.
    radius
        Of the layout on the ground, (h,), metres.
    affine
        Standard error of the affine part.
    """
    noise = OWN**2 / np.maximum(weight, 1e-3)
    cover = covariance(unit, affine, LOCAL, REACH)[None] + noise[:, :, None] * np.eye(len(unit))
    inverse = np.linalg.inv(cover)
    basis = np.stack([unit, np.ones(len(unit))], axis=1)
    reach = inverse @ basis
    inner = np.conj(basis).T @ reach
    project = np.linalg.inv(inner + 1e-9 * np.eye(2))
    aimed = target / radius[:, None]
    trend = np.einsum("hab,hib,hi->ha", project, np.conj(reach), aimed)
    left = aimed - trend @ basis.T
    pulled = np.einsum("hij,hj->hi", inverse, left)
    own = np.einsum("hii->hi", inverse) - np.einsum("hia,hab,hib->hi", reach, project, np.conj(reach)).real
    own = np.maximum(own, 1e-9)
    spread = np.minimum(np.maximum(1 / own - noise, 0.0) + OWN**2, _WIDEST)
    return Bend(
        mean=(aimed - pulled / own) * radius[:, None],
        spread=spread * (radius**2)[:, None],
        factor=trend[:, 0] * radius,
        middle=trend[:, 1] * radius,
        smooth=(aimed - noise * pulled) * radius[:, None],
        strain=(np.conj(left) * pulled).real.sum(axis=1),
        volume=2 * np.linalg.slogdet(cover)[1] + np.linalg.slogdet(inner)[1],
    )


def covariance(unit: Complex, affine: float, local: float, reach: float) -> Array:
    """Covariance of what is shared between drawn points, (n, n), in squared radii.

    Parameters
    ----------
    unit
        Drawn points about the middle in units of the radius, (n,).
    affine, local, reach
        Standard errors of the affine part and of what neighbours share, and how far these share it, in radii.
    """
    apart = np.abs(unit[:, None] - unit[None]) ** 2
    inner = (unit[:, None] * np.conj(unit[None])).real
    out: Array = affine**2 * inner + local**2 * np.exp(-apart / (2 * reach**2))
    return out
