"""Drawings laid on the ground as they were placed: for the case's own people, since handwriting identifies."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from shapely.geometry import Point

from geoinv.case.folder import Case
from geoinv.files.kmz import LaidPicture
from geoinv.geometry.frames import to_lonlat
from geoinv.records.placements import Match, Transform

__all__ = ["laid_scans"]

#: Longest side of a picture in a KMZ, pixels.
_LONGEST = 1_600
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp")


def laid_scans(case: Case, slug: str) -> tuple[LaidPicture, ...]:
    """Scanned drawings of the whole site, each where the first placement puts it.

    A scan is painted anew from its pixels, so that nothing but the picture leaves the file. One that was bent when it
    was settled lies where its whole placement puts it.
    """
    path = case.models_dir(slug) / "match.json"
    if not path.is_file():
        return ()
    match = Match.read(json.loads(path.read_text(encoding="utf-8")), file=path.name)
    if not match.placements:
        return ()
    placed = match.placements[0].sketches
    found = []
    for sketch, file in case.sketch_files(slug):
        traced = case.models_dir(slug) / "sketches" / f"{sketch.name}.geojson"
        source = case.root / file
        if sketch.name not in placed or source.suffix.lower() not in _PICTURES or not traced.is_file():
            continue
        laid = _laid(sketch.name, source, json.loads(traced.read_text(encoding="utf-8")), placed[sketch.name].transform)
        if laid is not None:
            found.append(laid)
    return tuple(found)


def _laid(name: str, source: Path, traced: dict[str, Any], transform: Transform) -> LaidPicture | None:
    page, size = traced.get("page"), traced.get("page_size")
    if not page or not size:
        return None
    with Image.open(source) as opened:
        picture = opened.convert("RGB")
    width, height = picture.size
    corners = _drawing_of(np.asarray(page, float), (float(size[0]), float(size[1])),
                          np.array([[0, height], [width, height], [width, 0], [0, 0]], float))  # fmt: skip
    ground = []
    for x, y in corners:
        point = to_lonlat(transform.frame, transform.apply(Point(x, y)))
        assert isinstance(point, Point)
        ground.append((point.x, point.y))
    picture.thumbnail((_LONGEST, _LONGEST))
    held = io.BytesIO()
    Image.fromarray(np.asarray(picture)).save(held, "JPEG", quality=85)
    return LaidPicture(name, tuple(ground), held.getvalue())


def _drawing_of(
    page: NDArray[np.float64], size: tuple[float, float], pixels: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Pixels of a picture in drawing units, by the projective map that takes the page's corners to the sheet's.

    Parameters
    ----------
    page
        The page's corners in the picture, clockwise from the top left.
    size
        Width and height of the sheet, drawing units, y up from its bottom left.
    """
    wide, high = size
    sheet = np.array([[0, high], [wide, high], [wide, 0], [0, 0]], float)
    rows = []
    for (u, v), (x, y) in zip(page, sheet, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -x * u, -x * v], [0, 0, 0, u, v, 1, -y * u, -y * v]]
    found = np.linalg.solve(np.asarray(rows), sheet.ravel())
    matrix = np.append(found, 1.0).reshape(3, 3)
    homogeneous = np.column_stack([pixels, np.ones(len(pixels))]) @ matrix.T
    result: NDArray[np.float64] = homogeneous[:, :2] / homogeneous[:, 2:]
    return result
