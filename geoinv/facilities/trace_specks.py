"""A sheet scanned in black and white under a white lid: its edge is not in the picture, but its paper's specks are.

A scanner that tells only black from white leaves lid and paper the same white, save that paper's grain passes for black
in a speck here and there, all over the sheet and nowhere beside it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["sheet_of_specks"]

Array = NDArray[np.float64]

#: A picture is in black and white if no more of its pixels than this are neither.
_GREY = 0.002
#: Specks have no more pixels than this; fewer of them than this say nothing.
_SPECK, _FEW = 8, 300
#: The sheet is divided into so many cells each way; specks lie in so many of those cells, strokes left aside.
_CELLS, _ALL_OVER = 10, 0.9
#: What specks cover fills this share of a rectangle, as large as this share of the picture, and no more of it.
_SQUARE, _LEAST, _MOST = 0.95, 0.18, 0.985


def sheet_of_specks(pixels: NDArray[np.uint8]) -> Array | None:
    """Corners of a sheet told by the specks on its paper.

    Parameters
    ----------
    pixels
        ``uint8`` RGB.

    Returns
    -------
    array (4, 2) or None
        Clockwise from the top left, in pixels of the picture. ``None`` of a picture that is not in black and white, or
        whose specks do not lie evenly over one rectangle with nothing beside it.
    """
    grey = pixels[..., 1]
    if float(((grey > 8) & (grey < 247)).mean()) > _GREY:
        return None
    black = (grey < 128).astype(np.uint8)
    count, _, stats, centres = cv2.connectedComponentsWithStats(black, connectivity=8)
    specks = np.asarray(centres, np.float64)[1:][stats[1:, 4] <= _SPECK] if count > 1 else np.zeros((0, 2))
    if len(specks) < _FEW:
        return None
    hull = cv2.convexHull(np.argwhere(black)[:, ::-1].astype(np.float32))
    around = cv2.minAreaRect(hull)
    whole = around[1][0] * around[1][1]
    if not _LEAST * grey.size < whole < _MOST * grey.size or cv2.contourArea(hull) < _SQUARE * whole:
        return None
    corners = _clockwise(np.asarray(cv2.boxPoints(around), np.float64))
    return corners if _all_over(specks, black, corners) else None


def _clockwise(corners: Array) -> Array:
    """From the top left: sheets lie the right way up, give or take their lean."""
    middle = corners.mean(axis=0)
    turned = corners[np.argsort(np.arctan2(*(corners - middle).T[::-1]))]
    return np.roll(turned, -int(np.argmin(turned.sum(axis=1))), axis=0)


def _all_over(specks: Array, black: NDArray[np.uint8], corners: Array) -> bool:
    """Whether there are specks in next to every part of a rectangle that is not covered with strokes."""
    target = np.array([(0, 0), (_CELLS, 0), (_CELLS, _CELLS), (0, _CELLS)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    rows, columns = np.nonzero(black)

    def counted(points: Array) -> Array:
        at = cv2.perspectiveTransform(points[None].astype(np.float32), matrix)[0].clip(0, _CELLS - 1e-3)
        return np.asarray(np.histogram2d(at[:, 0], at[:, 1], bins=_CELLS, range=[[0, _CELLS]] * 2)[0], np.float64)

    cell = cv2.contourArea(corners.astype(np.float32)) / _CELLS**2
    inked = counted(np.column_stack([columns, rows]).astype(np.float64)) > 0.1 * cell
    there = counted(specks) > 0
    return bool((there | inked).mean() >= _ALL_OVER and there.mean() >= 0.5 * _ALL_OVER)
