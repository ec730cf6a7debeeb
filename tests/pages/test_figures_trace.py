from __future__ import annotations

from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
from shapely.geometry import LineString, Polygon

from geoinv.pages.figures_trace import trace_figure
from geoinv.records.drawings import Drawing, RasterDrawing, Sketch, SketchElement, Stroke, VectorDrawing
from geoinv.records.places import Pixel


def sketch() -> Sketch:
    square = Polygon([(10, 10), (40, 10), (40, 30), (10, 30)])
    return Sketch(
        name="plan.jpg",
        elements=(
            SketchElement(id="t1", geometry=square, role="building", certainty=0.93),
            SketchElement(id="t2", geometry=square.buffer(20), role="wall", certainty=0.6),
            SketchElement(id="t3", geometry=square.buffer(-5), role="building", certainty=0.3),
            SketchElement(id="t4", geometry=LineString([(0, 50), (90, 55)]), certainty=0.7),
        ),
        page=(Pixel(5, 5), Pixel(95, 6), Pixel(94, 66), Pixel(4, 65)),
        page_size=(100, 70),
    )


@pytest.mark.parametrize(
    "drawing",
    [
        RasterDrawing(np.full((70, 100, 3), 230, np.uint8)),
        VectorDrawing((100, 70), (Stroke(LineString([(0, 0), (50, 50)]), False, False, 1.0),)),
    ],
)
def test_a_tracing_is_shown_beside_its_drawing_and_counted_by_certainty(drawing: Drawing) -> None:
    svg = trace_figure(drawing, sketch(), title="plan <1>")
    words = " ".join(fromstring(svg).itertext())
    assert "shapes, certain (0.8 and more): 1" in words
    assert "shapes, likely (0.5–0.8): 1" in words
    assert "shapes, doubtful: 1" in words
    assert "lines: 1" in words
    assert "t1" in words and "t3" not in words
    assert ("<image" in svg) == isinstance(drawing, RasterDrawing)
    assert "not for publication" in words


def test_the_figure_speaks_korean_and_says_what_is_fictional() -> None:
    svg = trace_figure(
        RasterDrawing(np.zeros((70, 100, 3), np.uint8)), sketch(), title="x", simulated=True, language="ko"
    )
    assert "옮겨 그린 것" in svg
    assert "그림과 읽어 낸 것" in svg
