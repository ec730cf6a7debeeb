"""A blueprint brought to its normal form, without what cannot be built, and what is wrong with it part by part.

Nothing is repaired in silence: whatever is changed or left out so that the rest can be built is told in a sentence, and
where two things in the blueprint exclude each other it is a contradiction.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from geoinv.models.normal import normal_form
from geoinv.models.solids_prisms import polygons_of
from geoinv.models.solids_walls import WallLines, tangent
from geoinv.records.blueprint import (
    Blueprint,
    Building,
    Contradiction,
    Fixture,
    Opening,
    Part,
    Room,
    Stair,
    Storey,
)
from geoinv.records.faults import Fault

__all__ = ["sound"]

#: What lies within rounding and drawing: area, m², and length, m.
_AREA_M2, _LENGTH_M = 0.01, 0.01
#: An opening farther than this from every wall is in none, metres.
_REACH_M = 1.0
#: The other face of a wall is looked for this much farther than the nearer one, metres.
_FACES_M = 0.45
#: A storey lower than this holds nobody, metres.
_LOW_M = 0.5
#: A stair that ends farther than this from the floor it leads to does not lead there, metres.
_STEP_M = 0.25

P = TypeVar("P", bound=Part)


def sound(blueprint: Blueprint) -> tuple[Blueprint, tuple[Fault, ...]]:
    """What of a blueprint can be built, in its normal form, and what is wrong with the rest.

    Parameters
    ----------
    blueprint
        As read or assembled.

    Returns
    -------
    The blueprint without the parts that cannot be built, with a contradiction more for each room that lies in another
    or outside its building; and every fault, in the order of the parts.
    """
    check = _Check(normal_form(blueprint))
    buildings = [check.building(building) for building in check.unique(check.blueprint.buildings)]
    kept = tuple(building for building in buildings if building is not None)
    check.side_by_side(kept)
    site = check.blueprint.site
    update = {
        name: tuple(part for part in check.unique(getattr(site, name)) if check.shaped(part))
        for name in ("walls", "gates", "towers", "paths")
    }
    if site.terrain is not None and not check.ground(site.terrain):
        update["terrain"] = None  # type: ignore[assignment]
    contradictions = (*check.blueprint.contradictions, *check.contradictions)
    changes = {"buildings": kept, "site": site.model_copy(update=update), "contradictions": contradictions}
    return (check.blueprint.model_copy(update=changes) if check.faults else check.blueprint), tuple(check.faults)


class _Check:
    """Walks a blueprint and notes what is wrong."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self.faults: list[Fault] = []
        self.contradictions: list[Contradiction] = []
        self.seen: set[str] = set()

    def note(self, part: Part, sentence: str, *, built: bool = True) -> None:
        self.faults.append(Fault(part=part.id, sentence=sentence, built=built))

    def unique(self, parts: Iterable[P]) -> Iterator[P]:
        """Those whose ids are not taken."""
        for part in parts:
            if part.id in self.seen:
                self.note(part, f"another part has the id {part.id} too; this one is left out", built=False)
            else:
                self.seen.add(part.id)
                yield part

    def shaped(self, part: Part) -> bool:
        """Whether a part has a shape that can be built."""
        for name in ("outline", "polygon", "line"):
            shape = getattr(part, name, None)
            if shape is None:
                continue
            size = shape.length if name == "line" else shapely.make_valid(shape).area
            if not np.isfinite(size) or size < _LENGTH_M**2 or not np.isfinite(shapely.get_coordinates(shape)).all():
                self.note(part, f"its {name} has no extent; it is left out", built=False)
                return False
        return True

    def ground(self, part: Part) -> bool:
        points = np.unique(shapely.get_coordinates(part.points, include_z=True)[:, :2], axis=0)  # type: ignore[attr-defined]
        spread = np.linalg.matrix_rank(points - points.mean(axis=0), tol=1e-6) if len(points) > 2 else 0
        heights = shapely.get_coordinates(part.points, include_z=True)[:, 2]  # type: ignore[attr-defined]
        if spread == 2 and np.isfinite(heights).all():
            return True
        self.note(part, "its points span no surface, or some have no height; it is left out", built=False)
        return False

    def building(self, building: Building) -> Building | None:
        if not self.shaped(building):
            return None
        changes: dict[str, object] = {}
        if not building.outline.is_valid:
            polygons = polygons_of(shapely.make_valid(building.outline))
            self.note(building, "its outline crosses itself; it is built of the pieces that enclose ground")
            changes["outline"] = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
            building = building.model_copy(update=changes)
        storeys = self._stacked(tuple(self.unique(building.storeys)))
        floors = {storey.id: storey.floor_m for storey in storeys}
        kept = tuple(self._storey(building, storey, floors) for storey in storeys)
        roof = next(iter(self.unique((building.roof,))), None) if building.roof is not None else None
        return building.model_copy(update={"storeys": kept, "roof": roof})

    def _stacked(self, storeys: Sequence[Storey]) -> tuple[Storey, ...]:
        """Storeys that stand on one another; one that begins below another's ceiling cannot."""
        kept: list[Storey] = []
        for storey in sorted(storeys, key=lambda one: (one.floor_m, one.id)):
            if storey.height_m < _LENGTH_M:
                self.note(storey, "it has no height; it is left out", built=False)
                continue
            below = next((one for one in reversed(kept) if _together(one, storey)), None)
            if below is not None and below.floor_m + below.height_m > storey.floor_m + 1e-6:
                ceiling = below.floor_m + below.height_m
                said = f"its floor at {storey.floor_m:g} m is below the ceiling of {below.id} at {ceiling:g} m"
                self.note(storey, f"{said}; it is left out", built=False)
                continue
            if storey.height_m < _LOW_M:
                self.note(storey, f"it is {storey.height_m:g} m high: nobody fits in it")
            kept.append(storey)
        order = [one.id for one in storeys]
        return tuple(sorted(kept, key=lambda one: order.index(one.id)))

    def _storey(self, building: Building, storey: Storey, floors: dict[str, float]) -> Storey:
        rooms = tuple(r for r in self.unique(storey.rooms) if self.shaped(r) and self._inside(building, r))
        self._overlaps(rooms)
        walls = tuple(wall for wall in self.unique(storey.walls) if self.shaped(wall))
        lines = WallLines(
            [building.outline.boundary, *(room.polygon.boundary for room in rooms), *(wall.line for wall in walls)]
        )
        openings = tuple(o for o in self.unique(storey.openings) if self._opening(o, storey, lines))
        stairs = tuple(s for s in self.unique(storey.stairs) if self.shaped(s))
        for stair in stairs:
            self._stair(stair, storey, floors)
        fixtures = tuple(self.unique(storey.fixtures))
        for fixture in fixtures:
            self._fixture(fixture, rooms, building)
        parts = {"rooms": rooms, "walls": walls, "openings": openings, "stairs": stairs, "fixtures": fixtures}
        return storey.model_copy(update=parts)

    def _inside(self, building: Building, room: Room) -> bool:
        outside = float(shapely.make_valid(room.polygon).difference(building.outline).area)
        if outside <= _AREA_M2:
            return True
        whole = float(shapely.make_valid(room.polygon).area)
        wholly = whole - outside <= _AREA_M2
        done = "it is left out" if wholly else "only what lies inside is built"
        name, house = _name(room), _name(building)
        self.note(room, f"{outside:.2f} of {name}'s {whole:.2f} m² lie outside {house}; {done}", built=not wholly)
        self.contradictions.append(
            Contradiction(
                about=(room.id, building.id),
                what=f"whether {name} lies inside {house}",
                versions={"outline": f"{house} ends before it", "room": f"{outside:.2f} m² lie outside"},
                sources=tuple(sorted({*room.sources, *building.sources})),
            )
        )
        return not wholly

    def _overlaps(self, rooms: Sequence[Room]) -> None:
        for one, two in _meeting(rooms, [room.polygon for room in rooms]):
            shared = float(shapely.make_valid(one.polygon).intersection(shapely.make_valid(two.polygon)).area)
            if shared <= _AREA_M2:
                continue
            first, second = _name(one), _name(two)
            self.note(two, f"it shares {shared:.2f} m² of floor with {first}, to which they are given")
            self.contradictions.append(
                Contradiction(
                    about=(one.id, two.id),
                    what=f"to which of {first} and {second} {shared:.2f} m² of floor belong",
                    versions={one.id: f"to {first}", two.id: f"to {second}"},
                    sources=tuple(sorted({*one.sources, *two.sources})),
                )
            )

    def _opening(self, opening: Opening, storey: Storey, lines: WallLines) -> bool:
        at = Point(opening.at)
        near = lines.nearest(at)
        if near.distance(at) > _REACH_M:
            self.note(opening, f"it is {near.distance(at):.1f} m from every wall; it is left out", built=False)
            return False
        # Both faces of the wall count: a door fits its cell's side, however long the corridor's is.
        faces = lines.near(at, near.distance(at) + _FACES_M)
        side = min(_side(line, at, tangent(near, at)) for line in faces)
        if opening.width_m > side + _LENGTH_M:
            said = f"the {opening.kind} is {opening.width_m:g} m wide, the wall it is in {side:.2f} m long"
            self.note(opening, f"{said}; it is left out", built=False)
            return False
        if opening.sill_m >= opening.head_m or opening.sill_m >= storey.height_m:
            self.note(opening, f"its sill at {opening.sill_m:g} m is not below its head; it is left out", built=False)
            return False
        if opening.head_m > storey.height_m + 1e-6:
            self.note(
                opening, f"its head at {opening.head_m:g} m is above the ceiling at {storey.height_m:g} m; cut there"
            )
        return True

    def _stair(self, stair: Stair, storey: Storey, floors: dict[str, float]) -> None:
        if stair.to is None or stair.to == "outside":
            return
        if stair.to not in floors:
            self.note(stair, f"it leads to {stair.to}, and there is no such storey; it ends at {stair.rise_m:g} m")
        elif abs(floors[stair.to] - storey.floor_m - stair.rise_m) > _STEP_M:
            height = floors[stair.to] - storey.floor_m
            self.note(stair, f"it rises {stair.rise_m:g} m, the floor it leads to lies {height:g} m higher")

    def _fixture(self, fixture: Fixture, rooms: Sequence[Room], building: Building) -> None:
        at = Point(fixture.at)
        room = next((one for one in rooms if one.id == fixture.room), None)
        if fixture.room is not None and room is None:
            self.note(fixture, f"it is in the room {fixture.room}, and there is no such room")
        elif room is not None and not room.polygon.covers(at):
            self.note(fixture, f"the {fixture.kind} stands {room.polygon.distance(at):.2f} m outside {_name(room)}")
        elif not building.outline.covers(at):
            self.note(fixture, f"the {fixture.kind} stands outside {_name(building)}")

    def side_by_side(self, buildings: Sequence[Building]) -> None:
        """Buildings that share ground: the later one gives way."""
        for one, two in _meeting(buildings, [building.outline for building in buildings]):
            shared = float(one.outline.intersection(two.outline).area)
            if shared > _AREA_M2:
                self.note(two, f"it shares {shared:.2f} m² of ground with {_name(one)}, to which they are given")


