"""A blueprint as CityJSON 2.0: buildings with storeys, rooms, elements and furniture, and an extension for evidence.

After the *CityJSON Specifications 2.0* (Ledoux and others, 2023; OGC 20-072r5). Every solid is a shell of triangles, so
every face is plane. Coordinates are metres in the facility's own frame, as no EPSG code names it: the root property
``+frame`` says which it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray

from geoinv.models.exchange import Shaped
from geoinv.models.solids_prisms import to_manifold, to_mesh
from geoinv.records.evidence import Status
from geoinv.records.places import Frame

__all__ = ["EXTENSION_FILE", "cityjson_bytes", "evidence_extension"]

#: Name of the extension's file, beside the model.
EXTENSION_FILE = "evidence.ext.json"
_EXTENSION_VERSION = "1.0"
#: Metres a unit of the integer coordinates.
_SCALE_M = 1e-6

#: City object by kind of part; what a building holds hangs on it.
_OBJECTS = {
    "building": "Building",
    "storey": "BuildingStorey",
    "room": "BuildingRoom",
    "fixture": "BuildingFurniture",
    "stair": "BuildingInstallation",
    "wall": "BuildingConstructiveElement",
    "opening": "BuildingConstructiveElement",
    "roof": "BuildingConstructiveElement",
    "path": "Road",
    "terrain": "TINRelief",
}
#: Semantic surfaces facing down, up and aside.
_SURFACES = {
    "BuildingRoom": ("FloorSurface", "CeilingSurface", "InteriorWallSurface"),
    "Building": ("GroundSurface", "RoofSurface", "WallSurface"),
}

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class _Vertices:
    """All corners of the file, each once, as integers of :data:`_SCALE_M` from the least corner."""

    def __init__(self, low: Floats) -> None:
        self.low = low
        self.numbers: dict[tuple[int, ...], int] = {}

    def rings(self, points: Floats, faces: Ints) -> tuple[list[list[int]], Ints]:
        """Triangles by number of their corners, and which rows of ``faces`` they are: rounding collapses slivers."""
        scaled = np.rint((points - self.low) / _SCALE_M).astype(np.int64)
        _, same = np.unique(scaled, axis=0, return_inverse=True)
        own = same.ravel()[faces]
        whole = (own[:, 0] != own[:, 1]) & (own[:, 1] != own[:, 2]) & (own[:, 2] != own[:, 0])
        kept = faces[whole]
        used = np.unique(kept)
        numbers = {
            row: self.numbers.setdefault(tuple(corner), len(self.numbers))
            for row, corner in zip(used.tolist(), scaled[used].tolist(), strict=True)
        }
        return [[numbers[a], numbers[b], numbers[c]] for a, b, c in kept.tolist()], kept


def cityjson_bytes(
    parts: Sequence[Shaped], spaces: Mapping[str, trimesh.Trimesh], frame: Frame, about: Mapping[str, Any]
) -> bytes:
    """Parts as a CityJSON file.

    Parameters
    ----------
    parts
        From :func:`geoinv.models.exchange.shaped_parts`.
    spaces
        Each room's air (:func:`geoinv.models.solids_inside.build_spaces`): a room is its air here, not its floor.
    frame
        The facility's metres.
    about
        The scene's metadata.

    Returns
    -------
    bytes
        The same for the same parts. :func:`evidence_extension` is the file to put beside it.
    """
    shown = [(part, *_shape(part, spaces)) for part in parts]
    every = [vertices for _, vertices, _ in shown]
    low = np.floor(np.min([v.min(axis=0) for v in every], axis=0)) if every else np.zeros(3)
    corners = _Vertices(low)
    objects = {part.id: _city_object(part, vertices, faces, corners) for part, vertices, faces in shown}
    for part in parts:
        if part.parent is not None:
            objects[part.parent].setdefault("children", []).append(part.id)
    title = about.get("title") or about.get("facility") or "model"
    document = {
        "type": "CityJSON",
        "version": "2.0",
        "extensions": {"Evidence": {"url": EXTENSION_FILE, "version": _EXTENSION_VERSION}},
        "transform": {"scale": [_SCALE_M] * 3, "translate": (low + 0.0).tolist()},
        "metadata": {"title": f"{title} (FICTIONAL)" if about.get("fictional") else title},
        "+frame": {"proj": frame.proj, "longitude": frame.lon, "latitude": frame.lat},
        "+about": {name: value for name, value in about.items() if value is not None},
        "CityObjects": objects,
        "vertices": [list(corner) for corner in corners.numbers],
    }
    if every:
        extent = [np.min([v.min(axis=0) for v in every], axis=0), np.max([v.max(axis=0) for v in every], axis=0)]
        document["metadata"]["geographicalExtent"] = np.round(np.concatenate(extent), 6).tolist()  # type: ignore[index]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _shape(part: Shaped, spaces: Mapping[str, trimesh.Trimesh]) -> tuple[Floats, Ints]:
    space = spaces.get(part.id)
    if space is None:
        return part.vertices, part.faces
    return np.asarray(space.vertices, np.float64), np.asarray(space.faces, np.int64)


def _city_object(part: Shaped, vertices: Floats, faces: Ints, corners: _Vertices) -> dict[str, Any]:
    kind = _OBJECTS.get(part.extras["kind"], "OtherConstruction")
    if kind == "Road" or kind == "TINRelief":
        rings, _ = corners.rings(vertices, faces[_normals(vertices, faces)[:, 2] > 1e-6])
        form = "MultiSurface" if kind == "Road" else "CompositeSurface"
        geometry = [{"type": form, "lod": "2", "boundaries": [[ring] for ring in rings]}]
    else:
        geometry = [_solid(kind, shells, corners) for shells in _solids(vertices, faces)]
    extras = {name: value for name, value in part.extras.items() if name not in ("id", "evidence", "kind", "role")}
    attributes = {"class": part.extras["kind"], "function": part.extras["role"], **extras}
    found = {
        "type": kind,
        "attributes": attributes | {"+evidence": part.extras["evidence"]},
        "geometry": geometry,
    }
    return found | {"parents": [part.parent]} if part.parent is not None else found


def _normals(vertices: Floats, faces: Ints) -> Floats:
    corners = vertices[faces]
    sides = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals: Floats = sides / np.maximum(np.linalg.norm(sides, axis=1), 1e-300)[:, None]
    return normals


def _solids(vertices: Floats, faces: Ints) -> list[list[tuple[Floats, Ints]]]:
    """A part's connected solids, each its outer shell and then its inner ones."""
    pieces = to_manifold(trimesh.Trimesh(vertices, faces, process=False)).decompose()
    meshes = [(piece.volume(), to_mesh(piece)) for piece in pieces]
    outer = [[(np.asarray(m.vertices), np.asarray(m.faces))] for volume, m in meshes if volume > 0]
    for volume, mesh in meshes:
        if volume < 0:  # a hollow: an inner shell of the solid around it
            low, high = mesh.bounds
            around = [s for s in outer if (s[0][0].min(axis=0) <= low).all() and (s[0][0].max(axis=0) >= high).all()]
            least = min(around, key=lambda shells: float(np.ptp(shells[0][0], axis=0).prod()))
            least.append((np.asarray(mesh.vertices), np.asarray(mesh.faces)))
    return outer


