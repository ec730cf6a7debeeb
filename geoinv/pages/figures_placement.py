"""How drawings lie on the ground: the drawing over the scene, what is which, how far off, how bent; SVG text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString, Point, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from geoinv.geometry.fits import thin_plate
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.pages.furniture import (
    INK,
    MUTED,
    WARN,
    Key,
    MetricPanel,
    caption,
    ground_of,
    legend_at,
    north_arrow,
    path_data,
    scale_bar,
    stamp,
    svg_figure,
    text_at,
    wrapped,
)
from geoinv.pages.underlays import Underlay
from geoinv.pages.words import Language, word
from geoinv.records.drawings import Sketch
from geoinv.records.placements import Match, Placement, SketchPlacement
from geoinv.records.places import Frame

__all__ = ["Laid", "placement_figure"]

_WIDE, _SIDE, _MAP, _TOP = 1180.0, 20.0, 720.0, 92.0
_DRAWN, _FOUND, _GRID = "#D55E00", "#0072B2", "#7b3294"
#: Runners-up shown, sketches shown, lines a side of the distortion grid, and rows of the table.
_RUNNERS, _SKETCHES, _LINES, _ROWS = 3, 3, 9, 26
#: Candidates less likely than this are not shown.
_STANDS = 0.3
#: Pairs from which a distortion can be told from the fit.
_ENOUGH = 4


@dataclass(frozen=True)
class Laid:
    """What a placement figure is drawn from.

    Attributes
    ----------
    candidates
        Outlines on the ground, longitude and latitude, by ``id``.
    sketches
        By file name.
    match
        Where they lie.
    underlay
        A scene under it, if there is one.
    """

    candidates: gpd.GeoDataFrame
    sketches: Mapping[str, Sketch]
    match: Match
    underlay: Underlay | None = None


def placement_figure(laid: Laid, *, title: str, simulated: bool = False, language: Language = "en") -> str:
    """The preferred placement of each drawing, large, and the runners-up beside each other, as one SVG.

    Parameters
    ----------
    laid
        What it is drawn from.
    title
        Whose drawings they are.
    simulated
        Whether it is fictional, which is stamped on it; so it is over a simulated scene.
    language
        Of the words.
    """
    simulated = simulated or (laid.underlay is not None and laid.underlay.simulated)
    body = [text_at(_SIDE, 42, title, 25, bold=True)]
    body.append(text_at(_SIDE, 70, word("placement figure", language), 14.5, fill=MUTED))
    if simulated:
        body.append(stamp(_WIDE - _SIDE, 40, word("fictional", language)))
    y = _TOP
    best = laid.match.best
    if best is None:
        none = f"{laid.match.none_probability:.2f}"
        body.append(text_at(_SIDE, y + 14, word("abstains", language, none=none), 14, bold=True, fill=WARN))
        y += 34
    else:
        for name in sorted(best.sketches, key=lambda name: -len(best.sketches[name].pairs))[:_SKETCHES]:
            if name in laid.sketches:
                parts, y = _sketch(laid, name, best, y, language)
                body += parts
    parts, y = _runners(laid, y, language)
    body += parts
    notes = [caption(laid.underlay, language)]
    notes += [word("fictional note", language)] if simulated else []
    notes += [word("korean note", language)] if language == "ko" else []
    for note in filter(None, notes):
        body.append(text_at(_SIDE, y, note, 12, fill=MUTED))
        y += 19
    return svg_figure(_WIDE, y + 4, f"{word('placement figure', language)}: {title}", body)


def _shapes(laid: Laid, frame: Frame) -> dict[str, BaseGeometry]:
    """Candidates in metres of a frame: those that likely stand, and those that something is taken for."""
    table = laid.candidates
    if "existence" in table:
        taken = {key for placement in laid.match.placements for placed in placement.sketches.values()
                 for pair in placed.pairs for key in pair.candidates}  # fmt: skip
        table = table[(table["existence"].fillna(1.0) >= _STANDS) | table["id"].astype(str).isin(taken)]
    return {str(key): to_local(frame, shape) for key, shape in zip(table["id"], table.geometry, strict=True)}


def _placed(sketch: Sketch, placed: SketchPlacement, frame: Frame) -> dict[str, BaseGeometry]:
    """Drawn elements as they lie, metres of a frame."""
    own = placed.transform
    found = {}
    for element in sketch.elements:
        if not element.geometry.is_empty:
            shape = own.apply(element.geometry)
            found[element.id] = shape if own.frame == frame else to_local(frame, to_lonlat(own.frame, shape))
    return found


def _bounds(shapes: Sequence[BaseGeometry], margin: float) -> tuple[float, float, float, float]:
    """A square about shapes."""
    west, south, east, north = unary_union(list(shapes)).bounds
    half = 0.5 * max(east - west, north - south, 20.0) * (1 + margin)
    x, y = (west + east) / 2, (south + north) / 2
    return x - half, y - half, x + half, y + half


def _sketch(laid: Laid, name: str, best: Placement, top: float, language: Language) -> tuple[list[str], float]:
    """One drawing's panel with its table; and the y below."""
    placed, sketch = best.sketches[name], laid.sketches[name]
    frame = placed.transform.frame
    drawn, found = _placed(sketch, placed, frame), _shapes(laid, frame)
    panel = MetricPanel(_SIDE, top + 26, _MAP, _MAP, _bounds(list(drawn.values()), 0.16))
    said = word("placement of", language, sketch=name, best=f"{best.probability:.2f}")
    body = [text_at(_SIDE, top + 14, said, 14.5, bold=True)]
    clip = f"ground-{list(best.sketches).index(name)}"
    body += [_ground(panel, laid.underlay, frame, clip), f'<g clip-path="url(#{clip})">']
    dark = laid.underlay is not None
    body += [_grid(panel, sketch, placed, drawn, found)]
    taken = {key for pair in placed.pairs for key in pair.candidates}
    body += _candidates(panel, found, taken, dark)
    body += [_element(panel, drawn[element.id], element.role) for element in sketch.elements if element.id in drawn]
    body += _pairs(panel, placed, drawn, found)
    body += [_lost(panel, drawn[one.sketch], one.sketch) for one in placed.unmatched if one.sketch in drawn]
    body.append(f'</g><rect x="{panel.x}" y="{panel.y}" width="{_MAP}" height="{_MAP}" fill="none" stroke="{INK}"/>')
    body.append(north_arrow(panel.x + _MAP - 32, panel.y + 34, word("north", language)))
    body += _table(sketch, placed, panel.y, language)
    legend, below = legend_at(
        _SIDE, panel.y + _MAP + 30, _keys(language), _MAP - 160, word("location legend", language)
    )
    return [*body, legend, scale_bar(panel, _SIDE + _MAP - 160, panel.y + _MAP + 40)], below + 34


