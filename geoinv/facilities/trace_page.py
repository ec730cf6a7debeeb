"""The sheet in a photograph: its four corners, and the picture of it as if scanned flat."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.trace_edges import Corners, sharpened, sides_of
from geoinv.facilities.trace_specks import sheet_of_specks

__all__ = ["Sheet", "find_page", "flatten_page"]

#: Longer side of the flattened sheet, in pixels.
_SHEET_SIDE = 2000
#: More pixels than this are averaged down before anything else: it bounds memory and time.
_MOST_SIDE = 4000


@dataclass(frozen=True)
class Sheet:
    """A flattened sheet.

    Attributes
    ----------
    pixels
        ``uint8`` RGB of the sheet alone; its longer side is at most 2000 pixels.
    corners
        Shape (4, 2): top left, top right, bottom right, bottom left in the picture, pixels (column, row).
    found
        Whether the sheet's edges were found; if not, the whole picture is taken for the sheet.
    """

    pixels: NDArray[np.uint8]
    corners: Corners
    found: bool


def _halved(pixels: NDArray[np.uint8], side: int) -> tuple[NDArray[np.uint8], float]:
    """A picture no larger than ``side``, and by how much it was made smaller."""
    factor = min(1.0, side / max(pixels.shape[:2]))
    if factor == 1.0:
        return pixels, 1.0
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8), small.shape[1] / pixels.shape[1]


def find_page(pixels: NDArray[np.uint8]) -> Corners | None:
    """Corners of the sheet in a picture, if one stands out.

    Parameters
    ----------
    pixels
        ``uint8`` RGB.

    Returns
    -------
    array (4, 2) or None
        Clockwise from the top left, in pixels of the picture; a corner may lie outside it. ``None`` if nothing better
        than the picture's own frame is found.
    """
    large, factor = _halved(pixels, _MOST_SIDE)
    corners = sides_of(large)
    return sheet_of_specks(pixels) if corners is None else sharpened(large, corners) / factor


def flatten_page(pixels: NDArray[np.uint8], *, whole: bool = False) -> Sheet:
    """The sheet alone, as if scanned flat; the whole picture where no sheet stands out.

    Parameters
    ----------
    pixels
        ``uint8`` RGB.
    whole
        Whether the picture is known to be the sheet.
    """
    height, width = pixels.shape[:2]
    pixels, shrunk = _halved(pixels, _MOST_SIDE)
    corners = None if whole else find_page(pixels)
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    four = frame * shrunk if corners is None else corners
    across = (np.hypot(*(four[1] - four[0])) + np.hypot(*(four[2] - four[3]))) / 2
    down = (np.hypot(*(four[3] - four[0])) + np.hypot(*(four[2] - four[1]))) / 2
    # Enlarging what has few pixels makes strokes wide enough to follow; more than this only costs time.
    factor = _SHEET_SIDE / max(across, down)
    w, h = max(16, round(across * factor)), max(16, round(down * factor))
    target = np.array([[0, 0], [w, 0], [w, h], [0, h]], dtype=np.float32)
    if factor < 0.6:
        pixels, less = _halved(pixels, round(2 * factor * max(pixels.shape[:2])))
        matrix = cv2.getPerspectiveTransform((four * less).astype(np.float32), target)
    else:
        matrix = cv2.getPerspectiveTransform(four.astype(np.float32), target)
    flat = cv2.warpPerspective(pixels, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Sheet(np.asarray(flat, dtype=np.uint8), frame if corners is None else four / shrunk, corners is not None)
