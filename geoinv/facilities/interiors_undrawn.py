"""The corridor of a drawing that shows none: where a building's own bends fit between the drawn rooms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

__all__ = ["undrawn_corridor"]

Floats = NDArray[np.float64]

#: What a line's way through rooms costs against its distance from them, both as shares of a room's size; how far off a
#: room or a door counts at most; how much better than the straight line a bent one must be.
_THROUGH, _FARTHEST, _BETTER = 3.0, 2.0, 0.8
#: Rooms are cut down to this share before a line may not cross them: hands are unsteady.
_CORE = 0.7
#: Shares of the drawing's side by which an arm is tried moved, in turn.
_MOVES = (0.12, 0.06, 0.03)


def undrawn_corridor(
    straight: LineString, building: LineString, rooms: Sequence[Polygon], doors: Sequence[BaseGeometry]
) -> LineString:
    """The middle line between drawn rooms: straight, or bent as the building is where that clearly fits better.

    The building's line is stretched onto the smallest rectangle about what is drawn in each of its eight ways, and
    each arm is moved aside to where it lies best between the rooms and along the doors.

    Parameters
    ----------
    straight
        The line if the corridor is straight, drawing units.
    building
        The building's middle line, metres.
    rooms, doors
        As drawn.
    """
    if len(building.coords) < 3 or len(rooms) < len(building.coords):
        return straight
    around = MultiPoint(shapely.get_coordinates([*rooms, *doors])).minimum_rotated_rectangle
    if not isinstance(around, Polygon):
        return straight
    seen = _Seen(rooms, doors)
    best, line = seen.cost(np.asarray(straight.coords)) * _BETTER, straight
    for points in _stretched(np.asarray(building.coords), np.asarray(around.exterior.coords)[:4]):
        cost, moved = _settled(points, seen)
        if cost < best:
            best, line = cost, LineString(moved)
    return line


class _Seen:
    """Drawn rooms and doors, to weigh lines against."""

    def __init__(self, rooms: Sequence[Polygon], doors: Sequence[BaseGeometry]) -> None:
        self.rooms = np.array(list(rooms), dtype=object)
        self.size = np.sqrt(shapely.area(self.rooms))
        self.cores = shapely.buffer(self.rooms, -(1 - _CORE) / 2 * self.size)
        self.doors = np.array(list(doors), dtype=object)

    def cost(self, points: Floats) -> float:
        """How badly a line runs between the rooms: through them, or far from them and from their doors."""
        line = LineString(points)
        away = np.minimum(shapely.distance(self.rooms, line) / self.size, _FARTHEST)
        through = shapely.length(shapely.intersection(self.cores, line)) / self.size
        cost = float((away + _THROUGH * through).mean())
        if len(self.doors):
            off = shapely.distance(self.doors, line) / float(np.median(self.size))
            cost += float(np.minimum(off, _FARTHEST).mean())
        return cost


def _stretched(building: Floats, rectangle: Floats) -> list[Floats]:
    """The building's line with its first arm along x, stretched onto a rectangle in each of eight ways."""
    ahead = building[1] - building[0]
    ahead = ahead / np.hypot(*ahead)
    turned = (building - building[0]) @ np.array([[ahead[0], -ahead[1]], [ahead[1], ahead[0]]])
    low, high = turned.min(axis=0), turned.max(axis=0)
    margin = 0.2 * float((high - low).min())  # the rooms reach beyond the line
    unit = (turned - low + margin) / (high - low + 2 * margin)
    corner, along, across = rectangle[0], rectangle[1] - rectangle[0], rectangle[3] - rectangle[0]
    found = []
    for swapped in (False, True):
        for flip_x in (False, True):
            for flip_y in (False, True):
                u, v = (unit[:, ::-1] if swapped else unit).T
                u, v = (1 - u if flip_x else u), (1 - v if flip_y else v)
                found.append(corner + u[:, None] * along + v[:, None] * across)
    return found


def _settled(points: Floats, seen: _Seen) -> tuple[float, Floats]:
    """The line with each arm moved aside to where it costs least, and that cost."""
    best = seen.cost(points)
    reach = float(np.ptp(points, axis=0).max())
    for share in _MOVES:
        for arm in range(len(points) - 1):
            way = points[arm + 1] - points[arm]
            aside = np.array([-way[1], way[0]]) / max(1e-9, float(np.hypot(*way))) * share * reach
            for sign in (1.0, -1.0):
                for _ in range(3):
                    moved = points.copy()
                    moved[arm : arm + 2] += sign * aside
                    cost = seen.cost(moved)
                    if cost >= best:
                        break
                    best, points = cost, moved
    return best, points
