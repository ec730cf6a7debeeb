"""Between outlines and pixels: filling outlines, tracing masks, and the fields that every method looks at."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from skimage.color import rgb2lab
from skimage.draw import polygon as fill_polygon
from skimage.measure import find_contours

__all__ = ["fill", "gradients", "lab", "largest_polygon", "outline_of", "polygons_of"]

Mask = NDArray[np.bool_]
Field = NDArray[np.float32]


def polygons_of(geometry: BaseGeometry | None) -> list[Polygon]:
    """The valid polygons in any geometry, largest first; none where there is no area."""
    if geometry is None or geometry.is_empty:
        return []
    whole = geometry if geometry.is_valid else shapely.make_valid(geometry)
    parts = shapely.get_parts(shapely.get_parts(whole))
    found = [part for part in np.atleast_1d(parts) if isinstance(part, Polygon) and part.area > 0]
    return sorted(found, key=lambda part: -part.area)


def largest_polygon(geometry: BaseGeometry | None) -> Polygon | None:
    """The largest polygon in any geometry, or ``None``."""
    found = polygons_of(geometry)
    return found[0] if found else None


def fill(geometry: BaseGeometry, shape: tuple[int, int]) -> Mask:
    """Pixels whose centres lie in a geometry given in pixels (column, row from the top left outer corner)."""
    mask = np.zeros(shape, bool)
    for part in polygons_of(geometry):
        for ring, value in ((part.exterior, True), *((hole, False) for hole in part.interiors)):
            xy = shapely.get_coordinates(ring)
            rows, columns = fill_polygon(xy[:, 1] - 0.5, xy[:, 0] - 0.5, shape)
            mask[rows, columns] = value
    return mask


def outline_of(field: NDArray[np.floating] | Mask, level: float = 0.5) -> Polygon | None:
    """The largest region above ``level`` as one polygon in pixels, holes filled; ``None`` where there is none.

    On a mask, edges lie half-way between centres; on a smooth field they are found to a fraction of a pixel.
    """
    padded = np.pad(np.asarray(field, np.float64), 1, constant_values=min(0.0, level - 0.5))
    best: Polygon | None = None
    for ring in find_contours(padded, level):
        if len(ring) < 4 or not np.array_equal(ring[0], ring[-1]):
            continue
        part = largest_polygon(Polygon(ring[:, ::-1] - 0.5))
        if part is not None and (best is None or part.area > best.area):
            best = part
    return best


def lab(rgb: NDArray[np.uint8]) -> Field:
    """CIE L*a*b* of a picture, float32, shape (height, width, 3)."""
    result: Field = rgb2lab(rgb).astype(np.float32)
    return result


def gradients(colours: Field, sigma: float) -> tuple[Field, Field]:
    """East and south gradient of whichever channel changes most, Gaussian derivative of ``sigma`` pixels.

    Returns
    -------
    tuple
        Two float32 arrays of shape (height, width), in L*a*b* units a pixel.
    """
    across = np.stack([ndimage.gaussian_filter(colours[..., k], sigma, order=(0, 1)) for k in range(3)], axis=2)
    down = np.stack([ndimage.gaussian_filter(colours[..., k], sigma, order=(1, 0)) for k in range(3)], axis=2)
    strongest = (across**2 + down**2).argmax(axis=2)[..., None]
    east = np.take_along_axis(across, strongest, 2)[..., 0]
    south = np.take_along_axis(down, strongest, 2)[..., 0]
    return east, south
