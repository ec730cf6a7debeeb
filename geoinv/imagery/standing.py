"""Drawn buildings and standing ones: how likely each drawn one, wherever it is moved, is one of those, each taken once.

Standing buildings are what a detector found without any drawing, or what other drawings were laid on. A drawn building
is likely one of them, near where it lies, of about its size, form and direction; and what one drawn building surely is,
another of the same drawing is not (soft assignment, as in robust point matching: Gold et al. 1998).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

__all__ = ["Claims", "claims_of"]

#: That a drawn building is among the standing ones; how near and how like in size (log) it then is.
_SHARED, _NEAR_M, _SIZE_LOG = 0.65, 1.5, 0.35
#: How like in form (log of the ratio of its sides), and how sharply in direction (von Mises, twice the angle).
_FORM_LOG, _SHARP = 0.4, 5.0
#: Ratio of sides from which a building has a direction.
_LONG = 1.25
#: What is left of a standing building that others of the drawing claim.
_LEAST_LEFT = 0.05
_Floats = NDArray[np.float64]


@dataclass
class Claims:
    """Claims of drawn buildings on standing ones, updated as beliefs settle.

    Attributes
    ----------
    within
        Per drawn thing: indices of the standing buildings in reach.
    ratios
        Per drawn thing: (shifts, in reach): likelihood ratio of lying there for being that one.
    claimed
        (n, standing): how surely each drawn thing is each standing building.
    """

    within: list[NDArray[np.intp]]
    ratios: list[_Floats]
    claimed: _Floats

    def odds(self, index: int) -> _Floats:
        """Log likelihood ratio, (shifts,), of one drawn thing for being any standing building not claimed by others."""
        ratios = self.ratios[index]
        if not ratios.size:
            return np.zeros(len(ratios))
        return np.asarray(np.log((1 - _SHARED) + _SHARED * ratios @ self._left(index)))

    def settle(self, index: int, belief: _Floats) -> None:
        """Renew what one drawn thing claims, from the belief over its shifts, (shifts,)."""
        ratios = self.ratios[index]
        if ratios.size:
            shared = _SHARED * ratios * self._left(index)
            self.claimed[index, self.within[index]] = belief @ (shared / ((1 - _SHARED) + shared.sum(axis=1))[:, None])

    def _left(self, index: int) -> _Floats:
        others = self.claimed[:, self.within[index]].sum(axis=0) - self.claimed[index, self.within[index]]
        left: _Floats = np.clip(1.0 - others, _LEAST_LEFT, 1.0)
        return left


def claims_of(outlines: Sequence[Polygon | LineString], standing: Sequence[Polygon], shifts: _Floats) -> Claims:
    """Claims before anything is believed.

    Parameters
    ----------
    outlines
        Drawn buildings as placed, metres; pieces of wall claim nothing.
    standing
        Metres; may be empty.
    shifts
        (s, 2): moves that each outline may make, metres.
    """
    claimed = np.zeros((len(outlines), len(standing)))
    empty = [np.zeros(0, np.intp) for _ in outlines]
    if not standing:
        return Claims(empty, [np.zeros((len(shifts), 0)) for _ in outlines], claimed)
    centres = np.array([one.centroid.coords[0] for one in standing])
    forms = np.array([_form(one) for one in standing])
    spread = max(float(forms[:, 0].std()), 0.6), max(float(forms[:, 1].std()), 0.3)
    density = len(standing) / max(float(shapely.MultiPoint(centres).convex_hull.buffer(10.0).area), 1.0)
    reach = float(np.abs(shifts).max()) * math.sqrt(2) + 3 * _NEAR_M
    within, ratios = [], []
    for outline in outlines:
        here = np.array(outline.centroid.coords[0])
        near = np.flatnonzero(np.hypot(*(centres - here).T) <= reach)
        if isinstance(outline, LineString):
            near = near[:0]
        distance = ((here + shifts[:, None] - centres[near][None]) ** 2).sum(axis=2)
        close = np.exp(-0.5 * distance / _NEAR_M**2) / (2 * math.pi * _NEAR_M**2) / density
        within.append(near)
        alike = _alike(_form(outline), forms[near], forms, spread) if len(near) else np.zeros(0)
        ratios.append(close * np.exp(np.clip(alike, -5, 4)))
    return Claims(within, ratios, claimed)


def _form(outline: Polygon | LineString) -> tuple[float, float, float]:
    """Log of area, log of the ratio of sides, direction of the longer side in radians."""
    corners = shapely.get_coordinates(outline.minimum_rotated_rectangle)
    if len(corners) < 4:
        return math.log(1e-6), 0.0, 0.0
    one, other = corners[1] - corners[0], corners[2] - corners[1]
    long, short = sorted((one, other), key=lambda side: -float(np.hypot(*side)))
    ratio = float(np.hypot(*long)) / max(float(np.hypot(*short)), 1e-6)
    return math.log(max(outline.area, 1e-6)), math.log(ratio), math.atan2(long[1], long[0])


def _alike(own: tuple[float, float, float], others: _Floats, every: _Floats, spread: tuple[float, float]) -> _Floats:
    """Log likelihood ratio of size, form and direction, (m,), of being each one against being drawn from all."""
    total = np.zeros(len(others))
    for part, sd in ((0, _SIZE_LOG), (1, _FORM_LOG)):
        wide = math.hypot(spread[part], sd)
        total += math.log(wide / sd) - 0.5 * ((own[part] - others[:, part]) / sd) ** 2
        total += 0.5 * ((own[part] - every[:, part].mean()) / wide) ** 2
    long = (others[:, 1] > math.log(_LONG)) & (own[1] > math.log(_LONG))
    turned = np.exp(_SHARP * np.cos(2 * (own[2] - others[:, 2]))) / np.i0(_SHARP)
    result: _Floats = total + np.where(long, np.log(0.1 + 0.9 * turned), 0.0)
    return result
