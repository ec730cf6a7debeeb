"""The map of what was said about where: statements, regions, what conflicts with what; SVG text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import get_coordinates
from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from geoinv.geometry.frames import to_local, xy_to_local
from geoinv.pages.furniture import (
    INK,
    MUTED,
    WARN,
    Key,
    MetricPanel,
    legend_at,
    north_arrow,
    path_data,
    scale_bar,
    stamp,
    svg_figure,
    text_at,
    wrapped,
)
from geoinv.pages.said_shapes import said_shape
from geoinv.pages.told import told
from geoinv.pages.words import Language, word
from geoinv.records.locations import Conflict, Location
from geoinv.records.testimony import Statement, Statements

__all__ = ["location_figure"]

_WIDE, _SIDE, _MAP, _TOP = 1180.0, 20.0, 760.0, 92.0
#: A statement below this is drawn as doubtful.
_DOUBTFUL = 0.5
_REGION = "#0072B2"
#: Colour of what probably holds, by kind; the first three kinds of legend entries beside what is doubtful.
_PIN, _WAY, _PLACE, _LOOK = "#1d2733", "#7b3294", "#1b7837", "#5b6673"
_PAINT = {"pin": _PIN, "published": _PIN, "from": _WAY, "walk": _WAY, "area": _PLACE, "near": _PLACE, "between": _PLACE}
#: Statements whose probabilities differ by less are as doubtful as each other.
_EVEN = 0.05
#: Parts of a region smaller than this on the page get a ring, if there are no more than so many.
_SEEN, _RINGS = 16.0, 6
#: Conflicts told of; the rest are counted.
_MOST = 5


@dataclass(frozen=True)
class _One:
    """A statement as it is drawn: its number, its shape and the place of its number, metres."""

    number: int
    statement: Statement
    chance: float
    shift_m: float | None
    shape: BaseGeometry
    spot: Point

    @property
    def used(self) -> bool:
        """Whether it says where anything is: an area by a name without an outline does not."""
        return self.statement.kind != "area" or not self.shape.is_empty

    @property
    def paint(self) -> str:
        return _PAINT.get(self.statement.kind, _LOOK) if self.chance >= _DOUBTFUL else WARN


def location_figure(
    statements: Statements, location: Location, *, title: str, simulated: bool = False, language: Language = "en"
) -> str:
    """The statements and the regions they leave, as one SVG: map left, what each is worth right, conflicts below.

    Parameters
    ----------
    statements
        What was said.
    location
        What was made of it.
    title
        Whose place it is.
    simulated
        Whether it is fictional, which is stamped on it.
    language
        Of the words; what was said stays as it was said.
    """
    panel = MetricPanel(_SIDE, _TOP, _MAP, _MAP, _bounds(statements, location))
    drawn = _drawn(statements, location, (panel.bounds[2] - panel.bounds[0]) / 2)
    body = [text_at(_SIDE, 42, title, 25, bold=True)]
    body.append(text_at(_SIDE, 70, word("location figure", language), 14.5, fill=MUTED))
    if simulated:
        body.append(stamp(_WIDE - _SIDE, 40, word("fictional", language)))
    body.append(_map(panel, drawn, statements, location, language))
    body.append(_worth(drawn, location, language))
    below = panel.y + panel.height + 34
    keys, below = legend_at(_SIDE, below, _keys(language), _MAP - 190, word("location legend", language))
    body += [keys, scale_bar(panel, _SIDE + _MAP - 190, panel.y + panel.height + 44)]
    lines, below = _sentences(drawn, location, below + 26, simulated, language)
    return svg_figure(_WIDE, below + 6, f"{word('location figure', language)}: {title}", [*body, *lines])


def _bounds(statements: Statements, location: Location) -> tuple[float, float, float, float]:
    """A square about the regions, with the pins and landmarks that lie about as near."""
    frame = location.frame
    shapes = [to_local(frame, region.geometry) for region in location.regions] or [Point(0, 0).buffer(200.0)]
    west, south, east, north = shapes[-1].bounds
    reach = 0.5 * max(east - west, north - south, 60.0)
    middle = Point((west + east) / 2, (south + north) / 2)
    near = [Point(xy) for xy in _points(statements, location)]
    near += [nearest_points(to_local(frame, mark.geometry), middle)[0] for mark in statements.landmarks.values()]
    kept = [*shapes, *(place for place in near if place.distance(middle) < 3.5 * reach)]
    boxes = np.array([shape.bounds for shape in kept])
    west, south = (float(value) for value in boxes[:, :2].min(axis=0))
    east, north = (float(value) for value in boxes[:, 2:].max(axis=0))
    half = 0.5 * max(east - west, north - south) * 1.12
    x, y = (west + east) / 2, (south + north) / 2
    return x - half, y - half, x + half, y + half


def _points(statements: Statements, location: Location) -> NDArray[np.float64]:
    points = [statement.point for statement in statements.statements if statement.point is not None]
    return xy_to_local(location.frame, np.array(points, dtype=float)) if points else np.zeros((0, 2))


def _drawn(statements: Statements, location: Location, half_m: float) -> list[_One]:
    worth = {one.id: one for one in location.diagnostics.statements}
    found = []
    for number, statement in enumerate(statements.statements, 1):
        shape, spot = said_shape(statement, statements, location.frame, half_m)
        one = worth.get(statement.id)
        chance = one.probability_valid if one is not None else 0.0
        found.append(_One(number, statement, chance, one.shift_without_m if one else None, shape, spot))
    return found


def _map(
    panel: MetricPanel, drawn: Sequence[_One], statements: Statements, location: Location, language: Language
) -> str:
    frame = f'x="{panel.x}" y="{panel.y}" width="{panel.width}" height="{panel.height}"'
    out = [f'<clipPath id="location-map"><rect {frame}/></clipPath><rect {frame} fill="#f4f2ec"/>']
    out.append('<g clip-path="url(#location-map)">')
    for region, opacity in zip(reversed(location.regions), (0.16, 0.26), strict=False):
        shape = _smoothed(to_local(location.frame, region.geometry))
        out.append(
            f'<path d="{path_data(panel, shape)}" fill="{_REGION}" '
            f'fill-opacity="{opacity}" fill-rule="evenodd" stroke="{_REGION}" stroke-width="1.2"/>'
        )
    out += [_ring(panel, to_local(location.frame, region.geometry)) for region in location.regions[-1:]]
    out += [_landmark(panel, to_local(location.frame, mark.geometry)) for mark in statements.landmarks.values()]
    out += [_shape(panel, one) for one in drawn]
    numbers = {one.statement.id: one for one in drawn}
    out += [_quarrel(panel, numbers, conflict) for conflict in location.diagnostics.conflicts[:_MOST]]
    x, y = panel.at(np.zeros((1, 2)))[0]
    cross = f"M{x - 13:.1f} {y:.1f}H{x + 13:.1f}M{x:.1f} {y - 13:.1f}V{y + 13:.1f}"
    out.append(f'<path d="{cross}" stroke="#fff" stroke-width="6"/><path d="{cross}" stroke="#000" stroke-width="3"/>')
    arrow = panel.x + panel.width - 32, panel.y + 34
    taken = [(float(x), float(y)), arrow, (arrow[0], arrow[1] + 26)]
    out += [_number(panel, one, taken) for one in drawn if one.used]
    out += [
        _name(panel, to_local(location.frame, mark.geometry), mark.name or key, taken)
        for key, mark in statements.landmarks.items()
    ]
    out.append(f'</g><rect {frame} fill="none" stroke="{INK}" stroke-width="1"/>')
    out.append(north_arrow(*arrow, word("north", language)))
    return "".join(out)


def _ring(panel: MetricPanel, region: BaseGeometry) -> str:
    """A ring about each part of a region that is too small to be seen on this map."""
    out = []
    for part in getattr(region, "geoms", [region]):
        if math.sqrt(part.area) / panel.metres_per_unit < _SEEN:
            x, y = panel.at(np.array([[part.centroid.x, part.centroid.y]]))[0]
            out.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="24" fill="{_REGION}" fill-opacity=".12" stroke="{_REGION}" '
                'stroke-width="1.6"/>'
            )
    return "".join(out) if len(out) <= _RINGS else ""


def _shape(panel: MetricPanel, one: _One) -> str:
    dash = ' stroke-dasharray="6 4"' if one.chance < _DOUBTFUL else ""
    fill = f'fill="{one.paint}" fill-opacity=".05"' if one.shape.area > 0 and one.paint == _PIN else 'fill="none"'
    path = path_data(panel, one.shape)
    return f'<path d="{path}" {fill} fill-rule="evenodd" stroke="{one.paint}" stroke-width="1.6"{dash}/>'


def _landmark(panel: MetricPanel, shape: BaseGeometry) -> str:
    if isinstance(shape, Point):
        x, y = panel.at(np.array([[shape.x, shape.y]]))[0]
        return f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="#7a4a12" stroke="#fff"/>'
    fill = 'fill="#7a4a12" fill-opacity=".12"' if shape.area > 0 else 'fill="none"'
    return f'<path d="{path_data(panel, shape)}" {fill} stroke="#7a4a12" stroke-opacity=".75" stroke-width="2.6"/>'


def _name(panel: MetricPanel, shape: BaseGeometry, name: str, taken: list[tuple[float, float]]) -> str:
    west, south, east, north = panel.bounds
    shown = shape.intersection(box(west, south, east, north))
    if shown.is_empty:
        return ""
    place = shown if isinstance(shown, Point) else shown.representative_point()
    x, y = panel.at(np.array([[place.x, place.y]]))[0]
    while any(abs(y + 20 - b) < 15 and abs(x - a) < 60 for a, b in taken):
        y += 15
    taken.append((float(x), float(y) + 20))
    return text_at(x, y + 20, name, 12.5, fill="#5b3408", anchor="middle", halo=True)


def _inside(panel: MetricPanel, spot: Point) -> tuple[float, float, bool]:
    """Where a place is on the page, held to the map's edge, and whether it was beyond."""
    x, y = panel.at(np.array([[spot.x, spot.y]]))[0]
    held_x = float(np.clip(x, panel.x + 14, panel.x + panel.width - 14))
    held_y = float(np.clip(y, panel.y + 14, panel.y + panel.height - 14))
    return held_x, held_y, (held_x, held_y) != (float(x), float(y))


