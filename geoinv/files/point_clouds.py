"""Point clouds and meshes in, as points: PLY, LAS, LAZ, XYZ; GLB, glTF, OBJ, STL, DAE."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import trimesh
from numpy.typing import NDArray

from geoinv.errors import GeoinvError, MissingToolError, UnreadableFileError, UnsafeFileError
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.references import read_reference
from geoinv.records.clouds import Cloud

__all__ = ["CLOUD_SUFFIXES", "read_cloud"]

_MOST = 256 * MEGABYTE
#: Points kept of a cloud, and taken from a mesh's surfaces.
_KEPT = 400_000
_LEAST = 50
#: Suffixes of files that can be compared with a model.
CLOUD_SUFFIXES = frozenset({".ply", ".las", ".laz", ".xyz", ".glb", ".gltf", ".obj", ".stl", ".dae"})

Points = NDArray[np.float64]


def read_cloud(path: Path, *, metres: float | None = None, date: str | None = None, seed: int = 0) -> Cloud:
    """A point cloud, or points spread evenly over a mesh, in metres.

    Parameters
    ----------
    path
        By suffix one of :data:`CLOUD_SUFFIXES`. Files that it names are not opened.
    metres
        Length of the file's unit; as the file says if not given, else 1.
    date
        When it was taken (EDTF).
    seed
        Where points are drawn at random, they are drawn from this.

    Raises
    ------
    UnreadableFileError
        If it cannot be read or holds too few points.
    UnsafeFileError
        If it is too large, or promises more than it holds.
    MissingToolError
        If it is DAE and pycollada is not installed.
    """
    suffix = path.suffix.lower()
    if suffix not in CLOUD_SUFFIXES:
        raise _bad("this is neither a mesh nor a point cloud that is known", path.name)
    data = read_bytes(path, most=_MOST)
    if suffix != ".xyz":
        read_reference(path)  # refuses what promises more than it holds, before anything is unpacked
    rng = np.random.default_rng(seed)
    try:
        if suffix == ".xyz":
            points, form, unit = _xyz(data), "point cloud", 1.0
        elif suffix in (".las", ".laz"):
            points, form, unit = _las(data), "point cloud", 1.0
        else:
            points, form, unit = _mesh(data, suffix, seed)
    except GeoinvError as error:
        raise error.at(file=path.name) from error
    except Exception as error:  # the libraries raise what they like on damaged files
        raise _bad("this mesh or point cloud is damaged or incomplete", path.name) from error
    points = points[np.isfinite(points).all(axis=1)] * (metres or unit)
    if len(points) < _LEAST:
        raise _bad(f"there are only {len(points)} points in this file", path.name)
    if len(points) > _KEPT:
        points = points[np.sort(rng.choice(len(points), _KEPT, replace=False))]
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    return Cloud(path.name, points - middle, (float(middle[0]), float(middle[1]), float(middle[2])), form, date)


def _bad(what: str, file: str | None = None) -> UnreadableFileError:
    return UnreadableFileError(what, do="export it again, as GLB or PLY", file=file)


def _xyz(data: bytes) -> Points:
    """Lines of x, y and z, and whatever follows; a first line of words is left out."""
    lines = data.decode("utf-8", errors="replace").replace(",", " ").replace(";", " ").splitlines()
    rows = [
        words[:3] for line in lines if len(words := line.split()) >= 3 and not line.lstrip().startswith(("#", "//"))
    ]
    if rows and not _is_number(rows[0][0]):
        rows = rows[1:]
    try:
        return np.array(rows, float).reshape(-1, 3)
    except ValueError as error:
        raise _bad("a line of this XYZ file is not three numbers") from error


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _las(data: bytes) -> Points:
    with laspy.open(io.BytesIO(data), closefd=True) as reader:
        if reader.header.point_count > _MOST // 12:
            raise UnsafeFileError("this point cloud is too large", do="thin it out first")
        cloud = reader.read()
    return np.column_stack([cloud.x, cloud.y, cloud.z]).astype(np.float64)


def _mesh(data: bytes, suffix: str, seed: int) -> tuple[Points, str, float]:
    if suffix == ".dae" and importlib.util.find_spec("collada") is None:
        raise MissingToolError(
            "reading DAE needs pycollada, which is not installed", do="pip install 'geoinv[formats]'"
        )
    loaded = trimesh.load(
        io.BytesIO(data), file_type=suffix.removeprefix("."), process=False, resolver=None, skip_materials=True
    )
    scene = loaded if isinstance(loaded, trimesh.Scene) else None
    units = getattr(loaded, "units", None)
    unit = 1.0 if units is None else float(trimesh.units.unit_conversion(units, "meters"))
    solid: Any = scene.to_geometry() if scene is not None else loaded
    if getattr(solid, "faces", None) is None or not len(solid.faces):
        return np.asarray(solid.vertices, np.float64), "point cloud", unit
    area = float(solid.area)
    if not np.isfinite(area) or area <= 0:
        raise _bad("the surfaces of this mesh have no area")
    # Evenly over the surfaces: a mesh has corners where its maker put them.
    points, _ = trimesh.sample.sample_surface(solid, _KEPT // 4, seed=seed)
    return np.asarray(points, np.float64), "mesh", unit
