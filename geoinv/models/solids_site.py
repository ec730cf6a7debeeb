"""What stands outside the buildings, and the roofs on them, as solids."""

from __future__ import annotations

import numpy as np
import shapely
from manifold3d import Manifold, Mesh64, OpType
from numpy.typing import NDArray
from scipy.spatial import Delaunay
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.models.solids_prisms import Box, polygons_of, prism, together
from geoinv.models.solids_walls import tangent, wall_band
from geoinv.records.blueprint import Coping, Gate, PerimeterWall, Roof, Terrain, Tower, Wire

__all__ = [
    "PlacedGate",
    "coping_solid",
    "gate_plan",
    "gate_solid",
    "perimeter_plan",
    "perimeter_solid",
    "place_gate",
    "roof_solid",
    "terrain_solid",
    "tower_solid",
    "wire_solid",
]

#: A gate farther than this from every wall stands by itself, metres.
REACH_M = 5.0
#: Thickness of a gate's leaf and of a tower's roof slab; how far that slab overhangs, metres.
LEAF_M, SLAB_M, EAVES_M = 0.06, 0.15, 0.2
#: Side of a fence's post, thickness of the strip that stands for wire, metres.
POST_M, WIRE_M = 0.12, 0.05
#: How far the ground's solid reaches below its lowest point, metres.
SOIL_M = 1.0


class PlacedGate:
    """A gate with the wall it is in.

    Attributes
    ----------
    gate
        As recorded.
    centre
        On the wall's centre-line where there is a wall, metres.
    direction
        Unit vector along the wall.
    thickness
        Of the wall, metres; 0 where the gate stands by itself.
    """

    __slots__ = ("centre", "direction", "gate", "thickness")

    def __init__(
        self, gate: Gate, centre: tuple[float, float], direction: tuple[float, float], thickness: float
    ) -> None:
        self.gate, self.centre, self.direction, self.thickness = gate, centre, direction, thickness

    def outline(self, *, overshoot: float = 0.05) -> BaseGeometry:
        """The gap in plan, deeper than the wall by ``overshoot`` on both sides."""
        (x, y), (u, v) = self.centre, self.direction
        half, deep = self.gate.width_m / 2, self.thickness / 2 + overshoot
        corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return Polygon([(x + i * half * u - j * deep * v, y + i * half * v + j * deep * u) for i, j in corners])


def place_gate(gate: Gate, walls: tuple[PerimeterWall, ...]) -> PlacedGate:
    """A gate set into the nearest wall within 5 m, else standing by itself, east–west."""
    at = Point(gate.at)
    near = [wall for wall in walls if wall.line.distance(at) <= REACH_M]
    if not near:
        return PlacedGate(gate, gate.at, (1.0, 0.0), 0.0)
    wall = min(near, key=lambda candidate: candidate.line.distance(at))
    foot = shapely.shortest_line(wall.line, at).coords[0]
    return PlacedGate(gate, (foot[0], foot[1]), tangent(wall.line, at), wall.thickness_m)


def perimeter_plan(wall: PerimeterWall, gates: tuple[PlacedGate, ...]) -> BaseGeometry:
    """A perimeter wall in plan with the gates' gaps left out."""
    return _along_wall(wall, gates, wall.thickness_m, overshoot=0.05)


def _along_wall(
    wall: PerimeterWall, gates: tuple[PlacedGate, ...], thickness: float, *, overshoot: float
) -> BaseGeometry:
    band = wall_band(wall.line, thickness)
    gaps = [
        gate.outline(overshoot=overshoot)
        for gate in gates
        if gate.thickness > 0 and wall.line.distance(Point(gate.centre)) < 1e-6
    ]
    return shapely.MultiPolygon(polygons_of(band.difference(shapely.union_all(gaps)) if gaps else band))


def perimeter_solid(wall: PerimeterWall, gates: tuple[PlacedGate, ...]) -> Manifold:
    """A perimeter wall, or a fence with its posts, less the gates' gaps."""
    plan = perimeter_plan(wall, gates)
    if wall.kind == "fence" and wall.post_spacing_m is not None:
        posts = shapely.union_all([_post(wall, at) for at in _posts(wall.line, wall.post_spacing_m)])
        gaps = [gate.outline() for gate in gates if gate.thickness > 0]
        plan = shapely.union_all([plan, posts.difference(shapely.union_all(gaps)) if gaps else posts])
    return prism(plan, 0.0, wall.height_m)


def _posts(line: BaseGeometry, spacing: float) -> list[Point]:
    """Where posts stand: at every corner, and between corners evenly, at most ``spacing`` apart."""
    places = []
    for part in shapely.get_parts(line):
        corners = shapely.get_coordinates(part)
        for start, end in zip(corners[:-1], corners[1:], strict=True):
            count = max(1, int(np.ceil(np.linalg.norm(end - start) / spacing)))
            places += [Point(start + (end - start) * i / count) for i in range(count + 1)]
    return places


def _post(wall: PerimeterWall, at: Point) -> BaseGeometry:
    (u, v), half = tangent(wall.line, at), max(POST_M, wall.thickness_m) / 2
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return Polygon([(at.x + half * (i * u - j * v), at.y + half * (i * v + j * u)) for i, j in corners])


def coping_solid(coping: Coping, wall: PerimeterWall, gates: tuple[PlacedGate, ...]) -> Manifold:
    """What covers a wall, on its top, open where its gates are."""
    width = wall.thickness_m + 2 * coping.overhang_m
    plan = _along_wall(wall, gates, width, overshoot=coping.overhang_m + 0.05)
    return prism(plan, wall.height_m, wall.height_m + coping.height_m)


