"""The ways a drawing of an inside can lie in its building: which end is which, mirrored or not, each how likely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point

from geoinv.facilities.interiors_read import Reading, Slot
from geoinv.facilities.interiors_spine import unrolled

__all__ = ["Ground", "Laid", "Placed", "cost_between", "ground_of", "on_one_side", "ways_of"]

Floats = NDArray[np.float64]

#: One sheet in eight is mirrored (transparent paper, memory from behind the door): log odds against it.
_MIRRORED = 1.95
#: A drawn entrance or arm lies this far off, as a share of the corridor; a north arrow this many degrees.
_ENTRANCE_SD, _NORTH_SD, _ARMS_SD = 0.13, 25.0, 0.5
#: Share of rooms on the wrong side of the corridor, up to which a block with one row may be drawn with two.
_STRAYING = 0.12
#: How much a way can cost at most for one reason: people do draw entrances and arrows wrong.
_MOST_ENTRANCE, _MOST_NORTH, _MOST_BEND = 3.0, 4.0, 6.0


@dataclass(frozen=True)
class Ground:
    """The building's middle line as metres along it, walked from the entrance's end where that is known.

    Attributes
    ----------
    spine
        The line; ``knots`` its lengths at ends and bends; ``turns`` 1 for left and -1 for right at each bend.
    headings
        Bearing of each arm, degrees clockwise from north.
    entrance
        Share of the length and side (1 left, -1 right, 0 at an end) where one goes in, if known.
    """

    spine: LineString
    knots: Floats
    turns: tuple[int, ...]
    headings: Floats
    entrance: tuple[float, int] | None

    @property
    def length(self) -> float:
        """Metres from end to end."""
        return float(self.knots[-1])


@dataclass(frozen=True)
class Placed:
    """A slot on the ground: metres along the building's middle line, and 1 for left of it or -1 for right."""

    slot: Slot
    side: int
    low: float
    high: float

    @property
    def middle(self) -> float:
        """Metres along."""
        return (self.low + self.high) / 2


@dataclass(frozen=True)
class Laid:
    """A drawing lying one way in its building; ``cost`` is the negative log probability of that way by itself."""

    reading: Reading
    placed: tuple[Placed, ...]
    reverse: bool
    mirrored: bool
    entrance: tuple[float, int] | None
    cost: float

    @property
    def name(self) -> str:
        """The drawing's."""
        return self.reading.name

    def row(self, side: int) -> tuple[Placed, ...]:
        """What lies on one side, in order."""
        return tuple(one for one in self.placed if one.side == side)


def ground_of(spine: LineString, entrance: Point | None) -> Ground:
    """A building's middle line read from the entrance's end."""
    if entrance is not None and spine.project(entrance) > spine.length / 2:
        spine = LineString(list(spine.coords)[::-1])
    points = np.asarray(spine.coords)
    steps = np.diff(points, axis=0)
    knots = np.concatenate([[0.0], np.cumsum(np.hypot(*steps.T))])
    way_in = None
    if entrance is not None:
        place = unrolled(spine, shapely.get_coordinates(entrance))[0]
        share = float(np.clip(place[0] / knots[-1], 0.0, 1.0))
        way_in = share, 0 if min(share, 1 - share) * knots[-1] < 1.0 else (1 if place[1] > 0 else -1)
    return Ground(
        spine=spine,
        knots=knots,
        turns=tuple(1 if a[0] * b[1] - a[1] * b[0] > 0 else -1 for a, b in zip(steps[:-1], steps[1:], strict=True)),
        headings=np.degrees(np.arctan2(steps[:, 0], steps[:, 1])) % 360.0,
        entrance=way_in,
    )


def ways_of(reading: Reading, ground: Ground) -> tuple[Laid, ...]:
    """A drawing lying in the building in each of four ways, likeliest first."""
    found = [_laid(reading, ground, reverse, mirrored) for reverse in (False, True) for mirrored in (False, True)]
    return tuple(sorted(found, key=lambda laid: laid.cost))


