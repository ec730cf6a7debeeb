"""A scene of solids as Wavefront OBJ with its materials, and as STL: for programs that know nothing newer.

Neither format has room for evidence. Objects and solids are named by part id; what is known of each part stands in a
comment before it (OBJ) or after its name (STL), and whole in ``model.parts.json`` beside the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geoinv.models.exchange import Shaped, one_line
from geoinv.models.solids_style import linear_rgb
from geoinv.records.evidence import Status

__all__ = ["mtl_text", "obj_text", "stl_text"]

_BRIEF = ("kind", "role", "labels", "status", "placed", "sources")


def _brief(part: Shaped) -> str:
    return one_line({name: part.extras[name] for name in _BRIEF})


def _heading(about: Mapping[str, Any]) -> str:
    title = about.get("title") or about.get("facility") or "model"
    return f"{title} (FICTIONAL)" if about.get("fictional") else str(title)


def obj_text(parts: Sequence[Shaped], about: Mapping[str, Any], *, materials: str = "model.mtl") -> str:
    """Parts as an OBJ file in metres: x east, y north, z up; one object a part, one material a status.

    Parameters
    ----------
    parts, about
        From :func:`geoinv.models.exchange.shaped_parts`, and the scene's metadata.
    materials
        Name of the material file beside it (:func:`mtl_text`).
    """
    lines = [f"# {_heading(about)}", "# metres; x east, y north, z up", f"mtllib {materials}"]
    start = 1
    for part in parts:
        lines += [f"# part {_brief(part)}", f"o {part.id}", f"usemtl {part.extras['status']}"]
        lines += [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in (part.vertices + 0.0).tolist()]
        lines += [f"f {a} {b} {c}" for a, b, c in (part.faces + start).tolist()]
        start += len(part.vertices)
    return "\n".join(lines) + "\n"


def mtl_text() -> str:
    """The materials: one a status, without shine."""
    lines = []
    for status in Status:
        red, green, blue = linear_rgb(status)
        lines += [
            f"newmtl {status.value}",
            f"Kd {red:.6f} {green:.6f} {blue:.6f}",
            "Ka 0 0 0",
            "Ks 0 0 0",
            "illum 1",
            "",
        ]
    return "\n".join(lines)


def stl_text(parts: Sequence[Shaped]) -> str:
    """Parts as an STL file in metres (text form, which alone keeps names): one solid a part."""
    lines = []
    for part in parts:
        lines.append(f"solid {part.id} {_brief(part)}")
        corners = part.vertices[part.faces]
        sides = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals = sides / np.maximum(np.linalg.norm(sides, axis=1), 1e-300)[:, None]
        for normal, triangle in zip((normals + 0.0).tolist(), (corners + 0.0).tolist(), strict=True):
            lines.append("facet normal {:.6g} {:.6g} {:.6g}\nouter loop".format(*normal))
            lines += ["vertex {:.6f} {:.6f} {:.6f}".format(*corner) for corner in triangle]
            lines.append("endloop\nendfacet")
        lines.append(f"endsolid {part.id}")
    return "\n".join(lines) + "\n"
