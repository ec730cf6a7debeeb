"""A scene of solids as binary glTF 2.0, every node with its evidence.

Written here rather than by trimesh's exporter for five reasons: the bytes are the same every time; each mesh's vertices
are kept about its own middle, so that single precision costs less than 0.01 mm however large the site; parts of one
shape (doors, cells of a row) share one mesh; materials follow the status; and no normals are stored (then glTF 2.0,
section 3.7.2.1, demands flat shading, which is what walls want).

Evidence that many parts share is written once, in the scene's ``extras``, and named by its number in each node's.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from pydantic_core import to_json

from geoinv import __version__
from geoinv.models.solids_style import linear_rgb
from geoinv.records.evidence import Status

__all__ = ["glb_bytes"]

_MAGIC, _VERSION, _JSON, _BIN = 0x46546C67, 2, 0x4E4F534A, 0x004E4942
_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_FLOAT, _UINT16, _UINT32 = 5126, 5123, 5125
#: Coordinates are rounded to this many decimals of a metre, so that equal shapes come out equal wherever they stand.
_DECIMALS = 6

Floats = NDArray[np.float64]

_HERE = np.eye(4)


def glb_bytes(scene: trimesh.Scene, *, extras: Mapping[str, Any] | None = None) -> bytes:
    """A scene from :func:`geoinv.models.solids.build_solids` as a GLB file.

    Axes are turned from east, north, up to glTF's x east, y up, z south. Each node is named by its part's id and has
    the part's extras; parts of a building are its children. Materials are one a status, metallic 0.

    Parameters
    ----------
    scene
        Named solids in metres.
    extras
        Written to the file's ``asset.extras`` beside the scene's own ``facility``, ``title``, ``fictional``,
        ``hypothesis`` and ``left_out`` (model hash, CRS, audience …).

    Returns
    -------
    bytes
        The same for the same scene and extras.
    """
    transforms = scene.graph.transforms
    edges, parents = transforms.edge_data, transforms.parents
    order = [name for name in transforms.node_data if "geometry" in edges.get((parents.get(name), name), ())]
    meshes = [scene.geometry[edges[parents[name], name]["geometry"]] for name in order]
    moved = _moves(scene)
    placed = [_placed(mesh, moved.get(name)) for name, mesh in zip(order, meshes, strict=True)]
    middles, locals_ = _about_middles(placed)
    build = _Build()
    numbers = {name: number for number, name in enumerate(order)}
    above = np.array([numbers.get(parents[name], -1) for name in order], np.int64)
    shifts = np.round(middles - np.where(above[:, None] >= 0, middles[above], 0.0), _DECIMALS) + 0.0
    for name, mesh, local, shift in zip(order, meshes, locals_, shifts.tolist(), strict=True):
        build.node(name, local, mesh, shift)
    for number, parent in enumerate(above.tolist()):
        if parent >= 0:
            build.nodes[parent].setdefault("children", []).append(number)
    roots = np.flatnonzero(above < 0).tolist()
    about = {key: value for key, value in scene.metadata.items() if value is not None}
    return build.pack(roots, about | dict(extras or {}))


def _moves(scene: trimesh.Scene) -> dict[str, Floats]:
    """The transforms of nodes to the world that are none but in place already, as solids nearly always are."""
    transforms = scene.graph.transforms
    given = {child: edge["matrix"] for (_, child), edge in transforms.edge_data.items() if "matrix" in edge}
    moving = (np.array(list(given.values())).reshape(-1, 4, 4) != _HERE).any(axis=(1, 2))
    own = {name: given[name] for name, moves in zip(given, moving.tolist(), strict=True) if moves}
    return {name: scene.graph.get(name)[0] for name in transforms.node_data if own} if own else {}


def _placed(mesh: trimesh.Trimesh, matrix: Floats | None) -> Floats:
    """A mesh's vertices, east, north and up."""
    vertices: Floats = np.asarray(mesh.vertices)
    return vertices if matrix is None else trimesh.transformations.transform_points(vertices, matrix)


def _about_middles(placed: list[Floats]) -> tuple[Floats, list[NDArray[np.float32]]]:
    """Each mesh's middle, shape (n, 3), and its vertices about that, in glTF's axes and single precision."""
    if not placed:
        return np.empty((0, 3)), []
    counts = np.array([len(vertices) for vertices in placed])
    every = np.concatenate(placed)
    every = np.column_stack([every[:, 0], every[:, 2], -every[:, 1]])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    low, high = np.minimum.reduceat(every, starts), np.maximum.reduceat(every, starts)
    middles: Floats = np.round((low + high) / 2, _DECIMALS)
    local = (np.round(every - np.repeat(middles, counts, axis=0), _DECIMALS) + 0.0).astype("<f4")
    return middles, np.split(local, starts[1:])


