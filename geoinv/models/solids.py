"""A blueprint as solids: one closed, named mesh a part, each with its evidence on it.

How parts become solids (heights above ground, metres):

=================  ====================================================================================================
building           a base slab under its outline, 0.15 thick, its top at the lowest floor; the parent of all within it
storey             everything solid from floor to ceiling: outline less rooms less openings; where walls are given, the
                   outer ring less openings. An upper storey carries the slab between it and the one below. Where
                   nothing is known of the inside, the whole outline is solid: a massing block
room               its floor, 0.02 thick, so that a room is a part one can pick
stair, fixture     solid steps; the box that holds a thing. Above a stair the next storey's slab and floors are open
wall               its own share of the walls, less openings
opening            door and hatch: a leaf 0.04 thick; window: a pane 0.02 thick; gap: a threshold 0.02 high
roof               see :func:`geoinv.models.solids_site.roof_solid`
perimeter wall     its centre-line at its thickness, gates left out; a fence with its posts where their spacing is known
coping, wire       a band on the wall's top; an upright strip on that
gate, tower, path  a closed leaf; a shaft with a slab; a strip 0.02 high
terrain            the ground under its triangulated surface
=================  ====================================================================================================

Openings are cut 0.05 beyond the wall on both sides, so that no film of wall remains. No two solids share space: where
outlines do, what comes later gives way, in the order buildings, towers, walls, what is on walls, gates, paths, terrain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
import trimesh
from manifold3d import Manifold
from shapely.geometry.base import BaseGeometry

from geoinv.models.solids_inside import fixture_solid, stair_solid, stair_well
from geoinv.models.solids_pierced import pierced
from geoinv.models.solids_prisms import Box, apart, boxes, less, prism, prism_mesh, to_manifold, to_mesh, together
from geoinv.models.solids_site import (
    coping_solid,
    gate_plan,
    gate_solid,
    perimeter_plan,
    perimeter_solid,
    place_gate,
    roof_solid,
    terrain_solid,
    tower_solid,
    wire_solid,
)
from geoinv.models.solids_style import placed_status
from geoinv.models.solids_walls import (
    OVERSHOOT_M,
    PlacedOpening,
    StoreyPlan,
    preferred,
    preferred_hypothesis,
    storey_plan,
)
from geoinv.records.blueprint import (
    Blueprint,
    Building,
    Fixture,
    Opening,
    Part,
    Path,
    PerimeterWall,
    Room,
    Site,
    Storey,
)

__all__ = ["build_solids", "part_extras", "part_kind", "part_role"]

#: Thicknesses of a base slab, a floor, a leaf and a pane, metres.
BASE_M, FLOOR_M, LEAF_M, PANE_M = 0.15, 0.02, 0.04, 0.02

_KINDS = {"PerimeterWall": "perimeter wall"}


def part_kind(part: Part) -> str:
    """What a part is, in words: ``building``, ``storey``, ``room``, ``perimeter wall`` and so on."""
    name = type(part).__name__
    return _KINDS.get(name, name.lower())


def part_role(part: Part) -> str:
    """What a part serves as: a room's role, an opening's, fixture's or perimeter wall's kind, else what it is."""
    if isinstance(part, Room):
        return part.role
    if isinstance(part, Opening | PerimeterWall | Fixture):
        return part.kind
    return part_kind(part)


def part_extras(part: Part) -> dict[str, Any]:
    """What travels with a part's solid into every format: what it is, its names, status, sources and evidence."""
    extras = {
        "id": part.id,
        "kind": part_kind(part),
        "role": part_role(part),
        "labels": list(part.labels),
        "status": part.status.value,
        "placed": placed_status(part).value,
        "sources": list(part.sources),
        "drawn": list(part.drawn),
        "evidence": {name: evidence.plain() for name, evidence in sorted(part.evidence.items())},
    }
    return extras | {"hypothesis": part.hypothesis} if part.hypothesis else extras


def build_solids(blueprint: Blueprint, *, hypothesis: str | None = None) -> trimesh.Scene:
    """A blueprint as a scene: one named node a part.

    Parameters
    ----------
    blueprint
        In metres of its frame, east, north and up.
    hypothesis
        Which rival version of contested parts to build; the first by name if not said. Parts of the others are listed
        in the scene's metadata as ``left_out``.

    Returns
    -------
    trimesh.Scene
        Node name = geometry name = part id; parts of a building hang below it. Each node's metadata, and its mesh's, is
        :func:`part_extras`, a storey's also ``interior`` (whether anything is known of it); the scene's has
        ``facility``, ``title``, ``fictional``, ``hypothesis`` and ``left_out``.
        Every mesh is closed, except that a part with nothing to it (a wall entirely covered by another) has no node
        and is left out.
    """
    chosen = hypothesis if hypothesis is not None else preferred_hypothesis(blueprint)
    scene = trimesh.Scene()
    buildings = _standing(preferred(blueprint.buildings, chosen))
    bodies = [_body(building, chosen) for building in buildings]
    roofs: list[Manifold] = []
    for number, building in enumerate(buildings):
        _add_building(scene, building, chosen)
        if building.roof is not None and preferred((building.roof,), chosen):
            roof = roof_solid(building.roof, building.outline, _eaves(building, chosen))
            if building.roof.overhang_m:  # it may reach over a neighbour
                roof = _giving_way(roof, [*bodies[:number], *bodies[number + 1 :], *roofs])
            _add(scene, building.roof, roof, building.id)
            roofs.append(roof)
    _add_site(scene, blueprint.site, chosen, [*bodies, *roofs], [building.outline for building in buildings])
    built = set(scene.graph.nodes_geometry)
    scene.metadata = {
        "facility": blueprint.facility,
        "title": blueprint.title,
        "fictional": blueprint.fictional,
        "hypothesis": chosen,
        "left_out": [part.id for part in blueprint.parts() if part.id not in built],
    }
    return scene