def _meeting(parts: Sequence[P], shapes: Sequence[BaseGeometry]) -> list[tuple[P, P]]:
    """Pairs of parts of one version whose shapes meet, in order."""
    if len(parts) < 2:
        return []
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects").T.tolist()
    return [(parts[i], parts[j]) for i, j in sorted(pairs) if i < j and _together(parts[i], parts[j])]


def _together(one: Part, two: Part) -> bool:
    """Whether two parts can stand in one version."""
    return not one.versions or not two.versions or bool(set(one.versions) & set(two.versions))


def _name(part: Part) -> str:
    return f"“{part.labels[0]}”" if part.labels else part.id


def _side(line: BaseGeometry, at: Point, way: tuple[float, float]) -> float:
    """Length of the straight stretch of a line that runs along a direction past a point; ``inf`` if none does."""
    least = math.inf
    for part in shapely.get_parts(line):
        corners = shapely.get_coordinates(part)
        if np.array_equal(corners[0], corners[-1]):  # a ring has no beginning: begin where it turns
            turns = _crosses(np.roll(corners[:-1], 1, axis=0), corners[:-1], way)
            corners = np.roll(corners[:-1], -int(np.argmax(turns)), axis=0)
            corners = np.concatenate([corners, corners[:1]])
        crossing = _crosses(corners[:-1], corners[1:], way)
        for run in np.split(np.arange(len(crossing)), np.flatnonzero(np.diff(crossing)) + 1):
            start, end = corners[run[0]], corners[run[-1] + 1]
            length = float(np.hypot(*(end - start)))
            if crossing[run[0]] or length == 0:
                continue
            along = float((np.array([at.x, at.y]) - start) @ (end - start)) / length
            near = shapely.LineString([start, end]).distance(at) <= _REACH_M
            if near and 0 <= along <= length:
                least = min(least, length)
    return least


def _crosses(starts: NDArray[np.float64], ends: NDArray[np.float64], way: tuple[float, float]) -> NDArray[np.bool_]:
    """Which segments do not run along a direction, shape (n,)."""
    steps = ends - starts
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    found: NDArray[np.bool_] = np.abs(steps[:, 0] * way[1] - steps[:, 1] * way[0]) > 0.05 * lengths
    return found
