"""Figures for reports: the site map over a scene, and two dates side by side; SVG text, PNG where asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Literal

import numpy as np
import typst
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from geoinv.errors import GeoinvError, RefusalError
from geoinv.pages.mapdata import label_place
from geoinv.pages.styles import STATUS_STYLES
from geoinv.pages.underlays import Underlay, data_uri, jpeg_bytes, surroundings
from geoinv.pages.words import Language, kind_words, word
from geoinv.records.evidence import Status
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint, Unplaced
from geoinv.records.locations import Location
from geoinv.records.places import LonLat

__all__ = ["FONTS", "INK", "before_after", "figure_pdf", "figure_png", "site_map"]

FONTS = "'Geoinv Sans','Noto Sans KR','Noto Sans CJK KR','Apple SD Gothic Neo','Malgun Gothic',Inter,Arial,sans-serif"
INK, MUTED, PAPER, WARN = "#1d2733", "#5b6673", "#ffffff", "#b3261e"
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class _Panel:
    """A rectangle of the page that shows a piece of ground: degrees to page units, linear over so small an area."""

    x: float
    y: float
    width: float
    height: float
    bounds: tuple[float, float, float, float]

    def at(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        west, south, east, north = self.bounds
        across = (xy[:, 0] - west) / (east - west) * self.width + self.x
        down = (north - xy[:, 1]) / (north - south) * self.height + self.y
        return np.column_stack([across, down])

    @property
    def metres_per_unit(self) -> float:
        """Metres of ground under one page unit across, along the middle parallel."""
        west, south, east, north = self.bounds
        middle = (south + north) / 2
        _, _, metres = _GEOD.inv(west, middle, east, middle)
        return float(metres) / self.width


def _aspect(bounds: tuple[float, float, float, float]) -> float:
    west, south, east, north = bounds
    _, _, across = _GEOD.inv(west, (south + north) / 2, east, (south + north) / 2)
    _, _, up = _GEOD.inv((west + east) / 2, south, (west + east) / 2, north)
    return float(up) / float(across)


def _path(panel: _Panel, geometry: BaseGeometry) -> str:
    """SVG path data of the rings of a polygon (or of a line)."""
    if isinstance(geometry, Polygon):
        rings = [geometry.exterior, *geometry.interiors]
    elif isinstance(geometry, MultiPolygon) or hasattr(geometry, "geoms"):
        return "".join(_path(panel, part) for part in geometry.geoms)
    else:
        rings = [geometry]
    closed = isinstance(geometry, Polygon)
    parts = []
    for ring in rings:
        points = panel.at(np.asarray(ring.coords, np.float64)[:, :2])
        if len(points) < 2:
            continue
        body = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f"M{body}{'Z' if closed else ''}")
    return "".join(parts)


def _text(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    bold: bool = False,
    fill: str = INK,
    anchor: str = "start",
    halo: bool = False,
) -> str:
    around = ' paint-order="stroke" stroke="#fff" stroke-width="3.6" stroke-linejoin="round"' if halo else ""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"{weight}{around}>'
        f"{escape(words)}</text>"
    )


def _outline(panel: _Panel, footprint: Footprint) -> str:
    style = STATUS_STYLES[footprint.status]
    data = _path(panel, footprint.geometry)
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    caps = ' stroke-linecap="round"' if footprint.status in (Status.INFERRED, Status.CONJECTURAL) else ""
    return (
        f'<path d="{data}" fill="{style.color}" fill-opacity="{style.fill}" stroke="#fff" stroke-opacity=".85" '
        f'stroke-width="{style.width + 2.4:.1f}" stroke-linejoin="round"/>'
        f'<path d="{data}" fill="none" stroke="{style.color}" stroke-width="{style.width}" '
        f'stroke-linejoin="round"{dash}{caps}/>'
    )


def _label(
    panel: _Panel, footprint: Footprint, count: int | None, taken: list[tuple[float, float, float, float]]
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
        out += _text(x, y, words, 13.5, bold=True, anchor="middle", halo=True)
    if count:
        cy = y - 22 if words else y - 4
        taken.append((x - 11, cy - 11, x + 11, cy + 11))
        out += f'<circle cx="{x:.1f}" cy="{cy:.1f}" r="10.5" fill="{INK}" stroke="#fff" stroke-width="1.8"/>'
        out += _text(x, cy + 4.2, str(count), 11.5, bold=True, fill="#fff", anchor="middle")
    return out


def _scale_bar(panel: _Panel, x: float, y: float) -> str:
    """A bar of a round length near a fifth of the panel, black and white quarters, labelled ``0 … X m``."""
    target = panel.metres_per_unit * panel.width / 5
    power = 10 ** math.floor(math.log10(target))
    length = max(step * power for step in (1, 2, 5) if step * power <= target)
    units = length / panel.metres_per_unit
    quarter = units / 4
    out = [
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{units:.1f}" height="6" fill="#fff" stroke="{INK}" stroke-width="1"/>'
    ]
    out += [
        f'<rect x="{x + index * quarter:.1f}" y="{y:.1f}" width="{quarter:.1f}" height="6" fill="{INK}"/>'
        for index in (0, 2)
    ]
    out.append(_text(x, y - 6, "0", 11.5, anchor="middle"))
    out.append(_text(x + units, y - 6, f"{length:g} m", 11.5, anchor="middle"))
    return "".join(out)


def _north(x: float, y: float, letter: str) -> str:
    return (
        f'<g transform="translate({x:.1f} {y:.1f})"><circle r="19" fill="#fff" fill-opacity=".88"/>'
        f'<path d="M0-14L6.5 10L0 5.5L-6.5 10Z" fill="{INK}"/></g>'
        + _text(x, y + 33, letter, 13, bold=True, anchor="middle", halo=True)
    )


def _stamp(x: float, y: float, words: str) -> str:
    half = 5.2 * sum(2 if ord(letter) > 0x1100 else 1.25 for letter in words) / 1.25 + 12
    return (
        f'<rect x="{x - 2 * half:.1f}" y="{y - 17:.1f}" width="{2 * half:.1f}" height="25" rx="3" fill="{WARN}"/>'
        + _text(x - half, y, words, 13, bold=True, fill="#fff", anchor="middle")
    )


@dataclass(frozen=True)
class _Key:
    """One entry of a legend: attributes of its swatch, and its words."""

    swatch: str
    words: str


def _status_keys(footprints: Sequence[Footprint], language: Language) -> list[_Key]:
    keys = []
    for status, style in STATUS_STYLES.items():
        if any(item.status is status for item in footprints):
            dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
            paint = (
                f'fill="{style.color}" fill-opacity="{style.fill}" stroke="{style.color}" stroke-width="{style.width}"'
            )
            keys.append(_Key(paint + dash, word(status, language)))
    return keys


def _line_keys(location: Location | None, unplaced: Sequence[Unplaced], language: Language) -> list[_Key]:
    ground = 'fill="#8d8570" stroke="#fff"'
    keys = []
    if location is not None:
        dotted = f'{ground} stroke-width="1.6" stroke-dasharray="1 4" stroke-linecap="round"'
        keys.append(_Key(dotted, word("regions", language)))
    if unplaced:
        keys.append(_Key(f'{ground} stroke-width="1.6" stroke-dasharray="4 4"', word("drawn not placed", language)))
    return keys


def _legend(x: float, y: float, keys: Sequence[_Key], width: float, title: str) -> tuple[str, float]:
    """Swatches in as many columns as fit, and the y below them."""
    step = 272.0
    columns = max(1, int(width // step))
    out = [_text(x, y, title, 13, bold=True)]
    for index, key in enumerate(keys):
        left, top = x + (index % columns) * step, y + 13 + (index // columns) * 25
        out.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="28" height="15" {key.swatch}/>')
        out.append(_text(left + 38, top + 12.5, key.words, 13))
    return "".join(out), y + 13 + math.ceil(len(keys) / columns) * 25


def _ground(panel: _Panel, underlay: Underlay | None, name: str) -> str:
    """The scene clipped to its panel, or a plain ground where there is none."""
    frame = f'x="{panel.x}" y="{panel.y}" width="{panel.width}" height="{panel.height:.1f}"'
    clip = f'<clipPath id="{name}"><rect {frame}/></clipPath>'
    if underlay is None:
        return f'{clip}<rect {frame} fill="#e9ecef"/>'
    west, south, east, north = underlay.bounds
    (left, top), (right, bottom) = panel.at(np.array([[west, north], [east, south]]))
    uri = data_uri(jpeg_bytes(underlay.pixels), "image/jpeg")
    return (
        f'{clip}<rect {frame} fill="#e9ecef"/><image clip-path="url(#{name})" x="{left:.1f}" y="{top:.1f}" '
        f'width="{right - left:.1f}" height="{bottom - top:.1f}" preserveAspectRatio="none" href="{uri}"/>'
    )


def _caption(underlay: Underlay | None, language: Language) -> str:
    if underlay is None:
        return ""
    when = word("scene of", language, date=underlay.date) if underlay.date else word("undated scene", language)
    what = [when, underlay.attribution, word("simulated pixels", language) if underlay.simulated else ""]
    return " · ".join(filter(None, what))


def _svg(width: float, height: float, title: str, body: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:.0f}" width="{width:g}" '
        f'height="{height:.0f}" role="img" font-family="{FONTS}"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>{"".join(body)}</svg>\n'
    )


def _area(footprints: Sequence[Footprint], unplaced: Sequence[Unplaced], location: Location | None) -> BaseGeometry:
    shapes = [footprint.geometry for footprint in footprints] or [item.geometry for item in unplaced]
    if not shapes and location is not None:
        shapes = [region.geometry for region in location.regions] or [box(*location.best, *location.best)]
    return surroundings(shapes)


def _site_panel(bounds: Sequence[float], width: float, side: float) -> _Panel:
    """Where the map lies on a sheet of a width with margins: as wide as it may be, but never too tall."""
    west, south, east, north = (float(edge) for edge in bounds)
    aspect, inner = _aspect((west, south, east, north)), width - 2 * side
    height = min(inner * aspect, 900.0)
    return _Panel(side + (inner - height / aspect) / 2, 92.0, height / aspect, height, (west, south, east, north))


def _heading(facility: Facility, language: Language, width: float, side: float) -> list[str]:
    """Whose map it is, and whether it is fictional."""
    place = " · ".join(filter(None, [word("map title", language), kind_words(facility), facility.place]))
    head = [_text(side, 42, facility.name, 25, bold=True), _text(side, 70, place, 14.5, fill=MUTED)]
    return [*head, _stamp(width - side, 40, word("fictional", language))] if facility.simulated else head


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
    body += [_ground(panel, underlay, "ground"), '<g clip-path="url(#ground)">']
    body += _location_marks(panel, location)
    body += [
        f'<path d="{_path(panel, item.geometry)}" fill="none" stroke="#fff" stroke-width="1.6" stroke-dasharray="3 5"/>'
        for item in unplaced
    ]
    body += [_outline(panel, footprint) for footprint in sorted(footprints, key=lambda item: -item.geometry.area)]
    taken: list[tuple[float, float, float, float]] = []
    body += [_label(panel, item, (counts or {}).get(item.id), taken) for item in footprints]
    body.append(
        f'</g><rect x="{panel.x}" y="{panel.y}" width="{panel.width}" height="{panel.height:.1f}" fill="none" '
        f'stroke="{INK}" stroke-width="1"/>'
    )
    body.append(_north(panel.x + panel.width - 32, panel.y + 34, word("north", language)))
    foot = panel.y + panel.height + 38
    keys = [*_status_keys(footprints, language), *_line_keys(location, unplaced, language)]
    legend, below = _legend(panel.x, foot, keys, panel.width - 210, word("legend", language))
    body += [legend, _scale_bar(panel, panel.x + panel.width * 0.8 - 12, foot + 12)]
    notes = [_caption(underlay, language), *_notes(facility, language)]
    lines = [note for note in notes if note]
    body += [_text(panel.x, below + 16 + 19 * index, line, 12, fill=MUTED) for index, line in enumerate(lines)]
    return _svg(width, below + 22 + 19 * len(lines), f"{word('map title', language)}: {facility.name}", body)


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


def _location_marks(panel: _Panel, location: Location | None) -> list[str]:
    if location is None:
        return []
    marks = [
        f'<path d="{_path(panel, region.geometry)}" fill="none" stroke="#fff" stroke-opacity=".8" stroke-width="1.4" '
        f'stroke-dasharray="1 5" stroke-linecap="round"/>'
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
    high = across * _aspect((west, south, east, north))
    body = [_text(side, 40, facility.name, 22, bold=True)]
    if facility.simulated:
        body.append(_stamp(wide - side, 38, word("fictional", language)))
    for index, underlay in enumerate((first, second)):
        panel = _Panel(side + index * (across + gap), top, across, high, (west, south, east, north))
        heading = word("before" if index == 0 else "after", language)
        body.append(
            _text(panel.x, top - 14, f"{heading} · {underlay.date or word('undated scene', language)}", 15, bold=True)
        )
        body.append(_ground(panel, underlay, f"ground-{index}"))
        body.append(f'<g clip-path="url(#ground-{index})">')
        body += [_outline(panel, item) for item in footprints]
        body.append("</g>")
        body.append(_text(panel.x, top + high + 22, _caption(underlay, language), 12, fill=MUTED))
        if index == 1:
            body.append(_scale_bar(panel, panel.x + across - 150, top + high + 44))
    notes = _notes(facility, language)
    body += [_text(side, top + high + 44 + 19 * index, note, 12, fill=MUTED) for index, note in enumerate(notes)]
    return _svg(wide, top + high + 72, f"{word('before after', language)}: {facility.name}", body)


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
            font_paths=_carried_fonts(),
        )
    except typst.TypstError as error:
        raise GeoinvError(f"the figure could not be turned into a {form.upper()}", do="keep its SVG") from error
    return made


@cache
def _carried_fonts() -> typst.Fonts:
    """The carried fonts alone, so that every machine makes the same picture; read once, for they are large."""
    folder = str(files("geoinv").joinpath("api/static/fonts"))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