def _solid(kind: str, shells: list[tuple[Floats, Ints]], corners: _Vertices) -> dict[str, Any]:
    boundaries, values = [], []
    names = _SURFACES.get(kind)
    for vertices, faces in shells:
        rings, kept = corners.rings(vertices, faces)
        boundaries.append([[ring] for ring in rings])
        heights = _normals(vertices, kept)[:, 2]
        values.append(np.where(heights < -0.5, 0, np.where(heights > 0.5, 1, 2)).tolist())
    solid = {"type": "Solid", "lod": "3", "boundaries": boundaries}
    if names is None:
        return solid
    return solid | {"semantics": {"surfaces": [{"type": name} for name in names], "values": values}}


def evidence_extension() -> bytes:
    """The extension's own file: what ``+evidence`` and ``+frame`` mean (CityJSON 2.0, section 8)."""
    one = {
        "type": "object",
        "required": ["status", "sources"],
        "properties": {
            "status": {"enum": [status.value for status in Status]},
            "sources": {"type": "array", "items": {"type": "string"}},
            "by": {"type": "string"},
            "note": {"type": "string"},
        },
    }
    kinds = sorted({*_OBJECTS.values(), "OtherConstruction"})
    evidence = {"+evidence": {"type": "object", "additionalProperties": one}}
    number = {"type": "number"}
    frame = {
        "type": "object",
        "required": ["proj", "longitude", "latitude"],
        "properties": {"proj": {"type": "string"}, "longitude": number, "latitude": number},
    }
    document = {
        "type": "CityJSONExtension",
        "name": "Evidence",
        "url": EXTENSION_FILE,
        "version": _EXTENSION_VERSION,
        "versionCityJSON": "2.0",
        "description": "What speaks for each property of a part: status, sources, author, note.",
        "extraAttributes": dict.fromkeys(kinds, evidence),
        "extraRootProperties": {"+frame": frame, "+about": {"type": "object"}},
        "extraCityObjects": {},
        "extraSemanticSurfaces": {},
    }
    return (json.dumps(document, indent=1) + "\n").encode()
