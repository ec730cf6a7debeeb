"""Rays against triangles: what a ray meets first, and whether anything stands between two points.

Two engines behind one face. open3d is the faster; where it cannot load (no wheel, or a bare machine without EGL and GL
libraries) embreex answers the same. Both run Embree in single precision, so vertices are kept about the middle of the
mesh and lengths come out within about 1e-6 of the mesh's extent.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoinv.errors import InputError, MissingToolError

__all__ = ["BACKENDS", "Hits", "RayEngine", "load_open3d", "ray_engine"]

#: Engines, preferred first.
BACKENDS = ("open3d", "embreex")

#: What mends a machine on which no engine loads.
_MEND = "install the system libraries with `apt-get install libegl1 libgl1 libgomp1`, or `pip install embreex`"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Hits:
    """What each ray meets first.

    Attributes
    ----------
    distance
        Metres from the ray's origin, shape (n,); ``inf`` where it meets nothing.
    triangle
        Row of the triangle met, shape (n,); -1 where it meets nothing.
    """

    distance: NDArray[np.float64]
    triangle: NDArray[np.int64]


class _Backend(Protocol):
    """An Embree binding; everything in single precision, lengths in units of the direction's length."""

    name: str

    def first(self, origins: Floats, directions: Floats) -> tuple[NDArray[Any], NDArray[Any]]:
        """Length along each ray (anything ≥ 1e30 is a miss) and triangle."""

    def blocked(self, origins: Floats, directions: Floats) -> NDArray[np.bool_]:
        """Whether anything is met within one length of the direction."""


class _Open3d:
    name = "open3d"

    def __init__(self, vertices: Floats, triangles: NDArray[np.uint32]) -> None:
        self._o3d = load_open3d()
        self._scene = self._o3d.t.geometry.RaycastingScene()
        self._scene.add_triangles(self._o3d.core.Tensor(vertices), self._o3d.core.Tensor(triangles))

    def _rays(self, origins: Floats, directions: Floats) -> Any:
        rays = np.empty((len(origins), 6), np.float32)
        rays[:, :3], rays[:, 3:] = origins, directions
        return self._o3d.core.Tensor(rays)

    def first(self, origins: Floats, directions: Floats) -> tuple[NDArray[Any], NDArray[Any]]:
        found = self._scene.cast_rays(self._rays(origins, directions))
        return found["t_hit"].numpy(), found["primitive_ids"].numpy()

    def blocked(self, origins: Floats, directions: Floats) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self._scene.test_occlusions(self._rays(origins, directions), tfar=1.0).numpy()
        return found


class _Embreex:
    name = "embreex"

    def __init__(self, vertices: Floats, triangles: NDArray[np.uint32]) -> None:
        from embreex.mesh_construction import TriangleMesh
        from embreex.rtcore_scene import EmbreeScene

        self._scene = EmbreeScene(robust=True)
        self._mesh = TriangleMesh(self._scene, vertices, triangles.astype(np.int32))

    def first(self, origins: Floats, directions: Floats) -> tuple[NDArray[Any], NDArray[Any]]:
        found = self._scene.run(origins, directions, output=1)
        return found["tfar"], found["primID"]

    def blocked(self, origins: Floats, directions: Floats) -> NDArray[np.bool_]:
        reach = np.ones(len(origins), np.float32)
        met: NDArray[np.bool_] = np.asarray(self._scene.run(origins, directions, dists=reach, query="OCCLUDED")) >= 0
        return met


def load_open3d() -> Any:
    """open3d, with libusb loaded first: its wheel links the library but does not ship it, and bare machines lack it."""
    if sys.platform == "linux":
        import libusb_package

        ctypes.CDLL(str(libusb_package.get_library_path()), ctypes.RTLD_GLOBAL)
    import open3d

    return open3d


