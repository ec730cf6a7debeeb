"""A row of rooms along one side of a corridor: widths and blanks by least squares, order kept, corners whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray
from scipy.optimize import nnls
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.records.rooms import PlannedRoom

__all__ = ["Piece", "RowLine", "cut", "pieces_of", "row_line", "side_of"]

Floats = NDArray[np.float64]

#: A stretch that nobody drew stays open as an inferred room from here, metres; less goes to the rooms beside it.
_BLANK_M = 1.4
_LEAST_M = 0.9
#: How far off the mean of where a room was drawn is, as a share of the row: neighbours are off together.
_PLACE_SD = 0.04
#: Metres that a row may be deeper than its building's mean.
_OVER_M = 0.6


@dataclass(frozen=True)
class RowLine:
    """The middle line of a row: its bends are those of the building's spine, moved out by half the rooms' depth.

    Attributes
    ----------
    line
        From the spine's start to its end.
    knots, spine_knots
        Lengths at ends and bends along it and along the spine.
    depth
        Of the row from corridor to wall, metres.
    low, high
        From inner face to inner face of the end walls.
    """

    line: LineString
    knots: Floats
    spine_knots: Floats
    depth: float
    low: float
    high: float

    def along(self, spine_m: float) -> float:
        """Metres along the row of a place along the spine."""
        return float(np.interp(spine_m, self.spine_knots, self.knots))


def row_line(spine: LineString, near: float, depth: float, sign: float, wall: float) -> RowLine | None:
    """The middle line of the row that begins ``near`` metres from the spine on its left (``sign`` 1) or right (-1)."""
    offset = sign * (near + depth / 2)
    line = shapely.offset_curve(spine, offset, join_style="mitre", mitre_limit=10.0)
    if not isinstance(line, LineString) or line.length < 2 * wall + _LEAST_M:
        return None
    spine_knots, knots = _lengths(spine), _lengths(line)
    if len(knots) != len(spine_knots):  # an arm shorter than its rooms are deep
        spine_knots, knots = spine_knots[[0, -1]], knots[[0, -1]]
    return RowLine(line, knots, spine_knots, depth, wall, line.length - wall)


def _lengths(line: LineString) -> Floats:
    steps = np.diff(np.asarray(line.coords), axis=0)
    return np.concatenate([[0.0], np.cumsum(np.hypot(*steps.T))])


def side_of(spine: LineString, part: Polygon) -> int:
    """1 if a part of the floor lies left of the spine, -1 if right, judged by where most of its outline is."""
    points = shapely.get_coordinates(part.exterior.segmentize(1.0))
    line = np.asarray(spine.coords)
    starts, steps = line[:-1], np.diff(line, axis=0)
    away = points[:, None] - starts[None]
    share = np.clip((away * steps).sum(axis=2) / (steps**2).sum(axis=1), 0.0, 1.0)
    nearest = np.hypot(*np.moveaxis(away - share[..., None] * steps, 2, 0)).argmin(axis=1)
    every = np.arange(len(points))
    step, off = steps[nearest], away[every, nearest]
    left = (step[:, 0] * off[:, 1] - step[:, 1] * off[:, 0]) / np.hypot(*step.T)
    return 1 if left.sum() > 0 else -1


@dataclass(frozen=True)
class Piece:
    """A stretch of a row between the middles of two cross walls: a planned room, or floor that nobody drew."""

    low: float
    high: float
    room: PlannedRoom | None


def pieces_of(planned: Sequence[PlannedRoom], row: RowLine, wall: float) -> list[Piece]:
    """A row divided among its planned rooms, in order, from end to end."""
    if not planned:
        return [Piece(row.low, row.high, None)]
    starts, ends = _closed(*_edges(planned, row), row)
    pieces, at = [], row.low
    for room, start, end in zip(planned, starts, ends, strict=True):
        if start - at >= 1e-6:
            pieces.append(Piece(at, float(start), None))
        pieces.append(Piece(float(start), float(end), room))
        at = float(end)
    if row.high - at >= 1e-6:
        pieces.append(Piece(at, row.high, None))
    for bend in row.knots[1:-1]:
        pieces = _around_corner(pieces, float(bend), (row.depth + wall) / 2)
    return pieces


def _edges(planned: Sequence[PlannedRoom], row: RowLine) -> tuple[Floats, Floats]:
    """Starts and ends along the row, shape (n,) each: widths, blanks and places by non-negative least squares.

    Unknowns are blanks and widths in turn, adding to the row's length (Lawson and Hanson 1974, chapter 23).
    """
    count, total = len(planned), row.high - row.low
    drawn = np.array([row.along(room.along[1]) - row.along(room.along[0]) for room in planned])
    widths = np.array([max(0.1, d) if r.width_m is None else r.width_m for r, d in zip(planned, drawn, strict=True)])
    spread = np.array([room.width_spread for room in planned])
    blanks = _blanks(planned, row)
    open_m = blanks[:, 0] * min(1.0, 0.5 * total / max(blanks[:, 0].sum(), 1e-9))
    widths = widths * (total - open_m.sum()) / widths.sum()  # what is not blank is filled
    middle = np.array([row.along((room.along[0] + room.along[1]) / 2) for room in planned]) - row.low
    place = np.sqrt([room.drawings for room in planned]) / (_PLACE_SD * total)
    size = 2 * count + 1
    rows = np.zeros((3 * count + 2, size))
    target = np.zeros(3 * count + 2)
    for i in range(count):
        rows[i, : 2 * i + 1], rows[i, 2 * i + 1] = place[i], place[i] / 2
        rows[count + i, 2 * i + 1] = 1 / (spread[i] * widths[i])
    target[:count], target[count : 2 * count] = place * middle, 1 / spread
    for i in range(count + 1):
        rows[2 * count + i, 2 * i] = 1 / blanks[i, 1]
    target[2 * count : 3 * count + 1] = open_m / blanks[:, 1]
    rows[-1], target[-1] = 1000.0, 1000.0 * total
    least = np.zeros(size)
    least[1::2] = min(_LEAST_M, 0.5 * total / count)
    found, _ = nnls(rows, target - rows @ least, maxiter=50 * size)
    edges = row.low + np.cumsum(found + least)
    return np.minimum(edges[0:-1:2], row.high), np.minimum(edges[1::2], row.high)


def _blanks(planned: Sequence[PlannedRoom], row: RowLine) -> Floats:
    """Metres expected before each room and after the last, and their standard deviations, shape (n + 1, 2)."""
    edges = [row.low, *(row.along(end) for room in planned for end in room.along), row.high]
    told = [room.before_m for room in planned] + [planned[-1].after_m]
    drawn = [max(0.0, b - a) for a, b in zip(edges[0::2], edges[1::2], strict=True)]
    return np.array([(gap, max(0.3, gap)) if given is None else given for given, gap in zip(told, drawn, strict=True)])


def _closed(starts: Floats, ends: Floats, row: RowLine) -> tuple[Floats, Floats]:
    """Small blanks given to the rooms beside them, so that only what is large enough for a room stays open."""
    starts, ends = starts.copy(), ends.copy()
    if starts[0] - row.low < _BLANK_M:
        starts[0] = row.low
    if row.high - ends[-1] < _BLANK_M:
        ends[-1] = row.high
    small = starts[1:] - ends[:-1] < _BLANK_M
    middle = (starts[1:] + ends[:-1]) / 2
    starts[1:], ends[:-1] = np.where(small, middle, starts[1:]), np.where(small, middle, ends[:-1])
    return starts, ends


def _around_corner(pieces: list[Piece], bend: float, half: float) -> list[Piece]:
    """Cross walls moved out of a bend's corner, which belongs as a whole to the room before it, behind it or in it."""
    joints = np.array([piece.low for piece in pieces[1:]])
    if not len(joints):
        return pieces
    ends = np.array([bend - half, bend + half])
    within = np.flatnonzero(np.abs(joints - bend) < half)
    if len(within) > 1:
        moves = {int(within[0]): ends[0], int(within[-1]): ends[1]}
    else:
        nearest = int(np.abs(joints - bend).argmin())
        moves = {nearest: ends[np.abs(ends - joints[nearest]).argmin()]}
    moved = joints.copy()
    for index, place in moves.items():
        moved[index] = place
    edges = np.array([pieces[0].low, *moved, pieces[-1].high])
    if np.diff(edges).min() < min(_LEAST_M, float(min(piece.high - piece.low for piece in pieces))):
        return pieces
    return [Piece(float(a), float(b), piece.room) for piece, a, b in zip(pieces, edges[:-1], edges[1:], strict=True)]


