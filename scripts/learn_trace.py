"""Learn what tells a drawn shape or line from what only looks like one, from practice sheets whose truth is known.

    python scripts/learn_trace.py --first 200 --sheets 140 --only shapes
    python scripts/learn_trace.py --first 200 --sheets 120 --only lines

Every sheet is read as ``trace`` reads it; every candidate is right if it overlaps a true shape by 0.7 (a line: if six
tenths of it lie along what was drawn as a line or side, each weighed by its length). Boosted trees are grown on all
sheets; their sums are turned into shares right by trees grown on four fifths and asked about the last, five times over.
Sheets have seeds below 1000; those from 1000 on are kept for ``measure_trace.py``. The same arguments give the same
weights. Writes ``geoinv/facilities/data/trace_*.json`` and prints how well they tell right from wrong on sheets not
learned from.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import shapely
from measure_trace import LEVELS, overlap
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from geoinv.facilities.trace_evidence import SHAPE_SIGNS
from geoinv.facilities.trace_ink import Ink, ink_of
from geoinv.facilities.trace_line_signs import LINE_SIGNS, line_signs
from geoinv.facilities.trace_lines import lines_of
from geoinv.facilities.trace_page import flatten_page
from geoinv.facilities.trace_shapes import Reading, outline_of, reading_of, shapes_in, undrawn_lines
from geoinv.facilities.trace_trees import Trees
from geoinv.facilities.trace_vector import draw_strokes, things_of
from geoinv.records.drawings import RasterDrawing, VectorDrawing
from geoinv.worlds.phones import Capture, captured
from geoinv.worlds.practice import practice_sheet
from geoinv.worlds.practice_hands import PracticeKind

Array = NDArray[np.float64]
Job = tuple[int, PracticeKind, Capture]
Rows = tuple[Array, Array, Array]
_DEPTH, _TREES, _RATE, _BINS, _HELD, _FOLDS = 4, 160, 0.09, 48, 6.0, 5
_DATA = Path(__file__).parents[1] / "geoinv" / "facilities" / "data"


def jobs_of(first: int, sheets: int) -> list[Job]:
    """Sheets of every level by turns."""
    ways = [way for level in LEVELS.values() for way in level]
    return [(first + index, *ways[index % len(ways)]) for index in range(sheets)]


def _reading(job: Job) -> tuple[Reading, list[Polygon], list[Polygon], list[LineString]]:
    """A sheet read, and its truth in pixels of the flat sheet."""
    seed, kind, how = job
    sheet = practice_sheet(seed, kind)
    taken = captured(sheet, how, seed)
    if isinstance(taken.drawing, RasterDrawing):
        flat = flatten_page(taken.drawing.pixels, whole=taken.drawing.whole_page)
        ink, page = ink_of(flat.pixels), np.array(flat.corners)
    else:
        assert isinstance(taken.drawing, VectorDrawing)
        mask = draw_strokes(things_of(taken.drawing)[1], taken.drawing.page_size, 2000)
        ink, page = Ink(mask, mask.astype(np.float32)), taken.corners
    rows, columns = ink.mask.shape
    # Where the page was found a little off, truth moves with it; where it was missed, the sheet teaches nothing.
    corners = taken.corners
    error = float(np.hypot(*(page - corners).T).mean() / np.hypot(*(corners[2] - corners[0])))
    scale = np.array([columns, rows]) / sheet.size

    def on_flat(xy: Array) -> Array:
        return np.asarray(xy * scale)

    if error > 0.02:
        ink = Ink(np.zeros_like(ink.mask), ink.dark)
    made = [[shapely.make_valid(shapely.transform(g, on_flat)) for g in things]
            for things in (sheet.shapes, sheet.optional)]  # fmt: skip
    lines = [shapely.transform(line, on_flat) for _, line in sheet.lines]
    return reading_of(ink), made[0], made[1], lines


def _right(outline: Polygon, shapes: list[Polygon]) -> float:
    return max((overlap(outline, shape) for shape in shapes), default=0.0)


def shape_rows_of(job: Job) -> Rows:
    """Signs, how right (0–1) and weights of a sheet's shape candidates."""
    reading, shapes, optional, _ = _reading(job)
    diagonal = float(np.hypot(*reading.ink.mask.shape))
    made = [outline_of(one.contour, diagonal) or Polygon() for one in reading.candidates]
    best = np.array([_right(outline, shapes) for outline in made])
    spare = np.array([_right(outline, optional) >= 0.5 for outline in made], dtype=bool) & (best < 0.7)
    # A wall's ring may be a shape or not: it is held a little for right.
    right = np.where(spare, 1.0, np.clip((best - 0.62) / 0.16, 0, 1))
    return reading.signs.reshape(-1, len(SHAPE_SIGNS)), right, np.where(spare, 0.3, 1.0)


