"""A scene of solids as USDZ, for phones and headsets: one mesh a part, evidence in its custom data.

A USDZ file is a zip without compression in which every file begins at a multiple of 64 bytes (*Usdz File Format
Specification*, Pixar, version 1.3). Needs usd-core, an optional extra.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from geoinv.errors import MissingToolError
from geoinv.models.exchange import Shaped, one_line
from geoinv.models.solids_style import linear_rgb
from geoinv.records.evidence import Status

__all__ = ["usdz_bytes"]

_ALIGNED = 64


def usdz_bytes(parts: Sequence[Shaped], about: Mapping[str, Any]) -> bytes:
    """Parts as a USDZ package in metres: x east, y up, z south, as phones expect.

    Parameters
    ----------
    parts
        From :func:`geoinv.models.exchange.shaped_parts`.
    about
        The scene's metadata.

    Returns
    -------
    bytes
        The same for the same parts.

    Raises
    ------
    MissingToolError
        If usd-core is not installed.
    """
    try:
        from pxr import Usd
    except ImportError as error:
        raise MissingToolError(
            "writing USDZ needs usd-core, which is not installed", do="pip install 'geoinv[formats]'"
        ) from error
    stage = Usd.Stage.CreateInMemory()
    _fill(stage, parts, about)
    with tempfile.TemporaryDirectory() as folder:  # the library writes its binary form to files only
        layer = Path(folder) / "model.usdc"
        stage.GetRootLayer().Export(str(layer))
        return _package("model.usdc", layer.read_bytes())


def _fill(stage: Any, parts: Sequence[Shaped], about: Mapping[str, Any]) -> None:
    from pxr import Kind, Usd, UsdGeom

    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    root = UsdGeom.Xform.Define(stage, "/model")
    Usd.ModelAPI(root).SetKind(Kind.Tokens.component)
    stage.SetDefaultPrim(root.GetPrim())
    root.GetPrim().SetCustomDataByKey("geoinv", one_line({k: v for k, v in about.items() if v is not None}))
    materials = {status: _material(stage, status) for status in sorted({_status(part) for part in parts})}
    for number, part in enumerate(parts):
        _mesh(stage, f"/model/{_prim_name(part, number)}", part, materials[_status(part)])


def _status(part: Shaped) -> Status:
    return Status(part.extras["status"])


def _prim_name(part: Shaped, number: int) -> str:
    # Names must be identifiers, and two ids must not fall together: the true id is in the custom data.
    return f"part_{number}_{re.sub(r'[^A-Za-z0-9_]', '_', part.id)}"


def _material(stage: Any, status: Status) -> Any:
    from pxr import Gf, Sdf, UsdShade

    material = UsdShade.Material.Define(stage, f"/model/materials/{status.value}")
    shader = UsdShade.Shader.Define(stage, f"/model/materials/{status.value}/surface")
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*linear_rgb(status)))
    shader.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(0.0)
    shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(0.9)
    material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
    return material


def _mesh(stage: Any, path: str, part: Shaped, material: Any) -> None:
    from pxr import Gf, UsdGeom, UsdShade, Vt

    middle = np.round((part.vertices.min(axis=0) + part.vertices.max(axis=0)) / 2, 6)
    local = part.vertices - middle
    turned = np.ascontiguousarray(np.column_stack([local[:, 0], local[:, 2], -local[:, 1]]) + 0.0, np.float32)
    mesh = UsdGeom.Mesh.Define(stage, path)
    mesh.AddTranslateOp().Set(Gf.Vec3d(float(middle[0]), float(middle[2]), -float(middle[1])))
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(turned))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(part.faces), 3, np.int32)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(part.faces, np.int32).ravel()))
    mesh.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(np.stack([turned.min(axis=0), turned.max(axis=0)])))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    prim = mesh.GetPrim()
    prim.SetDisplayName(part.name)
    for name in ("id", "kind", "role", "status", "placed", "hypothesis", "parent"):
        value = part.parent if name == "parent" else part.extras.get(name)
        if value is not None:
            prim.SetCustomDataByKey(f"geoinv:{name}", str(value))
    for name in ("labels", "sources", "drawn"):
        prim.SetCustomDataByKey(f"geoinv:{name}", Vt.StringArray(list(part.extras[name])))
    prim.SetCustomDataByKey("geoinv:evidence", one_line(part.extras["evidence"]))
    UsdShade.MaterialBindingAPI.Apply(prim).Bind(material)


def _package(name: str, content: bytes) -> bytes:
    """One file in a zip whose content begins at a multiple of 64 bytes, without the hour it was made."""
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    start = 30 + len(name)  # a local header's fixed part and the name (APPNOTE, section 4.3.7)
    padding = -(start + 4) % _ALIGNED
    entry.extra = (0x1986).to_bytes(2, "little") + padding.to_bytes(2, "little") + bytes(padding)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(entry, content)
    return stream.getvalue()
