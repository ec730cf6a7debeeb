"""Drawings as the desk shows them: the sheet alone, squared up, in drawing units; strokes drawn anew, never passed on.

A vector drawing as received may carry scripts and links; only its shapes and words are drawn, escaped.
"""

from __future__ import annotations

import io
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.files.drawings import read_drawing
from geoinv.records.drawings import RasterDrawing, VectorDrawing

__all__ = ["picture_of", "sheet_size"]

#: Longest side of a squared-up scan in pixels.
_LONGEST = 1600

Corners = tuple[tuple[float, float], ...]


def sheet_size(path: Path, traced: dict[str, Any]) -> tuple[float, float]:
    """Width and height of a drawing's sheet in drawing units."""
    size = traced.get("page_size")
    if size:
        return float(size[0]), float(size[1])
    drawing = read_drawing(path)
    if isinstance(drawing, VectorDrawing):
        return drawing.page_size
    rows, columns = drawing.pixels.shape[:2]
    return columns * drawing.shrunk, rows * drawing.shrunk


def picture_of(path: Path, traced: dict[str, Any]) -> tuple[bytes, str]:
    """A drawing's sheet as a picture.

    Parameters
    ----------
    path
        The drawing as received.
    traced
        Its tracing (SKETCH.geojson), for the sheet's corners; empty before a build.

    Returns
    -------
    content, media_type
        WebP of a scan, SVG of strokes.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    corners = tuple((float(x), float(y)) for x, y in traced.get("page") or ())
    return _made(path, path.stat().st_mtime_ns, corners, sheet_size(path, traced))


@lru_cache(maxsize=16)
def _made(path: Path, changed: int, corners: Corners, size: tuple[float, float]) -> tuple[bytes, str]:
    drawing = read_drawing(path)
    if isinstance(drawing, VectorDrawing):
        return _strokes(drawing).encode(), "image/svg+xml"
    stream = io.BytesIO()
    Image.fromarray(_squared(drawing, corners, size), "RGB").save(stream, "WEBP", quality=80, method=2)
    return stream.getvalue(), "image/webp"


def _squared(drawing: RasterDrawing, corners: Corners, size: tuple[float, float]) -> NDArray[np.uint8]:
    """The sheet seen straight from above; the whole picture where no sheet was found in it."""
    scale = _LONGEST / max(size)
    width, height = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    rows, columns = drawing.pixels.shape[:2]
    whole = ((0, 0), (columns, 0), (columns, rows), (0, rows))
    found = np.array(corners, np.float32) / drawing.shrunk if len(corners) == 4 else np.array(whole, np.float32)
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(found.astype(np.float32), target)
    made = cv2.warpPerspective(
        drawing.pixels, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=(255, 255, 255)
    )
    return np.asarray(made, np.uint8)


def _strokes(drawing: VectorDrawing) -> str:
    width, height = drawing.page_size
    thin = max(width, height) / 900
    body = []
    for stroke in drawing.strokes:
        filled = stroke.filled and stroke.width <= 0
        body.append(
            f'<path d="{_path(stroke.geometry, height)}" fill="{"#333" if filled else "none"}" '
            f'fill-opacity=".7" stroke="#222" stroke-width="{max(thin, stroke.width):.3f}" stroke-linejoin="round"/>'
        )
    for x, y, words, _ in drawing.texts:
        body.append(
            f'<text x="{x:.2f}" y="{height - y:.2f}" font-size="{max(width, height) / 55:.2f}" text-anchor="middle" '
            f'font-family="sans-serif" fill="#222">{escape(words)}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}">{"".join(body)}</svg>'
    )


def _path(geometry: BaseGeometry, height: float) -> str:
    lines = [geometry.exterior, *geometry.interiors] if isinstance(geometry, Polygon) else [geometry]
    parts = []
    for line in lines:
        if line.geom_type not in ("LineString", "LinearRing"):
            continue
        points = " L".join(f"{x:.2f},{height - y:.2f}" for x, y in np.asarray(line.coords)[:, :2])
        parts.append(f"M{points}{'Z' if line.geom_type == 'LinearRing' else ''}")
    return " ".join(parts)
