"""Faces: what strokes enclose, and every way in which neighbouring faces may together be one drawn shape."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.trace_gaps import Bridge, bridges_of, drawn_bridges
from geoinv.facilities.trace_strokes import Chains, Strokes, chains_of

__all__ = ["LEAST", "Candidate", "Partition", "candidates_of", "partition_of"]

Mask = NDArray[np.bool_]
Array = NDArray[np.float64]
Contour = NDArray[np.int32]

#: Shares of the sheet's area that a shape can have, and several faces together.
LEAST, _MOST, _MOST_JOINED = 0.0004, 0.85, 0.22
#: Half a strip between hatching strokes is no wider than this share of the diagonal.
_STRIP = 0.0065
#: Hatching's strokes lie no further apart than these shares of the diagonal.
_CLOSINGS = (0.0028, 0.0055, 0.009)
#: Candidates tried a sheet: what is beyond is scraps of scribble.
_MOST_CANDIDATES = 900


@dataclass(frozen=True)
class Partition:
    """A sheet cut up by its strokes and bridges.

    Attributes
    ----------
    labels
        Per pixel the face's number; 0 on lines.
    boxes, area, depth, outside
        Per face: left, top, width, height; pixels; largest distance from its border; whether it meets the sheet's edge.
    chains
        Of strokes and bridges together.
    bridged
        Pixels of bridges that no stroke covers.
    borders
        Pairs of faces with the chains between them: ``{chain: pixels}``.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int64]
    area: Array
    depth: Array
    outside: Mask
    chains: Chains
    bridged: Mask
    borders: dict[tuple[int, int], dict[int, int]]


@dataclass(frozen=True)
class Candidate:
    """A region that may be a drawn shape.

    Attributes
    ----------
    contour
        Outline, shape (n, 2): column, row.
    pieces
        How many faces it is made of; 0 where it was made from dense ink.
    inner
        Mean strength of what divides its faces, 0–1 (0 if nothing does).
    way
        0 one face, 1 several by weakness of what divides them, 2 two neighbours, 3 dense ink, 4 a whole figure.
    """

    contour: Contour
    pieces: int
    inner: float
    way: int


def partition_of(strokes: Strokes) -> tuple[Partition, list[Bridge]]:
    """What strokes enclose once every bridge is drawn.

    Parameters
    ----------
    strokes
        Centre lines without lettering.
    """
    bridges = bridges_of(strokes.lines)
    bridged = drawn_bridges(bridges, strokes.lines.shape) & ~strokes.lines
    joined = strokes.lines | bridged
    chains = chains_of(joined, strokes.width)
    count, parts, figures, _ = cv2.connectedComponentsWithStats((~joined).astype(np.uint8), connectivity=4)
    labels, stats = np.asarray(parts, np.int32), np.asarray(figures, np.int64)
    # The lines themselves are component 0 of the negative.
    outside = np.zeros(count, dtype=bool)
    outside[np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))] = True
    distance = cv2.distanceTransform((labels > 0).astype(np.uint8), cv2.DIST_L2, 5)
    depth = np.zeros(count)
    np.maximum.at(depth, labels.ravel(), distance.ravel())
    return Partition(labels, stats[:, :4], stats[:, 4].astype(float), depth, outside, chains, bridged,
                     _borders(labels, chains.ids)), bridges  # fmt: skip


def _borders(labels: NDArray[np.int32], ids: NDArray[np.int32]) -> dict[tuple[int, int], dict[int, int]]:
    """Which faces lie on either side of which chain, and along how many pixels."""
    rows, columns = np.nonzero(ids[1:-1, 1:-1])
    rows, columns = rows + 1, columns + 1
    which = ids[rows, columns]
    found = []
    for a, b in (((0, -1), (0, 1)), ((-1, 0), (1, 0)), ((-1, -1), (1, 1)), ((-1, 1), (1, -1))):
        one, two = labels[rows + a[0], columns + a[1]], labels[rows + b[0], columns + b[1]]
        apart = (one != two) & (one > 0) & (two > 0)
        low, high = np.minimum(one, two)[apart], np.maximum(one, two)[apart]
        found.append(np.column_stack([low, high, which[apart]]))
    table, times = np.unique(np.concatenate(found), axis=0, return_counts=True)
    out: dict[tuple[int, int], dict[int, int]] = {}
    for (low, high, chain), n in zip(table.tolist(), times.tolist(), strict=True):
        out.setdefault((low, high), {})[chain] = n
    return out


