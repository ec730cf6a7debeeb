"""Suggested building outlines on a scene, without training: pieces that are shaped, bounded and coloured like roofs.

The scene is cut into pieces at several coarsenesses (Felzenszwalb & Huttenlocher 2004) and into stable grey regions
(MSER, Matas et al. 2002). Each piece is judged by what roofs share: they fill their least rectangle, their edge is a
real edge all round, they differ from what surrounds them, they are not green, and something dark may lie along one
side. Better pieces displace worse ones they overlap. These are suggestions for a person or a sketch to confirm, and
are labelled so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from skimage.segmentation import felzenszwalb

from geoinv.geometry.frames import frame_crs, to_local
from geoinv.imagery.masks import Field, Mask, gradients, lab, outline_of
from geoinv.imagery.regularize import regularized
from geoinv.imagery.scene import Patch, Scene

__all__ = ["detect"]

#: Smallest and largest building suggested, m², and its least width, m.
_SMALLEST_M2, _LARGEST_M2, _NARROWEST_M = 15.0, 5000.0, 2.5
#: Side of a tile and its halo, pixels: a building of 75 m at 0.3 m still lies whole in some tile.
_TILE, _HALO = 768, 128
_COARSENESS = (30.0, 80.0, 200.0, 500.0)


@dataclass(frozen=True)
class _Scenery:
    """What pieces are judged against, one value a pixel."""

    colours: Field
    edge: Field
    green: Mask
    dark: Mask
    gsd: float


@dataclass(frozen=True)
class _Piece:
    score: float
    outline: Polygon  # in pixels of the tile


def _calmed(patch: Patch) -> NDArray[np.uint8]:
    """The picture with texture smoothed and edges kept (Tomasi & Manduchi 1998)."""
    return np.asarray(cv2.bilateralFilter(np.ascontiguousarray(patch.rgb), 5, 30, 2), np.uint8)


def _scenery(patch: Patch) -> _Scenery:
    rgb = _calmed(patch)
    colours = lab(rgb)
    east, south = gradients(lab(patch.rgb), max(0.8, 0.3 / patch.gsd))
    strength = np.hypot(east, south)
    scale = max(float(np.percentile(strength[patch.valid], 90)) if patch.valid.any() else 1.0, 0.5)
    red, green, blue = (rgb[..., k].astype(np.float32) + 1 for k in range(3))
    # Excess green over all light (Woebbecke et al. 1995); a grey scene has none.
    leafy = (2 * green - red - blue) / (red + green + blue) > 0.08 if patch.coloured else np.zeros(patch.shape, bool)
    dark = colours[..., 0] < min(25.0, float(np.percentile(colours[..., 0], 10)))
    return _Scenery(colours, np.tanh(strength / scale).astype(np.float32), leafy, dark, patch.gsd)


def _pieces(patch: Patch) -> Iterator[tuple[int, int, Mask]]:
    """Row, column and mask of every piece of every coarseness that could be a building by its size."""
    rgb = _calmed(patch)
    area = patch.gsd**2
    least, most = _SMALLEST_M2 / area, _LARGEST_M2 / area
    for coarse in _COARSENESS:
        labels = felzenszwalb(rgb, scale=coarse, sigma=0.5, min_size=max(8, int(least / 3))) + 1
        sizes = np.bincount(labels.ravel())
        for index, where in enumerate(ndimage.find_objects(labels), 1):
            if where is not None and least <= sizes[index] <= most:
                yield where[0].start, where[1].start, labels[where] == index
    for channel in range(3):
        plane = np.ascontiguousarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[..., channel])
        mser = cv2.MSER.create(5, int(least), int(most), 0.4, 0.3)
        regions, boxes = mser.detectRegions(plane)
        for points, (left, top, width, height) in zip(regions, boxes, strict=True):
            mask = np.zeros((height, width), bool)
            at = np.asarray(points)
            mask[at[:, 1] - top, at[:, 0] - left] = True
            yield int(top), int(left), mask


def _judged(scenery: _Scenery, top: int, left: int, mask: Mask) -> _Piece | None:
    """A piece with its score, or ``None`` if no roof looks like it."""
    gsd = scenery.gsd
    margin = max(3, round(1.5 / gsd))
    padded = np.pad(mask, margin)
    radius = max(1, round(0.4 / gsd))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    whole = np.asarray(cv2.morphologyEx(padded.astype(np.uint8), cv2.MORPH_OPEN, disc), np.uint8)
    contours, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    contour = max(contours, key=cv2.contourArea)
    _, (width, height), _ = cv2.minAreaRect(contour)
    width, height = width + 1, height + 1
    solid = np.zeros_like(whole)
    cv2.drawContours(solid, [contour], -1, 1, -1)
    area = float(solid.sum())
    if not _SMALLEST_M2 <= area * gsd**2 <= _LARGEST_M2 or min(width, height) * gsd < _NARROWEST_M:
        return None
    fills = area / (width * height)
    if fills < 0.55 or max(width, height) > 8 * min(width, height):
        return None
    rows = slice(top - margin, top - margin + padded.shape[0])
    columns = slice(left - margin, left - margin + padded.shape[1])
    if rows.start < 0 or columns.start < 0 or rows.stop > scenery.edge.shape[0] or columns.stop > scenery.edge.shape[1]:
        return None
    score = _score(scenery, rows, columns, solid, fills)
    outline = outline_of(ndimage.gaussian_filter(solid.astype(np.float32), 0.7))
    if outline is None or score is None:
        return None
    return _Piece(score, shapely.transform(outline, lambda xy: xy + [columns.start, rows.start]))


def _score(scenery: _Scenery, rows: slice, columns: slice, solid: NDArray[np.uint8], fills: float) -> float | None:
    """Log odds of being a roof, from form, edge, contrast, evenness, green and shadow."""
    inside = solid > 0
    if scenery.green[rows, columns][inside].mean() > 0.3 or scenery.dark[rows, columns][inside].mean() > 0.5:
        return None
    small = np.ones((3, 3), np.uint8)
    rim = (cv2.dilate(solid, small) > 0) & (cv2.erode(solid, small) == 0)
    wide = max(3, round(1.2 / scenery.gsd))
    around = (cv2.dilate(solid, np.ones((2 * wide + 1, 2 * wide + 1), np.uint8)) > 0) & (cv2.dilate(solid, small) == 0)
    core = cv2.erode(solid, np.ones((5, 5), np.uint8)) > 0
    if not around.any() or not core.any():
        return None
    edge = scenery.edge[rows, columns]
    colours = scenery.colours[rows, columns]
    hard = float(edge[rim].mean())
    broken = float((edge[rim] < 0.25).mean())
    unrest = float(edge[core].mean())
    ring = colours[around]
    away = np.linalg.norm(np.median(colours[inside], axis=0) - np.median(ring, axis=0))
    shade = float(scenery.dark[rows, columns][around].mean())
    metres = math.sqrt(float(inside.sum())) * scenery.gsd
    typical = -0.5 * ((math.log(metres) - math.log(11.0)) / 0.7) ** 2
    return float(
        9.0 * (fills - 0.78)
        + 5.0 * (hard - 0.5)
        - 2.0 * broken
        - 2.0 * (unrest - 0.25)
        + 1.2 * math.tanh(away / 15.0)
        + 1.5 * min(shade, 0.3)
        + 1.0 * typical
        - 0.9
    )


def _tiles(width: int, height: int) -> Iterator[tuple[int, int]]:
    step = _TILE - 2 * _HALO
    for row in range(0, max(1, height - 2 * _HALO), step):
        for column in range(0, max(1, width - 2 * _HALO), step):
            yield row, column


def _kept(found: list[tuple[float, Polygon]]) -> list[tuple[float, Polygon]]:
    """Best first, without those that a better one overlaps by more than a third of the smaller."""
    found = sorted(found, key=lambda item: (-item[0], item[1].bounds))
    tree = shapely.STRtree([shape for _, shape in found]) if found else None
    dropped: set[int] = set()
    kept = []
    for index, (score, shape) in enumerate(found):
        if index in dropped or tree is None:
            continue
        kept.append((score, shape))
        for other in tree.query(shape):
            rival = found[int(other)][1]
            if other > index and shape.intersection(rival).area > 0.3 * min(shape.area, rival.area):
                dropped.add(int(other))
    return kept


def detect(scene: Scene, *, within: BaseGeometry | None = None) -> gpd.GeoDataFrame:
    """Suggest building outlines on a scene.

    Parameters
    ----------
    scene
        The picture.
    within
        Area to look in, longitude and latitude; the whole scene by default. What lies mostly outside is left out.

    Returns
    -------
    GeoDataFrame
        ``id`` (``d1`` … by descending ``existence``), ``existence`` 0–1, ``method``, ``scene``, geometry a Polygon in
        CRS 4326.

    Raises
    ------
    UnreadableFileError
        If the scene's pixels cannot be read.
    """
    area = scene.bounds if within is None else scene.bounds.intersection(within)
    frame = scene.frame
    gsd = max(scene.gsd, 0.3)
    found: list[tuple[float, Polygon]] = []
    if not area.is_empty:
        local = to_local(frame, area)
        shapely.prepare(local)
        west, south, east, north = local.bounds
        for row, column in _tiles(math.ceil((east - west) / gsd), math.ceil((north - south) / gsd)):
            left, top = west + column * gsd, north - row * gsd
            # The last tiles end with the area, not with the tile.
            right, bottom = min(left + _TILE * gsd, east), max(top - _TILE * gsd, south)
            patch = scene.patch(frame, (left, bottom, right, top), gsd)
            if min(patch.shape) < 24 or patch.valid.mean() < 0.02:
                continue
            scenery = _scenery(patch)
            judged = (_judged(scenery, *piece) for piece in _pieces(patch))
            tile = [(piece.score, patch.ground(piece.outline)) for piece in judged if piece is not None]
            found += [item for item in _kept(tile) if within is None or local.contains(item[1].representative_point())]
    kept = _kept(found)
    table = gpd.GeoDataFrame(
        {
            "id": [f"d{number}" for number in range(1, len(kept) + 1)],
            "existence": [round(1 / (1 + math.exp(-score)), 3) for score, _ in kept],
            "method": "pieces",
            "scene": scene.name,
        },
        geometry=[regularized(shape, gsd) for _, shape in kept],
        crs=frame_crs(frame),
    )
    return table.to_crs("EPSG:4326")
