"""Lines: centre lines that enclose nothing, followed from end to end and simplified, and what speaks for them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely import prepare, simplify, union_all
from shapely.geometry import LineString, Polygon

from geoinv.facilities.trace_ink import Ink
from geoinv.facilities.trace_strokes import Strokes

__all__ = ["LINE_SIGNS", "line_signs", "lines_of", "side_by_side"]

Mask = NDArray[np.bool_]

#: A line is at least this share of the diagonal long.
_LEAST = 0.03
#: Two lines are a road's edges if they run this far apart (shares of the diagonal), evenly, along most of the shorter.
_NARROW, _BROAD, _EVEN, _BESIDE = 0.009, 0.06, 0.35, 0.7
#: Names of the signs, in the order in which ``line_signs`` gives them.
LINE_SIGNS: tuple[str, ...] = (
    "length", "reach", "bends", "drawn", "pen", "pen_spread", "dark", "dark_least", "letters_near", "within_shapes",
    "by_shapes", "to_edge", "lines", "others_near", "ink_near", "longest_straight", "shapes",
)  # fmt: skip
_STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


def _neighbours(lines: Mask) -> NDArray[np.float32]:
    plain = lines.astype(np.uint8)
    counted = cv2.filter2D(plain, cv2.CV_32F, np.ones((3, 3), np.float32), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(counted - plain, dtype=np.float32)


def _follow(left: Mask, start: tuple[int, int]) -> list[tuple[int, int]]:
    """Pixels from one end of a chain to the other; each is taken out of ``left``."""
    height, width = left.shape
    path = [start]
    left[start[1], start[0]] = False
    while True:
        x, y = path[-1]
        for dx, dy in _STEPS:
            column, row = x + dx, y + dy
            if 0 <= column < width and 0 <= row < height and left[row, column]:
                left[row, column] = False
                path.append((column, row))
                break
        else:
            return path


def _chains(lines: Mask) -> list[NDArray[np.float64]]:
    """Centre lines cut at their branchings, each chain once, in reading order of where it starts."""
    branching = cv2.dilate((lines & (_neighbours(lines) > 2)).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    left = lines & ~branching
    ends = np.argwhere(left & (_neighbours(left) <= 1))
    out = []
    for row, column in [*ends.tolist(), *np.argwhere(left).tolist()]:
        if left[row, column]:
            out.append(np.array(_follow(left, (column, row)), dtype=float))
    return out


class _Ends:
    """Both ends of every chain that is not used yet, to be sought by place."""

    def __init__(self, chains: list[NDArray[np.float64]]) -> None:
        self.chains = chains
        self.places = np.array([[chain[0], chain[-1]] for chain in chains]).reshape(-1, 2, 2)
        self.free = np.ones(len(chains), dtype=bool)

    def onward(self, line: NDArray[np.float64], gap: float) -> NDArray[np.float64] | None:
        """The chain that best carries a line on from its end, the right way round; it is used up."""
        end = line[-1]
        ahead = end - line[max(0, len(line) - 15)]
        near = (np.abs(self.places - end).max(axis=2) <= gap) & self.free[:, np.newaxis]
        best, straightest = None, 0.5
        for index, side in np.argwhere(near).tolist():
            other = self.chains[index] if side == 0 else self.chains[index][::-1]
            step = other[min(len(other) - 1, 14)] - other[0]
            turn = float(ahead @ step) / max(1e-9, float(np.hypot(*ahead) * np.hypot(*step)))
            if turn > straightest:
                best, straightest = (index, other), turn
        if best is None:
            return None
        self.free[best[0]] = False
        return best[1]


def _joined(chains: list[NDArray[np.float64]], gap: float) -> list[NDArray[np.float64]]:
    """Chains that go straight on through a branching, put together again, longest first."""
    ends = _Ends(sorted((chain for chain in chains if len(chain) >= 2), key=len, reverse=True))
    out = []
    for index, chain in enumerate(ends.chains):
        if not ends.free[index]:
            continue
        ends.free[index] = False
        line = chain
        for _ in range(2):
            while (other := ends.onward(line, gap)) is not None:
                line = np.vstack([line, other])
            line = line[::-1]
        out.append(line)
    return out


def lines_of(lines: Mask) -> list[LineString]:
    """Long lines.

    Parameters
    ----------
    lines
        Centre lines, one pixel wide, without those that outline shapes.

    Returns
    -------
    list of LineString
        In pixels, y down, each at least 3 % of the sheet's diagonal long.
    """
    diagonal = float(np.hypot(*lines.shape))
    chains = _chains(lines)
    # Specks between branchings are only worth joining where they lead on from something longer.
    chains = [chain for chain in chains if len(chain) > 0.004 * diagonal]
    out = []
    for points in _joined(chains, gap=0.008 * diagonal):
        line = LineString(simplify(LineString(points), 0.0015 * diagonal).coords)
        reach = float(np.hypot(*(np.ptp(points, axis=0))))
        if line.length >= _LEAST * diagonal and reach >= 0.5 * _LEAST * diagonal:
            out.append(line)
    return out


def _along(line: LineString, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Pixels along a line, every third one."""
    steps = np.linspace(0, line.length, max(4, int(line.length / 3)))
    places = np.array([line.interpolate(step).coords[0] for step in steps])
    return np.asarray(places.round().clip(0, np.array([shape[1] - 1, shape[0] - 1])), np.int64)


