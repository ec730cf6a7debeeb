"""A blueprint as DXF (AutoCAD 2018): one polyface a part, layers by kind, colours and line types by status.

Each part's id, status and sources are in its extended data (application ``GEOINV``), its whole evidence in an extension
dictionary. Beside the solids, rooms and buildings are drawn flat with their names, for people who draw on. Needs ezdxf,
an optional extra.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from geoinv.errors import MissingToolError
from geoinv.models.exchange import Shaped, one_line
from geoinv.models.solids_prisms import polygons_of
from geoinv.models.solids_style import STATUS_RGB
from geoinv.records.evidence import Status

__all__ = ["APPLICATION", "dxf_bytes"]

#: Name under which a part's extended data is kept.
APPLICATION = "GEOINV"

#: Line types by status, as drawings show them: solid, dashed, dotted.
_LINES = {
    Status.CORROBORATED: "CONTINUOUS",
    Status.OBSERVED: "CONTINUOUS",
    Status.ATTESTED: "GEOINV_DASHED",
    Status.CONTESTED: "GEOINV_DASHED",
    Status.INFERRED: "GEOINV_DOTTED",
    Status.CONJECTURAL: "GEOINV_DOTTED",
}
#: A polyface holds at most this many corners (its records number them with 16 bits).
_MOST_CORNERS = 32_000
#: Bytes a string in extended data may have, and bytes an entity's may have together.
_STRING, _DATA = 240, 12_000


def dxf_bytes(parts: Sequence[Shaped], plans: Mapping[str, BaseGeometry], about: Mapping[str, Any]) -> bytes:
    """Parts as a DXF file in metres, east, north and up.

    Parameters
    ----------
    parts
        From :func:`geoinv.models.exchange.shaped_parts`.
    plans
        Outlines to draw flat by part id: of rooms and buildings, metres.
    about
        The scene's metadata.

    Returns
    -------
    bytes
        The same for the same parts.

    Raises
    ------
    MissingToolError
        If ezdxf is not installed.
    """
    try:
        import ezdxf
    except ImportError as error:
        raise MissingToolError(
            "writing DXF needs ezdxf, which is not installed", do="pip install 'geoinv[formats]'"
        ) from error
    # Else the file holds the hour it was made and random identifiers.
    before = ezdxf.options.write_fixed_meta_data_for_testing
    ezdxf.options.write_fixed_meta_data_for_testing = True
    try:
        document = ezdxf.new("R2018", units=6)
        _prepare(document, about)
        for part in parts:
            _solid(document, part)
            if part.id in plans:
                _plan(document, part, plans[part.id])
        stream = io.StringIO()
        document.write(stream)
    finally:
        ezdxf.options.write_fixed_meta_data_for_testing = before
    return stream.getvalue().encode("utf-8", errors="surrogateescape")


def _prepare(document: Any, about: Mapping[str, Any]) -> None:
    document.appids.add(APPLICATION)
    document.linetypes.add("GEOINV_DASHED", pattern=[0.6, 0.4, -0.2], description="attested __ __ __")
    document.linetypes.add("GEOINV_DOTTED", pattern=[0.2, 0.0, -0.2], description="inferred . . . .")
    document.header["$LUNITS"] = 2
    document.header["$LTSCALE"] = 1.0
    title = str(about.get("title") or about.get("facility") or "model")
    document.header.custom_vars.append("Title", f"{title} (FICTIONAL)" if about.get("fictional") else title)


def _layer(document: Any, name: str) -> str:
    if name not in document.layers:
        document.layers.add(name)
    return name


def _style(document: Any, part: Shaped, prefix: str) -> dict[str, Any]:
    status = Status(part.extras["status"])
    red, green, blue = STATUS_RGB[status]
    layer = _layer(document, f"{prefix}{part.extras['kind'].replace(' ', '-').upper()}")
    return {"layer": layer, "true_color": red << 16 | green << 8 | blue, "linetype": _LINES[status]}


def _solid(document: Any, part: Shaped) -> None:
    from ezdxf.render import MeshBuilder

    builder = MeshBuilder()
    builder.vertices.extend(map(_vector, (part.vertices + 0.0).tolist()))
    builder.faces.extend(map(tuple, part.faces.tolist()))
    style = _style(document, part, "")
    if len(part.vertices) <= _MOST_CORNERS:
        entity = builder.render_polyface(document.modelspace(), dxfattribs=style)
    else:
        entity = builder.render_mesh(document.modelspace(), dxfattribs=style)
    entity.set_xdata(APPLICATION, _tags(part))
    record = entity.new_extension_dict().add_xrecord(APPLICATION)
    record.reset([(1, piece) for piece in _pieces(one_line(dict(part.extras)))])


def _vector(corner: Sequence[float]) -> Any:
    from ezdxf.math import Vec3

    return Vec3(*corner)


def _tags(part: Shaped) -> list[tuple[int, str]]:
    """``id=…``, ``kind=…``, ``status=…``, then a ``label=…`` or ``source=…`` for each, as far as there is room."""
    extras = part.extras
    lines = [
        f"{name}={extras[name]}" for name in ("id", "kind", "role", "status", "placed", "hypothesis") if name in extras
    ]
    lines += [f"label={one}" for one in extras["labels"]] + [f"source={one}" for one in extras["sources"]]
    found, room = [], _DATA
    for line in lines:
        piece = next(_pieces(line))
        room -= len(piece.encode()) + 3
        if room > 0:
            found.append((1000, piece))
    return found


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces of at most 240 bytes each, none with half a letter."""
    piece: list[str] = []
    size = 0
    for letter in text.replace("\n", " "):
        more = len(letter.encode())
        if size + more > _STRING:
            yield "".join(piece)
            piece, size = [], 0
        piece.append(letter)
        size += more
    yield "".join(piece)


def _plan(document: Any, part: Shaped, outline: BaseGeometry) -> None:
    space, style = document.modelspace(), _style(document, part, "PLAN-")
    for polygon in polygons_of(outline):
        for ring in (polygon.exterior, *polygon.interiors):
            space.add_lwpolyline(shapely.get_coordinates(ring)[:-1].tolist(), close=True, dxfattribs=style)
    if part.extras["labels"]:
        from ezdxf.enums import TextEntityAlignment

        at = outline.representative_point()
        text = space.add_text(part.name.replace("\n", " "), height=0.25, dxfattribs={**style, "linetype": "CONTINUOUS"})
        text.set_placement((at.x, at.y), align=TextEntityAlignment.MIDDLE_CENTER)