def _ground(panel: MetricPanel, underlay: Underlay | None, frame: Frame, clip: str) -> str:
    if underlay is None:
        return ground_of(panel, None, clip)
    west, south, east, north = underlay.bounds
    corners = to_local(frame, LineString([(west, south), (east, north)])).bounds
    # Over so small a piece of ground the scene's rectangle of degrees is one of metres.
    moved = Underlay(underlay.pixels, corners, underlay.date, underlay.attribution, underlay.simulated)
    return ground_of(panel, moved, clip)


def _candidates(panel: MetricPanel, found: Mapping[str, BaseGeometry], taken: Collection[str], dark: bool) -> list[str]:
    """Outlines on the piece of ground that is shown: those that nothing is taken for first, in one paint."""
    ground = box(*panel.bounds)
    shown = {key: shape for key, shape in found.items() if shape.intersects(ground)}
    paint = "#ffffff" if dark else "#9aa3ad"
    others = [_outline(panel, shape) for key, shape in shown.items() if key not in taken]
    known = [_outline(panel, shape) for key, shape in shown.items() if key in taken]
    return [
        f'<g fill="{paint}" fill-opacity=".06" stroke="{paint}" stroke-opacity=".7">{"".join(others)}</g>',
        f'<g fill="{_FOUND}" fill-opacity=".22" stroke="{_FOUND}" stroke-width="2">{"".join(known)}</g>',
    ]


def _outline(panel: MetricPanel, shape: BaseGeometry) -> str:
    if isinstance(shape, Point):
        x, y = panel.at(np.array([[shape.x, shape.y]]))[0]
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill-opacity="1" stroke="none"/>'
    return f'<path d="{path_data(panel, shape)}"/>'


def _element(panel: MetricPanel, shape: BaseGeometry, role: str) -> str:
    if isinstance(shape, Point):
        x, y = panel.at(np.array([[shape.x, shape.y]]))[0]
        return f'<path d="M{x - 5:.1f} {y:.1f}h10M{x:.1f} {y - 5:.1f}v10" stroke="{_DRAWN}" stroke-width="2.2"/>'
    width = 2.2 if role in ("building", "tower", "gate", "wall") else 1.3
    path = path_data(panel, shape)
    return (
        f'<path d="{path}" fill="none" stroke="#fff" stroke-opacity=".7" stroke-width="{width + 1.8}"/>'
        f'<path d="{path}" fill="none" stroke="{_DRAWN}" stroke-width="{width}" stroke-dasharray="7 4"/>'
    )


