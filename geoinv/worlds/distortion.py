"""How memory bends a plan: stretched, skewed, smoothly warped, each thing a little off; to a stated degree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import transform
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
        """How memory draws thing number ``index``: carried by the field, then shifted, turned and sized by itself.

        People keep right angles: of the field's local stretch only its effect along the thing's own two axes is taken.
        """
        centre = np.array(geometry.centroid.coords[0])
        angle = _long_side(geometry)
        axes = np.array(((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))))
        ahead, aside = (
            (self.field((centre + 0.5 * axis)[None]) - self.field((centre - 0.5 * axis)[None]))[0] for axis in axes
        )
        size = np.exp(self.amount * self.sizes[index]) * (np.hypot(*ahead), np.hypot(*aside))
        turned = np.arctan2(ahead[1], ahead[0]) + np.radians(self.amount * self.turns[index])
        fresh = np.array(((np.cos(turned), np.sin(turned)), (-np.sin(turned), np.cos(turned))))
        middle = self.field(centre[None])[0] + self.amount * self.offsets[index]
        return transform(geometry, lambda xy: ((xy - centre) @ axes.T * size) @ fresh + middle)


def _long_side(geometry: BaseGeometry) -> float:
    """Direction of a thing's longer side, radians."""
    corners = shapely.get_coordinates(geometry.minimum_rotated_rectangle)
    sides = np.diff(corners[:3], axis=0)
    longest = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    return float(np.arctan2(longest[1], longest[0]))


def distortion_of(
    rng: np.random.Generator,
    places: Array,
    span: float,
    r2: float,
    *,
    axis_deg: float = 0.0,
    own: Callable[[int], float] = lambda index: 1.0,
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
    axis_deg
        Direction of the compound: it is stretched along it or across it, and skewed only a little.
    own
        How unsteady thing number i is against the others.
    """
    count = len(places)
    a, b = rng.normal(0, (0.20, 0.05))
    turn = np.radians(axis_deg)
    axes = np.array(((np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))))
    steady = np.array([own(index) for index in range(count)])[:, None]
    form = Distortion(
        amount=0.0,
        stretch=axes.T @ np.array([[a, b], [0.0, -a]]) @ axes,
        centres=places.mean(axis=0) + rng.uniform(-0.5, 0.5, (5, 2)) * span,
        pulls=rng.normal(0, 0.10, (5, 2)) * span,
        reach=0.33 * span,
        offsets=rng.normal(0, 0.040, (count, 2)) * span * steady,
        turns=rng.normal(0, 5.5, count),
        sizes=rng.normal(0, 0.14, (count, 2)),
    )
    low, high = 0.0, 6.0
    for _ in range(40):
        middle = (low + high) / 2
        tried = Distortion(**{**form.__dict__, "amount": middle})
        drawn = tried.field(places) + middle * form.offsets
        low, high = (middle, high) if likeness(places, drawn) > r2 else (low, middle)
    return Distortion(**{**form.__dict__, "amount": min(low, 2.0)})
