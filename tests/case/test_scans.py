"""What a scan laid on the ground promises: its page's corners come where the placement puts the sheet's."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.case.scans import _drawing_of

PAGE = np.array([[41.2, 59.1], [892.3, 61.6], [897.2, 1067.3], [53.8, 1075.1]])


def test_the_corners_of_the_page_are_the_corners_of_the_sheet() -> None:
    found = _drawing_of(PAGE, (1676.0, 2000.0), PAGE)
    assert found == pytest.approx(np.array([[0, 2000.0], [1676.0, 2000.0], [1676.0, 0], [0, 0]]), abs=1e-6)


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1200)), min_size=1, max_size=8))
def test_pixels_go_where_opencv_puts_them(pixels: list[tuple[float, float]]) -> None:
    points = np.asarray(pixels, float)
    sheet = np.array([[0, 2000.0], [1676.0, 2000.0], [1676.0, 0], [0, 0]])
    matrix = cv2.getPerspectiveTransform(PAGE.astype(np.float32), sheet.astype(np.float32))
    wanted = cv2.perspectiveTransform(points.reshape(-1, 1, 2), matrix).reshape(-1, 2)
    assert _drawing_of(PAGE, (1676.0, 2000.0), points) == pytest.approx(wanted, abs=0.05, rel=1e-3)
