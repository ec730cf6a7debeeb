"""Upright prisms over plane shapes, as exact manifolds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import shapely
import trimesh
from manifold3d import Manifold, Mesh64, OpType, triangulate
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

__all__ = [
    "Box",
    "apart",
    "boxes",
    "less",
    "polygons_of",
    "prism",
    "prism_mesh",
    "rings_of",
    "to_manifold",
    "to_mesh",
    "together",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Pieces smaller than this are crumbs of rounding, not parts of a building, m².
CRUMB_M2 = 1e-6

#: Faces of a box whose corners are numbered counter-clockwise, the lower four first.
_BOX = np.array(
    [[0, 2, 1], [0, 3, 2], [4, 5, 6], [4, 6, 7]]
    + [face for i, j in ((0, 1), (1, 2), (2, 3), (3, 0)) for face in ([i, j, j + 4], [i, j + 4, i + 4])],
    np.int64,
)


def polygons_of(shape: BaseGeometry) -> tuple[Polygon, ...]:
    """The polygons of a plane shape, largest first, without crumbs; lines and points fall away."""
    if isinstance(shape, Polygon):
        found = [shape]
    elif isinstance(shape, MultiPolygon) or hasattr(shape, "geoms"):
        found = [polygon for part in shape.geoms for polygon in polygons_of(part)]
    else:
        found = []
    kept = [polygon for polygon in found if polygon.area > CRUMB_M2]
    return tuple(sorted(kept, key=lambda polygon: (-polygon.area, polygon.bounds)))


def apart(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Plane shapes none of which shares ground with another: of two that do, the first keeps it."""
    found = list(shapes)
    if len(found) < 2:
        return found
    pairs = shapely.STRtree(found).query(found, predicate="intersects").T
    before: dict[int, list[int]] = {}
    for late, early in sorted(pairs[pairs[:, 0] > pairs[:, 1]].tolist()):
        if shapes[late].intersection(shapes[early]).area > 1e-9:
            before.setdefault(late, []).append(early)
    for late, early_ones in sorted(before.items()):
        for early in early_ones:  # not of their union: GEOS 3.14 loses whole parts of one where edges nearly coincide
            found[late] = found[late].difference(found[early])
    return found


def rings_of(polygon: Polygon) -> list[Floats]:
    """Corners of each ring, the outer counter-clockwise and the holes clockwise, none repeated."""
    # Not through .exterior and .interiors, which make a Python object a ring.
    rings = shapely.get_rings(polygon)
    turns = shapely.is_ccw(rings)
    found = []
    for number, ring in enumerate(rings):
        corners = shapely.get_coordinates(ring)[:-1]
        found.append(corners if turns[number] == (number == 0) else corners[::-1])
    return found


def _prism_of_polygon(polygon: Polygon, low: float, high: float) -> tuple[Floats, Ints]:
    rings = rings_of(polygon)
    points = rings[0] if len(rings) == 1 else np.concatenate(rings)
    count = len(points)
    cap = np.asarray(triangulate([np.ascontiguousarray(ring) for ring in rings]), np.int64)
    here = np.arange(count)
    there, start = here + 1, 0
    for ring in rings:
        there[start + len(ring) - 1] = start
        start += len(ring)
    faces = np.empty((2 * len(cap) + 2 * count, 3), np.int64)
    faces[: len(cap)], faces[len(cap) : 2 * len(cap)] = cap[:, ::-1], cap + count
    sides = faces[2 * len(cap) :]
    sides[:count, 0] = sides[count:, 0] = here
    sides[:count, 1], sides[:count, 2] = there, there + count
    sides[count:, 1], sides[count:, 2] = there + count, here + count
    vertices = np.empty((2 * count, 3))
    vertices[:count, :2] = vertices[count:, :2] = points
    vertices[:count, 2], vertices[count:, 2] = low, high
    return vertices, faces


def _solid(vertices: Floats, faces: Ints) -> Manifold:
    return Manifold(Mesh64(vertices, faces.astype(np.uint64)))


def _mesh(vertices: Floats, faces: Ints) -> trimesh.Trimesh:
    return trimesh.Trimesh(vertices, faces, process=False, validate=False)


