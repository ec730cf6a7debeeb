"""Shapes and lines of a sheet's ink: every candidate judged by what was learned, and those kept that agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely import make_valid, union_all
from shapely.geometry import LineString, Polygon
from shapely.strtree import STRtree

from geoinv.facilities.trace_evidence import shape_signs
from geoinv.facilities.trace_faces import Candidate, Partition, candidates_of, partition_of
from geoinv.facilities.trace_gaps import Bridge, drawn_bridges
from geoinv.facilities.trace_ink import Ink
from geoinv.facilities.trace_line_signs import line_signs
from geoinv.facilities.trace_lines import lines_of
from geoinv.facilities.trace_strokes import Strokes, strokes_of, thin
from geoinv.facilities.trace_trees import load_trees

__all__ = [
    "Found",
    "Reading",
    "agreed",
    "found_in",
    "outline_of",
    "read_ink",
    "reading_of",
    "shapes_in",
    "squared",
    "undrawn_lines",
]

Mask = NDArray[np.bool_]
Array = NDArray[np.float64]

#: Below this certainty a candidate is not even shown as doubtful.
_DOUBTFUL = 0.2
#: Two candidates are one thing from this overlap on; else one must lie within the other.
_SAME, _WITHIN, _APART = 0.55, 0.85, 0.12
#: Lines within a shape that has less than this share of the sheet are its details: hatching, steps, a word.
_DETAIL = 0.03
#: A rectangle may stray from the outline it stands for by this share of the diagonal.
_STRAYS = 0.011


@dataclass(frozen=True)
class Reading:
    """A sheet's strokes, what they enclose, and the signs of every candidate."""

    ink: Ink
    strokes: Strokes
    partition: Partition
    bridges: list[Bridge]
    candidates: list[Candidate]
    signs: Array


def reading_of(ink: Ink) -> Reading:
    """Everything that may be a shape.

    Parameters
    ----------
    ink
        As from ``ink_of``.
    """
    strokes = strokes_of(ink.mask)
    partition, bridges = partition_of(strokes)
    candidates = candidates_of(partition, bridges, strokes, ink.mask)
    signs = shape_signs(candidates, partition, strokes, ink.mask, ink.dark) if candidates else np.zeros((0, 0))
    return Reading(ink, strokes, partition, bridges, candidates, signs)


def outline_of(contour: NDArray[np.int32], diagonal: float) -> Polygon | None:
    """A contour as a valid polygon without its pixels' steps.

    Parameters
    ----------
    contour
        Shape (n, 2).
    diagonal
        Of the sheet, in pixels.
    """
    if len(contour) < 4:
        return None
    made = make_valid(Polygon(contour + 0.5).simplify(0.0016 * diagonal))
    parts = [part for part in getattr(made, "geoms", [made]) if isinstance(part, Polygon)]
    return Polygon(max(parts, key=lambda part: part.area).exterior) if parts else None


def agreed(outlines: Sequence[Polygon], score: Array, least: float) -> list[int]:
    """Indexes of what can stand together, best first: things lie apart or one within the other.

    Parameters
    ----------
    outlines
        Candidates.
    score
        What is higher is kept first.
    least
        What is lower is not kept.
    """
    tree = STRtree(list(outlines))
    kept: list[int] = []
    held: set[int] = set()
    for index in np.argsort(-score, kind="stable").tolist():
        if score[index] < least:
            break
        near = [other for other in tree.query(outlines[index]).tolist() if other in held]
        if all(_together(outlines[index], outlines[other]) for other in sorted(near)):
            kept.append(index)
            held.add(index)
    return kept


def _together(a: Polygon, b: Polygon) -> bool:
    shared = a.intersection(b).area
    small, large = sorted((a.area, b.area))
    if shared < _APART * small:
        return True
    return bool(shared > _WITHIN * small and shared / (small + large - shared) < _SAME)


