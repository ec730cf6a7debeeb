"""The shortest way on foot: over each storey's free floor, through doors and gates, up and down stairs.

Exact for a point walker: the shortest path among polygons bends only at their inward corners (Lozano-Pérez & Wesley
1979), so a search over those that see each other finds it. No grid: a grid cuts corners and comes out too short.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.models.claims_parts import Place, Untestable
from geoinv.models.solids_prisms import polygons_of
from geoinv.models.solids_site import perimeter_plan, place_gate
from geoinv.models.solids_walls import OVERSHOOT_M, PlacedOpening, StoreyPlan, storey_plan
from geoinv.records.blueprint import Blueprint, Building, Stair, Storey

__all__ = ["Leg", "Route", "Ways", "free_floor", "route", "shortest_path"]

Floats = NDArray[np.float64]

#: What one can walk through; a hatch is for eyes and food.
_PASSABLE = ("door", "gap")
#: Open ground kept about everything that stands, metres: a way round a building may go there.
_AROUND_M = 25.0
#: Turns smaller than this are none, degrees; bends nearer to each other than this are one, metres.
_TURN_DEG, _BEND_M = 45.0, 0.6


@dataclass(frozen=True)
class Leg:
    """One stretch of a route: level on a storey (or outside), or a stair.

    Attributes
    ----------
    line
        In plan, metres.
    length_m
        Walked, along the slope.
    stair
        Whether it is a stair.
    """

    line: LineString
    length_m: float
    stair: bool = False


@dataclass(frozen=True)
class Route:
    """A way on foot.

    Attributes
    ----------
    legs
        In the order walked.
    through
        Ids of the openings, gates and stairs passed, in the order passed.
    """

    legs: tuple[Leg, ...]
    through: tuple[str, ...]

    @property
    def length_m(self) -> float:
        """Walked, along slopes."""
        return sum(leg.length_m for leg in self.legs)

    @property
    def stairs_m(self) -> float:
        """Walked on stairs, along the slope."""
        return sum(leg.length_m for leg in self.legs if leg.stair)

    @property
    def line(self) -> LineString:
        """The whole way in plan."""
        points = np.concatenate([shapely.get_coordinates(leg.line) for leg in self.legs])
        return LineString(points if len(points) > 1 else np.repeat(points, 2, axis=0))

    @property
    def turns(self) -> int:
        """How many times one turns by 45° or more; bends within 0.6 m of each other are one turn."""
        points = shapely.get_coordinates(self.line.simplify(0.15))
        steps = np.diff(points, axis=0)
        steps = steps[np.hypot(*steps.T) > 1e-6] if len(steps) else steps
        count, turned, since = 0, 0.0, np.inf
        for before, after in zip(steps[:-1], steps[1:], strict=True):
            angle = np.degrees(np.arctan2(before[0] * after[1] - before[1] * after[0], before @ after))
            since = since + float(np.hypot(*before)) if turned else np.inf
            turned = turned + float(angle) if since < _BEND_M else float(angle)
            if abs(turned) >= _TURN_DEG:
                count, turned = count + 1, 0.0
        return count


def free_floor(blueprint: Blueprint, building: Building | None, storey: Storey | None) -> BaseGeometry:
    """Where one can walk on one storey of a building; with the open ground if it is the lowest, or none is given.

    Rooms and corridors, doors and gaps through walls; outside, what neither buildings nor perimeter walls (but for
    their gates) nor towers cover.
    """
    outside = [_open_ground(blueprint)] if _is_lowest((building, storey)) else []
    if building is None or storey is None:
        return shapely.union_all(outside)
    return shapely.union_all([_floor(storey_plan(building, storey), building), *outside])


def _floor(plan: StoreyPlan, building: Building) -> BaseGeometry:
    rooms = [room.polygon for room in plan.rooms] or [building.outline.difference(plan.walls)]
    # Doors reach the overshoot into the rooms, so that floor and door are one ground without a seam.
    doors = [placed.outline(overshoot=OVERSHOOT_M) for placed in plan.openings if placed.opening.kind in _PASSABLE]
    return shapely.union_all([*rooms, *doors])


def _open_ground(blueprint: Blueprint) -> BaseGeometry:
    site = blueprint.site
    gates = tuple(place_gate(gate, site.walls) for gate in site.gates)
    solid = [building.outline for building in blueprint.buildings]
    solid += [tower.outline for tower in site.towers]
    solid += [perimeter_plan(wall, gates) for wall in site.walls]
    if not solid:
        return Polygon()
    taken = shapely.union_all(solid)
    west, south, east, north = taken.bounds
    whole = shapely.box(west - _AROUND_M, south - _AROUND_M, east + _AROUND_M, north + _AROUND_M)
    return whole.difference(taken)


def _corners(free: BaseGeometry) -> Floats:
    """Corners of the free floor at which a shortest path may bend: those that stick out into it."""
    found = []
    for polygon in polygons_of(free):
        turned = shapely.geometry.polygon.orient(polygon)  # the floor lies left of every ring
        for ring in (turned.exterior, *turned.interiors):
            xy = np.asarray(ring.coords)[:-1, :2]
            before, after = xy - np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0) - xy
            cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
            found.append(xy[cross < -1e-12])
    return np.concatenate(found) if found else np.empty((0, 2))


def shortest_path(free: BaseGeometry, start: Point, end: Point) -> LineString | None:
    """The shortest path inside free ground, or ``None`` where there is none.

    Parameters
    ----------
    free
        Polygon or multipolygon, metres.
    start, end
        On it; a point off it has no path.
    """
    home = [part for part in polygons_of(free) if part.covers(start) and part.covers(end)]
    if not home:
        return None
    ground = home[0]
    nodes = np.concatenate([[[start.x, start.y], [end.x, end.y]], _corners(ground)])
    shapely.prepare(ground)
    to_end = np.hypot(*(nodes - nodes[1]).T)
    best = np.full(len(nodes), np.inf)
    came = np.full(len(nodes), -1)
    done = np.zeros(len(nodes), bool)
    best[0] = 0.0
    queue: list[tuple[float, int]] = [(float(to_end[0]), 0)]
    while queue:
        _, here = heapq.heappop(queue)
        if done[here]:
            continue
        done[here] = True
        if here == 1:
            break
        reach = best[here] + np.hypot(*(nodes - nodes[here]).T)
        # Only what could be better than what is known is worth asking whether it is seen.
        worth = np.flatnonzero(~done & (reach < best) & (reach + to_end < best[1] + 1e-12))
        if not len(worth):
            continue
        lines = shapely.linestrings(np.stack([np.broadcast_to(nodes[here], (len(worth), 2)), nodes[worth]], axis=1))
        for node in worth[shapely.covers(ground, lines)]:
            best[node], came[node] = reach[node], here
            heapq.heappush(queue, (float(reach[node] + to_end[node]), int(node)))
    if not np.isfinite(best[1]):
        return None
    chain = [1]
    while came[chain[-1]] >= 0:
        chain.append(int(came[chain[-1]]))
    points = nodes[chain[::-1]]
    return LineString(points if len(points) > 1 else np.repeat(points, 2, axis=0))


class Ways:
    """Ways on foot through one model; floors are worked out once, each way once."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self._known: dict[tuple[str, str], Route | None] = {}
        self._grounds: dict[tuple[str, ...], BaseGeometry] = {}
        self._bars: dict[str, list[tuple[str, LineString]]] = {}
        self._plans: dict[str, StoreyPlan] = {}
        self._out: dict[str, int] = {}

    def _plan(self, building: Building, storey: Storey) -> StoreyPlan:
        if storey.id not in self._plans:
            self._plans[storey.id] = storey_plan(building, storey)
        return self._plans[storey.id]

    def route(self, start: Place, end: Place) -> Route:
        """The shortest way on foot between the middles of two parts.

        Raises
        ------
        Untestable
            If the model knows no way from one to the other.
        """
        key = (start.part.id, end.part.id)
        if key not in self._known:
            floors = _floors(self.blueprint, (start, end))
            ends = [(_floor_of(place, floors), _stand(place)) for place in (start, end)]
            within = start.storey is not None and end.storey is not None and start.building == end.building
            self._known[key] = self._over_stairs(floors, ends, within)
        found = self._known[key]
        if found is None:
            raise Untestable(f"the model knows no way on foot from {start.name} to {end.name}")
        return found

    def _ground(self, floors: Sequence[Floor], index: int, within: bool) -> BaseGeometry:
        """One floor; the lowest ones of several buildings, and the open ground between them, are one."""
        low = _is_lowest(floors[index])
        joined = [floor for k, floor in enumerate(floors) if k == index or (low and _is_lowest(floor))]
        outside = low and not (within and len(joined) == 1 and self._ways_out(*joined[0]) < 2)
        key = (str(outside), *(storey.id if storey else "" for _, storey in joined))
        if key not in self._grounds:
            inside = [_floor(self._plan(b, s), b) for b, s in joined if b is not None and s is not None]
            self._grounds[key] = shapely.union_all([*inside, _open_ground(self.blueprint)] if outside else inside)
        return self._grounds[key]

    def _ways_out(self, building: Building | None, storey: Storey | None) -> int:
        """How many doors lead out of a storey: with fewer than two no way inside leads over the open ground."""
        if building is None or storey is None:
            return 2
        if storey.id not in self._out:
            edge = building.outline.exterior if isinstance(building.outline, Polygon) else building.outline.boundary
            plan = self._plan(building, storey).openings
            through = [p.opening.kind in _PASSABLE and p.outline(overshoot=0.1).intersects(edge) for p in plan]
            self._out[storey.id] = sum(through)
        return self._out[storey.id]

    def _over_stairs(self, floors: Sequence[Floor], ends: Sequence[tuple[int, Point]], within: bool) -> Route | None:
        """Dijkstra over start, end and the ends of every stair; between them the exact path on each floor."""
        lowest = next(k for k in range(len(floors)) if _is_lowest(floors[k]))
        level = [lowest if _is_lowest(floor) else k for k, floor in enumerate(floors)]
        stairs = _stairs(floors)
        stops = [(level[index], at) for index, at in ends]
        for stair, low, high in stairs:
            line = shapely.get_coordinates(stair.line)
            stops += [(level[low], Point(line[0])), (level[high], Point(line[-1]))]
        stops = [(k, _ground_at(self._ground(floors, k, within), at)) for k, at in stops]
        found = _cheapest(_links(stops, stairs, lambda k: self._ground(floors, k, within)), len(stops))
        if found is None:
            return None
        through: list[str] = []
        for leg, stair_id in found:
            through += [stair_id] if stair_id else self._passed(leg.line, floors)
        return Route(tuple(leg for leg, _ in found), tuple(through))

    def _passed(self, line: LineString, floors: Sequence[Floor]) -> list[str]:
        """Openings that a stretch goes through, in order."""
        found: list[tuple[float, str]] = []
        for building, storey in floors:
            if building is None or storey is None:
                continue
            if storey.id not in self._bars:
                placed = self._plan(building, storey).openings
                self._bars[storey.id] = [(p.opening.id, _bar(p)) for p in placed if p.opening.kind in _PASSABLE]
            for name, bar in self._bars[storey.id]:
                if line.intersects(bar):
                    found.append((line.project(line.intersection(bar).centroid), name))
        return [name for _, name in sorted(found)]


