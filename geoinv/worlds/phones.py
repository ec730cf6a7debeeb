"""Practice sheets as they arrive, with the sheet's corners: scanned, photographed with a phone, or as strokes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from geoinv.records.drawings import Drawing, RasterDrawing, Stroke, VectorDrawing
from geoinv.worlds.pens import inked_sheet
from geoinv.worlds.practice_hands import Practice

__all__ = ["CAPTURES", "Capture", "Captured", "captured"]

Picture = NDArray[np.float32]
Array = NDArray[np.float64]
Capture = Literal["scan", "photo", "hard", "tablet", "page"]
CAPTURES: tuple[Capture, ...] = ("scan", "photo", "hard", "tablet", "page")


@dataclass(frozen=True)
class Captured:
    """A drawing as received, and where the sheet truly lies in it (pixels; the page's own units for strokes)."""

    drawing: Drawing
    corners: Array


def _table(rows: int, columns: int, rng: np.random.Generator) -> Picture:
    """What the sheet lies on: wood, cloth, a dark or grey or nearly white desk."""
    tone = np.array(
        ((0.13, 0.13, 0.14), (0.42, 0.30, 0.20), (0.55, 0.42, 0.30), (0.45, 0.45, 0.46), (0.30, 0.36, 0.46),
         (0.74, 0.73, 0.71), (0.22, 0.30, 0.24))[int(rng.integers(7))], np.float32)  # fmt: skip
    fine = rng.standard_normal((rows, columns)).astype(np.float32)
    kind = int(rng.integers(3))
    if kind == 0:
        grain = cv2.resize(rng.standard_normal((max(2, rows // 6), 6)).astype(np.float32), (columns, rows))
        if rng.random() < 0.5:
            grain = cv2.resize(rng.standard_normal((6, max(2, columns // 6))).astype(np.float32), (columns, rows))
        pattern = 0.12 * grain + 0.02 * fine
    elif kind == 1:
        y, x = np.mgrid[:rows, :columns].astype(np.float32)
        pitch = max(rows, columns) / float(rng.uniform(30, 90))
        pattern = 0.07 * np.sign(np.sin(2 * math.pi * x / pitch) * np.sin(2 * math.pi * y / pitch)) + 0.05 * fine
    else:
        pattern = 0.03 * fine
    return np.asarray(tone * (1 + pattern)[..., None], np.float32)


def _light(rows: int, columns: int, hard: bool, rng: np.random.Generator) -> Picture:
    """Light from one side, shadows of a head or hand, the lens's falling off."""
    y, x = np.meshgrid(np.linspace(-1, 1, rows, dtype=np.float32), np.linspace(-1, 1, columns, dtype=np.float32),
                       indexing="ij")  # fmt: skip
    way, slope = float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(0.0, 0.28 if hard else 0.10))
    light = 0.86 + slope * (x * math.cos(way) + y * math.sin(way)) - 0.06 * (x * x + y * y)
    for _ in range(int(rng.integers(1, 3)) if hard and rng.random() < 0.65 else 0):
        mask = np.zeros((rows, columns), np.float32)
        at = np.array((rng.uniform(0, columns), rng.choice((0.0, float(rows)))))
        size = max(rows, columns) * float(rng.uniform(0.25, 0.55))
        cv2.ellipse(mask, (int(at[0]), int(at[1])), (int(size * 0.55), int(size)), float(rng.uniform(-50, 50)), 0, 360,
                    1.0, -1)  # fmt: skip
        soft = max(2.0, max(rows, columns) * float(rng.uniform(0.004, 0.035)))
        dim = 1 - float(rng.uniform(0.2, 0.5)) * cv2.GaussianBlur(mask, (0, 0), soft)
        light = np.asarray(light * dim, np.float32)
    cast = np.array((1 + rng.normal(0.02, 0.03), 1.0, 1 - rng.normal(0.03, 0.04)), np.float32)
    return np.asarray(light[..., None] * cast, np.float32)


def _quad(size: tuple[float, float], frame: tuple[int, int], hard: bool, rng: np.random.Generator) -> Array:
    """Corners of the sheet in the picture: a pinhole camera leaning over it, turned a little."""
    width, height = size
    plane = np.array(
        [(-width / 2, -height / 2), (width / 2, -height / 2), (width / 2, height / 2), (-width / 2, height / 2)]
    )
    spin, tilt = (
        math.radians(float(rng.normal(0, 4 if hard else 2.5))),
        math.radians(float(rng.uniform(8, 34) if hard else rng.uniform(0, 9))),
    )
    azimuth = float(rng.uniform(0, 2 * math.pi))
    turn = np.array(((math.cos(spin), -math.sin(spin)), (math.sin(spin), math.cos(spin))))
    flat = plane @ turn.T
    axis = np.array((math.cos(azimuth), math.sin(azimuth)))
    along = flat @ axis
    depth = 1.9 * max(size) + along * math.sin(tilt)
    squeezed = flat + np.outer(along * (math.cos(tilt) - 1), axis)
    seen = squeezed / depth[:, None]
    low, high = seen.min(axis=0), seen.max(axis=0)
    columns, rows = frame
    fill = float(rng.uniform(0.74, 0.93)) if not hard or rng.random() < 0.8 else float(rng.uniform(0.95, 1.05))
    scale = fill * min(columns / (high - low)[0], rows / (high - low)[1])
    middle = np.array((columns, rows)) / 2 + rng.normal(0, 0.01, 2) * max(columns, rows)
    return np.asarray((seen - (low + high) / 2) * scale + middle)


def _uneven(page: Picture, alpha: Picture, rng: np.random.Generator, depth: float) -> tuple[Picture, Picture]:
    """A sheet that does not lie flat: smooth shifts of some pixels, none at its corners' mean."""
    rows, columns = page.shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    t, s = x / columns, y / rows
    bow = depth * np.sin(math.pi * t) * float(rng.normal()) + 0.5 * depth * np.sin(2 * math.pi * s) * float(
        rng.normal()
    )
    arch = depth * np.sin(math.pi * s) * float(rng.normal())
    maps = (x + arch.astype(np.float32), y + bow.astype(np.float32))
    moved = cv2.remap(page, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32), np.asarray(
        cv2.remap(alpha, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _photo(sheet: Practice, hard: bool, rng: np.random.Generator) -> Captured:
    megapixels = float(rng.choice((2.0, 2.5, 3.0, 1.2, 5.0), p=(0.3, 0.3, 0.2, 0.1, 0.1)))
    ratio = 4 / 3
    columns, rows = round(math.sqrt(megapixels * 1e6 * ratio)), round(math.sqrt(megapixels * 1e6 / ratio))
    if sheet.size[1] > sheet.size[0]:
        columns, rows = rows, columns
    quad = _quad(sheet.size, (columns, rows), hard, rng)
    scale = 1.15 * float(np.hypot(*(quad[2] - quad[0]))) / float(np.hypot(*sheet.size))
    page = inked_sheet(sheet, scale, rng)
    alpha = np.ones(page.shape[:2], np.float32)
    if hard and rng.random() < 0.4:
        page, alpha = _uneven(page, alpha, rng, float(rng.uniform(0.001, 0.004)) * max(page.shape))
    tall, wide = page.shape[:2]
    source = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, quad.astype(np.float32))
    inside = cv2.warpPerspective(alpha, matrix, (columns, rows), flags=cv2.INTER_LINEAR)[..., None]
    back = _table(rows, columns, rng)
    fall = cv2.GaussianBlur(np.roll(inside[..., 0], (5, 7), axis=(0, 1)), (0, 0), 0.004 * columns)[..., None]
    back = back * (1 - 0.5 * np.clip(fall - inside, 0, 1))
    photo = back * (1 - inside) + cv2.warpPerspective(page, matrix, (columns, rows), flags=cv2.INTER_LINEAR) * inside
    photo = photo * _light(rows, columns, hard, rng)
    if hard and rng.random() < 0.25:
        photo = _fingered(photo, quad, rng)
    blur = float(rng.uniform(0.5, 1.6) if hard else rng.uniform(0.3, 0.9)) * columns / 1800
    photo = cv2.GaussianBlur(photo, (0, 0), max(0.3, blur))
    if hard and rng.random() < 0.2:
        length = int(rng.integers(3, 6))
        kernel = np.eye(length, dtype=np.float32) / length
        photo = cv2.filter2D(photo, -1, kernel[:, ::-1] if rng.random() < 0.5 else kernel)
    noise = float(rng.uniform(0.006, 0.025) if hard else rng.uniform(0.003, 0.012))
    photo = photo + noise * rng.standard_normal(photo.shape).astype(np.float32)
    return Captured(RasterDrawing(_jpeg(photo, int(rng.integers(42, 78) if hard else rng.integers(62, 92)))), quad)


def _fingered(photo: Picture, quad: Array, rng: np.random.Generator) -> Picture:
    """A thumb holding the sheet down at one side."""
    rows, columns = photo.shape[:2]
    k = int(rng.integers(4))
    at = quad[k] + (quad[(k + 1) % 4] - quad[k]) * float(rng.uniform(0.25, 0.75))
    inward = quad.mean(axis=0) - at
    tip = at + inward / np.hypot(*inward) * 0.035 * columns
    root = at - inward / np.hypot(*inward) * 0.4 * columns
    mask = np.zeros((rows, columns), np.float32)
    cv2.line(mask, tuple(int(v) for v in tip), tuple(int(v) for v in root), 1.0, max(3, int(0.045 * columns)))
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), 2.0), np.float32)[..., None]
    skin = np.array(((0.72, 0.52, 0.42), (0.45, 0.30, 0.22), (0.80, 0.62, 0.52))[int(rng.integers(3))], np.float32)
    return np.asarray(photo * (1 - soft) + skin * soft, np.float32)


def _jpeg(photo: NDArray[np.float32], quality: int) -> NDArray[np.uint8]:
    levels = np.asarray((photo * 255).clip(0, 255), np.uint8)
    coded = cv2.imencode(".jpg", levels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.ascontiguousarray(decoded[..., ::-1], dtype=np.uint8)


def _scan(sheet: Practice, rng: np.random.Generator) -> Captured:
    """A flatbed: lid dark or white about the sheet, or none; colour, grey, or black and white."""
    scale = float(rng.uniform(125, 175)) / 25.4
    page = inked_sheet(sheet, scale, rng)
    tall, wide = page.shape[:2]
    lid = int(rng.integers(3))
    margin = 0 if lid == 2 else round(float(rng.uniform(4, 14)) * scale)
    frame = (wide + 2 * margin, tall + 2 * margin)
    lean = math.radians(float(rng.normal(0, 0.7))) if lid != 2 else 0.0
    turn = np.array(((math.cos(lean), -math.sin(lean)), (math.sin(lean), math.cos(lean))))
    corners = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)], float)
    quad = (corners - corners[2] / 2) @ turn.T + np.array(frame) / 2
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), quad.astype(np.float32))
    inside = cv2.warpPerspective(np.ones((tall, wide), np.float32), matrix, frame, flags=cv2.INTER_LINEAR)[..., None]
    back = np.full((frame[1], frame[0], 3), 0.12 if lid == 0 else 0.985, np.float32)
    fall = cv2.GaussianBlur(np.roll(inside[..., 0], (2, 2), axis=(0, 1)), (0, 0), 2.0)[..., None]
    back = back * (1 - 0.25 * np.clip(fall - inside, 0, 1))
    picture = back * (1 - inside) + cv2.warpPerspective(page, matrix, frame, flags=cv2.INTER_LINEAR) * inside
    picture = picture + 0.006 * rng.standard_normal(picture.shape).astype(np.float32)
    kind = rng.random()
    if kind < 0.3:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    if kind < 0.1:
        # Between ink and paper, as a scanner sets it by the sheet itself.
        ink, paper = np.percentile(picture[inside[..., 0] > 0.5], (0.5, 50))
        picture = (picture > ink + (paper - ink) * float(rng.uniform(0.4, 0.75))).astype(np.float32)
        pixels = np.asarray(picture * 255, np.uint8)
    else:
        pixels = _jpeg(picture, int(rng.integers(70, 96)))
    return Captured(RasterDrawing(pixels), quad)


def _printed(sheet: Practice, rng: np.random.Generator) -> Captured:
    """A document's page: strokes of even width on white, nothing around it."""
    scale = 2400 / max(sheet.size)
    rows, columns = round(sheet.size[1] * scale), round(sheet.size[0] * scale)
    page = np.full((rows, columns, 3), 255, np.uint8)
    width = float(rng.uniform(0.4, 1.4))
    colour = ((20, 20, 25), (20, 40, 130), (120, 20, 20))[int(rng.integers(3))]
    for stroke in sheet.strokes:
        points = (stroke.points * scale * 16).round().astype(np.int32)
        cv2.polylines(page, [points], False, colour, max(1, round(width * stroke.thick * scale)), cv2.LINE_AA, 4)
    corners = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], float)
    return Captured(RasterDrawing(page, whole_page=True), corners)


