"""Lines: centre lines that enclose nothing, followed from end to end and simplified."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely import simplify
from shapely.geometry import LineString

__all__ = ["lines_of"]

Mask = NDArray[np.bool_]

#: A line is at least this share of the diagonal long.
_LEAST = 0.05
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
        In pixels, y down, each at least 5 % of the sheet's diagonal long.
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
