"""Drawings as files: an SVG of unsteady strokes, or a pen drawing on paper as a scanner or a phone gives it back."""

from __future__ import annotations

import io
import math
from html import escape

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.records.drawings import SketchElement
from geoinv.worlds.drawings import SimulatedDrawing
from geoinv.worlds.lettering import strokes_of, width_of

__all__ = ["scan_png", "sketch_svg"]

Array = NDArray[np.float64]
_INKS = {
    "building": ("#20242e", 2.3),
    "room": ("#20242e", 2.0),
    "corridor": ("#5b6472", 1.4),
    "wall": ("#20242e", 3.0),
    "gate": ("#a33a2a", 2.6),
    "tower": ("#20242e", 2.2),
    "road": ("#8a7a5c", 4.0),
    "path": ("#8a7a5c", 2.4),
    "water": ("#3d6fa5", 3.0),
    "door": ("#a33a2a", 3.2),
    "window": ("#3d6fa5", 2.6),
    "other": ("#20242e", 2.0),
}
_FILLS = {"building": "#e9dcc3", "room": "#efe7d6", "tower": "#d9c9a8"}
#: Colours a scan is saved in.
_COLOURS = 64
_DESC = (
    "simulated: true. Fictional: drawn by a program from a made-up plan with human-like distortion; no person drew it, "
    "and the place does not exist (open ocean)."
)


def _unsteady(points: Array, rng: np.random.Generator, wobble: float, spacing: float) -> Array:
    """A line as a hand draws it: smooth little swings about the true one."""
    line = shapely.segmentize(LineString(points), spacing)
    dense = np.asarray(line.coords)
    if len(dense) < 3:
        return dense + rng.normal(0, wobble * 0.5, dense.shape)
    drift = np.cumsum(rng.normal(0, 1, dense.shape), axis=0)
    ramp = np.linspace(0, 1, len(dense))[:, None]
    drift -= drift[0] * (1 - ramp) + drift[-1] * ramp
    return dense + wobble * (0.45 * drift / max(1.0, math.sqrt(len(dense)) / 2) + rng.normal(0, 0.28, dense.shape))


def _ring(geometry: BaseGeometry) -> Array:
    return np.asarray(geometry.exterior.coords if isinstance(geometry, Polygon) else geometry.coords)


def _gap(element: SketchElement, gates: list[SketchElement]) -> list[Array]:
    """A wall's line with the gate left open."""
    line: BaseGeometry = LineString(_ring(element.geometry))
    if element.role == "wall":
        for gate in gates:
            line = line.difference(gate.geometry.convex_hull.buffer(3))
    return [np.asarray(part.coords) for part in shapely.get_parts(shapely.line_merge(line)) if part.length > 4]


def _path(points: Array, height: float, closed: bool) -> str:
    spots = [f"{x:.1f} {height - y:.1f}" for x, y in points]
    return "M " + " L ".join(spots) + (" Z" if closed else "")


def sketch_svg(drawing: SimulatedDrawing, seed: int) -> str:
    """A drawing as SVG, as a tablet would save it: one group a thing, with its id, role as class, title and label."""
    sketch = drawing.sketch
    width, height = sketch.page_size or (1000.0, 700.0)
    rng = np.random.default_rng([seed, 101, sum(sketch.name.encode())])
    kind = "Plan" if sketch.scope == "site" else f"Inside of “{sketch.depicts}”,"
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" data-scope="{sketch.scope}">',
        f"<title>{escape(kind)} drawn by {sketch.witness} (simulated, fictional)</title>",
        f"<desc>{escape(_DESC)}</desc>",
        f'<g id="paper"><rect width="{width:.0f}" height="{height:.0f}" fill="#fcfaf3"/></g>',
        f'<g id="plan" class="{sketch.scope}" fill="none" stroke-linecap="round" stroke-linejoin="round" '
        'font-family="Nanum Pen Script, Segoe Print, Comic Sans MS, Pretendard, sans-serif">',
    ]
    gates = list(sketch.of_role("gate"))
    order = {"water": 0, "road": 1, "path": 2, "corridor": 3}
    for element in sorted(sketch.elements, key=lambda item: order.get(item.role, 9)):
        rows.append(_svg_element(element, gates, height, rng))
    if sketch.north is not None:
        rows.append(_north_svg(width, sketch.north))
    return "\n".join([*rows, "</g>", "</svg>", ""])