def squared(outline: Polygon) -> Polygon:
    """A near-rectangle as a rectangle of the same area, middle and direction; any other shape as it is.

    Parameters
    ----------
    outline
        In any plane units.
    """
    around = outline.minimum_rotated_rectangle
    if not isinstance(around, Polygon) or around.area <= 0 or outline.area < 0.88 * around.area:
        return outline
    corners = np.array(around.exterior.coords[:4])
    middle = np.array(outline.centroid.coords[0])
    scaled = (corners - corners.mean(axis=0)) * np.sqrt(outline.area / around.area) + middle
    made = Polygon(scaled)
    # Only where the hand meant one: a rounded or slanted shape keeps its form.
    return made if made.intersection(outline).area > 0.93 * made.union(outline).area else outline


def undrawn_lines(reading: Reading, outlines: Sequence[Polygon]) -> Mask:
    """Centre lines that outline no shape, sure bridges included.

    Parameters
    ----------
    reading
        The sheet.
    outlines
        Shapes kept.
    """
    shape = reading.ink.mask.shape
    cover = np.zeros(shape, dtype=np.uint8)
    for outline in outlines:
        ring = np.array(outline.exterior.coords).round().astype(np.int32)
        cv2.polylines(cover, [ring], True, 1, max(9, round(0.006 * max(shape))))
    lines = reading.strokes.lines | drawn_bridges(reading.bridges, (shape[0], shape[1]), 0.5)
    # A bridge that runs along the end of its stroke would make it two pixels broad, and a branching of every pixel.
    return thin(lines & ~cover.astype(bool))


@dataclass(frozen=True)
class Found:
    """What a sheet's ink came to, in pixels of the flat sheet, y down: shapes and lines with certainty, and writing."""

    shapes: list[tuple[Polygon, float]]
    lines: list[tuple[LineString, float]]
    letters: Mask


def read_ink(ink: Ink) -> Found:
    """Shapes, lines and writing.

    Parameters
    ----------
    ink
        As from ``ink_of``.
    """
    return found_in(reading_of(ink))


def shapes_in(reading: Reading) -> list[tuple[Polygon, float]]:
    """Shapes of a sheet that is read, each with its certainty, surest first.

    Parameters
    ----------
    reading
        As from ``reading_of``.
    """
    if not reading.candidates:
        return []
    diagonal = float(np.hypot(*reading.ink.mask.shape))
    certainty = load_trees("shapes").certainty(reading.signs)
    made = [outline_of(one.contour, diagonal) for one in reading.candidates]
    good = [i for i, outline in enumerate(made) if outline is not None and certainty[i] >= _DOUBTFUL]
    outlines = [outline for i in good if (outline := made[i]) is not None]
    # Ties in certainty are settled by the trees' own sum.
    score = certainty[good] + 1e-4 * np.tanh(load_trees("shapes").log_odds(reading.signs)[good])
    shapes = []
    for k in agreed(outlines, score, _DOUBTFUL):
        # What is large shows its true corners: a wall's ring is seldom meant as a rectangle.
        box = squared(outlines[k])
        near = box.hausdorff_distance(outlines[k]) < _STRAYS * diagonal
        shapes.append((box if near else outlines[k], round(float(certainty[good[k]]), 3)))
    return shapes


def found_in(reading: Reading) -> Found:
    """Shapes, lines and writing of a sheet that is read.

    Parameters
    ----------
    reading
        As from ``reading_of``.
    """
    shapes = shapes_in(reading)
    sure = [outline for outline, value in shapes if value >= 0.5]
    ink = reading.ink
    found = lines_of(undrawn_lines(reading, sure), reading.strokes.pen)
    if not found:
        return Found(shapes, [], reading.strokes.letters)
    value = load_trees("lines").certainty(line_signs(found, sure, reading.strokes, ink))
    small = union_all([outline for outline in sure if outline.area < _DETAIL * ink.mask.size])
    value = np.where([line.intersection(small).length > 0.9 * line.length for line in found], 0.0, value)
    lines = [(line, round(float(v), 3)) for line, v in zip(found, value, strict=True) if v >= _DOUBTFUL]
    return Found(shapes, lines, reading.strokes.letters)
