"""Where a collection's features lie, in memory: which of them meet a box.

Many features lie at one place: every incident of a building at its middle, every facility shown by its county in that
county's box. A box is compared with places, each once; a release never changes, so that they are read once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["Box", "Numbers", "Places"]

#: West, south, east, north, in degrees; west is not east of east.
Box = tuple[float, float, float, float]
#: Numbers of features in their collection, from 1, in order.
Numbers = NDArray[np.int32]
#: Where a box meets fewer features than one in this many, they are gathered; else all are passed through.
_FEW = 16


class Places:
    """The places of one collection.

    Parameters
    ----------
    count
        Features of the collection; they are numbered from 1.
    numbers
        Those that have a place, shape (n,), in order.
    edges
        West, south, east and north of each in degrees, shape (n, 4).
    outlines
        Outlines, by number, of those that are neither points nor upright boxes: their edges do not say all.
    """

    def __init__(
        self, count: int, numbers: Numbers, edges: NDArray[np.float64], outlines: Mapping[int, BaseGeometry]
    ) -> None:
        slanted = np.fromiter((int(number) if number in outlines else 0 for number in numbers), np.int32, len(numbers))
        keys = (*edges.T, slanted)
        # Stable: numbers of one place stay in order.
        order = np.lexsort(keys)
        first = np.ones(len(order), bool)
        first[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
        starts = np.flatnonzero(first)
        self._west, self._south, self._east, self._north = edges[order[starts]].T.copy()
        self._members = numbers[order]
        self._starts = np.append(starts, len(order))
        self._sizes = np.diff(self._starts)
        self._nowhere = np.setdiff1d(np.arange(1, count + 1, dtype=np.int32), numbers, assume_unique=True)
        # The place of each number; the one after the last place stands for none, which meets every box.
        self._place_of = np.full(count, len(starts), np.int32)
        self._place_of[self._members - 1] = np.repeat(np.arange(len(starts), dtype=np.int32), self._sizes)
        self._outlines = np.array([outlines.get(int(number)) for number in slanted[order[starts]]], object)
        self._slanted = np.flatnonzero(slanted[order[starts]])

    def meeting(self, boxes: Sequence[Box]) -> Numbers:
        """Numbers of the features that meet any of some boxes or lie nowhere (17-069r4, requirement fc-bbox-response).

        Their edges decide, as they are; of outlines that a box's edge may cross, the outlines themselves.
        """
        hit = np.zeros(len(self._sizes) + 1, bool)
        for each in boxes:
            hit[:-1] |= self._met(each)
        hit[-1] = True
        found = np.flatnonzero(hit[:-1])
        if int(self._sizes[found].sum()) + len(self._nowhere) > len(self._place_of) // _FEW:
            return (np.flatnonzero(hit[self._place_of]) + 1).astype(np.int32)
        parts = [self._members[self._starts[place] : self._starts[place + 1]] for place in found]
        return np.sort(np.concatenate([*parts, self._nowhere]))

    def _met(self, each: Box) -> NDArray[np.bool_]:
        """Whether each place meets one box."""
        west, south, east, north = each
        near: NDArray[np.bool_] = (self._west <= east) & (self._east >= west)
        near &= (self._south <= north) & (self._north >= south)
        if not self._slanted.size:
            return near
        at = self._slanted[near[self._slanted]]
        inside = (self._west[at] >= west) & (self._east[at] <= east)
        inside &= (self._south[at] >= south) & (self._north[at] <= north)
        crossed = at[~inside]
        near[crossed] = shapely.intersects(self._outlines[crossed], shapely.box(*each))
        return near
