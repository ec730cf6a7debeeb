"""Strokes of a vector drawing: those that are a thing by themselves, and loose ones to be read like ink."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely import make_valid
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from geoinv.facilities.trace_roles import is_marking, is_page_furniture
from geoinv.records.drawings import Stroke, VectorDrawing

__all__ = ["Thing", "draw_strokes", "drawn_already", "is_ribbon", "things_of", "walls_met"]

#: Strokes that may share one id and still be one thing drawn in pieces.
_MOST_PIECES = 12
#: A stroke that ends this near an outline was drawn onto it (share of the diagonal).
_MEETS = 0.008
#: And closes something if so many ends meet it.
_ENDS = 2
#: What overlaps an outline by so much, or runs along it for so much of its length, is that outline seen again.
_SAME, _ALONG = 0.5, 0.6
#: Ends this near each other, as a share of the outline's length, were meant to meet.
_NEAR = 0.06


@dataclass(frozen=True)
class Thing:
    """One drawn thing in drawing units, y up.

    Attributes
    ----------
    element
        Its id in the file, if it has one of its own.
    words
        Classes, id and title, in the order in which they name a role.
    certainty
        How sure the tracing is.
    """

    geometry: BaseGeometry
    element: str | None
    words: tuple[str, ...]
    certainty: float


def is_ribbon(stroke: Stroke, diagonal: float) -> bool:
    """Whether a filled outline is the trail of a broad pen rather than a shape.

    Parameters
    ----------
    stroke
        Any stroke.
    diagonal
        Of the page, in drawing units.
    """
    shape = stroke.geometry
    if not (stroke.filled and isinstance(shape, Polygon)) or stroke.width > 0:
        return False
    around, area = shape.exterior.length, shape.area
    width = 2 * area / max(around, 1e-12)
    return width < 0.0025 * diagonal or (width < 0.012 * diagonal and around**2 > 60 * area)


def _words(stroke: Stroke) -> tuple[str, ...]:
    return tuple(word for word in (*stroke.classes, stroke.element or "", stroke.title or "") if word)


def _chain(pieces: Sequence[LineString]) -> NDArray[np.float64] | None:
    """Points along pieces put end to end, if they go once around."""
    rest = [np.array(piece.coords)[:, :2] for piece in pieces]
    total = sum(piece.length for piece in pieces)
    path = rest.pop(0)
    while rest:
        gaps = [
            (float(np.hypot(*(path[-1] - other[side]))), index, side)
            for index, other in enumerate(rest)
            for side in (0, -1)
        ]
        gap, index, side = min(gaps)
        if gap > _NEAR * total:
            return None
        other = rest.pop(index)
        path = np.vstack([path, other if side == 0 else other[::-1]])
    return path if float(np.hypot(*(path[-1] - path[0]))) <= _NEAR * total else None


def _closed(pieces: Sequence[LineString]) -> Polygon | None:
    path = _chain(pieces)
    if path is None or len(path) < 4:
        return None
    made = make_valid(Polygon(path))
    parts = [part for part in getattr(made, "geoms", [made]) if isinstance(part, Polygon)]
    best = max(parts, key=lambda part: part.area, default=None)
    # Two edges of a road or the arms of a cross also meet, but enclose next to nothing.
    return best if best is not None and best.area > 0.012 * sum(piece.length for piece in pieces) ** 2 else None


def _of_group(strokes: list[Stroke], element: str | None) -> list[Thing]:
    """Things of strokes with one id: closed shapes each, open strokes together one outline or one line."""
    words = tuple(dict.fromkeys(word for stroke in strokes for word in _words(stroke)))
    closed = [stroke.geometry for stroke in strokes if stroke.closed and isinstance(stroke.geometry, Polygon)]
    shapes = [part for shape in closed for part in _sound(shape)]
    if shapes:
        # Windows, a roof's ridge and the like inside one group belong to the outline around them.
        return [Thing(_outlined(shape), element, words, 1.0) for shape in _outermost(shapes)]
    pieces = [LineString(s.geometry.exterior) if isinstance(s.geometry, Polygon) else s.geometry for s in strokes]
    lines = [piece for piece in pieces if isinstance(piece, LineString)]
    if not lines:
        return []
    if (ring := _closed(lines)) is not None:
        return [Thing(ring, element, words, 0.9)]
    return [Thing(lines[0] if len(lines) == 1 else MultiLineString(lines), element, words, 1.0)]


def _sound(shape: Polygon) -> list[Polygon]:
    """A shape as it is, or the parts of one that crosses itself, scraps left out."""
    if shape.is_valid:
        return [shape]
    made = make_valid(shape)
    parts = [part for part in getattr(made, "geoms", [made]) if isinstance(part, Polygon)]
    least = 0.02 * sum(part.area for part in parts)
    return [part for part in parts if part.area >= least > 0]


def _outlined(shape: Polygon) -> Polygon:
    return Polygon(shape.exterior)


def _outermost(shapes: list[Polygon]) -> list[Polygon]:
    ranked = sorted(shapes, key=lambda shape: -shape.area)
    kept: list[Polygon] = []
    for shape in ranked:
        if not any(Polygon(other.exterior).buffer(1e-9).contains(shape) for other in kept):
            kept.append(shape)
    return kept


def things_of(drawing: VectorDrawing) -> tuple[list[Thing], list[Stroke]]:
    """What stands by itself, and the loose strokes.

    Parameters
    ----------
    drawing
        Strokes with ids, classes and titles.

    Returns
    -------
    things
        One per id that few strokes share, and one per closed stroke without an id; in painting order.
    loose
        Strokes without an id of their own, and ribbons: to be read as ink. Lettering, hatching and the sheet's
        own furniture, where a layer is named so, are in neither.
    """
    diagonal = float(np.hypot(*drawing.page_size))
    count: dict[str, int] = defaultdict(int)
    for stroke in drawing.strokes:
        count[stroke.element or ""] += 1
    groups: dict[str, list[Stroke]] = {}
    loose: list[Stroke] = []
    for number, stroke in enumerate(drawing.strokes):
        words = _words(stroke)
        if is_marking(words) or is_page_furniture(words):
            continue
        own = bool(stroke.element) and count[stroke.element or ""] <= _MOST_PIECES
        if is_ribbon(stroke, diagonal) or not (own or stroke.closed):
            loose.append(stroke)
        else:
            groups.setdefault(stroke.element if own and stroke.element else f"\0{number}", []).append(stroke)
    things = [
        thing for key, strokes in groups.items() for thing in _of_group(strokes, None if key.startswith("\0") else key)
    ]
    return things, loose


def walls_met(things: Sequence[Thing], loose: Sequence[Stroke], page_size: tuple[float, float]) -> list[Stroke]:
    """Outlines of things that loose strokes were drawn onto: they close what those strokes leave open.

    Parameters
    ----------
    things, loose
        As from ``things_of``.
    page_size
        Width and height in drawing units.
    """
    reach = _MEETS * float(np.hypot(*page_size))
    ends = [Point(at) for one in loose if isinstance(one.geometry, LineString)
            for at in (one.geometry.coords[0], one.geometry.coords[-1])]  # fmt: skip
    tree = STRtree(ends)
    shapes = [thing.geometry for thing in things if isinstance(thing.geometry, Polygon)]
    return [Stroke(shape, True, False, 0.0) for shape in shapes
            if len(tree.query(shape.exterior, predicate="dwithin", distance=reach)) >= _ENDS]  # fmt: skip


def drawn_already(found: BaseGeometry, walls: Sequence[Stroke]) -> bool:
    """Whether what was read from ink is one of the outlines that were drawn with it, or a stretch of one.

    Parameters
    ----------
    found
        A shape or line, drawing units.
    walls
        As from ``walls_met``.
    """
    for wall in walls:
        shape = wall.geometry
        if isinstance(found, Polygon) and isinstance(shape, Polygon):
            shared = found.intersection(shape).area
            if shared > _SAME * (found.area + shape.area - shared):
                return True
        elif isinstance(shape, Polygon):
            beside = shape.exterior.buffer(0.02 * float(np.sqrt(shape.area)))
            if found.intersection(beside).length > _ALONG * found.length:
                return True
    return False


def draw_strokes(strokes: Iterable[Stroke], page_size: tuple[float, float], side: int) -> NDArray[np.bool_]:
    """Strokes as ink on a flat sheet.

    Parameters
    ----------
    strokes
        In drawing units, y up.
    page_size
        Width and height in drawing units.
    side
        The sheet's longer side in pixels.

    Returns
    -------
    array (height, width) of bool
        Open strokes three pixels wide, ribbons filled; row 0 is the top.
    """
    scale = side / max(page_size)
    width, height = max(16, round(page_size[0] * scale)), max(16, round(page_size[1] * scale))
    canvas = np.zeros((height, width), dtype=np.uint8)
    for stroke in strokes:
        shape = stroke.geometry
        ring = shape.exterior if isinstance(shape, Polygon) else shape
        points = np.array(ring.coords)[:, :2] * scale
        pixels = (
            np.column_stack([points[:, 0], height - points[:, 1]]).clip(-4 * side, 4 * side).round().astype(np.int32)
        )
        if isinstance(shape, Polygon) and stroke.filled:
            cv2.fillPoly(canvas, [pixels], 1)
        cv2.polylines(canvas, [pixels], isinstance(shape, Polygon), 1, 3)
    return canvas.astype(bool)
