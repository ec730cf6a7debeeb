"""Strokes: ink thinned to centre lines, cut into chains at their branchings, with lettering told from drawing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from skimage.morphology import skeletonize

__all__ = ["Chains", "Strokes", "chains_of", "letters_of", "strokes_of", "thin"]

Mask = NDArray[np.bool_]
Array = NDArray[np.float64]

#: Letters are smaller than this share of the diagonal; what is larger than the second share is never one.
_SMALL, _LETTER = 0.012, 0.055


@dataclass(frozen=True)
class Chains:
    """Centre lines between branchings.

    Attributes
    ----------
    ids
        Per pixel of the sheet the chain's number, 0 for none; branchings belong to none.
    length, straight, width
        Per chain (0 unused): pixels, 1 − spread across / spread along, and the pen's width there.
    """

    ids: NDArray[np.int32]
    length: Array
    straight: Array
    width: Array


@dataclass(frozen=True)
class Strokes:
    """What a pen drew, without its lettering.

    Attributes
    ----------
    lines
        Centre lines, one pixel wide.
    letters
        Ink taken for writing, arrows' heads and specks.
    width
        Per pixel the pen's width at the nearest centre line, in pixels (0 far from any).
    pen
        The pen's usual width.
    """

    lines: Mask
    letters: Mask
    width: NDArray[np.float32]
    pen: float


def thin(ink: Mask) -> Mask:
    """Centre lines, one pixel wide (Zhang and Suen, 1984).

    Parameters
    ----------
    ink
        Strokes of any width.
    """
    return np.asarray(skeletonize(ink), dtype=bool)


def _hole_shares(ink: Mask, labels: NDArray[np.int32], boxes: NDArray[np.int64], small: Array) -> tuple[Array, Array]:
    """Per small component the share of its box that its largest hole fills, and how much of a box that hole is."""
    count, holes, stats, _ = cv2.connectedComponentsWithStats((~ink).astype(np.uint8), connectivity=4)
    share, square = np.zeros(len(boxes)), np.zeros(len(boxes))
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        if x == 0 or y == 0 or x + w >= ink.shape[1] or y + h >= ink.shape[0] or max(w, h) > small.max(initial=0):
            continue
        # The component to the left of a hole's first pixel is what encloses it.
        row = holes[y, x : x + w]
        first = x + int(np.argmax(row == index))
        owner = int(labels[y - 1, first])
        filled = area / max(1, boxes[owner, 2] * boxes[owner, 3])
        if owner and filled > share[owner]:
            share[owner], square[owner] = filled, area / (w * h)
    return share, square


def letters_of(ink: Mask) -> Mask:
    """Ink that is writing or specks.

    Parameters
    ----------
    ink
        All ink.

    Returns
    -------
    array (height, width) of bool
        Components too small to be drawn things, and such as stand in a row with others of their size without being a
        box or one straight stroke.
    """
    diagonal = float(np.hypot(*ink.shape))
    count, parts, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    labels, boxes = np.asarray(parts, np.int32), np.asarray(stats, np.int64)
    size = boxes[:, 2:4].max(axis=1).astype(float)
    size[0] = np.inf
    holes, square = _hole_shares(ink, labels, boxes, np.where(size < _LETTER * diagonal, size, 0))
    straight = np.array([_straight(labels, boxes[i], i) if i and size[i] < _LETTER * diagonal else False
                         for i in range(count)])  # fmt: skip
    beside = _beside(boxes, size, _LETTER * diagonal, straight)
    boxy = holes > 0.5
    small = size < _LETTER * diagonal
    # A letter is no box, or a box whose hole is round, or a small one in a row with others.
    row = (beside >= 2) & (size < np.where(square > 0.8, 0.018, 0.03) * diagonal)
    lone = (beside >= 1) | (size < 0.022 * diagonal)
    letter = small & ~straight & np.where(boxy, row, lone)
    letter |= straight & (beside >= 2) & (size < 0.03 * diagonal)
    letter |= size < np.where(straight, 0.5, 1.0) * _SMALL * diagonal
    letter[0] = False
    return np.asarray(letter[labels], dtype=bool)


def _straight(labels: NDArray[np.int32], box: NDArray[np.int64], index: int) -> bool:
    x, y, w, h, area = (int(v) for v in box)
    if area < 6:
        return False
    rows, columns = np.nonzero(labels[y : y + h, x : x + w] == index)
    spread = np.sqrt(
        np.linalg.eigvalsh(np.cov(np.column_stack([columns, rows]).T.astype(float)) + 1e-6 * np.eye(2)) * 12
    )
    return bool(spread[1] > 3.0 * spread[0] and area > 0.5 * spread[0] * spread[1])


def _beside(boxes: NDArray[np.int64], size: Array, most: float, straight: Mask) -> NDArray[np.int64]:
    """Per component how many crooked ones of about its height lie close by: letters come in words."""
    out = np.zeros(len(boxes), dtype=np.int64)
    crooked = np.flatnonzero((size < most) & ~straight & (size > 4))
    if not len(crooked):
        return out
    middle = boxes[:, :2] + boxes[:, 2:4] / 2
    tree = KDTree(middle[crooked])
    for index in np.flatnonzero(size < most):
        for other in crooked[tree.query_ball_point(middle[index], 2.2 * size[index])]:
            if other == index or not 0.5 < size[other] / size[index] < 2.0:
                continue
            gap = np.maximum(np.abs(middle[other] - middle[index]) - (boxes[other, 2:4] + boxes[index, 2:4]) / 2, 0)
            out[index] += bool(gap.max() < 0.7 * max(size[index], size[other]))
    return out


def strokes_of(ink: Mask) -> Strokes:
    """Ink as centre lines.

    Parameters
    ----------
    ink
        As from ``ink_of``.
    """
    letters = letters_of(ink)
    drawn = ink & ~letters
    lines = _unspurred(thin(drawn), drawn)
    depth = cv2.distanceTransform(drawn.astype(np.uint8), cv2.DIST_L2, 5)
    at = np.where(lines, 2 * depth, 0).astype(np.float32)
    pen = float(np.median(at[lines])) if lines.any() else 3.0
    return Strokes(lines, letters, np.asarray(cv2.dilate(at, np.ones((7, 7), np.uint8)), np.float32), pen)


def neighbours(lines: Mask) -> NDArray[np.uint8]:
    """How many of its eight neighbours are on a line, per pixel."""
    plain = lines.astype(np.uint8)
    counted = cv2.boxFilter(plain, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(counted - plain, np.uint8)


def _cut(lines: Mask) -> tuple[NDArray[np.int32], NDArray[np.int64], Mask]:
    """Chains' numbers per pixel, their sizes, and the branchings between them."""
    branching = cv2.dilate((lines & (neighbours(lines) > 2)).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    _, ids, stats, _ = cv2.connectedComponentsWithStats((lines & ~branching).astype(np.uint8), connectivity=8)
    return np.asarray(ids, np.int32), np.asarray(stats[:, 4], np.int64), branching


def _unspurred(lines: Mask, ink: Mask) -> Mask:
    """Centre lines without the hairs that thinning leaves on broad strokes."""
    depth = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 5)
    ids, sizes, branching = _cut(lines)
    free = np.zeros(len(sizes), dtype=bool)
    free[np.unique(ids[lines & (neighbours(lines) == 1)])] = True
    joined = np.zeros(len(sizes), dtype=bool)
    near = cv2.dilate((branching & lines).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    joined[np.unique(ids[near])] = True
    width = np.zeros(len(sizes))
    np.maximum.at(width, ids.ravel(), np.where(near, depth, 0).ravel())
    spur = free & joined & (sizes < 1.3 * width + 2)
    spur[0] = False
    return np.asarray(skeletonize(lines & ~spur[ids]), dtype=bool) if spur.any() else lines


def chains_of(lines: Mask, width: NDArray[np.float32]) -> Chains:
    """Centre lines cut at their branchings.

    Parameters
    ----------
    lines
        One pixel wide.
    width
        The pen's width per pixel.
    """
    ids, sizes, _ = _cut(lines)
    rows, columns = np.nonzero(ids)
    which = ids[rows, columns]
    n = np.maximum(np.bincount(which, minlength=len(sizes)), 1).astype(float)

    def mean(values: NDArray[np.generic]) -> Array:
        return np.asarray(np.bincount(which, weights=values.astype(np.float64), minlength=len(sizes)) / n)

    mx, my = mean(columns), mean(rows)
    dx, dy = columns - mx[which], rows - my[which]
    xx, yy, xy = mean(dx * dx), mean(dy * dy), mean(dx * dy)
    root = np.hypot((xx - yy) / 2, xy)
    along, across = np.sqrt((xx + yy) / 2 + root), np.sqrt(np.maximum((xx + yy) / 2 - root, 0))
    sizes[0] = 0
    return Chains(ids, sizes.astype(float), 1 - across / np.maximum(along, 1e-6), mean(width[rows, columns]))