def _middles(
    placed: SketchPlacement, drawn: Mapping[str, BaseGeometry], found: Mapping[str, BaseGeometry]
) -> list[tuple[tuple[str, ...], Point, Point]]:
    """Drawn elements, where they are drawn, and where what they are lies, per pair."""
    out = []
    for pair in placed.pairs:
        here = [drawn[key] for key in pair.sketch if key in drawn]
        there = [found[key] for key in pair.candidates if key in found]
        if here and there:
            out.append((pair.sketch, unary_union(here).centroid, unary_union(there).centroid))
    return out


def _pairs(
    panel: MetricPanel,
    placed: SketchPlacement,
    drawn: Mapping[str, BaseGeometry],
    found: Mapping[str, BaseGeometry],
) -> list[str]:
    """A line from each drawn thing to what it is, with how far that is."""
    out = []
    for names, here, there in _middles(placed, drawn, found):
        (a, b), (c, d) = panel.at(np.array([[here.x, here.y], [there.x, there.y]]))
        out.append(f'<path d="M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" stroke="#fff" stroke-width="4.5"/>')
        out.append(f'<path d="M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" stroke="#000" stroke-width="2"/>')
        out.append(f'<circle cx="{c:.1f}" cy="{d:.1f}" r="4" fill="{_FOUND}" stroke="#fff" stroke-width="1.2"/>')
        out.append(text_at(a, b - 6, names[0], 12.5, bold=True, fill="#8a3b00", anchor="middle", halo=True))
    return out


def _lost(panel: MetricPanel, shape: BaseGeometry, name: str) -> str:
    """The name of a drawn thing for which nothing was found."""
    x, y = panel.at(np.array([[shape.centroid.x, shape.centroid.y]]))[0]
    return text_at(x, y + 4, name, 12, bold=True, fill=WARN, anchor="middle", halo=True)


def _grid(
    panel: MetricPanel,
    sketch: Sketch,
    placed: SketchPlacement,
    drawn: Mapping[str, BaseGeometry],
    found: Mapping[str, BaseGeometry],
) -> str:
    """Squares of the paper as the pairs bend them onto the ground (Tobler 1994), by a thin-plate spline."""
    pairs = _middles(placed, drawn, found)
    if len(pairs) < _ENOUGH:
        return ""
    here = np.array([[one.x, one.y] for _, one, _ in pairs])
    there = np.array([[one.x, one.y] for _, _, one in pairs])
    if np.linalg.matrix_rank(here - here.mean(axis=0), tol=1e-6 * float(np.ptp(here))) < 2:
        return ""
    bent = thin_plate(here, there, smoothing=1.0)
    ends = unary_union([element.geometry for element in sketch.elements]).bounds
    across, up = np.linspace(ends[0], ends[2], _LINES), np.linspace(ends[1], ends[3], _LINES)
    lines: list[NDArray[np.float64]] = []
    fine = np.linspace(0, 1, 25)
    for x in across:
        lines.append(np.column_stack([np.full(25, x), ends[1] + fine * (ends[3] - ends[1])]))
    for y in up:
        lines.append(np.column_stack([ends[0] + fine * (ends[2] - ends[0]), np.full(25, y)]))
    matrix = placed.transform.array
    laid = [LineString(bent(line @ matrix[:, :2].T + matrix[:, 2])) for line in lines]
    path = path_data(panel, MultiLineString(laid))
    return f'<path d="{path}" fill="none" stroke="{_GRID}" stroke-width="1" stroke-opacity=".55"/>'


