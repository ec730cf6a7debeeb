"""Say how well ``trace`` reads practice sheets: shapes, lines, the page's corners, false shapes, certainty.

    python scripts/measure_trace.py --first 1000 --sheets 20

Shapes are right at an overlap (IoU) of 0.7, matched one to one; only certainties of 0.5 and more count, except under
"right" (share of shapes with certainty 0.8 and more that are right). Lines are near within 1.5 % of the diagonal.
Thresholds and weights are set on seeds below 1000; seeds from 1000 on are kept for measuring.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.errors import GeoinvError
from geoinv.facilities.trace import trace
from geoinv.records.drawings import Sketch
from geoinv.worlds.phones import Capture, Captured, captured
from geoinv.worlds.practice import practice_sheet
from geoinv.worlds.practice_hands import Practice, PracticeKind

LEVELS: dict[str, tuple[tuple[PracticeKind, Capture], ...]] = {
    "scan": (("compound", "scan"), ("compound", "scan"), ("interior", "scan")),
    "photo": (("compound", "photo"),),
    "hard": (("compound", "hard"),),
    "interior": (("interior", "photo"), ("interior", "hard")),
    "tablet": (("compound", "tablet"), ("compound", "tablet"), ("interior", "tablet")),
    "page": (("compound", "page"), ("interior", "page"), ("compound", "scan")),
}


@dataclass
class Score:
    """What one sheet came to."""

    f1: float = 0.0
    precision: float = 0.0
    recall: float = 0.0
    page: float = float("inf")
    line_recall: float | None = None
    line_precision: float | None = None
    text: int = 0
    spare: int = 0
    sure: list[bool] = field(default_factory=list)
    seconds: float = 0.0


def overlap(a: Polygon, b: Polygon) -> float:
    """Intersection over union."""
    if not a.intersects(b):
        return 0.0
    shared = a.intersection(b).area
    return float(shared / (a.area + b.area - shared))


def matched(found: Sequence[Polygon], true: Sequence[Polygon], least: float = 0.7) -> dict[int, int]:
    """Found → true, one to one, best overlap first."""
    pairs = sorted(((overlap(a, b), i, j) for i, a in enumerate(found) for j, b in enumerate(true)), reverse=True)
    out: dict[int, int] = {}
    for share, i, j in pairs:
        if share >= least and i not in out and j not in out.values():
            out[i] = j
    return out


def _near(lines: Sequence[LineString], others: Sequence[BaseGeometry], reach: float) -> float | None:
    total = sum(line.length for line in lines)
    if not total:
        return None
    around = shapely.union_all([other.buffer(reach, quad_segs=4) for other in others]) if others else Polygon()
    return float(sum(line.intersection(around).length for line in lines) / total)


def on_sheet(sketch: Sketch, size: tuple[float, float]) -> list[tuple[BaseGeometry, float]]:
    """Traced things in millimetres of the sheet, y down, with their certainty."""
    assert sketch.page_size is not None
    factor = np.array(size) / sketch.page_size

    def down(xy: np.ndarray) -> np.ndarray:
        return np.column_stack([xy[:, 0] * factor[0], size[1] - xy[:, 1] * factor[1]])

    return [(shapely.make_valid(shapely.transform(item.geometry, down)), item.certainty) for item in sketch.elements]


def score(sheet: Practice, taken: Captured, sketch: Sketch) -> Score:
    """One sheet's figures."""
    things = on_sheet(sketch, sheet.size)
    shapes = [(g, c) for g, c in things if isinstance(g, Polygon)]
    lines = [p for g, c in things if c >= 0.5 for p in shapely.get_parts(g) if isinstance(p, LineString)]
    counted = [g for g, c in shapes if c >= 0.5]
    true = [shapely.make_valid(shape) for shape in sheet.shapes]
    hits = matched(counted, true)
    spare = [
        g for i, g in enumerate(counted) if i not in hits and not any(overlap(g, o) >= 0.5 for o in sheet.optional)
    ]
    p = len(hits) / (len(hits) + len(spare)) if hits or spare else 0.0
    r = len(hits) / len(true) if true else 1.0
    out = Score(2 * p * r / (p + r) if p + r else 0.0, p, r, spare=len(spare))
    clutter = shapely.union_all([c.buffer(1.5) for c in (*sheet.clutter, *sheet.crossed_out)])
    out.text = sum(g.intersection(clutter).area > 0.5 * g.area for g in spare)
    every = matched([g for g, _ in shapes], true)
    out.sure = [i in every for i, (g, c) in enumerate(shapes)
                if c >= 0.8 and (i in every or not any(overlap(g, o) >= 0.5 for o in sheet.optional))]  # fmt: skip
    reach = 0.015 * float(np.hypot(*sheet.size))
    walls = [line for role, line in sheet.lines if role != "path"]
    out.line_recall = _near(walls, [*lines, *(g.exterior for g in counted)], reach)
    everything = [*(line for _, line in sheet.lines), *(shape.exterior for shape in true)]
    out.line_precision = _near(lines, everything, reach)
    assert sketch.page is not None
    found = np.array(sketch.page, float)
    corners = taken.corners
    diagonal = (np.hypot(*(corners[2] - corners[0])) + np.hypot(*(corners[3] - corners[1]))) / 2
    out.page = float(np.hypot(*(found - corners).T).mean() / diagonal)
    return out


