"""Where an opening may be whose place nobody told: along every wall between the rooms that it joins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.records.blueprint import Opening, Storey

__all__ = ["Slide", "slide_of"]

Floats = NDArray[np.float64]

#: Openings keep this far from the ends of their wall; behind a wall the other room begins within this, metres.
_END_M, _BEHIND_M = 0.1, 0.3


@dataclass(frozen=True)
class Slide:
    """Stretches of wall along which an opening's middle may lie.

    Attributes
    ----------
    starts, ways
        Where each stretch begins, and its unit direction, shape (n, 2), metres.
    lengths
        Metres, shape (n,).
    """

    starts: Floats
    ways: Floats
    lengths: Floats

    def at(self, share: float) -> tuple[float, float]:
        """The point at a share of all stretches together: −1 where the first begins, 1 where the last ends."""
        along = (share + 1) / 2 * float(self.lengths.sum())
        ends = np.cumsum(self.lengths)
        index = min(int(np.searchsorted(ends, along)), len(ends) - 1)
        x, y = self.starts[index] + (along - ends[index] + self.lengths[index]) * self.ways[index]
        return float(x), float(y)


def slide_of(one: Opening, storey: Storey) -> Slide | None:
    """The walls along which an opening may be; ``None`` where it must stay where it is.

    The wall of the smaller room that it is in, from end to end; and of that room's other walls what has the other room
    behind it: a room at the bend of a corridor may have its door to either arm.

    Parameters
    ----------
    one
        Its place is assumed.
    storey
        With the rooms that it joins.
    """
    rooms = sorted((room for room in storey.rooms if room.id in one.connects), key=lambda it: (it.polygon.area, it.id))
    if not rooms or not isinstance(rooms[0].polygon, Polygon):
        return None
    ring = np.asarray(rooms[0].polygon.exterior.coords)[:, :2]
    ways = np.diff(ring, axis=0)
    lengths = np.hypot(*ways.T)
    wide = lengths > one.width_m
    if not wide.any():
        return None
    starts, ways, lengths = ring[:-1][wide], ways[wide] / lengths[wide, None], lengths[wide]
    out = np.column_stack([ways[:, 1], -ways[:, 0]]) * (1 if rooms[0].polygon.exterior.is_ccw else -1)
    off = np.array(one.at) - starts
    along = np.clip((off * ways).sum(axis=1), 0, lengths)
    nearest = int(np.argmin(np.hypot(*(off - along[:, None] * ways).T)))
    deep = float(off[nearest] @ out[nearest])  # how far within its wall it lies
    margin = one.width_m / 2 + _END_M
    least = min(margin, float(lengths[nearest]) / 2)
    stretches = [(nearest, least, float(lengths[nearest]) - least)]
    for index in range(len(starts)) if len(rooms) > 1 else ():
        if index != nearest:
            behind = starts[index] + out[index] * (2 * max(deep, 0.0) + _BEHIND_M)
            low, high = _facing(rooms[1].polygon, behind, ways[index], float(lengths[index]))
            if high - low > 2 * margin:
                stretches.append((index, low + margin, high - margin))
    walls = [index for index, _, _ in stretches]
    begins = [starts[index] + low * ways[index] + deep * out[index] for index, low, _ in stretches]
    return Slide(np.array(begins), ways[walls], np.array([high - low for _, low, high in stretches]))


def _facing(other: BaseGeometry, start: Floats, way: Floats, length: float) -> tuple[float, float]:
    """The longest stretch of a wall, as distances along it, that has another room behind it."""
    behind = LineString([start, start + length * way]).intersection(other)
    pieces = [part for part in shapely.get_parts(behind) if part.length > 0]
    if not pieces:
        return 0.0, 0.0
    ends = (shapely.get_coordinates(max(pieces, key=lambda part: float(part.length))) - start) @ way
    return float(ends.min()), float(ends.max())
