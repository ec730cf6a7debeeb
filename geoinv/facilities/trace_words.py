"""Writing on a sheet: kept as pictures with their places, never read."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Point, Polygon

__all__ = ["Writing", "belongs_to", "snippet_of", "words_of"]

Mask = NDArray[np.bool_]

#: Writing is at least this share of the diagonal high; letters this many of their heights apart are one piece.
_LEAST, _APART = 0.006, 0.9
#: Pieces kept a sheet, and the height in pixels of their pictures.
_MOST, _TALL = 80, 56


@dataclass(frozen=True)
class Writing:
    """A piece of writing: left, top, right, bottom in pixels of the flat sheet."""

    box: tuple[int, int, int, int]

    @property
    def middle(self) -> tuple[float, float]:
        """Column and row."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


def words_of(letters: Mask) -> list[Writing]:
    """Letters put together to pieces of writing, in reading order.

    Parameters
    ----------
    letters
        Ink taken for writing.
    """
    diagonal = float(np.hypot(*letters.shape))
    plain = letters.astype(np.uint8)
    stats = cv2.connectedComponentsWithStats(plain, connectivity=8)[2]
    heights = stats[1:, 3][stats[1:, 3] > _LEAST * diagonal]
    if not len(heights):
        return []
    reach = max(3, round(_APART * float(np.median(heights))))
    joined = cv2.dilate(plain, np.ones((max(3, reach // 2), 2 * reach + 1), np.uint8))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    rows, columns = np.nonzero(letters)
    which = np.asarray(labels, np.int64)[rows, columns]
    low, high = np.full((count, 2), np.iinfo(np.int64).max), np.full((count, 2), -1)
    for axis, values in ((0, columns), (1, rows)):
        np.minimum.at(low[:, axis], which, values)
        np.maximum.at(high[:, axis], which, values)
    boxes = [
        (*low[i].tolist(), *(high[i] + 1).tolist())
        for i in range(1, count)
        if high[i, 1] - low[i, 1] > _LEAST * diagonal
    ]
    boxes.sort(key=lambda box: (-(box[2] - box[0]) * (box[3] - box[1]), box))
    row = letters.shape[0] / 24
    kept = sorted(boxes[:_MOST], key=lambda box: (int(box[1] / row), box[0], box[1]))
    return [Writing((int(a), int(b), int(c), int(d))) for a, b, c, d in kept]


def snippet_of(pixels: NDArray[np.uint8], writing: Writing) -> str:
    """A piece of writing as a small grey PNG in a ``data:`` address.

    Parameters
    ----------
    pixels
        ``uint8`` RGB of the flat sheet.
    writing
        Where it stands.
    """
    x0, y0, x1, y1 = writing.box
    margin = max(3, (y1 - y0) // 5)
    part = pixels[max(0, y0 - margin) : y1 + margin, max(0, x0 - margin) : x1 + margin]
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    factor = min(1.0, _TALL / grey.shape[0])
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else grey
    # In steps of eight: what a scanner's noise adds below that is not worth its bytes.
    coded = cv2.imencode(".png", (small // 8) * 8, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1]
    return "data:image/png;base64," + base64.b64encode(coded.tobytes()).decode("ascii")


def belongs_to(point: tuple[float, float], shapes: list[tuple[str, Polygon]]) -> str | None:
    """Id of the smallest shape around a point, if there is one.

    Parameters
    ----------
    point
        In the shapes' units.
    shapes
        Ids and outlines.
    """
    around = [(shape.area, key) for key, shape in shapes if shape.contains(Point(point))]
    return min(around)[1] if around else None