def route(blueprint: Blueprint, start: Place, end: Place) -> Route:
    """The shortest way on foot between the middles of two parts.

    Raises
    ------
    Untestable
        If the model knows no way from one to the other.
    """
    return Ways(blueprint).route(start, end)


Floor = tuple[Building | None, Storey | None]


def _floors(blueprint: Blueprint, wanted: Sequence[Place]) -> list[Floor]:
    """The storeys of the buildings concerned, lowest first; the open ground alone where neither is in a building."""
    inside = [place for place in wanted if place.part is not place.building]
    buildings = {place.building.id for place in inside if place.building is not None}
    floors: list[Floor] = []
    for building in (one for one in blueprint.buildings if one.id in buildings):
        floors += [(building, storey) for storey in sorted(building.storeys, key=lambda one: (one.floor_m, one.id))]
    return floors or [(None, None)]


def _floor_of(place: Place, floors: Sequence[Floor]) -> int:
    if place.storey is not None:
        return next(index for index, (_, storey) in enumerate(floors) if storey and storey.id == place.storey.id)
    return next(index for index, floor in enumerate(floors) if _is_lowest(floor))


def _stand(place: Place) -> Point:
    """Where one stands at a part: its middle, or a point of it where that lies outside."""
    ground = place.ground
    middle = ground.centroid if not ground.is_empty else Point()
    if not isinstance(ground, Polygon) or ground.covers(middle):
        return middle
    return ground.representative_point()


