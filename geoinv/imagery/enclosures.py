"""Walled yards on a scene: the large rectangles whose four sides all run along edges, best first.

A penal facility is its wall. From above a wall is a thin bright line, a dark shadow, or only the seam between trodden
and grown ground; what all have in common is that an edge runs straight along each of four sides. Every turn, width and
height is tried at every place; a side's support is the mean of edges that run its way, each third of it free to lie a
little off, since walls are not quite straight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from geoinv.geometry.overlap import iou
from geoinv.imagery.edge_search import Oriented, oriented
from geoinv.imagery.masks import Field
from geoinv.imagery.scene import Scene
from geoinv.records.places import Frame

__all__ = ["Enclosure", "enclosures"]

#: Metres a pixel of the search: a wall and its shadow survive it.
_GSD = 1.0
#: Turns tried within a right angle, degrees apart.
_STEP_DEG = 5.0
#: Sides tried, metres.
_SIDES_M = tuple(float(side) for side in np.geomspace(22.0, 230.0, 19).round(1))
#: A side is three pieces, each of which may lie this many metres off.
_PIECES, _SLACK_M = 3, 2.0
#: Share of the weakest side in the score: three good sides are no enclosure yet.
_WEAKEST = 0.35
#: Overlap (IoU) above which two are one.
_SAME = 0.6
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Enclosure:
    """A rectangle whose sides run along edges.

    Attributes
    ----------
    polygon
        Metres of the frame.
    score
        Support of its sides in standard deviations over all places and turns for rectangles of its size.
    """

    polygon: Polygon
    score: float


@dataclass(frozen=True)
class _Turned:
    """Edge support of the scene turned so that a rectangle's sides run along rows and columns; summed along both."""

    rows: _Floats  # (height, width + 1): edges that run along rows, summed along them
    columns: _Floats  # (height + 1, width)
    to_metres: _Floats  # (2, 3): turned pixel (column, row, 1) to metres


def enclosures(
    scene: Scene,
    frame: Frame,
    centre: tuple[float, float],
    reach_m: float,
    *,
    most: int = 12,
    sides_m: Sequence[float] = _SIDES_M,
    step_m: float = _GSD,
) -> list[Enclosure]:
    """Find the likeliest walled yards about a place.

    Parameters
    ----------
    scene
        The picture.
    frame, centre
        Metres, and the middle of the search in them.
    reach_m
        How far from there an enclosure's middle may lie, each way.
    most
        How many to return at most.
    sides_m
        Lengths tried for either side, metres.
    step_m
        Metres a pixel of the search; the time it takes goes with one over its square.

    Returns
    -------
    list of Enclosure
        Best first, each clearly different from those before it; empty where there are hardly any pixels.

    Raises
    ------
    UnreadableFileError
        If the scene's pixels cannot be read.
    """
    step = max(scene.gsd, step_m, reach_m / 300.0)
    half = reach_m + max(sides_m) / 2
    east, north = centre
    patch = scene.patch(frame, (east - half, north - half, east + half, north + half), step)
    if patch.valid.mean() < 0.05:
        return []
    field = oriented(patch, 0, blur_m=0.7)
    found: list[Enclosure] = []
    for turn in np.arange(0.0, 90.0, _STEP_DEG):
        found += _of_turn(field, float(turn), sides_m, reach_m, np.array(centre))
    found.sort(key=lambda one: -one.score)
    return _different(found, most)


def _of_turn(
    field: Oriented, turn: float, sides_m: Sequence[float], reach_m: float, centre: _Floats
) -> list[Enclosure]:
    turned, gsd = _turned(field, turn), field.patch.gsd
    lengths = [max(3, round(side / gsd)) for side in sides_m]
    along = {length: _side(turned.rows, length, gsd) for length in lengths}
    across = {length: _side(turned.columns.T, length, gsd).T for length in lengths}
    found = []
    for width in lengths:
        for height in lengths:
            if not 1 / 3.5 <= width / height <= 3.5:
                continue
            score = _rectangles(along[width], across[height], width, height)
            if score.size == 0:
                continue
            found += _peaks(score, turned, width, height, reach_m, centre)
    return found


