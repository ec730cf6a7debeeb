"""Patches of scenes that no straight transform places: sensor models (RPC) and control points.

Each pixel of the patch asks the model where on the picture it lies. The model is asked at nodes 64 pixels apart and
spread between them: over so little ground a satellite's model bends by far less than a pixel.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from affine import Affine
from numpy.typing import NDArray

from geoinv.geometry.frames import xy_to_lonlat
from geoinv.records.places import Frame

__all__ = ["nodes_of", "resampled", "spread", "window_of"]

Field = NDArray[np.float64]
#: Pixels between the nodes at which a model is asked.
_APART = 64
#: cv2 counts pixels of one picture in signed 16-bit numbers.
_MOST = 32_000


def nodes_of(frame: Frame, transform: Affine, width: int, height: int) -> tuple[Field, tuple[int, int]]:
    """Longitude and latitude, (n, 2), of nodes 64 pixels apart over a patch, and their rows and columns."""
    columns, rows = (np.arange(0, side + _APART, _APART)[: side // _APART + 2] for side in (width, height))
    grid_c, grid_r = (grid.ravel().astype(np.float64) for grid in np.meshgrid(columns, rows))
    xs = transform.a * grid_c + transform.b * grid_r + transform.c
    ys = transform.d * grid_c + transform.e * grid_r + transform.f
    return xy_to_lonlat(frame, np.column_stack([xs, ys])), (len(rows), len(columns))


def spread(nodes: Field, width: int, height: int) -> Field:
    """Values at pixel centres from nodes every 64 pixels, bilinear."""
    result: Field = _weights(height, nodes.shape[0]) @ nodes @ _weights(width, nodes.shape[1]).T
    return result


def _weights(pixels: int, nodes: int) -> Field:
    """How much of each node is in each pixel's centre along one side, (pixels, nodes)."""
    at = (np.arange(pixels) + 0.5) / _APART
    low = np.floor(at).astype(int)
    found = np.zeros((pixels, nodes))
    found[np.arange(pixels), low], found[np.arange(pixels), low + 1] = 1 - (at - low), at - low
    return found


def window_of(columns: Field, rows: Field, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Column, row, width and height of the part of a picture that a patch needs; ``None`` where it needs none.

    Parameters
    ----------
    columns, rows
        Where the patch's pixels lie on the picture, from its outer corner.
    size
        Width and height of the picture.
    """
    left, right = max(0, int(np.floor(columns.min())) - 3), min(size[0], int(np.ceil(columns.max())) + 3)
    top, bottom = max(0, int(np.floor(rows.min())) - 3), min(size[1], int(np.ceil(rows.max())) + 3)
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def resampled(
    columns: Field,
    rows: Field,
    window: tuple[int, int, int, int],
    shape: tuple[int, int],
    read: Callable[[], tuple[NDArray[np.float32], NDArray[np.bool_]]],
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Pixels of a patch, cubic, from those of a window.

    Parameters
    ----------
    columns, rows
        Where the patch's pixels lie on the picture, shape (height, width), from its outer corner.
    window
        Column, row, width and height of the part that is read.
    shape
        Rows and columns in which that part is read (fewer than its own where the patch is coarser).
    read
        Gives that part, (bands, *shape), and where it is valid.

    Returns
    -------
    tuple
        float32 (bands, height, width) and bool (height, width).

    Raises
    ------
    ValueError
        If either side of the window or of the patch is over 32,000 pixels.
    """
    if max(*shape, *columns.shape) > _MOST:
        raise ValueError("a side of this piece is too long")
    pixels, valid = read()
    x = ((columns - window[0]) * (shape[1] / window[2]) - 0.5).astype(np.float32)
    y = ((rows - window[1]) * (shape[0] / window[3]) - 0.5).astype(np.float32)
    found = np.stack([cv2.remap(band, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE) for band in pixels])
    # A pixel that borrows from one without a value has none itself.
    whole = cv2.remap(valid.astype(np.float32), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=1.0)
    return found.astype(np.float32), whole > 0.999