def line_rows_of(job: Job) -> Rows:
    """The same of the lines that are left beside the shapes that are read on a sheet."""
    reading, shapes, _, lines = _reading(job)
    return line_rows(reading, shapes, lines)


def line_rows(reading: Reading, shapes: list[Polygon], lines: list[LineString]) -> Rows:
    """Signs, how right and weights of lines, given a sheet's true shapes and lines."""
    diagonal = float(np.hypot(*reading.ink.mask.shape))
    # Beside the shapes that are read, right or wrong: a room missed leaves its walls to be told as lines.
    sure = [outline for outline, value in shapes_in(reading) if value >= 0.5]
    found = lines_of(undrawn_lines(reading, sure), reading.strokes.pen)
    if not found:
        return np.zeros((0, len(LINE_SIGNS))), np.zeros(0), np.zeros(0)
    true = [*lines, *(shape.exterior for shape in shapes if isinstance(shape, Polygon))]
    around = shapely.union_all([line.buffer(0.012 * diagonal) for line in true])
    share = np.array([line.intersection(around).length / line.length for line in found])
    right = np.clip((share - 0.45) / 0.3, 0, 1)
    length = np.array([line.length / (0.1 * diagonal) for line in found])
    return line_signs(found, sure, reading.strokes, reading.ink), right, length


def grown(rows: Array, right: Array, weight: Array, signs: tuple[str, ...]) -> Trees:
    """Boosted trees (Friedman 2001; second-order steps as in Chen and Guestrin 2016), on binned signs."""
    cuts = [np.unique(np.quantile(rows[:, k], np.linspace(0, 1, _BINS + 1)[1:-1])) for k in range(rows.shape[1])]
    binned = np.stack([np.searchsorted(cut, rows[:, k], side="left") for k, cut in enumerate(cuts)])
    start = float(np.log((right @ weight + 1) / ((1 - right) @ weight + 1)))
    raw = np.full(len(rows), start)
    features, thresholds, leaves = [], [], []
    for _ in range(_TREES):
        p = 1 / (1 + np.exp(-raw))
        gradient, curve = weight * (right - p), weight * p * (1 - p)
        node = np.zeros(len(rows), np.int64)
        feature = np.zeros(2**_DEPTH - 1, np.int64)
        threshold = np.full(2**_DEPTH - 1, np.inf)
        for level in range(_DEPTH):
            first, count = 2**level - 1, 2**level
            _split(binned, cuts, gradient, curve, node - first, count, feature[first:], threshold[first:])
            asked = rows[np.arange(len(rows)), feature[node]] > threshold[node]
            node = 2 * node + 1 + asked
        at = node - (2**_DEPTH - 1)
        g, h = (np.bincount(at, weights=v, minlength=2**_DEPTH) for v in (gradient, curve))
        leaf = _RATE * g / (h + _HELD)
        raw += leaf[at]
        features.append(feature)
        thresholds.append(np.where(np.isfinite(threshold), threshold, 1e30))
        leaves.append(leaf)
    return Trees(signs, np.array(features), np.array(thresholds), np.array(leaves), start, np.zeros(1), np.zeros(1))


def _split(binned: NDArray[np.int64], cuts: list[Array], gradient: Array, curve: Array, node: NDArray[np.int64],
           count: int, feature: NDArray[np.int64], threshold: Array) -> None:  # fmt: skip
    """The best question per node of a level, written into ``feature`` and ``threshold``."""
    best = np.full(count, 1e-3)
    for k, cut in enumerate(cuts):
        if not len(cut):
            continue
        width = len(cut) + 1
        cell = node * width + binned[k]
        g, h = (np.bincount(cell, weights=v, minlength=count * width).reshape(count, width).cumsum(axis=1)
                for v in (gradient, curve))  # fmt: skip
        g_all, h_all = g[:, -1:], h[:, -1:]
        left, right = g[:, :-1] ** 2 / (h[:, :-1] + _HELD), (g_all - g[:, :-1]) ** 2 / (h_all - h[:, :-1] + _HELD)
        gain = left + right - g_all**2 / (h_all + _HELD)
        gain[(h[:, :-1] < 1.5) | (h_all - h[:, :-1] < 1.5)] = 0
        at = gain.argmax(axis=1)
        value = gain[np.arange(count), at]
        better = value > best
        best[better], feature[:count][better], threshold[:count][better] = value[better], k, cut[at[better]]


