"""From a drawing to a sketch: the closed shapes and lines in it, in drawing units, each with its certainty.

A photographed or scanned sheet is flattened, its ink told from the paper, and every region that its strokes may enclose
is judged by what was learned of drawn shapes; what encloses nothing is a line, and writing is kept as pictures. A
vector drawing's own shapes keep their ids; only its loose strokes are read as ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from shapely import transform
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from geoinv.errors import RefusalError
from geoinv.facilities.trace_ink import Ink, ink_of
from geoinv.facilities.trace_page import flatten_page
from geoinv.facilities.trace_roles import is_page_furniture, label_role, role_of
from geoinv.facilities.trace_rooms import CORRIDOR_TOLD, inside_among
from geoinv.facilities.trace_shapes import read_ink
from geoinv.facilities.trace_vector import Thing, draw_strokes, drawn_already, things_of, walls_met
from geoinv.facilities.trace_walls import strokes_round
from geoinv.facilities.trace_words import Writing, belongs_to, snippet_of, words_of
from geoinv.records.drawings import Drawing, RasterDrawing, Sketch, SketchElement, VectorDrawing
from geoinv.records.places import Pixel

__all__ = ["trace"]

#: Longer side in pixels of the sheet on which loose vector strokes are read as ink.
_SIDE = 2000
#: A shape that holds this many others is what surrounds them.
_HOLDS = 3
#: What is traced is likelier there than not from this certainty on.
_LIKELY = 0.5
_INTERIOR = {"room", "corridor", "door", "window", "stair", "fixture"}


@dataclass(frozen=True)
class _Found:
    """Something traced, in drawing units, y up."""

    geometry: BaseGeometry
    certainty: float
    element: str | None = None
    words: tuple[str, ...] = ()


def _up(geometry: BaseGeometry, height: float, scale: float = 1.0) -> BaseGeometry:
    """From pixels of the flat sheet, y down, to drawing units, y up."""
    return transform(geometry, lambda xy: np.column_stack([xy[:, 0], height - xy[:, 1]]) * scale)


def _reading_order(found: Sequence[_Found], height: float) -> list[_Found]:
    """Row by row from the top, left to right; a row is a twelfth of the sheet high."""

    def place(item: _Found) -> tuple[int, float, float]:
        x0, _, _, y1 = item.geometry.bounds
        return int((height - y1) * 12 / height), round(x0, 3), round(-y1, 3)

    return sorted(found, key=place)


@dataclass(frozen=True)
class _Traced:
    """A drawing's things in drawing units, its sheet, and its writing (place, box and picture)."""

    found: list[_Found]
    corners: NDArray[np.float64]
    page_size: tuple[float, float]
    writing: tuple[tuple[Writing, str], ...] = ()


def _from_raster(drawing: RasterDrawing) -> _Traced:
    sheet = flatten_page(drawing.pixels, whole=drawing.whole_page)
    height, width = sheet.pixels.shape[:2]
    read = read_ink(ink_of(sheet.pixels))
    found = [_Found(_up(thing, height), certainty) for thing, certainty in (*read.shapes, *read.lines)]
    writing = tuple((one, snippet_of(sheet.pixels, one)) for one in words_of(read.letters))
    return _Traced(
        _reading_order(found, height), sheet.corners * drawing.shrunk, (float(width), float(height)), writing
    )


def _from_vector(drawing: VectorDrawing) -> _Traced:
    width, height = drawing.page_size
    things, loose = things_of(drawing)
    found = [_of_thing(thing) for thing in things]
    if loose:
        # A room drawn onto its neighbour's wall is closed by it.
        walls = walls_met(things, loose, drawing.page_size)
        ink = draw_strokes([*loose, *walls], drawing.page_size, _SIDE)
        scale = height / ink.shape[0]
        read = read_ink(Ink(ink, ink.astype(np.float32)))
        traced = [_Found(_up(thing, ink.shape[0], scale), sure) for thing, sure in (*read.shapes, *read.lines)]
        found += _reading_order([one for one in traced if not drawn_already(one.geometry, walls)], height)
    corners = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
    return _Traced(found, corners, (width, height))


