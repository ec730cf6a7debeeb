"""A scanner's lid about a sheet: what in a picture is unlike the even surface that its rim shows.

White paper before a white lid is a shade darker and has a grain, and hardly more. Against the lid's own evenness both
stand out over a sheet's whole extent, though the step in colour at its edge is slight.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["unlike_lid"]

Plane = NDArray[np.float32]

#: Longer side in pixels of the picture in which the lid is looked at, and its rim's width as a share of that.
_SIDE, _RIM = 1280, 0.008
#: Pixels over which colour and grain are averaged.
_COLOUR, _GRAIN = 5, 11
#: What is narrower than this is no sheet.
_BROAD = 25
#: A sheet fills at least this share of the picture, and what is found of it this share of its own hull.
_LEAST_SHEET, _WHOLE = 0.18, 0.85
#: Spreads below which lid and sheet are not told apart: lightness and colours (8-bit Lab), log of the grain.
_FLOORS = np.array([0.5, 0.5, 0.5, 0.12], np.float32)
#: A rim whose lightness spreads more than this is a table in uneven light, or no single surface.
_EVEN = 1.5
#: Spreads off the lid that count nothing, and that count whole.
_LITTLE, _MUCH = 3.0, 6.0


def _signs(pixels: NDArray[np.uint8]) -> Plane:
    """Lightness, two colours and the log of the grain, averaged about every pixel; shape (rows, columns, 4)."""
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) * np.array([2.55, 1, 1], np.float32)
    lightness = np.ascontiguousarray(lab[..., 0])
    rough = np.abs(cv2.GaussianBlur(lightness, (0, 0), 0.7) - cv2.GaussianBlur(lightness, (0, 0), 3.0))
    # Strokes are rough, and so is an edge: only a paper's own grain is asked for.
    grain = np.log(cv2.boxFilter(np.minimum(rough, 4.0), -1, (_GRAIN, _GRAIN)) + 0.15)
    colour = cv2.boxFilter(np.asarray(lab), -1, (_COLOUR, _COLOUR))
    return np.asarray(np.dstack([colour, grain]), np.float32)


def unlike_lid(pixels: NDArray[np.uint8], size: tuple[int, int]) -> Plane:
    """How unlike the even surface at a picture's rim each place is.

    Parameters
    ----------
    pixels
        ``uint8`` RGB.
    size
        Rows and columns of the answer.

    Returns
    -------
    array (rows, columns) of float32
        0 as the rim is, 1 surely something else; 0 throughout where the rim is no even surface.
    """
    factor = min(1.0, _SIDE / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    signs = _signs(np.asarray(small, np.uint8))
    width = max(4, round(_RIM * max(signs.shape[:2])))
    rim = np.ones(signs.shape[:2], bool)
    rim[width:-width, width:-width] = False
    # A scanner's own edge is dark or bright for a pixel or two.
    rim[:2], rim[-2:], rim[:, :2], rim[:, -2:] = False, False, False, False
    lid = signs[rim]
    usual = np.median(lid, axis=0)
    spread = 1.4826 * np.median(np.abs(lid - usual), axis=0)
    if spread[0] > _EVEN:
        return np.zeros(size, np.float32)
    off = np.sqrt((((signs - usual) / np.maximum(spread, _FLOORS)) ** 2).max(axis=-1))
    away = ((off - _LITTLE) / (_MUCH - _LITTLE)).clip(0, 1).astype(np.float32)
    # Strokes are thin, and paper is not; and what lies by an edge is rough with it, as far as grain is averaged.
    away = np.asarray(cv2.morphologyEx(away, cv2.MORPH_OPEN, np.ones((_BROAD, _BROAD), np.uint8)), np.float32)
    away = np.asarray(cv2.erode(away, np.ones((_GRAIN - 2, _GRAIN - 2), np.uint8)), np.float32)
    sheet = away * _one_sheet(away > 0.5)
    return np.asarray(cv2.resize(sheet, (size[1], size[0]), interpolation=cv2.INTER_AREA), np.float32)


def _one_sheet(other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest piece of what is unlike the rim, if it is as large and as whole as a sheet is; else nothing."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(other.astype(np.uint8), connectivity=8)
    largest = int(stats[1:, 4].argmax()) + 1 if count > 1 else 0
    piece = parts == largest
    if not largest or stats[largest, 4] < _LEAST_SHEET * other.size:
        return np.zeros_like(other)
    outline = max(cv2.findContours(piece.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=len)
    whole = float(cv2.contourArea(cv2.convexHull(outline)))
    return np.asarray(piece) if stats[largest, 4] > _WHOLE * whole else np.zeros_like(other)