def calibrated(trees: Trees, raw: Array, right: Array, weight: Array) -> Trees:
    """Trees with the share right per stretch of their sum (pool adjacent violators, then joined by lines)."""
    order = np.argsort(raw, kind="stable")
    blocks: list[list[float]] = []
    for chunk in np.array_split(order, max(8, min(40, len(order) // 60))):
        if len(chunk):
            w = float(weight[chunk].sum())
            blocks.append([float(raw[chunk].mean()), float(right[chunk] @ weight[chunk]) / max(w, 1e-9), w])
    at = 0
    while at < len(blocks) - 1:
        if blocks[at][1] >= blocks[at + 1][1]:
            a, b = blocks[at], blocks.pop(at + 1)
            total = a[2] + b[2]
            blocks[at] = [(a[0] * a[2] + b[0] * b[2]) / total, (a[1] * a[2] + b[1] * b[2]) / total, total]
            at = max(0, at - 1)
        else:
            at += 1
    table = np.array(blocks)
    return Trees(trees.signs, trees.feature, trees.threshold, trees.leaf, trees.start, table[:, 0],
                 table[:, 1].clip(0.01, 0.98))  # fmt: skip


def _together(parts: list[Rows], most: float) -> Rows:
    """Rows of many sheets; a sheet full of scribble counts no more than others."""
    rows, right = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    weight = np.concatenate([part[2] * min(1.0, most / max(1e-9, float(part[2].sum()))) for part in parts])
    return rows, right, weight


def _learned(name: str, parts: list[Rows], signs: tuple[str, ...], most: float) -> Trees:
    """Grow on all sheets; calibrate and report on each fifth by trees grown on the others; write."""
    parts = [part for part in parts if len(part[1])]
    raw, held = [], []
    for fold in range(_FOLDS):
        others = grown(*_together([part for i, part in enumerate(parts) if i % _FOLDS != fold], most), signs)
        held.append(_together([part for i, part in enumerate(parts) if i % _FOLDS == fold], most))
        raw.append(others.log_odds(held[-1][0]))
    sums, right, weight = np.concatenate(raw), *(np.concatenate([part[k] for part in held]) for k in (1, 2))
    trees = calibrated(grown(*_together(parts, most), signs), sums, right, weight)
    p, hard = np.interp(sums, trees.raw, trees.sure), right > 0.5
    rank = np.empty(len(p))
    rank[np.argsort(sums, kind="stable")] = np.arange(len(p))
    area = (rank[hard].mean() - (hard.sum() - 1) / 2) / max(1, (~hard).sum())
    kept = p >= 0.5
    print(f"{name}: {len(parts)} sheets, {len(p)} candidates, {hard.mean():.0%} right; on sheets not learned from:")
    sure = right[kept] @ weight[kept]
    print(f"  area under the curve {area:.3f}; from .5 on {sure / weight[kept].sum():.3f} right, "
          f"{sure / (right @ weight):.3f} of the right ones; from .8 on {hard[p >= 0.8].mean():.3f} right")  # fmt: skip
    text = json.dumps(trees.plain(), separators=(",", ":")) + "\n"
    (_DATA / f"trace_{name}.json").write_text(text, encoding="utf-8")
    return trees


def main() -> None:
    """Learn shapes, then lines beside what is then read as shapes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--sheets", type=int, default=240)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", choices=("shapes", "lines"), help="leave the other's weights as they are")
    options = parser.parse_args()
    jobs = jobs_of(options.first, options.sheets)
    for name, rows_of, signs, most in (
        ("shapes", shape_rows_of, SHAPE_SIGNS, 80.0),
        ("lines", line_rows_of, LINE_SIGNS, 12.0),
    ):
        if options.only in (None, name):
            # New processes each time: lines are read beside the shapes of the weights just written.
            with ProcessPoolExecutor(options.processes) as pool:
                parts = list(pool.map(rows_of, jobs, chunksize=2))
            _learned(name, parts, signs, most)


if __name__ == "__main__":
    main()