def _table(sketch: Sketch, placed: SketchPlacement, top: float, language: Language) -> list[str]:
    """What each drawn thing is, how probably, and how far off."""
    left, right, y = _SIDE + _MAP + 24, _WIDE - _SIDE, top + 12
    labels = {element.id: element.label for element in sketch.elements}
    body = [text_at(left, y, word("drawn is", language), 13, bold=True)]
    body.append(text_at(right - 74, y, word("probability", language), 12, fill=MUTED, anchor="end"))
    body.append(text_at(right, y, word("off", language), 12, fill=MUTED, anchor="end"))
    y += 24
    step = min(25.0, (_MAP - 90) / max(1, min(_ROWS, len(placed.pairs) + len(placed.unmatched))))
    rows = 0
    for pair in placed.pairs[:_ROWS]:
        names = " + ".join(f"{key} “{labels[key]}”" if labels.get(key) else key for key in pair.sketch)
        words = wrapped(f"{names} = {' + '.join(pair.candidates)}", right - left - 150, 11.2)[0]
        body.append(text_at(left, y, words, 12.5))
        body.append(text_at(right - 74, y, f"{pair.probability:.2f}", 12.5, anchor="end"))
        known = [placed.residuals_m[key] for key in pair.sketch if key in placed.residuals_m]
        body.append(text_at(right, y, f"{max(known):.1f} m" if known else "–", 12.5, anchor="end"))
        y, rows = y + step, rows + 1
    for one in placed.unmatched[: max(0, _ROWS - rows)]:
        name = f"{one.sketch} “{labels[one.sketch]}”" if labels.get(one.sketch) else one.sketch
        words = one.why if language == "en" else word("not matched", language)
        body.append(text_at(left, y, wrapped(f"{name}: {words}", right - left, 11.2)[0], 12.5, fill=WARN))
        y += step
    for kind, fit in sorted(placed.fit.items()):
        said = word("fit said", language, kind=kind, r2=f"{fit.r2:.2f}", index=f"{fit.distortion_index:.0f}")
        body.append(text_at(left, y + 10, said, 12, fill=MUTED))
        y += 18
    if placed.mirrored:
        body.append(text_at(left, y + 10, word("mirrored", language), 12.5, bold=True, fill=WARN))
    return body


def _keys(language: Language) -> list[Key]:
    return [
        Key(f'fill="none" stroke="{_DRAWN}" stroke-width="2.2" stroke-dasharray="7 4"', word("as drawn", language)),
        Key(f'fill="{_FOUND}" fill-opacity=".22" stroke="{_FOUND}" stroke-width="2"', word("taken for", language)),
        Key('fill="none" stroke="#9aa3ad"', word("not taken", language)),
        Key(f'fill="none" stroke="{_GRID}" stroke-opacity=".55"', word("distortion grid", language)),
    ]


def _runners(laid: Laid, top: float, language: Language) -> tuple[list[str], float]:
    """The placements that come next, small, beside each other, each with its probability; and the y below."""
    first = 0 if laid.match.best is None else 1
    chosen = laid.match.placements[first : first + _RUNNERS]
    none = word("none of these", language, none=f"{laid.match.none_probability:.2f}")
    heading = word("runners up" if first else "likeliest places", language)
    body = [text_at(_SIDE, top + 14, f"{heading} · {none}", 14.5, bold=True)]
    if not chosen:
        body.append(text_at(_SIDE, top + 38, word("no runners", language), 13, fill=MUTED))
        return body, top + 64
    gap = 16.0
    side = (_WIDE - 2 * _SIDE - (_RUNNERS - 1) * gap) / _RUNNERS
    frame = next(iter(chosen[0].sketches.values())).transform.frame
    found = _shapes(laid, frame)
    every = [_all_placed(laid, placement, frame) for placement in [*laid.match.placements[:first], *chosen]]
    bounds = _bounds([shape for shapes in every for shape in shapes], 0.12)
    for index, (placement, shapes) in enumerate(zip(chosen, every[first:], strict=True)):
        panel = MetricPanel(_SIDE + index * (side + gap), top + 48, side, side, bounds)
        chance = f"{placement.probability:.3f}" if placement.probability >= 0.001 else "< 0.001"
        said = word("rank says", language, rank=placement.rank, probability=chance)
        body.append(text_at(panel.x, top + 40, said, 13))
        body += [_ground(panel, laid.underlay, frame, f"ground-r{index}"), f'<g clip-path="url(#ground-r{index})">']
        body += _candidates(panel, found, (), laid.underlay is not None)
        body += [_element(panel, shape, "other") for shape in shapes]
        body.append(
            f'</g><rect x="{panel.x}" y="{panel.y}" width="{side}" height="{side}" fill="none" stroke="{INK}"/>'
        )
        body.append(f'<rect x="{panel.x}" y="{panel.y + side + 6}" width="{side}" height="6" fill="#e3e6ea"/>')
        wide = side * placement.probability
        body.append(f'<rect x="{panel.x}" y="{panel.y + side + 6}" width="{wide:.1f}" height="6" fill="{_FOUND}"/>')
    return body, top + 48 + side + 38


def _all_placed(laid: Laid, placement: Placement, frame: Frame) -> list[BaseGeometry]:
    return [
        shape
        for name, placed in placement.sketches.items()
        if name in laid.sketches
        for shape in _placed(laid.sketches[name], placed, frame).values()
    ]
