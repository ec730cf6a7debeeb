"""How memory bends a plan: stretched, skewed, smoothly warped, each thing a little off; to a stated degree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import affinity, transform
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.fits import apply, similarity

__all__ = ["R2", "Distortion", "distortion_of", "likeness"]

Array = NDArray[np.float64]
#: r² of the bidimensional regression of a drawing on the ground, low and high, by difficulty.
R2: dict[str, tuple[float, float]] = {"easy": (0.955, 0.975), "medium": (0.92, 0.95), "hard": (0.885, 0.915)}


def likeness(ground: Array, drawn: Array) -> float:
    """r² of the Euclidean bidimensional regression of drawn on true places (Tobler 1994), shape (n, 2) each."""
    fitted = apply(similarity(ground, drawn), ground)
    spread = float(((drawn - drawn.mean(axis=0)) ** 2).sum())
    return 1.0 - float(((drawn - fitted) ** 2).sum()) / spread if spread else 1.0


@dataclass(frozen=True)
class Distortion:
    """A map from metres to metres as remembered, before it is turned and laid on paper.

    Attributes
    ----------
    amount
        0 for none.
    stretch
        Affine part, (2, 2): the identity plus ``amount`` times this.
    centres, pulls, reach
        Of the smooth warp: a sum of Gaussian pulls, shape (k, 2) each, in metres.
    offsets, turns, sizes
        Of single things: shift in metres (n, 2), turn in degrees (n,), log of size (n, 2), all times ``amount``.
    """

    amount: float
    stretch: Array
    centres: Array
    pulls: Array
    reach: float
    offsets: Array
    turns: Array
    sizes: Array

    def field(self, points: Array) -> Array:
        """Where memory puts places, shape (n, 2)."""
        away = points[:, None, :] - self.centres[None]
        weight = np.exp(-(away**2).sum(axis=2) / (2 * self.reach**2))
        moved: Array = points + self.amount * (points @ self.stretch.T + weight @ self.pulls)
        return moved

    def thing(self, index: int, geometry: BaseGeometry) -> BaseGeometry:
        """How memory draws thing number ``index``: carried by the field, then shifted, turned and sized by itself."""
        carried = transform(geometry, self.field)
        shift, size = self.amount * self.offsets[index], np.exp(self.amount * self.sizes[index])
        sized = affinity.scale(carried, float(size[0]), float(size[1]), origin="centroid")
        turned = affinity.rotate(sized, float(self.amount * self.turns[index]), origin="centroid")
        return affinity.translate(turned, float(shift[0]), float(shift[1]))


def distortion_of(
    rng: np.random.Generator, places: Array, span: float, r2: float, own: Callable[[int], float] = lambda index: 1.0
) -> Distortion:
    """A distortion of random form whose size is chosen so that ``places`` come out with a likeness of ``r2``.

    Parameters
    ----------
    places
        True centres of the things drawn, metres, shape (n, 2).
    span
        Width of what is drawn, metres.
    r2
        Likeness wanted, 0–1.
    own
        How unsteady thing number i is against the others.
    """
    count = len(places)
    a, b, c = rng.normal(0, 0.16, 3)
    steady = np.array([own(index) for index in range(count)])[:, None]
    form = Distortion(
        amount=0.0,
        stretch=np.array([[a, b], [c * 0.6, -a]]),
        centres=places.mean(axis=0) + rng.uniform(-0.5, 0.5, (5, 2)) * span,
        pulls=rng.normal(0, 0.075, (5, 2)) * span,
        reach=0.33 * span,
        offsets=rng.normal(0, 0.030, (count, 2)) * span * steady,
        turns=rng.normal(0, 7.0, count),
        sizes=rng.normal(0, 0.18, (count, 2)),
    )
    low, high = 0.0, 6.0
    for _ in range(40):
        middle = (low + high) / 2
        tried = Distortion(**{**form.__dict__, "amount": middle})
        drawn = tried.field(places) + middle * form.offsets
        low, high = (middle, high) if likeness(places, drawn) > r2 else (low, middle)
    return Distortion(**{**form.__dict__, "amount": min(low, 2.2)})