def cut(free: BaseGeometry, row: RowLine, piece: Piece, wall: float) -> Polygon | None:
    """The floor of a piece of a row: what is still free of the row between its cross walls."""
    low = piece.low + (wall / 2 if piece.low > row.low + 0.01 else -2 * row.low)
    high = piece.high - (wall / 2 if piece.high < row.high - 0.01 else -2 * row.low)
    low, high = max(0.0, low), min(row.line.length, high)
    if high - low < 0.3 or free.is_empty:
        return None
    found = shapely.make_valid(free).intersection(_band(row, low, high))
    for start, end in ((0.0, low), (high, row.line.length)):  # a band around a bend reaches over its neighbour's floor
        if end - start > 0.01 and len(row.knots) > 2:
            found = found.difference(_band(row, start, end))
    parts = [part for part in getattr(found, "geoms", [found]) if isinstance(part, Polygon) and part.area > 0.3]
    if not parts:
        return None
    middle = Point(row.line.interpolate((low + high) / 2))
    chosen = min(parts, key=lambda part: (part.distance(middle), -part.area)).simplify(0.01)
    return chosen if isinstance(chosen, Polygon) else None


def _band(row: RowLine, low: float, high: float) -> BaseGeometry:
    """All beside a stretch of a row's line, as deep as the row and a little more."""
    stretch = shapely.ops.substring(row.line, low, high)
    reach = row.depth / 2 + _OVER_M
    return shapely.make_valid(shapely.buffer(stretch, reach, cap_style="flat", join_style="mitre", mitre_limit=10.0))
