"""SVG drawings (SVG 1.1) as strokes and texts in drawing units, y up: what is seen, not what is hidden."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import make_valid
from shapely.errors import ShapelyError
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError, UnreadableFileError, UnsafeFileError
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.svg_paths import Matrix, flatten_ellipse, flatten_path, length_of, numbers_of, transform_of
from geoinv.files.svg_styles import Paint, StyleSheet
from geoinv.files.xmls import local, parse_xml, words_of
from geoinv.records.drawings import Stroke, VectorDrawing

__all__ = ["parse_svg", "read_svg"]

_HIDDEN = {"defs", "symbol", "clipPath", "mask", "marker", "pattern", "linearGradient", "radialGradient", "filter",
           "style", "script", "metadata", "title", "desc", "image", "foreignObject", "namedview"}  # fmt: skip
_GROUPS = {"g", "a", "svg", "switch"}
_SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
_PAGES = {"paper", "page", "background", "backdrop", "sheet"}
_MOST_STROKES = 20_000
_MOST_POINTS = 2_000_000
_MOST_USES = 20
#: Rings of one shape, and points of a ring that crosses itself: beyond these, untangling takes minutes.
_MOST_RINGS, _MOST_TANGLED = 500, 400
#: Curves are flattened to this share of the page's diagonal.
_TOLERANCE = 1 / 4000
_FAR = 1e7
_HREF = ("href", "{http://www.w3.org/1999/xlink}href")


@dataclass(frozen=True)
class _Place:
    """What the groups around an element hand down to it."""

    matrix: Matrix
    paint: Paint
    element: str | None = None
    classes: tuple[str, ...] = ()
    title: str | None = None
    uses: int = 0


@dataclass
class _Reader:
    """What has been read so far of one document."""

    file: str
    sheet: StyleSheet
    box: tuple[float, float, float, float]
    ids: dict[str, Element]
    strokes: list[Stroke] = field(default_factory=list)
    texts: list[tuple[float, float, str, str | None]] = field(default_factory=list)
    points: int = 0
    visits: int = 0

    @property
    def diagonal(self) -> float:
        return math.hypot(self.box[2], self.box[3])

    def up(self, points: NDArray[np.float64], matrix: Matrix) -> NDArray[np.float64]:
        """Points of an element in drawing units, y up, origin at the page's bottom left."""
        x, y = (points @ matrix[:, :2].T + matrix[:, 2]).T
        out = np.column_stack([x - self.box[0], self.box[1] + self.box[3] - y])
        if not np.isfinite(out).all() or np.abs(out).max(initial=0.0) > _FAR * max(1.0, self.diagonal):
            raise ValueError("a place lies far off the page")
        return out


def _box(root: Element, file: str) -> tuple[float, float, float, float]:
    """Left, top, width and height of the page in user units: the viewBox, or width and height without one."""
    try:
        values = numbers_of(root.get("viewBox", ""))
        if len(values) == 4:
            left, top, width, height = values
        else:
            left = top = 0.0
            width, height = (length_of(root.get(name), whole=0.0) for name in ("width", "height"))
    except ValueError as error:
        raise FieldError(f"{error}", do="save the drawing again", file=file, field="viewBox") from error
    if not (0 < width < 1e9 and 0 < height < 1e9):
        raise FieldError("the page has no size", do="save the drawing with its page", file=file, field="viewBox")
    return left, top, width, height


