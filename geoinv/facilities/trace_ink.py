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


#: Paper is coloured, not white or cream, where one channel is so many times as bright as another.
_COLOURED = 1.2


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


def _whitened(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture as it would be on white paper: on brown, a blue pen is no darker than the paper in blue."""
    paper = np.median(pixels[::4, ::4].reshape(-1, 3), axis=0).clip(1.0)
    gain = paper.max() / paper
    # Light and lens tinge white and cream paper by as much.
    if gain.max() < _COLOURED:
        return pixels
    return np.asarray((pixels * gain).clip(0, 255), dtype=np.uint8)


def _darkness(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much darker than the paper around it each pixel is, 0–1; shadows and uneven light fall out."""
    # The darkest channel: a blue pen is dark in red, a red one in blue.
    grey = cv2.GaussianBlur(_whitened(pixels).min(axis=2), (0, 0), 1.0)
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


def _runs(some: Mask, axis: int, long: int) -> Mask:
    """Pixels of stretches along rows (axis 0) or columns that are at least so long, give or take a pixel aside."""
    shape, across = ((long, 1), (1, 3)) if axis == 0 else ((1, long), (3, 1))
    thick = cv2.dilate(some.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_RECT, across))
    opened = cv2.morphologyEx(thick, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
    return np.asarray(opened.astype(bool) & some)


def _spread(some: Mask, axis: int) -> int:
    """Over how many rows a printed line may slant: a sheet is never quite flat."""
    return max(3, round(0.005 * int(some.shape[1 - axis]))) | 1


def _from_edge_to_edge(some: Mask, dark: NDArray[np.float32]) -> Mask:
    """Pixels of lines that nobody draws: ruling, a margin, a fold, straight from one edge of the sheet to the other."""
    out = np.zeros_like(some)
    for axis in (0, 1):
        side, spread = some.shape[1 - axis], _spread(some, axis)
        runs = _runs(some, axis, max(20, side // 40))
        thick = cv2.dilate(runs.astype(np.uint8), np.ones((spread, 1) if axis == 0 else (1, spread), np.uint8))
        thick = thick if axis == 0 else thick.T
        parts = np.array_split(thick, 25, axis=1)
        rim, ends = round(0.008 * side), round(0.028 * side)
        reached = (thick[:, rim:ends].mean(axis=1) > 0.5) & (thick[:, -ends:-rim].mean(axis=1) > 0.5)
        held = np.stack([part.mean(axis=1) > 0.3 for part in parts]).sum(axis=0)
        band = reached & (held >= 18)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], band.astype(np.int8), [0]])))
        near = cv2.dilate(runs.astype(np.uint8), np.ones((5, 15) if axis == 0 else (15, 5), np.uint8)).astype(bool)
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            window = (slice(start, end), slice(None)) if axis == 0 else (slice(None), slice(start, end))
            line = runs[window]
            # A wall drawn along a printed line is darker than the line is elsewhere.
            usual = float(np.median(dark[window][line])) if line.any() else 0.0
            out[window] |= some[window] & near[window] & (dark[window] < 1.4 * usual)
    return out


def _ruled(some: Mask) -> Mask:
    """Pixels of lines across most of the sheet, at least five of them one way."""
    out = np.zeros_like(some)
    for axis in (0, 1):
        side = some.shape[1 - axis]
        runs = _runs(some, axis, max(25, side // 14))
        covered = runs.sum(axis=1 - axis).astype(np.float32)[:, np.newaxis]
        length = cv2.boxFilter(covered, -1, (1, _spread(some, axis)), normalize=False, borderType=cv2.BORDER_CONSTANT)
        band = length.ravel() > 0.6 * side
        if int((np.diff(band.astype(int), prepend=0) == 1).sum()) >= 5:
            out |= runs & (band[:, np.newaxis] if axis == 0 else band[np.newaxis, :])
    return out


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
    printed = _from_edge_to_edge(some, dark)
    some &= ~printed
    ruled = _ruled(some)
    drawn = some & ~ruled
    pen = float(np.percentile(dark[drawn], 75)) if drawn.any() else 0.0
    usual = float(np.median(dark[ruled])) if ruled.any() else 0.0
    if pen <= 0.0:
        return Ink(np.zeros(dark.shape, dtype=bool), dark)
    weak = dark > max(floor, _WEAK * pen)
    # Of lines that stop short of the edges only what is paler than the pen was printed: walls of a row of rooms are
    # straight and many too.
    printed |= ruled & (dark < 0.75 * pen) & (usual < 0.6 * pen)
    ink = _joined_to((dark > _STRONG * pen) & ~printed, weak & ~printed)
    if printed.any():
        # Where a printed line was taken out of a stroke that crosses it, the stroke is put together again.
        whole = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)).astype(bool)
        ink |= whole & printed
    edge = max(2, round(0.008 * max(dark.shape)))
    ink[:edge] = ink[-edge:] = False
    ink[:, :edge] = ink[:, -edge:] = False
    return Ink(ink, dark)
