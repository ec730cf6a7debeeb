"""Closed shapes: what centre lines enclose, hatching put together, near-rectangles squared."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely import make_valid
from shapely.geometry import Polygon

__all__ = ["Region", "regions_of", "squared"]

Mask = NDArray[np.bool_]

#: Shares of the sheet's area that a shape can have.
_LEAST, _MOST = 0.0005, 0.85
#: A strip between hatching strokes is no wider than this share of the diagonal.
_STRIP = 0.011


@dataclass(frozen=True)
class Region:
    """A closed shape in pixels of the flattened sheet, y down.

    Attributes
    ----------
    outline
        Without holes.
    drawn
        Share of the outline that was drawn rather than bridged.
    hatched
        Whether it was put together from strips.
    """

    outline: Polygon
    drawn: float
    hatched: bool = False


def _outer(mask: NDArray[np.uint8]) -> NDArray[np.int32] | None:
    """Outline of the largest part of a mask, shape (n, 2)."""
    found = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    return np.asarray(max(found, key=cv2.contourArea)[:, 0], dtype=np.int32) if found else None


def _cleaned(mask: NDArray[np.uint8], diagonal: float) -> NDArray[np.uint8]:
    """A region without the thin bays that overshooting strokes and touching letters cut into it or add to it."""
    size = max(3, round(0.004 * diagonal)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    padded = cv2.copyMakeBorder(mask, size, size, size, size, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    return cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel)[size:-size, size:-size].astype(np.uint8)


def squared(outline: Polygon) -> Polygon:
    """A near-rectangle as a rectangle of the same area, middle and direction; any other shape as it is.

    Parameters
    ----------
    outline
        In any plane units.
    """
    around = outline.minimum_rotated_rectangle
    if not isinstance(around, Polygon) or around.area <= 0 or outline.area < 0.9 * around.area:
        return outline
    corners = np.array(around.exterior.coords[:4])
    middle = np.array(outline.centroid.coords[0])
    scaled = (corners - corners.mean(axis=0)) * np.sqrt(outline.area / around.area) + middle
    made = Polygon(scaled)
    # Only where the hand meant one: a rounded or slanted shape keeps its form.
    return made if made.intersection(outline).area > 0.93 * made.union(outline).area else outline


def _polygon(contour: NDArray[np.int32], diagonal: float) -> Polygon | None:
    if len(contour) < 4:
        return None
    made = make_valid(Polygon(contour).simplify(0.002 * diagonal))
    parts = [part for part in getattr(made, "geoms", [made]) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area) if parts else None


def _drawn_share(contour: NDArray[np.int32], bridges: Mask) -> float:
    near = cv2.dilate(bridges.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    return 1.0 - float(near[contour[:, 1], contour[:, 0]].mean())


def _strips(labels: NDArray[np.int32], stats: NDArray[np.int32], width: float, least: float) -> NDArray[np.bool_]:
    """Which regions are strips or scraps of hatching: narrow everywhere."""
    depth = cv2.distanceTransform((labels > 0).astype(np.uint8), cv2.DIST_L2, 5)
    deepest = np.zeros(len(stats))
    np.maximum.at(deepest, labels.ravel(), depth.ravel())
    wide = 2 * deepest
    # A row of narrow cells is not hatching: only long strips may be wider than a pen leaves between two strokes.
    narrow = (wide < width) | ((wide < 1.5 * width) & (stats[:, 4] > 4 * wide**2))
    out = narrow & (stats[:, 4] > 0.1 * least)
    out[0] = False
    return np.asarray(out, dtype=bool)


def _hatched(labels: NDArray[np.int32], strips: NDArray[np.bool_], least: float) -> list[tuple[NDArray[np.uint8], int]]:
    """Clusters of three strips or more side by side, as masks of the whole sheet with the number of strips."""
    mask = strips[labels].astype(np.uint8)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, groups, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    out = []
    for group in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[group])
        if area < least:
            continue
        part = groups[y : y + h, x : x + w] == group
        members = len(np.unique(labels[y : y + h, x : x + w][part & (mask[y : y + h, x : x + w] > 0)]))
        if members >= 3 and area > 0.45 * w * h:
            whole = np.zeros(labels.shape, dtype=np.uint8)
            whole[y : y + h, x : x + w] = part
            out.append((whole, members))
    return out


def _solidity(outline: Polygon) -> float:
    return float(outline.area / max(outline.convex_hull.area, 1e-9))


def _with_scraps(regions: list[Region]) -> list[Region]:
    """Hatched shapes together with the corner that the first or last hatching stroke cut off from them."""
    plain = [region for region in regions if not region.hatched]
    out = []
    for region in (region for region in regions if region.hatched):
        whole = region.outline
        reach = 0.02 * np.sqrt(whole.area)
        for scrap in sorted(plain, key=lambda other: other.outline.area):
            if scrap.outline.area > 0.3 * whole.area or scrap.outline.distance(whole) > reach:
                continue
            # Grown and shrunk back, the two become one across the stroke between them.
            joined = whole.union(scrap.outline).buffer(reach, join_style="mitre").buffer(-reach, join_style="mitre")
            if isinstance(joined, Polygon) and _solidity(joined) > max(0.88, _solidity(whole) - 0.01):
                whole = Polygon(joined.exterior)
                plain.remove(scrap)
        out.append(Region(whole, region.drawn, True))
    return plain + out


def regions_of(lines: Mask, bridges: Mask) -> list[Region]:
    """Closed shapes between centre lines.

    Parameters
    ----------
    lines
        Centre lines with their bridges, one pixel wide.
    bridges
        The bridges alone.

    Returns
    -------
    list of Region
        Of 0.05–85 % of the sheet, in no particular order.
    """
    diagonal = float(np.hypot(*lines.shape))
    sheet = lines.size
    count, parts, figures, _ = cv2.connectedComponentsWithStats((~lines).astype(np.uint8), connectivity=4)
    labels, stats = np.asarray(parts, dtype=np.int32), np.asarray(figures, dtype=np.int32)
    outside = set(np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])).tolist())
    strips = _strips(labels, stats, _STRIP * diagonal, _LEAST * sheet)
    strips[list(outside)] = False
    masks: list[tuple[NDArray[np.uint8], tuple[int, int], bool]] = []
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        if index in outside or strips[index] or not _LEAST * sheet < area < _MOST * sheet:
            continue
        masks.append(((labels[y : y + h, x : x + w] == index).astype(np.uint8), (x, y), False))
    masks += [(mask, (0, 0), True) for mask, _ in _hatched(labels, strips, _LEAST * sheet)]
    out = []
    for mask, (x, y), hatched in masks:
        contour = _outer(_cleaned(mask, diagonal))
        if contour is None:
            continue
        contour = contour + np.array([x, y], dtype=np.int32)
        outline = _polygon(contour, diagonal)
        if outline is not None and outline.area > _LEAST * sheet:
            out.append(Region(outline, _drawn_share(contour, bridges), hatched))
    return _with_scraps(out)