def _strengths(partition: Partition, diagonal: float) -> Array:
    """How much a chain looks like a side that somebody drew: long, straight, in ink."""
    chains = partition.chains
    size = len(chains.length)
    bridge = np.bincount(chains.ids.ravel(), weights=partition.bridged.ravel(), minlength=size)
    inked = 1 - bridge / np.maximum(chains.length, 1)
    long = np.clip(chains.length / (0.025 * diagonal), 0.15, 1.0)
    return np.asarray((0.15 + 0.85 * inked) * (0.25 + 0.75 * chains.straight.clip(0, 1) ** 2) * (0.3 + 0.7 * long))


class _Merging:
    """Faces put together step by step, always across what divides them least."""

    def __init__(self, partition: Partition, strength: Array, diagonal: float) -> None:
        self.partition, self.strip = partition, _STRIP * diagonal
        self.members: dict[int, tuple[int, ...]] = {}
        self.around: dict[int, dict[int, tuple[float, float]]] = {}
        self.inner: dict[int, tuple[float, float]] = {}
        self.narrow: dict[int, bool] = {}
        for face in range(1, len(partition.area)):
            if not partition.outside[face] and partition.area[face] < _MOST * partition.labels.size:
                self.members[face] = (face,)
                self.around[face], self.inner[face] = {}, (0.0, 0.0)
                self.narrow[face] = bool(partition.depth[face] < self.strip)
        for (a, b), shared in partition.borders.items():
            if a in self.members and b in self.members:
                pixels = float(sum(shared.values()))
                weight = sum(n * float(strength[chain]) for chain, n in shared.items())
                self.around[a][b] = self.around[b][a] = (weight, pixels)

    def weakness(self, a: int, b: int) -> float:
        weight, pixels = self.around[a][b]
        value = weight / max(pixels, 1.0)
        return value * (0.2 if self.narrow[a] and self.narrow[b] else 0.6 if self.narrow[a] or self.narrow[b] else 1.0)

    def steps(self) -> Iterator[int]:
        """Numbers of the regions made, one a step."""
        heap = [(self.weakness(a, b), a, b) for a in self.around for b in self.around[a] if a < b]
        heapq.heapify(heap)
        number = len(self.partition.area)
        while heap:
            _, a, b = heapq.heappop(heap)
            if a not in self.around or b not in self.around:
                continue
            weight, pixels = self.around[a].pop(b)
            self.around[b].pop(a)
            self.members[number] = self.members[a] + self.members[b]
            self.inner[number] = (self.inner[a][0] + self.inner[b][0] + weight,
                                  self.inner[a][1] + self.inner[b][1] + pixels)  # fmt: skip
            # Strips stay hatching however many lie side by side.
            self.narrow[number] = self.narrow[a] and self.narrow[b]
            self.around[number] = {}
            for old in (a, b):
                for other, (w, p) in self.around.pop(old).items():
                    had = self.around[number].get(other, (0.0, 0.0))
                    self.around[number][other] = self.around[other][number] = (had[0] + w, had[1] + p)
                    self.around[other].pop(old, None)
            for other in self.around[number]:
                heapq.heappush(heap, (self.weakness(number, other), other, number))
            yield number
            number += 1


