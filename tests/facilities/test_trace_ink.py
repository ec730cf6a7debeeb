"""Ink is told from paper of any colour, whatever the pen's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from geoinv.facilities.trace_ink import ink_of

PAPERS = {"white": (242, 242, 240), "kraft": (146, 112, 78), "legal": (235, 225, 150), "blue": (150, 185, 225)}
PENS = {"black": (45, 45, 48), "blue": (85, 80, 105), "red": (125, 50, 45), "green": (45, 90, 60)}


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("pen", PENS)
def test_every_pen_is_seen_on_every_paper(paper: str, pen: str) -> None:
    rng = np.random.default_rng(2)
    sheet = np.zeros((700, 900, 3), np.float32) + np.array(PAPERS[paper], np.float32)
    drawn = np.zeros(sheet.shape[:2], np.uint8)
    for a, b in (((120, 100), (780, 600)), ((250, 200), (420, 330)), ((520, 350), (700, 480))):
        cv2.rectangle(drawn, a, b, 1, 5)
    sheet[drawn > 0] = PENS[pen]
    sheet = cv2.GaussianBlur(sheet, (0, 0), 0.8) + 3.0 * rng.standard_normal(sheet.shape).astype(np.float32)
    ink = ink_of(sheet.clip(0, 255).astype(np.uint8))
    core = cv2.erode(drawn, np.ones((3, 3), np.uint8)) > 0
    assert ink.mask[core].mean() > 0.97
    far = cv2.dilate(drawn, np.ones((9, 9), np.uint8)) == 0
    assert ink.mask[far].mean() < 0.002