def _svg_element(element: SketchElement, gates: list[SketchElement], height: float, rng: np.random.Generator) -> str:
    colour, thick = _INKS.get(element.role, _INKS["other"])
    closed = isinstance(element.geometry, Polygon)
    parts = [_ring(element.geometry)] if closed else _gap(element, gates)
    wobble = 2.0 if closed or element.role in ("wall", "road", "water", "path") else 0.8
    lines = [_path(_unsteady(part, rng, wobble, 24.0), height, closed) for part in parts]
    fill = f' fill="{_FILLS[element.role]}" fill-opacity=".6"' if element.role in _FILLS else ""
    dash = ' stroke-dasharray="12 7"' if element.role == "path" else ""
    drawn = f'<path d="{" ".join(lines)}" stroke="{colour}" stroke-width="{thick:g}"{fill}{dash}/>'
    more = f' data-count="{element.count}"' if element.count else ""
    sure = f' data-certainty="{element.certainty:g}"' if element.certainty < 1 else ""
    title = f"<title>{escape(element.label or element.role)}</title>"
    return f'<g id="{element.id}" class="{element.role}"{more}{sure}>{title}{drawn}{_svg_label(element, height)}</g>'


def _svg_label(element: SketchElement, height: float) -> str:
    if not element.label:
        return ""
    x, y, size, across = _label_spot(element)
    turn = "" if across else f' transform="rotate(-90 {x:.1f} {height - y:.1f})"'
    return (
        f'<text x="{x:.1f}" y="{height - y:.1f}" text-anchor="middle" dominant-baseline="middle" '
        f'font-size="{size:.1f}" '
        f'fill="#1d2330" stroke="none"{turn}>{escape(element.label)}</text>'
    )


def _label_spot(element: SketchElement) -> tuple[float, float, float, bool]:
    """Where a label goes, how high its letters are, and whether it reads across the page."""
    shape = element.geometry
    west, south, east, north = shape.bounds
    text = element.label or ""
    if isinstance(shape, Polygon) and element.role not in ("gate", "tower"):
        spot = shape.representative_point() if not shape.contains(shape.centroid) else shape.centroid
        if element.role == "corridor":
            spot = shapely.maximum_inscribed_circle(shape).interpolate(0)
        upright = north - south > 1.5 * (east - west) and width_of(text, 14) > (east - west)
        room = (north - south) if upright else (east - west)
        size = float(np.clip(room * 0.9 / max(1.0, width_of(text, 1.0)), 11.0, 18.0))
        return spot.x, spot.y, size, not upright
    if isinstance(shape, Polygon):
        return (west + east) / 2, south - 12, 14.0, True
    spot = shape.interpolate(0.3 if element.role != "wall" else 0.11, normalized=True)
    return spot.x, spot.y - 13, 14.0, True


def _north_svg(width: float, north: float) -> str:
    x, y = width - 46.0, 52.0
    a = math.radians(north)
    tip, tail = (x + 26 * math.sin(a), y - 26 * math.cos(a)), (x - 22 * math.sin(a), y + 22 * math.cos(a))
    left, right = ((tip[0] - 11 * math.sin(a + side), tip[1] + 11 * math.cos(a + side)) for side in (-0.5, 0.5))
    line = f"M {tail[0]:.1f} {tail[1]:.1f} L {tip[0]:.1f} {tip[1]:.1f}"
    head = f"M {left[0]:.1f} {left[1]:.1f} L {tip[0]:.1f} {tip[1]:.1f} L {right[0]:.1f} {right[1]:.1f}"
    return (
        f'<g id="north" class="north"><title>north arrow</title>'
        f'<path d="{line} {head}" stroke="#20242e" stroke-width="2"/>'
        f'<text x="{tip[0] + 9 * math.sin(a):.1f}" y="{tip[1] - 9 * math.cos(a):.1f}" text-anchor="middle" '
        'font-size="14" fill="#20242e" stroke="none" dominant-baseline="middle">N</text></g>'
    )


# --------------------------------------------------------------------------------------------------- paper


