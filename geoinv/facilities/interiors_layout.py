"""How wide the joined rooms of one side are and what lies blank between them, as their drawings together have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.interiors_merge import Joined
from geoinv.facilities.interiors_way import Placed

__all__ = ["Blank", "Widths", "blanks_of", "touch", "widths_of"]

Floats = NDArray[np.float64]

#: Log standard deviations: of one drawn width; of rooms' widths about their mean; of cells' widths about theirs at
#: most; of the scales at which witnesses draw. The first two are what is taken to be true before the drawings at hand
#: say otherwise, as strongly as so many rooms.
_DRAWN_SD, _ROOM_SD, _CELL_SD, _SCALE_SD = 0.35, 0.4, 0.2, 0.3
_DRAWN_ROOMS, _ROOM_ROOMS = 8, 4
_LEAST_SPREAD = 0.1
#: What the width of one of a row drawn once with a count tells, against that of a room drawn by itself: "six like
#: this" is one shape, drawn as large as it came.
_ROW_WORTH = 0.1
#: A room that likely is another one of the row takes less of its length: by how much of a room of its own it is
#: expected to be, within these bounds.
_DISTINCT = (0.6, 1.0)
_ROUNDS = 8
#: Rooms nearer than these shares of the narrower one touch each other, or the end wall.
_TOUCH, _TOUCH_END = 0.25, 0.35
#: From this share of the drawings that show two rooms as touching on, they touch.
_TOUCHING = 0.3
#: Share of a drawn blank that is expected to be floor that nobody knew, by one drawing; less with each that shows
#: nothing there either (exponent of their number): what several people leave blank mostly is not there.
_BLANK_SHARE, _BLANK_FALL = 1.0, 0.7
#: Metres: how far off a touching joint is, and one of which no drawing says anything.
_TOUCH_SD, _UNTOLD_SD, _LEAST_SD = 0.3, 1.5, 0.3


@dataclass(frozen=True)
class Widths:
    """Widths of joined rooms, metres, shape (n,), and the standard deviations of their logarithms."""

    metres: Floats
    spread: Floats


def widths_of(rooms: Sequence[Joined]) -> Widths:
    """Widths by alternating least squares of logarithms: a drawing's scale plus a room's width.

    A room is drawn towards the mean of its kind as far as few drawings show it and as rooms here are alike (empirical
    Bayes, Efron and Morris 1975): how alike they are, and how badly they were drawn, is read off the drawings.
    """
    items = [
        (index, one.slot.drawn.rpartition("#")[0], np.log(max(0.1, one.high - one.low)), one.slot.of > 1)
        for index, room in enumerate(rooms)
        for one in room.members
    ]
    names = sorted({name for _, name, _, _ in items})
    room = np.array([index for index, _, _, _ in items])
    drawing = np.array([names.index(name) for _, name, _, _ in items])
    value = np.array([log for _, _, log, _ in items])
    worth = np.where([of_row for _, _, _, of_row in items], _ROW_WORTH, 1.0)
    count = len(rooms)
    seen, drawn = np.bincount(room, worth, minlength=count), np.bincount(drawing, worth, minlength=len(names))
    cell = np.array(["cell" in one.roles for one in rooms])
    wide, scale, badly, unlike = np.bincount(room, worth * value) / seen, np.zeros(len(names)), _DRAWN_SD, _ROOM_SD
    for _ in range(_ROUNDS):
        usual = np.average(wide, weights=np.minimum(seen, 1.0))
        mean = np.where(cell, np.average(wide[cell], weights=np.minimum(seen[cell], 1.0)) if cell.any() else 0.0, usual)
        about = np.where(cell, min(_CELL_SD, unlike), unlike)
        told = np.bincount(room, worth * (value - scale[drawing])) / seen
        wide = (told * seen / badly**2 + mean / about**2) / (seen / badly**2 + 1 / about**2)
        off = np.bincount(drawing, worth * (value - wide[room])) / badly**2
        scale = off / (drawn / badly**2 + 1 / _SCALE_SD**2)
        other = ~cell if (~cell).sum() > 2 else np.full(count, True)
        apart = (np.minimum(seen, 1.0) * ((told - mean) ** 2 - badly**2 / seen))[other].sum()
        unlike = np.sqrt(max(_LEAST_SPREAD**2, (apart + _ROOM_SD**2 * _ROOM_ROOMS) / (other.sum() + _ROOM_ROOMS)))
        again = (worth * (value - scale[drawing] - told[room]) ** 2).sum()
        badly = np.sqrt((again + _DRAWN_SD**2 * _DRAWN_ROOMS) / (max(0.0, worth.sum() - count) + _DRAWN_ROOMS))
    metres = np.exp(wide) * np.clip([one.distinct for one in rooms], *_DISTINCT)
    return Widths(metres, 1 / np.sqrt(seen / badly**2 + 1 / about**2))


@dataclass(frozen=True)
class Blank:
    """Floor between two rooms, or between a room and the end wall: metres expected, and their standard deviation."""

    metres: float
    spread: float


def blanks_of(rooms: Sequence[Joined], length: float) -> tuple[Blank, ...]:
    """What lies before the first room, between each two and after the last of one side: n + 1 blanks."""
    rows: dict[str, list[tuple[int, float, float]]] = {}
    for index, room in enumerate(rooms):
        for one in room.members:
            rows.setdefault(one.slot.drawn.rpartition("#")[0], []).append((index, one.low, one.high))
    told: list[list[tuple[float, bool]]] = [[] for _ in range(len(rooms) + 1)]
    for name in sorted(rows):
        row = sorted(rows[name])
        for (a, low, high), (b, other_low, other_high) in zip(row[:-1], row[1:], strict=True):
            if b == a + 1:
                gap = other_low - high
                told[b].append((gap, _near(gap, high - low, other_high - other_low)))
        for end, (index, low, high), gap in ((0, row[0], row[0][1]), (len(rooms), row[-1], length - row[-1][2])):
            if index == (0 if end == 0 else len(rooms) - 1):
                told[end].append((gap, gap < _TOUCH_END * (high - low)))
    share = _BLANK_SHARE / len(rows) ** _BLANK_FALL
    return tuple(_blank(gaps, share) for gaps in told)


def touch(one: Placed, other: Placed) -> bool:
    """Whether two rooms of one drawing are drawn with nothing between them."""
    return _near(other.low - one.high, one.high - one.low, other.high - other.low)


def _near(gap: float, width: float, other: float) -> bool:
    return gap < _TOUCH * min(width, other)


def _blank(gaps: Sequence[tuple[float, bool]], share: float) -> Blank:
    if not gaps:
        return Blank(0.0, _UNTOLD_SD)
    touching = sum(touch for _, touch in gaps)
    if touching >= _TOUCHING * len(gaps):
        return Blank(0.0, _TOUCH_SD / float(np.sqrt(len(gaps))))
    expected = share * float(np.mean([gap for gap, touch in gaps if not touch]))
    return Blank(max(0.0, expected), max(_LEAST_SD, expected))