def _laid(reading: Reading, ground: Ground, reverse: bool, mirrored: bool) -> Laid:
    knots, turns, headings = reading.knots, reading.turns, reading.headings
    entrance = reading.entrance
    flip = -1 if mirrored else 1
    side = flip * (-1 if reverse else 1)
    if reverse:
        knots, turns = knots[-1] - knots[::-1], tuple(-turn for turn in turns[::-1])
        headings = None if headings is None else (headings[::-1] + 180.0) % 360.0
        entrance = None if entrance is None else (1 - entrance[0], -entrance[1])
    turns = tuple(flip * turn for turn in turns)
    headings = None if headings is None else (flip * headings) % 360.0
    entrance = None if entrance is None else (entrance[0], flip * entrance[1])
    drawn, real = knots, ground.knots
    if len(drawn) != len(real):  # bends drawn otherwise: along the whole
        drawn, real = np.array([0.0, drawn[-1]]), np.array([0.0, real[-1]])
    elif entrance is not None:
        whole = float(np.interp(entrance[0] * drawn[-1], drawn, real)) / real[-1]
        entrance = whole, entrance[1]
    placed = []
    for slot in reading.slots:
        ends = (slot.low, slot.high) if not reverse else (drawn[-1] - slot.high, drawn[-1] - slot.low)
        low, high = (float(v) for v in np.interp(ends, drawn, real))
        placed.append(Placed(slot, slot.side * side, low, max(high, low + 0.05)))
    cost = _MIRRORED if mirrored else 0.0
    cost += _cost_of_entrance(entrance, ground.entrance) + _cost_of_bends(knots, turns, ground)
    if headings is not None:
        cost += _cost_of_north(headings, turns, ground)
    ordered = tuple(sorted(placed, key=lambda one: (one.middle, one.slot.drawn)))
    return Laid(reading, ordered, reverse, mirrored, entrance, cost)


def _cost_of_entrance(drawn: tuple[float, int] | None, real: tuple[float, int] | None) -> float:
    if drawn is None or real is None:
        return 0.0
    return cost_between(drawn, real)


def cost_between(one: tuple[float, int], other: tuple[float, int]) -> float:
    """How unlikely it is that two places are the same entrance."""
    cost = 0.5 * ((one[0] - other[0]) / _ENTRANCE_SD) ** 2
    if one[1] and other[1] and one[1] != other[1]:
        cost += 2.0
    return min(_MOST_ENTRANCE, cost)


def _cost_of_bends(knots: Floats, turns: tuple[int, ...], ground: Ground) -> float:
    if turns != ground.turns:
        return _MOST_BEND if len(turns) == len(ground.turns) else 0.0
    shares, real = np.diff(knots) / knots[-1], np.diff(ground.knots) / ground.knots[-1]
    return min(_MOST_ENTRANCE, float(0.5 * ((np.log(shares / real) / _ARMS_SD) ** 2).sum()))


def _cost_of_north(headings: Floats, turns: tuple[int, ...], ground: Ground) -> float:
    if len(headings) == len(ground.headings) and turns == ground.turns:
        off = np.radians(headings - ground.headings)
    else:
        off = np.radians(_mean(headings) - _mean(ground.headings))
    away = abs(float(np.degrees(np.arctan2(np.sin(off).mean(), np.cos(off).mean()))))
    return min(_MOST_NORTH, 0.5 * (away / _NORTH_SD) ** 2)


def _mean(headings: Floats) -> Floats:
    angles = np.radians(headings)
    return np.atleast_1d(np.degrees(np.arctan2(np.sin(angles).mean(), np.cos(angles).mean())))


def on_one_side(laid: Sequence[Laid]) -> tuple[Laid, ...]:
    """The drawings with the few rooms that stray to the other side brought back, where a block has one row of rooms.

    One row it has if at least half of the drawings show nothing on one side and the others next to nothing.
    """
    shares = {side: [len(one.row(side)) / max(1, len(one.placed)) for one in laid] for side in (1, -1)}
    fewer = min((1, -1), key=lambda side: float(np.mean(shares[side])))
    empty = sum(share == 0.0 for share in shares[fewer])
    if 2 * empty < len(laid) or float(np.mean(shares[fewer])) > _STRAYING:
        return tuple(laid)
    return tuple(replace(one, placed=tuple(replace(p, side=-fewer) for p in one.placed)) for one in laid)
