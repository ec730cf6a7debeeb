"""Gaps: loose ends of strokes joined to what they were meant to meet."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

__all__ = ["close_gaps", "loose_ends"]

Mask = NDArray[np.bool_]

#: Reach as a share of the sheet's diagonal: to an end that points back, to any other end, to the side of a stroke.
_FACING, _END, _SIDE = 0.032, 0.016, 0.014
#: Pixels of a stroke that tell its direction at the end.
_TAIL = 18


def loose_ends(lines: Mask) -> NDArray[np.int64]:
    """Pixels of centre lines with one neighbour, shape (n, 2): column, row."""
    plain = lines.astype(np.uint8)
    around = cv2.filter2D(plain, -1, np.ones((3, 3), np.float32), borderType=cv2.BORDER_CONSTANT) - plain
    rows, columns = np.nonzero(lines & (around == 1))
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


def _directions(tails: list[list[tuple[int, int]]]) -> NDArray[np.float64]:
    out = np.zeros((len(tails), 2))
    for index, tail in enumerate(tails):
        points = np.array(tail[:_TAIL], dtype=float)
        away = points[0] - points[-1]
        out[index] = away / max(1e-9, float(np.hypot(*away)))
    return out


def close_gaps(lines: Mask, *, reach: float = 1.0) -> tuple[Mask, Mask]:
    """Centre lines with bridges over gaps.

    Parameters
    ----------
    lines
        Centre lines, one pixel wide.
    reach
        How far to bridge, in multiples of the usual reach (3.2 % of the diagonal between ends that face each other).

    Returns
    -------
    joined, bridges
        The lines with their bridges, and the bridges alone.
    """
    ends = loose_ends(lines)
    bridges = np.zeros(lines.shape, dtype=np.uint8)
    if not len(ends):
        return lines.copy(), bridges.astype(bool)
    diagonal = float(np.hypot(*lines.shape)) * reach
    tails = [_tail(lines, end) for end in ends]
    facing = _directions(tails)
    for first, second in _end_pairs(ends, facing, diagonal):
        _draw(bridges, ends[first], ends[second])
    met = {index for pair in _end_pairs(ends, facing, diagonal) for index in pair}
    rows, columns = np.nonzero(lines)
    pixels = np.column_stack([columns, rows])
    tree = KDTree(pixels)
    for index in range(len(ends)):
        if index not in met:
            target = _side_target(ends[index], facing[index], tails[index], tree, pixels, _SIDE * diagonal)
            if target is not None:
                _draw(bridges, ends[index], target)
    only = bridges.astype(bool) & ~lines
    return lines | only, only


def _draw(bridges: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64]) -> None:
    cv2.line(bridges, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 1, 1, cv2.LINE_8)


def _end_pairs(ends: NDArray[np.int64], facing: NDArray[np.float64], diagonal: float) -> list[tuple[int, int]]:
    """Pairs of ends that belong together, nearest first, each end once."""
    tree = KDTree(ends)
    pairs = sorted(tree.query_pairs(_FACING * diagonal))
    scored = []
    for first, second in pairs:
        gap = (ends[second] - ends[first]).astype(float)
        length = float(np.hypot(*gap))
        across = gap / max(1e-9, length)
        there, back = float(facing[first] @ across), float(-facing[second] @ across)
        straight = there > 0.8 and back > 0.8
        # Two strokes of a corner stop short of it or overshoot it: near ends need no direction.
        if straight or (length < _END * diagonal and there > -0.5 and back > -0.5):
            scored.append((length * (0.5 if straight else 1.0), first, second))
    used: set[int] = set()
    chosen = []
    for _, first, second in sorted(scored):
        if first not in used and second not in used:
            used |= {first, second}
            chosen.append((first, second))
    return chosen


def _side_target(
    end: NDArray[np.int64],
    direction: NDArray[np.float64],
    tail: list[tuple[int, int]],
    tree: KDTree,
    pixels: NDArray[np.int64],
    reach: float,
) -> NDArray[np.int64] | None:
    """Nearest pixel of another stroke that the end points at, if one is within reach."""
    own = set(tail)
    near = tree.query_ball_point(end, reach)
    best, best_cost = None, np.inf
    for index in sorted(near):
        pixel = pixels[index]
        if (int(pixel[0]), int(pixel[1])) in own:
            continue
        gap = (pixel - end).astype(float)
        length = float(np.hypot(*gap))
        ahead = float(direction @ gap) / max(1e-9, length)
        cost = length * (2.0 - ahead)
        if ahead > 0.5 and cost < best_cost:
            best, best_cost = pixel, cost
    return best