def line_signs(
    lines: Sequence[LineString], outlines: Sequence[Polygon], strokes: Strokes, ink: Ink
) -> NDArray[np.float64]:
    """Signs for and against every line being a wall, a road or a path rather than writing, hatching or an arrow.

    Parameters
    ----------
    lines
        As from ``lines_of``.
    outlines
        Shapes kept on the same sheet.
    strokes, ink
        What they were made from.

    Returns
    -------
    array (lines, signs)
        In the order of ``LINE_SIGNS``.
    """
    shape = ink.mask.shape
    diagonal = float(np.hypot(*shape))
    dark = cv2.dilate(ink.dark, np.ones((7, 7), np.uint8))
    usual = max(1e-3, float(np.median(dark[strokes.lines])) if strokes.lines.any() else 1e-3)
    spread = round(0.025 * diagonal) | 1
    letters = cv2.blur(strokes.letters.astype(np.float32), (spread, spread))
    inky = cv2.blur(strokes.lines.astype(np.float32), (spread, spread)) * spread
    near = cv2.dilate(strokes.lines.astype(np.uint8), np.ones((5, 5), np.uint8))
    inside = union_all([o.buffer(-0.004 * diagonal) for o in outlines]) if outlines else Polygon()
    rings = union_all([o.exterior.buffer(0.012 * diagonal) for o in outlines]) if outlines else Polygon()
    prepare(inside)
    middles = np.array([line.interpolate(0.5, normalized=True).coords[0] for line in lines])
    lengths = np.array([line.length for line in lines])
    out = np.zeros((len(lines), len(LINE_SIGNS)))
    for index, line in enumerate(lines):
        x, y = _along(line, shape).T
        points = np.array(line.coords)
        sides = np.hypot(*np.diff(points, axis=0).T)
        width, d = strokes.width[y, x], dark[y, x] / usual
        beside = np.hypot(*(middles - middles[index]).T) < 0.5 * line.length + 0.03 * diagonal
        edge = min(x.min(), y.min(), shape[1] - 1 - x.max(), shape[0] - 1 - y.max()) / diagonal
        out[index] = [
            np.log(line.length / diagonal), np.hypot(*np.ptp(points, axis=0)) / line.length,
            (len(points) - 2) / (line.length / (0.02 * diagonal)), near[y, x].mean(), np.median(width) / strokes.pen,
            width.std() / strokes.pen, np.median(d), np.percentile(d, 10), letters[y, x].mean(),
            line.intersection(inside).length / line.length, line.intersection(rings).length / line.length, edge,
            np.log1p(len(lines)), float((lengths[beside] < 0.5 * line.length).sum()), inky[y, x].mean(),
            sides.max() / line.length, np.log1p(len(outlines)),
        ]  # fmt: skip
    return out


def side_by_side(lines: Sequence[LineString], diagonal: float) -> NDArray[np.bool_]:
    """Which lines run beside another of about their length, at an even distance: the two edges of a road.

    Parameters
    ----------
    lines
        As from ``lines_of``.
    diagonal
        Of the sheet, in pixels.
    """
    out = np.zeros(len(lines), dtype=bool)
    steps = np.linspace(0.1, 0.9, 9)
    for i, one in enumerate(lines):
        for j in range(i):
            other = lines[j]
            short, long = (one, other) if one.length < other.length else (other, one)
            if short.length < 0.45 * long.length or short.distance(long) > _BROAD * diagonal:
                continue
            away = np.array([long.distance(short.interpolate(step, normalized=True)) for step in steps])
            middle = float(np.median(away))
            even = np.abs(away - middle) < _EVEN * middle
            if (
                _NARROW * diagonal < middle < _BROAD * diagonal
                and middle < 0.5 * short.length
                and even.mean() >= _BESIDE
            ):
                out[i] = out[j] = True
    return out
