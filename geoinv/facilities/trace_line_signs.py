"""What speaks for a line being a wall, a road or a path rather than writing, hatching, a measure or an arrow."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely import prepare, union_all
from shapely.geometry import LineString, Point, Polygon
from shapely.strtree import STRtree

from geoinv.facilities.trace_ink import Ink
from geoinv.facilities.trace_lines import side_by_side
from geoinv.facilities.trace_strokes import Strokes

__all__ = ["LINE_SIGNS", "line_signs"]

Mask = NDArray[np.bool_]
Array = NDArray[np.float64]

#: Names of the signs, in the order in which ``line_signs`` gives them.
LINE_SIGNS: tuple[str, ...] = (
    "length", "reach", "bends", "drawn", "pen", "pen_spread", "dark", "dark_least", "letters_near", "within_shapes",
    "by_shapes", "to_edge", "lines", "others_near", "ink_near", "longest_straight", "shapes",
    "head", "other_head", "level_with_side", "within_plain", "amid_shapes", "shared_walls", "near_end", "far_end",
    "side_by_side",
)  # fmt: skip
#: An arrow's head is looked for so near an end, and what is as far again must be empty (shares of the diagonal).
_HEAD = 0.012
#: A measure's line runs so near the side that it measures, and its ends are compared up to so far (same shares).
_MEASURE, _FAR = 0.05, 0.1
#: Walls are shared where outlines run so near one another (same share).
_SHARED = 0.008


def _along(line: LineString, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Pixels along a line, every third one."""
    steps = np.linspace(0, line.length, max(4, int(line.length / 3)))
    places = np.array([line.interpolate(step).coords[0] for step in steps])
    return np.asarray(places.round().clip(0, np.array([shape[1] - 1, shape[0] - 1])), np.int64)


def line_signs(
    lines: Sequence[LineString], outlines: Sequence[Polygon], strokes: Strokes, ink: Ink
) -> NDArray[np.float64]:
    """Signs for and against every line.

    Parameters
    ----------
    lines
        As from ``lines_of``.
    outlines
        Shapes kept on the same sheet.
    strokes, ink
        What they were made from.

    Returns
    -------
    array (lines, signs)
        In the order of ``LINE_SIGNS``.
    """
    shape = ink.mask.shape
    diagonal = float(np.hypot(*shape))
    dark = cv2.dilate(ink.dark, np.ones((7, 7), np.uint8))
    usual = max(1e-3, float(np.median(dark[strokes.lines])) if strokes.lines.any() else 1e-3)
    spread = round(0.025 * diagonal) | 1
    letters = cv2.blur(strokes.letters.astype(np.float32), (spread, spread))
    inky = cv2.blur(strokes.lines.astype(np.float32), (spread, spread)) * spread
    near = cv2.dilate(strokes.lines.astype(np.uint8), np.ones((5, 5), np.uint8))
    inside = union_all([o.buffer(-0.004 * diagonal) for o in outlines]) if outlines else Polygon()
    rings = union_all([o.exterior.buffer(0.012 * diagonal) for o in outlines]) if outlines else Polygon()
    prepare(inside)
    plain = union_all([o.buffer(-0.004 * diagonal) for o in _plain(outlines)]) if outlines else Polygon()
    amid = union_all(list(outlines)).convex_hull.buffer(0.012 * diagonal) if outlines else Polygon()
    shared = _shared(outlines, _SHARED * diagonal)
    stroked = strokes.lines.astype(np.uint8)
    paired = side_by_side(lines, diagonal)
    tree = STRtree([*lines, *(outline.exterior for outline in outlines)])
    middles = np.array([line.interpolate(0.5, normalized=True).coords[0] for line in lines])
    lengths = np.array([line.length for line in lines])
    out = np.zeros((len(lines), len(LINE_SIGNS)))
    for index, line in enumerate(lines):
        x, y = _along(line, shape).T
        points = np.array(line.coords)
        sides = np.hypot(*np.diff(points, axis=0).T)
        width, d = strokes.width[y, x], dark[y, x] / usual
        beside = np.hypot(*(middles - middles[index]).T) < 0.5 * line.length + 0.03 * diagonal
        edge = min(x.min(), y.min(), shape[1] - 1 - x.max(), shape[0] - 1 - y.max()) / diagonal
        out[index] = [
            np.log(line.length / diagonal), np.hypot(*np.ptp(points, axis=0)) / line.length,
            (len(points) - 2) / (line.length / (0.02 * diagonal)), near[y, x].mean(), np.median(width) / strokes.pen,
            width.std() / strokes.pen, np.median(d), np.percentile(d, 10), letters[y, x].mean(),
            line.intersection(inside).length / line.length, line.intersection(rings).length / line.length, edge,
            np.log1p(len(lines)), float((lengths[beside] < 0.5 * line.length).sum()), inky[y, x].mean(),
            sides.max() / line.length, np.log1p(len(outlines)),
            *_heads(line, stroked, strokes.pen, diagonal), _level(line, outlines, diagonal),
            line.intersection(plain).length / line.length, line.intersection(amid).length / line.length, shared,
            *_ends(line, index, tree, diagonal), paired[index],
        ]  # fmt: skip
    return out