class RayEngine:
    """Triangles that can be asked about rays; make one with :func:`ray_engine`."""

    def __init__(self, vertices: ArrayLike, triangles: ArrayLike, make: type[_Open3d] | type[_Embreex]) -> None:
        points, faces = _checked_mesh(vertices, triangles)
        low, high = (points.min(axis=0), points.max(axis=0)) if len(points) else (np.zeros(3), np.zeros(3))
        self._centre = (low + high) / 2
        self._radius = float(np.linalg.norm(high - low)) / 2
        self._engine: _Backend | None = None
        self.backend: str = make.name
        if len(faces):
            self._engine = make(np.ascontiguousarray(points - self._centre, np.float32), faces)

    def first_hits(self, origins: ArrayLike, directions: ArrayLike) -> Hits:
        """What each ray meets first.

        Parameters
        ----------
        origins, directions
            Metres, shape (n, 3) (or one of them (3,), used for all); a direction's length does not matter. A ray of
            length zero meets nothing.

        Returns
        -------
        Hits
            Distances in metres and triangles, in the rays' order.
        """
        starts, ways, lengths = self._rays(origins, directions)
        distance = np.full(len(starts), np.inf)
        triangle = np.full(len(starts), -1, np.int64)
        if self._engine is not None and len(starts):
            way = ways / np.where(lengths > 0, lengths, 1.0)[:, None]
            reached, faces = self._engine.first(*_single(starts, way))
            met = (reached < 1e30) & (lengths > 0)
            distance[met] = reached[met]
            triangle[met] = faces[met].astype(np.int64)
        return Hits(distance, triangle)

    def occluded(self, origins: ArrayLike, directions: ArrayLike, reach: ArrayLike = np.inf) -> NDArray[np.bool_]:
        """Whether each ray meets anything within its reach.

        Parameters
        ----------
        origins, directions
            As for :meth:`first_hits`. A ray that starts on a surface may meet that very surface: start it a little off.
        reach
            Metres, one number or shape (n,); ``inf`` for as far as there is anything.

        Returns
        -------
        numpy.ndarray
            Booleans, shape (n,).
        """
        starts, ways, lengths = self._rays(origins, directions)
        if self._engine is None or not len(starts):
            return np.zeros(len(starts), np.bool_)
        # Beyond the mesh's far side there is nothing to meet, so an infinite reach becomes a finite one.
        far = _lengths(starts) + self._radius + 1.0
        limit = np.minimum(np.broadcast_to(np.asarray(reach, np.float64), lengths.shape), far)
        alive = (lengths > 0) & (limit > 0)
        way = ways * (limit / np.where(alive, lengths, 1.0))[:, None]
        met: NDArray[np.bool_] = self._engine.blocked(*_single(starts, way)) & alive
        return met

    def _rays(
        self, origins: ArrayLike, directions: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        try:
            starts, ways = np.broadcast_arrays(
                np.atleast_2d(np.asarray(origins, np.float64)), np.atleast_2d(np.asarray(directions, np.float64))
            )
        except ValueError as error:
            raise InputError("there are not as many ray origins as directions", do="give one direction each") from error
        if starts.ndim != 2 or starts.shape[1] != 3:
            raise InputError("rays need three coordinates each", do="give origins and directions of shape (n, 3)")
        return starts - self._centre, ways, _lengths(ways)


def _lengths(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    # Three times faster than numpy's norm on rows of three.
    lengths: NDArray[np.float64] = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return lengths


def _single(starts: NDArray[np.float64], ways: NDArray[np.float64]) -> tuple[Floats, Floats]:
    return np.ascontiguousarray(starts, np.float32), np.ascontiguousarray(ways, np.float32)


def _checked_mesh(vertices: ArrayLike, triangles: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
    points = np.asarray(vertices, np.float64).reshape(-1, 3)
    faces = np.asarray(triangles, np.int64).reshape(-1, 3)
    if not np.isfinite(points).all():
        raise InputError("a mesh has a vertex that is not a number", do="repair the mesh's coordinates")
    if len(faces) and (faces.min() < 0 or faces.max() >= len(points)):
        raise InputError("a mesh has a triangle whose vertex does not exist", do="repair the mesh's triangles")
    return points, faces.astype(np.uint32)


def ray_engine(
    vertices: ArrayLike, triangles: ArrayLike, *, backend: Literal["auto", "open3d", "embreex"] = "auto"
) -> RayEngine:
    """An engine over a triangle mesh.

    Parameters
    ----------
    vertices
        Metres, shape (v, 3).
    triangles
        Rows of ``vertices``, shape (t, 3); none is allowed, then every ray misses.
    backend
        ``auto`` takes open3d and falls back to embreex.

    Raises
    ------
    MissingToolError
        If the engine asked for, or with ``auto`` every engine, cannot load.
    InputError
        If a vertex is not finite or a triangle names one that does not exist.
    """
    makers: dict[str, type[_Open3d] | type[_Embreex]] = {"open3d": _Open3d, "embreex": _Embreex}
    names = BACKENDS if backend == "auto" else (backend,)
    problems = []
    for name in names:
        try:
            return RayEngine(vertices, triangles, makers[name])
        except (ImportError, OSError) as error:
            problems.append(f"{name}: {error}")
    raise MissingToolError(f"no ray engine can be loaded ({'; '.join(problems)})", do=_MEND)
