"""What every sheet has round its drawing: border, title, scale, north, legend, tables, notes, footer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geoinv import __version__
from geoinv.models.sheets_fonts import text_width
from geoinv.models.sheets_svg import FINE, INK, PALE, RED, STROKES, Canvas, Stroke, broken
from geoinv.records.base import canonical_json, sha256_hex
from geoinv.records.blueprint import Blueprint
from geoinv.records.evidence import Status

__all__ = [
    "PAPERS",
    "SCALES",
    "Column",
    "Layout",
    "choose_layout",
    "choose_rows",
    "draw_column",
    "draw_frame",
    "model_hash",
]

#: Landscape sizes, mm.
PAPERS: dict[str, tuple[float, float]] = {"A4": (297.0, 210.0), "A3": (420.0, 297.0), "A2": (594.0, 420.0)}
#: Standard scales (ISO 5455 and the customary 1:250).
SCALES = (50, 100, 200, 250, 500, 1000, 2000, 5000, 10000)
_MARGIN, _FOOT, _BANNER, _BAR = 10.0, 11.0, 9.0, 50.0
_A4_ROWS = 12
_COLUMN = {"A4": 88.0, "A3": 100.0, "A2": 108.0}
#: Room round the drawing for dimension lines, mm on each side.
_AIR = 12.0


@dataclass(frozen=True)
class Layout:
    """Where things go on a sheet.

    Attributes
    ----------
    paper
        ``A4``, ``A3`` or ``A2``, landscape.
    scale
        N of 1:N.
    area
        Left, top, right, bottom of the drawing, mm.
    middle
        Which place, metres east and north, lies in the middle of the area.
    """

    paper: str
    scale: int
    area: tuple[float, float, float, float]
    middle: tuple[float, float]

    def on_paper(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape in metres, east and north, as millimetres on the sheet."""
        x, y = (self.area[0] + self.area[2]) / 2, (self.area[1] + self.area[3]) / 2
        factor = np.array([1000.0, -1000.0]) / self.scale
        return shapely.transform(shape, lambda xy: (xy - np.array(self.middle)) * factor + np.array([x, y]))

    def point(self, place: ArrayLike) -> NDArray[np.float64]:
        """A place in metres, east and north, as millimetres on the sheet."""
        at: NDArray[np.float64] = shapely.get_coordinates(self.on_paper(Point(np.asarray(place))))[0]
        return at

    def mm(self, metres: float) -> float:
        """A length on paper."""
        return metres * 1000.0 / self.scale


