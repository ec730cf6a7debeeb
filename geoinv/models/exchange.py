"""A scene's parts as outside formats take them: one closed mesh each, who is whose, and what is known of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray

__all__ = ["Shaped", "one_line", "parts_json", "shaped_parts"]


@dataclass(frozen=True)
class Shaped:
    """One part with its shape.

    Attributes
    ----------
    id, parent
        The part's id, and that of the part it hangs on.
    extras
        As :func:`geoinv.models.solids.part_extras` gives it.
    vertices
        Metres east, north and up, shape (v, 3).
    faces
        Rows of ``vertices``, counter-clockwise seen from outside, shape (f, 3).
    """

    id: str
    parent: str | None
    extras: Mapping[str, Any]
    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]

    @property
    def name(self) -> str:
        """What people call it: its first label, else what it serves as."""
        labels = self.extras["labels"]
        return str(labels[0]) if labels else str(self.extras["role"])


def shaped_parts(scene: trimesh.Scene) -> tuple[Shaped, ...]:
    """The parts of a scene from :func:`geoinv.models.solids.build_solids`, parents before children."""
    graph, found = scene.graph, []
    for name in graph.transforms.node_data:
        if name not in graph.nodes_geometry:
            continue
        matrix, geometry = graph[name]
        mesh = scene.geometry[geometry]
        vertices = trimesh.transformations.transform_points(mesh.vertices, matrix)
        parent = graph.transforms.parents[name]
        known = parent if parent in graph.nodes_geometry else None
        found.append(Shaped(name, known, dict(mesh.metadata), vertices, np.asarray(mesh.faces, np.int64)))
    return tuple(found)


def one_line(data: Any) -> str:
    """JSON without a line break, for formats that keep text in lines."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def parts_json(parts: Iterable[Shaped], about: Mapping[str, Any]) -> bytes:
    """The list of parts that goes beside formats without room for evidence: what is known of each, by its id."""
    document = {"about": {k: v for k, v in about.items() if v is not None}, "parts": {p.id: p.extras for p in parts}}
    return (json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()
