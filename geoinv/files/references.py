"""Meshes and point clouds from SketchUp, Blender and scanners: reference evidence, described, never built on."""

from __future__ import annotations

import io
import json
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import trimesh

from geoinv.errors import UnreadableFileError, UnsafeFileError
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.xmls import local, parse_xml, words_of
from geoinv.records.accounts import Reference

__all__ = ["REFERENCE_SUFFIXES", "read_reference"]

_MOST = 256 * MEGABYTE
#: What a glTF may say it holds before a byte of it is unpacked: 50 million numbers.
_MOST_NUMBERS = 50_000_000
#: Suffixes of files kept as reference evidence.
REFERENCE_SUFFIXES = frozenset({".obj", ".ply", ".stl", ".glb", ".gltf", ".dae", ".las", ".laz"})


def _bad(what: str, file: str) -> UnreadableFileError:
    return UnreadableFileError(what, do="export it again, as GLB or PLY", file=file)


def _described(name: str, vertices: Any, faces: int, units: str | None) -> Reference:
    points = np.asarray(vertices, dtype=float).reshape(-1, 3)
    kept = points[np.isfinite(points).all(axis=1)]
    extent = tuple(float(v) for v in np.r_[kept.min(axis=0), kept.max(axis=0)]) if len(kept) else ()
    form = "mesh" if faces else "point cloud"
    return Reference(name=name, form=form, size=(len(points), faces), extent=extent, units=units)


def _mesh(data: bytes, path: Path) -> Reference:
    """OBJ, PLY, STL or GLB through trimesh, without a resolver: nothing that the file names is opened."""
    suffix = path.suffix.lower().removeprefix(".")
    _check_header(data, suffix, path.name)
    # A GLB carries its materials; an OBJ's library and a PLY's texture are other files, which are not followed.
    loaded = trimesh.load(io.BytesIO(data), file_type=suffix, process=False, resolver=None, skip_materials=True)
    parts = list(loaded.geometry.values()) if isinstance(loaded, trimesh.Scene) else [loaded]
    vertices = [np.asarray(part.vertices, dtype=float).reshape(-1, 3) for part in parts if hasattr(part, "vertices")]
    faces = sum(len(part.faces) for part in parts if hasattr(part, "faces"))
    if not sum(map(len, vertices)):
        raise _bad("there are no vertices in this file", path.name)
    units = "m" if suffix == "glb" else getattr(loaded, "units", None)
    return _described(path.name, np.concatenate(vertices), faces, units)


def _check_header(data: bytes, suffix: str, file: str) -> None:
    """Refuse a file whose header promises more than its bytes can hold: readers make room for it first."""
    promised = 0
    if suffix == "stl" and not data[:512].lstrip().startswith(b"solid") and len(data) >= 84:
        promised = struct.unpack_from("<I", data, 80)[0] * 50
    elif suffix == "ply":
        for line in data[: 64 * 1024].split(b"end_header")[0].splitlines():
            words = line.split()
            if len(words) == 3 and words[0] == b"element":
                if not words[2].isdigit():
                    raise _bad("the header of this PLY cannot be read", file)
                promised += int(words[2])
    elif suffix == "glb":
        promised = _promised_by_gltf(_glb_json(data, file), file)
        if promised <= _MOST_NUMBERS:
            return
    if promised > max(len(data), 1024):
        raise UnsafeFileError("this file promises more than it holds", do="export it again", file=file)


def _glb_json(data: bytes, file: str) -> dict[str, Any]:
    """The JSON chunk of a GLB (glTF 2.0, 4.4)."""
    if len(data) < 20 or data[:4] != b"glTF":
        raise _bad("this is not a GLB", file)
    length = struct.unpack_from("<I", data, 12)[0]
    return _gltf_json(data[20 : 20 + length], file)