def choose_layout(bounds: tuple[float, float, float, float], paper: str = "auto", *, rows: int = 0) -> Layout:
    """The largest standard scale at which a drawing fits, on A3, or on A4 where that loses nothing.

    Parameters
    ----------
    bounds
        West, south, east, north in metres.
    paper
        ``A4``, ``A3``, ``A2`` or ``auto``.
    rows
        Rows of the table beside the drawing: with more than A4 has room for, ``auto`` takes A3.
    """
    if paper == "auto":
        small, large = choose_layout(bounds, "A4"), choose_layout(bounds, "A3")
        return small if small.scale == large.scale and rows <= _A4_ROWS else large
    width, height = PAPERS[paper]
    area = (_MARGIN, _MARGIN, width - _MARGIN - _COLUMN[paper], height - _MARGIN - _FOOT)
    wide, high = area[2] - area[0] - 2 * _AIR, area[3] - area[1] - 2 * _AIR - _BANNER
    need = max((bounds[2] - bounds[0]) * 1000 / wide, (bounds[3] - bounds[1]) * 1000 / high)
    scale = next((scale for scale in SCALES if scale >= need), int(-(-need // 10000) * 10000))
    # The banner's height is taken off the top: the drawing's middle moves down by half of it.
    middle = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2 + _BANNER / 2 * scale / 1000)
    return Layout(paper, scale, area, middle)


def choose_rows(
    sizes: Sequence[tuple[float, float]], paper: str = "auto", *, air: tuple[float, float]
) -> tuple[Layout, list[tuple[float, float]]]:
    """The largest standard scale at which several drawings fit on a sheet in rows, and where each goes.

    Parameters
    ----------
    sizes
        Width and height of each, metres, in order.
    paper
        ``A4``, ``A3``, ``A2`` or ``auto``.
    air
        Room beside and under each drawing, mm.

    Returns
    -------
    The layout, and each drawing's lower left corner, mm. Rows stand in the middle of the sheet.
    """
    if paper == "auto":
        small, large = (choose_rows(sizes, name, air=air) for name in ("A4", "A3"))
        return small if small[0].scale == large[0].scale else large
    width, height = PAPERS[paper]
    area = (_MARGIN, _MARGIN, width - _MARGIN - _COLUMN[paper], height - _MARGIN - _FOOT)
    wide, high = area[2] - area[0] - 2 * _AIR, area[3] - area[1] - _AIR - _BANNER
    for scale in (*SCALES, 20000, 50000, 100000):
        drawn = [(w * 1000 / scale, h * 1000 / scale) for w, h in sizes]
        rows: list[list[int]] = []
        for index, (w, _) in enumerate(drawn):
            taken = sum(drawn[k][0] + air[0] for k in rows[-1]) if rows else wide
            if rows and taken + w + air[0] <= wide:
                rows[-1].append(index)
            else:
                rows.append([index])
        heights = [max(drawn[k][1] for k in row) + air[1] for row in rows]
        if max(w for w, _ in drawn) + air[0] <= wide and sum(heights) <= high:
            break
    between = (high - sum(heights)) / (len(rows) + 1)
    places: list[tuple[float, float]] = [(0.0, 0.0)] * len(sizes)
    y = area[1] + _BANNER
    for row, tall in zip(rows, heights, strict=True):
        y += between + tall
        free = wide - sum(drawn[k][0] + air[0] for k in row)
        x = area[0] + _AIR + free / 2
        for k in row:
            places[k] = (x, y - air[1])
            x += drawn[k][0] + air[0]
    return Layout(paper, scale, area, (0.0, 0.0)), places


def model_hash(blueprint: Blueprint) -> str:
    """SHA-256 of a blueprint's canonical JSON, as a sheet's footer names it in short."""
    return sha256_hex(canonical_json(blueprint.plain()))


def draw_frame(
    canvas: Canvas,
    layout: Layout,
    blueprint: Blueprint,
    said: Mapping[str, str],
    crs: str | None,
    page: tuple[int, int] | None = None,
) -> None:
    """Border, column rule, footer with the page's number, and the banner if the place is fictional."""
    left, top, right, bottom = layout.area
    width, height = PAPERS[layout.paper]
    canvas.rectangle(left, top, width - 2 * _MARGIN, height - 2 * _MARGIN, stroke=Stroke(0.5))
    canvas.line([(right, top), (right, bottom)], Stroke(0.25))
    canvas.line([(left, bottom), (width - _MARGIN, bottom)], Stroke(0.25))
    place = crs if crs is not None else _crs(blueprint, said)
    made = f"{said['model'].format(hash=model_hash(blueprint)[:12])} · geoinv {__version__}"
    canvas.text(left + 3, bottom + 4.6, said["not a survey"], size=2.5, bold=True)
    canvas.text(left + 3, bottom + 8.6, place, size=2.1, fill=PALE)
    canvas.text(width - _MARGIN - 3, bottom + 8.6, made, size=2.1, fill=PALE, anchor="end")
    if page is not None:
        number = said["page"].format(number=page[0], count=page[1])
        canvas.text(width - _MARGIN - 3, bottom + 4.6, number, size=2.5, bold=True, anchor="end")
    if blueprint.fictional:
        banner = said["fictional"]
        wide = text_width(banner, 3.2, bold=True)
        canvas.rectangle(left + 3, top + 3, wide + 6, 6.2, fill="#ffffff", stroke=Stroke(0.4, RED))
        canvas.text(left + 6, top + 7.2, banner, size=3.2, bold=True, fill=RED)


def _crs(blueprint: Blueprint, said: Mapping[str, str]) -> str:
    return said["crs"].format(lon=f"{blueprint.frame.lon:.6f}°", lat=f"{blueprint.frame.lat:.6f}°")


@dataclass(frozen=True)
class Column:
    """What the column beside the drawing says.

    Attributes
    ----------
    heading, lines
        Title of the sheet and what stands below it.
    table, widths
        Title, header and rows of the table, and each column's share of the width.
    notes
        Titles with their lines.
    signs
        Which of ``cut``, ``door``, ``window``, ``gap``, ``entrance`` the legend explains.
    statuses
        Those that occur in the drawing.
    turned
        By how many degrees counter-clockwise the drawing is turned, for the north arrow; ``None`` for one that
        has no north, such as an elevation.
    """

    heading: str
    lines: tuple[str, ...]
    table_title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    notes: tuple[tuple[str, tuple[str, ...]], ...]
    signs: tuple[str, ...]
    statuses: frozenset[Status]
    turned: float | None = 0.0


def draw_column(canvas: Canvas, layout: Layout, blueprint: Blueprint, said: Mapping[str, str], column: Column) -> None:
    """Title, scale and north, legend, table and notes, from the top down; rows that find no room are counted."""
    x, y = layout.area[2] + 4, layout.area[1] + 8.0
    width, floor = PAPERS[layout.paper][0] - _MARGIN - 4 - x, layout.area[3] - 3
    for line in broken(blueprint.title or blueprint.facility, width / 1.12, 5.0)[:2]:
        canvas.text(x, y, line, size=5.0, bold=True)
        y += 6.4
    for line in broken(column.heading, width, 3.4)[:2]:
        canvas.text(x, y, line, size=3.4)
        y += 4.6
    for line in (part for told in column.lines for part in broken(told, width, 2.3)[:3]):
        canvas.text(x, y, line, size=2.3, fill=PALE)
        y += 3.4
    y = _scale_and_north(canvas, layout, blueprint, said, column.turned, x, y + 2.5, width)
    y = _legend(canvas, said, column, x, y + 4.5)
    y = _table(canvas, said, column, x, y + 3.0, width, floor - 26)
    _notes(canvas, said, column, x, y + 3.0, width, floor)


def _scale_and_north(
    canvas: Canvas,
    layout: Layout,
    blueprint: Blueprint,
    said: Mapping[str, str],
    drawing_turned: float | None,
    x: float,
    y: float,
    width: float,
) -> float:
    canvas.line([(x, y - 3), (x + width, y - 3)], FINE)
    canvas.text(x, y + 2.5, f"{said['scale']} 1:{layout.scale}", size=4.2, bold=True)
    canvas.text(
        x + text_width(f"{said['scale']} 1:{layout.scale}", 4.2, bold=True) + 2, y + 2.5, layout.paper, size=2.3
    )
    metres = _BAR * layout.scale / 1000
    canvas.rectangle(x, y + 6, _BAR, 1.6, fill=INK, ident="scale-bar")
    for k in (1, 3):
        canvas.rectangle(x + 10 * k, y + 6.25, 10, 1.1, fill="#ffffff")
    canvas.text(x, y + 11.2, f"0 … {metres:g} m", size=2.6)
    if drawing_turned is not None:
        _north(canvas, blueprint, said, drawing_turned, x + width - 9, y + 8.0)
    return y + 17.0


def _north(
    canvas: Canvas, blueprint: Blueprint, said: Mapping[str, str], drawing_turned: float, x: float, y: float
) -> None:
    """The page's up is the frame's north, unless the drawing is turned; true north is off it by the convergence."""

    def turned(points: Sequence[tuple[float, float]], degrees: float) -> BaseGeometry:
        return shapely.affinity.rotate(shapely.Polygon(points), degrees, origin=(x, y))

    convergence = blueprint.convergence_deg
    true = convergence - drawing_turned
    canvas.shape(turned([(x, y - 7), (x + 2.1, y + 3), (x, y + 1.4)], true), fill=INK)
    canvas.shape(turned([(x, y - 7), (x - 2.1, y + 3), (x, y + 1.4)], true), fill="#ffffff", stroke=Stroke(0.2))
    tip = shapely.affinity.rotate(shapely.Point(x, y - 8.6), true, origin=(x, y))
    canvas.text(tip.x, tip.y + 0.4, "N", size=3.0, bold=True, anchor="middle")
    canvas.text(x, y + 6.4, said["true north"], size=2.0, anchor="middle", fill=PALE)
    if abs(convergence) >= 0.05:
        grid = shapely.affinity.rotate(shapely.LineString([(x, y - 6), (x, y + 3)]), -drawing_turned, origin=(x, y))
        canvas.shape(grid, stroke=Stroke(0.2, PALE, dashes=(1.0, 0.6)))
        canvas.text(
            x, y + 9.2, said["grid north"].format(angle=f"{-convergence:+.1f}"), size=2.0, anchor="middle", fill=PALE
        )


def _legend(canvas: Canvas, said: Mapping[str, str], column: Column, x: float, y: float) -> float:
    canvas.text(x, y, said["status"], size=2.6, bold=True)
    for status in (status for status in Status if status in column.statuses):
        y += 4.3
        canvas.line([(x, y - 0.8), (x + 13, y - 0.8)], STROKES[status])
        canvas.text(x + 15.5, y, said[status.value], size=2.2)
    for sign in column.signs:
        y += 4.3
        _sign(canvas, sign, x, y - 0.8)
        canvas.text(x + 15.5, y, said[sign], size=2.2)
    return y + 3.0


def _sign(canvas: Canvas, sign: str, x: float, y: float) -> None:
    """A drawing's sign in little, 13 mm wide about its line."""
    if sign == "entrance":
        canvas.shape(shapely.Polygon([(x + 5, y), (x + 7.2, y - 1), (x + 7.2, y + 1)]), fill=INK)
        return
    wall, middle = (0.0, 13.0), (4.6, 8.4)
    runs = [wall] if sign == "cut" else [(wall[0], middle[0]), (middle[1], wall[1])]
    fill = canvas.hatch("cut-attested", 0.85, Stroke(0.26, "#4a4f57"))
    for start, end in runs:
        canvas.rectangle(x + start, y - 0.75, end - start, 1.5, fill=fill, stroke=FINE)
    if sign == "door":
        canvas.line([(x + middle[0], y - 0.75), (x + middle[0] + 2.6, y - 2.9)], Stroke(0.35))
    elif sign == "window":
        canvas.rectangle(x + middle[0], y - 0.75, middle[1] - middle[0], 1.5, stroke=Stroke(0.18))
        canvas.line([(x + middle[0], y), (x + middle[1], y)], Stroke(0.25))
    elif sign == "gap":
        for edge in (-0.75, 0.75):
            canvas.line([(x + middle[0], y + edge), (x + middle[1], y + edge)], Stroke(0.15, PALE, (1.2, 0.8)))


def _table(
    canvas: Canvas, said: Mapping[str, str], column: Column, x: float, y: float, width: float, floor: float
) -> float:
    if not column.rows:
        return y
    canvas.text(x, y, column.table_title, size=2.6, bold=True)
    starts = [x + width * share for share in np.cumsum([0.0, *column.widths])[:-1]]
    y += 4.2
    for start, word in zip(starts, column.header, strict=True):
        canvas.text(start, y, word, size=2.0, fill=PALE)
    canvas.line([(x, y + 1.1), (x + width, y + 1.1)], FINE)
    fit = max(1, int((floor - y) / 3.4))
    shown = column.rows if len(column.rows) <= fit else column.rows[: fit - 1]
    for row in shown:
        y += 3.4
        for start, share, word in zip(starts, column.widths, row, strict=True):
            size = next((size for size in (2.1, 1.95, 1.8) if text_width(word, size) <= share * width - 1.0), 1.8)
            canvas.text(start, y + 0.3, _clipped(word, share * width - 1.0, size), size=size)
    if len(shown) < len(column.rows):
        y += 3.4
        canvas.text(x, y + 0.3, said["more"].format(count=len(column.rows) - len(shown)), size=2.1, fill=PALE)
    canvas.line([(x, y + 1.5), (x + width, y + 1.5)], FINE)
    return y + 3.5


def _clipped(word: str, width: float, size: float) -> str:
    if text_width(word, size) <= width:
        return word
    while word and text_width(word + "…", size) > width:
        word = word[:-1]
    return word.rstrip() + "…"


def _notes(
    canvas: Canvas, said: Mapping[str, str], column: Column, x: float, y: float, width: float, floor: float
) -> None:
    size, step = 2.05, 2.85
    for title, lines in column.notes:
        wrapped = [broken(f"– {line}", width, size) for line in lines]
        if not wrapped or y + 3.6 + step > floor:
            continue
        canvas.text(x, y, title, size=2.4, bold=True)
        y += 3.5
        for index, block in enumerate(wrapped):
            rest = len(wrapped) - index
            room = int((floor - y) / step) + 1
            if len(block) > room - (1 if rest > 1 else 0):
                canvas.text(x, y, said["more"].format(count=rest), size=size, fill=PALE)
                y += step
                break
            for line in block:
                canvas.text(x, y, line, size=size)
                y += step
        y += 2.0
