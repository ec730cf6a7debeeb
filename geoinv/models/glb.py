"""A scene of solids as binary glTF 2.0, every node with its evidence.

Written here rather than by trimesh's exporter for four reasons: the bytes are the same every time; each node's vertices
are kept about its own middle, so that single precision costs less than 0.01 mm however large the site; materials follow
the status; and no normals are stored (then glTF 2.0, section 3.7.2.1, demands flat shading, which is what walls want).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray

from geoinv import __version__
from geoinv.models.solids_style import linear_rgb
from geoinv.records.evidence import Status

__all__ = ["glb_bytes"]

_MAGIC, _VERSION, _JSON, _BIN = 0x46546C67, 2, 0x4E4F534A, 0x004E4942
_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_FLOAT, _UINT16, _UINT32 = 5126, 5123, 5125


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
    build = _Build()
    names = sorted(scene.graph.nodes_geometry)
    parents = {child: parent for parent, child in scene.graph.transforms.edge_data}
    order = [name for name in scene.graph.transforms.node_data if name in set(names)]
    centres = {name: _centre(_vertices(scene, name)) for name in order}
    for name in order:
        build.node(scene, name, centres[name], centres.get(parents[name]))
    for name in order:
        if parents[name] in build.numbers:
            build.nodes[build.numbers[parents[name]]].setdefault("children", []).append(build.numbers[name])
    roots = [build.numbers[name] for name in order if parents[name] not in build.numbers]
    about = {key: value for key, value in scene.metadata.items() if value is not None}
    return build.pack(roots, about | dict(extras or {}))


def _vertices(scene: trimesh.Scene, name: str) -> NDArray[np.float64]:
    """A node's vertices in glTF's axes, double precision."""
    matrix, geometry = scene.graph[name]
    placed = trimesh.transformations.transform_points(scene.geometry[geometry].vertices, matrix)
    return np.column_stack([placed[:, 0], placed[:, 2], -placed[:, 1]])


def _centre(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    # Rounded to what single precision holds exactly, so that a viewer's own sums stay exact as well.
    middle: NDArray[np.float64] = np.round((vertices.min(axis=0) + vertices.max(axis=0)) / 2 * 16) / 16
    return middle


class _Build:
    """The parts of a glTF file while it grows."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.numbers: dict[str, int] = {}
        self.meshes: list[dict[str, Any]] = []
        self.materials: dict[Status, int] = {}
        self.accessors: list[dict[str, Any]] = []
        self.positions, self.indices = bytearray(), bytearray()

    def node(
        self,
        scene: trimesh.Scene,
        name: str,
        centre: NDArray[np.float64],
        parent: NDArray[np.float64] | None,
    ) -> None:
        mesh = scene.geometry[scene.graph[name][1]]
        local = (_vertices(scene, name) - centre).astype("<f4")
        faces = np.asarray(mesh.faces)
        wide = len(local) > 0xFFFF
        primitive = {
            "attributes": {"POSITION": self._positions(local)},
            "indices": self._indices(faces.astype("<u4" if wide else "<u2"), wide),
            "material": self._material(Status(mesh.metadata["status"])),
        }
        self.meshes.append({"name": name, "primitives": [primitive]})
        self.numbers[name] = len(self.nodes)
        shift = centre if parent is None else centre - parent
        self.nodes.append(
            {"name": name, "mesh": len(self.meshes) - 1, "translation": shift.tolist(), "extras": dict(mesh.metadata)}
        )

    def _positions(self, local: NDArray[Any]) -> int:
        low, high = local.min(axis=0), local.max(axis=0)
        self.accessors.append(
            {
                "bufferView": 0,
                "byteOffset": len(self.positions),
                "componentType": _FLOAT,
                "count": len(local),
                "type": "VEC3",
                "min": [float(value) for value in low],
                "max": [float(value) for value in high],
            }
        )
        self.positions += local.tobytes()
        return len(self.accessors) - 1

    def _indices(self, faces: NDArray[Any], wide: bool) -> int:
        self.indices += b"\0" * (-len(self.indices) % (4 if wide else 2))
        self.accessors.append(
            {
                "bufferView": 1,
                "byteOffset": len(self.indices),
                "componentType": _UINT32 if wide else _UINT16,
                "count": faces.size,
                "type": "SCALAR",
            }
        )
        self.indices += faces.tobytes()
        return len(self.accessors) - 1

    def _material(self, status: Status) -> int:
        return self.materials.setdefault(status, len(self.materials))

    def pack(self, roots: list[int], about: dict[str, Any]) -> bytes:
        self.indices += b"\0" * (-len(self.indices) % 4)
        sizes = (len(self.positions), len(self.indices))
        document: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": f"geoinv {__version__}", "extras": about},
            "scene": 0,
            "scenes": [{"name": about.get("title") or about.get("facility") or "model", "nodes": roots}],
        }
        if not roots:  # glTF allows no empty lists
            del document["scenes"][0]["nodes"]
            return _container(document, b"")
        document |= {
            "nodes": self.nodes,
            "meshes": self.meshes,
            "materials": [_pbr(status) for status in self.materials],
            "accessors": self.accessors,
            "bufferViews": [
                {"buffer": 0, "byteOffset": 0, "byteLength": sizes[0], "target": _ARRAY_BUFFER},
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
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), _JSON) + text
    if binary:
        chunks += struct.pack("<II", len(binary), _BIN) + binary
    return struct.pack("<III", _MAGIC, _VERSION, 12 + len(chunks)) + chunks
