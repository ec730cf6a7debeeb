"""Pens and papers: practice strokes as ink on a sheet, in reflectance."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from geoinv.worlds.practice_hands import Practice

__all__ = ["inked_sheet"]

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class _Pen:
    width: float
    colour: tuple[float, float, float]
    cover: float
    grain: float
    swell: float


_BLUES, _BLACK, _RED = (0.10, 0.16, 0.50), (0.09, 0.09, 0.11), (0.68, 0.12, 0.12)
_GREEN, _LEAD, _BROWN = (0.12, 0.40, 0.20), (0.34, 0.34, 0.36), (0.36, 0.22, 0.12)


def _pen(rng: np.random.Generator) -> _Pen:
    kind = rng.random()
    dark = (_BLUES, _BLACK, _BLACK, _RED, _GREEN)[int(rng.integers(5))]
    if kind < 0.32:
        return _Pen(float(rng.uniform(0.4, 0.75)), (_BLUES, _BLACK, _BLUES)[int(rng.integers(3))], 0.9, 0.25, 0.25)
    if kind < 0.5:
        return _Pen(float(rng.uniform(0.5, 1.0)), _LEAD, float(rng.uniform(0.5, 0.85)), 0.55, 0.3)
    if kind < 0.78:
        return _Pen(float(rng.uniform(0.9, 2.2)), dark, float(rng.uniform(0.75, 0.95)), 0.08, 0.08)
    if kind < 0.92:
        return _Pen(float(rng.uniform(1.2, 2.6)), (_BLACK, _BROWN, _BLUES)[int(rng.integers(3))], 0.93, 0.15, 0.8)
    return _Pen(float(rng.uniform(1.2, 2.4)), dark, 0.8, 0.75, 0.3)


def _noise(rows: int, columns: int, cell: float, rng: np.random.Generator) -> Picture:
    """Smooth noise of unit spread, with features of about ``cell`` pixels."""
    small = rng.standard_normal((max(3, round(rows / cell)), max(3, round(columns / cell)))).astype(np.float32)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_CUBIC), np.float32)


def _cover(sheet: Practice, pen: _Pen, number: int, scale: float, rng: np.random.Generator) -> Picture:
    """How much of each pixel a pen's strokes cover."""
    rows, columns = round(sheet.size[1] * scale), round(sheet.size[0] * scale)
    ink = np.zeros((rows, columns), np.float32)
    for stroke in sheet.strokes:
        if stroke.pen != number:
            continue
        points = stroke.points * scale
        steps = np.cumsum(rng.normal(0, 0.16, len(points)))
        swell = np.clip(1 + pen.swell * (steps - steps.mean()), 0.5, 1.7)
        for i in range(len(points) - 1):
            a, b = (tuple(int(v) for v in np.round(points[k] * 16)) for k in (i, i + 1))
            width = max(1, round(stroke.thick * pen.width * scale * float(swell[i])))
            cv2.line(ink, a, b, 1.0, width, cv2.LINE_AA, 4)
    worn = 1.0 - pen.grain * np.clip(0.5 + 0.6 * _noise(rows, columns, 2.2, rng), 0, 1)
    return np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.5) * worn * pen.cover, np.float32)


