"""Sheets under a scanner's lid: white on white is found, and what is drawn on a sheet is never taken for it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from geoinv.facilities.trace_lid import unlike_lid
from geoinv.facilities.trace_page import find_page

Pixels = NDArray[np.uint8]


def _grain(rows: int, columns: int, coarse: float, rng: np.random.Generator) -> NDArray[np.float32]:
    small = rng.standard_normal((max(2, round(rows / coarse)), max(2, round(columns / coarse)))).astype(np.float32)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_CUBIC), np.float32)


def _scan(lid: float, paper: float, *, turn: float = 0.8, pen: int = 4) -> tuple[Pixels, NDArray[np.float64]]:
    """A sheet with a wall and two houses on a lid, slightly askew, and its corners."""
    rng = np.random.default_rng(5)
    rows, columns = 900, 1200
    corners = np.array([(50.0, 45.0), (1150.0, 45.0), (1150.0, 855.0), (50.0, 855.0)])
    middle, angle = corners.mean(axis=0), np.radians(turn)
    corners = (corners - middle) @ np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))]) + middle
    picture = np.full((rows, columns), lid, np.float32)
    sheet = cv2.fillConvexPoly(np.zeros((rows, columns), np.uint8), corners.round().astype(np.int32), 1) > 0
    grained = paper * (1 + 0.010 * _grain(rows, columns, 3, rng) + 0.005 * _grain(rows, columns, 60, rng))
    picture[sheet] = grained[sheet]
    for a, b in (((160, 150), (1040, 760)), ((300, 300), (480, 420)), ((600, 450), (860, 560))):
        cv2.rectangle(picture, a, b, 40.0, pen)
    picture += 1.4 * rng.standard_normal(picture.shape).astype(np.float32)
    return np.repeat(picture.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2), corners


@pytest.mark.parametrize(("lid", "paper"), [(251.0, 244.0), (251.0, 248.0), (244.0, 249.0), (30.0, 244.0)])
def test_a_sheet_a_shade_off_the_lid_is_found(lid: float, paper: float) -> None:
    pixels, corners = _scan(lid, paper)
    found = find_page(pixels)
    assert found is not None
    assert np.hypot(*(found - corners).T).mean() < 0.005 * np.hypot(1100, 810)


@pytest.mark.parametrize("pen", [4, 12, 26])
def test_black_and_white_shows_no_sheet_and_none_is_made_up(pen: int) -> None:
    pixels, _ = _scan(251.0, 244.0, pen=pen)
    assert find_page(np.where(pixels > 140, 255, 0).astype(np.uint8)) is None


def test_a_wall_in_a_very_broad_pen_on_mottled_paper_is_no_sheet() -> None:
    rng = np.random.default_rng(3)
    paper = 170 * (1 + 0.025 * _grain(900, 1200, 40, rng) + 0.05 * _grain(900, 1200, 3, rng))
    cv2.polylines(paper, [np.array([(160, 110), (1080, 100), (1090, 800), (150, 730)])], True, 45.0, 26)
    pixels = np.repeat(paper.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    assert find_page(pixels) is None


def test_the_lid_is_nought_the_sheet_one_and_an_uneven_table_no_lid() -> None:
    pixels, corners = _scan(251.0, 244.0)
    other = unlike_lid(pixels, (450, 600))
    assert other.shape == (450, 600)
    inside = cv2.fillConvexPoly(np.zeros((450, 600), np.uint8), (corners / 2).round().astype(np.int32), 1) > 0
    assert other[inside].mean() > 0.95
    assert other[~inside].mean() < 0.05
    shade = np.linspace(0.5, 1, 1200)[None, :, None]
    assert not unlike_lid((pixels * shade).astype(np.uint8), (450, 600)).any()


def test_paper_beyond_a_fold_is_still_the_sheet() -> None:
    rng = np.random.default_rng(4)
    photo = np.zeros((900, 1200, 3), np.float32) + np.array((40, 48, 62), np.float32)
    sheet = cv2.fillConvexPoly(
        np.zeros((900, 1200), np.uint8), np.array([(170, 90), (1020, 60), (1080, 960), (120, 960)]), 1
    )
    photo[sheet > 0] = (225, 218, 196)
    y, x = np.mgrid[:900, :1200]
    photo[(sheet > 0) & (y < 400 - 0.03 * x)] *= 0.82
    photo += 3.0 * rng.standard_normal(photo.shape).astype(np.float32)
    found = find_page(cv2.GaussianBlur(photo, (0, 0), 1.0).clip(0, 255).astype(np.uint8))
    assert found is not None
    assert found[:2] == pytest.approx(np.array([(170, 90), (1020, 60)]), abs=6)
    assert found[2:, 1].min() > 880
