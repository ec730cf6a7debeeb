"""Shapes of a drawing that shows an inside: which of them are its rooms, and which one the corridor.

What is traced on a scan may hold one another or overlap: a room, the row that it stands in, and the outline round all
are each enclosed by strokes. Rooms of one storey do not overlap, so those are kept that together are likeliest. A
corridor is enclosed by other things' walls, so it is told by the rooms along it rather than by its own strokes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix
from shapely.geometry import Polygon
from shapely.strtree import STRtree

__all__ = ["CORRIDOR_TOLD", "Inside", "corridor_among", "inside_among", "rooms_among"]

#: Of corridors told by the rooms along them so many overlap the drawn one by half or more (32 of 40 practice scans).
CORRIDOR_TOLD = 0.8
#: A traced shape is likelier one than not from this certainty on.
_LIKELY = 0.5
#: Two rooms whose lines were drawn over each other by more than this share of the smaller are one thing seen twice.
_OVERLAP = 0.25
#: A shape that covers more of what was drawn than this is the building's outline, or a wing of it.
_WHOLE = 0.55
#: A corridor is so many times as long as wide; what is narrower yet is the space between the two lines of a wall.
_LONG, _NARROW = 2.5, 45.0
#: So many rooms, and so large a share of all, lie along it: within this share of the drawing's size.
_BESIDE, _SHARE, _NEAR = 4, 0.5, 0.02
_Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True)
class Inside:
    """Places of an inside's rooms among the shapes of its drawing, and of the corridor told by them (or ``None``)."""

    rooms: tuple[int, ...]
    corridor: int | None


def inside_among(
    shapes: Sequence[Polygon], certainties: Sequence[float], named: Sequence[int], *, hall_named: bool
) -> Inside:
    """The rooms and the corridor of a drawing of an inside.

    Parameters
    ----------
    shapes
        Closed shapes, drawing units.
    certainties
        Of each, 0–1: the tracing's.
    named
        Places in ``shapes`` of those that somebody called a room: never given up for others.
    hall_named
        Whether the drawing has a corridor that somebody called so; then none is looked for.
    """
    sure = [float(len(shapes)) if at in named else one for at, one in enumerate(certainties)]
    rooms = rooms_among(shapes, sure)
    hall = None if hall_named else corridor_among(shapes, certainties, rooms)
    if hall is None or hall in named:
        return Inside(rooms, None)
    corridor = shapes[hall].buffer(0)
    beside = [at for at, shape in enumerate(shapes) if at in named or not _clash(shape.buffer(0), corridor)]
    again = rooms_among([shapes[at] for at in beside], [sure[at] for at in beside])
    return Inside(tuple(beside[at] for at in again), hall)


def rooms_among(shapes: Sequence[Polygon], certainties: Sequence[float]) -> tuple[int, ...]:
    """Which of the shapes traced on a drawing of an inside are its rooms.

    Parameters
    ----------
    shapes
        Closed shapes, drawing units.
    certainties
        Of each, 0–1: the tracing's.

    Returns
    -------
    tuple of int
        Places in ``shapes`` of those that do not overlap and whose certainties sum to most; the building's outline and
        what is likelier not there than there are left out.
    """
    if not shapes:
        return ()
    whole = _whole(shapes)
    kept = [
        at
        for at, (shape, sure) in enumerate(zip(shapes, certainties, strict=True))
        if sure >= _LIKELY and shape.area <= _WHOLE * whole
    ]
    first, second = _overlapping([shapes[at].buffer(0) for at in kept])
    if not len(first):
        return tuple(kept)
    rows = np.repeat(np.arange(len(first)), 2)
    pairs = coo_matrix((np.ones(len(rows)), (rows, np.column_stack([first, second]).ravel())), (len(first), len(kept)))
    # Of equal sums the same one is chosen each time: shapes earlier in reading order count a hair more.
    worth = np.array([certainties[at] for at in kept]) - 1e-6 * np.arange(len(kept))
    chosen = milp(
        -worth,
        integrality=np.ones(len(kept), np.uint8),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(pairs.tocsc(), ub=1),
    )
    # Taking none is always allowed, so there is an answer.
    return tuple(at for at, taken in zip(kept, np.asarray(chosen.x), strict=True) if taken > 0.5)


def corridor_among(shapes: Sequence[Polygon], certainties: Sequence[float], rooms: Sequence[int]) -> int | None:
    """Which of an inside's shapes is its corridor: long, and with most rooms along it.

    Parameters
    ----------
    shapes
        Closed shapes, drawing units; also those that are unlikely by their own strokes.
    certainties
        Of each, 0–1: the tracing's; of two as good the surer one is taken.
    rooms
        Places in ``shapes`` of the rooms, as of `rooms_among`.

    Returns
    -------
    int or None
        Its place in ``shapes``; none where no long shape has half of the rooms, four at least, along it. A room that it
        overlaps counts twice against it.
    """
    if len(rooms) < _BESIDE:
        return None
    whole, reach = _whole(shapes), _NEAR * float(np.hypot(*np.ptp(shapely.get_coordinates(list(shapes)), axis=0)))
    best: tuple[float, float, int] | None = None
    for at, shape in enumerate(shapes):
        if shape.area > _WHOLE * whole or not _LONG <= _elongation(shape) <= _NARROW:
            continue
        others = [shapes[room].buffer(0) for room in rooms if room != at]
        over = [_clash(shape.buffer(0), other) for other in others]
        beside = sum(1 for other, on in zip(others, over, strict=True) if not on and shape.distance(other) <= reach)
        worth = beside - 2 * sum(over)
        if worth >= max(_BESIDE, _SHARE * len(others)) and (best is None or (worth, certainties[at]) > best[:2]):
            best = (worth, certainties[at], at)
    return best[2] if best else None


def _whole(shapes: Sequence[Polygon]) -> float:
    return float(shapely.union_all([shape.buffer(0) for shape in shapes]).convex_hull.area)


def _clash(one: Polygon, other: Polygon) -> bool:
    return bool(one.intersection(other).area > _OVERLAP * min(one.area, other.area))


def _overlapping(rooms: Sequence[Polygon]) -> _Pairs:
    """Pairs of shapes that cannot both be rooms, each pair once."""
    first, second = STRtree(list(rooms)).query(np.array(rooms, dtype=object), predicate="intersects")
    apart = np.array([a < b and _clash(rooms[a], rooms[b]) for a, b in zip(first, second, strict=True)], dtype=bool)
    return first[apart], second[apart]


def _elongation(shape: Polygon) -> float:
    """Length by width of the strip of the same area and perimeter (1 for a square), bends and all."""
    quarter, area = shape.length / 4, shape.area
    root = max(0.0, quarter * quarter - area) ** 0.5
    return float((quarter + root) / max(quarter - root, 1e-9 * quarter))
