"""A sheet of paper in millimetres, drawn as SVG: strokes by status, shapes, and text whose place is kept in mind."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.models.sheets_fonts import FAMILY, text_width
from geoinv.records.evidence import Status

__all__ = ["FINE", "INK", "MARK", "PALE", "RED", "STROKES", "Canvas", "Stroke", "broken", "centre_of", "number"]

#: Ink, a lighter ink for what is secondary, and the mark of what sources contest.
INK, PALE, MARK, RED = "#1d2126", "#6d7278", "#9b1f63", "#a31d1d"


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn: width in mm, colour, dashes in mm, and whether it is marked with crosses."""

    width: float
    colour: str = INK
    dashes: tuple[float, ...] = ()
    round_ends: bool = False
    marked: bool = False


#: One line style a status, told apart without colour.
STROKES: dict[Status, Stroke] = {
    Status.CORROBORATED: Stroke(0.50),
    Status.OBSERVED: Stroke(0.20),
    Status.ATTESTED: Stroke(0.35, dashes=(2.2, 0.9)),
    Status.CONTESTED: Stroke(0.35, MARK, dashes=(2.2, 0.9), marked=True),
    Status.INFERRED: Stroke(0.42, dashes=(0.01, 0.95), round_ends=True),
    Status.CONJECTURAL: Stroke(0.42, "#a3a6aa", dashes=(0.01, 1.15), round_ends=True),
}
#: Thin construction lines.
FINE = Stroke(0.13)


def number(value: float) -> str:
    """A length in mm as SVG writes it, to a thousandth, without trailing zeros."""
    return f"{round(value, 3) + 0.0:.3f}".rstrip("0").rstrip(".")


