"""Ink on paper: which pixels a pen touched, without shadows, ruled lines, what shines through, and small writing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

__all__ = ["ink_of", "strokes_only", "thin"]

Mask = NDArray[np.bool_]

#: Pale ink counts from this share of the pen's usual darkness, if it touches ink of the second share.
_WEAK, _STRONG = 0.38, 0.6
#: Writing is smaller than this share of the sheet's diagonal.
_LETTER = 0.022


def _darkness(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much darker than the paper around it each pixel is, 0–1; shadows and uneven light fall out."""
    # The darkest channel: a blue pen is dark in red, a red one in blue.
    grey = cv2.GaussianBlur(pixels.min(axis=2), (0, 0), 1.0)
    height, width = grey.shape
    small = cv2.resize(grey, (max(8, width // 4), max(8, height // 4)), interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(
        cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13))), 21
    )
    paper = cv2.resize(cv2.GaussianBlur(paper, (0, 0), 4), (width, height), interpolation=cv2.INTER_LINEAR)
    ratio = grey.astype(np.float32) / np.maximum(paper.astype(np.float32), 1.0)
    return np.asarray((1.0 - ratio).clip(0.0, 1.0), dtype=np.float32)


def _joined_to(strong: Mask, weak: Mask) -> Mask:
    count, labels = cv2.connectedComponents(weak.astype(np.uint8), connectivity=8)
    keep = np.zeros(count, dtype=bool)
    keep[np.unique(labels[strong & weak])] = True
    keep[0] = False
    return np.asarray(keep[labels], dtype=bool)


def _ruled(some: Mask) -> Mask:
    """Pixels of printed lines: straight, across most of the sheet, and at least five of them one way."""
    out = np.zeros_like(some)
    plain = some.astype(np.uint8)
    for axis in (0, 1):
        side = some.shape[1 - axis]
        long = max(25, side // 14)
        shape, across = ((long, 1), (1, 3)) if axis == 0 else ((1, long), (3, 1))
        thick = cv2.dilate(plain, cv2.getStructuringElement(cv2.MORPH_RECT, across))
        runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape)).astype(bool)
        # A sheet that is not quite flat leaves a printed line slanting over several rows.
        spread = max(3, round(0.006 * side)) | 1
        covered = (runs & some).sum(axis=1 - axis).astype(np.float32)[:, np.newaxis]
        band = (
            cv2.boxFilter(covered, -1, (1, spread), normalize=False, borderType=cv2.BORDER_CONSTANT) > 0.6 * side
        ).ravel()
        if int((np.diff(band.astype(int), prepend=0) == 1).sum()) >= 5:
            out |= runs & some & (band[:, np.newaxis] if axis == 0 else band[np.newaxis, :])
    return out


def ink_of(pixels: NDArray[np.uint8]) -> Mask:
    """Pixels that a pen touched.

    Parameters
    ----------
    pixels
        ``uint8`` RGB of a flattened sheet.

    Returns
    -------
    array (height, width) of bool
        The sheet's outermost 0.8 % is left empty: its own edge and shadow lie there.
    """
    dark = _darkness(pixels)
    noise = 1.4826 * float(np.median(np.abs(dark[::4, ::4] - np.median(dark[::4, ::4]))))
    floor = max(0.07, 4.0 * noise)
    some = dark > floor
    ruled = _ruled(some)
    pen = float(np.percentile(dark[some & ~ruled], 75)) if (some & ~ruled).any() else 0.0
    printed = float(np.median(dark[ruled])) if ruled.any() else 0.0
    if pen <= 0.0:
        return np.zeros(dark.shape, dtype=bool)
    weak = dark > max(floor, _WEAK * pen)
    # Only what is paler than the pen was printed: walls of a row of rooms are straight and many too.
    ruled &= (dark < 0.75 * pen) & (printed < 0.6 * pen)
    ink = _joined_to((dark > _STRONG * pen) & ~ruled, weak & ~ruled)
    if ruled.any():
        # Where a printed line was taken out of a stroke that crosses it, the stroke is put together again.
        ink |= cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)).astype(bool) & ruled
    edge = max(2, round(0.008 * max(dark.shape)))
    ink[:edge] = ink[-edge:] = False
    ink[:, :edge] = ink[:, -edge:] = False
    return ink


def strokes_only(ink: Mask) -> Mask:
    """Ink without specks and small writing; short straight strokes stay, since dashed lines are made of them.

    Parameters
    ----------
    ink
        As from ``ink_of``.
    """
    diagonal = float(np.hypot(*ink.shape))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    boxes = np.asarray(stats, dtype=np.int64)
    keep = np.zeros(count, dtype=bool)
    for index in range(1, count):
        x, y, width, height, area = (int(v) for v in boxes[index])
        if max(width, height) > _LETTER * diagonal:
            keep[index] = True
        elif float(np.hypot(width, height)) > 0.006 * diagonal:
            keep[index] = _straight(labels[y : y + height, x : x + width] == index, area)
    return np.asarray(keep[labels], dtype=bool)


def _straight(part: Mask, area: int) -> bool:
    """Whether a small component is one straight stroke."""
    rows, columns = np.nonzero(part)
    points = np.column_stack([columns, rows]).astype(float)
    spread = np.sqrt(np.linalg.eigvalsh(np.cov(points.T) + 1e-6 * np.eye(2)) * 12)
    return bool(spread[1] > 3.5 * spread[0] and area > 0.5 * spread[0] * spread[1])


def thin(ink: Mask) -> Mask:
    """Centre lines, one pixel wide (Zhang and Suen, 1984).

    Parameters
    ----------
    ink
        Strokes of any width.
    """
    return np.asarray(skeletonize(ink), dtype=bool)