def _cleaned(mask: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """A region without the thin bays that overshooting strokes and touching letters cut into it or add to it."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    padded = cv2.copyMakeBorder(mask, size, size, size, size, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    return cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel)[size:-size, size:-size].astype(np.uint8)


def _outer(mask: NDArray[np.uint8], x: int, y: int) -> Contour | None:
    """Outline of the largest part of a mask that lies at x, y."""
    found = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(x, y))[0]
    return np.asarray(max(found, key=cv2.contourArea)[:, 0], dtype=np.int32) if found else None


def _contour(partition: Partition, members: tuple[int, ...], size: int) -> Contour | None:
    """Outline of faces together, the lines between them included."""
    boxes = partition.boxes[list(members)]
    x0, y0 = (int(v) for v in boxes[:, :2].min(axis=0))
    x1, y1 = (int(v) for v in (boxes[:, :2] + boxes[:, 2:]).max(axis=0))
    chosen = np.zeros(len(partition.area), dtype=np.uint8)
    chosen[list(members)] = 1
    mask = chosen[partition.labels[y0:y1, x0:x1]]
    if len(members) > 1:
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)).astype(np.uint8)
    return _outer(_cleaned(mask, size), x0, y0)


def _dense(ink: Mask, pen: float, diagonal: float, least: float) -> Iterator[Contour]:
    """Outlines of dense ink: hatched, scribbled and filled shapes."""
    # At half the size: dense ink is coarse, and broad kernels are slow.
    half = cv2.resize(ink.astype(np.uint8), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for share in _CLOSINGS:
        r = max(2, round(share * diagonal / 2))
        closed = np.asarray(cv2.morphologyEx(half, cv2.MORPH_CLOSE, np.ones((r, r), np.uint8)), np.uint8)
        inner = cv2.distanceTransform(closed, cv2.DIST_L2, 3)
        core = (inner > 0.5 * pen + 0.25 * r).astype(np.uint8)
        # Opened, then drawn in by half a pen: the outline is the pen's middle, not its outer edge.
        solid = (cv2.distanceTransform(1 - core, cv2.DIST_L2, 3) < 0.25 * pen + 0.25 * r).astype(np.uint8)
        for found in cv2.findContours(solid & closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]:
            if len(found) > 8 and 4 * cv2.contourArea(found) > least:
                yield np.asarray(2 * found[:, 0], np.int32)


def _figures(joined: Mask, least: float, most: float, size: int) -> Iterator[Contour]:
    """Outlines of whole figures: everything that a connected drawing encloses."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(joined.astype(np.uint8), connectivity=8)
    for index in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[index])
        if not least < w * h < most:
            continue
        part = (parts[y : y + h, x : x + w] == index).astype(np.uint8)
        padded = cv2.copyMakeBorder(part, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
        flood = padded.copy()
        cv2.floodFill(flood, None, (0, 0), 1, flags=4)
        holes = (flood == 0).astype(np.uint8)
        filled = cv2.morphologyEx(holes, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))[1:-1, 1:-1].astype(np.uint8)
        contour = _outer(_cleaned(filled, size), x, y)
        if contour is not None and len(contour) > 8 and cv2.contourArea(contour) > least:
            yield contour


def candidates_of(partition: Partition, bridges: list[Bridge], strokes: Strokes, ink: Mask) -> list[Candidate]:
    """Regions that may be drawn shapes: faces, faces together, dense ink, whole figures.

    Parameters
    ----------
    partition, bridges
        As from ``partition_of``.
    strokes
        Centre lines without lettering.
    ink
        All ink.
    """
    diagonal, sheet = float(np.hypot(*ink.shape)), float(ink.size)
    least, most, size = LEAST * sheet, _MOST * sheet, max(3, round(0.0035 * diagonal)) | 1
    merging = _Merging(partition, _strengths(partition, diagonal), diagonal)
    singles = list(merging.members)
    pairs = sorted((a, b) for a in singles for b in merging.around[a] if a < b)
    sets: list[tuple[tuple[int, ...], float, int]] = [((face,), 0.0, 0) for face in singles]
    sets += [((a, b), merging.around[a][b][0] / max(1.0, merging.around[a][b][1]), 2) for a, b in pairs]
    for number in merging.steps():
        weight, pixels = merging.inner[number]
        sets.append((merging.members[number], weight / max(1.0, pixels), 1))
    out, seen = [], set()
    for members, inner, way in sets:
        key = tuple(sorted(members))
        area = float(partition.area[list(members)].sum())
        if key in seen or not 0.9 * least < area < (most if way == 0 else _MOST_JOINED * sheet):
            continue
        seen.add(key)
        contour = _contour(partition, members, size)
        if contour is not None and len(contour) > 8 and cv2.contourArea(contour) > least:
            out.append(Candidate(contour, len(members), inner, way))
    out += [Candidate(contour, 0, 0.0, 3) for contour in _dense(ink & ~strokes.letters, strokes.pen, diagonal, least)]
    for cost in (0.0, 0.3):
        joined = strokes.lines | drawn_bridges(bridges, strokes.lines.shape, cost - 1e-6)
        out += [Candidate(contour, 0, 0.0, 4) for contour in _figures(joined, least, most, size)]
    if len(out) > _MOST_CANDIDATES:
        out.sort(key=lambda one: -_solidity(one.contour))
        out = out[:_MOST_CANDIDATES]
    return out


def _solidity(contour: Contour) -> float:
    return float(cv2.contourArea(contour) / max(1.0, cv2.contourArea(cv2.convexHull(contour))))