def _tablet(sheet: Practice, rng: np.random.Generator) -> Captured:
    """A tablet's strokes without names: lines, filled ribbons, or many short pieces."""
    width, height = sheet.size
    style, thick = int(rng.integers(3)), float(rng.uniform(0.4, 1.5))
    strokes: list[Stroke] = []
    for ink in sheet.strokes:
        line = LineString(np.column_stack([ink.points[:, 0], height - ink.points[:, 1]]))
        if style == 1:
            ribbon = line.buffer(thick * ink.thick / 2)
            if isinstance(ribbon, Polygon):
                strokes.append(Stroke(ribbon, True, True, 0.0))
        elif style == 2:
            coords = np.asarray(line.coords)
            strokes += [Stroke(LineString(coords[i : i + 2]), False, False, thick * float(rng.uniform(0.7, 1.3)))
                        for i in range(len(coords) - 1)]  # fmt: skip
        else:
            strokes.append(Stroke(line, False, False, thick * ink.thick))
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    return Captured(VectorDrawing((width, height), tuple(strokes)), corners)


def captured(sheet: Practice, how: Capture, seed: int) -> Captured:
    """A practice sheet as it arrives.

    Parameters
    ----------
    sheet
        What was drawn.
    how
        ``scan`` (flatbed), ``photo`` (phone, even light), ``hard`` (tilted, shaded, worn), ``tablet`` (strokes),
        ``page`` (a document's page of strokes).
    seed
        Pens, paper, light and camera.
    """
    rng = np.random.default_rng([seed, 402, CAPTURES.index(how)])
    if how == "scan":
        return _scan(sheet, rng)
    if how in ("photo", "hard"):
        return _photo(sheet, how == "hard", rng)
    return _tablet(sheet, rng) if how == "tablet" else _printed(sheet, rng)
