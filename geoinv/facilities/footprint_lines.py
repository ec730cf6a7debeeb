"""How far two lines on the ground are apart, and how far they may be and still be one line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["Apart", "line_tolerance_m", "lines_apart"]

#: Lines are compared at points this far apart, metres.
_STEP_M = 1.0
#: A hand's line is never truer than the first, and lines further apart than the second are never one, whatever is
#: stated of their drawings: on the ground that is a visibly different wall. Metres.
_LEAST_M, _MOST_M = 1.0, 4.0
#: 90 % point of a Rayleigh distribution, in its root mean square.
_RAYLEIGH_90 = 1.52


@dataclass(frozen=True)
class Apart:
    """Distances between two lines, metres; each the larger of both ways (one from the other, the other from the one).

    Attributes
    ----------
    mean_m
        Mean.
    most_m
        Nine tenths lie within it (a Hausdorff distance that forgives a tenth; Huttenlocher et al. 1993).
    furthest_m
        All lie within it.
    one_way_m
        As ``most_m``, but the smaller of both ways: small too where one line is a part of the other.
    """

    mean_m: float
    most_m: float
    furthest_m: float
    one_way_m: float

    def within(self, tolerance_m: float) -> bool:
        """Whether they are one line: nine tenths within the tolerance, and nothing beyond twice that."""
        return self.most_m <= tolerance_m and self.furthest_m <= 2.0 * tolerance_m


def lines_apart(one: BaseGeometry, other: BaseGeometry) -> Apart:
    """How far two lines are apart.

    Parameters
    ----------
    one, other
        Lines, or areas, whose edges are then meant; metres of one frame.
    """
    first, second = _line(one), _line(other)
    there, back = _distances(first, second), _distances(second, first)
    most = float(np.quantile(there, 0.9)), float(np.quantile(back, 0.9))
    return Apart(
        mean_m=max(float(there.mean()), float(back.mean())),
        most_m=max(most),
        furthest_m=max(float(there.max()), float(back.max())),
        one_way_m=min(most),
    )


def line_tolerance_m(one_rms_m: float | None, other_rms_m: float | None) -> float:
    """How far apart one line may lie in two placed drawings, at 90 %: from the residuals stated of both placements.

    Parameters
    ----------
    one_rms_m, other_rms_m
        Root mean square residual of each placement, metres; ``None`` where none is stated.
    """
    if one_rms_m is None or other_rms_m is None:
        return _MOST_M
    return min(_MOST_M, max(_LEAST_M, _RAYLEIGH_90 * math.hypot(one_rms_m, other_rms_m)))


def _line(shape: BaseGeometry) -> BaseGeometry:
    return shape.boundary if shape.area > 0 else shape


def _distances(one: BaseGeometry, other: BaseGeometry) -> NDArray[np.float64]:
    """Distances from points along one line to the other line."""
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(one, _STEP_M)))
    return np.asarray(shapely.distance(points, other), np.float64)