def measured(job: tuple[str, int, PracticeKind, Capture]) -> Score:
    """One sheet made, traced and scored."""
    _, seed, kind, how = job
    sheet = practice_sheet(seed, kind)
    taken = captured(sheet, how, seed)
    start = time.process_time()
    try:
        out = score(sheet, taken, trace(taken.drawing, name="practice"))
    except GeoinvError:
        out = Score()
    out.seconds = time.process_time() - start
    return out


def jobs_of(first: int, sheets: int, levels: Sequence[str]) -> Iterator[tuple[str, int, PracticeKind, Capture]]:
    """Every sheet to be measured."""
    for level in levels:
        ways = LEVELS[level]
        for index in range(sheets):
            yield (level, first + index, *ways[index % len(ways)])


def _mean(values: Sequence[float | None]) -> float:
    given = [value for value in values if value is not None]
    return float(np.mean(given)) if given else float("nan")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--sheets", type=int, default=20, help="a level")
    parser.add_argument("--levels", default=",".join(LEVELS))
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    jobs = list(jobs_of(options.first, options.sheets, options.levels.split(",")))
    with ProcessPoolExecutor(options.processes) as pool:
        scores = list(pool.map(partial(measured), jobs))
    print(f"{'level':10}{'n':>4}{'F1':>7}{'P':>7}{'R':>7}{'page':>8}{'lineR':>7}{'lineP':>7}{'false':>7}{'text':>6}"
          f"{'right':>7}{'n≥.8':>6}{'s':>6}")  # fmt: skip
    for level in dict.fromkeys(job[0] for job in jobs):
        rows = [one for job, one in zip(jobs, scores, strict=True) if job[0] == level]
        sure = [value for row in rows for value in row.sure]
        print(f"{level:10}{len(rows):4d}{_mean([r.f1 for r in rows]):7.3f}{_mean([r.precision for r in rows]):7.3f}"
              f"{_mean([r.recall for r in rows]):7.3f}{float(np.median([r.page for r in rows])):8.4f}"
              f"{_mean([r.line_recall for r in rows]):7.3f}{_mean([r.line_precision for r in rows]):7.3f}"
              f"{_mean([float(r.spare) for r in rows]):7.2f}{_mean([float(r.text) for r in rows]):6.2f}"
              f"{_mean([float(v) for v in sure]):7.3f}{len(sure):6d}"
              f"{_mean([r.seconds for r in rows]):6.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
