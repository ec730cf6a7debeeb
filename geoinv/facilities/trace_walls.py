"""Strokes that together go round the buildings: a wall drawn in pieces, with its gate as a gap between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

__all__ = ["strokes_round"]

#: Bearings about the middle of the buildings that are looked along.
_BEARINGS = 180
#: A stroke of a wall spans so many of them at least, and runs more round than away: share of its length.
_SPANS, _ROUND = 8, 0.6
#: No more of it runs between the buildings than this; of those on its bearings so many lie inside it; and on so many of
#: its bearings nothing like it lies nearer.
_BETWEEN, _HOLDS, _NEAREST = 0.4, 0.6, 0.6
#: Where there are more than a few buildings, those furthest out may stand outside: this share is looked between.
_FEW, _NEAR = 5, 0.8
#: Strokes together are a wall where they are seen on so many bearings.
_GOES_ROUND = 0.6
_Floats = NDArray[np.float64]


def strokes_round(shapes: Sequence[Polygon], lines: Sequence[LineString]) -> tuple[int, ...]:
    """Which of a drawing's strokes make the wall about its buildings.

    Parameters
    ----------
    shapes
        The buildings, drawing units.
    lines
        Strokes of which nobody knows yet what they are.

    Returns
    -------
    tuple of int
        Places in ``lines``; none where there are fewer than two buildings or no strokes go round most of the way.
    """
    if len(shapes) < 2 or not lines:
        return ()
    middles = np.array([shape.centroid.coords[0] for shape in shapes])
    middle = np.median(middles, axis=0)
    bearings = _bearings(middles - middle)
    radii = np.hypot(*(middles - middle).T)
    reach = np.full((len(lines), _BEARINGS), np.inf)
    # A house or two may stand outside the wall.
    near = np.argsort(radii, kind="stable")[: max(min(len(shapes), _FEW), round(_NEAR * len(shapes)))]
    amid = shapely.union_all([shapes[at] for at in near]).convex_hull
    for number, line in enumerate(lines):
        seen = _seen_from(middle, line) if line.intersection(amid).length <= _BETWEEN * line.length else None
        if seen is None:
            continue
        there = np.isfinite(seen[bearings])
        if not there.any() or (radii[there] < seen[bearings][there]).mean() >= _HOLDS:
            reach[number] = seen
    nearest = reach.argmin(axis=0)
    taken = []
    for number in range(len(lines)):
        spans = np.isfinite(reach[number])
        if spans.sum() >= _SPANS and (nearest[spans] == number).mean() >= _NEAREST:
            taken.append(number)
    round_ = np.isfinite(reach[taken]).any(axis=0).mean() if taken else 0.0
    return tuple(taken) if round_ >= _GOES_ROUND else ()


def _bearings(away: _Floats) -> NDArray[np.intp]:
    angle = np.arctan2(away[:, 1], away[:, 0]) % (2 * np.pi)
    return np.asarray(angle / (2 * np.pi) * _BEARINGS, np.intp) % _BEARINGS


def _seen_from(middle: _Floats, line: LineString) -> _Floats | None:
    """How far away a stroke lies on each bearing, infinite where it does not; ``None`` of one that runs away."""
    dense = shapely.get_coordinates(shapely.segmentize(line, max(line.length / 400, 1e-9))) - middle
    step = np.diff(dense, axis=0)
    at = (dense[1:] + dense[:-1]) / 2
    length, radius = np.hypot(*step.T), np.hypot(*at.T)
    across = np.abs(at[:, 0] * step[:, 1] - at[:, 1] * step[:, 0]) / np.maximum(radius, 1e-9)
    if across.sum() < _ROUND * length.sum():
        return None
    seen = np.full(_BEARINGS, np.inf)
    np.minimum.at(seen, _bearings(at), radius)
    return seen