def _writing(traced: _Traced, elements: Sequence[SketchElement]) -> list[dict[str, Any]]:
    """Pieces of writing with their places in drawing units, each in the smallest likely shape around it."""
    height = traced.page_size[1]
    likely = [one for one in elements if one.certainty >= _LIKELY]
    shapes = [(one.id, one.geometry) for one in likely if isinstance(one.geometry, Polygon)]
    out = []
    for number, (one, picture) in enumerate(traced.writing, 1):
        x0, y0, x1, y1 = one.box
        middle = (one.middle[0], height - one.middle[1])
        out.append({"id": f"w{number}", "at": list(middle), "box": [x0, height - y1, x1, height - y0],
                    "within": belongs_to(middle, shapes), "image": picture})  # fmt: skip
    return out


def _of_thing(thing: Thing) -> _Found:
    return _Found(thing.geometry, thing.certainty, thing.element, thing.words)


def _held(tree: STRtree, found: Sequence[_Found], index: int) -> int:
    """How many other things lie inside a thing, give or take a stroke's overshoot."""
    shape = found[index].geometry
    if not isinstance(shape, Polygon):
        return 0
    ring = shape.buffer(0.01 * np.sqrt(shape.area))
    inside = tree.query(ring, predicate="contains").tolist()
    return sum(1 for other in inside if other != index and isinstance(found[other].geometry, Polygon))


def _labels(found: Sequence[_Found], drawing: Drawing) -> dict[int, str]:
    """Words by what they belong to: the thing of the same id, else the smallest around them, else the nearest."""
    if not isinstance(drawing, VectorDrawing):
        return {}
    by_element = {item.element: index for index, item in reversed(list(enumerate(found))) if item.element}
    tree = STRtree([item.geometry for item in found])
    reach = 0.03 * float(np.hypot(*drawing.page_size))
    said: dict[int, list[str]] = {}
    for x, y, words, element in drawing.texts:
        if is_page_furniture([words]) or words.strip() in ("N", "북"):
            continue
        point = Point(x, y)
        index = by_element.get(element) if element else None
        if index is None:
            inside = tree.query(point, predicate="within").tolist()
            around = [i for i in inside if isinstance(found[i].geometry, Polygon)]
            index = min(around, key=lambda i: (found[i].geometry.area, i), default=None)
            # A gate's name stands beside it, inside or outside the ring of the wall.
            if index is None or _held(tree, found, index):
                beside = tree.query(point, predicate="dwithin", distance=reach).tolist()
                meant = role_of([words])
                near = [
                    (role_of(found[i].words) != meant, found[i].geometry.distance(point), i)
                    for i in beside
                    if i not in around
                ]
                index = min(near)[2] if near else index
        if index is not None:
            said.setdefault(index, []).append(words)
    return {index: " ".join(words) for index, words in said.items()}


def _named(found: Sequence[_Found], labels: dict[int, str]) -> list[str | None]:
    """The role of each thing by the words on it, ``None`` where they name none."""
    return [role_of(item.words) or label_role(labels.get(index, "")) for index, item in enumerate(found)]


def _roles(found: Sequence[_Found], named: Sequence[str | None]) -> list[str]:
    inside = any(role in ("room", "corridor") for role in named)
    tree = STRtree([item.geometry for item in found])
    roles = []
    for index, item in enumerate(found):
        if (role := named[index]) is not None:
            roles.append(role)
        elif not isinstance(item.geometry, Polygon):
            roles.append("other")
        else:
            roles.append("wall" if _held(tree, found, index) >= _HOLDS else "room" if inside else "building")
    if not inside and "wall" not in roles:
        roles = _walled(found, roles)
    return roles


def _inside(found: Sequence[_Found], named: Sequence[str | None]) -> tuple[list[str], int | None]:
    """The roles of things on a drawing of an inside, and the corridor among them that nobody named.

    A class that says what the whole drawing shows ("building") names neither lines nor rooms.
    """
    roles = {at: role for at, role in enumerate(named) if role is not None and role != "building"}
    shapes = [(at, one.geometry) for at, one in enumerate(found) if isinstance(one.geometry, Polygon)]
    asked = [(at, shape) for at, shape in shapes if roles.get(at, "room") == "room"]
    known = [place for place, (at, _) in enumerate(asked) if at in roles]
    sure = [found[at].certainty for at, _ in asked]
    told = inside_among([shape for _, shape in asked], sure, known, hall_named="corridor" in named)
    hall = None if told.corridor is None else asked[told.corridor][0]
    tree = STRtree([item.geometry for item in found])
    around = {at: "wall" for at, _ in asked if _held(tree, found, at) >= _HOLDS}
    roles = around | {asked[place][0]: "room" for place in told.rooms} | roles
    if hall is not None:
        roles[hall] = "corridor"
    return [roles.get(at, "other") for at in range(len(found))], hall