def _standing(buildings: Sequence[Building]) -> list[Building]:
    """Buildings none of which stands on another's ground."""
    grounds = apart([building.outline for building in buildings])
    return [
        building if ground is building.outline else building.model_copy(update={"outline": ground})
        for building, ground in zip(buildings, grounds, strict=True)
        if not ground.is_empty
    ]


def _eaves(building: Building, hypothesis: str | None) -> float:
    storeys = preferred(building.storeys, hypothesis)
    return max((storey.floor_m + storey.height_m for storey in storeys), default=0.0)


def _body(building: Building, hypothesis: str | None) -> Manifold:
    """All that a building fills below its eaves, as if it were solid."""
    storeys = preferred(building.storeys, hypothesis)
    low = min((storey.floor_m for storey in storeys), default=0.0)
    return prism(building.outline, low - BASE_M, _eaves(building, hypothesis))


def _add_site(
    scene: trimesh.Scene, site: Site, hypothesis: str | None, standing: list[Manifold], ground: list[BaseGeometry]
) -> None:
    """What stands outside; each solid gives way to those that stand already, each path to what is on the ground."""

    def put(part: Part, solid: Manifold, parent: str | None = None) -> None:
        solid = _giving_way(solid, standing)
        _add(scene, part, solid, parent)
        standing.append(solid)

    walls = preferred(site.walls, hypothesis)
    gates = tuple(place_gate(gate, walls) for gate in preferred(site.gates, hypothesis))
    for tower in preferred(site.towers, hypothesis):
        put(tower, tower_solid(tower))
        ground.append(tower.outline)
    for wall in walls:
        put(wall, perimeter_solid(wall, gates))
        ground.append(perimeter_plan(wall, gates))
        if wall.coping is not None and preferred((wall.coping,), hypothesis):
            put(wall.coping, coping_solid(wall.coping, wall, gates), wall.id)
        if wall.wire is not None and preferred((wall.wire,), hypothesis):
            put(wall.wire, wire_solid(wall.wire, wall, gates), wall.id)
    for gate in gates:
        put(gate.gate, gate_solid(gate))
        ground.append(gate_plan(gate))
    paths = preferred(site.paths, hypothesis)
    # In plan: all of them are as thick as each other, and cutting what lies flush in space leaves shreds.
    for path, strip in zip(paths, apart([*ground, *map(_strip, paths)])[len(ground) :], strict=True):
        solid = prism(strip, 0.0, FLOOR_M)
        _add(scene, path, solid)
        standing.append(solid)
    if site.terrain is not None and preferred((site.terrain,), hypothesis):
        put(site.terrain, terrain_solid(site.terrain))


def _strip(path: Path) -> BaseGeometry:
    return path.line.buffer(path.width_m / 2, cap_style="flat", join_style="mitre")