def _number(panel: MetricPanel, one: _One, taken: list[tuple[float, float]]) -> str:
    x, y, beyond = _inside(panel, one.spot)
    for step in range(40):  # numbers that would cover each other are laid round about
        turn, far = 2.4 * step, 5.5 * math.sqrt(step)
        a, b = x + far * math.cos(turn), y + far * math.sin(turn)
        if all(math.hypot(a - p, b - q) > 19 for p, q in taken):
            break
    taken.append((a, b))
    lead = f'<path d="M{x:.1f} {y:.1f}L{a:.1f} {b:.1f}" stroke="{one.paint}" stroke-width="1"/>' if step else ""
    out = (
        f'{lead}<circle cx="{a:.1f}" cy="{b:.1f}" r="9.5" fill="{one.paint}" stroke="#fff" stroke-width="1.6"/>'
        + text_at(a, b + 4, str(one.number), 11, bold=True, fill="#fff", anchor="middle")
    )
    if beyond and one.statement.point is not None:
        out += _beyond(panel, one, a, b)
    return out


def _beyond(panel: MetricPanel, one: _One, x: float, y: float) -> str:
    """An arrow out of the map beside a number at its edge, and how far its place lies from the best point."""
    turn = math.degrees(math.atan2(one.spot.x, one.spot.y))
    left = x > panel.x + panel.width / 2
    return (
        f'<path transform="translate({x:.1f} {y:.1f}) rotate({turn:.0f})" d="M-5 -10L0 -17L5 -10Z" fill="{WARN}"/>'
        + (
            text_at(
                x + (-20 if left else 20),
                y + 4,
                _metres(math.hypot(one.spot.x, one.spot.y)),
                12,
                bold=True,
                fill=one.paint,
                anchor="end" if left else "start",
                halo=True,
            )  # fmt: skip
        )
    )


