"""Upright prisms over plane shapes, as exact manifolds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
import trimesh
from manifold3d import Manifold, Mesh64, OpType, triangulate
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

__all__ = ["apart", "box", "less", "polygons_of", "prism", "to_manifold", "to_mesh", "together"]

#: Pieces smaller than this are crumbs of rounding, not parts of a building, m².
CRUMB_M2 = 1e-6

#: Faces of a box whose corners are numbered counter-clockwise, the lower four first.
_BOX = np.array(
    [[0, 2, 1], [0, 3, 2], [4, 5, 6], [4, 6, 7]]
    + [face for i, j in ((0, 1), (1, 2), (2, 3), (3, 0)) for face in ([i, j, j + 4], [i, j + 4, i + 4])],
    np.uint64,
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
        if shapes[late].intersection(shapes[early]).area > CRUMB_M2:
            before.setdefault(late, []).append(early)
    for late, early_ones in sorted(before.items()):
        found[late] = found[late].difference(shapely.union_all([found[early] for early in early_ones]))
    return found


def _rings(polygon: Polygon) -> list[NDArray[np.float64]]:
    oriented = shapely.force_2d(shapely.orient_polygons(polygon, exterior_cw=False))
    # Not through .exterior and .interiors, which make a Python object a ring.
    return [np.ascontiguousarray(shapely.get_coordinates(ring)[:-1]) for ring in shapely.get_rings(oriented)]


def _prism_of_polygon(polygon: Polygon, low: float, high: float) -> Manifold:
    rings = _rings(polygon)
    points = np.concatenate(rings)
    count = len(points)
    cap = np.asarray(triangulate(rings), np.int64)
    sides, start = [], 0
    for ring in rings:
        here = start + np.arange(len(ring))
        there = start + (np.arange(len(ring)) + 1) % len(ring)
        sides += [np.column_stack([here, there, there + count]), np.column_stack([here, there + count, here + count])]
        start += len(ring)
    vertices = np.concatenate([np.column_stack([points, np.full(count, z)]) for z in (low, high)])
    triangles = np.concatenate([cap[:, ::-1], cap + count, *sides])
    return Manifold(Mesh64(np.ascontiguousarray(vertices), np.ascontiguousarray(triangles, np.uint64)))


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
    return together(_prism_of_polygon(polygon, low, high) for polygon in polygons_of(shape))


def box(
    centre: tuple[float, float], direction: tuple[float, float], length: float, depth: float, low: float, high: float
) -> Manifold:
    """An upright box with a rectangular base.

    Parameters
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
    along = np.asarray(direction) * length / 2
    across = np.asarray([-direction[1], direction[0]]) * depth / 2
    middle = np.asarray(centre)
    corners = [middle - along - across, middle + along - across, middle + along + across, middle - along + across]
    vertices = np.empty((8, 3))
    vertices[:4, :2] = vertices[4:, :2] = corners
    vertices[:4, 2], vertices[4:, 2] = low, high
    return Manifold(Mesh64(vertices, _BOX))


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