def _giving_way(solid: Manifold, standing: list[Manifold]) -> Manifold:
    if solid.is_empty():
        return solid
    bounds = solid.bounding_box()
    near = [other for other in standing if not other.is_empty() and _meet(bounds, other.bounding_box())]
    return less(solid, near)


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two boxes (least corner, greatest corner) share space."""
    return all(one[i] < other[i + 3] and other[i] < one[i + 3] for i in range(3))


def _add(
    scene: trimesh.Scene,
    part: Part,
    solid: Manifold | trimesh.Trimesh,
    parent: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    if solid.is_empty() if isinstance(solid, Manifold) else not len(solid.faces):
        return
    extras = part_extras(part) | dict(more or {})
    mesh = to_mesh(solid) if isinstance(solid, Manifold) else solid
    mesh.metadata.update(extras)
    # Extras reach a file only as the node's own metadata, given here: what is on the mesh alone is lost on export.
    scene.add_geometry(mesh, node_name=part.id, geom_name=part.id, parent_node_name=parent, metadata=dict(extras))


def _add_building(scene: trimesh.Scene, building: Building, hypothesis: str | None) -> None:
    storeys = sorted(preferred(building.storeys, hypothesis), key=lambda storey: (storey.floor_m, storey.id))
    ground = min((storey.floor_m for storey in storeys), default=0.0)
    _add(scene, building, prism_mesh(building.outline, ground - BASE_M, ground))
    below: float | None = None
    for storey in storeys:
        plan = storey_plan(building, storey, hypothesis=hypothesis)
        stairs = [stair for one in storeys for stair in preferred(one.stairs, hypothesis) if stair.to == storey.id]
        wells = shapely.union_all([stair_well(stair) for stair in stairs])
        slab = None
        if below is not None and storey.floor_m - below > 1e-3:
            slab = prism(shapely.difference(building.outline, wells), below, storey.floor_m)
        _add_storey(scene, building, plan, slab, wells)
        below = storey.floor_m + storey.height_m


def _add_storey(
    scene: trimesh.Scene, building: Building, plan: StoreyPlan, slab: Manifold | None, wells: BaseGeometry
) -> None:
    storey, floor = plan.storey, plan.storey.floor_m
    voids = [(opening.outline(), _void(opening, storey)) for opening in plan.openings]
    for wall, region in plan.pieces:
        shapely.prepare(region)
        cuts = [void for outline, void in voids if outline.intersects(region)]
        solid = _walls(region, floor, floor + storey.height_m, cuts)
        if wall is not None:
            _add(scene, wall, solid, building.id)
        else:
            more = {"interior": plan.interior_known, "placed": placed_status(storey, building).value}
            _add(scene, storey, together([_as_solid(solid), slab]) if slab else solid, building.id, more)
    floors = apart([room.polygon.intersection(building.outline) for room in plan.rooms])
    for room, inside in zip(plan.rooms, floors, strict=True):
        clear = inside if wells.is_empty else inside.difference(wells)
        _add(scene, room, prism_mesh(clear, floor, floor + FLOOR_M), building.id)
    for opening in plan.openings:
        _add(scene, opening.opening, _filling(opening, storey).mesh(), building.id)
    _add_things(scene, building, plan)


def _add_things(scene: trimesh.Scene, building: Building, plan: StoreyPlan) -> None:
    """Stairs, then fixtures: each gives way to walls, to doors and windows, and to what stands already."""
    if not plan.stairs and not plan.fixtures:
        return
    floor = plan.storey.floor_m
    cuts = [_void(opening, plan.storey) for opening in plan.openings]
    voids = [boxes([cut for cut in cuts if isinstance(cut, Box)]), *_odd(cuts)]
    walls = less(prism(plan.walls, floor, floor + plan.storey.height_m), voids) if plan.interior_known else Manifold()
    standing = [walls, *(_filling(opening, plan.storey).solid() for opening in plan.openings)]
    solids = [(stair, stair_solid(stair, floor, FLOOR_M)) for stair in plan.stairs]
    for part, solid in (*solids, *((fixture, fixture_solid(fixture, floor, FLOOR_M)) for fixture in plan.fixtures)):
        left = _giving_way(solid, standing)
        _add(scene, part, left, building.id)
        standing.append(left)


def _walls(region: BaseGeometry, low: float, high: float, cuts: Sequence[Box | Manifold]) -> Manifold | trimesh.Trimesh:
    """Walls with their openings: made face by face where all are simple, else cut."""
    straight = [cut for cut in cuts if isinstance(cut, Box)]
    if len(straight) == len(cuts):
        mesh = pierced(region, low, high, straight) if cuts else prism_mesh(region, low, high)
        if mesh is not None:
            return mesh
    return less(prism(region, low, high), [boxes(straight), *_odd(cuts)])


def _as_solid(made: Manifold | trimesh.Trimesh) -> Manifold:
    return made if isinstance(made, Manifold) else to_manifold(made)


def _odd(cuts: Sequence[Box | Manifold]) -> list[Manifold]:
    return [cut for cut in cuts if isinstance(cut, Manifold)]


def _void(placed: PlacedOpening, storey: Storey) -> Box | Manifold:
    low, high = _reach(placed.opening, storey)
    # Doors go below the floor and openings up to the ceiling above it, for the same reason as they go beyond the wall.
    low -= OVERSHOOT_M if placed.opening.sill_m == 0 else 0.0
    high += OVERSHOOT_M if placed.opening.head_m >= storey.height_m else 0.0
    if placed.nicked is not None:
        return prism(placed.nicked, low, high)
    depth = placed.depth + 2 * OVERSHOOT_M
    return Box(placed.centre, placed.direction, placed.opening.width_m, depth, low, high)


def _filling(placed: PlacedOpening, storey: Storey) -> Box:
    low, high = _reach(placed.opening, storey)
    opening = placed.opening
    if opening.kind == "gap":
        return Box(placed.centre, placed.direction, opening.width_m, placed.depth, low, low + FLOOR_M)
    thickness = PANE_M if opening.kind == "window" else LEAF_M
    return Box(placed.centre, placed.direction, opening.width_m, min(thickness, placed.depth), low, high)


def _reach(opening: Opening, storey: Storey) -> tuple[float, float]:
    """Bottom and top of an opening above ground, not above the ceiling."""
    head = min(opening.head_m, storey.height_m)
    return storey.floor_m + min(opening.sill_m, head - 0.05), storey.floor_m + head