def _outline(element: Element, reader: _Reader, tolerance: float) -> list[tuple[NDArray[np.float64], bool]]:
    """Parts of a shape in its own units, and whether each closes itself."""
    _, _, width, height = reader.box

    def size(name: str, whole: float) -> float:
        return length_of(element.get(name), whole=whole)

    kind = local(element)
    if kind == "path":
        return flatten_path(element.get("d", ""), tolerance)
    if kind in ("polyline", "polygon"):
        values = numbers_of(element.get("points", ""))
        return [(np.reshape(values[: len(values) // 2 * 2], (-1, 2)), kind == "polygon")]
    if kind == "line":
        ends = [[size("x1", width), size("y1", height)], [size("x2", width), size("y2", height)]]
        return [(np.array(ends), False)]
    if kind == "rect":
        x, y, w, h = size("x", width), size("y", height), size("width", width), size("height", height)
        return [(np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]]), True)]
    radius = size("r", math.hypot(width, height) / math.sqrt(2))
    rx, ry = (radius, radius) if kind == "circle" else (size("rx", width), size("ry", height))
    return [(flatten_ellipse(size("cx", width), size("cy", height), rx, ry), True)]


def _polygons(rings: list[NDArray[np.float64]]) -> list[Polygon]:
    """Painted area of rings by the even-odd rule: a ring inside another is a hole."""
    area: BaseGeometry = Polygon()
    for ring in rings:
        if len(np.unique(ring, axis=0)) >= 3:
            area = area.symmetric_difference(_untangled(ring))
    parts = [part for part in getattr(area, "geoms", [area]) if isinstance(part, Polygon) and part.area > 0]
    # A hand that closes its outline overshoots: the crossing cuts off a splinter that nobody meant.
    least = 0.1 * max((part.area for part in parts), default=0.0)
    return [part for part in parts if part.area >= least]


def _untangled(ring: NDArray[np.float64]) -> BaseGeometry:
    """The area of a ring; a long one that crosses itself is smoothed first, as its crossings grow with its square."""
    line = LineString(ring)
    if len(ring) > _MOST_TANGLED and not line.is_simple:
        tolerance = 1e-3 * line.length / len(ring)
        while len(line.coords) > _MOST_TANGLED:
            line = LineString(shapely.get_coordinates(line.simplify(tolerance, preserve_topology=False)))
            tolerance *= 2
    return make_valid(Polygon(line)) if len(line.coords) >= 4 else Polygon()


def _is_page(parts: list[BaseGeometry], reader: _Reader, place: _Place) -> bool:
    """Whether a shape is the sheet itself: named so, or painted over all of it."""
    named = _PAGES & {name.casefold() for name in (place.element or "", *place.classes)}
    x0, y0, x1, y1 = parts[0].bounds
    _, _, width, height = reader.box
    covers = x0 <= 0.02 * width and y0 <= 0.02 * height and x1 >= 0.98 * width and y1 >= 0.98 * height
    return bool(named) or (len(parts) == 1 and covers and isinstance(parts[0], Polygon) and place.paint.filled
                           and parts[0].area >= 0.94 * width * height)  # fmt: skip


def _shape(element: Element, place: _Place, reader: _Reader) -> None:
    scale = math.sqrt(abs(float(np.linalg.det(place.matrix[:, :2]))))
    if scale == 0 or not (place.paint.filled or place.paint.stroked):
        return
    outlines = _outline(element, reader, _TOLERANCE * reader.diagonal / scale)
    reader.points += sum(len(points) for points, _ in outlines)
    tangled = place.paint.filled and len(outlines) > _MOST_RINGS
    if len(reader.strokes) > _MOST_STROKES or reader.points > _MOST_POINTS or tangled:
        raise UnsafeFileError("this drawing has far more strokes than a hand draws", do="simplify it", file=reader.file)
    parts = [(reader.up(points, place.matrix), closed) for points, closed in outlines]
    parts = [(points, closed) for points, closed in parts if len(np.unique(points, axis=0)) >= 2]
    width = length_of(place.paint.width, whole=reader.diagonal) * scale if place.paint.stroked else 0.0
    shapes: list[tuple[BaseGeometry, bool]] = []
    if place.paint.filled and local(element) != "line":
        shapes = [(polygon, True) for polygon in _polygons([points for points, _ in parts])]
    if not shapes and place.paint.stroked:
        for points, closed in parts:
            ring = _polygons([points]) if closed else []
            shapes += [(shape, True) for shape in ring] or [(LineString(points), False)]
    if not shapes or _is_page([shape for shape, _ in shapes], reader, place):
        return
    dashed = place.paint.stroked and place.paint.dashes not in ("none", "", "0")
    color = place.paint.stroke if place.paint.stroked else place.paint.fill
    # A fill closes what it paints, but the pen left it open where the path does not say so.
    shut = all(closed for _, closed in parts) or not place.paint.stroked
    for shape, closed in shapes:
        reader.strokes.append(
            Stroke(
                shape,
                closed and (shut or _nearly(parts)),
                place.paint.filled,
                width,
                place.element,
                place.classes,
                place.title,
                color,
                dashed,
            )  # fmt: skip
        )


def _nearly(parts: list[tuple[NDArray[np.float64], bool]]) -> bool:
    """Whether every part ends within a tenth of its length of where it began."""
    for points, closed in parts:
        along = float(np.hypot(*np.diff(points, axis=0).T).sum())
        if not closed and float(np.hypot(*(points[-1] - points[0]))) > 0.1 * along:
            return False
    return True


def _text(element: Element, place: _Place, reader: _Reader) -> None:
    words = words_of(element)
    if not words:
        return
    size = length_of(place.paint.font_size, whole=16.0, default=16.0)
    first = next((part for part in element.iter() if part.get("x")), element)
    starts = [numbers_of(first.get(name, "0")) for name in ("x", "y")]
    x, y = (values[0] if values else 0.0 for values in starts)
    # Middle of the words as set: full signs are about as wide as high, Latin letters half so.
    wide = size * sum(0.95 if ord(sign) > 0x1100 else 0.52 for sign in words)
    x += {"start": wide / 2, "end": -wide / 2}.get(place.paint.anchor, 0.0)
    middle = reader.up(np.array([[x, y - 0.35 * size]]), place.matrix)[0]
    reader.texts.append((float(middle[0]), float(middle[1]), words, place.element))


def _inner(element: Element, place: _Place, reader: _Reader, *, root: bool = False) -> _Place:
    declared = reader.sheet.declared(element)
    title = next((words_of(child) for child in element if local(child) == "title"), "")
    classes = tuple(element.get("class", "").split())
    own = element.get("id")
    # Editors keep a layer's name in an attribute of their own.
    layer = element.get("{http://www.inkscape.org/namespaces/inkscape}label")
    return replace(
        place,
        matrix=transform_of(element.get("transform"), place.matrix),
        paint=place.paint.inside(declared),
        element=place.element if root or not own else own,
        classes=() if root else (*classes, *((layer,) if layer else ()), *place.classes),
        title=place.title if root else (title or place.title),
    )


def _use(element: Element, place: _Place, reader: _Reader) -> None:
    href = next((element.get(name, "") for name in _HREF if element.get(name)), "")
    target = reader.ids.get(href.removeprefix("#")) if href.startswith("#") else None
    if target is None or place.uses >= _MOST_USES:
        return
    x, y = (length_of(element.get(name), whole=whole) for name, whole in zip("xy", reader.box[2:], strict=True))
    moved = transform_of(f"translate({x!r},{y!r})", place.matrix)
    inner = replace(place, matrix=moved, uses=place.uses + 1)
    if local(target) == "symbol":
        for child in target:
            _visit(child, inner, reader)
    else:
        _visit(target, inner, reader)


def _visit(element: Element, place: _Place, reader: _Reader) -> None:
    kind = local(element)
    reader.visits += 1
    if reader.visits > 4 * _MOST_STROKES:
        raise UnsafeFileError("this drawing repeats itself without end", do="simplify it", file=reader.file)
    if kind in _HIDDEN or not (kind in _GROUPS or kind in _SHAPES or kind in ("text", "use")):
        return
    try:
        inner = _inner(element, place, reader)
        if not inner.paint.shown:
            return
        if kind in _SHAPES:
            _shape(element, inner, reader)
        elif kind == "text":
            _text(element, inner, reader)
        elif kind == "use":
            _use(element, inner, reader)
    except (ValueError, ShapelyError, OverflowError, np.linalg.LinAlgError) as error:
        name = element.get("id")
        item = f"{kind} “{name}”" if name else f"{kind} number {reader.visits}"
        what = f"this shape cannot be read ({error})"
        raise FieldError(what, do="draw it again", file=reader.file, item=item) from error
    if kind in _GROUPS:
        for child in element:
            _visit(child, inner, reader)


def parse_svg(data: bytes, *, file: str) -> VectorDrawing:
    """The visible strokes and texts of an SVG document.

    Parameters
    ----------
    data
        The document.
    file
        Its name, for messages.

    Returns
    -------
    VectorDrawing
        In units of the viewBox, y up, origin at its bottom left. Hidden layers, the paper and its pattern are left out.
        The place of a text is the estimated middle of its words.

    Raises
    ------
    UnsafeFileError
        If it declares entities, nests or repeats itself without end, or has far too many strokes.
    UnreadableFileError
        If it is not SVG.
    FieldError
        If the page or a shape cannot be read; the message names the shape.
    """
    root = parse_xml(data, file=file, what="SVG")
    if local(root) != "svg":
        raise UnreadableFileError("this is not SVG", do="save the drawing as plain SVG", file=file)
    ids: dict[str, Element] = {}
    for element in root.iter():
        if element.get("id"):
            ids.setdefault(element.get("id", ""), element)
    reader = _Reader(file, StyleSheet(root), _box(root, file), ids)
    identity = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    try:
        place = _inner(root, _Place(identity, Paint()), reader, root=True)
    except ValueError as error:
        raise FieldError(f"the drawing's transform cannot be read ({error})", do="save it again", file=file) from error
    for child in root:
        _visit(child, place, reader)
    return VectorDrawing((reader.box[2], reader.box[3]), tuple(reader.strokes), tuple(reader.texts))


def read_svg(path: Path) -> VectorDrawing:
    """The visible strokes and texts of an SVG file; see ``parse_svg``.

    Raises
    ------
    UnsafeFileError, UnreadableFileError, FieldError
        As ``parse_svg``; also if the file is missing or larger than 32 MB.
    """
    return parse_svg(read_bytes(path, most=32 * MEGABYTE), file=path.name)
