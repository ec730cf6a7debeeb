"""The figure of a tracing: the drawing as received beside what was read from it, by certainty."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from geoinv.pages.furniture import INK, MUTED, Key, Panel, legend_at, path_data, stamp, svg_figure, text_at
from geoinv.pages.map_words import label_place
from geoinv.pages.underlays import data_uri, jpeg_bytes
from geoinv.pages.words import Language, word
from geoinv.records.drawings import Drawing, RasterDrawing, Sketch, SketchElement, VectorDrawing

__all__ = ["trace_figure"]

_WIDE, _SIDE, _TOP, _GAP = 1240.0, 34.0, 122.0, 26.0
_TALLEST = 900.0
#: Longer side of the embedded picture in pixels.
_PIXELS = 1400
#: Colours of Okabe and Ito (2008): certain, likely, doubtful; told apart by width and dash too.
_BANDS: tuple[tuple[float, str, str], ...] = (
    (0.8, "certain shapes", 'stroke="#0072B2" stroke-width="2.6" fill="#0072B2" fill-opacity=".16"'),
    (0.5, "likely shapes", 'stroke="#D55E00" stroke-width="2.2" fill="#E69F00" fill-opacity=".20"'),
    (0.0, "doubtful shapes", 'stroke="#8a94a0" stroke-width="1.4" stroke-dasharray="4 4" fill="none"'),
)
_LINES: tuple[tuple[float, str, str], ...] = (
    (0.5, "traced lines", 'stroke="#009E73" stroke-width="2.4" fill="none"'),
    (0.0, "doubtful lines", 'stroke="#8a94a0" stroke-width="1.2" stroke-dasharray="2 4" fill="none"'),
)


def _style(element: SketchElement) -> str:
    bands = _BANDS if isinstance(element.geometry, Polygon) else _LINES
    return next(paint for least, _, paint in bands if element.certainty >= least)


def _fitted(size: tuple[float, float], x: float, width: float) -> Panel:
    """A panel for a page of some size, y up, as wide as asked unless it would be too tall."""
    wide, high = size
    scale = min(width / wide, _TALLEST / high)
    return Panel(x, _TOP, wide * scale, high * scale, (0.0, 0.0, wide, high))


def _frame(panel: Panel) -> str:
    return (
        f'<rect x="{panel.x:.1f}" y="{panel.y:.1f}" width="{panel.width:.1f}" height="{panel.height:.1f}" fill="#fff" '
        f'stroke="#c3c9d0" stroke-width="1"/>'
    )


def _picture(pixels: NDArray[np.uint8], panel: Panel) -> str:
    factor = min(1.0, _PIXELS / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else pixels
    uri = data_uri(jpeg_bytes(np.asarray(small, np.uint8)), "image/jpeg")
    return (
        f'<image x="{panel.x:.1f}" y="{panel.y:.1f}" width="{panel.width:.1f}" height="{panel.height:.1f}" '
        f'preserveAspectRatio="none" href="{uri}"/>'
    )


def _original(drawing: Drawing, sketch: Sketch, width: float) -> tuple[list[str], Panel]:
    """The drawing as received, with the sheet's edges as found."""
    if isinstance(drawing, VectorDrawing):
        panel = _fitted(drawing.page_size, _SIDE, width)
        return [_frame(panel), *(_stroke(drawing, panel))], panel
    rows, columns = drawing.pixels.shape[:2]
    size = (columns * drawing.shrunk, rows * drawing.shrunk)
    panel = _fitted(size, _SIDE, width)
    body = [_picture(drawing.pixels, panel)]
    if sketch.page is not None:
        corners = np.array(sketch.page, dtype=float)
        corners[:, 1] = size[1] - corners[:, 1]
        edge = path_data(panel, Polygon(corners))
        body.append(f'<path d="{edge}" fill="none" stroke="#fff" stroke-width="4" stroke-opacity=".7"/>')
        body.append(f'<path d="{edge}" fill="none" stroke="#CC79A7" stroke-width="2" stroke-dasharray="9 5"/>')
    return body, panel


