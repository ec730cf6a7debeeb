"""Evidence: what tells a drawn shape from the space between things, letters, hatching's strips and crossings-out."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.trace_faces import Candidate, Partition
from geoinv.facilities.trace_strokes import Strokes, neighbours

__all__ = ["SHAPE_SIGNS", "shape_signs"]

Mask = NDArray[np.bool_]
Array = NDArray[np.float64]

#: Names of the signs, in the order in which ``shape_signs`` gives them.
SHAPE_SIGNS: tuple[str, ...] = (
    "size", "slender", "solid", "boxy", "round", "corners", "ragged",
    "drawn", "longest_gap", "bridged", "pen", "pen_spread", "dark", "dark_least",
    "ink_within", "lines_within", "lines_attached", "letters_within", "longest_within", "straight_within",
    "lines_without", "ways_out", "letters_around", "to_edge", "pieces", "inner_strength",
    "one_face", "dense", "figure", "within_others", "others_within", "filled_by_others", "rank", "sides_parallel",
    "crossings_within", "faces", "corner_reach",
)  # fmt: skip


class _Pictures:
    """What is looked up for every candidate, made once a sheet."""

    def __init__(self, partition: Partition, strokes: Strokes, ink: Mask, dark: NDArray[np.float32]) -> None:
        self.shape = ink.shape
        self.diagonal = float(np.hypot(*ink.shape))
        self.partition, self.strokes, self.ink = partition, strokes, ink
        self.near = cv2.dilate(strokes.lines.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
        self.inky = cv2.dilate((ink & ~strokes.letters).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        self.bridged = cv2.dilate(partition.bridged.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
        self.dark = cv2.dilate(dark, np.ones((7, 7), np.uint8))
        self.usual = max(1e-3, float(np.median(self.dark[strokes.lines])) if strokes.lines.any() else 1e-3)
        self.crossings = strokes.lines & (neighbours(strokes.lines) > 2)


def _geometry(contour: NDArray[np.int32], diagonal: float) -> list[float]:
    area, around = float(cv2.contourArea(contour)), float(cv2.arcLength(contour, True))
    hull = max(1.0, float(cv2.contourArea(cv2.convexHull(contour))))
    (_, (w, h), _) = cv2.minAreaRect(contour)
    corners = cv2.approxPolyDP(contour, 0.03 * np.sqrt(max(area, 1.0)) + 2, True)
    fine = cv2.approxPolyDP(contour, 0.01 * np.sqrt(max(area, 1.0)) + 2, True)
    return [np.log(area / diagonal**2), np.log(max(w, h, 1.0) / max(1.0, min(w, h))), area / hull,
            area / max(1.0, w * h), 4 * np.pi * area / max(1.0, around**2), float(min(30, len(corners))),
            float(min(40, len(fine)) - min(30, len(corners)))]  # fmt: skip


def _parallel(contour: NDArray[np.int32], area: float) -> float:
    """Share of the outline that runs along its own main direction or across it."""
    points = cv2.approxPolyDP(contour, 0.03 * np.sqrt(max(area, 1.0)) + 2, True)[:, 0].astype(float)
    steps = np.roll(points, -1, axis=0) - points
    length = np.hypot(*steps.T)
    turn = np.exp(4j * np.arctan2(steps[:, 1], steps[:, 0]))
    return float(abs((length * turn).sum()) / max(1.0, length.sum()))


def _longest_run(missing: Mask) -> float:
    """Longest stretch of a ring that is missing, as a share of it."""
    if missing.all():
        return 1.0
    if not missing.any():
        return 0.0
    rolled = np.roll(missing, -int(np.argmin(missing)))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], rolled.astype(np.int8), [0]])))
    return float((edges[1::2] - edges[::2]).max() / len(missing))


def _outline_signs(contour: NDArray[np.int32], p: _Pictures) -> list[float]:
    x, y = contour[:, 0], contour[:, 1]
    drawn = p.near[y, x] | p.inky[y, x]
    width, dark = p.strokes.width[y, x], p.dark[y, x] / p.usual
    inked = drawn & (width > 0)
    w = width[inked] if inked.any() else np.array([0.0])
    d = dark[drawn] if drawn.any() else np.array([0.0])
    gaps = [float(drawn.mean()), _longest_run(~drawn), float(p.bridged[y, x].mean())]
    pen = [float(np.median(w)) / p.strokes.pen, float(w.std()) / p.strokes.pen]
    return [*gaps, *pen, float(np.median(d)), float(np.percentile(d, 10))]


def _around_signs(contour: NDArray[np.int32], area: float, p: _Pictures) -> list[float]:
    """What lies within, and what leads away."""
    margin = max(6, round(0.012 * p.diagonal))
    x0, y0 = np.maximum(contour.min(axis=0) - margin, 0)
    x1, y1 = np.minimum(contour.max(axis=0) + margin + 1, np.array(p.shape[::-1]))
    window = (slice(int(y0), int(y1)), slice(int(x0), int(x1)))
    mask = np.zeros((int(y1 - y0) + 2, int(x1 - x0) + 2), np.uint8)
    cv2.fillPoly(mask, [contour - np.array([x0 - 1, y0 - 1], np.int32)], 1)
    reach = max(3, round(0.6 * p.strokes.pen + 3))
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3)[1:-1, 1:-1]
    away = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 3)[1:-1, 1:-1]
    within = depth > reach
    beyond = (away > reach) & (away <= margin)
    lines, letters = p.strokes.lines[window], p.strokes.letters[window]
    size = np.sqrt(max(area, 1.0))
    inner = lines & within
    chain = p.partition.chains
    rows, columns = np.nonzero(inner)
    ids = chain.ids[window][rows, columns]
    here = np.unique(ids[ids > 0])
    touching = np.unique(ids[(depth[rows, columns] <= reach + 3) & (ids > 0)])
    attached = float(np.isin(ids, touching).sum()) / size
    longest = straight = 0.0
    if len(here):
        best = here[int(np.argmax(chain.length[here]))]
        longest, straight = float(chain.length[best]) / size, float(chain.straight[best])
    # Strokes that leave the outline: which chains the band outside it meets.
    outer = lines & beyond
    crossings = len(np.unique(chain.ids[window][outer]))
    room = max(1.0, float(within.sum()))
    return [float((p.ink[window] & within).sum()) / room, float(inner.sum()) / size, attached,
            float((letters & within).sum()) / room, longest, straight, float(outer.sum()) / size,
            float(min(crossings, 20)),
            float((letters & beyond).sum()) / max(1.0, float(beyond.sum())),
            float((p.crossings[window] & within).sum()) / 4.0]  # fmt: skip


def _company(candidates: Sequence[Candidate], areas: Array) -> Array:
    """Per candidate: how many larger ones hold its middle, how many of the plain faces lie within it, their share."""
    boxes = np.array([[*c.contour.min(axis=0), *c.contour.max(axis=0)] for c in candidates], dtype=float)
    middle = np.array([c.contour.mean(axis=0) for c in candidates])
    plain = np.array([c.way == 0 for c in candidates])
    out = np.zeros((len(candidates), 3))
    for index in range(len(candidates)):
        x0, y0, x1, y1 = boxes[index]
        box = np.array([x0, y0, x1, y1])
        low, high = boxes[:, :2], boxes[:, 2:]
        held = plain & (low >= box[:2] - 6).all(axis=1) & (high <= box[2:] + 6).all(axis=1) & (
            areas < 0.9 * areas[index])  # fmt: skip
        around = plain & (low <= middle[index]).all(axis=1) & (high >= middle[index]).all(axis=1) & (
            areas > 1.3 * areas[index])  # fmt: skip
        out[index] = (min(10, int(around.sum())), min(30, int(held.sum())),
                      min(1.5, float(areas[held].sum()) / max(1.0, areas[index])))  # fmt: skip
    return out


def shape_signs(
    candidates: Sequence[Candidate], partition: Partition, strokes: Strokes, ink: Mask, dark: NDArray[np.float32]
) -> Array:
    """Signs for and against every candidate.

    Parameters
    ----------
    candidates
        As from ``candidates_of``.
    partition, strokes, ink
        What they were made from.
    dark
        How much darker than the paper each pixel is, 0–1.

    Returns
    -------
    array (candidates, signs)
        In the order of ``SHAPE_SIGNS``.
    """
    p = _Pictures(partition, strokes, ink, dark)
    areas = np.array([float(cv2.contourArea(c.contour)) for c in candidates])
    company = _company(candidates, areas)
    good = np.array([c.way == 0 for c in candidates]) & (areas < 0.1 * ink.size)
    usual = float(np.median(np.log(areas[good]))) if good.any() else float(np.log(0.003 * ink.size))
    faces = np.log1p(float((~partition.outside).sum()))
    out = np.zeros((len(candidates), len(SHAPE_SIGNS)))
    for index, c in enumerate(candidates):
        low, high = c.contour.min(axis=0), c.contour.max(axis=0)
        edge = min(*low, *(np.array(p.shape[::-1]) - high)) / p.diagonal
        around = _around_signs(c.contour, areas[index], p)
        out[index] = [
            *_geometry(c.contour, p.diagonal), *_outline_signs(c.contour, p), *around[:9], edge,
            min(c.pieces, 30), c.inner,
            c.way == 0, c.way == 3, c.way == 4, *company[index], np.log(max(areas[index], 1.0)) - usual,
            _parallel(c.contour, areas[index]), around[9], faces, float((high - low).max()) / p.diagonal,
        ]  # fmt: skip
    return out