def _walled(found: Sequence[_Found], roles: list[str]) -> list[str]:
    """The roles, with strokes that together go round the buildings as their wall."""
    sure = [(index, item.geometry) for index, item in enumerate(found) if item.certainty >= _LIKELY]
    shapes = [shape for index, shape in sure if roles[index] == "building" and isinstance(shape, Polygon)]
    loose = [(index, line) for index, line in sure if roles[index] == "other" and isinstance(line, LineString)]
    walls = {loose[at][0] for at in strokes_round(shapes, [line for _, line in loose])}
    return ["wall" if index in walls else role for index, role in enumerate(roles)]


def _ids(found: Sequence[_Found]) -> list[str]:
    """The file's own ids, made unique; t1, t2 … in reading order for the rest."""
    used: set[str] = {item.element for item in found if item.element}
    seen: dict[str, int] = {}
    ids, number = [], 0
    for item in found:
        if item.element:
            seen[item.element] = seen.get(item.element, 0) + 1
            ids.append(item.element if seen[item.element] == 1 else f"{item.element}-{seen[item.element]}")
            continue
        number += 1
        while f"t{number}" in used:
            number += 1
        ids.append(f"t{number}")
    return ids


def trace(drawing: Drawing, *, name: str, scope: Literal["site", "building"] | None = None) -> Sketch:
    """The closed shapes and lines of a drawing.

    Parameters
    ----------
    drawing
        Pixels of a scan or photograph, or strokes.
    name
        The drawing's file name: the sketch's own.
    scope
        What it is known to show: of a building's inside, shapes that nobody named are its rooms and corridor. Where it
        is not known, it is judged by the names on it.

    Returns
    -------
    Sketch
        Elements in drawing units, y up, origin at the sheet's bottom left. ``certainty`` is the tracing's: what is
        below 0.5 is doubtful and kept for a person to see. ``page`` are the sheet's corners in the picture and
        ``page_size`` its size in drawing units: pixels of the flattened sheet (longer side 2000) for a picture, the
        viewBox's for strokes. ``writing`` (pictures only) are the pieces of writing on it, as pictures with their place
        and box in drawing units and the id of the shape that they stand in: nobody's handwriting is read.

    Raises
    ------
    RefusalError
        If there is no shape and no line in the drawing.
    """
    raster = isinstance(drawing, RasterDrawing)
    traced = _from_raster(drawing) if isinstance(drawing, RasterDrawing) else _from_vector(drawing)
    found = traced.found
    if not found:
        raise RefusalError(
            "no shape and no line was found in this drawing",
            do="scan it darker, or draw it again with a pen",
            file=name,
        )
    labels = _labels(found, drawing)
    named = _named(found, labels)
    roles, hall = _inside(found, named) if scope == "building" else (_roles(found, named), None)
    digits = 1 if raster else 3
    elements = tuple(
        SketchElement(
            id=element_id,
            geometry=transform(item.geometry, lambda xy: np.round(xy, digits)),
            role=role,
            label=labels.get(index),
            certainty=max(item.certainty, CORRIDOR_TOLD) if index == hall else item.certainty,
        )
        for index, (item, element_id, role) in enumerate(zip(found, _ids(found), roles, strict=True))
    )
    page = tuple(Pixel(round(float(x), 2), round(float(y), 2)) for x, y in traced.corners)
    more = {"writing": _writing(traced, elements)} if traced.writing else {}
    return Sketch(
        name=name,
        elements=elements,
        scope=scope or ("building" if sum(role in _INTERIOR for role in roles) > len(roles) / 2 else "site"),
        page=(page[0], page[1], page[2], page[3]),
        page_size=traced.page_size,
        **more,
    )