def _paper(rows: int, columns: int, scale: float, rng: np.random.Generator) -> Picture:
    """A sheet: tone and fibres; ruled, squared, dotted or plain; folds."""
    kind = str(rng.choice(("white", "white", "ruled", "grid", "dots", "kraft", "cream", "legal")))
    tone = {"kraft": (0.66, 0.53, 0.38), "cream": (0.94, 0.91, 0.82), "legal": (0.95, 0.91, 0.62)}.get(
        kind, (0.95, 0.95, 0.94)
    )
    fibre = 0.05 if kind == "kraft" else 0.012
    page = (
        np.array(tone, np.float32)
        * (1 + fibre * _noise(rows, columns, 3.0, rng) + 0.5 * fibre * _noise(rows, columns, 40, rng))[..., None]
    )
    line = np.array(((0.55, 0.70, 0.86), (0.66, 0.66, 0.68), (0.62, 0.78, 0.68))[int(rng.integers(3))], np.float32)
    strength = float(rng.uniform(0.35, 0.85))
    step = {"ruled": rng.uniform(6.5, 9.5), "legal": 8.0, "grid": rng.choice((5.0, 5.0, 7.0, 10.0)), "dots": 5.0}.get(
        kind
    )
    if step is not None:
        pitch, wide = float(step) * scale, max(1, round(0.22 * scale))
        across = np.arange(float(rng.uniform(0.4, 2.0)) * pitch, rows, pitch).round().astype(int)
        down = np.arange(float(rng.uniform(0.1, 1.0)) * pitch, columns, pitch).round().astype(int)
        mask = np.zeros((rows, columns), np.float32)
        if kind == "dots":
            for y in across:
                for x in down:
                    cv2.circle(mask, (int(x), int(y)), max(1, round(0.25 * scale)), 1.0, -1, cv2.LINE_AA)
        else:
            for y in across:
                mask[y : y + wide] = 1
            if kind == "grid":
                for x in down:
                    mask[:, x : x + wide] = 1
        page += (line - page) * (strength * mask)[..., None]
        if kind in ("ruled", "legal") and rng.random() < 0.6:
            x = round(float(rng.uniform(18, 32)) * scale)
            page[:, x : x + wide + 1] += (np.array((0.9, 0.5, 0.5), np.float32) - page[:, x : x + wide + 1]) * strength
    return page


def _worn(page: Picture, rng: np.random.Generator) -> Picture:
    """Folds, crumples and stains."""
    rows, columns = page.shape[:2]
    for axis in (0, 1):
        if rng.random() < 0.3:
            side = page.shape[1 - axis]
            at = side * float(rng.choice((0.5, 0.333, 0.667))) + rng.normal(0, 0.01 * side)
            x = np.arange(side, dtype=np.float32) - at
            tilt = float(rng.normal(0, 0.035)) * np.sign(x) - 0.10 * np.exp(-((x / (0.0012 * side)) ** 2))
            page = page * (1 + (tilt[None, :, None] if axis == 0 else tilt[:, None, None])).astype(np.float32)
    if rng.random() < 0.3:
        depth = float(rng.uniform(0.01, 0.035))
        facets = np.abs(_noise(rows, columns, min(rows, columns) / 7, rng)) + 0.5 * np.abs(
            _noise(rows, columns, min(rows, columns) / 16, rng)
        )
        page = page * (1 - depth * (facets - facets.mean()))[..., None]
    if rng.random() < 0.12:
        y, x = np.mgrid[:rows, :columns].astype(np.float32)
        far = np.hypot(x - rng.uniform(0, columns), y - rng.uniform(0, rows)) / (0.12 * max(rows, columns))
        ring = np.exp(-(((far - 1) / 0.06) ** 2)) + 0.3 * (far < 1)
        page = page * (1 - 0.13 * ring[..., None] * np.array((0.5, 0.8, 1.2), np.float32))
    return np.asarray(page, np.float32)


def inked_sheet(sheet: Practice, scale: float, rng: np.random.Generator) -> Picture:
    """The sheet as it lies there.

    Parameters
    ----------
    sheet
        Strokes in millimetres.
    scale
        Pixels a millimetre.
    rng
        Pens, paper and wear.

    Returns
    -------
    array (rows, columns, 3) of float32
        Reflectance, 0–1, RGB.
    """
    rows, columns = round(sheet.size[1] * scale), round(sheet.size[0] * scale)
    page = _paper(rows, columns, scale, rng)
    if rng.random() < 0.15:
        # What is on the sheet's other side shines through, mirrored.
        other = _cover(sheet, _Pen(1.6, _BLACK, 1.0, 0.1, 0.1), 0, scale, rng)[:, ::-1]
        page = page * (1 - float(rng.uniform(0.04, 0.12)) * cv2.GaussianBlur(other, (0, 0), 0.25 * scale))[..., None]
    first = _pen(rng)
    for number, pen in enumerate((first, _pen(rng))):
        cover = _cover(sheet, pen, number, scale, rng)[..., None]
        page = page * (1 - cover) + np.array(pen.colour, np.float32) * cover
    return np.asarray(_worn(page, rng).clip(0, 1.1), np.float32)
