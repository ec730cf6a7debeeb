"""Ink on paper: which pixels a pen touched, without shadows, ruled lines and what shines through."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Ink", "ink_of"]

Mask = NDArray[np.bool_]

#: Pale ink counts from this share of the pen's usual darkness, if it touches ink of the second share.
_WEAK, _STRONG = 0.38, 0.6


@dataclass(frozen=True)
class Ink:
    """What a pen left.

    Attributes
    ----------
    mask
        Pixels that it touched.
    dark
        How much darker than the paper around it each pixel is, 0–1.
    """

    mask: Mask
    dark: NDArray[np.float32]


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
    """Pixels of printed lines and folds: straight, and across most of the sheet five times, or from edge to edge."""
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
        length = cv2.boxFilter(covered, -1, (1, spread), normalize=False, borderType=cv2.BORDER_CONSTANT).ravel()
        band = length > 0.6 * side
        if int((np.diff(band.astype(int), prepend=0) == 1).sum()) < 5:
            band = _edge_to_edge(runs & some, axis, spread) & band
        out |= runs & some & (band[:, np.newaxis] if axis == 0 else band[np.newaxis, :])
    return out


def _edge_to_edge(runs: Mask, axis: int, spread: int) -> Mask:
    """Rows (axis 0) or columns whose line is there in most tenths of the sheet, the first and last ones too: a fold."""
    side = runs.shape[1 - axis]
    thick = cv2.dilate(runs.astype(np.uint8), np.ones((spread, 1) if axis == 0 else (1, spread), np.uint8))
    inner = thick[:, side // 50 : -side // 50] if axis == 0 else thick[side // 50 : -side // 50, :]
    parts = np.array_split(inner, 10, axis=1 - axis)
    shares = np.stack([part.mean(axis=1 - axis) for part in parts])
    return np.asarray((shares > 0.5).sum(axis=0) >= 8) & (shares[0] > 0.5) & (shares[-1] > 0.5)


def ink_of(pixels: NDArray[np.uint8]) -> Ink:
    """Pixels that a pen touched.

    Parameters
    ----------
    pixels
        ``uint8`` RGB of a flattened sheet.

    Returns
    -------
    Ink
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
        return Ink(np.zeros(dark.shape, dtype=bool), dark)
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
    return Ink(ink, dark)