class Canvas:
    """One sheet: x to the right, y down, millimetres from the top left corner.

    Attributes
    ----------
    width, height
        Of the paper, mm.
    taken
        Boxes of every text written so far, so that the next can keep clear of them.
    """

    def __init__(self, width: float, height: float, *, title: str, about: str, lang: str) -> None:
        self.width, self.height = width, height
        self.taken: list[Polygon] = []
        self._title, self._about, self._lang = title, about, lang
        self._items: list[str] = []
        self._hatches: dict[str, str] = {}

    # ------------------------------------------------------------------ shapes

    def shape(
        self, shape: BaseGeometry, *, fill: str = "none", stroke: Stroke | None = None, ident: str | None = None
    ) -> None:
        """Polygons and lines in mm; holes stay holes."""
        rings: list[str] = []
        for part in shapely.get_parts(shape):
            if isinstance(part, Polygon):
                rings += [_ring(part.exterior.coords, closed=True)]
                rings += [_ring(ring.coords, closed=True) for ring in part.interiors]
            elif isinstance(part, LineString):
                rings.append(_ring(part.coords, closed=part.is_closed))
        if not rings:
            return
        name = f' id="{escape(ident)}"' if ident else ""
        rule = ' fill-rule="evenodd"' if fill != "none" else ""
        self._items.append(f'<path{name} d="{" ".join(rings)}" fill="{fill}"{rule}{_stroke(stroke)}/>')
        if stroke is not None and stroke.marked:
            self._crosses(shape, stroke)

    def line(self, points: ArrayLike, stroke: Stroke) -> None:
        """An open line through points in mm, shape (n, 2)."""
        self.shape(LineString(np.asarray(points, np.float64)), stroke=stroke)

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        stroke: Stroke | None = None,
        ident: str | None = None,
    ) -> None:
        """A rectangle by its top left corner, mm."""
        self.shape(shapely.box(x, y, x + width, y + height), fill=fill, stroke=stroke, ident=ident)

    def arc(
        self, start: tuple[float, float], end: tuple[float, float], radius: float, *, left: bool, stroke: Stroke
    ) -> None:
        """A quarter circle from one point to another."""
        sweep = 0 if left else 1
        path = f"M{number(start[0])} {number(start[1])}A{number(radius)} {number(radius)} 0 0 {sweep} "
        self._items.append(f'<path d="{path}{number(end[0])} {number(end[1])}" fill="none"{_stroke(stroke)}/>')

    def hatch(self, name: str, spacing: float, stroke: Stroke, *, crossed: bool = False, angle: float = 45.0) -> str:
        """A fill of parallel or crossed lines; returns what to give as ``fill``."""
        middle = number(spacing / 2)
        lines = f"M0 {middle}H{number(spacing)}" + (f"M{middle} 0V{number(spacing)}" if crossed else "")
        self._hatches[name] = (
            f'<pattern id="{name}" width="{number(spacing)}" height="{number(spacing)}" patternUnits="userSpaceOnUse"'
            f' patternTransform="rotate({number(angle)})"><path d="{lines}" fill="none"{_stroke(stroke)}/></pattern>'
        )
        return f"url(#{name})"

    def _crosses(self, shape: BaseGeometry, stroke: Stroke) -> None:
        """Small crosses along a line, every 9 mm, the mark of what is contested."""
        lines = shape.boundary if isinstance(shape, Polygon) or shape.geom_type == "MultiPolygon" else shape
        for line in shapely.get_parts(lines):
            count = max(1, round(line.length / 9))
            for k in range(count):
                at = line.interpolate((k + 0.5) / count, normalized=True)
                for slope in (1, -1):
                    self.line([(at.x - 0.7, at.y - 0.7 * slope), (at.x + 0.7, at.y + 0.7 * slope)], Stroke(0.25, MARK))

    def picture(self, x: float, y: float, width: float, height: float, pixels: NDArray[np.uint8]) -> None:
        """An RGB picture, shape (rows, columns, 3), stretched over a rectangle by its top left corner, mm."""
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "JPEG", quality=80, optimize=True)
        data = base64.b64encode(stream.getvalue()).decode()
        place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
        self._items.append(f'<image {place} preserveAspectRatio="none" href="data:image/jpeg;base64,{data}"/>')

    # -------------------------------------------------------------------- text

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 2.3,
        anchor: str = "start",
        bold: bool = False,
        fill: str = INK,
        turn: float = 0.0,
    ) -> None:
        """A line of text on a baseline; ``turn`` in degrees clockwise about its anchor."""
        if not words:
            return
        self.taken.append(self.text_box(x, y, words, size=size, anchor=anchor, bold=bold, turn=turn))
        weight = ' font-weight="700"' if bold else ""
        place = "" if anchor == "start" else f' text-anchor="{anchor}"'
        rotate = f' transform="rotate({number(turn)} {number(x)} {number(y)})"' if turn else ""
        self._items.append(
            f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}"{weight}{place} fill="{fill}"{rotate}>'
            f"{escape(words)}</text>"
        )

    @staticmethod
    def text_box(
        x: float,
        y: float,
        words: str,
        *,
        size: float = 2.3,
        anchor: str = "start",
        bold: bool = False,
        turn: float = 0.0,
    ) -> Polygon:
        """The box a text would take."""
        wide = text_width(words, size, bold=bold)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        box = shapely.box(left, y - 0.78 * size, left + wide, y + 0.24 * size)
        return shapely.affinity.rotate(box, turn, origin=(x, y)) if turn else box

    def is_free(self, box: BaseGeometry) -> bool:
        """Whether no text has been written there."""
        return not any(box.intersects(other) for other in self.taken)

    def paragraph(
        self, x: float, y: float, words: str, *, width: float, size: float = 2.1, fill: str = INK, most: int = 99
    ) -> float:
        """Text broken into lines no wider than ``width``; returns the baseline after the last."""
        for line in broken(words, width, size)[:most]:
            self.text(x, y, line, size=size, fill=fill)
            y += 1.38 * size
        return y

    def svg(self) -> str:
        """The sheet as an SVG document whose user unit is one millimetre."""
        size = f"{number(self.width)} {number(self.height)}"
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(self.width)}mm" height="{number(self.height)}mm"'
            f' viewBox="0 0 {size}" xml:lang="{self._lang}" font-family="{FAMILY}, Pretendard, sans-serif">'
        )
        hatches = "".join(self._hatches[name] for name in sorted(self._hatches))
        defs = f"<defs>{hatches}</defs>" if hatches else ""
        about = f"<title>{escape(self._title)}</title><desc>{escape(self._about)}</desc>"
        return "\n".join([head, about + defs, *self._items, "</svg>"]) + "\n"


def broken(words: str, width: float, size: float) -> list[str]:
    """Text in lines no wider than ``width``, broken at spaces, or anywhere in a word longer than a line."""
    lines, line = [], ""
    for word in words.split():
        while text_width(word, size) > width:
            keep = next(k for k in range(len(word), 0, -1) if text_width(word[:k], size) <= width or k == 1)
            if line:
                lines.append(line)
                line = ""
            lines.append(word[:keep])
            word = word[keep:]
        longer = f"{line} {word}".strip()
        if text_width(longer, size) > width and line:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def _ring(points: Iterable[tuple[float, ...]], *, closed: bool) -> str:
    written = [f"{number(point[0])} {number(point[1])}" for point in points]
    return f"M{'L'.join(written[:-1])}Z" if closed else f"M{'L'.join(written)}"


def _stroke(stroke: Stroke | None) -> str:
    if stroke is None:
        return ""
    dashes = f' stroke-dasharray="{" ".join(number(dash) for dash in stroke.dashes)}"' if stroke.dashes else ""
    ends = ' stroke-linecap="round"' if stroke.round_ends else ""
    return f' stroke="{stroke.colour}" stroke-width="{number(stroke.width)}"{dashes}{ends}'


def centre_of(shape: BaseGeometry) -> Point:
    """A point well inside a shape: the middle of the largest circle in it."""
    polygon = max(shapely.get_parts(shape), key=lambda part: float(part.area))
    line = shapely.maximum_inscribed_circle(polygon, tolerance=0.2)
    return Point(line.coords[0])
