"""Gaps: loose ends of strokes joined to what they were meant to meet, sure bridges told from doubtful ones."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from geoinv.facilities.trace_strokes import neighbours

__all__ = ["Bridge", "bridges_of", "drawn_bridges", "loose_ends"]

Mask = NDArray[np.bool_]
Array = NDArray[np.float64]

#: Reach as a share of the sheet's diagonal: to an end that points back, to any other end, to a stroke that an end
#: points at.
_FACING, _END, _SIDE = 0.045, 0.018, 0.024
#: Pixels of a stroke that tell its direction at the end.
_TAIL = 22


@dataclass(frozen=True)
class Bridge:
    """A gap closed: from where to where (column, row), and how far-fetched it is (0 plain – 1 at the end of reach)."""

    start: tuple[int, int]
    end: tuple[int, int]
    cost: float


def loose_ends(lines: Mask) -> NDArray[np.int64]:
    """Pixels of centre lines with one neighbour, shape (n, 2): column, row."""
    rows, columns = np.nonzero(lines & (neighbours(lines) == 1))
    return np.column_stack([columns, rows]).astype(np.int64)


def _tail(lines: Mask, end: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Pixels from a loose end inwards, to the first branching or as far as direction needs."""
    height, width = lines.shape
    path = [(int(end[0]), int(end[1]))]
    seen = set(path)
    while len(path) < 3 * _TAIL:
        x, y = path[-1]
        steps = [
            (x + dx, y + dy)
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
            if 0 <= x + dx < width and 0 <= y + dy < height and lines[y + dy, x + dx] and (x + dx, y + dy) not in seen
        ]
        if not steps or len(steps) > 2:
            break
        path.append(steps[0])
        seen.update(steps)
    return path


def _directions(tails: list[list[tuple[int, int]]]) -> Array:
    out = np.zeros((len(tails), 2))
    for index, tail in enumerate(tails):
        points = np.array(tail[:_TAIL], dtype=float)
        # The last pixels before an end hook with the pen's width: the direction is that of what comes before them.
        away = points[min(2, len(points) - 1)] - points[-1]
        out[index] = away / max(1e-9, float(np.hypot(*away)))
    return out


def bridges_of(lines: Mask) -> list[Bridge]:
    """Gaps worth closing.

    Parameters
    ----------
    lines
        Centre lines, one pixel wide, without lettering.

    Returns
    -------
    list of Bridge
        Between ends that face each other (4.5 % of the diagonal), between near ends (1.8 %), from an end to the stroke
        it points at (2.4 %). An end may have several: which of them close a shape is judged later.
    """
    ends = loose_ends(lines)
    if not len(ends):
        return []
    diagonal = float(np.hypot(*lines.shape))
    tails = [_tail(lines, end) for end in ends]
    facing = _directions(tails)
    found = _end_pairs(ends, facing, diagonal)
    rows, columns = np.nonzero(lines)
    pixels = np.column_stack([columns, rows])
    tree = KDTree(pixels)
    best: dict[int, float] = {}
    for bridge, first, second in found:
        for index in (first, second):
            best[index] = min(best.get(index, 1.0), bridge.cost)
    out = [bridge for bridge, _, _ in found]
    for index in range(len(ends)):
        if best.get(index, 1.0) > 0.15:
            out += _to_side(ends[index], facing[index], tails[index], tree, pixels, _SIDE * diagonal)
    return out


def drawn_bridges(bridges: list[Bridge], shape: tuple[int, int], most: float = 1.0) -> Mask:
    """Bridges up to a cost as one-pixel lines.

    Parameters
    ----------
    bridges
        As from ``bridges_of``.
    shape
        Rows and columns of the sheet.
    most
        Largest cost drawn.
    """
    canvas = np.zeros(shape, dtype=np.uint8)
    for bridge in bridges:
        if bridge.cost <= most:
            cv2.line(canvas, bridge.start, bridge.end, 1, 1, cv2.LINE_8)
    return canvas.astype(bool)


def _end_pairs(ends: NDArray[np.int64], facing: Array, diagonal: float) -> list[tuple[Bridge, int, int]]:
    """Bridges between ends; each end has its two best at most."""
    tree = KDTree(ends)
    scored = []
    for first, second in sorted(tree.query_pairs(_FACING * diagonal)):
        gap = (ends[second] - ends[first]).astype(float)
        length = float(np.hypot(*gap))
        across = gap / max(1e-9, length)
        there, back = float(facing[first] @ across), float(-facing[second] @ across)
        if there > 0.85 and back > 0.85:
            scored.append((length / (_FACING * diagonal) * (1.0 - 0.4 * min(there, back)), first, second))
        elif length < _END * diagonal and there > -0.6 and back > -0.6:
            # Two strokes of a corner stop short of it or overshoot it: near ends need no direction.
            scored.append((0.15 + 0.85 * length / (_END * diagonal) * (1.0 - 0.25 * (there + back) / 2), first, second))
    used: dict[int, int] = {}
    out = []
    for cost, first, second in sorted(scored):
        if used.get(first, 0) < 2 and used.get(second, 0) < 2:
            used[first], used[second] = used.get(first, 0) + 1, used.get(second, 0) + 1
            out.append((Bridge(_place(ends[first]), _place(ends[second]), min(1.0, cost)), first, second))
    return out


def _place(point: NDArray[np.int64]) -> tuple[int, int]:
    return int(point[0]), int(point[1])


def _to_side(
    end: NDArray[np.int64],
    direction: Array,
    tail: list[tuple[int, int]],
    tree: KDTree,
    pixels: NDArray[np.int64],
    reach: float,
) -> list[Bridge]:
    """From an end to the stroke that it points at, if one is within reach."""
    near = np.array(sorted(tree.query_ball_point(end, reach)), dtype=np.int64)
    places = pixels[near]
    own = set(tail)
    other = np.array([(int(x), int(y)) not in own for x, y in places], dtype=bool)
    gap = (places - end).astype(float)
    length = np.hypot(gap[:, 0], gap[:, 1])
    ahead = (gap @ direction) / np.maximum(length, 1e-9)
    cost = np.where(other & (ahead > 0.5) & (length > 1.5), length / reach * (1.8 - 0.8 * ahead), np.inf)
    if not len(cost) or not np.isfinite(cost.min()):
        return []
    best = int(cost.argmin())
    return [Bridge(_place(end), _place(places[best]), float(min(1.0, cost[best])))]