def _smoothed(shape: BaseGeometry) -> BaseGeometry:
    """A region without the stairs of its cells: no edge moves by more than about a cell."""
    corners = get_coordinates(shape)
    steps = np.abs(np.diff(corners, axis=0)).max(axis=1)
    return shape.simplify(0.75 * float(np.median(steps))) if len(steps) > 8 else shape


def _quarrel(panel: MetricPanel, drawn: dict[str, _One], conflict: Conflict) -> str:
    """A red line between two statements that exclude each other."""
    one, other = drawn.get(conflict.first), drawn.get(conflict.second)
    if one is None or other is None:
        return ""
    (x1, y1, _), (x2, y2, _) = _inside(panel, one.spot), _inside(panel, other.spot)
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{WARN}" stroke-width="1.6" stroke-dasharray="2 4"/>'


def _metres(value: float) -> str:
    return f"{value / 1000:,.1f} km" if value >= 1000 else f"{value:,.0f} m"


def _area(value: float) -> str:
    return f"{value / 1e6:,.0f} km²" if value >= 1e8 else f"{value / 1e6:.3g} km²"


def _worth(drawn: Sequence[_One], location: Location, language: Language) -> str:
    """The column of statements: number, what was said, by whom, how probably it holds, what it moves."""
    left, right, y = _SIDE + _MAP + 26, _WIDE - _SIDE, _TOP + 12
    error = _metres(location.diagnostics.expected_error_m)
    place = f"{location.best.lat:.5f}, {location.best.lon:.5f}"
    out = [text_at(left, y, f"{word('best point', language)}: {place}", 13.5, bold=True)]
    out.append(text_at(left, y + 20, f"{word('expected error', language)}: {error}", 13))
    for index, region in enumerate(location.regions):
        name = word("area of region", language, level=f"{100 * region.level:.0f}")
        out.append(text_at(left, y + 39 + 18 * index, f"{name}: {_area(region.area_m2)}", 13))
    y += 100
    out.append(text_at(left, y, word("valid", language), 13, bold=True))
    out.append(text_at(right, y, word("moves", language), 12, fill=MUTED, anchor="end"))
    step = min(40.0, (_MAP - 116) / max(1, len(drawn)))
    for index, one in enumerate(drawn):
        top = y + 22 + step * index
        out.append(f'<circle cx="{left + 9:.1f}" cy="{top - 4:.1f}" r="9" fill="{one.paint}"/>')
        out.append(text_at(left + 9, top, str(one.number), 11, bold=True, fill="#fff", anchor="middle"))
        said = _said(one.statement, language)
        words = f"{one.statement.id.rpartition('#')[2]}: {said} ({one.statement.witness})"
        out.append(text_at(left + 26, top, wrapped(words, 205, 11)[0], 12.5))
        shift = _metres(one.shift_m) if one.shift_m is not None else "–"
        out.append(text_at(right, top, shift if one.used else "–", 12, fill=MUTED, anchor="end"))
        if not one.used:
            continue
        bar = f'x="{left + 26:.1f}" y="{top + 5:.1f}" height="4"'
        out.append(
            f'<rect {bar} width="180" fill="#e3e6ea"/><rect {bar} width="{180 * one.chance:.1f}" fill="{one.paint}"/>'
        )
        out.append(text_at(right - 62, top, f"{one.chance:.2f}", 12, fill=one.paint, anchor="end"))
    return "".join(out)