class _Pen:
    """Draws on a sheet of ``scale`` pixels a unit; the line swells and fades, and now and then is gone over twice."""

    def __init__(self, width: float, height: float, scale: float, rng: np.random.Generator) -> None:
        self.scale, self.height, self.rng = scale, height, rng
        self.ink = np.zeros((int(height * scale), int(width * scale)), np.float32)

    def line(self, points: Array, thick: float, strength: float = 1.0) -> None:
        pixels = np.column_stack([points[:, 0], self.height - points[:, 1]]) * self.scale
        pressure = np.clip(1 + 0.25 * np.cumsum(self.rng.normal(0, 0.35, len(pixels))), 0.7, 1.35)
        for index in range(len(pixels) - 1):
            a, b = (tuple(int(v) for v in np.round(pixels[i] * 16)) for i in (index, index + 1))
            width = max(1, round(thick * self.scale * float(pressure[index])))
            cv2.line(self.ink, a, b, strength * float(0.8 + 0.2 * pressure[index]), width, cv2.LINE_AA, 4)

    def shape(self, points: Array, thick: float, wobble: float) -> None:
        """One side after the other, each a little past its corner, as people draw boxes."""
        corners = np.asarray(LineString(points).simplify(1.2).coords)
        for a, b in zip(corners, corners[1:], strict=False):
            step = (b - a) / max(1e-6, float(np.hypot(*(b - a))))
            over = self.rng.normal(1.0, 2.2, 2)
            side = np.array([a - step * over[0], b + step * over[1]]) + self.rng.normal(0, 0.7, (2, 2))
            self.line(_unsteady(side, self.rng, wobble, 14.0), thick)
            if self.rng.random() < 0.1:
                self.line(_unsteady(side + self.rng.normal(0, 1.4, (2, 2)), self.rng, wobble, 14.0), thick, 0.85)

    def words(self, x: float, y: float, text: str, size: float, across: bool) -> None:
        """Words about a middle point."""
        strokes = strokes_of(text, size, self.rng)
        if not strokes:
            return
        wide = width_of(text, size)
        lean = math.radians(float(self.rng.normal(0, 2.5)) + (0 if across else 90))
        turn = np.array(((math.cos(lean), math.sin(lean)), (-math.sin(lean), math.cos(lean))))
        for stroke in strokes:
            self.line((stroke - (wide / 2, size / 2)) @ turn + (x, y), 1.25, 0.95)


def _ink(drawing: SimulatedDrawing, scale: float, rng: np.random.Generator) -> NDArray[np.float32]:
    sketch = drawing.sketch
    width, height = sketch.page_size or (1000.0, 700.0)
    pen = _Pen(width, height, scale, rng)
    gates = list(sketch.of_role("gate"))
    for element in sketch.elements:
        thick = {"wall": 2.5, "door": 2.6, "corridor": 1.2, "road": 1.6}.get(element.role, 1.8)
        if isinstance(element.geometry, Polygon):
            pen.shape(_ring(element.geometry), thick, 1.3)
        elif element.role in ("road", "water") and isinstance(element.geometry, LineString):
            for edge in (-7.0, 7.0):
                for part in shapely.get_parts(element.geometry.offset_curve(edge)):
                    pen.line(_unsteady(np.asarray(part.coords), rng, 2.0, 20.0), 1.6)
        else:
            for part in _gap(element, gates):
                pen.line(_unsteady(part, rng, 2.0 if element.role == "wall" else 0.7, 18.0), thick)
        if element.label:
            x, y, size, across = _label_spot(element)
            pen.words(x, y, element.label, size * 0.95, across)
    if sketch.north is not None:
        a = math.radians(sketch.north)
        way = np.array((math.sin(a), math.cos(a)))
        foot = np.array((width - 84, height - 84))
        side = np.array((way[1], -way[0]))
        pen.line(_unsteady(np.array([foot - 24 * way, foot + 26 * way]), rng, 0.8, 10.0), 1.9)
        pen.line(np.array([foot + 16 * way + 7 * side, foot + 26 * way, foot + 16 * way - 7 * side]), 1.9)
        tip = foot + 42 * way
        pen.words(float(tip[0]), float(tip[1]), "N", 15.0, True)
    return pen.ink


