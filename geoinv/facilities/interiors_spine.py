"""The middle line of a long building, straight or bent, and places as metres along it and left of it."""

from __future__ import annotations

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.polygon import orient
from skimage.morphology import skeletonize

__all__ = ["spine_of", "unrolled"]

Floats = NDArray[np.float64]

#: Share of its convex hull that a straight building fills at least, however unsteadily its outline is drawn.
_STRAIGHT = 0.92
#: How far walls may stray from straight lines, tried in turn, as shares of the root of the area; radians that a corner
#: turns at least.
_TOLERANCES = (0.03, 0.06, 0.1)
_LEAST_TURN = 0.5
#: Pixels across the outline's longer side when its skeleton is taken.
_ACROSS = 160


def spine_of(outline: Polygon) -> LineString:
    """The middle line of an outline from end wall to end wall: the longest path of its skeleton, straightened.

    Parameters
    ----------
    outline
        Metres.
    """
    rectangle = outline.minimum_rotated_rectangle
    if outline.area > _STRAIGHT * outline.convex_hull.area:  # the skeleton's forks at the ends would only bend it
        corners = shapely.get_coordinates(rectangle)[:4]
        if np.hypot(*(corners[1] - corners[0])) < np.hypot(*(corners[2] - corners[1])):
            corners = np.roll(corners, -1, axis=0)
        return LineString([(corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2])
    angular = _between_corners(outline)
    if angular is not None:
        return angular
    path = _skeleton_path(outline)
    width = 2 * float(np.median(shapely.distance(shapely.points(path), outline.exterior)))
    line = LineString(path)
    inner = [
        line.interpolate(v)
        for v in np.linspace(min(width, line.length / 3), line.length - min(width, line.length / 3), 60)
    ]
    bent = np.asarray(LineString(inner).simplify(0.3 * width).coords)
    return LineString(_to_walls(bent, outline))


def _between_corners(outline: Polygon) -> LineString | None:
    """The middle line of a building of a few corners: end walls, and at each bend an inner corner facing an outer one.

    ``None`` if it has no such shape. Of several pairs of end walls the one that makes the longest, thinnest building.
    """
    for tolerance in _TOLERANCES:
        corners = _corners(outline, tolerance * np.sqrt(outline.area))
        count = len(corners)
        if count % 2 or not 4 <= count <= 12:
            continue
        before, after = corners - np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0) - corners
        outward = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] > 0  # the ring runs counter-clockwise
        bends, found = count // 2 - 2, []
        for first in range(count // 2):
            left = [(first - step) % count for step in range(bends + 2)]
            right = [(first + 1 + step) % count for step in range(bends + 2)]
            ends = outward[[left[0], right[0], left[-1], right[-1]]]
            if ends.all() and all(outward[a] != outward[b] for a, b in zip(left[1:-1], right[1:-1], strict=True)):
                caps = np.hypot(*(corners[left[0]] - corners[right[0]])) + np.hypot(
                    *(corners[left[-1]] - corners[right[-1]])
                )
                line = LineString((corners[left] + corners[right]) / 2)
                found.append((float(caps / line.length), line))
        if found:
            return min(found, key=lambda item: item[0])[1]
    return None


def _corners(outline: Polygon, tolerance: float) -> Floats:
    """Corners of an outline, counter-clockwise, without those at which a wall hardly turns."""
    ring = shapely.get_coordinates(orient(outline).exterior.simplify(tolerance))[:-1]
    while len(ring) > 3:
        before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
        cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
        turn = np.abs(np.arctan2(cross, (before * after).sum(axis=1)))
        if turn.min() > _LEAST_TURN:
            break
        ring = np.delete(ring, int(turn.argmin()), axis=0)
    return ring


def _skeleton_path(outline: Polygon) -> Floats:
    west, south, east, north = outline.bounds
    pixel = max(east - west, north - south) / _ACROSS
    x = np.arange(west - pixel, east + 2 * pixel, pixel)
    y = np.arange(south - pixel, north + 2 * pixel, pixel)
    inside = shapely.contains_xy(outline, *np.meshgrid(x, y))
    cells = np.argwhere(skeletonize(inside))
    graph: nx.Graph[tuple[int, int]] = nx.Graph()
    known = {(int(r), int(c)) for r, c in cells}
    for r, c in sorted(known):
        for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
            if (r + dr, c + dc) in known:
                graph.add_edge((r, c), (r + dr, c + dc), weight=float(np.hypot(dr, dc)))
    start = sorted(graph)[0]
    for _ in range(2):  # the farthest from anywhere is one end of the longest path of a tree
        lengths = nx.single_source_dijkstra_path_length(graph, start)
        previous, start = start, max(sorted(lengths), key=lambda node: lengths[node])
    walk = nx.dijkstra_path(graph, previous, start)
    return np.array([[x[c], y[r]] for r, c in walk])


def _to_walls(path: Floats, outline: Polygon) -> Floats:
    """The path with both ends prolonged straight to the walls."""
    path, far = path.copy(), 2 * outline.length
    for end, beside in ((0, 1), (-1, -2)):
        step = path[end] - path[beside]
        ray = LineString([path[beside], path[beside] + step / np.hypot(*step) * far])
        hits = shapely.get_coordinates(ray.intersection(outline.exterior))
        ahead = hits[(hits - path[end]) @ step > 0]
        if len(ahead):
            path[end] = ahead[np.argmin(np.hypot(*(ahead - path[end]).T))]
    return path


def unrolled(spine: LineString, places: Floats) -> Floats:
    """Metres along the spine and left of it, shape (n, 2), of places, shape (n, 2)."""
    line = np.asarray(spine.coords)
    best, result, before = np.full(len(places), np.inf), np.zeros((len(places), 2)), 0.0
    for index, (start, end) in enumerate(zip(line[:-1], line[1:], strict=True)):
        length = float(np.hypot(*(end - start)))
        along = (end - start) / length
        share = (places - start) @ along
        low = -np.inf if index == 0 else 0.0
        high = np.inf if index == len(line) - 2 else length
        on = np.clip(share, low, high)
        gap = np.hypot(*(places - start - on[:, None] * along).T)
        left = np.sign(along[0] * (places - start)[:, 1] - along[1] * (places - start)[:, 0])
        nearer = gap < best
        result[nearer] = np.column_stack([before + on, left * gap])[nearer]
        best, before = np.where(nearer, gap, best), before + length
    return result