def _stroke(drawing: VectorDrawing, panel: Panel) -> list[str]:
    scale = panel.width / drawing.page_size[0]
    out = []
    for stroke in drawing.strokes:
        fill = INK if stroke.filled and stroke.width <= 0 else "none"
        width = max(0.6, stroke.width * scale) if stroke.width > 0 else 0.6
        out.append(
            f'<path d="{path_data(panel, stroke.geometry)}" fill="{fill}" fill-opacity=".7" stroke="{INK}" '
            f'stroke-width="{width:.2f}" stroke-linejoin="round"/>'
        )
    return out


def _traced(sketch: Sketch, size: tuple[float, float], x: float, width: float) -> tuple[list[str], Panel]:
    """What was read: shapes, large ones first, then lines, with the ids by which they are edited."""
    panel = _fitted(size, x, width)
    body = [_frame(panel)]
    order = sorted(sketch.elements, key=lambda one: (isinstance(one.geometry, LineString), -one.geometry.area, one.id))
    for element in order:
        body.append(f'<path d="{path_data(panel, element.geometry)}" {_style(element)} stroke-linejoin="round"/>')
    for element in order:
        if isinstance(element.geometry, Polygon) and element.certainty >= 0.5:
            (at,) = panel.at(np.array([label_place(element.geometry)]))
            body.append(text_at(at[0], at[1] + 4, element.id, 11, anchor="middle", halo=True))
    return body, panel


def _keys(sketch: Sketch, language: Language) -> list[Key]:
    """What is there, how often."""
    shapes = [one.certainty for one in sketch.elements if isinstance(one.geometry, Polygon)]
    lines = [one.certainty for one in sketch.elements if not isinstance(one.geometry, Polygon)]
    keys = []
    for bands, values in ((_BANDS, shapes), (_LINES, lines)):
        top = 2.0
        for least, name, paint in bands:
            count = sum(least <= value < top for value in values)
            top = least
            if count:
                keys.append(Key(paint, word(name, language, n=str(count))))
    return keys


def trace_figure(
    drawing: Drawing, sketch: Sketch, *, title: str, simulated: bool = False, language: Language = "en"
) -> str:
    """A drawing beside its tracing, as one SVG.

    Parameters
    ----------
    drawing
        As received.
    sketch
        Traced from it.
    title
        Its name.
    simulated
        Whether it is fictional, which is stamped on it.
    language
        Of the words.

    Returns
    -------
    str
        Shapes and lines coloured by certainty, the sheet's edges as found. The drawing itself is in it, handwriting and
        all: it says so, since it is not for publication.
    """
    body = [
        text_at(_SIDE, 42, title, 25, bold=True),
        text_at(_SIDE, 70, word("trace figure", language), 14.5, fill=MUTED),
    ]
    if simulated:
        body.append(stamp(_WIDE - _SIDE, 40, word("fictional", language)))
    half = (_WIDE - 2 * _SIDE - _GAP) / 2
    left, first = _original(drawing, sketch, half)
    size = sketch.page_size or (1.0, 1.0)
    right, second = _traced(sketch, size, _SIDE + half + _GAP, half)
    body += [text_at(first.x, _TOP - 12, word("as received", language), 13.5, bold=True),
             text_at(second.x, _TOP - 12, word("as traced", language), 13.5, bold=True), *left, *right]  # fmt: skip
    y = _TOP + max(first.height, second.height) + 34
    legend, y = legend_at(_SIDE, y, _keys(sketch, language), _WIDE - 2 * _SIDE, word("certainty legend", language))
    body.append(legend)
    notes = [word("sheet edges", language)] if isinstance(drawing, RasterDrawing) and not drawing.whole_page else []
    notes += [word("trace note", language)]
    notes += [word("korean note", language)] if language == "ko" else []
    for note in notes:
        y += 22
        body.append(text_at(_SIDE, y, note, 12, fill=MUTED))
    return svg_figure(_WIDE, y + 26, f"{word('trace figure', language)}: {title}", body)
