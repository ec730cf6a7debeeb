"""Rooms of several drawings joined into one sequence on each side of the corridor: order before sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoinv.facilities.interiors_place import Slot

__all__ = ["Joined", "join"]

#: Cost of leaving a room of either drawing alone, and of a distance of 12 % of the spine between two that are joined.
_ALONE, _REACH = 0.45, 0.12


@dataclass(frozen=True)
class Joined:
    """Slots of different drawings held to be one room."""

    slots: tuple[Slot, ...]

    @property
    def low(self) -> float:
        """Where it begins along the spine, mean over the drawings."""
        return float(np.mean([slot.low for slot in self.slots]))

    @property
    def high(self) -> float:
        """Where it ends along the spine, mean over the drawings."""
        return float(np.mean([slot.high for slot in self.slots]))

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles its labels tell, sorted."""
        return tuple(sorted({slot.role for slot in self.slots if slot.role}))


def join(known: Sequence[Joined], slots: Sequence[Slot], length: float) -> tuple[tuple[Joined, ...], float]:
    """One drawing's slots joined with what is known, side by side and in order (Needleman and Wunsch 1970).

    Returns
    -------
    The rooms of both sides, each side in order, and the cost: how badly the drawing agrees, per slot.
    """
    result: list[Joined] = []
    total = 0.0
    for side in ("left", "right"):
        ours = [room for room in known if room.slots[0].side == side]
        theirs = sorted((slot for slot in slots if slot.side == side), key=lambda slot: slot.low + slot.high)
        rooms, cost = _aligned(ours, theirs, length)
        result += rooms
        total += cost
    return tuple(result), total / max(1, len(slots))


def _pair(room: Joined, slot: Slot, length: float) -> float:
    gap = abs((room.low + room.high) - (slot.low + slot.high)) / 2
    cost = 0.5 * gap / (_REACH * length)
    if slot.role and room.roles:
        if slot.role in room.roles:
            cost -= 0.1 if slot.role == "cell" else 0.9  # a block has many cells but one latrine
        else:
            cost += 0.8
    return cost


def _aligned(ours: Sequence[Joined], theirs: Sequence[Slot], length: float) -> tuple[list[Joined], float]:
    rows, columns = len(ours) + 1, len(theirs) + 1
    cost = np.zeros((rows, columns))
    cost[:, 0], cost[0, :] = _ALONE * np.arange(rows), _ALONE * np.arange(columns)
    pair = np.array([[_pair(room, slot, length) for slot in theirs] for room in ours]).reshape(rows - 1, columns - 1)
    for i in range(1, rows):
        for j in range(1, columns):
            cost[i, j] = min(cost[i - 1, j - 1] + pair[i - 1, j - 1], cost[i - 1, j] + _ALONE, cost[i, j - 1] + _ALONE)
    found: list[Joined] = []
    i, j = rows - 1, columns - 1
    while i or j:
        if i and j and cost[i, j] == cost[i - 1, j - 1] + pair[i - 1, j - 1]:
            i, j = i - 1, j - 1
            found.append(Joined((*ours[i].slots, theirs[j])))
        elif (
            i
            and (not j or cost[i, j] == cost[i - 1, j] + _ALONE)
            and not (j and cost[i, j] == cost[i, j - 1] + _ALONE and theirs[j - 1].low > ours[i - 1].low)
        ):
            i -= 1
            found.append(ours[i])
        else:
            j -= 1
            found.append(Joined((theirs[j],)))
    return found[::-1], float(cost[-1, -1])