def _plain(outlines: Sequence[Polygon]) -> list[Polygon]:
    """Outlines that hold no other: houses and rooms, not what goes round them."""
    tree = STRtree(list(outlines))
    return [one for at, one in enumerate(outlines)
            if not any(other != at for other in tree.query(one, predicate="contains").tolist())]  # fmt: skip


def _shared(outlines: Sequence[Polygon], reach: float) -> float:
    """Share of all outlines that runs along another's: rooms share their walls, houses do not."""
    tree = STRtree(list(outlines))
    along = total = 0.0
    for at, one in enumerate(outlines):
        total += one.exterior.length
        others = [outlines[k].exterior for k in tree.query(one.buffer(reach)).tolist() if k != at]
        if others:
            along += one.exterior.intersection(union_all([other.buffer(reach) for other in others])).length
    return along / total if total else 0.0


def _heads(line: LineString, stroked: NDArray[np.uint8], pen: float, diagonal: float) -> list[float]:
    """How much ink there is about either end that is not the line's own and leads no further; more of it first."""
    reach = _HEAD * diagonal
    wide = round(2 * reach) + 2
    found = []
    for column, row in (line.coords[0], line.coords[-1]):
        x0, y0 = round(column) - wide, round(row) - wide
        left, top = max(0, -x0), max(0, -y0)
        part = stroked[max(0, y0) : y0 + 2 * wide, max(0, x0) : x0 + 2 * wide].copy()
        own = (np.array(line.coords) - (x0 + left, y0 + top)).round().astype(np.int32)
        cv2.polylines(part, [own], False, 0, max(3, round(1.6 * pen)))
        rows, columns = np.nonzero(part)
        away = np.hypot(columns + x0 + left - column, rows + y0 + top - row)
        found.append((float((away < reach).sum()) - float(((away >= reach) & (away < 2 * reach)).sum())) / reach)
    return [float(np.clip(v, -4, 4)) for v in sorted(found, reverse=True)]


def _level(line: LineString, outlines: Sequence[Polygon], diagonal: float) -> float:
    """How far the ends of a straight line are from level with those of a thing beside it: nought for its measure."""
    ends = np.array([line.coords[0], line.coords[-1]])
    step = ends[1] - ends[0]
    length = float(np.hypot(*step))
    if length < 0.9 * line.length or not outlines:
        return _FAR
    along = step / length
    across = np.array([-along[1], along[0]])
    best = _FAR
    hull = union_all(list(outlines)).convex_hull
    for outline in (*outlines, *([hull] if isinstance(hull, Polygon) else [])):
        if outline.distance(line) > _MEASURE * diagonal or outline.intersection(line).length > 0.2 * length:
            continue
        points = np.array(outline.exterior.coords) - ends[0]
        at, off = points @ along, points @ across
        if off.min() < -0.01 * diagonal and off.max() > 0.01 * diagonal:
            continue
        best = min(best, float(max(abs(at.min()), abs(at.max() - length))) / diagonal)
    return best


def _ends(line: LineString, index: int, tree: STRtree, diagonal: float) -> list[float]:
    """How far either end is from the nearest other line or outline, the nearer first, up to a tenth."""
    out = []
    for end in (Point(line.coords[0]), Point(line.coords[-1])):
        around = tree.query(end, predicate="dwithin", distance=_FAR * diagonal).tolist()
        others = [tree.geometries[which].distance(end) for which in around if which != index]
        out.append(min(others, default=_FAR * diagonal) / diagonal)
    return sorted(out)