def prism(shape: BaseGeometry, low: float, high: float) -> Manifold:
    """A plane shape raised from one height to another.

    Built from the shape's own vertices rather than through a cross-section, whose clipper rounds to 1e-8 m: the
    volume is the shape's area times the height to about 1e-12.

    Parameters
    ----------
    shape
        Polygon or multipolygon, metres; holes are kept.
    low, high
        Metres above ground, ``low`` < ``high``.
    """
    return together(_solid(*_prism_of_polygon(polygon, low, high)) for polygon in polygons_of(shape))


def prism_mesh(shape: BaseGeometry, low: float, high: float) -> trimesh.Trimesh:
    """The same as :func:`prism`, as a mesh: for what nothing is cut out of, at a third of the cost."""
    parts = [_prism_of_polygon(polygon, low, high) for polygon in polygons_of(shape)]
    if len(parts) == 1:
        return _mesh(*parts[0])
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in parts)])
    vertices = np.concatenate([np.empty((0, 3)), *(vertices for vertices, _ in parts)])
    faces = [faces + start for (_, faces), start in zip(parts, starts[:-1], strict=True)]
    return _mesh(vertices, np.concatenate([np.empty((0, 3), np.int64), *faces]))


class Box(NamedTuple):
    """An upright box with a rectangular base.

    Attributes
    ----------
    centre
        Middle of the base, metres east and north.
    direction
        Unit vector of the base's length.
    length, depth
        Metres along ``direction`` and across it.
    low, high
        Metres above ground.
    """

    centre: tuple[float, float]
    direction: tuple[float, float]
    length: float
    depth: float
    low: float
    high: float

    def vertices(self) -> Floats:
        """Its corners, counter-clockwise, the lower four first; shape (8, 3)."""
        (x, y), (u, v) = self.centre, self.direction
        a, b = self.length / 2 * u, self.length / 2 * v
        c, d = -self.depth / 2 * v, self.depth / 2 * u
        ring = ((x - a - c, y - b - d), (x + a - c, y + b - d), (x + a + c, y + b + d), (x - a + c, y - b + d))
        return np.array([(*corner, z) for z in (self.low, self.high) for corner in ring])

    def solid(self) -> Manifold:
        """The box as a solid."""
        return _solid(self.vertices(), _BOX)

    def mesh(self) -> trimesh.Trimesh:
        """The box as a mesh."""
        return _mesh(self.vertices(), _BOX.copy())


def boxes(many: Sequence[Box]) -> Manifold:
    """The union of many boxes, all made at once where none meets another."""
    if not many:
        return Manifold()
    corners = np.stack([one.vertices() for one in many])
    tree = shapely.STRtree(shapely.box(*corners[:, :, :2].min(axis=1).T, *corners[:, :, :2].max(axis=1).T))
    if len(tree.query(tree.geometries, predicate="intersects").T) > len(many):
        return together(one.solid() for one in many)
    faces = (_BOX[None] + 8 * np.arange(len(many))[:, None, None]).reshape(-1, 3)
    return _solid(corners.reshape(-1, 3), faces)


def together(solids: Iterable[Manifold]) -> Manifold:
    """The union of several solids."""
    every = list(solids)
    return every[0] if len(every) == 1 else Manifold.batch_boolean(every, OpType.Add)


def less(solid: Manifold, cuts: Sequence[Manifold]) -> Manifold:
    """A solid with others cut out of it, in one batch."""
    return Manifold.batch_boolean([solid, *cuts], OpType.Subtract) if cuts else solid


def to_mesh(solid: Manifold) -> trimesh.Trimesh:
    """A solid as a triangle mesh in double precision.

    Vertices stay as the manifold has them: merging those that merely touch would open the solid.
    """
    mesh = solid.to_mesh64()
    return trimesh.Trimesh(
        np.asarray(mesh.vert_properties)[:, :3], np.asarray(mesh.tri_verts, np.int64), process=False, validate=False
    )


def to_manifold(mesh: trimesh.Trimesh) -> Manifold:
    """A closed triangle mesh as a solid."""
    # Copies: a mesh's own arrays are tracked and read-only, which the solid's binding refuses.
    return Manifold(Mesh64(np.array(mesh.vertices, np.float64), np.array(mesh.faces, np.uint64)))
