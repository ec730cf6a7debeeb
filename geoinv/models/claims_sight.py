"""What can be seen from where, and where the sun falls, in one drawn model: rays against its solids.

Panes let sight and sun through; leaves of doors and hatches do so where they stand open. People are not modelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPoint, Point
from shapely.geometry.base import BaseGeometry

from geoinv.models.claims_draws import Draw
from geoinv.models.claims_parts import Place, Untestable
from geoinv.models.rays import RayEngine, ray_engine
from geoinv.models.solids import build_solids
from geoinv.models.solids_site import perimeter_plan, place_gate
from geoinv.records.blueprint import Blueprint, Building, Opening, PerimeterWall, Room, Storey, Tower

__all__ = ["Eyes", "Patch", "Sighting", "Stage", "eyes_at"]

Floats = NDArray[np.float64]

#: Eyes keep at least this far from walls, metres; sight lines end this short of what is looked at.
_FROM_WALL_M, _SHORT_M = 0.25, 0.03
#: Viewpoints tried in a room, points looked for on a part, points of floor in a room.
_VIEWPOINTS, _TARGETS, _FLOOR = 24, 48, (240, 4000)
#: Sun rays a model: the fewer the moments, the finer the floor.
_SUN_RAYS = 60_000
#: Sun rays start this high above the floor, metres: a room's floor is itself a solid 0.02 thick.
_ABOVE_M = 0.03


@dataclass(frozen=True)
class Eyes:
    """Where eyes may be: plan points, metres, shape (n, 2), and the height of what the witness is on."""

    points: Floats
    ground_m: float


@dataclass(frozen=True)
class Sighting:
    """Whether something is seen.

    Attributes
    ----------
    seen
        From any viewpoint, any point of it.
    share
        Share of viewpoints from which some of it is seen.
    line
        The clearest sight line in plan; where nothing is seen, the straight line to its middle.
    obstacle
        Id of the part that this line meets first, if it is not seen.
    """

    seen: bool
    share: float
    line: LineString
    obstacle: str | None = None


@dataclass(frozen=True)
class Patch:
    """Sun on a floor: the largest area over the moments asked, m², its lit points, which moment, their spacing."""

    area_m2: float
    points: MultiPoint
    moment: int
    step_m: float


def eyes_at(blueprint: Blueprint, place: Place, viewpoint: tuple[float, float] | None, seed: int) -> Eyes:
    """Where the eyes of somebody at a place may be.

    Raises
    ------
    Untestable
        If a viewpoint lies inside a wall, or the place is one whose inside nobody knows.
    """
    if viewpoint is not None:
        return _eyes_at_point(blueprint, viewpoint)
    part = place.part
    if isinstance(part, Room):
        floor = place.storey.floor_m if place.storey else 0.0
        return Eyes(_spread(part.polygon, _VIEWPOINTS, seed), floor)
    if isinstance(part, Tower):
        return Eyes(_spread(part.outline, 8, seed), max(0.0, part.height_m - 0.4))
    if isinstance(part, Opening):
        floor = place.storey.floor_m if place.storey else 0.0
        ring = Point(part.at).buffer(0.5).exterior
        inside = [room.polygon for room in (place.storey.rooms if place.storey else ()) if room.id in part.connects]
        points = np.array([[p.x, p.y] for p in (ring.interpolate(k / 16, normalized=True) for k in range(16))])
        kept = points[shapely.contains_xy(shapely.union_all(inside), points)] if inside else points
        if not len(kept):
            raise Untestable(f"the model knows no floor before {place.name} to look from")
        return Eyes(kept, floor)
    if isinstance(part, Building | Storey):
        raise Untestable(f"from where in {place.name} it was seen is not said")
    at = place.ground.centroid
    points = np.array([[at.x + x, at.y + y] for x in (-1.0, 0.0, 1.0) for y in (-1.0, 0.0, 1.0)])
    return Eyes(points, 0.0)


def _eyes_at_point(blueprint: Blueprint, viewpoint: tuple[float, float]) -> Eyes:
    at = Point(viewpoint)
    points = np.array([viewpoint], float)
    for building in blueprint.buildings:
        if not building.outline.covers(at):
            continue
        for storey in building.storeys:
            if any(room.polygon.covers(at) for room in storey.rooms):
                return Eyes(points, storey.floor_m)
        if any(storey.rooms or storey.walls for storey in building.storeys):
            raise Untestable("the viewpoint lies inside a wall")
        raise Untestable("the viewpoint lies in a building whose inside is not known")
    gates = tuple(place_gate(gate, blueprint.site.walls) for gate in blueprint.site.gates)
    solid = [tower.outline for tower in blueprint.site.towers]
    solid += [perimeter_plan(wall, gates) for wall in blueprint.site.walls]
    if any(shape.covers(at) for shape in solid):
        raise Untestable("the viewpoint lies inside a wall")
    return Eyes(points, 0.0)


def _spread(shape: BaseGeometry, count: int, seed: int) -> Floats:
    """Points evenly over a floor, away from its walls: a low-discrepancy grid (R2, Roberts 2018)."""
    away = shape.buffer(-_FROM_WALL_M)
    inner = shape if away.is_empty else away
    west, south, east, north = inner.bounds
    share = min(1.0, max(0.05, inner.area / max((east - west) * (north - south), 1e-9)))
    number = np.arange(1, int(count / share * 1.5) + 8)
    grid = np.column_stack([(0.5 + seed * 0.1 + 0.7548776662 * number) % 1, (0.5 + 0.5698402910 * number) % 1])
    points = np.array([west, south]) + grid * np.array([east - west, north - south])
    kept: Floats = points[shapely.contains_xy(inner, points)][:count]
    return kept if len(kept) else np.array([[inner.representative_point().x, inner.representative_point().y]])


class Stage:
    """One drawn model ready for rays.

    Its solids are kept; the engine over them is made for each question and let go: some hundreds of live engines bring
    the process down, and making one takes a millisecond.
    """

    def __init__(self, draw: Draw) -> None:
        self.draw = draw

    @cached_property
    def _scene(self) -> dict[str, tuple[Floats, NDArray[np.int64]]]:
        scene = build_solids(self.draw.blueprint, hypothesis=self.draw.hypothesis)
        return {
            name: (np.asarray(mesh.vertices, float), np.asarray(mesh.faces, np.int64))
            for name, mesh in scene.geometry.items()
        }

    def clear(self, opened: bool) -> frozenset[str]:
        """Ids of the parts that sight and sun go through: panes, and leaves where they stand open."""
        storeys = [storey for building in self.draw.blueprint.buildings for storey in building.storeys]
        every = [opening for storey in storeys for opening in storey.openings]
        clear = {opening.id for opening in every if opening.kind in ("window", "gap") or opened}
        return frozenset(clear | {gate.id for gate in self.draw.blueprint.site.gates} if opened else clear)

    def engine(self, opened: bool) -> tuple[RayEngine, NDArray[np.object_]]:
        """The solids but panes, and but leaves where they stand open; with the id of the part of each triangle."""
        clear = self.clear(opened)
        kept = {name: mesh for name, mesh in self._scene.items() if name not in clear}
        starts = np.cumsum([0, *(len(vertices) for vertices, _ in kept.values())])
        vertices = np.concatenate([np.empty((0, 3)), *(vertices for vertices, _ in kept.values())])
        faces = [faces + start for (_, faces), start in zip(kept.values(), starts[:-1], strict=True)]
        owner = np.repeat(np.array(list(kept), object), [len(faces) for faces in faces])
        return ray_engine(vertices, np.concatenate([np.empty((0, 3), int), *faces])), owner

    def sees(self, eyes: Eyes, eye_m: float, wanted: Place, *, opened: bool) -> Sighting:
        """Whether eyes at a height see a part.

        Parameters
        ----------
        eyes
            Where they may be.
        eye_m
            Above what the witness is on.
        wanted
            What is looked for.
        opened
            Whether doors, hatches and gates stand open.
        """
        engine, owner = self.engine(opened)
        targets = self._targets(wanted)
        starts = np.column_stack([eyes.points, np.full(len(eyes.points), eyes.ground_m + eye_m)])
        origins = np.repeat(starts, len(targets), axis=0)
        ways = np.tile(targets, (len(starts), 1)) - origins
        reach = np.maximum(np.sqrt((ways**2).sum(axis=1)) - _SHORT_M, 1e-3)
        open_ = ~engine.occluded(origins, ways, reach).reshape(len(starts), len(targets))
        counts = open_.sum(axis=1)
        best = int(np.argmax(counts))
        if counts[best]:
            middle = targets[open_[best]].mean(axis=0)
            target = targets[open_[best]][np.argmin(((targets[open_[best]] - middle) ** 2).sum(axis=1))]
            return Sighting(True, float((counts > 0).mean()), LineString([starts[best][:2], target[:2]]))
        middle = targets.mean(axis=0)
        near = starts[np.argmin(((starts - middle) ** 2).sum(axis=1))]
        hit = engine.first_hits(near, middle - near)
        met = str(owner[hit.triangle[0]]) if hit.triangle[0] >= 0 else None
        return Sighting(False, 0.0, LineString([near[:2], middle[:2]]), met)

    def _targets(self, wanted: Place) -> Floats:
        """Points of a part that would have to be seen, shape (n, 3)."""
        part, floor = wanted.part, wanted.storey.floor_m if wanted.storey else 0.0
        if isinstance(part, Room):
            plan = _spread(part.polygon, _TARGETS // 3, 1)
            height = wanted.storey.height_m if wanted.storey else 2.5
            return np.concatenate(
                [np.column_stack([plan, np.full(len(plan), floor + share * height)]) for share in (0.05, 0.4, 0.65)]
            )
        if isinstance(part, Opening):
            heights = np.linspace(part.sill_m, part.head_m, 5)[1:-1] + floor
            return np.array([[*part.at, height] for height in heights])
        names = [part.id]
        if isinstance(part, Building):
            names += [storey.id for storey in part.storeys] + ([part.roof.id] if part.roof else [])
        meshes = [self._scene[name] for name in names if name in self._scene]
        if not meshes:
            raise Untestable(f"{wanted.name} has no solid in the model that could be seen")
        points = np.concatenate([_on_mesh(vertices, faces) for vertices, faces in meshes])
        if isinstance(part, Tower | Building | PerimeterWall):  # what touches the ground is seen last
            points = points[points[:, 2] > points[:, 2].min() + 0.1]
        step = max(1, len(points) // (_TARGETS * (2 if isinstance(part, PerimeterWall | Building) else 1)))
        return points[::step]

    def sun(self, floor: BaseGeometry, floor_m: float, towards: Floats, *, opened: bool) -> Patch:
        """The largest patch of sun on a floor over several moments.

        Parameters
        ----------
        floor
            In plan, metres.
        floor_m
            Its height.
        towards
            Unit vectors towards the sun, one a moment, shape (n, 3).
        """
        engine, _ = self.engine(opened)
        points, step = _grid(floor, int(np.clip(_SUN_RAYS / len(towards), *_FLOOR)))
        starts = np.column_stack([points, np.full(len(points), floor_m + _ABOVE_M)])
        origins = np.tile(starts, (len(towards), 1))
        lit = ~engine.occluded(origins, np.repeat(towards, len(starts), axis=0)).reshape(len(towards), len(starts))
        counts = lit.sum(axis=1)
        best = int(np.argmax(counts))
        area = float(floor.area * counts[best] / len(points))
        return Patch(area, MultiPoint(points[lit[best]]), best, step)


def _grid(floor: BaseGeometry, count: int) -> tuple[Floats, float]:
    """A square grid of about so many points over a floor, half a step from its edges; and the step."""
    step = float(np.sqrt(floor.area / count))
    west, south, east, north = floor.bounds
    across = np.arange(west + step / 2, east, step)
    up = np.arange(south + step / 2, north, step)
    points = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    kept: Floats = points[shapely.contains_xy(floor, points)]
    middle = floor.representative_point()
    return (kept if len(kept) else np.array([[middle.x, middle.y]])), step


def _on_mesh(vertices: Floats, faces: NDArray[np.int64]) -> Floats:
    """Points on a mesh's upright and upper faces: corners pulled a little inwards, and middles."""
    corners = vertices[faces]
    middles = corners.mean(axis=1, keepdims=True)
    inner = middles + (corners - middles) * 0.9
    points: Floats = np.concatenate([inner.reshape(-1, 3), middles[:, 0]])
    return points