def _turned(field: Oriented, turn: float) -> _Turned:
    """The edges that run along a turned rectangle's sides, resampled so that these are rows and columns."""
    height, width = field.busy.shape
    side = math.ceil(math.hypot(height, width))
    angle = math.radians(turn)
    spin = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    # From turned pixels to the patch's; rows go south, so a turn counter-clockwise on the ground is clockwise here.
    back = np.column_stack([spin, np.array([width / 2, height / 2]) - spin @ np.array([side / 2, side / 2])])
    count = len(field.fields)
    rows, columns = (
        cv2.warpAffine(
            field.fields[round(direction / 180.0 * count) % count],
            back,
            (side, side),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        ).astype(np.float64)
        for direction in (turn, turn + 90.0)
    )
    corners = field.patch.to_metres(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    basis = np.column_stack([corners[1] - corners[0], corners[2] - corners[0]])
    to_metres = np.column_stack([basis @ back[:, :2], basis @ back[:, 2] + corners[0]])
    return _Turned(
        np.pad(rows.cumsum(axis=1), ((0, 0), (1, 0))), np.pad(columns.cumsum(axis=0), ((1, 0), (0, 0))), to_metres
    )


def _side(sums: _Floats, length: int, gsd: float) -> Field:
    """Support of a side of so many pixels along rows, starting at each pixel: thirds, each free to lie a little off."""
    slack = cv2.getStructuringElement(cv2.MORPH_RECT, (1, 2 * max(1, round(_SLACK_M / gsd)) + 1))
    cuts = np.linspace(0, length, _PIECES + 1).round().astype(int)
    wide = sums.shape[1] - length
    if wide <= 0:
        return np.zeros((sums.shape[0], 0), np.float32)
    total = np.zeros((sums.shape[0], wide), np.float32)
    for low, high in zip(cuts[:-1], cuts[1:], strict=True):
        piece = (sums[:, high : high + wide] - sums[:, low : low + wide]).astype(np.float32) / max(high - low, 1)
        total += cv2.dilate(np.ascontiguousarray(piece), slack) / _PIECES
    return total


def _rectangles(along: Field, across: Field, width: int, height: int) -> Field:
    """Support of a rectangle whose top left corner is each pixel."""
    tall, wide = along.shape[0] - height, across.shape[1] - width
    if min(tall, wide) <= 0 or min(along.shape[1], across.shape[0]) == 0:
        return np.zeros((0, 0), np.float32)
    tall, wide = min(tall, across.shape[0]), min(wide, along.shape[1])
    sides = (
        along[:tall, :wide],
        along[height : height + tall, :wide],
        across[:tall, :wide],
        across[:tall, width : width + wide],
    )
    mean = (sides[0] + sides[1] + sides[2] + sides[3]) / 4
    weakest = np.minimum(np.minimum(sides[0], sides[1]), np.minimum(sides[2], sides[3]))
    return np.asarray((1 - _WEAKEST) * mean + _WEAKEST * weakest, np.float32)


def _peaks(
    score: Field, turned: _Turned, width: int, height: int, reach_m: float, centre: _Floats, most: int = 4
) -> list[Enclosure]:
    """The best few places of one turn and size, in standard deviations over all of them."""
    standard = (score - score.mean()) / max(float(score.std()), 1e-6)
    apart = max(3, min(width, height) // 4)
    found = []
    for _ in range(most):
        row, column = np.unravel_index(int(standard.argmax()), standard.shape)
        value = float(standard[row, column])
        top, left = max(0, int(row) - apart), max(0, int(column) - apart)
        standard[top : int(row) + apart + 1, left : int(column) + apart + 1] = -np.inf
        if not math.isfinite(value):
            break
        corners = np.array(
            [[column, row], [column + width, row], [column + width, row + height], [column, row + height]], float
        )
        ground = (corners + 0.5) @ turned.to_metres[:, :2].T + turned.to_metres[:, 2]
        if float(np.abs(ground.mean(axis=0) - centre).max()) <= reach_m:
            found.append(Enclosure(Polygon(ground), value))
    return found


def _different(found: Sequence[Enclosure], most: int) -> list[Enclosure]:
    kept: list[Enclosure] = []
    for one in found:
        if all(iou(one.polygon, other.polygon) < _SAME for other in kept):
            kept.append(one)
        if len(kept) == most:
            break
    return kept