def _gltf_json(text: bytes, file: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad("the description in this glTF cannot be read", file) from error
    if not isinstance(parsed, dict):
        raise _bad("the description in this glTF cannot be read", file)
    return parsed


def _accessors(parsed: dict[str, Any], file: str) -> list[dict[str, Any]]:
    listed = parsed.get("accessors", [])
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise _bad("the description in this glTF cannot be read", file)
    for item in listed:
        count = item.get("count", 0)
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise _bad("the description in this glTF cannot be read", file)
    return listed


def _promised_by_gltf(parsed: dict[str, Any], file: str) -> int:
    return sum(item.get("count", 0) * 16 for item in _accessors(parsed, file))


def _gltf(data: bytes, path: Path) -> Reference:
    """A glTF in JSON, by what it says of itself: its buffers are other files, which are not followed."""
    parsed = _gltf_json(data, path.name)
    accessors = _accessors(parsed, path.name)
    vertices = faces = 0
    corners: list[list[float]] = []
    for mesh in parsed.get("meshes", []) if isinstance(parsed.get("meshes"), list) else []:
        for part in mesh.get("primitives", []) if isinstance(mesh, dict) else []:
            attributes = part.get("attributes", {}) if isinstance(part, dict) else {}
            position = attributes.get("POSITION") if isinstance(attributes, dict) else None
            if isinstance(position, int) and 0 <= position < len(accessors):
                vertices += accessors[position].get("count", 0)
                corners += [corner for key in ("min", "max") if (corner := _corner(accessors[position].get(key)))]
            index = part.get("indices") if isinstance(part, dict) else None
            if isinstance(index, int) and 0 <= index < len(accessors):
                faces += accessors[index].get("count", 0) // 3
    if not vertices:
        raise _bad("there are no vertices in this file", path.name)
    extent = tuple(f(c[k] for c in corners) for f in (min, max) for k in range(3)) if corners else ()
    return Reference(name=path.name, form="mesh", size=(vertices, faces), extent=extent, units="m")


def _corner(value: Any) -> list[float]:
    """Three finite numbers, or nothing."""
    if not isinstance(value, list) or len(value) != 3:
        return []
    return [float(v) for v in value] if all(isinstance(v, int | float) and math.isfinite(v) for v in value) else []


def _dae(data: bytes, path: Path) -> Reference:
    """A COLLADA file (1.4.1) by its own counts: vertices of each position source, triangles and polygons."""
    root = parse_xml(data, file=path.name, what="COLLADA")
    if local(root) != "COLLADA":
        raise _bad("this is not COLLADA", path.name)
    vertices = faces = 0
    for element in root.iter():
        kind, count = local(element), element.get("count", "0")
        number = int(count) if count.isascii() and count.isdigit() and len(count) < 10 else 0
        if kind == "vertices":
            vertices += 1
        elif kind in ("triangles", "polylist", "polygons"):
            faces += number
    if not vertices:
        raise _bad("there are no vertices in this file", path.name)
    meter = next((element.get("meter") for element in root.iter() if local(element) == "unit"), None)
    points = [
        int(element.get("count", "0")) // 3
        for element in root.iter()
        if local(element) == "float_array" and "position" in element.get("id", "").casefold()
        and element.get("count", "0").isascii() and element.get("count", "0").isdigit()
        and len(element.get("count", "0")) < 10
    ]  # fmt: skip
    title = next((words_of(element) for element in root.iter() if local(element) == "authoring_tool"), "")
    extra = {"made_with": title} if title else {}
    return Reference.read(
        {"name": path.name, "form": "mesh", "size": (sum(points), faces),
         "units": f"{meter} m" if meter else None, **extra}
    )  # fmt: skip


def _check_las(data: bytes, file: str) -> None:
    """Refuse a header that promises more records than the file can hold: each would be looked for (LAS 1.4, 2.4)."""
    if len(data) < 227 or data[:4] != b"LASF":
        raise _bad("this is not a LAS or LAZ file", file)
    header, _, records = struct.unpack_from("<HII", data, 94)
    extended = struct.unpack_from("<I", data, 243)[0] if header >= 375 and len(data) >= 375 else 0
    # A variable length record has 54 bytes before its content, an extended one 60.
    if records * 54 + extended * 60 > len(data):
        raise UnsafeFileError("this file promises more than it holds", do="export it again", file=file)


def _cloud(data: bytes, path: Path) -> Reference:
    """A LAS or LAZ file by its header alone; not a point is unpacked."""
    _check_las(data, path.name)
    with laspy.open(io.BytesIO(data), closefd=True, laz_backend=()) as cloud:
        header = cloud.header
        extent = tuple(float(value) for value in (*header.mins, *header.maxs))
        count = int(header.point_count)
        try:
            crs = header.parse_crs()
        except Exception:  # noqa: BLE001 - a CRS that cannot be read is one that is not known
            crs = None
    if not all(map(math.isfinite, extent)):
        raise _bad("the header of this point cloud has no extent", path.name)
    return Reference(
        name=path.name, form="point cloud", size=(count,), extent=extent, crs=crs.to_string() if crs else None
    )


_READERS: dict[str, Callable[[bytes, Path], Reference]] = {
    **dict.fromkeys((".obj", ".ply", ".stl", ".glb"), _mesh),
    ".gltf": _gltf,
    ".dae": _dae,
    **dict.fromkeys((".las", ".laz"), _cloud),
}


def read_reference(path: Path) -> Reference:
    """What a mesh or point cloud holds, in numbers.

    Parameters
    ----------
    path
        OBJ, PLY, STL, GLB, glTF, DAE, LAS or LAZ, by suffix. Files that it names (materials, textures, buffers) are
        not opened.

    Raises
    ------
    UnreadableFileError
        If it cannot be read or holds nothing.
    UnsafeFileError
        If it is larger than 256 MB, or promises more than it holds.
    """
    data = read_bytes(path, most=_MOST)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise _bad("this is neither a mesh nor a point cloud that is known", path.name)
    try:
        return reader(data, path)
    except (UnreadableFileError, UnsafeFileError):
        raise
    except Exception as error:  # the libraries raise what they like on damaged files
        raise _bad("this mesh or point cloud is damaged or incomplete", path.name) from error