def wire_solid(wire: Wire, wall: PerimeterWall, gates: tuple[PlacedGate, ...]) -> Manifold:
    """The upright strip that stands for wire, on the wall or its coping."""
    low = wall.height_m + (wall.coping.height_m if wall.coping is not None else 0.0)
    plan = _along_wall(wall, gates, min(WIRE_M, wall.thickness_m), overshoot=0.05)
    return prism(plan, low, low + wire.height_m)


def terrain_solid(terrain: Terrain) -> Manifold:
    """The ground under its Delaunay surface, down to a level 1 m below its lowest point.

    Triangulated without regard to height (Delaunay 1934); points with the same place keep the first height.
    """
    points = shapely.get_coordinates(terrain.points, include_z=True)
    _, first = np.unique(points[:, :2], axis=0, return_index=True)
    points = points[np.sort(first)]
    surface = Delaunay(points[:, :2]).simplices
    bottom = float(points[:, 2].min()) - SOIL_M
    corners = points[surface]
    one, other = corners[:, 1, :2] - corners[:, 0, :2], corners[:, 2, :2] - corners[:, 0, :2]
    turns = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    surface = np.where((turns < 0)[:, None], surface[:, ::-1], surface)
    edges = np.concatenate([surface[:, [0, 1]], surface[:, [1, 2]], surface[:, [2, 0]]])
    known = {(int(a), int(b)) for a, b in edges}
    rim = np.array([(a, b) for a, b in edges if (int(b), int(a)) not in known])
    count = len(points)
    below = np.column_stack([points[:, :2], np.full(count, bottom)])
    sides = [np.column_stack([rim[:, 1], rim[:, 0], rim[:, 0] + count])]
    sides += [np.column_stack([rim[:, 1], rim[:, 0] + count, rim[:, 1] + count])]
    faces = np.concatenate([surface, surface[:, ::-1] + count, *sides])
    vertices = np.ascontiguousarray(np.concatenate([points, below]))
    return Manifold(Mesh64(vertices, np.ascontiguousarray(faces, np.uint64)))


def gate_plan(gate: PlacedGate) -> BaseGeometry:
    """A gate's leaf, closed, in plan."""
    corners = _leaf(gate).vertices()[:4, :2]
    return Polygon(corners)


def _leaf(gate: PlacedGate) -> Box:
    return Box(gate.centre, gate.direction, gate.gate.width_m, LEAF_M, 0.0, gate.gate.height_m)


def gate_solid(gate: PlacedGate) -> Manifold:
    """A gate's leaf, closed."""
    return _leaf(gate).solid()


def tower_solid(tower: Tower) -> Manifold:
    """A shaft as wide as the outline with a slightly wider slab on it; their tops are the tower's height."""
    eaves = max(tower.height_m - SLAB_M, tower.height_m / 2)
    cap = tower.outline.buffer(EAVES_M, join_style="mitre")
    return together([prism(tower.outline, 0.0, eaves), prism(cap, eaves, tower.height_m)])


def roof_solid(roof: Roof, outline: BaseGeometry, eaves: float) -> Manifold:
    """A roof over an outline.

    A flat roof is a slab ``rise_m`` thick. Gable, hip and shed slope from the eaves over the outline's smallest
    rectangle, their ridge along its longer side, cut to the outline: exact on rectangles, a simplification on others.

    Parameters
    ----------
    roof
        Kind, rise and overhang.
    outline
        The building's outline, metres.
    eaves
        Height of the roof's underside, metres above ground.
    """
    cover = outline.buffer(roof.overhang_m, join_style="mitre") if roof.overhang_m else outline
    if roof.kind == "flat":
        return prism(cover, eaves, eaves + roof.rise_m)
    rectangle = shapely.minimum_rotated_rectangle(cover)
    top = prism(cover, eaves, eaves + roof.rise_m)
    slopes = _sloping(roof.kind, _long_first(rectangle), eaves, roof.rise_m)
    solid = Manifold.batch_boolean([top, slopes], OpType.Intersect)
    # Slopes end in an edge of no height: a shed's low side and a gable's eaves carry at least the covering's thickness.
    return together([solid, prism(cover, eaves, eaves + min(0.1, roof.rise_m / 4))])


def _long_first(rectangle: BaseGeometry) -> NDArray[np.float64]:
    """Corners of a rectangle, counter-clockwise, the first side a long one; shape (4, 2)."""
    corners = shapely.get_coordinates(shapely.orient_polygons(rectangle, exterior_cw=False))[:4]
    first, second = np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[2] - corners[1])
    return corners if first >= second else np.roll(corners, -1, axis=0)


def _sloping(kind: str, corners: NDArray[np.float64], eaves: float, rise: float) -> Manifold:
    """The convex solid under a gable, hip or shed roof: the hull of its base and its ridge."""
    a, b, c, d = corners
    if kind == "shed":
        ridge = [d, c]
    elif kind == "gable":
        ridge = [(a + d) / 2, (b + c) / 2]
    else:
        along = (b - a) / np.linalg.norm(b - a)
        inset = min(np.linalg.norm(d - a) / 2, np.linalg.norm(b - a) / 2)
        ridge = [(a + d) / 2 + along * inset, (b + c) / 2 - along * inset]
    base = np.column_stack([corners, np.full(4, eaves)])
    top = np.column_stack([np.asarray(ridge), np.full(len(ridge), eaves + rise)])
    return Manifold.hull_points(np.concatenate([base, top]))
