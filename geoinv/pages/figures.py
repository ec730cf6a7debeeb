"""Figures for reports: the site map over a scene, and two dates side by side; SVG text, PNG where asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
import typst
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from geoinv.errors import GeoinvError, RefusalError
from geoinv.pages.furniture import (
    INK,
    MUTED,
    Key,
    Panel,
    aspect_of,
    caption,
    ground_of,
    legend_at,
    north_arrow,
    path_data,
    scale_bar,
    stamp,
    svg_figure,
    text_at,
)
from geoinv.pages.map_words import label_place
from geoinv.pages.styles import STATUS_STYLES
from geoinv.pages.underlays import Underlay, surroundings
from geoinv.pages.words import Language, kind_words, word
from geoinv.records.evidence import Status
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint, Unplaced
from geoinv.records.locations import Location
from geoinv.records.places import LonLat

__all__ = ["before_after", "carried_fonts", "figure_pdf", "figure_png", "site_map"]


def _outline(panel: Panel, footprint: Footprint) -> str:
    style = STATUS_STYLES[footprint.status]
    data = path_data(panel, footprint.geometry)
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    caps = ' stroke-linecap="round"' if footprint.status in (Status.INFERRED, Status.CONJECTURAL) else ""
    return (
        f'<path d="{data}" fill="{style.color}" fill-opacity="{style.fill}" stroke="#fff" stroke-opacity=".85" '
        f'stroke-width="{style.width + 2.4:.1f}" stroke-linejoin="round"/>'
        f'<path d="{data}" fill="none" stroke="{style.color}" stroke-width="{style.width}" '
        f'stroke-linejoin="round"{dash}{caps}/>'
    )


def _label(
    panel: Panel, footprint: Footprint, count: int | None, taken: list[tuple[float, float, float, float]]
) -> str:
    """Name (and number of incidents) at the middle of a building, pushed down where it would cover another."""
    x, y = panel.at(np.array([label_place(footprint.geometry)]))[0]
    name = footprint.labels[0] if footprint.labels else ""
    mark = "!" if footprint.status is Status.CONTESTED else ""
    words = f"{name} {mark}".strip()
    half = max(6.0, 4.3 * sum(2 if ord(letter) > 0x1100 else 1.5 for letter in words) / 1.5)
    y += 4.5
    for _ in range(8):
        spot = (x - half, y - 12, x + half, y + 4)
        if not any(spot[0] < b[2] and b[0] < spot[2] and spot[1] < b[3] and b[1] < spot[3] for b in taken):
            break
        y += 15
    out = ""
    if words:
        taken.append((x - half, y - 12, x + half, y + 4))
        out += text_at(x, y, words, 13.5, bold=True, anchor="middle", halo=True)
    if count:
        cy = y - 22 if words else y - 4
        taken.append((x - 11, cy - 11, x + 11, cy + 11))
        out += f'<circle cx="{x:.1f}" cy="{cy:.1f}" r="10.5" fill="{INK}" stroke="#fff" stroke-width="1.8"/>'
        out += text_at(x, cy + 4.2, str(count), 11.5, bold=True, fill="#fff", anchor="middle")
    return out


def _status_keys(footprints: Sequence[Footprint], language: Language) -> list[Key]:
    keys = []
    for status, style in STATUS_STYLES.items():
        if any(item.status is status for item in footprints):
            dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
            paint = (
                f'fill="{style.color}" fill-opacity="{style.fill}" stroke="{style.color}" stroke-width="{style.width}"'
            )
            keys.append(Key(paint + dash, word(status, language)))
    return keys


def _line_keys(location: Location | None, unplaced: Sequence[Unplaced], language: Language) -> list[Key]:
    ground = 'fill="#8d8570" stroke="#fff"'
    keys = []
    if location is not None:
        dotted = f'{ground} stroke-width="1.6" stroke-dasharray="1 4" stroke-linecap="round"'
        keys.append(Key(dotted, word("regions", language)))
    if unplaced:
        keys.append(Key(f'{ground} stroke-width="1.6" stroke-dasharray="4 4"', word("drawn not placed", language)))
    return keys


def _area(footprints: Sequence[Footprint], unplaced: Sequence[Unplaced], location: Location | None) -> BaseGeometry:
    shapes = [footprint.geometry for footprint in footprints] or [item.geometry for item in unplaced]
    if not shapes and location is not None:
        shapes = [region.geometry for region in location.regions] or [box(*location.best, *location.best)]
    return surroundings(shapes)


def _site_panel(bounds: Sequence[float], width: float, side: float) -> Panel:
    """Where the map lies on a sheet of a width with margins: as wide as it may be, but never too tall."""
    west, south, east, north = (float(edge) for edge in bounds)
    aspect, inner = aspect_of((west, south, east, north)), width - 2 * side
    height = min(inner * aspect, 900.0)
    return Panel(side + (inner - height / aspect) / 2, 92.0, height / aspect, height, (west, south, east, north))


def _heading(facility: Facility, language: Language, width: float, side: float) -> list[str]:
    """Whose map it is, and whether it is fictional."""
    place = " · ".join(filter(None, [word("map title", language), kind_words(facility), facility.place]))
    head = [text_at(side, 42, facility.name, 25, bold=True), text_at(side, 70, place, 14.5, fill=MUTED)]
    return [*head, stamp(width - side, 40, word("fictional", language))] if facility.simulated else head


def site_map(
    facility: Facility,
    footprints: Sequence[Footprint],
    *,
    underlay: Underlay | None = None,
    location: Location | None = None,
    unplaced: Sequence[Unplaced] = (),
    counts: Mapping[str, int] | None = None,
    language: Language = "en",
) -> str:
    """The site map as SVG: buildings outlined by status over the scene.

    Parameters
    ----------
    facility
        Whose map it is; gives the title and whether it is fictional.
    footprints
        Drawn by status, labelled with the first name used.
    underlay
        Scene under the outlines; a plain ground without one.
    location
        Its best point and regions are drawn where they lie in the picture.
    unplaced
        Drawn buildings without a place: their region, hatched in words only.
    counts
        Incidents by footprint id.
    language
        Of the words.

    Raises
    ------
    RefusalError
        If there is neither a footprint nor a location to draw around.
    """
    area = _area(footprints, unplaced, location)
    width, side = 1180.0, 20.0
    panel = _site_panel(area.bounds if underlay is None or not footprints else _inner(area, underlay), width, side)
    body = _heading(facility, language, width, side)
    body += [ground_of(panel, underlay, "ground"), '<g clip-path="url(#ground)">']
    body += _location_marks(panel, location)
    dashed = 'fill="none" stroke="#fff" stroke-width="1.6" stroke-dasharray="3 5"'
    body += [f'<path d="{path_data(panel, item.geometry)}" {dashed}/>' for item in unplaced]
    body += [_outline(panel, footprint) for footprint in sorted(footprints, key=lambda item: -item.geometry.area)]
    taken: list[tuple[float, float, float, float]] = []
    body += [_label(panel, item, (counts or {}).get(item.id), taken) for item in footprints]
    body.append(
        f'</g><rect x="{panel.x}" y="{panel.y}" width="{panel.width}" height="{panel.height:.1f}" fill="none" '
        f'stroke="{INK}" stroke-width="1"/>'
    )
    body.append(north_arrow(panel.x + panel.width - 32, panel.y + 34, word("north", language)))
    foot = panel.y + panel.height + 38
    keys = [*_status_keys(footprints, language), *_line_keys(location, unplaced, language)]
    legend, below = legend_at(panel.x, foot, keys, panel.width - 210, word("legend", language))
    body += [legend, scale_bar(panel, panel.x + panel.width * 0.8 - 12, foot + 12)]
    notes = [caption(underlay, language), *_notes(facility, language)]
    lines = [note for note in notes if note]
    body += [text_at(panel.x, below + 16 + 19 * index, line, 12, fill=MUTED) for index, line in enumerate(lines)]
    return svg_figure(width, below + 22 + 19 * len(lines), f"{word('map title', language)}: {facility.name}", body)


def _notes(facility: Facility, language: Language) -> list[str]:
    return [
        *([word("fictional note", language)] if facility.simulated else []),
        *([word("korean note", language)] if language == "ko" else []),
    ]


def _inner(area: BaseGeometry, underlay: Underlay) -> tuple[float, float, float, float]:
    """The part of the area that the underlay shows, where it shows any; the figure has no empty margins then."""
    common = area.intersection(box(*underlay.bounds))
    west, south, east, north = (area if common.is_empty or common.area == 0 else common).bounds
    return west, south, east, north


def _location_marks(panel: Panel, location: Location | None) -> list[str]:
    if location is None:
        return []
    marks = [
        f'<path d="{path_data(panel, region.geometry)}" fill="none" stroke="#fff" stroke-opacity=".8" '
        f'stroke-width="1.4" stroke-dasharray="1 5" stroke-linecap="round"/>'
        for region in location.regions
    ]
    x, y = panel.at(np.array([_pair(location.best)]))[0]
    cross = f"M{x - 9:.1f} {y:.1f}H{x + 9:.1f}M{x:.1f} {y - 9:.1f}V{y + 9:.1f}"
    return [
        *marks,
        f'<path d="{cross}" stroke="#fff" stroke-width="4.5"/><path d="{cross}" stroke="{INK}" stroke-width="2"/>',
    ]


def _pair(place: LonLat) -> tuple[float, float]:
    return place.lon, place.lat


def before_after(
    facility: Facility, footprints: Sequence[Footprint], first: Underlay, second: Underlay, *, language: Language = "en"
) -> str:
    """Two scenes side by side with the same outlines, earlier left, as SVG.

    Raises
    ------
    RefusalError
        If the two pictures show no common ground.
    """
    common = box(*first.bounds).intersection(box(*second.bounds))
    if common.is_empty or common.area == 0:
        raise RefusalError("the two scenes show no common ground", do="choose two scenes of the same place")
    if footprints:
        around = surroundings([item.geometry for item in footprints], margin=0.15, least_m=10.0).intersection(common)
        common = common if around.is_empty or around.area == 0 else around
    west, south, east, north = common.bounds
    wide, side, gap, top = 1180.0, 20.0, 16.0, 100.0
    across = (wide - 2 * side - gap) / 2
    high = across * aspect_of((west, south, east, north))
    body = [text_at(side, 40, facility.name, 22, bold=True)]
    if facility.simulated:
        body.append(stamp(wide - side, 38, word("fictional", language)))
    for index, underlay in enumerate((first, second)):
        panel = Panel(side + index * (across + gap), top, across, high, (west, south, east, north))
        heading = word("before" if index == 0 else "after", language)
        body.append(
            text_at(panel.x, top - 14, f"{heading} · {underlay.date or word('undated scene', language)}", 15, bold=True)
        )
        body.append(ground_of(panel, underlay, f"ground-{index}"))
        body.append(f'<g clip-path="url(#ground-{index})">')
        body += [_outline(panel, item) for item in footprints]
        body.append("</g>")
        body.append(text_at(panel.x, top + high + 22, caption(underlay, language), 12, fill=MUTED))
        if index == 1:
            body.append(scale_bar(panel, panel.x + across - 150, top + high + 44))
    notes = _notes(facility, language)
    body += [text_at(side, top + high + 44 + 19 * index, note, 12, fill=MUTED) for index, note in enumerate(notes)]
    return svg_figure(wide, top + high + 72, f"{word('before after', language)}: {facility.name}", body)


def figure_png(svg: str, *, dpi: float = 144.0) -> bytes:
    """An SVG figure as PNG, set with typst; with the fonts this package carries, so that every machine makes the same.

    Parameters
    ----------
    svg
        As the functions above write it.
    dpi
        Pixels an inch, where a figure's unit is 1/96 inch.

    Raises
    ------
    GeoinvError
        If the drawing cannot be set.
    """
    return _set(svg, "png", dpi)


def figure_pdf(svg: str) -> bytes:
    """An SVG figure as a one-page PDF of its own size, without a date: the same bytes for the same figure.

    Raises
    ------
    GeoinvError
        If the drawing cannot be set.
    """
    return _set(svg, "pdf", None)


def _set(svg: str, form: Literal["png", "pdf"], dpi: float | None) -> bytes:
    source = (
        "#set document(date: none)\n"
        "#set page(width: auto, height: auto, margin: 0pt)\n"
        '#image(bytes(sys.inputs.svg), format: "svg", width: float(sys.inputs.width) * 0.75pt)\n'
    )
    width = svg.split('width="', 1)[1].split('"', 1)[0]
    try:
        made: bytes = typst.compile(
            source.encode(),
            format=form,
            ppi=dpi,
            sys_inputs={"svg": svg, "width": width},
            font_paths=carried_fonts(),
        )
    except typst.TypstError as error:
        raise GeoinvError(f"the figure could not be turned into a {form.upper()}", do="keep its SVG") from error
    return made


@cache
def carried_fonts() -> typst.Fonts:
    """The carried fonts alone, so that every machine makes the same picture; read once, for they are large."""
    folder = str(files("geoinv").joinpath("api/static/fonts"))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