def scan_png(drawing: SimulatedDrawing, seed: int) -> bytes:
    """A drawing in ballpoint on ruled, squared or plain paper, lying a little askew, photographed; PNG bytes."""
    rng = np.random.default_rng([seed, 102, sum(drawing.sketch.name.encode())])
    width, height = drawing.sketch.page_size or (1000.0, 700.0)
    scale = 1040.0 / max(width, height)
    # Drawn twice as large and averaged down, so that a line can swell by less than a pixel.
    large = _ink(drawing, 2 * scale, rng)
    ink = np.asarray(
        cv2.resize(large, (large.shape[1] // 2, large.shape[0] // 2), interpolation=cv2.INTER_AREA), np.float32
    )
    rows, columns = ink.shape
    sheet = _paper(rows, columns, rng)
    blue = np.array(((0.13, 0.17, 0.42), (0.10, 0.10, 0.13), (0.12, 0.15, 0.36))[int(rng.integers(3))], np.float32)
    grain = 0.86 + 0.14 * np.clip(
        cv2.GaussianBlur(rng.standard_normal(ink.shape).astype(np.float32), (0, 0), 1.0) * 2 + 0.7, 0, 1
    )
    cover = np.clip(cv2.GaussianBlur(ink, (0, 0), 0.6) * grain * 1.05, 0, 0.93)[..., None]
    page = sheet * (1 - cover) + blue * cover
    photo = _photographed(page, rng)
    # Sixty-four colours, as scanners' own software saves drawings: the noise below that is not worth its bytes.
    levels = np.asarray(np.clip(np.round(photo * 255 / 4) * 4, 0, 255), np.uint8)
    few = Image.fromarray(levels).quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True, dpi=(130, 130))
    return out.getvalue()


def _paper(rows: int, columns: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A sheet: its tone, fibres, fold, and ruling."""
    tone = np.array(((0.95, 0.94, 0.90), (0.93, 0.91, 0.85), (0.96, 0.96, 0.95))[int(rng.integers(3))], np.float32)
    mottle = cv2.resize(
        rng.standard_normal((rows // 40 + 2, columns // 40 + 2)).astype(np.float32),
        (columns, rows),
        interpolation=cv2.INTER_CUBIC,
    )
    sheet = tone * (1 + 0.012 * mottle)[..., None]
    kind = int(rng.integers(3))
    line = np.array((0.62, 0.72, 0.84), np.float32)
    step = 40 if kind == 0 else 27
    offset = int(rng.integers(10, 30))
    if kind in (0, 1):
        for row in range(offset, rows, step):
            sheet[row : row + 1] = sheet[row : row + 1] * 0.35 + line * 0.65
    if kind == 1:
        for column in range(offset, columns, step):
            sheet[:, column : column + 1] = sheet[:, column : column + 1] * 0.35 + line * 0.65
    if kind == 0:
        sheet[:, 70:72] = sheet[:, 70:72] * 0.4 + np.array((0.85, 0.5, 0.5), np.float32) * 0.6
    fold = columns // 2 + int(rng.integers(-20, 20))
    sheet[:, fold : fold + 2] *= 0.93
    sheet[:, fold + 2 : fold + 6] *= 1.02
    return np.asarray(sheet, np.float32)


def _photographed(page: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The sheet on a table, seen not quite from above, lit from one side."""
    rows, columns = page.shape[:2]
    margin = 46
    size = (columns + 2 * margin, rows + 2 * margin)
    corners = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32)
    lean = math.radians(float(rng.normal(0, 0.9)))
    turn = np.array(((math.cos(lean), -math.sin(lean)), (math.sin(lean), math.cos(lean))))
    middle = np.array((columns / 2, rows / 2))
    target = (corners - middle) @ turn.T * 0.985 + middle + margin + rng.normal(0, 9, (4, 2))
    matrix = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
    table = np.array(((0.36, 0.31, 0.27), (0.24, 0.25, 0.27), (0.44, 0.40, 0.34))[int(rng.integers(3))], np.float32)
    back = np.full((size[1], size[0], 3), table, np.float32)
    wood = cv2.resize(rng.standard_normal((size[1] // 5, 8)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    back *= (1 + 0.05 * wood)[..., None]
    inside = cv2.warpPerspective(np.ones((rows, columns), np.float32), matrix, size, flags=cv2.INTER_LINEAR)
    # The sheet's own shadow on the table.
    shadow = cv2.GaussianBlur(np.roll(inside, (7, 6), axis=(0, 1)), (0, 0), 6)
    back *= (1 - 0.45 * np.clip(shadow - inside, 0, 1))[..., None]
    warped = cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_LINEAR)
    photo = back * (1 - inside[..., None]) + warped * inside[..., None]
    x, y = np.meshgrid(np.linspace(-1, 1, size[0], dtype=np.float32), np.linspace(-1, 1, size[1], dtype=np.float32))
    way = float(rng.uniform(0, 2 * math.pi))
    light = 0.95 + 0.07 * (x * math.cos(way) + y * math.sin(way)) - 0.05 * (x * x + y * y)
    noise = cv2.GaussianBlur(rng.standard_normal((size[1], size[0], 1)).astype(np.float32), (0, 0), 0.7)[..., None]
    return np.asarray(photo * light[..., None] + 0.008 * noise, np.float32)
