"""The sheet in a photograph: its four corners, and the picture of it as if scanned flat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Sheet", "find_page", "flatten_page"]

Corners = NDArray[np.float64]

#: Longer side of the picture in which the sheet is sought, and of the flattened sheet, in pixels.
_SEARCH_SIDE = 800
_SHEET_SIDE = 2000
#: A sheet fills at least this share of the picture.
_LEAST_SHARE = 0.2
#: Least difference between sheet and surroundings, in eight-bit Lab units.
_CONTRAST = 3.0


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


def _masks(small: NDArray[np.uint8]) -> Iterator[cv2.typing.MatLike]:
    """Pictures in which paper may stand out from what it lies on: by lightness, by colourlessness, by its edges."""
    blurred = cv2.GaussianBlur(small, (0, 0), 2)
    lab = cv2.cvtColor(blurred, cv2.COLOR_RGB2LAB)
    grey = lab[..., 0]
    colour = np.hypot(lab[..., 1].astype(float) - 128, lab[..., 2].astype(float) - 128).clip(0, 255).astype(np.uint8)
    otsu, light = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    yield light
    yield cv2.threshold(grey, otsu + 0.4 * (float(np.percentile(grey, 95)) - otsu), 255, cv2.THRESH_BINARY)[1]
    yield cv2.threshold(colour, 0, 255, cv2.THRESH_OTSU | cv2.THRESH_BINARY_INV)[1]
    for low, high in ((30, 90), (12, 40)):
        edges = cv2.dilate(cv2.Canny(grey, low, high), np.ones((3, 3), np.uint8))
        edges[[0, 1, -2, -1]] = edges[:, [0, 1, -2, -1]] = 0
        yield edges


def _ordered(corners: Corners) -> Corners:
    """Corners clockwise from the top left."""
    middle = corners.mean(axis=0)
    turned = corners[np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))]
    return np.roll(turned, -int(np.argmin(turned.sum(axis=1))), axis=0)


def _quadrilateral(contour: NDArray[np.int32]) -> Corners | None:
    hull = cv2.convexHull(contour)
    around = cv2.arcLength(hull, True)
    for share in (0.015, 0.02, 0.03, 0.045):
        four = cv2.approxPolyDP(hull, share * around, True)
        if len(four) == 4:
            corners = four[:, 0].astype(float)
            # A worn corner or a finger leaves the hull short of its own quadrilateral, but not by much.
            return corners if cv2.contourArea(hull) > 0.93 * cv2.contourArea(four) else None
    return None


def _refined(corners: Corners, contour: NDArray[np.int32]) -> Corners:
    """Corners where lines fitted to the four sides meet: rounded and torn corners pull a vertex inwards."""
    points = contour[:, 0].astype(float)
    lines = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = (end - start) / max(1e-9, float(np.hypot(*(end - start))))
        offset = points - start
        share = offset @ along / max(1e-9, float(np.hypot(*(end - start))))
        away = np.abs(offset @ np.array([-along[1], along[0]]))
        near = points[(share > 0.08) & (share < 0.92) & (away < 6)]
        if len(near) < 12:
            return corners
        vx, vy, x, y = cv2.fitLine(near.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        lines.append((np.array([x, y], float), np.array([vx, vy], float)))
    out = []
    for (p, d), (q, e) in zip(np.roll(np.array(lines), 1, axis=0), np.array(lines), strict=True):
        cross = d[0] * e[1] - d[1] * e[0]
        if abs(cross) < 0.2:
            return corners
        out.append(p + d * ((q - p)[0] * e[1] - (q - p)[1] * e[0]) / cross)
    fitted = np.array(out)
    return fitted if np.abs(fitted - corners).max() < 40 else corners


def _square_enough(corners: Corners) -> bool:
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(*sides.T)
    cosines = [
        abs(float(a @ b)) / (np.hypot(*a) * np.hypot(*b) + 1e-9)
        for a, b in zip(sides, np.roll(sides, 1, 0), strict=True)
    ]
    return bool(max(cosines) < 0.6 and lengths.min() > 0.3 * lengths.max())


def _stands_out(lab: NDArray[np.float32], corners: Corners) -> bool:
    """Whether what lies outside differs from what lies inside on three sides: a drawn frame has paper on both."""
    rows, columns = lab.shape[:2]
    middle = corners.mean(axis=0)
    steps, passed, real = np.linspace(0.06, 0.94, 60), 0, 0
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = start + steps[:, np.newaxis] * (end - start)
        normal = np.array([end[1] - start[1], start[0] - end[0]]) / max(1e-9, float(np.hypot(*(end - start))))
        normal = normal if float(normal @ (along.mean(axis=0) - middle)) > 0 else -normal
        beyond = along.mean(axis=0) + 6 * normal
        if not (1 <= beyond[0] < columns - 1 and 1 <= beyond[1] < rows - 1):
            passed += 1
            continue
        strips = []
        for sign in (1, -1):
            points = np.concatenate([along + sign * offset * normal for offset in (6.0, 8.0, 10.0)])
            x, y = points.round().astype(int).T
            inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
            strips.append(np.median(lab[y[inside], x[inside]], axis=0) if inside.any() else np.zeros(3))
        if float(np.abs(strips[0] - strips[1]).max()) > _CONTRAST:
            passed, real = passed + 1, real + 1
    return bool(passed >= 3 and real >= 2)


def find_page(pixels: NDArray[np.uint8]) -> Corners | None:
    """Corners of the sheet in a picture, if one stands out.

    Parameters
    ----------
    pixels
        ``uint8`` RGB.

    Returns
    -------
    array (4, 2) or None
        Clockwise from the top left, in pixels of the picture. Of all quadrilaterals that light, pale or edged regions
        form, the largest that is not the picture's own frame; ``None`` if none has a fifth of the picture.
    """
    height, width = pixels.shape[:2]
    factor = min(1.0, _SEARCH_SIDE / max(height, width))
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    rows, columns = small.shape[:2]
    lab = cv2.cvtColor(cv2.medianBlur(np.asarray(small, dtype=np.uint8), 5), cv2.COLOR_RGB2LAB).astype(np.float32)
    best, area = None, _LEAST_SHARE * rows * columns
    for mask in _masks(np.asarray(small, dtype=np.uint8)):
        closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
        framed = cv2.copyMakeBorder(closed, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
        for contour in cv2.findContours(framed, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE, offset=(-1, -1))[0]:
            if cv2.contourArea(contour) <= 0.5 * area:
                continue
            corners = _quadrilateral(np.asarray(contour, dtype=np.int32))
            if corners is None or not _square_enough(_ordered(corners)):
                continue
            size = float(cv2.contourArea(corners.astype(np.float32)))
            if area < size < 0.985 * rows * columns and _stands_out(lab, _ordered(corners)):
                best, area = _refined(_ordered(corners), np.asarray(contour, dtype=np.int32)), size
    return None if best is None else (best + 0.5) / factor


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
    corners = None if whole else find_page(pixels)
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    four = frame if corners is None else corners
    across = (np.hypot(*(four[1] - four[0])) + np.hypot(*(four[2] - four[3]))) / 2
    down = (np.hypot(*(four[3] - four[0])) + np.hypot(*(four[2] - four[1]))) / 2
    # Enlarging what has few pixels makes strokes wide enough to follow; more than this only costs time.
    factor = _SHEET_SIDE / max(across, down)
    w, h = max(16, round(across * factor)), max(16, round(down * factor))
    target = np.array([[0, 0], [w, 0], [w, h], [0, h]], dtype=np.float32)
    if factor < 0.6:
        pixels = np.asarray(
            cv2.resize(pixels, None, fx=2 * factor, fy=2 * factor, interpolation=cv2.INTER_AREA), np.uint8
        )
        matrix = cv2.getPerspectiveTransform((four * 2 * factor).astype(np.float32), target)
    else:
        matrix = cv2.getPerspectiveTransform(four.astype(np.float32), target)
    flat = cv2.warpPerspective(pixels, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Sheet(np.asarray(flat, dtype=np.uint8), four, corners is not None)
