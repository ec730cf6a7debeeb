"""Lines are followed across dashes and a fence's marks, and arrows and measures are told from walls."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from shapely.geometry import LineString, box

from geoinv.facilities.trace import trace
from geoinv.facilities.trace_ink import Ink
from geoinv.facilities.trace_line_signs import LINE_SIGNS, line_signs
from geoinv.facilities.trace_lines import lines_of
from geoinv.facilities.trace_strokes import strokes_of
from geoinv.records.drawings import RasterDrawing

ROWS, COLUMNS = 1060, 1500
DIAGONAL = float(np.hypot(ROWS, COLUMNS))


def _drawn(*strokes: list[tuple[float, float]], thick: int = 5) -> NDArray[np.uint8]:
    sheet = np.full((ROWS, COLUMNS, 3), 243, np.uint8)
    for points in strokes:
        cv2.polylines(sheet, [np.array(points).round().astype(np.int32)], False, (40, 45, 90), thick, cv2.LINE_AA)
    return sheet


def _signs(sheet: NDArray[np.uint8], lines: list[LineString], outlines: list[object]) -> list[dict[str, float]]:
    mask = sheet[..., 0] < 150
    rows = line_signs(lines, outlines, strokes_of(mask), Ink(mask, mask.astype(np.float32)))  # type: ignore[arg-type]
    return [dict(zip(LINE_SIGNS, row.tolist(), strict=True)) for row in rows]


def _longest(sheet: NDArray[np.uint8]) -> float:
    """Share of a 1200-pixel fence that the longest likely line covers."""
    sketch = trace(RasterDrawing(sheet, whole_page=True), name="fence.png")
    scale = (sketch.page_size or (1.0, 1.0))[0] / COLUMNS
    sure = [item.geometry.length for item in sketch.elements if item.certainty >= 0.5]
    return max(sure, default=0.0) / scale / 1200


HOUSE = [(400.0, 500.0), (800.0, 500.0), (800.0, 800.0), (400.0, 800.0), (400.0, 500.0)]


@pytest.mark.parametrize(("on", "off"), [(34, 16), (24, 20), (45, 12)])
def test_a_dashed_fence_is_one_line(on: int, off: int) -> None:
    dashes = [[(x, 250.0 + 0.02 * x), (x + on, 250.0 + 0.02 * (x + on))] for x in range(150, 1350 - on, on + off)]
    assert _longest(_drawn(HOUSE, *dashes)) > 0.9


@pytest.mark.parametrize("every", [22, 40, 70])
def test_a_fence_of_crosses_is_followed_through_them(every: int) -> None:
    marks = [
        [(x - 9.0, 250.0 - 9 * way), (x + 9.0, 250.0 + 9 * way)] for x in range(160, 1340, every) for way in (1, -1)
    ]
    assert _longest(_drawn(HOUSE, [(150, 250), (1350, 250)], *marks)) > 0.85


def test_a_gate_stays_open_and_lines_side_by_side_stay_two() -> None:
    mask = np.zeros((ROWS, COLUMNS), bool)
    mask[300, 100:600] = mask[300, 700:1300] = mask[318, 100:600] = True
    found = lines_of(mask, 5.0)
    assert sorted(round(line.length) for line in found) == [499, 499, 599]


def test_an_arrows_head_a_measures_length_and_shared_walls_are_seen() -> None:
    arrow = [(1000.0, 300.0), (1300.0, 300.0)]
    head = [(1280.0, 288.0), (1300.0, 300.0), (1280.0, 312.0)]
    measure = [(400.0, 830.0), (800.0, 830.0)]
    sheet = _drawn(HOUSE, arrow, head, measure)
    house, room = box(400, 500, 800, 800), box(800, 500, 1000, 800)
    first, second = _signs(sheet, [LineString(arrow), LineString(measure)], [house])
    assert first["head"] > first["other_head"] + 0.4
    assert second["level_with_side"] < 0.005 < 0.05 < first["level_with_side"]
    assert first["shared_walls"] == 0.0
    inside = LineString([(500, 600), (700, 600)])
    (row,) = _signs(sheet, [inside], [house, room])
    assert row["within_plain"] == 1.0 and row["amid_shapes"] == 1.0 and row["shared_walls"] > 0.2


def test_an_arrow_is_less_likely_a_line_than_a_wall_is() -> None:
    wall = [(150.0, 150.0), (1350.0, 170.0), (1340.0, 950.0)]
    arrow = [(1000.0, 300.0), (1000.0, 460.0)]
    head = [(988.0, 320.0), (1000.0, 300.0), (1012.0, 320.0)]
    sketch = trace(RasterDrawing(_drawn(HOUSE, wall, arrow, head), whole_page=True), name="arrow.png")
    scale = (sketch.page_size or (1.0, 1.0))[0] / COLUMNS
    lines = [item for item in sketch.elements if isinstance(item.geometry, LineString)]
    sure = {item.certainty: item.geometry.length / scale for item in lines}
    assert sure[max(sure)] > 1500
    assert all(value < 0.5 for value, length in sure.items() if length < 300)
