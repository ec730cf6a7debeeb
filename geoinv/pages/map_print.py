"""A map to be printed: laid out for its width on paper, so that its words keep their size whatever that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from shapely.geometry import box

from geoinv.errors import FieldError, RefusalError
from geoinv.pages.furniture import (
    INK,
    MUTED,
    Key,
    Panel,
    aspect_of,
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
from geoinv.pages.map_data import map_notes, map_subtitle
from geoinv.pages.map_spec import MapBy, MapSpec, map_classes
from geoinv.pages.map_words import label_place, scene_label
from geoinv.pages.styles import COUNT_COLOURS, STATUS_STYLES, StatusStyle
from geoinv.pages.underlays import Underlay, surroundings
from geoinv.pages.words import Language, word
from geoinv.records.evidence import Status

__all__ = ["LEAST_WIDTH_MM", "MOST_WIDTH_MM", "print_map"]

#: From a column of a newspaper to a poster.
LEAST_WIDTH_MM, MOST_WIDTH_MM = 80.0, 1000.0
_UNITS_PER_MM = 96 / 25.4
_SIDE = 8.0
#: No map is taller than this many times its width.
_TALLEST = 1.1
Spot = tuple[float, float, float, float]


def print_map(
    spec: MapSpec,
    underlay: Underlay | None = None,
    *,
    width_mm: float = 180.0,
    language: Language = "en",
    cite: str = "",
    by: MapBy = "known",
) -> str:
    """A facility's map as SVG of a width on paper; its units are 1/96 inch, its smallest words 7 points.

    Parameters
    ----------
    spec
        What is on it.
    underlay
        The picture under it; a plain ground without one.
    width_mm
        Of the whole figure, millimetres.
    cite
        Which release it is of, in words.
    by
        What colours buildings and rooms.

    Raises
    ------
    FieldError
        If the width is no width of a page.
    RefusalError
        If there is nothing to show.
    """
    if not LEAST_WIDTH_MM <= width_mm <= MOST_WIDTH_MM:
        least, most = f"{LEAST_WIDTH_MM:g}", f"{MOST_WIDTH_MM:g}"
        raise FieldError(
            f"a map cannot be {width_mm:g} mm wide", do=f"choose {least} to {most} millimetres", field="width"
        )
    if spec.empty:
        raise RefusalError("there is nothing to show on a map", do="build the facility first", item=spec.slug)
    width = width_mm * _UNITS_PER_MM
    body, top = _heading(spec, width, language)
    panel = _panel(spec, underlay, width, top)
    body += [ground_of(panel, underlay, "ground"), '<g clip-path="url(#ground)">', *_places(spec, panel, by)]
    body += [*_labels(spec, panel, by), "</g>", _frame(panel)]
    body.append(north_arrow(panel.x + panel.width - 28, panel.y + 30, word("north", language)))
    foot = panel.y + panel.height + 26
    title = word("legend" if by == "known" else "by incidents", language)
    body.append(_scale(panel))
    legend, below = legend_at(_SIDE, foot, _keys(spec, by, language), width - 2 * _SIDE, title)
    body.append(legend)
    y = below + 14
    for line in _notes(spec, underlay, language, cite, by, width - 2 * _SIDE):
        body.append(text_at(_SIDE, y, line, 9.4, fill=MUTED))
        y += 13
    return svg_figure(round(width, 2), y + 2, f"{word('map title', language)}: {spec.name}", body)


def _heading(spec: MapSpec, width: float, language: Language) -> tuple[list[str], float]:
    """Name, kind and place, a stamp where it is fictional; and the y below them."""
    room = width - 2 * _SIDE - (120 if spec.fictional else 0)
    body, y = [], 22.0
    for line in wrapped(spec.name, room, 16):
        body.append(text_at(_SIDE, y, line, 16, bold=True))
        y += 19
    place = " · ".join(filter(None, [word("map title", language), map_subtitle(spec, language)]))
    for line in wrapped(place, room, 11):
        body.append(text_at(_SIDE, y, line, 11, fill=MUTED))
        y += 15
    if spec.fictional:
        body.append(stamp(width - _SIDE, 22, word("fictional", language)))
    return body, y - 4


def _panel(spec: MapSpec, underlay: Underlay | None, width: float, top: float) -> Panel:
    """The ground around what is shown, as wide as the sheet but never too tall, and only where the picture reaches."""
    shapes = [item.geometry for item in spec.footprints] or ([spec.area] if spec.area is not None else [])
    area = surroundings(shapes or [box(*item.bounds) for item in spec.scenes], margin=0.12, least_m=8.0)
    if underlay is not None and area.intersects(box(*underlay.bounds)):
        area = area.intersection(box(*underlay.bounds))
    west, south, east, north = area.bounds
    inner = width - 2 * _SIDE
    aspect = aspect_of((west, south, east, north))
    height = min(inner * aspect, width * _TALLEST)
    across = height / aspect
    return Panel(_SIDE + (inner - across) / 2, top, across, height, (west, south, east, north))


def _frame(panel: Panel) -> str:
    return (
        f'<rect x="{panel.x:.1f}" y="{panel.y:.1f}" width="{panel.width:.1f}" height="{panel.height:.1f}" fill="none" '
        f'stroke="{INK}" stroke-width="1"/>'
    )


def _scale(panel: Panel) -> str:
    """The scale bar on a light ground in the map's own corner, as wide as its words need."""
    x, y = panel.x + 22, panel.y + panel.height - 20
    back = f'<rect x="{panel.x + 6:.1f}" y="{y - 22:.1f}" width="{panel.width / 5 + 46:.1f}" height="34" rx="3" '
    return f'{back}fill="#fff" fill-opacity=".86"/>{scale_bar(panel, x, y)}'


