from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import box

from geoinv.records.drawings import RasterDrawing, VectorDrawing
from geoinv.worlds.phones import CAPTURES, captured
from geoinv.worlds.practice import practice_sheet


@pytest.mark.parametrize("kind", ["compound", "interior"])
def test_the_same_seed_gives_the_same_sheet_and_another_another(kind: str) -> None:
    one, again, other = (practice_sheet(seed, kind) for seed in (7, 7, 8))  # type: ignore[arg-type]
    assert len(one.strokes) == len(again.strokes)
    assert all(np.array_equal(a.points, b.points) for a, b in zip(one.strokes, again.strokes, strict=True))
    assert [s.wkb for s in one.shapes] == [s.wkb for s in again.shapes] != [s.wkb for s in other.shapes]


def test_what_is_true_of_a_sheet_lies_on_it_and_apart() -> None:
    for seed in range(12):
        sheet = practice_sheet(seed, "compound")
        page = box(0, 0, *sheet.size).buffer(2)
        assert sheet.shapes
        assert all(page.contains(shape) for shape in sheet.shapes)
        for i, a in enumerate(sheet.shapes):
            for b in sheet.shapes[:i]:
                assert a.intersection(b).area < 0.2 * min(a.area, b.area)


@pytest.mark.parametrize("how", CAPTURES)
def test_a_sheet_arrives_in_every_way_with_its_corners_known(how: str) -> None:
    sheet = practice_sheet(3, "compound")
    one = captured(sheet, how, 3)  # type: ignore[arg-type]
    assert one.corners.shape == (4, 2)
    if isinstance(one.drawing, RasterDrawing):
        again = captured(sheet, how, 3).drawing  # type: ignore[arg-type]
        assert isinstance(again, RasterDrawing)
        assert np.array_equal(one.drawing.pixels, again.pixels)
        assert np.ptp(one.drawing.pixels) > 60
    else:
        assert isinstance(one.drawing, VectorDrawing)
        assert len(one.drawing.strokes) >= len(sheet.strokes) * 0.9