def _keys(language: Language) -> list[Key]:
    return [
        Key(f'fill="{_REGION}" fill-opacity=".4" stroke="{_REGION}"', word("region 50", language)),
        Key(f'fill="{_REGION}" fill-opacity=".16" stroke="{_REGION}"', word("region", language)),
        *(
            Key(f'fill="none" stroke="{paint}" stroke-width="1.8"', word(f"said {key}", language))
            for key, paint in (("pins", _PIN), ("ways", _WAY), ("places", _PLACE), ("looks", _LOOK))
        ),
        Key(
            f'fill="none" stroke="{WARN}" stroke-width="1.8" stroke-dasharray="6 4"',
            word("said doubtful", language),
        ),
    ]


def _sentences(
    drawn: Sequence[_One], location: Location, y: float, simulated: bool, language: Language
) -> tuple[list[str], float]:
    """Conflicts with their reasons, notes, and what the figure must say of itself; and the y below."""
    numbers = {one.statement.id: one for one in drawn}
    conflicts = location.diagnostics.conflicts
    head = word("conflicts" if conflicts else "no conflicts", language)
    lines: list[tuple[str, bool, str]] = [(head, True, INK)]
    lines += [(_reason(numbers, conflict, language), False, WARN) for conflict in conflicts[:_MOST]]
    if len(conflicts) > _MOST:
        lines.append((word("more conflicts", language, count=len(conflicts) - _MOST), False, WARN))
    lines += [(told(note, language), False, INK) for note in location.diagnostics.notes]
    lines += [(word("fictional note", language), False, MUTED)] if simulated else []
    lines += [(word("korean note", language), False, MUTED)] if language == "ko" else []
    out = []
    for words, bold, fill in lines:
        for line in wrapped(words, _WIDE - 2 * _SIDE, 12.5):
            out.append(text_at(_SIDE, y, line, 13.5 if bold else 12.5, bold=bold, fill=fill))
            y += 19
    return out, y


def _said(statement: Statement, language: Language) -> str:
    """What a statement is, in a word or two, and that it is denied where it is."""
    what = word(f"said {statement.kind}", language)
    return word("said denied", language, what=what) if statement.negated else what


def _reason(drawn: dict[str, _One], conflict: Conflict, language: Language) -> str:
    one, other = drawn.get(conflict.first), drawn.get(conflict.second)
    if language == "en" or one is None or other is None:
        marks = [f"{item.number}" for item in (one, other) if item is not None]
        return f"{' × '.join(marks)}  {conflict.why}."
    doubted = min((one, other), key=lambda item: item.chance)
    said = [item.statement for item in (one, other)]
    words = [f"{statement.id} {_said(statement, language)}({statement.witness})" for statement in said]
    even = abs(one.chance - other.chance) < _EVEN
    key = "conflict even" if even else "conflict sentence"
    more = {} if even else {"doubted": doubted.statement.id}
    text = word(key, language, first=words[0], second=words[1], **more)
    return f"{one.number} × {other.number}  {text}"
