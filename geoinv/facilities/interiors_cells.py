"""How many cells a building has, as an interval: rooms called cells, unnamed rooms, and floor that nobody drew."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from geoinv.records.measures import Interval
from geoinv.records.rooms import PlannedRoom

__all__ = ["cells_of"]

_CELLS = ("cell", "punishment cell")
#: Cells expected per room called one (some are drawn twice), per room without a name, and per room's width of floor
#: that nobody drew, with several drawings and with one alone; fitted on made blocks (docs/methods/interior.md).
_CALLED, _UNNAMED, _BLANK, _BLANK_OF_ONE = 0.92, 0.57, 0.09, 0.35
#: Variance of the count per unnamed room, per square of unnamed rooms and per blank; at least; and, upwards only, per
#: called cell where there is but one drawing: one witness leaves out more cells than she makes up.
_VARIANCE = (0.8, 0.034, 1.8)
_LEAST_VARIANCE, _OF_ONE = 0.3, 0.2
#: Standard deviations below and above that cover nine in ten made blocks, counts rounded outwards.
_BELOW, _ABOVE = 1.1, 1.1


def cells_of(rooms: Sequence[PlannedRoom], drawings: int) -> Interval:
    """Cells and punishment cells, from the joined rooms of ``drawings`` drawings."""
    called = sum(room.role in _CELLS for room in rooms)
    unnamed = sum(room.role == "room" for room in rooms)
    blank = _blank_rooms(rooms)
    expected = _CALLED * called + _UNNAMED * unnamed + (_BLANK_OF_ONE if drawings == 1 else _BLANK) * blank
    each, square, open_ = _VARIANCE
    variance = max(_LEAST_VARIANCE, each * unnamed + square * unnamed**2 + open_ * blank)
    low = max(0, math.floor(expected - _BELOW * math.sqrt(variance)))
    high = math.ceil(expected + _ABOVE * math.sqrt(variance + (_OF_ONE * called if drawings == 1 else 0.0)))
    return Interval(
        low=low,
        best=min(max(round(expected), low), high),
        high=high,
        unit="count",
        said=f"{called} drawn as cells, {unnamed} without a name, floor for about {round(blank)} more that nobody drew",
    )


def _blank_rooms(rooms: Sequence[PlannedRoom]) -> float:
    """Floor expected to be left between drawn rooms and walls, as multiples of a usual room's width."""
    widths = [room.width_m for room in rooms if room.width_m is not None]
    if not widths:
        return 0.0
    last = {room.side: room for room in rooms}
    blanks = [room.before_m[0] for room in rooms if room.before_m is not None]
    blanks += [room.after_m[0] for room in last.values() if room.after_m is not None]
    return float(sum(blanks) / np.median(widths))
