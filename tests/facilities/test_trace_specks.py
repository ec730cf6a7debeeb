"""A sheet in black and white under a white lid is found by its paper's specks, and never made up without them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from geoinv.facilities.trace_page import find_page
from geoinv.facilities.trace_specks import sheet_of_specks

Pixels = NDArray[np.uint8]
ROWS, COLUMNS = 900, 1300


def _scan(specks: int, *, lean: float = 1.0, part: float = 1.0) -> tuple[Pixels, NDArray[np.float64]]:
    """A sheet with a wall and a house, and specks over so much of it, on a lid as white; and its corners."""
    rng = np.random.default_rng(11)
    middle, half, angle = np.array([COLUMNS, ROWS]) / 2, np.array([560.0, 390.0]), np.radians(lean)
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half @ turn + middle
    picture = np.full((ROWS, COLUMNS), 255, np.uint8)
    places = (rng.uniform((-1, -1), (2 * part - 1, 1), (specks, 2)) * half @ turn + middle).round().astype(int)
    picture[places[:, 1], places[:, 0]] = 0
    for a, b in (((260, 160), (1010, 700)), ((400, 300), (620, 420))):
        cv2.rectangle(picture, a, b, 0, 6)
    return np.repeat(picture[..., None], 3, axis=2), corners


@pytest.mark.parametrize("lean", [0.0, 1.0, -2.5])
def test_a_sheet_is_found_by_its_specks(lean: float) -> None:
    pixels, corners = _scan(3000, lean=lean)
    found = find_page(pixels)
    assert found is not None
    assert np.hypot(*(found - corners).T).mean() < 0.004 * 1365


@pytest.mark.parametrize(("specks", "part"), [(0, 1.0), (120, 1.0), (3000, 0.6)])
def test_without_specks_all_over_no_sheet_is_made_up(specks: int, part: float) -> None:
    assert find_page(_scan(specks, part=part)[0]) is None


def test_rooms_that_fill_a_rectangle_are_no_specks_and_greys_are_no_black_and_white() -> None:
    rooms = np.full((ROWS, COLUMNS, 3), 255, np.uint8)
    for x in range(200, 1101, 90):
        cv2.rectangle(rooms, (200, 150), (x, 750), (0, 0, 0), 5)
    assert sheet_of_specks(rooms) is None
    pixels, _ = _scan(3000)
    assert sheet_of_specks(cv2.GaussianBlur(pixels, (0, 0), 1.0).astype(np.uint8)) is None
    assert sheet_of_specks(np.full((60, 80, 3), 255, np.uint8)) is None