def _paint(style: StatusStyle, colour: str | None, counted: bool) -> str:
    """Attributes of a shape: its status's, or its count's with the status's dashes."""
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    if not counted:
        line = f'stroke="{style.color}" stroke-width="{style.width}"{dash}'
        return f'fill="{style.color}" fill-opacity="{style.fill}" {line}'
    fill, opacity = (colour, 0.88) if colour else ("#ffffff", 0.35)
    return f'fill="{fill}" fill-opacity="{opacity}" stroke="{INK}" stroke-width="1.2"{dash}'


def _colours(spec: MapSpec) -> dict[str, str]:
    """Colour of each part by its count."""
    counts = spec.counts()
    classes = map_classes(max(counts.values(), default=0))
    colours = COUNT_COLOURS[-len(classes) :] if classes else ()
    found = {}
    for name, count in counts.items():
        found[name] = next(colour for (low, high), colour in zip(classes, colours, strict=True) if low <= count <= high)
    return found


def _places(spec: MapSpec, panel: Panel, by: MapBy) -> list[str]:
    body, colours, counted = [], _colours(spec), by == "incidents"
    if spec.area is not None:
        dashed = 'fill="#0072B2" fill-opacity=".15" stroke="#0072B2" stroke-width="2" stroke-dasharray="6 5"'
        body.append(f'<path d="{path_data(panel, spec.area)}" {dashed}/>')
    for item in sorted(spec.footprints, key=lambda one: (-one.geometry.area, one.id)):
        data, style = path_data(panel, item.geometry), STATUS_STYLES[item.status]
        halo = f'fill="none" stroke="#fff" stroke-opacity=".85" stroke-width="{style.width + 2.2:.1f}"'
        body.append(f'<path d="{data}" {halo} stroke-linejoin="round"/>')
        body.append(f'<path d="{data}" {_paint(style, colours.get(item.id), counted)} stroke-linejoin="round"/>')
    for room in spec.rooms:
        paint = _paint(STATUS_STYLES[room.status], colours.get(room.id), counted)
        thin = paint.rsplit(" stroke-width", 1)[0] + ' stroke-width="0.8"'
        body.append(f'<path d="{path_data(panel, room.geometry)}" {thin}/>')
    return body


def _labels(spec: MapSpec, panel: Panel, by: MapBy) -> list[str]:
    """Names and counts at the middle of buildings; a name that would cover another is pushed down, then left out."""
    counts, taken, body = spec.counts(), list[Spot](), []
    for item in sorted(spec.footprints, key=lambda one: (-counts.get(one.id, 0), -one.geometry.area, one.id)):
        x, y = panel.at(np.array([label_place(item.geometry)]))[0]
        count = counts.get(item.id)
        if count:
            body.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="{INK}" stroke="#fff" stroke-width="1.5"/>')
            body.append(text_at(x, y + 3.6, str(count), 10, bold=True, fill="#fff", anchor="middle"))
            taken.append((x - 10, y - 10, x + 10, y + 10))
        name = item.labels[0] if item.labels else ""
        words = f"{name} !" if item.status is Status.CONTESTED and name else name
        half = 0.5 * sum(10.6 if ord(letter) > 0x1100 else 6.0 for letter in words)
        base = y + (22 if count else 4)
        for _ in range(3):
            spot = (x - half, base - 10, x + half, base + 3)
            if not any(spot[0] < b[2] and b[0] < spot[2] and spot[1] < b[3] and b[1] < spot[3] for b in taken):
                break
            base += 13
        else:
            continue
        if words:
            taken.append(spot)
            body.append(text_at(x, base, words, 10.7, bold=True, anchor="middle", halo=True))
    return body


def _keys(spec: MapSpec, by: MapBy, language: Language) -> list[Key]:
    if by == "known":
        found = [
            Key(_paint(STATUS_STYLES[status], None, counted=False), word(status, language))
            for status in spec.statuses()
        ]
    else:
        classes = map_classes(max(spec.counts().values(), default=0))
        colours = COUNT_COLOURS[-len(classes) :] if classes else ()
        found = [
            Key(
                f'fill="{colour}" fill-opacity=".88" stroke="{INK}" stroke-width="1.2"',
                f"{low}" if low == high else f"{low}–{high}",
            )
            for (low, high), colour in zip(classes, colours, strict=True)
        ]
    if spec.area is not None:
        what = word("place county" if spec.area_is == "county" else "region", language)
        found.append(
            Key('fill="#0072B2" fill-opacity=".15" stroke="#0072B2" stroke-width="2" stroke-dasharray="6 5"', what)
        )
    if any(item.building for item in spec.incidents):
        found.append(Key(f'rx="7.5" fill="{INK}" stroke="#fff"', word("marker legend", language)))
    return found


def _notes(
    spec: MapSpec, underlay: Underlay | None, language: Language, cite: str, by: MapBy, width: float
) -> Sequence[str]:
    notes = [word("no counts", language)] if by == "incidents" and not spec.counts() else []
    notes += [scene_label(underlay.date, language)] if underlay is not None else []
    notes += map_notes(spec, language, cite)
    return [line for note in notes for line in wrapped(note, width, 9.4)]