class _Build:
    """The parts of a glTF file while it grows."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.meshes: list[dict[str, Any]] = []
        self.shapes: dict[tuple[bytes, bytes, str], int] = {}
        self.stored: dict[bytes, int] = {}
        self.evidence: dict[bytes, int] = {}
        self.shared: list[Mapping[str, Any]] = []
        self.materials: dict[str, int] = {}
        self.accessors: list[dict[str, Any]] = []
        self.positions, self.indices = bytearray(), bytearray()

    def node(self, name: str, local: NDArray[np.float32], mesh: trimesh.Trimesh, shift: list[float]) -> None:
        extras = {key: value for key, value in mesh.metadata.items() if value != []}
        if "evidence" in extras:
            extras["evidence"] = {key: self._evidence(value) for key, value in extras["evidence"].items()}
        self.nodes.append({"name": name, "mesh": self._mesh(local, mesh), "translation": shift, "extras": extras})

    def _evidence(self, given: Mapping[str, Any]) -> int:
        number = self.evidence.setdefault(to_json(given), len(self.shared))
        if number == len(self.shared):
            self.shared.append(given)
        return number

    def _mesh(self, local: NDArray[np.float32], mesh: trimesh.Trimesh) -> int:
        status = mesh.metadata["status"]
        wide = len(local) > 0xFFFF
        corners, faces = local.tobytes(), np.asarray(mesh.faces).astype("<u4" if wide else "<u2").tobytes()
        shape = (corners, faces, status)
        if shape not in self.shapes:
            primitive = {
                "attributes": {"POSITION": self._positions(corners, local)},
                "indices": self._indices(faces, wide),
                "material": self.materials.setdefault(status, len(self.materials)),
            }
            self.shapes[shape] = len(self.meshes)
            self.meshes.append({"primitives": [primitive]})
        return self.shapes[shape]

    def _positions(self, corners: bytes, local: NDArray[np.float32]) -> int:
        found = self.stored.get(corners)
        if found is None:
            accessor: dict[str, Any] = {"bufferView": 0, "byteOffset": len(self.positions), "componentType": _FLOAT}
            accessor |= {"count": len(local), "type": "VEC3"}
            accessor |= {"min": local.min(axis=0).tolist(), "max": local.max(axis=0).tolist()}
            self.positions += corners
            found = self.stored[corners] = len(self.accessors)
            self.accessors.append(accessor)
        return found

    def _indices(self, faces: bytes, wide: bool) -> int:
        width = 4 if wide else 2
        found = self.stored.get(faces)
        if found is None:
            self.indices += b"\0" * (-len(self.indices) % width)
            accessor: dict[str, Any] = {"bufferView": 1, "byteOffset": len(self.indices), "type": "SCALAR"}
            accessor |= {"componentType": _UINT32 if wide else _UINT16, "count": len(faces) // width}
            self.indices += faces
            found = self.stored[faces] = len(self.accessors)
            self.accessors.append(accessor)
        return found

    def pack(self, roots: list[int], about: dict[str, Any]) -> bytes:
        self.indices += b"\0" * (-len(self.indices) % 4)
        sizes = (len(self.positions), len(self.indices))
        scene: dict[str, Any] = {"name": about.get("title") or about.get("facility") or "model", "nodes": roots}
        if self.shared:
            scene["extras"] = {"evidence": self.shared}
        document: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": f"geoinv {__version__}", "extras": about},
            "scene": 0,
            "scenes": [scene],
        }
        if not roots:  # glTF allows no empty lists
            del scene["nodes"]
            return _container(document, b"")
        document |= {
            "nodes": self.nodes,
            "meshes": self.meshes,
            "materials": [_pbr(Status(status)) for status in self.materials],
            "accessors": self.accessors,
            "bufferViews": [
                {"buffer": 0, "byteOffset": 0, "byteLength": sizes[0], "byteStride": 12, "target": _ARRAY_BUFFER},
                {"buffer": 0, "byteOffset": sizes[0], "byteLength": sizes[1], "target": _ELEMENT_ARRAY_BUFFER},
            ],
            "buffers": [{"byteLength": sum(sizes)}],
        }
        return _container(document, bytes(self.positions + self.indices))


def _pbr(status: Status) -> dict[str, Any]:
    colour = [round(value, 6) for value in linear_rgb(status)]
    return {
        "name": status.value,
        "pbrMetallicRoughness": {"baseColorFactor": [*colour, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.9},
    }


def _container(document: dict[str, Any], binary: bytes) -> bytes:
    text = to_json(document, inf_nan_mode="null")
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), _JSON) + text
    if binary:
        chunks += struct.pack("<II", len(binary), _BIN) + binary
    return struct.pack("<III", _MAGIC, _VERSION, 12 + len(chunks)) + chunks
