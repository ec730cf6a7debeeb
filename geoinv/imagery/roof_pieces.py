"""Pieces of a scene that may be roofs, each with what speaks for it.

A scene is cut into pieces at several coarsenesses (Felzenszwalb & Huttenlocher 2004) and into stable grey regions
(MSER, Matas et al. 2002). Each is judged by what roofs share: they fill their least rectangle, their edge is a real
edge all round, they differ from what surrounds them, they are not green, and something dark may lie along one side.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import Polygon
from skimage.segmentation import felzenszwalb

from geoinv.imagery.masks import Field, Mask, gradients, lab, outline_of
from geoinv.imagery.scene import Patch

__all__ = ["Piece", "Scenery", "judged", "pieces_of", "scenery_of"]

#: Smallest and largest building suggested, m², and its least width, m.
_SMALLEST_M2, _LARGEST_M2, _NARROWEST_M = 15.0, 5000.0, 2.5
_COARSENESS = (30.0, 80.0, 200.0, 500.0)


@dataclass(frozen=True)
class Scenery:
    """What pieces are judged against, one value a pixel.

    Attributes
    ----------
    colours
        float32, (height, width, 3): CIE L*a*b*, texture smoothed.
    edge
        float32, 0–1: strength of edges.
    green, dark
        Where leaves grow; where shadow lies.
    gsd
        Metres a pixel.
    """

    colours: Field
    edge: Field
    green: Mask
    dark: Mask
    gsd: float


@dataclass(frozen=True)
class Piece:
    """One piece that may be a roof, or a plane of one.

    Attributes
    ----------
    score
        Log odds of being a roof.
    outline
        In pixels of the patch.
    colour
        Median L*a*b* inside.
    unrest
        Mean edge strength inside, 0–1.
    hard
        Mean edge strength along the outline, 0–1.
    signs
        What else it was judged by, for ``roof_odds``: form, share of the outline without an edge, distance of colour
        from what is around (L*a*b*), share of shadow around, logarithm of the side in metres.
    """

    score: float
    outline: Polygon
    colour: tuple[float, float, float]
    unrest: float
    hard: float
    signs: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)


def _calmed(patch: Patch) -> NDArray[np.uint8]:
    """The picture with texture smoothed and edges kept (Tomasi & Manduchi 1998)."""
    return np.asarray(cv2.bilateralFilter(np.ascontiguousarray(patch.rgb), 5, 30, 2), np.uint8)


def scenery_of(patch: Patch) -> Scenery:
    """What pieces of a patch are judged against."""
    rgb = _calmed(patch)
    colours = lab(rgb)
    east, south = gradients(lab(patch.rgb), max(0.8, 0.3 / patch.gsd))
    strength = np.hypot(east, south)
    scale = max(float(np.percentile(strength[patch.valid], 90)) if patch.valid.any() else 1.0, 0.5)
    red, green, blue = (rgb[..., k].astype(np.float32) + 1 for k in range(3))
    # Excess green over all light (Woebbecke et al. 1995); a grey scene has none.
    leafy = (2 * green - red - blue) / (red + green + blue) > 0.08 if patch.coloured else np.zeros(patch.shape, bool)
    dark = colours[..., 0] < min(25.0, float(np.percentile(colours[..., 0], 10)))
    return Scenery(colours, np.tanh(strength / scale).astype(np.float32), leafy, dark, patch.gsd)


def pieces_of(patch: Patch) -> Iterator[tuple[int, int, Mask]]:
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


def judged(
    scenery: Scenery, top: int, left: int, mask: Mask, *, unrest: float | None = None, form: float | None = None
) -> Piece | None:
    """A piece with its score, or ``None`` if no roof looks like it.

    Parameters
    ----------
    scenery
        What it is judged against.
    top, left, mask
        The piece's pixels.
    unrest
        Mean edge strength inside where that is known better than by looking: a ridge between two planes is none.
    form
        How building-like its form is, 0–1, where that is known better than by how it fills its least rectangle.
    """
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
    fills = area / (width * height) if form is None else form
    if fills < 0.55 or max(width, height) > 8 * min(width, height):
        return None
    rows = slice(top - margin, top - margin + padded.shape[0])
    columns = slice(left - margin, left - margin + padded.shape[1])
    if rows.start < 0 or columns.start < 0 or rows.stop > scenery.edge.shape[0] or columns.stop > scenery.edge.shape[1]:
        return None
    outline = outline_of(ndimage.gaussian_filter(solid.astype(np.float32), 0.7))
    if outline is None:
        return None
    shape = shapely.transform(outline, lambda xy: xy + [columns.start, rows.start])
    return _scored(scenery, rows, columns, solid, fills, shape, unrest)


def _scored(
    scenery: Scenery,
    rows: slice,
    columns: slice,
    solid: NDArray[np.uint8],
    fills: float,
    outline: Polygon,
    unrest: float | None,
) -> Piece | None:
    """A piece with its log odds of being a roof, from form, edge, contrast, evenness, green and shadow."""
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
    restless = float(edge[core].mean()) if unrest is None else unrest
    own = np.median(colours[inside], axis=0)
    away = np.linalg.norm(own - np.median(colours[around], axis=0))
    shade = float(scenery.dark[rows, columns][around].mean())
    metres = math.sqrt(float(inside.sum())) * scenery.gsd
    typical = -0.5 * ((math.log(metres) - math.log(11.0)) / 0.7) ** 2
    score = float(
        9.0 * (fills - 0.78)
        + 5.0 * (hard - 0.5)
        - 2.0 * broken
        - 2.0 * (restless - 0.25)
        + 1.2 * math.tanh(away / 15.0)
        + 1.5 * min(shade, 0.3)
        + 1.0 * typical
        - 0.9
    )
    signs = (float(fills), broken, float(away), shade, math.log(metres))
    return Piece(score, outline, (float(own[0]), float(own[1]), float(own[2])), restless, hard, signs)