def _ground_at(floor: BaseGeometry, at: Point) -> Point:
    """The place itself, or the nearest on the floor: of a wall, a tower or a closed building the ground before it."""
    if floor.covers(at):
        return at
    near = shapely.ops.nearest_points(floor, at)[0]
    inside = shapely.intersection(floor, near.buffer(0.05)).representative_point()
    return inside if inside.distance(at) < _AROUND_M else at


def _is_lowest(floor: Floor) -> bool:
    building, storey = floor
    return building is None or storey is None or storey.floor_m <= min(s.floor_m for s in building.storeys) + 0.01


def _stairs(floors: Sequence[Floor]) -> list[tuple[Stair, int, int]]:
    at = {storey.id: index for index, (_, storey) in enumerate(floors) if storey is not None}
    return [
        (stair, index, at[stair.to])
        for index, (_, storey) in enumerate(floors)
        if storey is not None
        for stair in storey.stairs
        if stair.to in at
    ]


def _links(
    stops: Sequence[tuple[int, Point]],
    stairs: Sequence[tuple[Stair, int, int]],
    ground: Callable[[int], BaseGeometry],
) -> dict[tuple[int, int], tuple[Leg, str | None]]:
    legs: dict[tuple[int, int], tuple[Leg, str | None]] = {}
    for a in range(len(stops)):
        for b in range(a + 1, len(stops)):
            if stops[a][0] != stops[b][0]:
                continue
            path = shortest_path(ground(stops[a][0]), stops[a][1], stops[b][1])
            if path is not None:
                legs[a, b] = Leg(path, path.length), None
                legs[b, a] = Leg(LineString(list(path.coords)[::-1]), path.length), None
    for number, (stair, _, _) in enumerate(stairs):
        a, b = 2 + 2 * number, 3 + 2 * number
        length = float(np.hypot(stair.line.length, stair.rise_m))
        flight = LineString(shapely.get_coordinates(stair.line))
        legs[a, b] = Leg(flight, length, True), stair.id
        legs[b, a] = Leg(LineString(list(flight.coords)[::-1]), length, True), stair.id
    return legs


def _cheapest(
    legs: Mapping[tuple[int, int], tuple[Leg, str | None]], count: int
) -> list[tuple[Leg, str | None]] | None:
    best, came = [np.inf] * count, [-1] * count
    best[0] = 0.0
    queue = [(0.0, 0)]
    while queue:
        cost, here = heapq.heappop(queue)
        if cost > best[here]:
            continue
        for (a, b), (leg, _) in legs.items():
            if a == here and cost + leg.length_m < best[b] - 1e-12:
                best[b], came[b] = cost + leg.length_m, here
                heapq.heappush(queue, (best[b], b))
    if not np.isfinite(best[1]):
        return None
    chain = [1]
    while came[chain[-1]] >= 0:
        chain.append(came[chain[-1]])
    chain = chain[::-1]
    return [legs[pair] for pair in zip(chain[:-1], chain[1:], strict=True)]


def _bar(placed: PlacedOpening) -> LineString:
    (x, y), (u, v) = placed.centre, placed.direction
    half = placed.opening.width_m / 2 + 0.01
    return LineString([(x - half * u, y - half * v), (x + half * u, y + half * v)])
