"""What is seen of solids from one side, as plane shapes: exact hidden-surface removal for sheets, no pixels.

Solids do not share space (``models/solids``), so two of their facets that cover each other from a direction are one in
front of the other all over the part they share: each facet's visible shape is its own less all that lies before it
(object-space comparison of faces; Sutherland, Sproull and Schumacker 1974).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
import trimesh
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.models.solids_prisms import to_manifold, to_mesh

__all__ = ["Cut", "Facet", "Projection", "seen"]

Floats = NDArray[np.float64]

#: Facets seen more edge-on than this, and shapes smaller than this (m²), are not drawn.
_EDGE_ON, _LEAST_M2 = 1e-3, 1e-4
#: Depths nearer than this are the same, metres; shapes are put on a net this fine, so that edges meet.
_SAME_M, _NET_M = 1e-4, 1e-5


@dataclass(frozen=True)
class Projection:
    """Parallel rays onto a page: two rows that give right and up on it, and the direction towards the viewer.

    Attributes
    ----------
    page
        Shape (2, 3): metres on the page of metres east, north and up.
    toward
        Unit vector from the solids to the viewer; the page does not see along it.
    """

    page: Floats
    toward: Floats

    @classmethod
    def level(cls, azimuth: float) -> Projection:
        """Seen level from a side, degrees clockwise from north: 180 is what a viewer south of it sees."""
        turn = math.radians(azimuth)
        toward = np.array([math.sin(turn), math.cos(turn), 0.0])
        up = np.array([0.0, 0.0, 1.0])
        return cls(np.array([np.cross(up, toward), up]), toward)

    @classmethod
    def plan_oblique(cls, turned: float) -> Projection:
        """A plan turned so many degrees counter-clockwise with heights drawn upwards: both are true to scale."""
        c, s = math.cos(math.radians(turned)), math.sin(math.radians(turned))
        return cls(np.array([[c, -s, 0.0], [s, c, 1.0]]), np.array([-s, -c, 1.0]) / math.sqrt(2))


@dataclass(frozen=True)
class Cut:
    """A plane at which solids are cut: what lies further along ``normal`` than ``offset`` is taken away."""

    normal: tuple[float, float, float]
    offset: float


@dataclass(frozen=True)
class Facet:
    """The visible shape of one plane face.

    Attributes
    ----------
    part
        Name of the solid it belongs to.
    shape
        On the page, metres.
    normal
        Outwards, unit length.
    is_cut
        Whether it lies in the cutting plane.
    """

    part: str
    shape: BaseGeometry
    normal: tuple[float, float, float]
    is_cut: bool


@dataclass(frozen=True)
class _Plane:
    """A whole face before anything hides it: on the page, and how its depth changes there."""

    part: str
    shape: BaseGeometry
    normal: Floats
    slope: Floats
    base: float
    is_cut: bool

    def depth(self, x: float, y: float) -> float:
        """Metres towards the viewer, at a place on the page."""
        return self.base - float(self.slope @ np.array([x, y]))


def seen(solids: Mapping[str, trimesh.Trimesh], projection: Projection, cut: Cut | None = None) -> tuple[Facet, ...]:
    """The visible facets of solids, those farthest along first.

    Parameters
    ----------
    solids
        Closed meshes by name, metres; they must not share space.
    projection
        From where they are seen.
    cut
        Where they are cut first, if anywhere.
    """
    planes = [plane for name, mesh in solids.items() for plane in _planes(name, mesh, projection, cut)]
    tree = shapely.STRtree([plane.shape for plane in planes])
    found = []
    for plane in planes:
        near = [planes[index] for index in sorted(tree.query(plane.shape).tolist())]
        shape = _uncovered(plane, sorted((one for one in near if one is not plane), key=lambda one: -one.shape.area))
        if shape is not None:
            x, y, z = (float(value) for value in plane.normal)
            found.append(Facet(plane.part, shape, (x, y, z), plane.is_cut))
    return tuple(found)


def _uncovered(plane: _Plane, others: list[_Plane]) -> BaseGeometry | None:
    shape = plane.shape
    for other in others:
        shared = shape.intersection(other.shape)
        if shared.area < _LEAST_M2:
            continue
        at = max(shapely.get_parts(shared), key=lambda part: float(part.area)).representative_point()
        if other.depth(at.x, at.y) > plane.depth(at.x, at.y) + _SAME_M:
            shape = _areas(shapely.difference(shape, other.shape, grid_size=_NET_M))
            if shape.area < _LEAST_M2:
                return None
    return shape


def _planes(name: str, mesh: trimesh.Trimesh, projection: Projection, cut: Cut | None) -> list[_Plane]:
    """A solid's faces that look towards the viewer, each as one shape on the page."""
    shown = mesh if cut is None else _trimmed(mesh, cut)
    if shown is None:
        return []
    points, faces = np.asarray(shown.vertices), np.asarray(shown.faces)
    corners = points[faces]
    sides = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.linalg.norm(sides, axis=1)
    kept = size > 1e-12
    normals = sides[kept] / size[kept, None]
    offsets = np.einsum("ij,ij->i", normals, corners[kept, 0])
    facing = normals @ projection.toward > _EDGE_ON
    keys = np.round(np.column_stack([normals, offsets])[facing], 4) + 0.0
    flat = (corners[kept][facing].reshape(-1, 3) @ projection.page.T).reshape(-1, 3, 2)
    back = np.linalg.pinv(projection.page)
    found = []
    for index in _groups(keys):
        normal, offset = normals[facing][index[0]], float(offsets[facing][index[0]])
        triangles = shapely.polygons(shapely.linearrings(np.concatenate([flat[index], flat[index][:, :1]], axis=1)))
        shape = shapely.union_all(shapely.set_precision(shapely.normalize(triangles), _NET_M), grid_size=_NET_M)
        if shape.area < _LEAST_M2:
            continue
        steep = float(normal @ projection.toward)
        lies_in_cut = cut is not None and abs(offset - cut.offset) < 1e-3 and float(normal @ cut.normal) > 0.999
        slope = (normal @ back) / steep
        found.append(_Plane(name, _areas(shape), normal, slope, offset / steep, lies_in_cut))
    return found


def _groups(keys: Floats) -> list[NDArray[np.int64]]:
    """Rows that are alike, each group by its places, in the order of their first."""
    groups: dict[tuple[float, ...], list[int]] = {}
    for index, key in enumerate(map(tuple, keys.tolist())):
        groups.setdefault(key, []).append(index)
    return [np.array(group) for group in groups.values()]


def _areas(shape: BaseGeometry) -> BaseGeometry:
    """Without lines and points that unions leave behind."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _trimmed(mesh: trimesh.Trimesh, cut: Cut) -> trimesh.Trimesh | None:
    away = np.asarray(mesh.vertices) @ np.asarray(cut.normal)
    if away.max() <= cut.offset + 1e-9:
        return mesh
    if away.min() >= cut.offset - 1e-9:
        return None
    kept = to_manifold(mesh).trim_by_plane(tuple(-value for value in cut.normal), -cut.offset)
    return None if kept.is_empty() else to_mesh(kept)
