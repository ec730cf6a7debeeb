"""Lines: centre lines that enclose nothing, followed from end to end and simplified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely import simplify
from shapely.geometry import LineString

__all__ = ["lines_of", "side_by_side"]

Mask = NDArray[np.bool_]

#: A line is at least this share of the diagonal long.
_LEAST = 0.03
#: Two lines are a road's edges if they run this far apart (shares of the diagonal), evenly, along most of the shorter.
_NARROW, _BROAD, _EVEN, _BESIDE = 0.009, 0.06, 0.35, 0.7
#: And if each is so long (the same shares), and leads somewhere: share of its length.
_STRETCH, _LEADING = 0.05, 0.75
#: Beyond this share of the gap that a line may leap it leaps only where it leads.
_CLOSE = 0.4
#: Dashes lie no further apart than this share of the diagonal.
_DASH = 0.012
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


@dataclass(frozen=True)
class _Leap:
    """How a line may be carried on: so far, turning so little, and leading there (cosines), told by so many pixels."""

    gap: float
    turn: float
    leads: float
    tail: int


class _Ends:
    """Both ends of every chain that is not used yet, to be sought by place."""

    def __init__(self, chains: list[NDArray[np.float64]]) -> None:
        self.chains = chains
        self.places = np.array([[chain[0], chain[-1]] for chain in chains]).reshape(-1, 2, 2)
        self.free = np.ones(len(chains), dtype=bool)

    def onward(self, line: NDArray[np.float64], leap: _Leap) -> NDArray[np.float64] | None:
        """The chain that best carries a line on from its end, the right way round; it is used up."""
        end = line[-1]
        ahead = end - line[max(0, len(line) - leap.tail)]
        near = (np.abs(self.places - end).max(axis=2) <= leap.gap) & self.free[:, np.newaxis]
        best, straightest = None, leap.turn
        for index, side in np.argwhere(near).tolist():
            other = self.chains[index] if side == 0 else self.chains[index][::-1]
            turn = _cosine(ahead, other[min(len(other), leap.tail) - 1] - other[0])
            between = other[0] - end
            # Across more than a branching the line must lead there too, else it would go over to one beside it.
            if float(np.hypot(*between)) > _CLOSE * leap.gap and _cosine(ahead, between) < leap.leads:
                continue
            if turn > straightest:
                best, straightest = (index, other), turn
        if best is None:
            return None
        self.free[best[0]] = False
        return best[1]


def _cosine(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(one @ other) / max(1e-9, float(np.hypot(*one) * np.hypot(*other)))


def _joined(chains: list[NDArray[np.float64]], leap: _Leap) -> list[NDArray[np.float64]]:
    """Chains that go straight on, put together again, longest first."""
    ends = _Ends(sorted((chain for chain in chains if len(chain) >= 2), key=len, reverse=True))
    out = []
    for index, chain in enumerate(ends.chains):
        if not ends.free[index]:
            continue
        ends.free[index] = False
        line = chain
        for _ in range(2):
            while (other := ends.onward(line, leap)) is not None:
                line = np.vstack([line, other])
            line = line[::-1]
        out.append(line)
    return out


def lines_of(lines: Mask, pen: float) -> list[LineString]:
    """Long lines.

    Parameters
    ----------
    lines
        Centre lines, one pixel wide, without those that outline shapes.
    pen
        The pen's usual width in pixels: where two broad strokes cross, so much more of their middle lines is lost.

    Returns
    -------
    list of LineString
        In pixels, y down, each at least 3 % of the sheet's diagonal long.
    """
    diagonal = float(np.hypot(*lines.shape))
    # Specks between branchings are only worth joining where they lead on from something longer.
    pieces = [chain for chain in _chains(lines) if len(chain) > 0.004 * diagonal]
    pieces = _joined(pieces, _Leap(0.008 * diagonal + pen, turn=0.5, leads=0.8, tail=15))
    # Dashes, and what a fence's marks cut up, go on over wider gaps, but only straight ahead.
    pieces = _joined(pieces, _Leap(_DASH * diagonal + pen, turn=0.88, leads=0.95, tail=round(0.016 * diagonal)))
    out = []
    for points in pieces:
        line = LineString(simplify(LineString(points), 0.0015 * diagonal).coords)
        reach = float(np.hypot(*(np.ptp(points, axis=0))))
        if line.length >= _LEAST * diagonal and reach >= 0.5 * _LEAST * diagonal:
            out.append(line)
    return out


def _reach(line: LineString) -> float:
    """How far a line leads, as a share of its length."""
    return float(np.hypot(*np.ptp(np.array(line.coords), axis=0))) / line.length


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
            if short.length < max(0.45 * long.length, _STRETCH * diagonal) or short.distance(long) > _BROAD * diagonal:
                continue
            # The two bows of a figure 3 run side by side too, and lead nowhere.
            if min(_reach(short), _reach(long)) < _LEADING:
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
