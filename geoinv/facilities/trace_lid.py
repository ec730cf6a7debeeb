"""What lies about a sheet: a scanner's lid, told by the even surface at the picture's rim, or a table, and no paper.

White paper before a white lid is a shade darker and has a grain, and hardly more. Against the lid's own evenness both
stand out over a sheet's whole extent, though the step in colour at its edge is slight.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["set_off", "unlike_lid"]

Plane = NDArray[np.float32]
Array = NDArray[np.float64]

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
#: How far from a side its surfaces are compared, past the broadest stroke; and what is one surface (eight-bit Lab).
_BESIDE, _SAME_PAPER = (16.0, 20.0, 24.0, 28.0), 5.0
#: What lies beyond a fold is no farther on the way from the sheet's colour to the table's.
_FOLD = 0.3
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


def set_off(looks: Plane, corners: Array, real: Sequence[int]) -> bool:
    """Whether the sides, all but one of four, part two surfaces, and none is a fold.

    A drawn wall, however broad, has the same paper on either side; and beyond a fold lies paper in another light, where
    beyond the other sides lies the table.

    Parameters
    ----------
    looks
        The picture without its thin lines, shape (rows, columns, channels), in steps of eight-bit Lab.
    corners
        Shape (4, 2), clockwise from the top left.
    real
        The sides that are not the picture's own frame, 0 the top, 1 the right one.
    """
    within, beyond = (np.array([_beside(looks, corners, index, sign) for index in real]) for sign in (1, -1))
    step = np.abs(within - beyond).max(axis=1)
    if (step > _SAME_PAPER).sum() < min(3, len(real)):
        return False
    if len(real) < 3:
        return True
    # How far what lies beyond a side is on the way from the sheet's colour to that beyond the other sides.
    sheet = np.median(within, axis=0)
    others = np.array([np.median(np.delete(beyond, k, axis=0), axis=0) for k in range(len(real))]) - sheet
    on_the_way = ((beyond - sheet) * others).sum(axis=1) / np.maximum((others**2).sum(axis=1), 1e-9)
    return bool((on_the_way > _FOLD).all())


def _beside(looks: Plane, corners: Array, index: int, sign: int) -> Array:
    """The usual colour a little to the inside (sign 1) or outside (-1) of a side."""
    start, way = corners[index], corners[(index + 1) % 4] - corners[index]
    normal = np.array([-way[1], way[0]]) / max(1e-9, float(np.hypot(*way)))
    share, off = np.linspace(0.1, 0.9, 24)[:, None, None], np.array(_BESIDE)[None, :, None]
    xy = (start + share * way + sign * off * normal).astype(np.float32)
    x, y = xy[..., 0].copy(), xy[..., 1].copy()
    seen = np.asarray(cv2.remap(looks, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE))
    return np.asarray(np.median(seen.reshape(-1, looks.shape[2]), axis=0), dtype=float)
